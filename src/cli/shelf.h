/* What declic shelf found and did, and how it is said. */
#ifndef DCL_CLI_SHELF_H
#define DCL_CLI_SHELF_H

#include <declic/learn_shelf.h>

#include "cli/cli.h"

/** A model as it stands on the shelf. current: 0 = none. */
typedef struct shelf_model {
    const char *name;
    dcl_shelf_version *version;
    size_t n;
    uint32_t current;
} shelf_model;

/** What a verb found and did; all of it goes into the one object of --json. */
typedef struct shelf_result {
    shelf_model *model;
    size_t n_models;
    uint32_t *removed;
    size_t n_removed;
    uint32_t chosen;                         /* 0 = none */
    const dcl_shelf_version *before, *after; /* of diff */
} shelf_result;

/** Writes the object of --json; an exit code. */
int shelf_write_json(session *cli, const shelf_result *result);
/** A version's card as lines. */
void shelf_put_card(dcl_text *text, const shelf_model *model, const dcl_shelf_version *version);
/** What differs between result->before and result->after, as lines. */
void shelf_put_changes(dcl_text *text, const shelf_result *result);

#endif
