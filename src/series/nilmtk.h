/* A home as NILMTK keeps it: the tables to be, and what is written about them as pickles of Python objects. */
#ifndef DCL_SERIES_NILMTK_H
#define DCL_SERIES_NILMTK_H

#include "base/text.h"
#include "declic/series.h"

enum { DCL_NILMTK_COLUMNS = 5 };

/** The channels that have a column there. Phases are meters of their own in NILMTK and are left out; so is export. */
typedef struct dcl_nilmtk_column {
    dcl_channel channel;
    const char *quantity, *type;
} dcl_nilmtk_column;
extern const dcl_nilmtk_column dcl_nilmtk_columns[DCL_NILMTK_COLUMNS];

/** A table to be: its series, the grid they share, and how many of its rows say something. */
typedef struct dcl_nilmtk_meter {
    const char *name; /* NULL = the mains */
    dcl_series column[DCL_NILMTK_COLUMNS];
    size_t n_columns, n, rows;
    size_t which[DCL_NILMTK_COLUMNS]; /* in dcl_nilmtk_columns */
    int64_t start_us, period_us;
} dcl_nilmtk_meter;

typedef struct dcl_nilmtk_export {
    const dcl_home *home;
    const char *zone;
    dcl_nilmtk_meter *meters; /* the mains first where there are any */
    size_t n;
} dcl_nilmtk_export;

/** The metadata of the data set, at the root, and of its one building, as pickles of protocol 0; the caller frees the text. */
void dcl_nilmtk_put_data_set(dcl_text *text, const dcl_nilmtk_export *of);
void dcl_nilmtk_put_building(dcl_text *text, const dcl_nilmtk_export *of);
/** What pandas wants of a table: its columns as a list that is open, and the names of its index in the zone. */
void dcl_nilmtk_put_columns(dcl_text *text, const dcl_nilmtk_meter *meter);
void dcl_nilmtk_put_index(dcl_text *text, const char *zone);

#endif
