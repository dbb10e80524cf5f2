/* Features of a forecast. Kinds that look at the issue alone are taken once for all of its targets. */
#include "forecast/features.h"

#include <string.h>

#include "base/math.h"
#include "base/order.h"
#include "forecast/past.h"
#include "tariff/hours.h"

enum kind {
    LAG,    /* the value a slots before the issue */
    ROLL,   /* mean of the last a hours */
    SPREAD, /* deviation of the last a hours */
    LOWEST, /* least and most of the last a hours, at most SCAN slots */
    HIGHEST,
    SPAN,     /* mean from a to b hours before the issue */
    UNUSUAL,  /* mean of the last a hours less that of the same hours of b days before */
    LEVEL,    /* logarithm of the level in W */
    OPEN_SUM, /* rises that are not closed: all, the largest, how long the largest is on, how many */
    OPEN_LARGEST,
    OPEN_AGE,
    OPEN_COUNT,
    STEP, /* the last steps and how long ago */
    STEP_AGE,
    OF_TARGET,         /* kinds from here on look at the target */
    SHIFT = OF_TARGET, /* the target's span a days before */
    WIDE_SHIFT,        /* with an hour more on both sides */
    PAST_MEAN,         /* of the target's span on the last a days */
    PAST_WIDE,         /* with an hour more on both sides */
    PAST_SPREAD,
    PAST_QUANTILE, /* quantile a of 28 days */
    PAST_FADING,   /* mean that fades by a a day */
    PAST_WEEKS,    /* of a weeks, the same weekday */
    PAST_KIND,     /* of days of the same kind among 28: at work or not */
    AROUND,        /* mean of 14 days of the span moved by a hours */
    AHEAD,         /* hours from the issue to the target, and how long it is */
    LENGTH,
    MINUTE, /* civil time of the target: hours of the day, day of the week 0-6, kind, of the day before and after */
    WEEKDAY,
    KIND,
    KIND_BEFORE,
    KIND_AFTER,
    SCHOOL, /* zones of three that are on a break */
    SEASON, /* cosine and sine of the day of the year */
    SEASON_ACROSS,
    COLOUR,   /* Tempo: 1 blue, 2 white, 3 red, where it is published already */
    OFF_PEAK, /* share of the target in off-peak hours */
    WARMTH, /* temperature over the target, over the a hours before its end, and against that of the last a days */
    WARMTH_BEFORE,
    WARMTH_CHANGE
};

enum { SCAN = 400 };

/* ---------------------------------------------------------------- lists */

#define X(name, unit, kind, a, b) {name, unit, kind, a, b},
static const dcl_fc_feature coarse[] = {
#include "forecast/features_coarse.inc"
};
static const dcl_fc_feature fine[] = {
#include "forecast/features_fine.inc"
};
#undef X

const dcl_fc_feature *dcl_fc_features(dcl_horizon horizon, size_t *n) {
    bool is_fine = horizon == DCL_HORIZON_10S || horizon == DCL_HORIZON_MINUTE;
    *n = is_fine ? sizeof fine / sizeof *fine : sizeof coarse / sizeof *coarse;
    return is_fine ? fine : coarse;
}

bool dcl_fc_is_season(const dcl_fc_feature *feature) {
    return feature->kind == SEASON || feature->kind == SEASON_ACROSS;
}

/* ---------------------------------------------------------------- of the issue */

double dcl_fc_level(const dcl_fc_view *view, dcl_horizon horizon, int days) {
    const size_t per_day = view->grid->per_day;
    bool is_fine = horizon == DCL_HORIZON_10S || horizon == DCL_HORIZON_MINUTE;
    int64_t now = (int64_t)view->known;
    double level = dcl_fc_mean_of_some(view, now - days * (int64_t)per_day, now,
                                       (uint32_t)(is_fine ? per_day / 24 : 2 * per_day));
    return level < 5 ? 5 : level;
}

static int64_t slots_of(const dcl_fc_grid *grid, double hours) {
    int64_t slots = (int64_t)(hours * 3.6e9 / (double)grid->period_us + 0.5);
    return slots > 0 ? slots : 1;
}

static double extreme(const dcl_fc_view *view, double hours, double sign) {
    int64_t now = (int64_t)view->known, n = slots_of(view->grid, hours);
    if (n > SCAN) n = SCAN;
    double best = (double)NAN;
    for (int64_t i = now - n > 0 ? now - n : 0; i < now; i++) {
        double value = sign * (double)view->grid->value[i];
        if (!(value <= best)) best = isnan(value) ? best : value;
    }
    return sign * best;
}

/* What the last hours drew beyond what the same hours drew on the days before. */
static double unusual(const dcl_fc_view *view, double hours, int days) {
    int64_t now = (int64_t)view->known, n = slots_of(view->grid, hours);
    double sum = 0;
    int there = 0;
    for (int d = 1; d <= days; d++) {
        int64_t at = now - dcl_fc_days_back(view->grid, view->known, d);
        double mean = dcl_fc_mean(view, at - n, at);
        if (isnan(mean)) continue;
        sum += mean;
        there++;
    }
    return there ? dcl_fc_mean(view, now - n, now) - sum / there : (double)NAN;
}

static double of_open(const dcl_fc_issue *issue, const dcl_fc_feature *feature) {
    const dcl_fc_open *open = &issue->open;
    double minutes = (double)issue->view.grid->period_us / 6e7, now = (double)issue->view.known;
    double sum = 0, age = 0;
    float largest = 0;
    for (size_t i = 0; i < open->n; i++) {
        sum += (double)open->rise_w[i];
        if (open->rise_w[i] > largest)
            largest = open->rise_w[i], age = (now - (double)open->since[i]) * minutes;
    }
    size_t step = (size_t)feature->a;
    switch (feature->kind) {
    case OPEN_SUM: return sum / issue->level;
    case OPEN_LARGEST: return (double)largest / issue->level;
    case OPEN_AGE: return open->n ? age : (double)NAN;
    case OPEN_COUNT: return (double)open->n;
    case STEP: return (double)open->step_w[step] / issue->level;
    default: return open->step_at[step] ? (now - (double)open->step_at[step]) * minutes : (double)NAN;
    }
}

static double of_issue(const dcl_fc_issue *issue, const dcl_fc_feature *feature) {
    const dcl_fc_view *view = &issue->view;
    const dcl_fc_grid *grid = view->grid;
    int64_t now = (int64_t)view->known;
    double a = (double)feature->a, b = (double)feature->b, w;
    switch (feature->kind) {
    case LAG: w = dcl_fc_mean(view, now - (int64_t)a, now - (int64_t)a + 1); break;
    case ROLL: w = dcl_fc_mean(view, now - slots_of(grid, a), now); break;
    case SPREAD: w = dcl_fc_deviation(view, now - slots_of(grid, a), now); break;
    case LOWEST: w = extreme(view, a, -1); break;
    case HIGHEST: w = extreme(view, a, 1); break;
    case SPAN: w = dcl_fc_mean(view, now - slots_of(grid, b), now - slots_of(grid, a)); break;
    case UNUSUAL: w = unusual(view, a, (int)b); break;
    case LEVEL: return dcl_log(issue->level);
    default: return of_open(issue, feature);
    }
    return w / issue->level;
}

void dcl_fc_issue_at(const dcl_fc_grid *grid, dcl_horizon horizon, int level_days, size_t at,
                     const dcl_fc_open *open, dcl_fc_issue *out) {
    size_t n;
    const dcl_fc_feature *list = dcl_fc_features(horizon, &n);
    out->view = (dcl_fc_view){grid, at < grid->n ? at : grid->n};
    out->level = dcl_fc_level(&out->view, horizon, level_days);
    if (open)
        out->open = *open;
    else
        dcl_fc_open_begin(&out->open);
    int64_t now = (int64_t)out->view.known, recent = grid->per_hour ? (int64_t)grid->per_hour : 1;
    out->last = out->level;
    for (int64_t i = now - 1; i >= 0 && i >= now - recent - 1; i--) {
        if (isnan(grid->value[i])) continue;
        out->last = (double)grid->value[i];
        break;
    }
    for (size_t f = 0; f < n; f++)
        out->value[f] = list[f].kind < OF_TARGET ? (float)of_issue(out, &list[f]) : NAN;
}

/* ---------------------------------------------------------------- of the target */

/* A day's colour is published at 11:00 of the day before; it begins at 06:00. */
static double colour_of(const dcl_fc_issue *issue, size_t middle) {
    const dcl_fc_grid *grid = issue->view.grid;
    size_t issued = issue->view.known;
    int64_t day = dcl_fc_day_of(grid, middle) - (dcl_fc_minute_of(grid, middle) < 360);
    int64_t known = dcl_fc_day_of(grid, issued) + (dcl_fc_minute_of(grid, issued) >= 660);
    uint8_t colour = dcl_fc_day_at(grid, day)->colour;
    return day > known || colour == 255 ? (double)NAN : (double)colour;
}

static double off_peak_share(const dcl_fc_grid *grid, const dcl_fc_target *target) {
    if (!grid->off_peak) return (double)NAN;
    size_t inside = 0;
    for (size_t i = target->from; i < target->to; i++) {
        const dcl_hours_period *period = dcl_hours_on(grid->off_peak, dcl_fc_day_of(grid, i));
        if (!period) return (double)NAN;
        inside += dcl_hours_off_peak(period, dcl_fc_minute_of(grid, i));
    }
    return (double)inside / (double)(target->to - target->from);
}

static double warmth(const dcl_fc_grid *grid, int64_t from, int64_t to) {
    if (!grid->temperature) return (double)NAN;
    if (from < 0) from = 0;
    if (to > (int64_t)grid->n_all) to = (int64_t)grid->n_all;
    if (to <= from) return (double)NAN;
    uint32_t count = grid->temperature_count[to] - grid->temperature_count[from];
    return count ? (grid->temperature_sum[to] - grid->temperature_sum[from]) / count : (double)NAN;
}

static double of_kind(uint8_t kind) {
    return kind == 255 ? (double)NAN : (double)kind;
}

static double of_calendar(const dcl_fc_issue *issue, const dcl_fc_feature *feature,
                          const dcl_fc_target *target) {
    const dcl_fc_grid *grid = issue->view.grid;
    size_t middle = (target->from + target->to - 1) / 2;
    int64_t day = dcl_fc_day_of(grid, middle);
    double turn = 6.283185307179586 / 365.25, hours = (double)grid->period_us / 3.6e9;
    int64_t from = (int64_t)target->from, to = (int64_t)target->to;
    switch (feature->kind) {
    case AHEAD: return (double)(target->from - issue->view.known) * hours;
    case LENGTH: return (double)(target->to - target->from) * hours;
    case MINUTE: return dcl_fc_minute_of(grid, middle) / 60.0;
    case WEEKDAY: return dcl_weekday(day);
    case KIND: return of_kind(dcl_fc_day_at(grid, day)->kind);
    case KIND_BEFORE: return of_kind(dcl_fc_day_at(grid, day - 1)->kind);
    case KIND_AFTER: return of_kind(dcl_fc_day_at(grid, day + 1)->kind);
    case SCHOOL: return of_kind(dcl_fc_day_at(grid, day)->school);
    case SEASON: return dcl_cos(turn * (double)(day % 1461));
    case SEASON_ACROSS: return dcl_sin(turn * (double)(day % 1461));
    case COLOUR: return colour_of(issue, middle);
    case OFF_PEAK: return off_peak_share(grid, target);
    case WARMTH: return warmth(grid, from, to);
    case WARMTH_BEFORE: return warmth(grid, to - slots_of(grid, (double)feature->a), to);
    default:
        return warmth(grid, from, to) -
               warmth(grid, (int64_t)issue->view.known - slots_of(grid, 24 * (double)feature->a),
                      (int64_t)issue->view.known);
    }
}

static double of_target(const dcl_fc_issue *issue, const dcl_fc_past *past, const dcl_fc_feature *feature,
                        const dcl_fc_target *target) {
    double a = (double)feature->a, w;
    switch (feature->kind) {
    case SHIFT: w = past->same[(int)a - 1]; break;
    case WIDE_SHIFT: w = past->wide[(int)a - 1]; break;
    case PAST_MEAN: w = dcl_fc_past_mean(past->same, (int)a); break;
    case PAST_WIDE: w = dcl_fc_past_mean(past->wide, (int)a); break;
    case PAST_SPREAD: w = dcl_fc_past_spread(past, (int)a); break;
    case PAST_QUANTILE: w = dcl_fc_past_quantile(past, a); break;
    case PAST_FADING: w = dcl_fc_past_fading(past->wide, a); break;
    case PAST_WEEKS: w = dcl_fc_past_weeks(past, (int)a); break;
    case PAST_KIND: w = dcl_fc_past_kind(past); break;
    case AROUND:
        w = dcl_fc_past_around(&issue->view, target, slots_of(issue->view.grid, fabs(a)), a < 0, 14);
        break;
    default: return of_calendar(issue, feature, target);
    }
    return w / issue->level;
}

static double anchor_of(const dcl_fc_issue *issue, dcl_horizon horizon, const dcl_fc_past *past) {
    if (horizon == DCL_HORIZON_10S || horizon == DCL_HORIZON_MINUTE) return issue->last / issue->level;
    double same = dcl_fc_past_fading(past->wide, 0.9);
    return isnan(same)
               ? 1
               : (same / issue->level + 1) / 2; /* the same hours, held back to the level: they are noisy */
}

void dcl_fc_fill(const dcl_fc_issue *issue, dcl_horizon horizon, const dcl_fc_target *target, float *row,
                 float *anchor) {
    size_t n;
    const dcl_fc_feature *list = dcl_fc_features(horizon, &n);
    dcl_fc_past past;
    dcl_fc_past_take(&issue->view, target, &past);
    for (size_t f = 0; f < n; f++)
        row[f] =
            list[f].kind < OF_TARGET ? issue->value[f] : (float)of_target(issue, &past, &list[f], target);
    *anchor = (float)anchor_of(issue, horizon, &past);
}
