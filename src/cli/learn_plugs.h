/* declic learn appliances METER --plug NAME=FILE …: plugs worn beside a meter make a model of that home. */
#ifndef DCL_CLI_LEARN_PLUGS_H
#define DCL_CLI_LEARN_PLUGS_H

#include "cli/cli.h"

/** Aligns and joins the plugs, learns, says what they brought. Returns an exit code. */
int learn_plugs(session *cli);

#endif
