/* What plugs bring: a model of the first days, judged on the last, beside what is said without plugs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance.h>
#include <declic/learn.h>

#include "appliance/plug.h"
#include "base/status.h"

/* ---------------------------------------------------------------- without plugs */

static bool is_of_kind(dcl_appliance appliance, const char *name) {
    if (appliance == DCL_APPLIANCE_UNKNOWN) return false;
    if (appliance == DCL_APPLIANCE_COLD)
        return is_of_kind(DCL_APPLIANCE_FRIDGE, name) || is_of_kind(DCL_APPLIANCE_FREEZER, name) ||
               strncmp(name, "cold", 4) == 0;
    const char *kind = dcl_appliance_name(appliance);
    return kind && strncmp(name, kind, strlen(kind)) == 0;
}

/* The part of slot i that a cycle covers, 0 … 1. */
static double share_of(const dcl_series *lead, size_t i, const dcl_cycle *cycle) {
    int64_t from = lead->start_us + (int64_t)i * lead->period_us, to = from + lead->period_us;
    int64_t low = cycle->start_us > from ? cycle->start_us : from,
            high = cycle->end_us < to ? cycle->end_us : to;
    return high > low ? (double)(high - low) / (double)lead->period_us : 0;
}

bool dcl_plug_rules(const dcl_cycles *cycles, const dcl_series *lead, const char *name, float *power_w) {
    bool is_named = false;
    memset(power_w, 0, lead->n * sizeof *power_w);
    for (size_t c = 0; c < cycles->n; c++) {
        const dcl_cycle *cycle = &cycles->cycle[c];
        if (!is_of_kind(cycle->appliance, name)) continue;
        is_named = true;
        int64_t first = (cycle->start_us - lead->start_us) / lead->period_us;
        for (size_t i = first > 0 ? (size_t)first : 0; i < lead->n; i++) {
            double share = share_of(lead, i, cycle);
            if (!(share > 0) && lead->start_us + (int64_t)i * lead->period_us >= cycle->end_us) break;
            power_w[i] += (float)(share * (double)cycle->mean_w);
        }
    }
    return is_named;
}

dcl_status dcl_plug_name_cycles(const dcl_context *context, const dcl_home *home, dcl_arena *arena,
                                dcl_cycles *out, dcl_error *error) {
    dcl_cycle_options options = dcl_cycle_defaults();
    dcl_use_options use = dcl_use_defaults();
    dcl_uses uses;
    dcl_status status = dcl_cycles_find(context, home, &options, NULL, arena, out, error);
    if (status) return status;
    status = dcl_uses_find(context, home, out, &use, arena, &uses, error);
    /* A home of VA alone, or read too seldom, has no uses, and so no names. */
    return status == DCL_E_NO_DATA || status == DCL_E_ARG ? DCL_OK : status;
}

/* ---------------------------------------------------------------- scores */

dcl_status dcl_plug_score_of(const float *truth, const float *estimate, size_t n, int64_t period_us,
                             dcl_plug_score *out, dcl_error *error) {
    dcl_score_options options = dcl_score_defaults();
    dcl_score score;
    *out = (dcl_plug_score){NAN, NAN, NAN};
    dcl_status status = dcl_score_power(truth, estimate, n, period_us, &options, &score, error);
    if (status == DCL_E_NO_DATA) return DCL_OK;
    if (status) return status;
    *out = (dcl_plug_score){score.f1, score.nde_root, NAN};
    if (score.energy_truth_wh > 0) out->energy_error = score.energy_estimate_wh / score.energy_truth_wh - 1;
    return DCL_OK;
}

/* ---------------------------------------------------------------- days */

/* A home and where it is cut. */
typedef struct trial {
    const dcl_context *context;
    dcl_home home;
    const dcl_series *lead;
    dcl_arena *arena;
    float **truth; /* [home.n_truth][lead->n], NaN where the mains are missing */
    int64_t split_us;
    size_t split; /* slot of the lead */
} trial;

static dcl_status copy_home(const dcl_home *home, int64_t from_us, int64_t to_us, dcl_arena *arena,
                            dcl_home *out, dcl_error *error) {
    *out = *home;
    out->n_va_maxima = 0;
    out->series = dcl_arena_alloc(arena, home->n_series, sizeof *out->series);
    out->truth = dcl_arena_alloc(arena, home->n_truth, sizeof *out->truth);
    if (!out->series || !out->truth) return dcl_fail_memory(error, "a home");
    memcpy(out->series, home->series, home->n_series * sizeof *out->series);
    memcpy(out->truth, home->truth, home->n_truth * sizeof *out->truth);
    dcl_home_slice(out, from_us, to_us);
    return DCL_OK;
}

static dcl_status take_truth(trial *t, dcl_error *error) {
    const dcl_series *lead = t->lead;
    t->truth = dcl_arena_alloc(t->arena, t->home.n_truth, sizeof *t->truth);
    if (!t->truth) return dcl_fail_memory(error, "the truth of plugs");
    for (size_t a = 0; a < t->home.n_truth; a++) {
        const dcl_series *part = &t->home.truth[a];
        if (part->period_us != lead->period_us || (part->start_us - lead->start_us) % lead->period_us)
            return dcl_fail(error, DCL_E_ARG, "%s is not on the grid of the mains", t->home.truth_name[a]);
        t->truth[a] = dcl_arena_alloc(t->arena, lead->n, sizeof **t->truth);
        if (!t->truth[a]) return dcl_fail_memory(error, "the truth of plugs");
        int64_t shift = (lead->start_us - part->start_us) / lead->period_us;
        for (size_t i = 0; i < lead->n; i++) {
            int64_t at = (int64_t)i + shift;
            bool known = at >= 0 && at < (int64_t)part->n && !isnan(lead->value[i]);
            t->truth[a][i] = known ? part->value[at] : NAN;
        }
    }
    return DCL_OK;
}

/* Whether a part is known for half of the day that begins at slot `from`. */
static bool is_known(const float *truth, size_t from, size_t to) {
    size_t n = 0;
    for (size_t i = from; i < to; i++) n += isnan(truth[i]) ? 0 : 1;
    return to > from && 2 * n >= to - from;
}

static size_t slot_of(const dcl_series *lead, int64_t time_us) {
    int64_t slot = (time_us - lead->start_us) / lead->period_us;
    return slot < 0 ? 0 : slot > (int64_t)lead->n ? lead->n : (size_t)slot;
}

/* Counts days that count, of all parts or (a) of one, before and from the split on; the moments of their days in at_us. */
static int count_days(const trial *t, size_t first, size_t last, int64_t from_us, int64_t to_us,
                      int64_t *at_us) {
    int n = 0;
    for (int64_t day = dcl_zone_day(t->context->zone, from_us);; day++) {
        int64_t begin = dcl_zone_day_start(t->context->zone, day),
                end = dcl_zone_day_start(t->context->zone, day + 1);
        if (begin >= to_us) return n;
        /* A day that the home has not whole is none, however well its piece is known. */
        if (begin < from_us || end > to_us) continue;
        bool known = false;
        for (size_t a = first; !known && a < last; a++)
            known = is_known(t->truth[a], slot_of(t->lead, begin), slot_of(t->lead, end));
        if (known && at_us) at_us[n] = begin;
        n += known;
    }
}

static dcl_status split_days(trial *t, dcl_plug_gains *out, dcl_error *error) {
    int64_t from = t->lead->start_us, to = dcl_series_end_us(t->lead);
    int64_t *at = dcl_arena_alloc(t->arena, (size_t)((to - from) / DCL_DAY_US + 3), sizeof *at);
    if (!at) return dcl_fail_memory(error, "days");
    int days = count_days(t, 0, t->home.n_truth, from, to, at), held = (days + 1) / 3;
    if (held < DCL_PLUG_DAYS_LEAST) held = DCL_PLUG_DAYS_LEAST;
    out->from_us = from;
    out->to_us = out->split_us = to;
    out->learned_days = days;
    if (days - held < DCL_PLUG_DAYS_LEAST) return DCL_OK;
    out->learned_days = days - held;
    out->held_days = held;
    out->split_us = t->split_us = at[days - held];
    t->split = slot_of(t->lead, t->split_us);
    for (size_t a = 0; a < t->home.n_truth; a++) {
        out->gain[a].learned_days = count_days(t, a, a + 1, from, t->split_us, NULL);
        out->gain[a].held_days = count_days(t, a, a + 1, t->split_us, to, NULL);
    }
    out->told = true;
    return DCL_OK;
}

/* ---------------------------------------------------------------- judging */

/* The estimate of the model on the held days, after half a day that only leads up to them. */
static dcl_status estimate(const trial *t, const dcl_power_model *model, dcl_power_estimate *out,
                           dcl_error *error) {
    dcl_home home;
    int64_t lead_up = DCL_DAY_US / 2;
    dcl_status status =
        copy_home(&t->home, t->split_us - lead_up, dcl_series_end_us(t->lead), t->arena, &home, error);
    home.n_truth = 0;
    return status ? status : dcl_power_estimate_home(t->context, model, &home, false, t->arena, out, error);
}

static double mean_of(const float *value, size_t n) {
    double sum = 0;
    size_t there = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) sum += (double)value[i], there++;
    return there ? sum / (double)there : 0;
}

static dcl_status score_one(const trial *t, size_t a, const dcl_power_estimate *got, const dcl_cycles *cycles,
                            float *work, dcl_plug_gain *out, dcl_error *error) {
    const float *truth = t->truth[a] + t->split;
    size_t n = t->lead->n - t->split, c = 0;
    while (c < got->n_channels && strcmp(got->channel[c].name, out->name) != 0) c++;
    out->is_told = c < got->n_channels && out->learned_days >= DCL_PLUG_DAYS_LEAST &&
                   out->held_days >= DCL_PLUG_DAYS_LEAST;
    if (!out->is_told) return DCL_OK;
    int64_t shift =
        (t->lead->start_us + (int64_t)t->split * t->lead->period_us - got->start_us) / t->lead->period_us;
    for (size_t i = 0; i < n; i++) {
        int64_t at = (int64_t)i + shift;
        int32_t level = at >= 0 && at < (int64_t)got->n ? got->channel[c].level[at] : DCL_MISSING_I32;
        work[i] = level == DCL_MISSING_I32 ? NAN : (float)level / 10;
    }
    dcl_status status = dcl_plug_score_of(truth, work, n, t->lead->period_us, &out->own, error);
    float mean = (float)mean_of(t->truth[a], t->split);
    for (size_t i = 0; i < n; i++) work[i] = mean;
    if (!status) status = dcl_plug_score_of(truth, work, n, t->lead->period_us, &out->mean, error);
    if (status) return status;
    out->is_named = dcl_plug_rules(cycles, t->lead, out->name, work);
    return out->is_named
               ? dcl_plug_score_of(truth, work + t->split, n, t->lead->period_us, &out->rules, error)
               : DCL_OK;
}

static dcl_status judge(const trial *t, const dcl_power_options *options, dcl_plug_gains *out,
                        dcl_error *error) {
    dcl_home first;
    dcl_cycles cycles;
    dcl_power_model *model = NULL;
    dcl_power_estimate got;
    float *work = dcl_arena_alloc(t->arena, t->lead->n, sizeof *work);
    dcl_status status = work ? DCL_OK : dcl_fail_memory(error, "the estimate of plugs");
    if (!status) status = copy_home(&t->home, t->lead->start_us, t->split_us, t->arena, &first, error);
    if (!status) status = dcl_power_learn(t->context, &first, 1, options, &model, error);
    if (status == DCL_E_NO_DATA) { /* nothing ran on the first days */
        out->told = false;
        return DCL_OK;
    }
    if (!status) status = dcl_plug_name_cycles(t->context, &t->home, t->arena, &cycles, error);
    if (!status) status = estimate(t, model, &got, error);
    for (size_t a = 0; !status && a < out->n; a++)
        status = score_one(t, a, &got, &cycles, work, &out->gain[a], error);
    dcl_power_close(&model);
    return status;
}

dcl_status dcl_plug_judge(const dcl_context *context, const dcl_home *home, const dcl_power_options *options,
                          dcl_arena *arena, dcl_plug_gains *out, dcl_error *error) {
    trial t = {.context = context, .home = *home, .lead = dcl_plug_lead(home), .arena = arena};
    *out = (dcl_plug_gains){.n = home->n_truth};
    if (!t.lead || !t.lead->n) return dcl_fail(error, DCL_E_NO_DATA, "the meter has no power");
    out->gain = dcl_arena_alloc(arena, home->n_truth, sizeof *out->gain);
    if (!out->gain) return dcl_fail_memory(error, "the gain of plugs");
    const dcl_plug_score none = {NAN, NAN, NAN};
    for (size_t a = 0; a < out->n; a++) {
        memcpy(out->gain[a].name, home->truth_name[a], DCL_POWER_NAME);
        out->gain[a].own = out->gain[a].rules = out->gain[a].mean = none;
    }
    dcl_status status = take_truth(&t, error);
    if (!status) status = split_days(&t, out, error);
    if (!status && out->told) status = judge(&t, options, out, error);
    bool any = false;
    for (size_t a = 0; a < out->n; a++) any = any || out->gain[a].is_told;
    out->told = out->told && any;
    return status;
}
