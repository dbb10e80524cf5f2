/* The public blosc filter of HDF5 (id 32001), inside the program: a store is written and read without a plugin. */
#ifndef DCL_SERIES_FILTER_H
#define DCL_SERIES_FILTER_H

#include <stdbool.h>

enum { DCL_BLOSC_ID = 32001 };

/** Makes the filter known to HDF5; may be called again. False when HDF5 refuses. */
bool dcl_filter_register(void);

#endif
