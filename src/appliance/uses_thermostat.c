#include "appliance/thermostat.h"
#include "appliance/uses.h"

#include <math.h>

/* Rooms that a thermostat heats or cools, where steps were paired: their pulses are taken out of the grids before anything else
 * looks at them, or they pass for cooking, machines, compressors and what is always on. */

/* Takes a cycle's mean power out of the slots it lies in. Returns what was there to take, kWh. */
static double take_cycle(dcl_use_grid *grid, const dcl_cycle *cycle) {
    int64_t from = cycle->start_us > grid->start_us ? cycle->start_us - grid->start_us : 0;
    double kwh = 0;
    for (size_t i = (size_t)(from / grid->step_us); i < grid->n; i++) {
        int64_t begin = grid->start_us + (int64_t)i * grid->step_us, end = begin + grid->step_us;
        if (begin >= cycle->end_us) break;
        if (isnan(grid->power_w[i])) continue;
        int64_t inside =
            (cycle->end_us < end ? cycle->end_us : end) - (cycle->start_us > begin ? cycle->start_us : begin);
        if (inside <= 0) continue;
        double wanted = (double)cycle->mean_w * (double)inside / (double)grid->step_us;
        double taken = fmin(wanted, fmax((double)grid->power_w[i], 0));
        grid->power_w[i] -= (float)taken;
        kwh += taken * (double)grid->hours[i] / 1000;
    }
    return kwh;
}

static void add(dcl_use_thermostat *to, double kwh, int64_t day, int64_t *last) {
    to->kwh += kwh;
    to->cycles++;
    to->days += day != *last;
    *last = day;
}

dcl_status dcl_use_take_thermostats(dcl_use_work *work) {
    const dcl_cycles *cycles = work->cycles;
    if (!cycles || cycles->coarse || work->power->period_us > DCL_THERMOSTAT_SLOWEST_US) return DCL_OK;
    unsigned char *kind = dcl_arena_alloc(work->arena, cycles->n, 1);
    if (!kind) return DCL_E_MEMORY;
    dcl_status status = dcl_thermostats_find(work->context, cycles, work->arena, kind);
    if (status) return status;
    work->thermostat = kind;
    int64_t heated = INT64_MIN, cooled = INT64_MIN;
    for (size_t i = 0; i < cycles->n; i++) {
        if (!kind[i]) continue;
        double kwh = take_cycle(&work->coarse, &cycles->cycle[i]);
        take_cycle(&work->fine, &cycles->cycle[i]);
        int64_t day = dcl_use_civil_day(work->context, cycles->cycle[i].start_us);
        if (kind[i] == DCL_APPLIANCE_AIR_CONDITIONER)
            add(&work->cooled, kwh, day, &cooled);
        else
            add(&work->heated, kwh, day, &heated);
    }
    return DCL_OK;
}

/* Of pulses some are lost where two heaters switch at once, more than are another load's. */
static const double PAIRED = 1.08, PAIRED_LEAST = 0.88, PAIRED_MOST = 1.4, SURE = 0.8;

/* Adds what pulses gave to what seasons found of the same use. */
static void add_use(dcl_use_work *work, dcl_use_kind kind, const dcl_use_thermostat *t) {
    if (!t->cycles) return;
    dcl_use *use = &work->out->use[kind];
    double more = use->why ? 0 : use->kwh, low = use->why ? 0 : use->kwh_low,
           high = use->why ? 0 : use->kwh_high;
    dcl_use_set(work, kind, DCL_USE_FROM_CYCLES, PAIRED * t->kwh + more, PAIRED_LEAST * t->kwh + low,
                PAIRED_MOST * t->kwh + high, SURE);
    use->cycles = t->cycles;
    use->days = t->days;
}

void dcl_use_set_thermostats(dcl_use_work *work) {
    add_use(work, DCL_USE_HEATING, &work->heated);
    add_use(work, DCL_USE_COOLING, &work->cooled);
}
