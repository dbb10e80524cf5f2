#include "town/town.h"

/*
 * Ways of living, as ranges from which a home's own habits are drawn. The figures are ours: wide enough that homes of one kind
 * differ as neighbours do, and chosen so that the town as a whole takes what the ElecDom panel (ADEME/RTE) takes.
 */
// clang-format off
const dcl_life_row dcl_life_rows[DCL_LIVES] = {
    [DCL_LIFE_RETIRED] = {
        .persons = {1, 3}, .area_m2 = {50, 135}, .out = {0.02, 0.45}, .wake = {385, 520}, .later = {0, 40}, .bed = {1290, 1425},
        .leave = {540, 640}, .back = {690, 1080}, .errand = {0.2, 0.95}, .noon = {0.45, 1}, .away = {0, 75}, .weekends = {0, 0.2},
        .nights = {0, 0}, .lived = {1, 1},
        .house = 0.65, .freezer = 0.5, .dishwasher = 0.55, .dryer = 0.25, .vehicle = 0.015, .computer = 1.6, .television = 5.2},
    [DCL_LIFE_FAMILY] = {
        .persons = {3, 5.5}, .area_m2 = {40, 120}, .out = {0.2, 0.98}, .wake = {350, 440}, .later = {30, 130}, .bed = {1320, 1435},
        .leave = {450, 545}, .back = {960, 1125}, .errand = {0.3, 0.8}, .noon = {0.15, 0.8}, .away = {5, 45}, .weekends = {0, 0.25},
        .nights = {0, 0}, .lived = {1, 1},
        .house = 0.6, .freezer = 0.5, .dishwasher = 0.75, .dryer = 0.42, .vehicle = 0.05, .computer = 3.2, .television = 4},
    [DCL_LIFE_WORKER] = {
        .persons = {1, 2.6}, .area_m2 = {36, 132}, .out = {0.35, 1}, .wake = {345, 490}, .later = {20, 200}, .bed = {1330, 1490},
        .leave = {430, 590}, .back = {1020, 1220}, .errand = {0.4, 0.9}, .noon = {0.1, 0.7}, .away = {5, 55}, .weekends = {0, 0.45},
        .nights = {0, 0}, .lived = {1, 1},
        .house = 0.3, .freezer = 0.25, .dishwasher = 0.35, .dryer = 0.12, .vehicle = 0.02, .computer = 3.4, .television = 3.2},
    [DCL_LIFE_NIGHT] = {
        .persons = {1, 3.5}, .area_m2 = {35, 125}, .out = {0.1, 0.6}, .wake = {390, 560}, .later = {0, 120}, .bed = {1340, 1500},
        .leave = {1140, 1320}, .back = {290, 470}, .errand = {0.3, 0.8}, .noon = {0.2, 0.8}, .away = {5, 50}, .weekends = {0, 0.3},
        .nights = {0.25, 1}, .lived = {1, 1},
        .house = 0.4, .freezer = 0.35, .dishwasher = 0.45, .dryer = 0.2, .vehicle = 0.02, .computer = 3, .television = 3.4},
    [DCL_LIFE_SECOND] = {
        .persons = {2, 5.5}, .area_m2 = {35, 140}, .out = {0.02, 0.3}, .wake = {420, 560}, .later = {0, 40}, .bed = {1320, 1480},
        .leave = {600, 700}, .back = {900, 1110}, .errand = {0.4, 0.9}, .noon = {0.4, 0.95}, .away = {0, 0}, .weekends = {0, 0},
        .nights = {0, 0}, .lived = {0.08, 1},
        .house = 0.6, .freezer = 0.3, .dishwasher = 0.5, .dryer = 0.12, .vehicle = 0.01, .computer = 1.5, .television = 2.5},
};
// clang-format on

/* A third of the homes are heated by electricity, as in the ElecDom panel. */
const double dcl_town_usual_share[DCL_HOUSEHOLD_COUNT] = {
    [DCL_HOUSEHOLD_RETIRED_GAS] = 18, [DCL_HOUSEHOLD_RETIRED_ELECTRIC] = 8,
    [DCL_HOUSEHOLD_FAMILY_GAS] = 21,  [DCL_HOUSEHOLD_FAMILY_ELECTRIC] = 9,
    [DCL_HOUSEHOLD_WORKER_GAS] = 17,  [DCL_HOUSEHOLD_WORKER_ELECTRIC] = 9,
    [DCL_HOUSEHOLD_NIGHT_GAS] = 7,    [DCL_HOUSEHOLD_NIGHT_ELECTRIC] = 3,
    [DCL_HOUSEHOLD_SECOND_GAS] = 4,   [DCL_HOUSEHOLD_SECOND_ELECTRIC] = 4,
};
