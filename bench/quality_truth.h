/* Truth of steps from single plugs, and the score of detected steps against it. */
#ifndef BENCH_QUALITY_TRUTH_H
#define BENCH_QUALITY_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A step: time in seconds from the start of the span, size in W. */
typedef struct quality_step {
    int64_t time_s;
    double size_w;
    size_t plug; /* of a truth: which one */
} quality_step;

typedef struct quality_steps {
    quality_step *step;
    size_t n, room;
} quality_steps;

void quality_steps_add(quality_steps *steps, int64_t time_s, double size_w, size_t plug);

/**
 * A home of plugs at 1 s.
 * plug [plugs][n]  W, NaN = missing
 * mains [n]        their sum; NaN where one is missing
 * restless [n]     a plug swings by 15 W or more there without settling
 */
typedef struct quality_home {
    size_t plugs, n, present;
    float **plug;
    float *mains;
    bool *restless;
    quality_steps truth;
} quality_home;

/** From the plugs: fills short gaps, sums, finds the true steps and the restless spans. */
void quality_home_make(quality_home *home);
/** True steps of one signal: `plug` goes into the steps, restless [n] may be NULL. Used on the mains as a
 * baseline too. */
void quality_truth_steps(const float *value, size_t n, size_t plug, quality_steps *out, bool *restless);

typedef struct quality_score {
    size_t must, hit, optional_hit, false_found, found;
    double precision, recall, f1;
} quality_score;

/** Matches one to one. `settled` leaves out truths and found steps in restless spans. */
quality_score quality_match(const quality_home *home, const quality_steps *found, bool settled);

#endif
