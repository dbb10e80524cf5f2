/* Help, from the tables of commands and options; a terminal of 80 columns holds it. */
#include <string.h>

#include "cli/cli.h"

enum { WIDTH = 79, NAME_WIDTH = 26 };

void print_formats(FILE *to) {
    for (size_t i = 0; dcl_format_name(i); i++)
        fprintf(to, "%-12s %s\n", dcl_format_name(i), dcl_format_title(i));
    fprintf(to, "%-12s %s\n", "store", "our own HDF5 store, as import writes it");
    fputs("\nThe format is told from the content; --format NAME forces one. Compressed files (gz,\n"
          "bz2, xz, zst), archives (zip, tar, 7z) and folders are read as they are.\n",
          to);
}

void print_help(FILE *to) {
    fputs("declic listens to a home's electricity at the meter and says what it means.\n\n"
          "usage: declic COMMAND [INPUT…] [OPTIONS]\n\n",
          to);
    for (size_t i = 0; i < n_commands; i++)
        fprintf(to, "  %-12s %s\n", cli_commands[i].name, cli_commands[i].title);
    fputs("\n  declic help COMMAND   what a command does, its options and examples\n"
          "  declic formats        the formats that can be read\n"
          "  declic --version\n\n"
          "INPUT is a store (.h5), or any file, folder, archive or compressed file in a\n"
          "format we read; - is standard input.\n\n"
          "Begin with:   declic report FILE -o report.html\n"
          "Or without:   declic town --days 28 -o home.h5\n\n"
          "Exit status:  0 done, 1 the data or the world failed, 2 usage, 3 done in part,\n"
          "              130 interrupted\n",
          to);
}

static size_t letters(const char *text, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80; /* bytes that begin a letter */
    return count;
}

/* Text broken at blanks; lines after the first begin at `indent`, and the first is there already. */
static void print_wrapped(FILE *to, const char *text, size_t indent) {
    size_t column = indent;
    bool begins = true;
    for (const char *word = text; *word;) {
        size_t n = strcspn(word, " \n"), shown = letters(word, n);
        if (!begins && column + 1 + shown > WIDTH) {
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
            begins = true;
        }
        if (!begins) fputc(' ', to);
        fwrite(word, 1, n, to);
        column += shown + !begins;
        begins = false;
        word += n;
        for (; *word == ' ' || *word == '\n'; word++) {
            if (*word != '\n') continue;
            fprintf(to, "\n%*s", (int)indent, "");
            column = indent;
            begins = true;
        }
    }
    fputc('\n', to);
}

static void print_option(FILE *to, const cli_option *option) {
    char name[80];
    snprintf(name, sizeof name, "%s%c%s--%s%s%s", option->letter ? "-" : "",
             option->letter ? option->letter : ' ', option->letter ? ", " : "   ", option->name,
             option->value ? " " : "", option->value ? option->value : "");
    fprintf(to, "  %-*s", NAME_WIDTH, name);
    if (strlen(name) > NAME_WIDTH - 1) fprintf(to, "\n%*s", NAME_WIDTH + 2, "");
    print_wrapped(to, option->help, NAME_WIDTH + 2);
}

static void print_examples(FILE *to, const char *lines) {
    fputs("\nExamples:\n", to);
    for (const char *line = lines; *line;) {
        size_t n = strcspn(line, "\n");
        const char *tab = memchr(line, '\t', n);
        int code = tab ? (int)(tab - line) : (int)n;
        fprintf(to, "  %.*s\n", code, line);
        if (tab) fprintf(to, "      %.*s\n", (int)(n - (size_t)(tab + 1 - line)), tab + 1);
        line += n + (line[n] == '\n');
    }
}

void print_command_help(FILE *to, const cli_command *command) {
    fprintf(to, "declic %s: %s\n\nusage: declic %s %s\n\n", command->name, command->title, command->name,
            command->arguments);
    print_wrapped(to, command->description, 0);
    static const struct {
        unsigned takes;
        const char *title;
    } parts[] = {{~(unsigned)(TAKES_INPUT | TAKES_COMMON), "Options"},
                 {TAKES_INPUT, "Reading"},
                 {TAKES_COMMON, "Everywhere"}};
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        bool titled = false;
        for (size_t i = 0; i < n_options; i++) {
            unsigned takes = cli_options[i].takes & command->takes;
            bool in_earlier = p > 0 && (takes & parts[0].takes);
            if (!(takes & parts[p].takes) || in_earlier) continue;
            if (!titled) fprintf(to, "\n%s:\n", parts[p].title);
            titled = true;
            print_option(to, &cli_options[i]);
        }
    }
    print_examples(to, command->examples);
    fprintf(to, "\nMore%s: man declic-%s\n", command->json ? ", and the keys of --json" : "", command->name);
}
