/* What indexes and shards have in common as HDF5 files. */
#ifndef DCL_SERIES_PANEL_FILE_H
#define DCL_SERIES_PANEL_FILE_H

#include "series/panel.h"
#include "series/store.h"

/** Writes /panel/home or /panel/kind. */
bool dcl_panel_put_ids(hid_t group, const char (*id)[64], size_t n);
bool dcl_panel_put_kinds(hid_t group, const uint8_t *kind, size_t n);
bool dcl_panel_put_shards(hid_t group, const dcl_panel_shard *shards, size_t n);
/** What both kinds of /panel/power_w say of themselves. */
bool dcl_panel_put_facts(hid_t set, int64_t start_us, int64_t period_us);

/** Opens an HDF5 file for reading; negative after filling the error. */
hid_t dcl_panel_open_file(const char *path, const char *what, dcl_error *error);
/** Reads the ids / kinds of n homes; false where they are not n such. */
bool dcl_panel_get_ids(hid_t file, char (*id)[64], size_t n);
bool dcl_panel_get_kinds(hid_t file, uint8_t *kind, size_t n);
bool dcl_panel_get_shards(hid_t file, dcl_panel_shard *shards, size_t n);
/** Extents of a set, 0 dimensions where it is none. dims has room for 2. */
int dcl_panel_extents(hid_t set, hsize_t dims[2]);

#endif
