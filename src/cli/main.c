/* The way from the words on the command line to a command. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/ranks.h"

static int unknown_command(const char *word) {
    static const char *const words[] = {"formats", "help"};
    const char *names[COMMANDS_MAX + 2];
    size_t n = 0;
    for (; n < n_commands; n++) names[n] = cli_commands[n].name;
    for (size_t i = 0; i < 2; i++) names[n++] = words[i];
    const char *near = nearest(word, names, n);
    if (word[0] == '-')
        return session_usage(NULL, "the command comes first, options after it: declic COMMAND %s …", word);
    if (near) return session_usage(NULL, "no command is called %s; did you mean %s?", word, near);
    if (access(word, F_OK) == 0)
        return session_usage(NULL, "%s is a file; to explain it: declic report %s -o report.html", word,
                             word);
    return session_usage(NULL, "no command is called %s", word);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c) {
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

/* What is no command of its own: help, man pages, completion, the list of formats. */
static int run_word(const char *word, const char *second) {
    const cli_command *command = second ? find_command(second) : NULL;
    bool help = is_one_of(word, "help", "-h", "--help"), man = strcmp(word, "--man") == 0;
    bool formats = strcmp(word, "formats") == 0;
    if (help && second && is_one_of(second, "formats", "help", "--help")) {
        formats = second[0] == 'f';
        help = !formats;
    } else if ((help || man) && second && !command) {
        return unknown_command(second);
    } else if (formats && second && !is_one_of(second, "-h", "--help", "help")) {
        return session_usage(NULL, "formats lists all formats and takes no argument");
    }
    if (is_one_of(word, "--version", "version", "-V"))
        puts("declic " DCL_VERSION);
    else if (formats)
        print_formats(stdout);
    else if (man)
        print_man(stdout, command);
    else if (strcmp(word, "--completion") == 0)
        print_completion(stdout);
    else if (help && command)
        print_command_help(stdout, command);
    else if (help)
        print_help(stdout);
    else
        return unknown_command(word);
    return CLI_DONE;
}

static int run_command(session *cli, int argc, char **argv) {
    if (!ranks_open(cli)) return CLI_USAGE;
    if (!parse_options(cli, argc, argv)) return CLI_USAGE;
    if (cli->help) {
        print_command_help(stdout, cli->command);
        return CLI_DONE;
    }
    if (!session_open(cli)) return cli->code ? cli->code : CLI_USAGE;
    return cli->command->run(cli);
}

/* Text that stayed in a buffer until now may still not arrive: a full disk, a closed output. */
static int finish_output(int code) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code == CLI_DONE) fputs("declic: standard output: cannot be written\n", stderr);
    return code == CLI_DONE ? CLI_FAILED : code;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    session cli = {.command = find_command(argv[1]), .seed = 1, .copies = -1};
    if (!cli.command) return finish_output(run_word(argv[1], argc > 2 ? argv[2] : NULL));
    cli.inputs = calloc((size_t)argc, sizeof *cli.inputs);
    if (!cli.inputs) return CLI_FAILED;
    int code = ranks_close(&cli, run_command(&cli, argc, argv));
    session_close(&cli);
    free(cli.inputs);
    return finish_output(code);
}
