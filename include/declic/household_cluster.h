/**
 * Household: the homes of a panel described, and grouped by how they use electricity, not by how much.
 *
 * The path: dcl_homes_measure() passes the panel and describes every home; dcl_clusters_fit() groups those that can be
 * compared; dcl_clusters_write() keeps the groups, and dcl_clusters_assign() puts other homes into them.
 */
#ifndef DECLIC_HOUSEHOLD_CLUSTER_H
#define DECLIC_HOUSEHOLD_CLUSTER_H

#include <declic/base_weather.h>
#include <declic/household.h>
#include <declic/series.h>

/* ---------------------------------------------------------------- homes described */

/**
 * A profile: the mean day in civil time by season (winter Dec-Feb, spring, summer, autumn), then by working day (Mon-Fri) and
 * weekend, in half hours, as a multiple of the home's mean: place (season × 2 + kind) × 48 + half hour.
 */
enum {
    DCL_PROFILE_SEASONS = 4,
    DCL_PROFILE_KINDS = 2,
    DCL_PROFILE_CELLS = DCL_PROFILE_SEASONS * DCL_PROFILE_KINDS,
    DCL_PROFILE_SLOTS = 48,
    DCL_PROFILE_LENGTH = DCL_PROFILE_CELLS * DCL_PROFILE_SLOTS,
    DCL_DAY_SHAPES = 12 /* words of the dictionary of daily shapes, at most */
};

/**
 * Habits: when something goes on in a home, in half hours from 06:00 to 22:00, by half of the year (cool October-April, warm May-September),
 * then by working day and weekend: place (half × 2 + kind) × 32 + half hour. Of a day counts what it draws above its own lower
 * quartile, as x / (x + usual), 0 … 1, where `usual` is the home's median day of that half of the year: neither how much a home
 * takes nor how strong a single appliance is stands in it, and hot water made at night does not either; what a half hour draws on six days
 * of ten at least is taken from it first, as machines do that by themselves. Means over days, smoothed over two hours and a half.
 */
enum {
    DCL_HABIT_CELLS = 4,
    DCL_HABIT_FROM = 12,
    DCL_HABIT_SLOTS = 32,
    DCL_HABIT_LENGTH = DCL_HABIT_CELLS * DCL_HABIT_SLOTS,
    DCL_CELL_HABITS = 1 << DCL_PROFILE_CELLS /* beside the bits of the cells of a profile */
};

/**
 * What is told of a home besides its profile: id, name in files, unit. Shares and ratios are 0 … 1 and 1 for "as much".
 *
 * MEAN_W         mean power, W: of the cells of the profile, five working days to two days of weekend
 * FLOOR_W        the 25 % quantile over the days of the day's lowest half hour, W;  FLOOR_SHARE  that over the mean
 * PEAK_HOUR      middle of the highest hour and a half of the mean day, h;  PEAK_SHARE  energy in the two hours around it
 * NIGHT_SHARE    of the energy between midnight and six
 * WEEKEND_RATIO  mean of weekends over that of working days, in the same seasons
 * WINTER_RATIO   mean of the winter over that of the summer
 * VARIABILITY    root mean square of the differences between a day and the mean day of its cell, over the mean
 * QUIET_DAYS     share of the days whose highest half hour is below 30 % of what nine days of ten stay under
 * SHAPE_ENTROPY  entropy of the home's shares of daily shapes, over that of equal shares
 * COLD_SLOPE     rise of a day's mean for each kelvin below 15 °C, over the home's mean, 1/K; NaN without weather
 * Any is NaN where the data cannot tell.
 */
#define DCL_TRAIT_TABLE(X)                                                                                   \
    X(MEAN_W, "mean_w", "W")                                                                                 \
    X(FLOOR_W, "floor_w", "W")                                                                               \
    X(FLOOR_SHARE, "floor_share", "1")                                                                       \
    X(PEAK_HOUR, "peak_hour", "h")                                                                           \
    X(PEAK_SHARE, "peak_share", "1")                                                                         \
    X(NIGHT_SHARE, "night_share", "1")                                                                       \
    X(WEEKEND_RATIO, "weekend_ratio", "1")                                                                   \
    X(WINTER_RATIO, "winter_ratio", "1")                                                                     \
    X(VARIABILITY, "variability", "1")                                                                       \
    X(QUIET_DAYS, "quiet_days", "1")                                                                         \
    X(SHAPE_ENTROPY, "shape_entropy", "1")                                                                   \
    X(COLD_SLOPE, "cold_slope", "1/K")

typedef enum dcl_trait {
#define DCL_X(id, name, unit) DCL_TRAIT_##id,
    DCL_TRAIT_TABLE(DCL_X)
#undef DCL_X
        DCL_TRAIT_COUNT
} dcl_trait;

/** The name of a trait in files, and its unit; NULL for a number that is none. */
const char *dcl_trait_name(dcl_trait trait);
const char *dcl_trait_unit(dcl_trait trait);

/** Why a home is in no cluster: id, name in files, text after a count ("3 homes …"). */
#define DCL_APART_TABLE(X)                                                                                   \
    X(NONE, "", "")                                                                                          \
    X(LITTLE_DATA, "little_data", "with too little data: a season or a kind of day is missing")              \
    X(IDLE, "idle", "below 20 W on average")                                                   \
    X(CONSTANT, "constant", "whose power never changes")                                                     \
    X(OUTLIER, "outlier", "unlike all others")

typedef enum dcl_apart {
#define DCL_X(id, name, text) DCL_APART_##id,
    DCL_APART_TABLE(DCL_X)
#undef DCL_X
        DCL_APART_COUNT
} dcl_apart;

const char *dcl_apart_name(dcl_apart apart);
const char *dcl_apart_text(dcl_apart apart);

/** Daily mean temperatures, °C, of civil days from first_day on [n]; NaN = not known. */
typedef struct dcl_day_weather {
    int64_t first_day;
    size_t n;
    const float *mean_c;
} dcl_day_weather;

/**
 * Means of the civil days of the context's zone. A day with fewer than a quarter of the hours that the fullest has is not known.
 * Errors: DCL_E_ARG no hours, or no zone; DCL_E_MEMORY.
 */
dcl_status dcl_weather_days(const dcl_context *context, const dcl_weather *weather, dcl_arena *arena,
                            dcl_day_weather *out, dcl_error *error) DCL_MUST_USE;

/** How to describe homes. Start from dcl_homes_defaults(). */
typedef struct dcl_homes_options {
    size_t memory;                  /* bytes of power in memory at a time. Default 128 MB */
    const dcl_day_weather *weather; /* NULL = not known */
    const float
        *day_shape; /* [day_shapes × 48] a dictionary to describe days by; NULL = learned from these homes */
    uint32_t day_shapes;
} dcl_homes_options;

dcl_homes_options dcl_homes_defaults(void);

/**
 * The homes of a panel, in its order; in the arena.
 * profile    [n × DCL_PROFILE_LENGTH]  NaN in cells that are not known: those in which a half hour was seen on fewer than 3 days
 * habit      [n × DCL_HABIT_LENGTH]    NaN where a kind of day of a half of the year was seen on fewer than 3 days
 * trait      [n × DCL_TRAIT_COUNT]
 * shape_share [n × day_shapes]         share of the home's days that are nearest to a shape; 0 without days
 * days       [n]                       days that are there, to 46 half hours at least
 * apart      [n]                       of dcl_apart; OUTLIER is dcl_clusters_fit()'s to say
 * kind       [n]                       of the panel; NULL where it has none
 * day_shape  [day_shapes × 48]         square roots of half hours over the day's mean
 * cells                                bits of the cells that at least half of the homes know
 * days_learned                         days that the dictionary was learned from: all, or 2^18 over all homes
 */
typedef struct dcl_homes {
    size_t n;
    char (*id)[64];
    uint8_t *kind;
    float *profile, *habit, *trait, *shape_share;
    uint32_t *days;
    uint8_t *apart;
    float *day_shape;
    uint32_t day_shapes;
    uint32_t cells;
    uint64_t days_told, days_learned;
    int64_t start_us, end_us;
} dcl_homes;

/**
 * Describes every home of a panel, in civil time of the context's zone. One pass over the panel describes the homes and draws days
 * for the dictionary of daily shapes; a second one describes each day by it.
 *
 * With context->ranks each process reads and describes its own homes, and rank 0 gets the rows of all, 2.15 KB a home; elsewhere
 * `out` holds the homes of that process alone.
 *
 * Errors:  DCL_E_UNSUPPORTED a panel whose step does not divide half an hour, nor is an hour; DCL_E_NO_DATA a span below 14
 *          days; those of dcl_panel_each() and dcl_kmeans_fit().
 * Memory:  the arena gets 2.7 KB a home; while it runs `memory`, 192 bytes a day learned from and 4 bytes a slot besides.
 * Threads: context->threads; same bytes for any number of them and any instruction set.
 */
dcl_status dcl_homes_measure(const dcl_context *context, const dcl_panel *panel,
                             const dcl_homes_options *options, dcl_arena *arena, dcl_homes *out,
                             dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- clusters */

/** What homes are compared by: id, name in files. AUTO = habits where there are homes enough (few do not carry their components). */
#define DCL_BY_TABLE(X)                                                                                      \
    X(AUTO, "auto")                                                                                          \
    X(SHAPES, "shapes")                                                                                      \
    X(HABITS, "habits")

typedef enum dcl_by {
#define DCL_X(id, name) DCL_BY_##id,
    DCL_BY_TABLE(DCL_X)
#undef DCL_X
        DCL_BY_COUNT
} dcl_by;

/** NULL for a number that is none. */
const char *dcl_by_name(dcl_by by);

/** How to group. Start from dcl_clusters_defaults(). */
typedef struct dcl_clusters_options {
    dcl_by by;          /* Default AUTO: HABITS from habits_from homes that know them on, else SHAPES */
    size_t habits_from; /* Default 1,000 */
    uint32_t habit_components; /* that are kept of the habits. Default 4 */
    uint32_t k;                /* 0 = chosen among 2 … k_most */
    uint32_t k_most;           /* most that is tried. Default 10 */
    double variance;           /* of the columns, kept by the principal components, 0 … 1 */
    uint32_t components_most;  /* most of them that are kept */
    uint32_t bootstraps;       /* Default 20 */
    uint32_t restarts;         /* k-means++ starts of each fit; the best one counts. Default 16 */
    /* Homes further from the median home than the upper quartile + fence × (interquartile range) of the distances are outliers;
       those beyond the same with `inner` are drawn in to it. Default 3 and 1 */
    double fence, inner;
    double stable;           /* stability from which a k counts as stable. Default 0.6 */
    double smallest;         /* least share of the homes in a cluster. Default 0.05 */
    double explained;        /* least shape_variance over shape_best, by shapes. Default 0.95 */
    double habits_explained; /* the same by habits, whose components are weighed. Default 0.9 */
    size_t homes_most;       /* homes that dcl_clusters_find() finds clusters on. Default 2^17; 0 = all */
    const uint32_t *init; /* [n] a cluster 1 … k of each home to start from, 0 = none; NULL = k-means++ */
} dcl_clusters_options;

dcl_clusters_options dcl_clusters_defaults(void);

/**
 * How good a number of clusters is.
 * silhouette         mean over at most 2,000 homes, -1 … 1;  davies_bouldin >= 0, less is better;  calinski_harabasz >= 0
 * icl                by habits: -2 log of the likelihood of homes and clusters, and what describing the clusters costs, a home; less is
 *                    better (Biernacki, Celeux and Govaert, IEEE PAMI 22(7), 2000); NaN by shapes
 * stability          mean adjusted Rand index of the bootstraps' clusters against the full fit's, over all homes that are in a
 *                    cluster, on the components of all of them; stability_low the least of the bootstraps
 * stability_whole    the same where each bootstrap finds components of its own as well
 * smallest           share of the homes in the smallest cluster
 * shape_variance     share of the variance of the level-free profiles, or of the habits, that the clusters explain, 0 … 1
 * shape_best         the same of k-means on these columns themselves
 */
typedef struct dcl_cluster_quality {
    uint32_t k, iterations;
    double inertia, icl, silhouette, davies_bouldin, calinski_harabasz, stability, stability_low,
        stability_whole, smallest, shape_variance, shape_best;
} dcl_cluster_quality;

/** Why a number of clusters is recommended: id, name in files, text. */
#define DCL_CHOICE_TABLE(X)                                                                                  \
    X(GIVEN, "given", "as asked for")                                                                        \
    X(FINEST_STABLE, "finest_stable",                                                                        \
      "the most clusters that come out alike from other samples, none small, and that tell the shapes "      \
      "apart as well as any")                                                                                \
    X(LIKELIEST, "likeliest",                                                                                \
      "of the numbers that come out alike from other samples, none small, the one under which the homes "    \
      "are likeliest, with what the clusters' description costs")                                            \
    X(MOST_STABLE, "most_stable",                                                                            \
      "no number is stable: of those without small clusters that tell shapes apart, the most stable one")    \
    X(ONLY_SMALL, "only_small",                                                                              \
      "every number has small clusters or tells shapes apart badly: the most stable one")                    \
    X(ONE_HOME, "one_home", "too few homes to choose")

typedef enum dcl_choice {
#define DCL_X(id, name, text) DCL_CHOICE_##id,
    DCL_CHOICE_TABLE(DCL_X)
#undef DCL_X
        DCL_CHOICE_COUNT
} dcl_choice;

const char *dcl_choice_name(dcl_choice choice);
const char *dcl_choice_text(dcl_choice choice);

/**
 * What other homes need to be put into the clusters.
 * cells                      of the profiles that the columns are made of; DCL_CELL_HABITS alone = the habits
 * mean [columns], component [components × columns]   of the principal components
 * centroid [k × components]  of the clusters, largest cluster first
 * metric [k × components × components], offset [k]   a home belongs where offset + |metric (score - centroid)|² is least; NULL by
 *                            shapes, where the nearest centroid counts
 * fence, inner               distances from the median home [columns] beyond which a home is an outlier, and is drawn in
 */
typedef struct dcl_cluster_model {
    uint32_t k, components, columns, cells;
    float *mean, *component, *centroid, *metric, *offset, *median;
    double fence, inner;
    float *day_shape;
    uint32_t day_shapes;
} dcl_cluster_model;

/**
 * Clusters, in the arena.
 * label    [n]  1 … k, 0 = set apart;  nearest [n]  the nearest cluster also of those set apart as outliers, else 0
 * distance [n]  from the median home over `fence`; NaN for homes without the cells
 * score    [n × components]  NaN as above
 * size [k];  energy_share [k]  of the energy of all homes in clusters
 * profile, profile_low, profile_high [k × DCL_PROFILE_LENGTH]  mean and quartiles over the homes
 * trait, trait_low, trait_high [k × DCL_TRAIT_COUNT]           median and quartiles over the homes
 * shape_share [k × day_shapes]                                 mean over the homes
 * apart [n]     of dcl_apart, outliers included;  apart_count [DCL_APART_COUNT]
 * tried [n_tried]  all numbers of clusters that were looked at; `quality` is that of k
 */
typedef struct dcl_clusters {
    dcl_cluster_model model;
    dcl_by by; /* SHAPES or HABITS */
    size_t n;
    uint32_t k;
    uint32_t *label, *nearest;
    float *distance, *score;
    uint64_t *size;
    double *energy_share;
    float *profile, *profile_low, *profile_high, *trait, *trait_low, *trait_high, *shape_share;
    uint8_t *apart;
    size_t apart_count[DCL_APART_COUNT], in_clusters;
    dcl_cluster_quality quality, *tried;
    size_t n_tried;
    dcl_choice choice;
    double variance_kept; /* of the columns, by the components */
    double kept[3];       /* by the first three of them */
    size_t silhouette_homes, bootstrap_homes;
    size_t fitted_homes; /* that dcl_clusters_find() found clusters on */
} dcl_clusters;

/**
 * Groups homes by their level-free profiles or by their habits: principal components of the columns, then k-means on the scores; those of
 * habits are divided by the root of their deviation first, since people differ in many small ways, and their clusters become normal
 * distributions with spreads and shares of their own: ways of living are led by few or by many, alike or each in his own way. Homes set apart by
 * dcl_homes_measure() stay so; outliers are set apart first, and homes between the fences are drawn in to the inner one, so that a few
 * do not turn the components (Tukey, "Exploratory Data Analysis", 1977, has both fences).
 *
 * k-means and everything of ours has the same bytes for any number of threads and any instruction set; components come from
 * OpenBLAS and LAPACKE and have them for one library build and processor type.
 *
 * Errors:  DCL_E_NO_DATA no home that can be compared; DCL_E_ARG k above the number of those homes, an option out of its range;
 *          DCL_E_MEMORY; DCL_E_CANCELLED.
 * Memory:  the arena gets some 100 bytes a home; while it runs 4 KB a home and thread.
 */
dcl_status dcl_clusters_fit(const dcl_context *context, const dcl_homes *homes,
                            const dcl_clusters_options *options, dcl_arena *arena, dcl_clusters *out,
                            dcl_error *error) DCL_MUST_USE;

/**
 * dcl_clusters_fit(), of a country as well: of more than options->homes_most homes so many, at equal distances from a start that the
 * seed draws, are grouped, and all homes then put into their clusters. Quality and choice are those of the homes grouped.
 * Errors: those of both.   Memory: for each of homes_most homes what dcl_clusters_fit() takes, and 100 bytes a home.
 */
dcl_status dcl_clusters_find(const dcl_context *context, const dcl_homes *homes,
                             const dcl_clusters_options *options, dcl_arena *arena, dcl_clusters *out,
                             dcl_error *error) DCL_MUST_USE;

/**
 * Puts homes, of any panel, into clusters that were found before; out's quality is that of these homes where there are enough, without
 * stability. Errors: DCL_E_NO_DATA no home has the cells of the model; DCL_E_MEMORY.
 */
dcl_status dcl_clusters_assign(const dcl_context *context, const dcl_homes *homes,
                               const dcl_cluster_model *model, dcl_arena *arena, dcl_clusters *out,
                               dcl_error *error) DCL_MUST_USE;

/** Adjusted Rand index of two labellings [n] (Hubert and Arabie 1985): 1 = the same groups, 0 = as by chance. NaN for n < 2. */
double dcl_adjusted_rand(const uint32_t *a, const uint32_t *b, size_t n);

/**
 * Writes homes and clusters to an HDF5 file (layout in docs/architecture.md), whole or not at all.
 * Errors: those of a store.
 */
dcl_status dcl_clusters_write(const char *path, const dcl_homes *homes, const dcl_clusters *clusters,
                              dcl_error *error) DCL_MUST_USE;
/** True for a file that says so of itself. */
bool dcl_clusters_is(const char *path);
/**
 * Reads what other homes need, and who was where.
 * id, label [n]  may be NULL where that is not wanted
 * Errors: DCL_E_NOT_FOUND, DCL_E_FORMAT a damaged file or none of clusters, DCL_E_UNSUPPORTED, DCL_E_MEMORY.
 */
dcl_status dcl_clusters_read(const char *path, dcl_arena *arena, dcl_cluster_model *model, char (**id)[64],
                             uint32_t **label, size_t *n, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- what else is known of homes */

/** A table of attributes: text by home, "" = not known. value [n_columns × n], number of a column's words; 0 = not known. */
typedef struct dcl_attributes {
    size_t n, n_columns;
    char (*name)[64];  /* [n_columns] */
    uint32_t *value;   /* [n_columns × n] 1 … words[column] */
    uint32_t *words;   /* [n_columns] */
    char (**word)[64]; /* [n_columns][words] */
    size_t matched;    /* homes that have a row */
} dcl_attributes;

/**
 * Reads a CSV with a header whose first column, or the one that holds the ids, names a home. Columns with more than 64 words, or one
 * alone, are left out: they tell nothing apart.
 * Errors: DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_FORMAT, DCL_E_NO_DATA no row is of a home; DCL_E_MEMORY.
 */
dcl_status dcl_attributes_read(const char *path, const dcl_homes *homes, dcl_arena *arena,
                               dcl_attributes *out, dcl_error *error) DCL_MUST_USE;

/**
 * How an attribute goes with the clusters, over the homes that have both.
 * cramers_v     0 … 1, with the correction for its bias under independence (Bergsma 2013)
 * mutual_bits   mutual information, bit;  of_entropy  that over the entropy of the attribute
 */
typedef struct dcl_association {
    size_t n;
    double cramers_v, mutual_bits, of_entropy;
} dcl_association;

/** a [n] below or at na, b [n] below or at nb, both from 1; 0 = not known. Errors: DCL_E_MEMORY. */
dcl_status dcl_associate(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb, size_t n,
                         dcl_association *out) DCL_MUST_USE;

#endif
