#include "appliance/uses.h"

#include <math.h>

/* Cycles that came with a name, from a classifier or a person: their energy is their use's, before any rule looks at it. */

/* Names below this confidence are left to the rules. */
static const double NAME_LEAST = 0.5;

/* The uses that cycles carry. Compressors, heaters and vehicles are better read from rhythm and blocks. */
static bool takes_names(dcl_use_kind kind) {
    return kind == DCL_USE_COOKING || kind == DCL_USE_WASH || kind == DCL_USE_LIGHT_SCREENS;
}

/* Takes the cycle's mean power out of what its slots still hold. Returns what was there to take, kWh. */
static double take_cycle(dcl_use_work *work, const dcl_cycle *cycle) {
    const dcl_use_grid *grid = &work->coarse;
    int64_t from = cycle->start_us > grid->start_us ? cycle->start_us - grid->start_us : 0;
    double kwh = 0;
    for (size_t i = (size_t)(from / grid->step_us); i < grid->n; i++) {
        int64_t begin = grid->start_us + (int64_t)i * grid->step_us, end = begin + grid->step_us;
        if (begin >= cycle->end_us) break;
        if (isnan(work->rest_w[i])) continue;
        int64_t inside =
            (cycle->end_us < end ? cycle->end_us : end) - (cycle->start_us > begin ? cycle->start_us : begin);
        if (inside <= 0) continue;
        double wanted = (double)cycle->mean_w * (double)inside / (double)grid->step_us;
        double taken = fmin(wanted, (double)work->rest_w[i]);
        work->rest_w[i] -= (float)taken;
        kwh += taken * (double)grid->hours[i] / 1000;
    }
    return kwh;
}

void dcl_use_take_named(dcl_use_work *work) {
    for (size_t c = 0; work->cycles && c < work->cycles->n; c++) {
        const dcl_cycle *cycle = &work->cycles->cycle[c];
        dcl_use_kind kind = dcl_use_of_appliance(cycle->appliance);
        if (!takes_names(kind) || cycle->flags & DCL_CYCLE_APPARENT || !(cycle->mean_w > 0)) continue;
        if (!((double)cycle->confidence >= NAME_LEAST)) continue;
        dcl_use_names *names = &work->names[kind];
        double kwh = take_cycle(work, cycle);
        names->kwh += kwh;
        names->sure_kwh += kwh * (double)cycle->confidence;
        names->cycles++;
    }
}
