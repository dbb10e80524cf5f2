/*
 * Messages of gateways and smart plugs as JSON, an object a line: Tasmota's METER and PROD (`SENSOR` and `LIVE` of
 * a télé-information gateway), TIC (label:value, text) and ENERGY (a plug); teleinfo2mqtt's
 * `{"PAPP":{"raw":"00750","value":750}}`; a bare `{"PAPP":"00750"}`. An arrival time and a topic may stand
 * before an object, as `mosquitto_sub -F '%I %t %p'` prints them. In METER, `P` is VA and `W` is active power.
 *
 * Time, best first: the arrival; `Time` inside, civil time where it has no offset; for the first object the
 * start given. An object with none of them has no time. METER, PROD and ENERGY are sent on change, else every
 * 300 s, so a sample holds a little longer than that. Source: the documentation of Tasmota.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "series/format.h"
#include "series/index_power.h"

#define HOLD_US (310 * DCL_SECOND_US)
enum { FILE_MAX = 1 << 20 };

typedef struct reader {
    dcl_collect *collect;
    dcl_clock clock;
    /* The line being read. */
    bool has_arrival;
    int64_t arrival_us, time_us;
    char topic[128]; /* without its last level; empty = none */
    /* Across lines. */
    bool has_meter, has_power, start_is_used, three_phase;
    char meter_topic[128];
    uint64_t undated;
    dcl_meter_power meter;
} reader;

typedef struct channel_key {
    const char *key;
    dcl_channel channel;
} channel_key;

static const channel_key meter_keys[] = {{"W", DCL_POWER_W},
                                         {"P", DCL_APPARENT_VA},
                                         {"U", DCL_VOLTAGE_V},
                                         {"I", DCL_CURRENT_A},
                                         {"PW", DCL_EXPORT_W}};
static const channel_key phase_keys[] = {
    {"W1", DCL_POWER_W_L1},     {"W2", DCL_POWER_W_L2},     {"W3", DCL_POWER_W_L3},
    {"P1", DCL_APPARENT_VA_L1}, {"P2", DCL_APPARENT_VA_L2}, {"P3", DCL_APPARENT_VA_L3},
    {"U1", DCL_VOLTAGE_V_L1},   {"U2", DCL_VOLTAGE_V_L2},   {"U3", DCL_VOLTAGE_V_L3},
    {"I1", DCL_CURRENT_A_L1},   {"I2", DCL_CURRENT_A_L2},   {"I3", DCL_CURRENT_A_L3}};
static const channel_key energy_keys[] = {{"Power", DCL_POWER_W},
                                          {"ApparentPower", DCL_APPARENT_VA},
                                          {"ReactivePower", DCL_REACTIVE_VAR},
                                          {"Voltage", DCL_VOLTAGE_V},
                                          {"Current", DCL_CURRENT_A}};

/* Labels of télé-information; on one phase the first phase is the home (DCL_CHANNEL_COUNT: said elsewhere). */
static const struct {
    const char *label;
    dcl_channel one_phase, three_phase;
} labels[] = {
    {"PAPP", DCL_APPARENT_VA, DCL_APPARENT_VA},          {"SINSTS", DCL_APPARENT_VA, DCL_APPARENT_VA},
    {"SINSTS1", DCL_CHANNEL_COUNT, DCL_APPARENT_VA_L1},  {"SINSTS2", DCL_APPARENT_VA_L2, DCL_APPARENT_VA_L2},
    {"SINSTS3", DCL_APPARENT_VA_L3, DCL_APPARENT_VA_L3}, {"IINST", DCL_CURRENT_A, DCL_CURRENT_A},
    {"IINST1", DCL_CHANNEL_COUNT, DCL_CURRENT_A_L1},     {"IINST2", DCL_CURRENT_A_L2, DCL_CURRENT_A_L2},
    {"IINST3", DCL_CURRENT_A_L3, DCL_CURRENT_A_L3},      {"IRMS1", DCL_CURRENT_A, DCL_CURRENT_A_L1},
    {"IRMS2", DCL_CURRENT_A_L2, DCL_CURRENT_A_L2},       {"IRMS3", DCL_CURRENT_A_L3, DCL_CURRENT_A_L3},
    {"URMS1", DCL_VOLTAGE_V, DCL_VOLTAGE_V_L1},          {"URMS2", DCL_VOLTAGE_V_L2, DCL_VOLTAGE_V_L2},
    {"URMS3", DCL_VOLTAGE_V_L3, DCL_VOLTAGE_V_L3}};

/* ---------------------------------------------------------------- lines */

/* An arrival: Unix seconds, or ISO 8601 with an offset (without one it would be a guess). */
static bool read_arrival(const char *word, size_t n, int64_t *time_us) {
    char copy[40];
    double seconds;
    bool has_offset;
    if (!n || n >= sizeof copy) return false;
    memcpy(copy, word, n);
    copy[n] = '\0';
    if (dcl_field_number((dcl_field){copy, n}, &seconds)) {
        if (!(seconds > 1e8 && seconds < 1e11)) return false;
        *time_us = (int64_t)llround(seconds * 1e6);
        return true;
    }
    return !dcl_time_parse(copy, n, time_us, &has_offset) && has_offset;
}

/* Takes the arrival and the topic off a line and returns what follows them. */
static const char *read_prefix(reader *r, const char *line) {
    line += strspn(line, " \t");
    size_t word = strcspn(line, " \t");
    r->has_arrival = *line != '{' && read_arrival(line, word, &r->arrival_us);
    if (r->has_arrival) line += word + strspn(line + word, " \t");
    r->topic[0] = '\0';
    word = strcspn(line, " \t");
    if (*line == '{' || !memchr(line, '/', word)) return line;
    size_t base = word;
    while (line[base - 1] != '/' && base > 1) base--;
    snprintf(r->topic, sizeof r->topic, "%.*s", (int)(base < 127 ? base - 1 : 126), line);
    return line + word + strspn(line + word, " \t");
}

static int detect(const char *name, const char *head, size_t n) {
    static const char *const keys[] = {"\"METER\"", "\"ENERGY\"", "\"TIC\"",
                                       "\"PROD\"",  "\"PAPP\"",   "\"SINSTS\""};
    (void)name;
    (void)n;
    reader r = {0};
    head += strspn(head, " \t\r\n");
    const char *rest = read_prefix(&r, head);
    if (*rest != '{' && !r.has_arrival && !r.topic[0]) return 0;
    if (!strchr(rest, '{')) return 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strstr(rest, keys[i])) return 88;
    return 0;
}

/* ---------------------------------------------------------------- values */

static dcl_status add_value(reader *r, const char *device, dcl_channel channel, double value,
                            dcl_error *error) {
    size_t track;
    dcl_status status = dcl_collect_track(r->collect, device, channel, &track, error);
    return status ? status : dcl_collect_add(r->collect, track, r->time_us, DCL_SPAN_SAMPLE, value, error);
}

/* A number, or the sum of a list of them: a plug of several outlets says one each, and their powers add. */
static bool read_number(const dcl_json *value, dcl_channel channel, double *out) {
    if (!dcl_json_is_list(value)) return dcl_json_real(value, out);
    bool adds = channel == DCL_POWER_W || channel == DCL_REACTIVE_VAR;
    double sum = 0, one;
    for (size_t i = 0; i < dcl_json_length(value); i++) {
        if (!dcl_json_real(dcl_json_at(value, i), &one)) return false;
        sum += one;
    }
    *out = sum;
    return dcl_json_length(value) == 1 || (adds && dcl_json_length(value));
}

static dcl_status add_keys(reader *r, const dcl_json *object, const channel_key *keys, size_t n,
                           const char *device, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        const dcl_json *value = dcl_json_get(object, keys[i].key);
        double number;
        if (!value) continue;
        if (read_number(value, keys[i].channel, &number))
            status = add_value(r, device, keys[i].channel, number, error);
        else /* volts of several outlets are many numbers, and none of the home's */
            status = dcl_collect_exclude(
                r->collect, dcl_json_is_list(value) ? DCL_EXCLUDED_NOT_READ : DCL_EXCLUDED_BAD_ROW,
                "expected a number in an object", error);
    }
    return status;
}

#define ADD_KEYS(r, object, keys, device, error)                                                             \
    add_keys(r, object, keys, sizeof(keys) / sizeof *(keys), device, error)

/* On one phase `U1` and `I1` are the home's, where it does not say them itself. */
static dcl_status add_meter(reader *r, const dcl_json *meter, dcl_error *error) {
    double number;
    dcl_status status = ADD_KEYS(r, meter, meter_keys, "", error);
    r->has_power = r->has_power || dcl_json_get(meter, "W");
    if (dcl_json_real(dcl_json_get(meter, "PSUB"), &number) && number > 0)
        r->collect->subscribed_kva = number / 1000;
    if (status || dcl_json_get(meter, "W2") || dcl_json_get(meter, "P2") || dcl_json_get(meter, "U2"))
        return status ? status : ADD_KEYS(r, meter, phase_keys, "", error);
    static const channel_key volts[] = {{"U1", DCL_VOLTAGE_V}}, amperes[] = {{"I1", DCL_CURRENT_A}};
    if (!dcl_json_get(meter, "U")) status = ADD_KEYS(r, meter, volts, "", error);
    if (!status && !dcl_json_get(meter, "I")) status = ADD_KEYS(r, meter, amperes, "", error);
    return status;
}

/* The plug is called as its topic is, between the first and the last level: tele/kitchen/fridge/SENSOR. */
static dcl_status add_plug(reader *r, const dcl_json *energy, bool is_meter, dcl_error *error) {
    char device[32] = "plug";
    const char *slash = strchr(r->topic, '/');
    const char *middle = slash ? slash + 1 : r->topic;
    if (*middle) snprintf(device, sizeof device, "%.31s", middle);
    for (char *c = device; *c; c++)
        if (*c == '/') *c = '_';
    if (is_meter) device[0] = '\0';
    if (!is_meter && !dcl_collect_wants(r->collect, device)) return DCL_OK;
    return ADD_KEYS(r, energy, energy_keys, device, error);
}

/* ---------------------------------------------------------------- télé-information */

/* The value of a label, be it a number, text or {"raw", "value"}; NULL where it is not there. */
static const dcl_json *label_value(const dcl_json *tic, const char *label) {
    const dcl_json *value = dcl_json_get(tic, label);
    if (!dcl_json_is_object(value)) return value;
    const dcl_json *inside = dcl_json_get(value, "raw");
    return inside ? inside : dcl_json_get(value, "value");
}

/* An index, Wh; a double holds whole numbers far beyond its nine digits. */
static bool read_index(const dcl_json *tic, const char *label, uint64_t *energy_wh) {
    double number;
    if (!dcl_json_real(label_value(tic, label), &number) || !(number >= 0 && number < 1e12)) return false;
    *energy_wh = (uint64_t)number;
    return true;
}

static dcl_status add_indexes(reader *r, const dcl_json *tic, dcl_error *error) {
    uint64_t seen = 0, energy_wh;
    double export_va;
    dcl_meter_frame frame = {.time_us = r->time_us, .va = NAN};
    frame.whole_va = dcl_json_real(label_value(tic, "SINSTS"), &frame.va);
    if (!frame.whole_va && !dcl_json_real(label_value(tic, "PAPP"), &frame.va)) frame.va = NAN;
    frame.exports = dcl_json_real(label_value(tic, "SINSTI"), &export_va) && export_va > 0 && !(frame.va > 0);
    for (size_t i = 0; i < DCL_DRAWN_COUNT; i++) {
        if (!read_index(tic, dcl_mcu_tic_label_at(dcl_drawn_label[i])->label, &energy_wh)) continue;
        seen |= (uint64_t)1 << i;
        frame.energy_wh += energy_wh;
    }
    dcl_status status = DCL_OK;
    if (!r->has_power) /* what is said need not be estimated */
        status = dcl_meter_power_drawn(&r->meter, r->collect, &frame, seen, error);
    if (status || !read_index(tic, "EAIT", &energy_wh)) return status;
    return dcl_meter_power_injected(&r->meter, r->collect, r->time_us, energy_wh, error);
}

static dcl_status add_labels(reader *r, const dcl_json *tic, dcl_error *error) {
    dcl_status status = DCL_OK;
    double number;
    const char *address = dcl_json_text(label_value(tic, "ADCO"));
    if (!address) address = dcl_json_text(label_value(tic, "ADSC"));
    if (address && !dcl_collect_same_home(r->collect, address))
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_OTHER_HOME, "", error);
    static const char *const second_phase[] = {"IRMS2", "URMS2", "IINST2", "SINSTS2"};
    for (size_t i = 0; i < sizeof second_phase / sizeof *second_phase; i++)
        r->three_phase = r->three_phase || label_value(tic, second_phase[i]);
    for (size_t i = 0; !status && i < sizeof labels / sizeof *labels; i++) {
        const dcl_json *value = label_value(tic, labels[i].label);
        dcl_channel channel = r->three_phase ? labels[i].three_phase : labels[i].one_phase;
        if (!value || channel == DCL_CHANNEL_COUNT) continue;
        if (dcl_json_real(value, &number))
            status = add_value(r, "", channel, number, error);
        else
            status =
                dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected digits in a label", error);
    }
    if (dcl_json_real(label_value(tic, "PREF"), &number) && number > 0) r->collect->subscribed_kva = number;
    if (dcl_json_real(label_value(tic, "ISOUSC"), &number) && number > 0)
        r->collect->subscribed_kva = number * 0.2; /* A at 200 V */
    return status ? status : add_indexes(r, tic, error);
}

/* ---------------------------------------------------------------- objects */

/* The moment of an object from the best clock there is. Errors: DCL_E_NO_DATA none; DCL_E_NOT_FOUND an hour that
 * clocks skip; DCL_E_FORMAT no time. */
static dcl_status date_object(reader *r, const dcl_json *object) {
    const dcl_read_options *options = r->collect->options;
    const char *time = dcl_json_text(dcl_json_get(object, "Time"));
    r->time_us = r->arrival_us;
    if (r->has_arrival) return DCL_OK;
    if (time) return dcl_clock_stamp(&r->clock, r->collect, time, strlen(time), &r->time_us);
    if (r->collect->sink) { /* a stream: the object came now */
        r->time_us = r->collect->context->now_us;
        r->collect->notes |= 1U << DCL_NOTE_TIME_OF_ARRIVAL;
        return DCL_OK;
    }
    if (!options->has_start || r->start_is_used) return DCL_E_NO_DATA;
    r->start_is_used = true;
    r->time_us = options->start_us;
    return DCL_OK;
}

/* A second gateway on the same broker is another home. */
static bool is_same_meter(reader *r) {
    if (!r->has_meter) memcpy(r->meter_topic, r->topic, sizeof r->topic);
    r->has_meter = true;
    return strcmp(r->meter_topic, r->topic) == 0;
}

static dcl_status take_object(reader *r, const dcl_json *object, dcl_error *error) {
    const dcl_json *meter = dcl_json_get(object, "METER"), *energy = dcl_json_get(object, "ENERGY"),
                   *tic = dcl_json_get(object, "TIC"), *prod = dcl_json_get(object, "PROD");
    if (!tic && (label_value(object, "PAPP") || label_value(object, "SINSTS"))) tic = object;
    if (!meter && !energy && !tic && !prod) return DCL_OK; /* of another kind of thing */
    dcl_status dated = date_object(r, object);
    if (dated == DCL_E_NO_DATA) r->undated++;
    if (dated == DCL_E_NO_DATA) return DCL_OK;
    if (dated == DCL_E_NOT_FOUND) return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (dated)
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW,
                                   "expected \"Time\" like 2024-01-31T12:30:00", error);
    static const channel_key prod_keys[] = {{"W", DCL_EXPORT_W}};
    bool is_meter = meter || tic || prod;
    if (is_meter && !is_same_meter(r))
        return dcl_collect_exclude(r->collect, DCL_EXCLUDED_OTHER_HOME, "", error);
    if (meter || energy || prod) r->collect->hold_us = HOLD_US;
    dcl_status status = DCL_OK;
    if (meter) status = add_meter(r, meter, error);
    if (!status && prod) status = ADD_KEYS(r, prod, prod_keys, "", error);
    if (!status && tic) status = add_labels(r, tic, error);
    /* A gateway may say its meter as ENERGY beside METER: that is said already. */
    if (!status && energy && !meter) status = add_plug(r, energy, is_meter, error);
    return status;
}

static dcl_status take_bytes(reader *r, const char *bytes, size_t n, dcl_error *error) {
    dcl_json *object = NULL;
    dcl_error why;
    dcl_status status;
    if (dcl_json_parse(bytes, n, &object, &why) || !dcl_json_is_object(object))
        status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW, "expected a JSON object", error);
    else
        status = take_object(r, object, error);
    dcl_json_close(&object);
    return status;
}

/* One object over several lines, as a tool that prints JSON for the eye lays it out. */
static dcl_status read_whole(reader *r, dcl_input *input, dcl_error *error) {
    const char *bytes;
    size_t n;
    dcl_status status = dcl_input_all(input, FILE_MAX, &bytes, &n, error);
    return status ? status : take_bytes(r, bytes, n, error);
}

static dcl_status read_lines(reader *r, dcl_input *input, dcl_error *error) {
    for (;;) {
        char *line;
        size_t n;
        dcl_status status = dcl_input_line(input, &line, &n, error);
        if (status || !line) return status;
        const char *rest = read_prefix(r, line);
        if (*rest == '{')
            status = take_bytes(r, rest, n - (size_t)(rest - line), error);
        else if (r->topic[0]) /* "Online" and the like */
            status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_NOT_READ, "", error);
        else if (*rest)
            status = dcl_collect_exclude(r->collect, DCL_EXCLUDED_BAD_ROW,
                                         "expected a JSON object, after a time and a topic or alone", error);
        if (status) return status;
    }
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    reader r = {.collect = collect, .clock = {.zone = collect->zone}};
    const char *head;
    size_t n;
    size_t want = collect->sink ? DCL_STREAM_HEAD_BYTES : DCL_HEAD_BYTES;
    dcl_status status = dcl_input_peek(input, want, &head, &n, error);
    if (status) return status;
    bool is_laid_out = n > 2 && head[0] == '{' && (head[1] == '\n' || head[1] == '\r');
    status = is_laid_out ? read_whole(&r, input, error) : read_lines(&r, input, error);
    if (!status) status = dcl_meter_power_end(&r.meter, collect, error);
    if (!status && r.undated && !collect->n_tracks)
        return dcl_fail(error, DCL_E_NO_DATA,
                        "no object (of %llu) has a time: neither \"Time\" nor an arrival before it; --start "
                        "TIME gives the moment of the first",
                        (unsigned long long)r.undated);
    if (!status && r.undated) {
        status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
        collect->excluded[DCL_EXCLUDED_BAD_TIME].count += r.undated - 1;
    }
    return status;
}

const dcl_format dcl_format_jsonlines = {
    "jsonlines", "JSON lines of Tasmota (METER, TIC, ENERGY) and teleinfo2mqtt", detect, read_file};
