/* The card of a version: JSON that ends with a checksum of all before it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/json.h"
#include "learn/shelf.h"

enum { LAYOUT = 1 };

/* The last lines of a card; its checksum is of all bytes before them. */
#define TAIL ",\n  \"card_crc32\": \"%08x\"\n}\n"
enum { TAIL_BYTES = 31 };

static const char *or_empty(const char *text) {
    return text ? text : "";
}

static void put_moment(dcl_json_writer *json, const char *key, int64_t time_us, bool known) {
    if (known)
        dcl_json_key_time(json, key, time_us);
    else
        dcl_json_key_string(json, key, NULL);
}

void dcl_card_put(dcl_json_writer *json, const dcl_card *card, bool known) {
    char seed[24];
    bool span = known && card->from_us != card->to_us;
    dcl_json_key_string(json, "kind", known ? or_empty(card->kind) : NULL);
    dcl_json_key_string(json, "why", known ? or_empty(card->why) : NULL);
    put_moment(json, "made", card->made_us, known);
    put_moment(json, "from", card->from_us, span);
    put_moment(json, "to", card->to_us, span);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)card->seed);
    dcl_json_key_string(json, "seed", known ? seed : NULL); /* beyond what a double holds */
    dcl_json_key_integer(json, "parent", card->parent);
}

static void put_files(dcl_json_writer *json, const dcl_card *card) {
    dcl_json_key(json, "files");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_files; i++) {
        const dcl_card_file *file = &card->file[i];
        char crc[12];
        snprintf(crc, sizeof crc, "%08x",
                 file->content ? dcl_crc32_of(file->content, file->bytes) : file->crc);
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", or_empty(file->name));
        dcl_json_key_integer(json, "bytes", (int64_t)file->bytes);
        dcl_json_key_string(json, "crc32", crc);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

void dcl_card_put_lists(dcl_json_writer *json, const dcl_card *card) {
    dcl_json_key(json, "features");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_features; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", or_empty(card->feature[i].name));
        dcl_json_key_string(json, "unit", or_empty(card->feature[i].unit));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "metrics");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_metrics; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", or_empty(card->metric[i].name));
        dcl_json_key(json, "value");
        dcl_json_number(json, card->metric[i].value);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "made_by");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_versions; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", or_empty(card->version[i].name));
        dcl_json_key_string(json, "version", or_empty(card->version[i].version));
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    put_files(json, card);
}

void dcl_card_write(dcl_text *text, const dcl_card *card, uint64_t bytes, uint32_t crc) {
    dcl_json_writer json = {.text = text};
    char number[24];
    dcl_json_begin(&json, '{');
    dcl_json_key_integer(&json, "declic_card", LAYOUT);
    dcl_card_put(&json, card, true);
    dcl_card_put_lists(&json, card);
    dcl_json_key_integer(&json, "model_bytes", (int64_t)bytes);
    snprintf(number, sizeof number, "%08x", crc);
    dcl_json_key_string(&json, "model_crc32", number);
    if (text->failed) return;
    dcl_text_format(text, TAIL, dcl_crc32_of(text->at, text->n));
}

/* ---------------------------------------------------------------- reading */

/* Eight hexadecimal digits; false for anything else. */
static bool read_hex(const char *text, uint32_t *out) {
    char *end;
    if (!text || strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8) return false;
    *out = (uint32_t)strtoul(text, &end, 16);
    return true;
}

static bool ends_whole(const char *text, size_t n) {
    char want[TAIL_BYTES + 1];
    if (n <= TAIL_BYTES || strlen(text) != n) return false;
    snprintf(want, sizeof want, TAIL, dcl_crc32_of(text, n - TAIL_BYTES));
    return strcmp(want, text + n - TAIL_BYTES) == 0;
}

/* Where texts and lists are kept, and whether there was no room for one. */
typedef struct keeper {
    dcl_arena *arena;
    bool is_full;
} keeper;

static void *keep(keeper *to, void *kept) {
    to->is_full = to->is_full || !kept;
    return kept;
}

/* A text of the document as one of the arena; NULL where it is none. */
static const char *copy(keeper *to, const dcl_json *value) {
    const char *text = dcl_json_text(value);
    return text ? keep(to, dcl_arena_strdup(to->arena, text)) : NULL;
}

static bool read_moment(const dcl_json *value, int64_t *out) {
    const char *text = dcl_json_text(value);
    bool has_offset;
    return text && dcl_time_parse(text, strlen(text), out, &has_offset) == DCL_OK;
}

bool dcl_card_file_valid(const char *name) {
    return strlen(name) <= 32 && dcl_shelf_name_valid(name) && strcmp(name, "model") != 0 &&
           strcmp(name, "card.json") != 0;
}

/* Cards of before there were any have no such list. */
static bool read_files(const dcl_json *from, keeper *to, dcl_card *out) {
    const dcl_json *files = dcl_json_get(from, "files");
    out->n_files = dcl_json_length(files);
    if (out->n_files > DCL_CARD_FILES) return false;
    dcl_card_file *file = keep(to, dcl_arena_alloc(to->arena, out->n_files, sizeof *file));
    bool good = file != NULL;
    for (size_t i = 0; good && i < out->n_files; i++) {
        const dcl_json *item = dcl_json_at(files, i);
        double bytes = -1;
        file[i] = (dcl_card_file){.name = copy(to, dcl_json_get(item, "name"))};
        good = file[i].name && dcl_card_file_valid(file[i].name) &&
               dcl_json_real(dcl_json_get(item, "bytes"), &bytes) && bytes >= 0 &&
               bytes <= (double)DCL_SHELF_LARGEST &&
               read_hex(dcl_json_text(dcl_json_get(item, "crc32")), &file[i].crc);
        file[i].bytes = good ? (uint64_t)bytes : 0;
    }
    out->file = file;
    return good;
}

static bool read_lists(const dcl_json *from, keeper *to, dcl_card *out) {
    const dcl_json *features = dcl_json_get(from, "features"), *metrics = dcl_json_get(from, "metrics");
    const dcl_json *versions = dcl_json_get(from, "made_by");
    out->n_features = dcl_json_length(features);
    out->n_metrics = dcl_json_length(metrics);
    out->n_versions = dcl_json_length(versions);
    dcl_card_feature *feature = keep(to, dcl_arena_alloc(to->arena, out->n_features, sizeof *feature));
    dcl_card_metric *metric = keep(to, dcl_arena_alloc(to->arena, out->n_metrics, sizeof *metric));
    dcl_card_version *version = keep(to, dcl_arena_alloc(to->arena, out->n_versions, sizeof *version));
    bool good = feature && metric && version;
    for (size_t i = 0; good && i < out->n_features; i++) {
        const dcl_json *item = dcl_json_at(features, i);
        feature[i] =
            (dcl_card_feature){copy(to, dcl_json_get(item, "name")), copy(to, dcl_json_get(item, "unit"))};
        good = feature[i].name && feature[i].unit;
    }
    for (size_t i = 0; good && i < out->n_metrics; i++) {
        const dcl_json *item = dcl_json_at(metrics, i);
        metric[i] = (dcl_card_metric){copy(to, dcl_json_get(item, "name")), NAN};
        dcl_json_real(dcl_json_get(item, "value"), &metric[i].value);
        good = metric[i].name != NULL;
    }
    for (size_t i = 0; good && i < out->n_versions; i++) {
        const dcl_json *item = dcl_json_at(versions, i);
        version[i] =
            (dcl_card_version){copy(to, dcl_json_get(item, "name")), copy(to, dcl_json_get(item, "version"))};
        good = version[i].name && version[i].version;
    }
    out->feature = feature, out->metric = metric, out->version = version;
    return good && read_files(from, to, out);
}

static bool read_all(const dcl_json *from, keeper *to, dcl_card *out, uint64_t *bytes, uint32_t *crc) {
    const char *seed = dcl_json_text(dcl_json_get(from, "seed"));
    double parent, size;
    *out =
        (dcl_card){.kind = copy(to, dcl_json_get(from, "kind")), .why = copy(to, dcl_json_get(from, "why"))};
    if (!out->kind || !out->why || !seed || !read_moment(dcl_json_get(from, "made"), &out->made_us) ||
        !dcl_json_real(dcl_json_get(from, "parent"), &parent) ||
        !dcl_json_real(dcl_json_get(from, "model_bytes"), &size) ||
        !read_hex(dcl_json_text(dcl_json_get(from, "model_crc32")), crc))
        return false;
    if (!(parent >= 0 && parent <= DCL_SHELF_NUMBERS) || !(size >= 1 && size <= (double)DCL_SHELF_LARGEST))
        return false;
    out->parent = (uint32_t)parent;
    *bytes = (uint64_t)size;
    out->seed = strtoull(seed, NULL, 10);
    if (read_moment(dcl_json_get(from, "from"), &out->from_us) !=
        read_moment(dcl_json_get(from, "to"), &out->to_us))
        return false;
    return read_lists(from, to, out);
}

dcl_status dcl_card_read(const char *text, size_t n, dcl_arena *arena, dcl_card *out, uint64_t *bytes,
                         uint32_t *crc, dcl_error *error) {
    dcl_json *document = NULL;
    keeper to = {.arena = arena};
    double layout;
    dcl_status status = DCL_OK;
    if (!ends_whole(text, n))
        return dcl_fail(error, DCL_E_FORMAT, "the card does not end with the checksum of its bytes");
    status = dcl_json_parse(text, n, &document, error);
    if (!status && !dcl_json_real(dcl_json_get(document, "declic_card"), &layout))
        status = dcl_fail(error, DCL_E_FORMAT, "no card of a model");
    else if (!status && layout > LAYOUT)
        status = dcl_fail(error, DCL_E_UNSUPPORTED, "the card is of a newer version of declic");
    else if (!status && !read_all(document, &to, out, bytes, crc))
        status = to.is_full ? dcl_fail_memory(error, "a card")
                            : dcl_fail(error, DCL_E_FORMAT, "the card lacks what a card says");
    dcl_json_close(&document);
    return status;
}
