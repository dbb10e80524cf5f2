/* What learning and estimating share: the model, and a home as the features see it. */
#ifndef DCL_APPLIANCE_POWER_H
#define DCL_APPLIANCE_POWER_H

#include <declic/appliance_power.h>

#include "appliance/power_trees.h"
#include "appliance/windows.h"

/** What a compressor is like: W when it starts and when it stops, length of a cycle and time between two, s. */
typedef struct dcl_cold_like {
    double up_w, down_w, on_s, off_s;
} dcl_cold_like;

#define DCL_POWER_KIND "appliance-power"

struct dcl_power_model {
    dcl_arena arena;
    int64_t period_us;
    bool apparent_leads, wants_events;
    bool has[DCL_WINDOW_CHANNELS];
    size_t n, k, n_cold, n_left;
    char (*left)[DCL_POWER_NAME];         /* [n_left] what was not learned; not in the file */
    dcl_cold_like cold[DCL_WINDOW_RANKS]; /* compressors that are followed */
    uint32_t cold_of[DCL_WINDOW_RANKS]; /* the appliance each one is; n where the home's steps suggested it */
    dcl_feature *feature;               /* [k] */
    dcl_power_known *known;             /* [n] */
    dcl_power_trees *trees;             /* [n] */
};

/** A home on one grid: what the features are made of. All of it in the arena it was made in. */
typedef struct dcl_power_scene {
    int64_t start_us, period_us;
    size_t n;
    bool apparent_leads;
    int32_t *level[DCL_WINDOW_CHANNELS]; /* NULL where the home lacks it */
    dcl_edges steps;
    dcl_cycles cycles;
    float *period_s, *group_w;             /* of the cycles' groups */
    int32_t *compressor[DCL_WINDOW_RANKS]; /* [n] */
    const dcl_zone *zone;
} dcl_power_scene;

/**
 * The mains of a home: power_w less export_w where both are known, or apparent_va; and the other channels that stand on its
 * grid.   Errors: DCL_E_NO_DATA; DCL_E_ARG its readings are too far apart for its grid; DCL_E_MEMORY.
 */
dcl_status dcl_power_scene_of(const dcl_context *context, const dcl_home *home, dcl_arena *arena,
                              dcl_power_scene *out, dcl_error *error) DCL_MUST_USE;
/** Finds the steps and cycles of the levels. Errors: DCL_E_MEMORY, DCL_E_CANCELLED, those of dcl_cycles_find(). */
dcl_status dcl_power_scene_events(const dcl_context *context, dcl_power_scene *scene, dcl_arena *arena,
                                  dcl_error *error) DCL_MUST_USE;
/** Follows the compressors [n <= DCL_WINDOW_RANKS] through the steps that were found. Errors: DCL_E_MEMORY. */
dcl_status dcl_power_scene_cold(dcl_power_scene *scene, const dcl_cold_like *like, size_t n, dcl_arena *arena,
                                dcl_error *error) DCL_MUST_USE;
/** The scene as a source of features. */
dcl_window_source dcl_power_scene_source(const dcl_power_scene *scene);

/** A day of samples, or all that fit in it: the block that features are made for. */
static inline size_t dcl_power_block(int64_t period_us) {
    return period_us < DCL_DAY_US ? (size_t)(DCL_DAY_US / period_us) : 1;
}

/**
 * Makes estimates of one moment consistent: none negative, together at most the mains, the rest in *other.
 * wanted [n] 0.1 W; out [n]
 */
void dcl_power_settle(const float *wanted, size_t n, int32_t mains, int32_t *out, int32_t *other);

#endif
