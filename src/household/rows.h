/* What is kept of each home, as one list: for those who pass rows on or pick some of them. */
#ifndef DCL_HOUSEHOLD_ROWS_H
#define DCL_HOUSEHOLD_ROWS_H

#include <declic/household_cluster.h>

#include <string.h>

/** An array of the homes: where its pointer lies in dcl_homes, and its bytes a home. */
typedef struct dcl_homes_row {
    size_t pointer, each;
} dcl_homes_row;

enum { DCL_HOMES_ROWS = 6 };

/** All that describes a home, but its id and kind. */
static inline void dcl_homes_rows(const dcl_homes *homes, dcl_homes_row out[DCL_HOMES_ROWS]) {
    out[0] = (dcl_homes_row){offsetof(dcl_homes, profile), DCL_PROFILE_LENGTH * sizeof *homes->profile};
    out[1] = (dcl_homes_row){offsetof(dcl_homes, trait), DCL_TRAIT_COUNT * sizeof *homes->trait};
    out[2] =
        (dcl_homes_row){offsetof(dcl_homes, shape_share), homes->day_shapes * sizeof *homes->shape_share};
    out[3] = (dcl_homes_row){offsetof(dcl_homes, days), sizeof *homes->days};
    out[4] = (dcl_homes_row){offsetof(dcl_homes, apart), sizeof *homes->apart};
    out[5] = (dcl_homes_row){offsetof(dcl_homes, habit), DCL_HABIT_LENGTH * sizeof *homes->habit};
}

/** The array itself, and another one in its place. */
static inline char *dcl_homes_row_at(const dcl_homes *homes, dcl_homes_row row) {
    char *at;
    memcpy(&at, (const char *)homes + row.pointer, sizeof at);
    return at;
}
static inline void dcl_homes_row_put(dcl_homes *homes, dcl_homes_row row, char *at) {
    memcpy((char *)homes + row.pointer, &at, sizeof at);
}

#endif
