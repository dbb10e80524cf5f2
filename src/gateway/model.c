/* A model for the gateway on disk, and what it holds. */
#include "gateway/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static const char *const kinds[] = {"any", "minute", "today", "step"};
static const char *const faults[] = {"whole",
                                     "cut short",
                                     "no blob",
                                     "of a newer version",
                                     "damaged: its checksum is wrong",
                                     "malformed: its tables contradict each other",
                                     "for another purpose or other features"};
_Static_assert(sizeof kinds / sizeof *kinds == DCL_BLOB_KINDS, "a name a kind");
_Static_assert(sizeof faults / sizeof *faults == DCL_BLOB_FAULTS, "a text a fault");

const char *dcl_blob_kind_name(dcl_blob_kind kind) {
    return (unsigned)kind < DCL_BLOB_KINDS ? kinds[kind] : "";
}

const char *dcl_blob_fault_text(dcl_blob_fault fault) {
    return (unsigned)fault < DCL_BLOB_FAULTS ? faults[fault] : "";
}

void dcl_gateway_model_close(dcl_gateway_model **model) {
    if (!*model) return;
    for (int kind = 0; kind < DCL_BLOB_KINDS; kind++) dcl_gateway_blob_free(&(*model)->blob[kind]);
    free((*model)->namer.tree);
    dcl_arena_free(&(*model)->arena);
    free(*model);
    *model = NULL;
}

dcl_gateway_about dcl_gateway_describe(const dcl_gateway_model *model) {
    dcl_gateway_about about = {.minute = model->minute_error,
                               .today = model->today_error,
                               .names = model->namer.names,
                               .homes = model->homes};
    for (int kind = 0; kind < DCL_BLOB_KINDS; kind++) {
        const dcl_gateway_blob *blob = &model->blob[kind];
        about.part[kind] =
            (dcl_gateway_part){blob->word, blob->bytes, blob->trees, blob->nodes, blob->forest};
    }
    return about;
}

dcl_status dcl_gateway_keep_names(dcl_gateway_model *model, const dcl_gateway_model *before,
                                  dcl_error *error) {
    if (model->namer.tree || !before->namer.tree) return DCL_OK;
    dcl_gateway_namer kept = before->namer;
    kept.tree = malloc(kept.n * sizeof *kept.tree);
    if (!kept.tree) return dcl_fail_memory(error, "names of steps");
    memcpy(kept.tree, before->namer.tree, kept.n * sizeof *kept.tree);
    model->namer = kept;
    for (int kind = 0; kind < DCL_BLOB_KINDS; kind++) dcl_gateway_blob_free(&model->blob[kind]);
    return dcl_gateway_make_blobs(model, error);
}

size_t dcl_gateway_files(const dcl_gateway_model *model, dcl_card_file *file) {
    static const char *const names[DCL_BLOB_KINDS] = {NULL, "minute.blob", "today.blob", "step.blob"};
    size_t n = 0;
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++)
        if (model->blob[kind].word)
            file[n++] = (dcl_card_file){names[kind], model->blob[kind].word, model->blob[kind].bytes, 0};
    return n;
}

/* ---------------------------------------------------------------- the file */

static void put_error(dcl_pack_writer *to, const dcl_gateway_error *e) {
    dcl_pack_put_u64(to, e->taught);
    dcl_pack_put_u64(to, e->rows);
    dcl_pack_put_f64(to, e->plain);
    dcl_pack_put_f64(to, e->real);
    dcl_pack_put_f64(to, e->integer);
}

static dcl_gateway_error get_error(dcl_pack_reader *from) {
    dcl_gateway_error e = {.taught = dcl_pack_get_u64(from)};
    e.rows = dcl_pack_get_u64(from);
    e.plain = dcl_pack_get_f64(from);
    e.real = dcl_pack_get_f64(from);
    e.integer = dcl_pack_get_f64(from);
    return e;
}

static void put_about(dcl_pack_writer *to, const dcl_gateway_model *m) {
    const dcl_gateway_names *n = &m->namer.names;
    dcl_pack_put_u32(to, m->homes);
    dcl_pack_put_u32(to, m->serial);
    put_error(to, &m->minute_error);
    put_error(to, &m->today_error);
    const uint64_t counts[] = {n->taught, n->rows, n->vectors, n->leaves};
    const double shares[] = {n->right, n->agree, n->sure, n->agree_sure};
    for (int i = 0; i < 4; i++) dcl_pack_put_u64(to, counts[i]);
    for (int i = 0; i < 4; i++) dcl_pack_put_f64(to, shares[i]);
}

static dcl_status get_about(const dcl_pack_part *part, dcl_gateway_model *m, dcl_error *error) {
    dcl_pack_reader from = dcl_pack_begin(part);
    dcl_gateway_names *n = &m->namer.names;
    m->homes = dcl_pack_get_u32(&from);
    m->serial = dcl_pack_get_u32(&from);
    m->minute_error = get_error(&from);
    m->today_error = get_error(&from);
    size_t *const counts[] = {&n->taught, &n->rows, &n->vectors, &n->leaves};
    double *const shares[] = {&n->right, &n->agree, &n->sure, &n->agree_sure};
    for (int i = 0; i < 4; i++) *counts[i] = dcl_pack_get_u64(&from);
    for (int i = 0; i < 4; i++) *shares[i] = dcl_pack_get_f64(&from);
    return dcl_pack_done(&from) ? DCL_OK
                                : dcl_fail(error, DCL_E_FORMAT, "what the model says of itself is not whole");
}

/* The features' schema, then the forest. */
static void put_forest(dcl_pack_writer *to, dcl_blob_kind kind, const dcl_forest *forest) {
    dcl_pack_put_u32(to, dcl_mcu_features_schema(kind));
    dcl_forest_put(to, forest);
}

static dcl_status get_forest(const dcl_pack_part *part, dcl_blob_kind kind, dcl_gateway_model *m,
                             dcl_forest *out, dcl_error *error) {
    if (!part) return DCL_OK;
    dcl_pack_reader from = dcl_pack_begin(part);
    if (dcl_pack_get_u32(&from) != dcl_mcu_features_schema(kind))
        return dcl_fail(error, DCL_E_UNSUPPORTED, "the model's features are not those of this version");
    dcl_status status = dcl_forest_get(&from, &m->arena, out, error);
    if (!status && !dcl_pack_done(&from)) status = dcl_fail(error, DCL_E_FORMAT, "bytes behind a forest");
    return status;
}

static void put_namer(dcl_pack_writer *to, const dcl_gateway_namer *namer) {
    dcl_pack_put_u32(to, dcl_mcu_features_schema(DCL_BLOB_STEP));
    dcl_pack_put_u32(to, namer->labels);
    dcl_pack_put_u32(to, (uint32_t)namer->n);
    for (uint32_t k = 0; k < namer->labels; k++) dcl_pack_put_text(to, namer->label[k]);
    for (size_t i = 0; i < namer->n; i++) dcl_pack_put_u32(to, namer->tree[i]);
}

static dcl_status get_namer(const dcl_pack_part *part, dcl_gateway_namer *out, dcl_error *error) {
    if (!part) return DCL_OK;
    dcl_pack_reader from = dcl_pack_begin(part);
    if (dcl_pack_get_u32(&from) != dcl_mcu_features_schema(DCL_BLOB_STEP))
        return dcl_fail(error, DCL_E_UNSUPPORTED, "the model's features are not those of this version");
    out->labels = dcl_pack_get_u32(&from);
    out->n = dcl_pack_get_u32(&from);
    if (from.failed || !out->labels || out->labels > DCL_GATEWAY_LABELS || !out->n || out->n > UINT16_MAX ||
        4 * out->n > dcl_pack_left(&from))
        return dcl_fail(error, DCL_E_FORMAT, "the names of steps are not whole");
    out->tree = malloc(out->n * sizeof *out->tree);
    if (!out->tree) return dcl_fail_memory(error, "names of steps");
    for (uint32_t k = 0; k < out->labels; k++)
        dcl_pack_get_text(&from, out->label[k], DCL_GATEWAY_LABEL_ROOM);
    for (size_t i = 0; i < out->n; i++) out->tree[i] = (uint16_t)dcl_pack_get_u32(&from);
    return dcl_pack_done(&from) ? DCL_OK : dcl_fail(error, DCL_E_FORMAT, "the names of steps are not whole");
}

dcl_status dcl_gateway_model_write(const dcl_gateway_model *m, const char *path, dcl_error *error) {
    dcl_pack_writer to[4] = {{0}};
    static const char *const name[] = {"about", "minute", "today", "step"};
    put_about(&to[0], m);
    if (m->minute.n_trees) put_forest(&to[1], DCL_BLOB_MINUTE, &m->minute);
    if (m->today.n_trees) put_forest(&to[2], DCL_BLOB_TODAY, &m->today);
    if (m->namer.tree) put_namer(&to[3], &m->namer);
    dcl_pack_part part[4];
    size_t n = 0;
    bool failed = false;
    for (int i = 0; i < 4; i++) {
        failed = failed || to[i].failed;
        if (to[i].n) part[n++] = (dcl_pack_part){name[i], to[i].bytes, to[i].n};
    }
    dcl_status status =
        failed ? dcl_fail_memory(error, "a model") : dcl_pack_write(path, "gateway", part, n, error);
    for (int i = 0; i < 4; i++) free(to[i].bytes);
    return status;
}

bool dcl_gateway_model_is(const void *bytes, size_t n) {
    const char *head = bytes;
    return (n >= 4 && memcmp(head, "DCLB", 4) == 0) ||
           (n >= 24 && memcmp(head, "DCLMODEL", 8) == 0 && memcmp(head + 16, "gateway", 8) == 0);
}

static dcl_status read_parts(const void *bytes, size_t n, dcl_gateway_model *m, dcl_error *error) {
    dcl_pack pack;
    dcl_pack_part about;
    dcl_status status = dcl_pack_open(bytes, n, "gateway", &m->arena, &pack, error);
    if (!status) status = dcl_pack_need(&pack, "about", &about, error);
    if (!status) status = get_about(&about, m, error);
    if (!status) status = get_forest(dcl_pack_find(&pack, "minute"), DCL_BLOB_MINUTE, m, &m->minute, error);
    if (!status) status = get_forest(dcl_pack_find(&pack, "today"), DCL_BLOB_TODAY, m, &m->today, error);
    if (!status) status = get_namer(dcl_pack_find(&pack, "step"), &m->namer, error);
    return status ? status : dcl_gateway_make_blobs(m, error);
}

static dcl_status blob_fault(dcl_blob_fault fault, dcl_error *error) {
    return dcl_fail(error,
                    fault == DCL_BLOB_NEWER || fault == DCL_BLOB_OTHER ? DCL_E_UNSUPPORTED : DCL_E_FORMAT,
                    "a blob that is %s", dcl_blob_fault_text(fault));
}

/* A blob becomes a model of one purpose, in memory of its own. */
static dcl_status read_blob(const void *bytes, size_t n, dcl_gateway_model *m, dcl_error *error) {
    dcl_gateway_blob blob = {.word = malloc(n + 2), .bytes = n};
    uint32_t features;
    if (!blob.word) return dcl_fail_memory(error, "a blob");
    memcpy(blob.word, bytes, n);
    dcl_blob_fault fault = dcl_mcu_forest_open(blob.word, n, DCL_BLOB_ANY, 0, &blob.forest);
    dcl_blob_kind kind = fault ? DCL_BLOB_ANY : (dcl_blob_kind)blob.forest.kind;
    if (!fault && (!dcl_mcu_features(kind, &features) || features != blob.forest.features ||
                   blob.forest.schema != dcl_mcu_features_schema(kind)))
        fault = DCL_BLOB_OTHER;
    if (fault) {
        dcl_gateway_blob_free(&blob);
        return blob_fault(fault, error);
    }
    blob.bytes = blob.forest.bytes;
    m->serial = blob.forest.serial;
    m->blob[kind] = blob;
    return DCL_OK;
}

dcl_status dcl_gateway_model_open(const void *bytes, size_t n, dcl_gateway_model **out, dcl_error *error) {
    *out = NULL;
    dcl_gateway_model *m = calloc(1, sizeof *m);
    if (!m) return dcl_fail_memory(error, "a model for the gateway");
    bool is_blob = n >= 4 && memcmp(bytes, "DCLB", 4) == 0;
    dcl_status status = is_blob ? read_blob(bytes, n, m, error) : read_parts(bytes, n, m, error);
    if (status)
        dcl_gateway_model_close(&m);
    else
        *out = m;
    return status;
}

dcl_status dcl_gateway_model_read(const char *path, dcl_gateway_model **out, dcl_error *error) {
    char *bytes;
    size_t n;
    dcl_error why = {.pos = {0, -1}};
    *out = NULL;
    dcl_status status = dcl_file_read(path, DCL_PACK_LARGEST, &bytes, &n, error);
    if (status) return status;
    status = dcl_gateway_model_open(bytes, n, out, &why);
    free(bytes);
    if (!status) return DCL_OK;
    dcl_fail_file(error, status, path, "%s", why.msg);
    if (error) error->pos = why.pos;
    return status;
}

/* ---------------------------------------------------------------- blobs on disk */

dcl_status dcl_blob_read(const char *path, uint16_t **blob, dcl_mcu_forest *out, dcl_error *error) {
    char *bytes;
    size_t n;
    *blob = NULL;
    dcl_status status = dcl_file_read(path, DCL_BLOB_BYTES, &bytes, &n, error);
    if (status) return status;
    uint16_t *word = (uint16_t *)(void *)bytes; /* malloc'd: aligned */
    dcl_blob_fault fault = dcl_mcu_forest_open(word, n, DCL_BLOB_ANY, 0, out);
    if (!fault) {
        *blob = word;
        return DCL_OK;
    }
    free(bytes);
    dcl_error why = {.pos = {0, -1}};
    status = blob_fault(fault, &why);
    return dcl_fail_file(error, status, path, "%s", why.msg);
}
