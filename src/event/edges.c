/* The steps of a whole home: the detector run over its series. */
#include <declic/event.h>
#include <declic/kernel.h>

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "event/event.h"

/* Samples between two looks at the caller's wish to stop, and two reports of progress; and samples that are
   quantised at a time, so that they stay in the nearest cache. */
enum { STRIDE = 1 << 20, BLOCK = 1 << 10 };

size_t dcl_edges_bound(size_t n) {
    /* A step needs two samples of its own that agree, and two before it. */
    return n / 2 + 1;
}

static bool same_grid(const dcl_series *a, const dcl_series *b) {
    return a->start_us == b->start_us && a->period_us == b->period_us;
}

static dcl_estimate estimate_of(const dcl_home *home) {
    dcl_estimate out = {dcl_home_series(home, DCL_POWER_W), dcl_home_series(home, DCL_POWER_LOW_W),
                        dcl_home_series(home, DCL_POWER_HIGH_W)};
    bool whole = out.power && out.low && out.high && out.power->period_us >= 1 &&
                 same_grid(out.power, out.low) && same_grid(out.power, out.high) &&
                 out.power->n == out.low->n && out.power->n == out.high->n;
    return whole ? out : (dcl_estimate){0};
}

dcl_status dcl_signal_of(const dcl_home *home, dcl_signal *out, dcl_error *error) {
    const int64_t most_us = INT64_C(1) << 61; /* sums and differences of moments stay within 64 bits */
    *out = (dcl_signal){.lead = dcl_home_series(home, DCL_POWER_W)};
    const dcl_series *apparent = dcl_home_series(home, DCL_APPARENT_VA);
    const dcl_series *reactive = dcl_home_series(home, DCL_REACTIVE_VAR);
    dcl_estimate estimate = estimate_of(home);
    if (estimate.power && apparent && apparent->period_us <= estimate.power->period_us) {
        out->estimate = estimate;
        out->lead = NULL;
    }
    if (!out->lead) out->lead = apparent, out->apparent_leads = true;
    const dcl_series *lead = out->lead;
    if (!lead) return dcl_fail(error, DCL_E_NO_DATA, "the home has neither power_w nor apparent_va");
    if (lead->period_us < 1 || lead->start_us < -most_us || lead->start_us > most_us ||
        lead->n > (uint64_t)(most_us / lead->period_us))
        return dcl_fail(error, DCL_E_ARG, "the period or the span of the series is out of range");
    if (out->apparent_leads) return DCL_OK;
    if (apparent && same_grid(apparent, lead)) out->apparent = apparent;
    if (reactive && same_grid(reactive, lead)) out->reactive = reactive;
    return DCL_OK;
}

typedef struct edge_list {
    dcl_edge *edge;
    dcl_pulsing *pulsing;
    size_t n, room, n_pulsing, pulsing_room;
} edge_list;

static dcl_status keep(edge_list *list, const dcl_edge *edge, size_t n) {
    if (!n) return DCL_OK;
    dcl_status status = dcl_grow(&list->edge, &list->room, list->n + n, sizeof *edge);
    if (status != DCL_OK) return status;
    memcpy(list->edge + list->n, edge, n * sizeof *edge);
    list->n += n;
    return DCL_OK;
}

static dcl_status keep_pulsing(edge_list *list, dcl_edge_state *state) {
    dcl_pulsing found;
    if (!dcl_edge_pulsed(state, &found)) return DCL_OK;
    dcl_status status =
        dcl_grow(&list->pulsing, &list->pulsing_room, list->n_pulsing + 1, sizeof *list->pulsing);
    if (status == DCL_OK) list->pulsing[list->n_pulsing++] = found;
    return status;
}

/* Samples of the three channels in the detector's unit. */
typedef struct block {
    int32_t lead[BLOCK], apparent[BLOCK], reactive[BLOCK];
} block;

/* Samples [from, from + n) of a series; missing where there is no series, and past its end. */
static void fill(const dcl_kernels *kernels, const dcl_series *series, size_t from, size_t n, int32_t *out) {
    size_t have = series && series->n > from ? series->n - from : 0, m = have < n ? have : n;
    if (m) kernels->quantize_i32_f32(series->value + from, m, DCL_EDGE_SCALE, out);
    for (size_t i = m; i < n; i++) out[i] = DCL_MISSING_I32;
}

static dcl_status run_block(const block *b, size_t n, dcl_edge_state *state, edge_list *list) {
    dcl_edge found[DCL_EDGE_BURST];
    for (size_t i = 0; i < n; i++) {
        i += dcl_edge_follow(state, b->lead + i, b->apparent + i, b->reactive + i, n - i);
        if (i == n) break;
        dcl_edge_sample sample = {b->lead[i], b->apparent[i], b->reactive[i]};
        dcl_status status = keep(list, found, dcl_edge_push(state, sample, found));
        if (status == DCL_OK) status = keep_pulsing(list, state);
        if (status != DCL_OK) return status;
    }
    return DCL_OK;
}

static dcl_status run_detector(const dcl_context *context, const dcl_signal *signal, dcl_edge_state *state,
                               edge_list *list, int64_t *present) {
    dcl_edge found[DCL_EDGE_BURST];
    block b;
    for (size_t i = 0, n; i < signal->lead->n; i += n) {
        if (i % STRIDE == 0) {
            if (dcl_cancelled(context)) return DCL_E_CANCELLED;
            if (context->progress)
                context->progress(context->progress_arg, "steps", "samples", i, signal->lead->n);
        }
        n = signal->lead->n - i < BLOCK ? signal->lead->n - i : BLOCK;
        fill(context->kernels, signal->lead, i, n, b.lead);
        fill(context->kernels, signal->apparent, i, n, b.apparent);
        fill(context->kernels, signal->reactive, i, n, b.reactive);
        for (size_t k = 0; k < n; k++) *present += !dcl_is_missing(signal->lead->value[i + k]);
        dcl_status status = run_block(&b, n, state, list);
        if (status != DCL_OK) return status;
    }
    dcl_status status = keep(list, found, dcl_edge_end(state, found));
    return status == DCL_OK ? keep_pulsing(list, state) : status;
}

dcl_status dcl_edges_find(const dcl_context *context, const dcl_home *home, const dcl_edge_options *options,
                          dcl_arena *arena, dcl_edges *out, dcl_error *error) {
    *out = (dcl_edges){0};
    edge_list list = {0};
    dcl_edge_state state;
    dcl_signal signal;
    dcl_status status = dcl_signal_of(home, &signal, error);
    if (status != DCL_OK) return status;
    out->apparent = signal.apparent_leads;
    out->period_us = signal.lead->period_us;
    out->samples = (int64_t)signal.lead->n;
    status =
        dcl_edge_begin(&state, options, signal.lead->start_us, signal.lead->period_us, signal.apparent_leads);
    if (status != DCL_OK) {
        dcl_fail(error, status, "an option of step detection is outside its range");
        goto done;
    }
    status = run_detector(context, &signal, &state, &list, &out->present);
    if (status == DCL_E_MEMORY)
        dcl_fail_memory(error, "steps");
    else if (status == DCL_E_CANCELLED)
        dcl_fail(error, status, "interrupted while looking for steps");
    if (status != DCL_OK) goto done;
    out->edge = dcl_arena_alloc(arena, list.n, sizeof *list.edge);
    out->pulsing = dcl_arena_alloc(arena, list.n_pulsing, sizeof *list.pulsing);
    if (!out->edge || !out->pulsing) {
        status = dcl_fail_memory(error, "steps");
        goto done;
    }
    if (list.n) memcpy(out->edge, list.edge, list.n * sizeof *list.edge);
    out->n = list.n;
    if (list.n_pulsing) memcpy(out->pulsing, list.pulsing, list.n_pulsing * sizeof *list.pulsing);
    out->n_pulsing = list.n_pulsing;
    dcl_edges_estimate(&signal.estimate, out);
done:
    free(list.edge);
    free(list.pulsing);
    return status;
}
