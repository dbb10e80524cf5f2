/* Programmes: the many cycles of a washing machine, a dishwasher or a dryer, put together again. */
#include "base/status.h"
#include <declic/appliance_types.h>

#include <math.h>
#include <string.h>

dcl_programme_options dcl_programme_defaults(void) {
    return (dcl_programme_options){.heat_w = 1000,
                                   .heat_least_s = 60,
                                   .heat_all_s = 480,
                                   .like_share = 0.06,
                                   .gap_s = 4200,
                                   .lead_s = 1500,
                                   .motor_w = 700,
                                   .pulses = 12,
                                   .pulse_gap_s = 300,
                                   .drum_s = 1200};
}

/* One block of heating for so long is no machine's: water in a tank. */
static const double TANK_S = 4500;
/* Blocks of one element during a drum's train differ at most by this share: a motor that turns with it changes what is seen. */
static const float DRUM_LIKE = 0.15f;

/* Cycles while they are handed out. */
typedef struct assembly {
    const dcl_cycles *cycles;
    const dcl_programme_options *options;
    uint32_t *member; /* [cycles->n] */
    dcl_programme *programme;
    size_t n;
} assembly;

static double seconds(int64_t us) {
    return 1e-6 * (double)us;
}

/* A heater held by thermostat has no programme. */
static bool is_rooms(const dcl_cycle *c) {
    return c->appliance == DCL_APPLIANCE_SPACE_HEATER || c->appliance == DCL_APPLIANCE_AIR_CONDITIONER;
}

static bool is_heat(const assembly *a, size_t i) {
    const dcl_cycle *c = &a->cycles->cycle[i];
    return !a->member[i] && !is_rooms(c) && !(c->flags & (DCL_CYCLE_COARSE | DCL_CYCLE_APPARENT)) &&
           (double)c->mean_w >= a->options->heat_w &&
           seconds(c->end_us - c->start_us) >= a->options->heat_least_s;
}

/* A smaller cycle that nothing else claims: a fridge's compressor comes at a period of its own. */
static bool is_motor(const assembly *a, size_t i) {
    const dcl_cycle *c = &a->cycles->cycle[i];
    bool claimed = c->group && !isnan(a->cycles->recurrence[c->group - 1].period_s);
    return !a->member[i] && !claimed && !is_rooms(c) && !(c->flags & DCL_CYCLE_COARSE) &&
           (double)c->mean_w <= a->options->motor_w;
}

static bool like(const assembly *a, float x, float y) {
    return fabs((double)x - (double)y) <= a->options->like_share * fmax((double)x, (double)y);
}

/* The blocks of the element of block i, from it on: marks them with `id`. */
static dcl_programme gather_blocks(const assembly *a, size_t i, uint32_t id) {
    const dcl_cycle *cycle = a->cycles->cycle;
    dcl_programme p = {cycle[i].start_us, cycle[i].end_us, 0, 0, 0, 0, NULL, 0};
    double heat = 0;
    for (size_t j = i; j < a->cycles->n; j++) {
        if (seconds(cycle[j].start_us - p.end_us) > a->options->gap_s) break;
        bool after = j == i || cycle[j].start_us >= p.end_us;
        if (!after || !is_heat(a, j) || !like(a, cycle[i].mean_w, cycle[j].mean_w)) continue;
        double length = seconds(cycle[j].end_us - cycle[j].start_us);
        a->member[j] = id;
        p.end_us = cycle[j].end_us;
        heat += length * (double)cycle[j].mean_w;
        p.heat_s += (float)length;
        p.blocks++;
    }
    p.heat_w = (float)(heat / (double)p.heat_s);
    return p;
}

/* The phases before, between and after the blocks: marks them and widens the programme. Returns how many follow. */
static size_t gather_motors(const assembly *a, dcl_programme *p, uint32_t id) {
    const dcl_cycle *cycle = a->cycles->cycle;
    double lead = a->options->lead_s;
    int64_t first = p->start_us, last = p->end_us;
    size_t follow = 0;
    for (size_t j = 0; j < a->cycles->n; j++) {
        if (seconds(first - cycle[j].start_us) > lead) continue;
        if (seconds(cycle[j].start_us - p->end_us) > lead) break;
        if (!is_motor(a, j) || seconds(cycle[j].end_us - last) > 2 * lead) continue;
        a->member[j] = id;
        if (cycle[j].start_us < p->start_us) p->start_us = cycle[j].start_us;
        if (cycle[j].end_us > p->end_us) p->end_us = cycle[j].end_us;
        follow += cycle[j].start_us >= last;
    }
    return follow;
}

static dcl_status put_phases(const assembly *a, dcl_programme *p, uint32_t id, dcl_arena *arena,
                             dcl_error *error) {
    size_t n = 0;
    for (size_t j = 0; j < a->cycles->n; j++) n += a->member[j] == id;
    dcl_phase *phase = dcl_arena_alloc(arena, n, sizeof *phase);
    if (!phase) return dcl_fail_memory(error, "the phases of a programme");
    p->phase = phase;
    for (size_t j = 0; j < a->cycles->n; j++) {
        const dcl_cycle *c = &a->cycles->cycle[j];
        if (a->member[j] != id) continue;
        bool heat = (double)c->mean_w >= a->options->heat_w;
        phase[p->n++] =
            (dcl_phase){c->start_us, c->end_us, c->mean_w, heat ? DCL_PHASE_HEAT : DCL_PHASE_MOTOR};
        if (!isnan(c->energy_wh)) p->energy_wh += c->energy_wh;
    }
    return DCL_OK;
}

static void let_go(const assembly *a, uint32_t id) {
    for (size_t j = 0; j < a->cycles->n; j++) {
        if (a->member[j] == id) a->member[j] = 0;
    }
}

/* The train of phases that begins with cycle i: marks it. Returns how many pulses it has. */
static uint32_t gather_train(const assembly *a, size_t i, uint32_t id, dcl_programme *p) {
    const dcl_cycle *cycle = a->cycles->cycle;
    uint32_t pulses = 0;
    *p = (dcl_programme){cycle[i].start_us, cycle[i].end_us, 0, 0, 0, 0, NULL, 0};
    for (size_t j = i; j < a->cycles->n; j++) {
        if (seconds(cycle[j].start_us - p->end_us) > a->options->pulse_gap_s) break;
        /* What outlasts a train is something else that was on: a lamp. */
        if (!is_motor(a, j) || seconds(cycle[j].end_us - cycle[j].start_us) > a->options->drum_s) continue;
        a->member[j] = id;
        pulses += cycle[j].steps > 3 ? cycle[j].steps / 2 : 1;
        if (cycle[j].end_us > p->end_us) p->end_us = cycle[j].end_us;
    }
    return pulses;
}

/* The first cycle that starts at a moment or later. */
static size_t first_from(const dcl_cycles *cycles, int64_t from_us) {
    size_t low = 0, high = cycles->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cycles->cycle[middle].start_us < from_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool heats_during(const assembly *a, size_t j, const dcl_programme *train) {
    const dcl_cycle *c = &a->cycles->cycle[j];
    return is_heat(a, j) && c->end_us >= train->start_us && c->start_us <= train->end_us &&
           c->end_us - c->start_us <= train->end_us - train->start_us;
}

static bool overlap(const dcl_cycle *x, const dcl_cycle *y) {
    return x->start_us < y->end_us && y->start_us < x->end_us;
}

/* The blocks during a train that can be of the element of block i: of like power, one after the other. Gives them to `id` where
 * that is not 0. Returns them with their times, heat_w as an energy, Ws. */
static dcl_programme element_of(const assembly *a, const dcl_programme *train, size_t i, uint32_t id) {
    const dcl_cycle *cycle = a->cycles->cycle, *seed = &cycle[i];
    dcl_programme p = {seed->start_us, seed->start_us, 0, 0, 0, 0, NULL, 0};
    int64_t lead = train->end_us - train->start_us;
    for (size_t j = first_from(a->cycles, train->start_us - lead);
         j < a->cycles->n && cycle[j].start_us <= train->end_us; j++) {
        const dcl_cycle *c = &cycle[j];
        float apart = fabsf(c->mean_w - seed->mean_w), most = fmaxf(c->mean_w, seed->mean_w);
        if (!heats_during(a, j, train) || apart > DRUM_LIKE * most) continue;
        if (j != i && (overlap(c, seed) || (p.blocks && c->start_us < p.end_us))) continue;
        double length = seconds(c->end_us - c->start_us);
        if (id) a->member[j] = id;
        if (!p.blocks) p.start_us = c->start_us;
        p.end_us = c->end_us;
        p.heat_s += (float)length;
        p.heat_w += (float)(length * (double)c->mean_w);
        p.blocks++;
    }
    return p;
}

/* The heating during a train: that of one element, of those that heat in its first half the one that heats most. What another
 * machine heats at the same time is left to it. */
static void gather_heat(const assembly *a, dcl_programme *p, uint32_t id) {
    const dcl_cycle *cycle = a->cycles->cycle;
    int64_t length = p->end_us - p->start_us, half = p->start_us + length / 2;
    size_t best = a->cycles->n;
    float most = 0;
    for (size_t j = first_from(a->cycles, p->start_us - length);
         j < a->cycles->n && cycle[j].start_us <= half; j++) {
        if (!heats_during(a, j, p)) continue;
        float heat = element_of(a, p, j, 0).heat_w;
        if (heat > most) most = heat, best = j;
    }
    if (best == a->cycles->n) return;
    dcl_programme of = element_of(a, p, best, id);
    p->heat_s = of.heat_s;
    p->heat_w = of.heat_w / of.heat_s;
    p->blocks = of.blocks;
    if (of.start_us < p->start_us) p->start_us = of.start_us;
    if (of.end_us > p->end_us) p->end_us = of.end_us;
}

static dcl_status assemble_trains(assembly *a, dcl_arena *arena, dcl_error *error) {
    for (size_t i = 0; i < a->cycles->n; i++) {
        if (!is_motor(a, i)) continue;
        uint32_t id = (uint32_t)a->n + 1;
        dcl_programme p;
        uint32_t pulses = gather_train(a, i, id, &p);
        if (pulses < a->options->pulses || seconds(p.end_us - p.start_us) < a->options->drum_s) {
            let_go(a, id);
            continue;
        }
        gather_heat(a, &p, id);
        dcl_status status = put_phases(a, &p, id, arena, error);
        if (status) return status;
        a->programme[a->n++] = p;
    }
    return DCL_OK;
}

static dcl_status assemble(assembly *a, dcl_arena *arena, dcl_error *error) {
    for (size_t i = 0; i < a->cycles->n; i++) {
        if (!is_heat(a, i)) continue;
        uint32_t id = (uint32_t)a->n + 1;
        dcl_programme p = gather_blocks(a, i, id);
        size_t follow = gather_motors(a, &p, id);
        bool tank = p.blocks < 2 && (double)p.heat_s > TANK_S;
        if ((double)p.heat_s < a->options->heat_all_s || (p.blocks < 2 && !follow) || tank) {
            let_go(a, id);
            continue;
        }
        dcl_status status = put_phases(a, &p, id, arena, error);
        if (status) return status;
        a->programme[a->n++] = p;
    }
    return DCL_OK;
}

dcl_status dcl_programmes_find(const dcl_cycles *cycles, const dcl_programme_options *options,
                               dcl_arena *arena, dcl_programme **out, size_t *n, uint32_t *member,
                               dcl_error *error) {
    if (!(options->heat_w > 0 && options->heat_least_s >= 0 && options->heat_all_s >= 0 &&
          options->like_share >= 0 && options->gap_s >= 0 && options->lead_s >= 0 && options->motor_w >= 0 &&
          options->motor_w <= options->heat_w && options->pulse_gap_s >= 0 && options->drum_s >= 0))
        return dcl_fail(error, DCL_E_ARG, "an option of programmes is out of its range");
    assembly a = {.cycles = cycles, .options = options};
    a.member = dcl_arena_alloc(arena, cycles->n, sizeof *a.member);
    a.programme = dcl_arena_alloc(arena, cycles->n, sizeof *a.programme);
    if (!a.member || !a.programme) return dcl_fail_memory(error, "programmes");
    dcl_status status = assemble_trains(&a, arena, error);
    if (!status) status = assemble(&a, arena, error);
    if (status) return status;
    *out = a.programme;
    *n = a.n;
    if (member && cycles->n) memcpy(member, a.member, cycles->n * sizeof *member);
    return DCL_OK;
}
