/* The file of a model: parts `card` (JSON for people and programs), `about`, `features`, and the trees of each answer. */
#include "forecast/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "forecast/learn.h"

enum { VERSION = 2, PARTS = 3 + DCL_FORECAST_MEMBERS };

dcl_forecast_about dcl_forecast_describe(const dcl_forecast_model *model) {
    int64_t learned_to_us = INT64_MIN;
    for (size_t m = 0; m < model->n; m++)
        if (model->about[m].to_us > learned_to_us) learned_to_us = model->about[m].to_us;
    return (dcl_forecast_about){.horizon = model->horizon,
                                .period_us = model->period_us,
                                .learned_to_us = learned_to_us,
                                .features = model->k,
                                .members = model->n,
                                .member = model->about,
                                .has_off_peak = model->has_off_peak,
                                .has_colours = model->has_colours,
                                .has_temperature = model->has_temperature};
}

const char *dcl_forecast_feature(const dcl_forecast_model *model, size_t i, const char **unit) {
    if (i >= model->k) return NULL;
    if (unit) *unit = model->feature[i].unit;
    return model->feature[i].name;
}

/* ---------------------------------------------------------------- writing */

static void put_time(dcl_json_writer *json, const char *key, int64_t time_us) {
    char text[32];
    dcl_time_format(time_us, text);
    dcl_json_key_string(json, key, text);
}

static void put_member_card(dcl_json_writer *json, const dcl_forecast_member *about) {
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "homes", (int64_t)about->homes);
    dcl_json_key_integer(json, "rows", (int64_t)about->rows);
    dcl_json_key_integer(json, "trees", (int64_t)about->trees);
    put_time(json, "from", about->from_us);
    put_time(json, "to", about->to_us);
    dcl_json_key_fixed(json, "held_pinball_levels", about->pinball, 6);
    dcl_json_key_fixed(json, "held_coverage", about->coverage, 4);
    dcl_json_key_integer(json, "seed", (int64_t)about->seed);
    dcl_json_end(json, '}');
}

/* The card: what a person or the shelf wants to know without the trees. */
static void put_card(dcl_pack_writer *to, const dcl_forecast_model *model) {
    dcl_text text = {0};
    dcl_json_writer json = {.text = &text};
    dcl_json_begin(&json, '{');
    dcl_json_key_string(&json, "kind", DCL_FC_KIND);
    dcl_json_key_integer(&json, "version", VERSION);
    dcl_json_key_string(&json, "horizon", dcl_horizon_name(model->horizon));
    dcl_json_key_integer(&json, "period_s", model->period_us / DCL_SECOND_US);
    dcl_json_key(&json, "trainings");
    dcl_json_begin(&json, '[');
    for (size_t m = 0; m < model->n; m++) put_member_card(&json, &model->about[m]);
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "features");
    dcl_json_begin(&json, '[');
    for (size_t f = 0; f < model->k; f++) {
        dcl_json_begin(&json, '{');
        dcl_json_key_string(&json, "name", model->feature[f].name);
        dcl_json_key_string(&json, "unit", model->feature[f].unit);
        dcl_json_end(&json, '}');
    }
    dcl_json_end(&json, ']');
    dcl_json_end(&json, '}');
    if (text.failed)
        to->failed = true;
    else
        dcl_pack_put(to, text.at, text.n);
    dcl_text_free(&text);
}

static void put_about(dcl_pack_writer *to, const dcl_forecast_model *model) {
    dcl_pack_put_u32(to, VERSION);
    dcl_pack_put_u32(to, (uint32_t)model->horizon);
    dcl_pack_put_u64(to, (uint64_t)model->period_us);
    dcl_pack_put_u32(to, (uint32_t)model->has_off_peak | (uint32_t)model->has_colours << 1 |
                             (uint32_t)model->has_temperature << 2);
    dcl_pack_put_u32(to, (uint32_t)model->n);
    for (size_t m = 0; m < model->n; m++) {
        const dcl_forecast_member *about = &model->about[m];
        const uint64_t whole[] = {about->homes,           about->rows, about->trees, (uint64_t)about->from_us,
                                  (uint64_t)about->to_us, about->seed};
        for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) dcl_pack_put_u64(to, whole[i]);
        dcl_pack_put_f64(to, about->pinball);
        dcl_pack_put_f64(to, about->coverage);
        dcl_pack_put_f32(to, model->member[m].lead);
        dcl_pack_put_f32(to, model->member[m].offset);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) dcl_pack_put_f32(to, model->member[m].shift[a]);
    }
}

static void put_features(dcl_pack_writer *to, const dcl_forecast_model *model) {
    dcl_pack_put_u32(to, (uint32_t)model->k);
    for (size_t f = 0; f < model->k; f++) {
        dcl_pack_put_text(to, model->feature[f].name);
        dcl_pack_put_text(to, model->feature[f].unit);
    }
}

dcl_status dcl_forecast_write(const dcl_forecast_model *model, const char *path, dcl_error *error) {
    dcl_pack_writer part[PARTS] = {0};
    char name[PARTS][DCL_PACK_NAME + 1] = {"card", "about", "features"};
    dcl_pack_part list[PARTS];
    size_t n = 3 + model->n;
    put_card(&part[0], model);
    put_about(&part[1], model);
    put_features(&part[2], model);
    for (size_t m = 0; m < model->n; m++) {
        snprintf(name[3 + m], sizeof *name, "trees.%u", (unsigned)m);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) dcl_forest_put(&part[3 + m], &model->member[m].forest[a]);
    }
    bool failed = false;
    for (size_t i = 0; i < n; i++) {
        failed = failed || part[i].failed;
        list[i] = (dcl_pack_part){name[i], part[i].bytes, part[i].n};
    }
    dcl_status status =
        failed ? dcl_fail_memory(error, "the model") : dcl_pack_write(path, DCL_FC_KIND, list, n, error);
    for (size_t i = 0; i < n; i++) free(part[i].bytes);
    return status;
}

/* ---------------------------------------------------------------- reading */

static bool within(double value, double least, double most) {
    return value >= least && value <= most;
}

/* Version 1 knew no logarithms. */
static bool get_member(dcl_pack_reader *from, uint32_t version, dcl_forecast_member *about,
                       dcl_fc_member *member) {
    about->homes = (size_t)dcl_pack_get_u64(from);
    about->rows = (size_t)dcl_pack_get_u64(from);
    about->trees = (size_t)dcl_pack_get_u64(from);
    about->from_us = (int64_t)dcl_pack_get_u64(from);
    about->to_us = (int64_t)dcl_pack_get_u64(from);
    about->seed = dcl_pack_get_u64(from);
    about->pinball = dcl_pack_get_f64(from);
    about->coverage = dcl_pack_get_f64(from);
    member->lead = dcl_pack_get_f32(from);
    member->offset = version > 1 ? dcl_pack_get_f32(from) : 0;
    bool fine = within((double)member->lead, 0, 1) && within((double)member->offset, 0, 100) &&
                about->from_us > -(INT64_C(1) << 62) && about->from_us <= about->to_us &&
                about->to_us < INT64_C(1) << 62 && about->homes;
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
        member->shift[a] = dcl_pack_get_f32(from);
        fine = fine && within((double)member->shift[a], -1e6, 1e6);
    }
    return fine && !from->failed;
}

static dcl_status get_about(const dcl_pack_part *part, dcl_forecast_model **out, dcl_error *error) {
    dcl_pack_reader from = dcl_pack_begin(part);
    uint32_t version = dcl_pack_get_u32(&from), horizon = dcl_pack_get_u32(&from);
    uint64_t period = dcl_pack_get_u64(&from);
    uint32_t flags = dcl_pack_get_u32(&from), n = dcl_pack_get_u32(&from);
    if (!from.failed && version > VERSION)
        return dcl_fail(error, DCL_E_UNSUPPORTED,
                        "a forecast model of version %u: this program reads up to %d", version, VERSION);
    if (from.failed || !version || horizon >= DCL_HORIZON_COUNT || !n || n > DCL_FORECAST_MEMBERS ||
        period < (uint64_t)DCL_SECOND_US || period > (uint64_t)DCL_HOUR_US ||
        (uint64_t)DCL_DAY_US % period != 0 ||
        (horizon == DCL_HORIZON_DAY && period < (uint64_t)(DCL_DAY_US / DCL_FORECAST_STEPS)))
        return dcl_fail(error, DCL_E_FORMAT, "the model does not say what it is");
    dcl_forecast_model *model = dcl_fc_model_new((dcl_horizon)horizon, (int64_t)period);
    if (!model) return dcl_fail_memory(error, "the model");
    *out = model;
    model->n = n;
    model->has_off_peak = flags & 1, model->has_colours = flags & 2, model->has_temperature = flags & 4;
    for (size_t m = 0; m < n; m++)
        if (!get_member(&from, version, &model->about[m], &model->member[m]))
            return dcl_fail(error, DCL_E_FORMAT, "training %zu of the model is damaged", m);
    return dcl_pack_done(&from) ? DCL_OK
                                : dcl_fail(error, DCL_E_FORMAT, "the model has more to say than is known");
}

/* The names and units must be those that this program fills, in its order. */
static dcl_status check_features(const dcl_pack_part *part, const dcl_forecast_model *model,
                                 dcl_error *error) {
    dcl_pack_reader from = dcl_pack_begin(part);
    char name[64], unit[64];
    uint32_t k = dcl_pack_get_u32(&from);
    for (size_t f = 0; f < model->k && f < k; f++) {
        dcl_pack_get_text(&from, name, sizeof name);
        dcl_pack_get_text(&from, unit, sizeof unit);
        if (from.failed || strcmp(name, model->feature[f].name) != 0 ||
            strcmp(unit, model->feature[f].unit) != 0)
            return dcl_fail(
                error, DCL_E_FORMAT,
                "feature %zu of the model is %.40s (%.20s), this program has %s (%s): learn it anew", f,
                from.failed ? "missing" : name, from.failed ? "" : unit, model->feature[f].name,
                model->feature[f].unit);
    }
    if (k != model->k || !dcl_pack_done(&from))
        return dcl_fail(error, DCL_E_FORMAT,
                        "the model looks at %u features, this program at %zu: learn it anew", k, model->k);
    return DCL_OK;
}

static dcl_status get_trees(const dcl_pack *pack, dcl_forecast_model *model, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (size_t m = 0; !status && m < model->n; m++) {
        char name[DCL_PACK_NAME + 1];
        dcl_pack_part part;
        snprintf(name, sizeof name, "trees.%u", (unsigned)m);
        status = dcl_pack_need(pack, name, &part, error);
        if (status) break;
        dcl_pack_reader from = dcl_pack_begin(&part);
        for (size_t a = 0; !status && a < DCL_FC_ANSWERS; a++) {
            dcl_forest *forest = &model->member[m].forest[a];
            status = dcl_forest_get(&from, &model->arena, forest, error);
            if (!status && forest->n_features > model->k)
                status = dcl_fail(error, DCL_E_FORMAT, "the trees of training %zu want other features", m);
        }
        if (!status && !dcl_pack_done(&from))
            status = dcl_fail(error, DCL_E_FORMAT, "there is more behind the trees of training %zu", m);
    }
    return status;
}

static dcl_status build(const dcl_pack *pack, dcl_forecast_model **out, dcl_error *error) {
    dcl_pack_part about, features;
    dcl_status status = dcl_pack_need(pack, "about", &about, error);
    if (!status) status = dcl_pack_need(pack, "features", &features, error);
    if (!status) status = get_about(&about, out, error);
    if (!status) status = check_features(&features, *out, error);
    if (!status) status = get_trees(pack, *out, error);
    if (status) dcl_forecast_close(out);
    return status;
}

dcl_status dcl_forecast_read(const char *path, dcl_forecast_model **out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    *out = NULL;
    dcl_status status = dcl_pack_read(path, DCL_FC_KIND, &arena, &pack, error);
    if (!status) status = build(&pack, out, error);
    dcl_arena_free(&arena);
    return status;
}

dcl_status dcl_forecast_open(const void *bytes, size_t n, dcl_forecast_model **out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    *out = NULL;
    dcl_status status = dcl_pack_open(bytes, n, DCL_FC_KIND, &arena, &pack, error);
    if (!status) status = build(&pack, out, error);
    dcl_arena_free(&arena);
    return status;
}
