/* What forecasts know: means of minutes, kept as half hours of a week. The host learns from the same numbers. */
#include <declic/mcu_gateway.h>

#define DCL_X(id, name, unit, num, den) {name, unit, num, den},
static const dcl_mcu_feature of_minute[] = {DCL_MINUTE_FEATURES(DCL_X)};
static const dcl_mcu_feature of_today[] = {DCL_TODAY_FEATURES(DCL_X)};
static const dcl_mcu_feature of_step[] = {DCL_STEP_FEATURES(DCL_X)};
#undef DCL_X

const dcl_mcu_feature *dcl_mcu_features(dcl_blob_kind kind, uint32_t *n) {
    *n = 0;
    switch (kind) {
    case DCL_BLOB_MINUTE: *n = DCL_MINUTE_COUNT; return of_minute;
    case DCL_BLOB_TODAY: *n = DCL_TODAY_COUNT; return of_today;
    case DCL_BLOB_STEP: *n = DCL_GATEWAY_STEP_COUNT; return of_step;
    default: return NULL;
    }
}

uint32_t dcl_mcu_features_schema(dcl_blob_kind kind) {
    uint32_t n;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &n);
    return dcl_mcu_schema(feature, n);
}

/* ---------------------------------------------------------------- minutes */

enum { DAY = 1440, RING = 60, FULL_DAY = 1380, STEADY_W = 100, HELD_MOST = 600 };

static int16_t within(int32_t value) {
    if (value < DCL_FEATURE_LEAST) return DCL_FEATURE_LEAST;
    return (int16_t)(value > DCL_FEATURE_MOST ? DCL_FEATURE_MOST : value);
}

static uint32_t half_of(uint32_t local) {
    return local % DAY / 30;
}

static uint16_t *row_of(dcl_mcu_running *r, uint32_t local) {
    return r->half_w[local / DAY % DCL_DAYS_KEPT];
}

/* The clock comes to `local`, a day later at most: days and half hours that end on the way are closed. */
static void go_to(dcl_mcu_running *r, uint32_t local) {
    if (r->started && local / DAY == r->local / DAY && half_of(local) == half_of(r->local)) {
        r->local = local;
        return;
    }
    if (!r->started || local / DAY != r->local / DAY) {
        uint8_t yesterday = (uint8_t)(1u << (r->local / DAY % DCL_DAYS_KEPT));
        if (r->started && r->minutes >= FULL_DAY) r->known = (uint8_t)(r->known | yesterday);
        uint16_t *row = row_of(r, local);
        for (uint32_t h = 0; h < DCL_HALF_HOURS; h++) row[h] = 0;
        r->known = (uint8_t)(r->known & ~(1u << (local / DAY % DCL_DAYS_KEPT)));
        r->minutes = 0;
        r->today_wmin = 0;
    }
    r->local = local;
    r->part_wmin = 0;
    r->base_w = row_of(r, local)[half_of(local)];
}

void dcl_mcu_running_minute(dcl_mcu_running *r, uint32_t minute, int32_t offset_minutes, int32_t mean_w) {
    uint32_t local = minute + (uint32_t)offset_minutes;
    if (r->started && (minute < r->minute || minute - r->minute > DAY || local > r->local + 2 * DAY))
        *r = (dcl_mcu_running){0};
    int16_t w = within(mean_w < 0 ? 0 : mean_w);
    go_to(r, local);
    r->started = 1;
    int32_t change = r->n ? w - r->last_w[r->at] : 0;
    r->held = (uint16_t)(change > STEADY_W || change < -STEADY_W ? 0
                         : r->held < HELD_MOST                   ? r->held + 1
                                                                 : r->held);
    r->at = (uint8_t)(r->at + 1 < RING ? r->at + 1 : 0);
    r->last_w[r->at] = w;
    if (r->n < RING) r->n++;
    r->today_wmin += w;
    r->part_wmin += w;
    uint32_t mean = r->base_w + (uint32_t)r->part_wmin / 30;
    row_of(r, local)[half_of(local)] = (uint16_t)(mean > UINT16_MAX ? UINT16_MAX : mean);
    if (r->minutes < UINT16_MAX) r->minutes++;
    r->minute = minute + 1;
    go_to(r, local + 1);
}

/* The mean of the minute `ago` before the last one; of the first one where it is older. */
static int32_t last_w(const dcl_mcu_running *r, uint32_t ago) {
    if (ago >= r->n) ago = r->n ? r->n - 1u : 0;
    return r->last_w[r->at >= ago ? r->at - ago : r->at + RING - ago];
}

static int16_t mean_of(const dcl_mcu_running *r, uint32_t minutes) {
    int32_t sum = 0;
    if (minutes > r->n) minutes = r->n;
    for (uint32_t i = 0; i < minutes; i++) sum += last_w(r, i);
    return (int16_t)(minutes ? sum / (int32_t)minutes : 0);
}

static void extremes(const dcl_mcu_running *r, int16_t *least, int16_t *most) {
    *least = *most = (int16_t)last_w(r, 0);
    for (uint32_t i = 1; i < r->n; i++) {
        int16_t w = (int16_t)last_w(r, i);
        if (w < *least) *least = w;
        if (w > *most) *most = w;
    }
}

static int16_t weekday_of(uint32_t local) {
    return (int16_t)((local / DAY + 5) % 7); /* 2000-01-01 was a Saturday */
}

/* The row of so many days ago; NULL where that day is not known. */
static const uint16_t *row_ago(const dcl_mcu_running *r, uint32_t days) {
    uint32_t day = r->local / DAY;
    if (days > day) return NULL;
    uint32_t place = (day - days) % DCL_DAYS_KEPT;
    return r->known >> place & 1 ? r->half_w[place] : NULL;
}

void dcl_mcu_running_next(const dcl_mcu_running *r, int32_t now_w, int16_t *x) {
    const uint16_t *before = row_ago(r, 1);
    uint32_t half = half_of(r->local);
    int32_t sum = 0, days = 0;
    for (uint32_t ago = 1; ago < DCL_DAYS_KEPT; ago++) {
        const uint16_t *row = row_ago(r, ago);
        if (row) sum += row[half], days++;
    }
    x[DCL_MINUTE_NOW] = within(now_w);
    x[DCL_MINUTE_MEAN_1] = (int16_t)last_w(r, 0);
    x[DCL_MINUTE_MEAN_2] = (int16_t)last_w(r, 1);
    x[DCL_MINUTE_MEAN_3] = (int16_t)last_w(r, 2);
    x[DCL_MINUTE_MEAN_5] = mean_of(r, 5);
    x[DCL_MINUTE_MEAN_15] = mean_of(r, 15);
    x[DCL_MINUTE_MEAN_60] = mean_of(r, 60);
    extremes(r, &x[DCL_MINUTE_LEAST_60], &x[DCL_MINUTE_MOST_60]);
    x[DCL_MINUTE_HELD] = (int16_t)r->held;
    x[DCL_MINUTE_MINUTE] = (int16_t)(r->local % DAY);
    x[DCL_MINUTE_WEEKDAY] = weekday_of(r->local);
    x[DCL_MINUTE_BEFORE] = before ? within(before[half]) : -1;
    x[DCL_MINUTE_WEEK] = days ? within(sum / days) : -1;
}

/* ---------------------------------------------------------------- today */

/* Energy of a day before and from the clock's time on, W × min. */
static void parts_of(const dcl_mcu_running *r, const uint16_t *row, int32_t *before, int32_t *rest) {
    uint32_t half = half_of(r->local);
    int32_t into = (int32_t)(r->local % 30);
    *before = row[half] * into;
    *rest = row[half] * (30 - into);
    for (uint32_t h = 0; h < DCL_HALF_HOURS; h++)
        if (h != half) *(h < half ? before : rest) += row[h] * 30;
}

static int16_t in_ten_wh(int32_t wmin) {
    return within((wmin < 0 ? wmin - 300 : wmin + 300) / 600);
}

enum { RATIO_MOST = 8000, PLAIN_LEAST = 30 /* 300 Wh: less says nothing by ratios */ };

/* part by whole, thousandths; both 10 Wh. */
static int16_t ratio(int32_t part, int32_t whole) {
    int32_t of =
        part * 1000 / (whole < PLAIN_LEAST ? PLAIN_LEAST : whole); /* 10 Wh fit 16 bits: no overflow */
    return (int16_t)(of > RATIO_MOST ? RATIO_MOST : of);
}

dcl_mcu_today dcl_mcu_running_today(const dcl_mcu_running *r, int16_t *x) {
    int32_t before, rest, all_before = 0, all_rest = 0, days = 0, known[DCL_DAYS_KEPT];
    int32_t left = DAY - (int32_t)(r->local % DAY);
    int16_t least, most;
    for (uint32_t ago = 1; ago < DCL_DAYS_KEPT; ago++) {
        const uint16_t *row = row_ago(r, ago);
        known[ago] = -1;
        if (!row) continue;
        parts_of(r, row, &before, &rest);
        all_before += before / 8; /* seven days of 65 kW fit */
        all_rest += rest / 8;
        days++;
        known[ago] = in_ten_wh(rest);
    }
    extremes(r, &least, &most);
    int32_t load_60 = mean_of(r, 60) * left / 600;
    int32_t week_before = days ? in_ten_wh(all_before / days * 8) : 0;
    dcl_mcu_today today = {in_ten_wh(r->today_wmin), days ? in_ten_wh(all_rest / days * 8) : within(load_60)};
    if (today.plain < 1) today.plain = 1;
    x[DCL_TODAY_AHEAD] = days ? ratio(today.so_far - week_before, week_before) : -2000;
    x[DCL_TODAY_BEFORE] = known[1] < 0 ? -1000 : ratio(known[1], today.plain);
    x[DCL_TODAY_WEEKDAY] = known[7] < 0 ? -1000 : ratio(known[7], today.plain);
    x[DCL_TODAY_LOAD_15] = ratio(mean_of(r, 15) * left / 600, today.plain);
    x[DCL_TODAY_LOAD_60] = ratio(load_60, today.plain);
    x[DCL_TODAY_LOAD_LEAST] = ratio(least * left / 600, today.plain);
    return today;
}
