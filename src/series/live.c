/*
 * A stream read as it comes, in memory that does not grow: the formats' own readers put readings in, slots of a regular grid
 * come out in order of time, by the rule that files are put on a grid with (resample.c), so the values are the same.
 *
 * A file can be looked at whole before its rhythm is told; a stream is told from its first readings. A clock that goes
 * back is believed when several readings in a row agree with it, and the grid begins anew; so does it after a long silence.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/order.h"
#include "series/format.h"

/* Readings that tell the rhythm; readings before the last one that make a clock that went back. */
enum { LEARN = 16, BELIEVED = 5, CHANNELS = 3 };
/* Slots of nothing are given for gaps up to this; after longer ones the grid begins anew. */
#define SILENCE_US DCL_HOUR_US

static const dcl_channel channels[CHANNELS] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR};

/* Formats whose rows stand in order of time and for themselves; a name that no reader has says nothing. */
static const char *const formats[] = {"csv", "jsonlines", "tic"};

/* What was said of one moment. */
typedef struct row {
    int64_t time_us;
    uint32_t span_ms; /* DCL_SPAN_SAMPLE, _STARTS or _ENDS */
    bool told[CHANNELS];
    float value[CHANNELS];
} row;

/* The last reading of a channel, and what it and those before it cover of the slot. */
typedef struct channel {
    float value;
    int64_t from_us, until_us, covered_us;
    double weighted;
} channel;

typedef struct live {
    dcl_collect collect;
    dcl_live_fn take;
    void *take_arg;
    row now; /* being told; told by the next moment to be complete */
    bool has_now;
    row first[LEARN];
    size_t n_first;
    bool learned, apparent_leads;
    int64_t typical_us, hold_us, period_us;
    bool running; /* a grid has begun */
    int64_t slot_us, covered_us, last_us;
    int behind, slower;
    channel channel[CHANNELS];
    uint64_t readings;
} live;

/* ---------------------------------------------------------------- slots */

static dcl_status close_slot(live *l, dcl_error *error) {
    dcl_live_event event = {.what = DCL_LIVE_SLOT, .time_us = l->slot_us, .period_us = l->period_us};
    float *const out[CHANNELS] = {&event.power_w, &event.apparent_va, &event.reactive_var};
    for (size_t c = 0; c < CHANNELS; c++) {
        channel *of = &l->channel[c];
        bool known = of->covered_us && of->covered_us * 2 >= l->period_us;
        *out[c] = known ? (float)(of->weighted / (double)of->covered_us) + 0.0f : NAN;
        of->covered_us = 0;
        of->weighted = 0;
    }
    event.apparent_leads = l->apparent_leads;
    l->slot_us += l->period_us;
    return l->take(l->take_arg, &event, error);
}

static void cover(live *l, int64_t to_us) {
    for (size_t c = 0; c < CHANNELS; c++) {
        channel *of = &l->channel[c];
        int64_t from = of->from_us > l->covered_us ? of->from_us : l->covered_us;
        int64_t to = of->until_us < to_us ? of->until_us : to_us;
        if (to <= from || isnan(of->value)) continue;
        of->covered_us += to - from;
        of->weighted += (double)of->value * (double)(to - from);
    }
    l->covered_us = to_us;
}

/* What is known holds up to `to_us`: gives out the slots that end by then. */
static dcl_status advance(live *l, int64_t to_us, dcl_error *error) {
    dcl_status status = DCL_OK;
    while (!status && l->slot_us + l->period_us <= to_us) {
        cover(l, l->slot_us + l->period_us);
        status = close_slot(l, error);
    }
    cover(l, to_us);
    return status;
}

/* The stream pauses or ends here: its last readings stand for a usual distance, as those of a file do. */
static dcl_status finish_grid(live *l, dcl_error *error) {
    int64_t end_us = INT64_MIN;
    if (!l->running) return DCL_OK;
    for (size_t c = 0; c < CHANNELS; c++) {
        channel *of = &l->channel[c];
        int64_t stands_us = of->from_us + (l->typical_us < l->hold_us ? l->typical_us : l->hold_us);
        if (stands_us < of->until_us) of->until_us = stands_us;
        if (!isnan(of->value) && of->until_us > end_us) end_us = of->until_us;
    }
    l->running = false;
    if (end_us < l->covered_us) end_us = l->covered_us;
    dcl_status status = advance(l, end_us, error);
    return status || l->slot_us >= end_us ? status : close_slot(l, error);
}

static dcl_status begin_grid(live *l, int64_t time_us, bool first, dcl_error *error) {
    int64_t rest = time_us % l->period_us, before_us = l->last_us;
    l->slot_us = time_us - (rest < 0 ? rest + l->period_us : rest);
    l->covered_us = l->last_us = time_us;
    l->running = true;
    l->behind = l->slower = 0;
    for (size_t c = 0; c < CHANNELS; c++) l->channel[c] = (channel){.value = NAN};
    dcl_live_event event = {.what = first                 ? DCL_LIVE_BEGIN
                                    : time_us > before_us ? DCL_LIVE_SILENCE
                                                          : DCL_LIVE_CLOCK_BACK,
                            .time_us = l->slot_us,
                            .before_us = before_us,
                            .period_us = l->period_us,
                            .apparent_leads = l->apparent_leads,
                            .power_w = NAN,
                            .apparent_va = NAN,
                            .reactive_var = NAN};
    return l->take(l->take_arg, &event, error);
}

/* ---------------------------------------------------------------- rows */

static dcl_status leave_out(live *l, dcl_exclusion reason, dcl_error *error) {
    return dcl_collect_exclude(&l->collect, reason, "", error);
}

/* Rows that keep coming further apart than the rhythm learned have another one by now. */
static bool has_slowed(live *l, int64_t step_us) {
    l->slower = l->hold_us <= l->typical_us && 2 * step_us > 3 * l->typical_us ? l->slower + 1 : 0;
    return l->slower >= LEARN;
}

static dcl_status take_row(live *l, const row *r, dcl_error *error) {
    int64_t time_us = r->span_ms == DCL_SPAN_ENDS ? r->time_us - l->typical_us : r->time_us;
    dcl_status status = DCL_OK;
    if (!l->running) {
        status = begin_grid(l, time_us, true, error);
    } else if (time_us == l->last_us) {
        return leave_out(l, DCL_EXCLUDED_CONTRADICTION, error);
    } else if (time_us < l->last_us) {
        if (++l->behind < BELIEVED) return leave_out(l, DCL_EXCLUDED_BAD_TIME, error);
        status = finish_grid(l, error);
        if (!status) status = begin_grid(l, time_us, false, error);
    } else if (time_us - l->last_us > (l->hold_us > SILENCE_US ? l->hold_us : SILENCE_US)) {
        status = finish_grid(l, error);
        if (!status) status = begin_grid(l, time_us, false, error);
    } else {
        status = advance(l, time_us, error);
        if (!status && has_slowed(l, time_us - l->last_us)) {
            status = finish_grid(l, error);
            l->learned = false;
            l->n_first = 0;
        }
    }
    l->behind = 0;
    l->last_us = time_us;
    l->readings++;
    for (size_t c = 0; c < CHANNELS; c++)
        if (r->told[c])
            l->channel[c] = (channel){.value = r->value[c],
                                      .from_us = time_us,
                                      .until_us = time_us + l->hold_us,
                                      .covered_us = l->channel[c].covered_us,
                                      .weighted = l->channel[c].weighted};
    return status;
}

/* ---------------------------------------------------------------- rhythm */

/* The smallest distance that one in five of the first readings has, else the median; and whether all but one have it. */
static int64_t typical_step(const live *l, bool *steady) {
    int64_t steps[LEARN];
    size_t n = 0, equal = 0;
    for (size_t i = 1; i < l->n_first; i++)
        if (l->first[i].time_us > l->first[i - 1].time_us)
            steps[n++] = l->first[i].time_us - l->first[i - 1].time_us;
    *steady = false;
    if (!n) return DCL_SECOND_US; /* a single reading */
    dcl_sort_i64(steps, n);
    int64_t typical = steps[n / 2];
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && steps[j] == steps[i]; j++) {
        }
        if ((j - i) * 5 < n) continue;
        typical = steps[i];
        break;
    }
    for (size_t i = 0; i < n; i++) equal += steps[i] == typical;
    *steady = equal + 1 >= n;
    return typical;
}

/* Rows at a steady step are intervals; others hold until the next one, as long as a file's would. */
static dcl_status learn(live *l, dcl_error *error) {
    bool steady, power = false;
    uint32_t span = l->first[0].span_ms;
    l->typical_us = typical_step(l, &steady);
    for (size_t i = 0; i < l->n_first; i++) power = power || l->first[i].told[0];
    l->apparent_leads = !power;
    l->hold_us = span == DCL_SPAN_ENDS || (span == DCL_SPAN_STARTS && steady)
                     ? l->typical_us
                     : dcl_sample_hold_us(&l->collect, l->typical_us);
    l->period_us =
        l->collect.options->period_us ? l->collect.options->period_us : dcl_grid_period_us(l->typical_us);
    l->learned = true;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < l->n_first; i++) status = take_row(l, &l->first[i], error);
    return status;
}

static dcl_status finish_row(live *l, dcl_error *error) {
    if (!l->has_now) return DCL_OK;
    l->has_now = false;
    if (l->learned) return take_row(l, &l->now, error);
    l->first[l->n_first++] = l->now;
    return l->n_first == LEARN ? learn(l, error) : DCL_OK;
}

/* A reading from the format's reader. */
static dcl_status take_reading(void *arg, const dcl_track *track, dcl_reading reading, dcl_error *error) {
    live *l = arg;
    size_t c = 0;
    while (c < CHANNELS && channels[c] != track->channel) c++;
    if (c == CHANNELS || track->device[0]) return DCL_OK;
    /* The mean power that an energy index gives comes minutes late: a stream is followed by what comes at once. */
    if (reading.span_ms != DCL_SPAN_SAMPLE && reading.span_ms <= DCL_SPAN_LONGEST) return DCL_OK;
    dcl_status status = DCL_OK;
    if (l->has_now && l->now.time_us != reading.time_us) status = finish_row(l, error);
    if (!l->has_now) l->now = (row){.time_us = reading.time_us, .span_ms = reading.span_ms};
    l->has_now = true;
    if (!status && l->now.told[c])
        return leave_out(
            l, l->now.value[c] == reading.value ? DCL_EXCLUDED_DUPLICATE : DCL_EXCLUDED_CONTRADICTION, error);
    l->now.told[c] = true;
    l->now.value[c] = reading.value;
    return status;
}

/* ---------------------------------------------------------------- the stream */

static bool is_followed(const dcl_format *format) {
    for (size_t i = 0; format && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(format->name, formats[i]) == 0) return true;
    return false;
}

/* The format that the options or the first bytes tell; NULL where they tell none. */
static dcl_status choose_format(const dcl_read_options *options, dcl_input *input, size_t want,
                                const dcl_format **format, dcl_error *error) {
    char head[DCL_HEAD_BYTES + 1];
    const char *bytes;
    size_t n;
    int most = 0;
    *format = NULL;
    dcl_status status = dcl_input_peek(input, want, &bytes, &n, error);
    if (status) return status;
    memcpy(head, bytes, n);
    head[n] = '\0';
    for (size_t i = 0; dcl_format_at(i); i++) {
        int sure = dcl_format_at(i)->detect(input->name, head, n);
        if (sure > most) most = sure, *format = dcl_format_at(i);
    }
    if (options->format)
        *format = dcl_format_find(options->format);
    else if (options->time_column || options->n_columns)
        *format = dcl_format_find("csv");
    return DCL_OK;
}

static void tell(const live *l, dcl_home *out) {
    snprintf(out->id, sizeof out->id, "home1");
    memcpy(out->format, l->collect.format, sizeof out->format);
    memcpy(out->excluded, l->collect.excluded, sizeof out->excluded);
    out->subscribed_kva = l->collect.subscribed_kva;
    out->notes = l->collect.notes | (l->collect.used_zone ? 1U << DCL_NOTE_LOCAL_TIME : 0);
    out->notes &= ~(1U << DCL_NOTE_POWER_FROM_INDEX | 1U << DCL_NOTE_POWER_BOUNDED); /* not used */
    out->reading_us = l->typical_us;
    out->readings = l->readings;
    if (l->collect.used_zone) snprintf(out->zone, sizeof out->zone, "%s", dcl_zone_name(l->collect.zone));
}

dcl_status dcl_live_read(const dcl_context *context, const dcl_read_options *options, dcl_live_more_fn more,
                         void *more_arg, dcl_live_fn take, void *take_arg, dcl_home *told, dcl_error *error) {
    *told = (dcl_home){.subscribed_kva = NAN};
    if (error) *error = (dcl_error){.pos = {0, -1}};
    if (options->period_us < 0 || (options->period_us && DCL_DAY_US % options->period_us))
        return dcl_fail(error, DCL_E_ARG, "the step must divide the day");
    live l = {.take = take, .take_arg = take_arg};
    dcl_input input;
    const dcl_format *format = NULL;
    dcl_collect_begin(&l.collect, context, options);
    dcl_input_begin(&input, "-", more, more_arg);
    l.collect.input = &input;
    l.collect.sink = take_reading;
    l.collect.sink_arg = &l;
    dcl_status status = choose_format(options, &input, DCL_STREAM_HEAD_BYTES, &format, error);
    if (!status && !format) status = choose_format(options, &input, DCL_HEAD_BYTES, &format, error);
    if (!status && !is_followed(format))
        status = dcl_fail(error, DCL_E_UNSUPPORTED,
                          "only a CSV, JSON lines or a télé-information can be followed as it comes");
    if (status) goto done;
    snprintf(l.collect.format, sizeof l.collect.format, "%s", format->name);
    status = format->read(&l.collect, &input, error);
    if (!status) status = finish_row(&l, error);
    if (!status && !l.learned && l.n_first) status = learn(&l, error);
    if (!status) status = finish_grid(&l, error);
    tell(&l, told);
    if (!status && !l.readings) status = dcl_fail(error, DCL_E_NO_DATA, "no usable reading of power in it");
done:
    dcl_input_end(&input);
    dcl_collect_end(&l.collect);
    return status;
}
