/* Man pages (as scdoc source) and completion, from the tables of commands and options. */
#include <string.h>

#include "cli/cli.h"

static const char exit_status[] =
    "\n# EXIT STATUS\n\n*0*\n\tdone\n\n*1*\n\tthe data or the world failed; nothing was "
    "written\n\n*2*\n\tusage\n"
    "\n*3*\n\tdone in part: the file of *-o* is written, what should go to standard output beside it is not\n"
    "\n*130*\n\tinterrupted; nothing was written\n";

/* Characters that scdoc takes for marks; a dash at the start of a line begins a list. */
static void put_escaped(FILE *to, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        bool starts = i && text[i - 1] == '\n';
        if (strchr("_*\\[]|#", text[i]) || (starts && text[i] == '-')) fputc('\\', to);
        fputc(text[i], to);
    }
}

static void put_all(FILE *to, const char *text) {
    put_escaped(to, text, strlen(text));
}

static void man_options(FILE *to, unsigned takes) {
    fputs("\n# OPTIONS\n", to);
    for (size_t i = 0; i < n_options; i++) {
        const cli_option *o = &cli_options[i];
        if (!(o->takes & takes)) continue;
        fputs("\n*", to);
        if (o->letter) fprintf(to, "-%c*, *", o->letter);
        fprintf(to, "--%s*", o->name);
        if (o->value) {
            fputs(" _", to);
            put_all(to, o->value);
            fputs("_", to);
        }
        fputs("\n\t", to);
        put_all(to, o->help);
        fputs(".\n", to);
    }
}

static void man_pairs(FILE *to, const char *title, const char *lines) {
    if (!lines) return;
    fprintf(to, "\n# %s\n", title);
    for (const char *line = lines; *line;) {
        size_t n = strcspn(line, "\n");
        const char *tab = memchr(line, '\t', n);
        size_t code = tab ? (size_t)(tab - line) : n;
        fputs("\n*", to);
        put_escaped(to, line, code);
        fputs("*\n", to);
        if (tab) {
            fputs("\t", to);
            put_escaped(to, tab + 1, n - code - 1);
            fputs("\n", to);
        }
        line += n + (line[n] == '\n');
    }
}

static void man_command(FILE *to, const cli_command *command) {
    fprintf(to, "declic-%s(1)\n\n# NAME\n\ndeclic-%s - %s\n\n# SYNOPSIS\n\n*declic %s* ", command->name,
            command->name, command->title, command->name);
    put_all(to, command->arguments);
    fputs("\n\n# DESCRIPTION\n\n", to);
    put_all(to, command->description);
    fputs("\n", to);
    man_options(to, command->takes);
    man_pairs(to, "JSON", command->json);
    man_pairs(to, "EXAMPLES", command->examples);
    fputs(exit_status, to);
    fputs("\n# SEE ALSO\n\n*declic*(1)\n", to);
}

void print_man(FILE *to, const cli_command *command) {
    if (command) {
        man_command(to, command);
        return;
    }
    fputs("declic(1)\n\n# NAME\n\ndeclic - listens to a home's electricity at the meter and says what it "
          "means\n\n"
          "# SYNOPSIS\n\n*declic* _COMMAND_ [_INPUT_...] [_OPTIONS_]\n\n# COMMANDS\n",
          to);
    for (size_t i = 0; i < n_commands; i++)
        fprintf(to, "\n*declic-%s*(1)\n\t%s\n", cli_commands[i].name, cli_commands[i].title);
    fputs("\n# INPUTS\n\nA store (HDF5), or any file, folder, archive or compressed file in one of these "
          "formats, told from its "
          "content or forced with *--format*:\n",
          to);
    for (size_t i = 0; dcl_format_name(i); i++) {
        fprintf(to, "\n*%s*\n\t", dcl_format_name(i));
        put_all(to, dcl_format_title(i));
        fputs("\n", to);
    }
    fputs("\nReadings that cannot be used are left out, counted by reason and named on standard error with "
          "the place of the "
          "first; *--strict* refuses the file instead. Times are kept in UTC; an interval is known by its "
          "start.\n"
          "\nRuns of 12 digits and more, as addresses of delivery points are, are shown as \\*\\*\\* in "
          "messages.\n"
          "\n# ENVIRONMENT\n\n*NO_COLOR*\n\tno colours in messages\n\n*LC_ALL*, *LC_MESSAGES*, "
          "*LANG*\n\tlanguage of "
          "reports where *--lang* is not given: English if it begins with en, else French\n\n*TERM*\n\tdumb: "
          "no "
          "progress bar and no colours\n",
          to);
    fputs(exit_status, to);
}

/* ---------------------------------------------------------------- completion */

static void put_formats(FILE *to) {
    fputs("    --format) COMPREPLY=($(compgen -W 'store", to);
    for (size_t i = 0; dcl_format_name(i); i++) fprintf(to, " %s", dcl_format_name(i));
    fputs("' -- \"$word\")); return ;;\n", to);
}

/* An option whose value is no file must not offer files. */
static void put_values(FILE *to) {
    static const char *const lists[][2] = {
        {"tariff", "base hc tempo"},   {"lang", "fr en"},       {"as", "csv nilmtk"},
        {"isa", "scalar avx2 avx512"}, {"stamps", "start end"}, {"subscribed", "3 6 9 12 15 18 24 30 36"}};
    fputs("    case $before in\n", to);
    put_formats(to);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        fprintf(to, "    --%s) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n", lists[i][0],
                lists[i][1]);
    fputs("    ", to);
    bool first = true;
    for (size_t i = 0; i < n_options; i++) {
        const cli_option *option = &cli_options[i];
        bool listed =
            strcmp(option->name, "format") == 0 || (option->value && strcmp(option->value, "FILE") == 0);
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            listed = listed || strcmp(option->name, lists[k][0]) == 0;
        if (!option->value || listed) continue;
        fprintf(to, "%s--%s", first ? "" : "|", option->name);
        if (option->letter) fprintf(to, "|-%c", option->letter);
        first = false;
    }
    fputs(") return ;;\n    esac\n", to);
}

void print_completion(FILE *to) {
    fputs("# bash completion for declic\n_declic() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} options= commands='",
          to);
    for (size_t i = 0; i < n_commands; i++) fprintf(to, "%s%s", i ? " " : "", cli_commands[i].name);
    fputs("'\n    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
          "        COMPREPLY=($(compgen -W \"$commands formats help --help --version\" -- \"$word\"))\n"
          "        return\n    fi\n    # --tariff=hc comes as three words\n"
          "    if [ \"$word\" = = ]; then\n        word=\n"
          "    elif [ \"$before\" = = ]; then\n        before=${COMP_WORDS[COMP_CWORD - 2]}\n    fi\n"
          "    case ${COMP_WORDS[1]} in\n"
          "    help) COMPREPLY=($(compgen -W \"$commands formats\" -- \"$word\")); return ;;\n"
          "    formats|--version) return ;;\n"
          "    shelf) if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
          "        COMPREPLY=($(compgen -W 'list show diff rollback prune add' -- \"$word\"))\n        "
          "return\n    fi ;;\n"
          "    esac\n    case ${COMP_WORDS[1]} in\n",
          to);
    for (size_t i = 0; i < n_commands; i++) {
        fprintf(to, "    %s) options='", cli_commands[i].name);
        for (size_t k = 0; k < n_options; k++)
            if (cli_options[k].takes & cli_commands[i].takes) fprintf(to, "--%s ", cli_options[k].name);
        fputs("' ;;\n", to);
    }
    fputs("    esac\n", to);
    put_values(to);
    fputs("    case $word in\n    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
          "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac\n}\ncomplete -o filenames -F _declic "
          "declic\n",
          to);
}
