/* Forecasts of a gateway along a home's past, minute by minute: by the integers that it runs, or by the floats they were made of. */
#include <math.h>
#include <stdlib.h>

#include "gateway/minutes.h"
#include "gateway/model.h"

typedef struct roller {
    const dcl_context *context;
    const dcl_gateway_model *model;
    const dcl_gateway_roll_options *options;
    dcl_gateway_minutes minutes;
    dcl_mcu_running running;
    int64_t day_from_us, day_to_us; /* the civil day that was summed last */
    double day_wh;
} roller;

dcl_gateway_roll_options dcl_gateway_roll_defaults(void) {
    return (dcl_gateway_roll_options){
        .kind = DCL_BLOB_MINUTE, .quantised = true, .from_us = INT64_MIN, .to_us = INT64_MAX};
}

static const dcl_forest *floats_of(const roller *r) {
    const dcl_forest *forest = r->options->kind == DCL_BLOB_MINUTE ? &r->model->minute : &r->model->today;
    return forest->n_trees ? forest : NULL;
}

static double margin_of(const roller *r, const int16_t *x) {
    uint32_t k;
    const dcl_mcu_feature *feature = dcl_mcu_features(r->options->kind, &k);
    float row[DCL_BLOB_FEATURES], margin;
    for (uint32_t f = 0; f < k; f++) row[f] = dcl_gateway_value(&feature[f], x[f]);
    dcl_forest_margins(floats_of(r), row, 1, k, &margin);
    return (double)margin;
}

static double or_nan(uint32_t told, double unit) {
    return told == DCL_GATEWAY_NONE ? (double)NAN : told * unit;
}

/* ---------------------------------------------------------------- one forecast */

static void say_minute(const roller *r, size_t i, dcl_gateway_said *out) {
    int16_t x[DCL_MINUTE_COUNT];
    int32_t now_w = dcl_gateway_watts(r->minutes.end[i]);
    out->start_us = out->issued_us;
    out->end_us = out->start_us + DCL_MINUTE_US;
    out->plain = now_w;
    out->actual = i + 1 < r->minutes.n ? (double)r->minutes.mean[i + 1] : (double)NAN;
    if (r->options->quantised) {
        const dcl_mcu_forest *forest = &r->model->blob[DCL_BLOB_MINUTE].forest;
        out->value = or_nan(dcl_mcu_forecast_next(forest, &r->running, now_w), 1);
        return;
    }
    dcl_mcu_running_next(&r->running, now_w, x);
    out->value = fmax(now_w + margin_of(r, x), 0);
}

/* The energy of a civil day, Wh; NaN where not all of it is known. */
static double energy_of(roller *r, int64_t from_us, int64_t to_us) {
    const dcl_gateway_minutes *m = &r->minutes;
    int64_t first = (from_us - dcl_gateway_minute_us(m->first)) / DCL_MINUTE_US;
    int64_t n = (to_us - from_us) / DCL_MINUTE_US;
    if (from_us == r->day_from_us && to_us == r->day_to_us) return r->day_wh;
    r->day_from_us = from_us, r->day_to_us = to_us;
    r->day_wh = first < 0 || first + n > (int64_t)m->n ? (double)NAN : 0;
    for (int64_t i = first; i < first + n && !isnan(r->day_wh); i++) r->day_wh += (double)m->mean[i] / 60;
    return r->day_wh;
}

static void say_today(roller *r, dcl_gateway_said *out) {
    int16_t x[DCL_TODAY_COUNT];
    const dcl_zone *zone = r->context->zone;
    int64_t day = dcl_zone_day(zone, out->issued_us);
    out->start_us = dcl_zone_day_start(zone, day);
    out->end_us = dcl_zone_day_start(zone, day + 1);
    out->actual = energy_of(r, out->start_us, out->end_us);
    out->value = out->plain = (double)NAN;
    if (!dcl_mcu_running_knows_today(&r->running)) return;
    dcl_mcu_today today = dcl_mcu_running_today(&r->running, x);
    out->plain = 10.0 * (today.so_far + today.plain);
    if (r->options->quantised)
        out->value = or_nan(dcl_mcu_forecast_today(&r->model->blob[DCL_BLOB_TODAY].forest, &r->running), 10);
    else
        out->value = 10 * (today.so_far + today.plain * fmax(1 + margin_of(r, x) / 1000, 0));
}

/* ---------------------------------------------------------------- all of them */

static bool is_due(const roller *r, int64_t issued_us) {
    const dcl_gateway_roll_options *o = r->options;
    if (issued_us < o->from_us || issued_us >= o->to_us) return false;
    if (o->every_us <= DCL_MINUTE_US) return true;
    const dcl_zone *zone = r->context->zone;
    return (issued_us - dcl_zone_day_start(zone, dcl_zone_day(zone, issued_us))) % o->every_us == 0;
}

static dcl_status roll(roller *r, dcl_gateway_said_fn take, void *arg, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < r->minutes.n; i++) {
        uint32_t minute = r->minutes.first + (uint32_t)i;
        dcl_gateway_said said = {.issued_us = dcl_gateway_minute_us(minute + 1)};
        if (said.issued_us >= r->options->to_us) break;
        if (i % 1440 == 0 && dcl_cancelled(r->context))
            return dcl_fail(error, DCL_E_CANCELLED, "interrupted");
        if (isnan(r->minutes.mean[i])) continue;
        dcl_mcu_running_minute(&r->running, minute, dcl_gateway_offset(r->context->zone, minute),
                               dcl_gateway_watts(r->minutes.mean[i]));
        if (!is_due(r, said.issued_us)) continue;
        if (r->options->kind == DCL_BLOB_MINUTE)
            say_minute(r, i, &said);
        else
            say_today(r, &said);
        if (!isnan(said.value)) status = take(arg, &said, error);
    }
    return status;
}

dcl_status dcl_gateway_roll(const dcl_context *context, const dcl_gateway_model *model,
                            const dcl_series *power, const dcl_gateway_roll_options *options,
                            dcl_gateway_said_fn take, void *arg, dcl_error *error) {
    roller r = {.context = context, .model = model, .options = options, .day_from_us = INT64_MIN};
    if (options->kind != DCL_BLOB_MINUTE && options->kind != DCL_BLOB_TODAY)
        return dcl_fail(error, DCL_E_ARG, "a gateway forecasts the next minute and today");
    if (!model->blob[options->kind].word)
        return dcl_fail(error, DCL_E_ARG, "the model has no forecast of %s",
                        dcl_blob_kind_name(options->kind));
    if (!options->quantised && !floats_of(&r))
        return dcl_fail(error, DCL_E_UNSUPPORTED, "a blob holds integers alone: it is served quantised");
    if (!dcl_gateway_sees(power))
        return dcl_fail(error, DCL_E_NO_DATA,
                        "no power every minute or faster, by which a gateway forecasts");
    dcl_status status = dcl_gateway_minutes_read(power, &r.minutes, error);
    if (!status) status = roll(&r, take, arg, error);
    dcl_gateway_minutes_free(&r.minutes);
    return status;
}
