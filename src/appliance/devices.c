/* Devices on meters of their own, whose type is known, teach a model that names types. */
#include "appliance/signature.h"
#include "base/rng.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What teaches at these scales of its power teaches shapes rather than its devices' watts. */
static const float scales[DCL_DEVICE_SCALES] = {1, 0.8f, 1.25f};
/* A day that used less names nothing, Wh. */
static const double LEAST_WH = 1;
/* Which lots are drawn: for runs, for days. */
enum { RUN_LOTS = 11, DAY_LOTS = 12 };

dcl_devices_options dcl_devices_defaults(void) {
    dcl_devices_options options = {
        .identifier = dcl_identifier_defaults(), .runs = 40, .days = 20, .trees = 100};
    /* One machine, not a search: with classes of few devices the folds inside choose by chance. */
    options.identifier.svm =
        (dcl_svm_options){.c = {16}, .gamma = {0.4}, .n_c = 1, .n_gamma = 1, .folds = 5, .together = true};
    return options;
}

/* ---------------------------------------------------------------- days */

static double energy_wh(const dcl_series *power) {
    double hours = (double)power->period_us / (double)DCL_HOUR_US, sum = 0;
    for (size_t i = 0; i < power->n; i++) sum += isnan(power->value[i]) ? 0 : (double)power->value[i];
    return sum * hours;
}

/* A channel times a factor, its values in `to`; NULL where there is no channel. */
static const dcl_series *scale(const dcl_series *from, float factor, float *to, dcl_series *out) {
    if (!from) return NULL;
    for (size_t i = 0; i < from->n; i++) to[i] = factor * from->value[i];
    *out = *from;
    out->value = to;
    return out;
}

static size_t samples(const dcl_series *of) {
    return of ? of->n : 0;
}

dcl_status dcl_device_day_describe(const dcl_load *load, dcl_arena *arena, dcl_device_day *out,
                                   dcl_error *error) {
    dcl_status status = DCL_OK;
    if (!(energy_wh(load->power_w) >= LEAST_WH))
        return dcl_fail(error, DCL_E_NO_DATA, "a day below 1 Wh names nothing");
    size_t n_w = load->power_w->n, n_va = samples(load->apparent_va), n_var = samples(load->reactive_var);
    float *value = malloc((n_w + n_va + n_var + 1) * sizeof *value);
    if (!value) return dcl_fail_memory(error, "a day of a device");
    for (size_t k = 0; k < DCL_DEVICE_SCALES && !status; k++) {
        dcl_series of[3];
        dcl_run_options options = dcl_run_defaults();
        dcl_load scaled = {.power_w = scale(load->power_w, scales[k], value, &of[0]),
                           .apparent_va = scale(load->apparent_va, scales[k], value + n_w, &of[1]),
                           .reactive_var = scale(load->reactive_var, scales[k], value + n_w + n_va, &of[2]),
                           .zone = load->zone};
        status = dcl_load_describe(&scaled, &options, arena, &out->at[k], error);
    }
    free(value);
    return status;
}

/* ---------------------------------------------------------------- rows */

/* Rows of one kind of signature for machines. */
typedef struct rows {
    float *x;
    uint32_t *label, *group;
    size_t n;
} rows;

static dcl_status rows_open(rows *of, size_t n, size_t width, dcl_error *error) {
    *of = (rows){malloc((n * width + 1) * sizeof *of->x), malloc((n + 1) * sizeof *of->label),
                 malloc((n + 1) * sizeof *of->group), 0};
    return of->x && of->label && of->group ? DCL_OK : dcl_fail_memory(error, "what devices teach");
}

static void rows_close(rows *of) {
    free(of->x);
    free(of->label);
    free(of->group);
    *of = (rows){0};
}

static void rows_add(rows *to, const float *x, size_t width, uint32_t label, size_t device) {
    memcpy(to->x + to->n * width, x, width * sizeof *x);
    to->label[to->n] = label;
    to->group[to->n++] = (uint32_t)device;
}

static dcl_examples examples_of(const rows *of, dcl_signature_kind kind) {
    return (dcl_examples){kind, of->x, of->label, of->group, of->n, 0};
}

/* What is taught: days at all scales; runs as they are, [0], and at all scales, [1]. */
typedef struct lesson {
    rows days, runs[2];
    size_t *runs_of, *days_of; /* [devices] days of each device; runs of those days of it that teach */
} lesson;

static void fill(const dcl_devices *devices, size_t d, size_t k, const dcl_devices_options *options,
                 lesson *to) {
    const dcl_device_day *day = &devices->day[d];
    const dcl_load_day *of = &day->at[k];
    uint32_t label = devices->device[day->device].label;
    rows_add(&to->days, of->day, DCL_DAY_COUNT, label, day->device);
    for (size_t r = 0; r < of->runs.n; r++) {
        double lot = dcl_random_uniform(RUN_LOTS, d * DCL_DEVICE_SCALES + k, r);
        if (lot * (double)to->runs_of[day->device] > options->runs) continue;
        for (size_t s = k ? 1 : 0; s < 2; s++)
            rows_add(&to->runs[s], of->run + r * DCL_RUN_COUNT, DCL_RUN_COUNT, label, day->device);
    }
}

static bool teaches(const dcl_devices *devices, size_t d, const dcl_devices_options *options,
                    const lesson *of) {
    size_t device = devices->day[d].device;
    double lot = dcl_random_uniform(DAY_LOTS, d, 0);
    return !devices->device[device].left_out && lot * (double)of->days_of[device] <= options->days;
}

/* Two types with two devices each: a machine must tell types apart on devices that did not teach it. */
static dcl_status check_enough(const dcl_devices *devices, const lesson *of, dcl_error *error) {
    uint32_t teachers[DCL_SVM_CLASSES] = {0}, all = 0, types = 0, enough = 0;
    for (size_t i = 0; i < devices->n; i++) {
        if (devices->device[i].left_out || !of->days_of[i]) continue;
        all++;
        teachers[devices->device[i].label]++;
    }
    for (uint32_t k = 0; k < devices->classes; k++) {
        types += teachers[k] > 0;
        enough += teachers[k] > 1;
    }
    if (enough >= 2) return DCL_OK;
    return dcl_fail(
        error, DCL_E_NO_DATA,
        "%u device%s of %u type%s, %u of them with two devices or more: it takes two devices of two "
        "types at least, "
        "since a name is tried on a device that did not teach it",
        (unsigned)all, all == 1 ? "" : "s", (unsigned)types, types == 1 ? "" : "s", (unsigned)enough);
}

static dcl_status check(const dcl_devices *devices, dcl_error *error) {
    if (devices->classes > DCL_SVM_CLASSES)
        return dcl_fail(error, DCL_E_ARG, "%u types: at most %d", (unsigned)devices->classes,
                        DCL_SVM_CLASSES);
    for (size_t i = 0; i < devices->n; i++) {
        if (devices->device[i].label >= devices->classes && !devices->device[i].left_out)
            return dcl_fail(error, DCL_E_ARG, "device %zu has no label", i);
    }
    for (size_t d = 0; d < devices->n_days; d++) {
        if (devices->day[d].device >= devices->n)
            return dcl_fail(error, DCL_E_ARG, "day %zu is of no device", d);
    }
    return DCL_OK;
}

/* Fills days_of and runs_of. Returns how many runs there are at all scales. */
static size_t count(const dcl_devices *devices, const dcl_devices_options *options, lesson *to) {
    size_t runs = 0;
    for (size_t d = 0; d < devices->n_days; d++) to->days_of[devices->day[d].device]++;
    for (size_t d = 0; d < devices->n_days; d++) {
        const dcl_device_day *day = &devices->day[d];
        if (!teaches(devices, d, options, to)) continue;
        to->runs_of[day->device] += day->at[0].runs.n;
        for (size_t k = 0; k < DCL_DEVICE_SCALES; k++) runs += day->at[k].runs.n;
    }
    return runs;
}

static dcl_status prepare(const dcl_devices *devices, const dcl_devices_options *options, lesson *out,
                          dcl_error *error) {
    dcl_status status = check(devices, error);
    if (status) return status;
    out->runs_of = calloc(2 * devices->n + 1, sizeof *out->runs_of);
    if (!out->runs_of) return dcl_fail_memory(error, "devices");
    out->days_of = out->runs_of + devices->n;
    size_t runs = count(devices, options, out);
    status = check_enough(devices, out, error);
    if (!status) status = rows_open(&out->days, devices->n_days * DCL_DEVICE_SCALES, DCL_DAY_COUNT, error);
    for (size_t s = 0; s < 2 && !status; s++) status = rows_open(&out->runs[s], runs, DCL_RUN_COUNT, error);
    if (status) return status;
    for (size_t d = 0; d < devices->n_days; d++) {
        for (size_t k = 0; k < DCL_DEVICE_SCALES && teaches(devices, d, options, out); k++)
            fill(devices, d, k, options, out);
    }
    return DCL_OK;
}

dcl_status dcl_devices_learn(const dcl_context *context, const dcl_devices *devices,
                             const dcl_devices_options *options, dcl_arena *arena, dcl_identifier *out,
                             dcl_error *error) {
    lesson taught = {0};
    dcl_examples examples[3];
    dcl_status status = prepare(devices, options, &taught, error);
    if (status) goto done;
    examples[0] = examples_of(&taught.days, DCL_SIGNATURE_DAY);
    for (size_t s = 0; s < 2; s++) examples[1 + s] = examples_of(&taught.runs[s], DCL_SIGNATURE_RUN);
    examples[2].trees = options->trees;
    status = dcl_identifier_learn(context, devices->label, devices->classes, examples, 3,
                                  &options->identifier, arena, out, error);
done:
    rows_close(&taught.days);
    for (size_t s = 0; s < 2; s++) rows_close(&taught.runs[s]);
    free(taught.runs_of);
    return status;
}
