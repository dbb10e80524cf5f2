/* From the steps of a home to its cycles: gaps bridged or cutting, the whole paired several times over. */
#include <math.h>

#include "event/pairing.h"

/* How often the whole is paired: first with nothing known, then with what was learnt the time before. */
enum { LOOKS = 4 };
/* Samples on each side of a gap whose mean is the level there. */
enum { GAP_SAMPLES = 5 };

dcl_cycle_options dcl_cycle_defaults(void) {
    return (dcl_cycle_options){.edge = dcl_edge_defaults(),
                               .mismatch_share = 0.25,
                               .mismatch_w = 15,
                               .max_hours = 24,
                               .bridge_s = 60,
                               .coarse_period_s = 300,
                               .coarse_rise_w = 250};
}

/* ---------------------------------------------------------------- gaps */

/* The mean of up to GAP_SAMPLES samples from i on, backwards or forwards, while they are present. */
static double level_at(const dcl_series *series, size_t i, bool backwards) {
    double sum = 0;
    int n = 0;
    for (; n < GAP_SAMPLES && i < series->n && !dcl_is_missing(series->value[i]); n++) {
        sum += series->value[i];
        if (backwards && i == 0) return sum / (n + 1);
        i = backwards ? i - 1 : i + 1;
    }
    return n ? sum / n : NAN;
}

/* A gap [from, to): bridged where it is short, with the step it hides, else everything is cut there. */
static dcl_status take_gap(const dcl_pairer *pairer, const dcl_cycle_options *options,
                           const dcl_signal *signal, size_t from, size_t to) {
    const dcl_series *lead = signal->lead;
    int64_t start_us = lead->start_us + (int64_t)from * lead->period_us;
    double before = from ? level_at(lead, from - 1, true) : NAN, after = level_at(lead, to, false);
    double length_s = (double)((int64_t)(to - from) * lead->period_us) / 1e6;
    if (length_s > options->bridge_s || isnan(before) || isnan(after))
        return isnan(before) ? DCL_OK : pairer->cut(pairer->arg, start_us, before);
    double step = after - before;
    if (fabs(step) < options->edge.min_step_w) return DCL_OK;
    dcl_edge edge = {.time_us = start_us,
                     .delta_w = (float)step,
                     .delta_va = NAN,
                     .delta_var = NAN,
                     .power_factor = NAN,
                     .before = (float)before,
                     .after = (float)after,
                     .settle_s = (float)length_s,
                     .flags = DCL_EDGE_BRIDGED};
    if (signal->apparent_leads) {
        edge.delta_va = edge.delta_w;
        edge.delta_w = NAN;
        edge.flags |= DCL_EDGE_APPARENT;
    }
    return pairer->take(pairer->arg, &edge);
}

static size_t next_gap(const dcl_series *series, size_t i) {
    while (i < series->n && !dcl_is_missing(series->value[i])) i++;
    return i;
}

dcl_status dcl_pair_signal(const dcl_pairer *pairer, const dcl_cycle_options *options,
                           const dcl_signal *signal, const dcl_edges *edges) {
    const dcl_series *lead = signal->lead;
    dcl_status status = DCL_OK;
    size_t k = 0, gap = next_gap(lead, 0);
    for (;;) {
        int64_t gap_us = lead->start_us + (int64_t)gap * lead->period_us;
        for (; k < edges->n && edges->edge[k].time_us < gap_us && status == DCL_OK; k++)
            status = pairer->take(pairer->arg, &edges->edge[k]);
        if (status != DCL_OK || gap >= lead->n) break;
        size_t end = gap;
        while (end < lead->n && dcl_is_missing(lead->value[end])) end++;
        status = take_gap(pairer, options, signal, gap, end);
        gap = next_gap(lead, end);
    }
    if (status != DCL_OK) return status;
    double last = lead->n ? level_at(lead, lead->n - 1, true) : NAN;
    return pairer->cut(pairer->arg, dcl_series_end_us(lead), isnan(last) ? 0 : last);
}

static dcl_status take(void *arg, const dcl_edge *edge) {
    return dcl_pairing_take(arg, edge);
}

static dcl_status cut(void *arg, int64_t time_us, double level) {
    return dcl_pairing_cut(arg, time_us, level);
}

dcl_status dcl_cycles_pair(const dcl_signal *signal, const dcl_cycle_options *options, const dcl_edges *edges,
                           dcl_cycle_list *out) {
    dcl_known known = {0};
    dcl_status status = DCL_OK;
    for (int look = 0; look < LOOKS && status == DCL_OK; look++) {
        out->n = out->n_leftover = 0;
        dcl_pairing *p = dcl_pairing_open(options, look ? &known : NULL, out);
        if (!p) return DCL_E_MEMORY;
        status = dcl_pair_signal(&(dcl_pairer){take, cut, p}, options, signal, edges);
        known = dcl_pairing_close(p);
    }
    return status;
}
