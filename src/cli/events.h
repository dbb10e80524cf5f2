/* Steps and cycles as people and programs read them. */
#ifndef DCL_CLI_EVENTS_H
#define DCL_CLI_EVENTS_H

#include <declic/event.h>

#include "cli/cli.h"

void put_edges_header(dcl_text *text);
void put_edges_csv(dcl_text *text, const dcl_edge *edges, size_t n);
void put_cycles_header(dcl_text *text);
void put_cycle_csv(dcl_text *text, const dcl_cycle *cycle, const char *name);

/** The steps / the cycles of standard input as they happen. Returns an exit code, or -1 where it is of a format that is read
 * whole. */
int follow_edges(session *cli, const dcl_edge_options *options);
int follow_cycles(session *cli, const dcl_cycle_options *options);

void put_edges_json(dcl_json_writer *json, const dcl_edge *edges, size_t n);
/** Civil time in the session's zone, to the second. */
void put_moment(const session *cli, dcl_text *text, int64_t time_us);
/** A number set right in a column; `-` where it is not known. */
void put_number(dcl_text *text, double value, int decimals, int width);

#endif
