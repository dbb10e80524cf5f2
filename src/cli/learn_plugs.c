/* Smart plugs worn beside a meter: their clocks put right, a model learned from them, and what that brings. */
#include "cli/learn_plugs.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/model.h"
#include "cli/plug_words.h"

/* ---------------------------------------------------------------- what was given */

static bool name_is_plain(const char *name, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || strchr(",\"/\x7f", name[i])) return false;
    return n > 0 && n < DCL_POWER_NAME;
}

static bool is_output(const session *cli, const char *path) {
    struct stat plug, output;
    return cli->output && stat(path, &plug) == 0 && stat(cli->output, &output) == 0 &&
           plug.st_dev == output.st_dev && plug.st_ino == output.st_ino;
}

/* NAME=FILE of every --plug. False after saying what is wrong. */
static bool take_words(session *cli, worn *plug) {
    for (size_t i = 0; i < cli->n_plugs; i++) {
        const char *word = cli->plugs[i], *equals = strchr(word, '=');
        size_t n = equals ? (size_t)(equals - word) : 0;
        if (!equals || !equals[1])
            return session_usage(cli, "--plug %s: expected NAME=FILE, as kettle=kettle.csv", word), false;
        if (!name_is_plain(word, n))
            return session_usage(cli, "--plug %s: a name has 1 to %d letters, none of them , \" or /", word,
                                 DCL_POWER_NAME - 1),
                   false;
        memcpy(plug[i].name, word, n);
        plug[i].path = equals + 1;
        if (strcmp(plug[i].name, "other") == 0 || strcmp(plug[i].name, "mains") == 0)
            return session_usage(cli, "--plug %s: %s is the name of what no plug measures", word,
                                 plug[i].name),
                   false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(plug[k].name, plug[i].name) == 0)
                return session_usage(cli, "--plug %s: two plugs are called %s", word, plug[i].name), false;
        if (is_output(cli, plug[i].path))
            return session_usage(cli, "-o %s is a plug's file as well: writing would lose it", cli->output),
                   false;
    }
    return true;
}

/* The meter as its file has it, and every plug on its own grid: its form is told from its content. */
static dcl_status read_all(session *cli, dcl_home *meter, worn *plug) {
    cli->read.without_truth = true;
    dcl_status status = dcl_home_read_all(&cli->context, cli->inputs + 1, cli->n_inputs - 1, &cli->read,
                                          &cli->arena, meter, &cli->error);
    clear_bar(cli);
    if (status) return status;
    say_read(cli, meter);
    meter->n_truth = 0;
    dcl_read_options options = dcl_read_defaults();
    options.zone = cli->read.zone;
    options.strict = cli->read.strict;
    options.from_us = cli->read.from_us;
    options.to_us = cli->read.to_us;
    for (size_t i = 0; i < cli->n_plugs; i++) {
        status =
            dcl_home_read(&cli->context, plug[i].path, &options, &cli->arena, &plug[i].home, &cli->error);
        clear_bar(cli);
        if (status) return status;
        say_read(cli, &plug[i].home);
    }
    return DCL_OK;
}

static bool is_refused(dcl_plug_verdict verdict) {
    return verdict == DCL_PLUG_CLOCK_OFF || verdict == DCL_PLUG_OTHER_HOME ||
           verdict == DCL_PLUG_NO_OVERLAP || verdict == DCL_PLUG_NO_POWER;
}

/* ---------------------------------------------------------------- aligning and joining */

/* Says a text on stderr, or makes it the error. */
static dcl_status end_text(session *cli, dcl_text *text, const char *path, bool as_error) {
    dcl_status status = text->failed ? DCL_E_MEMORY : DCL_OK;
    if (!status && as_error)
        status = dcl_fail_file(&cli->error, DCL_E_NO_DATA, path, "%s", text->at);
    else if (!status)
        say(cli, "declic: note: %s\n", text->at);
    dcl_text_free(text);
    return status;
}

/* Every plug that is refused is said; the last one's status is returned. */
static dcl_status align_all(session *cli, const dcl_home *meter, worn *plug) {
    dcl_plug_options options = dcl_plug_defaults();
    dcl_status refused = DCL_OK;
    for (size_t i = 0; i < cli->n_plugs; i++) {
        dcl_status status =
            dcl_plug_align(&cli->context, meter, &plug[i].home, &options, &plug[i].fit, &cli->error);
        clear_bar(cli);
        if (status) return status;
        dcl_plug_fit *fit = &plug[i].fit;
        plug[i].joined = fit->verdict == DCL_PLUG_FITS || (cli->trust_plugs && !is_refused(fit->verdict));
        if (fit->verdict == DCL_PLUG_FITS) continue;
        dcl_text text = {0};
        if (is_refused(fit->verdict)) {
            if (refused) session_fail(cli, refused);
            put_refusal(&text, meter, &plug[i]);
            refused = end_text(cli, &text, plug[i].path, true);
            continue;
        }
        fit->offset_s = fit->drift_ppm = 0;
        dcl_text_format(&text, "%s is %s: ", plug[i].name,
                        plug[i].joined ? "taken as it is" : "left out (--trust-plugs takes it as it is)");
        put_untold(&text, fit);
        status = end_text(cli, &text, plug[i].path, false);
        if (status) return status;
    }
    return refused;
}

static bool known_span(const dcl_series *series, int64_t *from_us, int64_t *to_us) {
    size_t first = 0, last = series->n;
    while (first < last && isnan(series->value[first])) first++;
    while (last > first && isnan(series->value[last - 1])) last--;
    if (first == last) return false;
    int64_t from = series->start_us + (int64_t)first * series->period_us,
            to = series->start_us + (int64_t)last * series->period_us;
    if (from < *from_us) *from_us = from;
    if (to > *to_us) *to_us = to;
    return true;
}

/* The plugs become parts of the home, which is cut to the whole days around them. */
static dcl_status join_all(session *cli, dcl_home *meter, worn *plug) {
    int64_t from_us = INT64_MAX, to_us = INT64_MIN;
    meter->truth = dcl_arena_alloc(&cli->arena, cli->n_plugs, sizeof *meter->truth);
    meter->truth_name = dcl_arena_alloc(&cli->arena, cli->n_plugs, sizeof *meter->truth_name);
    if (!meter->truth || !meter->truth_name) return dcl_fail_memory(&cli->error, "the plugs");
    for (size_t i = 0; i < cli->n_plugs; i++) {
        if (!plug[i].joined) continue;
        dcl_series *part = &meter->truth[meter->n_truth];
        dcl_status status =
            dcl_plug_resample(meter, &plug[i].home, &plug[i].fit, &cli->arena, part, &cli->error);
        if (status) return status;
        if (!known_span(part, &from_us, &to_us)) continue;
        memcpy(meter->truth_name[meter->n_truth++], plug[i].name, DCL_POWER_NAME);
    }
    if (!meter->n_truth)
        return dcl_fail(&cli->error, DCL_E_NO_DATA, "no plug is left to learn from; nothing was written");
    dcl_home_slice(meter, dcl_zone_day_start(cli->zone, dcl_zone_day(cli->zone, from_us)),
                   dcl_zone_day_start(cli->zone, dcl_zone_day(cli->zone, to_us - 1) + 1));
    return DCL_OK;
}

dcl_status read_worn_home(session *cli, dcl_home *out) {
    worn *plug = dcl_arena_alloc(&cli->arena, cli->n_plugs, sizeof *plug);
    if (!plug) return dcl_fail_memory(&cli->error, "the plugs");
    if (!take_words(cli, plug)) return dcl_fail(&cli->error, DCL_E_ARG, "a plug cannot be called so");
    dcl_status status = read_all(cli, out, plug);
    if (!status) status = align_all(cli, out, plug);
    return status ? status : join_all(cli, out, plug);
}

/* ---------------------------------------------------------------- all of it */

static int print(session *cli, const worn *plug, const dcl_plug_gains *gains, const dcl_power_model *model) {
    dcl_power_about about = dcl_power_describe(model);
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    if (cli->json) {
        dcl_json_begin(&json, '{');
        put_power_keys(&json, &about);
        dcl_json_key(&json, "plugs");
        put_plugs_json(&json, plug, cli->n_plugs);
        dcl_json_key(&json, "gain");
        put_gain_json(&json, gains);
        dcl_json_end(&json, '}');
    } else {
        for (size_t i = 0; i < cli->n_plugs; i++)
            if (plug[i].fit.verdict == DCL_PLUG_FITS) put_fit(&text, &plug[i]);
        put_gain(&text, gains);
        put_power_table(&text, &about);
    }
    if (cli->quiet && !cli->json) {
        dcl_text_free(&text);
        return CLI_DONE;
    }
    cli->output = NULL;
    return session_write(cli, &text) ? CLI_PART : CLI_DONE;
}

int learn_plugs(session *cli) {
    dcl_home meter;
    dcl_power_model *model = NULL;
    dcl_plug_gains gains;
    dcl_power_options options = power_options(cli);
    worn *plug = dcl_arena_alloc(&cli->arena, cli->n_plugs, sizeof *plug);
    if (!plug) return session_fail(cli, DCL_E_MEMORY);
    if (!take_words(cli, plug)) return CLI_USAGE;
    dcl_status status = read_all(cli, &meter, plug);
    if (!status) status = align_all(cli, &meter, plug);
    if (!status) status = join_all(cli, &meter, plug);
    if (!status) {
        say_too_much(cli, &meter);
        status = dcl_plug_judge(&cli->context, &meter, &options, &cli->arena, &gains, &cli->error);
    }
    if (!status) status = dcl_power_learn(&cli->context, &meter, 1, &options, &model, &cli->error);
    clear_bar(cli);
    if (!status) status = dcl_power_write(model, cli->output, &cli->error);
    cli->wrote = !status;
    int code = status ? session_fail(cli, status) : print(cli, plug, &gains, model);
    dcl_power_close(&model);
    return code;
}
