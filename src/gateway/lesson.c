/* Homes become rows: minutes as the gateway closes them. Steps are in lesson_steps.c. */
#include "gateway/lesson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

/* 2000-01-01T00:00Z, where minutes of the gateway count from. */
#define EPOCH_US (INT64_C(946684800) * DCL_SECOND_US)
enum { TODAY_EVERY = 10 /* minutes */ };

dcl_status dcl_gateway_rows_add(dcl_gateway_rows *rows, const int16_t *x, uint32_t k, float y, float scale,
                                uint32_t group, dcl_error *error) {
    rows->k = k;
    if (dcl_grow(&rows->x, &rows->room_x, (rows->n + 1) * k, sizeof *rows->x) ||
        dcl_grow(&rows->y, &rows->room_y, rows->n + 1, sizeof *rows->y) ||
        dcl_grow(&rows->scale, &rows->room_scale, rows->n + 1, sizeof *rows->scale) ||
        dcl_grow(&rows->group, &rows->room_group, rows->n + 1, sizeof *rows->group))
        return dcl_fail_memory(error, "rows to learn from");
    memcpy(rows->x + rows->n * k, x, k * sizeof *x);
    rows->y[rows->n] = y;
    rows->scale[rows->n] = scale;
    rows->group[rows->n++] = group;
    return DCL_OK;
}

static void free_rows(dcl_gateway_rows *rows) {
    free(rows->x);
    free(rows->y);
    free(rows->scale);
    free(rows->group);
}

dcl_status dcl_gateway_lesson_open(dcl_gateway_lesson **out, dcl_error *error) {
    *out = calloc(1, sizeof **out);
    return *out ? DCL_OK : dcl_fail_memory(error, "a lesson");
}

void dcl_gateway_lesson_close(dcl_gateway_lesson **lesson) {
    if (!*lesson) return;
    free_rows(&(*lesson)->minute);
    free_rows(&(*lesson)->today);
    free_rows(&(*lesson)->step);
    free(*lesson);
    *lesson = NULL;
}

/* Rows of a home lie together, in order of time. */
void dcl_gateway_hold(const dcl_gateway_lesson *lesson, const dcl_gateway_rows *rows, uint8_t *held) {
    for (size_t first = 0, last; first < rows->n; first = last) {
        uint32_t home = rows->group[first];
        for (last = first; last < rows->n && rows->group[last] == home;) last++;
        for (size_t i = first; i < last; i++)
            held[i] = lesson->homes >= 4 ? home % 4 == 3 : i - first >= (last - first) / 4 * 3;
    }
}

/* ---------------------------------------------------------------- minutes */

/* A minute of the home: mean, and power at its end, W; NaN = not known. */
typedef struct minutes {
    float *mean, *end;
    size_t n;
    uint32_t first; /* since 2000 */
} minutes;

static dcl_status read_minutes(const dcl_series *power, minutes *m, dcl_error *error) {
    int64_t first = (power->start_us - EPOCH_US + DCL_MINUTE_US - 1) / DCL_MINUTE_US;
    int64_t start = EPOCH_US + first * DCL_MINUTE_US, per = DCL_MINUTE_US / power->period_us;
    int64_t skip = (start - power->start_us) / power->period_us;
    m->first = (uint32_t)first;
    m->n = (int64_t)power->n > skip ? (size_t)(((int64_t)power->n - skip) / per) : 0;
    m->mean = malloc((m->n + 1) * sizeof *m->mean);
    m->end = malloc((m->n + 1) * sizeof *m->end);
    if (!m->mean || !m->end) return dcl_fail_memory(error, "minutes of a home");
    for (size_t i = 0; i < m->n; i++) {
        const float *at = power->value + skip + (int64_t)i * per;
        double sum = 0;
        int64_t n = 0;
        m->end[i] = NAN;
        for (int64_t s = 0; s < per; s++) {
            if (isnan(at[s])) continue;
            m->end[i] = fmaxf(at[s], 0);
            sum += (double)m->end[i];
            n++;
        }
        m->mean[i] = 2 * n >= per ? (float)(sum / (double)n) : NAN;
    }
    return DCL_OK;
}

static int32_t offset_of(const dcl_zone *zone, uint32_t minute) {
    int64_t time_us = EPOCH_US + (int64_t)minute * DCL_MINUTE_US;
    return (int32_t)(dcl_zone_offset_s(zone, time_us) / 60);
}

/* The energy from minute i to the end of its civil day, in 10 Wh; NaN where not all of it is known. */
static float rest_of_day(const minutes *m, size_t i, int32_t offset) {
    uint32_t local = (m->first + (uint32_t)i + (uint32_t)offset) % 1440;
    double sum = 0;
    if (i + (1440 - local) > m->n) return NAN;
    for (uint32_t k = 0; k < 1440 - local; k++) sum += (double)m->mean[i + k];
    return (float)(sum / 600);
}

static dcl_status teach_minutes(dcl_gateway_lesson *lesson, const minutes *m, const dcl_zone *zone,
                                dcl_error *error) {
    dcl_mcu_running running = {0};
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i + 1 < m->n; i++) {
        int16_t x[DCL_BLOB_FEATURES];
        uint32_t minute = m->first + (uint32_t)i;
        if (isnan(m->mean[i])) continue;
        int32_t offset = offset_of(zone, minute), now_w = (int32_t)(m->end[i] + 0.5f);
        dcl_mcu_running_minute(&running, minute, offset, (int32_t)(m->mean[i] + 0.5f));
        if (!isnan(m->mean[i + 1])) {
            dcl_mcu_running_next(&running, now_w, x);
            status = dcl_gateway_rows_add(&lesson->minute, x, DCL_MINUTE_COUNT, m->mean[i + 1] - (float)now_w,
                                          1, lesson->homes, error);
        }
        float rest = minute % TODAY_EVERY == TODAY_EVERY - 1 ? rest_of_day(m, i + 1, offset) : NAN;
        if (!status && !isnan(rest)) {
            float plain = (float)dcl_mcu_running_today(&running, x).plain, scale = plain / 1000;
            status = dcl_gateway_rows_add(&lesson->today, x, DCL_TODAY_COUNT, (rest - plain) / scale, scale,
                                          lesson->homes, error);
        }
    }
    return status;
}

dcl_status dcl_gateway_lesson_add(dcl_gateway_lesson *lesson, const dcl_home *home, const dcl_zone *zone,
                                  dcl_error *error) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    if (!power || power->period_us > DCL_MINUTE_US || DCL_MINUTE_US % power->period_us ||
        power->start_us < EPOCH_US)
        return dcl_fail(error, DCL_E_NO_DATA,
                        "home %s has no active power every minute or faster, which a gateway learns from",
                        home->id);
    minutes m = {0};
    dcl_status status = read_minutes(power, &m, error);
    if (!status) status = teach_minutes(lesson, &m, zone, error);
    if (!status && power->period_us <= 2 * DCL_SECOND_US && home->n_truth)
        status = dcl_gateway_lesson_steps(lesson, home, error);
    free(m.mean);
    free(m.end);
    lesson->homes++;
    return status;
}
