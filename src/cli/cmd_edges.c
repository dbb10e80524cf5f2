#include <math.h>

#include <declic/event.h>

#include "cli/cli.h"
#include "cli/events.h"

static const char *const edge_columns[] = {"delta_w", "delta_va", "delta_var", "power_factor", "settle_s"};
enum { EDGE_COLUMNS = sizeof edge_columns / sizeof *edge_columns };

static void edge_values(const dcl_edge *edge, double out[EDGE_COLUMNS]) {
    out[0] = (double)edge->delta_w;
    out[1] = (double)edge->delta_va;
    out[2] = (double)edge->delta_var;
    out[3] = (double)edge->power_factor;
    out[4] = (double)edge->settle_s;
}

void put_edges_header(dcl_text *text) {
    dcl_text_put(text, "time_utc,delta_w,delta_va,delta_var,power_factor,settle_s\n");
}

void put_edges_csv(dcl_text *text, const dcl_edge *edges, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char stamp[32];
        double values[EDGE_COLUMNS];
        edge_values(&edges[i], values);
        dcl_text_bytes(text, stamp, dcl_time_format(edges[i].time_us, stamp));
        for (int c = 0; c < EDGE_COLUMNS; c++) {
            dcl_text_put(text, ",");
            dcl_text_fixed(text, values[c], c == 3 ? 3 : 1);
        }
        dcl_text_put(text, "\n");
    }
}

void put_edges_json(dcl_json_writer *json, const dcl_edge *edges, size_t n) {
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < n; i++) {
        double values[EDGE_COLUMNS];
        edge_values(&edges[i], values);
        dcl_json_begin(json, '{');
        dcl_json_key_time(json, "time_utc", edges[i].time_us);
        for (int c = 0; c < EDGE_COLUMNS; c++)
            dcl_json_key_fixed(json, edge_columns[c], values[c], c == 3 ? 3 : 1);
        dcl_json_key_fixed(json, "overshoot_w", (double)edges[i].peak, 1);
        dcl_json_key_fixed(json, "before_w", (double)edges[i].before, 1);
        dcl_json_key_fixed(json, "after_w", (double)edges[i].after, 1);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

void put_moment(const session *cli, dcl_text *text, int64_t time_us) {
    dcl_civil civil = dcl_zone_civil(cli->zone, time_us);
    dcl_text_format(text, "%04d-%02d-%02d %02d:%02d:%02d", civil.year, civil.month, civil.day, civil.hour,
                    civil.minute, civil.second);
}

void put_number(dcl_text *text, double value, int decimals, int width) {
    dcl_text number = {0};
    if (isnan(value))
        dcl_text_put(&number, "-");
    else
        dcl_text_fixed(&number, value, decimals);
    dcl_text_format(text, "%*s", width, number.at ? number.at : "");
    dcl_text_free(&number);
}

static double pulsing_kwh(const dcl_pulsing *state) {
    double hours = (double)(state->end_us - state->start_us) / (double)DCL_HOUR_US;
    return ((double)state->high - (double)state->low) * (double)state->duty * hours / 1000;
}

static void put_pulsing_json(dcl_json_writer *json, const dcl_edges *edges) {
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < edges->n_pulsing; i++) {
        const dcl_pulsing *state = &edges->pulsing[i];
        dcl_json_begin(json, '{');
        dcl_json_key_time(json, "start_utc", state->start_us);
        dcl_json_key_time(json, "end_utc", state->end_us);
        dcl_json_key_fixed(json, "low_w", (double)state->low, 1);
        dcl_json_key_fixed(json, "high_w", (double)state->high, 1);
        dcl_json_key_fixed(json, "duty", (double)state->duty, 3);
        dcl_json_key_integer(json, "pulses", state->pulses);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

/* What pulsed too fast for steps: how often, how long, how much energy above its low level. */
static void put_pulsing_line(dcl_text *text, const dcl_edges *edges) {
    double minutes = 0, kwh = 0;
    if (!edges->n_pulsing) return;
    for (size_t i = 0; i < edges->n_pulsing; i++) {
        minutes += (double)(edges->pulsing[i].end_us - edges->pulsing[i].start_us) / (double)DCL_MINUTE_US;
        kwh += pulsing_kwh(&edges->pulsing[i]);
    }
    dcl_text_format(text, "%zu state%s that pulse too fast for steps, ", edges->n_pulsing,
                    edges->n_pulsing == 1 ? "" : "s");
    dcl_text_fixed(text, minutes, 1);
    dcl_text_put(text, " min in all");
    if (!edges->apparent) {
        dcl_text_put(text, ", ");
        dcl_text_fixed(text, kwh, 3);
        dcl_text_put(text, " kWh above their low levels");
    }
    dcl_text_put(text, " (listed by --json)\n");
}

static void put_edges_table(const session *cli, dcl_text *text, const dcl_edges *edges) {
    dcl_text_format(text, "%-20s %10s %10s %10s %6s %8s   (civil time, %s)\n", "time", "W", "VA", "var", "PF",
                    "settle s", dcl_zone_name(cli->zone));
    for (size_t i = 0; i < edges->n; i++) {
        double values[EDGE_COLUMNS];
        edge_values(&edges->edge[i], values);
        put_moment(cli, text, edges->edge[i].time_us);
        dcl_text_put(text, " ");
        for (int c = 0; c < EDGE_COLUMNS; c++)
            put_number(text, values[c], c == 3 ? 2 : 1, c == 3 ? 7 : c == 4 ? 9 : 11);
        dcl_text_put(text, "\n");
    }
    dcl_text_format(text, "%zu steps in %lld of %lld samples\n", edges->n, (long long)edges->present,
                    (long long)edges->samples);
    put_pulsing_line(text, edges);
}

int run_edges(session *cli) {
    dcl_home home;
    dcl_edges edges;
    dcl_edge_options options = dcl_edge_defaults();
    if (cli->min_step > 0) options.min_step_w = cli->min_step;
    int followed = is_stream(cli) ? follow_edges(cli, &options) : -1;
    if (followed >= 0) return followed;
    cli->read.without_truth = true;
    dcl_status status = session_read(cli, &home);
    if (!status) status = dcl_edges_find(&cli->context, &home, &options, &cli->arena, &edges, &cli->error);
    if (status) return session_fail(cli, status);
    dcl_text text = {0};
    if (cli->json) {
        dcl_json_writer json = {.text = &text};
        dcl_json_begin(&json, '{');
        dcl_json_key(&json, "edges");
        put_edges_json(&json, edges.edge, edges.n);
        dcl_json_key(&json, "pulsing");
        put_pulsing_json(&json, &edges);
        dcl_json_key_integer(&json, "samples", edges.samples);
        dcl_json_key_integer(&json, "present", edges.present);
        dcl_json_end(&json, '}');
    } else if (cli->csv) {
        put_edges_header(&text);
        put_edges_csv(&text, edges.edge, edges.n);
    } else {
        put_edges_table(cli, &text, &edges);
    }
    return session_write(cli, &text);
}
