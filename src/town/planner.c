#include "town/town.h"

/* What the appliances' plans are written with: draws, moments of the wall clock, stretches and cycles. */

void dcl_plan_pulses(dcl_planner *p, int64_t start_us, double length_s, double on_s, double every_s,
                     double power_w, double reactive_var) {
    int64_t length_us = (int64_t)(length_s * 1e6), on_us = (int64_t)(on_s * 1e6),
            every_us = (int64_t)(every_s * 1e6);
    if (on_us <= 0 || length_us <= 0) return;
    if (on_us >= every_us) {
        dcl_plan_put(p, (dcl_town_segment){start_us, length_us, length_us, 1, power_w, reactive_var});
        return;
    }
    int64_t count = length_us / every_us, rest_us = length_us % every_us;
    if (count) dcl_plan_put(p, (dcl_town_segment){start_us, on_us, every_us, count, power_w, reactive_var});
    if (rest_us > on_us) rest_us = on_us;
    if (rest_us)
        dcl_plan_put(
            p, (dcl_town_segment){start_us + count * every_us, rest_us, rest_us, 1, power_w, reactive_var});
}

void dcl_plan_keep_cycle(dcl_planner *p, size_t first) {
    dcl_town_plan *plan = p->plan;
    if (plan->n_cycles == TOWN_CYCLES || first == plan->n_segments) return;
    dcl_town_cycle cycle = {.kind = p->kind, .start_us = INT64_MAX, .end_us = INT64_MIN};
    for (size_t i = first; i < plan->n_segments; i++) {
        const dcl_town_segment *s = &plan->segment[i];
        int64_t end_us = dcl_segment_end_us(s);
        if (s->start_us < cycle.start_us) cycle.start_us = s->start_us;
        if (end_us > cycle.end_us) cycle.end_us = end_us;
        cycle.energy_wh += (double)dcl_town_milli(s->power_w) * (double)s->on_us * (double)s->count / 3.6e12;
    }
    plan->cycle[plan->n_cycles++] = cycle;
}

double dcl_plan_near(dcl_planner *p, double minute, double deviation, double reach) {
    double want = dcl_dice_normal(p->dice, minute, deviation), best = -1, least = reach;
    double late = dcl_plan_draw(p, 2, 30);
    if (dcl_town_is_awake(p->day, want)) return want;
    for (int i = 0; i < p->day->n_awake; i++) {
        double from = p->day->awake[i].from, to = p->day->awake[i].to, length = to - from;
        double inside = late < length ? late : length / 2;
        double at = want < from ? from + inside : to - inside,
               distance = want < from ? from - want : want - to;
        if (distance < least) {
            least = distance;
            best = at;
        }
    }
    return best;
}

double dcl_plan_any(dcl_planner *p) {
    double total = 0;
    for (int i = 0; i < p->day->n_awake; i++) total += p->day->awake[i].to - p->day->awake[i].from;
    double at = dcl_plan_draw(p, 0, total);
    for (int i = 0; i < p->day->n_awake; i++) {
        double length = p->day->awake[i].to - p->day->awake[i].from;
        if (at < length) return p->day->awake[i].from + at;
        at -= length;
    }
    return -1;
}
