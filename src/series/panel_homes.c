/* The homes of inputs, one after the other: of Low Carbon London's files, of stores, of panels, or of a meter's file. */
#include "series/panel_homes.h"
#include "base/names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "series/source.h"

DCL_DEFINE_TEXT(dcl_panel_left_name(dcl_panel_left id), DCL_PANEL_LEFT_COUNT, DCL_PANEL_LEFT_TABLE,
                DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_panel_left_text(dcl_panel_left id), DCL_PANEL_LEFT_COUNT, DCL_PANEL_LEFT_TABLE,
                DCL_THIRD_OF_3)

void dcl_panel_count(dcl_panel_told *told, const dcl_home *home) {
    told->notes |= home->notes;
    if (!told->zone[0]) snprintf(told->zone, sizeof told->zone, "%s", home->zone);
    if (home->files_passed > told->files_passed) told->files_passed = home->files_passed;
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        if (!home->excluded[i].count) continue;
        uint64_t before = told->excluded[i].count;
        if (!before) told->excluded[i] = home->excluded[i];
        told->excluded[i].count = before + home->excluded[i].count;
        told->homes_excluded[i]++;
    }
}

dcl_status dcl_panel_take_home(const dcl_panel_about *about, size_t home, const float *power_w,
                               dcl_arena *arena, dcl_home *out, dcl_error *error) {
    *out = (dcl_home){.subscribed_kva = NAN, .format = "panel", .reading_us = about->period_us};
    snprintf(out->id, sizeof out->id, "%s", about->id[home]);
    /* Kinds of household are known of simulated homes alone. */
    if (about->kind && about->kind[home] != UINT8_MAX) out->notes = 1u << DCL_NOTE_SIMULATED;
    size_t from = 0, to = about->n_slots;
    while (from < to && isnan(power_w[from])) from++;
    while (to > from && isnan(power_w[to - 1])) to--;
    if (from == to) return dcl_fail(error, DCL_E_NO_DATA, "no reading at all");
    out->series = dcl_arena_alloc(arena, 1, sizeof *out->series);
    float *value = dcl_arena_alloc(arena, to - from, sizeof *value);
    if (!out->series || !value) return dcl_fail_memory(error, "a home");
    memcpy(value, power_w + from, (to - from) * sizeof *value);
    *out->series = (dcl_series){.channel = DCL_POWER_W,
                                .start_us = about->start_us + (int64_t)from * about->period_us,
                                .period_us = about->period_us,
                                .reading_us = about->period_us,
                                .n = to - from,
                                .value = value};
    out->n_series = 1;
    out->readings = dcl_series_present(out->series);
    return DCL_OK;
}

dcl_status dcl_panel_home(const dcl_context *context, const dcl_panel *panel, size_t index, dcl_arena *arena,
                          dcl_home *out, dcl_error *error) {
    const dcl_panel_about *about = dcl_panel_tell(panel);
    dcl_arena scratch = {0};
    float *power_w = dcl_arena_alloc(&scratch, about->n_slots, sizeof *power_w);
    dcl_status status = DCL_OK;
    if (power_w)
        status = dcl_panel_read(context, panel, index, 1, 0, about->n_slots, power_w, error);
    else
        status = dcl_fail_memory(error, "a home");
    if (!status) status = dcl_panel_take_home(about, index, power_w, arena, out, error);
    if (status == DCL_E_NO_DATA) status = dcl_fail(error, status, "home \"%s\" is empty", about->id[index]);
    dcl_arena_free(&scratch);
    return status;
}

/* ---------------------------------------------------------------- each home */

typedef struct giver {
    dcl_home_fn take;
    void *arg;
    const dcl_read_options *options;
} giver;

static dcl_status give(const giver *to, const dcl_home *home, dcl_error *error) {
    return to->take(to->arg, home, error);
}

/* The readings of a home have ended: they become series, live while they are taken, and go. */
static dcl_status give_turn(void *arg, dcl_collect *collect, dcl_error *error) {
    const giver *to = arg;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_status status = dcl_collect_finish(collect, &arena, &home, error);
    if (status == DCL_E_NO_DATA) {
        home = (dcl_home){.subscribed_kva = NAN};
        memcpy(home.excluded, collect->excluded, sizeof home.excluded);
        status = DCL_OK;
    }
    if (!status) {
        if (collect->turn[0] && to->options->name_home)
            to->options->name_home(to->options->name_arg, collect->turn, home.id);
        else if (collect->turn[0])
            snprintf(home.id, sizeof home.id, "%s", collect->turn);
        dcl_home_slice(&home, to->options->from_us, to->options->to_us);
        status = give(to, &home, error);
    }
    collect->turn[0] = '\0';
    dcl_arena_free(&arena);
    return status;
}

static dcl_status give_store(const dcl_context *context, const char *path, const giver *to,
                             dcl_error *error) {
    dcl_arena names = {0};
    char **ids;
    size_t n;
    dcl_status status = dcl_store_list(path, &names, &ids, &n, error);
    for (size_t i = 0; !status && i < n; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        if (dcl_cancelled(context)) status = dcl_fail(error, DCL_E_CANCELLED, "interrupted");
        if (!status && to->options->home && strcmp(ids[i], to->options->home) != 0) continue;
        if (!status) status = dcl_store_read(path, ids[i], &arena, &home, error);
        if (!status) dcl_home_slice(&home, to->options->from_us, to->options->to_us);
        if (!status) status = give(to, &home, error);
        dcl_arena_free(&arena);
        if (context->progress) context->progress(context->progress_arg, "reading", "homes", i + 1, n);
    }
    dcl_arena_free(&names);
    return status;
}

static dcl_status give_panel(const dcl_context *context, const char *path, const giver *to,
                             dcl_error *error) {
    dcl_panel *panel;
    dcl_status status = dcl_panel_open(path, &panel, error);
    if (status) return status;
    for (size_t i = 0; !status && i < dcl_panel_tell(panel)->n_homes; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        const char *id = dcl_panel_tell(panel)->id[i];
        if (to->options->home && strcmp(id, to->options->home) != 0) continue;
        status = dcl_panel_home(context, panel, i, &arena, &home, error);
        if (status == DCL_E_NO_DATA) status = DCL_OK; /* an empty home, without series */
        if (!status) dcl_home_slice(&home, to->options->from_us, to->options->to_us);
        if (!status) status = give(to, &home, error);
        dcl_arena_free(&arena);
    }
    dcl_panel_close(&panel);
    return status;
}

dcl_status dcl_homes_each(const dcl_context *context, const char *const *paths, size_t n_paths,
                          const dcl_read_options *options, dcl_home_fn take, void *arg, dcl_error *error) {
    giver to = {take, arg, options};
    dcl_collect collect;
    dcl_status status = dcl_check_options(options, error);
    if (status) return status;
    dcl_collect_begin(&collect, context, options);
    collect.each = give_turn;
    collect.each_arg = &to;
    for (size_t i = 0; !status && i < n_paths; i++) {
        if (!dcl_is_hdf5(paths[i])) {
            status = dcl_collect_read_path(&collect, paths[i], error);
            continue;
        }
        status = dcl_check_store_options(paths[i], options, error);
        if (status) break;
        status = dcl_panel_is(paths[i]) ? give_panel(context, paths[i], &to, error)
                                        : give_store(context, paths[i], &to, error);
    }
    if (!status) status = dcl_collect_last_turn(&collect, error);
    dcl_collect_end(&collect);
    return status;
}

/* ---------------------------------------------------------------- one or many */

/* The first home ends because a second begins: that is all there is to know. */
static dcl_status stop_at_second(void *arg, dcl_collect *collect, dcl_error *error) {
    (void)collect;
    (void)error;
    *(bool *)arg = true;
    return DCL_E_SPACE;
}

static bool is_many_store(const char *path) {
    dcl_arena arena = {0};
    char **ids;
    size_t n = 0;
    bool many = dcl_panel_is(path) || (dcl_store_list(path, &arena, &ids, &n, NULL) == DCL_OK && n > 1);
    dcl_arena_free(&arena);
    return many;
}

dcl_inputs dcl_inputs_hold(const dcl_context *context, const char *const *paths, size_t n_paths,
                           const dcl_read_options *options) {
    bool many = false;
    dcl_inputs texts = DCL_INPUTS_ONE; /* what files that are no stores can hold */
    struct stat info;
    if (options->home) return DCL_INPUTS_ONE;
    for (size_t i = 0; i < n_paths; i++) {
        if (stat(paths[i], &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)))
            return DCL_INPUTS_ONE;
        bool is_store = dcl_is_hdf5(paths[i]);
        dcl_inputs holds = is_store ? DCL_INPUTS_HOMES : dcl_format_holds(paths[i], options);
        if (holds == DCL_INPUTS_ONE || (!is_store && texts != DCL_INPUTS_ONE && texts != holds))
            return DCL_INPUTS_ONE;
        if (is_store)
            many = many || is_many_store(paths[i]);
        else
            texts = holds;
    }
    if (many || texts == DCL_INPUTS_ONE) return many ? DCL_INPUTS_HOMES : DCL_INPUTS_ONE;
    dcl_context quiet = *context;
    quiet.progress = NULL;
    dcl_collect collect;
    dcl_collect_begin(&collect, &quiet, options);
    collect.each = stop_at_second;
    collect.each_arg = &many;
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n_paths; i++)
        if (!dcl_is_hdf5(paths[i])) status = dcl_collect_read_path(&collect, paths[i], NULL);
    dcl_collect_end(&collect);
    return many ? texts : DCL_INPUTS_ONE;
}

/* What the first home of a store was read from. */
static bool is_device_store(const char *path) {
    dcl_arena arena = {0};
    dcl_home home;
    char **ids;
    size_t n;
    bool is = !dcl_panel_is(path) && dcl_store_list(path, &arena, &ids, &n, NULL) == DCL_OK && n > 0 &&
              dcl_store_read_channels(path, ids[0], &arena, &home, NULL) == DCL_OK &&
              strcmp(home.format, "tracebase") == 0;
    dcl_arena_free(&arena);
    return is;
}

bool dcl_inputs_devices(const char *path, const dcl_read_options *options) {
    struct stat info;
    if (stat(path, &info) != 0 || (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))) return false;
    return dcl_is_hdf5(path) ? is_device_store(path) : dcl_format_holds(path, options) == DCL_INPUTS_DEVICES;
}
