/* declic shelf: versions of models, looked at and chosen. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <declic/learn_shelf.h>

#include "base/file.h"
#include "cli/cli.h"

/* What a verb found and did; all of it goes into the one object of --json. */
typedef struct shelf_model {
    const char *name;
    dcl_shelf_version *version;
    size_t n;
    uint32_t current;
} shelf_model;

typedef struct shelf_result {
    shelf_model *model;
    size_t n_models;
    uint32_t *removed;
    size_t n_removed;
    uint32_t chosen;                         /* 0 = none */
    const dcl_shelf_version *before, *after; /* of diff */
} shelf_result;

/* ---------------------------------------------------------------- words */

/* A version's number: digits, with or without zeros before them. */
static bool read_number(session *cli, const char *word, uint32_t *out) {
    size_t n = strlen(word);
    if (n < 1 || n > 6 || strspn(word, "0123456789") != n || !(*out = (uint32_t)strtoul(word, NULL, 10)))
        return session_usage(cli, "%s: expected the number of a version, as shelf list shows them", word),
               false;
    return true;
}

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

static void put_moment(dcl_json_writer *json, const char *key, int64_t time_us, bool known) {
    char moment[32];
    if (known) dcl_time_format(time_us, moment);
    dcl_json_key_string(json, key, known ? moment : NULL);
}

static void put_pairs(dcl_json_writer *json, const dcl_card *card) {
    dcl_json_key(json, "features");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_features; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", card->feature[i].name);
        dcl_json_key_string(json, "unit", card->feature[i].unit);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "metrics");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_metrics; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", card->metric[i].name);
        dcl_json_key(json, "value");
        dcl_json_number(json, card->metric[i].value);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "made_by");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < card->n_versions; i++) {
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", card->version[i].name);
        dcl_json_key_string(json, "version", card->version[i].version);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_version(dcl_json_writer *json, const dcl_shelf_version *version) {
    const dcl_card *card = &version->card;
    bool whole = version->status == DCL_OK, span = whole && card->from_us != card->to_us;
    char text[24];
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "version", version->number);
    dcl_json_key_string(json, "state", whole ? "whole" : "damaged");
    dcl_json_key_string(json, "damage", whole ? NULL : version->said);
    dcl_json_key_string(json, "kind", card->kind);
    dcl_json_key_string(json, "why", card->why);
    put_moment(json, "made", card->made_us, whole);
    put_moment(json, "from", card->from_us, span);
    put_moment(json, "to", card->to_us, span);
    snprintf(text, sizeof text, "%llu", (unsigned long long)card->seed);
    dcl_json_key_string(json, "seed", whole ? text : NULL);
    dcl_json_key_integer(json, "parent", card->parent);
    dcl_json_key_integer(json, "bytes", (int64_t)version->bytes);
    snprintf(text, sizeof text, "%08x", version->crc);
    dcl_json_key_string(json, "crc32", whole ? text : NULL);
    put_pairs(json, card);
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

/* ---------------------------------------------------------------- results */

static int write_json(session *cli, const shelf_result *result) {
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

static dcl_status read_model(session *cli, dcl_shelf *shelf, const char *name, shelf_model *out) {
    out->name = name;
    return dcl_shelf_list(shelf, name, &cli->arena, &out->version, &out->n, &out->current, &cli->error);
}

static const dcl_shelf_version *find_version(const shelf_model *model, uint32_t number) {
    for (size_t i = 0; i < model->n; i++)
        if (model->version[i].number == number) return &model->version[i];
    return NULL;
}

/* What the shelf holds now of the model that was asked for, or of all. */
static dcl_status read_result(session *cli, dcl_shelf *shelf, shelf_result *out) {
    char **names = (char **)&cli->inputs[2];
    size_t n = 1;
    dcl_status status = DCL_OK;
    if (cli->n_inputs < 3) status = dcl_shelf_names(shelf, &cli->arena, &names, &n, &cli->error);
    if (status) return status;
    out->model = dcl_arena_alloc(&cli->arena, n, sizeof *out->model);
    if (!out->model) return dcl_fail_memory(&cli->error, "what is on the shelf");
    for (; !status && out->n_models < n; out->n_models += !status)
        status = read_model(cli, shelf, names[out->n_models], &out->model[out->n_models]);
    return status;
}

/* Exit code 3 where a version is damaged: the list is there, and not all that it lists is good. */
static int say_damage(const session *cli, const shelf_result *result) {
    int code = CLI_DONE;
    for (size_t m = 0; m < result->n_models; m++)
        for (size_t i = 0; i < result->model[m].n; i++) {
            const dcl_shelf_version *version = &result->model[m].version[i];
            if (version->status == DCL_OK) continue;
            code = CLI_PART;
            say(cli, "declic: %s version %u is damaged: %s\n", result->model[m].name, version->number,
                version->said);
        }
    return code;
}

/* ---------------------------------------------------------------- verbs */

static int shelf_list(session *cli, dcl_shelf *shelf) {
    shelf_result result = {0};
    dcl_status status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (!cli->json && !result.n_models) say(cli, "declic: nothing is on this shelf\n");
    int damage = say_damage(cli, &result), code;
    if (cli->json) {
        code = write_json(cli, &result);
        return code ? code : damage;
    }
    dcl_text text = {0};
    if (result.n_models)
        dcl_text_format(&text, "%-28s %7s    %-20s %6s %10s  %s\n", "model", "version", "made", "parent",
                        "bytes", "kind");
    for (size_t m = 0; m < result.n_models; m++)
        for (size_t i = 0; i < result.model[m].n; i++) {
            const shelf_model *model = &result.model[m];
            const dcl_shelf_version *version = &model->version[i];
            char made[32] = "damaged";
            if (version->status == DCL_OK) dcl_time_format(version->card.made_us, made);
            dcl_text_format(&text, "%-28s %7u %c  %-20.20s %6u %10llu  %s\n", model->name, version->number,
                            version->number == model->current ? '*' : ' ', made, version->card.parent,
                            (unsigned long long)version->bytes, version->card.kind ? version->card.kind : "");
        }
    code = session_write(cli, &text);
    return code ? code : damage;
}

static void put_card(dcl_text *text, const shelf_model *model, const dcl_shelf_version *version) {
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
}

static int shelf_show(session *cli, dcl_shelf *shelf) {
    uint32_t number = 0;
    dcl_shelf_model found;
    if (cli->n_inputs > 3 && !read_number(cli, cli->inputs[3], &number)) return CLI_USAGE;
    shelf_model model = {.name = cli->inputs[2]};
    dcl_status status = dcl_shelf_read(shelf, model.name, number, &cli->arena, &found, &cli->error);
    uint32_t instead = status ? 0 : found.instead_of;
    if (!status && !instead) model.current = number ? 0 : found.version.number;
    if (!status && number) { /* whether that one serves */
        shelf_model all = {0};
        status = read_model(cli, shelf, model.name, &all);
        model.current = all.current;
    }
    if (status) return session_fail(cli, status);
    if (instead)
        say(cli, "declic: the current version of %s is damaged; version %u serves\n", model.name,
            found.version.number);
    model.version = &found.version;
    model.n = 1;
    if (cli->json) return write_json(cli, &(shelf_result){.model = &model, .n_models = 1});
    dcl_text text = {0};
    put_card(&text, &model, &found.version);
    return session_write(cli, &text);
}

/* The versions that diff compares: two numbers; one and the current; none: the current one's parent and the current one. */
static bool choose_two(session *cli, const shelf_model *model, shelf_result *out) {
    uint32_t number[2] = {0, model->current};
    for (size_t i = 3; i < cli->n_inputs; i++)
        if (!read_number(cli, cli->inputs[i], &number[i - 3])) return false;
    const dcl_shelf_version *current = find_version(model, model->current);
    if (!number[0] && current) number[0] = current->card.parent;
    if (!number[0] || !number[1])
        return session_usage(cli, "%s has no current version with a parent: say which two to compare",
                             model->name),
               false;
    const dcl_shelf_version *version[2];
    for (size_t i = 0; i < 2; i++) {
        version[i] = find_version(model, number[i]);
        if (!version[i]) return session_usage(cli, "%s has no version %u", model->name, number[i]), false;
        if (version[i]->status == DCL_OK) continue;
        cli->code =
            session_fail(cli, dcl_fail(&cli->error, version[i]->status, "%s version %u is damaged: %s",
                                       model->name, number[i], version[i]->said));
        return false;
    }
    out->before = version[0], out->after = version[1];
    return true;
}

static int shelf_diff(session *cli, dcl_shelf *shelf) {
    shelf_result result = {0};
    dcl_status status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (!choose_two(cli, &result.model[0], &result)) return cli->code ? cli->code : CLI_USAGE;
    if (cli->json) return write_json(cli, &result);
    dcl_text text = {0};
    dcl_text_format(&text, "%s version %u → %u\n", result.model[0].name, result.before->number,
                    result.after->number);
    size_t head = text.n;
    compare(result.before, result.after, put_change_text, &text);
    if (text.n == head) dcl_text_put(&text, "no difference but when they were made\n");
    return session_write(cli, &text);
}

static int shelf_rollback(session *cli, dcl_shelf *shelf) {
    const char *name = cli->inputs[2];
    shelf_model model = {0};
    shelf_result result = {0};
    if (cli->n_inputs > 3 && !read_number(cli, cli->inputs[3], &result.chosen)) return CLI_USAGE;
    dcl_status status = read_model(cli, shelf, name, &model);
    if (status) return session_fail(cli, status);
    const dcl_shelf_version *current = find_version(&model, model.current);
    if (!result.chosen && current) result.chosen = current->card.parent;
    if (!result.chosen)
        return session_usage(cli, "%s has no current version with a parent: say which version shall serve",
                             name);
    status = dcl_shelf_choose(shelf, name, result.chosen, &cli->error);
    if (!status && cli->json) status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (cli->json) return write_json(cli, &result);
    dcl_text text = {0};
    dcl_text_format(&text, "%s: version %u serves", name, result.chosen);
    if (model.current && model.current != result.chosen)
        dcl_text_format(&text, " in place of %u", model.current);
    dcl_text_put(&text, "\n");
    return session_write(cli, &text);
}

enum { KEEP = 3 };

static int shelf_prune(session *cli, dcl_shelf *shelf) {
    shelf_result result = {0};
    uint32_t keep = cli->keep > 0 && cli->keep < DCL_SHELF_NUMBERS ? (uint32_t)cli->keep : KEEP;
    dcl_status status = dcl_shelf_prune(shelf, cli->inputs[2], keep, cli->dry_run, &cli->arena,
                                        &result.removed, &result.n_removed, &cli->error);
    if (!status) status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (cli->json) return write_json(cli, &result);
    dcl_text text = {0};
    dcl_text_format(&text, "%s: ", cli->inputs[2]);
    for (size_t i = 0; i < result.n_removed; i++)
        dcl_text_format(&text, "%s%u", i ? ", " : "", result.removed[i]);
    dcl_text_put(&text, !result.n_removed ? "nothing to remove\n"
                        : cli->dry_run    ? " would be removed\n"
                                          : " removed\n");
    return session_write(cli, &text);
}

/* The file of a model as a new version; what trained it knows more of it than this card says. */
static int shelf_add(session *cli, dcl_shelf *shelf) {
    char *bytes = NULL;
    size_t n;
    uint32_t current = 0;
    shelf_result result = {0};
    dcl_shelf_model now;
    const dcl_card_version by = {"declic", DCL_VERSION};
    const char *name = cli->inputs[2];
    if (cli->n_inputs < 4)
        return session_usage(cli, "shelf add needs a file: declic shelf add SHELF MODEL FILE");
    dcl_status status = dcl_file_read(cli->inputs[3], DCL_SHELF_LARGEST, &bytes, &n, &cli->error);
    if (!status && !n)
        status = dcl_fail_file(&cli->error, DCL_E_NO_DATA, cli->inputs[3], "is empty: no model");
    if (!status && dcl_shelf_read(shelf, name, 0, &cli->arena, &now, &(dcl_error){0}) == DCL_OK)
        current = now.version.number;
    const dcl_card card = {.kind = "file",
                           .why = "added by hand",
                           .made_us = cli->context.now_us,
                           .seed = cli->context.seed,
                           .parent = current,
                           .version = &by,
                           .n_versions = 1};
    if (!status) status = dcl_shelf_add(shelf, name, bytes, n, &card, true, &result.chosen, &cli->error);
    free(bytes);
    if (!status && cli->json) status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (cli->json) return write_json(cli, &result);
    dcl_text text = {0};
    dcl_text_format(&text, "%s: version %u serves\n", name, result.chosen);
    return session_write(cli, &text);
}

static const struct {
    const char *name, *arguments;
    size_t least, most; /* words, the verb included */
    int (*run)(session *cli, dcl_shelf *shelf);
} verbs[] = {{"list", "SHELF [MODEL]", 2, 3, shelf_list},
             {"show", "SHELF MODEL [VERSION]", 3, 4, shelf_show},
             {"diff", "SHELF MODEL [VERSION [VERSION]]", 3, 5, shelf_diff},
             {"rollback", "SHELF MODEL [VERSION]", 3, 4, shelf_rollback},
             {"prune", "SHELF MODEL [--keep N] [--dry-run]", 3, 3, shelf_prune},
             {"add", "SHELF MODEL FILE", 4, 4, shelf_add}};
enum { VERBS = sizeof verbs / sizeof *verbs };

/* What a person meant whose first word is no verb. */
static int unknown_verb(session *cli, const char *word) {
    const char *names[VERBS];
    struct stat info;
    for (size_t i = 0; i < VERBS; i++) names[i] = verbs[i].name;
    if (stat(word, &info) == 0 && S_ISDIR(info.st_mode))
        return session_usage(
            cli, "what shall be done with the shelf %s? To see what is on it: declic shelf list %s", word,
            word);
    const char *near = nearest(word, names, VERBS);
    if (near) return session_usage(cli, "shelf has no %s; did you mean %s?", word, near);
    return session_usage(cli, "shelf has no %s: it has list, show, diff, rollback, prune and add", word);
}

int run_shelf(session *cli) {
    size_t v = 0;
    dcl_shelf *shelf;
    while (v < VERBS && strcmp(verbs[v].name, cli->inputs[0]) != 0) v++;
    if (v == VERBS) return unknown_verb(cli, cli->inputs[0]);
    if (cli->n_inputs < verbs[v].least || cli->n_inputs > verbs[v].most)
        return session_usage(cli, "shelf %s takes: declic shelf %s %s", verbs[v].name, verbs[v].name,
                             verbs[v].arguments);
    if ((cli->keep || cli->dry_run) && verbs[v].run != shelf_prune)
        return session_usage(cli, "--keep and --dry-run belong to shelf prune");
    if (cli->n_inputs > 2 && !dcl_shelf_name_valid(cli->inputs[2]))
        return session_usage(cli, "%s is no name of a model: letters, digits, _ . and -, at most %d",
                             cli->inputs[2], DCL_SHELF_NAME);
    dcl_status status = dcl_shelf_open(cli->inputs[1], verbs[v].run == shelf_add, &shelf, &cli->error);
    if (status) return session_fail(cli, status);
    int code = verbs[v].run(cli, shelf);
    dcl_shelf_close(&shelf);
    return code;
}
