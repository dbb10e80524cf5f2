/*
 * What the appliances of a simulated town take in a year, beside what homes were measured to take: `bench/quality town [SEED [HOMES]]`.
 * How its curves compare to real ones is bench/town's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/town.h>

typedef struct use {
    size_t owners;
    double kwh;
} use;

/* FACTS of the ElecDom panel (ADEME/RTE): kWh a year of those who own one; 0 = none published there. */
static const struct {
    dcl_appliance kind;
    double kwh;
    bool specific; /* of the uses that electricity alone can serve */
} wanted[] = {
    {DCL_APPLIANCE_FRIDGE, 346, true},      {DCL_APPLIANCE_FREEZER, 308, true},
    {DCL_APPLIANCE_DRYER, 301, true},       {DCL_APPLIANCE_AIR_CONDITIONER, 1080, true},
    {DCL_APPLIANCE_STANDBY, 0, true},       {DCL_APPLIANCE_WASHING_MACHINE, 0, true},
    {DCL_APPLIANCE_DISHWASHER, 0, true},    {DCL_APPLIANCE_LIGHTS, 0, true},
    {DCL_APPLIANCE_TELEVISION, 0, true},    {DCL_APPLIANCE_COMPUTER, 0, true},
    {DCL_APPLIANCE_KETTLE, 0, true},        {DCL_APPLIANCE_COFFEE_MACHINE, 0, true},
    {DCL_APPLIANCE_MICROWAVE, 0, true},     {DCL_APPLIANCE_VACUUM, 0, true},
    {DCL_APPLIANCE_CIRCULATOR, 0, true},    {DCL_APPLIANCE_OVEN, 0, false},
    {DCL_APPLIANCE_HOB, 0, false},          {DCL_APPLIANCE_WATER_HEATER, 0, false},
    {DCL_APPLIANCE_SPACE_HEATER, 0, false}, {DCL_APPLIANCE_HEAT_PUMP, 0, false},
    {DCL_APPLIANCE_VEHICLE, 0, false},      {DCL_APPLIANCE_SOLAR, 0, false},
};
enum { USES = sizeof wanted / sizeof *wanted };

static double kwh_of(const dcl_series *series) {
    double sum = 0;
    for (size_t i = 0; i < series->n; i++) sum += (double)series->value[i];
    return sum * (double)series->period_us / 3.6e12;
}

typedef struct town {
    use of[USES];
    double kind_kwh[DCL_HOUSEHOLD_COUNT], kwh;
    size_t kind_homes[DCL_HOUSEHOLD_COUNT], homes;
} town;

static void add_home(const dcl_home *home, town *t) {
    double kwh = kwh_of(&home->series[0]);
    t->kind_kwh[home->household] += kwh;
    t->kind_homes[home->household]++;
    t->kwh += kwh;
    t->homes++;
    for (size_t i = 0; i < home->n_truth; i++)
        for (size_t u = 0; u < USES; u++)
            if (!strcmp(home->truth_name[i], dcl_appliance_name(wanted[u].kind))) {
                t->of[u].owners++;
                t->of[u].kwh += kwh_of(&home->truth[i]);
            }
}

static void print_uses(const town *t) {
    double specific = 0, homes = (double)t->homes;
    printf("appliance         owners  kWh a year of an owner   measured  ratio  of a home\n");
    for (size_t u = 0; u < USES; u++) {
        const use *of = &t->of[u];
        double mean = of->owners ? of->kwh / (double)of->owners : 0;
        if (wanted[u].specific) specific += of->kwh / homes;
        printf("%-16s  %5.3f   %22.1f", dcl_appliance_name(wanted[u].kind), (double)of->owners / homes, mean);
        if (wanted[u].kwh > 0)
            printf("   %8.0f  %5.2f", wanted[u].kwh, mean / wanted[u].kwh);
        else
            printf("   %8s  %5s", "", "");
        printf("  %9.1f\n", of->kwh / homes);
    }
    printf("specific uses     %.0f kWh a home, measured 2228, ratio %.2f\n", specific, specific / 2228);
    printf("all uses          %.0f kWh a home, measured 4792, ratio %.2f\n", t->kwh / homes,
           t->kwh / homes / 4792);
}

static void print_kinds(const town *t) {
    printf("kind               homes   kWh a year\n");
    double electric = 0;
    for (unsigned k = 1; k < DCL_HOUSEHOLD_COUNT; k++) {
        if (k % 2 == 0) electric += (double)t->kind_homes[k];
        if (t->kind_homes[k])
            printf("%-17s  %5zu   %10.0f\n", dcl_household_name((dcl_household)k), t->kind_homes[k],
                   t->kind_kwh[k] / (double)t->kind_homes[k]);
    }
    printf("electrically heated: %.3f of the homes\n", electric / (double)t->homes);
}

int main(int argc, char **argv) {
    dcl_error error = {0};
    dcl_zone *zone = NULL;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint32_t homes = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 400;
    static town t;
    if (dcl_zone_open("Europe/Paris", &zone, &error)) return 1;
    dcl_context context = {.threads = 1, .seed = seed, .zone = zone};
    dcl_town_options options = dcl_town_defaults();
    options.start_us = dcl_zone_day_start(zone, dcl_days_from_date(2025, 1, 1));
    options.days = 365;
    options.period_us = DCL_HOUR_US;
    for (uint32_t i = 0; i < homes; i++) {
        dcl_arena arena = {0};
        dcl_home home;
        options.home = i;
        if (dcl_town_home(&context, &options, &arena, &home, NULL, &error)) {
            fprintf(stderr, "town: %s\n", error.msg);
            return 1;
        }
        add_home(&home, &t);
        dcl_arena_free(&arena);
    }
    printf("town of seed %llu, %u homes, 2025\n", (unsigned long long)seed, homes);
    print_uses(&t);
    print_kinds(&t);
    dcl_zone_close(&zone);
    return 0;
}
