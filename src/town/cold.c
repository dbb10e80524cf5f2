#include "town/town.h"

/* Compressors that keep food cold, around the clock and whether anybody is there or not. */

typedef struct compressor {
    double power_w, cycle_s, duty;
    double per_degree; /* more of the time on, a kelvin that the room is warmer */
} compressor;

/*
 * An inrush of a few hundred ms at locked-rotor current, then some minutes above its running power until the pressures settle.
 * The shape is that of common compressors, the figures are ours.
 */
static void run(dcl_planner *p, const compressor *c) {
    const dcl_town_date *date = p->day->date;
    int64_t start = date->start_us;
    double day_s = (double)(date->end_us - start) / 1e6;
    int n = (int)(day_s / c->cycle_s);
    double cell_s = day_s / n, summer_c = (double)date->felt_c[15] - 20;
    double duty =
        c->duty * (1 + (summer_c > 0 ? c->per_degree * summer_c : 0)) * dcl_plan_draw(p, 0.95, 1.05);
    for (int i = 0; i < n; i++) {
        double on_s = cell_s * duty * dcl_plan_draw(p, 0.88, 1.12),
               late_s = cell_s * dcl_plan_draw(p, 0.05, 0.3);
        double watt = c->power_w * dcl_plan_draw(p, 0.98, 1.02), var = watt * 0.8;
        int64_t at = start + (int64_t)((i * cell_s + late_s) * 1e6);
        size_t first = p->plan->n_segments;
        dcl_plan_add(p, at, 0.35, watt * 9, watt * 7);
        dcl_plan_add(p, at + 350000, 40, watt * 1.22, var);
        dcl_plan_add(p, at + 40350000, 110, watt * 1.09, var);
        dcl_plan_add(p, at + 150350000, on_s - 150.35, watt, var);
        dcl_plan_cycle(p, first);
    }
}

/* Opened doors and warm food: a little more by day where people are in, which the draws of a cycle hold. */
void dcl_plan_fridge(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    double used = p->day->away ? 0.9 : 1;
    if (p->day->away && h->life == DCL_LIFE_SECOND && h->tank_off_away) return; /* unplugged, door open */
    run(p, &(compressor){h->fridge_w, h->fridge_cycle_s, h->fridge_duty * used, 0.035});
}

void dcl_plan_freezer(dcl_planner *p) {
    const dcl_dwelling *h = p->home;
    run(p, &(compressor){h->freezer_w, h->freezer_cycle_s, h->freezer_duty, 0.03});
}
