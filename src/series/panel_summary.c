/* Homes of a panel in numbers, from their 16-bit values: a home's row stays in the second cache while all are told of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "series/panel.h"

enum { SAMPLE = 64, AROUND = 5, HOMES = 16 };

const double dcl_summary_share[DCL_SUMMARY_QUANTILES] = {0.1, 0.5, 0.9, 0.99};
_Static_assert((int)DCL_SUMMARY_QUANTILES == (int)DCL_BELOW, "a pass of the kernel for all quantiles");

typedef struct summary {
    const dcl_kernels *kernels;
    const int16_t *raw;
    size_t n_homes, n_slots, width;
    double scale_w;
    const dcl_panel_summary *out;
} summary;

static int by_value(const void *a, const void *b) {
    return *(const int16_t *)a - *(const int16_t *)b;
}

/*
 * The values that stand at places rank [DCL_BELOW] of the row in order, missing ones first. Each lies in least … most, which is
 * halved by counting; the first two halvings are where a sample says that the value lies, which mostly leaves little.
 */
static void select_ranks(const summary *s, const int16_t *row, const dcl_tally *tally, const uint64_t *rank,
                         int *value) {
    int16_t sample[SAMPLE], threshold[DCL_BELOW];
    int low[DCL_BELOW], high[DCL_BELOW];
    uint64_t below[DCL_BELOW];
    for (size_t i = 0; i < SAMPLE; i++) sample[i] = row[i * s->n_slots / SAMPLE];
    qsort(sample, SAMPLE, sizeof *sample, by_value);
    for (size_t t = 0; t < DCL_BELOW; t++) {
        low[t] = tally->least;
        high[t] = tally->most;
    }
    for (int round = 0, open = 1; open; round++) {
        open = 0;
        for (size_t t = 0; t < DCL_BELOW; t++) {
            int middle = low[t] + (high[t] - low[t]) / 2;
            int at = (int)(rank[t] * SAMPLE / s->n_slots) + (round ? -AROUND : AROUND);
            if (round < 2 && at >= 0 && at < SAMPLE && sample[at] >= low[t] && sample[at] < high[t])
                middle = sample[at];
            value[t] = middle;
            threshold[t] = (int16_t)(middle < INT16_MAX ? middle + 1 : INT16_MAX);
        }
        s->kernels->below_i16(row, s->n_slots, threshold, below);
        for (size_t t = 0; t < DCL_BELOW; t++) {
            bool reached = below[t] > rank[t] || value[t] == INT16_MAX;
            if (reached)
                high[t] = value[t] < high[t] ? value[t] : high[t];
            else
                low[t] = value[t] + 1 < high[t] ? value[t] + 1 : high[t];
            open |= low[t] < high[t];
        }
    }
    memcpy(value, low, sizeof low);
}

static void tell_home(const summary *s, size_t home, int32_t *sum, uint32_t *count) {
    const int16_t *row = s->raw + home * s->n_slots;
    const dcl_panel_summary *out = s->out;
    dcl_tally tally = {INT16_MAX, INT16_MIN, 0};
    float *profile = out->profile_w + home * s->width, *quantile = out->quantile_w + home * DCL_BELOW;
    uint64_t rank[DCL_BELOW], missing;
    int64_t total = 0;
    int value[DCL_BELOW];
    memset(sum, 0, s->width * sizeof *sum);
    memset(count, 0, s->width * sizeof *count);
    s->kernels->tally_i16(row, s->n_slots, DCL_PANEL_MISSING, &tally);
    s->kernels->fold_i16(row, s->n_slots, s->width, DCL_PANEL_MISSING, sum, count);
    for (size_t i = 0; i < s->width; i++) {
        total += sum[i];
        profile[i] = count[i] ? (float)(sum[i] * s->scale_w / count[i]) : NAN;
    }
    out->present[home] = tally.present;
    out->mean_w[home] = out->max_w[home] = NAN;
    for (size_t t = 0; t < DCL_BELOW; t++) quantile[t] = NAN;
    if (!tally.present) return;
    missing = s->n_slots - tally.present;
    out->mean_w[home] = (float)((double)total * s->scale_w / (double)tally.present);
    out->max_w[home] = (float)(tally.most * s->scale_w);
    for (size_t t = 0; t < DCL_BELOW; t++)
        rank[t] = missing + (uint64_t)(dcl_summary_share[t] * (double)(tally.present - 1));
    select_ranks(s, row, &tally, rank, value);
    for (size_t t = 0; t < DCL_BELOW; t++) quantile[t] = (float)(value[t] * s->scale_w);
}

static dcl_status tell_some(void *arg, size_t shard) {
    const summary *s = arg;
    int32_t *sum = malloc(s->width * sizeof *sum);
    uint32_t *count = malloc(s->width * sizeof *count);
    dcl_status status = sum && count ? DCL_OK : DCL_E_MEMORY;
    for (size_t i = shard * HOMES; !status && i < (shard + 1) * HOMES && i < s->n_homes; i++)
        tell_home(s, i, sum, count);
    free(sum);
    free(count);
    return status;
}

dcl_status dcl_panel_summarise(const dcl_context *context, const int16_t *raw, size_t n_homes, size_t n_slots,
                               size_t width, double scale_w, const dcl_panel_summary *out, dcl_error *error) {
    if (!n_homes || !n_slots || !width || n_slots / width > UINT16_MAX || n_slots > UINT32_MAX ||
        !(scale_w > 0))
        return dcl_fail(error, DCL_E_ARG, "a summary needs homes and slots, and at most 65,535 rows of %zu",
                        width);
    dcl_kernels plain;
    summary s = {dcl_panel_kernels(context, &plain), raw, n_homes, n_slots, width, scale_w, out};
    dcl_status status = dcl_parallel_for(context, (n_homes + HOMES - 1) / HOMES, tell_some, &s);
    return status == DCL_E_MEMORY ? dcl_fail_memory(error, "a summary of homes") : status;
}
