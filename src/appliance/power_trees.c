/* The forests of one appliance. */
#include "appliance/power_trees.h"

#include <stdlib.h>

#include "base/math.h"

enum { LEAST_ROWS = 50 };         /* fewer are not split: their mean is all that is known */
static const double FLAT_W = 1.0; /* levels that differ by less are one */
static const float SURE = 20.f;   /* log odds of what is never otherwise */

static dcl_status train_forest(const dcl_context *context, const dcl_booster_data *data,
                               const dcl_booster_options *training, dcl_arena *arena, dcl_forest *out,
                               dcl_error *error) {
    dcl_booster_model trained;
    dcl_status status = dcl_booster_train(context, data, training, &trained, error);
    if (status) return status;
    status = dcl_forest_from_json(trained.json, trained.length, arena, out, error);
    free(trained.json);
    return status;
}

/* The mean and variance of the targets that are not held, and how many there are. */
static size_t spread_of(const dcl_booster_data *data, double *mean, double *variance) {
    double total = 0, sum = 0, sum2 = 0;
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (data->held[i]) continue;
        double y = (double)data->y[i], weight = data->weight ? (double)data->weight[i] : 1;
        total += weight;
        sum += weight * y;
        sum2 += weight * y * y;
        n++;
    }
    *mean = total > 0 ? sum / total : 0;
    *variance = total > 0 ? sum2 / total - *mean * *mean : 0;
    return n;
}

/* The level of rows: trees, or one value where there is nothing to tell apart. */
static dcl_status train_level(const dcl_context *context, const dcl_booster_data *data,
                              const dcl_booster_options *training, dcl_arena *arena, dcl_forest *out,
                              dcl_error *error) {
    double mean, variance;
    size_t n = spread_of(data, &mean, &variance);
    *out = (dcl_forest){.n_features = data->k, .base = (float)mean};
    if (n < LEAST_ROWS || variance < FLAT_W * FLAT_W) return DCL_OK;
    return train_forest(context, data, training, arena, out, error);
}

/* The odds of being on; what was always on, or never, stays so. */
static dcl_status train_odds(const dcl_context *context, const dcl_booster_data *data,
                             const dcl_booster_options *training, dcl_arena *arena, dcl_forest *out,
                             dcl_error *error) {
    double mean, variance;
    spread_of(data, &mean, &variance);
    *out = (dcl_forest){.n_features = data->k, .base = mean > 0.5 ? SURE : -SURE};
    if (!(mean > 0 && mean < 1)) return DCL_OK;
    dcl_booster_options odds = *training;
    odds.loss = DCL_BOOSTER_LOGISTIC;
    odds.leaf_weight = training->leaf_weight / 4; /* a row weighs p (1 - p), a quarter at most */
    return train_forest(context, data, &odds, arena, out, error);
}

static dcl_booster_options with_rounds(const dcl_booster_options *training, int rounds) {
    dcl_booster_options options = *training;
    options.rounds = rounds;
    return options;
}

dcl_status dcl_power_trees_mean(const dcl_context *context, const dcl_booster_data *data,
                                const dcl_booster_options *training, dcl_arena *arena, dcl_power_trees *out,
                                dcl_error *error) {
    *out = (dcl_power_trees){.on = {.n_features = data->k, .base = SURE}, .low = {.n_features = data->k}};
    return train_forest(context, data, training, arena, &out->high, error);
}

dcl_status dcl_power_trees_parts(const dcl_context *context, const dcl_booster_data *data,
                                 const dcl_booster_options *training, double on_w, dcl_arena *arena,
                                 dcl_power_trees *out, dcl_error *error) {
    float *is_on = malloc((data->n + 1) * sizeof *is_on);
    uint8_t *held = malloc(data->n + 1);
    dcl_booster_data rows = *data;
    rows.held = held;
    dcl_status status = is_on && held ? DCL_OK : dcl_fail_memory(error, "the rows to learn from");
    for (int side = 0; !status && side < 2; side++) {
        for (size_t i = 0; i < data->n; i++) {
            is_on[i] = (double)data->y[i] > on_w;
            held[i] = (data->held && data->held[i]) || (is_on[i] > 0) != (side == 0);
        }
        dcl_booster_options level = with_rounds(training, training->rounds / (side ? 4 : 2) + 1);
        status = train_level(context, &rows, &level, arena, side ? &out->low : &out->high, error);
    }
    if (!status) {
        for (size_t i = 0; i < data->n; i++) held[i] = data->held && data->held[i];
        rows.y = is_on;
        status = train_odds(context, &rows, training, arena, &out->on, error);
    }
    free(is_on), free(held);
    return status;
}

void dcl_power_trees_levels(const dcl_kernels *kernels, const dcl_power_trees *trees, const float *row,
                            size_t n, size_t stride, float *scratch, float *level) {
    dcl_forest_predict(kernels, &trees->on, row, n, stride, scratch);
    dcl_forest_predict(kernels, &trees->high, row, n, stride, scratch + n);
    dcl_forest_predict(kernels, &trees->low, row, n, stride, level);
    for (size_t i = 0; i < n; i++) {
        double on = 1 / (1 + dcl_exp(-(double)scratch[i])), low = (double)level[i];
        level[i] = (float)(low + on * ((double)scratch[n + i] - low));
    }
}

void dcl_power_trees_put(dcl_pack_writer *to, const dcl_power_trees *trees) {
    dcl_forest_put(to, &trees->on);
    dcl_forest_put(to, &trees->high);
    dcl_forest_put(to, &trees->low);
}

dcl_status dcl_power_trees_get(dcl_pack_reader *from, dcl_arena *arena, dcl_power_trees *out,
                               dcl_error *error) {
    dcl_status status = dcl_forest_get(from, arena, &out->on, error);
    if (!status) status = dcl_forest_get(from, arena, &out->high, error);
    if (!status) status = dcl_forest_get(from, arena, &out->low, error);
    return status;
}

size_t dcl_power_trees_features(const dcl_power_trees *trees) {
    size_t most = trees->on.n_features;
    if (trees->high.n_features > most) most = trees->high.n_features;
    return trees->low.n_features > most ? trees->low.n_features : most;
}

size_t dcl_power_trees_count(const dcl_power_trees *trees) {
    return trees->on.n_trees + trees->high.n_trees + trees->low.n_trees;
}
