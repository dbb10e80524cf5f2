#include "town/town.h"

/* The appliances of a home, and one day of one of them. */

/* In the order of their truth. */
static const dcl_appliance appliances[TOWN_APPLIANCES] = {
    DCL_APPLIANCE_FRIDGE,
    DCL_APPLIANCE_FREEZER,
    DCL_APPLIANCE_KETTLE,
    DCL_APPLIANCE_COFFEE_MACHINE,
    DCL_APPLIANCE_MICROWAVE,
    DCL_APPLIANCE_OVEN,
    DCL_APPLIANCE_HOB,
    DCL_APPLIANCE_DISHWASHER,
    DCL_APPLIANCE_WASHING_MACHINE,
    DCL_APPLIANCE_DRYER,
    DCL_APPLIANCE_VACUUM,
    DCL_APPLIANCE_LIGHTS,
    DCL_APPLIANCE_TELEVISION,
    DCL_APPLIANCE_COMPUTER,
    DCL_APPLIANCE_WATER_HEATER,
    DCL_APPLIANCE_SPACE_HEATER,
    DCL_APPLIANCE_HEAT_PUMP,
    DCL_APPLIANCE_CIRCULATOR,
    DCL_APPLIANCE_AIR_CONDITIONER,
    DCL_APPLIANCE_VEHICLE,
    DCL_APPLIANCE_SOLAR,
    DCL_APPLIANCE_STANDBY,
};

static void (*const plan_of[DCL_APPLIANCE_COUNT])(dcl_planner *) = {
    [DCL_APPLIANCE_FRIDGE] = dcl_plan_fridge,
    [DCL_APPLIANCE_FREEZER] = dcl_plan_freezer,
    [DCL_APPLIANCE_KETTLE] = dcl_plan_kettle,
    [DCL_APPLIANCE_COFFEE_MACHINE] = dcl_plan_coffee,
    [DCL_APPLIANCE_MICROWAVE] = dcl_plan_microwave,
    [DCL_APPLIANCE_OVEN] = dcl_plan_oven,
    [DCL_APPLIANCE_HOB] = dcl_plan_hob,
    [DCL_APPLIANCE_DISHWASHER] = dcl_plan_dishwasher,
    [DCL_APPLIANCE_WASHING_MACHINE] = dcl_plan_washing_machine,
    [DCL_APPLIANCE_DRYER] = dcl_plan_dryer,
    [DCL_APPLIANCE_VACUUM] = dcl_plan_vacuum,
    [DCL_APPLIANCE_LIGHTS] = dcl_plan_lights,
    [DCL_APPLIANCE_TELEVISION] = dcl_plan_television,
    [DCL_APPLIANCE_COMPUTER] = dcl_plan_computer,
    [DCL_APPLIANCE_WATER_HEATER] = dcl_plan_water_heater,
    [DCL_APPLIANCE_SPACE_HEATER] = dcl_plan_space_heater,
    [DCL_APPLIANCE_HEAT_PUMP] = dcl_plan_heat_pump,
    [DCL_APPLIANCE_CIRCULATOR] = dcl_plan_circulator,
    [DCL_APPLIANCE_AIR_CONDITIONER] = dcl_plan_air_conditioner,
    [DCL_APPLIANCE_VEHICLE] = dcl_plan_vehicle,
    [DCL_APPLIANCE_SOLAR] = dcl_plan_solar,
    [DCL_APPLIANCE_STANDBY] = dcl_plan_standby,
};

static bool has(const dcl_dwelling *h, dcl_appliance kind) {
    switch (kind) {
    case DCL_APPLIANCE_FREEZER: return h->has_freezer;
    case DCL_APPLIANCE_KETTLE: return h->has_kettle;
    case DCL_APPLIANCE_COFFEE_MACHINE: return h->has_coffee;
    case DCL_APPLIANCE_MICROWAVE: return h->has_microwave;
    case DCL_APPLIANCE_OVEN: return h->has_oven;
    case DCL_APPLIANCE_HOB: return h->hob != DCL_HOB_GAS;
    case DCL_APPLIANCE_DISHWASHER: return h->has_dish;
    case DCL_APPLIANCE_DRYER: return h->has_dryer;
    case DCL_APPLIANCE_WATER_HEATER: return h->has_tank;
    case DCL_APPLIANCE_SPACE_HEATER: return h->heating == DCL_HEATING_CONVECTOR;
    case DCL_APPLIANCE_HEAT_PUMP: return h->heating == DCL_HEATING_PUMP;
    case DCL_APPLIANCE_CIRCULATOR: return h->circulator_w > 0;
    case DCL_APPLIANCE_AIR_CONDITIONER: return h->has_cooler;
    case DCL_APPLIANCE_VEHICLE: return h->has_vehicle;
    case DCL_APPLIANCE_SOLAR: return h->solar_w > 0;
    default: return true;
    }
}

size_t dcl_town_appliances(const dcl_dwelling *home, dcl_appliance kind[TOWN_APPLIANCES]) {
    size_t n = 0;
    for (size_t i = 0; i < TOWN_APPLIANCES; i++)
        if (has(home, appliances[i])) kind[n++] = appliances[i];
    return n;
}

void dcl_town_plan_day(const dcl_dwelling *home, const dcl_town_day *day, dcl_appliance kind, dcl_dice *dice,
                       dcl_town_plan *out) {
    plan_of[kind](&(dcl_planner){.home = home, .day = day, .dice = dice, .kind = kind, .plan = out});
}
