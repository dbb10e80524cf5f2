#include "appliance/uses.h"

#include <math.h>

/* The one place where a rule gives a cycle its name. What a classifier named already stays. */

static const double COLD_SURE = 0.8, COLD_LIKE_SURE = 0.7, HEATER_SURE = 0.85, VEHICLE_SURE = 0.7,
                    THERMOSTAT_SURE = 0.8;
/* Cycles of a compressor's power that come round the clock are a compressor's, though their own distances are not regular:
 * a fridge and a freezer of like watts hide each other's rhythm. */
static const float LIKE = 0.08f;

static bool is_round_the_clock(const dcl_recurrence *of) {
    uint32_t part[4] = {0}, least = UINT32_MAX;
    for (int hour = 0; hour < 24; hour++) part[hour / 6] += of->start_hour[hour];
    for (int p = 0; p < 4; p++) least = part[p] < least ? part[p] : least;
    return of->count >= 12 && 8 * least >= of->count && of->on_s >= 300 && of->on_s <= 7200;
}

/* How sure a cycle is a compressor's; 0 = not at all. */
static double compressor_sure(const dcl_use_work *work, const dcl_cycle *cycle) {
    const dcl_cycles *all = work->cycles;
    if (all->coarse || !cycle->group || cycle->group > all->n_recurrence) return 0;
    const dcl_recurrence *own = &all->recurrence[cycle->group - 1];
    double days = (double)work->out->days;
    if (dcl_use_is_compressor(own, days)) return COLD_SURE;
    for (size_t r = 0; r < all->n_recurrence && is_round_the_clock(own); r++) {
        const dcl_recurrence *other = &all->recurrence[r];
        if (fabsf(other->mean_w - own->mean_w) <= LIKE * own->mean_w && dcl_use_is_compressor(other, days))
            return COLD_LIKE_SURE;
    }
    return 0;
}

/* Whether a cycle starts at about that minute of the day. */
static bool starts_at(const dcl_use_work *work, const dcl_cycle *cycle, int minute) {
    if (minute < 0) return false;
    int apart = (dcl_use_minute(work->context, cycle->start_us) - minute + 1440) % 1440;
    int reach = (int)(work->coarse.step_us / DCL_MINUTE_US) + 10;
    return apart <= reach || apart >= 1440 - 10;
}

static bool is_heater(const dcl_use_work *work, const dcl_cycle *cycle) {
    const dcl_uses *uses = work->out;
    if (uses->use[DCL_USE_WATER_HEATER].why || !(cycle->energy_wh >= 500)) return false;
    if (!starts_at(work, cycle, uses->heater_minute) && !starts_at(work, cycle, uses->heater_by_day_minute))
        return false;
    return fabs((double)cycle->mean_w - uses->heater_w) <= 0.3 * uses->heater_w;
}

static bool is_vehicle(const dcl_use_work *work, const dcl_cycle *cycle) {
    if (work->out->use[DCL_USE_VEHICLE].why) return false;
    double hours = (double)(cycle->end_us - cycle->start_us) / (double)DCL_HOUR_US;
    return cycle->mean_w >= 2500 && hours >= 1.5 && cycle->energy_wh >= 4000;
}

static void name(dcl_cycle *cycle, dcl_appliance appliance, double sure) {
    cycle->appliance = appliance;
    cycle->confidence = fminf(cycle->confidence, (float)sure);
}

void dcl_use_name_cycles(const dcl_use_work *work) {
    for (size_t i = 0; i < work->cycles->n; i++) {
        dcl_cycle *cycle = &work->cycles->cycle[i];
        if (cycle->appliance != DCL_APPLIANCE_UNKNOWN || cycle->flags & DCL_CYCLE_APPARENT) continue;
        double compressor = compressor_sure(work, cycle);
        if (work->thermostat && work->thermostat[i])
            name(cycle, (dcl_appliance)work->thermostat[i], THERMOSTAT_SURE);
        else if (compressor > 0)
            name(cycle, DCL_APPLIANCE_COLD, compressor);
        else if (is_heater(work, cycle))
            name(cycle, DCL_APPLIANCE_WATER_HEATER, HEATER_SURE);
        else if (is_vehicle(work, cycle))
            name(cycle, DCL_APPLIANCE_VEHICLE, VEHICLE_SURE);
    }
}
