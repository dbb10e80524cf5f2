/*
 * Which appliance was it, in the mains of a home: bench/quality names [DATA [all]]. bench/names.md says what is measured. Wrong
 * names are listed, those of compressors with `all` alone.
 *
 * Rules and bounds were chosen on the sets marked so; the others judge. Traces of single devices (tracebase) are guests in a
 * home that has none of their kind: a quarter of the devices at a time, named by an identifier that the others taught.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/appliance.h>
#include <declic/appliance_names.h>
#include <declic/kernel.h>
#include <declic/town.h>

#include "quality_traces.h"

#define KIND(name) (1u << DCL_APPLIANCE_##name)
enum { PARTS = DCL_APPLIANCE_COUNT + 2, WRONG_SHOWN = 400 };

/* A part of a home, and the kinds that it may be called. floor: below it the part is off, W. */
typedef struct part {
    const char *name;
    uint32_t kinds;
    const dcl_series *series;
} part;

/* A home to judge by. known: kinds whose every appliance is a part, so that a name on anything else is wrong. */
typedef struct place {
    const char *set;
    bool chosen;
    const dcl_home *home;
    part part[PARTS];
    size_t parts;
    uint32_t known;
} place;

typedef struct tally {
    size_t named, right, wrong, open;
    double right_wh, wrong_wh, truth_wh;
} tally;

enum { OURS, PLAIN, WAYS };
static tally table[2][WAYS][DCL_APPLIANCE_COUNT];
static size_t looked[2], alone[2];
static bool show_wrong;

/* ---------------------------------------------------------------- truth */

/* How much more a part draws from start to end than just before and after, W. */
static double rise_of(const dcl_series *s, int64_t start_us, int64_t end_us) {
    int64_t around = 30 * DCL_SECOND_US / s->period_us + 3, from = (start_us - s->start_us) / s->period_us,
            to = (end_us - s->start_us) / s->period_us;
    double in = 0, out = 0;
    int n_in = 0, n_out = 0;
    for (int64_t i = from - around; i < to + around; i++) {
        if (i < 0 || i >= (int64_t)s->n || isnan(s->value[i]) || i == from - 1 || i == to) continue;
        bool inside = i >= from && i < to;
        *(inside ? &in : &out) += (double)s->value[i];
        *(inside ? &n_in : &n_out) += 1;
    }
    return (n_in ? in / n_in : 0) - (n_out ? out / n_out : 0);
}

/* The part that a cycle is of: the one that rose most, by half of the cycle's power at least; one that may be called `kind` goes
 * first, where something larger came on meanwhile. */
static const part *part_of(const place *p, const dcl_cycle *c, dcl_appliance kind) {
    const part *best = NULL;
    double least = 0.5 * (double)c->mean_w, most = least;
    for (size_t i = 0; i < p->parts; i++) {
        double rise = rise_of(p->part[i].series, c->start_us, c->end_us);
        if (rise > least && p->part[i].kinds & 1u << kind) return &p->part[i];
        if (rise > most) most = rise, best = &p->part[i];
    }
    return best;
}

/* The part that drew most over a programme, above its own level before, by half of the programme's energy at least; one that may be
 * called as the programme is goes first, whatever else was on meanwhile. */
static const part *part_of_programme(const place *p, const dcl_programme *programme, dcl_appliance kind) {
    const part *best = NULL;
    double most = 0.5 * programme->energy_wh,
           hours = 1e-6 / 3600 * (double)(programme->end_us - programme->start_us);
    for (size_t i = 0; i < p->parts; i++) {
        double wh = hours * rise_of(p->part[i].series, programme->start_us, programme->end_us);
        if (wh > 0.5 * programme->energy_wh && p->part[i].kinds & 1u << kind) return &p->part[i];
        if (wh > most) most = wh, best = &p->part[i];
    }
    return best;
}

/* One name, a cycle's or a programme's: what it was given to. */
typedef struct given {
    dcl_appliance kind;
    int64_t start_us, end_us;
    double wh, mean_w, confidence;
} given;

static void count(const place *p, int way, const given *g, const part *of) {
    dcl_appliance kind = g->kind;
    tally *t = &table[p->chosen][way][kind];
    double wh = fmax(g->wh, 0);
    bool right = of && of->kinds & 1u << kind, wrong = !right && (of || p->known & 1u << kind);
    t->named++;
    t->right += right, t->right_wh += right ? wh : 0;
    t->wrong += wrong, t->wrong_wh += wrong ? wh : 0;
    t->open += !right && !wrong;
    if (right || way != OURS || (kind == DCL_APPLIANCE_COLD && !show_wrong)) return;
    char start[32];
    dcl_time_format(g->start_us, start);
    printf("    %-5s %s %s, %s: %.0f W, %.0f Wh, %.0f s, confidence %.2f; was %s\n", wrong ? "wrong" : "open",
           start, p->set, dcl_appliance_name(kind), g->mean_w, g->wh,
           1e-6 * (double)(g->end_us - g->start_us), g->confidence, of ? of->name : "no part");
}

/* Energy of the parts that are of one kind alone, above 5 W. */
static void count_truth(const place *p) {
    for (size_t i = 0; i < p->parts; i++) {
        uint32_t kinds = p->part[i].kinds;
        const dcl_series *s = p->part[i].series;
        if (kinds & KIND(COLD)) kinds = KIND(COLD);
        if (!kinds || kinds & (kinds - 1)) continue;
        double wh = 0;
        for (size_t k = 0; k < s->n; k++) wh += s->value[k] > 5 ? (double)s->value[k] : 0;
        for (int kind = 0; kind < DCL_APPLIANCE_COUNT; kind++)
            if (kinds >> kind & 1) table[p->chosen][OURS][kind].truth_wh += wh * (double)s->period_us / 3.6e9;
    }
}

/* A guest is there for a week alone, too short for the rhythm rules of the uses: fold >= 0 leaves them out. */
static void judge(const dcl_context *context, const place *p, const dcl_identifier *identifier,
                  const quality_traces *traces, int fold) {
    dcl_arena arena = {0};
    dcl_error error = {0};
    dcl_cycles cycles;
    dcl_names names;
    dcl_cycle_options how = dcl_cycle_defaults();
    dcl_name_options options = dcl_name_defaults();
    dcl_use_options use_options = dcl_use_defaults();
    dcl_uses uses;
    if (dcl_cycles_find(context, p->home, &how, NULL, &arena, &cycles, &error) ||
        dcl_cycles_name(context, p->home, &cycles, identifier, &options, &arena, &names, &error) ||
        (fold < 0 && dcl_uses_find(context, p->home, &cycles, &use_options, &arena, &uses, &error)))
        quality_die(p->set, &error);
    looked[p->chosen] += names.looked;
    alone[p->chosen] += names.alone;
    for (size_t i = 0; i < cycles.n; i++) {
        const dcl_cycle *c = &cycles.cycle[i];
        given g = {c->appliance, c->start_us,       c->end_us,
                   c->energy_wh, (double)c->mean_w, (double)c->confidence};
        if (g.kind && !names.member[i]) count(p, OURS, &g, part_of(p, c, g.kind));
        g.kind = quality_traces_nearest(traces, fold, c);
        if (g.kind == DCL_APPLIANCE_FRIDGE || g.kind == DCL_APPLIANCE_FREEZER) g.kind = DCL_APPLIANCE_COLD;
        if (g.kind) count(p, PLAIN, &g, part_of(p, c, g.kind));
    }
    for (size_t k = 0; k < names.n_programmes; k++) {
        const dcl_named_programme *named = &names.programme[k];
        const dcl_programme *q = &named->programme;
        given g = {named->appliance, q->start_us,       q->end_us,
                   q->energy_wh,     (double)q->heat_w, named->confidence};
        count(p, OURS, &g, part_of_programme(p, q, named->appliance));
    }
    count_truth(p);
    dcl_arena_free(&arena);
}

/* ---------------------------------------------------------------- homes */

static dcl_status read_home(const dcl_context *context, const char *path, const dcl_read_options *how,
                            dcl_arena *arena, dcl_home *home) {
    dcl_error error = {0};
    dcl_status status = dcl_home_read(context, path, how, arena, home, &error);
    if (status == DCL_E_NOT_FOUND) fprintf(stderr, "skipped: no %s\n", path);
    if (status && status != DCL_E_NOT_FOUND) quality_die(path, &error);
    return status;
}

static void add_part(place *p, const char *name, uint32_t kinds) {
    for (size_t t = 0; t < p->home->n_truth; t++)
        if (strstr(p->home->truth_name[t], name))
            p->part[p->parts++] = (part){name, kinds, &p->home->truth[t]};
}

/* What the plugs of a house of ECO are. Plug 2 of house 4 has a coffee machine, a bread machine and a toaster. */
typedef struct eco_span {
    const char *set, *file, *only, *without;
    int period_s;
    bool chosen;
    int year, month, day, days;
} eco_span;

static const uint32_t house1[] = {KIND(FRIDGE) | KIND(COLD), KIND(DRYER), KIND(COFFEE_MACHINE), KIND(KETTLE)};
static const uint32_t house4[] = {KIND(FRIDGE) | KIND(COLD),
                                  KIND(COFFEE_MACHINE),
                                  KIND(LIGHTS),
                                  KIND(COMPUTER) | KIND(STANDBY),
                                  KIND(FREEZER) | KIND(COLD),
                                  0,
                                  KIND(TELEVISION),
                                  KIND(MICROWAVE)};

static bool read_eco(const dcl_context *context, const char *data, const eco_span *span, dcl_arena *arena,
                     dcl_home *home, place *p) {
    char path[1024], name[16];
    dcl_read_options how = dcl_read_defaults();
    snprintf(path, sizeof path, "%s/eco/%s", data, span->file);
    how.period_us = span->period_s * DCL_SECOND_US;
    how.only = span->only;
    how.without = span->without;
    int64_t day = dcl_days_from_date(span->year, span->month, span->day);
    how.from_us = dcl_zone_day_start(context->zone, day);
    how.to_us = dcl_zone_day_start(context->zone, day + span->days);
    if (read_home(context, path, &how, arena, home)) return false;
    bool is4 = strstr(span->file, "house4") != NULL;
    const uint32_t *kinds = is4 ? house4 : house1;
    *p = (place){.set = span->set, .chosen = span->chosen, .home = home, .known = UINT32_MAX};
    for (int plug = 1; plug <= (is4 ? 8 : 4); plug++) {
        snprintf(name, sizeof name, "plug_%02d", plug);
        for (size_t t = 0; t < home->n_truth; t++)
            if (strcmp(home->truth_name[t], name) == 0)
                p->part[p->parts++] = (part){home->truth_name[t], kinds[plug - 1], &home->truth[t]};
    }
    return true;
}

static void run_eco(const dcl_context *base, const char *data, const eco_span *span,
                    const dcl_identifier *identifier, const quality_traces *traces) {
    dcl_context context = *base;
    dcl_zone *zone = NULL;
    if (dcl_zone_open("Europe/Zurich", &zone, NULL)) abort();
    context.zone = zone;
    dcl_arena arena = {0};
    dcl_home home;
    place p;
    if (read_eco(&context, data, span, &arena, &home, &p)) judge(&context, &p, identifier, traces, -1);
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

static void run_minutes(const dcl_context *base, const char *data, const char *file, const char *zone_name,
                        place p, const char *const *name, const uint32_t *kinds, size_t n,
                        const dcl_identifier *identifier, const quality_traces *traces) {
    char path[1024];
    dcl_context context = *base;
    dcl_zone *zone = NULL;
    if (dcl_zone_open(zone_name, &zone, NULL)) abort();
    context.zone = zone;
    dcl_arena arena = {0};
    dcl_home home;
    dcl_read_options how = dcl_read_defaults();
    snprintf(path, sizeof path, "%s/%s", data, file);
    if (read_home(&context, path, &how, &arena, &home) == DCL_OK) {
        p.home = &home;
        for (size_t i = 0; i < n; i++) add_part(&p, name[i], kinds[i]);
        judge(&context, &p, identifier, traces, -1);
    }
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

static bool is_cold(int kind) {
    return kind == DCL_APPLIANCE_FRIDGE || kind == DCL_APPLIANCE_FREEZER;
}

static void run_town(const dcl_context *base, uint64_t seed, uint32_t homes, int days, bool chosen,
                     const dcl_identifier *identifier, const quality_traces *traces) {
    dcl_context context = *base;
    context.seed = seed;
    for (uint32_t k = 0; k < homes; k++) {
        dcl_arena arena = {0};
        dcl_home home;
        dcl_error error = {0};
        dcl_town_options options = dcl_town_defaults();
        options.home = k;
        options.days = days;
        if (dcl_town_home(&context, &options, &arena, &home, NULL, &error)) quality_die("town", &error);
        place p = {.set = "simulated", .chosen = chosen, .home = &home, .known = UINT32_MAX};
        for (size_t t = 0; t < home.n_truth; t++)
            for (int kind = 1; kind < DCL_APPLIANCE_COUNT; kind++)
                if (strcmp(home.truth_name[t], dcl_appliance_name((dcl_appliance)kind)) == 0)
                    p.part[p.parts++] = (part){home.truth_name[t],
                                               1u << kind | (is_cold(kind) ? KIND(COLD) : 0), &home.truth[t]};
        judge(&context, &p, identifier, traces, -1);
        dcl_arena_free(&arena);
    }
}

/* Each device in turn is a guest of house 4, a day of its own a day, named by what the devices of other folds taught. */
static void run_guests(const dcl_context *base, const char *data, const quality_traces *traces) {
    static const eco_span span = {"guests", "house4.tar.xz", NULL, "06", 1, true, 2012, 7, 1, 7};
    dcl_context context = *base;
    dcl_zone *zone = NULL;
    if (dcl_zone_open("Europe/Zurich", &zone, NULL)) abort();
    context.zone = zone;
    dcl_arena arena = {0};
    dcl_home home;
    place p;
    if (read_eco(&context, data, &span, &arena, &home, &p)) {
        const dcl_series *old = dcl_home_series(&home, DCL_POWER_W);
        dcl_series *mains = malloc(home.n_series * sizeof *mains), guest = *old;
        float *sum = malloc(old->n * sizeof *sum);
        guest.value = malloc(old->n * sizeof *guest.value);
        if (!mains || !sum || !guest.value) quality_die("guests", NULL);
        mains[0] = *old;
        mains[0].value = sum;
        home.series = mains;
        home.n_series = 1;
        size_t own = p.parts;
        for (int fold = 0; fold < QUALITY_FOLDS; fold++) {
            dcl_arena scratch = {0};
            dcl_identifier identifier;
            quality_traces_learn(&context, traces, fold, &scratch, &identifier);
            for (size_t d = 0; d < traces->n; d++) {
                if (traces->device[d].fold != fold || !quality_traces_place(traces, d, context.zone, &guest))
                    continue;
                for (size_t i = 0; i < old->n; i++) sum[i] = old->value[i] + guest.value[i];
                p.set = traces->device[d].id;
                p.parts = own;
                dcl_appliance kind = traces->device[d].kind;
                bool cold = kind == DCL_APPLIANCE_FRIDGE || kind == DCL_APPLIANCE_FREEZER;
                p.part[p.parts++] = (part){"guest", kind ? 1u << kind | (cold ? KIND(COLD) : 0) : 0, &guest};
                judge(&context, &p, &identifier, traces, fold);
            }
            dcl_arena_free(&scratch);
        }
        free(mains), free(sum), free(guest.value);
    }
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
}

/* ---------------------------------------------------------------- output */

static void print_half(bool chosen) {
    printf("%s: %zu cycles, %zu of them alone in the mains\n", chosen ? "chosen on" : "judged on",
           looked[chosen], alone[chosen]);
    printf("  %-16s %6s %6s %6s %6s   %9s %9s   %6s   %s\n", "kind", "named", "right", "wrong", "open",
           "precision", "by energy", "recall", "plain rule: precision, by energy, of so many");
    for (int k = 1; k < DCL_APPLIANCE_COUNT; k++) {
        const tally *t = &table[chosen][OURS][k], *b = &table[chosen][PLAIN][k];
        if (!t->named) continue;
        printf("  %-16s %6zu %6zu %6zu %6zu   %9.3f %9.3f   %6.2f", dcl_appliance_name((dcl_appliance)k),
               t->named, t->right, t->wrong, t->open, (double)t->right / (double)(t->right + t->wrong),
               t->right_wh / (t->right_wh + t->wrong_wh), t->right_wh / t->truth_wh);
        size_t plain = b->right + b->wrong;
        if (!plain)
            printf("   -\n"); /* it names none so */
        else
            printf("   %.3f %.3f %zu\n", (double)b->right / (double)plain,
                   b->right_wh / (b->right_wh + b->wrong_wh), plain);
    }
}

int main(int argc, char **argv) {
    const char *data = argc > 2 ? argv[2] : DECLIC_DATA;
    show_wrong = argc > 3;
    dcl_error error = {0};
    dcl_kernels kernels;
    dcl_zone *zone = NULL;
    dcl_arena arena = {0};
    quality_traces traces = {0};
    if (dcl_kernels_select(NULL, &kernels, &error) || dcl_zone_open("Europe/Paris", &zone, &error))
        quality_die("a zone", &error);
    dcl_context context = {.kernels = &kernels, .threads = 2, .seed = 1, .zone = zone};
    if (!quality_traces_read(&context, data, &traces)) {
        fprintf(stderr, "skipped: no ../shared/data\n");
        return 77;
    }
    dcl_identifier identifier;
    if (dcl_identifier_shipped(&arena, &identifier, &error)) quality_die("the model that ships", &error);
    static const eco_span spans[] = {
        {"house 1", "house1.tar.xz", "01,02,04", NULL, 1, true, 2012, 6, 1, 36},
        {"house 1", "house1.tar.xz", "01,02,04", NULL, 10, true, 2012, 6, 1, 36},
        {"house 1", "house1.tar.xz", "01,02,03", NULL, 1, false, 2012, 9, 20, 120},
        {"house 4", "house4.tar.xz", NULL, "06", 1, false, 2012, 8, 1, 70},
        {"house 4", "house4.tar.xz", NULL, "06", 10, false, 2012, 8, 1, 70},
        {"house 4", "house4.tar.xz", NULL, "06", 1, false, 2012, 10, 10, 100},
    };
    for (size_t s = 0; s < sizeof spans / sizeof *spans; s++)
        run_eco(&context, data, &spans[s], &identifier, &traces);
    static const char *const ampds[] = {"dishwasher", "fridge", "basement", "heatpump"};
    static const uint32_t ampds_kinds[] = {KIND(DISHWASHER), KIND(FRIDGE) | KIND(COLD), 0, KIND(HEAT_PUMP)};
    place minutes = {.set = "AMPds2", .known = KIND(DISHWASHER) | KIND(FRIDGE) | KIND(HEAT_PUMP)};
    run_minutes(&context, data, "ampds2/ampds2_2013-11-21_27_1min.csv", "America/Vancouver", minutes, ampds,
                ampds_kinds, 4, &identifier, &traces);
    static const char *const uci[] = {"kitchen", "laundry", "heater"};
    static const uint32_t uci_kinds[] = {KIND(DISHWASHER) | KIND(OVEN) | KIND(MICROWAVE),
                                         KIND(WASHING_MACHINE) | KIND(DRYER) | KIND(FRIDGE) | KIND(COLD) |
                                             KIND(LIGHTS),
                                         KIND(WATER_HEATER) | KIND(AIR_CONDITIONER)};
    minutes = (place){.set = "UCI", .known = uci_kinds[0] | uci_kinds[1] | uci_kinds[2]};
    run_minutes(&context, data, "uci/household_power_consumption_minutes.txt", "Europe/Paris", minutes, uci,
                uci_kinds, 3, &identifier, &traces);
    run_town(&context, 1, 4, 14, true, &identifier, &traces);
    run_town(&context, 2, 6, 14, false, &identifier, &traces);
    run_guests(&context, data, &traces);
    print_half(true);
    print_half(false);
    quality_traces_free(&traces);
    dcl_arena_free(&arena);
    dcl_zone_close(&zone);
    return 0;
}
