#include "cli/gateway.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events.h"

/* What forecasts are told in. */
static const struct {
    const char *unit;
    double scale;
} units[DCL_BLOB_KINDS] = {{"", 1}, {"W", 1}, {"Wh", 10}, {"", 1}};

/* ---------------------------------------------------------------- JSON */

static void put_forecast_keys(dcl_json_writer *json, const dcl_gateway_error *e, double scale) {
    dcl_json_key_integer(json, "taught", (int64_t)e->taught);
    dcl_json_key_integer(json, "judged", (int64_t)e->rows);
    dcl_json_key_fixed(json, "mae_plain", e->plain * scale, 3);
    dcl_json_key_fixed(json, "mae_float", e->real * scale, 3);
    dcl_json_key_fixed(json, "mae_integer", e->integer * scale, 3);
}

static void put_part(dcl_json_writer *json, dcl_blob_kind kind, const dcl_gateway_part *part) {
    dcl_json_key(json, dcl_blob_kind_name(kind));
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "bytes", (int64_t)part->bytes);
    dcl_json_key_integer(json, "trees", part->trees);
    dcl_json_key_integer(json, "nodes", part->nodes);
    dcl_json_key_integer(json, "features", part->forest.features);
}

static void put_gateway_json(dcl_json_writer *json, const dcl_gateway_about *about) {
    dcl_json_begin(json, '{');
    dcl_json_key(json, "gateway");
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "homes", about->homes);
    for (int kind = DCL_BLOB_MINUTE; kind <= DCL_BLOB_TODAY; kind++) {
        if (!about->part[kind].blob) continue;
        put_part(json, (dcl_blob_kind)kind, &about->part[kind]);
        put_forecast_keys(json, kind == DCL_BLOB_MINUTE ? &about->minute : &about->today, units[kind].scale);
        dcl_json_end(json, '}');
    }
    const dcl_gateway_part *step = &about->part[DCL_BLOB_STEP];
    if (step->blob) {
        put_part(json, DCL_BLOB_STEP, step);
        dcl_json_key_integer(json, "taught", (int64_t)about->names.taught);
        dcl_json_key_integer(json, "judged", (int64_t)about->names.rows);
        dcl_json_key_integer(json, "vectors", (int64_t)about->names.vectors);
        dcl_json_key_fixed(json, "right", about->names.right, 4);
        dcl_json_key_fixed(json, "agree", about->names.agree, 4);
        dcl_json_key_fixed(json, "sure", about->names.sure, 4);
        dcl_json_key_fixed(json, "agree_sure", about->names.agree_sure, 4);
        dcl_json_key(json, "labels");
        dcl_json_begin(json, '[');
        for (uint32_t k = 0; k < step->forest.outputs; k++)
            dcl_json_string(json, dcl_mcu_forest_label(&step->forest, k));
        dcl_json_end(json, ']');
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, '}');
    dcl_json_end(json, '}');
}

/* ---------------------------------------------------------------- tables */

static void put_forecast_row(dcl_text *text, dcl_blob_kind kind, const dcl_gateway_error *e) {
    double scale = units[kind].scale;
    dcl_text_format(text, "  %-7s %9zu ", dcl_blob_kind_name(kind), e->rows);
    put_number(text, e->plain * scale, 2, 10);
    put_number(text, e->real * scale, 2, 10);
    put_number(text, e->integer * scale, 2, 10);
    put_number(text, e->real > 0 ? 100 * (e->integer / e->real - 1) : 0, 3, 10);
    dcl_text_format(text, " %%  %s\n", units[kind].unit);
}

static void put_gateway_table(dcl_text *text, const dcl_gateway_about *about) {
    size_t bytes = 0;
    dcl_text_format(text, "%-9s %7s %6s %6s %8s\n", "model", "bytes", "trees", "nodes", "B/node");
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++) {
        const dcl_gateway_part *part = &about->part[kind];
        if (!part->blob) continue;
        bytes += part->bytes;
        dcl_text_format(text, "%-9s %7zu %6u %6u ", dcl_blob_kind_name((dcl_blob_kind)kind), part->bytes,
                        (unsigned)part->trees, (unsigned)part->nodes);
        put_number(text, (double)part->bytes / (part->nodes ? part->nodes : 1), 2, 8);
        dcl_text_put(text, "\n");
    }
    dcl_text_format(text, "%-9s %7zu   bytes of flash; the gateway's state is %zu bytes of RAM\n\n",
                    "together", bytes, sizeof(dcl_mcu_gateway));
    if (about->minute.rows || about->today.rows)
        dcl_text_put(text, "mean absolute error where it was not taught (budget of the integers: 0.5 %)\n"
                           "  forecast     rows      plain     float   integer     change\n");
    if (about->minute.rows) put_forecast_row(text, DCL_BLOB_MINUTE, &about->minute);
    if (about->today.rows) put_forecast_row(text, DCL_BLOB_TODAY, &about->today);
    if (!about->part[DCL_BLOB_STEP].blob) return;
    const dcl_gateway_names *n = &about->names;
    dcl_text_format(
        text, "\nnames of steps: %zu support vectors became %zu leaves; of %zu steps that taught neither, ",
        n->vectors, n->leaves, n->rows);
    put_number(text, 100 * n->agree, 2, 0);
    dcl_text_put(text, " % have the vectors' name\n(of the ");
    put_number(text, 100 * n->sure, 1, 0);
    dcl_text_put(text, " % that these are sure of, ");
    put_number(text, 100 * n->agree_sure, 2, 0);
    dcl_text_put(text, " %), and the vectors name ");
    put_number(text, 100 * n->right, 1, 0);
    dcl_text_put(text, " % of them right\n");
}

static void say_budget(session *cli, dcl_blob_kind kind, const dcl_gateway_error *e) {
    double change = e->real > 0 ? e->integer / e->real - 1 : 0;
    if (fabs(change) <= DCL_GATEWAY_BUDGET) return;
    say(cli, "declic: note: the integers of %s change its error by %.2f %%, beyond their budget of %.1f %%\n",
        dcl_blob_kind_name(kind), 100 * change, 100 * DCL_GATEWAY_BUDGET);
}

static void say_budgets(session *cli, const dcl_gateway_about *about) {
    say_budget(cli, DCL_BLOB_MINUTE, &about->minute);
    say_budget(cli, DCL_BLOB_TODAY, &about->today);
    if (about->part[DCL_BLOB_STEP].blob && about->names.rows && about->names.agree < DCL_GATEWAY_AGREE)
        say(cli,
            "declic: note: %.2f %% of the steps have the vectors' name, %.1f %% is the budget: more homes or "
            "days "
            "teach more of what steps look like\n",
            100 * about->names.agree, 100 * DCL_GATEWAY_AGREE);
}

int show_gateway(session *cli, const dcl_gateway_model *model, const char *folder) {
    dcl_gateway_about about = dcl_gateway_describe(model);
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (folder) say(cli, "declic: written to %s\n", folder);
    say_budgets(cli, &about);
    if (cli->json)
        put_gateway_json(&json, &about);
    else
        put_gateway_table(&text, &about);
    return session_write(cli, &text);
}

/* ---------------------------------------------------------------- blobs */

bool is_blob(const char *path) {
    char head[4] = "";
    FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
    bool is =
        file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, "DCLB", sizeof head) == 0;
    if (file) fclose(file);
    return is;
}

/* Features are named where the blob's are those of this version. */
static const dcl_mcu_feature *features_of(const dcl_mcu_forest *forest) {
    uint32_t n;
    dcl_blob_kind kind = (dcl_blob_kind)forest->kind;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &n);
    return feature && n == forest->features && forest->schema == dcl_mcu_features_schema(kind) ? feature
                                                                                               : NULL;
}

static uint32_t trees_of(const dcl_mcu_forest *forest) {
    uint32_t trees = 0;
    for (uint32_t g = 0; g < forest->groups; g++)
        trees += forest->group[2 * g] & 0xFF ? 2u * forest->group[2 * g + 1] : 1;
    return trees;
}

static void put_blob_json(dcl_json_writer *json, const dcl_mcu_forest *forest) {
    const dcl_mcu_feature *feature = features_of(forest);
    dcl_json_begin(json, '{');
    dcl_json_key(json, "blob");
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "kind", dcl_blob_kind_name((dcl_blob_kind)forest->kind));
    dcl_json_key_integer(json, "bytes", forest->bytes);
    dcl_json_key_integer(json, "serial", forest->serial);
    dcl_json_key_integer(json, "schema", forest->schema);
    dcl_json_key_integer(json, "trees", trees_of(forest));
    dcl_json_key_integer(json, "outputs", forest->outputs);
    dcl_json_key_integer(json, "shift", forest->shift);
    dcl_json_key(json, "features");
    dcl_json_begin(json, '[');
    for (uint32_t f = 0; f < forest->features; f++) dcl_json_string(json, feature ? feature[f].name : NULL);
    dcl_json_end(json, ']');
    dcl_json_key(json, "labels");
    dcl_json_begin(json, '[');
    for (uint32_t k = 0; forest->text_bytes && k < forest->outputs; k++)
        dcl_json_string(json, dcl_mcu_forest_label(forest, k));
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
    dcl_json_end(json, '}');
}

static void put_blob_text(dcl_text *text, const dcl_mcu_forest *forest) {
    const dcl_mcu_feature *feature = features_of(forest);
    dcl_text_format(text, "a blob for %s: %u bytes, %u trees, serial %u\nfeatures ",
                    dcl_blob_kind_name((dcl_blob_kind)forest->kind), (unsigned)forest->bytes,
                    (unsigned)trees_of(forest), (unsigned)forest->serial);
    for (uint32_t f = 0; feature && f < forest->features; f++)
        dcl_text_format(text, "%s%s", f ? ", " : "", feature[f].name);
    if (!feature)
        dcl_text_format(text, "%u that this version does not know (schema %08x)", forest->features,
                        (unsigned)forest->schema);
    for (uint32_t k = 0; forest->text_bytes && k < forest->outputs; k++)
        dcl_text_format(text, "%s%s", k ? ", " : "\nlabels ", dcl_mcu_forest_label(forest, k));
    dcl_text_put(text, "\n");
}

int show_blob(session *cli, const char *path) {
    dcl_mcu_forest forest;
    uint16_t *blob;
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_status status = dcl_blob_read(path, &blob, &forest, &cli->error);
    if (status) return session_fail(cli, status);
    if (cli->json)
        put_blob_json(&json, &forest);
    else
        put_blob_text(&text, &forest);
    free(blob);
    return session_write(cli, &text);
}
