/* declic report --panel: a page for each home of a panel, and a list of them. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <declic/report_alias.h>
#include <declic/report_index.h>

#include "base/file.h"
#include "base/parallel.h"
#include "cli/report.h"

/* Homes between two looks at the bar and at Ctrl-C; power in memory at a time. */
enum { BATCH = 64, SAID = 5 };
static const size_t MEMORY = (size_t)64 << 20;

typedef struct batch {
    session *cli;
    const name_model *model;
    const dcl_report_options *options;
    dcl_lang lang;
    const dcl_panel_about *about;
    dcl_report_row *row; /* [n_homes] */
    char (*label)[64], (*file)[72];
    char (*why)[sizeof((dcl_error *)0)->msg];
    size_t first, done;
    const float *power_w;
} batch;

/* ---------------------------------------------------------------- names */

/* An id with other signs than these is no name of a file: such homes are called by their place in the panel. */
static bool is_file_name(const char *id) {
    static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return id[0] != '-' && id[strspn(id, signs)] == '\0' && strncmp(id, "place-", 6) != 0 &&
           strcmp(id, "index") != 0;
}

static void name_home(batch *b, size_t home) {
    const char *id = b->about->id[home];
    if (b->cli->alias_key)
        dcl_alias_make(&b->cli->key, id, b->label[home]);
    else if (is_file_name(id))
        snprintf(b->label[home], sizeof b->label[home], "%s", id);
    else
        snprintf(b->label[home], sizeof b->label[home], "place-%06zu", home + 1);
    snprintf(b->file[home], sizeof b->file[home], "%.63s.html", b->label[home]);
    b->row[home] = (dcl_report_row){.label = b->label[home], .file = b->file[home]};
}

/* ---------------------------------------------------------------- one home */

static dcl_status write_beside(const batch *b, size_t home, const char *extension, const char *bytes,
                               size_t n, dcl_error *error) {
    dcl_text path = {0};
    dcl_text_format(&path, "%s/%s.%s", b->cli->output, b->label[home], extension);
    dcl_status status =
        path.failed ? dcl_fail_memory(error, "a path") : dcl_file_write(path.at, bytes, n, error);
    dcl_text_free(&path);
    return status;
}

/* A session of its own, so that homes do not share an arena or an error; one thread each. */
static dcl_status write_home(batch *b, size_t home, session *own) {
    dcl_home in;
    dcl_report report;
    const char *bytes;
    size_t n;
    const float *power_w = b->power_w + (home - b->first) * b->about->n_slots;
    dcl_status status = dcl_panel_take_home(b->about, home, power_w, &own->arena, &in, &own->error);
    dcl_report_options options = *b->options;
    options.label = b->label[home];
    if (!status) status = explain_home(own, b->model, &in, options, &report);
    if (!status)
        status = dcl_report_html(&own->context, &report, b->lang, &own->arena, &bytes, &n, &own->error);
    if (!status) status = write_beside(b, home, "html", bytes, n, &own->error);
    if (!status && own->json) status = dcl_report_json(&report, &own->arena, &bytes, &n, &own->error);
    if (!status && own->json) status = write_beside(b, home, "json", bytes, n, &own->error);
    if (!status) dcl_report_row_fill(&report, &b->row[home]);
    return status;
}

static dcl_status one_home(void *arg, size_t shard) {
    batch *b = arg;
    size_t home = b->done + shard;
    session own = *b->cli;
    own.context.threads = 1;
    own.context.progress = NULL;
    own.arena = (dcl_arena){0};
    own.error = (dcl_error){.pos = {0, -1}};
    dcl_status status = write_home(b, home, &own);
    dcl_arena_free(&own.arena);
    if (!status || status == DCL_E_CANCELLED) return status;
    snprintf(b->why[home], sizeof b->why[home], "%s",
             own.error.msg[0] ? own.error.msg : dcl_status_text(status));
    b->row[home].why = b->why[home];
    return DCL_OK; /* the others go on */
}

/* ---------------------------------------------------------------- all of them */

static dcl_status take_homes(void *arg, size_t first, size_t n, const float *power_w, dcl_error *error) {
    batch *b = arg;
    const dcl_context *context = &b->cli->context;
    b->first = first;
    b->power_w = power_w;
    for (b->done = first; b->done < first + n;) {
        size_t part = first + n - b->done < BATCH ? first + n - b->done : BATCH;
        dcl_status status = dcl_parallel_for(context, part, one_home, b);
        if (status) return dcl_fail(error, status, "%s", dcl_status_text(status));
        b->done += part;
        if (context->progress)
            context->progress(context->progress_arg, "pages", "homes", b->done, b->about->n_homes);
    }
    return DCL_OK;
}

static dcl_status make_room(batch *b) {
    dcl_arena *arena = &b->cli->arena;
    size_t n = b->about->n_homes;
    b->row = dcl_arena_alloc(arena, n, sizeof *b->row);
    b->label = dcl_arena_alloc(arena, n, sizeof *b->label);
    b->file = dcl_arena_alloc(arena, n, sizeof *b->file);
    b->why = dcl_arena_alloc(arena, n, sizeof *b->why);
    if (!b->row || !b->label || !b->file || !b->why) return dcl_fail_memory(&b->cli->error, "the pages");
    for (size_t h = 0; h < n; h++) name_home(b, h);
    return DCL_OK;
}

static dcl_status open_folder(session *cli) {
    struct stat info;
    if (mkdir(cli->output, 0777) == 0 || (stat(cli->output, &info) == 0 && S_ISDIR(info.st_mode)))
        return DCL_OK;
    return dcl_fail_file(&cli->error, DCL_E_IO, cli->output, "no folder, and none can be made there");
}

static dcl_status write_index(batch *b) {
    session *cli = b->cli;
    const char *bytes;
    size_t n;
    dcl_text path = {0};
    bool simulated = b->about->kind != NULL;
    dcl_status status = dcl_report_index_html(&cli->context, b->row, b->about->n_homes, simulated, b->lang,
                                              &cli->arena, &bytes, &n, &cli->error);
    dcl_text_format(&path, "%s/index.html", cli->output);
    if (!status && path.failed) status = dcl_fail_memory(&cli->error, "a path");
    if (!status) status = dcl_file_write(path.at, bytes, n, &cli->error);
    dcl_text_free(&path);
    return status;
}

static int say_done(const batch *b) {
    const session *cli = b->cli;
    size_t failed = 0, n = b->about->n_homes;
    for (size_t h = 0; h < n; h++) {
        if (!b->row[h].why) continue;
        if (failed++ < SAID) say(cli, "declic: %s has no page: %s\n", b->label[h], b->row[h].why);
    }
    if (failed > SAID) say(cli, "declic: … and %zu more; index.html names them\n", failed - SAID);
    say(cli, "declic: %zu page%s and index.html are in %s\n", n - failed, n - failed == 1 ? "" : "s",
        cli->output);
    return failed == n ? CLI_FAILED : failed ? CLI_PART : CLI_DONE;
}

int report_panel(session *cli, const name_model *model, const dcl_report_options *options, dcl_lang lang) {
    batch b = {.cli = cli, .model = model, .options = options, .lang = lang};
    dcl_panel *panel = NULL;
    dcl_status status = dcl_panel_open(cli->inputs[0], &panel, &cli->error);
    if (!status) b.about = dcl_panel_tell(panel);
    if (!status) status = make_room(&b);
    if (!status) status = open_folder(cli);
    if (!status) status = dcl_panel_each(&cli->context, panel, MEMORY, take_homes, &b, &cli->error);
    clear_bar(cli);
    cli->wrote = b.done > 0;
    if (!status) status = write_index(&b);
    int code = status ? session_fail(cli, status) : say_done(&b);
    dcl_panel_close(&panel);
    return code;
}
