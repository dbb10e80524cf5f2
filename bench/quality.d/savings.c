/*
 * How good advice is, on simulated homes with one known waste each and on homes without: bench/quality savings [HOMES [PERIOD_S…]], and what
 * never stops in real homes: bench/quality savings floors [DATA]. HOMES
 * of each kind of waste (50) and four times as many without. What the figures mean is bench/savings.md's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance_names.h>
#include <declic/kernel.h>
#include <declic/report.h>
#include <declic/town.h>

#include "base/order.h"
#include "quality_tool.h"

enum {
    ALWAYS_ON,
    OLD_FREEZER,
    WRONG_TARIFF,
    HEATER_BY_DAY,
    LEFT_ON,
    NO_WASTE,
    WASTES,
    HALF_HOURS = 365 * 48
};
static const char *const waste_names[] = {"always on",           "old freezer", "wrong tariff",
                                          "water heater by day", "left on",     "no waste"};
static const dcl_advice_kind wanted[] = {DCL_ADVICE_ALWAYS_ON,    DCL_ADVICE_COLD,    DCL_ADVICE_TARIFF,
                                         DCL_ADVICE_WATER_HEATER, DCL_ADVICE_LEFT_ON, DCL_ADVICE_COUNT};
/* A second is looked at for four weeks from the first Monday of March, or where SAVINGS_YEAR is set as others are: for the year 2025. */
enum { SECOND_DAYS = 28 };

typedef struct bench {
    dcl_context context;
    dcl_zone *zone;
    dcl_kernels kernels;
    dcl_tariff *tables;
    dcl_identifier identifier;
    dcl_arena lasting;
    int64_t year_us, march_us;
    bool verbose, with_cycles, whole_year;
} bench;

/* One case: the home, its waste, its contract, and what the waste costs a year. */
typedef struct scene {
    uint32_t home;
    int waste;
    dcl_town_plant plant;
    dcl_report_options options;
    double truth_eur;
    float *watt; /* [HALF_HOURS] the year as it is */
} scene;

typedef struct tally {
    int homes, given, top, inside, narrow, good, abstained, false_homes, false_advice;
    int why[DCL_ADVICE_WHY_COUNT], wrong[DCL_ADVICE_COUNT];
} tally;

static void die(const char *what, const dcl_error *error) {
    fprintf(stderr, "savings: %s: %s\n", what, error ? error->msg : "no memory");
    exit(1);
}

/* ---------------------------------------------------------------- what a year costs */

static void simulate(bench *b, uint32_t home, const dcl_town_plant *plant, float *watt) {
    dcl_error error = {0};
    dcl_town *town;
    dcl_town_options options = dcl_town_defaults();
    options.start_us = b->year_us;
    options.days = 365;
    options.period_us = DCL_HOUR_US / 2;
    options.plant = *plant;
    if (dcl_town_open(&b->context, &options, &town, &error)) die("town", &error);
    if (dcl_town_power(town, home, watt, NULL)) die("town", NULL);
    dcl_town_close(&town);
}

static double bill(bench *b, float *watt, dcl_tariff_kind kind, int kva, const dcl_hours *hours) {
    dcl_error error = {0};
    dcl_arena arena = {0};
    dcl_bill out;
    dcl_series curve = {.channel = DCL_POWER_W,
                        .start_us = b->year_us,
                        .period_us = DCL_HOUR_US / 2,
                        .n = HALF_HOURS,
                        .value = watt};
    dcl_contract contract = {.kind = kind, .subscribed_kva = kva, .hours = *hours};
    const dcl_price_list *list =
        dcl_tariff_find(b->tables, kind, kva, dcl_zone_day(b->zone, b->year_us) + 364);
    if (!list) return INFINITY;
    dcl_bill_options how = {.one_list = true, .list_day = list->from_day};
    if (dcl_bill_make(&b->context, b->tables, &contract, &curve, &how, &arena, &out, &error))
        die("bill", &error);
    double eur = out.total.energy_cost_eur + out.total.standing_cost_eur;
    dcl_arena_free(&arena);
    return eur;
}

static double bill_of(bench *b, const scene *s, float *watt, dcl_tariff_kind kind) {
    return bill(b, watt, kind, s->options.subscribed_kva, &s->options.hours);
}

static dcl_tariff_kind cheapest(bench *b, const scene *s, double *eur, dcl_tariff_kind *dearest) {
    dcl_tariff_kind best = DCL_TARIFF_BASE;
    double most = -INFINITY;
    *eur = INFINITY;
    for (int k = 0; k < DCL_TARIFF_KIND_COUNT; k++) {
        double cost = bill_of(b, s, s->watt, (dcl_tariff_kind)k);
        if (cost < *eur) *eur = cost, best = (dcl_tariff_kind)k;
        if (cost > most && isfinite(cost)) most = cost, *dearest = (dcl_tariff_kind)k;
    }
    return best;
}

/* What the year costs less with another planting in its place, under the scene's contract. */
static double less_by(bench *b, const scene *s, const dcl_town_plant *other) {
    float *watt = malloc(HALF_HOURS * sizeof *watt);
    if (!watt) die("a year", NULL);
    simulate(b, s->home, other, watt);
    double less = bill_of(b, s, s->watt, s->options.tariff) - bill_of(b, s, watt, s->options.tariff);
    free(watt);
    return less;
}

/* ---------------------------------------------------------------- scenes */

static double draw(uint32_t *state, double low, double high) {
    *state ^= *state >> 15;
    *state = (*state + 0x9e3779b9u) * 0x85ebca6bu;
    *state ^= *state >> 13;
    *state *= 0xc2b2ae35u;
    return low + (high - low) * (double)(*state >> 8) / 16777216.0;
}

/* What a home is told as having: hours and power as they really are. One day is simulated for what its meter knows. */
static void learn_home(bench *b, scene *s, bool *freezer, bool *tank) {
    dcl_error error = {0};
    dcl_arena arena = {0};
    dcl_home home;
    dcl_town_truth truth;
    dcl_town_options options = dcl_town_defaults();
    char hours[64];
    options.start_us = b->year_us;
    options.period_us = DCL_HOUR_US / 2;
    options.home = s->home;
    if (dcl_town_home(&b->context, &options, &arena, &home, &truth, &error)) die("town", &error);
    *freezer = *tank = false;
    for (size_t i = 0; i < home.n_truth; i++) {
        *freezer |= !strcmp(home.truth_name[i], "freezer");
        *tank |= !strcmp(home.truth_name[i], "water_heater");
    }
    int night = truth.off_peak_minute < 0 ? 22 * 60 : truth.off_peak_minute, noon = truth.noon_minute;
    int end = (night + (noon < 0 ? 480 : 360)) % 1440;
    int n =
        snprintf(hours, sizeof hours, "%02d:%02d-%02d:%02d", night / 60 % 24, night % 60, end / 60, end % 60);
    if (noon >= 0)
        snprintf(hours + n, sizeof hours - (size_t)n, ",%02d:%02d-%02d:%02d", noon / 60, noon % 60,
                 noon / 60 + 2, noon % 60);
    s->options = dcl_report_defaults();
    s->options.tables = b->tables;
    if (dcl_hours_parse(hours, &s->options.hours, &error)) die(hours, &error);
    s->options.subscribed_kva = 9;
    dcl_arena_free(&arena);
}

static int night_of(const scene *s) {
    return s->options.tariff == DCL_TARIFF_TEMPO ? 22 * 60 : s->options.hours.period[0].window[0].from_min;
}

/* Plants the waste and finds the contract. False where the waste does not fit the home. */
static bool plant(bench *b, scene *s) {
    uint32_t lot = s->home * 2654435761u + (uint32_t)s->waste;
    bool freezer, tank;
    double eur;
    dcl_tariff_kind dearest = DCL_TARIFF_BASE;
    learn_home(b, s, &freezer, &tank);
    if ((s->waste == OLD_FREEZER && !freezer) || (s->waste == HEATER_BY_DAY && !tank)) return false;
    if (s->waste == ALWAYS_ON) s->plant.always_w = draw(&lot, 340, 560);
    if (s->waste == OLD_FREEZER) {
        s->plant.freezer_w = draw(&lot, 170, 230);
        s->plant.freezer_duty = draw(&lot, 0.6, 0.7);
    }
    if (s->waste == HEATER_BY_DAY) s->plant.tank_minute = 10 * (int)draw(&lot, 48, 84);
    if (s->waste == LEFT_ON) {
        s->plant.left_on_w = draw(&lot, 60, 200);
        s->plant.left_on_day = dcl_zone_day(b->zone, b->year_us) + (int64_t)draw(&lot, 60, 270);
    }
    simulate(b, s->home, &s->plant, s->watt);
    s->options.tariff = cheapest(b, s, &eur, &dearest);
    if (s->waste == WRONG_TARIFF) {
        s->options.tariff = dearest;
        s->truth_eur = bill_of(b, s, s->watt, dearest) - eur;
        return s->truth_eur >= 40;
    }
    if (s->waste == HEATER_BY_DAY && s->options.tariff == DCL_TARIFF_BASE) return false;
    dcl_town_plant none = {0};
    if (s->waste == HEATER_BY_DAY) none.tank_minute = night_of(s) ? night_of(s) : 1439;
    if (s->waste != LEFT_ON) s->truth_eur = less_by(b, s, &none);
    if (s->waste == LEFT_ON) { /* a year of it */
        dcl_town_plant year = {.always_w = s->plant.left_on_w};
        s->truth_eur = less_by(b, s, &none) - less_by(b, s, &year);
    }
    return s->waste == NO_WASTE || s->truth_eur >= 30;
}

/* ---------------------------------------------------------------- what the report says */

static void average(dcl_series *series, size_t each) {
    size_t n = series->n / each;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = i * each; k < (i + 1) * each; k++) sum += (double)series->value[k];
        series->value[i] = (float)(sum / (double)each);
    }
    series->n = n;
    series->period_us *= (int64_t)each;
    series->reading_us = series->period_us;
}

static void simulate_home(bench *b, const scene *s, int period_s, dcl_arena *arena, dcl_home *home) {
    dcl_error error = {0};
    dcl_town_options options = dcl_town_defaults();
    bool weeks = period_s == 1 && !b->whole_year;
    options.start_us = weeks ? b->march_us : b->year_us;
    options.days = weeks ? SECOND_DAYS : 365;
    options.period_us = (period_s == 1 ? 1 : 60) * DCL_SECOND_US;
    options.home = s->home;
    options.plant = s->plant;
    if (dcl_town_home(&b->context, &options, arena, home, NULL, &error)) die("town", &error);
}

/* Half hours come without apparent power. */
static void coarsen(dcl_home *home, int period_s) {
    average(&home->series[0], (size_t)(period_s * DCL_SECOND_US / home->series[0].period_us));
    home->n_series = 1;
    home->n_va_maxima = 0;
    home->reading_us = period_s * DCL_SECOND_US;
}

/* As `declic report` does, but that steps of minutes and seconds are paired to cycles only where SAVINGS_CYCLES is set: they take most of the
 * time and serve the advice on machines alone. */
static void report_on(bench *b, const scene *s, int period_s, dcl_arena *arena, dcl_home *home,
                      dcl_report *report) {
    dcl_error error = {0};
    if (period_s > 60) coarsen(home, period_s);
    dcl_cycles cycles;
    dcl_uses uses;
    dcl_names told;
    dcl_cycle_options how = dcl_cycle_defaults();
    dcl_name_options names = dcl_name_defaults();
    dcl_use_options use = dcl_use_defaults();
    dcl_report_options with = s->options;
    bool find = b->with_cycles || period_s > 60;
    if (find && (dcl_cycles_find(&b->context, home, &how, NULL, arena, &cycles, &error) ||
                 dcl_cycles_name(&b->context, home, &cycles, &b->identifier, &names, arena, &told, &error)))
        die("cycles", &error);
    if (dcl_uses_find(&b->context, home, find ? &cycles : NULL, &use, arena, &uses, &error))
        die("uses", &error);
    with.cycles = find ? &cycles : NULL;
    with.uses = &uses;
    /* The power that fits, so that none of it is waste. */
    double most = 0;
    for (size_t i = 0; i < home->n_va_maxima; i++) most = fmax(most, (double)home->va_maxima[i].apparent_va);
    with.subscribed_kva = 0;
    for (size_t i = 1; i < DCL_POWER_COUNT && period_s <= 60 && !with.subscribed_kva; i++)
        if (most <= 950.0 * dcl_subscribed_kva(i) &&
            dcl_tariff_find(b->tables, with.tariff, dcl_subscribed_kva(i),
                            dcl_zone_day(b->zone, b->year_us) + 364))
            with.subscribed_kva = dcl_subscribed_kva(i);
    if (!with.subscribed_kva) with.subscribed_kva = s->options.subscribed_kva;
    if (dcl_report_make(&b->context, home, &with, arena, report, &error)) die("report", &error);
}

static double kwh_of(const dcl_home *home, const char *name) {
    for (size_t i = 0; i < home->n_truth; i++) {
        double sum = 0;
        if (strcmp(home->truth_name[i], name)) continue;
        for (size_t k = 0; k < home->truth[i].n; k++) sum += (double)home->truth[i].value[k];
        return sum * (double)home->truth[i].period_us / 3.6e12;
    }
    return 0;
}

/* What could really have waited at a moment, W. */
static double waiting_w(const dcl_home *home, int64_t time_us) {
    static const char *const names[] = {"water_heater", "vehicle", "washing_machine", "dryer", "dishwasher"};
    double watt = 0;
    for (size_t i = 0; i < home->n_truth; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const dcl_series *part = &home->truth[i];
            if (!strcmp(home->truth_name[i], names[k]))
                watt += (double)part->value[(time_us - part->start_us) / part->period_us];
        }
    return watt;
}

/* Whether the maxima would fit a power if the loads on at them had waited. */
static bool fits_in_turn(const dcl_home *home, int kva) {
    for (size_t i = 0; i < home->n_va_maxima; i++) {
        double excess = (double)home->va_maxima[i].apparent_va - 1000.0 * kva;
        if (excess > 0 && waiting_w(home, home->va_maxima[i].time_us) < excess) return false;
    }
    return true;
}

/* Whether an advice that was not planted is one that the home's truth does not bear out: less than half of its low end is there. */
static bool is_false(bench *b, const scene *s, const dcl_home *home, const dcl_advice *a) {
    dcl_town_plant other = s->plant;
    switch (a->kind) {
    case DCL_ADVICE_WATER_HEATER:
        other.tank_minute = night_of(s) ? night_of(s) : 1439;
        return less_by(b, s, &other) < a->eur_low / 2;
    case DCL_ADVICE_CYCLES:
        return kwh_of(home, "vehicle") + kwh_of(home, "washing_machine") + kwh_of(home, "dryer") +
                   kwh_of(home, "dishwasher") <
               a->now / 2;
    case DCL_ADVICE_TARIFF:
        return bill_of(b, s, s->watt, s->options.tariff) - bill_of(b, s, s->watt, a->tariff) < a->eur_low / 2;
    case DCL_ADVICE_OVERLAP: return !fits_in_turn(home, a->kva);
    case DCL_ADVICE_HEATING: return kwh_of(home, "space_heater") + kwh_of(home, "heat_pump") < a->now / 2;
    case DCL_ADVICE_RED_DAYS: return s->options.tariff != DCL_TARIFF_TEMPO;
    default: return true;
    }
}

static void judge(bench *b, const scene *s, int period_s, dcl_arena *arena, dcl_home *home, tally *t) {
    dcl_report report;
    report_on(b, s, period_s, arena, home, &report);
    const dcl_savings *all = &report.savings;
    int wrong = 0;
    for (size_t i = 0; i < all->n; i++) {
        const dcl_advice *a = &all->advice[all->order[i]];
        if (a->kind == wanted[s->waste] || !is_false(b, s, home, a)) continue;
        wrong++;
        t->wrong[a->kind]++;
        if (b->verbose)
            printf("  false %s home %u %ds: %s %.0f-%.0f now %.0f\n", waste_names[s->waste], s->home,
                   period_s, dcl_advice_name(a->kind), a->eur_low, a->eur_high, a->now);
    }
    t->homes++;
    t->false_homes += wrong > 0;
    t->false_advice += wrong;
    if (s->waste != NO_WASTE) {
        const dcl_advice *a = &all->advice[wanted[s->waste]];
        bool top = all->n && all->order[0] == a->kind, given = !a->why;
        bool inside = given && a->eur_low <= s->truth_eur && s->truth_eur <= a->eur_high;
        bool narrow = given && a->eur_high <= 2 * a->eur_low;
        t->given += given;
        t->top += top;
        t->inside += inside;
        t->narrow += narrow;
        t->good += top && inside && narrow && !wrong;
        if (!given) t->why[a->why]++;
        if (b->verbose)
            printf("  %s home %u %ds: tank %.0f truth %.0f said %.0f-%.0f now %.0f %s%s%s first %s\n",
                   waste_names[s->waste], s->home, period_s, kwh_of(home, "water_heater"), s->truth_eur,
                   a->eur_low, a->eur_high, a->now, dcl_advice_why_name(a->why), inside ? "" : " OUTSIDE",
                   top ? "" : " NOT-TOP", all->n ? dcl_advice_name(all->order[0]) : "-");
    }
}

/* All periods of a home: a minute first, which coarser ones are made of. */
static void judge_home(bench *b, const scene *s, const int *periods, int n, tally *t) {
    dcl_arena arena = {0};
    dcl_home home = {0};
    for (int p = 0; p < n; p++) {
        if (periods[p] == 1) dcl_arena_free(&arena);
        if (periods[p] == 1 || !home.n_series) simulate_home(b, s, periods[p], &arena, &home);
        judge(b, s, periods[p], &arena, &home, &t[p]);
    }
    dcl_arena_free(&arena);
}

static void open_bench(bench *b) {
    dcl_error error = {0};
    if (dcl_zone_open("Europe/Paris", &b->zone, &error) || dcl_kernels_select(NULL, &b->kernels, &error) ||
        dcl_tariff_open(NULL, &b->tables, &error) ||
        dcl_identifier_shipped(&b->lasting, &b->identifier, &error))
        die("world", &error);
    b->context = (dcl_context){.kernels = &b->kernels, .threads = 1, .seed = 8, .zone = b->zone};
    b->year_us = dcl_zone_day_start(b->zone, dcl_days_from_date(2025, 1, 1));
    b->march_us = dcl_zone_day_start(b->zone, dcl_days_from_date(2025, 3, 3));
    b->verbose = getenv("SAVINGS_VERBOSE") != NULL;
    b->with_cycles = getenv("SAVINGS_CYCLES") != NULL;
    b->whole_year = getenv("SAVINGS_YEAR") != NULL;
}

static void print_row(const char *waste, int period_s, const tally *t, bool planted) {
    printf("%-20s %5d s %5d", waste, period_s, t->homes);
    if (planted)
        printf(" %6d %6d %7d %7d %6.3f", t->given, t->top, t->inside, t->narrow, (double)t->good / t->homes);
    else
        printf(" %37s", "");
    printf(" %6.3f ", (double)t->false_homes / t->homes);
    for (int w = 1; w < DCL_ADVICE_WHY_COUNT; w++)
        if (t->why[w]) printf(" %s %d", dcl_advice_why_name((dcl_advice_why)w), t->why[w]);
    for (int k = 0; k < DCL_ADVICE_COUNT; k++)
        if (t->wrong[k]) printf(" false %s %d", dcl_advice_name((dcl_advice_kind)k), t->wrong[k]);
    printf("\n");
    fflush(stdout);
}

/* ---------------------------------------------------------------- real homes */

enum { REAL_HOMES = 256 };

typedef struct floors {
    bench *b;
    float floor_w[REAL_HOMES];
    size_t n, told;
} floors;

static dcl_status take_floor(void *arg, const dcl_home *home, dcl_error *error) {
    floors *f = arg;
    dcl_arena arena = {0};
    dcl_report report;
    dcl_report_options options = dcl_report_defaults();
    options.tables = f->b->tables;
    dcl_status status = dcl_report_make(&f->b->context, home, &options, &arena, &report, error);
    if (status == DCL_E_NO_DATA)
        status = DCL_OK;
    else if (!status && f->n < REAL_HOMES && !isnan(report.always_on.low_w)) {
        f->floor_w[f->n++] = (float)report.always_on.low_w;
        f->told += !report.savings.advice[DCL_ADVICE_ALWAYS_ON].why;
    }
    dcl_arena_free(&arena);
    return status;
}

/* What never stops in the homes of Low Carbon London: the range that the advice compares with. */
static int print_floors(bench *b, const char *data) {
    dcl_error error = {0};
    char path[512];
    const char *paths[] = {path};
    static floors f;
    dcl_read_options options = dcl_read_defaults();
    snprintf(path, sizeof path, "%s/lcl/lcl.tar.xz", data);
    f.b = b;
    quality_check(dcl_homes_each(&b->context, paths, 1, &options, take_floor, &f, &error), &error);
    dcl_sort_f32(f.floor_w, f.n);
    printf("lower quartile over the days of the quietest half hour, W, of %zu homes\n", f.n);
    static const double at[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        printf("  %2.0f %%  %6.1f\n", 100 * at[i], dcl_quantile_f32(f.floor_w, f.n, at[i]));
    printf("told that more stays on than in most homes: %zu\n", f.told);
    return 0;
}

int main(int argc, char **argv) {
    static bench b;
    static tally tallies[WASTES][3];
    static float watt[HALF_HOURS];
    int each = argc > 2 ? atoi(argv[2]) : 50, periods[3] = {60, 1800, 1}, n_periods = argc > 3 ? 0 : 3;
    for (int i = 3; i < argc && n_periods < 3; i++) periods[n_periods++] = atoi(argv[i]);
    open_bench(&b);
    if (argc > 2 && !strcmp(argv[2], "floors")) return print_floors(&b, argc > 3 ? argv[3] : DECLIC_DATA);
    printf("waste              period homes  given    top  inside <=2low   good  false\n");
    for (int waste = 0; waste < WASTES; waste++) {
        if (getenv("SAVINGS_WASTE") && atoi(getenv("SAVINGS_WASTE")) != waste) continue;
        int want = waste == NO_WASTE ? 4 * each : each, done = 0;
        const char *first = getenv("SAVINGS_FIRST"); /* a part of the homes, for several runs at once */
        uint32_t home = (uint32_t)waste * 10000 + (first ? (uint32_t)atoi(first) : 0);
        for (; done < want; home++) {
            scene s = {.home = home, .waste = waste, .watt = watt};
            if (!plant(&b, &s)) continue;
            judge_home(&b, &s, periods, n_periods, tallies[waste]);
            done++;
        }
        for (int p = 0; p < n_periods; p++)
            print_row(waste_names[waste], periods[p], &tallies[waste][p], waste != NO_WASTE);
    }
    dcl_arena_free(&b.lasting);
    dcl_tariff_close(&b.tables);
    dcl_zone_close(&b.zone);
    return 0;
}
