/*
 * Smart plugs beside a meter, as bench/plugs.md says: quality plugs [DATA [align|refuse|gain [rows=N]]].
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_plugs.h>
#include <declic/kernel.h>
#include <declic/learn.h>

#include "appliance/plug.h"
#include "base/rng.h"
#include "quality_tool.h"

typedef struct bench {
    dcl_context context;
    dcl_kernels kernels;
    dcl_zone *zone;
    dcl_arena arena;
    const char *data;
    int rows; /* moments to learn from */
} bench;

/* ---------------------------------------------------------------- homes */

static const struct {
    const char *file, *only, *without;
} houses[] = {{0}, {"eco/house1.tar.xz", "01,02,03,04", NULL}, {0}, {0}, {"eco/house4.tar.xz", NULL, "06"}};

static dcl_home read_house(bench *b, int house, int64_t period_us, int from, int to) {
    char path[1024];
    dcl_home home;
    dcl_error error = {0};
    snprintf(path, sizeof path, "%s/%s", b->data, houses[house].file);
    dcl_read_options options = dcl_read_defaults();
    options.period_us = period_us;
    options.only = houses[house].only;
    options.without = houses[house].without;
    options.zone = b->zone;
    options.from_us = quality_day_start(b->zone, from);
    options.to_us = quality_day_start(b->zone, to);
    quality_check(dcl_home_read(&b->context, path, &options, &b->arena, &home, &error), &error);
    return home;
}

static float value_at(const dcl_series *series, int64_t time_us) {
    int64_t at = time_us - series->start_us;
    if (at < 0 || at >= (int64_t)series->n * series->period_us) return NAN;
    return series->value[at / series->period_us];
}

static dcl_series empty_like(bench *b, const dcl_series *series, dcl_channel channel) {
    dcl_series out = *series;
    out.channel = channel;
    out.value = dcl_arena_alloc(&b->arena, series->n, sizeof *out.value);
    if (!out.value) abort();
    return out;
}

/* What the meter shows of a house: how often, as VA in steps of 10, and with another house's plugs on it that nobody wears. */
typedef struct meter_kind {
    const char *name;
    int period_s;
    bool stranger, tic;
} meter_kind;
static const meter_kind meters[] = {{"every second", 1, false, false},
                                    {"every 10 s", 10, false, false},
                                    {"1 s, with house 1 unknown", 1, true, false},
                                    {"TIC: 10 VA, 1-2 s", 1, false, true}};
enum { METERS = sizeof meters / sizeof *meters };

/* Reactive power of a plug per watt, by turns: a motor, a heater, electronics. The data says nothing of it. */
static double var_share(size_t plug) {
    static const double share[] = {0.6, 0, -0.4};
    return share[plug % 3];
}

static dcl_home make_meter(bench *b, const dcl_home *house, const dcl_home *stranger,
                           const meter_kind *kind) {
    const dcl_series *sum = dcl_home_series(house, DCL_POWER_W);
    dcl_home home = {.id = "meter", .n_series = 1, .subscribed_kva = NAN};
    home.series = dcl_arena_alloc(&b->arena, 1, sizeof *home.series);
    dcl_series *out = home.series;
    *out = empty_like(b, sum, kind->tic ? DCL_APPARENT_VA : DCL_POWER_W);
    for (size_t i = 0; i < sum->n; i++) {
        int64_t at = sum->start_us + (int64_t)i * sum->period_us;
        double p = (double)sum->value[i], q = 0;
        for (size_t k = 0; kind->tic && k < house->n_truth; k++)
            q += var_share(k) * (double)value_at(&house->truth[k], at);
        for (size_t k = 0; kind->stranger && k < stranger->n_truth; k++)
            p += fmax(0, (double)value_at(&stranger->truth[k], at));          /* NaN is 0 */
        bool repeats = kind->tic && i && dcl_random_uniform(3, 77, i) < 0.33; /* no frame in this second */
        out->value[i] = repeats     ? out->value[i - 1]
                        : kind->tic ? (float)(10 * floor(sqrt(p * p + q * q) / 10 + 0.5))
                                    : (float)p;
    }
    int64_t times = (int64_t)kind->period_s * DCL_SECOND_US / sum->period_us;
    for (size_t i = 0; times > 1 && i < sum->n / (size_t)times; i++) {
        double mean = 0;
        for (int64_t k = 0; k < times; k++) mean += (double)out->value[(int64_t)i * times + k];
        out->value[i] = (float)(mean / (double)times);
    }
    if (times > 1) out->n /= (size_t)times, out->period_us *= times;
    return home;
}

/* How a plug is worn: a reading every so often, and its clock. */
typedef struct wear {
    double offset_s, drift_ppm, jitter_s;
    int reading_s;
    uint64_t seed;
} wear;

/* The plug's file as it would be read: at the stamp s a reading of the moment s + offset + drift + jitter, held to the next. */
static dcl_home wear_plug(bench *b, const dcl_series *truth, const wear *w) {
    dcl_home home = {.id = "plug", .n_series = 1, .subscribed_kva = NAN};
    home.series = dcl_arena_alloc(&b->arena, 1, sizeof *home.series);
    int64_t each = w->reading_s * DCL_SECOND_US, span = (int64_t)truth->n * truth->period_us;
    dcl_series *out = home.series;
    *out = (dcl_series){
        .channel = DCL_POWER_W, .start_us = truth->start_us - 600 * DCL_SECOND_US, .period_us = each};
    out->n = (size_t)((span + 1200 * DCL_SECOND_US) / each);
    out->value = dcl_arena_alloc(&b->arena, out->n, sizeof *out->value);
    int64_t middle = truth->start_us + span / 2;
    for (size_t i = 0; i < out->n; i++) {
        int64_t stamp = out->start_us + (int64_t)i * each;
        double late = w->offset_s + w->drift_ppm * 1e-6 * (double)(stamp - middle) / 1e6 +
                      w->jitter_s * (dcl_random_uniform(w->seed, 5, i) - 0.5);
        out->value[i] = value_at(truth, stamp + (int64_t)floor((late + 0.5) * 1e6));
    }
    return home;
}

/* The truth of the clock where the fit says its middle is. A reading that is held is late by half of itself on average. */
static double true_offset(const dcl_series *truth, const wear *w, const dcl_plug_fit *fit) {
    int64_t middle = truth->start_us + (int64_t)truth->n * truth->period_us / 2;
    double since_s = (double)(fit->middle_us - middle) / 1e6, held_s = (w->reading_s - 1) / 2.0;
    return w->offset_s + w->drift_ppm * 1e-6 * since_s - held_s;
}

/* ---------------------------------------------------------------- clocks */

static const wear wears[] = {{-40, 0, 2, 1, 1}, {-7.3, 20, 2, 1, 2},   {0, 0, 3, 1, 3},
                             {37, 5, 3, 10, 4}, {150.5, -50, 3, 1, 5}, {300, 0, 3, 10, 6}};
enum { WEARS = sizeof wears / sizeof *wears };

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void align_plug(bench *b, const dcl_home *meter, const dcl_series *truth, const char *name) {
    dcl_plug_options options = dcl_plug_defaults();
    double error_s[WEARS], error_ppm[WEARS];
    size_t right = 0, verdict[DCL_PLUG_COUNT] = {0};
    dcl_plug_fit fit = {0}, shown = {0};
    for (size_t w = 0; w < WEARS; w++) {
        dcl_error error = {0};
        dcl_home plug = wear_plug(b, truth, &wears[w]);
        quality_check(dcl_plug_align(&b->context, meter, &plug, &options, &fit, &error), &error);
        verdict[fit.verdict]++;
        if (!w) shown = fit;
        if (fit.verdict != DCL_PLUG_FITS) continue;
        error_s[right] = fabs(fit.offset_s - true_offset(truth, &wears[w], &fit));
        error_ppm[right++] = fabs(fit.drift_ppm - wears[w].drift_ppm);
    }
    qsort(error_s, right, sizeof *error_s, by_value);
    qsort(error_ppm, right, sizeof *error_ppm, by_value);
    printf("  %-9s %5zu of %5zu %7.1f %5.0f  %8.1e   %zu of %d", name, shown.found, shown.steps, shown.chance,
           shown.chance_most, shown.p, right, (int)WEARS);
    if (right) printf(" %8.2f %8.2f %8.1f", error_s[right / 2], error_s[right - 1], error_ppm[right - 1]);
    for (int v = 1; v < DCL_PLUG_COUNT; v++)
        if (verdict[v]) printf("  %s %zu", dcl_plug_verdict_name((dcl_plug_verdict)v), verdict[v]);
    printf("\n");
    fflush(stdout);
}

static void align(bench *b) {
    for (int house = 4; house >= 1; house -= 3) {
        dcl_home home = read_house(b, house, DCL_SECOND_US, 20121002, 20121009), stranger = home;
        if (house == 4) stranger = read_house(b, 1, DCL_SECOND_US, 20121002, 20121009);
        for (int m = 0; m < METERS; m++) {
            if (house == 1 && meters[m].stranger) continue;
            dcl_home meter = make_meter(b, &home, &stranger, &meters[m]);
            printf("\nECO house %d, 2012-10-02 … 08, %s\n", house, meters[m].name);
            printf("  %-9s %14s %7s %5s  %8s %10s %8s %8s %8s\n", "plug", "found", "chance", "most", "p",
                   "aligned", "median s", "worst s", "ppm");
            for (size_t k = 0; k < home.n_truth; k++)
                align_plug(b, &meter, &home.truth[k], home.truth_name[k]);
        }
    }
}

/* ---------------------------------------------------------------- refusals */

static dcl_home cut(bench *b, const dcl_home *home, int64_t from_us, int64_t to_us) {
    dcl_home out = *home;
    out.series = dcl_arena_alloc(&b->arena, home->n_series, sizeof *out.series);
    out.truth = dcl_arena_alloc(&b->arena, home->n_truth + 1, sizeof *out.truth);
    if (!out.series || !out.truth) abort();
    memcpy(out.series, home->series, home->n_series * sizeof *out.series);
    if (home->n_truth) memcpy(out.truth, home->truth, home->n_truth * sizeof *out.truth);
    dcl_home_slice(&out, from_us, to_us);
    return out;
}

/* Verdicts over plugs and weeks; a plug that is worn for `days` at the start of each week. */
static void count_verdicts(bench *b, const char *name, const dcl_home *meter, const dcl_home *worn, int days,
                           const wear *w, int weeks) {
    dcl_plug_options options = dcl_plug_defaults();
    size_t count[DCL_PLUG_COUNT] = {0};
    int64_t start = meter->series[0].start_us;
    double worst_s = 0;
    for (int week = 0; week < weeks; week++) {
        int64_t from = start + week * 7 * DCL_DAY_US, to = from + days * DCL_DAY_US;
        dcl_home part = cut(b, worn, from, to);
        for (size_t k = 0; k < part.n_truth; k++) {
            dcl_error error = {0};
            dcl_plug_fit fit;
            dcl_arena kept = b->arena;
            b->arena = (dcl_arena){0};
            dcl_home plug = wear_plug(b, &part.truth[k], w);
            quality_check(dcl_plug_align(&b->context, meter, &plug, &options, &fit, &error), &error);
            count[fit.verdict]++;
            if (fit.verdict == DCL_PLUG_FITS)
                worst_s = fmax(worst_s, fabs(fit.offset_s - true_offset(&part.truth[k], w, &fit)));
            dcl_arena_free(&b->arena);
            b->arena = kept;
        }
    }
    printf("  %-36s", name);
    for (int v = 0; v <= DCL_PLUG_NO_OVERLAP; v++) printf(" %7zu", count[v]);
    printf(" %9.1f\n", worst_s);
    fflush(stdout);
}

static void refuse(bench *b) {
    static const wear right = {37, 5, 3, 1, 7}, slow = {37, 5, 3, 10, 8}, hour = {3600 + 37, 5, 3, 1, 9},
                      hours = {-2 * 3600, 0, 3, 1, 10}, day = {86400, 0, 3, 1, 11};
    static const meter_kind kinds[] = {{"every second", 1, false, false}, {"TIC", 1, false, true}};
    enum { WEEKS = 5 };
    dcl_home home[2] = {read_house(b, 4, DCL_SECOND_US, 20120911, 20121017),
                        read_house(b, 1, DCL_SECOND_US, 20120911, 20121017)};
    printf("\nECO houses 4 and 1, 2012-09-11 … 10-15, the plugs of five weeks, each by itself\n");
    for (int kind = 0; kind < 2; kind++)
        for (int h = 0; h < 2; h++) {
            const dcl_home *own = &home[h], *other = &home[1 - h];
            dcl_home meter = make_meter(b, own, other, &kinds[kind]);
            printf("\n  meter of house %d, %-19s", h ? 1 : 4, kinds[kind].name);
            for (int v = 0; v <= DCL_PLUG_NO_OVERLAP; v++)
                printf(" %7.7s", dcl_plug_verdict_name((dcl_plug_verdict)v));
            printf("   worst s\n");
            count_verdicts(b, "its own plugs, 7 days", &meter, own, 7, &right, WEEKS);
            count_verdicts(b, "its own plugs, 3 days", &meter, own, 3, &right, WEEKS);
            count_verdicts(b, "its own plugs, 1 day", &meter, own, 1, &right, WEEKS);
            count_verdicts(b, "7 days, read every 10 s", &meter, own, 7, &slow, WEEKS);
            count_verdicts(b, "7 days, an hour behind", &meter, own, 7, &hour, WEEKS);
            count_verdicts(b, "7 days, two hours ahead", &meter, own, 7, &hours, WEEKS);
            count_verdicts(b, "7 days, a day behind", &meter, own, 7, &day, WEEKS);
            count_verdicts(b, "the other house's plugs, 7 days", &meter, other, 7, &right, WEEKS);
            count_verdicts(b, "the other house's plugs, 3 days", &meter, other, 3, &right, WEEKS);
            count_verdicts(b, "the other house's plugs, 1 day", &meter, other, 1, &right, WEEKS);
        }
}

/* ---------------------------------------------------------------- the gain */

enum { PLUGS_MOST = 16 };
static const char *const names4[] = {"",        "fridge", "kitchen",       "lamp",     "stereo_laptop",
                                     "freezer", "tablet", "entertainment", "microwave"};

typedef struct table {
    const dcl_home *judged; /* with the truth as it was */
    size_t from, n;         /* of its lead */
    const float *truth[PLUGS_MOST];
} table;

static void print_scores(const table *t, const char *name, float *const *estimate) {
    const dcl_series *lead = &t->judged->series[0];
    printf("  %-20s", name);
    for (size_t k = 0; k < t->judged->n_truth; k++) {
        dcl_plug_score score = {NAN, NAN, NAN};
        dcl_error error = {0};
        if (estimate[k])
            quality_check(dcl_plug_score_of(t->truth[k], estimate[k], t->n, lead->period_us, &score, &error),
                          &error);
        if (isnan(score.nde_root))
            printf("      -     -     -");
        else
            printf("  %5.3f %5.3f %+4.0f%%", score.f1, score.nde_root, 100 * score.energy_error);
    }
    printf("\n");
    fflush(stdout);
}

static dcl_home coarsen_truth(bench *b, const dcl_home *house, const dcl_series *lead) {
    dcl_home out = cut(b, house, INT64_MIN / 4, INT64_MAX / 4);
    for (size_t k = 0; k < out.n_truth; k++) {
        dcl_home one = {.series = &house->truth[k], .n_series = 1};
        dcl_home meter = {.series = (dcl_series *)lead, .n_series = 1};
        const dcl_plug_fit still = {0};
        dcl_error error = {0};
        quality_check(dcl_plug_resample(&meter, &one, &still, &b->arena, &out.truth[k], &error), &error);
    }
    return out;
}

static void estimate_days(bench *b, const dcl_home *meter, const dcl_home *house, table *t, int days,
                          int64_t split) {
    static const wear worn = {37, 5, 3, 10, 12};
    dcl_plug_options options = dcl_plug_defaults();
    dcl_power_options power = dcl_power_defaults();
    power.rows = b->rows;
    dcl_error error = {0};
    dcl_home taught = cut(b, meter, split - days * DCL_DAY_US, split);
    dcl_home part = cut(b, house, split - days * DCL_DAY_US, split);
    float *mean[PLUGS_MOST] = {0}, *own[PLUGS_MOST] = {0};
    size_t joined = 0;
    taught.truth = dcl_arena_alloc(&b->arena, part.n_truth, sizeof *taught.truth);
    taught.truth_name = dcl_arena_alloc(&b->arena, part.n_truth, sizeof *taught.truth_name);
    for (size_t k = 0; k < part.n_truth; k++) {
        dcl_plug_fit fit;
        dcl_home plug = wear_plug(b, &part.truth[k], &worn);
        quality_check(dcl_plug_align(&b->context, &taught, &plug, &options, &fit, &error), &error);
        if (fit.verdict != DCL_PLUG_FITS) continue;
        strcpy(taught.truth_name[joined], part.truth_name[k]);
        quality_check(dcl_plug_resample(&taught, &plug, &fit, &b->arena, &taught.truth[joined++], &error),
                      &error);
        const dcl_series *got = &taught.truth[joined - 1];
        double sum = 0, there = 0;
        for (size_t i = 0; i < got->n; i++)
            if (!isnan(got->value[i])) sum += (double)got->value[i], there++;
        mean[k] = dcl_arena_alloc(&b->arena, t->n, sizeof **mean);
        for (size_t i = 0; i < t->n; i++) mean[k][i] = (float)(sum / there);
    }
    taught.n_truth = joined;
    dcl_power_model *model;
    dcl_power_estimate got;
    quality_check(dcl_power_learn(&b->context, &taught, 1, &power, &model, &error), &error);
    dcl_home judged = cut(b, t->judged, INT64_MIN / 4, INT64_MAX / 4);
    judged.n_truth = 0;
    quality_check(dcl_power_estimate_home(&b->context, model, &judged, false, &b->arena, &got, &error),
                  &error);
    for (size_t k = 0; k < part.n_truth; k++)
        for (size_t c = 0; c < got.n_channels; c++) {
            if (strcmp(got.channel[c].name, part.truth_name[k]) != 0) continue;
            own[k] = dcl_arena_alloc(&b->arena, t->n, sizeof **own);
            for (size_t i = 0; i < t->n; i++) {
                int32_t level = got.channel[c].level[i];
                own[k][i] = level == DCL_MISSING_I32 ? NAN : (float)level / 10;
            }
        }
    char name[64];
    snprintf(name, sizeof name, "mean of %d day%s", days, days > 1 ? "s" : "");
    print_scores(t, name, mean);
    snprintf(name, sizeof name, "plugs for %d day%s", days, days > 1 ? "s" : "");
    print_scores(t, name, own);
    dcl_power_close(&model);
}

/* What is said without plugs, of the judged days and of those before. */
static void without_plugs(bench *b, const dcl_home *meter, const dcl_home *house, const table *t,
                          int64_t split) {
    dcl_error error = {0};
    dcl_cycles cycles = {0};
    float *power[PLUGS_MOST] = {0};
    const dcl_series *lead = &meter->series[0];
    size_t at = (size_t)((split - lead->start_us) / lead->period_us);
    quality_check(dcl_plug_name_cycles(&b->context, meter, &b->arena, &cycles, &error), &error);
    for (size_t k = 0; k < house->n_truth; k++) {
        float *work = dcl_arena_alloc(&b->arena, lead->n, sizeof *work);
        if (dcl_plug_rules(&cycles, lead, house->truth_name[k], work)) power[k] = work + at;
    }
    print_scores(t, "without plugs", power);
}

static void gain(bench *b) {
    static const meter_kind kinds[] = {{"every 10 s", 10, false, false},
                                       {"every 10 s, with house 1 unknown", 10, true, false},
                                       {"TIC: 10 VA, means of 10 s", 10, false, true}};
    static const int worn[] = {1, 3, 7, 14, 7}; /* of the first meter, then of the others */
    int64_t split = quality_day_start(b->zone, 20121002), from = quality_day_start(b->zone, 20120918),
            to = quality_day_start(b->zone, 20121016);
    dcl_home house = read_house(b, 4, DCL_SECOND_US, 20120918, 20121016);
    dcl_home stranger = read_house(b, 1, DCL_SECOND_US, 20120918, 20121016);
    for (size_t k = 0; k < house.n_truth; k++)
        strcpy(house.truth_name[k], names4[atoi(house.truth_name[k] + strlen(house.truth_name[k]) - 2)]);
    for (size_t m = 0; m < sizeof kinds / sizeof *kinds; m++) {
        dcl_home meter = make_meter(b, &house, &stranger, &kinds[m]);
        dcl_home even = coarsen_truth(b, &house, &meter.series[0]);
        dcl_home judged = cut(b, &meter, split, to);
        dcl_home truth = cut(b, &even, split, to);
        judged.truth = truth.truth, judged.truth_name = truth.truth_name, judged.n_truth = truth.n_truth;
        table t = {.judged = &judged, .n = judged.series[0].n};
        for (size_t k = 0; k < judged.n_truth; k++) t.truth[k] = judged.truth[k].value;
        printf("\nECO house 4, %s: plugs worn before 2012-10-02, judged 2012-10-02 … 15\n  %-20s",
               kinds[m].name, "");
        for (size_t k = 0; k < judged.n_truth; k++) printf("  %17.17s", judged.truth_name[k]);
        printf("\n  %-20s", "");
        for (size_t k = 0; k < judged.n_truth; k++) printf("  %5s %5s %5s", "F1", "rNDE", "kWh");
        printf("\n");
        dcl_home seen = cut(b, &meter, from, to);
        without_plugs(b, &seen, &house, &t, split);
        for (size_t d = m ? 4 : 0; d < (m ? 5 : 4); d++) estimate_days(b, &meter, &house, &t, worn[d], split);
    }
}

int main(int argc, char **argv) {
    const char *part = argc > 3 ? argv[3] : "all";
    bench b = {.data = argc > 2 ? argv[2] : DECLIC_DATA, .rows = dcl_power_defaults().rows};
    if (argc > 4 && strncmp(argv[4], "rows=", 5) == 0) b.rows = atoi(argv[4] + 5);
    dcl_error error = {0};
    quality_check(dcl_kernels_select(NULL, &b.kernels, &error), &error);
    b.context = (dcl_context){.kernels = &b.kernels, .threads = 1, .seed = 1};
    quality_check(dcl_zone_open("Europe/Zurich", &b.zone, &error), &error);
    b.context.zone = b.zone;
    bool all = strcmp(part, "all") == 0;
    if (all || strcmp(part, "align") == 0) align(&b);
    if (all || strcmp(part, "refuse") == 0) refuse(&b);
    if (all || strcmp(part, "gain") == 0) gain(&b);
    dcl_arena_free(&b.arena);
    dcl_zone_close(&b.zone);
    return 0;
}
