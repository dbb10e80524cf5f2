#include "series/collect.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1990: no meter of ours is older, and a clock that was never set says 1970. A clock may run ahead by two
 * days; where the present is not known, 2200 is the end of time. */
#define EARLIEST_US (INT64_C(631152000) * DCL_SECOND_US)
#define LATEST_US   (INT64_C(7258118400) * DCL_SECOND_US)
#define LEAD_US     (2 * DCL_DAY_US)

void dcl_collect_begin(dcl_collect *collect, const dcl_context *context, const dcl_read_options *options) {
    *collect = (dcl_collect){.context = context, .options = options, .subscribed_kva = NAN};
    collect->zone = options->zone ? options->zone : context->zone;
}

void dcl_collect_end(dcl_collect *collect) {
    for (size_t i = 0; i < collect->n_tracks; i++) dcl_track_free(&collect->tracks[i]);
    free(collect->tracks);
    free(collect->maxima);
    dcl_zone_close(&collect->own_zone);
    *collect = (dcl_collect){0};
}

dcl_status dcl_collect_track(dcl_collect *collect, const char *device, dcl_channel channel, size_t *track,
                             dcl_error *error) {
    for (*track = 0; *track < collect->n_tracks; ++*track) {
        const dcl_track *known = &collect->tracks[*track];
        if (known->channel == channel && strcmp(known->device, device) == 0) return DCL_OK;
    }
    if (dcl_grow(&collect->tracks, &collect->room_tracks, collect->n_tracks + 1, sizeof *collect->tracks))
        return dcl_fail_memory(error, "a channel");
    dcl_track *added = &collect->tracks[collect->n_tracks++];
    *added = (dcl_track){.channel = channel, .next_us = INT64_MIN};
    snprintf(added->device, sizeof added->device, "%s", device);
    return DCL_OK;
}

dcl_status dcl_collect_exclude(dcl_collect *collect, dcl_exclusion reason, const char *why,
                               dcl_error *error) {
    dcl_excluded *excluded = &collect->excluded[reason];
    dcl_pos pos = collect->input ? collect->input->pos : (dcl_pos){0, -1};
    if (collect->options->strict && reason == DCL_EXCLUDED_BAD_ROW)
        return dcl_fail_at(error, DCL_E_FORMAT, pos.line, pos.byte, "%s", why);
    if (excluded->count++ == 0) {
        excluded->first = pos;
        if (collect->is_many && collect->input) {
            const char *name = collect->input->name;
            size_t n = strlen(name), room = sizeof excluded->file - 1;
            snprintf(excluded->file, sizeof excluded->file, "%s", n > room ? name + n - room : name);
        }
    }
    return DCL_OK;
}

static bool is_power(dcl_channel channel) {
    return channel <= DCL_APPARENT_VA_L3 || channel == DCL_EXPORT_W;
}

/* The stamp is inside the span asked for and is one that a meter could have written. */
static bool is_in_time(dcl_collect *collect, int64_t time_us, bool is_end, bool *wanted) {
    const dcl_read_options *options = collect->options;
    int64_t inside_us = is_end ? time_us - 1 : time_us; /* an end belongs to what is before it */
    int64_t now_us = collect->context->now_us;
    *wanted = inside_us < options->to_us && inside_us >= options->from_us;
    return time_us >= EARLIEST_US && time_us <= LATEST_US && (now_us <= 0 || time_us <= now_us + LEAD_US);
}

dcl_plain dcl_collect_plain(const dcl_collect *collect, size_t track) {
    const dcl_read_options *options = collect->options;
    int64_t now_us = collect->context->now_us;
    bool power = is_power(collect->tracks[track].channel);
    dcl_plain plain = {EARLIEST_US, LATEST_US, power ? 0 : -FLT_MAX, FLT_MAX};
    if (power && options->max_power < FLT_MAX) plain.most = options->max_power;
    if (options->from_us >= plain.first_us) plain.first_us = options->from_us + 1;
    if (options->to_us <= plain.last_us) plain.last_us = options->to_us - 1;
    if (now_us > 0 && now_us <= LATEST_US && now_us + LEAD_US < plain.last_us)
        plain.last_us = now_us + LEAD_US;
    return plain;
}

dcl_status dcl_collect_add(dcl_collect *collect, size_t index, int64_t time_us, uint32_t span_ms,
                           double value, dcl_error *error) {
    dcl_track *track = &collect->tracks[index];
    bool wanted, is_sample = span_ms == DCL_SPAN_SAMPLE || span_ms == DCL_SPAN_STARTS;
    bool in_time = is_in_time(collect, time_us, span_ms == DCL_SPAN_ENDS, &wanted);
    if (!wanted) return DCL_OK;
    if (!in_time)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "a time before 1990 or in the future",
                                   error);
    dcl_status status = DCL_OK;
    if (isnan(value)) {
        status = dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "missing", error);
    } else if (is_power(track->channel) && value < 0) {
        status = dcl_collect_exclude(collect, DCL_EXCLUDED_NEGATIVE, "a negative power", error);
        value = NAN;
    } else if (fabs(value) > FLT_MAX || (is_power(track->channel) && value > collect->options->max_power)) {
        status = dcl_collect_exclude(collect, DCL_EXCLUDED_ABSURD, "beyond what a home can draw", error);
        value = NAN;
    }
    if (!status && collect->sink && (!isnan(value) || is_sample))
        return collect->sink(collect->sink_arg, track, (dcl_reading){time_us, (float)value, span_ms}, error);
    /* A reading left out of an interval leaves a hole by itself; a sample's hold has to be ended. */
    if (status || (isnan(value) && !is_sample)) return status;
    return dcl_track_add(track, (dcl_reading){time_us, (float)value, span_ms}, error);
}

dcl_status dcl_collect_add_energy(dcl_collect *collect, size_t index, int64_t time_us, uint32_t span_ms,
                                  double energy_wh, dcl_error *error) {
    bool is_end = span_ms == DCL_SPAN_ENDS, is_start = span_ms == DCL_SPAN_STARTS, wanted;
    collect->notes |= 1U << DCL_NOTE_ENERGY_TO_POWER;
    if (collect->sink)
        return dcl_fail(error, DCL_E_ARG,
                        "energies of intervals are not followed live: give powers, or a file");
    if (!is_end && !is_start)
        return dcl_collect_add(collect, index, time_us, span_ms, energy_wh * 3.6e6 / (double)span_ms, error);
    bool in_time = is_in_time(collect, time_us, is_end, &wanted);
    if (!wanted) return DCL_OK;
    if (!in_time)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "a time before 1990 or in the future",
                                   error);
    if (isnan(energy_wh)) return dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "missing", error);
    if (energy_wh < 0) return dcl_collect_exclude(collect, DCL_EXCLUDED_NEGATIVE, "a negative energy", error);
    if (energy_wh > FLT_MAX)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_ABSURD, "beyond what a home can draw", error);
    uint32_t rule = is_end ? DCL_SPAN_ENERGY_ENDS : DCL_SPAN_ENERGY_STARTS;
    return dcl_track_add(&collect->tracks[index], (dcl_reading){time_us, (float)energy_wh, rule}, error);
}

dcl_status dcl_collect_maximum(dcl_collect *collect, int64_t time_us, double apparent_va, dcl_error *error) {
    if (time_us >= collect->options->to_us || time_us < collect->options->from_us) return DCL_OK;
    if (!(apparent_va >= 0) || apparent_va > collect->options->max_power)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_ABSURD, "a maximum beyond what a home can draw",
                                   error);
    if (collect->sink) return DCL_OK; /* a stream has no end at which to tell them */
    for (size_t i = collect->n_maxima; i-- > 0 && i + 4 > collect->n_maxima;)
        if (collect->maxima[i].time_us == time_us) return DCL_OK; /* the meter repeats it in every frame */
    if (dcl_grow(&collect->maxima, &collect->room_maxima, collect->n_maxima + 1, sizeof *collect->maxima))
        return dcl_fail_memory(error, "maxima");
    collect->maxima[collect->n_maxima++] = (dcl_va_maximum){time_us, (float)apparent_va};
    return DCL_OK;
}

/* Nothing of a home is left for the next one. */
static void forget_home(dcl_collect *collect) {
    for (size_t i = 0; i < collect->n_tracks; i++) dcl_track_free(&collect->tracks[i]);
    collect->n_tracks = 0;
    collect->n_maxima = 0;
    memset(collect->excluded, 0, sizeof collect->excluded);
}

dcl_status dcl_collect_last_turn(dcl_collect *collect, dcl_error *error) {
    if (!collect->turn[0] && !collect->n_tracks) return DCL_OK;
    dcl_status status = collect->each(collect->each_arg, collect, error);
    forget_home(collect);
    return status;
}

dcl_status dcl_collect_turn(dcl_collect *collect, const char *id, dcl_error *error) {
    if (strcmp(collect->turn, id) == 0) return DCL_OK;
    if (!collect->turn[0] && collect->n_tracks)
        return dcl_fail(error, DCL_E_ARG, "files of one home and files of many homes are no input together");
    dcl_status status = collect->turn[0] ? dcl_collect_last_turn(collect, error) : DCL_OK;
    snprintf(collect->turn, sizeof collect->turn, "%s", id);
    return status;
}

bool dcl_collect_same_home(dcl_collect *collect, const char *address) {
    if (!collect->delivery_point[0])
        snprintf(collect->delivery_point, sizeof collect->delivery_point, "%s", address);
    return strncmp(collect->delivery_point, address, sizeof collect->delivery_point - 1) == 0;
}

dcl_status dcl_collect_zone(dcl_collect *collect, const char *name, dcl_error *error) {
    if (collect->options->zone) return DCL_OK;
    if (collect->own_zone && strcmp(dcl_zone_name(collect->own_zone), name) == 0) return DCL_OK;
    dcl_zone_close(&collect->own_zone);
    collect->zone = collect->context->zone;
    dcl_status status = dcl_zone_open(name, &collect->own_zone, error);
    if (!status) collect->zone = collect->own_zone;
    return status;
}

/* "01" is in "01,05". */
static bool is_listed(const char *list, const char *name) {
    size_t n = strlen(name);
    for (const char *c = list; *c;) {
        size_t length = strcspn(c, ",");
        if (length == n && memcmp(c, name, n) == 0) return true;
        c += length + (c[length] == ',');
    }
    return false;
}

bool dcl_collect_wants(const dcl_collect *collect, const char *name) {
    const char *only = collect->options->only, *without = collect->options->without;
    return (!only || is_listed(only, name)) && !(without && is_listed(without, name));
}

bool dcl_clock_moment(dcl_clock *clock, const dcl_civil *civil, int64_t *time_us) {
    int64_t moment[2];
    dcl_fold fold = dcl_zone_moment(clock->zone, civil, moment);
    bool is_change =
        dcl_zone_offset_s(clock->zone, moment[0] - 1) != dcl_zone_offset_s(clock->zone, moment[0]);
    if (fold == DCL_FOLD_NONE && !is_change) return false;
    /* Of two moments, the one that comes next on the way the file goes; a second row that lies before the
     * first either way goes backward. */
    bool forward =
        clock->direction > 0 || (clock->direction == 0 && (!clock->started || moment[1] > clock->last_us));
    int64_t next = moment[forward ? 0 : 1], other = moment[forward ? 1 : 0];
    bool next_fits = !clock->started || (forward ? next > clock->last_us : next < clock->last_us);
    bool other_fits = clock->started && (forward ? other > clock->last_us : other < clock->last_us);
    *time_us = next_fits || !other_fits ? next : other;
    if (clock->started && *time_us != clock->last_us) clock->direction = *time_us > clock->last_us ? 1 : -1;
    clock->last_us = *time_us;
    clock->started = true;
    return true;
}

dcl_status dcl_clock_stamp(dcl_clock *clock, dcl_collect *collect, const char *text, size_t n,
                           int64_t *time_us) {
    bool has_offset;
    if (dcl_time_parse(text, n, time_us, &has_offset)) return DCL_E_FORMAT;
    if (has_offset) return DCL_OK;
    int64_t days = *time_us / DCL_DAY_US - (*time_us % DCL_DAY_US < 0);
    dcl_civil civil = dcl_date_from_days(days);
    int64_t rest = *time_us - days * DCL_DAY_US;
    civil.hour = (int)(rest / DCL_HOUR_US);
    civil.minute = (int)(rest / DCL_MINUTE_US % 60);
    civil.second = (int)(rest / DCL_SECOND_US % 60);
    civil.microsecond = (int)(rest % DCL_SECOND_US);
    collect->used_zone = true;
    return dcl_clock_moment(clock, &civil, time_us) ? DCL_OK : DCL_E_NOT_FOUND;
}
