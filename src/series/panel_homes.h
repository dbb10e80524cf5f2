/* The homes of inputs, one at a time (dcl_homes_each() is public): what was left out of them. */
#ifndef DCL_SERIES_PANEL_HOMES_H
#define DCL_SERIES_PANEL_HOMES_H

#include "series/format.h"

/** Counts what was noted and left out of a home. */
void dcl_panel_count(dcl_panel_told *told, const dcl_home *home);

#endif
