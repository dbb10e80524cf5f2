/* The file of a model: what it is, its features, and a part of trees an appliance. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/power.h"

dcl_power_about dcl_power_describe(const dcl_power_model *model) {
    dcl_power_about about = {.period_us = model->period_us,
                             .apparent_leads = model->apparent_leads,
                             .has_reactive = model->has[DCL_WINDOW_REACTIVE],
                             .has_apparent = model->has[DCL_WINDOW_APPARENT],
                             .n = model->n,
                             .features = model->k,
                             .known = model->known,
                             .left = (const char(*)[DCL_POWER_NAME])model->left,
                             .n_left = model->n_left};
    for (size_t a = 0; a < model->n; a++) about.trees += dcl_power_trees_count(&model->trees[a]);
    return about;
}

void dcl_power_close(dcl_power_model **model) {
    if (!model || !*model) return;
    dcl_arena arena = (*model)->arena;
    dcl_arena_free(&arena);
    free(*model);
    *model = NULL;
}

/* ---------------------------------------------------------------- writing */

static void put_about(dcl_pack_writer *to, const dcl_power_model *model) {
    dcl_pack_put_u64(to, (uint64_t)model->period_us);
    dcl_pack_put_u32(to, model->apparent_leads);
    dcl_pack_put_u32(to, model->wants_events);
    for (size_t c = 0; c < DCL_WINDOW_CHANNELS; c++) dcl_pack_put_u32(to, model->has[c]);
    dcl_pack_put_u32(to, (uint32_t)model->n_cold);
    for (size_t c = 0; c < model->n_cold; c++) {
        dcl_pack_put_f64(to, model->cold[c].up_w);
        dcl_pack_put_f64(to, model->cold[c].down_w);
        dcl_pack_put_f64(to, model->cold[c].on_s);
        dcl_pack_put_f64(to, model->cold[c].off_s);
        dcl_pack_put_u32(to, model->cold_of[c]);
    }
    dcl_pack_put_u32(to, (uint32_t)model->n);
    for (size_t a = 0; a < model->n; a++) {
        const dcl_power_known *known = &model->known[a];
        dcl_pack_put_text(to, known->name);
        const double value[] = {known->mean_w,  known->most_w,        known->on_w,
                                known->quiet_w, known->held_nde_root, known->held_f1};
        for (size_t i = 0; i < 6; i++) dcl_pack_put_f64(to, value[i]);
        dcl_pack_put_u64(to, known->moments);
    }
}

static void put_features(dcl_pack_writer *to, const dcl_power_model *model) {
    dcl_pack_put_u32(to, (uint32_t)model->k);
    for (size_t f = 0; f < model->k; f++) {
        const dcl_feature *feature = &model->feature[f];
        dcl_pack_put_u32(to, (uint32_t)feature->kind | (uint32_t)feature->channel << 8 |
                                 (uint32_t)feature->index << 16);
        dcl_pack_put_u32(to, (uint32_t)feature->span);
        dcl_pack_put_f32(to, feature->low);
        dcl_pack_put_f32(to, feature->high);
    }
}

dcl_status dcl_power_write(const dcl_power_model *model, const char *path, dcl_error *error) {
    enum { FIRST = 2, PARTS = FIRST + DCL_POWER_APPLIANCES };
    dcl_pack_writer part[PARTS] = {0};
    char name[PARTS][DCL_PACK_NAME + 1] = {"about", "features"};
    dcl_pack_part list[PARTS];
    put_about(&part[0], model);
    put_features(&part[1], model);
    for (size_t a = 0; a < model->n; a++) {
        snprintf(name[FIRST + a], sizeof *name, "levels.%u", (unsigned)a);
        dcl_power_trees_put(&part[FIRST + a], &model->trees[a]);
    }
    bool failed = false;
    size_t n = FIRST + model->n;
    for (size_t i = 0; i < n; i++) {
        failed = failed || part[i].failed;
        list[i] = (dcl_pack_part){name[i], part[i].bytes, part[i].n};
    }
    dcl_status status =
        failed ? dcl_fail_memory(error, "the model") : dcl_pack_write(path, DCL_POWER_KIND, list, n, error);
    for (size_t i = 0; i < n; i++) free(part[i].bytes);
    return status;
}

/* ---------------------------------------------------------------- reading */

static bool name_is_plain(const char *name) {
    if (!*name) return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < ' ' || strchr(",\"/\x7f", *c)) return false;
    return true;
}

static bool is_within(double value, double least, double most) {
    return value >= least && value <= most;
}

static dcl_status get_about(const dcl_pack_part *part, dcl_power_model *model, dcl_error *error) {
    dcl_pack_reader from = dcl_pack_begin(part);
    uint64_t period = dcl_pack_get_u64(&from);
    model->apparent_leads = dcl_pack_get_u32(&from) != 0;
    model->wants_events = dcl_pack_get_u32(&from) != 0;
    for (size_t c = 0; c < DCL_WINDOW_CHANNELS; c++) model->has[c] = dcl_pack_get_u32(&from) != 0;
    model->n_cold = dcl_pack_get_u32(&from);
    if (model->n_cold > DCL_WINDOW_RANKS)
        return dcl_fail(error, DCL_E_FORMAT, "the model follows too many compressors");
    for (size_t c = 0; c < model->n_cold; c++) {
        dcl_cold_like *like = &model->cold[c];
        like->up_w = dcl_pack_get_f64(&from);
        like->down_w = dcl_pack_get_f64(&from);
        like->on_s = dcl_pack_get_f64(&from);
        like->off_s = dcl_pack_get_f64(&from);
        model->cold_of[c] = dcl_pack_get_u32(&from);
        if (!is_within(like->up_w, 1, 1e5) || !is_within(like->down_w, 1, 1e5) ||
            !is_within(like->on_s, 1, 86400) || !is_within(like->off_s, 1, 86400))
            return dcl_fail(error, DCL_E_FORMAT, "compressor %zu of the model is damaged", c);
    }
    model->n = dcl_pack_get_u32(&from);
    if (from.failed || !period || period > (uint64_t)DCL_DAY_US || !model->n ||
        model->n > DCL_POWER_APPLIANCES)
        return dcl_fail(error, DCL_E_FORMAT, "the model does not say what it is");
    model->period_us = (int64_t)period;
    model->known = dcl_arena_alloc(&model->arena, model->n, sizeof *model->known);
    if (!model->known) return dcl_fail_memory(error, "the model");
    for (size_t a = 0; a < model->n; a++) {
        dcl_power_known *known = &model->known[a];
        dcl_pack_get_text(&from, known->name, sizeof known->name);
        double *const value[] = {&known->mean_w,  &known->most_w,        &known->on_w,
                                 &known->quiet_w, &known->held_nde_root, &known->held_f1};
        for (size_t i = 0; i < 6; i++) *value[i] = dcl_pack_get_f64(&from);
        known->moments = dcl_pack_get_u64(&from);
        if (from.failed || !name_is_plain(known->name) || !is_within(known->most_w, 0, 1e9) ||
            !is_within(known->quiet_w, 0, 1e9))
            return dcl_fail(error, DCL_E_FORMAT, "appliance %zu of the model is damaged", a);
    }
    return dcl_pack_done(&from) ? DCL_OK
                                : dcl_fail(error, DCL_E_FORMAT, "the model has more to say than is known");
}

static dcl_status get_features(const dcl_pack_part *part, dcl_power_model *model, dcl_error *error) {
    dcl_pack_reader from = dcl_pack_begin(part);
    model->k = dcl_pack_get_u32(&from);
    if (from.failed || !model->k || model->k > DCL_FEATURES_MAX || model->k * 16 != dcl_pack_left(&from))
        return dcl_fail(error, DCL_E_FORMAT, "the features of the model are not whole");
    model->feature = dcl_arena_alloc(&model->arena, model->k, sizeof *model->feature);
    if (!model->feature) return dcl_fail_memory(error, "the model");
    for (size_t f = 0; f < model->k; f++) {
        dcl_feature *feature = &model->feature[f];
        uint32_t what = dcl_pack_get_u32(&from), span = dcl_pack_get_u32(&from);
        *feature = (dcl_feature){
            .kind = (uint8_t)what, .channel = (uint8_t)(what >> 8), .index = (uint16_t)(what >> 16)};
        memcpy(&feature->span, &span, sizeof span);
        feature->low = dcl_pack_get_f32(&from);
        feature->high = dcl_pack_get_f32(&from);
        if (!dcl_feature_valid(feature))
            return dcl_fail(error, DCL_E_FORMAT, "feature %zu of the model is none that is known", f);
    }
    return DCL_OK;
}

static dcl_status get_trees(const dcl_pack *pack, dcl_power_model *model, dcl_error *error) {
    model->trees = dcl_arena_alloc(&model->arena, model->n, sizeof *model->trees);
    dcl_status status = model->trees ? DCL_OK : dcl_fail_memory(error, "the model");
    for (size_t a = 0; !status && a < model->n; a++) {
        char name[DCL_PACK_NAME + 1];
        dcl_pack_part part;
        snprintf(name, sizeof name, "levels.%u", (unsigned)a);
        status = dcl_pack_need(pack, name, &part, error);
        if (status) break;
        dcl_pack_reader from = dcl_pack_begin(&part);
        status = dcl_power_trees_get(&from, &model->arena, &model->trees[a], error);
        if (!status && (!dcl_pack_done(&from) || dcl_power_trees_features(&model->trees[a]) > model->k))
            status =
                dcl_fail(error, DCL_E_FORMAT, "the trees of %s want other features", model->known[a].name);
    }
    return status;
}

static dcl_status read_parts(const dcl_pack *pack, dcl_power_model **out, dcl_error *error) {
    dcl_pack_part about, features;
    dcl_power_model *model = calloc(1, sizeof *model);
    if (!model) return dcl_fail_memory(error, "the model");
    dcl_status status = dcl_pack_need(pack, "about", &about, error);
    if (!status) status = dcl_pack_need(pack, "features", &features, error);
    if (!status) status = get_about(&about, model, error);
    if (!status) status = get_features(&features, model, error);
    if (!status) status = get_trees(pack, model, error);
    if (status)
        dcl_power_close(&model);
    else
        *out = model;
    return status;
}

dcl_status dcl_power_read(const char *path, dcl_power_model **out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    *out = NULL;
    dcl_status status = dcl_pack_read(path, DCL_POWER_KIND, &arena, &pack, error);
    if (!status) status = read_parts(&pack, out, error);
    dcl_arena_free(&arena);
    return status;
}

dcl_status dcl_power_open(const void *bytes, size_t n, dcl_power_model **out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    *out = NULL;
    dcl_status status = dcl_pack_open(bytes, n, DCL_POWER_KIND, &arena, &pack, error);
    if (!status) status = read_parts(&pack, out, error);
    dcl_arena_free(&arena);
    return status;
}
