/* Learning the power of appliances from homes in which it was measured. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <declic/learn.h>

#include "appliance/cold.h"
#include "appliance/power_mix.h"
#include "base/rng.h"

#define COARSE_US (5 * DCL_MINUTE_US)
enum { LEAST_MOMENTS = 100, COPIES_MAX = 64 };

dcl_power_options dcl_power_defaults(void) {
    return (dcl_power_options){.copies = -1, .rows = 90000};
}

/* What is learned from: rows of features, and for each the level of every appliance. */
typedef struct lesson_rows {
    size_t n, room;
    float *x;                          /* [room][k] */
    float *y;                          /* [appliances][room]; NaN = not known */
    float *weight;                     /* [room] how many moments it stands for, beside a common one */
    uint16_t *day;                     /* [room] which day of the home it is from: held days are whole days */
    bool *mixed;                       /* [room] of a copy */
    bool seldom[DCL_POWER_APPLIANCES]; /* appliances whose moments are drawn more often */
} lesson_rows;

static void rows_free(lesson_rows *rows) {
    free(rows->x), free(rows->y), free(rows->weight), free(rows->day), free(rows->mixed);
    *rows = (lesson_rows){0};
}

/* ---------------------------------------------------------------- which appliances */

static dcl_status name_parts(const dcl_home *homes, size_t n_homes, dcl_power_model *model,
                             dcl_error *error) {
    model->known = dcl_arena_alloc(&model->arena, DCL_POWER_APPLIANCES, sizeof *model->known);
    if (!model->known) return dcl_fail_memory(error, "the names of appliances");
    for (size_t h = 0; h < n_homes; h++) {
        if (homes[h].notes >> DCL_NOTE_ESTIMATED & 1)
            return dcl_fail(error, DCL_E_NO_DATA,
                            "the parts of %s are a model's estimates: nothing to learn from", homes[h].id);
        if (!homes[h].n_truth)
            return dcl_fail(error, DCL_E_NO_DATA, "%s names no appliance: nothing to learn from",
                            homes[h].id);
        for (size_t t = 0; t < homes[h].n_truth; t++) {
            size_t a = 0;
            while (a < model->n && strcmp(model->known[a].name, homes[h].truth_name[t]) != 0) a++;
            if (a < model->n) continue;
            if (a == DCL_POWER_APPLIANCES)
                return dcl_fail(error, DCL_E_ARG, "more than %d appliances", DCL_POWER_APPLIANCES);
            memcpy(model->known[model->n++].name, homes[h].truth_name[t], DCL_POWER_NAME);
        }
    }
    return DCL_OK;
}

/* What the truth of all homes says of an appliance. */
static dcl_status sum_truth(const dcl_power_lesson *lesson, size_t n_lessons, size_t a,
                            dcl_power_known *known, dcl_error *error) {
    double sum = 0, above = 0;
    uint64_t n_above = 0;
    for (size_t h = 0; h < n_lessons; h++) {
        const int32_t *part = lesson[h].part[a], *lead = lesson[h].scene.level[0];
        for (size_t i = 0; part && i < lesson[h].scene.n; i++) {
            if (part[i] == DCL_MISSING_I32 || lead[i] == DCL_MISSING_I32) continue;
            double power = part[i] / 10.0;
            known->moments++;
            sum += power;
            if (power > known->most_w) known->most_w = power;
            if (power > 15) above += power, n_above++; /* as dcl_score_on_w() */
        }
    }
    if (known->moments < LEAST_MOMENTS)
        return dcl_fail(error, DCL_E_NO_DATA,
                        "%s is known at %llu moment%s beside the mains: %d are the least", known->name,
                        (unsigned long long)known->moments, known->moments == 1 ? "" : "s", LEAST_MOMENTS);
    if (!n_above)
        return dcl_fail(error, DCL_E_NO_DATA, "%s never draws more than 15 W: nothing to learn", known->name);
    known->mean_w = sum / (double)known->moments;
    known->on_w = fmax(15, above / (double)n_above / 2);
    return DCL_OK;
}

/* ---------------------------------------------------------------- rows */

static size_t present(const dcl_power_lesson *lesson) {
    size_t n = 0;
    for (size_t i = 0; i < lesson->scene.n; i++) n += lesson->scene.level[0][i] != DCL_MISSING_I32;
    return n;
}

/* What is seldom on is drawn more often, and weighs less for it: a kettle is on in one moment of two hundred. */
enum { OFTENER = 8, SELDOM_PER_MILLE = 30 };

/* The share of moments like this one that are kept. */
static double share_of(const dcl_power_model *model, const dcl_power_lesson *lesson, const bool *seldom,
                       size_t i, double share) {
    for (size_t a = 0; a < model->n; a++)
        if (seldom[a] && lesson->part[a] && lesson->part[a][i] / 10.0 > model->known[a].on_w)
            return fmin(1, OFTENER * share);
    return share;
}

/* Which appliances are on in few of the moments at which they are known. */
static void find_seldom(const dcl_power_model *model, const dcl_power_lesson *lesson, size_t n_lessons,
                        bool *seldom) {
    for (size_t a = 0; a < model->n; a++) {
        uint64_t on = 0;
        for (size_t h = 0; h < n_lessons; h++)
            for (size_t i = 0; lesson[h].part[a] && i < lesson[h].scene.n; i++)
                on += lesson[h].part[a][i] / 10.0 > model->known[a].on_w;
        seldom[a] = on * 1000 < SELDOM_PER_MILLE * model->known[a].moments;
    }
}

/* How a lesson's moments are drawn. number  0 = of the home itself, else of a copy */
typedef struct sampling {
    uint64_t number;
    double share;
    const bool *seldom; /* [appliances] */
} sampling;

/* Takes the moments of a block that the draw chose: those with a weight. */
static void take_rows(const dcl_power_model *model, const dcl_power_lesson *lesson, const float *weight,
                      size_t from, size_t n, const float *x, bool mixed, lesson_rows *rows) {
    size_t day = (size_t)(DCL_DAY_US / lesson->scene.period_us);
    for (size_t i = 0; i < n && rows->n < rows->room; i++) {
        if (!(weight[i] > 0)) continue;
        memcpy(rows->x + rows->n * model->k, x + i * model->k, model->k * sizeof *x);
        for (size_t a = 0; a < model->n; a++) {
            int32_t level = lesson->part[a] ? lesson->part[a][from + i] : DCL_MISSING_I32;
            rows->y[a * rows->room + rows->n] = level == DCL_MISSING_I32 ? NAN : (float)level / 10;
        }
        rows->weight[rows->n] = weight[i];
        rows->day[rows->n] = (uint16_t)((from + i) / (day ? day : 1));
        rows->mixed[rows->n++] = mixed;
    }
}

/* Draws among the moments of a block: their weights, 0 of those that are left out. Returns how many are taken. */
static size_t draw_rows(const dcl_context *context, const dcl_power_model *model,
                        const dcl_power_lesson *lesson, const sampling *how, size_t from, size_t n,
                        float *weight) {
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        weight[i] = 0;
        if (lesson->scene.level[0][from + i] == DCL_MISSING_I32) continue;
        double share = share_of(model, lesson, how->seldom, from + i, how->share);
        if (dcl_random_uniform(context->seed, how->number ^ UINT64_C(0x6c6573736f6e), from + i) >= share)
            continue;
        weight[i] = (float)(how->share / share);
        taken++;
    }
    return taken;
}

/* Features of a lesson, a day at a time, of which some of the moments are kept. */
static dcl_status add_lesson(const dcl_context *context, const dcl_power_model *model,
                             dcl_power_lesson *lesson, const sampling *how, lesson_rows *rows,
                             dcl_arena *arena, dcl_error *error) {
    dcl_status status = DCL_OK;
    if (model->wants_events) status = dcl_power_scene_events(context, &lesson->scene, arena, error);
    if (!status && model->wants_events)
        status = dcl_power_scene_cold(&lesson->scene, model->cold, model->n_cold, arena, error);
    dcl_window_source source = dcl_power_scene_source(&lesson->scene);
    size_t block = dcl_power_block(lesson->scene.period_us);
    float *x = malloc(block * model->k * sizeof *x), *weight = malloc(block * sizeof *weight);
    if (!status && (!x || !weight)) status = dcl_fail_memory(error, "the features of a day");
    for (size_t from = 0; !status && from < lesson->scene.n; from += block) {
        size_t n = lesson->scene.n - from < block ? lesson->scene.n - from : block;
        if (dcl_cancelled(context)) status = DCL_E_CANCELLED;
        if (status || !draw_rows(context, model, lesson, how, from, n, weight)) continue;
        status = dcl_windows_make(&source, model->feature, model->k, from, n, x, error);
        if (!status) take_rows(model, lesson, weight, from, n, x, how->number != 0, rows);
    }
    free(x), free(weight);
    return status;
}

static int copies_of(const dcl_power_options *options, const dcl_power_model *model, size_t moments) {
    if (options->copies >= 0) return options->copies < COPIES_MAX ? options->copies : COPIES_MAX;
    size_t fit = (size_t)options->rows / (moments ? moments : 1);
    size_t least = 7, most = model->period_us < COARSE_US ? 16 : 48;
    return (int)(fit < least ? least : fit > most ? most : fit);
}

static dcl_status make_rows(const dcl_context *context, const dcl_power_options *options,
                            const dcl_power_model *model, dcl_power_lesson *lesson, size_t n_lessons,
                            lesson_rows *rows, dcl_error *error) {
    size_t moments = 0;
    for (size_t h = 0; h < n_lessons; h++) moments += present(&lesson[h]);
    int copies = copies_of(options, model, moments);
    double total = (double)moments * (1 + copies), share = total > options->rows ? options->rows / total : 1;
    rows->room = (size_t)(total * share * 1.5) + 1000; /* what is seldom on comes besides */
    rows->x = malloc(rows->room * model->k * sizeof *rows->x);
    rows->y = malloc(rows->room * model->n * sizeof *rows->y);
    rows->weight = malloc(rows->room * sizeof *rows->weight);
    rows->day = malloc(rows->room * sizeof *rows->day);
    rows->mixed = malloc(rows->room * sizeof *rows->mixed);
    if (!rows->x || !rows->y || !rows->weight || !rows->day || !rows->mixed)
        return dcl_fail_memory(error, "the rows to learn from");
    find_seldom(model, lesson, n_lessons, rows->seldom);
    dcl_status status = DCL_OK;
    for (size_t h = 0; !status && h < n_lessons; h++)
        for (int c = 0; !status && c <= copies; c++) {
            dcl_arena arena = {0};
            dcl_power_lesson mixed = lesson[h];
            uint64_t number = (uint64_t)h * (COPIES_MAX + 1) + (uint64_t)c;
            if (c) status = dcl_power_lesson_mix(context, &lesson[h], number, &arena, &mixed, error);
            sampling how = {c ? number : 0, share, rows->seldom};
            if (!status) status = add_lesson(context, model, &mixed, &how, rows, &arena, error);
            if (context->progress)
                context->progress(context->progress_arg, "looking at homes", "copies",
                                  (uint64_t)(h * (size_t)(copies + 1)) + (uint64_t)c + 1,
                                  n_lessons * (size_t)(copies + 1));
            dcl_arena_free(&arena);
        }
    return status;
}

/* ---------------------------------------------------------------- training */

static dcl_booster_options training_of(const dcl_power_model *model, const dcl_power_options *options) {
    dcl_booster_options training = dcl_booster_defaults();
    bool is_coarse = model->period_us >= COARSE_US;
    training.rounds = options->rounds ? options->rounds : is_coarse ? 300 : 200;
    training.rate = is_coarse ? 0.05 : 0.1;
    training.depth = is_coarse ? 8 : 7;
    training.leaf_weight = is_coarse ? 40 : 10;
    return training;
}

/* The rows at which an appliance is known, put together in x, y and weight; `held` of every fourth day of the home itself. */
static size_t gather(const lesson_rows *rows, const dcl_power_model *model, size_t a, float *x, float *y,
                     float *weight, uint8_t *held) {
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        float level = rows->y[a * rows->room + i];
        if (isnan(level)) continue;
        memcpy(x + n * model->k, rows->x + i * model->k, model->k * sizeof *x);
        y[n] = level;
        weight[n] = rows->weight[i];
        held[n++] = rows->day[i] % 4 == 3;
    }
    return n;
}

/* Errors on the held rows where estimates below `quiet` are 0. */
typedef struct held_errors {
    double error, error2, truth2, tp, wrong;
} held_errors;

static held_errors sum_held(const dcl_booster_data *data, const float *margin, double quiet, double on_w) {
    held_errors sum = {0};
    for (size_t i = 0; i < data->n; i++) {
        if (!data->held[i]) continue;
        double y = (double)data->y[i], x = (double)margin[i] < quiet ? 0 : fmax(0, (double)margin[i]);
        double weight = (double)data->weight[i];
        sum.error += weight * fabs(x - y);
        sum.error2 += weight * (x - y) * (x - y);
        sum.truth2 += weight * y * y;
        sum.tp += weight * (y > on_w && x > on_w);
        sum.wrong += weight * ((y > on_w) != (x > on_w));
    }
    return sum;
}

/* How well trees do on the held rows, and below which level they are better not believed: a mean of what may be is rarely
 * what is, so small estimates add to the error in W more than they take from its square. The square may grow by 2 %.
 * Returns the product of both errors. */
static double judge(const dcl_kernels *kernels, const dcl_booster_data *data, const dcl_power_trees *trees,
                    float *scratch, dcl_power_known *known) {
    float *level = scratch + 2 * data->n;
    dcl_power_trees_levels(kernels, trees, data->x, data->n, data->k, scratch, level);
    held_errors plain = sum_held(data, level, 0, known->on_w), best = plain;
    for (int step = 1; step <= 20; step++) {
        double quiet = step * known->on_w / 10; /* up to the mean of what is on */
        held_errors sum = sum_held(data, level, quiet, known->on_w);
        if (sum.error2 > 1.02 * plain.error2 || sum.error >= best.error) continue;
        best = sum;
        known->quiet_w = quiet;
    }
    known->held_nde_root = best.truth2 > 0 ? sqrt(best.error2 / best.truth2) : NAN;
    known->held_f1 = best.tp + best.wrong > 0 ? 2 * best.tp / (2 * best.tp + best.wrong) : NAN;
    return best.error * best.error2;
}

static dcl_status train(const dcl_context *context, const dcl_booster_data *data, bool in_parts,
                        const dcl_booster_options *training, double on_w, dcl_arena *arena,
                        dcl_power_trees *out, dcl_error *error) {
    return in_parts ? dcl_power_trees_parts(context, data, training, on_w, arena, out, error)
                    : dcl_power_trees_mean(context, data, training, arena, out, error);
}

/* Tries one mean and two parts on the held days, with half of the trees: enough to tell. Says which was better, and how good. */
static dcl_status try_both(const dcl_context *context, const dcl_booster_data *data,
                           const dcl_booster_options *training, float *scratch, dcl_power_known *known,
                           bool *in_parts, dcl_error *error) {
    dcl_booster_options shorter = *training;
    shorter.rounds = training->rounds / 2 + 1;
    double best = INFINITY;
    dcl_power_known as[2] = {*known, *known};
    dcl_status status = DCL_OK;
    for (int parts = 0; !status && parts < 2; parts++) {
        dcl_arena arena = {0};
        dcl_power_trees trial;
        status = train(context, data, parts, &shorter, known->on_w, &arena, &trial, error);
        double errors = status ? INFINITY : judge(context->kernels, data, &trial, scratch, &as[parts]);
        dcl_arena_free(&arena);
        if (!(errors < best)) continue;
        best = errors;
        *in_parts = parts;
    }
    *known = as[*in_parts];
    return status;
}

/* First without the held days, to say how good it is; then with all. */
static dcl_status train_appliance(const dcl_context *context, const dcl_power_options *options,
                                  const lesson_rows *rows, dcl_power_model *model, size_t a,
                                  dcl_error *error) {
    dcl_booster_options training = training_of(model, options);
    dcl_power_known *known = &model->known[a];
    if (rows->seldom[a]) training.leaf_weight /= OFTENER / 2.0; /* its rows weigh less */
    float *x = malloc((rows->n * model->k + 1) * sizeof *x), *y = malloc((5 * rows->n + 1) * sizeof *y),
          *weight = y ? y + rows->n : NULL;
    uint8_t *held = malloc(rows->n + 1);
    dcl_status status = x && y && held ? DCL_OK : dcl_fail_memory(error, "the rows to learn from");
    if (!status) {
        dcl_booster_data data = {.x = x, .y = y, .weight = weight, .held = held, .k = model->k};
        data.n = gather(rows, model, a, x, y, weight, held);
        size_t n_held = 0;
        bool in_parts = false;
        for (size_t i = 0; i < data.n; i++) n_held += held[i];
        known->held_nde_root = known->held_f1 = NAN;
        if (n_held > LEAST_MOMENTS && data.n - n_held > LEAST_MOMENTS)
            status = try_both(context, &data, &training, weight + rows->n, known, &in_parts, error);
        data.held = NULL;
        if (!status)
            status = train(context, &data, in_parts, &training, known->on_w, &model->arena, &model->trees[a],
                           error);
    }
    free(x), free(y), free(held);
    return status;
}

static dcl_status check_options(const dcl_power_options *o, dcl_error *error) {
    bool good = o->copies >= -1 && o->copies <= COPIES_MAX && o->rows >= 1000 && o->rows <= 4000000 &&
                o->rounds >= 0 && o->rounds <= 2000;
    return good ? DCL_OK : dcl_fail(error, DCL_E_ARG, "an option of the learning is out of its range");
}

/* Leaves out what the truth says too little of: the others can be learned all the same. */
static dcl_status keep_learnable(dcl_power_lesson *lesson, size_t n_lessons, dcl_power_model *model,
                                 dcl_error *error) {
    size_t kept = 0;
    dcl_status status = DCL_OK;
    model->left = dcl_arena_alloc(&model->arena, model->n, sizeof *model->left);
    if (!model->left) return dcl_fail_memory(error, "the names of appliances");
    for (size_t a = 0; a < model->n; a++) {
        dcl_status one = sum_truth(lesson, n_lessons, a, &model->known[a], error);
        if (one) {
            memcpy(model->left[model->n_left++], model->known[a].name, DCL_POWER_NAME);
            status = one;
            continue;
        }
        model->known[kept] = model->known[a];
        for (size_t h = 0; h < n_lessons; h++) {
            lesson[h].part[kept] = lesson[h].part[a];
            lesson[h].var_share[kept] = lesson[h].var_share[a];
        }
        kept++;
    }
    for (size_t h = 0; h < n_lessons; h++) lesson[h].n_parts = kept;
    model->n = kept;
    return kept ? DCL_OK : status;
}

/* The homes on one period, and what they have in common. */
static dcl_status open_lessons(const dcl_context *context, const dcl_home *homes, size_t n_homes,
                               dcl_arena *arena, dcl_power_lesson *lesson, dcl_power_model *model,
                               dcl_error *error) {
    dcl_status status = name_parts(homes, n_homes, model, error);
    for (size_t c = 0; c < DCL_WINDOW_CHANNELS; c++) model->has[c] = true;
    for (size_t h = 0; !status && h < n_homes; h++) {
        status = dcl_power_lesson_of(context, &homes[h], model->known, model->n, arena, &lesson[h], error);
        if (status) break;
        const dcl_power_scene *scene = &lesson[h].scene;
        if (!h) model->period_us = scene->period_us, model->apparent_leads = scene->apparent_leads;
        if (scene->period_us != model->period_us)
            return dcl_fail(
                error, DCL_E_ARG,
                "home %zu (%s) has a value every %lld s and the first every %lld s: homes to learn "
                "from are on one period",
                h + 1, homes[h].id, (long long)(scene->period_us / DCL_SECOND_US),
                (long long)(model->period_us / DCL_SECOND_US));
        if (scene->apparent_leads != model->apparent_leads)
            return dcl_fail(
                error, DCL_E_ARG,
                "home %zu (%s) has %s power alone and the first has %s power: learn from one sort", h + 1,
                homes[h].id, scene->apparent_leads ? "apparent" : "active",
                model->apparent_leads ? "apparent" : "active");
        for (size_t c = 0; c < DCL_WINDOW_CHANNELS; c++) model->has[c] = model->has[c] && scene->level[c];
    }
    return status ? status : keep_learnable(lesson, n_homes, model, error);
}

/* The compressors to follow: those of the truth, then those that the first home's steps suggest besides. */
static dcl_status find_cold(const dcl_context *context, const dcl_power_lesson *lesson, size_t n_lessons,
                            dcl_power_model *model, dcl_error *error) {
    for (size_t h = 0; h < n_lessons; h++)
        for (size_t a = 0; a < model->n && model->n_cold < DCL_WINDOW_RANKS; a++) {
            dcl_cold_like *like = &model->cold[model->n_cold];
            const int32_t *part = lesson[h].part[a];
            model->n_cold += part && dcl_cold_of_truth(part, lesson[h].scene.n, model->period_us,
                                                       model->known[a].on_w, like);
        }
    dcl_arena arena = {0};
    dcl_power_scene scene = lesson[0].scene;
    dcl_status status = dcl_power_scene_events(context, &scene, &arena, error);
    for (size_t c = model->n_cold; c < DCL_WINDOW_RANKS; c++) model->cold_of[c] = (uint32_t)model->n;
    if (!status)
        model->n_cold +=
            dcl_cold_candidates(&scene, model->cold + model->n_cold, DCL_WINDOW_RANKS - model->n_cold);
    dcl_arena_free(&arena);
    return status;
}

dcl_status dcl_power_learn(const dcl_context *context, const dcl_home *homes, size_t n_homes,
                           const dcl_power_options *options, dcl_power_model **out, dcl_error *error) {
    dcl_arena arena = {0};
    lesson_rows rows = {0};
    *out = NULL;
    dcl_power_model *model = calloc(1, sizeof *model);
    dcl_power_lesson *lesson = calloc(n_homes + 1, sizeof *lesson);
    dcl_status status = model && lesson ? check_options(options, error) : dcl_fail_memory(error, "a model");
    if (!status && !n_homes) status = dcl_fail(error, DCL_E_NO_DATA, "no home to learn from");
    if (status) goto done;
    status = open_lessons(context, homes, n_homes, &arena, lesson, model, error);
    if (status) goto done;
    model->feature = dcl_arena_alloc(&model->arena, DCL_FEATURES_MAX, sizeof *model->feature);
    model->trees = dcl_arena_alloc(&model->arena, model->n, sizeof *model->trees);
    if (!model->feature || !model->trees) {
        status = dcl_fail_memory(error, "a model");
        goto done;
    }
    model->k = dcl_features_usual(model->period_us, model->has, model->feature, &model->wants_events);
    if (model->wants_events) status = find_cold(context, lesson, n_homes, model, error);
    if (!status) status = make_rows(context, options, model, lesson, n_homes, &rows, error);
    for (size_t a = 0; !status && a < model->n; a++) {
        status = train_appliance(context, options, &rows, model, a, error);
        if (context->progress)
            context->progress(context->progress_arg, "learning", "appliances", a + 1, model->n);
    }
done:
    rows_free(&rows);
    free(lesson);
    dcl_arena_free(&arena);
    if (status)
        dcl_power_close(&model);
    else
        *out = model;
    return status;
}
