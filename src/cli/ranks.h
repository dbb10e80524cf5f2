/* Processes that mpirun started: what the program and the module that sees MPI (ranks.c) know of each other. */
#ifndef DCL_CLI_RANKS_H
#define DCL_CLI_RANKS_H

#include <declic/base.h>

#include "base/text.h"

typedef struct session session;

/**
 * ranks        what stages use; its arg is this
 * here         processes on this machine
 * context      its cancel flag ends every wait
 * failed       what all agreed on, and its error: nothing crosses the network any more
 * wait_s       in agree(): until the slowest process is there;  network_s in gather() and share()
 * bytes        that this process got
 */
typedef struct ranks_link {
    dcl_ranks ranks;
    size_t here;
    const dcl_context *context;
    dcl_status failed;
    dcl_error failure;
    double wait_s, network_s;
    uint64_t bytes;
} ranks_link;

/** What the module declic-ranks.so has: begins MPI and fills the link; ends it once all processes are there. */
#define RANKS_BEGIN "declic_ranks_begin"
#define RANKS_END   "declic_ranks_end"
typedef bool ranks_begin_fn(ranks_link *link);
typedef void ranks_end_fn(ranks_link *link);

/** Joins the other processes where a launcher of MPI started several of us; else does nothing. False after saying why it cannot. */
bool ranks_open(session *cli);
/** The key `ranks`: how many processes, and what this one waited for and got; link NULL = one alone. */
void ranks_json(dcl_json_writer *json, const ranks_link *link);
/** Waits for the others and parts from them. Returns the exit code: that of a process alone, or of rank 0. */
int ranks_close(session *cli, int code);

#endif
