/* Clusters of homes as text, CSV and JSON. */
#ifndef DCL_CLI_CLUSTERS_H
#define DCL_CLI_CLUSTERS_H

#include <declic/report_clusters.h>

#include "cli/cli.h"

/** Everything that `cluster` found; seconds of the grouping alone. */
typedef struct cluster_run {
    dcl_homes homes;
    dcl_clusters clusters;
    dcl_attributes attributes;
    dcl_named_association *association; /* of the attributes, then of the panel's kinds */
    size_t n_associations;
    double kind_ari, seconds;
    bool assigned, has_weather;
    const struct ranks_link *ranks; /* processes that did it; NULL = one alone */
} cluster_run;

void clusters_text(dcl_text *text, const cluster_run *run);
void clusters_csv(dcl_text *text, const cluster_run *run);
void clusters_json(dcl_text *text, const cluster_run *run);

#endif
