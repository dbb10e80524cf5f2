/*
 * Learning to name types of appliances from devices on meters of their own: tracebase, a store made of it, or parts of homes
 * that --devices lists.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_types.h>

#include "base/status.h"
#include "cli/device_list.h"
#include "cli/learn.h"
#include "cli/model.h"

/* A piece of a day shorter than this says nothing: the last reading of the day before often lasts beyond midnight. */
static const int64_t LEAST_US = 10 * DCL_MINUTE_US;

/* Devices while they are read; the signatures of their days are in the arena of the session. */
typedef struct reading {
    session *cli;
    char (*label)[DCL_LABEL_ROOM];
    dcl_device *device;
    dcl_device_day *day;
    size_t n_labels, n_devices, n_days, label_room, device_room, day_room, empty;
} reading;

static dcl_status number_of_label(reading *r, const char *type, uint32_t *out, dcl_error *error) {
    char label[DCL_LABEL_ROOM];
    if (!dcl_type_label(type, label))
        return dcl_fail(error, DCL_E_FORMAT, "'%s' is no name of a type: 1 to %d letters or digits", type,
                        DCL_LABEL_ROOM - 1);
    for (size_t i = 0; i < r->n_labels; i++) {
        *out = (uint32_t)i;
        if (strcmp(r->label[i], label) == 0) return DCL_OK;
    }
    dcl_status status = dcl_grow(&r->label, &r->label_room, r->n_labels + 1, sizeof *r->label);
    if (status) return dcl_fail_memory(error, "labels");
    *out = (uint32_t)r->n_labels;
    memcpy(r->label[r->n_labels++], label, sizeof label);
    return DCL_OK;
}

/* The device of a name and type; a new one where no day of it was read yet. */
static dcl_status number_of_device(reading *r, const char *id, const char *type, size_t *out,
                                   dcl_error *error) {
    dcl_device found = {.left_out = false};
    snprintf(found.id, sizeof found.id, "%s", id);
    dcl_status status = number_of_label(r, type, &found.label, error);
    if (status) return status;
    for (*out = 0; *out < r->n_devices; ++*out)
        if (strcmp(r->device[*out].id, found.id) == 0) return DCL_OK;
    if (dcl_grow(&r->device, &r->device_room, r->n_devices + 1, sizeof *r->device))
        return dcl_fail_memory(error, "devices");
    r->device[r->n_devices++] = found;
    return DCL_OK;
}

/* The samples of a series within [from, to); NULL where there are none. */
static const dcl_series *cut(const dcl_series *of, int64_t from_us, int64_t to_us, dcl_series *out) {
    if (!of || to_us <= of->start_us || from_us >= dcl_series_end_us(of)) return NULL;
    int64_t first = from_us > of->start_us ? (from_us - of->start_us + of->period_us - 1) / of->period_us : 0;
    int64_t last = (to_us - of->start_us + of->period_us - 1) / of->period_us;
    if (last > (int64_t)of->n) last = (int64_t)of->n;
    while (first < last && isnan(of->value[first])) first++;
    while (last > first && isnan(of->value[last - 1])) last--;
    *out = *of;
    out->start_us += first * of->period_us;
    out->value += first;
    out->n = (size_t)(last - first);
    return first < last ? out : NULL;
}

/* Each civil day of a device's own power. */
static dcl_status add_days(reading *r, size_t device, const dcl_series *power, const dcl_zone *zone,
                           dcl_error *error) {
    int64_t end_us = dcl_series_end_us(power), day = dcl_zone_day(zone, power->start_us);
    for (; dcl_zone_day_start(zone, day) < end_us; day++) {
        dcl_series of_day;
        if (dcl_cancelled(&r->cli->context)) return dcl_fail(error, DCL_E_CANCELLED, "interrupted");
        if (!cut(power, dcl_zone_day_start(zone, day), dcl_zone_day_start(zone, day + 1), &of_day)) continue;
        if ((int64_t)of_day.n * of_day.period_us < LEAST_US) continue;
        if (dcl_grow(&r->day, &r->day_room, r->n_days + 1, sizeof *r->day))
            return dcl_fail_memory(error, "days of devices");
        dcl_load load = {.power_w = &of_day, .zone = zone};
        dcl_status status = dcl_device_day_describe(&load, &r->cli->arena, &r->day[r->n_days], error);
        if (status && status != DCL_E_NO_DATA) return status;
        r->day[r->n_days].device = device;
        r->n_days += status == DCL_OK;
        r->empty += status == DCL_E_NO_DATA;
    }
    return DCL_OK;
}

/* A device's days are civil days where it stood. */
static dcl_status add_device(reading *r, const char *id, const char *type, const char *zone_name,
                             const dcl_series *power, dcl_error *error) {
    size_t device;
    dcl_zone *zone = NULL;
    dcl_status status = number_of_device(r, id, type, &device, error);
    if (!status && zone_name[0]) status = dcl_zone_open(zone_name, &zone, error);
    if (!status) status = add_days(r, device, power, zone ? zone : r->cli->zone, error);
    dcl_zone_close(&zone);
    return status;
}

/* ---------------------------------------------------------------- inputs */

/* A device of tracebase, or of a store of them: "Refrigerator_98A08C". */
static dcl_status take_device(void *arg, const dcl_home *home, dcl_error *error) {
    reading *r = arg;
    char type[64];
    const char *number = strrchr(home->id, '_');
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    if (!power) return DCL_OK; /* nothing of it could be used */
    if (strcmp(home->format, "tracebase") != 0 || !number || number == home->id)
        return dcl_fail(error, DCL_E_ARG,
                        "home %s is no device whose name tells its type: list its parts with --devices",
                        home->id);
    snprintf(type, sizeof type, "%.*s", (int)(number - home->id), home->id);
    return add_device(r, home->id, type, home->zone, power, error);
}

/* The power of a part of a home: of a plug that was read alone, or of what stands under truth/. */
static const dcl_series *part_of(const dcl_home *home, const char *part) {
    for (size_t i = 0; i < home->n_truth; i++) {
        const char *name = home->truth_name[i];
        if (strcmp(name, part) == 0 || (strncmp(name, "plug_", 5) == 0 && strcmp(name + 5, part) == 0))
            return &home->truth[i];
    }
    return home->n_truth ? NULL : dcl_home_series(home, DCL_POWER_W);
}

static bool is_store(const char *path) {
    dcl_arena arena = {0};
    char **ids;
    size_t n;
    bool is = dcl_store_list(path, &arena, &ids, &n, NULL) == DCL_OK;
    dcl_arena_free(&arena);
    return is;
}

/* A part that --devices lists. A plug is read alone, so that a home of many takes the memory of one. */
static dcl_status take_part(reading *r, const char *path, const device_list *list,
                            const listed_device *listed) {
    session *cli = r->cli;
    dcl_read_options options = cli->read;
    dcl_arena arena = {0};
    dcl_home home;
    char id[64];
    if (!is_store(path)) options.only = listed->part;
    dcl_status status = dcl_home_read(&cli->context, path, &options, &arena, &home, &cli->error);
    clear_bar(cli);
    const dcl_series *power = status ? NULL : part_of(&home, listed->part);
    if (!status && !power)
        status = dcl_fail_file(&cli->error, DCL_E_NOT_FOUND, path, "it has no part called %s", listed->part);
    if (!status) {
        say(cli, "declic: %s, %s: %s\n", listed->input, listed->part, listed->type);
        snprintf(id, sizeof id, "%lld %.40s", (long long)listed->line, listed->part); /* a line, a device */
        status = add_device(r, id, listed->type, home.zone, power, &cli->error);
        if (status && !cli->error.file[0])
            snprintf(cli->error.file, sizeof cli->error.file, "%s", list->path);
    }
    dcl_arena_free(&arena);
    return status;
}

/* An input is a home whose parts are listed, or all of it is devices. */
static dcl_status read_input(reading *r, const char *path, const device_list *list) {
    session *cli = r->cli;
    dcl_status status = DCL_OK;
    size_t listed = 0;
    for (size_t i = 0; i < list->n && !status; i++) {
        if (!is_listed_input(&list->device[i], path)) continue;
        listed++;
        status = take_part(r, path, list, &list->device[i]);
    }
    if (listed || status) return status;
    dcl_read_options options = cli->read;
    if (!options.period_us && !is_store(path)) options.period_us = DCL_SECOND_US;
    status = dcl_homes_each(&cli->context, &path, 1, &options, take_device, r, &cli->error);
    if (status && !cli->error.file[0]) snprintf(cli->error.file, sizeof cli->error.file, "%s", path);
    clear_bar(cli);
    return status;
}

static dcl_status read_all(reading *r, const device_list *list) {
    session *cli = r->cli;
    for (size_t i = 0; i < list->n; i++) {
        size_t k = 0;
        while (k < learn_count(cli) && !is_listed_input(&list->device[i], learn_paths(cli)[k])) k++;
        if (k < learn_count(cli)) continue;
        dcl_fail_at(&cli->error, DCL_E_FORMAT, list->device[i].line, -1, "%s is not among the inputs",
                    list->device[i].input);
        snprintf(cli->error.file, sizeof cli->error.file, "%s", list->path);
        return DCL_E_FORMAT;
    }
    dcl_status status = DCL_OK;
    for (size_t i = 0; i < learn_count(cli) && !status; i++)
        status = read_input(r, learn_paths(cli)[i], list);
    return status;
}

bool holds_devices(const session *cli) {
    bool is = cli->devices != NULL;
    for (size_t i = 0; i < learn_count(cli) && !is; i++)
        is = dcl_inputs_devices(learn_paths(cli)[i], &cli->read);
    return is;
}

/* ---------------------------------------------------------------- learning */

static dcl_status learn(reading *r, dcl_identifier *out) {
    session *cli = r->cli;
    const char *label[DCL_SVM_CLASSES];
    if (r->n_labels > DCL_SVM_CLASSES)
        return dcl_fail(&cli->error, DCL_E_ARG, "%zu types: at most %d", r->n_labels, DCL_SVM_CLASSES);
    for (size_t i = 0; i < r->n_labels; i++) label[i] = r->label[i];
    dcl_devices devices = {label, (uint32_t)r->n_labels, r->device, r->n_devices, r->day, r->n_days};
    dcl_devices_options options = dcl_devices_defaults();
    if (cli->rows) options.runs = (uint32_t)(cli->rows < 1000 ? cli->rows : 1000);
    dcl_status status = dcl_devices_learn(&cli->context, &devices, &options, &cli->arena, out, &cli->error);
    clear_bar(cli);
    return status;
}

int learn_types(session *cli) {
    if (cli->copies >= 0) return session_usage(cli, "--copies is of homes, and these are devices");
    reading r = {.cli = cli};
    device_list list = {0};
    dcl_identifier model;
    dcl_status status = cli->devices ? read_device_list(cli, cli->devices, &list) : DCL_OK;
    if (!status) status = read_all(&r, &list);
    if (!status)
        say(cli, "declic: %zu devices of %zu types, %zu days; %zu days below 1 Wh left out\n", r.n_devices,
            r.n_labels, r.n_days, r.empty);
    if (!status) status = learn(&r, &model);
    if (!status) status = dcl_identifier_write(cli->output, &model, &cli->error);
    free(r.label);
    free(r.device);
    free(r.day);
    if (status) return session_fail(cli, status);
    cli->wrote = true;
    if (cli->quiet && !cli->json) return CLI_DONE;
    cli->output = NULL;
    return show_identifier(cli, &model) ? CLI_PART : CLI_DONE;
}
