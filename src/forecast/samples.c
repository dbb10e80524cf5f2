/* Rows to learn from. Issues are walked twice: once to count what could be learned, once to take the share that is asked for. */
#include "forecast/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/parallel.h"
#include "base/rng.h"

void dcl_fc_rows_free(dcl_fc_rows *rows) {
    free(rows->x);
    free(rows->anchor);
    free(rows->level);
    free(rows->y);
    free(rows->weight);
    free(rows->held);
    *rows = (dcl_fc_rows){0};
}

static dcl_status make_room(dcl_fc_rows *rows, size_t need) {
    if (need <= rows->room) return DCL_OK;
    size_t room = 2 * rows->room > need ? 2 * rows->room : need;
    float **const list[] = {&rows->anchor, &rows->level, &rows->y, &rows->weight};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        float *more = realloc(*list[i], room * sizeof *more);
        if (!more) return DCL_E_MEMORY;
        *list[i] = more;
    }
    uint8_t *held = realloc(rows->held, room);
    if (held) rows->held = held;
    float *x = realloc(rows->x, room * rows->k * sizeof *x);
    if (x) rows->x = x;
    if (!held || !x) return DCL_E_MEMORY;
    rows->room = room;
    return DCL_OK;
}

/* ---------------------------------------------------------------- issues of a home */

/* Civil times at which issues are learned from: more than are served, for a denser sample of the same past. */
static bool is_issue(const dcl_fc_grid *grid, dcl_horizon horizon, size_t slot) {
    if (!dcl_fc_is_daily(horizon)) return true;
    return dcl_fc_minute_of(grid, slot) % (horizon == DCL_HORIZON_DAY ? 180 : 60) == 0;
}

typedef struct walk {
    const dcl_context *context;
    const dcl_fc_grid *grid;
    const dcl_forecast_learn_options *options;
    const char *id;
    uint64_t stream;
    size_t known, first, last; /* issues in [first, last) */
    int level_days;
} walk;

static walk walk_of(const dcl_context *context, const dcl_fc_grid *grid, size_t known, const char *id,
                    uint64_t stream, const dcl_forecast_learn_options *options) {
    double history, targets;
    dcl_fc_needs(options->horizon, &history, &targets);
    walk w = {context, grid, options, id, stream, known < grid->n ? known : grid->n, 0, 0, 0};
    while (w.first < w.known && isnan(grid->value[w.first])) w.first++;
    w.first += (size_t)(history * (double)grid->per_day);
    size_t from = dcl_fc_slot_at(grid, options->from_us), to = dcl_fc_slot_at(grid, options->to_us);
    if (w.first < from) w.first = from;
    w.last = w.known < to ? w.known : to;
    return w;
}

/* Whether a target may be learned: it lies within what is known and asked for, and was measured. */
static bool can_learn(const walk *w, const dcl_fc_target *target, float *actual) {
    if (target->to > w->last) return false;
    *actual = dcl_fc_actual(w->grid, target);
    return !isnan(*actual);
}

static size_t count_targets(const walk *w) {
    dcl_fc_target target[DCL_FORECAST_STEPS];
    size_t all = 0;
    for (size_t at = w->first; at < w->last; at++) {
        if (!is_issue(w->grid, w->options->horizon, at)) continue;
        size_t n = dcl_fc_targets(w->grid, w->options->horizon, at, target);
        float actual;
        for (size_t i = 0; i < n; i++) all += can_learn(w, &target[i], &actual);
    }
    return all;
}

/* ---------------------------------------------------------------- rows of an issue */

static float weight_of(const walk *w, const dcl_fc_target *target) {
    const dcl_forecast_learn_options *o = w->options;
    int64_t from = dcl_fc_slot_us(w->grid, target->from), to = dcl_fc_slot_us(w->grid, target->to);
    double weight = 1;
    if (o->half_life_days > 0) {
        double age = (double)(dcl_fc_slot_us(w->grid, w->last) - from) / (double)DCL_DAY_US;
        weight = dcl_exp(-0.6931471805599453 * age / o->half_life_days);
    }
    for (size_t s = 0; s < o->n_stress; s++)
        if ((!o->stress[s].id || strcmp(o->stress[s].id, w->id) == 0) && from < o->stress[s].to_us &&
            to > o->stress[s].from_us)
            weight *= (double)o->stress[s].weight;
    return (float)weight;
}

static dcl_status take_issue(const walk *w, size_t at, const dcl_fc_open *open, double share,
                             dcl_fc_rows *out) {
    dcl_fc_target target[DCL_FORECAST_STEPS];
    dcl_fc_issue issue;
    bool looked = false;
    size_t n = dcl_fc_targets(w->grid, w->options->horizon, at, target);
    for (size_t i = 0; i < n; i++) {
        float actual;
        uint64_t draw = (uint64_t)at * DCL_FORECAST_STEPS + i;
        if (!can_learn(w, &target[i], &actual) ||
            dcl_random_uniform(w->context->seed, w->stream, draw) >= share)
            continue;
        if (!looked) dcl_fc_issue_at(w->grid, w->options->horizon, w->level_days, at, open, &issue);
        looked = true;
        if (isnan(issue.level)) return DCL_OK;
        if (make_room(out, out->n + 1)) return DCL_E_MEMORY;
        size_t r = out->n++;
        dcl_fc_fill(&issue, w->options->horizon, &target[i], out->x + r * out->k, &out->anchor[r]);
        out->level[r] = (float)issue.level;
        out->y[r] = actual / out->level[r] - out->anchor[r];
        out->weight[r] = weight_of(w, &target[i]);
        uint64_t week = (uint64_t)(dcl_fc_slot_us(w->grid, at) / (7 * DCL_DAY_US) + 100000);
        out->held[r] = (week + w->stream) % 6 == 5;
        int64_t from = dcl_fc_slot_us(w->grid, target[i].from), to = dcl_fc_slot_us(w->grid, target[i].to);
        if (out->n == 1 || from < out->from_us) out->from_us = from;
        if (out->n == 1 || to > out->to_us) out->to_us = to;
    }
    return DCL_OK;
}

/* Within a home an error in W counts alike at every level: rows are measured by the level, so they weigh by it. */
static void weigh_by_level(dcl_fc_rows *rows) {
    double sum = 0;
    for (size_t i = 0; i < rows->n; i++) sum += (double)rows->level[i];
    for (size_t i = 0; i < rows->n; i++)
        rows->weight[i] *= (float)((double)rows->level[i] * (double)rows->n / sum);
}

static dcl_status take_rows(const walk *w, double share, dcl_fc_rows *out) {
    bool is_fine = dcl_fc_is_fine(w->options->horizon);
    dcl_fc_open open;
    dcl_fc_open_begin(&open);
    for (size_t i = 0; is_fine && i < w->first && i < w->known; i++)
        dcl_fc_open_next(&open, i, w->grid->value[i]);
    dcl_status status = DCL_OK;
    for (size_t at = w->first; !status && at < w->last; at++) {
        if (dcl_cancelled(w->context)) return DCL_E_CANCELLED;
        if (is_issue(w->grid, w->options->horizon, at))
            status = take_issue(w, at, is_fine ? &open : NULL, share, out);
        if (is_fine) dcl_fc_open_next(&open, at, w->grid->value[at]);
    }
    weigh_by_level(out);
    return status;
}

/* Of less than a year nothing can be learned about times of the year that were not seen: trees would take November for February. */
static void hide_seasons(dcl_horizon horizon, dcl_fc_rows *rows) {
    size_t k;
    const dcl_fc_feature *list = dcl_fc_features(horizon, &k);
    if (rows->to_us - rows->from_us >= 330 * DCL_DAY_US) return;
    for (size_t f = 0; f < k; f++)
        for (size_t i = 0; dcl_fc_is_season(&list[f]) && i < rows->n; i++) rows->x[i * k + f] = NAN;
}

/* ---------------------------------------------------------------- all homes */

/* What lacks, in days: said of the home that has the most. */
static dcl_status fail_short(const dcl_forecast_learn_options *options, const dcl_fc_grid *longest,
                             dcl_error *error) {
    double history, targets, days = 0, there = 0;
    dcl_fc_needs(options->horizon, &history, &targets);
    if (longest) {
        days = (double)longest->n / (double)longest->per_day;
        there = (double)longest->count[longest->n] / (double)longest->per_day;
    }
    return dcl_fail(
        error, DCL_E_NO_DATA,
        "too short a history for %s: %.1f days with %.1f days of values; %.4g days are needed, and "
        "%.4g more for every forecast to look back on",
        dcl_horizon_title(options->horizon), days, there, targets, history);
}

dcl_status dcl_fc_gather_grid(const dcl_context *context, const dcl_fc_grid *grid, size_t known,
                              const char *id, const dcl_forecast_learn_options *options, dcl_fc_rows *out,
                              dcl_error *error) {
    double history, targets;
    *out = (dcl_fc_rows){0};
    dcl_fc_features(options->horizon, &out->k);
    dcl_fc_needs(options->horizon, &history, &targets);
    walk w = walk_of(context, grid, known, id, 0, options);
    w.level_days = dcl_fc_level_days(options->horizon, 1);
    size_t all = count_targets(&w);
    if ((double)(w.last > w.first ? w.last - w.first : 0) < targets * (double)grid->per_day || all < 200)
        return fail_short(options, grid, error);
    dcl_status status = take_rows(&w, (double)options->rows / (double)all, out);
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the rows to learn from");
    if (!status && out->n < 100) status = fail_short(options, grid, error);
    if (!status) hide_seasons(options->horizon, out);
    if (status) dcl_fc_rows_free(out);
    return status;
}

typedef struct gathering {
    const dcl_context *context;
    const dcl_forecast_home *homes;
    const dcl_forecast_learn_options *options;
    int64_t period_us;
    double share;
    size_t *count;     /* of the first pass */
    dcl_fc_rows *rows; /* of the second one */
    dcl_error *errors;
} gathering;

/* A home that holds nothing is passed over: others may teach. */
static dcl_status one_home(void *arg, size_t h) {
    gathering *g = arg;
    dcl_arena arena = {0};
    dcl_fc_grid grid;
    dcl_status status = dcl_fc_grid_make(g->context, &g->homes[h], g->period_us, g->options->off_peak,
                                         g->options->colours, &arena, &grid, &g->errors[h]);
    if (!status) {
        walk w = walk_of(g->context, &grid, grid.n, g->homes[h].id, h, g->options);
        w.level_days = dcl_fc_level_days(g->options->horizon, 2);
        if (g->rows)
            status = take_rows(&w, g->share, &g->rows[h]);
        else
            g->count[h] = count_targets(&w);
    }
    dcl_arena_free(&arena);
    return status == DCL_E_NO_DATA ? DCL_OK : status;
}

/* The rows of all homes, one behind the other. */
static dcl_status join(dcl_fc_rows *parts, size_t n, dcl_fc_rows *out) {
    size_t all = 0;
    for (size_t h = 0; h < n; h++) all += parts[h].n;
    if (make_room(out, all + 1)) return DCL_E_MEMORY;
    for (size_t h = 0; h < n; h++) {
        dcl_fc_rows *part = &parts[h];
        if (!part->n) continue;
        memcpy(out->x + out->n * out->k, part->x, part->n * out->k * sizeof *out->x);
        memcpy(out->anchor + out->n, part->anchor, part->n * sizeof(float));
        memcpy(out->level + out->n, part->level, part->n * sizeof(float));
        memcpy(out->y + out->n, part->y, part->n * sizeof(float));
        memcpy(out->weight + out->n, part->weight, part->n * sizeof(float));
        memcpy(out->held + out->n, part->held, part->n);
        if (!out->n || part->from_us < out->from_us) out->from_us = part->from_us;
        if (!out->n || part->to_us > out->to_us) out->to_us = part->to_us;
        out->n += part->n;
        dcl_fc_rows_free(part);
    }
    return DCL_OK;
}

static dcl_status gather_many(gathering *g, size_t n, dcl_fc_rows *out, dcl_error *error) {
    dcl_status status = dcl_parallel_for(g->context, n, one_home, g);
    size_t all = 0;
    for (size_t h = 0; h < n; h++) all += g->count[h];
    g->share = all ? (double)g->options->rows / (double)all : 0;
    g->rows = calloc(n, sizeof *g->rows);
    if (!g->rows) return dcl_fail_memory(error, "the rows to learn from");
    for (size_t h = 0; h < n; h++) g->rows[h].k = out->k;
    if (!status) status = dcl_parallel_for(g->context, n, one_home, g);
    if (!status) status = join(g->rows, n, out);
    for (size_t h = 0; h < n; h++) dcl_fc_rows_free(&g->rows[h]);
    free(g->rows);
    for (size_t h = 0; status && h < n; h++)
        if (g->errors[h].code == status && error) *error = g->errors[h];
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the rows to learn from");
    if (!status && out->n < 100) status = fail_short(g->options, NULL, error);
    if (!status) hide_seasons(g->options->horizon, out);
    return status;
}

dcl_status dcl_fc_gather(const dcl_context *context, const dcl_forecast_home *homes, size_t n,
                         int64_t period_us, const dcl_forecast_learn_options *options, dcl_fc_rows *out,
                         dcl_error *error) {
    *out = (dcl_fc_rows){0};
    dcl_fc_features(options->horizon, &out->k);
    if (n == 1) {
        dcl_arena arena = {0};
        dcl_fc_grid grid;
        dcl_status status = dcl_fc_grid_make(context, homes, period_us, options->off_peak, options->colours,
                                             &arena, &grid, error);
        if (!status) status = dcl_fc_gather_grid(context, &grid, grid.n, homes->id, options, out, error);
        dcl_arena_free(&arena);
        return status;
    }
    gathering g = {.context = context, .homes = homes, .options = options, .period_us = period_us};
    g.count = calloc(n, sizeof *g.count);
    g.errors = calloc(n, sizeof *g.errors);
    dcl_status status = g.count && g.errors ? gather_many(&g, n, out, error)
                                            : dcl_fail_memory(error, "the rows to learn from");
    free(g.count);
    free(g.errors);
    if (status) dcl_fc_rows_free(out);
    return status;
}
