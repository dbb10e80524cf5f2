/**
 * Report: clusters of homes as a page for the analyst.
 */
#ifndef DECLIC_REPORT_CLUSTERS_H
#define DECLIC_REPORT_CLUSTERS_H

#include <declic/household_cluster.h>
#include <declic/report.h>

/** How one attribute goes with the clusters. */
typedef struct dcl_named_association {
    char name[64];
    dcl_association value;
} dcl_named_association;

/**
 * What the page is made of. homes and clusters are of one run.
 * attributes [n_attributes]  associations, strongest first or in any order
 * kind_ari                   adjusted Rand index against the kinds of household of the panel; NaN where it has none
 * assigned                   the clusters were found in other homes
 */
typedef struct dcl_clusters_report {
    const dcl_homes *homes;
    const dcl_clusters *clusters;
    const dcl_named_association *attributes;
    size_t n_attributes;
    double kind_ari;
    bool assigned;
} dcl_clusters_report;

/**
 * The page: one HTML document, UTF-8, pictures and style inside, no request to anywhere; a script of its own sorts tables and tells
 * values of charts, and nothing needs it. Each chart's data come as CSV from the page. Homes are dots on a map, at most 3,000 of
 * them; no id of a home is on it but of those set apart.
 *
 * *html [*n] lives in the arena, NUL-terminated.
 * Errors:  DCL_E_ARG an unknown language; DCL_E_MEMORY.   Threads: reentrant.
 */
dcl_status dcl_clusters_html(const dcl_context *context, const dcl_clusters_report *report, dcl_lang lang,
                             dcl_arena *arena, const char **html, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
