/* Panels of many homes on the command line. */
#ifndef DCL_CLI_PANEL_H
#define DCL_CLI_PANEL_H

#include "cli/cli.h"

void panel_text(dcl_text *text, const dcl_panel_about *about);
/** The key `panel` and its value. */
void panel_json(dcl_json_writer *json, const dcl_panel_about *about);
/** Opens a panel and shows it; told, which may be NULL, is what an import brought. Returns an exit code. */
int show_panel(session *cli, const char *path, const dcl_panel_told *told);
/** Imports the inputs into the panel at -o. Returns an exit code. */
int import_panel(session *cli);
/** Imports the inputs' devices into a store at -o, each a home of its own. Returns an exit code. */
int import_devices(session *cli);

#endif
