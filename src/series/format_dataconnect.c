/*
 * JSON of the utility's Data Connect service: `meter_reading` (or its inside alone, or a list of them) with
 * `interval_reading[]`. Load curves: mean W (or Wh), local stamps at the END of the interval. Energies
 * without a length: Wh of the civil day named by the stamp. Daily maxima: VA at the moment of the stamp.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "series/format.h"

enum { FILE_MAX = 256 << 20 };

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    head += strspn(head, " \t\r\n");
    if (*head != '{' && *head != '[') return 0;
    return dcl_contains(head, "\"interval_reading\"") || dcl_contains(head, "\"meter_reading\"") ? 95 : 0;
}

/* `PT30M` → ms; 0 when it is not there. */
static uint32_t length_ms(const char *text) {
    int count = 0;
    char unit = 0;
    if (!text || sscanf(text, "PT%4d%c", &count, &unit) != 2 || count <= 0) return 0;
    return unit == 'M' ? (uint32_t)count * 60000 : unit == 'H' && count <= 24 ? (uint32_t)count * 3600000 : 0;
}

typedef struct meter {
    dcl_collect *collect;
    dcl_clock clock;
    size_t track, item;
    bool is_energy, is_maximum;
} meter;

/* A parsed document knows no lines: the reading is named by its number. */
static dcl_status bad_item(const meter *m, const char *expected, dcl_error *error) {
    char why[128];
    snprintf(why, sizeof why, "reading %zu of \"interval_reading\": expected %s", m->item + 1, expected);
    return dcl_collect_exclude(m->collect, DCL_EXCLUDED_BAD_ROW, why, error);
}

static dcl_status add_day(meter *m, const char *date, double energy_wh, dcl_error *error) {
    dcl_collect *collect = m->collect;
    int64_t time_us;
    bool has_offset;
    if (dcl_time_parse(date, strlen(date), &time_us, &has_offset))
        return bad_item(m, "a date like 2024-01-31", error);
    int64_t days = time_us / DCL_DAY_US - (time_us % DCL_DAY_US < 0);
    int64_t start = dcl_zone_day_start(collect->zone, days),
            end = dcl_zone_day_start(collect->zone, days + 1);
    collect->used_zone = true;
    return dcl_collect_add_energy(collect, m->track, start, (uint32_t)((end - start) / 1000), energy_wh,
                                  error);
}

static dcl_status add_reading(meter *m, const dcl_json *item, dcl_error *error) {
    dcl_collect *collect = m->collect;
    const char *date = dcl_json_text(dcl_json_get(item, "date"));
    double value;
    if (!date) return bad_item(m, "a \"date\"", error);
    if (!dcl_json_real(dcl_json_get(item, "value"), &value))
        return bad_item(m, "a number as \"value\"", error);
    uint32_t span = length_ms(dcl_json_text(dcl_json_get(item, "interval_length")));
    if (m->is_energy && !span) return add_day(m, date, value, error);
    int64_t time_us;
    dcl_status read = dcl_clock_stamp(&m->clock, collect, date, strlen(date), &time_us);
    if (read == DCL_E_NOT_FOUND) return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (read) return bad_item(m, "a date like 2024-01-31 12:30:00", error);
    if (m->is_maximum) return dcl_collect_maximum(collect, time_us, value, error);
    collect->notes |= 1U << DCL_NOTE_STAMPS_ARE_ENDS;
    if (!span) return dcl_collect_add(collect, m->track, time_us, DCL_SPAN_ENDS, value, error);
    int64_t start_us = time_us - (int64_t)span * 1000;
    return m->is_energy ? dcl_collect_add_energy(collect, m->track, start_us, span, value, error)
                        : dcl_collect_add(collect, m->track, start_us, span, value, error);
}

static dcl_status read_meter(dcl_collect *collect, const dcl_json *reading, dcl_error *error) {
    if (dcl_json_get(reading, "meter_reading")) reading = dcl_json_get(reading, "meter_reading");
    const dcl_json *items = dcl_json_get(reading, "interval_reading"),
                   *type = dcl_json_get(reading, "reading_type");
    if (!dcl_json_is_list(items))
        return dcl_fail(error, DCL_E_FORMAT, "expected a list \"interval_reading\" in \"meter_reading\"");
    const char *address = dcl_json_text(dcl_json_get(reading, "usage_point_id"));
    const char *unit = dcl_json_text(dcl_json_get(type, "unit"));
    meter m = {.collect = collect, .clock = {.zone = collect->zone}};
    m.is_energy = unit && strcmp(unit, "Wh") == 0;
    m.is_maximum = unit && strcmp(unit, "VA") == 0;
    dcl_status status = dcl_collect_track(collect, "", DCL_POWER_W, &m.track, error);
    for (size_t i = 0; !status && i < dcl_json_length(items); i++) {
        m.item = i;
        if (address && !dcl_collect_same_home(collect, address))
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_OTHER_HOME, "", error);
        else
            status = add_reading(&m, dcl_json_at(items, i), error);
    }
    return status;
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    const char *bytes;
    size_t n;
    dcl_json *document = NULL;
    dcl_status status = dcl_input_all(input, FILE_MAX, &bytes, &n, error);
    input->pos = (dcl_pos){0, -1};
    if (!status) status = dcl_json_parse(bytes, n, &document, error);
    if (!status && dcl_json_is_list(document)) {
        for (size_t i = 0; !status && i < dcl_json_length(document); i++)
            status = read_meter(collect, dcl_json_at(document, i), error);
    } else if (!status) {
        status = read_meter(collect, document, error);
    }
    dcl_json_close(&document);
    return status;
}

const dcl_format dcl_format_dataconnect = {"dataconnect", "JSON of the utility's Data Connect service",
                                           detect, read_file};
