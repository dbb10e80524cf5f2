/**
 * Index: the page that lists the pages of many homes.
 */
#ifndef DECLIC_REPORT_INDEX_H
#define DECLIC_REPORT_INDEX_H

#include <declic/report.h>

/**
 * One home in the list. Plain numbers, taken from its report, which need not be kept.
 * label, file   what it is called, and its page beside the index; never a meter's address
 * days          civil days covered to at least 80 %
 * coverage      0-1.   energy_kwh   drawn.   low_w, high_w   always on; NaN = not known
 * eur           energy and standing charge of the span; NaN where too much has no price
 * save_low, save_high  all advices at once, or the only one, € a year; NaN = none
 * why           why it has no page; NULL = it has one
 */
typedef struct dcl_report_row {
    const char *label, *file, *why;
    size_t days;
    double coverage, energy_kwh, low_w, high_w, eur, save_low, save_high;
} dcl_report_row;

/** Fills the numbers of a row. */
void dcl_report_row_fill(const dcl_report *report, dcl_report_row *row);

/**
 * The list as one HTML document: a table that a click on a head sorts where scripts run, homes without a page and why, and sums.
 *
 * rows [n]     in the order of the panel;  simulated  whether they are simulated homes
 * *html [*n_bytes]  lives in the arena, NUL-terminated
 *
 * Errors:  DCL_E_ARG an unknown language; DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_report_index_html(const dcl_context *context, const dcl_report_row *rows, size_t n,
                                 bool simulated, dcl_lang lang, dcl_arena *arena, const char **html,
                                 size_t *n_bytes, dcl_error *error) DCL_MUST_USE;

#endif
