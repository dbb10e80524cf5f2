/* Loads that a person named: what their cycles look like, and later cycles that look so. */
#include "appliance/name.h"
#include "base/order.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is seen is widened by this share of itself on both sides, and at least by so many W or this share of the middle. */
static const float WIDER = 0.25f, LEAST_W = 8, LEAST_SHARE = 0.03f;
/* A length's bounds, as a factor: what lies beyond the usual quarter is still the same load. */
static const float LONGER = 1.25f;
static const double NAME_LEAST = 0.5, ODD_HOUR = 0.5;
enum { HOURS_KNOWN = 20 };

/* ---------------------------------------------------------------- a name */

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80 || (c && strchr(" -_.'", c));
}

dcl_status dcl_load_name_parse(const char *text, uint32_t *number, char name[DCL_LABEL_ROOM],
                               dcl_error *error) {
    static const char word[] = "unknown ";
    size_t n = strlen(word);
    char *end = NULL, label[DCL_LABEL_ROOM];
    unsigned long value =
        strncmp(text, word, n) == 0 && text[n] >= '1' && text[n] <= '9' ? strtoul(text + n, &end, 10) : 0;
    if (!value || value > 9999 || *end != '=')
        return dcl_fail(error, DCL_E_ARG, "'%.60s': expected 'unknown 3=kettle'", text);
    const char *given = end + 1;
    size_t length = strlen(given);
    bool good = length >= 1 && length < DCL_LABEL_ROOM && given[0] != ' ' && given[length - 1] != ' ';
    for (size_t i = 0; good && i < length; i++) good = is_name_byte(given[i]);
    if (!good || strncmp(given, "unknown", 7) == 0)
        return dcl_fail(error, DCL_E_ARG,
                        "'%.60s': a name has 1 to %d bytes, letters, digits, spaces and -_.', and is not "
                        "'unknown'",
                        given, DCL_LABEL_ROOM - 1);
    *number = (uint32_t)value;
    memcpy(name, given, length + 1);
    dcl_appliance kind = dcl_type_label(given, label) ? dcl_type_kind(label) : DCL_APPLIANCE_UNKNOWN;
    if (kind) snprintf(name, DCL_LABEL_ROOM, "%s", dcl_appliance_name(kind));
    return DCL_OK;
}

/* ---------------------------------------------------------------- learning */

/* The middle nine tenths of v [n] (reordered), widened. */
static void range_w(float *v, size_t n, float out[2]) {
    dcl_sort_f32(v, n);
    float low = v[n / 20], high = v[n - 1 - n / 20];
    float more = fmaxf(fmaxf(WIDER * (high - low), LEAST_W), LEAST_SHARE * v[n / 2]);
    out[0] = fmaxf(low - more, 0);
    out[1] = high + more;
}

static void range_s(float *v, size_t n, float period_s, float out[2]) {
    dcl_sort_f32(v, n);
    out[0] = fmaxf(v[n / 20] / LONGER - period_s, 0);
    out[1] = v[n - 1 - n / 20] * LONGER + period_s;
}

static void range_factor(float *v, size_t n, float out[2]) {
    out[0] = out[1] = NAN;
    if (!n) return;
    dcl_sort_f32(v, n);
    out[0] = fmaxf(v[n / 20] - 0.05f, 0);
    out[1] = fminf(v[n - 1 - n / 20] + 0.05f, 1);
}

static bool whole(const dcl_cycle *c) {
    return !(c->flags & DCL_CYCLE_CUT) && isfinite(c->on_w) && isfinite(c->off_w);
}

static float length_s(const dcl_cycle *c) {
    return (float)(1e-6 * (double)(c->end_us - c->start_us));
}

static bool within(float value, const float range[2]) {
    return isnan(range[0]) || isnan(value) || (value >= range[0] && value <= range[1]);
}

static bool looks_like(const dcl_known_load *load, const dcl_cycle *c) {
    return whole(c) && within(c->on_w, load->on_w) && within(c->off_w, load->off_w) &&
           within(length_s(c), load->on_s) && within(c->power_factor, load->power_factor);
}

static bool never_starts(const dcl_known_load *load, int hour) {
    return load->count >= HOURS_KNOWN && !load->start_hour[hour] && !load->start_hour[(hour + 1) % 24] &&
           !load->start_hour[(hour + 23) % 24];
}

static int hour_of(const dcl_context *context, int64_t time_us) {
    if (context->zone) return dcl_zone_civil(context->zone, time_us).hour;
    int64_t in_day = time_us % DCL_DAY_US;
    return (int)((in_day < 0 ? in_day + DCL_DAY_US : in_day) / DCL_HOUR_US);
}

/* Ranges over the group's cycles. value [4][n] is scratch. False where none was seen whole. */
static bool describe(const dcl_context *context, const dcl_cycles *cycles, size_t group, float period_s,
                     float *value, dcl_known_load *load) {
    size_t n = 0, factors = 0;
    float *on = value, *off = on + cycles->n, *length = off + cycles->n, *factor = length + cycles->n;
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        if (c->group != group || !whole(c)) continue;
        on[n] = c->on_w, off[n] = c->off_w, length[n] = length_s(c);
        if (!isnan(c->power_factor)) factor[factors++] = c->power_factor;
        load->start_hour[hour_of(context, c->start_us)]++;
        n++;
    }
    if (!n) return false;
    range_w(on, n, load->on_w);
    range_w(off, n, load->off_w);
    range_s(length, n, period_s, load->on_s);
    range_factor(factor, 2 * factors >= n ? factors : 0, load->power_factor);
    load->count = (uint32_t)n;
    return true;
}

dcl_status dcl_loads_learn(const dcl_context *context, const dcl_cycles *cycles, const dcl_unknown *unknown,
                           const char *name, dcl_loads *loads, dcl_error *error) {
    for (size_t k = 0; k < loads->n; k++)
        if (strcmp(loads->load[k].name, name) == 0)
            return dcl_fail(error, DCL_E_ARG, "two loads are called '%s'", name);
    if (loads->n == DCL_LOADS_MOST)
        return dcl_fail(error, DCL_E_ARG, "at most %d loads can have a name", DCL_LOADS_MOST);
    dcl_known_load load = {.count = 0};
    snprintf(load.name, sizeof load.name, "%s", name);
    float *value = malloc((4 * cycles->n + 1) * sizeof *value);
    if (!value) return dcl_fail_memory(error, "a load's cycles");
    size_t group = unknown->recurrence + 1, like = 0, own = 0;
    bool seen = describe(context, cycles, group, (float)(1e-6 * (double)loads->period_us), value, &load);
    free(value);
    if (!seen)
        return dcl_fail(error, DCL_E_ARG, "unknown %u was never seen whole", (unsigned)unknown->number);
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *c = &cycles->cycle[i];
        if (!looks_like(&load, c)) continue;
        like++;
        own += c->group == group;
    }
    load.sure = (float)((double)(own + 1) / (double)(like + 2));
    loads->load[loads->n++] = load;
    return DCL_OK;
}

/* ---------------------------------------------------------------- naming */

/* How far a value lies from the middle of its range, in halves of it. */
static double off_middle(float value, const float range[2]) {
    double half = ((double)range[1] - (double)range[0]) / 2;
    return half > 0 ? fabs((double)value - ((double)range[0] + half)) / half : 0;
}

static const dcl_known_load *nearest(const dcl_loads *loads, const dcl_cycle *c) {
    const dcl_known_load *best = NULL;
    double least = INFINITY;
    for (size_t k = 0; k < loads->n; k++) {
        const dcl_known_load *load = &loads->load[k];
        if (!looks_like(load, c)) continue;
        double away = off_middle(c->on_w, load->on_w) + off_middle(c->off_w, load->off_w) +
                      off_middle(length_s(c), load->on_s);
        if (away < least) least = away, best = load;
    }
    return best;
}

/* A name becomes the cycle's kind where it is one, else it is kept beside. */
static void give(dcl_cycle *cycle, const char *name, double sure, const char **own) {
    dcl_appliance kind = dcl_type_kind(name);
    if (kind)
        cycle->appliance = kind;
    else
        *own = name;
    cycle->confidence = fminf(cycle->confidence, (float)sure);
}

dcl_status dcl_loads_name(const dcl_context *context, const dcl_loads *loads, int64_t period_us,
                          dcl_cycles *cycles, const char **own, dcl_error *error) {
    if (period_us != loads->period_us)
        return dcl_fail(error, DCL_E_ARG,
                        "the model knows loads by readings every %g s; these come every %g s",
                        1e-6 * (double)loads->period_us, 1e-6 * (double)period_us);
    for (size_t i = 0; i < cycles->n; i++) {
        dcl_cycle *c = &cycles->cycle[i];
        if (((c->flags & DCL_CYCLE_APPARENT) != 0) != loads->apparent)
            return dcl_fail(error, DCL_E_ARG, "the model knows loads by %s power; this home has %s power",
                            loads->apparent ? "apparent" : "active", loads->apparent ? "active" : "apparent");
        if (c->appliance || own[i]) continue;
        const dcl_known_load *load = nearest(loads, c);
        if (!load) continue;
        double sure = (double)load->sure * (never_starts(load, hour_of(context, c->start_us)) ? ODD_HOUR : 1);
        if (sure >= NAME_LEAST) give(c, load->name, sure, &own[i]);
    }
    return DCL_OK;
}

/* What a channel gives to a cycle above its minute before, as a share of the cycle's power. */
static double share_of(const dcl_power_estimate *e, const dcl_power_channel *channel, const dcl_cycle *c) {
    int64_t first = (c->start_us - e->start_us) / e->period_us,
            last = (c->end_us - e->start_us) / e->period_us;
    int64_t lead = DCL_MINUTE_US / e->period_us + 1, n_in = 0, n_before = 0;
    double in = 0, before = 0;
    for (int64_t i = first - lead; i < last; i++) {
        if (i < 0 || i >= (int64_t)e->n || channel->level[i] == DCL_MISSING_I32) continue;
        *(i < first ? &before : &in) += channel->level[i] / 10.0;
        *(i < first ? &n_before : &n_in) += 1;
    }
    if (!n_in || !(c->mean_w > 0)) return 0;
    double rise = in / (double)n_in - (n_before ? before / (double)n_before : 0);
    return fmin(fmax(rise / (double)c->mean_w, 0), 1);
}

void dcl_power_name(const dcl_power_estimate *estimate, dcl_cycles *cycles, const char **own) {
    for (size_t i = 0; i < cycles->n; i++) {
        dcl_cycle *c = &cycles->cycle[i];
        const dcl_power_channel *best = NULL;
        double most = 0;
        if (c->appliance || own[i]) continue;
        for (size_t k = 0; k < estimate->n_channels; k++) {
            double share = share_of(estimate, &estimate->channel[k], c);
            if (share > most) most = share, best = &estimate->channel[k];
        }
        double sure = best ? most * (isnan(best->confidence) ? 0.7 : best->confidence) : 0;
        if (sure >= NAME_LEAST) give(c, best->name, sure, &own[i]);
    }
}
