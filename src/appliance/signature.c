/* The tables of signatures, quantiles by counting, and the signature of a step. */
#include "appliance/signature.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/order.h"

float dcl_spread_quantile(const dcl_spread *spread, double q) {
    if (!spread->n) return 0;
    double rank = q * (double)(spread->n - 1), seen = 0;
    for (size_t bin = 0; bin < DCL_SPREAD_BINS; bin++) {
        seen += spread->count[bin];
        if (seen > rank) return dcl_spread_power(bin);
    }
    return dcl_spread_power(DCL_SPREAD_BINS - 1);
}

float dcl_median(float *v, size_t n) {
    if (!n) return 0;
    dcl_sort_f32(v, n);
    return n % 2 ? v[n / 2] : 0.5f * (v[n / 2 - 1] + v[n / 2]);
}

/* ---------------------------------------------------------------- names */

static const char *const step_names[] = {
#define DCL_X(id, name, needs) name,
    DCL_STEP_TABLE(DCL_X)
#undef DCL_X
};
static const uint32_t step_needs[] = {
#define DCL_X(id, name, needs) needs,
    DCL_STEP_TABLE(DCL_X)
#undef DCL_X
};
static const char *const run_names[] = {
#define DCL_X(id, name, needs) name,
    DCL_RUN_TABLE(DCL_X)
#undef DCL_X
};
static const uint32_t run_needs[] = {
#define DCL_X(id, name, needs) needs,
    DCL_RUN_TABLE(DCL_X)
#undef DCL_X
};

/* The parts of a day's signature, from the last to the first. */
static const struct {
    size_t first;
    const char *name;
    uint32_t needs;
} day_parts[] = {
    {DCL_DAY_HOURS, "hours", DCL_NEEDS_HOUR},      {DCL_DAY_RUNS, "runs", DCL_NEEDS_NOTHING},
    {DCL_DAY_SHAPE, "shape", DCL_NEEDS_NOTHING},   {DCL_DAY_CHANGE, "change", DCL_NEEDS_FAST},
    {DCL_DAY_ENERGY, "energy", DCL_NEEDS_NOTHING}, {DCL_DAY_TIME, "time", DCL_NEEDS_NOTHING},
    {DCL_DAY_LEVELS, "level", DCL_NEEDS_NOTHING},
};

size_t dcl_signature_count(dcl_signature_kind kind) {
    static const size_t counts[] = {DCL_STEP_COUNT, DCL_RUN_COUNT, DCL_DAY_COUNT};
    return (unsigned)kind < 3 ? counts[kind] : 0;
}

static size_t day_part(size_t i) {
    size_t part = 0;
    while (day_parts[part].first > i) part++;
    return part;
}

bool dcl_signature_name(dcl_signature_kind kind, size_t i, char text[32]) {
    text[0] = '\0';
    if (i >= dcl_signature_count(kind)) return false;
    if (kind == DCL_SIGNATURE_DAY) {
        size_t part = day_part(i), at = i - day_parts[part].first;
        if (day_parts[part].first == DCL_DAY_RUNS)
            snprintf(text, 32, "run_%s", run_names[at]);
        else
            snprintf(text, 32, "%s_%zu", day_parts[part].name, at);
    } else {
        snprintf(text, 32, "%s", kind == DCL_SIGNATURE_RUN ? run_names[i] : step_names[i]);
    }
    return true;
}

uint32_t dcl_signature_needs(dcl_signature_kind kind, size_t i) {
    if (i >= dcl_signature_count(kind)) return 0;
    if (kind == DCL_SIGNATURE_STEP) return step_needs[i];
    if (kind == DCL_SIGNATURE_RUN) return run_needs[i];
    size_t part = day_part(i);
    return day_parts[part].first == DCL_DAY_RUNS ? run_needs[i - DCL_DAY_RUNS] : day_parts[part].needs;
}

/* ---------------------------------------------------------------- steps */

void dcl_signature_step(const dcl_edge *edge, float *out) {
    float size = dcl_edge_size(edge), sign = size < 0 ? -1.0f : 1.0f;
    out[DCL_STEP_SIZE_W] = fabsf(edge->delta_w);
    out[DCL_STEP_SIZE_VA] = fabsf(edge->delta_va);
    out[DCL_STEP_SIZE_VAR] = sign * edge->delta_var;
    out[DCL_STEP_POWER_FACTOR] = edge->power_factor;
    out[DCL_STEP_VA_PER_W] = fminf(fmaxf(edge->delta_va / edge->delta_w, 0.2f), 5.0f);
    if (isnan(edge->delta_va) || isnan(edge->delta_w)) out[DCL_STEP_VA_PER_W] = NAN;
    out[DCL_STEP_OVERSHOOT] = edge->peak / fabsf(size);
    out[DCL_STEP_SETTLE_S] = edge->settle_s;
}
