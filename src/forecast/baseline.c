/* Plain forecasts. */
#include "forecast/baseline.h"

#include "base/names.h"
#include "base/order.h"
#include "forecast/past.h"

DCL_DEFINE_TEXT(dcl_forecaster_name(dcl_forecaster id), DCL_FORECASTER_COUNT, DCL_FORECASTER_TABLE,
                DCL_SECOND_OF_3)

size_t dcl_fc_whole_from(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target) {
    return horizon == DCL_HORIZON_TODAY ? dcl_fc_midnight(grid, target->issue) : target->from;
}

float dcl_fc_whole(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target, float rest_w) {
    if (horizon != DCL_HORIZON_TODAY) return rest_w;
    size_t from = dcl_fc_midnight(grid, target->issue);
    dcl_fc_view view = {grid, target->issue};
    double so_far = dcl_fc_mean(&view, (int64_t)from, (int64_t)target->issue);
    if (isnan(so_far)) return rest_w;
    double done = (double)(target->issue - from), left = (double)(target->to - target->issue);
    return (float)((so_far * done + (double)rest_w * left) / (done + left));
}

/* The mean of what was measured last: the target's length, of a day 24 hours. */
static double persist(const dcl_fc_view *view, dcl_horizon horizon, const dcl_fc_target *target) {
    int64_t now = (int64_t)view->known, length = (int64_t)(target->to - target->from);
    if (horizon == DCL_HORIZON_DAY) length = (int64_t)view->grid->per_day;
    if (horizon != DCL_HORIZON_TODAY) return dcl_fc_mean(view, now - length, now);
    /* of a day's total: yesterday's, less what was drawn since midnight */
    int64_t midnight = (int64_t)dcl_fc_midnight(view->grid, target->issue);
    int64_t before = midnight - dcl_fc_days_back(view->grid, (size_t)midnight, 1);
    double total = dcl_fc_mean(view, before, midnight) * (double)(target->to - (size_t)midnight);
    double so_far = midnight < now ? dcl_fc_mean(view, midnight, now) * (double)(now - midnight) : 0;
    return (total - so_far) / (double)length;
}

float dcl_fc_baseline(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target,
                      dcl_forecaster forecaster) {
    dcl_fc_view view = {grid, target->issue < grid->n ? target->issue : grid->n};
    if (forecaster == DCL_FORECASTER_PERSISTENCE) return (float)persist(&view, horizon, target);
    if (forecaster == DCL_FORECASTER_MODEL) return NAN;
    dcl_fc_past past;
    dcl_fc_past_take(&view, target, &past);
    return (float)(forecaster == DCL_FORECASTER_SEASONAL ? past.same[0]
                   : forecaster == DCL_FORECASTER_WEEKLY ? past.same[6]
                                                         : dcl_fc_past_mean(past.same, 7));
}

/* Values of the last two days, at most; how many. */
static size_t recent(const dcl_fc_view *view, float *out, size_t room) {
    size_t n = 0, days = 2 * view->grid->per_day, at = view->known;
    for (size_t back = 0; back < days && at > 0 && n < room; back++)
        if (!isnan(view->grid->value[--at])) out[n++] = view->grid->value[at];
    return n;
}

dcl_status dcl_fc_serve_baseline(const dcl_fc_grid *grid, dcl_horizon horizon, const dcl_fc_target *target,
                                 float out[DCL_FC_ANSWERS], dcl_error *error) {
    enum { RECENT = 512, LEAST = 5 };
    float values[RECENT];
    dcl_fc_view view = {grid, target->issue < grid->n ? target->issue : grid->n};
    dcl_fc_past past;
    dcl_fc_past_take(&view, target, &past);
    const float *sorted = past.sorted;
    size_t n = past.n;
    double mean = dcl_fc_past_mean(past.same, 7);
    if (isnan(mean)) mean = dcl_fc_past_mean(past.same, DCL_FC_PAST_DAYS);
    if (n < LEAST || dcl_fc_is_fine(horizon)) {
        n = recent(&view, values, RECENT);
        dcl_sort_f32(values, n);
        sorted = values;
    }
    if (dcl_fc_is_fine(horizon)) mean = dcl_fc_mean(&view, (int64_t)view.known - 1, (int64_t)view.known);
    if (isnan(mean)) mean = dcl_fc_mean_of_some(&view, 0, (int64_t)view.known, 1);
    if (isnan(mean)) return dcl_fail(error, DCL_E_NO_DATA, "nothing was measured before this moment");
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
        out[q] = n ? (float)dcl_quantile_f32(sorted, n, dcl_fc_level_of(q)) : (float)mean;
    out[DCL_FC_MEAN] = (float)mean;
    dcl_fc_arrange(out);
    return DCL_OK;
}
