/* How good an estimate is beside the truth: two files, aligned, and the metrics of learn/. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/learn.h>

#include "cli/cli.h"

/* Both files on their common grid. */
typedef struct pairing {
    size_t n, moments; /* appliances in both; moments of the common span */
    int64_t from_us, period_us;
    const char **name; /* [n] */
    const float **truth, **estimate;
    const float *mains; /* of the truth; NULL where it has none, or is the sum of its plugs */
    bool *is_paired;    /* of the estimate's parts: in the truth as well */
} pairing;

static dcl_status read_one(session *cli, const char *path, dcl_home *home) {
    dcl_status status = dcl_home_read(&cli->context, path, &cli->read, &cli->arena, home, &cli->error);
    clear_bar(cli);
    if (status) return status;
    say_read(cli, home);
    if (home->n_truth) return DCL_OK;
    cli->error = (dcl_error){.code = DCL_E_NO_DATA, .pos = {0, -1}};
    snprintf(cli->error.file, sizeof cli->error.file, "%s", path);
    snprintf(cli->error.msg, sizeof cli->error.msg,
             "holds no appliance: expected columns time_utc,mains_w,<appliance>_w or a store with truth/");
    return DCL_E_NO_DATA;
}

static size_t find_part(const dcl_home *home, const char *name) {
    size_t i = 0;
    while (i < home->n_truth && strcmp(home->truth_name[i], name) != 0) i++;
    return i;
}

static dcl_status fail_pairs(session *cli, const char *text) {
    cli->error = (dcl_error){.code = DCL_E_ARG, .pos = {0, -1}};
    snprintf(cli->error.msg, sizeof cli->error.msg, "%s", text);
    return DCL_E_ARG;
}

/* Narrows the common span to that of a series, and sees to it that all stand on one grid. */
static bool join_span(const dcl_series *series, pairing *out, int64_t *to_us) {
    int64_t end_us = dcl_series_end_us(series);
    if (!out->period_us) {
        out->period_us = series->period_us;
        out->from_us = series->start_us;
        *to_us = end_us;
    }
    if (series->period_us != out->period_us || (series->start_us - out->from_us) % out->period_us != 0)
        return false;
    if (series->start_us > out->from_us) out->from_us = series->start_us;
    if (end_us < *to_us) *to_us = end_us;
    return true;
}

static const float *from_span(const dcl_series *series, const pairing *pairs) {
    return series->value + (pairs->from_us - series->start_us) / pairs->period_us;
}

static dcl_status make_pairs(session *cli, const dcl_home *truth, const dcl_home *estimate, pairing *out) {
    size_t room = truth->n_truth + 1;
    out->name = dcl_arena_alloc(&cli->arena, room, sizeof *out->name);
    out->truth = dcl_arena_alloc(&cli->arena, room, sizeof *out->truth);
    out->estimate = dcl_arena_alloc(&cli->arena, room, sizeof *out->estimate);
    out->is_paired = dcl_arena_alloc(&cli->arena, estimate->n_truth + 1, sizeof *out->is_paired);
    if (!out->name || !out->truth || !out->estimate || !out->is_paired) return DCL_E_MEMORY;
    int64_t to_us = 0;
    bool same_grid = true;
    for (size_t i = 0; i < truth->n_truth; i++) {
        size_t k = find_part(estimate, truth->truth_name[i]);
        if (k == estimate->n_truth) continue;
        same_grid = same_grid && join_span(&truth->truth[i], out, &to_us) &&
                    join_span(&estimate->truth[k], out, &to_us);
    }
    const dcl_series *mains = dcl_home_series(truth, DCL_POWER_W);
    bool has_mains = mains && !(truth->notes >> DCL_NOTE_SUM_OF_PLUGS & 1) && out->period_us;
    if (has_mains) same_grid = same_grid && join_span(mains, out, &to_us);
    if (!same_grid)
        return fail_pairs(cli,
                          "the two files are not on one grid: give both the same --period, or stamps that "
                          "are whole steps apart");
    if (!out->period_us) {
        char text[256];
        snprintf(text, sizeof text,
                 "no appliance has the same name in both files: the first has %.60s%s, the other %.60s%s",
                 truth->truth_name[0], truth->n_truth > 1 ? ", …" : "", estimate->truth_name[0],
                 estimate->n_truth > 1 ? ", …" : "");
        return fail_pairs(cli, text);
    }
    if (to_us <= out->from_us) return fail_pairs(cli, "the two files have no moment in common");
    out->moments = (size_t)((to_us - out->from_us) / out->period_us);
    if (has_mains) out->mains = from_span(mains, out);
    for (size_t i = 0; i < truth->n_truth; i++) {
        size_t k = find_part(estimate, truth->truth_name[i]);
        if (k == estimate->n_truth) continue;
        out->name[out->n] = truth->truth_name[i];
        out->truth[out->n] = from_span(&truth->truth[i], out);
        out->estimate[out->n++] = from_span(&estimate->truth[k], out);
        out->is_paired[k] = true;
    }
    return DCL_OK;
}

static void say_unpaired(const session *cli, const dcl_home *truth, const dcl_home *estimate,
                         const pairing *pairs) {
    for (size_t i = 0; i < truth->n_truth; i++)
        if (find_part(estimate, truth->truth_name[i]) == estimate->n_truth)
            say(cli, "declic: note: %s is in the truth alone: not compared\n", truth->truth_name[i]);
    for (size_t i = 0; i < estimate->n_truth; i++)
        if (!pairs->is_paired[i])
            say(cli, "declic: note: %s is in the estimate alone: not compared\n", estimate->truth_name[i]);
}

/* ---------------------------------------------------------------- printing */

static void put_score_json(dcl_json_writer *json, const char *name, const dcl_score *s) {
    const struct {
        const char *key;
        double value;
        int decimals;
    } rows[] = {{"mae_w", s->mae_w, 3},
                {"rmse_w", s->rmse_w, 3},
                {"nde", s->nde, 6},
                {"nde_root", s->nde_root, 6},
                {"sae", s->sae, 6},
                {"eae_wh", s->eae_wh, 3},
                {"f1", s->f1, 6},
                {"mcc", s->mcc, 6},
                {"precision", s->precision, 6},
                {"recall", s->recall, 6},
                {"on_w", s->on_w, 3},
                {"event_precision", s->event_precision, 6},
                {"event_recall", s->event_recall, 6},
                {"tolerance_s", s->tolerance_s, 3},
                {"energy_truth_wh", s->energy_truth_wh, 3},
                {"energy_estimate_wh", s->energy_estimate_wh, 3}};
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "name", name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        dcl_json_key_fixed(json, rows[i].key, rows[i].value, rows[i].decimals);
    dcl_json_key_integer(json, "events_truth", (int64_t)s->events_truth);
    dcl_json_key_integer(json, "events_estimate", (int64_t)s->events_estimate);
    dcl_json_key_integer(json, "samples", (int64_t)s->n);
    dcl_json_key_integer(json, "truth_missing", (int64_t)s->truth_missing);
    dcl_json_key_integer(json, "estimate_missing", (int64_t)s->estimate_missing);
    dcl_json_end(json, '}');
}

static void put_names(dcl_json_writer *json, const dcl_home *of, const dcl_home *other) {
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < of->n_truth; i++)
        if (find_part(other, of->truth_name[i]) == other->n_truth) dcl_json_string(json, of->truth_name[i]);
    dcl_json_end(json, ']');
}

static void put_json(dcl_text *text, const dcl_home *truth, const dcl_home *estimate, const pairing *pairs,
                     const dcl_score *scores, double teca, uint64_t moments) {
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    dcl_json_key_time(&json, "from", pairs->from_us);
    dcl_json_key_time(&json, "to", pairs->from_us + (int64_t)pairs->moments * pairs->period_us);
    dcl_json_key_fixed(&json, "period_s", (double)pairs->period_us / 1e6, 3);
    dcl_json_key_fixed(&json, "teca", teca, 6);
    dcl_json_key_integer(&json, "teca_samples", (int64_t)moments);
    dcl_json_key(&json, "appliances");
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < pairs->n; i++) put_score_json(&json, pairs->name[i], &scores[i]);
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "only_in_truth");
    put_names(&json, truth, estimate);
    dcl_json_key(&json, "only_in_estimate");
    put_names(&json, estimate, truth);
    dcl_json_end(&json, '}');
}

static void put_cell(dcl_text *text, double value, int decimals, int width) {
    dcl_text cell = {0};
    if (isnan(value))
        dcl_text_put(&cell, "-");
    else
        dcl_text_fixed(&cell, value, decimals);
    dcl_text_format(text, "%*s", width, cell.failed ? "?" : cell.at);
    text->failed = text->failed || cell.failed;
    dcl_text_free(&cell);
}

static void put_table(dcl_text *text, const pairing *pairs, const dcl_score *scores, double teca) {
    dcl_text_format(text, "%-20s %8s %8s %7s %7s %7s %9s %7s %7s %7s %7s %7s\n", "appliance", "MAE W",
                    "RMSE W", "NDE", "rootNDE", "SAE", "EAE Wh", "on > W", "F1", "MCC", "ev.prec", "ev.rec");
    for (size_t i = 0; i < pairs->n; i++) {
        const dcl_score *s = &scores[i];
        dcl_text_format(text, "%-20.20s", pairs->name[i]);
        const double value[] = {s->mae_w, s->rmse_w, s->nde, s->nde_root,        s->sae,         s->eae_wh,
                                s->on_w,  s->f1,     s->mcc, s->event_precision, s->event_recall};
        const int decimals[] = {1, 1, 3, 3, 3, 0, 0, 3, 3, 3, 3},
                  width[] = {9, 9, 8, 8, 8, 10, 8, 8, 8, 8, 8};
        for (size_t k = 0; k < sizeof value / sizeof *value; k++)
            put_cell(text, value[k], decimals[k], width[k]);
        dcl_text_put(text, "\n");
    }
    dcl_text_put(text, "TECA ");
    put_cell(text, teca, 3, 0);
    dcl_text_format(text, "; %zu moments of ", pairs->moments);
    dcl_text_fixed(text, (double)pairs->period_us / 1e6, 0);
    dcl_text_put(text, " s; events match within ");
    dcl_text_fixed(text, scores[0].tolerance_s, 0);
    dcl_text_put(text, " s\n");
}

int run_evaluate(session *cli) {
    dcl_home truth, estimate;
    pairing pairs = {0};
    dcl_status status = read_one(cli, cli->inputs[0], &truth);
    if (!status) status = read_one(cli, cli->inputs[1], &estimate);
    if (!status) status = make_pairs(cli, &truth, &estimate, &pairs);
    if (status) return session_fail(cli, status);
    say_unpaired(cli, &truth, &estimate, &pairs);
    dcl_score *scores = dcl_arena_alloc(&cli->arena, pairs.n, sizeof *scores);
    if (!scores) return session_fail(cli, DCL_E_MEMORY);
    dcl_score_options options = dcl_score_defaults();
    if (cli->on_w > 0) options.on_w = cli->on_w;
    if (cli->tolerance_us > 0) options.tolerance_s = (double)cli->tolerance_us / 1e6;
    for (size_t i = 0; !status && i < pairs.n; i++)
        status = dcl_score_power(pairs.truth[i], pairs.estimate[i], pairs.moments, pairs.period_us, &options,
                                 &scores[i], &cli->error);
    if (status) return session_fail(cli, status);
    uint64_t moments;
    double teca = dcl_score_teca(pairs.truth, pairs.estimate, pairs.n, pairs.mains, pairs.moments, &moments);
    dcl_text text = {0};
    if (cli->json)
        put_json(&text, &truth, &estimate, &pairs, scores, teca, moments);
    else
        put_table(&text, &pairs, scores, teca);
    return session_write(cli, &text);
}
