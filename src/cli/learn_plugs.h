/* declic learn appliances METER --plug NAME=FILE …: plugs worn beside a meter make a model of that home. */
#ifndef DCL_CLI_LEARN_PLUGS_H
#define DCL_CLI_LEARN_PLUGS_H

#include <declic/series.h>

#include "cli/cli.h"

/** Aligns and joins the plugs, learns, says what they brought. Returns an exit code. */
int learn_plugs(session *cli);

/**
 * The home of the inputs after the first one, its plugs (--plug) as parts, cut to the whole days around them; in the session's arena.
 * A plug whose clock cannot be told is left out and said. Errors: those of reading; DCL_E_NO_DATA a plug of another home, or none left.
 */
dcl_status read_worn_home(session *cli, dcl_home *out);

/** Says it where the parts of a home often draw more than its mains. */
void say_too_much(const session *cli, const dcl_home *home);

#endif
