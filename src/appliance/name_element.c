/* One heating element that comes again: a kettle, a coffee machine. All cycles of its power answer together. */
#include "appliance/name.h"
#include "base/math.h"
#include "base/order.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>

/* A load that is one element: cycles of powers that lie near to each other. */
typedef struct element {
    const size_t *cycle; /* [n] by power */
    size_t n;
} element;

/* What a kind looks like as an element of its own. Powers W, times s, of the middle cycle or of each. */
typedef struct kind_rule {
    dcl_appliance kind;
    float least_w, most_w, shortest_s, longest_s;
    float flat;         /* deviation / mean of the middle cycle at most */
    double in_share;    /* of the element's cycles (15 s and more), those within these bounds at least */
    uint32_t like;      /* others of the same power within 40 min at most, in the middle */
    double odds, share; /* of the identifier's label at least: see opinion */
} kind_rule;

static const kind_rule rules[] = {
    {DCL_APPLIANCE_KETTLE, 1500, 3200, 40, 330, 0.2f, 0.7, 2, 1.5, 0.7},
};
enum { RULES = sizeof rules / sizeof *rules, LEAST = 4, ASKED = 48 };
/* Powers of one element: neighbours differ by NEXT at most, all of them by WIDE. */
static const float NEXT = 0.03f, WIDE = 0.12f;
static const double NEAR_S = 2400, TURNING_S = 600;
enum { TURNING = 6 };

static double seconds(const dcl_cycle *c) {
    return 1e-6 * (double)(c->end_us - c->start_us);
}

/* What of a cycle's surroundings speaks against a load of its own: like cycles, and a drum that turns. */
typedef struct around {
    uint32_t like, turning;
    bool longer;
} around;

static around look_around(const dcl_cycles *cycles, size_t i, double longest_s) {
    const dcl_cycle *c = &cycles->cycle[i], *o = cycles->cycle;
    int64_t near = (int64_t)(NEAR_S * 1e6), turning = (int64_t)(TURNING_S * 1e6);
    around out = {0};
    size_t from = i;
    /* Cycles are in order of start; those that began long before and still run are no pulses. */
    while (from > 0 && o[from - 1].start_us > c->start_us - near - (int64_t)(longest_s * 1e6)) from--;
    for (size_t k = from; k < cycles->n && o[k].start_us < c->end_us + near; k++) {
        if (k == i) continue;
        if (fabsf(o[k].mean_w - c->mean_w) <= 0.08f * c->mean_w && o[k].end_us > c->start_us - near) {
            out.like++;
            out.longer = out.longer || seconds(&o[k]) > 1.3 * longest_s;
        }
        out.turning += o[k].mean_w >= 60 && o[k].mean_w <= 300 && seconds(&o[k]) <= 120 &&
                       o[k].start_us > c->start_us - turning && o[k].start_us < c->end_us + turning;
    }
    return out;
}

/* Cycles by power, for qsort(). */
typedef struct by_power {
    float mean_w;
    size_t cycle;
} by_power;

static int compare(const void *a, const void *b) {
    const by_power *x = a, *y = b;
    if (x->mean_w != y->mean_w) return x->mean_w < y->mean_w ? -1 : 1;
    return (x->cycle > y->cycle) - (x->cycle < y->cycle);
}

/* The work of naming, for one home. */
typedef struct work {
    const dcl_context *context;
    const dcl_name_view *view;
    dcl_cycles *cycles;
    const dcl_identifier *identifier;
    const dcl_name_options *options;
    const bool *fits; /* [cycles->n] of the rule at hand */
    dcl_names *out;
} work;

static uint32_t label_of(const dcl_identifier *identifier, dcl_appliance kind) {
    for (uint32_t k = 0; k < identifier->classes; k++)
        if (dcl_type_kind(identifier->label[k]) == kind) return k;
    return UINT32_MAX;
}

/* What the identifier says of a label over those of an element's cycles that stand alone; all 0 where fewer than LEAST do.
 * odds   against the next label, by the geometric mean
 * share  of them, those of which it is the likeliest: that does not hang on how sure a model is of itself
 * flat   the middle one's deviation / mean */
typedef struct opinion {
    double odds, share;
    float flat;
} opinion;

static dcl_status ask(const work *w, const element *e, uint32_t label, opinion *out, dcl_error *error) {
    double sum[DCL_SVM_CLASSES] = {0}, p[DCL_SVM_CLASSES];
    float signature[DCL_RUN_COUNT], spread[ASKED];
    size_t asked = 0, likeliest = 0, each = e->n / ASKED + 1;
    dcl_answer answer;
    *out = (opinion){0};
    for (size_t k = 0; k < e->n && asked < ASKED; k += each) {
        if (!w->fits[e->cycle[k]] || !dcl_name_signature(w->view, e->cycle[k], signature)) continue;
        dcl_status status =
            dcl_identify(w->context->kernels, w->identifier, DCL_SIGNATURE_RUN, signature, p, &answer, error);
        if (status) return status;
        if (!answer.view) continue;
        for (uint32_t c = 0; c < w->identifier->classes; c++) sum[c] += dcl_log(fmax(p[c], 1e-6));
        likeliest += answer.likeliest == label;
        spread[asked++] = signature[DCL_RUN_SPREAD];
    }
    if (asked < LEAST) return DCL_OK;
    double next = -INFINITY;
    for (uint32_t c = 0; c < w->identifier->classes; c++) next = c != label ? fmax(next, sum[c]) : next;
    out->odds = dcl_exp((sum[label] - next) / (double)asked);
    out->share = (double)likeliest / (double)asked;
    dcl_sort_f32(spread, asked);
    out->flat = spread[asked / 2];
    return DCL_OK;
}

/* How much the lengths of those that fit differ: (90 % - 10 %) / middle. Water is never the same amount; a timer is. */
static double variety(const work *w, const element *e, float *length) {
    size_t n = 0;
    for (size_t k = 0; k < e->n; k++)
        if (w->fits[e->cycle[k]]) length[n++] = (float)seconds(&w->cycles->cycle[e->cycle[k]]);
    dcl_sort_f32(length, n);
    return n ? (double)(length[n * 9 / 10] - length[n / 10]) / (double)length[n / 2] : 0;
}

static bool on_two_days(const work *w, const element *e) {
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t k = 0; k < e->n; k++) {
        int64_t start = w->cycles->cycle[e->cycle[k]].start_us;
        if (!w->fits[e->cycle[k]]) continue;
        first = start < first ? start : first;
        last = start > last ? start : last;
    }
    return last - first >= DCL_DAY_US / 2;
}

/* Names an element's cycles where it is of the rule's kind. length [e->n] is scratch. */
static dcl_status name_element(const work *w, const kind_rule *rule, uint32_t label, const element *e,
                               float *length, dcl_error *error) {
    size_t fit = 0;
    for (size_t k = 0; k < e->n; k++) fit += w->fits[e->cycle[k]];
    if (fit < LEAST || (double)fit < rule->in_share * (double)e->n || !on_two_days(w, e) ||
        variety(w, e, length) < 0.15)
        return DCL_OK;
    opinion said;
    dcl_status status = ask(w, e, label, &said, error);
    double sure = fmin(fmin(said.odds / (1 + said.odds), said.share), 0.9);
    if (status || said.odds < rule->odds || said.share < rule->share || said.flat > rule->flat ||
        sure < w->options->least)
        return status;
    for (size_t k = 0; k < e->n; k++)
        if (w->fits[e->cycle[k]]) dcl_name_give(&w->cycles->cycle[e->cycle[k]], rule->kind, sure, w->out);
    return DCL_OK;
}

static bool fits_rule(const work *w, const kind_rule *rule, size_t i) {
    const dcl_cycle *c = &w->cycles->cycle[i];
    double length = seconds(c);
    if (length < (double)rule->shortest_s || length > (double)rule->longest_s || c->flags & DCL_CYCLE_PULSING)
        return false;
    around near = look_around(w->cycles, i, (double)rule->longest_s);
    return near.like <= rule->like && !near.longer && near.turning <= TURNING;
}

/* All elements of the rule's powers. */
static dcl_status name_kind(work *w, const kind_rule *rule, by_power *order, size_t *members, float *length,
                            bool *fits, const uint32_t *member, dcl_error *error) {
    uint32_t label = label_of(w->identifier, rule->kind);
    size_t n = 0;
    for (size_t i = 0; i < w->cycles->n; i++) {
        const dcl_cycle *c = &w->cycles->cycle[i];
        fits[i] = false;
        if (c->appliance || member[i] || c->flags & (DCL_CYCLE_CUT | DCL_CYCLE_APPARENT) ||
            c->mean_w < rule->least_w || c->mean_w > rule->most_w || seconds(c) < 15)
            continue;
        fits[i] = fits_rule(w, rule, i);
        order[n++] = (by_power){c->mean_w, i};
    }
    if (label == UINT32_MAX || n < LEAST) return DCL_OK;
    qsort(order, n, sizeof *order, compare);
    for (size_t k = 0; k < n; k++) members[k] = order[k].cycle;
    dcl_status status = DCL_OK;
    for (size_t first = 0, k = 1; k <= n && !status; k++) {
        if (k < n && order[k].mean_w <= (1 + NEXT) * order[k - 1].mean_w &&
            order[k].mean_w <= (1 + WIDE) * order[first].mean_w)
            continue;
        element e = {members + first, k - first};
        status = name_element(w, rule, label, &e, length, error);
        first = k;
    }
    return status;
}

dcl_status dcl_name_elements(const dcl_context *context, const dcl_name_view *view, dcl_cycles *cycles,
                             const dcl_identifier *identifier, const dcl_name_options *options,
                             const uint32_t *member, dcl_arena *arena, dcl_names *out, dcl_error *error) {
    by_power *order = dcl_arena_alloc(arena, cycles->n, sizeof *order);
    size_t *members = dcl_arena_alloc(arena, cycles->n, sizeof *members);
    float *length = dcl_arena_alloc(arena, cycles->n, sizeof *length);
    bool *fits = dcl_arena_alloc(arena, cycles->n, sizeof *fits);
    if (!order || !members || !length || !fits) return dcl_fail_memory(error, "cycles of like power");
    work w = {context, view, cycles, identifier, options, fits, out};
    dcl_status status = DCL_OK;
    for (size_t r = 0; r < RULES && !status; r++)
        status = name_kind(&w, &rules[r], order, members, length, fits, member, error);
    return status;
}
