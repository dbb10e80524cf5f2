/* Features of the steps and cycles near a moment. */
#ifndef DCL_APPLIANCE_WINDOWS_EVENT_H
#define DCL_APPLIANCE_WINDOWS_EVENT_H

#include "appliance/windows.h"

/** Fills the columns of steps and cycles of out [n][k]; arguments and errors as dcl_windows_make(). */
dcl_status dcl_windows_events(const dcl_window_source *source, const dcl_feature *feature, size_t k,
                              size_t from, size_t n, float *out, dcl_error *error) DCL_MUST_USE;

#endif
