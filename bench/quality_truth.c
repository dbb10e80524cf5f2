#include "quality_truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rule of the truth. A steady run: at least RUN_S samples whose range is at most max(RUN_W, RUN_SHARE ×
 * mean). */
enum { RUN_S = 5, JOIN_S = 5, MATCH_S = 3, FILL_S = 60 };
static const double RUN_W = 10, RUN_SHARE = 0.06, FILL_W = 5, MUST_W = 30, OPTIONAL_W = 15, SIZE_SHARE = 0.2,
                    SIZE_W = 15, RESTLESS_W = 15;

void quality_steps_add(quality_steps *steps, int64_t time_s, double size_w, size_t plug) {
    if (steps->n == steps->room) {
        steps->room = steps->room ? 2 * steps->room : 1024;
        steps->step = realloc(steps->step, steps->room * sizeof *steps->step);
        if (!steps->step) abort();
    }
    steps->step[steps->n++] = (quality_step){time_s, size_w, plug};
}

/* Gaps of at most FILL_S between two readings below FILL_W are a plug that is off: filled with the reading
 * before. */
static void fill_gaps(float *value, size_t n) {
    for (size_t i = 0; i < n;) {
        if (!isnan(value[i])) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < n && isnan(value[end])) end++;
        if (i && end < n && end - i <= FILL_S && value[i - 1] < FILL_W && value[end] < FILL_W)
            for (size_t k = i; k < end; k++) value[k] = value[i - 1];
        i = end;
    }
}

/* The end of the steady run that starts at `start`: the first sample that does not fit. */
static size_t run_end(const float *value, size_t n, size_t start, double *mean) {
    double low = value[start], high = low, sum = 0;
    size_t i = start;
    for (; i < n && !isnan(value[i]); i++) {
        double v = value[i], new_low = fmin(low, v), new_high = fmax(high, v);
        double bound = fmax(RUN_W, RUN_SHARE * (sum + v) / (double)(i - start + 1));
        if (new_high - new_low > bound) break;
        low = new_low, high = new_high, sum += v;
    }
    *mean = sum / (double)(i - start);
    return i;
}

/* Marks [from, to) where the signal, with the samples at both ends, moves by RESTLESS_W or more. */
static void mark_restless(const float *value, size_t n, size_t from, size_t to, bool *restless) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = from; i < to; i++) low = fmin(low, value[i]), high = fmax(high, value[i]);
    if (from) from--;
    if (to < n) to++;
    if (high - low < RESTLESS_W) return;
    for (size_t i = from; i < to; i++) restless[i] = true;
}

void quality_truth_steps(const float *value, size_t n, size_t plug, quality_steps *out, bool *restless) {
    bool has_before = false;
    double before = 0;
    size_t before_end = 0;
    for (size_t i = 0; i < n;) {
        if (isnan(value[i])) {
            if (has_before && restless) mark_restless(value, n, before_end, i, restless);
            has_before = false;
            i++;
            before_end = i;
            continue;
        }
        double mean;
        size_t end = run_end(value, n, i, &mean);
        if (end - i < RUN_S) {
            i++;
            continue;
        }
        bool step = has_before && i - before_end <= JOIN_S && fabs(mean - before) >= OPTIONAL_W;
        if (step)
            quality_steps_add(out, (int64_t)before_end, mean - before, plug);
        else if (restless)
            mark_restless(value, n, before_end, i, restless);
        has_before = true, before = mean, before_end = i = end;
    }
}

static int by_time(const void *a, const void *b) {
    const quality_step *x = a, *y = b;
    if (x->time_s != y->time_s) return x->time_s < y->time_s ? -1 : 1;
    return (x->plug > y->plug) - (x->plug < y->plug);
}

void quality_home_make(quality_home *home) {
    size_t n = home->n;
    home->mains = calloc(n, sizeof *home->mains);
    home->restless = calloc(n, sizeof *home->restless);
    if (!home->mains || !home->restless) abort();
    for (size_t p = 0; p < home->plugs; p++) fill_gaps(home->plug[p], n);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t p = 0; p < home->plugs; p++) sum += home->plug[p][i];
        home->mains[i] = (float)sum;
        if (!isnan(sum)) home->present++;
    }
    /* A second counts where all plugs are present. */
    for (size_t p = 0; p < home->plugs; p++) {
        for (size_t i = 0; i < n; i++)
            if (isnan(home->mains[i])) home->plug[p][i] = NAN;
        quality_truth_steps(home->plug[p], n, p, &home->truth, home->restless);
    }
    qsort(home->truth.step, home->truth.n, sizeof *home->truth.step, by_time);
}

/* ---------------------------------------------------------------- matching */

typedef struct matching {
    const quality_steps *truth, *found;
    ptrdiff_t *truth_of, *found_of; /* partner of each, -1 = none */
    size_t *seen, round;
    bool *found_out; /* left out of the score */
} matching;

static bool fits(const quality_step *truth, const quality_step *found) {
    if (llabs(truth->time_s - found->time_s) > MATCH_S) return false;
    if ((truth->size_w > 0) != (found->size_w > 0)) return false;
    return fabs(truth->size_w - found->size_w) <= fmax(SIZE_SHARE * fabs(truth->size_w), SIZE_W);
}

/* Kuhn's augmenting path: a truth once matched stays matched. Found steps are in order of time. */
static bool augment(matching *m, size_t t) {
    const quality_step *truth = &m->truth->step[t];
    size_t low = 0, high = m->found->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->found->step[middle].time_s < truth->time_s - MATCH_S)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t f = low; f < m->found->n && m->found->step[f].time_s <= truth->time_s + MATCH_S; f++) {
        if (m->found_out[f] || m->seen[f] == m->round || !fits(truth, &m->found->step[f])) continue;
        m->seen[f] = m->round;
        if (m->truth_of[f] < 0 || augment(m, (size_t)m->truth_of[f])) {
            m->truth_of[f] = (ptrdiff_t)t;
            m->found_of[t] = (ptrdiff_t)f;
            return true;
        }
    }
    return false;
}

static bool near_restless(const quality_home *home, int64_t time_s) {
    for (int64_t i = time_s - MATCH_S; i <= time_s + MATCH_S; i++)
        if (i >= 0 && i < (int64_t)home->n && home->restless[i]) return true;
    return false;
}

quality_score quality_match(const quality_home *home, const quality_steps *found, bool settled) {
    quality_score score = {0};
    const quality_steps *truth = &home->truth;
    matching m = {.truth = truth, .found = found};
    m.truth_of = malloc((found->n + 1) * sizeof *m.truth_of);
    m.found_of = malloc((truth->n + 1) * sizeof *m.found_of);
    m.seen = calloc(found->n + 1, sizeof *m.seen);
    m.found_out = calloc(found->n + 1, sizeof *m.found_out);
    if (!m.truth_of || !m.found_of || !m.seen || !m.found_out) abort();
    for (size_t f = 0; f < found->n; f++) {
        m.truth_of[f] = -1;
        m.found_out[f] = settled && near_restless(home, found->step[f].time_s);
        score.found += !m.found_out[f];
    }
    for (size_t t = 0; t < truth->n; t++) m.found_of[t] = -1;
    /* First what must be found, then what may: the optional never take a partner away. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t t = 0; t < truth->n; t++) {
            bool must = fabs(truth->step[t].size_w) >= MUST_W;
            if (must == (pass == 1) || (settled && near_restless(home, truth->step[t].time_s))) continue;
            m.round++;
            bool hit = augment(&m, t);
            score.must += must;
            if (must)
                score.hit += hit;
            else
                score.optional_hit += hit;
        }
    score.false_found = score.found - score.hit - score.optional_hit;
    size_t counted = score.hit + score.false_found;
    score.precision = counted ? (double)score.hit / (double)counted : 0;
    score.recall = score.must ? (double)score.hit / (double)score.must : 0;
    double sum = score.precision + score.recall;
    score.f1 = sum > 0 ? 2 * score.precision * score.recall / sum : 0;
    free(m.truth_of), free(m.found_of), free(m.seen), free(m.found_out);
    return score;
}
