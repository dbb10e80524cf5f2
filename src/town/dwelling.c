#include "base/math.h"
#include "town/town.h"

/* Who lives there, and in what: drawn once a home, so that every day of it agrees. */

static double in(dcl_dice *dice, dcl_range range) {
    return dcl_dice_between(dice, range.low, range.high);
}

/* A factor around 1 with long tails: e to a normal draw. Its mean is e^(d²/2). */
static double around(dcl_dice *dice, double deviation) {
    return dcl_exp(dcl_dice_normal(dice, 0, deviation));
}

dcl_household dcl_town_kind_of(const dcl_town *town, dcl_dice *dice) {
    double at = dcl_dice_unit(dice), below = 0;
    dcl_household last = DCL_HOUSEHOLD_UNKNOWN;
    for (unsigned k = 1; k < DCL_HOUSEHOLD_COUNT; k++) {
        if (town->share[k] <= 0) continue;
        last = (dcl_household)k;
        below += town->share[k];
        if (at < below) break;
    }
    return last;
}

/* Kinds come in pairs after the unknown one: burning something, then electric. */
static dcl_life life_of(dcl_household kind) {
    return (dcl_life)(((int)kind - 1) / 2);
}
static bool is_electric(dcl_household kind) {
    return ((int)kind - 1) % 2 == 1;
}

/* Some live otherwise than their kind: a pensioner who works, a family that is hardly there, and many a second home in which
 * somebody stays for most of the year. */
static double unlike_its_kind(dcl_life life) {
    return life == DCL_LIFE_SECOND ? 0.68 : 0.35;
}

static void draw_habits(dcl_dwelling *d) {
    dcl_dice dice = dcl_town_dice(d->seed, d->home, DCL_TOWN_HABITS, 0);
    bool unlike = dcl_dice_chance(&dice, unlike_its_kind(d->life));
    double other = dcl_dice_between(&dice, 0, DCL_LIVES);
    d->lives = unlike ? (dcl_life)(int)other : d->life;
    const dcl_life_row *row = &dcl_life_rows[d->lives];
    d->persons = (int)in(&dice, dcl_life_rows[d->life].persons);
    d->out = in(&dice, row->out);
    d->wake = in(&dice, row->wake);
    d->later = in(&dice, row->later);
    d->bed = in(&dice, row->bed);
    d->leave = in(&dice, row->leave);
    d->back = in(&dice, row->back);
    d->errand = in(&dice, row->errand);
    d->noon = in(&dice, row->noon);
    d->away_days = in(&dice, row->away);
    d->weekends = in(&dice, row->weekends);
    d->nights = in(&dice, row->nights);
    d->lived = in(&dice, row->lived);
    if (d->lives == DCL_LIFE_SECOND) d->lived *= 0.5 + 0.5 * d->lived; /* most stand empty most of the time */
    d->lunch = in(&dice, row->lunch);
    d->dinner = in(&dice, row->dinner);
    d->cooks = in(&dice, row->cooks);
    d->wash_loads = row->wash * around(&dice, 0.4);
    d->wander = 1.2 * around(&dice, 0.35);
    d->evenings = dcl_dice_between(&dice, 0.02, 0.2);
    d->by_day = dcl_dice_between(&dice, 0.6, 1);
    d->school = (uint8_t)(1 << (int)dcl_dice_between(&dice, 0, 3));
    for (int i = 0; i < 7; i++) d->at_work[i] = dcl_dice_chance(&dice, 0.87) ? 1 : 0.2;
    if (d->leave < d->wake + 20 && d->lives != DCL_LIFE_NIGHT) d->leave = d->wake + 20;
}

/*
 * Rooms: what the walls lose, and what of it electricity makes good. A kind is what people would say of their heating, and rooms are not always
 * warmed so. Of the homes heated by electricity four in ten hardly draw for it: a stove burns all winter, or neighbours and insulation do the
 * rest. Of the others nearly one in five lets the boiler rest and plugs convectors in, and one in four has a radiator in the bathroom. Figures
 * are ours.
 */
static void draw_heating(dcl_dwelling *d) {
    dcl_dice dice = dcl_town_dice(d->seed, d->home, DCL_TOWN_FITTINGS, 1);
    d->house = dcl_dice_chance(&dice, dcl_life_rows[d->life].house);
    d->area_m2 = in(&dice, dcl_life_rows[d->life].area_m2) * (d->house ? 1.15 : 0.85);
    d->loss_w_k = d->area_m2 * 1.3 * around(&dice, 0.35);
    d->base_c = dcl_dice_between(&dice, 14, 18);
    d->night_k = dcl_dice_chance(&dice, 0.5) ? dcl_dice_between(&dice, 0.5, 3.5) : 0;
    d->out_k = dcl_dice_chance(&dice, 0.4) ? dcl_dice_between(&dice, 0.5, 4) : 0;
    d->bath = dcl_dice_between(&dice, 0, 0.6);
    d->off = dcl_dice_between(&dice, 0.05, 0.5);
    d->warmer_c = dcl_dice_normal(&dice, 0, 1.6);
    d->away_frost = dcl_dice_chance(&dice, 0.85);
    d->away_k = dcl_dice_between(&dice, 0.3, 3.5);
    double other = dcl_dice_unit(&dice), plugged = dcl_dice_unit(&dice), stove = dcl_dice_unit(&dice);
    bool pump = dcl_dice_chance(&dice, d->house ? 0.3 : 0.06);
    double fit = dcl_dice_between(&dice, 1.3, 2.2), circulator = dcl_dice_between(&dice, 35, 95);
    if (is_electric(d->kind)) {
        const double hardly = 0.43;
        d->heating = pump ? DCL_HEATING_PUMP : DCL_HEATING_CONVECTOR;
        d->wood = other < hardly ? 0.88 + 0.1 * stove : 0.25 * stove;
    } else {
        d->circulator_w = d->house || dcl_dice_chance(&dice, 0.5) ? circulator : 0;
        const double rests = 0.18, bathroom = 0.27;
        if (other < rests + bathroom) d->heating = DCL_HEATING_CONVECTOR;
        d->wood = other < rests ? 0.4 * plugged : 0.88 + 0.1 * plugged;
    }
    static const double part[3] = {0.55, 0.33, 0.12};
    for (int i = 0; i < 3; i++) {
        d->zone_w[i] = d->loss_w_k * 24 * part[i] * fit;
        if (d->zone_w[i] < 500) d->zone_w[i] = 500;
    }
    d->pump_w = d->loss_w_k * 24 / 2.6 * fit * 0.75;
}

static void draw_water_and_tariff(dcl_dwelling *d) {
    dcl_dice dice = dcl_town_dice(d->seed, d->home, DCL_TOWN_FITTINGS, 2);
    bool electric = is_electric(d->kind);
    d->has_tank = dcl_dice_chance(&dice, electric ? 0.68 : 0.3);
    d->tank_w = (d->persons > 2 ? 2700 : 1900) * dcl_dice_between(&dice, 0.8, 1.2);
    d->litre_kwh = dcl_dice_between(&dice, 1.1, 3.2);
    d->tank_loss_kwh = dcl_dice_between(&dice, 0.7, 1.6);
    d->tank_off_away = dcl_dice_chance(&dice, 0.5);
    d->tank_late = dcl_dice_chance(&dice, 0.7) ? dcl_dice_between(&dice, 5, 300) : 0;
    d->tank_patient = dcl_dice_between(&dice, 0, 0.3);
    double at = dcl_dice_unit(&dice), hours = d->has_tank ? (electric ? 0.9 : 0.74) : electric ? 0.5 : 0.1;
    d->tariff = at < 0.03 ? 2 : at < hours ? 1 : 0;
    bool noon = dcl_dice_chance(&dice, 0.55);
    double night =
        noon ? dcl_dice_between(&dice, 23.5 * 60, 26 * 60) : dcl_dice_between(&dice, 21.5 * 60, 24 * 60);
    double midday = dcl_dice_between(&dice, 0, 1);
    midday = 12 * 60 + 180 * midday * midday;
    d->night_start = 2 * (double)(int)(night / 2);
    d->noon_start = noon ? 2 * (double)(int)(midday / 2) : -1;
    d->tank_late = (int)(noon ? d->tank_late * 0.55 : d->tank_late); /* six hours of the night, or eight */
    if (d->tariff == 2) {
        d->night_start = 60 * 22;
        d->noon_start = -1;
    }
}

/* Who has what. Chances are near those of French homes (INSEE, equipment of households). */
static void draw_fittings(dcl_dwelling *d) {
    dcl_dice dice = dcl_town_dice(d->seed, d->home, DCL_TOWN_FITTINGS, 3);
    double thrift = around(&dice, 0.66);
    d->thrift = thrift;
    const dcl_life_row *row = &dcl_life_rows[d->life];
    d->has_freezer = dcl_dice_chance(&dice, row->freezer * (d->house ? 1.2 : 0.7));
    d->has_kettle = dcl_dice_chance(&dice, 0.85);
    d->has_coffee = dcl_dice_chance(&dice, 0.75);
    d->has_microwave = dcl_dice_chance(&dice, 0.88);
    d->has_oven = dcl_dice_chance(&dice, 0.85);
    double hob = dcl_dice_unit(&dice);
    d->hob = hob < 0.34 ? DCL_HOB_GAS : hob < 0.62 ? DCL_HOB_CERAMIC : DCL_HOB_INDUCTION;
    d->has_dish = dcl_dice_chance(&dice, row->dishwasher);
    d->has_dryer = dcl_dice_chance(&dice, row->dryer);
    d->pump_dryer = dcl_dice_chance(&dice, 0.3);
    d->has_cooler = dcl_dice_chance(&dice, 0.06);
    d->has_vehicle = dcl_dice_chance(&dice, row->vehicle * (d->house ? 1.4 : 0.5));
    d->vehicle_at_night = dcl_dice_chance(&dice, d->tariff ? 0.8 : 0.3);
    bool solar = d->house && dcl_dice_chance(&dice, 0.06);
    d->solar_w = solar ? dcl_dice_between(&dice, 1500, 6000) : 0;
    d->television_h = thrift * 1.3 * row->television * around(&dice, 0.5);
    d->computer_h = thrift * 1.3 * row->computer * around(&dice, 0.7);
    d->vehicle_kwh = dcl_dice_between(&dice, 5, 20);
    d->vehicle_days = dcl_dice_between(&dice, 1.5, 4);
    d->wash_loads *= thrift;
    d->litre_kwh *= 0.5 + 0.5 * thrift;
    d->lights = 1.75 * thrift * around(&dice, 0.5) * (0.6 + d->area_m2 / 150) * (0.85 + 0.07 * d->persons);
}

static void draw_ratings(dcl_dwelling *d) {
    dcl_dice dice = dcl_town_dice(d->seed, d->home, DCL_TOWN_RATINGS, 0);
    double second = d->life == DCL_LIFE_SECOND ? 0.9 : 1;
    d->standby_w = 5 + 66 * d->thrift * around(&dice, 0.4) * (0.5 + d->area_m2 / 180) * second;
    d->standby_pf = dcl_dice_between(&dice, 0.5, 0.7);
    d->fridge_w = dcl_dice_between(&dice, 70, 125);
    d->fridge_cycle_s = dcl_dice_between(&dice, 2300, 4200);
    d->fridge_duty = dcl_dice_between(&dice, 0.27, 0.54);
    d->freezer_w = dcl_dice_between(&dice, 65, 120);
    d->freezer_cycle_s = dcl_dice_between(&dice, 2400, 5400);
    d->freezer_duty = dcl_dice_between(&dice, 0.27, 0.5);
    d->kettle_w = dcl_dice_between(&dice, 1750, 2400);
    d->coffee_w = dcl_dice_between(&dice, 850, 1500);
    d->microwave_w = dcl_dice_between(&dice, 1050, 1550);
    d->oven_w = dcl_dice_between(&dice, 1900, 2900);
    d->hob_w = dcl_dice_between(&dice, 1300, 2000);
    d->washer_heater_w = dcl_dice_between(&dice, 1750, 2150);
    d->dish_w = dcl_dice_between(&dice, 1700, 2200);
    d->dryer_w = d->pump_dryer ? dcl_dice_between(&dice, 600, 900) : dcl_dice_between(&dice, 1900, 2600);
    d->vacuum_w = dcl_dice_between(&dice, 500, 1400);
    d->television_w = dcl_dice_between(&dice, 60, 280);
    d->computer_w = dcl_dice_between(&dice, 40, 330);
    d->cooler_w = dcl_dice_between(&dice, 850, 1250);
    d->cooler_from_c = dcl_dice_between(&dice, 17.2, 22);
    d->vehicle_w = dcl_dice_chance(&dice, 0.5) ? 3680 : dcl_dice_chance(&dice, 0.4) ? 2300 : 7360;
}

/* The power that is sold next above what may run together. */
static int subscribe(const dcl_dwelling *d) {
    static const int sold[] = {3, 6, 9, 12, 15, 18};
    double need_w = 2600 + (d->has_tank ? 1500 : 0) + (d->has_vehicle ? d->vehicle_w * 0.8 : 0);
    if (d->heating == DCL_HEATING_CONVECTOR) need_w += (d->zone_w[0] + d->zone_w[1]) * 0.7 * (1 - d->wood);
    if (d->heating == DCL_HEATING_PUMP) need_w += d->pump_w;
    if (d->hob != DCL_HOB_GAS) need_w += 900;
    size_t i = 0;
    while (i + 1 < sizeof sold / sizeof *sold && sold[i] * 1000 < need_w) i++;
    return sold[i];
}

/* After all draws, so that nothing else changes. */
static void plant(dcl_dwelling *d, const dcl_town_plant *plant) {
    d->plant = *plant;
    if (!(plant->freezer_w > 0)) return;
    d->has_freezer = true;
    d->freezer_w = plant->freezer_w;
    d->freezer_duty = plant->freezer_duty;
}

dcl_dwelling dcl_town_dwelling(const dcl_town *town, uint32_t home) {
    dcl_dwelling d = {.kernels = &town->kernels, .seed = town->seed, .home = home};
    dcl_dice dice = dcl_town_dice(town->seed, home, DCL_TOWN_KIND, 0);
    d.kind = dcl_town_kind_of(town, &dice);
    d.life = life_of(d.kind);
    draw_habits(&d);
    draw_heating(&d);
    draw_water_and_tariff(&d);
    draw_fittings(&d);
    draw_ratings(&d);
    d.subscribed_kva = subscribe(&d);
    plant(&d, &town->options.plant);
    return d;
}
