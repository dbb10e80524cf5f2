/* A home of a nightly run with what people said of it: plugs that were worn, cycles that were given a name. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_names.h>

#include "base/status.h"
#include "base/table.h"
#include "cli/learn_plugs.h"
#include "cli/retrain.h"

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---------------------------------------------------------------- plugs */

/* NAME=FILE of each file in the folder of a home's plugs, in order: as --plug would have them. None where there is no folder. */
static dcl_status find_plugs(session *cli, const char *key) {
    char folder[4096], whole[8192];
    cli->n_plugs = 0;
    (void)snprintf(folder, sizeof folder, "%s/%s" RETRAIN_PLUGS, cli->data, key);
    DIR *list = opendir(folder);
    dcl_status status = DCL_OK;
    if (!list && errno != ENOENT)
        return dcl_fail_file(&cli->error, DCL_E_IO, folder, "cannot be listed: %s", strerror(errno));
    for (struct dirent *entry; !status && list && (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        if (cli->n_plugs == PLUGS_MAX) {
            status = dcl_fail_file(&cli->error, DCL_E_ARG, folder, "more than %d plugs", PLUGS_MAX);
            break;
        }
        (void)snprintf(whole, sizeof whole, "%.*s=%s/%s", (int)strcspn(entry->d_name, "."), entry->d_name,
                       folder, entry->d_name);
        cli->plugs[cli->n_plugs] = dcl_arena_strdup(&cli->arena, whole);
        if (!cli->plugs[cli->n_plugs++]) status = dcl_fail_memory(&cli->error, "the plugs");
    }
    if (list) closedir(list);
    if (!status && cli->n_plugs) qsort(cli->plugs, cli->n_plugs, sizeof *cli->plugs, by_text);
    return status;
}

/* ---------------------------------------------------------------- names */

static bool find_column(const dcl_table *table, const char *name, size_t *out) {
    for (*out = 0; *out < table->columns; ++*out)
        if (strcmp(dcl_table_head(table, *out), name) == 0) return true;
    return false;
}

/* A row says which cycle was what; one without a name, or called unknown, says nothing. */
static dcl_status take_label(session *cli, const char *stamp, const char *name, dcl_night_label *out,
                             size_t *n) {
    char words[DCL_LABEL_ROOM + 32], label[DCL_LABEL_ROOM];
    uint32_t number;
    int64_t start_us;
    bool has_offset;
    if (!*name || strncmp(name, "unknown", 7) == 0) return DCL_OK;
    if (dcl_time_parse(stamp, strlen(stamp), &start_us, &has_offset))
        return dcl_fail(&cli->error, DCL_E_FORMAT, "'%.40s' is no moment", stamp);
    (void)snprintf(words, sizeof words, "unknown 1=%.*s", (int)sizeof words - 16, name);
    dcl_status status = dcl_load_name_parse(words, &number, label, &cli->error);
    if (status) return status;
    char *kept = dcl_arena_strdup(&cli->arena, label);
    if (!kept) return dcl_fail_memory(&cli->error, "names");
    out[(*n)++] = (dcl_night_label){start_us, kept};
    return DCL_OK;
}

/* KEY.names.csv: rows as declic cycles --csv writes them, of which start_utc and appliance are read. */
static dcl_status read_labels(session *cli, const char *key, dcl_night_label **out, size_t *n) {
    char path[4096];
    dcl_table table;
    size_t start, name;
    (void)snprintf(path, sizeof path, "%s/%s" RETRAIN_NAMES, cli->data, key);
    dcl_status status = dcl_table_read(path, &cli->arena, &table, &cli->error);
    if (status == DCL_E_NOT_FOUND || status == DCL_E_NO_DATA) return DCL_OK;
    if (status) return status;
    if (!find_column(&table, "start_utc", &start) || !find_column(&table, "appliance", &name))
        return dcl_fail_file(
            &cli->error, DCL_E_FORMAT, path,
            "expected the columns start_utc and appliance, as declic cycles --csv writes them");
    *out = dcl_arena_alloc(&cli->arena, table.rows, sizeof **out);
    if (!*out) return dcl_fail_memory(&cli->error, "names");
    for (size_t i = 0; !status && i < table.rows; i++) {
        status = take_label(cli, dcl_table_cell(&table, i, start), dcl_table_cell(&table, i, name), *out, n);
        if (!status) continue;
        dcl_error why = cli->error;
        dcl_fail_file(&cli->error, status, path, "line %lld: %s", (long long)table.line[i + 1], why.msg);
    }
    return status;
}

/* ---------------------------------------------------------------- the home */

dcl_status read_house(session *cli, const retrain_place *place, dcl_nightly_kind kind, int64_t period_us,
                      dcl_home *out, dcl_night_label **labels, size_t *n_labels) {
    const char *inputs[] = {"", place->path};
    *labels = NULL, *n_labels = 0;
    cli->inputs = inputs, cli->n_inputs = 2;
    cli->home = cli->read.home = place->id;
    cli->read.period_us = period_us;
    cli->read.without_truth = kind == DCL_NIGHT_LOADS;
    dcl_status status = kind == DCL_NIGHT_LOADS ? read_labels(cli, place->key, labels, n_labels)
                                                : find_plugs(cli, place->key);
    if (!status && cli->n_plugs) {
        status = read_worn_home(cli, out);
    } else if (!status) {
        status = dcl_home_read(&cli->context, place->path, &cli->read, &cli->arena, out, &cli->error);
        clear_bar(cli);
    }
    cli->n_plugs = 0;
    cli->read.period_us = 0;
    cli->read.without_truth = false;
    return status;
}
