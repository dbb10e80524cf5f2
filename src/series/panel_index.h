/* The index of a panel in memory. */
#ifndef DCL_SERIES_PANEL_INDEX_H
#define DCL_SERIES_PANEL_INDEX_H

#include "series/panel.h"

/** The kind of a home whose shard has none while others have. */
enum { DCL_PANEL_KIND_UNKNOWN = 255 };

/** What about tells of lives in the other fields. */
typedef struct dcl_index {
    dcl_panel_about about;
    dcl_panel_shard *shard;
    char (*id)[64];
    uint8_t *kind;
} dcl_index;

/** Reads the index alone. Errors: as dcl_panel_open(). Inside dcl_silence_begin(). */
dcl_status dcl_index_read(const char *path, dcl_index *out, dcl_error *error) DCL_MUST_USE;
void dcl_index_free(dcl_index *index);
/** The extents, scale and count that shards make together; else what is wrong with them. */
const char *dcl_panel_lay_out(const dcl_panel_shard *shards, size_t n, int64_t period_us,
                              dcl_panel_about *about);

#endif
