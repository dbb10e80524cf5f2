/* Programmes of machines, and loads that come again without a name. */
#include "cli/events.h"
#include "cli/names.h"

static void put_moments(dcl_json_writer *json, int64_t start_us, int64_t end_us) {
    dcl_json_key_time(json, "start_utc", start_us);
    dcl_json_key_time(json, "end_utc", end_us);
}

static void put_programme_json(dcl_json_writer *json, const dcl_named_programme *named, size_t number) {
    const dcl_programme *p = &named->programme;
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "programme", (int64_t)number);
    put_moments(json, p->start_us, p->end_us);
    dcl_json_key_fixed(json, "energy_wh", p->energy_wh, 1);
    dcl_json_key_string(json, "appliance", dcl_appliance_name(named->appliance));
    dcl_json_key_fixed(json, "confidence", named->confidence, 2);
    dcl_json_key_fixed(json, "heat_w", (double)p->heat_w, 0);
    dcl_json_key_fixed(json, "heat_s", (double)p->heat_s, 0);
    dcl_json_key(json, "phases");
    dcl_json_begin(json, '[');
    for (size_t k = 0; k < p->n; k++) {
        dcl_json_begin(json, '{');
        put_moments(json, p->phase[k].start_us, p->phase[k].end_us);
        dcl_json_key_string(json, "kind", p->phase[k].kind == DCL_PHASE_HEAT ? "heat" : "motor");
        dcl_json_key_fixed(json, "mean_w", (double)p->phase[k].mean_w, 1);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

void put_named_json(dcl_json_writer *json, const named_cycles *named) {
    dcl_json_key(json, "programmes");
    dcl_json_begin(json, '[');
    for (size_t p = 0; p < named->names.n_programmes; p++)
        put_programme_json(json, &named->names.programme[p], p + 1);
    dcl_json_end(json, ']');
    dcl_json_key(json, "unknowns");
    dcl_json_begin(json, '[');
    for (size_t k = 0; k < named->n_unknown; k++) {
        const dcl_unknown *unknown = &named->unknown[k];
        dcl_json_begin(json, '{');
        dcl_json_key_integer(json, "unknown", unknown->number);
        dcl_json_key_integer(json, "group", (int64_t)unknown->recurrence + 1);
        dcl_json_key_fixed(json, "energy_wh", unknown->energy_wh, 1);
        dcl_json_key_string(json, "text", unknown->text);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_programmes(const session *cli, dcl_text *text, const dcl_names *names) {
    for (size_t k = 0; k < names->n_programmes; k++) {
        const dcl_named_programme *named = &names->programme[k];
        const dcl_programme *p = &named->programme;
        put_moment(cli, text, p->start_us);
        dcl_text_put(text, "  ");
        put_moment(cli, text, p->end_us);
        put_number(text, p->energy_wh, 1, 11);
        dcl_text_put(text, " Wh, ");
        dcl_text_fixed(text, (double)p->heat_s / 60, 0);
        dcl_text_put(text, " min of heat at ");
        dcl_text_fixed(text, (double)p->heat_w, 0);
        dcl_text_format(text, " W, %zu phases: %s, confidence ", p->n, dcl_appliance_name(named->appliance));
        dcl_text_fixed(text, named->confidence, 2);
        dcl_text_put(text, "\n");
    }
}

void put_named_text(const session *cli, dcl_text *text, const named_cycles *named) {
    enum { SHOWN = 8 };
    if (named->names.n_programmes) dcl_text_put(text, "programmes:\n");
    put_programmes(cli, text, &named->names);
    if (named->n_unknown)
        dcl_text_put(text, "loads that come again and have no name (declic learn appliances INPUT --name "
                           "\"unknown 1=...\"):\n");
    for (size_t k = 0; k < named->n_unknown && k < SHOWN; k++) {
        dcl_text_format(text, "  %s, ", named->unknown[k].text);
        dcl_text_fixed(text, named->unknown[k].energy_wh / 1000, 2);
        dcl_text_put(text, " kWh\n");
    }
    if (named->n_unknown > SHOWN)
        dcl_text_format(text, "  and %zu more (listed by --json)\n", named->n_unknown - SHOWN);
}
