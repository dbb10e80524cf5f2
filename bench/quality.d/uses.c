/* How good the breakdown by use is, on homes whose parts are known:
 * bench/quality uses [DATA [chosen|reported|all [SETS [FIRST LAST]]]]. SETS are letters, and each case is printed; simulated homes
 * are of seeds FIRST to LAST in place of seed 1, to look at others than those that judge. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance.h>
#include <declic/kernel.h>
#include <declic/town.h>

/* ---------------------------------------------------------------- what is compared */

#define BIT(kind) (1u << DCL_USE_##kind)
/* A need, the uses that answer it, and the share of a home's energy that the plain guess gives it: ElecDom (ADEME/RTE 2021)
 * of 4,792 kWh a year: 50 W of standby; fridge-freezer 346 and freezer 308; heat and hot water are what is not specific (2,228),
 * cooking in it; of machines that wash only the dryer (301) is known. */
typedef struct need {
    const char *name;
    uint32_t uses;
    double share;
} need;
enum { ALWAYS_ON, COLD, WATER, HEAT, HEATING, VEHICLE, KITCHEN, WASH, BOTH, SCREENS, NEEDS };
static const need needs[NEEDS] = {
    [ALWAYS_ON] = {"always on", BIT(ALWAYS_ON), 438.0 / 4792},
    [COLD] = {"cold", BIT(COLD), 654.0 / 4792},
    [WATER] = {"water heater", BIT(WATER_HEATER), 0.25 * 2564.0 / 4792},
    [HEAT] = {"heat, hot water or cool", BIT(WATER_HEATER) | BIT(HEATING) | BIT(COOLING) | BIT(HEAT),
              2564.0 / 4792},
    [HEATING] = {"heating", BIT(HEATING), 0.65 * 2564.0 / 4792},
    [VEHICLE] = {"vehicle", BIT(VEHICLE), 0},
    [KITCHEN] = {"cooking", BIT(COOKING), 0.1 * 2564.0 / 4792},
    [WASH] = {"wash", BIT(WASH), 301.0 / 4792},
    [BOTH] = {"cooking and wash", BIT(COOKING) | BIT(WASH), 0.1 * 2564.0 / 4792 + 301.0 / 4792},
    [SCREENS] = {"lighting and screens", BIT(LIGHT_SCREENS), 0.1},
};
/* Uses that would be made up where the need is not there. */
static const uint32_t HEAVY = BIT(WATER_HEATER) | BIT(HEATING) | BIT(COOLING) | BIT(HEAT) | BIT(VEHICLE);

/* A stretch of a home: mains and parts on one grid, W, NaN = missing. part[need] NULL = its truth is not known. */
typedef struct stretch {
    const char *set;
    bool chosen;
    uint32_t absent; /* heavy uses that this home does not have */
    int64_t start_us, period_us;
    size_t n;
    const float *mains;
    float *part[NEEDS];
} stretch;

typedef struct tally {
    int n, known, covered;
    double width, error, rest, base, truth, kwh, energy;
} tally;

enum { PERIODS = 4, SETS = 6 };
static const int period_s[PERIODS] = {1, 60, 600, 1800};
static const char *const period_name[PERIODS] = {"1 s", "1 min", "10 min", "30 min"};
static const char *const sets[SETS] = {"UCI",         "AMPds2",      "ECO house 4",
                                       "ECO house 1", "town (ours)", "year (ours)"};
static tally table[2][SETS][PERIODS][NEEDS];
static int made_up[2][SETS][PERIODS], could_make_up[2][SETS][PERIODS];
static bool verbose;

static void *checked(void *memory) {
    if (!memory) abort();
    return memory;
}

/* ---------------------------------------------------------------- truth */

/* Energy of a part where the mains are there, kWh. */
static double energy_kwh(const stretch *s, const float *w) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->mains[i]) && !isnan(w[i])) sum += (double)w[i];
    return sum * (double)s->period_us / 3.6e12;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Always on, by definition: the lowest ten minutes of each day of what is no cold appliance and no heat, on a day in the middle, over the
 * covered time. */
static double floor_kwh(const stretch *s) {
    enum { SLOTS = 144, DAYS = 512 };
    size_t each = (size_t)(10 * DCL_MINUTE_US / s->period_us), days = 0, there = 0;
    double low = INFINITY, lows[DAYS];
    for (size_t i = 0, slot = 0; i + each <= s->n; i += each) {
        double mean = 0;
        for (size_t k = i; k < i + each; k++)
            mean += (double)s->mains[k] - (s->part[COLD] ? (double)s->part[COLD][k] : 0) -
                    (s->part[HEAT] ? (double)s->part[HEAT][k] : 0);
        if (mean / (double)each < low) low = mean / (double)each;
        if (++slot % SLOTS == 0) {
            if (isfinite(low) && days < DAYS) lows[days++] = fmax(low, 0);
            low = INFINITY;
        }
    }
    for (size_t i = 0; i < s->n; i++) there += isnan(s->mains[i]) ? 0 : 1;
    qsort(lows, days, sizeof *lows, by_value);
    return days ? lows[days / 2] * (double)there * (double)s->period_us / 3.6e12 : NAN;
}

/* ---------------------------------------------------------------- one case */

static float *resampled(const stretch *s, size_t each, size_t *n) {
    float *out = checked(calloc(s->n / each + 1, sizeof *out));
    *n = s->n / each;
    for (size_t i = 0; i < *n; i++) {
        double sum = 0;
        size_t there = 0;
        for (size_t k = i * each; k < (i + 1) * each; k++)
            if (!isnan(s->mains[k])) sum += (double)s->mains[k], there++;
        out[i] = 2 * there >= each ? (float)(sum / (double)there) : NAN;
    }
    return out;
}

static void score(const stretch *s, int set, int p, const dcl_uses *uses) {
    for (int k = 0; k < NEEDS; k++) {
        double truth = k == ALWAYS_ON ? floor_kwh(s) : s->part[k] ? energy_kwh(s, s->part[k]) : NAN;
        if (isnan(truth)) continue;
        tally *t = &table[s->chosen][set][p][k];
        double kwh = 0, low = 0, high = 0, total = uses->energy_kwh;
        bool known = false;
        for (int u = 0; u < DCL_USE_NOT_IDENTIFIED; u++) {
            if (!(needs[k].uses >> u & 1) || uses->use[u].why) continue;
            known = true;
            kwh += uses->use[u].kwh, low += uses->use[u].kwh_low, high += uses->use[u].kwh_high;
        }
        /* A sum of uses of which one is said to be untold is not said. */
        if (k == HEAT && uses->use[DCL_USE_HEATING].why == DCL_USE_WHY_NO_SEASONS) known = false;
        bool covered = known && low <= truth && truth <= high;
        if (verbose)
            printf("    %-12s %-7s %-24s truth %7.2f  got %7.2f [%7.2f %7.2f] of %7.1f %s\n", s->set,
                   period_name[p], needs[k].name, truth, known ? kwh : NAN, low, high, total,
                   covered ? ""
                   : known ? "MISS"
                           : "-");
        t->n++, t->known += known, t->covered += covered;
        t->truth += truth, t->energy += total;
        t->base += fabs(needs[k].share * total - truth);
        if (!known) t->rest += truth;
        if (known) t->width += (high - low) / total, t->error += fabs(kwh - truth), t->kwh += kwh;
    }
    uint32_t claimed = 0;
    for (int u = 0; u < DCL_USE_NOT_IDENTIFIED; u++)
        if (!uses->use[u].why && uses->use[u].kwh_low > 0) claimed |= 1u << u;
    for (int u = 0; u < DCL_USE_NOT_IDENTIFIED; u++) {
        could_make_up[s->chosen][set][p] += (s->absent >> u & 1) != 0;
        made_up[s->chosen][set][p] += (s->absent & claimed & 1u << u) != 0;
    }
}

static void run_case(const dcl_context *context, const stretch *s, int set, int p) {
    int64_t period_us = period_s[p] * DCL_SECOND_US;
    if (period_us < s->period_us) return;
    dcl_arena arena = {0};
    size_t n;
    float *power = resampled(s, (size_t)(period_us / s->period_us), &n);
    dcl_series series = {
        .channel = DCL_POWER_W, .start_us = s->start_us, .period_us = period_us, .n = n, .value = power};
    dcl_home home = {.series = &series, .n_series = 1, .reading_us = period_us};
    dcl_cycle_options how = dcl_cycle_defaults();
    dcl_use_options options = dcl_use_defaults();
    dcl_cycles cycles;
    dcl_uses uses;
    dcl_error error = {0};
    if (dcl_cycles_find(context, &home, &how, NULL, &arena, &cycles, &error) ||
        dcl_uses_find(context, &home, &cycles, &options, &arena, &uses, &error)) {
        fprintf(stderr, "quality: %s\n", error.msg);
        exit(1);
    }
    score(s, set, p, &uses);
    dcl_arena_free(&arena);
    free(power);
}

/* Stretches with less than 80 % of data are left out. */
static void run_stretch(const dcl_context *context, const stretch *s, int set) {
    size_t there = 0;
    for (size_t i = 0; i < s->n; i++) there += isnan(s->mains[i]) ? 0 : 1;
    if ((double)there < 0.8 * (double)s->n) return;
    for (int p = 0; p < PERIODS; p++) run_case(context, s, set, p);
}

/* ---------------------------------------------------------------- homes */

/* a + b + …, and nothing below the part's own floor: its lowest twentieth, which is always on, not a use. */
static float *sum_above_floor(const dcl_home *home, const int *plugs, size_t n_plugs, size_t from, size_t n) {
    float *out = checked(calloc(n, sizeof *out));
    for (size_t p = 0; p < n_plugs; p++) {
        const float *w = home->truth[plugs[p]].value + from;
        size_t there = 0, histogram[400] = {0}, below = 0;
        for (size_t i = 0; i < n; i++)
            if (!isnan(w[i]) && w[i] >= 0) histogram[w[i] < 399 ? (int)w[i] : 399]++, there++;
        float floor_w = 0;
        while (floor_w < 399 && below + histogram[(int)floor_w] < there / 50)
            below += histogram[(int)floor_w++];
        for (size_t i = 0; i < n; i++) out[i] += isnan(w[i]) ? NAN : fmaxf(w[i] - floor_w, 0);
    }
    return out;
}

/* The sum of all plugs is the mains; a second counts where all are there, or were off within a minute. */
static float *sum_of_plugs(dcl_home *home, size_t *n) {
    *n = home->truth[0].n;
    float *mains = checked(calloc(*n, sizeof *mains));
    for (size_t p = 0; p < home->n_truth; p++) {
        if (home->truth[p].n != *n) abort();
        for (size_t i = 0; i < *n; i++) mains[i] += home->truth[p].value[i];
    }
    return mains;
}

static int plug_index(const dcl_home *home, const char *number) {
    for (size_t p = 0; p < home->n_truth; p++)
        if (strstr(home->truth_name[p], number)) return (int)p;
    abort();
}

static dcl_status read_set(const dcl_context *context, const char *data, const char *path,
                           dcl_read_options *how, dcl_arena *arena, dcl_home *home) {
    char full[1024];
    dcl_error error = {0};
    snprintf(full, sizeof full, "%s/%s", data, path);
    dcl_status status = dcl_home_read(context, full, how, arena, home, &error);
    if (status == DCL_E_NOT_FOUND) printf("skipped: no %s\n", path);
    if (status && status != DCL_E_NOT_FOUND) fprintf(stderr, "quality: %s: %s\n", path, error.msg);
    return status;
}

/* What of a house of ECO is what: plugs by number. */
typedef struct eco_house {
    const char *path, *only, *without;
    int set;
    int year, month, day, weeks, chosen_weeks;
    struct {
        int need;
        const char *plug[3];
    } part[4];
    uint32_t absent;
} eco_house;
static const eco_house houses[2] = {
    {"eco/house4.tar.xz",
     NULL,
     "06",
     2,
     2012,
     6,
     27,
     30,
     10,
     {{COLD, {"01", "05"}}, {KITCHEN, {"02", "08"}}, {SCREENS, {"03", "04", "07"}}, {-1, {NULL}}},
     HEAVY},
    {"eco/house1.tar.xz",
     "01,02,03",
     NULL,
     3,
     2012,
     6,
     1,
     33,
     20,
     {{COLD, {"01"}}, {WASH, {"02"}}, {KITCHEN, {"03"}}, {-1, {NULL}}},
     HEAVY},
};

static void run_eco_week(const dcl_context *context, const eco_house *house, const dcl_home *home,
                         const float *mains, size_t from, size_t n, bool chosen) {
    stretch s = {.set = sets[house->set],
                 .chosen = chosen,
                 .absent = house->absent,
                 .start_us = home->truth[0].start_us + (int64_t)from * DCL_SECOND_US,
                 .period_us = DCL_SECOND_US,
                 .n = n,
                 .mains = mains + from};
    for (int k = 0; house->part[k].need >= 0; k++) {
        int plugs[3];
        size_t n_plugs = 0;
        for (; n_plugs < 3 && house->part[k].plug[n_plugs]; n_plugs++)
            plugs[n_plugs] = plug_index(home, house->part[k].plug[n_plugs]);
        s.part[house->part[k].need] = sum_above_floor(home, plugs, n_plugs, from, n);
    }
    run_stretch(context, &s, house->set);
    for (int k = 0; k < NEEDS; k++) free(s.part[k]);
}

static void run_eco(const dcl_context *base, const char *data, const eco_house *house, int only) {
    dcl_context context = *base;
    dcl_zone *zone = NULL;
    if (dcl_zone_open("Europe/Zurich", &zone, NULL)) abort();
    context.zone = zone;
    dcl_read_options how = dcl_read_defaults();
    how.period_us = DCL_SECOND_US;
    how.only = house->only;
    how.without = house->without;
    dcl_arena arena = {0};
    dcl_home home;
    int64_t day = dcl_days_from_date(house->year, house->month, house->day);
    how.from_us = dcl_zone_day_start(zone, day);
    how.to_us = dcl_zone_day_start(zone, day + 7 * (only == 1 ? house->chosen_weeks : house->weeks));
    if (read_set(&context, data, house->path, &how, &arena, &home) == DCL_OK) {
        size_t n = 0;
        float *mains = sum_of_plugs(&home, &n);
        int64_t start_us = home.truth[0].start_us;
        for (int week = 0; week < house->weeks; week++) {
            bool chosen = week < house->chosen_weeks;
            int64_t from_us = dcl_zone_day_start(zone, day + 7 * week),
                    to_us = dcl_zone_day_start(zone, day + 7 * week + 7);
            size_t from = (size_t)((from_us > start_us ? from_us - start_us : 0) / DCL_SECOND_US);
            size_t to = (size_t)((to_us - start_us) / DCL_SECOND_US);
            if ((only >= 0 && only != chosen) || to > n) continue;
            run_eco_week(&context, house, &home, mains, from, to - from, chosen);
        }
        free(mains);
    }
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

/* One column of a CSV of numbers after `skip` fields; NaN where it is empty or no number. */
static float *column_of(const char *path, char between, int column, size_t *n) {
    FILE *file = fopen(path, "r");
    if (!file) return NULL;
    char line[512];
    size_t room = 0;
    float *out = NULL;
    *n = 0;
    if (!fgets(line, sizeof line, file)) abort();
    while (fgets(line, sizeof line, file)) {
        char *at = line, *end;
        for (int c = 0; at && c < column; c++) at = strchr(at, between), at = at ? at + 1 : NULL;
        if (*n == room) out = checked(realloc(out, (room = 2 * room + 65536) * sizeof *out));
        float value = at ? strtof(at, &end) : NAN;
        out[(*n)++] = at && end != at ? value : NAN;
    }
    fclose(file);
    return out;
}

/* Sub-meters in Wh a minute. The laundry's meter holds the fridge: below 150 W it is the fridge alone, and above, the fridge
 * has its mean. */
static void split_laundry(const float *laundry_wh, const float *kitchen_wh, size_t n, float *cold,
                          float *both) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++)
        if (laundry_wh[i] * 60 <= 150) sum += (double)laundry_wh[i] * 60, count++;
    float mean = (float)(sum / count);
    for (size_t i = 0; i < n; i++) {
        float w = laundry_wh[i] * 60;
        cold[i] = isnan(w) ? NAN : w <= 150 ? w : mean;
        both[i] = kitchen_wh[i] * 60 + (isnan(w) ? NAN : w <= 150 ? 0 : w - mean);
    }
}

static void run_uci(const dcl_context *context, const char *data, int only) {
    char path[1024];
    size_t n, m;
    snprintf(path, sizeof path, "%s/uci/household_power_consumption_minutes.txt", data);
    float *mains = column_of(path, ';', 2, &n);
    if (!mains) {
        printf("skipped: no uci\n");
        return;
    }
    float *kitchen = column_of(path, ';', 6, &m), *laundry = column_of(path, ';', 7, &m);
    float *heat = column_of(path, ';', 8, &m);
    float *cold = checked(calloc(n, sizeof *cold)), *both = checked(calloc(n, sizeof *both));
    for (size_t i = 0; i < n; i++) mains[i] *= 1000, heat[i] *= 60;
    split_laundry(laundry, kitchen, n, cold, both);
    size_t first = 396, week = 7 * 1440; /* rows begin at 17:24 */
    int64_t start = dcl_zone_day_start(context->zone, dcl_days_from_date(2006, 12, 17));
    for (size_t w = 0; w < 4; w++) {
        size_t from = first + w * week, length = from + week <= n ? week : n - from;
        bool chosen = w < 2;
        if (only >= 0 && only != chosen) continue;
        if (length < 4 * 1440) continue;
        stretch s = {sets[0],       chosen, BIT(VEHICLE), start + (int64_t)(w * week) * DCL_MINUTE_US,
                     DCL_MINUTE_US, length, mains + from, {NULL}};
        s.part[COLD] = cold + from, s.part[HEAT] = heat + from, s.part[BOTH] = both + from;
        run_stretch(context, &s, 0);
    }
    free(mains), free(kitchen), free(laundry), free(heat), free(cold), free(both);
}

static void run_ampds(const dcl_context *base, const char *data) {
    char path[1024];
    size_t n;
    snprintf(path, sizeof path, "%s/ampds2/ampds2_2013-11-21_27_1min.csv", data);
    float *mains = column_of(path, ',', 1, &n);
    if (!mains) {
        printf("skipped: no ampds2\n");
        return;
    }
    dcl_context context = *base;
    dcl_zone *zone = NULL;
    if (dcl_zone_open("America/Vancouver", &zone, NULL)) abort();
    context.zone = zone;
    float *cold = column_of(path, ',', 4, &n), *heat = column_of(path, ',', 6, &n);
    for (size_t i = 0; i < n; i++) heat[i] = fmaxf(heat[i] - 45, 0); /* its standby is always on */
    stretch s = {
        sets[1],       false, BIT(VEHICLE), dcl_zone_day_start(zone, dcl_days_from_date(2013, 11, 21)),
        DCL_MINUTE_US, n,     mains,        {NULL}};
    s.part[COLD] = cold, s.part[HEAT] = heat;
    run_stretch(&context, &s, 1);
    free(mains), free(cold), free(heat);
    dcl_zone_close(&zone);
}

/* Which need a simulated appliance answers first; NEEDS = none of those asked for. */
static int need_of(dcl_appliance appliance) {
    switch (dcl_use_of_appliance(appliance)) {
    case DCL_USE_COLD: return COLD;
    case DCL_USE_WATER_HEATER: return WATER;
    case DCL_USE_HEAT: /* a heat pump */
    case DCL_USE_HEATING: return HEATING;
    case DCL_USE_VEHICLE: return VEHICLE;
    case DCL_USE_COOKING: return KITCHEN;
    case DCL_USE_WASH: return WASH;
    case DCL_USE_LIGHT_SCREENS: return SCREENS;
    default: return NEEDS;
    }
}

static void add_part(stretch *s, int kind, const float *w) {
    if (!s->part[kind]) s->part[kind] = checked(calloc(s->n, sizeof(float)));
    for (size_t i = 0; i < s->n; i++) s->part[kind][i] += w[i];
}

static bool has_part(const stretch *s, int kind) {
    return s->part[kind] && energy_kwh(s, s->part[kind]) > 0.5;
}

/* A simulated home as a stretch; all parts of it that answer a need are that need's truth, and what it has not is absent. The
 * parts are the stretch's own. */
static stretch stretch_of_town(const char *set, bool chosen, const dcl_home *home) {
    stretch s = {set,
                 chosen,
                 0,
                 home->series[0].start_us,
                 home->series[0].period_us,
                 home->series[0].n,
                 home->series[0].value,
                 {NULL}};
    for (size_t t = 0; t < home->n_truth; t++)
        for (int a = 1; a < DCL_APPLIANCE_COUNT; a++) {
            if (strcmp(home->truth_name[t], dcl_appliance_name((dcl_appliance)a)) != 0) continue;
            int kind = need_of((dcl_appliance)a);
            if (kind < NEEDS) add_part(&s, kind, home->truth[t].value);
            bool warms = kind == WATER || kind == HEATING || a == DCL_APPLIANCE_AIR_CONDITIONER;
            if (warms) add_part(&s, HEAT, home->truth[t].value);
        }
    return s;
}

/* What the home has not, once its parts are whole. A need that is not there is no row, but may be made up. */
static void mark_absent(stretch *s) {
    static const struct {
        int kind;
        uint32_t uses;
    } heavy[] = {{WATER, BIT(WATER_HEATER)}, {HEATING, BIT(HEATING)}, {VEHICLE, BIT(VEHICLE)}};
    for (size_t k = 0; k < sizeof heavy / sizeof *heavy; k++)
        if (!has_part(s, heavy[k].kind)) s->absent |= heavy[k].uses;
    if (!has_part(s, HEAT)) s->absent |= BIT(HEAT) | BIT(COOLING);
    for (int k = 0; k < NEEDS; k++)
        if (s->part[k] && !has_part(s, k)) free(s->part[k]), s->part[k] = NULL;
}

static void free_parts(stretch *s) {
    for (int k = 0; k < NEEDS; k++) free(s->part[k]);
}

static void run_town(const dcl_context *context, int only) {
    for (uint32_t id = 0; id < 12; id++) {
        bool chosen = id < 4;
        if (only >= 0 && only != chosen) continue;
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_options how = dcl_town_defaults();
        how.days = 21;
        how.home = id;
        if (dcl_town_home(context, &how, &arena, &home, NULL, NULL)) abort();
        stretch s = stretch_of_town(sets[4], chosen, &home);
        mark_absent(&s);
        run_stretch(context, &s, 4);
        free_parts(&s);
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- a year with heating and vehicles, ours */

/* A made-up year of ten minutes: days whose temperature swings with the season and wanders by some degrees; a heater whose
 * thermostat gives what is lacking to 15 °C; a vehicle that comes home every few days. Half of the homes have each. */
typedef struct year_rules {
    uint64_t state;
    double kwh_per_degree, heater_w, vehicle_w, vehicle_days;
    int vehicle_slot;
} year_rules;

static double dice(year_rules *rules, double low, double high) {
    rules->state = rules->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return low + (high - low) * (double)(rules->state >> 40) / (double)(1 << 24);
}

static year_rules rules_of(uint64_t seed, uint32_t id) {
    year_rules rules = {.state = id * UINT64_C(7919) + 17 + (seed - 1) * UINT64_C(1000003)};
    for (int i = 0; i < 8; i++) dice(&rules, 0, 1);
    if (id % 2) rules.kwh_per_degree = dice(&rules, 0.6, 2.5), rules.heater_w = dice(&rules, 2500, 6000);
    if (id % 4 >= 2) {
        rules.vehicle_w = dice(&rules, 0, 1) < 0.5 ? 3600 : 7200;
        rules.vehicle_days = dice(&rules, 2, 4);
        rules.vehicle_slot =
            dice(&rules, 0, 1) < 0.5 ? 135 : 108; /* with the night tariff, or on coming home */
    }
    return rules;
}

static void add_heating(year_rules *rules, size_t n, float *heat) {
    double warmer = 0;
    for (size_t day = 0; day * 144 < n && rules->heater_w > 0; day++) {
        warmer = 0.8 * warmer + dice(rules, -2.5, 2.5);
        double season = cos(2 * 3.14159265358979 * ((double)day - 137) /
                            365); /* day 0 is 1 September, coldest in mid January */
        double kwh = rules->kwh_per_degree * fmax(15 - (12 - 8 * season + warmer), 0);
        for (size_t slot = 0; slot < 144 && day * 144 + slot < n; slot++) {
            double weight = slot < 36 || slot >= 138 ? 0.5 : 1.17;
            double duty = fmin(weight * kwh * 1000 / 24 / rules->heater_w, 1);
            heat[day * 144 + slot] = dice(rules, 0, 1) < duty ? (float)rules->heater_w : 0;
        }
    }
}

static void add_vehicle(year_rules *rules, size_t n, float *vehicle) {
    for (double day = 1; rules->vehicle_w > 0 && (size_t)day * 144 < n;
         day += fmax(1, dice(rules, 0.5, 1.5) * rules->vehicle_days)) {
        double kwh = dice(rules, 5, 18), late = rules->vehicle_slot == 108 ? dice(rules, 0, 20) : 0;
        size_t at = (size_t)day * 144 + (size_t)(rules->vehicle_slot + late),
               slots = (size_t)(kwh * 6000 / rules->vehicle_w);
        for (size_t i = at; i < at + slots && i < n; i++) vehicle[i] = (float)rules->vehicle_w;
    }
}

static void run_year(const dcl_context *context, int only) {
    for (uint32_t id = 0; id < 24; id++) {
        bool chosen = id < 8;
        if (only >= 0 && only != chosen) continue;
        dcl_arena arena = {0};
        dcl_home home;
        dcl_town_options how = dcl_town_defaults();
        how.start_us = dcl_zone_day_start(context->zone, dcl_days_from_date(2023, 9, 1));
        how.days = 400, how.home = 100 + id, how.period_us = 10 * DCL_MINUTE_US;
        if (dcl_town_home(context, &how, &arena, &home, NULL, NULL)) abort();
        year_rules rules = rules_of(context->seed, id);
        size_t n = home.series[0].n;
        float *heat = checked(calloc(n, sizeof *heat)), *vehicle = checked(calloc(n, sizeof *vehicle));
        add_heating(&rules, n, heat), add_vehicle(&rules, n, vehicle);
        for (size_t i = 0; i < n; i++) home.series[0].value[i] += heat[i] + vehicle[i];
        stretch s = stretch_of_town(sets[5], chosen, &home);
        add_part(&s, HEATING, heat), add_part(&s, HEAT, heat), add_part(&s, VEHICLE, vehicle);
        mark_absent(&s);
        run_stretch(context, &s, 5);
        free_parts(&s);
        free(heat), free(vehicle);
        dcl_arena_free(&arena);
    }
}

/* ---------------------------------------------------------------- tables */

static void add(tally *to, const tally *t) {
    to->n += t->n, to->known += t->known, to->covered += t->covered;
    to->width += t->width, to->error += t->error, to->rest += t->rest, to->base += t->base;
    to->truth += t->truth, to->kwh += t->kwh, to->energy += t->energy;
}

static void print_tally(const char *set, const char *period, const char *name, const tally *t) {
    double known = t->known ? (double)t->known : (double)NAN;
    printf("%-12s %-7s %-24s %4d %5d %7.2f %7.3f  %7.1f %7.1f   %6.3f %6.3f\n", set, period, name, t->n,
           t->known, t->covered / known, t->width / known, t->truth, t->kwh, (t->error + t->rest) / t->energy,
           t->base / t->energy);
}

static void print_table(int chosen) {
    printf("\n%s\n", chosen ? "the part that parameters were chosen on" : "the rest, which is reported on");
    printf("%-12s %-7s %-24s %4s %5s %7s %7s  %7s %7s   %6s %6s\n", "home", "period", "use", "n", "known",
           "covered", "width", "true", "found", "error", "plain");
    tally all[PERIODS] = {{0}}, by_need[NEEDS] = {{0}}, total = {0};
    for (int set = 0; set < SETS; set++)
        for (int k = 0; k < NEEDS; k++)
            for (int p = 0; p < PERIODS; p++) {
                const tally *t = &table[chosen][set][p][k];
                if (!t->n) continue;
                print_tally(sets[set], period_name[p], needs[k].name, t);
                add(&all[p], t), add(&by_need[k], t), add(&total, t);
            }
    printf("\n");
    for (int k = 0; k < NEEDS; k++)
        if (by_need[k].n) print_tally("all", "all", needs[k].name, &by_need[k]);
    for (int p = 0; p < PERIODS; p++) print_tally("all", period_name[p], "all", &all[p]);
    print_tally("all", "all", "all", &total);
    for (int set = 0; set < SETS; set++)
        for (int p = 0; p < PERIODS; p++)
            if (made_up[chosen][set][p])
                printf("made up: %s at %s: %d of %d heavy uses that are not there\n", sets[set],
                       period_name[p], made_up[chosen][set][p], could_make_up[chosen][set][p]);
}

int main(int argc, char **argv) {
    const char *data = argc > 2 ? argv[2] : DECLIC_DATA, *part = argc > 3 ? argv[3] : "";
    int only = strcmp(part, "chosen") == 0 ? 1 : strcmp(part, "reported") == 0 ? 0 : -1;
    verbose = argc > 4;
    const char *set = argc > 4 ? argv[4] : "UAH1TY";
    dcl_zone *zone = NULL;
    dcl_kernels kernels;
    dcl_context context = {.kernels = &kernels, .threads = 1, .seed = 1};
    if (dcl_kernels_select(NULL, &kernels, NULL) || dcl_zone_open("Europe/Paris", &zone, NULL)) return 1;
    context.zone = zone;
    if (strchr(set, 'U')) run_uci(&context, data, only);
    if (strchr(set, 'A') && only != 1) run_ampds(&context, data);
    for (int h = 0; h < 2; h++)
        if (strchr(set, "H1"[h])) run_eco(&context, data, &houses[h], only);
    uint64_t first = argc > 6 ? strtoull(argv[5], NULL, 10) : 1,
             last = argc > 6 ? strtoull(argv[6], NULL, 10) : 1;
    for (context.seed = first; context.seed <= last; context.seed++) {
        if (strchr(set, 'T')) run_town(&context, only);
        if (strchr(set, 'Y')) run_year(&context, only);
    }
    if (only != 0) print_table(1);
    if (only != 1) print_table(0);
    dcl_zone_close(&zone);
    return 0;
}
