/* Which appliance a cycle was: what reports and lists of cycles share. */
#ifndef DCL_CLI_NAMES_H
#define DCL_CLI_NAMES_H

#include <declic/appliance.h>
#include <declic/appliance_names.h>

#include "base/json.h"
#include "cli/cli.h"

/**
 * What names the cycles of a home: the model of --model, or what ships. Zero it to begin; name_model_close() at the end.
 * power  a model of power, whose period the home is read on
 * loads  those that a person named
 */
typedef struct name_model {
    dcl_identifier identifier;
    bool has_identifier, has_loads;
    dcl_power_model *power;
    dcl_loads loads;
} name_model;

/** Cycles with names. own [cycles->n]: names that are no kind of appliance; NULL = none. */
typedef struct named_cycles {
    dcl_names names;
    const char **own;
    dcl_unknown *unknown;
    size_t n_unknown;
    bool has_uses;
    dcl_uses uses;
} named_cycles;

/** Opens --model, whatever kind of model it is, and what ships. Call it before the home is read. */
dcl_status name_model_open(session *cli, name_model *model);
void name_model_close(name_model *model);

/** Names cycles: those a person named, then programmes and elements, then what the uses' rules are sure of; finds uses and unknowns. */
dcl_status name_cycles(session *cli, const name_model *model, const dcl_home *home, dcl_cycles *cycles,
                       named_cycles *out);

/** What cycle i is called: its own name, else that of its kind. */
const char *cycle_name(const dcl_cycles *cycles, const named_cycles *named, size_t i);

/* learn_names.c: what a model of named loads holds. */
void put_loads_json(dcl_json_writer *json, const dcl_loads *loads);
void put_loads_table(dcl_text *text, const dcl_loads *loads);

/* names_say.c: programmes and unknowns, as keys of the object that is open, and as lines. */
void put_named_json(dcl_json_writer *json, const named_cycles *named);
void put_named_text(const session *cli, dcl_text *text, const named_cycles *named);

#endif
