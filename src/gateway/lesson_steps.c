/* Steps with their names: a home is told as its meter tells it, and what the gateway sees is held against its parts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "gateway/lesson.h"

enum {
    FRAME_MS = 1300, /* historique frames come every 1.2 to 1.6 s */
    AWAY = 3,
    SPAN = 8 /* samples from a step, between which a part's power before and after is taken */
};

/* The mean of [from, to); NaN where nothing is known. */
static double mean_of(const dcl_series *s, int64_t from, int64_t to) {
    double sum = 0;
    int64_t n = 0;
    for (int64_t i = from < 0 ? 0 : from; i < to && i < (int64_t)s->n; i++) {
        if (isnan(s->value[i])) continue;
        sum += (double)s->value[i];
        n++;
    }
    return n ? sum / (double)n : NAN;
}

static double change_at(const dcl_series *s, int64_t time_us) {
    int64_t at = (time_us - s->start_us) / s->period_us, away = AWAY, span = SPAN;
    return mean_of(s, at + away, at + span) - mean_of(s, at - span, at - away);
}

/* The part that went the step's way by about its size, and by far the most; n_truth = none. */
static size_t cause_of(const dcl_home *home, const dcl_series *power, const dcl_mcu_step *step,
                       int64_t time_us) {
    double sign = step->va < 0 ? -1 : 1, whole = sign * change_at(power, time_us);
    double best = 0, second = 0;
    size_t cause = home->n_truth;
    for (size_t i = 0; i < home->n_truth; i++) {
        double change = sign * change_at(&home->truth[i], time_us);
        if (isnan(change)) continue;
        if (change > best) {
            second = best;
            best = change;
            cause = i;
        } else if (change > second) {
            second = change;
        }
    }
    return best > 15 && best > 0.7 * whole && best < 1.4 * whole && second < best / 4 ? cause : home->n_truth;
}

static uint32_t label_of(dcl_gateway_lesson *lesson, const char *name) {
    if (strncmp(name, "plug_", 5) == 0) name += 5;
    for (uint32_t i = 0; i < lesson->labels; i++)
        if (strncmp(lesson->label[i], name, DCL_GATEWAY_LABEL_ROOM - 1) == 0) return i;
    if (lesson->labels == DCL_GATEWAY_LABELS) return UINT32_MAX;
    snprintf(lesson->label[lesson->labels], DCL_GATEWAY_LABEL_ROOM, "%s", name);
    return lesson->labels++;
}

static dcl_status take_step(dcl_gateway_lesson *lesson, const dcl_home *home, const dcl_series *power,
                            const dcl_mcu_step *step, int64_t time_us, dcl_error *error) {
    size_t cause = cause_of(home, power, step, time_us);
    uint32_t label = cause < home->n_truth ? label_of(lesson, home->truth_name[cause]) : UINT32_MAX;
    if (label == UINT32_MAX || step->sparse) {
        lesson->unlabelled++;
        return DCL_OK;
    }
    int16_t x[DCL_GATEWAY_STEP_COUNT];
    dcl_mcu_step_features(step, x);
    return dcl_gateway_rows_add(&lesson->step, x, DCL_GATEWAY_STEP_COUNT, (float)label, 1, lesson->homes,
                                error);
}

/* The meter of a home, frame by frame: apparent power in steps of 10 VA, the index in whole Wh. */
dcl_status dcl_gateway_lesson_steps(dcl_gateway_lesson *lesson, const dcl_home *home, dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    const dcl_series *apparent = dcl_home_series(home, DCL_APPARENT_VA);
    if (!apparent || apparent->n != power->n || apparent->period_us != power->period_us) apparent = power;
    dcl_mcu_fusion fusion;
    dcl_mcu_steps steps;
    dcl_mcu_fusion_init(&fusion, 100, 50);
    dcl_mcu_steps_init(&steps);
    double energy_ws = 0, period_s = (double)power->period_us / 1e6;
    int64_t next_ms = 0;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < power->n; i++) {
        bool known = !isnan(power->value[i]) && !isnan(apparent->value[i]);
        energy_ws += known ? fmax((double)power->value[i], 0) * period_s : 0;
        int64_t now_ms = (int64_t)i * power->period_us / 1000;
        if (now_ms < next_ms || !known) continue;
        next_ms += FRAME_MS;
        if (next_ms <= now_ms) next_ms = now_ms + FRAME_MS; /* after a hole */
        double va = fmin(fmax((double)apparent->value[i], 0), 40000);
        dcl_mcu_fusion_frame frame = {(uint32_t)now_ms, (uint32_t)(energy_ws / 3600),
                                      (int32_t)(va / 10 + 0.5) * 100, 0};
        dcl_mcu_fusion_power out;
        dcl_mcu_fusion_push(&fusion, &frame, &out);
        dcl_mcu_step step;
        if (!dcl_mcu_steps_push(&steps, frame.time_ms, frame.apparent, &fusion, &step)) continue;
        int64_t at_ms = now_ms - (int64_t)(frame.time_ms - step.at_ms);
        status = take_step(lesson, home, power, &step, power->start_us + at_ms * 1000, error);
    }
    return status;
}
