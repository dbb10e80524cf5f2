/* What the analyst's pages share: one head, one style sheet with the consumer's page, tables that sort, data to take away. */
#ifndef DCL_REPORT_ANALYST_H
#define DCL_REPORT_ANALYST_H

#include "report/page.h"

/** A page that is written into `text`, its words into `scratch`. */
dcl_page dcl_analyst_page(const dcl_context *context, dcl_lang lang, dcl_text *text, dcl_arena *scratch);
/** Ends the document and puts it into the arena; frees text and scratch. Errors: DCL_E_MEMORY, whenever it happened. */
dcl_status dcl_analyst_finish(dcl_page *page, dcl_arena *arena, const char **html, size_t *n,
                              dcl_error *error);

/** Opens the document up to its h1; title is plain text. A span, a lead and tiles may follow before dcl_analyst_main(). */
void dcl_analyst_head(dcl_page *page, const char *title);
void dcl_analyst_main(dcl_page *page);
/** A figure among the first ones of a page; label as it stands. */
void dcl_analyst_tile(dcl_page *page, const char *value, const char *label);
/** Opens a section with its heading. */
void dcl_analyst_section(dcl_page *page, dcl_word title);

/**
 * Opens a table whose heads sort it where there is script; on a narrow screen it scrolls under its first column. label names
 * it for readers that do not see it. The first column heads its rows; dcl_analyst_table_end() closes it.
 */
void dcl_analyst_table(dcl_page *page, const char *label, const char *const *heads, size_t n);
void dcl_analyst_table_end(dcl_page *page);
/** A cell: what is shown, and the number it is sorted by; NaN sorts last. */
void dcl_analyst_cell(dcl_page *page, double value, const char *text);

/**
 * Puts a link that gives `csv` as the file `name`, the data inside the link itself, and frees the text. Inside a figure with one chart
 * whose columns stand at equal distances, the pointer over the chart tells the row under it: along = the rows lie along x.
 */
void dcl_analyst_data(dcl_page *page, const char *name, dcl_text *csv, bool along);
/** A name in a CSV: quoted where it must be. */
void dcl_csv_name(dcl_text *csv, const char *name);

/** Style beyond the consumer's page, and the script with the hash by which the page allows it and no other. */
extern const char dcl_analyst_style[], dcl_analyst_script[], dcl_analyst_script_hash[];

#endif
