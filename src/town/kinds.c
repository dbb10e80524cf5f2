#include "town/town.h"

/*
 * Ways of living, as ranges from which a home's own habits are drawn. The figures are ours: chosen so that what people of one kind do
 * hangs together (when they get up, are out, eat, wash, sleep), that homes of one kind still differ as neighbours do, and that the town as
 * a whole takes what the ElecDom panel (ADEME/RTE) takes.
 */
// clang-format off
const dcl_life_row dcl_life_rows[DCL_LIVES] = {
    [DCL_LIFE_RETIRED] = {
        .persons = {1, 3}, .area_m2 = {50, 135}, .out = {0, 0.15}, .wake = {400, 520}, .later = {0, 30}, .bed = {1290, 1400},
        .leave = {540, 640}, .back = {690, 1080}, .errand = {0.2, 0.8}, .noon = {0.75, 1}, .away = {0, 60}, .weekends = {0, 0.15},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {705, 760}, .dinner = {1095, 1170}, .cooks = {0.5, 1}, .wash = 0.17,
        .house = 0.65, .freezer = 0.5, .dishwasher = 0.55, .dryer = 0.25, .vehicle = 0.015, .computer = 2, .television = 6},
    [DCL_LIFE_FAMILY] = {
        .persons = {3, 5.5}, .area_m2 = {40, 120}, .out = {0.65, 1}, .wake = {345, 410}, .later = {30, 110}, .bed = {1320, 1410},
        .leave = {450, 525}, .back = {960, 1065}, .errand = {0.2, 0.6}, .noon = {0.5, 0.9}, .away = {5, 45}, .weekends = {0, 0.15},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {725, 790}, .dinner = {1110, 1170}, .cooks = {0.7, 1}, .wash = 0.24,
        .house = 0.6, .freezer = 0.5, .dishwasher = 0.75, .dryer = 0.42, .vehicle = 0.05, .computer = 3.2, .television = 4},
    [DCL_LIFE_WORKER] = {
        .persons = {1, 2.6}, .area_m2 = {36, 132}, .out = {0.75, 1}, .wake = {380, 480}, .later = {60, 200}, .bed = {1370, 1480},
        .leave = {450, 570}, .back = {1100, 1240}, .errand = {0.5, 0.95}, .noon = {0.1, 0.5}, .away = {5, 55}, .weekends = {0.1, 0.5},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {750, 830}, .dinner = {1170, 1260}, .cooks = {0, 0.7}, .wash = 0.15,
        .house = 0.3, .freezer = 0.25, .dishwasher = 0.35, .dryer = 0.12, .vehicle = 0.02, .computer = 3.4, .television = 3.2},
    [DCL_LIFE_NIGHT] = {
        .persons = {1, 3.5}, .area_m2 = {35, 125}, .out = {0.1, 0.6}, .wake = {390, 560}, .later = {0, 120}, .bed = {1340, 1500},
        .leave = {1140, 1320}, .back = {290, 420}, .errand = {0.3, 0.8}, .noon = {0.2, 0.8}, .away = {5, 50}, .weekends = {0, 0.3},
        .nights = {0.7, 1}, .lived = {1, 1}, .lunch = {725, 830}, .dinner = {1050, 1140}, .cooks = {0.3, 1}, .wash = 0.18,
        .house = 0.4, .freezer = 0.35, .dishwasher = 0.45, .dryer = 0.2, .vehicle = 0.02, .computer = 3, .television = 3.4},
    [DCL_LIFE_SECOND] = {
        .persons = {2, 5.5}, .area_m2 = {35, 140}, .out = {0.02, 0.3}, .wake = {420, 560}, .later = {0, 40}, .bed = {1320, 1480},
        .leave = {600, 700}, .back = {900, 1110}, .errand = {0.4, 0.9}, .noon = {0.4, 0.95}, .away = {0, 0}, .weekends = {0, 0},
        .nights = {0, 0}, .lived = {0.08, 0.8}, .lunch = {725, 830}, .dinner = {1140, 1230}, .cooks = {0.3, 1}, .wash = 0.18,
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
