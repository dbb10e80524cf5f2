#include <math.h>
#include <string.h>

#include <declic/appliance.h>

#include "cli/cli.h"
#include "cli/events.h"
#include "cli/names.h"

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {DCL_CYCLE_CUT, "cut"},        {DCL_CYCLE_COARSE, "coarse"},     {DCL_CYCLE_RECURRING, "recurring"},
    {DCL_CYCLE_NIGHT, "night"},    {DCL_CYCLE_APPARENT, "apparent"}, {DCL_CYCLE_LEVELS, "levels"},
    {DCL_CYCLE_PULSING, "pulsing"}};

static void put_flags(dcl_text *text, uint32_t flags, const char *between) {
    bool any = false;
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++) {
        if (!(flags & flag_names[i].flag)) continue;
        dcl_text_format(text, "%s%s", any ? between : "", flag_names[i].name);
        any = true;
    }
}

void put_cycles_header(dcl_text *text) {
    dcl_text_put(text, "start_utc,end_utc,energy_wh,mean_w,power_factor,appliance,confidence,flags\n");
}

void put_cycle_csv(dcl_text *text, const dcl_cycle *cycle, const char *name) {
    char start[32], end[32];
    dcl_time_format(cycle->start_us, start);
    dcl_time_format(cycle->end_us, end);
    dcl_text_format(text, "%s,%s,", start, end);
    dcl_text_fixed(text, cycle->energy_wh, 1);
    dcl_text_put(text, ",");
    dcl_text_fixed(text, (double)cycle->mean_w, 1);
    dcl_text_put(text, ",");
    dcl_text_fixed(text, (double)cycle->power_factor, 3);
    dcl_text_format(text, ",%s,", name);
    dcl_text_fixed(text, (double)cycle->confidence, 2);
    dcl_text_put(text, ",");
    put_flags(text, cycle->flags, " ");
    dcl_text_put(text, "\n");
}

static void put_csv(dcl_text *text, const dcl_cycles *cycles, const named_cycles *named) {
    put_cycles_header(text);
    for (size_t i = 0; i < cycles->n; i++)
        put_cycle_csv(text, &cycles->cycle[i], cycle_name(cycles, named, i));
}

static void put_count(dcl_json_writer *json, const char *key, uint32_t count) {
    dcl_json_key(json, key);
    if (count)
        dcl_json_integer(json, count);
    else
        dcl_json_string(json, NULL);
}

static void put_cycle_json(dcl_json_writer *json, const dcl_cycle *cycle, const char *name,
                           uint32_t programme) {
    dcl_json_begin(json, '{');
    dcl_json_key_time(json, "start_utc", cycle->start_us);
    dcl_json_key_time(json, "end_utc", cycle->end_us);
    dcl_json_key_fixed(json, "energy_wh", cycle->energy_wh, 1);
    dcl_json_key_fixed(json, "mean_w", (double)cycle->mean_w, 1);
    dcl_json_key_fixed(json, "power_factor", (double)cycle->power_factor, 3);
    dcl_json_key_string(json, "appliance", name);
    dcl_json_key_fixed(json, "confidence", (double)cycle->confidence, 2);
    dcl_json_key(json, "flags");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < sizeof flag_names / sizeof *flag_names; i++)
        if (cycle->flags & flag_names[i].flag) dcl_json_string(json, flag_names[i].name);
    dcl_json_end(json, ']');
    dcl_json_key_fixed(json, "duty", (double)cycle->duty, 2);
    put_count(json, "group", cycle->group);
    put_count(json, "programme", programme);
    dcl_json_end(json, '}');
}

static void put_groups_json(dcl_json_writer *json, const dcl_cycles *cycles) {
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < cycles->n_recurrence; i++) {
        const dcl_recurrence *group = &cycles->recurrence[i];
        dcl_json_begin(json, '{');
        dcl_json_key_integer(json, "group", (int64_t)i + 1);
        dcl_json_key_integer(json, "count", group->count);
        dcl_json_key_fixed(json, "mean_w", (double)group->mean_w, 1);
        dcl_json_key_fixed(json, "on_s", (double)group->on_s, 0);
        dcl_json_key_fixed(json, "period_s", (double)group->period_s, 0);
        dcl_json_key_fixed(json, "duty", (double)group->duty, 3);
        dcl_json_key_fixed(json, "duty_per_day", (double)group->duty_per_day, 4);
        dcl_json_key(json, "start_hour");
        dcl_json_begin(json, '[');
        for (int hour = 0; hour < 24; hour++) dcl_json_integer(json, group->start_hour[hour]);
        dcl_json_end(json, ']');
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
}

static void put_json(dcl_text *text, const dcl_cycles *cycles, const named_cycles *named) {
    dcl_json_writer json = {.text = text};
    dcl_json_begin(&json, '{');
    dcl_json_key(&json, "cycles");
    dcl_json_begin(&json, '[');
    for (size_t i = 0; i < cycles->n; i++)
        put_cycle_json(&json, &cycles->cycle[i], cycle_name(cycles, named, i), named->names.member[i]);
    dcl_json_end(&json, ']');
    dcl_json_key(&json, "leftovers");
    put_edges_json(&json, cycles->leftover, cycles->n_leftover);
    dcl_json_key(&json, "recurring");
    if (cycles->recurring_minute < 0) {
        dcl_json_string(&json, NULL);
    } else {
        dcl_json_begin(&json, '{');
        dcl_json_key_integer(&json, "minute", cycles->recurring_minute);
        dcl_json_key_integer(&json, "days", cycles->recurring_days);
        dcl_json_key_integer(&json, "of_days", cycles->days);
        dcl_json_end(&json, '}');
    }
    dcl_json_key(&json, "groups");
    put_groups_json(&json, cycles);
    put_named_json(&json, named);
    dcl_json_end(&json, '}');
}

/* What comes again at a regular distance, the commonest first. */
static void put_groups(dcl_text *text, const dcl_cycles *cycles) {
    enum { SHOWN = 5 };
    size_t shown = 0;
    for (size_t i = 0; i < cycles->n_recurrence && shown < SHOWN; i++) {
        const dcl_recurrence *group = &cycles->recurrence[i];
        if (isnan(group->period_s)) continue;
        dcl_text_format(text, "%u cycles like each other, ", (unsigned)group->count);
        dcl_text_fixed(text, (double)group->mean_w, 0);
        dcl_text_put(text, " W for ");
        dcl_text_fixed(text, (double)group->on_s / 60, 1);
        dcl_text_put(text, " min, every ");
        dcl_text_fixed(text, (double)group->period_s / 60, 0);
        dcl_text_put(text, " min\n");
        shown++;
    }
}

/* How many, their energy, and the steps that are in none. */
static void put_total(dcl_text *text, const dcl_cycles *cycles) {
    double energy = 0, left = 0;
    size_t known = 0;
    for (size_t i = 0; i < cycles->n; i++) {
        if (isnan(cycles->cycle[i].energy_wh)) continue;
        energy += cycles->cycle[i].energy_wh;
        known++;
    }
    for (size_t i = 0; i < cycles->n_leftover; i++) left += fabs((double)dcl_edge_size(&cycles->leftover[i]));
    dcl_text_format(text, "%zu cycle%s, ", cycles->n, cycles->n == 1 ? "" : "s");
    if (known) dcl_text_fixed(text, energy * 1e-3, 2);
    dcl_text_format(text, "%s; %zu step%s in no cycle",
                    known       ? " kWh"
                    : cycles->n ? "energy not known (apparent power alone)"
                                : "0 kWh",
                    cycles->n_leftover, cycles->n_leftover == 1 ? "" : "s");
    if (cycles->n_leftover) {
        dcl_text_put(text, ", ");
        dcl_text_fixed(text, left / (double)cycles->n_leftover, 0);
        dcl_text_put(text, " W on average (listed by --json)");
    }
    dcl_text_put(text, "\n");
}

static void put_table(const session *cli, dcl_text *text, const dcl_cycles *cycles,
                      const named_cycles *named) {
    dcl_text_format(text, "%-20s %-20s %9s %9s %6s %6s   %-16s (civil time, %s)\n", "start", "end", "Wh", "W",
                    "PF", "conf.", "appliance", dcl_zone_name(cli->zone));
    for (size_t i = 0; i < cycles->n; i++) {
        const dcl_cycle *cycle = &cycles->cycle[i];
        put_moment(cli, text, cycle->start_us);
        dcl_text_put(text, "  ");
        put_moment(cli, text, cycle->end_us);
        put_number(text, cycle->energy_wh, 1, 11);
        put_number(text, (double)cycle->mean_w, 1, 10);
        put_number(text, (double)cycle->power_factor, 2, 7);
        put_number(text, (double)cycle->confidence, 2, 7);
        bool known = cycle->appliance || named->own[i];
        dcl_text_format(text, "   %-16s ", known ? cycle_name(cycles, named, i) : "-");
        put_flags(text, cycle->flags, ", ");
        dcl_text_put(text, "\n");
    }
    put_total(text, cycles);
    put_groups(text, cycles);
    if (cycles->recurring_minute >= 0)
        dcl_text_format(text, "a load starts around %02d:%02d on %d of %d days\n",
                        cycles->recurring_minute / 60, cycles->recurring_minute % 60, cycles->recurring_days,
                        cycles->days);
    put_named_text(cli, text, named);
}

static dcl_status find_cycles(session *cli, const dcl_cycle_options *options, name_model *model,
                              dcl_cycles *cycles, named_cycles *named) {
    dcl_home home;
    cli->read.without_truth = true;
    dcl_status status = name_model_open(cli, model);
    if (!status) status = session_read(cli, &home);
    if (!status)
        status = dcl_cycles_find(&cli->context, &home, options, NULL, &cli->arena, cycles, &cli->error);
    return status ? status : name_cycles(cli, model, &home, cycles, named);
}

int run_cycles(session *cli) {
    dcl_cycles cycles;
    named_cycles named;
    name_model model = {0};
    dcl_cycle_options options = dcl_cycle_defaults();
    if (cli->min_step > 0) options.edge.min_step_w = cli->min_step;
    if (is_stream(cli) && cli->model)
        return session_usage(cli, "names take weeks to be seen: --model works on a file, not on a stream");
    int followed = is_stream(cli) ? follow_cycles(cli, &options) : -1;
    if (followed >= 0) return followed;
    dcl_status status = find_cycles(cli, &options, &model, &cycles, &named);
    dcl_text text = {0};
    if (!status && cli->json)
        put_json(&text, &cycles, &named);
    else if (!status && cli->csv)
        put_csv(&text, &cycles, &named);
    else if (!status)
        put_table(cli, &text, &cycles, &named);
    name_model_close(&model);
    return status ? session_fail(cli, status) : session_write(cli, &text);
}
