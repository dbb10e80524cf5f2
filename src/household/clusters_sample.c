/* Clusters of a country: found on some of its homes, and all homes put into them. */
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "household/rows.h"

enum { STREAM = 0x686f };

/* Homes at equal distances from a start that is drawn: place of the i-th of n among all. */
static size_t place_of(const dcl_context *context, size_t i, size_t n, size_t all) {
    double start = dcl_random_uniform(context->seed, STREAM, 0);
    size_t place = (size_t)(((double)i + start) * (double)all / (double)n);
    return place < all ? place : all - 1;
}

/* So many of the homes with all that is told of them, and the clusters that they begin from. */
static dcl_status pick(const dcl_context *context, const dcl_homes *homes, size_t n, dcl_arena *arena,
                       dcl_homes *out, dcl_clusters_options *options, dcl_error *error) {
    dcl_homes_row row[DCL_HOMES_ROWS];
    uint32_t *init = options->init ? dcl_arena_alloc(arena, n, sizeof *init) : NULL;
    *out = *homes;
    out->n = n;
    out->id = NULL;
    out->kind = NULL;
    dcl_homes_rows(homes, row);
    for (size_t r = 0; r < DCL_HOMES_ROWS; r++) {
        size_t each = row[r].each;
        const char *from = dcl_homes_row_at(homes, row[r]);
        char *to = dcl_arena_alloc(arena, n, each ? each : 1);
        if (!to) return dcl_fail_memory(error, "a sample of homes");
        for (size_t i = 0; i < n; i++)
            memcpy(to + i * each, from + place_of(context, i, n, homes->n) * each, each);
        dcl_homes_row_put(out, row[r], to);
    }
    if (options->init && !init) return dcl_fail_memory(error, "a sample of homes");
    for (size_t i = 0; init && i < n; i++) init[i] = options->init[place_of(context, i, n, homes->n)];
    options->init = init;
    return DCL_OK;
}

dcl_status dcl_clusters_find(const dcl_context *context, const dcl_homes *homes,
                             const dcl_clusters_options *options, dcl_arena *arena, dcl_clusters *out,
                             dcl_error *error) {
    if (!options->homes_most || homes->n <= options->homes_most) {
        dcl_status status = dcl_clusters_fit(context, homes, options, arena, out, error);
        out->fitted_homes = homes->n;
        return status;
    }
    dcl_arena own = {0};
    dcl_clusters_options some = *options;
    dcl_homes part;
    dcl_clusters found;
    dcl_status status = pick(context, homes, options->homes_most, &own, &part, &some, error);
    if (!status) status = dcl_clusters_fit(context, &part, &some, arena, &found, error);
    if (!status) status = dcl_clusters_assign(context, homes, &found.model, arena, out, error);
    if (!status) {
        out->quality = found.quality;
        out->tried = found.tried;
        out->n_tried = found.n_tried;
        out->choice = found.choice;
        out->variance_kept = found.variance_kept;
        memcpy(out->kept, found.kept, sizeof out->kept);
        out->silhouette_homes = found.silhouette_homes;
        out->bootstrap_homes = found.bootstrap_homes;
        out->fitted_homes = part.n;
    }
    dcl_arena_free(&own);
    return status;
}
