/* What NILMTK and pandas read about the tables: NILM Metadata 0.2 and the index of a frame, as pickles of protocol 0. */
#include <string.h>

#include "series/nilmtk.h"

/* Our kinds of appliances in the words of NILM Metadata; what is not here is "unknown" there. */
static const struct {
    dcl_appliance kind;
    const char *type;
} types[] = {{DCL_APPLIANCE_FRIDGE, "fridge"},
             {DCL_APPLIANCE_FREEZER, "freezer"},
             {DCL_APPLIANCE_KETTLE, "kettle"},
             {DCL_APPLIANCE_WASHING_MACHINE, "washing machine"},
             {DCL_APPLIANCE_DISHWASHER, "dish washer"},
             {DCL_APPLIANCE_DRYER, "tumble dryer"},
             {DCL_APPLIANCE_WATER_HEATER, "electric water heating appliance"},
             {DCL_APPLIANCE_SPACE_HEATER, "electric space heater"},
             {DCL_APPLIANCE_LIGHTS, "light"},
             {DCL_APPLIANCE_MICROWAVE, "microwave"},
             {DCL_APPLIANCE_OVEN, "electric oven"},
             {DCL_APPLIANCE_HOB, "electric hob"},
             {DCL_APPLIANCE_COFFEE_MACHINE, "coffee maker"},
             {DCL_APPLIANCE_TELEVISION, "television"},
             {DCL_APPLIANCE_COMPUTER, "computer"},
             {DCL_APPLIANCE_VACUUM, "vacuum cleaner"},
             {DCL_APPLIANCE_AIR_CONDITIONER, "air conditioner"},
             {DCL_APPLIANCE_VEHICLE, "electric vehicle"}};

/* ---------------------------------------------------------------- pickles, protocol 0 */

/* A Unicode string: one line, so line ends, backslashes and all beyond ASCII are escaped. */
static void put_string(dcl_text *text, const char *string) {
    dcl_text_put(text, "V");
    for (const unsigned char *c = (const unsigned char *)string; *c;) {
        uint32_t letter = *c++;
        int more = letter >= 0xf0 ? 3 : letter >= 0xe0 ? 2 : letter >= 0xc0 ? 1 : 0;
        if (more) letter &= 0x3fU >> more;
        for (; more && (*c & 0xc0) == 0x80; more--) letter = letter << 6 | (*c++ & 0x3fU);
        if (letter >= 0x20 && letter < 0x7f && letter != '\\')
            dcl_text_format(text, "%c", (char)letter);
        else
            dcl_text_format(text, letter > 0xffff ? "\\U%08lx" : "\\u%04lx", (unsigned long)letter);
    }
    dcl_text_put(text, "\n");
}

static void put_integer(dcl_text *text, int64_t value) {
    dcl_text_format(text, "I%lld\n", (long long)value);
}

/* Entries of a dictionary that is open: key and value, then `s` takes both. */
static void put_entry(dcl_text *text, const char *key, const char *value) {
    put_string(text, key);
    put_string(text, value);
    dcl_text_put(text, "s");
}

static void put_count(dcl_text *text, const char *key, int64_t value) {
    put_string(text, key);
    put_integer(text, value);
    dcl_text_put(text, "s");
}

static void put_flag(dcl_text *text, const char *key) {
    put_string(text, key);
    dcl_text_put(text, "I01\ns");
}

/* Seconds: whole where they are. */
static void put_seconds(dcl_text *text, const char *key, int64_t us) {
    put_string(text, key);
    if (us % DCL_SECOND_US == 0) {
        put_integer(text, us / DCL_SECOND_US);
    } else {
        dcl_text_put(text, "F");
        dcl_text_double(text, (double)us / 1e6);
        dcl_text_put(text, "\n");
    }
    dcl_text_put(text, "s");
}

/* [('power', 'active'), …] */
void dcl_nilmtk_put_columns(dcl_text *text, const dcl_nilmtk_meter *m) {
    dcl_text_put(text, "(l");
    for (size_t c = 0; c < m->n_columns; c++) {
        dcl_text_put(text, "(");
        put_string(text, dcl_nilmtk_columns[m->which[c]].quantity);
        put_string(text, dcl_nilmtk_columns[m->which[c]].type);
        dcl_text_put(text, "ta");
    }
}

/* The names of the two levels of columns, and the zone of the index as a zone of pytz. */
void dcl_nilmtk_put_index(dcl_text *text, const char *zone) {
    dcl_text_put(
        text,
        "(dI1\n(dVnames\n(lVphysical_quantity\naVtype\nasVtype\nVMultiIndex\nssVindex\n(dVtz\ncpytz\n_p\n(");
    put_string(text, zone);
    dcl_text_put(text, "tRss.");
}

/* ---------------------------------------------------------------- metadata */

static const char *type_of(const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char *kind = dcl_appliance_name(types[i].kind);
        size_t n = strlen(kind); /* `fridge`, and `fridge_2` where a home has several */
        if (strncmp(name, kind, n) == 0 && strspn(name + n, "_-0123456789") == strlen(name + n))
            return types[i].type;
    }
    return "unknown";
}

/* Kinds of meters are told apart by what they measure and how often: each table has its own. */
static void put_device(dcl_text *text, const dcl_nilmtk_meter *m, size_t i) {
    dcl_text_format(text, "Vmeter%zu\n(d", i + 1);
    put_entry(text, "model", m->name ? "part of the home" : "mains");
    put_seconds(text, "sample_period", m->period_us);
    put_seconds(text, "max_sample_period", 5 * m->period_us); /* longer is a gap to NILMTK */
    put_string(text, "measurements");
    dcl_text_put(text, "(l");
    for (size_t c = 0; c < m->n_columns; c++) {
        dcl_text_put(text, "(d");
        put_entry(text, "physical_quantity", dcl_nilmtk_columns[m->which[c]].quantity);
        if (dcl_nilmtk_columns[m->which[c]].type[0])
            put_entry(text, "type", dcl_nilmtk_columns[m->which[c]].type);
        dcl_text_put(text, "a");
    }
    dcl_text_put(text, "ss");
}

void dcl_nilmtk_put_data_set(dcl_text *text, const dcl_nilmtk_export *of) {
    dcl_text_put(text, "(d");
    put_entry(text, "name", of->home->id);
    put_entry(text, "creator", "declic");
    put_entry(text, "timezone", of->zone);
    put_count(text, "number_of_buildings", 1);
    put_string(text, "meter_devices");
    dcl_text_put(text, "(d");
    for (size_t i = 0; i < of->n; i++) put_device(text, &of->meters[i], i);
    dcl_text_put(text, "s.");
}

static void put_elec_meter(dcl_text *text, const dcl_nilmtk_export *of, size_t i) {
    bool has_mains = !of->meters[0].name;
    put_integer(text, (int64_t)i + 1);
    dcl_text_put(text, "(d");
    if (!of->meters[i].name)
        put_flag(text, "site_meter");
    else
        put_count(text, "submeter_of", has_mains ? 1 : 0); /* 0: the mains, which nobody recorded */
    dcl_text_format(text, "Vdevice_model\nVmeter%zu\nsVdata_location\nV/building1/elec/meter%zu\nss", i + 1,
                    i + 1);
}

static void put_appliance(dcl_text *text, const dcl_nilmtk_export *of, size_t i) {
    const char *type = type_of(of->meters[i].name);
    int64_t instance = 1;
    for (size_t k = 0; k < i; k++)
        if (of->meters[k].name) instance += strcmp(type_of(of->meters[k].name), type) == 0;
    dcl_text_put(text, "(d");
    put_entry(text, "type", type);
    put_count(text, "instance", instance);
    put_entry(text, "original_name", of->meters[i].name);
    dcl_text_put(text, "Vmeters\n(l");
    put_integer(text, (int64_t)i + 1);
    dcl_text_put(text, "asa");
}

void dcl_nilmtk_put_building(dcl_text *text, const dcl_nilmtk_export *of) {
    dcl_text_put(text, "(d");
    put_count(text, "instance", 1);
    put_entry(text, "original_name", of->home->id);
    put_string(text, "elec_meters");
    dcl_text_put(text, "(d");
    for (size_t i = 0; i < of->n; i++) put_elec_meter(text, of, i);
    dcl_text_put(text, "sVappliances\n(l");
    for (size_t i = 0; i < of->n; i++)
        if (of->meters[i].name) put_appliance(text, of, i);
    dcl_text_put(text, "s.");
}
