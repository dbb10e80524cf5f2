/* declic learn appliances METER --plug NAME=FILE …: plugs worn beside a meter make a model of that home. */
#ifndef DCL_CLI_LEARN_PLUGS_H
#define DCL_CLI_LEARN_PLUGS_H

#include <declic/series.h>

#include "cli/cli.h"

/** Aligns and joins the plugs, learns, says what they brought. Returns an exit code. */
int learn_plugs(session *cli);

/** Says it where the parts of a home often draw more than its mains. */
void say_too_much(const session *cli, const dcl_home *home);

#endif
