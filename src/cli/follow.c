/*
 * Steps and cycles of a stream, printed as they become sure.
 *
 * A step is printed when the detector gives it, some seconds after it happened. Cycles are looked for again every quarter of
 * an hour among the last hours, as many as the longest cycle lasts and some more; one is printed once it ended a quarter of
 * an hour ago, because what overlaps its end shares its energy and has to be known. Memory is that of those hours.
 */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/cli.h"
#include "cli/events.h"

enum { CHANNELS = 3, SLOTS_MAX = 1 << 20 };
#define LATE_US (15 * DCL_MINUTE_US)
/* Beyond the longest cycle: what a cycle that is as long needs to be seen from its start. */
#define MARGIN_US (2 * DCL_HOUR_US)

typedef struct follower {
    session *cli;
    dcl_edge_options options;
    dcl_edge_state state;
    bool begun;
    dcl_text text;
} follower;

static int finish(follower *f, dcl_status status) {
    dcl_text_free(&f->text);
    if (status == DCL_E_UNSUPPORTED && !f->begun) return -1;
    return status ? session_fail(f->cli, status) : CLI_DONE;
}

/* Starts the detector on a new grid. */
static dcl_status begin(follower *f, const dcl_live_event *event, dcl_error *error) {
    f->begun = true;
    dcl_status status =
        dcl_edge_begin(&f->state, &f->options, event->time_us, event->period_us, event->apparent_leads);
    return status ? dcl_fail(error, status, "an option of step detection is outside its range") : DCL_OK;
}

static size_t push(follower *f, const dcl_live_event *event, dcl_edge *found) {
    int32_t apparent = dcl_edge_quantise(event->apparent_va);
    dcl_edge_sample sample = {dcl_edge_quantise(event->power_w), apparent,
                              dcl_edge_quantise(event->reactive_var)};
    if (event->apparent_leads) sample = (dcl_edge_sample){apparent, DCL_MISSING_I32, DCL_MISSING_I32};
    return dcl_edge_push(&f->state, sample, found);
}

/* ---------------------------------------------------------------- steps */

static dcl_status take_edges(void *arg, const dcl_live_event *event, dcl_error *error) {
    follower *f = arg;
    dcl_edge found[DCL_EDGE_BURST];
    if (event->what == DCL_LIVE_SLOT) {
        put_edges_csv(&f->text, found, push(f, event, found));
        return put_live(f->cli, &f->text);
    }
    if (f->begun)
        put_edges_csv(&f->text, found, dcl_edge_end(&f->state, found));
    else
        put_edges_header(&f->text);
    dcl_status status = put_live(f->cli, &f->text);
    return status ? status : begin(f, event, error);
}

int follow_edges(session *cli, const dcl_edge_options *options) {
    follower f = {.cli = cli, .options = *options};
    dcl_edge found[DCL_EDGE_BURST];
    dcl_status status = session_follow(cli, take_edges, &f);
    if (f.begun && (!status || status == DCL_E_CANCELLED)) {
        put_edges_csv(&f.text, found, dcl_edge_end(&f.state, found));
        dcl_status last = put_live(cli, &f.text);
        if (!status) status = last;
    }
    return finish(&f, status);
}

/* ---------------------------------------------------------------- cycles */

typedef struct window {
    follower steps;
    const dcl_cycle_options *options;
    float *value[CHANNELS]; /* the last n slots */
    size_t n, room;
    int64_t start_us, period_us, looked_us, printed_us;
    bool apparent_leads, any_apparent, any_reactive;
    bool ends_now;  /* interrupted: what would be cut here is still on */
    dcl_edge *edge; /* those of these slots */
    size_t n_edges, edge_room;
    dcl_pulsing *pulsing; /* states that ended among these slots */
    size_t n_pulsing, pulsing_room;
} window;

static int64_t end_of(const window *w) {
    return w->start_us + (int64_t)w->n * w->period_us;
}

/* The home that the window is. */
static dcl_home home_of(const window *w, dcl_series series[CHANNELS]) {
    static const dcl_channel channels[CHANNELS] = {DCL_POWER_W, DCL_APPARENT_VA, DCL_REACTIVE_VAR};
    const bool there[CHANNELS] = {!w->apparent_leads, w->apparent_leads || w->any_apparent, w->any_reactive};
    dcl_home home = {.series = series};
    for (size_t c = 0; c < CHANNELS; c++)
        if (there[c])
            series[home.n_series++] = (dcl_series){.channel = channels[c],
                                                   .start_us = w->start_us,
                                                   .period_us = w->period_us,
                                                   .n = w->n,
                                                   .value = w->value[c]};
    return home;
}

/* Prints the cycles that ended up to `until_us` and were not printed yet. */
static dcl_status look(window *w, int64_t until_us, dcl_error *error) {
    session *cli = w->steps.cli;
    dcl_arena arena = {0};
    dcl_series series[CHANNELS];
    dcl_home home = home_of(w, series);
    dcl_edges edges = {
        .edge = w->edge, .n = w->n_edges, .apparent = w->apparent_leads, .period_us = w->period_us};
    edges.pulsing = w->pulsing;
    edges.n_pulsing = w->n_pulsing;
    dcl_cycles cycles = {0};
    w->looked_us = end_of(w);
    edges.samples = (int64_t)w->n;
    dcl_status status =
        w->n ? dcl_cycles_find(&cli->context, &home, w->options, &edges, &arena, &cycles, error) : DCL_OK;
    for (size_t i = 0; !status && i < cycles.n; i++) {
        dcl_cycle cycle = cycles.cycle[i];
        cycle.flags &= ~(uint32_t)(DCL_CYCLE_RECURRING | DCL_CYCLE_NIGHT); /* these take weeks to be seen */
        if (w->ends_now && cycle.flags & DCL_CYCLE_CUT && cycle.end_us == until_us) continue; /* still on */
        if (cycle.end_us > w->printed_us && cycle.end_us <= until_us)
            put_cycle_csv(&w->steps.text, &cycle, dcl_appliance_name(cycle.appliance));
    }
    if (until_us > w->printed_us) w->printed_us = until_us;
    dcl_arena_free(&arena);
    return status ? status : put_live(cli, &w->steps.text);
}

/* Forgets the oldest fifth. */
static void forget(window *w) {
    size_t gone = w->room / 5 + 1, first = 0;
    w->n -= gone;
    w->start_us += (int64_t)gone * w->period_us;
    for (size_t c = 0; c < CHANNELS; c++) memmove(w->value[c], w->value[c] + gone, w->n * sizeof **w->value);
    while (first < w->n_edges && w->edge[first].time_us < w->start_us) first++;
    if (first) memmove(w->edge, w->edge + first, (w->n_edges - first) * sizeof *w->edge);
    w->n_edges -= first;
    for (first = 0; first < w->n_pulsing && w->pulsing[first].start_us < w->start_us;) first++;
    if (first) memmove(w->pulsing, w->pulsing + first, (w->n_pulsing - first) * sizeof *w->pulsing);
    w->n_pulsing -= first;
}

static dcl_status keep_edges(window *w, const dcl_edge *found, size_t n, dcl_error *error) {
    if (n && dcl_grow(&w->edge, &w->edge_room, w->n_edges + n, sizeof *w->edge))
        return dcl_fail_memory(error, "steps");
    if (n) memcpy(w->edge + w->n_edges, found, n * sizeof *found);
    w->n_edges += n;
    dcl_pulsing state;
    if (!dcl_edge_pulsed(&w->steps.state, &state)) return DCL_OK;
    if (dcl_grow(&w->pulsing, &w->pulsing_room, w->n_pulsing + 1, sizeof *w->pulsing))
        return dcl_fail_memory(error, "pulsing states");
    w->pulsing[w->n_pulsing++] = state;
    return DCL_OK;
}

static dcl_status take_slot(window *w, const dcl_live_event *event, dcl_error *error) {
    const float value[CHANNELS] = {event->power_w, event->apparent_va, event->reactive_var};
    dcl_edge found[DCL_EDGE_BURST];
    int64_t late_us = LATE_US > 4 * w->period_us ? LATE_US : 4 * w->period_us;
    if (w->n == w->room) forget(w);
    for (size_t c = 0; c < CHANNELS; c++) w->value[c][w->n] = value[c];
    w->n++;
    w->any_apparent = w->any_apparent || value[1] >= 0;
    w->any_reactive = w->any_reactive || value[2] * 0 == 0;
    dcl_status status = keep_edges(w, found, push(&w->steps, event, found), error);
    if (status || end_of(w) - w->looked_us < LATE_US) return status;
    return look(w, end_of(w) - late_us, error);
}

/* The stream ends or pauses: all that is known of cycles is printed. */
static dcl_status close_window(window *w, dcl_error *error) {
    dcl_edge found[DCL_EDGE_BURST];
    dcl_status status = keep_edges(w, found, dcl_edge_end(&w->steps.state, found), error);
    return status ? status : look(w, INT64_MAX, error);
}

/* Interrupted: what ended by now is printed, what is still on is not. The wish to stop is fulfilled by then. */
static void close_interrupted(window *w) {
    dcl_context *context = &w->steps.cli->context;
    const volatile int *cancel = context->cancel;
    dcl_edge found[DCL_EDGE_BURST];
    context->cancel = NULL;
    w->ends_now = true;
    dcl_status status = keep_edges(w, found, dcl_edge_end(&w->steps.state, found), NULL);
    if (!status) status = look(w, end_of(w), NULL);
    (void)status; /* the interrupt is what is said */
    context->cancel = cancel;
}

static dcl_status open_window(window *w, const dcl_live_event *event, dcl_error *error) {
    double slots = (w->options->max_hours * 3600e6 + (double)MARGIN_US) * 1.25 / (double)event->period_us;
    w->room = slots < 64 ? 64 : slots > SLOTS_MAX ? SLOTS_MAX : (size_t)slots;
    for (size_t c = 0; c < CHANNELS; c++) {
        free(w->value[c]);
        w->value[c] = malloc(w->room * sizeof **w->value);
        if (!w->value[c]) return dcl_fail_memory(error, "the last hours");
    }
    w->start_us = w->looked_us = event->time_us;
    w->period_us = event->period_us;
    w->printed_us = INT64_MIN;
    w->apparent_leads = event->apparent_leads;
    w->n = w->n_edges = w->n_pulsing = 0;
    w->any_apparent = w->any_reactive = false;
    return begin(&w->steps, event, error);
}

static dcl_status take_cycles(void *arg, const dcl_live_event *event, dcl_error *error) {
    window *w = arg;
    dcl_status status = DCL_OK;
    if (event->what == DCL_LIVE_SLOT) return take_slot(w, event, error);
    if (w->steps.begun)
        status = close_window(w, error);
    else
        put_cycles_header(&w->steps.text);
    if (!status) status = put_live(w->steps.cli, &w->steps.text);
    return status ? status : open_window(w, event, error);
}

int follow_cycles(session *cli, const dcl_cycle_options *options) {
    window w = {.steps = {.cli = cli, .options = options->edge}, .options = options};
    dcl_status status = session_follow(cli, take_cycles, &w);
    if (!status) status = close_window(&w, &cli->error);
    if (status == DCL_E_CANCELLED && w.steps.begun) close_interrupted(&w);
    for (size_t c = 0; c < CHANNELS; c++) free(w.value[c]);
    free(w.edge);
    free(w.pulsing);
    return finish(&w.steps, status);
}
