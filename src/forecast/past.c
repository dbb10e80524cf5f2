/* The same hours on the days before. */
#include "forecast/past.h"

#include "base/order.h"

static bool at_work(const dcl_fc_grid *grid, int64_t day) {
    return dcl_fc_day_at(grid, day)->kind == 0;
}

void dcl_fc_past_take(const dcl_fc_view *view, const dcl_fc_target *target, dcl_fc_past *out) {
    const dcl_fc_grid *grid = view->grid;
    size_t middle = (target->from + target->to - 1) / 2;
    int64_t day = dcl_fc_day_of(grid, middle), hour = (int64_t)grid->per_hour;
    bool work = at_work(grid, day);
    out->n = 0;
    if (!hour) hour = 1;
    if (grid->per_hour > 60) hour = hour / 4; /* a quarter of an hour where the grid is fine */
    for (int d = 1; d <= DCL_FC_PAST_DAYS; d++) {
        int64_t back = dcl_fc_days_back(grid, target->from, d);
        int64_t from = (int64_t)target->from - back, to = (int64_t)target->to - back;
        double same = dcl_fc_mean(view, from, to);
        out->same[d - 1] = same;
        out->wide[d - 1] = dcl_fc_mean(view, from - hour, to + hour);
        out->alike[d - 1] = at_work(grid, day - d) == work;
        if (!isnan(same)) out->sorted[out->n++] = (float)same;
    }
    dcl_sort_f32(out->sorted, out->n);
}

double dcl_fc_past_mean(const double *days_w, int days) {
    double sum = 0;
    int n = 0;
    for (int d = 0; d < days; d++)
        if (!isnan(days_w[d])) sum += days_w[d], n++;
    return n ? sum / n : (double)NAN;
}

double dcl_fc_past_fading(const double *days_w, double factor) {
    double sum = 0, all = 0, weight = 1;
    for (int d = 0; d < DCL_FC_PAST_DAYS; d++, weight *= factor)
        if (!isnan(days_w[d])) sum += weight * days_w[d], all += weight;
    return all > 0 ? sum / all : (double)NAN;
}

double dcl_fc_past_spread(const dcl_fc_past *past, int days) {
    double mean = dcl_fc_past_mean(past->same, days), sum = 0;
    int n = 0;
    for (int d = 0; d < days; d++) {
        if (isnan(past->same[d])) continue;
        sum += (past->same[d] - mean) * (past->same[d] - mean);
        n++;
    }
    return n > 1 ? sqrt(sum / n) : (double)NAN;
}

double dcl_fc_past_quantile(const dcl_fc_past *past, double q) {
    return dcl_quantile_f32(past->sorted, past->n, q);
}

double dcl_fc_past_weeks(const dcl_fc_past *past, int weeks) {
    double sum = 0;
    int n = 0;
    for (int w = 1; w <= weeks; w++)
        if (!isnan(past->wide[7 * w - 1])) sum += past->wide[7 * w - 1], n++;
    return n ? sum / n : (double)NAN;
}

double dcl_fc_past_kind(const dcl_fc_past *past) {
    double sum = 0;
    int n = 0;
    for (int d = 0; d < DCL_FC_PAST_DAYS; d++)
        if (past->alike[d] && !isnan(past->wide[d])) sum += past->wide[d], n++;
    return n ? sum / n : (double)NAN;
}

double dcl_fc_past_around(const dcl_fc_view *view, const dcl_fc_target *target, int64_t slots, bool back,
                          int days) {
    double sum = 0;
    int n = 0;
    for (int d = 1; d <= days; d++) {
        int64_t by = dcl_fc_days_back(view->grid, target->from, d) + (back ? slots : -slots);
        double mean = dcl_fc_mean(view, (int64_t)target->from - by, (int64_t)target->to - by);
        if (!isnan(mean)) sum += mean, n++;
    }
    return n ? sum / n : (double)NAN;
}
