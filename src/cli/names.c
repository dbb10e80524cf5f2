#include "cli/names.h"

#include <string.h>

#include "base/status.h"
#include "learn/pack.h"

/* The kinds of models that files say they are. */
static bool is_kind(session *cli, const char *kind) {
    dcl_pack pack;
    return dcl_pack_read(cli->model, kind, &cli->arena, &pack, NULL) == DCL_OK;
}

static dcl_status open_power(session *cli, name_model *model) {
    dcl_status status = dcl_power_read(cli->model, &model->power, &cli->error);
    if (!status && !cli->read.period_us && !session_has_grid(cli))
        cli->read.period_us = dcl_power_describe(model->power).period_us;
    return status;
}

dcl_status name_model_open(session *cli, name_model *model) {
    dcl_status status = DCL_OK;
    *model = (name_model){0};
    if (cli->model && is_kind(cli, "loads")) {
        status = dcl_loads_read(cli->model, &model->loads, &cli->error);
        model->has_loads = !status;
    } else if (cli->model && is_kind(cli, "appliances")) {
        status = dcl_identifier_read(cli->model, &cli->arena, &model->identifier, &cli->error);
        model->has_identifier = !status;
    } else if (cli->model) {
        status = open_power(cli, model);
    }
    if (!status && !model->has_identifier) {
        status = dcl_identifier_shipped(&cli->arena, &model->identifier, &cli->error);
        model->has_identifier = !status;
    }
    return status;
}

void name_model_close(name_model *model) {
    dcl_power_close(&model->power);
}

static dcl_status fail_model(session *cli, dcl_status status) {
    dcl_error why = cli->error;
    return dcl_fail_file(&cli->error, status, cli->model, "%s", why.msg);
}

/* What whoever lives there, or learned a model of this home, knows comes first. */
static dcl_status name_by_model(session *cli, const name_model *model, const dcl_home *home,
                                dcl_cycles *cycles, named_cycles *out) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W),
                     *apparent = dcl_home_series(home, DCL_APPARENT_VA), *lead = power ? power : apparent;
    dcl_power_estimate estimate;
    if (model->has_loads && lead) {
        dcl_status status =
            dcl_loads_name(&cli->context, &model->loads, lead->period_us, cycles, out->own, &cli->error);
        if (status) return fail_model(cli, status);
    }
    if (!model->power) return DCL_OK;
    dcl_status status = dcl_power_estimate_home(&cli->context, model->power, home, cli->other_home,
                                                &cli->arena, &estimate, &cli->error);
    if (!status) dcl_power_name(&estimate, cycles, out->own);
    return status;
}

/* A name that is no kind of appliance stands, whatever a rule says afterwards. */
static void keep_own(dcl_cycles *cycles, const named_cycles *named, const float *confidence) {
    for (size_t i = 0; i < cycles->n; i++) {
        if (!named->own[i]) continue;
        cycles->cycle[i].appliance = DCL_APPLIANCE_UNKNOWN;
        cycles->cycle[i].confidence = confidence[i];
    }
}

dcl_status name_cycles(session *cli, const name_model *model, const dcl_home *home, dcl_cycles *cycles,
                       named_cycles *out) {
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    const dcl_name_options name_options = dcl_name_defaults();
    const dcl_use_options use_options = dcl_use_defaults();
    *out = (named_cycles){.own = dcl_arena_alloc(&cli->arena, cycles->n, sizeof *out->own)};
    float *confidence = dcl_arena_alloc(&cli->arena, cycles->n, sizeof *confidence);
    if (!out->own || !confidence) return dcl_fail_memory(&cli->error, "names");
    dcl_status status = name_by_model(cli, model, home, cycles, out);
    for (size_t i = 0; i < cycles->n; i++) confidence[i] = cycles->cycle[i].confidence;
    if (!status)
        status =
            dcl_cycles_name(&cli->context, home, cycles, model->has_identifier ? &model->identifier : NULL,
                            &name_options, &cli->arena, &out->names, &cli->error);
    /* Periods above an hour show no use; that is no reason to refuse cycles or a report. */
    out->has_uses = !status && power && power->period_us <= DCL_HOUR_US;
    if (out->has_uses)
        status =
            dcl_uses_find(&cli->context, home, cycles, &use_options, &cli->arena, &out->uses, &cli->error);
    keep_own(cycles, out, confidence);
    if (!status)
        status =
            dcl_unknowns_find(cycles, out->own, &cli->arena, &out->unknown, &out->n_unknown, &cli->error);
    return status;
}

const char *cycle_name(const dcl_cycles *cycles, const named_cycles *named, size_t i) {
    return named->own[i] ? named->own[i] : dcl_appliance_name(cycles->cycle[i].appliance);
}
