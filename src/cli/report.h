/* Reports on the command line: what one home and a panel of homes share. */
#ifndef DCL_CLI_REPORT_H
#define DCL_CLI_REPORT_H

#include "cli/names.h"

/**
 * Finds and names the cycles of a home and makes its report, in the session's arena, on its context. options: tables are set.
 * Errors: those of dcl_cycles_find(), dcl_report_make() and of the models.
 */
dcl_status explain_home(session *cli, const name_model *model, const dcl_home *home,
                        dcl_report_options options, dcl_report *report);

/** A page for each home of the panel that the input is, and index.html, into the folder -o. Returns an exit code. */
int report_panel(session *cli, const name_model *model, const dcl_report_options *options, dcl_lang lang);

#endif
