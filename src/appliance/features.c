/*
 * The usual lists of features, chosen on ECO house 4 (learned 2012-09-11 … 10-01, judged 10-02 … 15) and on the UCI house.
 * Fine steps want many scales, the compressors that are followed and the two nearest steps; the sizes, ages and groups of
 * the cycles that are on, and steps by class of size, made the estimates of other days worse. Load curves have few
 * moments: beside the near ones and the hour every feature made them worse.
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
    for (uint16_t index = 0; index < DCL_WINDOW_RANKS; index++)
        put(to, (dcl_feature){.kind = DCL_FEATURE_COMPRESSOR_W, .index = index});
    for (uint16_t index = 0; index < 2; index++) put_step(to, index, -1e9f, 1e9f);
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
