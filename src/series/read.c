/* Reading a home: what the input is, which format reads it, and what to say when none does. */
#include <declic/series.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "series/format.h"
#include "series/source.h"

#define X(name) extern const dcl_format dcl_format_##name;
#include "formats.inc"
#undef X

static const dcl_format *const formats[] = {
#define X(name) &dcl_format_##name,
#include "formats.inc"
#undef X
};

const dcl_format *dcl_format_at(size_t i) {
    return i < sizeof formats / sizeof *formats ? formats[i] : NULL;
}

const dcl_format *dcl_format_find(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0) return formats[i];
    return NULL;
}

const char *dcl_format_name(size_t i) {
    return dcl_format_at(i) ? formats[i]->name : NULL;
}

const char *dcl_format_title(size_t i) {
    return dcl_format_at(i) ? formats[i]->title : NULL;
}

dcl_read_options dcl_read_defaults(void) {
    return (dcl_read_options){.from_us = INT64_MIN, .to_us = INT64_MAX, .max_power = 60000};
}

dcl_status dcl_check_options(const dcl_read_options *options, dcl_error *error) {
    if (options->format && strcmp(options->format, "store") != 0 && !dcl_format_find(options->format))
        return dcl_fail(error, DCL_E_ARG, "no format is called \"%s\"", options->format);
    if (options->period_us < 0 || (options->period_us && DCL_DAY_US % options->period_us))
        return dcl_fail(error, DCL_E_ARG, "the step must divide the day");
    if (options->max_gap_us < 0) return dcl_fail(error, DCL_E_ARG, "the longest gap must not be negative");
    if (options->from_us >= options->to_us) return dcl_fail(error, DCL_E_ARG, "--from must be before --to");
    if (!(options->max_power > 0)) return dcl_fail(error, DCL_E_ARG, "the largest power must be above 0");
    return DCL_OK;
}

/* Copies the first bytes for detection, without a byte order mark, and takes that mark off the input. */
static dcl_status look(dcl_input *input, char head[DCL_HEAD_BYTES + 1], size_t *n, dcl_error *error) {
    const char *bytes;
    dcl_status status = dcl_input_peek(input, DCL_HEAD_BYTES, &bytes, n, error);
    if (status) return status;
    if (*n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        input->from += 3;
        input->next_byte += 3;
        bytes += 3;
        *n -= 3;
    }
    memcpy(head, bytes, *n);
    head[*n] = '\0';
    return DCL_OK;
}

static const dcl_format *detect(const char *name, const char *head, size_t n) {
    const dcl_format *best = NULL;
    int most = 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        int sure = formats[i]->detect(name, head, n);
        if (sure > most) {
            most = sure;
            best = formats[i];
        }
    }
    return best;
}

/* What a file that nobody reads looks like, in words that help. */
static dcl_status fail_unknown(const char *head, size_t n, dcl_error *error) {
    if (!n) return dcl_fail_at(error, DCL_E_NO_DATA, 0, 0, "the file is empty");
    if (n >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
        return dcl_fail_at(error, DCL_E_FORMAT, 0, 0, "a UTF-16 text: save it as UTF-8");
    if (n >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, 0, "a spreadsheet or zip inside a zip: save it as CSV");
    static const struct {
        const char *start, *what;
    } others[] = {
        {"DCLMODEL", "a model of declic, not what a meter measured: declic info tells what it holds"},
        {"%PDF", "a PDF: ask for the same data as CSV"},
        {"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls): save it as CSV"},
        {"<!DOCTYPE", "a web page, not the file it should have been: download it again"},
        {"<html", "a web page, not the file it should have been: download it again"},
        {"{\\rtf", "a word processor's text: save it as plain text"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(head, others[i].start, strlen(others[i].start)) == 0)
            return dcl_fail_at(error, DCL_E_FORMAT, 0, 0, "%s", others[i].what);
    size_t zero = strlen(head);
    if (zero < n)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, (int64_t)zero, "binary data that is no format we read");
    size_t line = strcspn(head, "\r\n");
    return dcl_fail_at(
        error, DCL_E_FORMAT, 1, 0,
        "no format we read begins with \"%.*s\"; `--format` forces one, `--time` and `--column` "
        "describe a CSV",
        (int)(line < 60 ? line : 60), head);
}

/* Reads one file. *read tells whether a format took it. */
static dcl_status read_one(dcl_collect *collect, dcl_input *input, bool many, bool *read, dcl_error *error) {
    char head[DCL_HEAD_BYTES + 1];
    size_t n;
    *read = false;
    dcl_status status = look(input, head, &n, error);
    if (status) return status;
    const dcl_read_options *options = collect->options;
    const char *forced = options->format                              ? options->format
                         : options->time_column || options->n_columns ? "csv"
                                                                      : NULL;
    const dcl_format *format = forced && n ? dcl_format_find(forced) : detect(input->name, head, n);
    if (!format && forced && strcmp(forced, "store") == 0)
        return dcl_fail_at(error, DCL_E_FORMAT, 0, 0, "no HDF5 file, so not a store");
    /* In a folder, a format that is forced is still not forced upon the notes beside the data. */
    if (many && (!format || format->detect(input->name, head, n) == 0)) {
        collect->files_passed++;
        return DCL_OK;
    }
    if (!format) return fail_unknown(head, n, error);
    snprintf(collect->format, sizeof collect->format, "%s", format->name);
    collect->input = input;
    collect->is_many = many;
    *read = true;
    status = format->read(collect, input, error);
    collect->input = NULL;
    return status;
}

dcl_status dcl_collect_read(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    bool read;
    return read_one(collect, input, false, &read, error);
}

static void tell_progress(const dcl_context *context, const dcl_source *source) {
    uint64_t done, total;
    if (!context->progress) return;
    dcl_source_progress(source, &done, &total);
    context->progress(context->progress_arg, "reading", "B", done, total);
}

/* The file an error belongs to: the path, and the member where there are several. */
static void name_file(dcl_error *error, const char *path, const char *member) {
    if (!error || error->file[0]) return;
    if (member)
        snprintf(error->file, sizeof error->file, "%.120s: %.120s", path, member);
    else
        snprintf(error->file, sizeof error->file, "%.250s", path);
}

typedef struct progress_input {
    const dcl_context *context;
    dcl_source *source;
} progress_input;

static dcl_status more_with_progress(void *arg, const char **block, size_t *n, dcl_error *error) {
    progress_input *from = arg;
    if (dcl_cancelled(from->context)) return dcl_fail(error, DCL_E_CANCELLED, "interrupted");
    tell_progress(from->context, from->source);
    return dcl_source_more(from->source, block, n, error);
}

static dcl_status read_source(dcl_collect *collect, dcl_source *source, const char *path, dcl_error *error) {
    progress_input from = {collect->context, source};
    size_t files = 0, taken = 0;
    bool spreadsheet = false;
    const char *name = NULL;
    dcl_status status;
    for (;;) {
        status = dcl_source_next(source, &name, error);
        if (status || !name) break;
        dcl_input input;
        bool read, many = dcl_source_is_many(source);
        uint64_t done, total;
        dcl_source_progress(source, &done, &total);
        dcl_input_begin(&input, name, more_with_progress, &from);
        if (!many) input.expected = total;
        status = read_one(collect, &input, many, &read, error);
        dcl_input_end(&input);
        files++;
        taken += read;
        spreadsheet = spreadsheet || strcmp(name, "[Content_Types].xml") == 0;
        if (!status) continue;
        name_file(error, path, many ? name : NULL);
        return status;
    }
    if (status) name_file(error, path, NULL);
    if (!status && !taken && spreadsheet)
        return dcl_fail_file(error, DCL_E_FORMAT, path, "a spreadsheet: save it as CSV");
    if (!status && !files) return dcl_fail_file(error, DCL_E_NO_DATA, path, "the file is empty");
    if (!status && !taken)
        return dcl_fail_file(error, DCL_E_NO_DATA, path, "none of its files is of a format we read");
    return status;
}

/* A store's values are on their grid already: an option on how bytes are read must not be passed over in silence. */
dcl_status dcl_check_store_options(const char *path, const dcl_read_options *options, dcl_error *error) {
    const struct {
        const char *name;
        bool given;
    } given[] = {{"period", options->period_us > 0},
                 {"max-gap", options->max_gap_us > 0},
                 {"start", options->has_start},
                 {"time", options->time_column},
                 {"column", options->n_columns > 0},
                 {"stamps", options->stamps_are_ends},
                 {"max-power", options->max_power != dcl_read_defaults().max_power},
                 {"only", options->only},
                 {"without", options->without}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].given)
            return dcl_fail_file(
                error, DCL_E_ARG, path,
                "a store; --%s tells how a meter file is read: import the file again with it", given[i].name);
    return DCL_OK;
}

dcl_status dcl_collect_read_path(dcl_collect *collect, const char *path, dcl_error *error) {
    dcl_source *source = NULL;
    dcl_status status = dcl_source_open(path, &source, error);
    if (!status) status = read_source(collect, source, path, error);
    dcl_source_close(&source);
    return status;
}

/* The format of the input's first file that has one; NULL where there is none, or the input cannot be read. */
static const dcl_format *first_format(dcl_source *source, const dcl_read_options *options) {
    const dcl_format *found = options->format ? dcl_format_find(options->format) : NULL;
    const char *name;
    while (!found && dcl_source_next(source, &name, NULL) == DCL_OK && name) {
        char head[DCL_HEAD_BYTES + 1];
        size_t n;
        dcl_input input;
        dcl_input_begin(&input, name, dcl_source_more, source);
        if (look(&input, head, &n, NULL) == DCL_OK) found = detect(name, head, n);
        dcl_input_end(&input);
    }
    return found;
}

dcl_inputs dcl_format_holds(const char *path, const dcl_read_options *options) {
    dcl_source *source = NULL;
    if (dcl_source_open(path, &source, NULL)) return DCL_INPUTS_ONE;
    const dcl_format *format = first_format(source, options);
    dcl_source_close(&source);
    return format == &dcl_format_lcl         ? DCL_INPUTS_HOMES
           : format == &dcl_format_tracebase ? DCL_INPUTS_DEVICES
                                             : DCL_INPUTS_ONE;
}

/* A store of several homes is never read as if it were one of them: the caller says which. */
static dcl_status choose_home(const char *path, const char *asked, dcl_arena *arena, const char **id,
                              dcl_error *error) {
    char **ids;
    size_t n;
    *id = asked;
    if (asked) return DCL_OK;
    dcl_status status = dcl_store_list(path, arena, &ids, &n, error);
    if (status || n < 2) return status;
    return dcl_fail_file(error, DCL_E_ARG, path, "it holds %zu homes: choose one with --home (%s%s%s)", n,
                         ids[0], n > 2 ? " … " : ", ", ids[n - 1]);
}

static dcl_status read_panel_home(const dcl_context *context, const char *path,
                                  const dcl_read_options *options, dcl_arena *arena, dcl_home *out,
                                  dcl_error *error) {
    dcl_panel *panel;
    dcl_status status = dcl_panel_open(path, &panel, error);
    if (status) return status;
    const dcl_panel_about *about = dcl_panel_tell(panel);
    size_t home = 0;
    if (!options->home && about->n_homes > 1)
        status = dcl_fail_file(
            error, DCL_E_ARG, path, "a panel of %zu homes: choose one with --home (%s%s%s)", about->n_homes,
            about->id[0], about->n_homes > 2 ? " … " : ", ", about->id[about->n_homes - 1]);
    else if (options->home && !dcl_panel_find(panel, options->home, &home))
        status = dcl_fail_file(error, DCL_E_NOT_FOUND, path, "no home \"%s\" in this panel", options->home);
    if (!status) status = dcl_panel_home(context, panel, home, arena, out, error);
    dcl_panel_close(&panel);
    return status;
}

static dcl_status read_store(const dcl_context *context, const char *path, const dcl_read_options *options,
                             dcl_arena *arena, dcl_home *out, dcl_error *error) {
    const char *id;
    dcl_status status = dcl_check_store_options(path, options, error);
    if (!status && dcl_panel_is(path)) {
        status = read_panel_home(context, path, options, arena, out, error);
    } else if (!status) {
        status = choose_home(path, options->home, arena, &id, error);
        if (!status)
            status = (options->without_truth ? dcl_store_read_channels : dcl_store_read)(path, id, arena, out,
                                                                                         error);
    }
    if (!status) dcl_home_slice(out, options->from_us, options->to_us);
    if (!status && !out->n_series && !out->n_va_maxima)
        status = dcl_fail_file(error, DCL_E_NO_DATA, path, "nothing in the span asked for");
    return status;
}

dcl_status dcl_home_read_all(const dcl_context *context, const char *const *paths, size_t n_paths,
                             const dcl_read_options *options, dcl_arena *arena, dcl_home *out,
                             dcl_error *error) {
    *out = (dcl_home){.subscribed_kva = NAN};
    if (error) *error = (dcl_error){.pos = {0, -1}};
    dcl_status status = dcl_check_options(options, error);
    if (!status && n_paths == 1 && dcl_is_hdf5(paths[0]))
        return read_store(context, paths[0], options, arena, out, error);
    dcl_collect collect;
    dcl_collect_begin(&collect, context, options);
    for (size_t i = 0; !status && i < n_paths; i++) {
        if (dcl_is_hdf5(paths[i]))
            status = dcl_fail_file(error, DCL_E_ARG, paths[i], "a store cannot be joined with other inputs");
        if (!status) status = dcl_collect_read_path(&collect, paths[i], error);
    }
    if (!status && options->home && !collect.chose_home)
        status = dcl_fail_file(error, DCL_E_ARG, n_paths ? paths[0] : "",
                               "--home chooses from an input of many homes, and this is none");
    if (!status && options->home && !collect.n_tracks)
        status = dcl_fail_file(error, DCL_E_NOT_FOUND, n_paths ? paths[0] : "", "no home \"%s\" in it",
                               options->home);
    if (!status) status = dcl_collect_finish(&collect, arena, out, error);
    if (!status) dcl_home_slice(out, options->from_us, options->to_us);
    if (status && n_paths) name_file(error, paths[0], NULL);
    dcl_collect_end(&collect);
    return status;
}

dcl_status dcl_home_read(const dcl_context *context, const char *path, const dcl_read_options *options,
                         dcl_arena *arena, dcl_home *out, dcl_error *error) {
    return dcl_home_read_all(context, &path, 1, options, arena, out, error);
}

dcl_status dcl_column_parse(const char *text, dcl_column *out, dcl_error *error) {
    static const struct {
        const char *unit, *of;
        double scale;
        bool is_energy;
    } units[] = {{"W", "W", 1, false},          {"kW", "W", 1e3, false},   {"MW", "W", 1e6, false},
                 {"VA", "VA", 1, false},        {"kVA", "VA", 1e3, false}, {"var", "var", 1, false},
                 {"kvar", "var", 1e3, false},   {"V", "V", 1, false},      {"A", "A", 1, false},
                 {"mA", "A", 1e-3, false},      {"Wh", "W", 1, true},      {"kWh", "W", 1e3, true},
                 {"kWmin", "W", 1e3 / 60, true}};
    const char *colon = strrchr(text, ':'), *equals = colon ? colon : text;
    while (equals > text && *equals != '=') equals--;
    char channel[32] = "";
    if (!colon || *equals != '=' || equals == text || equals - text >= (int)sizeof out->name ||
        colon - equals - 1 >= (int)sizeof channel)
        return dcl_fail(error, DCL_E_ARG, "expected NAME=CHANNEL:UNIT (Puissance=power_w:kW), not \"%s\"",
                        text);
    snprintf(out->name, sizeof out->name, "%.*s", (int)(equals - text), text);
    snprintf(channel, sizeof channel, "%.*s", (int)(colon - equals - 1), equals + 1);
    out->channel = dcl_channel_find(channel);
    if (out->channel == DCL_CHANNEL_COUNT)
        return dcl_fail(error, DCL_E_ARG,
                        "no channel is called \"%s\" (power_w, apparent_va, reactive_var, voltage_v, "
                        "current_a, export_w, and per phase _l1 … _l3)",
                        channel);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].unit, colon + 1) != 0 || strcmp(units[i].of, dcl_channel_unit(out->channel)) != 0)
            continue;
        out->scale = units[i].scale;
        out->is_energy = units[i].is_energy;
        return DCL_OK;
    }
    return dcl_fail(
        error, DCL_E_ARG,
        "\"%s\" is no unit of %s (W, kW, MW, of an interval's energy Wh, kWh, kWmin; VA, kVA; var, kvar; "
        "V; A, mA)",
        colon + 1, channel);
}
