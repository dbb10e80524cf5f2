/* What a model's trees say of a target. */
#include "base/order.h"
#include "forecast/model.h"

void dcl_fc_arrange(float answer[DCL_FC_ANSWERS]) {
    dcl_sort_f32(answer, DCL_FORECAST_QUANTILES);
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++)
        if (!(answer[a] > 0)) answer[a] = 0;
}

void dcl_fc_answer(const dcl_forecast_model *model, size_t member, const float *row, const float *anchor,
                   size_t n, float level, bool shift, float out[][DCL_FC_ANSWERS]) {
    const dcl_fc_member *m = &model->member[member];
    enum { BLOCK = 64 };
    float margin[BLOCK];
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t some = n - first < BLOCK ? n - first : BLOCK;
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
            dcl_forest_margins(&m->forest[a], row + first * model->k, some, model->k, margin);
            for (size_t i = 0; i < some; i++) out[first + i][a] = (margin[i] + anchor[first + i]) * level;
        }
    }
    for (size_t i = 0; i < n; i++) {
        dcl_fc_arrange(out[i]);
        if (!shift) continue;
        float width = dcl_fc_width(out[i], level);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) out[i][a] += m->shift[a] * width;
        dcl_fc_arrange(out[i]);
    }
}

void dcl_fc_predict(const dcl_forecast_model *model, size_t member, const dcl_fc_issue *issue,
                    const dcl_fc_target *target, size_t n, float *row, float out[][DCL_FC_ANSWERS]) {
    float anchor[DCL_FORECAST_STEPS];
    for (size_t i = 0; i < n; i++)
        dcl_fc_fill(issue, model->horizon, &target[i], row + i * model->k, &anchor[i]);
    dcl_fc_answer(model, member, row, anchor, n, (float)issue->level, true, out);
}
