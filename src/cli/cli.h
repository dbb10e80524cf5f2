/* The program: one table of commands, one table of options; a command parses nothing itself. */
#ifndef DCL_CLI_H
#define DCL_CLI_H

#include <stdio.h>

#include <declic/base.h>
#include <declic/kernel.h>
#include <declic/report.h>
#include <declic/report_alias.h>
#include <declic/series.h>

#include "base/text.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_PART = 3, CLI_INTERRUPTED = 130 };

/** Which options a command takes. */
enum {
    TAKES_COMMON = 1 << 0,
    TAKES_INPUT = 1 << 1,
    TAKES_OUTPUT = 1 << 2,
    TAKES_CSV = 1 << 3,
    TAKES_JSON = 1 << 4,
    TAKES_STORE = 1 << 5,
    TAKES_TARIFF = 1 << 6,
    TAKES_TOWN = 1 << 7,
    TAKES_STEPS = 1 << 8,
    TAKES_LANG = 1 << 9,
    TAKES_AS = 1 << 10,
    TAKES_APPEND = 1 << 11,
    TAKES_MODEL = 1 << 12,
    TAKES_SCORE = 1 << 13,
    TAKES_LEARN = 1 << 14,
    TAKES_CLUSTER = 1 << 15,
    TAKES_FORECAST = 1 << 16, /* of learning one as well */
    TAKES_BACKTEST = 1 << 17,
    TAKES_GATEWAY = 1 << 18,
    TAKES_RANKS = 1 << 19, /* may be one of many processes */
    TAKES_SHELF = 1 << 20,
    TAKES_RETRAIN = 1 << 21,
    TAKES_LABEL = 1 << 22,
    TAKES_PANEL = 1 << 23
};

enum { COLUMNS_MAX = 32, PLUGS_MAX = 32, NAMES_MAX = 64, COMMANDS_MAX = 24 };

typedef struct session session;

typedef struct cli_command {
    const char *name, *arguments, *title;
    unsigned takes;
    int inputs_min, inputs_max; /* inputs_max -1 = any number */
    int (*run)(session *cli);
    const char *description; /* paragraphs; for help and man page */
    const char *json;        /* the keys of --json, a line each "key\ttext"; NULL where there is none */
    const char *examples;    /* lines "command\ttext" */
} cli_command;

/** What the command line said, and what every command works with. */
struct session {
    const cli_command *command;
    /* options as given */
    const char **inputs;
    size_t n_inputs;
    const char *output, *format, *from, *to, *start, *now, *zone_name, *isa, *lang, *id, *time_column;
    const char *only, *without, *stamps, *tariff, *tariff_file, *hours, *home, *as, *model, *devices;
    const char *horizon, *with, *shelf, *data;
    const char *k, *by, *init, *assign, *page, *attributes, *weather, *mix;
    const char *form, *folder; /* of the gateway */
    const char *alias_key, *label;
    const char *forecast, *similar; /* a model, clusters of real homes: for a report */
    const char *columns[COLUMNS_MAX];
    size_t n_columns;
    const char *plugs[PLUGS_MAX];
    size_t n_plugs;
    const char *names[NAMES_MAX];
    size_t n_names;
    int64_t threads, seed, period_us, max_gap_us, subscribed_kva, days, homes, step_us, tolerance_us, copies,
        rows, year, keep, rounds, phase, every_us;
    double max_power, min_step, on_w, replay;
    bool json, csv, quiet, strict, deflate, append, help, other_home, trust_plugs, tic, dry_run, backtest,
        first, panel, gateway, quantised;
    /* made from them */
    dcl_context context;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_arena arena;
    dcl_error error;
    dcl_read_options read;
    dcl_alias_key key; /* of --alias-key */
    dcl_column column[COLUMNS_MAX];
    struct {
        const char *what;
        double started, next; /* s of a monotonic clock */
        bool shown;
    } bar;
    struct ranks_link *ranks; /* other processes of one job; NULL = alone */
    void *ranks_module;
    bool wrote;     /* a file is there: what fails now fails in part */
    bool to_device; /* -o is a pipe or a device: written as it is, never replaced */
    char *resolved; /* the file behind -o where that is a link */
    int code;       /* exit code of an opening that failed for another reason than usage; else 0 */
};

extern const cli_command cli_commands[];
extern const size_t n_commands;
const cli_command *find_command(const char *name);

/* options.c */
typedef enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_LIST,
    OPTION_PLUG, /* another plug */
    OPTION_NAMES,
    OPTION_COUNT, /* from 1 */
    OPTION_SEED,  /* from 0 */
    OPTION_KVA,
    OPTION_REAL,
    OPTION_DURATION
} option_kind;
typedef struct cli_option {
    const char *name;
    char letter;
    const char *value; /* what stands for the value in help; NULL for a flag */
    unsigned takes;
    option_kind kind;
    size_t offset; /* of the field in cli */
    const char *help;
} cli_option;
extern const cli_option cli_options[];
extern const size_t n_options;
/** Reads argv[2…]. Returns false after saying on stderr what is wrong. */
bool parse_options(session *cli, int argc, char **argv);

/* help.c */
void print_help(FILE *to);
void print_command_help(FILE *to, const cli_command *command);
void print_formats(FILE *to);

/* man.c */
/** The man page of a command (or of the program, NULL) as scdoc source. */
void print_man(FILE *to, const cli_command *command);
void print_completion(FILE *to);

/* word.c */
/** The name that a word begins, or is nearest to; NULL when none is near. */
const char *nearest(const char *word, const char *const *names, size_t n);
/** The name of a tariff as bills write it (`HPHC`, `HP/HC`); the word itself where it is none. */
const char *tariff_word(const char *word);
/** Off-peak hours as bills and meters print them (`22h-6h`, `HC (1H30-7H30;12H30-14H30)`) in the form that
 *  dcl_hours_parse() reads. False where they are not of that form. */
bool hours_words(const char *words, dcl_text *text);
/** `9`, `9kVA`, `9 kVA`. */
bool power_word(const char *word, int64_t *kva);

/* message.c: all that goes to stderr */
/** Text without control codes and without runs of digits as long as a meter's address. */
void put_clean(FILE *to, const char *text);
bool terminal_is_plain(void);
/** Says on stderr what failed; returns the exit code that goes with it. */
int session_fail(session *cli, dcl_status status);
int session_usage(const session *cli, const char *format, ...) DCL_PRINTF(2, 3);
void say(const session *cli, const char *format, ...) DCL_PRINTF(2, 3);

/* progress.c */
void show_progress(void *arg, const char *what, const char *unit, uint64_t done, uint64_t total);
void clear_bar(session *cli);

/* output.c */
/** Refuses before any work an -o that cannot be written or that is an input. False after saying why. */
bool check_output(session *cli);
/** Writes a text to -o, or to stdout where there is none (or `-`). Releases the text. Returns an exit code. */
int session_write(session *cli, dcl_text *text);

/* page.c */
/** The page of --report is written like any -o: what cannot work is said before the work. False after saying why. */
bool check_page(session *cli);
/** Writes the page to --report, and says so. Returns an exit code. */
int session_write_page(session *cli, const char *html, size_t n);

/* session.c */
/** Fills context and read options from the options. False after saying what is wrong. */
bool session_open(session *cli);
void session_close(session *cli);
/** Reads the inputs as one home and says on stderr what was noted and left out. */
dcl_status session_read(session *cli, dcl_home *home);
/** Says on stderr what was noted and left out. */
void say_read(const session *cli, const dcl_home *home);
/** The homes of an input that is one store; false for any other input. */
bool session_homes(session *cli, char ***ids, size_t *n);
/** Whether a store or a panel is among the inputs: it keeps the step it has, what is read is read on the one asked for. */
bool session_has_grid(const session *cli);

/* stream.c */
/** Whether the command line asks for rows as they happen: --csv of standard input to standard output. */
bool is_stream(const session *cli);
/**
 * Follows standard input. DCL_E_UNSUPPORTED: it is of a format that is read whole; standard input is then as it was before.
 * Says what was noted and left out, and where the grid began anew.
 */
dcl_status session_follow(session *cli, dcl_live_fn take, void *arg);
/** Puts rows on standard output at once; the text is empty afterwards. */
dcl_status put_live(session *cli, dcl_text *text);

/** The language of --lang, else that of the messages of the session, else French. False after saying what is wrong. */
bool choose_lang(const session *cli, dcl_lang *lang);

/** Whether --label may stand on a page and in a log; says so where it may not. */
bool check_label(const session *cli);
/** Whether --id is a name; says so where it is not. */
bool check_id(session *cli);

int run_import(session *cli);
int run_export(session *cli);
int run_info(session *cli);
int run_edges(session *cli);
int run_cycles(session *cli);
int run_report(session *cli);
int run_town(session *cli);
int run_evaluate(session *cli);
int run_learn(session *cli);
/** learn appliances with --name: loads of one home that a person names (learn_names.c). */
int learn_names(session *cli);
int run_disaggregate(session *cli);
int run_cluster(session *cli);
int run_shelf(session *cli);
int run_gateway(session *cli);
int run_forecast(session *cli);
int run_retrain(session *cli);

#endif
