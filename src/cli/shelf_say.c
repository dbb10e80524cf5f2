/* What declic shelf prints: the object of --json, cards, and in what two of them differ. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/shelf.h"
#include "learn/shelf.h"

/* ---------------------------------------------------------------- words */

static void put_day(dcl_text *text, int64_t time_us) {
    char moment[32];
    dcl_time_format(time_us, moment);
    dcl_text_bytes(text, moment, 10);
}

static void put_span(dcl_text *text, const dcl_card *card) {
    if (card->from_us == card->to_us) {
        dcl_text_put(text, "not known");
        return;
    }
    put_day(text, card->from_us);
    dcl_text_put(text, " … ");
    put_day(text, card->to_us);
}

/* ---------------------------------------------------------------- JSON */

static void put_version(dcl_json_writer *json, const dcl_shelf_version *version) {
    bool whole = version->status == DCL_OK;
    char text[16];
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "version", version->number);
    dcl_json_key_string(json, "state", whole ? "whole" : "damaged");
    dcl_json_key_string(json, "damage", whole ? NULL : version->said);
    dcl_card_put(json, &version->card, whole);
    dcl_json_key_integer(json, "bytes", (int64_t)version->bytes);
    snprintf(text, sizeof text, "%08x", version->crc);
    dcl_json_key_string(json, "crc32", whole ? text : NULL);
    dcl_card_put_lists(json, &version->card);
    dcl_json_end(json, '}');
}

static void put_number(dcl_json_writer *json, const char *key, uint32_t number) {
    dcl_json_key(json, key);
    dcl_json_number(json, number ? (double)number : (double)NAN);
}

static void put_models(dcl_json_writer *json, const shelf_result *result) {
    dcl_json_key(json, "models");
    dcl_json_begin(json, '[');
    for (size_t m = 0; m < result->n_models; m++) {
        const shelf_model *model = &result->model[m];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "model", model->name);
        put_number(json, "current", model->current);
        dcl_json_key(json, "versions");
        dcl_json_begin(json, '[');
        for (size_t i = 0; i < model->n; i++) put_version(json, &model->version[i]);
        dcl_json_end(json, ']');
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

/* ---------------------------------------------------------------- differences */

/* Calls with each thing that differs between two cards, as texts. */
typedef void (*difference_fn)(void *arg, const char *what, const char *before, const char *after);

static void tell_text(difference_fn tell, void *arg, const char *what, const char *before,
                      const char *after) {
    if (strcmp(before, after) != 0) tell(arg, what, before, after);
}

static const dcl_card_metric *find_metric(const dcl_card *card, const char *name) {
    for (size_t i = 0; i < card->n_metrics; i++)
        if (strcmp(card->metric[i].name, name) == 0) return &card->metric[i];
    return NULL;
}

static const char *unit_of(const dcl_card *card, const char *feature) {
    for (size_t i = 0; i < card->n_features; i++)
        if (strcmp(card->feature[i].name, feature) == 0) return card->feature[i].unit;
    return NULL;
}

static void put_real(char text[32], const dcl_card_metric *metric) {
    dcl_text number = {0};
    if (metric) dcl_text_double(&number, metric->value);
    snprintf(text, 32, "%s", number.n ? number.at : "");
    dcl_text_free(&number);
}

static void compare_metrics(const dcl_card *a, const dcl_card *b, difference_fn tell, void *arg) {
    char before[32], after[32], what[96];
    for (size_t i = 0; i < a->n_metrics; i++) {
        put_real(before, &a->metric[i]);
        put_real(after, find_metric(b, a->metric[i].name));
        snprintf(what, sizeof what, "metric %.80s", a->metric[i].name);
        tell_text(tell, arg, what, before, after);
    }
    for (size_t i = 0; i < b->n_metrics; i++) {
        if (find_metric(a, b->metric[i].name)) continue;
        put_real(after, &b->metric[i]);
        snprintf(what, sizeof what, "metric %.80s", b->metric[i].name);
        tell(arg, what, "", after);
    }
}

static void compare_features(const dcl_card *a, const dcl_card *b, difference_fn tell, void *arg) {
    char what[96];
    bool same_order = a->n_features == b->n_features;
    for (size_t i = 0; same_order && i < a->n_features; i++)
        same_order = strcmp(a->feature[i].name, b->feature[i].name) == 0;
    for (size_t i = 0; i < a->n_features; i++) {
        const char *unit = unit_of(b, a->feature[i].name);
        snprintf(what, sizeof what, "feature %.80s", a->feature[i].name);
        tell_text(tell, arg, what, a->feature[i].unit, unit ? unit : "not there");
    }
    for (size_t i = 0; i < b->n_features; i++) {
        if (unit_of(a, b->feature[i].name)) continue;
        snprintf(what, sizeof what, "feature %.80s", b->feature[i].name);
        tell(arg, what, "not there", b->feature[i].unit);
    }
    if (!same_order) tell(arg, "order of features", "", "another");
}

static void compare(const dcl_shelf_version *before, const dcl_shelf_version *after, difference_fn tell,
                    void *arg) {
    const dcl_card *a = &before->card, *b = &after->card;
    dcl_text span[2] = {{0}, {0}};
    char number[2][24];
    put_span(&span[0], a), put_span(&span[1], b);
    tell_text(tell, arg, "kind", a->kind, b->kind);
    if (span[0].at && span[1].at) tell_text(tell, arg, "data", span[0].at, span[1].at);
    snprintf(number[0], sizeof *number, "%llu", (unsigned long long)a->seed);
    snprintf(number[1], sizeof *number, "%llu", (unsigned long long)b->seed);
    tell_text(tell, arg, "seed", number[0], number[1]);
    snprintf(number[0], sizeof *number, "%llu", (unsigned long long)before->bytes);
    snprintf(number[1], sizeof *number, "%llu", (unsigned long long)after->bytes);
    tell_text(tell, arg, "bytes", number[0], number[1]);
    snprintf(number[0], sizeof *number, "%08x", before->crc);
    snprintf(number[1], sizeof *number, "%08x", after->crc);
    tell_text(tell, arg, "crc32", number[0], number[1]);
    compare_metrics(a, b, tell, arg);
    compare_features(a, b, tell, arg);
    tell_text(tell, arg, "why", a->why, b->why);
    dcl_text_free(&span[0]), dcl_text_free(&span[1]);
}

static void put_change_json(void *arg, const char *what, const char *before, const char *after) {
    dcl_json_writer *json = arg;
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "what", what);
    dcl_json_key_string(json, "before", before);
    dcl_json_key_string(json, "after", after);
    dcl_json_end(json, '}');
}

static void put_change_text(void *arg, const char *what, const char *before, const char *after) {
    dcl_text_format(arg, "%-28s %s → %s\n", what, *before ? before : "none", *after ? after : "none");
}

void shelf_put_changes(dcl_text *text, const shelf_result *result) {
    dcl_text_format(text, "%s version %u → %u\n", result->model[0].name, result->before->number,
                    result->after->number);
    size_t head = text->n;
    compare(result->before, result->after, put_change_text, text);
    if (text->n == head) dcl_text_put(text, "no difference but when they were made\n");
}

/* ---------------------------------------------------------------- results */

void shelf_put_card(dcl_text *text, const shelf_model *model, const dcl_shelf_version *version) {
    const dcl_card *card = &version->card;
    char made[32];
    dcl_time_format(card->made_us, made);
    dcl_text_format(text, "%s version %u%s\n", model->name, version->number,
                    version->number == model->current ? ", current" : "");
    dcl_text_format(text, "kind      %s\nmade      %s\ndata      ", card->kind, made);
    put_span(text, card);
    dcl_text_format(text, "\nseed      %llu\nparent    ", (unsigned long long)card->seed);
    if (card->parent) dcl_text_format(text, "%u\n", card->parent);
    if (!card->parent) dcl_text_put(text, "none\n");
    dcl_text_format(text, "bytes     %llu, CRC-32 %08x\n", (unsigned long long)version->bytes, version->crc);
    if (*card->why) dcl_text_format(text, "why       %s\n", card->why);
    for (size_t i = 0; i < card->n_versions; i++)
        dcl_text_format(text, "made by   %s %s\n", card->version[i].name, card->version[i].version);
    for (size_t i = 0; i < card->n_metrics; i++) {
        dcl_text_format(text, "metric    %-24s ", card->metric[i].name);
        dcl_text_double(text, card->metric[i].value);
        dcl_text_put(text, "\n");
    }
    for (size_t i = 0; i < card->n_features; i++)
        dcl_text_format(text, "feature   %-24s %s\n", card->feature[i].name, card->feature[i].unit);
    for (size_t i = 0; i < card->n_files; i++)
        dcl_text_format(text, "beside    %-24s %llu bytes, CRC-32 %08x\n", card->file[i].name,
                        (unsigned long long)card->file[i].bytes, card->file[i].crc);
}

int shelf_write_json(session *cli, const shelf_result *result) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key_string(&json, "did", cli->inputs[0]);
    put_models(&json, result);
    dcl_json_key(&json, "changes");
    dcl_json_begin(&json, '[');
    if (result->before) compare(result->before, result->after, put_change_json, &json);
    dcl_json_end(&json, ']');
    put_number(&json, "chosen", result->chosen);
    dcl_json_key(&json, "removed");
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < result->n_removed; i++) dcl_json_integer(&json, result->removed[i]);
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
    dcl_text_put(&text, "\n");
    return session_write(cli, &text);
}
