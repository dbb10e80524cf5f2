/* Names for cycles: machines by their programmes first, then elements that come again. */
#include "appliance/name.h"
#include "appliance/thermostat.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>

/* Of slower data no name was right often enough. */
enum { SLOWEST_US = DCL_THERMOSTAT_SLOWEST_US };
static const double THERMOSTAT_SURE = 0.8;

dcl_name_options dcl_name_defaults(void) {
    return (dcl_name_options){.least = 0.6};
}

void dcl_name_give(dcl_cycle *cycle, dcl_appliance appliance, double sure, dcl_names *count) {
    cycle->appliance = appliance;
    cycle->confidence = fminf(cycle->confidence, (float)sure);
    count->named++;
}

static int by_start(const void *a, const void *b) {
    const dcl_named_programme *x = a, *y = b;
    int64_t s = x->programme.start_us, t = y->programme.start_us;
    return (s > t) - (s < t);
}

/* The pulses of heaters held by thermostat come first: what they are cannot be another machine's. */
static dcl_status name_thermostats(const dcl_context *context, dcl_cycles *cycles,
                                   const dcl_name_options *options, dcl_arena *arena, dcl_names *out,
                                   dcl_error *error) {
    unsigned char *kind = dcl_arena_alloc(arena, cycles->n, 1);
    if (!kind || dcl_thermostats_find(context, cycles, arena, kind))
        return dcl_fail_memory(error, "thermostats");
    for (size_t i = 0; i < cycles->n; i++)
        if (kind[i] && !cycles->cycle[i].appliance && THERMOSTAT_SURE >= options->least)
            dcl_name_give(&cycles->cycle[i], (dcl_appliance)kind[i], THERMOSTAT_SURE, out);
    return DCL_OK;
}

/* Keeps the programmes that are a machine's, and names their cycles. member [cycles->n] becomes their numbers. */
static dcl_status name_programmes(dcl_cycles *cycles, const dcl_name_options *options, dcl_arena *arena,
                                  uint32_t *member, dcl_names *out, dcl_error *error) {
    const dcl_programme_options how = dcl_programme_defaults();
    dcl_programme *found;
    size_t n;
    dcl_status status = dcl_programmes_find(cycles, &how, arena, &found, &n, member, error);
    if (status) return status;
    dcl_named_programme *named = dcl_arena_alloc(arena, n, sizeof *named);
    uint32_t *now = dcl_arena_alloc(arena, cycles->n, sizeof *now);
    if (!named || !now) return dcl_fail_memory(error, "programmes");
    for (size_t p = 0; p < n; p++) {
        double sure;
        dcl_appliance kind = dcl_name_of_programme(cycles, member, (uint32_t)p + 1, &found[p], &sure);
        if (kind && sure >= options->least)
            named[out->n_programmes++] = (dcl_named_programme){found[p], kind, sure};
    }
    if (out->n_programmes) qsort(named, out->n_programmes, sizeof *named, by_start);
    /* A programme is known by its phases: they are its alone. */
    for (size_t p = 0; p < out->n_programmes; p++) {
        uint32_t id = 0;
        for (size_t k = 0; k < n && !id; k++)
            if (found[k].phase == named[p].programme.phase) id = (uint32_t)k + 1;
        for (size_t i = 0; i < cycles->n; i++) {
            if (member[i] != id) continue;
            now[i] = (uint32_t)p + 1;
            if (!cycles->cycle[i].appliance)
                dcl_name_give(&cycles->cycle[i], named[p].appliance, named[p].confidence, out);
        }
    }
    for (size_t i = 0; i < cycles->n; i++) member[i] = now[i];
    out->programme = named;
    return DCL_OK;
}

dcl_status dcl_cycles_name(const dcl_context *context, const dcl_home *home, dcl_cycles *cycles,
                           const dcl_identifier *identifier, const dcl_name_options *options,
                           dcl_arena *arena, dcl_names *out, dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    *out = (dcl_names){0};
    if (!(options->least >= 0 && options->least <= 1))
        return dcl_fail(error, DCL_E_ARG, "the least confidence is 0 to 1");
    uint32_t *member = dcl_arena_alloc(arena, cycles->n, sizeof *member);
    if (!member) return dcl_fail_memory(error, "names");
    out->member = member;
    if (!power || cycles->coarse || power->period_us > SLOWEST_US) return DCL_OK;
    dcl_status status = name_thermostats(context, cycles, options, arena, out, error);
    if (!status) status = name_programmes(cycles, options, arena, member, out, error);
    out->looked = cycles->n;
    if (status) return status;
    dcl_name_view view;
    status = dcl_name_look(home, cycles, arena, &view, error);
    for (size_t i = 0; !status && i < cycles->n; i++) out->alone += dcl_name_alone(&view, i);
    if (!status && identifier)
        status = dcl_name_elements(context, &view, cycles, identifier, options, member, arena, out, error);
    return status;
}
