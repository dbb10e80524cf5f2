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
    if (!status)
        status = j->kind->open(out->found.bytes, out->found.n, &out->model, &out->learned_us, j->error);
    if (status) return status;
    const dcl_card *card = &out->found.version.card;
    if (card->to_us > out->learned_us) out->learned_us = card->to_us;
    if (!out->learned_us) out->learned_us = card->made_us; /* it may have seen all until then */
    return DCL_OK;
}

/* The bytes of a model: it writes itself to files alone. */
static dcl_status bytes_of(night_job *j, const void *model, char **bytes, size_t *n) {
    char path[NIGHTLY_PATH];
    nightly_path(j->run, j->name, NIGHTLY_CHALLENGER, path);
    dcl_status status = j->kind->write(model, path, j->error);
    if (!status) status = dcl_file_read(path, DCL_SHELF_LARGEST, bytes, n, j->error);
    (void)unlink(path);
    return status;
}

dcl_status night_promote(night_job *j, const void *model, const dcl_night_score *s) {
    if (j->run->options.dry_run) return DCL_OK;
    const dcl_card_version by = {"declic", j->run->options.version ? j->run->options.version : ""};
    dcl_card card = {.kind = j->kind->name,
                     .why = j->out->why,
                     .made_us = j->context->now_us,
                     .to_us = j->out->test_from_us,
                     .seed = j->context->seed,
                     .parent = j->out->was,
                     .version = &by,
                     .n_versions = 1};
    char *bytes = NULL;
    size_t n = 0;
    dcl_status status = j->kind->describe(j, model, s, &card);
    if (!status) status = bytes_of(j, model, &bytes, &n);
    if (!status) status = dcl_shelf_add(j->run->shelf, j->name, bytes, n, &card, true, &j->out->is, j->error);
    free(bytes);
    return status;
}
