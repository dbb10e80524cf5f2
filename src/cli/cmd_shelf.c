/* declic shelf: versions of models, looked at and chosen. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <declic/forecast.h>
#include <declic/gateway.h>

#include "base/file.h"
#include "base/status.h"
#include "cli/shelf.h"
#include "learn/pack.h"

#include <declic/report_card.h>

/* ---------------------------------------------------------------- what is there */

/* A version's number: digits, with or without zeros before them. */
static bool read_number(session *cli, const char *word, uint32_t *out) {
    size_t n = strlen(word);
    if (n < 1 || n > 6 || strspn(word, "0123456789") != n || !(*out = (uint32_t)strtoul(word, NULL, 10)))
        return session_usage(cli, "%s: expected the number of a version, as shelf list shows them", word),
               false;
    return true;
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
        code = shelf_write_json(cli, &result);
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

/* The card of a version as a page, beside the others on the shelf. */
static int show_page(session *cli, dcl_shelf *shelf, const char *name, uint32_t number) {
    shelf_model all = {0};
    dcl_lang lang;
    const char *html;
    size_t n;
    if (!choose_lang(cli, &lang) || !check_page(cli)) return CLI_USAGE;
    dcl_status status = read_model(cli, shelf, name, &all);
    const dcl_card_report report = {name, all.version, all.n, find_version(&all, number), all.current};
    if (!status && !report.shown) status = dcl_fail(&cli->error, DCL_E_NOT_FOUND, "the version went away");
    if (!status) status = dcl_card_html(&cli->context, &report, lang, &cli->arena, &html, &n, &cli->error);
    return status ? session_fail(cli, status) : session_write_page(cli, html, n);
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
    if (cli->page) return show_page(cli, shelf, model.name, found.version.number);
    model.version = &found.version;
    model.n = 1;
    if (cli->json) return shelf_write_json(cli, &(shelf_result){.model = &model, .n_models = 1});
    dcl_text text = {0};
    shelf_put_card(&text, &model, &found.version);
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
    if (cli->json) return shelf_write_json(cli, &result);
    dcl_text text = {0};
    shelf_put_changes(&text, &result);
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
    if (cli->json) return shelf_write_json(cli, &result);
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
    if (cli->json) return shelf_write_json(cli, &result);
    dcl_text text = {0};
    dcl_text_format(&text, "%s: ", cli->inputs[2]);
    for (size_t i = 0; i < result.n_removed; i++)
        dcl_text_format(&text, "%s%u", i ? ", " : "", result.removed[i]);
    dcl_text_put(&text, !result.n_removed ? "nothing to remove\n"
                        : cli->dry_run    ? " would be removed\n"
                                          : " removed\n");
    return session_write(cli, &text);
}

static dcl_status describe_forecast(session *cli, const dcl_forecast_model *model, dcl_card *card) {
    dcl_forecast_about about = dcl_forecast_describe(model);
    dcl_card_feature *feature = dcl_arena_alloc(&cli->arena, about.features, sizeof *feature);
    if (!feature) return dcl_fail_memory(&cli->error, "a card");
    for (size_t i = 0; i < about.features; i++)
        feature[i].name = dcl_forecast_feature(model, i, &feature[i].unit);
    card->feature = feature, card->n_features = about.features;
    card->from_us = about.member[0].from_us;
    card->to_us = about.learned_to_us;
    return DCL_OK;
}

/* What the file says of itself. A damaged model is refused; what is no model of ours is kept as it is. */
static dcl_status describe_file(session *cli, const char *bytes, size_t n, dcl_forecast_model **forecast,
                                dcl_card *card) {
    dcl_pack pack;
    if (n < 8 || memcmp(bytes, "DCLMODEL", 8) != 0) {
        say(cli, "declic: note: %s is no model that declic learn made; it is kept as it is\n",
            cli->inputs[3]);
        return DCL_OK;
    }
    dcl_error error = {0};
    dcl_status status = dcl_pack_open(bytes, n, NULL, &cli->arena, &pack, &error);
    if (!status) card->kind = pack.kind;
    if (!status && strcmp(pack.kind, "forecast") == 0) status = dcl_forecast_open(bytes, n, forecast, &error);
    if (status) return dcl_fail_file(&cli->error, status, cli->inputs[3], "%s", error.msg);
    return *forecast ? describe_forecast(cli, *forecast, card) : DCL_OK;
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
    dcl_card card = {.kind = "file",
                     .why = "added by hand",
                     .made_us = cli->context.now_us,
                     .seed = cli->context.seed,
                     .parent = current,
                     .version = &by,
                     .n_versions = 1};
    dcl_card_file file[DCL_BLOB_KINDS];
    dcl_gateway_model *gateway = NULL;
    dcl_forecast_model *forecast = NULL;
    if (!status) status = describe_file(cli, bytes, n, &forecast, &card);
    if (!status && dcl_gateway_model_is(bytes, n) && !dcl_gateway_model_open(bytes, n, &gateway, NULL))
        card.file = file, card.n_files = dcl_gateway_files(gateway, file);
    if (!status) status = dcl_shelf_add(shelf, name, bytes, n, &card, true, &result.chosen, &cli->error);
    dcl_forecast_close(&forecast);
    if (gateway) dcl_gateway_model_close(&gateway);
    free(bytes);
    if (!status && cli->json) status = read_result(cli, shelf, &result);
    if (status) return session_fail(cli, status);
    if (cli->json) return shelf_write_json(cli, &result);
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
    if (cli->page && verbs[v].run != shelf_show) return session_usage(cli, "--report belongs to shelf show");
    if (cli->page && cli->json) return session_usage(cli, "--report and --json: one of the two");
    if (cli->n_inputs > 2 && !dcl_shelf_name_valid(cli->inputs[2]))
        return session_usage(cli, "%s is no name of a model: letters, digits, _ . and -, at most %d",
                             cli->inputs[2], DCL_SHELF_NAME);
    dcl_status status = dcl_shelf_open(cli->inputs[1], verbs[v].run == shelf_add, &shelf, &cli->error);
    if (status) return session_fail(cli, status);
    int code = verbs[v].run(cli, shelf);
    dcl_shelf_close(&shelf);
    return code;
}
