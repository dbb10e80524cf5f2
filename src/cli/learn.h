/* What `declic learn` can make of its inputs: a kind of model a file. */
#ifndef DCL_CLI_LEARN_H
#define DCL_CLI_LEARN_H

#include "cli/cli.h"

/** The files that learn from: the inputs after `appliances`. */
static inline const char *const *learn_paths(const session *cli) {
    return cli->inputs + 1;
}
static inline size_t learn_count(const session *cli) {
    return cli->n_inputs - 1;
}

/** Whether the inputs are devices, each on a meter of its own: said by --devices, or of a data set of devices. */
bool holds_devices(const session *cli);
/** Learns to name types of appliances from devices. Returns an exit code. */
int learn_types(session *cli);

#endif
