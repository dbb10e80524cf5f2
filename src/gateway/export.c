/* Forms of a model: blobs and their card; the others have files of their own. */
#include "gateway/export.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

dcl_status dcl_export_folder(const char *path, dcl_error *error) {
    struct stat info;
    if (mkdir(path, 0777) == 0) return DCL_OK;
    int reason = errno;
    if (reason == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) return DCL_OK;
    return dcl_fail_file(error, reason == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path,
                         "cannot be made a folder: %s", strerror(reason));
}

dcl_status dcl_export_bytes(const char *folder, const char *name, const void *bytes, size_t n,
                            dcl_error *error) {
    char path[4096];
    size_t base = strlen(folder);
    if (base + strlen(name) + 2 > sizeof path) return dcl_fail(error, DCL_E_ARG, "a path too long");
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)(slash - name), name);
        dcl_status status = dcl_export_folder(path, error);
        if (status) return status;
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return dcl_file_write(path, bytes, n, error);
}

dcl_status dcl_export_text(const char *folder, const char *name, dcl_text *text, dcl_error *error) {
    dcl_status status = text->failed ? dcl_fail_memory(error, "a file for the gateway")
                                     : dcl_export_bytes(folder, name, text->at, text->n, error);
    dcl_text_free(text);
    return status;
}

void dcl_export_words(dcl_text *to, const char *qualifiers, const char *name, const dcl_gateway_blob *blob) {
    size_t n = blob->bytes / 2;
    dcl_text_format(to, "%sconst uint16_t %s[%zu] = {", qualifiers, name, n);
    for (size_t i = 0; i < n; i++)
        dcl_text_format(to, "%s0x%04X%s", i % 14 ? " " : "\n    ", (unsigned)blob->word[i],
                        i + 1 < n ? "," : "");
    dcl_text_put(to, "};\n");
}

/* ---------------------------------------------------------------- the card */

static void put_features(dcl_json_writer *json, dcl_blob_kind kind) {
    uint32_t n;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &n);
    dcl_json_key(json, "features");
    dcl_json_begin(json, '[');
    for (uint32_t f = 0; f < n; f++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", feature[f].name);
        dcl_json_key_string(json, "unit", feature[f].unit);
        dcl_json_key(json, "scale");
        dcl_json_number(json, (double)feature[f].num / feature[f].den);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_errors(dcl_json_writer *json, const dcl_gateway_error *e) {
    dcl_json_key_integer(json, "taught", (int64_t)e->taught);
    dcl_json_key_integer(json, "judged", (int64_t)e->rows);
    dcl_json_key_fixed(json, "mae_plain", e->plain, 4);
    dcl_json_key_fixed(json, "mae_float", e->real, 4);
    dcl_json_key_fixed(json, "mae_integer", e->integer, 4);
    dcl_json_key_fixed(json, "change", e->real > 0 ? e->integer / e->real - 1 : 0, 6);
    dcl_json_key_fixed(json, "change_budget", DCL_GATEWAY_BUDGET, 6);
}

static void put_names(dcl_json_writer *json, const dcl_gateway_namer *namer) {
    const dcl_gateway_names *n = &namer->names;
    dcl_json_key_integer(json, "taught", (int64_t)n->taught);
    dcl_json_key_integer(json, "judged", (int64_t)n->rows);
    dcl_json_key_integer(json, "vectors", (int64_t)n->vectors);
    dcl_json_key_fixed(json, "right", n->right, 4);
    dcl_json_key_fixed(json, "agree", n->agree, 4);
    dcl_json_key_fixed(json, "sure", n->sure, 4);
    dcl_json_key_fixed(json, "agree_sure", n->agree_sure, 4);
    dcl_json_key_fixed(json, "agree_budget", DCL_GATEWAY_AGREE, 4);
    dcl_json_key(json, "labels");
    dcl_json_begin(json, '[');
    for (uint32_t k = 0; k < namer->labels; k++) dcl_json_string(json, namer->label[k]);
    dcl_json_end(json, ']');
}

static dcl_status write_card(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key_integer(&json, "serial", m->serial);
    dcl_json_key_integer(&json, "homes", m->homes);
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++) {
        const dcl_gateway_blob *blob = &m->blob[kind];
        if (!blob->word) continue;
        dcl_json_key(&json, dcl_blob_kind_name((dcl_blob_kind)kind));
        dcl_json_begin(&json, '{');
        dcl_json_key_integer(&json, "bytes", (int64_t)blob->bytes);
        dcl_json_key_integer(&json, "trees", blob->trees);
        dcl_json_key_integer(&json, "nodes", blob->nodes);
        dcl_json_key_integer(&json, "schema", blob->forest.schema);
        dcl_json_key_integer(&json, "shift", blob->forest.shift);
        if (kind == DCL_BLOB_MINUTE) put_errors(&json, &m->minute_error);
        if (kind == DCL_BLOB_TODAY) put_errors(&json, &m->today_error);
        if (kind == DCL_BLOB_STEP) put_names(&json, &m->namer);
        put_features(&json, (dcl_blob_kind)kind);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, '}');
    dcl_text_put(&text, "\n");
    return dcl_export_text(folder, "card.json", &text, error);
}

static dcl_status export_blobs(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (int kind = 1; !status && kind < DCL_BLOB_KINDS; kind++) {
        char name[32];
        const dcl_gateway_blob *blob = &m->blob[kind];
        snprintf(name, sizeof name, "%s.blob", dcl_blob_kind_name((dcl_blob_kind)kind));
        if (blob->word) status = dcl_export_bytes(folder, name, blob->word, blob->bytes, error);
    }
    return status;
}

dcl_status dcl_gateway_export(const dcl_gateway_model *model, const char *folder, dcl_gateway_form form,
                              dcl_error *error) {
    dcl_status status = dcl_export_folder(folder, error);
    if (status) return status;
    switch (form) {
    case DCL_GATEWAY_C: status = dcl_export_c(model, folder, error); break;
    case DCL_GATEWAY_ESP_IDF: status = dcl_export_component(model, folder, error); break;
    default: status = export_blobs(model, folder, error);
    }
    return status ? status : write_card(model, folder, error);
}
