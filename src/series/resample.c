/*
 * From readings to a regular grid. The rule: a sample holds until the next one, at most `hold`; an interval
 * is worth its mean; a slot is the mean of what covers it, weighted by time, where at least half of it is
 * covered. Nothing is interpolated, and the energy over covered time stays what the readings say.
 */
#include "series/collect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_W      5.0f /* a plug that reads less than this on both sides of a gap was idle in it */
#define IDLE_GAP_US DCL_MINUTE_US
/* Slots a series may have at most; and at most SPARSE_MAX a reading beyond the first SPARSE_FREE (256 MB), or
 * one stray time among seconds would ask for gigabytes of missing values. */
#define SLOTS_MAX   ((size_t)1 << 31)
#define SPARSE_FREE ((size_t)1 << 26)
#define SPARSE_MAX  256

/* The grid for readings that come `typical_us` apart: a length that divides the hour, not above the typical
 * one. */
static int64_t grid_period(int64_t typical_us) {
    static const int32_t seconds[] = {3600, 1800, 1200, 900, 600, 300, 120, 60, 30, 20, 15, 10, 5, 2, 1};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (seconds[i] * DCL_SECOND_US <= typical_us) return seconds[i] * DCL_SECOND_US;
    return DCL_SECOND_US;
}

/* How long a sample is believed: what the user or the format says, else five of its usual distances, 1 min to
 * 1 h. */
static int64_t hold_us(const dcl_collect *collect, int64_t typical_us) {
    if (collect->options->max_gap_us) return collect->options->max_gap_us;
    if (collect->hold_us) return collect->hold_us;
    int64_t hold = 5 * typical_us;
    return hold < DCL_MINUTE_US ? DCL_MINUTE_US : hold > DCL_HOUR_US ? DCL_HOUR_US : hold;
}

/* The moment up to which a reading stands. The last sample has no next one: it stands for a usual distance.
 */
static int64_t reading_end(const dcl_track *track, size_t i, int64_t hold, int64_t typical_us) {
    const dcl_reading *reading = &track->at[i];
    if (reading->span_ms != DCL_SPAN_SAMPLE) return reading->time_us + (int64_t)reading->span_ms * 1000;
    int64_t end = reading->time_us + (i + 1 < track->n ? hold : typical_us < hold ? typical_us : hold);
    if (i + 1 < track->n && track->at[i + 1].time_us < end) end = track->at[i + 1].time_us;
    return end;
}

static int64_t floor_to(int64_t time_us, int64_t period_us) {
    int64_t rest = time_us % period_us;
    return time_us - (rest < 0 ? rest + period_us : rest);
}

typedef struct grid {
    int64_t start_us, period_us;
    size_t n;
} grid;

/* The slot being filled while readings pass in order of time. */
typedef struct slot {
    dcl_series *series;
    size_t index;
    int64_t covered_us;
    double weighted;
} slot;

static void close_slot(slot *open) {
    float *value = &open->series->value[open->index];
    if (open->covered_us * 2 >= open->series->period_us)
        *value = (float)(open->weighted / (double)open->covered_us) + 0.0f;
    open->covered_us = 0;
    open->weighted = 0;
}

static void cover(slot *open, int64_t from_us, int64_t to_us, float value) {
    dcl_series *series = open->series;
    while (from_us < to_us) {
        size_t index = (size_t)((from_us - series->start_us) / series->period_us);
        int64_t slot_end = series->start_us + (int64_t)(index + 1) * series->period_us;
        int64_t end = to_us < slot_end ? to_us : slot_end;
        if (index != open->index) {
            close_slot(open);
            open->index = index;
        }
        open->covered_us += end - from_us;
        open->weighted += (double)value * (double)(end - from_us);
        from_us = end;
    }
}

static dcl_status fill_grid(dcl_collect *collect, const dcl_track *track, int64_t typical_us,
                            dcl_series *series) {
    int64_t hold = hold_us(collect, typical_us);
    for (size_t i = 0; i < series->n; i++) series->value[i] = NAN;
    slot open = {.series = series};
    size_t off_grid = 0, long_steps = 0;
    for (size_t i = 0; i < track->n; i++) {
        if ((i & 0xfffff) == 0 && dcl_cancelled(collect->context)) return DCL_E_CANCELLED;
        const dcl_reading *reading = &track->at[i];
        if (isnan(reading->value)) continue;
        if (reading->span_ms == DCL_SPAN_SAMPLE && i + 1 < track->n)
            off_grid += track->at[i + 1].time_us - reading->time_us != series->period_us;
        int64_t end = reading_end(track, i, hold, typical_us);
        long_steps +=
            2 * (end - reading->time_us) > 3 * series->period_us && reading->span_ms != DCL_SPAN_SAMPLE;
        cover(&open, reading->time_us, end, reading->value);
    }
    close_slot(&open);
    /* Powers from an index are as long as the index takes to tick: no step of the file's. */
    bool from_index = collect->notes >> DCL_NOTE_POWER_FROM_INDEX & 1;
    if (long_steps && !from_index) collect->notes |= 1U << DCL_NOTE_MIXED_STEPS;
    if (off_grid * 20 > track->n) collect->notes |= 1U << DCL_NOTE_IRREGULAR;
    return DCL_OK;
}

/* Each slot of the grid is one reading of the track, or in a hole. */
static bool is_on_grid(const dcl_track *track, const dcl_series *series) {
    return !track->is_loose && track->step_us == series->period_us &&
           (track->runs->start_us - series->start_us) % series->period_us == 0;
}

/* What fill_grid() would do where is_on_grid(). */
static void fill_steady(const dcl_track *track, dcl_series *series) {
    size_t filled = 0;
    for (size_t r = 0; r < track->n_runs; r++) {
        const dcl_run *run = &track->runs[r];
        size_t n = (r + 1 < track->n_runs ? run[1].first : track->n) - run->first;
        size_t at = (size_t)((run->start_us - series->start_us) / series->period_us);
        const float *from = track->value + run->first;
        float *to = series->value + at;
        for (; filled < at; filled++) series->value[filled] = NAN;
        memcpy(to, from, n * sizeof *to);
        filled = at + n;
    }
    for (; filled < series->n; filled++) series->value[filled] = NAN;
}

/* Makes the track's own values the series, where the grid is theirs and there is no hole; the track has none then. */
static bool hand_over(dcl_track *track, grid on, dcl_arena *arena, dcl_series *out) {
    if (track->n != on.n || track->n_runs != 1 || !is_on_grid(track, out)) return false;
    bool is_loose_fit = track->room_values - track->n > track->n / 8;
    float *value = is_loose_fit ? realloc(track->value, track->n * sizeof *value) : NULL;
    if (value) track->value = value;
    if (!dcl_arena_adopt(arena, track->value, track->n * sizeof *value)) return false;
    out->value = track->value;
    track->value = NULL;
    return true;
}

static dcl_status fill_track(dcl_collect *collect, dcl_track *track, int64_t typical_us, dcl_series *series,
                             dcl_error *error) {
    if (is_on_grid(track, series)) {
        fill_steady(track, series);
        return DCL_OK;
    }
    dcl_status status = dcl_track_loosen(track, error);
    return status ? status : fill_grid(collect, track, typical_us, series);
}

/* Short gaps in which a plug was surely idle take the idle reading before them. */
static void fill_idle_gaps(dcl_series *series) {
    size_t longest = (size_t)(IDLE_GAP_US / series->period_us);
    for (size_t i = 1; i < series->n; i++) {
        if (!isnan(series->value[i]) || !(series->value[i - 1] < IDLE_W)) continue;
        size_t end = i;
        while (end < series->n && isnan(series->value[end]) && end - i <= longest) end++;
        if (end < series->n && end - i <= longest && series->value[end] < IDLE_W)
            for (size_t k = i; k < end; k++) series->value[k] = series->value[i - 1];
        i = end;
    }
}

static dcl_series series_on(grid on, dcl_channel channel) {
    return (dcl_series){.channel = channel, .start_us = on.start_us, .period_us = on.period_us, .n = on.n};
}

static dcl_status make_series(dcl_arena *arena, dcl_channel channel, grid on, dcl_series *out,
                              dcl_error *error) {
    *out = series_on(on, channel);
    out->value = dcl_arena_alloc(arena, on.n, sizeof *out->value);
    return out->value ? DCL_OK : dcl_fail_memory(error, "a series");
}

/* Every sum is over all plugs or it is missing: a plug that is not heard is not a plug that draws nothing. */
static void add_plug(dcl_series *sum, const dcl_series *plug, bool first) {
    for (size_t i = 0; i < sum->n; i++)
        sum->value[i] = first ? plug->value[i] : sum->value[i] + plug->value[i];
}

static void add_truth(dcl_home *home, const dcl_series *plug, const char *device) {
    snprintf(home->truth_name[home->n_truth], sizeof *home->truth_name, "%s", device);
    home->truth[home->n_truth++] = *plug;
}

static bool is_plug(const dcl_track *track) {
    return track->device[0] && !track->is_mains;
}

/* What a home is made of: of its meter where there is one, else of its plugs. */
typedef struct maker {
    bool has_meter, has_parts; /* plugs beside a meter or beside each other are parts, not the home */
} maker;

static maker find_maker(const dcl_collect *collect) {
    maker out = {0};
    const char *plug = NULL;
    for (size_t i = 0; i < collect->n_tracks; i++) {
        const dcl_track *track = &collect->tracks[i];
        if (!track->n) continue;
        if (!is_plug(track))
            out.has_meter = true;
        else if (plug && strcmp(plug, track->device) != 0)
            out.has_parts = true;
        else
            plug = track->device;
    }
    out.has_parts = out.has_parts || out.has_meter;
    return out;
}

/* The tracks of one channel: how many are plugs, how many the meter's, and the smallest step among them. */
typedef struct part {
    dcl_channel channel;
    maker of;
    size_t plugs, meters, readings;
    int64_t step_us;
} part;

/* Of parts active power alone is used: the others do not add (volts, amperes, VA), and a part has one series. */
static bool is_used(const part *of, const dcl_track *track) {
    if (track->channel != of->channel || !track->n) return false;
    return !is_plug(track) || !of->of.has_parts || of->channel == DCL_POWER_W;
}

static part find_part(const dcl_collect *collect, dcl_channel channel, maker of, const int64_t *typical) {
    part out = {.channel = channel, .of = of};
    for (size_t i = 0; i < collect->n_tracks; i++) {
        const dcl_track *track = &collect->tracks[i];
        if (!is_used(&out, track)) continue;
        *(is_plug(track) ? &out.plugs : &out.meters) += 1;
        out.readings += track->n;
        if (!out.step_us || typical[i] < out.step_us) out.step_us = typical[i];
    }
    return out;
}

/* The first and last moment that the tracks tell of. */
static void extent(const dcl_collect *collect, const part *of, const int64_t *typical, int64_t *from,
                   int64_t *to) {
    *from = INT64_MAX;
    *to = INT64_MIN;
    for (size_t i = 0; i < collect->n_tracks; i++) {
        const dcl_track *track = &collect->tracks[i];
        if (!is_used(of, track)) continue;
        int64_t start = track->is_loose ? track->at[0].time_us : track->runs->start_us;
        int64_t end = track->is_loose
                          ? reading_end(track, track->n - 1, hold_us(collect, typical[i]), typical[i])
                          : dcl_track_steady_end(track);
        if (start < *from) *from = start;
        if (end > *to) *to = end;
    }
}

static dcl_status choose_grid(const dcl_collect *collect, const part *of, const int64_t *typical, grid *on,
                              dcl_error *error) {
    int64_t from, to,
        period = collect->options->period_us ? collect->options->period_us : grid_period(of->step_us);
    extent(collect, of, typical, &from, &to);
    on->period_us = period;
    on->start_us = floor_to(from, period);
    on->n = (size_t)((to - on->start_us + period - 1) / period);
    if (on->n <= SLOTS_MAX && on->n / SPARSE_MAX <= SPARSE_FREE / SPARSE_MAX + of->readings) return DCL_OK;
    return dcl_fail(
        error, DCL_E_NO_DATA,
        "the readings span %lld days at a step of %lld s: a stray time? --from and --to choose a part",
        (long long)((to - from) / DCL_DAY_US), (long long)(period / DCL_SECOND_US));
}

/* The track that is the whole channel; NULL where several make it or its one is a part of the home. */
static dcl_track *only_track(const dcl_collect *collect, const part *of) {
    if (of->plugs + of->meters != 1 || (of->plugs && of->of.has_parts)) return NULL;
    size_t i = 0;
    while (!is_used(of, &collect->tracks[i])) i++;
    return &collect->tracks[i];
}

/* Puts each track of a channel on the grid: the meter's into the channel, each of several plugs into the
 * truth. */
static dcl_status fill_part(dcl_collect *collect, const part *of, grid on, const int64_t *typical,
                            dcl_arena *arena, dcl_home *home, dcl_error *error) {
    dcl_series *whole = &home->series[home->n_series];
    dcl_track *only = only_track(collect, of);
    *whole = series_on(on, of->channel);
    dcl_status status = DCL_OK;
    bool handed_over = only && hand_over(only, on, arena, whole);
    if (!handed_over) status = make_series(arena, of->channel, on, whole, error);
    whole->reading_us = of->step_us;
    size_t added = 0;
    bool of_meter = of->of.has_meter;
    for (size_t i = 0; !status && !handed_over && i < collect->n_tracks; i++) {
        dcl_track *track = &collect->tracks[i];
        if (!is_used(of, track)) continue;
        bool into_truth = is_plug(track) && of->of.has_parts, several = of->meters > 1 || into_truth;
        dcl_series one = *whole;
        if (several) status = make_series(arena, of->channel, on, &one, error);
        if (!status) status = fill_track(collect, track, typical[i], &one, error);
        if (status || !several) continue;
        if (into_truth) {
            fill_idle_gaps(&one);
            add_truth(home, &one, track->device);
        }
        if (into_truth != of_meter) add_plug(whole, &one, added++ == 0);
    }
    if (added && !of_meter) collect->notes |= 1U << DCL_NOTE_SUM_OF_PLUGS;
    home->n_series += !status && (of->meters || !of_meter);
    return status;
}

/* One channel of the home: the meter's own track, or the sum of the plugs where there is none. */
static dcl_status finish_channel(dcl_collect *collect, dcl_channel channel, maker whom,
                                 const int64_t *typical, dcl_arena *arena, dcl_home *home, dcl_error *error) {
    part of = find_part(collect, channel, whom, typical);
    if (!of.plugs && !of.meters) return DCL_OK;
    grid on;
    dcl_status status = choose_grid(collect, &of, typical, &on, error);
    if (!status) status = fill_part(collect, &of, on, typical, arena, home, error);
    if (home->n_series == 1) home->reading_us = of.step_us; /* active power is the first channel */
    return status;
}

static int by_moment(const void *a, const void *b) {
    const dcl_va_maximum *x = a, *y = b;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

static dcl_status finish_maxima(dcl_collect *collect, dcl_arena *arena, dcl_home *home, dcl_error *error) {
    size_t n = collect->n_maxima;
    if (!n) return DCL_OK;
    qsort(collect->maxima, n, sizeof *collect->maxima, by_moment);
    home->va_maxima = dcl_arena_alloc(arena, n, sizeof *home->va_maxima);
    if (!home->va_maxima) return dcl_fail_memory(error, "maxima");
    for (size_t i = 0; i < n; i++)
        if (!i || collect->maxima[i].time_us != collect->maxima[i - 1].time_us)
            home->va_maxima[home->n_va_maxima++] = collect->maxima[i];
    return DCL_OK;
}

/* How the readings came: what the home says of its own making. */
static void finish_facts(const dcl_collect *collect, dcl_home *home) {
    home->subscribed_kva = collect->subscribed_kva;
    home->files_passed = collect->files_passed;
    home->notes = collect->notes | (collect->used_zone ? 1U << DCL_NOTE_LOCAL_TIME : 0);
    memcpy(home->format, collect->format, sizeof home->format);
    memcpy(home->excluded, collect->excluded, sizeof home->excluded);
    if (collect->used_zone && collect->zone)
        snprintf(home->zone, sizeof home->zone, "%s", dcl_zone_name(collect->zone));
    for (size_t i = 0; i < collect->n_tracks; i++) home->readings += dcl_track_present(&collect->tracks[i]);
    snprintf(home->id, sizeof home->id, "home1");
    if (collect->options->name_home && collect->delivery_point[0])
        collect->options->name_home(collect->options->name_arg, collect->delivery_point, home->id);
}

/* Nothing is left: says what was left out most. */
static dcl_status fail_empty(const dcl_home *home, dcl_error *error) {
    unsigned most = 0;
    for (unsigned i = 1; i < DCL_EXCLUSION_COUNT; i++)
        if (home->excluded[i].count > home->excluded[most].count) most = i;
    const dcl_excluded *left = &home->excluded[most];
    if (!left->count)
        return dcl_fail(error, DCL_E_NO_DATA, "no reading in it, or none in the span asked for");
    return dcl_fail_at(error, DCL_E_NO_DATA, left->first.line, left->first.byte,
                       "no usable reading; left out: %llu %s", (unsigned long long)left->count,
                       dcl_exclusion_text((dcl_exclusion)most));
}

/* Estimates are told for as long as a level holds: their grid is that of what they were made from. */
static void step_like_apparent(const dcl_collect *collect, int64_t *typical) {
    const dcl_track *tracks = collect->tracks;
    for (size_t i = 0; i < collect->n_tracks; i++)
        for (size_t k = 0; tracks[i].is_estimate && k < collect->n_tracks; k++)
            if (tracks[k].channel == DCL_APPARENT_VA && !tracks[k].device[0]) typical[i] = typical[k];
}

dcl_status dcl_collect_finish(dcl_collect *collect, dcl_arena *arena, dcl_home *home, dcl_error *error) {
    *home = (dcl_home){0};
    size_t n = collect->n_tracks;
    if (collect->alone && n > 1) return dcl_fail(error, DCL_E_ARG, "it holds %zu %s", n, collect->alone);
    int64_t *typical = dcl_arena_alloc(arena, n, sizeof *typical);
    home->series = dcl_arena_alloc(arena, DCL_CHANNEL_COUNT, sizeof *home->series);
    home->truth = dcl_arena_alloc(arena, n, sizeof *home->truth);
    home->truth_name = dcl_arena_alloc(arena, n, sizeof *home->truth_name);
    if (!typical || !home->series || !home->truth || !home->truth_name)
        return dcl_fail_memory(error, "a home");
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) {
        status = dcl_track_settle(collect, &collect->tracks[i], &typical[i], error);
        if (!typical[i]) typical[i] = DCL_SECOND_US; /* a single sample */
    }
    step_like_apparent(collect, typical);
    maker whom = find_maker(collect);
    for (unsigned c = 0; !status && c < DCL_CHANNEL_COUNT; c++)
        status = finish_channel(collect, (dcl_channel)c, whom, typical, arena, home, error);
    if (!status) status = finish_maxima(collect, arena, home, error);
    if (status) return status;
    finish_facts(collect, home);
    return home->n_series || home->n_va_maxima ? DCL_OK : fail_empty(home, error);
}

int64_t dcl_grid_period_us(int64_t typical_us) {
    return grid_period(typical_us);
}

int64_t dcl_sample_hold_us(const dcl_collect *collect, int64_t typical_us) {
    return hold_us(collect, typical_us);
}
