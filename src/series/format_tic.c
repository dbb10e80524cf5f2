/*
 * Captures of a meter's télé-information: the bytes of the line, or a text with the arrival time before each
 * group
 * (`2026-01-31T12:00:00Z PAPP 00750 -`). Both modes; the frames themselves are read by mcu/.
 *
 * Time, best first: the arrival; the meter's own DATE (standard mode); the start given, counted on at the
 * line's speed (10 bits a character at 1200 or 9600 baud). A capture with none of them has no time, and we
 * say so instead of making one; historique frames that are followed as they come have the present.
 */
#include <math.h>
#include <string.h>

#include <declic/mcu.h>

#include "series/format.h"
#include "series/index_power.h"

/* At one baud: a character is ten bits. */
#define US_PER_CHARACTER UINT64_C(10000000)

typedef struct reader {
    dcl_collect *collect;
    dcl_mcu_tic tic;
    bool timed_lines; /* an arrival time before each group */
    bool has_arrival;
    int64_t arrival_us, line_us; /* of the frame's first group, of the line being read */
    uint64_t bytes;              /* pushed so far, for the line's clock */
    uint64_t frame_bytes;        /* … when the frame began */
    /* The frame being read. */
    bool seen[DCL_TIC_LABEL_COUNT];
    double value[DCL_TIC_LABEL_COUNT];
    bool has_time, other_home, standard;
    bool three_phase; /* seen in any frame: noise must not move a phase to the total */
    int64_t time_us;
    /* Across frames. */
    uint64_t undated;
    dcl_meter_power meter;
} reader;

/* Labels that become channels; on one phase the meter's first phase is the whole home. */
static const struct {
    dcl_mcu_tic_label label;
    dcl_channel channel, three_phase;
} channels[] = {
    {DCL_TIC_PAPP, DCL_APPARENT_VA, DCL_APPARENT_VA},
    {DCL_TIC_SINSTS, DCL_APPARENT_VA, DCL_APPARENT_VA},
    {DCL_TIC_SINSTS1, DCL_APPARENT_VA_L1, DCL_APPARENT_VA_L1},
    {DCL_TIC_SINSTS2, DCL_APPARENT_VA_L2, DCL_APPARENT_VA_L2},
    {DCL_TIC_SINSTS3, DCL_APPARENT_VA_L3, DCL_APPARENT_VA_L3},
    {DCL_TIC_IINST, DCL_CURRENT_A, DCL_CURRENT_A},
    {DCL_TIC_IINST1, DCL_CURRENT_A_L1, DCL_CURRENT_A_L1},
    {DCL_TIC_IINST2, DCL_CURRENT_A_L2, DCL_CURRENT_A_L2},
    {DCL_TIC_IINST3, DCL_CURRENT_A_L3, DCL_CURRENT_A_L3},
    {DCL_TIC_IRMS1, DCL_CURRENT_A, DCL_CURRENT_A_L1},
    {DCL_TIC_IRMS2, DCL_CURRENT_A_L2, DCL_CURRENT_A_L2},
    {DCL_TIC_IRMS3, DCL_CURRENT_A_L3, DCL_CURRENT_A_L3},
    {DCL_TIC_URMS1, DCL_VOLTAGE_V, DCL_VOLTAGE_V_L1},
    {DCL_TIC_URMS2, DCL_VOLTAGE_V_L2, DCL_VOLTAGE_V_L2},
    {DCL_TIC_URMS3, DCL_VOLTAGE_V_L3, DCL_VOLTAGE_V_L3},
};

/* ---------------------------------------------------------------- detection */

/* The part of a timed line that is the group; NULL when no time stands before one. */
static const char *after_time(const char *line, size_t n, int64_t *time_us) {
    size_t word = 0;
    while (word < n && line[word] != ' ' && line[word] != '\t') word++;
    if (word == n || word == 0) return NULL;
    bool has_offset;
    char copy[40];
    double seconds;
    if (word >= sizeof copy) return NULL;
    memcpy(copy, line, word);
    copy[word] = '\0';
    if (dcl_field_number((dcl_field){copy, word}, &seconds)) {
        if (!(seconds > 1e8 && seconds < 1e11)) return NULL;
        *time_us = (int64_t)llround(seconds * 1e6);
    } else if (dcl_time_parse(copy, word, time_us, &has_offset) || !has_offset) {
        return NULL; /* an arrival without an offset would be a guess */
    }
    return line + word + 1;
}

static bool has_groups(const char *head, size_t n, bool timed) {
    dcl_mcu_tic tic;
    dcl_mcu_tic_init(&tic);
    for (size_t at = 0; at < n;) {
        const char *end = memchr(head + at, '\n', n - at);
        size_t length = end ? (size_t)(end - (head + at)) + 1 : n - at;
        int64_t time_us;
        const char *group = timed ? after_time(head + at, length, &time_us) : head + at;
        if (timed) dcl_mcu_tic_push(&tic, '\n');
        for (const char *c = group; c && c < head + at + length; c++) dcl_mcu_tic_push(&tic, (uint8_t)*c);
        at += length;
    }
    return tic.groups > tic.bad_checksums && tic.groups >= tic.malformed / 2;
}

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    if (has_groups(head, n, false)) return 85;
    return has_groups(head, n, true) ? 84 : 0;
}

/* ---------------------------------------------------------------- frames */

static dcl_status add_sample(reader *r, dcl_channel channel, double value, dcl_error *error) {
    size_t track;
    dcl_status status = dcl_collect_track(r->collect, "", channel, &track, error);
    return status ? status : dcl_collect_add(r->collect, track, r->time_us, DCL_SPAN_SAMPLE, value, error);
}

static dcl_status add_energies(reader *r, dcl_error *error) {
    uint64_t labels = 0;
    bool standard = r->seen[DCL_TIC_SINSTS];
    dcl_meter_frame frame = {.time_us = r->time_us, .whole_va = standard, .va = NAN};
    if (standard || r->seen[DCL_TIC_PAPP]) frame.va = r->value[standard ? DCL_TIC_SINSTS : DCL_TIC_PAPP];
    frame.exports = r->seen[DCL_TIC_SINSTI] && r->value[DCL_TIC_SINSTI] > 0 && !(frame.va > 0);
    for (size_t i = 0; i < DCL_DRAWN_COUNT; i++) {
        if (!r->seen[dcl_drawn_label[i]]) continue;
        labels |= (uint64_t)1 << i;
        frame.energy_wh += (uint64_t)r->value[dcl_drawn_label[i]];
    }
    dcl_status status = dcl_meter_power_drawn(&r->meter, r->collect, &frame, labels, error);
    if (status || !r->seen[DCL_TIC_EAIT]) return status;
    return dcl_meter_power_injected(&r->meter, r->collect, r->time_us, (uint64_t)r->value[DCL_TIC_EAIT],
                                    error);
}

static dcl_status add_frame(reader *r, dcl_error *error) {
    r->three_phase = r->three_phase || r->seen[DCL_TIC_IRMS2] || r->seen[DCL_TIC_URMS2];
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < sizeof channels / sizeof *channels; i++) {
        if (!r->seen[channels[i].label]) continue;
        dcl_channel channel = r->three_phase ? channels[i].three_phase : channels[i].channel;
        status = add_sample(r, channel, r->value[channels[i].label], error);
    }
    return status ? status : add_energies(r, error);
}

static bool frame_has_values(const reader *r) {
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        if (r->seen[channels[i].label]) return true;
    return false;
}

/* The moment of the frame, from the best clock there is. */
static bool date_frame(reader *r) {
    const dcl_read_options *options = r->collect->options;
    if (r->has_arrival)
        r->time_us = r->arrival_us;
    else if (!r->has_time && options->has_start)
        r->time_us =
            options->start_us + (int64_t)(r->frame_bytes * US_PER_CHARACTER / (r->standard ? 9600 : 1200));
    else if (!r->has_time && r->collect->sink && !r->standard && frame_has_values(r))
        r->time_us = r->collect->context->now_us;
    else if (!r->has_time)
        return false;
    if (!r->has_arrival && !r->has_time)
        r->collect->notes |=
            1U << (options->has_start ? DCL_NOTE_TIME_FROM_LINE_RATE : DCL_NOTE_TIME_OF_ARRIVAL);
    return true;
}

static dcl_status end_frame(reader *r, dcl_error *error) {
    dcl_status status = DCL_OK;
    if (r->other_home && frame_has_values(r))
        status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_OTHER_HOME, "", error);
    else if (date_frame(r))
        status = add_frame(r, error);
    else
        r->undated += frame_has_values(r);
    memset(r->seen, 0, sizeof r->seen);
    r->has_time = r->other_home = r->has_arrival = false;
    r->frame_bytes = r->bytes;
    return status;
}

/* ---------------------------------------------------------------- groups */

static bool horodate_us(const char *text, size_t n, int64_t *time_us, bool *degraded) {
    dcl_mcu_tic_time t;
    if (!dcl_mcu_tic_time_parse(text, n, &t) || !t.offset_minutes) return false;
    *time_us = dcl_days_from_date(t.year, t.month, t.day) * DCL_DAY_US + t.hour * DCL_HOUR_US +
               t.minute * DCL_MINUTE_US + t.second * DCL_SECOND_US - t.offset_minutes * DCL_MINUTE_US;
    *degraded = t.degraded;
    return true;
}

static dcl_status take_group(reader *r, dcl_error *error) {
    dcl_mcu_tic_group group = dcl_mcu_tic_last(&r->tic);
    dcl_mcu_tic_label label = dcl_mcu_tic_label_find(group.label);
    if (label == DCL_TIC_LABEL_COUNT) return DCL_OK;
    dcl_status status = r->seen[label] ? end_frame(r, error) : DCL_OK; /* a frame whose end was lost */
    if (status) return status;
    if (r->timed_lines && !r->has_arrival) {
        r->has_arrival = true;
        r->arrival_us = r->line_us;
    }
    r->seen[label] = true;
    r->value[label] = NAN;
    r->standard = group.mode == DCL_TIC_MODE_STANDARD;
    if (label == DCL_TIC_ADCO || label == DCL_TIC_ADSC) {
        r->other_home = !dcl_collect_same_home(r->collect, group.data);
        return DCL_OK;
    }
    bool degraded = false;
    if (label == DCL_TIC_DATE) {
        r->has_time = horodate_us(group.horodate, group.horodate_length, &r->time_us, &degraded);
        if (degraded) r->collect->notes |= 1U << DCL_NOTE_CLOCK_DEGRADED;
        return DCL_OK;
    }
    uint32_t number;
    const dcl_mcu_tic_label_info *info = dcl_mcu_tic_label_at(label);
    bool is_number = info->unit >= DCL_TIC_UNIT_A && info->unit <= DCL_TIC_UNIT_VARH;
    if (!is_number) return DCL_OK;
    if (!dcl_mcu_tic_number(group.data, group.data_length, &number)) {
        r->seen[label] = false;
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected digits in a group", error);
    }
    r->value[label] = number;
    if (label == DCL_TIC_PREF && number) r->collect->subscribed_kva = number;
    if (label == DCL_TIC_ISOUSC && number) r->collect->subscribed_kva = number * 0.2; /* A at 200 V */
    int64_t moment;
    if ((label == DCL_TIC_SMAXSN || label == DCL_TIC_SMAXSN_1) && !r->other_home &&
        horodate_us(group.horodate, group.horodate_length, &moment, &degraded))
        return dcl_collect_maximum(r->collect, moment, number, error);
    return DCL_OK;
}

static dcl_status push(reader *r, uint8_t byte, dcl_error *error) {
    r->bytes++;
    switch (dcl_mcu_tic_push(&r->tic, byte)) {
    case DCL_TIC_EVENT_GROUP: return take_group(r, error);
    case DCL_TIC_EVENT_FRAME_START:
    case DCL_TIC_EVENT_FRAME_END:
    case DCL_TIC_EVENT_INTERRUPTED: return end_frame(r, error);
    case DCL_TIC_EVENT_BAD_CHECKSUM:
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_CHECKSUM, "a wrong checksum", error);
    case DCL_TIC_EVENT_MALFORMED:
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "a line that is no group", error);
    default: return DCL_OK;
    }
}

/* ---------------------------------------------------------------- files */

static dcl_status read_bytes(reader *r, dcl_input *input, dcl_error *error) {
    for (;;) {
        const char *bytes;
        size_t n;
        dcl_status status = dcl_input_block(input, &bytes, &n, error);
        if (status || !n) return status;
        int64_t start = input->pos.byte;
        input->pos.line = 0;
        for (size_t i = 0; !status && i < n; i++) {
            input->pos.byte = start + (int64_t)i;
            status = push(r, (uint8_t)bytes[i], error);
        }
        if (status) return status;
    }
}

static dcl_status read_lines(reader *r, dcl_input *input, dcl_error *error) {
    for (;;) {
        char *line;
        size_t n;
        int64_t time_us;
        dcl_status status = dcl_input_line(input, &line, &n, error);
        if (status || !line) return status;
        if (!n) continue;
        const char *group = after_time(line, n, &time_us);
        if (!group) {
            status =
                dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected a time and a group", error);
        } else {
            r->line_us = time_us;
            status = push(r, '\n', error);
            for (const char *c = group; !status && *c; c++) status = push(r, (uint8_t)*c, error);
            if (!status) status = push(r, '\r', error);
        }
        if (status) return status;
    }
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect};
    const char *head;
    size_t n;
    dcl_mcu_tic_init(&r.tic);
    size_t want = collect->sink ? DCL_STREAM_HEAD_BYTES : DCL_HEAD_BYTES;
    dcl_status status = dcl_input_peek(input, want, &head, &n, error);
    if (status) return status;
    r.timed_lines = !has_groups(head, n, false) && has_groups(head, n, true);
    status = r.timed_lines ? read_lines(&r, input, error) : read_bytes(&r, input, error);
    if (!status) status = end_frame(&r, error);
    if (!status) status = dcl_meter_power_end(&r.meter, collect, error);
    if (!status && r.undated && !r.meter.drawn.read && !collect->tracks)
        return dcl_fail(error, DCL_E_NO_DATA,
                        "no frame (of %llu) has a time: historique mode carries none; --start TIME gives the "
                        "moment of the "
                        "first byte",
                        (unsigned long long)r.undated);
    if (r.undated) {
        status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
        collect->excluded[DCL_EXCLUDED_BAD_TIME].count += r.undated - 1;
    }
    return status;
}

const dcl_format dcl_format_tic = {"tic", "capture of télé-information, with or without arrival times",
                                   detect, read_file};
