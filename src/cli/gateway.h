/* Models for the gateway: what the commands learn, gateway and info say of them. */
#ifndef DCL_CLI_GATEWAY_H
#define DCL_CLI_GATEWAY_H

#include <declic/gateway.h>

#include "cli/cli.h"

/** learn forecast --gateway: forecasts and names of steps from homes. Returns an exit code. */
int learn_gateway(session *cli);
/** Says what a model for the gateway holds; `said` names where its form went, NULL = nowhere. Returns an exit code. */
int show_gateway(session *cli, const dcl_gateway_model *model, const char *folder);

/** Prints what a gateway with this model would have sent for a capture. Returns an exit code. */
int serve_gateway(session *cli, const dcl_gateway_model *model, const char *capture);

/** Whether a file begins as blobs do, and what is in it. */
bool is_blob(const char *path);
int show_blob(session *cli, const char *path);

#endif
