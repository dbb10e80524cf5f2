/* Homes of a panel into clusters: files to standard output, a file of clusters, a page. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ranks.h"
#include "base/status.h"
#include "cli/clusters.h"

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---------------------------------------------------------------- what was asked for */

/* -k: `auto` or a number. */
static bool read_k(const session *cli, uint32_t *k) {
    char *end;
    *k = 0;
    if (!cli->k || strcmp(cli->k, "auto") == 0) return true;
    long value = strtol(cli->k, &end, 10);
    if (*end || end == cli->k || value < 1 || value > 10000)
        return session_usage(cli, "-k %s: expected auto or a number from 1", cli->k), false;
    *k = (uint32_t)value;
    return true;
}

/* --by: a name of dcl_by. */
static bool read_by(const session *cli, dcl_by *by) {
    for (unsigned i = 0; i < DCL_BY_COUNT; i++) {
        *by = (dcl_by)i;
        if (!cli->by || strcmp(cli->by, dcl_by_name(*by)) == 0) return true;
    }
    return session_usage(cli, "--by %s: expected auto, shapes or habits", cli->by), false;
}

static bool check_words(session *cli) {
    if (!cli->output && !cli->page && !cli->json && !cli->csv)
        return session_usage(cli, "cluster needs -o CLUSTERS.h5, --report clusters.html, --csv or --json"),
               false;
    if (cli->output && (strcmp(cli->output, "-") == 0 || cli->to_device))
        return session_usage(cli, "-o is an HDF5 file; --csv and --json go to standard output"), false;
    if (cli->assign && (cli->k || cli->init || cli->by))
        return session_usage(cli, "--assign takes clusters as they are: no -k, no --by, no --init"), false;
    return check_page(cli);
}

/* ---------------------------------------------------------------- centroids to start from */

static size_t find_home(const dcl_homes *homes, const char *id) {
    size_t i = 0;
    while (i < homes->n && strcmp(homes->id[i], id) != 0) i++;
    return i;
}

/* Clusters by home, as --csv writes them or as a file of clusters has them: labels [homes] and the largest of them. */
static dcl_status read_init(session *cli, const dcl_homes *homes, uint32_t **out, uint32_t *k) {
    dcl_cluster_model model;
    dcl_attributes table;
    char(*id)[64];
    uint32_t *label = NULL;
    size_t n = 0;
    uint32_t *init = *out = dcl_arena_alloc(&cli->arena, homes->n, sizeof *init);
    if (!init) return dcl_fail_memory(&cli->error, "the clusters to start from");
    if (dcl_clusters_is(cli->init)) {
        dcl_status status = dcl_clusters_read(cli->init, &cli->arena, &model, &id, &label, &n, &cli->error);
        if (status) return status;
        for (size_t i = 0; i < n; i++) {
            bool here = i < homes->n && strcmp(homes->id[i], id[i]) == 0; /* mostly the same panel */
            size_t home = here ? i : find_home(homes, id[i]);
            if (home < homes->n) init[home] = label[i];
        }
    } else {
        dcl_status status = dcl_attributes_read(cli->init, homes, &cli->arena, &table, &cli->error);
        if (status) return status;
        for (size_t c = 0; c < table.n_columns; c++)
            for (size_t h = 0; strcmp(table.name[c], "cluster") == 0 && h < homes->n; h++)
                if (table.value[c * homes->n + h])
                    init[h] = (uint32_t)strtoul(table.word[c][table.value[c * homes->n + h] - 1], NULL, 10);
    }
    for (size_t h = 0; h < homes->n; h++) *k = init[h] > *k ? init[h] : *k;
    if (*k && *k <= homes->n) return DCL_OK;
    return dcl_fail_file(
        &cli->error, DCL_E_FORMAT, cli->init,
        "expected clusters of homes of this panel: a CSV home,cluster or a file that cluster wrote");
}

/* ---------------------------------------------------------------- the work */

static dcl_status group(session *cli, uint32_t k, dcl_by by, cluster_run *run) {
    dcl_clusters_options options = dcl_clusters_defaults();
    options.k = k;
    options.by = by;
    if (cli->init) {
        uint32_t *init, most = 0;
        dcl_status status = read_init(cli, &run->homes, &init, &most);
        if (status) return status;
        if (k && most > k)
            return dcl_fail(&cli->error, DCL_E_ARG, "--init has %u clusters, and -k is %u", most, k);
        options.init = init;
        options.k = k ? k : most;
    }
    return dcl_clusters_find(&cli->context, &run->homes, &options, &cli->arena, &run->clusters, &cli->error);
}

/* How each attribute, and the panel's kinds, go with the clusters. */
static dcl_status associate(session *cli, cluster_run *run) {
    size_t n = run->homes.n, columns = run->attributes.n_columns;
    uint32_t *kind = dcl_arena_alloc(&cli->arena, n, sizeof *kind), k = run->clusters.k;
    run->association = dcl_arena_alloc(&cli->arena, columns + 1, sizeof *run->association);
    if (!kind || !run->association) return dcl_fail_memory(&cli->error, "the associations");
    for (size_t c = 0; c < columns; c++) {
        dcl_named_association *a = &run->association[run->n_associations++];
        snprintf(a->name, sizeof a->name, "%s", run->attributes.name[c]);
        if (dcl_associate(run->clusters.label, k, run->attributes.value + c * n, run->attributes.words[c], n,
                          &a->value))
            return dcl_fail_memory(&cli->error, "the associations");
    }
    if (!run->homes.kind) return DCL_OK;
    uint32_t *label = dcl_arena_alloc(&cli->arena, n, sizeof *label);
    if (!label) return dcl_fail_memory(&cli->error, "the associations");
    size_t both = 0;
    for (size_t h = 0; h < n; h++) {
        bool known = run->clusters.label[h] && run->homes.kind[h] != UINT8_MAX;
        kind[h] = run->homes.kind[h] == UINT8_MAX ? 0 : run->homes.kind[h] + 1u;
        if (known) label[both++] = run->clusters.label[h] - 1;
    }
    dcl_named_association *a = &run->association[run->n_associations++];
    snprintf(a->name, sizeof a->name, "kind");
    if (dcl_associate(run->clusters.label, k, kind, UINT8_MAX + 1, n, &a->value))
        return dcl_fail_memory(&cli->error, "the associations");
    for (size_t h = 0, i = 0; h < n; h++)
        if (run->clusters.label[h] && kind[h]) kind[i++] = kind[h] - 1;
    run->kind_ari = dcl_adjusted_rand(label, kind, both);
    return DCL_OK;
}

static dcl_status measure(session *cli, const dcl_panel *panel, const dcl_cluster_model *model,
                          cluster_run *run) {
    dcl_homes_options options = dcl_homes_defaults();
    dcl_weather hours;
    dcl_day_weather weather;
    if (model) {
        options.day_shape = model->day_shapes ? model->day_shape : NULL;
        options.day_shapes = model->day_shapes;
    }
    if (cli->weather) {
        dcl_status status = dcl_weather_read(&cli->context, cli->weather, &cli->arena, &hours, &cli->error);
        if (!status) status = dcl_weather_days(&cli->context, &hours, &cli->arena, &weather, &cli->error);
        if (status) return status;
        options.weather = &weather;
    }
    return dcl_homes_measure(&cli->context, panel, &options, &cli->arena, &run->homes, &cli->error);
}

static dcl_status work(session *cli, uint32_t k, dcl_by by, cluster_run *run) {
    dcl_cluster_model model;
    dcl_panel *panel = NULL;
    dcl_status status =
        cli->assign ? dcl_clusters_read(cli->assign, &cli->arena, &model, NULL, NULL, NULL, &cli->error)
                    : DCL_OK;
    if (!status) status = dcl_panel_open(cli->inputs[0], &panel, &cli->error);
    status = dcl_ranks_agree(&cli->context, status, &cli->error);
    if (!status) status = measure(cli, panel, cli->assign ? &model : NULL, run);
    if (dcl_rank_of(&cli->context)) { /* what follows is of all homes, and those are at rank 0 */
        dcl_panel_close(&panel);
        return status;
    }
    if (!status && cli->attributes)
        status =
            dcl_attributes_read(cli->attributes, &run->homes, &cli->arena, &run->attributes, &cli->error);
    double started = now_s();
    run->assigned = cli->assign != NULL;
    if (!status && cli->assign)
        status =
            dcl_clusters_assign(&cli->context, &run->homes, &model, &cli->arena, &run->clusters, &cli->error);
    else if (!status)
        status = group(cli, k, by, run);
    run->seconds = now_s() - started;
    if (!status) status = associate(cli, run);
    dcl_panel_close(&panel);
    clear_bar(cli);
    return status;
}

/* ---------------------------------------------------------------- what is written */

static int write_page(session *cli, const cluster_run *run, dcl_lang lang) {
    const dcl_clusters_report report = {&run->homes,         &run->clusters, run->association,
                                        run->n_associations, run->kind_ari,  run->assigned};
    const char *bytes;
    size_t n;
    dcl_status status = dcl_clusters_html(&cli->context, &report, lang, &cli->arena, &bytes, &n, &cli->error);
    if (status) return session_fail(cli, status);
    return session_write_page(cli, bytes, n);
}

static int write_all(session *cli, const cluster_run *run, dcl_lang lang) {
    dcl_text text = {0};
    if (cli->output) {
        dcl_status status = dcl_clusters_write(cli->output, &run->homes, &run->clusters, &cli->error);
        if (status) return session_fail(cli, status);
        cli->wrote = true;
        say(cli, "declic: %zu homes in %u cluster%s are in %s\n", run->clusters.in_clusters, run->clusters.k,
            run->clusters.k == 1 ? "" : "s", cli->output);
    }
    int code = cli->page ? write_page(cli, run, lang) : CLI_DONE;
    if (code || (cli->page && strcmp(cli->page, "-") == 0)) return code;
    if (cli->json)
        clusters_json(&text, run);
    else if (cli->csv)
        clusters_csv(&text, run);
    else if (!cli->quiet)
        clusters_text(&text, run);
    else
        return CLI_DONE;
    cli->output = NULL;
    return session_write(cli, &text);
}

int run_cluster(session *cli) {
    uint32_t k;
    dcl_by by;
    dcl_lang lang;
    cluster_run run = {.kind_ari = (double)NAN, .ranks = cli->ranks};
    if (!read_k(cli, &k) || !read_by(cli, &by) || !choose_lang(cli, &lang) || !check_words(cli))
        return cli->code ? cli->code : CLI_USAGE;
    dcl_status status = work(cli, k, by, &run);
    if (status) return session_fail(cli, status);
    return dcl_rank_of(&cli->context) ? CLI_DONE : write_all(cli, &run, lang);
}
