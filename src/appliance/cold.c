/* The compressor of a home that no model has seen. */
#include "appliance/cold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/order.h"

/* ---------------------------------------------------------------- candidates */

static double median(double *value, size_t n) {
    dcl_sort_f64(value, n);
    return value[n / 2];
}

static bool is_round_the_clock(const dcl_recurrence *group) {
    uint32_t quarter[4] = {0};
    for (int hour = 0; hour < 24; hour++) quarter[hour / 6] += group->start_hour[hour];
    for (int q = 0; q < 4; q++)
        if (10 * quarter[q] < group->count) return false;
    return true;
}

static bool is_cold(const dcl_recurrence *group) {
    return group->mean_w >= 30 && group->mean_w <= 250 && group->on_s >= 180 && group->on_s <= 3 * 3600 &&
           group->period_s > group->on_s && group->period_s <= 6 * 3600 && is_round_the_clock(group);
}

static bool is_near(double a, double b, double share) {
    return fabs(a - b) <= share * fmax(a, b);
}

void dcl_cold_begin(const dcl_power_scene *scene, dcl_cold_like *like) {
    size_t n = 0, room = scene->cycles.n + 1;
    double *up = malloc(2 * room * sizeof *up), *down = up + room, mean_w = like->up_w;
    for (size_t c = 0; up && c < scene->cycles.n; c++) {
        const dcl_cycle *one = &scene->cycles.cycle[c];
        double seconds = (double)(one->end_us - one->start_us) / 1e6;
        if (!(one->off_w > 0) || !is_near(mean_w, (double)one->mean_w, 0.12) ||
            !is_near(like->on_s, seconds, 0.4))
            continue;
        up[n] = (double)one->on_w;
        down[n++] = (double)one->off_w;
    }
    if (n >= 6) like->up_w = median(up, n), like->down_w = median(down, n);
    free(up);
}

size_t dcl_cold_candidates(const dcl_power_scene *scene, dcl_cold_like *out, size_t room) {
    size_t n = 0;
    for (size_t g = 0; g < scene->cycles.n_recurrence && n < room; g++) { /* those of most cycles first */
        const dcl_recurrence *group = &scene->cycles.recurrence[g];
        if (!is_cold(group)) continue;
        bool known = false;
        for (size_t i = 0; i < n; i++)
            known = known || (is_near(out[i].up_w, (double)group->mean_w, 0.12) &&
                              is_near(out[i].on_s, (double)group->on_s, 0.15));
        if (!known)
            out[n++] = (dcl_cold_like){(double)group->mean_w, (double)group->mean_w, (double)group->on_s,
                                       (double)(group->period_s - group->on_s)};
    }
    return n;
}

/* ---------------------------------------------------------------- possible cycles */

/* A cycle that may be: from a step up to a step down, or with one of the two hidden by another load. */
typedef struct maybe {
    int64_t start_us, end_us;
    size_t up, down;   /* its steps; NO_STEP where hidden */
    double cost, best; /* its own, and that of the best chain that ends with it */
    ptrdiff_t before;  /* -1 = it begins the chain */
} maybe;

#define NO_STEP SIZE_MAX

typedef struct maybes {
    maybe *at;
    size_t n, room;
    const bool *taken; /* of the steps */
    int32_t *floor;    /* of every hour, 0.1 W: the least of the hours around */
    double share;      /* how far a step's size may lie from the usual one */
} maybes;

/* Prices in units of a squared deviation. A cycle that fits brings GAIN; one with a hidden end costs HIDDEN of it, one that
 * lasts beyond twice its usual length (after much warm food) LONG. */
static const double GAIN = 8, HIDDEN = 4.5, LONG = 2, SIZE_W = 3, LENGTH_SHARE = 0.20, GAP_SHARE = 0.30,
                    GAP_MOST = 9;
static const double LONGEST_S = 43200;
enum { FLOOR_HOURS = 6 };

static double square(double x) {
    return x * x;
}

static double size_cost(const maybes *list, double step_w, double power_w) {
    return square((step_w - power_w) / (SIZE_W + list->share * power_w));
}

static double ratio_cost(double seconds, double usual_s, double share) {
    return square(dcl_log(seconds / usual_s) / share);
}

dcl_status dcl_cold_floor(const dcl_power_scene *scene, int32_t **out, dcl_error *error) {
    size_t hour = (size_t)(DCL_HOUR_US / scene->period_us) + (scene->period_us > DCL_HOUR_US),
           hours = scene->n / hour + 1;
    int32_t *least = malloc(2 * hours * sizeof *least);
    if (!least) return dcl_fail_memory(error, "the floor of a home");
    for (size_t h = 0; h < hours; h++) {
        least[hours + h] = INT32_MAX;
        for (size_t i = h * hour; i < (h + 1) * hour && i < scene->n; i++)
            if (scene->level[0][i] != DCL_MISSING_I32 && scene->level[0][i] < least[hours + h])
                least[hours + h] = scene->level[0][i];
    }
    for (size_t h = 0; h < hours; h++) {
        least[h] = INT32_MAX;
        for (size_t k = h < FLOOR_HOURS ? 0 : h - FLOOR_HOURS; k <= h + FLOOR_HOURS && k < hours; k++)
            if (least[hours + k] < least[h]) least[h] = least[hours + k];
    }
    *out = least;
    return DCL_OK;
}

/* While it is on, the home cannot be lower than its floor and most of what it draws. */
static bool is_too_low(const dcl_power_scene *scene, const maybes *list, const dcl_cold_like *like,
                       const dcl_edge *step) {
    int64_t hour = (step->time_us - scene->start_us) / DCL_HOUR_US;
    return (double)step->after < list->floor[hour < 0 ? 0 : hour] / 10.0 + 0.6 * like->down_w;
}

static dcl_status add_maybe(maybes *list, maybe one, dcl_error *error) {
    if (one.cost >= GAIN) return DCL_OK;
    if (dcl_grow(&list->at, &list->room, list->n + 1, sizeof *list->at))
        return dcl_fail_memory(error, "cycles");
    one.cost -= GAIN;
    one.before = -1;
    list->at[list->n++] = one;
    return DCL_OK;
}

/* The cycles that begin with a step up, and the one of which only this step was seen. */
static dcl_status from_up(const dcl_power_scene *scene, const dcl_cold_like *like, size_t u, maybes *list,
                          dcl_error *error) {
    const dcl_edge *up = &scene->steps.edge[u];
    double size = size_cost(list, (double)dcl_edge_size(up), like->up_w);
    dcl_status status = DCL_OK;
    bool low = false, fits = false;
    if (size > GAIN || is_too_low(scene, list, like, up)) return DCL_OK;
    for (size_t d = u + 1; !status && !low && d < scene->steps.n; d++) {
        const dcl_edge *down = &scene->steps.edge[d];
        double seconds = (double)(down->time_us - up->time_us) / 1e6;
        bool is_long = seconds > 2 * like->on_s;
        if (seconds > LONGEST_S || (is_long && fits)) break;
        bool may = dcl_edge_size(down) < 0 && seconds >= 0.4 * like->on_s && !list->taken[d];
        double cost = may ? size + size_cost(list, -(double)dcl_edge_size(down), like->down_w) : GAIN;
        cost += is_long ? LONG : ratio_cost(seconds, like->on_s, LENGTH_SHARE);
        fits = fits || cost < GAIN;
        status = add_maybe(list, (maybe){up->time_us, down->time_us, u, d, cost, 0, -1}, error);
        low = is_too_low(scene, list, like, down);
    }
    int64_t on_us = (int64_t)(like->on_s * 1e6);
    if (status) return status;
    return add_maybe(list, (maybe){up->time_us, up->time_us + on_us, u, NO_STEP, size + HIDDEN, 0, -1},
                     error);
}

static int by_end(const void *a, const void *b) {
    const maybe *x = a, *y = b;
    if (x->end_us != y->end_us) return x->end_us < y->end_us ? -1 : 1;
    if (x->start_us != y->start_us) return x->start_us < y->start_us ? -1 : 1;
    return (x->up > y->up) - (x->up < y->up);
}

static dcl_status list_maybes(const dcl_power_scene *scene, const dcl_cold_like *like, maybes *list,
                              dcl_error *error) {
    dcl_status status = DCL_OK;
    int64_t on_us = (int64_t)(like->on_s * 1e6);
    list->n = 0;
    for (size_t i = 0; !status && i < scene->steps.n; i++) {
        const dcl_edge *step = &scene->steps.edge[i];
        double size = (double)dcl_edge_size(step);
        if (list->taken[i]) continue;
        if (size > 0)
            status = from_up(scene, like, i, list, error);
        else
            status = add_maybe(list,
                               (maybe){step->time_us - on_us, step->time_us, NO_STEP, i,
                                       size_cost(list, -size, like->down_w) + HIDDEN, 0, -1},
                               error);
    }
    if (list->n) qsort(list->at, list->n, sizeof *list->at, by_end);
    return status;
}

/* ---------------------------------------------------------------- the best chain */

/* How odd the time between two cycles is: beside its usual, or twice it where one was not seen. */
static double gap_cost(double seconds, const dcl_cold_like *like) {
    double one = ratio_cost(seconds, like->off_s, GAP_SHARE);
    double two = 2 + ratio_cost(seconds, 2 * like->off_s + like->on_s, GAP_SHARE);
    double least = one < two ? one : two;
    return least < GAP_MOST ? least : GAP_MOST;
}

static ptrdiff_t best_chain(maybes *list, const dcl_cold_like *like) {
    double reach_s = 6 * (like->on_s + like->off_s);
    ptrdiff_t best = -1, best_far = -1; /* far: of those that ended more than `reach` ago */
    size_t far = 0;
    for (size_t i = 0; i < list->n; i++) {
        maybe *now = &list->at[i];
        now->best = now->cost;
        while (far < i && (double)(now->start_us - list->at[far].end_us) / 1e6 > reach_s) {
            if (best_far < 0 || list->at[far].best < list->at[best_far].best) best_far = (ptrdiff_t)far;
            far++;
        }
        if (best_far >= 0 && list->at[best_far].best + GAP_MOST < 0) {
            now->best = now->cost + list->at[best_far].best + GAP_MOST;
            now->before = best_far;
        }
        for (size_t k = far; k < i; k++) {
            double seconds = (double)(now->start_us - list->at[k].end_us) / 1e6;
            if (seconds < 0.2 * like->off_s) continue;
            double cost = now->cost + list->at[k].best + gap_cost(seconds, like);
            if (cost >= now->best) continue;
            now->best = cost;
            now->before = (ptrdiff_t)k;
        }
        if (best < 0 || now->best < list->at[best].best) best = (ptrdiff_t)i;
    }
    return best;
}

/* ---------------------------------------------------------------- what was found */

static int64_t index_at(const dcl_power_scene *scene, int64_t time_us) {
    int64_t i = (time_us - scene->start_us) / scene->period_us;
    return i < 0 ? 0 : i > (int64_t)scene->n ? (int64_t)scene->n : i;
}

/* What the found cycles are like; keeps what it was where they are too few. */
static dcl_status learn_like(const dcl_power_scene *scene, const maybes *list, ptrdiff_t last,
                             dcl_cold_like *like, size_t *cycles, dcl_error *error) {
    size_t room = list->n + 1, n_on = 0, n_off = 0, n_up = 0, n_down = 0;
    double *on = malloc(4 * room * sizeof *on), *off = on + room, *up = off + room, *down = up + room;
    if (!on) return dcl_fail_memory(error, "cycles");
    *cycles = 0;
    for (ptrdiff_t i = last; i >= 0; i = list->at[i].before) {
        const maybe *cycle = &list->at[i];
        ++*cycles;
        if (cycle->up != NO_STEP) up[n_up++] = (double)dcl_edge_size(&scene->steps.edge[cycle->up]);
        if (cycle->down != NO_STEP) down[n_down++] = -(double)dcl_edge_size(&scene->steps.edge[cycle->down]);
        if (cycle->up != NO_STEP && cycle->down != NO_STEP)
            on[n_on++] = (double)(cycle->end_us - cycle->start_us) / 1e6;
        if (cycle->before >= 0)
            off[n_off++] = (double)(cycle->start_us - list->at[cycle->before].end_us) / 1e6;
    }
    if (n_off >= 6 && n_on >= 6)
        *like = (dcl_cold_like){median(up, n_up), median(down, n_down), median(on, n_on), median(off, n_off)};
    free(on);
    return DCL_OK;
}

void dcl_cold_draw(const dcl_power_scene *scene, const dcl_cold_like *like, int64_t from, int64_t to,
                   int32_t *level) {
    for (int64_t t = from; t < to; t++) {
        double way = (double)((t - from) * scene->period_us) / 1e6 / like->on_s;
        int32_t lead = scene->level[0][t],
                power = (int32_t)(10 * (like->up_w + (like->down_w - like->up_w) * fmin(1, way)));
        level[t] = lead == DCL_MISSING_I32 || lead < 0 ? 0 : lead < power ? lead : power;
    }
}

static void draw(const dcl_power_scene *scene, const maybes *list, ptrdiff_t last, const dcl_cold_like *like,
                 int32_t *level) {
    memset(level, 0, scene->n * sizeof *level);
    for (ptrdiff_t i = last; i >= 0; i = list->at[i].before)
        dcl_cold_draw(scene, like, index_at(scene, list->at[i].start_us), index_at(scene, list->at[i].end_us),
                      level);
}

dcl_status dcl_cold_follow(const dcl_power_scene *scene, dcl_cold_like *like, bool *taken, int32_t *level,
                           size_t *cycles, dcl_error *error) {
    maybes list = {.share = 0.10};
    bool *own = calloc(scene->steps.n + 1, sizeof *own);
    ptrdiff_t last = -1;
    dcl_status status =
        own ? dcl_cold_floor(scene, &list.floor, error) : dcl_fail_memory(error, "the steps of a compressor");
    list.taken = taken ? taken : own;
    for (int round = 0; !status && round < 3; round++) {
        status = list_maybes(scene, like, &list, error);
        if (status) break;
        last = best_chain(&list, like);
        status = learn_like(scene, &list, last, like, cycles, error);
        list.share = 0.07; /* the home's own sizes are known better than those it began with */
    }
    if (!status) draw(scene, &list, last, like, level);
    for (ptrdiff_t i = last; !status && taken && i >= 0; i = list.at[i].before) {
        if (list.at[i].up != NO_STEP) taken[list.at[i].up] = true;
        if (list.at[i].down != NO_STEP) taken[list.at[i].down] = true;
    }
    free(own), free(list.floor), free(list.at);
    return status;
}

dcl_status dcl_power_scene_cold(dcl_power_scene *scene, const dcl_cold_like *like, size_t n, dcl_arena *arena,
                                dcl_error *error) {
    bool *taken = dcl_arena_alloc(arena, scene->steps.n, sizeof *taken);
    if (!taken) return dcl_fail_memory(error, "the steps of compressors");
    for (size_t c = 0; c < n && c < DCL_WINDOW_RANKS; c++) {
        dcl_cold_like begin = like[c];
        size_t cycles;
        scene->compressor[c] = dcl_arena_alloc(arena, scene->n, sizeof **scene->compressor);
        if (!scene->compressor[c]) return dcl_fail_memory(error, "a compressor");
        dcl_status status = dcl_cold_follow(scene, &begin, taken, scene->compressor[c], &cycles, error);
        if (status) return status;
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- of a truth */

bool dcl_cold_of_truth(const int32_t *truth, size_t n, int64_t period_us, double on_w, dcl_cold_like *out) {
    double seconds = (double)period_us / 1e6, sum = 0;
    double *on = malloc((n + 2) * sizeof *on), *off = on ? on + n / 2 + 1 : NULL;
    size_t n_on = 0, n_off = 0, run = 0, present = 0, above = 0;
    bool was = false, known = false; /* known: the run began where it was seen to begin */
    if (!on) return false;
    for (size_t i = 0; i < n; i++) {
        bool there = truth[i] != DCL_MISSING_I32, is = there && truth[i] / 10.0 > on_w;
        present += there;
        if (is) sum += truth[i] / 10.0, above++;
        if (there && is == was) {
            run++;
            continue;
        }
        if (there && known && was) on[n_on++] = (double)run * seconds;
        if (there && known && !was) off[n_off++] = (double)run * seconds;
        known = there;
        was = is;
        run = 1;
    }
    double days = (double)present * seconds / 86400;
    bool cold = n_on >= 6 && n_off >= 6 && (double)n_on > 2 * days;
    if (cold)
        *out =
            (dcl_cold_like){sum / (double)above, sum / (double)above, median(on, n_on), median(off, n_off)};
    free(on);
    return cold && out->up_w >= 30 && out->up_w <= 250 && out->on_s >= 180 && out->on_s <= 3 * 3600 &&
           out->off_s >= 180 && out->off_s <= 6 * 3600;
}
