/* What a model's trees say of a target. */
#include "base/math.h"
#include "base/order.h"
#include "forecast/model.h"

void dcl_fc_arrange(float answer[DCL_FC_ANSWERS]) {
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) { /* a damaged tree may say anything */
        if (!(answer[a] > 0)) answer[a] = 0;
        if (answer[a] > 1e9F) answer[a] = 1e9F;
    }
    dcl_sort_f32(answer, DCL_FORECAST_QUANTILES);
}

/* Each quantile was learned alone: its neighbours know of its noise. What this bends is put straight by the calibration. */
static void smooth(float answer[DCL_FC_ANSWERS]) {
    float before = answer[0];
    for (size_t q = 1; q + 1 < DCL_FORECAST_QUANTILES; q++) {
        float here = answer[q];
        answer[q] = (before + here + answer[q + 1]) / 3;
        before = here;
    }
}

/* What trees say of an answer, in levels. */
static float level_of(const dcl_fc_member *member, size_t answer, float margin, float anchor) {
    if (answer == DCL_FC_MEAN || !(member->offset > 0)) return margin + anchor;
    double offset = (double)member->offset, base = dcl_log((double)anchor + offset);
    return (float)(dcl_exp((double)margin + base) - offset);
}

/* Quantiles know of the mean what its own trees do not, and are less moved by single large targets. What the tail above them lacks
 * is put back by the calibration. */
static void join_means(float answer[DCL_FC_ANSWERS]) {
    float sum = 0;
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) sum += answer[q];
    answer[DCL_FC_MEAN] = (answer[DCL_FC_MEAN] + sum / DCL_FORECAST_QUANTILES) / 2;
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
            for (size_t i = 0; i < some; i++)
                out[first + i][a] = level_of(m, a, margin[i], anchor[first + i]) * level;
        }
    }
    for (size_t i = 0; i < n; i++) {
        dcl_fc_arrange(out[i]);
        if (m->offset > 0) join_means(out[i]);
        if (!dcl_fc_is_fine(model->horizon))
            smooth(out[i]); /* a minute ahead the median is sharp: most often no change */
        if (!shift) continue;
        float width = dcl_fc_width(out[i], level);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) out[i][a] += m->shift[a] * width;
        dcl_fc_arrange(out[i]);
    }
}
