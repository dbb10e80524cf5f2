/* Homes become rows: minutes as the gateway closes them. Steps are in lesson_steps.c. */
#include "gateway/lesson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/minutes.h"

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

/* The energy from minute i to the end of its civil day, in 10 Wh; NaN where not all of it is known. */
static float rest_of_day(const dcl_gateway_minutes *m, size_t i, int32_t offset) {
    uint32_t local = (m->first + (uint32_t)i + (uint32_t)offset) % 1440;
    double sum = 0;
    if (i + (1440 - local) > m->n) return NAN;
    for (uint32_t k = 0; k < 1440 - local; k++) sum += (double)m->mean[i + k];
    return (float)(sum / 600);
}

static dcl_status teach_minutes(dcl_gateway_lesson *lesson, const dcl_gateway_minutes *m,
                                const dcl_zone *zone, dcl_error *error) {
    dcl_mcu_running running = {0};
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i + 1 < m->n; i++) {
        int16_t x[DCL_BLOB_FEATURES];
        uint32_t minute = m->first + (uint32_t)i;
        if (isnan(m->mean[i])) continue;
        int32_t offset = dcl_gateway_offset(zone, minute), now_w = dcl_gateway_watts(m->end[i]);
        dcl_mcu_running_minute(&running, minute, offset, dcl_gateway_watts(m->mean[i]));
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
    if (!dcl_gateway_sees(power))
        return dcl_fail(error, DCL_E_NO_DATA,
                        "home %s has no active power every minute or faster, which a gateway learns from",
                        home->id);
    dcl_gateway_minutes m = {0};
    dcl_status status = dcl_gateway_minutes_read(power, &m, error);
    if (!status) status = teach_minutes(lesson, &m, zone, error);
    if (!status && power->period_us <= 2 * DCL_SECOND_US && home->n_truth)
        status = dcl_gateway_lesson_steps(lesson, home, error);
    dcl_gateway_minutes_free(&m);
    lesson->homes++;
    return status;
}
