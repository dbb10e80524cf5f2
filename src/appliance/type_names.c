/* What types of appliances are called: by models, by data sets, and which kind of appliance they are. */
#include <declic/appliance_types.h>

#include <stdio.h>
#include <string.h>

/* label, kind, and how others call it, in small letters and digits alone. Labels are the names of kinds where a type is
 * all there is of one; a laptop is a computer that looks like no other. */
static const struct {
    const char *label;
    dcl_appliance kind;
    const char *called;
} types[] = {
    {"fridge", DCL_APPLIANCE_FRIDGE, "refrigerator fridgefreezer"},
    {"freezer", DCL_APPLIANCE_FREEZER, "deepfreezer"},
    {"kettle", DCL_APPLIANCE_KETTLE, "waterkettle electrickettle"},
    {"washing_machine", DCL_APPLIANCE_WASHING_MACHINE, "washer clotheswasher"},
    {"dishwasher", DCL_APPLIANCE_DISHWASHER, "dishwashingmachine"},
    {"dryer", DCL_APPLIANCE_DRYER, "laundrydrier laundrydryer tumbledryer tumbledrier clothesdryer drier"},
    {"water_heater", DCL_APPLIANCE_WATER_HEATER, "boiler waterboiler"},
    {"space_heater", DCL_APPLIANCE_SPACE_HEATER, "heater electricspaceheater"},
    {"lights", DCL_APPLIANCE_LIGHTS, "lamp light lighting"},
    {"microwave", DCL_APPLIANCE_MICROWAVE, "microwaveoven"},
    {"oven", DCL_APPLIANCE_OVEN, "electricoven"},
    {"hob", DCL_APPLIANCE_HOB, "cookingstove stove electrichob"},
    {"coffee_machine", DCL_APPLIANCE_COFFEE_MACHINE, "coffeemaker"},
    {"bean_to_cup_coffee_machine", DCL_APPLIANCE_COFFEE_MACHINE, "beantocupcoffeemaker"},
    {"television", DCL_APPLIANCE_TELEVISION, "tv tvlcd lcdtv"},
    {"crt_television", DCL_APPLIANCE_TELEVISION, "tvcrt crttv"},
    {"computer", DCL_APPLIANCE_COMPUTER, "pc pcdesktop desktop desktopcomputer"},
    {"laptop", DCL_APPLIANCE_COMPUTER, "pclaptop laptopcomputer notebook"},
    {"vacuum", DCL_APPLIANCE_VACUUM, "vacuumcleaner hoover"},
    {"heat_pump", DCL_APPLIANCE_HEAT_PUMP, ""},
    {"air_conditioner", DCL_APPLIANCE_AIR_CONDITIONER, "airconditioning"},
    {"monitor", DCL_APPLIANCE_UNKNOWN, "monitortft computermonitor"},
    {"games_console", DCL_APPLIANCE_UNKNOWN, "playstation3 playstation gamesconsole"},
    {"hair_dryer", DCL_APPLIANCE_UNKNOWN, "hairdrier"},
};
enum { TYPES = sizeof types / sizeof *types, NAME_ROOM = 64 };

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Small letters and digits; what lies between words becomes `between`, or nothing where that is 0. False where it does not
 * fit. */
static bool simplify(const char *name, char between, char *out, size_t room) {
    size_t n = 0;
    bool gap = false;
    for (; *name; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
        if (!is_letter(c)) {
            gap = n > 0;
            continue;
        }
        if (n + 2 >= room) return false;
        if (gap && between) out[n++] = between;
        gap = false;
        out[n++] = c;
    }
    out[n] = '\0';
    return n > 0;
}

/* Whether a list of words holds one. */
static bool lists(const char *list, const char *word) {
    size_t n = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += n) {
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) return true;
    }
    return false;
}

bool dcl_type_label(const char *name, char label[DCL_LABEL_ROOM]) {
    char word[NAME_ROOM], own[NAME_ROOM];
    label[0] = '\0';
    if (!simplify(name, 0, word, sizeof word)) return false;
    for (size_t i = 0; i < TYPES; i++) {
        simplify(types[i].label, 0, own, sizeof own);
        if (strcmp(own, word) != 0 && !lists(types[i].called, word)) continue;
        snprintf(label, DCL_LABEL_ROOM, "%s", types[i].label);
        return true;
    }
    return simplify(name, '_', label, DCL_LABEL_ROOM) || (label[0] = '\0');
}

dcl_appliance dcl_type_kind(const char *label) {
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(label, types[i].label) == 0) return types[i].kind;
    }
    return DCL_APPLIANCE_UNKNOWN;
}
