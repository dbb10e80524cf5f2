/* Large misses: what was said, what came true, and all that the model looked at. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "forecast/task.h"
#include "nightly/nightly.h"

/* Where the features of a home come from, followed from one miss to the next. */
typedef struct looker {
    const dcl_context *context;
    const dcl_nightly_options *options;
    dcl_forecast_about about;
    dcl_arena arena;
    dcl_fc_grid grid;
    dcl_fc_open open;
    size_t open_at;
} looker;

static dcl_status look_at(looker *l, const dcl_forecast_home *home, dcl_error *error) {
    dcl_arena_free(&l->arena);
    dcl_fc_open_begin(&l->open);
    l->open_at = 0;
    return dcl_fc_grid_make(l->context, home, l->about.period_us, l->options->learn.off_peak,
                            l->options->learn.colours, &l->arena, &l->grid, error);
}

/* The features of a row; false where the moment is none of the grid's. Misses of a home come in order of time. */
static bool features_of(looker *l, const night_row *row, float value[DCL_FC_FEATURES_MAX]) {
    dcl_fc_target target[DCL_FORECAST_STEPS];
    dcl_fc_issue issue;
    float anchor;
    size_t at = dcl_fc_slot_at(&l->grid, row->issued_us), i = 0;
    size_t n = at < l->grid.n ? dcl_fc_targets(&l->grid, l->about.horizon, at, target) : 0;
    while (i < n && dcl_fc_slot_us(&l->grid, target[i].to) != row->end_us) i++;
    if (i == n || !l->about.members) return false;
    for (; dcl_fc_is_fine(l->about.horizon) && l->open_at < at; l->open_at++)
        dcl_fc_open_next(&l->open, l->open_at, l->grid.value[l->open_at]);
    dcl_fc_issue_at(&l->grid, l->about.horizon, dcl_fc_level_days(l->about.horizon, l->about.member[0].homes),
                    at, &l->open, &issue);
    dcl_fc_fill(&issue, l->about.horizon, &target[i], value, &anchor);
    return true;
}

static void put_miss(dcl_text *text, const night_row *row, const float *value, size_t k) {
    const float watts[] = {row->p50, row->actual};
    char stamp[32];
    dcl_text_bytes(text, stamp, dcl_time_format(row->issued_us, stamp));
    dcl_text_format(text, ",\"%s\",", row->home);
    dcl_text_bytes(text, stamp, dcl_time_format(row->start_us, stamp));
    dcl_text_put(text, ",");
    dcl_text_bytes(text, stamp, dcl_time_format(row->end_us, stamp));
    dcl_text_format(text, ",%u", row->version);
    for (size_t c = 0; c < 2; c++) {
        dcl_text_put(text, ",");
        dcl_text_fixed(text, (double)watts[c], 1);
    }
    for (size_t i = 0; i < k; i++) {
        dcl_text_put(text, ",");
        dcl_text_float(text, value[i]);
    }
    dcl_text_put(text, "\n");
}

static void put_head(dcl_text *text, const dcl_forecast_model *model) {
    const char *name, *unit;
    dcl_text_put(text, "issued_utc,home,start_utc,end_utc,version,predicted_w,actual_w");
    for (size_t i = 0; (name = dcl_forecast_feature(model, i, &unit)) != NULL; i++)
        dcl_text_format(text, ",%s", name);
    dcl_text_put(text, "\n");
}

/* Whether a kept row was issued after what the log knew: a run that was killed before it wrote the log had added it. */
static bool is_again(const char *line, int64_t known_us) {
    int64_t issued_us;
    bool has_offset;
    size_t n = strcspn(line, ",\n");
    return dcl_time_parse(line, n, &issued_us, &has_offset) == DCL_OK && issued_us > known_us;
}

/* The rows that were kept before, under the same features; the latest of them where there are too many. */
static void put_kept(dcl_text *text, const char *bytes, size_t n, int64_t known_us) {
    const char *body = n >= text->n && memcmp(bytes, text->at, text->n) == 0 ? bytes + text->n : NULL;
    size_t lines = 0;
    for (const char *at = body; at && *at; at++) lines += *at == '\n';
    for (; body && *body; lines--) {
        const char *end = strchr(body, '\n');
        size_t length = end ? (size_t)(end + 1 - body) : strlen(body);
        if (lines <= NIGHTLY_MISSES && end && !is_again(body, known_us)) dcl_text_bytes(text, body, length);
        body += length;
    }
}

static dcl_status put_home(looker *l, const dcl_forecast_home *home, const night_log *log, size_t first,
                           double large_w, dcl_text *text, size_t *added, dcl_error *error) {
    dcl_status status = DCL_OK;
    bool looked = false;
    float value[DCL_FC_FEATURES_MAX];
    size_t k;
    dcl_fc_features(l->about.horizon, &k);
    for (size_t i = first; !status && i < log->n; i++) {
        const night_row *row = &log->row[i];
        if (strcmp(row->home, home->id) != 0) continue;
        if (!(fabs((double)row->actual - (double)row->p50) > large_w)) continue;
        if (!looked) status = look_at(l, home, error);
        looked = true;
        if (status || !features_of(l, row, value)) continue;
        put_miss(text, row, value, k);
        ++*added;
    }
    return status;
}

dcl_status nightly_misses_add(const dcl_context *context, const dcl_nightly *run, const char *name,
                              const dcl_forecast_model *model, const dcl_forecast_home *homes, size_t n_homes,
                              const night_log *log, size_t first, double large_w, size_t *added,
                              dcl_error *error) {
    char path[NIGHTLY_PATH], *bytes = NULL;
    size_t n = 0;
    dcl_text text = {0};
    looker l = {.context = context, .options = &run->options, .about = dcl_forecast_describe(model)};
    nightly_path(run, name, "misses.csv", path);
    *added = 0;
    dcl_status status = dcl_file_read(path, (size_t)1 << 28, &bytes, &n, error);
    if (status == DCL_E_NOT_FOUND) status = DCL_OK;
    put_head(&text, model);
    int64_t known_us = INT64_MIN;
    for (size_t i = 0; i < first; i++)
        if (log->row[i].issued_us > known_us) known_us = log->row[i].issued_us;
    if (!status && n && !text.failed) put_kept(&text, bytes, n, known_us);
    for (size_t h = 0; !status && h < n_homes; h++)
        status = put_home(&l, &homes[h], log, first, large_w, &text, added, error);
    if (!status && text.failed) status = dcl_fail_memory(error, "misses");
    if (!status && *added && !run->options.dry_run) status = dcl_file_write(path, text.at, text.n, error);
    dcl_text_free(&text);
    dcl_arena_free(&l.arena);
    free(bytes);
    return status;
}
