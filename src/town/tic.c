#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "town/town.h"

/* A home as its meter tells it: historique mode, 1200 baud, ten bits a character (Enedis-NOI-CPT_54E, 4 and 5.3). */

typedef struct speaker {
    const dcl_context *context;
    dcl_town_tic_fn take;
    void *arg;
    dcl_error *error;
    dcl_town_truth truth;
    int kva;
    int64_t line_us;     /* when the next character begins */
    int64_t index_uj[2]; /* µJ of off-peak (or all) and of peak hours since the meter was set */
    int most_a;
} speaker;

enum { CHARACTER_US = 10 * 1000000 / 1200 };

/* One group: LF, label, blank, data, blank, checksum, CR. */
static dcl_status say_group(speaker *s, const char *label, const char *data) {
    char group[64];
    int n = snprintf(group, sizeof group, "%s %s", label, data);
    unsigned sum = 0;
    for (int i = 0; i < n; i++) sum += (unsigned char)group[i];
    group[n] = ' ';
    group[n + 1] = (char)((sum & 0x3f) + 0x20);
    s->line_us += (n + 4) * (int64_t)CHARACTER_US;
    return s->take(s->arg, s->line_us, group, (size_t)n + 2, s->error);
}

static bool off_peak(const speaker *s, int64_t time_us) {
    dcl_civil civil = dcl_zone_civil(s->context->zone, time_us);
    int minute = civil.hour * 60 + civil.minute, noon = s->truth.noon_minute;
    int since = (minute - s->truth.off_peak_minute % 1440 + 1440) % 1440;
    return since < (noon >= 0 ? 360 : 480) || (noon >= 0 && minute >= noon && minute < noon + 120);
}

static dcl_status say_index(speaker *s, const char *label, int64_t uj) {
    char data[16];
    snprintf(data, sizeof data, "%09lld", (long long)(uj / 3600000000 % 1000000000));
    return say_group(s, label, data);
}

static dcl_status say_number(speaker *s, const char *label, const char *form, int number) {
    char data[16];
    snprintf(data, sizeof data, form, number);
    return say_group(s, label, data);
}

/* The groups of a frame, in the order of the meters. */
static dcl_status say_frame(speaker *s, int apparent_va, bool cheap) {
    bool hours = s->truth.off_peak_minute >= 0;
    int current_a = (apparent_va + 115) / 230;
    if (current_a > s->most_a) s->most_a = current_a;
    s->line_us += CHARACTER_US; /* STX */
    dcl_status status = say_group(s, "ADCO", "000000000000");
    if (!status) status = say_group(s, "OPTARIF", hours ? "HC.." : "BASE");
    if (!status) status = say_number(s, "ISOUSC", "%02d", s->kva * 5);
    if (!status && !hours) status = say_index(s, "BASE", s->index_uj[0]);
    if (!status && hours) status = say_index(s, "HCHC", s->index_uj[0]);
    if (!status && hours) status = say_index(s, "HCHP", s->index_uj[1]);
    if (!status) status = say_group(s, "PTEC", !hours ? "TH.." : cheap ? "HC.." : "HP..");
    if (!status) status = say_number(s, "IINST", "%03d", current_a);
    if (!status) status = say_number(s, "IMAX", "%03d", s->most_a);
    if (!status) status = say_number(s, "PAPP", "%05d", (apparent_va + 5) / 10 * 10);
    if (!status) status = say_group(s, "MOTDETAT", "000000");
    s->line_us += 3 * CHARACTER_US; /* ETX, and a moment until the next frame */
    return status;
}

/* The seconds of a day, frame by frame: the indexes go on with each second, a frame tells those of the second it begins in. */
static dcl_status say_day(speaker *s, const dcl_home *home) {
    const dcl_series *power = &home->series[0], *apparent = &home->series[1];
    bool cheap = true;
    dcl_status status = DCL_OK;
    for (size_t t = 0; !status && t < power->n; t++) {
        int64_t now_us = power->start_us + (int64_t)t * DCL_SECOND_US;
        if (now_us % DCL_MINUTE_US == 0 || !t) cheap = s->truth.off_peak_minute < 0 || off_peak(s, now_us);
        s->index_uj[cheap ? 0 : 1] += (int64_t)((double)power->value[t] * 1e6 + 0.5);
        while (!status && s->line_us < now_us + DCL_SECOND_US) {
            if (dcl_cancelled(s->context)) return dcl_fail(s->error, DCL_E_CANCELLED, "interrupted");
            status = say_frame(s, (int)((double)apparent->value[t] + 0.5), cheap);
        }
    }
    return status;
}

dcl_status dcl_town_tic(const dcl_context *context, const dcl_town_options *options, dcl_town_tic_fn take,
                        void *arg, dcl_error *error) {
    dcl_town_options day = *options;
    speaker s = {.context = context, .take = take, .arg = arg, .error = error};
    dcl_status status = DCL_OK;
    if (!context->zone) return dcl_fail(error, DCL_E_ARG, "a simulated home needs the zone of civil time");
    if (options->days < 1)
        return dcl_fail(error, DCL_E_ARG, "a simulated home has 1 to 36,600 days, not %d", options->days);
    int64_t first = dcl_zone_day(context->zone, options->start_us);
    day.period_us = DCL_SECOND_US;
    day.days = 1;
    for (int i = 0; !status && i < options->days; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        if (i) day.start_us = dcl_zone_day_start(context->zone, first + i);
        status = dcl_town_home(context, &day, &arena, &home, &s.truth, error);
        if (!status && !i) {
            s.kva = (int)home.subscribed_kva;
            s.line_us = home.series[0].start_us;
            s.index_uj[0] = INT64_C(12345678) * 3600000000;
            s.index_uj[1] = INT64_C(23456789) * 3600000000;
        }
        if (!status) status = say_day(&s, &home);
        dcl_arena_free(&arena);
    }
    return status;
}
