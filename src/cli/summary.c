#include "cli/summary.h"

#include <math.h>
#include <string.h>

#include "cli/cli.h"

typedef struct figures {
    size_t present;
    double mean, least, most;
} figures;

static figures measure(const dcl_series *series) {
    figures f = {.least = NAN, .most = NAN, .mean = NAN};
    double sum = 0;
    for (size_t i = 0; i < series->n; i++) {
        double value = (double)series->value[i];
        if (isnan(value)) continue;
        sum += value;
        if (!(f.least <= value)) f.least = value;
        if (!(f.most >= value)) f.most = value;
        f.present++;
    }
    if (f.present) f.mean = sum / (double)f.present;
    return f;
}

static void put_step(dcl_text *text, int64_t us) {
    if (us % DCL_HOUR_US == 0)
        dcl_text_format(text, "%lld h", (long long)(us / DCL_HOUR_US));
    else if (us % DCL_MINUTE_US == 0)
        dcl_text_format(text, "%lld min", (long long)(us / DCL_MINUTE_US));
    else {
        dcl_text_fixed(text, (double)us * 1e-6, us % DCL_SECOND_US ? 3 : 0);
        dcl_text_put(text, " s");
    }
}

/* A number set right in its column. */
static void put_column(dcl_text *text, double value, int width, int decimals) {
    dcl_text number = {0};
    dcl_text_fixed(&number, value, decimals);
    dcl_text_format(text, "%*s", width, number.at ? number.at : "");
    dcl_text_free(&number);
}

static void put_span(dcl_text *text, const dcl_series *series) {
    char from[32], to[32];
    dcl_time_format(series->start_us, from);
    dcl_time_format(dcl_series_end_us(series), to);
    dcl_text_format(text, "  %s … %s, every ", from, to);
    put_step(text, series->period_us);
    dcl_text_put(text, "\n");
}

static bool same_span(const dcl_series *a, const dcl_series *b) {
    return a->start_us == b->start_us && a->period_us == b->period_us && a->n == b->n;
}

/* One channel; its span before it where it differs from the one shown last. */
static void put_line(dcl_text *text, const char *name, const dcl_series *series, const dcl_series **shown) {
    figures f = measure(series);
    double share = series->n ? 100.0 * (double)f.present / (double)series->n : 0;
    if (f.present < series->n && share > 99.9) share = 99.9; /* 100.0 is said of what is whole alone */
    if (!*shown || !same_span(*shown, series)) put_span(text, series);
    *shown = series;
    dcl_text_format(text, "    %-18s", name);
    put_column(text, share, 7, 1);
    dcl_text_put(text, " % there");
    if (f.present) {
        bool ratio = series->channel == DCL_POWER_FACTOR;
        int decimals = ratio ? 3 : 1;
        dcl_text_put(text, "   mean");
        put_column(text, f.mean, 9, decimals);
        dcl_text_put(text, "   from");
        put_column(text, f.least, 8, decimals);
        dcl_text_put(text, " to");
        put_column(text, f.most, 8, decimals);
        if (!ratio) dcl_text_format(text, " %s", dcl_channel_unit(series->channel));
    }
    dcl_text_put(text, "\n");
}

void summary_text(dcl_text *text, const dcl_home *home) {
    const dcl_series *shown = NULL;
    dcl_text_format(text, "%s: read as %s, %llu reading%s", home->id,
                    home->format[0] ? home->format : "store", (unsigned long long)home->readings,
                    home->readings == 1 ? "" : "s");
    if (home->reading_us) {
        dcl_text_put(text, ", every ");
        put_step(text, home->reading_us);
    }
    dcl_text_put(text, "\n");
    if (!isnan(home->subscribed_kva)) {
        dcl_text_put(text, "  subscribed power ");
        dcl_text_fixed(text, home->subscribed_kva,
                       home->subscribed_kva == floor(home->subscribed_kva) ? 0 : 1);
        dcl_text_put(text, " kVA\n");
    }
    for (size_t i = 0; i < home->n_series; i++)
        put_line(text, dcl_channel_name(home->series[i].channel), &home->series[i], &shown);
    if (home->n_truth) dcl_text_put(text, "  known parts of it:\n");
    for (size_t i = 0; i < home->n_truth; i++) put_line(text, home->truth_name[i], &home->truth[i], &shown);
    if (home->n_va_maxima) {
        float most = 0;
        for (size_t i = 0; i < home->n_va_maxima; i++)
            if (home->va_maxima[i].apparent_va > most) most = home->va_maxima[i].apparent_va;
        dcl_text_format(text, "  %zu maxim%s measured by the meter, up to ", home->n_va_maxima,
                        home->n_va_maxima == 1 ? "um" : "a");
        dcl_text_fixed(text, (double)most, 0);
        dcl_text_put(text, " VA\n");
    }
}

static void put_series(dcl_json_writer *json, const char *name, const dcl_series *series) {
    figures f = measure(series);
    dcl_json_begin(json, '{');
    dcl_json_key_string(json, "name", name);
    dcl_json_key_string(json, "unit", dcl_channel_unit(series->channel));
    dcl_json_key_time(json, "from", series->start_us);
    dcl_json_key_time(json, "to", dcl_series_end_us(series));
    dcl_json_key_fixed(json, "period_s", (double)series->period_us * 1e-6, 3);
    dcl_json_key_integer(json, "samples", (int64_t)series->n);
    dcl_json_key_integer(json, "present", (int64_t)f.present);
    dcl_json_key_fixed(json, "mean", f.mean, 3);
    dcl_json_key_fixed(json, "min", f.least, 3);
    dcl_json_key_fixed(json, "max", f.most, 3);
    dcl_json_end(json, '}');
}

static void put_facts(dcl_json_writer *json, const dcl_home *home) {
    dcl_json_key_string(json, "home", home->id);
    dcl_json_key_string(json, "format", home->format);
    dcl_json_key_integer(json, "readings", (int64_t)home->readings);
    dcl_json_key_fixed(json, "reading_s", (double)home->reading_us * 1e-6, 3);
    dcl_json_key_fixed(json, "subscribed_kva", home->subscribed_kva, 1);
    dcl_json_key(json, "notes");
    dcl_json_begin(json, '[');
    for (unsigned i = 0; i < DCL_NOTE_COUNT; i++)
        if (home->notes >> i & 1) dcl_json_string(json, dcl_note_name((dcl_note)i));
    dcl_json_end(json, ']');
    dcl_json_key(json, "excluded");
    dcl_json_begin(json, '{');
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++)
        if (home->excluded[i].count)
            dcl_json_key_integer(json, dcl_exclusion_name((dcl_exclusion)i),
                                 (int64_t)home->excluded[i].count);
    dcl_json_end(json, '}');
}

static void summary_object(dcl_json_writer *json, const dcl_home *home) {
    dcl_json_begin(json, '{');
    put_facts(json, home);
    dcl_json_key(json, "channels");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < home->n_series; i++)
        put_series(json, dcl_channel_name(home->series[i].channel), &home->series[i]);
    dcl_json_end(json, ']');
    dcl_json_key(json, "truth");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < home->n_truth; i++) put_series(json, home->truth_name[i], &home->truth[i]);
    dcl_json_end(json, ']');
    dcl_json_key_integer(json, "va_maxima", (int64_t)home->n_va_maxima);
    dcl_json_end(json, '}');
}

void summary_json(dcl_text *text, const dcl_home *homes, size_t n) {
    dcl_json_writer json = {.text = text};
    if (n == 1) {
        summary_object(&json, homes);
    } else {
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "homes");
        dcl_json_begin(&json, '[');
        for (size_t i = 0; i < n; i++) summary_object(&json, &homes[i]);
        dcl_json_end(&json, ']');
        dcl_json_end(&json, '}');
    }
}
