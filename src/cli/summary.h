/* What homes hold, in a few lines or as JSON. */
#ifndef DCL_CLI_SUMMARY_H
#define DCL_CLI_SUMMARY_H

#include <declic/series.h>

#include "base/text.h"

void summary_text(dcl_text *text, const dcl_home *home);
/** One object: of one home its facts, of several {"homes": [the same]}. */
void summary_json(dcl_text *text, const dcl_home *homes, size_t n);

#endif
