/* What speaks for a compressor's having switched: its steps, beside those of everything else in the home. */
#include "appliance/cold_signs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/cold.h"
#include "base/math.h"

/* Densities are kept for sizes to ±SIZE_MOST W, one a watt; beyond they are LEAST. */
enum { SIZE_MOST = 2000, SIZES = 2 * SIZE_MOST + 1, REACH = 4 };
static const double LEAST = 1e-8, BUSY_S = 1800, ROOT_2PI = 2.5066282746310002;
/* How a switch is seen: as a step of its size, as one step with another load's, or not at all in some restless seconds. */
static const double ALONE = 0.9, JOINED = 0.3, UNSEEN_S = 5, RESTLESS_S = 30;
/* Signs of less weight are left out: their chains lose. In the first round its own
 * steps are still among the others', which count for so much less. */
static const double WEIGHT_LEAST = -3, FIRST_SHARE = 0.4;
/* The mains after a start: their mean from 10 to 40 s and from 100 to 130 s, if no two samples of these two minutes differ by more. */
static const double SETTLE_FROM_S = 10, SETTLE_TO_S = 130, SETTLE_MEAN_S = 30, QUIET_W = 12;

static double bell(double distance, double scatter) {
    double z = distance / scatter;
    return z * z > 80 ? 0 : dcl_exp(-0.5 * z * z) / (scatter * ROOT_2PI);
}

/* ---------------------------------------------------------------- what does not change from round to round */

/* How far the mains fall in the two minutes after a step up. */
static double settle_after(const dcl_power_scene *scene, size_t s) {
    const dcl_edge *step = &scene->steps.edge[s];
    double period_s = (double)scene->period_us / 1e6;
    int64_t at = (step->time_us - scene->start_us) / scene->period_us,
            first = at + (int64_t)(SETTLE_FROM_S / period_s), end = at + (int64_t)(SETTLE_TO_S / period_s),
            wide = (int64_t)(SETTLE_MEAN_S / period_s);
    int64_t early = 0, late = 0;
    if (period_s > SETTLE_FROM_S || dcl_edge_size(step) <= 0 || at < 0 || end > (int64_t)scene->n) return NAN;
    for (int64_t i = first; i < end; i++) {
        int32_t now = scene->level[0][i], before = scene->level[0][i > first ? i - 1 : i];
        if (now == DCL_MISSING_I32 || abs(now - before) >= (int32_t)(10 * QUIET_W)) return NAN;
        if (i < first + wide) early += now;
        if (i >= end - wide) late += now;
    }
    return (double)(early - late) / (10.0 * (double)wide);
}

/* Steps within half an hour of each, beside what the home has in such a time. */
static void count_busy(const dcl_power_scene *scene, double *busy) {
    double seconds = (double)scene->n * (double)scene->period_us / 1e6,
           rate = (double)scene->steps.n / seconds;
    size_t first = 0, end = 0;
    for (size_t s = 0; s < scene->steps.n; s++) {
        int64_t now = scene->steps.edge[s].time_us, reach = (int64_t)(BUSY_S * 1e6);
        while (scene->steps.edge[first].time_us < now - reach) first++;
        while (end < scene->steps.n && scene->steps.edge[end].time_us < now + reach) end++;
        busy[s] = (double)(end - first + 2) / (2 * BUSY_S) / rate;
    }
}

dcl_status dcl_cold_signs_open(dcl_cold_signs *signs, const dcl_power_scene *scene, dcl_error *error) {
    size_t n = scene->steps.n;
    *signs = (dcl_cold_signs){.scene = scene};
    signs->own = calloc(n + 1, sizeof *signs->own);
    signs->settle = malloc((n + 1) * sizeof *signs->settle);
    signs->busy = malloc((n + 1) * sizeof *signs->busy);
    signs->low = malloc((scene->n + 1) * sizeof *signs->low);
    signs->density = malloc(2 * SIZES * sizeof *signs->density);
    if (!signs->own || !signs->settle || !signs->busy || !signs->low || !signs->density)
        return dcl_fail_memory(error, "the steps of a compressor");
    for (size_t s = 0; s < n; s++) signs->settle[s] = settle_after(scene, s);
    if (n) count_busy(scene, signs->busy);
    return dcl_cold_floor(scene, &signs->floor, error);
}

void dcl_cold_signs_free(dcl_cold_signs *signs) {
    free(signs->at), free(signs->own), free(signs->settle), free(signs->busy);
    free(signs->floor), free(signs->low), free(signs->density);
    *signs = (dcl_cold_signs){0};
}

/* ---------------------------------------------------------------- steps of other loads */

/* Steps a watt and second by size, of all that are not its own: each spread over `wide_w`, or 3 % of it where that is more. */
static size_t make_density(const dcl_cold_signs *signs, double wide_w, double *density) {
    const dcl_power_scene *scene = signs->scene;
    double seconds = (double)scene->n * (double)scene->period_us / 1e6, count[SIZES] = {0};
    size_t n = 0;
    for (size_t s = 0; s < scene->steps.n; s++) {
        double size = (double)dcl_edge_size(&scene->steps.edge[s]);
        if (signs->own[s]) continue;
        n++;
        if (fabs(size) <= SIZE_MOST) count[lround(size) + SIZE_MOST]++;
    }
    for (int i = 0; i < SIZES; i++) density[i] = LEAST;
    for (int i = 0; i < SIZES; i++) {
        double wide = fmax(wide_w, 0.03 * abs(i - SIZE_MOST));
        int reach = (int)(REACH * wide);
        for (int k = i - reach; count[i] > 0 && k <= i + reach; k++)
            if (k >= 0 && k < SIZES) density[k] += count[i] * bell(k - i, wide) / seconds;
    }
    return n;
}

static double density_at(const double *density, double size_w) {
    return fabs(size_w) <= SIZE_MOST ? density[lround(size_w) + SIZE_MOST] : LEAST;
}

/* How much likelier the way the mains fell after a step up is for this compressor than for other steps of about its size. */
static double settle_ratio(const dcl_cold_signs *signs, const dcl_cold_look *look, size_t s) {
    static const double ODD = 0.03, RANGE_W = 40, WIDE_W = 1.5, ALIKE = 0.15;
    double other = 1 / RANGE_W, n = 1;
    if (isnan(signs->settle[s]) || isnan(look->settle_w)) return 1;
    for (size_t k = 0; k < signs->scene->steps.n; k++) {
        double size = (double)dcl_edge_size(&signs->scene->steps.edge[k]);
        if (signs->own[k] || isnan(signs->settle[k]) || fabs(size - look->up_w) > ALIKE * look->up_w)
            continue;
        other += bell(signs->settle[s] - signs->settle[k], WIDE_W);
        n++;
    }
    return ((1 - ODD) * bell(signs->settle[s] - look->settle_w, look->settle_scatter_w) + ODD / RANGE_W) * n /
           other;
}

/* ---------------------------------------------------------------- signs */

static dcl_status add_sign(dcl_cold_signs *signs, dcl_cold_sign one, dcl_error *error) {
    if (dcl_grow(&signs->at, &signs->room, signs->n + 1, sizeof *signs->at))
        return dcl_fail_memory(error, "the switching of a compressor");
    signs->at[signs->n++] = one;
    return DCL_OK;
}

/* A step of any size may hold the switch: alone, or together with another load's. */
static dcl_status add_step(dcl_cold_signs *signs, const dcl_cold_look *look, size_t s, bool is_up, bool first,
                           double others, dcl_error *error) {
    const dcl_power_scene *scene = signs->scene;
    const double *others_alone = signs->density, *others_joined = signs->density + SIZES;
    double size = (double)dcl_edge_size(&scene->steps.edge[s]),
           seconds = (double)scene->n * (double)scene->period_us / 1e6;
    double usual = is_up ? look->up_w : -look->down_w,
           scatter = is_up ? look->up_scatter_w : look->down_scatter_w;
    double off = size - usual, z = fabs(off) / scatter;
    double seen = 0.95 * bell(off, scatter) + 0.05 * bell(off, 4 * scatter);
    double joined = density_at(others_joined, off) * seconds / others,
           without = density_at(others_alone, size);
    if (first && z < 3) without *= FIRST_SHARE;
    if (is_up && z < 12) seen *= settle_ratio(signs, look, s);
    double weight = dcl_log((ALONE * seen + JOINED * joined + 1e-12) / (without * signs->busy[s]));
    if (!(z < 5 || (!first && weight > WEIGHT_LEAST))) return DCL_OK;
    int64_t at = (scene->steps.edge[s].time_us - scene->start_us) / scene->period_us;
    return add_sign(signs, (dcl_cold_sign){at, (ptrdiff_t)s, is_up, z < 4, weight}, error);
}

/* In restless seconds, and where the mains are missing, a switch may go unseen. */
static dcl_status add_unseen(dcl_cold_signs *signs, const dcl_cold_look *look, dcl_error *error) {
    const dcl_power_scene *scene = signs->scene;
    const int32_t *level = scene->level[0];
    int32_t large = (int32_t)(5 * look->down_w);
    int64_t apart = (int64_t)(RESTLESS_S * 1e6) / scene->period_us, last = INT64_MIN / 2,
            n = (int64_t)scene->n;
    dcl_status status = DCL_OK;
    if (apart < 1) apart = 1;
    for (int64_t i = 0; !status && i < n; i++) {
        bool restless = false;
        for (int64_t k = i > 0 ? i - 1 : 0; k <= i + 1 && k < n; k++)
            restless =
                restless || level[k] == DCL_MISSING_I32 ||
                (k > 0 && level[k - 1] != DCL_MISSING_I32 && labs((long)level[k] - level[k - 1]) > large);
        if (!restless || i / apart == last) continue;
        last = i / apart;
        for (int up = 0; !status && up < 2; up++)
            status = add_sign(signs, (dcl_cold_sign){i, -1, up != 0, false, dcl_log(UNSEEN_S)}, error);
    }
    return status;
}

static int by_time(const void *a, const void *b) {
    const dcl_cold_sign *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    if (x->is_up != y->is_up) return x->is_up ? 1 : -1;
    return (x->step > y->step) - (x->step < y->step);
}

/* While it is on the home draws its floor and most of what it draws itself. */
static void count_low(dcl_cold_signs *signs, const dcl_cold_look *look) {
    const dcl_power_scene *scene = signs->scene;
    signs->low[0] = 0;
    for (size_t i = 0; i < scene->n; i++) {
        int32_t now = scene->level[0][i], floor = signs->floor[(int64_t)i * scene->period_us / DCL_HOUR_US];
        bool is_low = now != DCL_MISSING_I32 && now < floor + 7 * look->down_w;
        signs->low[i + 1] = signs->low[i] + is_low;
    }
}

dcl_status dcl_cold_signs_find(dcl_cold_signs *signs, const dcl_cold_look *look, bool first,
                               dcl_error *error) {
    const dcl_power_scene *scene = signs->scene;
    dcl_status status = DCL_OK;
    double others = (double)make_density(signs, 3, signs->density) + 1;
    make_density(signs, 5, signs->density + SIZES);
    count_low(signs, look);
    signs->n = 0;
    for (size_t s = 0; !status && s < scene->steps.n; s++) {
        status = add_step(signs, look, s, true, first, others, error);
        if (!status) status = add_step(signs, look, s, false, first, others, error);
    }
    if (!status) status = add_unseen(signs, look, error);
    size_t kept = 0;
    for (size_t i = 0; i < signs->n; i++) {
        int64_t next = signs->at[i].at + 1;
        if (signs->at[i].at < 0 || signs->at[i].at >= (int64_t)scene->n) continue;
        bool is_low = next < (int64_t)scene->n && signs->low[next + 1] > signs->low[next];
        if (!signs->at[i].is_up || !is_low) signs->at[kept++] = signs->at[i];
    }
    signs->n = kept;
    if (kept) qsort(signs->at, kept, sizeof *signs->at, by_time);
    return status;
}
