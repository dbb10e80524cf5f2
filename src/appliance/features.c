/*
 * The usual lists of features. Found on days of ECO house 4 and of the UCI house that no table reports: fine steps want
 * many scales and the steps and cycles around a moment; load curves have few moments, and every feature beside the near
 * ones and the hour made the estimate worse on other days.
 */
#include "appliance/windows.h"

#define COARSE_US (5 * DCL_MINUTE_US)

typedef struct list {
    dcl_feature *feature;
    size_t n;
} list;

static void put(list *to, dcl_feature feature) {
    if (to->n < DCL_FEATURES_MAX) to->feature[to->n++] = feature;
}

static void put_near(list *to, uint8_t channel, int32_t span) {
    for (int32_t s = -span; s <= span; s++)
        put(to, (dcl_feature){.kind = DCL_FEATURE_VALUE, .channel = channel, .span = s});
}

/* Windows before and after the moment, from one sample to half a day. */
static void put_scales(list *to, uint8_t channel, int64_t period_us) {
    static const int32_t seconds[] = {10, 30, 60, 180, 600, 1800, 5400, 14400, 43200};
    static const uint8_t kinds[] = {DCL_FEATURE_OVER_MEAN, DCL_FEATURE_OVER_MIN, DCL_FEATURE_UNDER_MAX};
    int64_t before = 0;
    for (size_t s = 0; s < sizeof seconds / sizeof *seconds; s++) {
        int64_t span = (seconds[s] * DCL_SECOND_US + period_us / 2) / period_us;
        if (span <= before) continue;
        before = span;
        for (int side = -1; side <= 1; side += 2)
            for (size_t q = 0; q < (span > 1 ? 3 : 1); q++)
                put(to, (dcl_feature){.kind = kinds[q], .channel = channel, .span = side * (int32_t)span});
    }
    put(to, (dcl_feature){.kind = DCL_FEATURE_BASE, .channel = channel, .span = (int32_t)before});
    put(to, (dcl_feature){.kind = DCL_FEATURE_OVER_BASE, .channel = channel, .span = (int32_t)before});
}

static void put_step(list *to, uint16_t index, float low, float high) {
    for (int side = -1; side <= 1; side += 2)
        for (uint8_t kind = DCL_FEATURE_STEP_AGE; kind <= DCL_FEATURE_STEP_SIZE; kind++)
            put(to, (dcl_feature){.kind = kind, .index = index, .span = side, .low = low, .high = high});
}

static void put_events(list *to) {
    static const float size[] = {25, 60, 150, 500, 1200, 1e9f};
    for (uint16_t index = 0; index < 3; index++) put_step(to, index, -1e9f, 1e9f);
    for (size_t s = 0; s + 1 < sizeof size / sizeof *size; s++) {
        put_step(to, 0, size[s], size[s + 1]);
        put_step(to, 0, -size[s + 1], -size[s]);
    }
    for (uint16_t rank = 0; rank < 3; rank++)
        for (uint8_t kind = DCL_FEATURE_CYCLE_W; kind <= DCL_FEATURE_CYCLE_GROUP_W; kind++)
            put(to, (dcl_feature){.kind = kind, .index = rank});
    put(to, (dcl_feature){.kind = DCL_FEATURE_CYCLE_COLD});
    put(to, (dcl_feature){.kind = DCL_FEATURE_CYCLE_COUNT});
    put(to, (dcl_feature){.kind = DCL_FEATURE_CYCLE_SUM});
}

size_t dcl_features_usual(int64_t period_us, const bool has[DCL_WINDOW_CHANNELS], dcl_feature *out,
                          bool *wants_events) {
    list to = {.feature = out};
    bool is_coarse = period_us >= COARSE_US;
    *wants_events = !is_coarse;
    for (uint8_t c = 0; c < DCL_WINDOW_CHANNELS; c++) {
        if (!has[c]) continue;
        put_near(&to, c, is_coarse ? (c ? 2 : 4) : 2);
        if (!is_coarse) put_scales(&to, c, period_us);
    }
    if (!is_coarse) put_events(&to);
    put(&to, (dcl_feature){.kind = DCL_FEATURE_HOUR});
    if (!is_coarse) put(&to, (dcl_feature){.kind = DCL_FEATURE_WEEKEND});
    return to.n;
}
