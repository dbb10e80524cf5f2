/* Where a plug's clock stands beside the meter's, and whether it is of this home at all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/plug.h"
#include "base/math.h"
#include "base/names.h"
#include "base/status.h"

DCL_DEFINE_TEXT(dcl_plug_verdict_name(dcl_plug_verdict id), DCL_PLUG_COUNT, DCL_PLUG_TABLE, DCL_SECOND_OF_2)

#define COARSE_US (5 * DCL_MINUTE_US) /* from here on a series shows rises, no steps */

dcl_plug_options dcl_plug_defaults(void) {
    return (dcl_plug_options){.reach_s = 600, .far_s = 26 * 3600, .most_ppm = 100, .least_p = 0.001};
}

static dcl_status check_options(const dcl_plug_options *o, dcl_error *error) {
    bool good = o->reach_s >= 30 && o->reach_s <= 3600 && o->far_s >= 3600 && o->far_s <= 7 * 86400 &&
                o->most_ppm >= 0 && o->most_ppm <= 1000 && o->least_p >= 1e-9 && o->least_p <= 0.1;
    return good ? DCL_OK : dcl_fail(error, DCL_E_ARG, "an option of aligning plugs is out of its range");
}

/* ---------------------------------------------------------------- what is there of both */

/* Time in which both have values, by their clocks as they are. */
static double overlap_s(const dcl_series *lead, const dcl_series *plug) {
    double sum = 0;
    int64_t each_us = lead->period_us > plug->period_us ? lead->period_us : plug->period_us;
    int64_t from = lead->start_us > plug->start_us ? lead->start_us : plug->start_us;
    int64_t to =
        dcl_series_end_us(lead) < dcl_series_end_us(plug) ? dcl_series_end_us(lead) : dcl_series_end_us(plug);
    for (int64_t at = from; at < to; at += each_us) {
        size_t i = (size_t)((at - lead->start_us) / lead->period_us),
               k = (size_t)((at - plug->start_us) / plug->period_us);
        if (!isnan(lead->value[i]) && !isnan(plug->value[k])) sum += (double)each_us / 1e6;
    }
    return sum;
}

/* The home cut to the plug's time and what may be looked at before and after it. */
static dcl_status cut_home(const dcl_home *meter, const dcl_series *plug, double far_s, dcl_arena *arena,
                           dcl_home *out, dcl_error *error) {
    *out = *meter;
    out->n_truth = 0;
    out->n_va_maxima = 0;
    out->series = dcl_arena_alloc(arena, meter->n_series, sizeof *out->series);
    if (!out->series) return dcl_fail_memory(error, "a home");
    memcpy(out->series, meter->series, meter->n_series * sizeof *out->series);
    int64_t far_us = (int64_t)(far_s * 1e6);
    dcl_home_slice(out, plug->start_us - far_us, dcl_series_end_us(plug) + far_us);
    return DCL_OK;
}

/* ---------------------------------------------------------------- chance */

/*
 * The chance that the greatest count of a copy reaches `found`: maxima of many shifts follow Gumbel's law, whose place and width
 * come from their mean and deviation. Counts are whole numbers: half of one is the least deviation.
 */
static double chance_of(double mean, double deviation, double found) {
    static const double PI = 3.14159265358979323846, EULER = 0.57721566490153286;
    double width = fmax(deviation, 0.5) * sqrt(6) / PI;
    double e = dcl_exp(-(found - 0.5 - (mean - EULER * width)) / width);
    return e < 1e-6 ? e : 1 - dcl_exp(-e);
}

typedef struct chance {
    size_t copies, left_out;
    double mean, deviation, most;
} chance;

/* The copies that tell of chance: neither beside the shift that is judged, nor where the plug resembles itself. */
static chance sum_copies(const dcl_plug_best *best, const dcl_plug_best *self, int side, int judged,
                         size_t steps) {
    chance c = {0};
    double sum = 0, sum2 = 0;
    for (int k = -side; k <= side; k++) {
        if (abs(k - judged) <= 1) continue;
        if (2 * self[k + side].found >= steps) {
            c.left_out++;
            continue;
        }
        double found = (double)best[k + side].found;
        c.copies++;
        sum += found;
        sum2 += found * found;
        c.most = fmax(c.most, found);
    }
    if (!c.copies) return c;
    c.mean = sum / (double)c.copies;
    c.deviation = sqrt(fmax(0, sum2 / (double)c.copies - c.mean * c.mean));
    return c;
}

/* ---------------------------------------------------------------- the verdict */

typedef struct look {
    const dcl_plug_options *options;
    dcl_plug_search search;
    dcl_plug_best *best, *self; /* [2 side + 1] */
} look;

static dcl_status open_look(const dcl_plug_steps *steps, const dcl_plug_options *options, dcl_arena *arena,
                            look *out, dcl_error *error) {
    double far_s = fmin(options->far_s, steps->span_s / 2);
    double first = steps->plug[0].time_s, last = steps->plug[steps->n - 1].time_s;
    double reach = fmax(options->reach_s, 4 * steps->within_s);
    *out = (look){.options = options,
                  .search = {.reach_s = reach,
                             .within_s = steps->within_s,
                             .middle_s = (first + last) / 2,
                             .drift_step = last > first ? 2 * steps->within_s / (last - first) : 1,
                             .side = (int)fmax(0, floor((far_s - reach) / (2 * reach)))}};
    out->search.most_drift =
        options->most_ppm * 1e-6 > out->search.drift_step / 2 ? options->most_ppm * 1e-6 : 0;
    size_t windows = (size_t)(2 * out->search.side + 1);
    out->best = dcl_arena_alloc(arena, windows, sizeof *out->best);
    out->self = dcl_arena_alloc(arena, windows, sizeof *out->self);
    return out->best && out->self ? DCL_OK : dcl_fail_memory(error, "the shifts of a plug");
}

/* The best window beyond the reach. */
static int farthest(const look *l) {
    int side = l->search.side, far = 0;
    for (int k = -side; k <= side; k++)
        if (k && (!far || l->best[k + side].found > l->best[far + side].found)) far = k;
    return far;
}

/* Whether a plug of this home would show more of its steps: at least one in three is seen in the mains of the homes of
 * bench/plugs.md, and two deviations less of so many is no chance. */
static bool is_absent(size_t found, size_t steps) {
    double share = 1 / 3.0, n = (double)steps;
    return (double)found < share * n - 2 * sqrt(n * share * (1 - share));
}

/* Two counts are told apart by two deviations of the larger one. */
static bool is_less(size_t a, size_t b) {
    return (double)a < (double)b - 2 * sqrt((double)b);
}

static void fill_shift(const look *l, int window, const dcl_plug_steps *steps, dcl_plug_fit *out) {
    const dcl_plug_best *best = &l->best[window + l->search.side];
    out->offset_s = best->lag_s;
    out->drift_ppm = best->drift * 1e6;
    out->middle_us = steps->zero_us + (int64_t)(l->search.middle_s * 1e6);
    out->found = best->found;
}

/* Another shift as good as the one taken, and no more than that one a work of chance. */
static void fill_rival(const look *l, int taken, const chance *c, dcl_plug_fit *out) {
    int side = l->search.side;
    for (int k = -side; k <= side; k++) {
        const dcl_plug_best *best = &l->best[k + side];
        double p = 2 * side * chance_of(c->mean, c->deviation, (double)best->found);
        if (abs(k - taken) <= 1 || is_less(best->found, out->found) || p > l->options->least_p ||
            best->found <= out->rival_found)
            continue;
        out->rival_s = best->lag_s;
        out->rival_found = best->found;
    }
}

static dcl_status judge(const dcl_context *context, look *l, const dcl_plug_steps *steps, dcl_plug_fit *out,
                        dcl_error *error) {
    int side = l->search.side;
    dcl_status status =
        dcl_plug_search_run(context, &l->search, steps, steps->meter, steps->n_meter, 0, l->best, error);
    int far = status ? 0 : farthest(l);
    if (!status && far && is_less(l->best[side].found, l->best[far + side].found))
        fill_shift(l, far, steps, out);
    else
        fill_shift(l, far = 0, steps, out);
    dcl_plug_search still = l->search;
    still.most_drift = 0;
    if (!status)
        status =
            dcl_plug_search_run(context, &still, steps, steps->plug, steps->n, out->offset_s, l->self, error);
    if (status) return status;
    chance c = sum_copies(l->best, l->self, side, far, steps->n);
    out->copies = c.copies;
    out->chance = c.mean;
    out->chance_most = c.most;
    double tries =
        far ? 2 * side : 1; /* the best of so many shifts is as many times as often there by chance */
    out->p = c.copies > 1 ? fmin(1, tries * chance_of(c.mean, c.deviation, (double)out->found)) : 1;
    bool can_tell = c.copies > 1 && chance_of(c.mean, c.deviation, (double)steps->n) <= l->options->least_p;
    bool sure = out->p <= l->options->least_p;
    if (sure)
        out->verdict = far ? DCL_PLUG_CLOCK_OFF : DCL_PLUG_FITS;
    else if (c.left_out > c.copies)
        out->verdict = DCL_PLUG_TOO_REGULAR;
    else
        out->verdict = can_tell && is_absent(out->found, steps->n) ? DCL_PLUG_OTHER_HOME : DCL_PLUG_FEW_STEPS;
    if (sure)
        fill_rival(l, far, &c, out);
    else
        fill_shift(l, 0, steps, out);
    return DCL_OK;
}

/* What needs no steps: false, and a verdict, where the two cannot be compared. */
static bool can_compare(const dcl_series *lead, const dcl_series *power, dcl_plug_fit *out) {
    if (!power || dcl_series_present(power) < 2) {
        out->verdict = DCL_PLUG_NO_POWER;
        return false;
    }
    out->middle_us = power->start_us + (int64_t)power->n * power->period_us / 2;
    out->overlap_s = overlap_s(lead, power);
    if (!(out->overlap_s > 0))
        out->verdict = DCL_PLUG_NO_OVERLAP;
    else if (dcl_series_step_us(lead) >= COARSE_US || dcl_series_step_us(power) >= COARSE_US)
        out->verdict = DCL_PLUG_TOO_COARSE;
    else
        return true;
    return false;
}

dcl_status dcl_plug_align(const dcl_context *context, const dcl_home *meter, const dcl_home *plug,
                          const dcl_plug_options *options, dcl_plug_fit *out, dcl_error *error) {
    const dcl_series *lead = dcl_plug_lead(meter), *power = dcl_home_series(plug, DCL_POWER_W);
    *out = (dcl_plug_fit){.scale = 1, .rival_s = NAN, .chance = NAN, .chance_most = NAN, .p = NAN};
    dcl_status status = check_options(options, error);
    if (status) return status;
    if (!lead || !lead->n) return dcl_fail(error, DCL_E_NO_DATA, "the meter has no power");
    if (!can_compare(lead, power, out)) return DCL_OK;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_plug_steps steps = {0};
    look l;
    status = cut_home(meter, power, options->far_s, &arena, &home, error);
    if (!status) status = dcl_plug_steps_find(context, &home, power, &steps, error);
    if (status) goto done;
    out->steps = steps.n;
    out->within_s = steps.within_s;
    out->verdict = DCL_PLUG_NO_STEPS;
    if (!steps.n) goto done;
    status = open_look(&steps, options, &arena, &l, error);
    if (!status) status = judge(context, &l, &steps, out, error);
    if (!status && (out->verdict == DCL_PLUG_FITS || out->verdict == DCL_PLUG_CLOCK_OFF))
        status = dcl_plug_refine(dcl_plug_lead(&home), power, &steps, out, error);
done:
    dcl_plug_steps_free(&steps);
    dcl_arena_free(&arena);
    return status;
}
