#include "town/town.h"

/*
 * Ways of living, as ranges from which a home's own habits are drawn. The figures are ours: chosen so that what people of one kind do
 * hangs together (when they get up, are out, eat, wash, sleep), that homes of one kind still differ as neighbours do, and that the town as
 * a whole takes what the ElecDom panel (ADEME/RTE) takes. Ranges of two lives overlap in most rows, so that it takes several habits to tell
 * them; and a third of the homes lives by another row than its own (dwelling.c), so that no hour of the day tells the kind.
 */
// clang-format off
const dcl_life_row dcl_life_rows[DCL_LIVES] = {
    [DCL_LIFE_RETIRED] = {
        .persons = {1, 3}, .area_m2 = {50, 135}, .out = {0, 0.12}, .wake = {410, 505}, .later = {0, 25}, .bed = {1300, 1385},
        .leave = {540, 640}, .back = {690, 1080}, .errand = {0.25, 0.7}, .noon = {0.8, 1}, .away = {0, 55}, .weekends = {0, 0.12},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {710, 750}, .dinner = {1100, 1160}, .cooks = {0.55, 1}, .wash = 0.17,
        .house = 0.65, .freezer = 0.5, .dishwasher = 0.55, .dryer = 0.25, .vehicle = 0.015, .computer = 2, .television = 6},
    [DCL_LIFE_FAMILY] = {
        .persons = {3, 5.5}, .area_m2 = {40, 120}, .out = {0.75, 1}, .wake = {360, 405}, .later = {40, 105}, .bed = {1330, 1400},
        .leave = {460, 510}, .back = {970, 1050}, .errand = {0.23, 0.55}, .noon = {0.55, 0.9}, .away = {5, 45}, .weekends = {0, 0.14},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {730, 785}, .dinner = {1120, 1170}, .cooks = {0.75, 1}, .wash = 0.24,
        .house = 0.6, .freezer = 0.5, .dishwasher = 0.75, .dryer = 0.42, .vehicle = 0.05, .computer = 3.2, .television = 4},
    [DCL_LIFE_WORKER] = {
        .persons = {1, 2.6}, .area_m2 = {36, 132}, .out = {0.81, 1}, .wake = {390, 470}, .later = {75, 185}, .bed = {1380, 1465},
        .leave = {465, 550}, .back = {1110, 1215}, .errand = {0.55, 0.9}, .noon = {0.12, 0.45}, .away = {5, 55}, .weekends = {0.15, 0.42},
        .nights = {0, 0}, .lived = {1, 1}, .lunch = {760, 820}, .dinner = {1180, 1250}, .cooks = {0.1, 0.7}, .wash = 0.15,
        .house = 0.3, .freezer = 0.25, .dishwasher = 0.35, .dryer = 0.12, .vehicle = 0.02, .computer = 3.4, .television = 3.2},
    [DCL_LIFE_NIGHT] = {
        .persons = {1, 3.5}, .area_m2 = {35, 125}, .out = {0.12, 0.55}, .wake = {410, 545}, .later = {0, 110}, .bed = {1355, 1485},
        .leave = {1165, 1305}, .back = {305, 410}, .errand = {0.45, 0.85}, .noon = {0.25, 0.75}, .away = {5, 50}, .weekends = {0.03, 0.25},
        .nights = {0.68, 0.95}, .lived = {1, 1}, .lunch = {735, 820}, .dinner = {1060, 1135}, .cooks = {0.4, 1}, .wash = 0.18,
        .house = 0.4, .freezer = 0.35, .dishwasher = 0.45, .dryer = 0.2, .vehicle = 0.02, .computer = 3, .television = 3.4},
    [DCL_LIFE_SECOND] = {
        .persons = {2, 5.5}, .area_m2 = {35, 140}, .out = {0.02, 0.25}, .wake = {435, 550}, .later = {0, 40}, .bed = {1335, 1465},
        .leave = {600, 700}, .back = {900, 1110}, .errand = {0.45, 0.85}, .noon = {0.45, 0.93}, .away = {0, 0}, .weekends = {0, 0},
        .nights = {0, 0}, .lived = {0.19, 0.73}, .lunch = {735, 820}, .dinner = {1150, 1220}, .cooks = {0.35, 1}, .wash = 0.18,
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
