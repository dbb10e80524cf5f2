/* The homes of inputs, one at a time. */
#ifndef DCL_SERIES_PANEL_HOMES_H
#define DCL_SERIES_PANEL_HOMES_H

#include "series/format.h"

/** Takes a home, valid during the call; without series where nothing of it could be used. */
typedef dcl_status (*dcl_home_fn)(void *arg, const dcl_home *home, dcl_error *error);

/**
 * Gives every home of the inputs in the order of its rows; one whose rows go on later is given again. Inputs that are one home
 * make one. Errors: as dcl_home_read(), and those of `take`. Memory: one home's readings.
 */
dcl_status dcl_homes_each(const dcl_context *context, const char *const *paths, size_t n_paths,
                          const dcl_read_options *options, dcl_home_fn take, void *arg,
                          dcl_error *error) DCL_MUST_USE;

/** Counts what was noted and left out of a home. */
void dcl_panel_count(dcl_panel_told *told, const dcl_home *home);

#endif
