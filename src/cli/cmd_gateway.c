/* Models for the meter's microcontroller: learned from homes, and given a form. */
#include <string.h>

#include <declic/forecast.h>

#include "base/status.h"
#include "cli/cli.h"
#include "cli/gateway.h"

static const struct {
    const char *name;
    dcl_gateway_form form;
} forms[] = {{"blob", DCL_GATEWAY_BLOBS}, {"c", DCL_GATEWAY_C}, {"esp-idf", DCL_GATEWAY_ESP_IDF}};

/* A forecast that was learned for this machine is told apart from a damaged file. */
static dcl_status read_model(session *cli, dcl_gateway_model **out) {
    dcl_forecast_model *other;
    dcl_status status = dcl_gateway_model_read(cli->inputs[0], out, &cli->error);
    if (status != DCL_E_FORMAT || dcl_forecast_read(cli->inputs[0], &other, NULL)) return status;
    dcl_forecast_close(&other);
    return dcl_fail_file(
        &cli->error, DCL_E_UNSUPPORTED, cli->inputs[0],
        "it looks at more than a gateway sees: declic learn forecast --gateway makes one that "
        "has this form");
}

int run_gateway(session *cli) {
    dcl_gateway_form form = DCL_GATEWAY_BLOBS;
    dcl_gateway_model *model;
    bool known = !cli->form;
    for (size_t i = 0; !known && i < sizeof forms / sizeof *forms; i++) {
        known = strcmp(cli->form, forms[i].name) == 0;
        form = forms[i].form;
    }
    if (!known) return session_usage(cli, "--format %s: expected blob, c or esp-idf", cli->form);
    bool serves = cli->n_inputs == 2;
    if (!cli->folder && !serves) return session_usage(cli, "gateway needs -o DIR, or a capture to run on");
    if (serves && (cli->folder || cli->json))
        return session_usage(cli, "a capture gives CSV on standard output: no -o and no --json");
    dcl_status status = read_model(cli, &model);
    if (status) return session_fail(cli, status);
    if (serves) {
        int served = serve_gateway(cli, model, cli->inputs[1]);
        dcl_gateway_model_close(&model);
        return served;
    }
    status = dcl_gateway_export(model, cli->folder, form, &cli->error);
    int code = status ? session_fail(cli, status) : show_gateway(cli, model, cli->folder);
    dcl_gateway_model_close(&model);
    return code;
}

/* ---------------------------------------------------------------- learning */

/* A home lives in an arena of its own, so that many of them take the memory of one. */
static dcl_status add_home(session *cli, dcl_gateway_lesson *lesson, const char *path, const char *id) {
    dcl_arena arena = {0};
    dcl_home home;
    dcl_read_options options = cli->read;
    if (id) options.home = id;
    dcl_status status = dcl_home_read(&cli->context, path, &options, &arena, &home, &cli->error);
    clear_bar(cli);
    if (!status) say_read(cli, &home);
    if (!status) status = dcl_gateway_lesson_add(lesson, &home, cli->zone, &cli->error);
    dcl_arena_free(&arena);
    return status;
}

static dcl_status add_input(session *cli, dcl_gateway_lesson *lesson, const char *path) {
    char **ids = NULL;
    size_t n = 0;
    if (cli->home || dcl_store_list(path, &cli->arena, &ids, &n, NULL) || n < 2)
        return add_home(cli, lesson, path, NULL);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < n; i++) status = add_home(cli, lesson, path, ids[i]);
    return status;
}

int learn_gateway(session *cli) {
    dcl_gateway_lesson *lesson = NULL;
    dcl_gateway_model *model = NULL;
    dcl_gateway_options options = dcl_gateway_defaults();
    if (!cli->output) return session_usage(cli, "learn needs -o MODEL");
    if (cli->with || cli->horizon)
        return session_usage(cli,
                             "--gateway learns the next minute and today at once: no --horizon, no --with");
    if (cli->rows) options.step_rows = (uint32_t)(cli->rows < 5000 ? cli->rows : 5000);
    dcl_status status = dcl_gateway_lesson_open(&lesson, &cli->error);
    for (size_t i = 1; !status && i < cli->n_inputs; i++) status = add_input(cli, lesson, cli->inputs[i]);
    if (!status) status = dcl_gateway_learn(&cli->context, lesson, &options, &model, &cli->error);
    clear_bar(cli);
    if (!status) status = dcl_gateway_model_write(model, cli->output, &cli->error);
    dcl_gateway_lesson_close(&lesson);
    int code = CLI_DONE;
    if (status) {
        code = session_fail(cli, status);
    } else {
        cli->wrote = true;
        cli->output = NULL;
        if (!cli->quiet || cli->json) code = show_gateway(cli, model, NULL) ? CLI_PART : CLI_DONE;
    }
    dcl_gateway_model_close(&model);
    return code;
}
