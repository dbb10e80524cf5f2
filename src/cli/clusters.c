#include "cli/clusters.h"
#include "cli/ranks.h"

#include <math.h>

/* ---------------------------------------------------------------- for people */

static void put_number(dcl_text *text, double value, int decimals, int width) {
    dcl_text number = {0};
    if (isfinite(value))
        dcl_text_fixed(&number, value, decimals);
    else
        dcl_text_put(&number, "-");
    dcl_text_format(text, " %*s", width, number.at ? number.at : "");
    dcl_text_free(&number);
}

static void put_tried(dcl_text *text, const dcl_clusters *of) {
    dcl_text_put(text, "   k  silhouette  Davies-Bouldin  Calinski-H.  stability  (whole)  smallest  "
                       "variance (of the best)     ICL\n");
    for (size_t i = 0; i < of->n_tried; i++) {
        const dcl_cluster_quality *q = &of->tried[i];
        dcl_text_format(text, "%c%3u", q->k == of->k ? '*' : ' ', q->k);
        put_number(text, q->silhouette, 3, 11);
        put_number(text, q->davies_bouldin, 2, 15);
        put_number(text, q->calinski_harabasz, 1, 12);
        put_number(text, q->stability, 2, 10);
        put_number(text, q->stability_whole, 2, 8);
        put_number(text, q->smallest * 100, 1, 7);
        dcl_text_put(text, " %");
        put_number(text, q->shape_variance, 3, 9);
        put_number(text, q->shape_variance / q->shape_best * 100, 0, 8);
        dcl_text_put(text, " %");
        put_number(text, q->icl, 3, 7);
        dcl_text_put(text, "\n");
    }
}

static void put_clusters(dcl_text *text, const dcl_clusters *of) {
    dcl_text_put(text,
                 "cluster  homes  share  energy  mean W  floor  peak at  night  weekend  winter/summer\n");
    for (uint32_t c = 0; c < of->k; c++) {
        const float *trait = of->trait + c * (size_t)DCL_TRAIT_COUNT;
        dcl_text_format(text, "%7u %6llu", c + 1, (unsigned long long)of->size[c]);
        put_number(text, 100 * (double)of->size[c] / (double)of->in_clusters, 0, 4);
        dcl_text_put(text, " %");
        put_number(text, 100 * of->energy_share[c], 0, 5);
        dcl_text_put(text, " %");
        put_number(text, (double)trait[DCL_TRAIT_MEAN_W], 0, 7);
        put_number(text, 100 * (double)trait[DCL_TRAIT_FLOOR_SHARE], 0, 4);
        dcl_text_put(text, " %");
        put_number(text, (double)trait[DCL_TRAIT_PEAK_HOUR], 1, 6);
        dcl_text_put(text, " h");
        put_number(text, 100 * (double)trait[DCL_TRAIT_NIGHT_SHARE], 0, 4);
        dcl_text_put(text, " %");
        put_number(text, (double)trait[DCL_TRAIT_WEEKEND_RATIO], 2, 8);
        put_number(text, (double)trait[DCL_TRAIT_WINTER_RATIO], 2, 14);
        dcl_text_put(text, "\n");
    }
}

static void put_apart(dcl_text *text, const dcl_clusters *of) {
    for (unsigned i = 1; i < DCL_APART_COUNT; i++)
        if (of->apart_count[i])
            dcl_text_format(text, "set apart: %zu home%s %s\n", of->apart_count[i],
                            of->apart_count[i] == 1 ? "" : "s", dcl_apart_text((dcl_apart)i));
}

void clusters_text(dcl_text *text, const cluster_run *run) {
    const dcl_clusters *of = &run->clusters;
    dcl_text_format(text, "%zu homes, %zu in %u cluster%s\n", of->n, of->in_clusters, of->k,
                    of->k == 1 ? "" : "s");
    put_apart(text, of);
    if (!run->assigned) {
        dcl_text_format(text, "by %s: %u components keep", dcl_by_name(of->by), of->model.components);
        put_number(text, 100 * of->variance_kept, 0, 0);
        dcl_text_format(text,
                        " %% of the variance; silhouette of %zu homes, stability of bootstraps of %zu\n\n",
                        of->silhouette_homes, of->bootstrap_homes);
        put_tried(text, of);
        dcl_text_format(text, "%u: %s\n\n", of->k, dcl_choice_text(of->choice));
    }
    put_clusters(text, of);
    if (isfinite(run->kind_ari)) {
        dcl_text_put(text, "\nadjusted Rand index against the kinds of the panel:");
        put_number(text, run->kind_ari, 3, 0);
        dcl_text_put(text, "\n");
    }
    for (size_t i = 0; i < run->n_associations; i++) {
        const dcl_named_association *a = &run->association[i];
        dcl_text_format(text, "%s: Cramér's V", a->name);
        put_number(text, a->value.cramers_v, 2, 0);
        dcl_text_put(text, ", mutual information");
        put_number(text, a->value.mutual_bits, 3, 0);
        dcl_text_format(text, " bit, over %zu homes\n", a->value.n);
    }
}

void clusters_csv(dcl_text *text, const cluster_run *run) {
    dcl_text_put(text, "home,cluster,nearest,set_apart\n");
    for (size_t h = 0; h < run->homes.n; h++)
        dcl_text_format(text, "%s,%u,%u,%s\n", run->homes.id[h], run->clusters.label[h],
                        run->clusters.nearest[h], dcl_apart_name((dcl_apart)run->clusters.apart[h]));
}

/* ---------------------------------------------------------------- JSON */

static void put_quality(dcl_json_writer *json, const dcl_cluster_quality *q) {
    dcl_json_key_integer(json, "k", q->k);
    dcl_json_key_fixed(json, "inertia", q->inertia, 6);
    dcl_json_key_integer(json, "iterations", q->iterations);
    dcl_json_key_fixed(json, "silhouette", q->silhouette, 6);
    dcl_json_key_fixed(json, "davies_bouldin", q->davies_bouldin, 6);
    dcl_json_key_fixed(json, "calinski_harabasz", q->calinski_harabasz, 6);
    dcl_json_key_fixed(json, "stability_ari", q->stability, 6);
    dcl_json_key_fixed(json, "stability_low_ari", q->stability_low, 6);
    dcl_json_key_fixed(json, "stability_whole_ari", q->stability_whole, 6);
    dcl_json_key_fixed(json, "smallest_share", q->smallest, 6);
    dcl_json_key_fixed(json, "shape_variance", q->shape_variance, 6);
    dcl_json_key_fixed(json, "shape_variance_best", q->shape_best, 6);
    dcl_json_key_fixed(json, "icl", q->icl, 6);
}

static void put_cluster_json(dcl_json_writer *json, const dcl_clusters *of, uint32_t c) {
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "cluster", c + 1);
    dcl_json_key_integer(json, "homes", (int64_t)of->size[c]);
    dcl_json_key_fixed(json, "share", (double)of->size[c] / (double)of->in_clusters, 6);
    dcl_json_key_fixed(json, "energy_share", of->energy_share[c], 6);
    for (unsigned t = 0; t < DCL_TRAIT_COUNT; t++)
        dcl_json_key_fixed(json, dcl_trait_name((dcl_trait)t),
                           (double)of->trait[c * (size_t)DCL_TRAIT_COUNT + t], 6);
    dcl_json_end(json, '}');
}

static void put_apart_json(dcl_json_writer *json, const cluster_run *run) {
    const dcl_clusters *of = &run->clusters;
    dcl_json_key(json, "set_apart");
    dcl_json_begin(json, '[');
    for (size_t h = 0; h < of->n; h++) {
        if (of->apart[h] == DCL_APART_NONE) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "home", run->homes.id[h]);
        dcl_json_key_string(json, "why", dcl_apart_name((dcl_apart)of->apart[h]));
        dcl_json_key_integer(json, "days", run->homes.days[h]);
        dcl_json_key_fixed(json, "distance", (double)of->distance[h], 4);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_associations(dcl_json_writer *json, const cluster_run *run) {
    dcl_json_key(json, "associations");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < run->n_associations; i++) {
        const dcl_named_association *a = &run->association[i];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "attribute", a->name);
        dcl_json_key_integer(json, "homes", (int64_t)a->value.n);
        dcl_json_key_fixed(json, "cramers_v", a->value.cramers_v, 4);
        dcl_json_key_fixed(json, "mutual_bits", a->value.mutual_bits, 4);
        dcl_json_key_fixed(json, "of_entropy", a->value.of_entropy, 4);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key_fixed(json, "kind_ari", run->kind_ari, 6);
}

void clusters_json(dcl_text *text, const cluster_run *run) {
    const dcl_clusters *of = &run->clusters;
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    put_quality(&json, &of->quality);
    dcl_json_key_fixed(&json, "seconds", run->seconds, 3);
    dcl_json_key_integer(&json, "homes", (int64_t)of->n);
    dcl_json_key_integer(&json, "homes_in_clusters", (int64_t)of->in_clusters);
    dcl_json_key_string(&json, "choice", dcl_choice_name(of->choice));
    dcl_json_key_string(&json, "reason", dcl_choice_text(of->choice));
    dcl_json_key_string(&json, "by", dcl_by_name(of->by));
    dcl_json_key_integer(&json, "components", of->model.components);
    dcl_json_key_fixed(&json, "components_variance", of->variance_kept, 6);
    dcl_json_key_integer(&json, "silhouette_homes", (int64_t)of->silhouette_homes);
    dcl_json_key_integer(&json, "bootstrap_homes", (int64_t)of->bootstrap_homes);
    dcl_json_key_integer(&json, "fitted_homes", (int64_t)of->fitted_homes);
    dcl_json_key_integer(&json, "days", (int64_t)run->homes.days_told);
    dcl_json_key_integer(&json, "days_learned", (int64_t)run->homes.days_learned);
    dcl_json_key(&json, "tried");
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < of->n_tried; i++) {
        dcl_json_begin(&json, '{');
        put_quality(&json, &of->tried[i]);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "clusters");
    dcl_json_begin(&json, '[');
    for (uint32_t c = 0; c < of->k; c++) put_cluster_json(&json, of, c);
    dcl_json_end(&json, ']');
    put_apart_json(&json, run);
    put_associations(&json, run);
    ranks_json(&json, run->ranks);
    dcl_json_end(&json, '}');
    dcl_text_put(text, "\n");
}
