#include "cli/plug_words.h"

#include <math.h>

#include "cli/events.h"

/* ---------------------------------------------------------------- clocks, in words */

/* `37.2 s`, `5 min 01 s`, `2 h 00 min`. */
static void put_shift(dcl_text *text, double shift_s) {
    double size = fabs(shift_s);
    long whole = (long)(size + 0.5);
    if (size < 60) {
        dcl_text_fixed(text, size, 1);
        dcl_text_put(text, " s");
    } else if (whole < 3600) {
        dcl_text_format(text, "%ld min %02ld s", whole / 60, whole % 60);
    } else {
        dcl_text_format(text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
    }
}

static void put_side(dcl_text *text, double shift_s) {
    put_shift(text, shift_s);
    dcl_text_put(text, shift_s > 0 ? " behind" : " ahead of");
    dcl_text_put(text, " the meter");
}

static void put_found(dcl_text *text, const dcl_plug_fit *fit) {
    dcl_text_format(text, "%zu of %zu steps found", fit->found, fit->steps);
    if (!fit->copies) return;
    dcl_text_put(text, " (by chance ");
    dcl_text_fixed(text, fit->chance, 0);
    dcl_text_put(text, ", at most ");
    dcl_text_fixed(text, fit->chance_most, 0);
    dcl_text_put(text, ")");
}

void put_fit(dcl_text *text, const worn *plug) {
    const dcl_plug_fit *fit = &plug->fit;
    dcl_text_format(text, "%s: ", plug->name);
    if (fabs(fit->offset_s) < 0.05)
        dcl_text_put(text, "in time with the meter");
    else
        put_side(text, fit->offset_s);
    if (fit->drift_ppm != 0) {
        dcl_text_put(text, fit->drift_ppm > 0 ? ", losing " : ", gaining ");
        dcl_text_fixed(text, fabs(fit->drift_ppm) * 0.0864, 1);
        dcl_text_put(text, " s a day");
    }
    dcl_text_put(text, ", ");
    put_found(text, fit);
    if (!isnan(fit->rival_s)) {
        dcl_text_format(text, "; %zu as well if it were ", fit->rival_found);
        put_side(text, fit->rival_s);
    }
    dcl_text_put(text, "\n");
}

void put_untold(dcl_text *text, const dcl_plug_fit *fit) {
    switch (fit->verdict) {
    case DCL_PLUG_NO_STEPS:
        dcl_text_put(text, "it never switches 25 W or more, which neither shows its clock nor that it is of "
                           "this home");
        break;
    case DCL_PLUG_FEW_STEPS:
        put_found(text, fit);
        dcl_text_put(text, ", too few to tell its clock or that it is of this home");
        break;
    case DCL_PLUG_TOO_REGULAR:
        dcl_text_put(text, "it switches so regularly that many clocks explain it as well");
        break;
    default:
        dcl_text_put(text,
                     "with a value every five minutes or more no steps show: clocks cannot be compared");
    }
}

static void put_moments(dcl_text *text, const dcl_series *series) {
    char from[32], to[32];
    dcl_time_format(series->start_us, from);
    dcl_time_format(dcl_series_end_us(series), to);
    dcl_text_format(text, "%.10s … %.10s", from, to);
}

void put_refusal(dcl_text *text, const dcl_home *meter, const worn *plug) {
    const dcl_plug_fit *fit = &plug->fit;
    const dcl_series *lead = dcl_home_series(meter, DCL_POWER_W);
    if (!lead) lead = dcl_home_series(meter, DCL_APPARENT_VA);
    switch (fit->verdict) {
    case DCL_PLUG_CLOCK_OFF:
        dcl_text_format(text, "the clock of %s seems ", plug->name);
        put_side(text, fit->offset_s);
        dcl_text_put(text, ": so shifted, ");
        put_found(text, fit);
        dcl_text_put(text, ". Set right its time zone or its times");
        break;
    case DCL_PLUG_OTHER_HOME:
        dcl_text_format(text,
                        "%s seems to be of another home: %zu of its %zu steps are in the mains, and by "
                        "chance up to ",
                        plug->name, fit->found, fit->steps);
        dcl_text_fixed(text, fit->chance_most, 0);
        dcl_text_put(text, " are");
        break;
    case DCL_PLUG_NO_OVERLAP:
        dcl_text_format(text, "%s and the meter were never heard at the same time: ", plug->name);
        put_moments(text, dcl_home_series(&plug->home, DCL_POWER_W));
        dcl_text_put(text, " and ");
        put_moments(text, lead);
        break;
    default:
        dcl_text_format(text, "%s has %s", plug->name,
                        dcl_home_series(&plug->home, DCL_POWER_W) ? "one value alone: nothing to compare"
                                                                  : "no active power");
    }
}

/* ---------------------------------------------------------------- results */

static void put_score(dcl_text *text, const dcl_plug_score *score) {
    put_number(text, score->f1, 3, 8);
    put_number(text, score->nde_root, 3, 8);
    put_number(text, 100 * score->energy_error, 0, 7);
}

void put_gain(dcl_text *text, const dcl_plug_gains *gains) {
    if (!gains->told) {
        dcl_text_format(text,
                        "what the plugs bring is not told: they are known on %d whole day%s, and %d to learn "
                        "from and %d to judge by are the least\n",
                        gains->learned_days + gains->held_days,
                        gains->learned_days + gains->held_days == 1 ? "" : "s", DCL_PLUG_DAYS_LEAST,
                        DCL_PLUG_DAYS_LEAST);
        return;
    }
    dcl_text_format(text, "\nOn the last %d days, by a model of the %d before:\n", gains->held_days,
                    gains->learned_days);
    dcl_text_format(text, "%-20s %22s %22s %22s\n", "", "with the plugs", "without plugs", "always its mean");
    dcl_text_format(text, "%-20s", "appliance");
    for (int k = 0; k < 3; k++) dcl_text_format(text, "%8s%8s%7s", "F1", "rootNDE", "kWh %");
    dcl_text_put(text, "\n");
    for (size_t a = 0; a < gains->n; a++) {
        const dcl_plug_gain *gain = &gains->gain[a];
        dcl_text_format(text, "%-20.20s", gain->name);
        put_score(text, &gain->own);
        put_score(text, &gain->rules);
        put_score(text, &gain->mean);
        dcl_text_put(text, gain->is_told ? "\n" : "  on too few days\n");
    }
    dcl_text_put(text, "without plugs: cycles that the program names by itself; - where it names none\n\n");
}

static void put_score_json(dcl_json_writer *json, const char *key, const dcl_plug_score *score) {
    dcl_json_key(json, key);
    dcl_json_begin(json, '{');
    dcl_json_key_fixed(json, "f1", score->f1, 6);
    dcl_json_key_fixed(json, "nde_root", score->nde_root, 6);
    dcl_json_key_fixed(json, "energy_error", score->energy_error, 6);
    dcl_json_end(json, '}');
}

void put_gain_json(dcl_json_writer *json, const dcl_plug_gains *gains) {
    char split[32];
    dcl_time_format(gains->split_us, split);
    dcl_json_begin(json, '{');
    dcl_json_key(json, "told");
    dcl_json_bool(json, gains->told);
    dcl_json_key_string(json, "split", gains->told ? split : NULL);
    dcl_json_key_integer(json, "learned_days", gains->learned_days);
    dcl_json_key_integer(json, "held_days", gains->held_days);
    dcl_json_key(json, "appliances");
    dcl_json_begin(json, '[');
    for (size_t a = 0; a < gains->n; a++) {
        const dcl_plug_gain *gain = &gains->gain[a];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", gain->name);
        dcl_json_key_integer(json, "learned_days", gain->learned_days);
        dcl_json_key_integer(json, "held_days", gain->held_days);
        put_score_json(json, "with_plugs", &gain->own);
        put_score_json(json, "without_plugs", &gain->rules);
        put_score_json(json, "mean", &gain->mean);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

void put_plugs_json(dcl_json_writer *json, const worn *plug, size_t n) {
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < n; i++) {
        const dcl_plug_fit *fit = &plug[i].fit;
        bool fits = fit->verdict == DCL_PLUG_FITS;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "name", plug[i].name);
        dcl_json_key_string(json, "verdict", dcl_plug_verdict_name(fit->verdict));
        dcl_json_key(json, "learned");
        dcl_json_bool(json, plug[i].joined);
        dcl_json_key_fixed(json, "offset_s", fits ? fit->offset_s : NAN, 3);
        dcl_json_key_fixed(json, "drift_ppm", fits ? fit->drift_ppm : NAN, 2);
        dcl_json_key_integer(json, "steps", (int64_t)fit->steps);
        dcl_json_key_integer(json, "found", (int64_t)fit->found);
        dcl_json_key_fixed(json, "by_chance", fit->chance, 2);
        dcl_json_key_fixed(json, "by_chance_most", fit->chance_most, 0);
        dcl_json_key(json, "p");
        dcl_json_number(json, fit->p);
        dcl_json_key_fixed(json, "rival_s", fit->rival_s, 1);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}
