#include "base/order.h"
#include "report/savings.h"

#include <math.h>

/* What never stops: more of it than in most homes, and what was left on since a day. Both are read from the home's own quiet nights. */

/*
 * What homes have, W: of 125 homes of Low Carbon London in 2013 (mean of the quietest half hour of a day, lower quartile over the days)
 * a quarter lie below 36, half below 68, three quarters below 130, nine in ten below 213 and nineteen in twenty below 267. A home is
 * told only well above that, and what it might have otherwise is nearly all of that range; between OPEN_W and that it is left open.
 */
static const double USUAL_LOW_W = 15, USUAL_HIGH_W = 220, OPEN_W = 170, TOLD_W = 330, TOLD_COARSE_W = 360;
/* A step of the nights that is told, W; so many nights on each side, and on each side of the step alone. */
static const double STEP_LEAST_W = 40;
enum { SIDE_NIGHTS = 28, NEAR_NIGHTS = 12, AROUND = 3, NIGHT_SLOTS = 12 };
/* How much of the step must be there at once, and how far apart the nights before and after must be, as shares of it. */
static const double AT_ONCE = 0.75, APART = 0.1;

typedef struct nights {
    int64_t *day;
    float *quiet_w, *scratch;
    size_t n;
} nights;

static double quantile_of(nights *of, size_t from, size_t to, double q) {
    for (size_t i = from; i < to; i++) of->scratch[i - from] = of->quiet_w[i];
    dcl_sort_f32(of->scratch, to - from);
    return dcl_quantile_f32(of->scratch, to - from, q);
}

/* The night at which two levels explain the nights best: the least sum of squares around two means. */
static size_t best_split(const nights *of) {
    double all = 0, before = 0, best = -1;
    size_t at = 0;
    for (size_t i = 0; i < of->n; i++) all += (double)of->quiet_w[i];
    for (size_t i = 0; i + SIDE_NIGHTS < of->n; i++) {
        double n = (double)i, m = (double)(of->n - i), apart = i ? (all - before) / m - before / n : 0;
        double gain = n * m * apart * apart;
        if (i >= SIDE_NIGHTS && apart > 0 && gain > best) best = gain, at = i;
        before += (double)of->quiet_w[i];
    }
    return at;
}

/* Seasons come slowly and come back; what was left on comes at once, and every night after lies above every night before. */
static bool is_left_on(nights *of, size_t at, double *step_w) {
    double before = quantile_of(of, 0, at, 0.5), after = quantile_of(of, at, of->n, 0.5);
    double near = quantile_of(of, at + AROUND, at + NEAR_NIGHTS, 0.5) -
                  quantile_of(of, at - NEAR_NIGHTS, at - AROUND, 0.5);
    double gap = quantile_of(of, at + AROUND, of->n, 0.1) - quantile_of(of, 0, at - AROUND, 0.9);
    *step_w = (near + after - before) / 2;
    return *step_w >= STEP_LEAST_W && near >= AT_ONCE * (after - before) &&
           near <= (after - before) / AT_ONCE && gap >= APART * *step_w;
}

/* A loud night among quiet ones is none: each becomes the lower quartile of the week around it. */
static void smooth(nights *of, const float *raw) {
    for (size_t i = 0; i < of->n; i++) {
        size_t from = i > AROUND ? i - AROUND : 0, to = i + AROUND + 1 < of->n ? i + AROUND + 1 : of->n;
        for (size_t k = from; k < to; k++) of->scratch[k - from] = raw[k];
        dcl_sort_f32(of->scratch, to - from);
        of->quiet_w[i] = (float)dcl_quantile_f32(of->scratch, to - from, 0.25);
    }
}

static void judge_left_on(dcl_saver *s, nights *of, size_t *quiet) {
    *quiet = of->n;
    if (of->n < 2 * SIDE_NIGHTS + 1) {
        dcl_saver_without(s, DCL_ADVICE_LEFT_ON, DCL_ADVICE_WHY_FEW_DAYS);
        return;
    }
    size_t at = best_split(of);
    double step_w;
    if (!at || !is_left_on(of, at, &step_w)) return;
    *quiet = at;
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_LEFT_ON);
    double price = dcl_saver_flat_price(s);
    a->now = step_w;
    a->since_day = of->day[at];
    a->days = (int)of->n;
    a->confidence = 0.85;
    a->kwh_low = dcl_saver_flat_kwh(0.85 * step_w - 4);
    a->kwh_high = dcl_saver_flat_kwh(1.15 * step_w + 4);
    a->eur_low = a->kwh_low * price;
    a->eur_high = a->kwh_high * price;
    dcl_saver_give(s, a);
}

static bool has_panels(const dcl_report *r) {
    return r->export_kwh > 0 || r->always_on.low_w < 0;
}

/* A day's quietest minute, or reading. Where panels feed the home by day, its quietest half hour from midnight to six. */
static float quietest_of(const dcl_report *r, const dcl_report_day *day) {
    float least = NAN;
    if (!has_panels(r)) return day->quiet_w;
    for (int slot = 0; slot < NIGHT_SLOTS && !isnan(day->quiet_w); slot++)
        if (!(day->half_hour_w[slot] >= least))
            least = isnan(day->half_hour_w[slot]) ? least : day->half_hour_w[slot];
    return least;
}

static void judge_always_on(dcl_saver *s, double floor_w, size_t n) {
    dcl_advice *a = dcl_saver_advice(s, DCL_ADVICE_ALWAYS_ON);
    double price = dcl_saver_flat_price(s);
    a->now = floor_w;
    a->usual_low = USUAL_LOW_W;
    a->usual_high = USUAL_HIGH_W;
    a->days = (int)n;
    a->confidence = 0.8;
    /* Half hours never show the pauses of all cold appliances: part of these is in their floor. Nor do nights alone tell a floor from what
     * runs through them. */
    double told_w = s->step_us > 2 * DCL_MINUTE_US ? TOLD_COARSE_W : TOLD_W;
    if (!(floor_w >= told_w) || has_panels(s->draft->report)) {
        dcl_saver_without(s, DCL_ADVICE_ALWAYS_ON,
                          floor_w > OPEN_W ? DCL_ADVICE_WHY_TOO_WIDE : DCL_ADVICE_WHY_NOTHING);
        return;
    }
    a->kwh_high = dcl_saver_flat_kwh(floor_w - USUAL_LOW_W);
    a->kwh_low = fmax(dcl_saver_flat_kwh(floor_w - USUAL_HIGH_W), a->kwh_high / 2);
    a->eur_low = a->kwh_low * price;
    a->eur_high = a->kwh_high * price;
    dcl_saver_give(s, a);
}

dcl_status dcl_save_floor(dcl_saver *s) {
    const dcl_report *r = s->draft->report;
    nights of = {.day = dcl_arena_alloc(s->draft->arena, r->n_days, sizeof *of.day),
                 .quiet_w = dcl_arena_alloc(s->draft->arena, r->n_days, sizeof *of.quiet_w),
                 .scratch = dcl_arena_alloc(s->draft->arena, r->n_days, sizeof *of.scratch)};
    float *raw = dcl_arena_alloc(s->draft->arena, r->n_days, sizeof *raw);
    if (!of.day || !of.quiet_w || !of.scratch || !raw) return DCL_E_MEMORY;
    for (size_t i = 0; i < r->n_days; i++) {
        of.quiet_w[of.n] = raw[of.n] = quietest_of(r, &r->days[i]);
        of.day[of.n] = r->days[i].day;
        if (!isnan(raw[of.n])) of.n++;
    }
    size_t quiet;
    smooth(&of, raw);
    judge_left_on(s, &of, &quiet);
    of.quiet_w = raw; /* the lower quartile of the nights before anything was left on */
    judge_always_on(s, quantile_of(&of, 0, quiet, 0.25), quiet);
    return DCL_OK;
}
