/* The page of clusters while it is being written. */
#ifndef DCL_REPORT_CLUSTER_PAGE_H
#define DCL_REPORT_CLUSTER_PAGE_H

#include "report/analyst.h"
#include <declic/report_clusters.h>

typedef struct dcl_cluster_page {
    dcl_page page;
    const dcl_clusters_report *report;
} dcl_cluster_page;

/* The sections, in the order of the page. */
void dcl_cluster_page_head(dcl_cluster_page *of);
void dcl_cluster_page_map(dcl_cluster_page *of);
void dcl_cluster_page_profiles(dcl_cluster_page *of);
void dcl_cluster_page_numbers(dcl_cluster_page *of);
void dcl_cluster_page_days(dcl_cluster_page *of);
void dcl_cluster_page_quality(dcl_cluster_page *of);
void dcl_cluster_page_attributes(dcl_cluster_page *of);
void dcl_cluster_page_apart(dcl_cluster_page *of);
void dcl_cluster_page_basis(dcl_cluster_page *of);

/** "Cluster 3" with its colour. */
const char *dcl_say_cluster(dcl_cluster_page *of, uint32_t cluster);
/** The words that set a cluster apart, joined; "" where nothing does. */
const char *dcl_say_apart_from(dcl_cluster_page *of, uint32_t cluster);

#endif
