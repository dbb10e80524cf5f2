/* What a panel of many homes holds, and what an import brought into it, in a few lines or as JSON. */
#include "cli/panel.h"

#include <math.h>

static double coverage(uint64_t present, double slots) {
    return slots > 0 ? (double)present / slots : 0;
}

static void put_count(dcl_text *text, uint64_t n, const char *what) {
    dcl_text_format(text, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : "s");
}

static void put_watts(dcl_text *text, double watts) {
    dcl_text_double(text, watts);
    dcl_text_put(text, " W");
}

/* 100.0 is said of what is whole alone. */
static void put_share(dcl_text *text, uint64_t present, double slots) {
    double share = 100 * coverage(present, slots);
    if (share > 99.9 && (double)present < slots) share = 99.9;
    dcl_text_fixed(text, share, 1);
    dcl_text_put(text, " % there");
}

static void put_shard(dcl_text *text, const dcl_panel_about *about, const dcl_panel_shard *shard) {
    char from[32], to[32];
    dcl_time_format(shard->start_us, from);
    dcl_time_format(shard->start_us + shard->n_slots * about->period_us, to);
    dcl_text_format(text, "    %s: homes %lld to %lld, %s … %s, ", shard->file,
                    (long long)shard->first_home + 1, (long long)(shard->first_home + shard->n_homes), from,
                    to);
    put_share(text, (uint64_t)shard->present, (double)shard->n_homes * (double)shard->n_slots);
    dcl_text_put(text, ", steps of ");
    put_watts(text, shard->scale_w);
    dcl_text_put(text, "\n");
}

void panel_text(dcl_text *text, const dcl_panel_about *about) {
    char from[32], to[32];
    dcl_time_format(about->start_us, from);
    dcl_time_format(about->start_us + (int64_t)about->n_slots * about->period_us, to);
    dcl_text_put(text, "panel of ");
    put_count(text, about->n_homes, "home");
    dcl_text_format(text, ": %s", about->id[0]);
    if (about->n_homes > 1)
        dcl_text_format(text, "%s%s", about->n_homes > 2 ? " … " : ", ", about->id[about->n_homes - 1]);
    dcl_text_format(text, "\n  %s … %s, every ", from, to);
    dcl_text_double(text, (double)about->period_us * 1e-6);
    dcl_text_put(text, " s: ");
    put_count(text, about->n_slots, "slot");
    dcl_text_put(text, "\n    power_w ");
    put_share(text, about->present, (double)about->n_homes * (double)about->n_slots);
    if (about->scale_w > 0) {
        dcl_text_put(text, ", in steps of ");
        put_watts(text, about->scale_w);
    }
    if (about->kind) dcl_text_put(text, ", kinds of household known");
    dcl_text_put(text, "\n  ");
    put_count(text, about->n_shards, "shard");
    dcl_text_put(text, "\n");
    for (size_t i = 0; i < about->n_shards; i++) put_shard(text, about, &about->shard[i]);
}

static void put_span_json(dcl_json_writer *json, int64_t start_us, size_t n_slots, int64_t period_us) {
    dcl_json_key_time(json, "from", start_us);
    dcl_json_key_time(json, "to", start_us + (int64_t)n_slots * period_us);
}

static void put_number(dcl_json_writer *json, const char *key, double value) {
    dcl_json_key(json, key);
    dcl_json_number(json, value > 0 ? value : (double)NAN);
}

void panel_json(dcl_json_writer *json, const dcl_panel_about *about) {
    dcl_json_key(json, "panel");
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "homes", (int64_t)about->n_homes);
    dcl_json_key_integer(json, "slots", (int64_t)about->n_slots);
    put_span_json(json, about->start_us, about->n_slots, about->period_us);
    dcl_json_key_fixed(json, "period_s", (double)about->period_us * 1e-6, 3);
    dcl_json_key_fixed(json, "coverage",
                       coverage(about->present, (double)about->n_homes * (double)about->n_slots), 6);
    put_number(json, "scale_w", about->scale_w);
    dcl_json_key(json, "kinds");
    dcl_json_bool(json, about->kind != NULL);
    dcl_json_key(json, "shards");
    dcl_json_begin(json, '[');
    for (size_t i = 0; i < about->n_shards; i++) {
        const dcl_panel_shard *shard = &about->shard[i];
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "file", shard->file);
        dcl_json_key_integer(json, "first_home", shard->first_home);
        dcl_json_key_integer(json, "homes", shard->n_homes);
        put_span_json(json, shard->start_us, (size_t)shard->n_slots, about->period_us);
        put_number(json, "scale_w", shard->scale_w);
        dcl_json_key_integer(json, "present", shard->present);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_end(json, '}');
}

static void imported_json(dcl_json_writer *json, const dcl_panel_told *told) {
    dcl_json_key(json, "imported");
    dcl_json_begin(json, '{');
    dcl_json_key_integer(json, "homes", (int64_t)told->homes);
    dcl_json_key_integer(json, "new_homes", (int64_t)told->new_homes);
    dcl_json_key_integer(json, "readings", (int64_t)told->readings);
    dcl_json_key(json, "left_out");
    dcl_json_begin(json, '[');
    for (unsigned i = 0; i < DCL_PANEL_LEFT_COUNT; i++) {
        if (!told->left[i]) continue;
        dcl_json_begin(json, '{');
        dcl_json_key_string(json, "reason", dcl_panel_left_name((dcl_panel_left)i));
        dcl_json_key_integer(json, "homes", (int64_t)told->left[i]);
        dcl_json_key_string(json, "first", told->first_left[i]);
        dcl_json_end(json, '}');
    }
    dcl_json_end(json, ']');
    dcl_json_key(json, "excluded");
    dcl_json_begin(json, '{');
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++)
        if (told->excluded[i].count)
            dcl_json_key_integer(json, dcl_exclusion_name((dcl_exclusion)i),
                                 (int64_t)told->excluded[i].count);
    dcl_json_end(json, '}');
    dcl_json_end(json, '}');
}

static void say_told(const session *cli, const dcl_panel_told *told) {
    dcl_home like = {.notes = told->notes, .files_passed = told->files_passed};
    snprintf(like.zone, sizeof like.zone, "%s", told->zone);
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) like.excluded[i] = told->excluded[i];
    say_read(cli, &like);
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++)
        if (told->homes_excluded[i] > 1)
            say(cli, "declic: … those %s are of %zu homes\n", dcl_exclusion_text((dcl_exclusion)i),
                told->homes_excluded[i]);
    for (unsigned i = 0; i < DCL_PANEL_LEFT_COUNT; i++)
        if (told->left[i])
            say(cli, "declic: %zu home%s %s left out%s%s\n", told->left[i], told->left[i] == 1 ? "" : "s",
                dcl_panel_left_text((dcl_panel_left)i), told->first_left[i][0] ? ", the first is " : "",
                told->first_left[i]);
}

int show_panel(session *cli, const char *path, const dcl_panel_told *told) {
    dcl_panel *panel;
    dcl_text text = {0};
    dcl_status status = dcl_panel_open(path, &panel, &cli->error);
    if (status) return session_fail(cli, status);
    if (cli->json) {
        dcl_json_writer json = {.text = &text};
        dcl_json_begin(&json, '{');
        panel_json(&json, dcl_panel_tell(panel));
        if (told) imported_json(&json, told);
        dcl_json_end(&json, '}');
    } else {
        panel_text(&text, dcl_panel_tell(panel));
    }
    dcl_panel_close(&panel);
    return session_write(cli, &text);
}

int import_panel(session *cli) {
    dcl_panel_told told;
    const char *path = cli->output;
    dcl_status status = dcl_panel_import(&cli->context, path, cli->inputs, cli->n_inputs, &cli->read,
                                         cli->append, cli->id, &told, &cli->error);
    clear_bar(cli);
    say_told(cli, &told);
    if (status) return session_fail(cli, status);
    cli->wrote = true;
    if (cli->quiet && !cli->json) return CLI_DONE;
    cli->output = NULL;
    return show_panel(cli, path, &told) ? CLI_PART : CLI_DONE;
}

int import_devices(session *cli) {
    dcl_panel_told told;
    const dcl_store_options options = {.deflate = cli->deflate};
    dcl_status status = dcl_store_import(&cli->context, cli->output, cli->inputs, cli->n_inputs, &cli->read,
                                         &options, &told, &cli->error);
    clear_bar(cli);
    say_told(cli, &told);
    if (status) return session_fail(cli, status);
    cli->wrote = true;
    if (cli->quiet && !cli->json) return CLI_DONE;
    cli->inputs[0] = cli->output;
    cli->n_inputs = 1;
    cli->output = NULL;
    return run_info(cli) ? CLI_PART : CLI_DONE;
}
