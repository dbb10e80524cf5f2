/* What a model holds, in a few lines or as JSON. */
#ifndef DCL_CLI_MODEL_H
#define DCL_CLI_MODEL_H

#include <declic/appliance_power.h>
#include <declic/appliance_types.h>

#include "cli/cli.h"

/** The keys of a model, inside an object. */
void put_power_keys(dcl_json_writer *json, const dcl_power_about *about);
void put_power_json(dcl_json_writer *json, const dcl_power_about *about);
void put_power_table(dcl_text *text, const dcl_power_about *about);

/** How to learn, from the options given. */
dcl_power_options power_options(const session *cli);

/** Says what a model that names types holds. Returns an exit code. */
int show_identifier(session *cli, const dcl_identifier *model);
/** Whether a file begins as models do. */
bool is_model(const char *path);
/** Says what a model file holds. Returns an exit code. */
int show_model(session *cli, const char *path);

#endif
