#include <string.h>

#include "cli/events.h"
#include "cli/forecast.h"
#include "cli/gateway.h"
#include "cli/model.h"
#include "cli/names.h"

dcl_power_options power_options(const session *cli) {
    dcl_power_options options = dcl_power_defaults();
    if (cli->copies >= 0) options.copies = (int)(cli->copies < 64 ? cli->copies : 64);
    if (cli->rows) options.rows = (int)(cli->rows < 4000000 ? cli->rows : 4000000);
    return options;
}

void put_power_keys(dcl_json_writer *json, const dcl_power_about *about) {
    dcl_json_key_fixed(json, "period_s", (double)about->period_us / 1e6, 3);
    dcl_json_key_integer(json, "features", (int64_t)about->features);
    dcl_json_key_integer(json, "trees", (int64_t)about->trees);
    dcl_json_key(json, "channels");
    dcl_json_begin(json, '[');
    dcl_json_string(json, about->apparent_leads ? "apparent_va" : "power_w");
    if (about->has_reactive) dcl_json_string(json, "reactive_var");
    if (about->has_apparent && !about->apparent_leads) dcl_json_string(json, "apparent_va");
    dcl_json_end(json, ']');
    dcl_json_key(json, "appliances");
    dcl_json_begin(json, '[');
    for (size_t a = 0; a < about->n; a++) {
        const dcl_power_known *known = &about->known[a];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", known->name);
        dcl_json_key_fixed(json, "mean_w", known->mean_w, 3);
        dcl_json_key_fixed(json, "most_w", known->most_w, 1);
        dcl_json_key_fixed(json, "on_w", known->on_w, 1);
        dcl_json_key_fixed(json, "held_nde_root", known->held_nde_root, 6);
        dcl_json_key_fixed(json, "held_f1", known->held_f1, 6);
        dcl_json_key_integer(json, "samples", (int64_t)known->moments);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

void put_power_json(dcl_json_writer *json, const dcl_power_about *about) {
    dcl_json_begin(json, '{');
    put_power_keys(json, about);
    dcl_json_end(json, '}');
}

void put_power_table(dcl_text *text, const dcl_power_about *about) {
    dcl_text_format(text, "%-24s %9s %9s %9s   on days held back: %8s %6s\n", "appliance", "samples",
                    "mean W", "most W", "rootNDE", "F1");
    for (size_t a = 0; a < about->n; a++) {
        const dcl_power_known *known = &about->known[a];
        dcl_text_format(text, "%-24.24s %9llu ", known->name, (unsigned long long)known->moments);
        const double value[] = {known->mean_w, known->most_w, known->held_nde_root, known->held_f1};
        const int width[] = {9, 9, 30, 6}, decimals[] = {1, 0, 3, 3};
        for (size_t i = 0; i < 4; i++) put_number(text, value[i], decimals[i], width[i]);
        dcl_text_put(text, "\n");
    }
    dcl_text_format(text, "%zu features and %zu trees, for a value every ", about->features, about->trees);
    dcl_text_fixed(text, (double)about->period_us / 1e6, 0);
    dcl_text_put(text, " s\n");
}

static const char *const signatures[] = {"step", "run", "day"};

/* What a view needs beside active power: bits and their names. */
static const struct {
    uint32_t need;
    const char *name;
} needs[] = {{DCL_NEEDS_VA, "apparent_va"},
             {DCL_NEEDS_VAR, "reactive_var"},
             {DCL_NEEDS_HOUR, "hour"},
             {DCL_NEEDS_FAST, "fast"},
             {DCL_NEEDS_OWN, "own_meter"}};
enum { NEEDS = sizeof needs / sizeof *needs };

static void put_view_json(dcl_json_writer *json, const dcl_view *view) {
    char name[32];
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "signature", signatures[view->kind]);
    dcl_json_key(json, "needs");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < NEEDS; i++) {
        if (view->needs & needs[i].need) dcl_json_string(json, needs[i].name);
    }
    dcl_json_end(json, ']');
    dcl_json_key_integer(json, "vectors", (int64_t)view->svm.n);
    dcl_json_key_integer(json, "trees", (int64_t)dcl_view_trees(view));
    dcl_json_key(json, "numbers");
    dcl_json_begin(json, '[');
    for (uint32_t f = 0; f < view->svm.features; f++) {
        dcl_signature_name(view->kind, view->feature[f], name);
        dcl_json_string(json, name);
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_identifier_json(dcl_json_writer *json, const dcl_identifier *model) {
    dcl_json_begin(json, '{');
    dcl_json_key_fixed(json, "least_confidence", model->least, 3);
    dcl_json_key(json, "types");
    dcl_json_begin(json, '[');
    for (uint32_t k = 0; k < model->classes; k++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", model->label[k]);
        dcl_json_key_integer(json, "devices", model->devices[k]);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "views");
    dcl_json_begin(json, '[');
    for (size_t v = 0; v < model->n_views; v++) put_view_json(json, &model->view[v]);
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void put_identifier_table(dcl_text *text, const dcl_identifier *model) {
    dcl_text_format(text, "%-28s %9s\n", "type", "devices");
    for (uint32_t k = 0; k < model->classes; k++)
        dcl_text_format(text, "%-28.28s %9u%s\n", model->label[k], model->devices[k],
                        model->devices[k] == 1 ? "  taught by a single one" : "");
    dcl_text_format(text, "\n%-10s %8s %8s %6s   needs\n", "signature", "numbers", "vectors", "trees");
    for (size_t v = 0; v < model->n_views; v++) {
        const dcl_view *view = &model->view[v];
        dcl_text_format(text, "%-10s %8u %8zu %6u   power_w", signatures[view->kind],
                        (unsigned)view->svm.features, view->svm.n, (unsigned)dcl_view_trees(view));
        for (size_t i = 0; i < NEEDS; i++) {
            if (view->needs & needs[i].need) dcl_text_format(text, ", %s", needs[i].name);
        }
        dcl_text_put(text, "\n");
    }
    dcl_text_put(text, "\nnames what it is sure of to ");
    dcl_text_fixed(text, model->least, 2);
    dcl_text_put(text, "\n");
}

bool is_model(const char *path) {
    char head[8] = "";
    FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
    bool is = file && fread(head, 1, sizeof head, file) == sizeof head &&
              memcmp(head, "DCLMODEL", sizeof head) == 0;
    if (file) fclose(file);
    return is;
}

int show_identifier(session *cli, const dcl_identifier *model) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json) {
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "model");
        put_identifier_json(&json, model);
        dcl_json_end(&json, '}');
    } else {
        put_identifier_table(&text, model);
    }
    return session_write(cli, &text);
}

static int show_power(session *cli, const dcl_power_about *about) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json) {
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "model");
        put_power_json(&json, about);
        dcl_json_end(&json, '}');
    } else {
        put_power_table(&text, about);
    }
    return session_write(cli, &text);
}

static int show_loads(session *cli, const dcl_loads *loads) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json) {
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "model");
        put_loads_json(&json, loads);
        dcl_json_end(&json, '}');
    } else {
        put_loads_table(&text, loads);
    }
    return session_write(cli, &text);
}

/* A model names types of appliances, or loads of one home, or tells power: whichever reads it. */
/* By the kind in its head: a damaged one then fails as what it is. */
static bool is_forecast(const char *path) {
    char head[32] = "";
    FILE *file = fopen(path, "rb");
    bool is =
        file && fread(head, 1, sizeof head, file) == sizeof head && memcmp(head + 16, "forecast", 9) == 0;
    if (file) fclose(file);
    return is;
}

static int show_forecast(session *cli, const char *path) {
    dcl_forecast_model *model;
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_status status = dcl_forecast_read(path, &model, &cli->error);
    if (status) return session_fail(cli, status);
    if (cli->json) {
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "model");
        dcl_json_begin(&json, '{');
        put_forecast_model(&json, model);
        dcl_json_end(&json, '}');
        dcl_json_end(&json, '}');
    } else {
        put_forecast_model_table(&text, model);
    }
    dcl_forecast_close(&model);
    return session_write(cli, &text);
}

int show_model(session *cli, const char *path) {
    dcl_identifier identifier;
    dcl_power_model *power = NULL;
    dcl_loads *loads = dcl_arena_alloc(&cli->arena, 1, sizeof *loads);
    if (loads && dcl_loads_read(path, loads, NULL) == DCL_OK) return show_loads(cli, loads);
    if (dcl_identifier_read(path, &cli->arena, &identifier, NULL) == DCL_OK)
        return show_identifier(cli, &identifier);
    if (is_forecast(path)) return show_forecast(cli, path);
    dcl_gateway_model *gateway;
    if (dcl_gateway_model_read(path, &gateway, NULL) == DCL_OK) {
        int shown = show_gateway(cli, gateway, NULL);
        dcl_gateway_model_close(&gateway);
        return shown;
    }
    dcl_status status = dcl_power_read(path, &power, &cli->error);
    if (status) return session_fail(cli, status);
    dcl_power_about about = dcl_power_describe(power);
    int code = show_power(cli, &about);
    dcl_power_close(&power);
    return code;
}
