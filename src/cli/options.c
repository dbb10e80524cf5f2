/* Every option of every command, once: parsing, help, man pages and completion come from this table. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <declic/tariff.h>

#include "cli/cli.h"

#define AT(field) offsetof(session, field)

const cli_option cli_options[] = {
    {"output", 'o', "FILE", TAKES_OUTPUT, OPTION_TEXT, AT(output),
     "where the result goes; - is standard output where it is a text"},
    {"panel", 0, NULL, TAKES_PANEL, OPTION_FLAG, AT(panel),
     "the input is a panel of homes: a page for each, and index.html, into the folder -o; with --json each "
     "page's numbers beside it"},
    {"forecast", 0, "MODEL", TAKES_PANEL, OPTION_TEXT, AT(forecast),
     "a model of the horizon day that `declic learn forecast` made; without it a plain rule forecasts"},
    {"similar", 0, "CLUSTERS", TAKES_PANEL, OPTION_TEXT, AT(similar),
     "clusters of real homes, that `declic cluster` wrote: the home is shown beside those of its cluster, "
     "where they are eleven or "
     "more"},
    {"json", 0, NULL, TAKES_JSON, OPTION_FLAG, AT(json),
     "the result as one JSON object; the man page lists its keys"},
    {"csv", 0, NULL, TAKES_CSV, OPTION_FLAG, AT(csv), "the result as CSV"},
    {"as", 0, "FORM", TAKES_AS, OPTION_TEXT, AT(as),
     "what is written: csv, or nilmtk (HDF5 tables); default nilmtk where -o ends in .h5, else csv"},
    {"tariff", 0, "NAME", TAKES_TARIFF, OPTION_TEXT, AT(tariff), "the home's tariff: base, hc or tempo"},
    {"subscribed", 0, "KVA", TAKES_TARIFF, OPTION_KVA, AT(subscribed_kva),
     "subscribed power: 3, 6, 9, 12, 15, 18, 24, 30 or 36"},
    {"hc", 0, "HOURS", TAKES_TARIFF, OPTION_TEXT, AT(hours),
     "off-peak hours, as 22:00-06:00,12:30-14:30 or as on the bill: 22h-6h; from a day on: "
     "2025-11-15=23:00-07:00"},
    {"tariff-file", 0, "FILE", TAKES_TARIFF, OPTION_TEXT, AT(tariff_file),
     "JSON with price lists and day colours in place of those compiled in"},
    {"lang", 0, "LANG", TAKES_LANG, OPTION_TEXT, AT(lang),
     "language of the report: fr or en; default from LANG, else fr"},
    {"min-step", 0, "W", TAKES_STEPS, OPTION_REAL, AT(min_step), "smallest step reported; default 25"},
    {"id", 0, "NAME", TAKES_STORE, OPTION_TEXT, AT(id), "name of the home in the store; default home1"},
    {"label", 0, "NAME", TAKES_LABEL, OPTION_TEXT, AT(label),
     "what you call this home: on its page, in a store, a forecast and their logs"},
    {"alias-key", 0, "FILE", TAKES_INPUT | TAKES_RETRAIN, OPTION_TEXT, AT(alias_key),
     "call homes by an alias of their meter's address or id, made with this secret key of 32 bytes. Make one "
     "with: "
     "(umask 077; head -c 32 /dev/urandom > FILE)"},
    {"deflate", 0, NULL, TAKES_STORE, OPTION_FLAG, AT(deflate),
     "deflate instead of blosc, for readers without its filter"},
    {"append", 0, NULL, TAKES_APPEND, OPTION_FLAG, AT(append), "add days or homes to the panel that -o is"},
    {"homes", 'n', "HOMES", TAKES_TOWN, OPTION_COUNT, AT(homes), "homes to simulate; default 1"},
    {"days", 0, "DAYS", TAKES_TOWN, OPTION_COUNT, AT(days), "days to simulate; default 7, of a panel a year"},
    {"year", 0, "YEAR", TAKES_TOWN, OPTION_COUNT, AT(year), "the whole of this civil year"},
    {"step", 0, "TIME", TAKES_TOWN, OPTION_DURATION, AT(step_us),
     "distance of samples, as 1s or 30min; default 1s. The same as --period"},
    {"mix", 0, "FILE", TAKES_TOWN, OPTION_TEXT, AT(mix),
     "shares of the kinds of household, rows of a CSV kind,share; default the usual ones"},
    {"share", 0, "KIND=SHARE", TAKES_TOWN, OPTION_LIST, AT(columns),
     "the share of one kind, as family_gas=0.3; repeatable, others have none"},
    {"weather", 0, "FILE", TAKES_TOWN | TAKES_CLUSTER | TAKES_FORECAST, OPTION_TEXT, AT(weather),
     "temperatures, hourly or more often, as a CSV time_utc,temperature_c. A town without them has a French "
     "year drawn "
     "from the seed; "
     "clusters then do not tell how homes answer to cold"},
    {"tic", 0, NULL, TAKES_TOWN, OPTION_FLAG, AT(tic),
     "one home as its meter's télé-information, a time of arrival before each group"},
    {"replay", 0, "RATE", TAKES_TOWN, OPTION_REAL, AT(replay),
     "the same on standard output as it would arrive, so many times as fast; 1 is real time"},
    {"model", 0, "MODEL", TAKES_MODEL, OPTION_TEXT, AT(model), "a model that `declic learn` made"},
    {"other-home", 0, NULL, TAKES_MODEL, OPTION_FLAG, AT(other_home),
     "the home is none that the model was learned from: fridges and freezers are followed by the home's own "
     "steps"},
    {"plug", 0, "NAME=FILE", TAKES_LEARN, OPTION_PLUG, AT(plugs),
     "a smart plug that was worn beside the meter, and what it measured; repeatable"},
    {"trust-plugs", 0, NULL, TAKES_LEARN, OPTION_FLAG, AT(trust_plugs),
     "take a plug as it is where its steps are too few to tell its clock"},
    {"devices", 0, "FILE", TAKES_LEARN, OPTION_TEXT, AT(devices),
     "CSV input,device,type: which part of which input (a plug, a sub-meter) is a device of which type; the "
     "model names "
     "types"},
    {"copies", 0, "N", TAKES_LEARN, OPTION_SEED, AT(copies),
     "mixed copies of the homes to learn from besides; default by their length"},
    {"name", 0, "\"unknown N=NAME\"", TAKES_LEARN, OPTION_NAMES, AT(names),
     "what unknown N of declic cycles is; repeatable: then loads are learned from one home's cycles"},
    {"rows", 0, "N", TAKES_LEARN | TAKES_BACKTEST | TAKES_RETRAIN, OPTION_COUNT, AT(rows),
     "moments to learn from at most; default 90000. Of devices, runs of each; default 40. Of forecasts; "
     "default 300000, "
     "without --model and every night 60000"},
    {"on", 0, "W", TAKES_SCORE, OPTION_REAL, AT(on_w),
     "above it an appliance is on; default half of the mean of its truth above 15 W"},
    {"tolerance", 0, "TIME", TAKES_SCORE, OPTION_DURATION, AT(tolerance_us),
     "events so near to each other match; default 60s or two steps"},
    {"horizon", 0, "HORIZON", TAKES_FORECAST, OPTION_TEXT, AT(horizon),
     "what is forecast: 10s, minute, hour, day or today; default that of the model, else day"},
    {"phase", 0, "N", TAKES_FORECAST, OPTION_COUNT, AT(phase),
     "of a home on three phases, phase 1, 2 or 3; default all"},
    {"rounds", 0, "N", TAKES_FORECAST, OPTION_COUNT, AT(rounds),
     "trees of each quantile that is learned; default by the data"},
    {"with", 0, "MODEL", TAKES_LEARN | TAKES_RETRAIN, OPTION_TEXT, AT(with),
     "forecast: a model of many homes that the new one contains as well; the better one leads on each home"},
    {"gateway", 0, NULL, TAKES_LEARN, OPTION_FLAG, AT(gateway),
     "forecast: a model that the meter's microcontroller runs (declic gateway), of what it sees itself"},
    {"quantised", 0, NULL, TAKES_BACKTEST, OPTION_FLAG, AT(quantised),
     "of a model for gateways: by the integers that a gateway runs, the same to the last bit"},
    {"backtest", 0, NULL, TAKES_BACKTEST, OPTION_FLAG, AT(backtest),
     "roll through the past from --from to --to instead, beside plain baselines"},
    {"every", 0, "TIME", TAKES_BACKTEST, OPTION_DURATION, AT(every_us),
     "with --backtest, how far apart forecasts are made; default a day, of an hour 1h, of less its own "
     "length"},
    {"k", 'k', "K", TAKES_CLUSTER, OPTION_TEXT, AT(k),
     "clusters; default auto: 2 to 10 are tried and compared"},
    {"by", 0, "WHAT", TAKES_CLUSTER, OPTION_TEXT, AT(by),
     "what homes are compared by: shapes (mean days) or habits (when something goes on); default habits for "
     "1,000 homes and more"},
    {"init", 0, "FILE", TAKES_CLUSTER, OPTION_TEXT, AT(init),
     "clusters to start from: a CSV home,cluster or a file of clusters"},
    {"assign", 0, "CLUSTERS", TAKES_CLUSTER, OPTION_TEXT, AT(assign),
     "put the homes into the clusters of this file instead of finding new ones"},
    {"report", 0, "FILE", TAKES_CLUSTER | TAKES_BACKTEST | TAKES_SHELF, OPTION_TEXT, AT(page),
     "a page for the analyst: of the clusters, of --backtest, of the card that shelf show shows"},
    {"attributes", 0, "TABLE", TAKES_CLUSTER, OPTION_TEXT, AT(attributes),
     "a CSV of what else is known of the homes, to compare with the clusters"},
    {"keep", 0, "N", TAKES_SHELF, OPTION_COUNT, AT(keep),
     "versions that prune keeps besides the current one and its parent: the newest; default 3"},
    {"output", 'o', "DIR", TAKES_GATEWAY, OPTION_TEXT, AT(folder), "the folder that the files go to"},
    {"format", 0, "FORM", TAKES_GATEWAY, OPTION_TEXT, AT(form),
     "blob (files to send to gateways), c (one C file and its header) or esp-idf (a component with the "
     "gateway's "
     "code); default blob"},
    {"dry-run", 0, NULL, TAKES_SHELF | TAKES_RETRAIN, OPTION_FLAG, AT(dry_run),
     "tell what would be removed or done, and write nothing"},
    {"shelf", 0, "DIR", TAKES_RETRAIN, OPTION_TEXT, AT(shelf), "the shelf of models"},
    {"data", 0, "DIR", TAKES_RETRAIN, OPTION_TEXT, AT(data),
     "what the homes measured: a file, store or folder of each, called like its model"},
    {"new", 0, NULL, TAKES_RETRAIN, OPTION_FLAG, AT(first),
     "make a first model of forecasts of each home that has none; other kinds: declic shelf add"},
    {"format", 0, "NAME", TAKES_INPUT, OPTION_TEXT, AT(format),
     "read as this format instead of detecting it"},
    {"home", 0, "ID", TAKES_INPUT, OPTION_TEXT, AT(home),
     "of an input of several homes (a store, a panel, Low Carbon London), this one"},
    {"from", 0, "TIME", TAKES_INPUT | TAKES_TOWN, OPTION_TEXT, AT(from),
     "only from this moment on, as 2024-01-31 or 2024-01-31T12:00"},
    {"to", 0, "TIME", TAKES_INPUT, OPTION_TEXT, AT(to), "only before this moment"},
    {"period", 0, "TIME", TAKES_INPUT | TAKES_TOWN, OPTION_DURATION, AT(period_us),
     "step of the series, as 1s, 1min or 30min; default the file's own"},
    {"max-gap", 0, "TIME", TAKES_INPUT, OPTION_DURATION, AT(max_gap_us),
     "longest time that an irregular sample holds; default by the file's rhythm"},
    {"start", 0, "TIME", TAKES_INPUT | TAKES_GATEWAY, OPTION_TEXT, AT(start),
     "moment of the first byte of a capture that carries no time, or of second 0 of a CSV that counts "
     "seconds"},
    {"time", 0, "COLUMN", TAKES_INPUT, OPTION_TEXT, AT(time_column), "CSV: the column of times"},
    {"column", 0, "NAME=CHANNEL:UNIT", TAKES_INPUT, OPTION_LIST, AT(columns),
     "CSV: a column, its channel and unit (Puissance=power_w:kW); repeatable"},
    {"stamps", 0, "start|end", TAKES_INPUT, OPTION_TEXT, AT(stamps),
     "CSV: what a stamp marks of its interval; default start"},
    {"only", 0, "PLUGS", TAKES_INPUT, OPTION_TEXT, AT(only), "of a folder of plugs, only these (01,05)"},
    {"without", 0, "PLUGS", TAKES_INPUT, OPTION_TEXT, AT(without), "of a folder of plugs, all but these"},
    {"max-power", 0, "W", TAKES_INPUT, OPTION_REAL, AT(max_power),
     "readings above are absurd and left out; default 90000"},
    {"strict", 0, NULL, TAKES_INPUT, OPTION_FLAG, AT(strict),
     "refuse a file with a bad row instead of counting it"},
    {"zone", 0, "ZONE", TAKES_COMMON, OPTION_TEXT, AT(zone_name), "zone of civil time; default Europe/Paris"},
    {"threads", 0, "N", TAKES_COMMON, OPTION_COUNT, AT(threads),
     "threads; default all processors. Results do not depend on it"},
    {"isa", 0, "NAME", TAKES_COMMON, OPTION_TEXT, AT(isa),
     "instruction set: scalar, avx2 or avx512. Results do not depend on it"},
    {"seed", 0, "N", TAKES_COMMON, OPTION_SEED, AT(seed), "seed of random numbers; default 1"},
    {"now", 0, "TIME", TAKES_COMMON, OPTION_TEXT, AT(now), "take this for the present"},
    {"quiet", 'q', NULL, TAKES_COMMON, OPTION_FLAG, AT(quiet), "say nothing but errors"},
    {"help", 'h', NULL, TAKES_COMMON, OPTION_FLAG, AT(help), "this help"},
};
const size_t n_options = sizeof cli_options / sizeof *cli_options;

/* `90s`, `30min`, `1h`, `1d`, or plain seconds. */
static bool read_duration(const char *text, int64_t *out) {
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"s", DCL_SECOND_US},
                 {"", DCL_SECOND_US},
                 {"min", DCL_MINUTE_US},
                 {"h", DCL_HOUR_US},
                 {"d", DCL_DAY_US}};
    char *end;
    double count = strtod(text, &end);
    if (end == text || !(count > 0) || count > 1e6) return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(end, units[i].unit) != 0) continue;
        *out = (int64_t)llround(count * (double)units[i].us);
        return *out > 0;
    }
    return false;
}

static bool read_count(const char *text, int64_t *out) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || value < 0) return false;
    *out = value;
    return true;
}

/* Puts the value into the option's field. Returns what was expected where it does not fit, NULL where it does. */
static const char *store_value(session *cli, const cli_option *option, const char *value) {
    void *field = (char *)cli + option->offset;
    switch (option->kind) {
    case OPTION_FLAG: *(bool *)field = true; return NULL;
    case OPTION_TEXT: *(const char **)field = value; return NULL;
    case OPTION_LIST:
        if (cli->n_columns == COLUMNS_MAX) return "at most 32 columns";
        cli->columns[cli->n_columns++] = value;
        return NULL;
    case OPTION_PLUG:
        if (cli->n_plugs == PLUGS_MAX) return "at most 32 plugs";
        cli->plugs[cli->n_plugs++] = value;
        return NULL;
    case OPTION_NAMES:
        if (cli->n_names == NAMES_MAX) return "at most 64 names";
        cli->names[cli->n_names++] = value;
        return NULL;
    case OPTION_COUNT:
        return read_count(value, field) && *(int64_t *)field > 0 ? NULL : "a whole number from 1";
    case OPTION_SEED: return read_count(value, field) ? NULL : "a whole number from 0";
    case OPTION_KVA:
        for (size_t i = 0; power_word(value, field) && dcl_subscribed_kva(i); i++)
            if (dcl_subscribed_kva(i) == *(int64_t *)field) return NULL;
        return "a power that is sold: 3, 6, 9, 12, 15, 18, 24, 30 or 36 kVA";
    case OPTION_DURATION: return read_duration(value, field) ? NULL : "a time like 10s, 30min or 1h";
    case OPTION_REAL: {
        char *end;
        double number = strtod(value, &end);
        if (end == value || *end || !isfinite(number) || number <= 0) return "a number above 0";
        *(double *)field = number;
        return NULL;
    }
    }
    return NULL;
}

static const cli_option *find_option(const session *cli, const char *word, size_t n, bool is_long) {
    for (size_t i = 0; i < n_options; i++) {
        if (!(cli_options[i].takes & cli->command->takes)) continue;
        if (!is_long && cli_options[i].letter == *word) return &cli_options[i];
        if (is_long && strlen(cli_options[i].name) == n && memcmp(cli_options[i].name, word, n) == 0)
            return &cli_options[i];
    }
    return NULL;
}

/* The commands that have an option which this one has not. */
static void say_owners(const session *cli, const char *word, const char *name) {
    char owners[128] = "";
    size_t n = 0;
    for (size_t i = 0; i < n_options; i++)
        for (size_t c = 0; strcmp(cli_options[i].name, name) == 0 && c < n_commands; c++)
            if ((cli_options[i].takes & cli_commands[c].takes) && n < sizeof owners - 16)
                n += (size_t)snprintf(owners + n, sizeof owners - n, "%s%s", n ? ", " : "",
                                      cli_commands[c].name);
    if (n)
        session_usage(cli, "%s has no option %s; it belongs to: %s", cli->command->name, word, owners);
    else
        session_usage(cli, "%s has no option %s", cli->command->name, word);
}

static bool fail_option(const session *cli, const char *word) {
    const char *names[64], *name = word + strspn(word, "-");
    size_t n = 0;
    for (size_t i = 0; i < n_options && n < 64; i++)
        if (cli_options[i].takes & cli->command->takes) names[n++] = cli_options[i].name;
    const char *near = nearest(name, names, n);
    if (near)
        session_usage(cli, "%s has no option %s; did you mean --%s?", cli->command->name, word, near);
    else
        say_owners(cli, word, name);
    return false;
}

/* `-out FILE` is meant for --output, not for a file called "ut". */
static bool is_long_with_one_dash(const session *cli, const char *word) {
    size_t n = strlen(word + 1);
    for (size_t i = 0; word[1] != '-' && n > 1 && i < n_options; i++)
        if ((cli_options[i].takes & cli->command->takes) && strncmp(word + 1, cli_options[i].name, n) == 0)
            return true;
    return false;
}

/* One option that begins at argv[*i]; steps over the value where it takes the next word. */
static bool parse_option(session *cli, int argc, char **argv, int *i) {
    const char *word = argv[*i], *name = word + (word[1] == '-' ? 2 : 1);
    const char *equals = word[1] == '-' ? strchr(name, '=') : NULL;
    size_t n = equals ? (size_t)(equals - name) : word[1] == '-' ? strlen(name) : 1;
    const cli_option *option = find_option(cli, name, n, word[1] == '-');
    if (!option || is_long_with_one_dash(cli, word) || (word[1] != '-' && !option->value && name[1]))
        return fail_option(cli, word);
    const char *value = equals ? equals + 1 : word[1] != '-' && name[1] ? name + 1 : NULL;
    if (option->value && !value) {
        if (*i + 1 >= argc)
            return session_usage(cli, "--%s needs a value: %s", option->name, option->value), false;
        value = argv[++*i];
    } else if (!option->value && value) {
        return session_usage(cli, "--%s takes no value", option->name), false;
    }
    const char *expected = store_value(cli, option, value);
    if (expected) return session_usage(cli, "--%s %s: expected %s", option->name, value, expected), false;
    return true;
}

/* What the words must be together. */
static bool check_words(const session *cli) {
    const cli_command *command = cli->command;
    if ((int)cli->n_inputs < command->inputs_min)
        return session_usage(cli, "%s needs %s: declic %s %s", command->name,
                             cli->n_inputs ? "one more input" : "an input", command->name,
                             command->arguments),
               false;
    if (command->inputs_max >= 0 && (int)cli->n_inputs > command->inputs_max)
        return session_usage(cli, "one input too many: %s", cli->inputs[command->inputs_max]), false;
    if (cli->json && cli->csv) return session_usage(cli, "--json and --csv: one of the two"), false;
    return true;
}

bool parse_options(session *cli, int argc, char **argv) {
    bool only_inputs = false;
    for (int i = 2; i < argc; i++) {
        if (!only_inputs && strcmp(argv[i], "--") == 0)
            only_inputs = true;
        else if (!only_inputs && argv[i][0] == '-' && argv[i][1]) {
            if (!parse_option(cli, argc, argv, &i)) return false;
        } else {
            cli->inputs[cli->n_inputs++] = argv[i];
        }
    }
    return cli->help || check_words(cli);
}
