/*
 * The compressor of a home that no model has seen, followed from its first cycle to its last: of all chains of on and off that
 * its signs allow, the likeliest (Viterbi's algorithm over states with lengths). It never skips a cycle without a price, so a
 * switch that another load hides is still told by those around it.
 * Source: Murphy, "Hidden semi-Markov models", 2002, for chains whose states have lengths.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/cold.h"
#include "appliance/cold_signs.h"
#include "base/math.h"
#include "base/order.h"

/* A cycle of the chain: samples [start, end) and its signs. */
typedef struct found_cycle {
    int64_t start, end;
    ptrdiff_t up, down; /* the steps that show its ends; -1 = none */
} found_cycle;

/* How long it is on, or off: log of seconds is about `middle`, mostly within `scatter`, now and then within `wide`. */
typedef struct lasting {
    double middle, scatter, wide;
    double head, wide_head; /* what stands before the exponent, as logs */
} lasting;

/* Lengths that were seen: when, and the log of seconds. */
typedef struct lengths {
    int64_t *at; /* [n] samples, in order */
    double *log_s;
    size_t n;
} lengths;

typedef struct track {
    dcl_cold_signs signs;
    dcl_cold_look look;
    lasting on, off;
    double long_head; /* log of the density of cycles of hours, per log of a second */
    double period_s;
    double *log_s;     /* [longest + 1] log of seconds by samples */
    int64_t longest;   /* samples of the longest cycle or rest that is weighed */
    double *usual;     /* [signs] what the cycles around say of the length that ends there, log of seconds */
    double *best;      /* [signs] of the likeliest chain that ends there */
    double *top;       /* [signs] the most of `best` so far */
    ptrdiff_t *before; /* [signs] -1 = it begins the chain */
    uint32_t *plain;   /* [signs + 1] plain downs so far */
    size_t *half;      /* [signs] the first sign when half of a usual cycle is over */
    size_t room;
    found_cycle *cycle; /* [n_cycles] */
    size_t n_cycles, cycle_room;
    lengths seen_on, seen_off;
    double *value; /* scratch, [2 × cycle_room] */
} track;

enum { ROUNDS = 4, LEAST_CYCLES = 6 };
static const double NEVER = -34, LONGEST_S = 43200, BREAK = -200, FIRST_BREAK = -1000;
/* Lengths: shares of odd ones, and of cycles that go on for hours (much warm food); each step down of its own size that such a
 * cycle passes by costs PASSED. Samples that are too low for it to be on cost LOW each. */
static const double ODD_ON = 0.03, ODD_OFF = 0.02, LONG_SHARE = 0.005, PASSED = 3, LOW = 3;
/* Chains that begin late or end early: logs a usual rest. */
static const double BEGIN = 9, EDGE = 4;
static const double SCATTER_LEAST = 0.08, WIDE_LEAST = 0.3, STEP_SCATTER_W = 1.5, AROUND_S = 21600,
                    AROUND_SHARE = 2, FAR_OFF = 0.5;

/* ---------------------------------------------------------------- small things */

/* The median; value is sorted, then its distances from it are, whose median is the scatter of a bell of that width. */
static double middle_of(double *value, size_t n, double *scatter) {
    dcl_sort_f64(value, n);
    double middle = value[n / 2];
    for (size_t i = 0; i < n; i++) value[i] = fabs(value[i] - middle);
    dcl_sort_f64(value, n);
    *scatter = 1.4826 * value[n / 2];
    return middle;
}

static lasting make_lasting(double middle, double scatter, double odd) {
    static const double ROOT_2PI = 2.5066282746310002;
    lasting l = {.middle = middle, .scatter = fmax(SCATTER_LEAST, scatter)};
    l.wide = fmax(WIDE_LEAST, 2.5 * l.scatter);
    l.head = dcl_log((1 - odd) / (l.scatter * ROOT_2PI));
    l.wide_head = dcl_log(odd / (l.wide * ROOT_2PI));
    return l;
}

/* Log of the density of a length, per second; `usual` is its middle just there. */
static double lasting_log(const lasting *l, double log_s, double usual) {
    double off = log_s - usual, near = l->head - off * off / (2 * l->scatter * l->scatter),
           wide = l->wide_head - off * off / (2 * l->wide * l->wide);
    return fmax(fmax(near, wide), NEVER) - log_s;
}

static dcl_status track_open(track *t, const dcl_power_scene *scene, const dcl_cold_like *like,
                             dcl_error *error) {
    t->period_s = (double)scene->period_us / 1e6;
    t->longest = (int64_t)(LONGEST_S / t->period_s);
    t->on = make_lasting(dcl_log(like->on_s), 0.25, ODD_ON);
    t->off = make_lasting(dcl_log(like->off_s), 0.25, ODD_OFF);
    t->look = (dcl_cold_look){like->up_w, 8, like->down_w, 8, NAN, NAN};
    t->log_s = malloc(((size_t)t->longest + 1) * sizeof *t->log_s);
    if (!t->log_s) return dcl_fail_memory(error, "the lengths of cycles");
    for (int64_t i = 0; i <= t->longest; i++) t->log_s[i] = dcl_log(fmax(1, (double)i) * t->period_s);
    return dcl_cold_signs_open(&t->signs, scene, error);
}

static void track_free(track *t) {
    dcl_cold_signs_free(&t->signs);
    free(t->log_s), free(t->usual), free(t->best), free(t->top), free(t->before), free(t->plain),
        free(t->half);
    free(t->cycle), free(t->seen_on.at), free(t->seen_on.log_s), free(t->seen_off.at),
        free(t->seen_off.log_s);
    free(t->value);
}

static dcl_status make_room(track *t, dcl_error *error) {
    size_t n = t->signs.n + 1;
    if (n <= t->room) return DCL_OK;
    free(t->usual), free(t->best), free(t->top), free(t->before), free(t->plain), free(t->half);
    t->usual = malloc(n * sizeof *t->usual);
    t->best = malloc(n * sizeof *t->best);
    t->top = malloc(n * sizeof *t->top);
    t->before = malloc(n * sizeof *t->before);
    t->plain = malloc((n + 1) * sizeof *t->plain);
    t->half = malloc(n * sizeof *t->half);
    t->room = n;
    if (!t->usual || !t->best || !t->top || !t->before || !t->plain || !t->half)
        return dcl_fail_memory(error, "a chain of cycles");
    return DCL_OK;
}

/* ---------------------------------------------------------------- the likeliest chain */

/* What the lengths around a moment say, but not its own: after much warm food cycles are long for hours. */
static double usual_around(const track *t, const lengths *seen, int64_t at, const lasting *all) {
    double sum = AROUND_SHARE * all->middle, weight = AROUND_SHARE, reach = AROUND_S / t->period_s,
           own = dcl_exp(t->on.middle) / t->period_s;
    size_t low = 0, high = seen->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if ((double)(at - seen->at[mid]) > 2 * reach)
            low = mid + 1;
        else
            high = mid;
    }
    for (size_t i = low; i < seen->n && (double)(seen->at[i] - at) < 2 * reach; i++) {
        double away = (double)(seen->at[i] - at);
        if (fabs(away) <= own) continue;
        double share = dcl_exp(-0.5 * away * away / (reach * reach)),
               off = fmin(fmax(seen->log_s[i] - all->middle, -FAR_OFF), FAR_OFF);
        sum += share * (all->middle + off);
        weight += share;
    }
    return sum / weight;
}

static void prepare(track *t) {
    const dcl_cold_sign *sign = t->signs.at;
    int64_t half = (int64_t)(0.5 * dcl_exp(t->on.middle) / t->period_s);
    size_t ahead = 0;
    t->long_head = dcl_log(LONG_SHARE / fmax(1, dcl_log(LONGEST_S) - t->on.middle));
    t->plain[0] = 0;
    for (size_t i = 0; i < t->signs.n; i++) {
        t->plain[i + 1] = t->plain[i] + (!sign[i].is_up && sign[i].plain);
        while (ahead < t->signs.n && sign[ahead].at < sign[i].at + half) ahead++;
        t->half[i] = ahead;
        t->usual[i] = sign[i].is_up ? usual_around(t, &t->seen_off, sign[i].at, &t->off)
                                    : usual_around(t, &t->seen_on, sign[i].at, &t->on);
    }
}

/* Log of the likelihood that it was on from sign k to sign i. */
static double on_log(const track *t, size_t k, size_t i) {
    const dcl_cold_sign *up = &t->signs.at[k], *down = &t->signs.at[i];
    double log_s = t->log_s[down->at - up->at], usual = lasting_log(&t->on, log_s, t->usual[i]);
    if (log_s > t->on.middle) {
        uint32_t passed = t->half[k] < i ? t->plain[i] - t->plain[t->half[k]] : 0;
        usual = fmax(usual, t->long_head - log_s - PASSED * passed);
    }
    return usual - LOW * (t->signs.low[down->at] - t->signs.low[up->at + 1]);
}

/* Fills `best` and `before`; returns the sign that ends the likeliest chain, or -1. */
static ptrdiff_t best_chain(track *t, double pause) {
    const dcl_cold_sign *sign = t->signs.at;
    double off_n = dcl_exp(t->off.middle) / t->period_s, n = (double)t->signs.scene->n, best = -INFINITY;
    ptrdiff_t last = -1, best_far = -1; /* far: a step down that is longer ago than is weighed */
    size_t far = 0;
    for (size_t i = 0; i < t->signs.n; i++) {
        double most = sign[i].is_up ? -BEGIN - EDGE * (double)sign[i].at / off_n : -INFINITY;
        t->before[i] = -1;
        for (; sign[far].at < sign[i].at - t->longest; far++)
            if (!sign[far].is_up && (best_far < 0 || t->best[far] > t->best[best_far]))
                best_far = (ptrdiff_t)far;
        if (sign[i].is_up && best_far >= 0 && t->best[best_far] + pause > most) {
            most = t->best[best_far] + pause;
            t->before[i] = best_far;
        }
        /* From the last sign back: the density of a length is below 1 a second, so what is not better alone is no better. */
        for (size_t k = i; k-- > far && t->top[k] > most;) {
            if (sign[k].is_up == sign[i].is_up || sign[k].at == sign[i].at) continue;
            if (t->best[k] <= most) continue;
            double whole =
                t->best[k] + (sign[i].is_up
                                  ? lasting_log(&t->off, t->log_s[sign[i].at - sign[k].at], t->usual[i])
                                  : on_log(t, k, i));
            if (whole <= most) continue;
            most = whole;
            t->before[i] = (ptrdiff_t)k;
        }
        t->best[i] = most + sign[i].weight;
        t->top[i] = i ? fmax(t->top[i - 1], t->best[i]) : t->best[i];
        double end = t->best[i] - EDGE * (n - (double)sign[i].at) / off_n;
        if (!sign[i].is_up && end > best) best = end, last = (ptrdiff_t)i;
    }
    return last;
}

static dcl_status take_chain(track *t, ptrdiff_t last, dcl_error *error) {
    const dcl_cold_sign *sign = t->signs.at;
    size_t n = 0;
    for (ptrdiff_t i = last; i >= 0; i = t->before[i]) n += !sign[i].is_up;
    if (n > t->cycle_room) {
        free(t->cycle), free(t->seen_on.at), free(t->seen_on.log_s), free(t->seen_off.at),
            free(t->seen_off.log_s);
        free(t->value);
        t->cycle = malloc(n * sizeof *t->cycle);
        t->seen_on = (lengths){malloc(n * sizeof(int64_t)), malloc(n * sizeof(double)), 0};
        t->seen_off = (lengths){malloc(n * sizeof(int64_t)), malloc(n * sizeof(double)), 0};
        t->value = malloc(2 * n * sizeof *t->value);
        t->cycle_room = n;
        if (!t->cycle || !t->seen_on.at || !t->seen_on.log_s || !t->seen_off.at || !t->seen_off.log_s ||
            !t->value)
            return dcl_fail_memory(error, "cycles");
    }
    t->n_cycles = n;
    memset(t->signs.own, 0, t->signs.scene->steps.n * sizeof *t->signs.own);
    for (ptrdiff_t i = last; i >= 0 && t->before[i] >= 0; i = t->before[t->before[i]]) {
        const dcl_cold_sign *down = &sign[i], *up = &sign[t->before[i]];
        t->cycle[--n] = (found_cycle){up->at, down->at, up->step, down->step};
        if (up->step >= 0) t->signs.own[up->step] = true;
        if (down->step >= 0) t->signs.own[down->step] = true;
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- what it is like */

static double step_size(const track *t, ptrdiff_t step) {
    return (double)dcl_edge_size(&t->signs.scene->steps.edge[step]);
}

/* Sizes of its steps, and how the mains fall after those up that are of the usual size. */
static void learn_look(track *t) {
    double *value = t->value;
    size_t n = 0, m = 0;
    for (size_t c = 0; c < t->n_cycles; c++)
        if (t->cycle[c].up >= 0 && step_size(t, t->cycle[c].up) > 0)
            value[n++] = step_size(t, t->cycle[c].up);
    if (n < LEAST_CYCLES) return;
    t->look.up_w = middle_of(value, n, &t->look.up_scatter_w);
    n = 0;
    for (size_t c = 0; c < t->n_cycles; c++)
        if (t->cycle[c].down >= 0 && step_size(t, t->cycle[c].down) < 0)
            value[n++] = -step_size(t, t->cycle[c].down);
    if (n >= LEAST_CYCLES) t->look.down_w = middle_of(value, n, &t->look.down_scatter_w);
    for (size_t c = 0; c < t->n_cycles; c++) {
        ptrdiff_t up = t->cycle[c].up;
        if (up < 0 || isnan(t->signs.settle[up])) continue;
        if (fabs(step_size(t, up) - t->look.up_w) < 3 * t->look.up_scatter_w + 1)
            value[m++] = t->signs.settle[up];
    }
    if (m > 10) t->look.settle_w = middle_of(value, m, &t->look.settle_scatter_w);
    t->look.up_scatter_w = fmax(STEP_SCATTER_W, t->look.up_scatter_w);
    t->look.down_scatter_w = fmax(STEP_SCATTER_W, t->look.down_scatter_w);
    t->look.settle_scatter_w = fmax(STEP_SCATTER_W, t->look.settle_scatter_w);
}

/* The scatter of lengths around what those near them say. */
static lasting learn_lasting(track *t, const lengths *seen, lasting was, double odd) {
    double scatter;
    if (seen->n < LEAST_CYCLES) return was;
    memcpy(t->value, seen->log_s, seen->n * sizeof *t->value);
    lasting now = was;
    now.middle = middle_of(t->value, seen->n, &scatter);
    for (size_t i = 0; i < seen->n; i++)
        t->value[i] = seen->log_s[i] - usual_around(t, seen, seen->at[i], &now);
    double middle = now.middle;
    middle_of(t->value, seen->n, &scatter);
    return make_lasting(middle, 1.2 * scatter, odd);
}

static void learn_lengths(track *t) {
    t->seen_on.n = t->seen_off.n = 0;
    for (size_t c = 0; c < t->n_cycles; c++) {
        const found_cycle *now = &t->cycle[c];
        if (now->up >= 0 && now->down >= 0) {
            t->seen_on.at[t->seen_on.n] = now->end;
            t->seen_on.log_s[t->seen_on.n++] = t->log_s[now->end - now->start];
        }
        if (!c || now->up < 0 || now[-1].down < 0 || now->start - now[-1].end > t->longest) continue;
        t->seen_off.at[t->seen_off.n] = now->start;
        t->seen_off.log_s[t->seen_off.n++] = t->log_s[now->start - now[-1].end];
    }
    t->on = learn_lasting(t, &t->seen_on, t->on, ODD_ON);
    t->off = learn_lasting(t, &t->seen_off, t->off, ODD_OFF);
}

/* ---------------------------------------------------------------- the whole */

dcl_status dcl_cold_track(const dcl_power_scene *scene, dcl_cold_like *like, int32_t *level, size_t *cycles,
                          dcl_error *error) {
    track t = {0};
    dcl_status status = track_open(&t, scene, like, error);
    *cycles = 0;
    memset(level, 0, scene->n * sizeof *level);
    for (int round = 0; !status && round < ROUNDS; round++) {
        status = dcl_cold_signs_find(&t.signs, &t.look, round == 0, error);
        if (!status) status = make_room(&t, error);
        if (status) break;
        prepare(&t);
        ptrdiff_t last = best_chain(&t, round ? BREAK : FIRST_BREAK);
        t.n_cycles = 0;
        if (last < 0) break;
        status = take_chain(&t, last, error);
        if (status || t.n_cycles < LEAST_CYCLES) break;
        learn_look(&t);
        learn_lengths(&t);
    }
    if (!status && t.n_cycles) {
        *like = (dcl_cold_like){t.look.up_w, t.look.down_w, dcl_exp(t.on.middle), dcl_exp(t.off.middle)};
        *cycles = t.n_cycles;
        for (size_t c = 0; c < t.n_cycles; c++)
            dcl_cold_draw(scene, like, t.cycle[c].start, t.cycle[c].end, level);
    }
    track_free(&t);
    return status;
}
