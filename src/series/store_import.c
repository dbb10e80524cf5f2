/*
 * Many devices into a store, each a home of its own: tracebase. They come one at a time, some of them more than once, go into
 * a spill, and are packed into the store one after the other, so that one of them is in memory.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "series/panel_homes.h"
#include "series/spill.h"
#include "series/store.h"

/* What is told of a device besides its power. */
typedef struct device {
    dcl_home facts; /* its pointers are not used */
    int64_t period_us;
} device;

typedef struct importer {
    const dcl_context *context;
    dcl_spill spill;
    device *known; /* [n] in order of first coming */
    size_t n, room;
    dcl_panel_told *told;
} importer;

static device *find_device(const importer *im, const char *id) {
    for (size_t i = 0; i < im->n; i++)
        if (strcmp(im->known[i].facts.id, id) == 0) return &im->known[i];
    return NULL;
}

static dcl_status leave(importer *im, dcl_panel_left reason, const dcl_home *home) {
    if (!im->told->left[reason]++)
        snprintf(im->told->first_left[reason], sizeof *im->told->first_left, "%s",
                 dcl_home_is_name(home->id) ? home->id : "");
    return DCL_OK;
}

/* A device that comes again: its facts add up. */
static void add_facts(dcl_home *known, const dcl_home *home) {
    known->notes |= home->notes;
    known->readings += home->readings;
    for (unsigned i = 0; i < DCL_EXCLUSION_COUNT; i++) {
        uint64_t before = known->excluded[i].count;
        if (!before) known->excluded[i] = home->excluded[i];
        known->excluded[i].count = before + home->excluded[i].count;
    }
}

static dcl_status take_device(void *arg, const dcl_home *home, dcl_error *error) {
    importer *im = arg;
    const dcl_series *power = dcl_home_series(home, DCL_POWER_W);
    dcl_panel_count(im->told, home);
    if (!power) return leave(im, DCL_PANEL_LEFT_EMPTY, home);
    if (!dcl_home_is_name(home->id)) return leave(im, DCL_PANEL_LEFT_BAD_NAME, home);
    device *known = find_device(im, home->id);
    if (known && known->period_us != power->period_us) return leave(im, DCL_PANEL_LEFT_OTHER_PERIOD, home);
    if (known) {
        add_facts(&known->facts, home);
    } else {
        if (dcl_grow(&im->known, &im->room, im->n + 1, sizeof *im->known))
            return dcl_fail_memory(error, "the list of devices");
        im->known[im->n++] = (device){.facts = *home, .period_us = power->period_us};
        im->told->homes = im->told->new_homes = im->n;
    }
    im->told->readings += home->readings;
    return dcl_spill_add(&im->spill, home->id, power, error);
}

/* The stretches [n] of one device as its series. */
static dcl_status join(importer *im, const dcl_stretch *part, size_t n, device *of, dcl_series *out,
                       dcl_error *error) {
    int64_t start_us = part[0].start_us, end_us = INT64_MIN;
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        int64_t end = part[i].start_us + (int64_t)part[i].n * of->period_us;
        if (end > end_us) end_us = end;
        if (part[i].n > longest) longest = part[i].n;
    }
    *out = (dcl_series){.channel = DCL_POWER_W,
                        .start_us = start_us,
                        .period_us = of->period_us,
                        .reading_us = of->facts.reading_us,
                        .n = (size_t)((end_us - start_us) / of->period_us)};
    out->value = malloc(out->n * sizeof *out->value);
    float *room = malloc(longest * sizeof *room);
    dcl_status status = out->value && room ? DCL_OK : dcl_fail_memory(error, "a device");
    for (size_t i = 0; !status && i < out->n; i++) out->value[i] = NAN;
    for (size_t i = 0; !status && i < n; i++)
        status =
            dcl_spill_merge(&im->spill, &part[i], out->value + (part[i].start_us - start_us) / of->period_us,
                            room, &of->facts.excluded[DCL_EXCLUDED_DUPLICATE].count,
                            &of->facts.excluded[DCL_EXCLUDED_CONTRADICTION].count, error);
    free(room);
    return status;
}

static dcl_status add_devices(importer *im, dcl_store_builder *store, bool deflate, dcl_error *error) {
    dcl_status status = dcl_spill_sort(&im->spill, error);
    const dcl_stretch *part = im->spill.part;
    for (size_t i = 0, n; !status && i < im->spill.n; i += n) {
        dcl_series power = {0};
        device *of = find_device(im, part[i].id);
        for (n = 1; i + n < im->spill.n && part[i + n].order == part[i].order;) n++;
        status = join(im, part + i, n, of, &power, error);
        dcl_home home = of->facts;
        home.series = &power;
        home.n_series = 1;
        home.n_truth = home.n_va_maxima = 0;
        if (!status && !dcl_store_add(store, &home, deflate))
            status = dcl_fail(error, DCL_E_MEMORY, "the store could not be built in memory");
        free(power.value);
        if (!status && dcl_cancelled(im->context)) status = dcl_fail(error, DCL_E_CANCELLED, "interrupted");
        if (im->context->progress)
            im->context->progress(im->context->progress_arg, "packing", "homes", i + n, im->spill.n);
    }
    return status;
}

static dcl_status write_store(importer *im, const char *path, bool deflate, dcl_error *error) {
    size_t n = 0;
    dcl_silence old = dcl_silence_begin();
    dcl_store_builder store = {0};
    bool begun = dcl_store_begin(&store);
    dcl_status status = begun ? add_devices(im, &store, deflate, error) : DCL_OK;
    unsigned char *bytes = dcl_store_end(&store, begun && !status, &n);
    dcl_silence_end(old);
    if (!status && !bytes)
        status = dcl_fail_file(error, DCL_E_MEMORY, path, "the store could not be built in memory");
    if (!status) status = dcl_file_write(path, (const char *)bytes, n, error);
    free(bytes);
    return status;
}

dcl_status dcl_store_import(const dcl_context *context, const char *path, const char *const *inputs,
                            size_t n_inputs, const dcl_read_options *options, const dcl_store_options *store,
                            dcl_panel_told *told, dcl_error *error) {
    dcl_error own;
    if (!error) error = &own;
    *error = (dcl_error){.pos = {0, -1}};
    *told = (dcl_panel_told){0};
    importer im = {.context = context, .told = told};
    dcl_status status = dcl_spill_open(&im.spill, path, error);
    if (!status) status = dcl_homes_each(context, inputs, n_inputs, options, take_device, &im, error);
    if (!status && !im.n) status = dcl_fail(error, DCL_E_NO_DATA, "no usable reading in it");
    if (!status) status = write_store(&im, path, store && store->deflate, error);
    if (status && n_inputs && !error->file[0]) snprintf(error->file, sizeof error->file, "%.250s", inputs[0]);
    dcl_spill_close(&im.spill);
    free(im.known);
    return status;
}
