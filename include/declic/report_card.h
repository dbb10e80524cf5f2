/**
 * Report: the card of a model as a page for the analyst.
 */
#ifndef DECLIC_REPORT_CARD_H
#define DECLIC_REPORT_CARD_H

#include <declic/learn_shelf.h>
#include <declic/report.h>

/**
 * What the page is made of: a model as it stands on a shelf.
 * version [n]  all its versions, oldest first, as dcl_shelf_list() gives them
 * shown        the one whose card it is, whole, among them
 * current      the number that serves; 0 = none
 */
typedef struct dcl_card_report {
    const char *model;
    const dcl_shelf_version *version;
    size_t n;
    const dcl_shelf_version *shown;
    uint32_t current;
} dcl_card_report;

/**
 * The page: one HTML document, UTF-8, of the family of dcl_clusters_html(): the card, its figures beside those of other versions,
 * a line of one figure from version to version where there are several, and what the model looks at.
 *
 * *html [*n] lives in the arena, NUL-terminated.
 * Errors:  DCL_E_ARG an unknown language; DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_card_html(const dcl_context *context, const dcl_card_report *report, dcl_lang lang,
                         dcl_arena *arena, const char **html, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
