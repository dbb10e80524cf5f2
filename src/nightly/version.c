/* Versions of a model: read from the shelf and put on it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "nightly/night.h"

double night_metric(const dcl_card *card, const char *name) {
    for (size_t i = 0; i < card->n_metrics; i++)
        if (strcmp(card->metric[i].name, name) == 0) return card->metric[i].value;
    return (double)NAN;
}

dcl_status night_read_version(night_job *j, uint32_t number, night_version *out) {
    *out = (night_version){0};
    dcl_status status = dcl_shelf_read(j->run->shelf, j->name, number, &j->arena, &out->found, j->error);
    if (!status) status = dcl_forecast_open(out->found.bytes, out->found.n, &out->model, j->error);
    if (status) return status;
    dcl_forecast_about about = dcl_forecast_describe(out->model);
    for (size_t m = 0; m < about.members; m++)
        if (about.member[m].to_us > out->learned_us) out->learned_us = about.member[m].to_us;
    if (out->found.version.card.to_us > out->learned_us) out->learned_us = out->found.version.card.to_us;
    return DCL_OK;
}

/* The bytes of a model: it writes itself to files alone. */
static dcl_status bytes_of(night_job *j, const dcl_forecast_model *model, char **bytes, size_t *n) {
    char path[NIGHTLY_PATH];
    nightly_path(j->run, j->name, "challenger", path);
    dcl_status status = dcl_forecast_write(model, path, j->error);
    if (!status) status = dcl_file_read(path, DCL_SHELF_LARGEST, bytes, n, j->error);
    (void)unlink(path);
    return status;
}

dcl_status night_promote(night_job *j, const dcl_forecast_model *model, const dcl_night_score *s) {
    if (j->run->options.dry_run) return DCL_OK;
    dcl_card_feature feature[128];
    const dcl_card_metric metric[] = {{"mae_w", s->mae_w},
                                      {"pinball_w", s->pinball_w},
                                      {"coverage", s->coverage},
                                      {"seasonal_naive_mae_w", s->seasonal_w},
                                      {"tested_values", (double)s->n}};
    const dcl_card_version by = {"declic", j->run->options.version ? j->run->options.version : ""};
    dcl_card card = {.kind = "forecast",
                     .why = j->out->why,
                     .made_us = j->context->now_us,
                     .from_us = dcl_forecast_describe(model).member[0].from_us,
                     .to_us = j->out->test_from_us,
                     .seed = j->context->seed,
                     .parent = j->out->was,
                     .feature = feature,
                     .metric = metric,
                     .n_metrics = sizeof metric / sizeof *metric,
                     .version = &by,
                     .n_versions = 1};
    while (card.n_features < 128 && (feature[card.n_features].name = dcl_forecast_feature(
                                         model, card.n_features, &feature[card.n_features].unit)) != NULL)
        card.n_features++;
    char *bytes = NULL;
    size_t n = 0;
    dcl_status status = bytes_of(j, model, &bytes, &n);
    if (!status) status = dcl_shelf_add(j->run->shelf, j->name, bytes, n, &card, true, &j->out->is, j->error);
    free(bytes);
    return status;
}
