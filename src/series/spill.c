#define _XOPEN_SOURCE 700 /* fseeko() */
#include "series/spill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

dcl_status dcl_spill_open(dcl_spill *spill, const char *path, dcl_error *error) {
    dcl_output file;
    *spill = (dcl_spill){.path = path};
    dcl_status status = dcl_output_begin(&file, path, error);
    if (status) return status;
    spill->file = fopen(file.temporary, "w+b");
    dcl_output_abort(&file);
    return spill->file ? DCL_OK : dcl_fail_file(error, DCL_E_IO, path, "a file beside it cannot be opened");
}

void dcl_spill_close(dcl_spill *spill) {
    if (spill->file) fclose(spill->file);
    free(spill->part);
    *spill = (dcl_spill){0};
}

static dcl_status fail_full(const dcl_spill *spill, dcl_error *error) {
    return dcl_fail_file(error, DCL_E_IO, spill->path, "no room beside it for what is read: a full disk?");
}

dcl_status dcl_spill_add(dcl_spill *spill, const char *id, const dcl_series *series, dcl_error *error) {
    if (dcl_grow(&spill->part, &spill->room, spill->n + 1, sizeof *spill->part))
        return dcl_fail_memory(error, "the list of homes");
    dcl_stretch *part = &spill->part[spill->n];
    *part =
        (dcl_stretch){.order = spill->n, .start_us = series->start_us, .at = spill->values, .n = series->n};
    snprintf(part->id, sizeof part->id, "%s", id);
    if (fwrite(series->value, sizeof(float), series->n, spill->file) != series->n)
        return fail_full(spill, error);
    spill->values += (int64_t)series->n;
    spill->n++;
    return DCL_OK;
}

static int by_id(const void *a, const void *b) {
    const dcl_stretch *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_order(const void *a, const void *b) {
    const dcl_stretch *x = a, *y = b;
    if (x->order != y->order) return x->order > y->order ? 1 : -1;
    return (x->start_us > y->start_us) - (x->start_us < y->start_us);
}

dcl_status dcl_spill_sort(dcl_spill *spill, dcl_error *error) {
    if (fflush(spill->file) != 0) return fail_full(spill, error);
    if (!spill->n) return DCL_OK;
    qsort(spill->part, spill->n, sizeof *spill->part, by_id);
    for (size_t i = 1; i < spill->n; i++)
        if (strcmp(spill->part[i].id, spill->part[i - 1].id) == 0)
            spill->part[i].order = spill->part[i - 1].order;
    qsort(spill->part, spill->n, sizeof *spill->part, by_order);
    return DCL_OK;
}

dcl_status dcl_spill_merge(dcl_spill *spill, const dcl_stretch *part, float *into, float *room,
                           uint64_t *same, uint64_t *other, dcl_error *error) {
    if (fseeko(spill->file, (off_t)(part->at * (int64_t)sizeof *room), SEEK_SET) != 0 ||
        fread(room, sizeof *room, part->n, spill->file) != part->n)
        return dcl_fail_file(error, DCL_E_IO, spill->path, "what was read cannot be read back");
    for (size_t i = 0; i < part->n; i++) {
        if (isnan(room[i])) continue;
        if (isnan(into[i])) {
            into[i] = room[i];
            continue;
        }
        bool differs = into[i] < room[i] || into[i] > room[i];
        ++*(differs ? other : same);
        if (differs) into[i] = NAN;
    }
    return DCL_OK;
}
