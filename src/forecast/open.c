/* Rises and the falls that close them: the nearest in size, within a quarter of it. */
#include "forecast/open.h"

#include <math.h>
#include <string.h>

static const float least_step_w = 30;

void dcl_fc_open_begin(dcl_fc_open *open) {
    memset(open, 0, sizeof *open);
    open->before_w = NAN;
}

static void forget(dcl_fc_open *open, size_t i) {
    open->n--;
    for (; i < open->n; i++) {
        open->rise_w[i] = open->rise_w[i + 1];
        open->since[i] = open->since[i + 1];
    }
}

static void close_by(dcl_fc_open *open, float fall_w) {
    size_t best = DCL_FC_OPEN_MAX;
    float nearest = fall_w / 4;
    for (size_t i = 0; i < open->n; i++) {
        float off = fabsf(open->rise_w[i] - fall_w);
        if (off <= nearest) best = i, nearest = off;
    }
    if (best < DCL_FC_OPEN_MAX) forget(open, best);
}

/* What is drawn cannot be less than what is said to be on: the largest such rise was closed unseen. */
static void forget_impossible(dcl_fc_open *open, float power_w) {
    for (;;) {
        float sum = 0;
        size_t largest = 0;
        for (size_t i = 0; i < open->n; i++) {
            sum += open->rise_w[i];
            if (open->rise_w[i] > open->rise_w[largest]) largest = i;
        }
        if (!open->n || sum <= power_w + least_step_w) return;
        forget(open, largest);
    }
}

void dcl_fc_open_next(dcl_fc_open *open, size_t slot, float power_w) {
    float step = power_w - open->before_w;
    open->before_w = power_w;
    if (isnan(step)) {
        open->n = 0; /* after a gap nothing is known to be on */
        return;
    }
    if (fabsf(step) >= least_step_w) {
        open->step_w[1] = open->step_w[0], open->step_at[1] = open->step_at[0];
        open->step_w[0] = step, open->step_at[0] = slot;
    }
    if (step >= least_step_w) {
        if (open->n == DCL_FC_OPEN_MAX) forget(open, 0);
        open->rise_w[open->n] = step;
        open->since[open->n++] = slot;
    } else if (step <= -least_step_w) {
        close_by(open, -step);
    }
    forget_impossible(open, power_w);
}
