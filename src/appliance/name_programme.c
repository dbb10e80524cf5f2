/* Which machine a programme is of, by its phases: how often it heats, for how long, and what turns before and after. */
#include "appliance/name.h"

#include <math.h>

/* Bounds of machines as they are sold in Europe: elements of 1.5 to 3 kW; programmes of half an hour to three hours. What
 * lies in them was looked at on traces of three dishwashers and five washing machines, and on homes without either. */
static const float ELEMENT_LEAST_W = 1500, ELEMENT_MOST_W = 3000, WASHER_MOST_W = 2300;
/* Another block of the same element this near that is in no programme: a heater that comes and goes, not a machine. */
static const double LIKE = 0.08, APART_S = 7200, BLOCK_S = 360;
/* Two blocks so like, and so long both, that overlap: the drum may be of the one and the water of the other. */
static const double BESIDE = 0.15, BESIDE_S = 300;
/* What a programme's name is worth, by the share that was right on homes with truth (bench/names.md): a drum is often taken
 * together with what another machine heats. */
static const double DISHWASHER_SURE = 0.8, WASHER_SURE = 0.6;

/* What tells machines apart, counted over a programme's phases. */
typedef struct traits {
    int64_t first_heat_us, last_heat_us; /* starts */
    double longest_s, second_s, pause_s; /* blocks of heating, and the longest pause between two of them */
    double circulation_s;                /* the longest phase of 25 to 300 W */
    double drum_share;                   /* of the motor's phases, those of 60 to 300 W */
    uint32_t blocks, motors, pulses, drum, drum_after;
} traits;

static double seconds(int64_t us) {
    return 1e-6 * (double)us;
}

static void add_block(traits *t, const dcl_phase *phase, int64_t *heated_until) {
    double length = seconds(phase->end_us - phase->start_us);
    if (!t->blocks) t->first_heat_us = phase->start_us;
    if (t->blocks) t->pause_s = fmax(t->pause_s, seconds(phase->start_us - *heated_until));
    t->second_s = fmax(t->second_s, fmin(length, t->longest_s));
    t->longest_s = fmax(t->longest_s, length);
    t->last_heat_us = phase->start_us;
    *heated_until = phase->end_us;
    t->blocks++;
}

static traits look_at(const dcl_programme *p) {
    traits t = {0};
    int64_t heated_until = p->start_us;
    for (size_t k = 0; k < p->n; k++) {
        const dcl_phase *phase = &p->phase[k];
        double length = seconds(phase->end_us - phase->start_us);
        if (phase->kind == DCL_PHASE_HEAT) {
            add_block(&t, phase, &heated_until);
            continue;
        }
        t.motors++;
        if (phase->mean_w >= 25 && phase->mean_w <= 300) t.circulation_s = fmax(t.circulation_s, length);
        bool drum = phase->mean_w >= 60 && phase->mean_w <= 300;
        t.drum += drum;
        t.pulses += drum && length <= 30;
        t.drum_after += drum && t.blocks && phase->start_us > t.first_heat_us;
    }
    t.drum_share = t.motors ? (double)t.drum / (double)t.motors : 0;
    return t;
}

/* Whether the same element heats soon before or after, outside the programme. */
static bool goes_on(const dcl_cycles *cycles, const uint32_t *member, uint32_t id, const dcl_programme *p) {
    int64_t apart = (int64_t)(APART_S * 1e6);
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        if (c->start_us > p->end_us + apart) break;
        if (member[i] == id || c->end_us < p->start_us - apart) continue;
        if (seconds(c->end_us - c->start_us) >= BLOCK_S &&
            fabs((double)c->mean_w - (double)p->heat_w) <= LIKE * (double)p->heat_w)
            return true;
    }
    return false;
}

/* Whether a block like the programme's heats beside one of its own, for minutes: another machine, and whose is whose is not told. */
static bool heats_beside(const dcl_cycles *cycles, const uint32_t *member, uint32_t id,
                         const dcl_programme *p) {
    int64_t least = (int64_t)(BESIDE_S * 1e6);
    for (size_t i = 0; i < cycles->n && cycles->cycle[i].start_us < p->end_us; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        if (member[i] == id || c->end_us - c->start_us < least || c->end_us < p->start_us ||
            fabs((double)c->mean_w - (double)p->heat_w) > BESIDE * (double)p->heat_w)
            continue;
        for (size_t k = 0; k < p->n; k++) {
            const dcl_phase *phase = &p->phase[k];
            if (phase->kind == DCL_PHASE_HEAT && phase->end_us - phase->start_us >= least &&
                phase->start_us < c->end_us && c->start_us < phase->end_us)
                return true;
        }
    }
    return false;
}

/* Water is heated twice at least, minutes apart, for minutes; a pump turns meanwhile, and no drum. */
static bool is_dishwasher(const dcl_programme *p, const traits *t) {
    double length = seconds(p->end_us - p->start_us);
    return t->blocks >= 2 && t->blocks <= 9 && t->second_s >= 180 && t->longest_s <= 2400 &&
           p->heat_s >= 900 && p->heat_s <= 4200 && length >= 2100 && length <= 10800 &&
           p->energy_wh >= 500 && p->energy_wh <= 2400 && t->pause_s >= 300 && t->pulses <= 8 &&
           t->motors <= 24 && t->circulation_s >= 150;
}

/* Water is heated early, and a drum turns to and fro, before and long after. */
static bool is_washing_machine(const dcl_programme *p, const traits *t) {
    double length = seconds(p->end_us - p->start_us), into = seconds(t->first_heat_us - p->start_us);
    return p->heat_w <= WASHER_MOST_W && t->blocks >= 1 && t->longest_s <= 2400 && p->heat_s >= 60 &&
           p->heat_s <= 3000 && length >= 1200 && length <= 10800 && p->energy_wh >= 60 &&
           p->energy_wh <= 2500 && into <= 0.6 * length && t->drum >= 14 && t->pulses >= 6 &&
           t->drum_after >= 8 && t->drum_share >= 0.65 && (double)t->drum >= 0.3 * length / 60;
}

dcl_appliance dcl_name_of_programme(const dcl_cycles *cycles, const uint32_t *member, uint32_t id,
                                    const dcl_programme *p, double *sure) {
    *sure = 0;
    if (p->heat_w < ELEMENT_LEAST_W || p->heat_w > ELEMENT_MOST_W) return DCL_APPLIANCE_UNKNOWN;
    traits t = look_at(p);
    bool dishes = is_dishwasher(p, &t) && !goes_on(cycles, member, id, p),
         clothes = is_washing_machine(p, &t) && !heats_beside(cycles, member, id, p);
    if (dishes == clothes) return DCL_APPLIANCE_UNKNOWN;
    *sure = dishes ? DISHWASHER_SURE : WASHER_SURE;
    return dishes ? DCL_APPLIANCE_DISHWASHER : DCL_APPLIANCE_WASHING_MACHINE;
}
