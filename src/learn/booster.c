/* Training boosted trees with XGBoost 1.7, the one file that knows it. */
#include "learn/booster.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xgboost/c_api.h>

#include "base/order.h"
#include "base/parallel.h"

dcl_booster_options dcl_booster_defaults(void) {
    return (dcl_booster_options){.loss = DCL_BOOSTER_SQUARED,
                                 .huber_slope = 1,
                                 .quantile = 0.5,
                                 .rounds = 200,
                                 .depth = 6,
                                 .rate = 0.1,
                                 .leaf_weight = 5,
                                 .row_share = 0.7,
                                 .feature_share = 0.5,
                                 .bins = 254};
}

static bool in_share(double value) {
    return value > 0 && value <= 1;
}

static dcl_status check(const dcl_booster_data *data, const dcl_booster_options *o, dcl_error *error) {
    if ((unsigned)o->loss >= DCL_BOOSTER_LOSSES || o->rounds < 1 || o->rounds > 65536 || o->depth < 1 ||
        o->depth > 15 || !in_share(o->rate) || !in_share(o->row_share) || !in_share(o->feature_share) ||
        o->bins < 2 || o->bins > 254 || o->patience < 0 || !(o->huber_slope > 0) || !(o->leaf_weight >= 0) ||
        !(o->quantile > 0 && o->quantile < 1) || !data->k)
        return dcl_fail(error, DCL_E_ARG, "an option of the training is out of its range");
    size_t held = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (!isfinite(data->y[i]) ||
            (o->loss == DCL_BOOSTER_LOGISTIC && !(data->y[i] >= 0 && data->y[i] <= 1)))
            return dcl_fail(error, DCL_E_ARG, "the target of row %zu cannot be learned", i);
        if (data->y_pinball && !isfinite(data->y_pinball[i]))
            return dcl_fail(error, DCL_E_ARG, "the target of row %zu cannot be learned", i);
        for (size_t f = 0; f < data->k; f++)
            if (isinf(data->x[i * data->k + f]))
                return dcl_fail(error, DCL_E_ARG, "row %zu: feature %zu is infinite", i, f);
        held += data->held && data->held[i];
    }
    if (data->n - held < 2)
        return dcl_fail(error, DCL_E_NO_DATA, "%zu rows to learn from are too few", data->n - held);
    if (o->patience && !held)
        return dcl_fail(error, DCL_E_NO_DATA, "no rows are held to stop the training by");
    return DCL_OK;
}

/* ---------------------------------------------------------------- the library's errors and matrices */

static dcl_status fail_library(dcl_error *error) {
    const char *text = XGBGetLastError();
    const char *line = strstr(text, ": "); /* behind the place in its own source */
    return dcl_fail(error, DCL_E_UNSUPPORTED, "XGBoost: %.200s", line ? line + 2 : text);
}

/* The rows of one side, trained on or held: the library's matrix and the targets of the pinball loss. */
typedef struct side {
    DMatrixHandle matrix; /* NULL = no rows */
    float *pinball;
} side;

/* The rows of a side are copied together: the library takes no subset. */
static dcl_status make_side(const dcl_context *context, const dcl_booster_data *data, bool held, side *out,
                            dcl_error *error) {
    size_t n = 0, k = data->k;
    for (size_t i = 0; i < data->n; i++) n += held == (data->held && data->held[i]);
    float *x = malloc((n * (k + 2) + 1) * sizeof *x), *y = x ? x + n * k : NULL, *weight = x ? y + n : NULL;
    out->pinball = malloc((n + 1) * sizeof *out->pinball);
    if (!x || !out->pinball) {
        free(x);
        return dcl_fail_memory(error, "the rows to learn from");
    }
    size_t at = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (held != (data->held && data->held[i])) continue;
        memcpy(x + at * k, data->x + i * k, k * sizeof *x);
        y[at] = data->y[i];
        out->pinball[at] = data->y_pinball ? data->y_pinball[i] : data->y[i];
        weight[at++] = data->weight ? data->weight[i] : 1;
    }
    bool made = XGDMatrixCreateFromMat_omp(x, n, k, NAN, &out->matrix, context->threads) == 0 &&
                XGDMatrixSetFloatInfo(out->matrix, "label", y, n) == 0 &&
                XGDMatrixSetFloatInfo(out->matrix, "weight", weight, n) == 0;
    free(x);
    return made ? DCL_OK : fail_library(error);
}

/* ---------------------------------------------------------------- parameters */

typedef struct setting {
    const char *name;
    char value[32];
} setting;

/* Numbers as text without a locale's comma: whole and millionths. */
static void put_number(setting *to, const char *name, double value) {
    long long whole = (long long)value, part = llround((value - (double)whole) * 1e6);
    if (part == 1000000) whole++, part = 0;
    to->name = name;
    snprintf(to->value, sizeof to->value, "%lld.%06lld", whole, part);
}

static void put_integer(setting *to, const char *name, long long value) {
    to->name = name;
    snprintf(to->value, sizeof to->value, "%lld", value);
}

static void put_text(setting *to, const char *name, const char *value) {
    to->name = name;
    snprintf(to->value, sizeof to->value, "%s", value);
}

static double mean_target(const dcl_booster_data *data) {
    double sum = 0, weight = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (data->held && data->held[i]) continue;
        double w = data->weight ? (double)data->weight[i] : 1;
        sum += w * (double)data->y[i];
        weight += w;
    }
    return weight > 0 ? sum / weight : 0;
}

/* Where a pinball training begins, and how far apart the targets are: steps are measured by it. */
typedef struct target_spread {
    double base, width;
} target_spread;

/* The quantile of the targets trained on and the width of their middle four fifths; from at most 65,536 of them. */
static dcl_status spread_of(const dcl_booster_data *data, double quantile, target_spread *out,
                            dcl_error *error) {
    size_t step = data->n / 65536 + 1, n = 0;
    float *y = malloc((data->n / step + 1) * sizeof *y);
    if (!y) return dcl_fail_memory(error, "the rows to learn from");
    for (size_t i = 0; i < data->n; i += step)
        if (!(data->held && data->held[i])) y[n++] = data->y_pinball ? data->y_pinball[i] : data->y[i];
    if (!n) y[n++] = 0;
    dcl_sort_f32(y, n);
    out->base = dcl_quantile_f32(y, n, quantile);
    out->width = dcl_quantile_f32(y, n, 0.9) - dcl_quantile_f32(y, n, 0.1);
    if (!(out->width > 0)) out->width = (double)y[n - 1] - (double)y[0];
    if (!(out->width > 0)) out->width = 1;
    free(y);
    return DCL_OK;
}

static dcl_status configure(const dcl_context *context, const dcl_booster_data *data,
                            const dcl_booster_options *o, const target_spread *spread, BoosterHandle booster,
                            dcl_error *error) {
    static const char *const objectives[] = {
        "reg:squarederror", "reg:pseudohubererror", "binary:logistic",
        "reg:squarederror"}; /* of the pinball loss: for its base alone */
    setting set[16];
    size_t n = 0;
    put_text(&set[n++], "objective", objectives[o->loss]);
    put_text(&set[n++], "tree_method", "hist");
    put_integer(&set[n++], "verbosity", 0);
    put_integer(&set[n++], "nthread", context->threads);
    put_integer(&set[n++], "seed", (long long)(context->seed & 0x7fffffff));
    put_integer(&set[n++], "max_depth", o->depth);
    put_integer(&set[n++], "max_bin", o->bins);
    put_number(&set[n++], "eta", o->rate);
    put_number(&set[n++], "min_child_weight", o->leaf_weight);
    put_number(&set[n++], "subsample", o->row_share);
    put_number(&set[n++], "colsample_bytree", o->feature_share);
    put_number(&set[n++], "huber_slope", o->huber_slope);
    /* Log odds 0 for the logistic loss: its base passes through a logarithm, which 0.5 survives exactly. */
    double base = o->loss == DCL_BOOSTER_LOGISTIC ? 0.5 : spread ? spread->base : mean_target(data);
    set[n].name = "base_score"; /* may be negative */
    put_number(&set[n], "base_score", fabs(base));
    if (base < 0) {
        memmove(set[n].value + 1, set[n].value, strlen(set[n].value) + 1);
        set[n].value[0] = '-';
    }
    n++;
    for (size_t i = 0; i < n; i++)
        if (XGBoosterSetParam(booster, set[i].name, set[i].value)) return fail_library(error);
    return DCL_OK;
}

/* ---------------------------------------------------------------- rounds */

static double row_loss(const dcl_booster_options *o, double y, double p) {
    double d = p - y, s = o->huber_slope;
    if (o->loss == DCL_BOOSTER_SQUARED) return d * d;
    if (o->loss == DCL_BOOSTER_PINBALL) return y < p ? (1 - o->quantile) * d : -o->quantile * d;
    if (o->loss == DCL_BOOSTER_HUBER) return s * s * (sqrt(1 + d / s * (d / s)) - 1);
    return d * d; /* of a probability: Brier's score */
}

/* The loss on the held rows. */
static dcl_status held_loss(BoosterHandle booster, const side *held, const dcl_booster_options *o,
                            double *out, dcl_error *error) {
    const float *y, *weight, *p;
    bst_ulong n, n_weight, n_p;
    if (XGDMatrixGetFloatInfo(held->matrix, "label", &n, &y) ||
        XGDMatrixGetFloatInfo(held->matrix, "weight", &n_weight, &weight) ||
        XGBoosterPredict(booster, held->matrix, 0, 0, 0, &n_p, &p))
        return fail_library(error);
    if (o->loss == DCL_BOOSTER_PINBALL) y = held->pinball;
    double sum = 0, all = 0;
    for (size_t i = 0; i < n && i < n_p && i < n_weight; i++) {
        sum += (double)weight[i] * row_loss(o, (double)y[i], (double)p[i]);
        all += (double)weight[i];
    }
    *out = all > 0 ? sum / all : NAN;
    return DCL_OK;
}

/* Room for the gradients of a round: first ones, then second ones. */
typedef struct gradients {
    target_spread spread;
    float *at;
} gradients;

/*
 * Slopes of the pinball loss with its corner rounded: sqrt(d^2 + s^2) / 2 + (1/2 - q) d, of d = forecast - target and a small s (for
 * q = 1/2 the pseudo-Huber loss). It is curved near the corner alone; elsewhere 1 / width stands in for the curvature, half of it for
 * the outer quantiles, which have a longer way from the base. Both slopes are times the width, so that leaves weigh alike whatever
 * the unit.
 */
static void pinball_slopes(double quantile, double width, const float *y, const float *p, const float *weight,
                           size_t n, float *first, float *second) {
    float s = (float)(0.03 * width), w = (float)width, lean = (float)(0.5 - quantile);
    float least = fabs(quantile - 0.5) > 0.25 ? 0.5F : 1;
    for (size_t i = 0; i < n; i++) {
        float d = p[i] - y[i], away = sqrtf(d * d + s * s);
        float curve = 0.5F * (s / away) * (s / away) * (w / away);
        first[i] = weight[i] * w * (0.5F * d / away + lean);
        second[i] = weight[i] * (curve > least ? curve : least);
    }
}

static dcl_status pinball_round(const dcl_booster_options *o, BoosterHandle booster, const side *train,
                                gradients *slopes, dcl_error *error) {
    const float *weight, *p;
    bst_ulong n, n_p;
    if (XGDMatrixGetFloatInfo(train->matrix, "weight", &n, &weight) ||
        XGBoosterPredict(booster, train->matrix, 0, 0, 1, &n_p, &p))
        return fail_library(error);
    if (n_p != n) return dcl_fail(error, DCL_E_UNSUPPORTED, "XGBoost: rows were lost");
    if (!slopes->at) slopes->at = malloc(2 * n * sizeof *slopes->at);
    if (!slopes->at) return dcl_fail_memory(error, "the gradients");
    pinball_slopes(o->quantile, slopes->spread.width, train->pinball, p, weight, n, slopes->at,
                   slopes->at + n);
    return XGBoosterBoostOneIter(booster, train->matrix, slopes->at, slopes->at + n, n) ? fail_library(error)
                                                                                        : DCL_OK;
}

static dcl_status one_round(const dcl_booster_options *o, BoosterHandle booster, const side *train, int round,
                            gradients *slopes, dcl_error *error) {
    if (o->loss == DCL_BOOSTER_PINBALL) return pinball_round(o, booster, train, slopes, error);
    return XGBoosterUpdateOneIter(booster, round, train->matrix) ? fail_library(error) : DCL_OK;
}

static dcl_status run_rounds(const dcl_context *context, const dcl_booster_options *o, BoosterHandle booster,
                             const side *train, const side *held, gradients *slopes, dcl_booster_model *out,
                             dcl_error *error) {
    double best = INFINITY;
    int best_at = 0;
    dcl_status status = DCL_OK;
    for (int round = 0; !status && round < o->rounds; round++) {
        if (dcl_cancelled(context)) return DCL_E_CANCELLED;
        status = one_round(o, booster, train, round, slopes, error);
        if (status) break;
        out->trees = round + 1;
        if (!held->matrix || (!o->patience && out->trees < o->rounds)) continue;
        double loss = NAN;
        status = held_loss(booster, held, o, &loss, error);
        if (loss < best) best = loss, best_at = round + 1;
        if (o->patience && round + 1 - best_at >= o->patience) break;
    }
    if (best_at) out->held_loss = best;
    if (o->patience && best_at) out->trees = best_at;
    return status;
}

static dcl_status save(BoosterHandle booster, dcl_booster_model *out, dcl_error *error) {
    BoosterHandle cut = NULL;
    const char *bytes;
    bst_ulong n;
    dcl_status status = DCL_OK;
    if (XGBoosterSlice(booster, 0, out->trees, 1, &cut) ||
        XGBoosterSaveModelToBuffer(cut, "{\"format\": \"json\"}", &n, &bytes))
        status = fail_library(error);
    if (!status) {
        out->json = malloc(n + 1);
        if (out->json) {
            memcpy(out->json, bytes, n);
            out->json[n] = '\0';
            out->length = n;
        } else {
            status = dcl_fail_memory(error, "the model");
        }
    }
    if (cut) XGBoosterFree(cut);
    return status;
}

/* ---------------------------------------------------------------- trainings side by side */

typedef struct trainings {
    const dcl_context *context; /* of one of them */
    const dcl_booster_data *data;
    const dcl_booster_options *options;
    side side[2]; /* trained on, held */
    dcl_booster_model *out;
    dcl_error *errors;
} trainings;

static dcl_status train_one(void *arg, size_t i) {
    trainings *t = arg;
    const dcl_booster_options *o = &t->options[i];
    BoosterHandle booster = NULL;
    DMatrixHandle matrix[2] = {t->side[0].matrix, t->side[1].matrix};
    gradients slopes = {.at = NULL};
    dcl_error *error = &t->errors[i];
    bool is_pinball = o->loss == DCL_BOOSTER_PINBALL;
    dcl_status status = is_pinball ? spread_of(t->data, o->quantile, &slopes.spread, error) : DCL_OK;
    if (!status && XGBoosterCreate(matrix, matrix[1] ? 2 : 1, &booster)) status = fail_library(error);
    if (!status)
        status = configure(t->context, t->data, o, is_pinball ? &slopes.spread : NULL, booster, error);
    if (!status)
        status = run_rounds(t->context, o, booster, &t->side[0], &t->side[1], &slopes, &t->out[i], error);
    if (!status) status = save(booster, &t->out[i], error);
    if (booster) XGBoosterFree(booster);
    free(slopes.at);
    return status;
}

/* The library sorts features into bins at the first round on a matrix: done once before threads share it. */
static dcl_status sort_bins(const trainings *t, dcl_error *error) {
    BoosterHandle booster = NULL;
    dcl_booster_options o = t->options[0];
    o.loss = DCL_BOOSTER_SQUARED, o.depth = 1;
    dcl_status status = DCL_OK;
    if (XGBoosterCreate(&t->side[0].matrix, 1, &booster)) status = fail_library(error);
    if (!status) status = configure(t->context, t->data, &o, NULL, booster, error);
    if (!status && XGBoosterUpdateOneIter(booster, 0, t->side[0].matrix)) status = fail_library(error);
    if (booster) XGBoosterFree(booster);
    return status;
}

/*
 * Threads that share a tree wait for one another at every level; those that have a training each wait once. One training alone has
 * all threads to itself, and no parallel region around it: inside one the library would get a single thread and count on more.
 */
static dcl_status train_sides(const dcl_context *context, trainings *t, size_t n, dcl_error *error) {
    dcl_context alone = *context;
    t->context = &alone;
    t->errors = calloc(n, sizeof *t->errors);
    if (!t->errors) return dcl_fail_memory(error, "the trainings");
    if (n > 1) alone.threads = 1;
    dcl_status status = n > 1 && context->threads > 1 ? sort_bins(t, error) : DCL_OK;
    if (!status) status = n > 1 ? dcl_parallel_for(context, n, train_one, t) : train_one(t, 0);
    for (size_t i = 0; status && i < n; i++)
        if (t->errors[i].code == status && error) {
            *error = t->errors[i];
            break;
        }
    free(t->errors);
    return status;
}

dcl_status dcl_booster_train_all(const dcl_context *context, const dcl_booster_data *data,
                                 const dcl_booster_options *options, size_t n, dcl_booster_model *out,
                                 dcl_error *error) {
    trainings t = {.data = data, .options = options, .out = out};
    dcl_status status = DCL_OK;
    bool any_held = false;
    for (size_t i = 0; i < n; i++) {
        out[i] = (dcl_booster_model){.held_loss = (double)NAN};
        if (!status) status = check(data, &options[i], error);
    }
    for (size_t i = 0; !status && data->held && i < data->n; i++) any_held = any_held || data->held[i];
    if (!status) status = make_side(context, data, false, &t.side[0], error);
    if (!status && any_held) status = make_side(context, data, true, &t.side[1], error);
    if (!status) status = train_sides(context, &t, n, error);
    for (size_t i = 0; status && i < n; i++) {
        free(out[i].json);
        out[i].json = NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        if (t.side[i].matrix) XGDMatrixFree(t.side[i].matrix);
        free(t.side[i].pinball);
    }
    return status;
}

dcl_status dcl_booster_train(const dcl_context *context, const dcl_booster_data *data,
                             const dcl_booster_options *options, dcl_booster_model *out, dcl_error *error) {
    return dcl_booster_train_all(context, data, options, 1, out, error);
}
