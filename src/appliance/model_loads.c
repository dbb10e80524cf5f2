/* The file of loads that a person named. */
#include "base/status.h"
#include "learn/pack.h"
#include <declic/appliance_names.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char model_kind[] = "loads";

static void put_range(dcl_pack_writer *to, const float range[2]) {
    dcl_pack_put_f32(to, range[0]);
    dcl_pack_put_f32(to, range[1]);
}

dcl_status dcl_loads_write(const char *path, const dcl_loads *loads, dcl_error *error) {
    dcl_pack_writer to = {0};
    dcl_pack_put_u64(&to, (uint64_t)loads->period_us);
    dcl_pack_put_u32(&to, loads->apparent);
    dcl_pack_put_u32(&to, (uint32_t)loads->n);
    for (size_t k = 0; k < loads->n; k++) {
        const dcl_known_load *load = &loads->load[k];
        dcl_pack_put_text(&to, load->name);
        put_range(&to, load->on_w);
        put_range(&to, load->off_w);
        put_range(&to, load->on_s);
        put_range(&to, load->power_factor);
        for (int hour = 0; hour < 24; hour++) dcl_pack_put_u32(&to, load->start_hour[hour]);
        dcl_pack_put_f32(&to, load->sure);
    }
    dcl_pack_part part = {"loads", to.bytes, to.n};
    dcl_status status = to.failed ? dcl_fail_memory(error, "a model's bytes")
                                  : dcl_pack_write(path, model_kind, &part, 1, error);
    free(to.bytes);
    return status;
}

static bool get_range(dcl_pack_reader *from, float range[2], float most, bool may_lack) {
    range[0] = dcl_pack_get_f32(from);
    range[1] = dcl_pack_get_f32(from);
    if (may_lack && isnan(range[0]) && isnan(range[1])) return true;
    return range[0] >= 0 && range[1] >= range[0] && range[1] <= most;
}

static bool get_load(dcl_pack_reader *from, dcl_known_load *load) {
    static const float MOST_W = 5e7f, MOST_S = 1e8f;
    uint64_t count = 0;
    dcl_pack_get_text(from, load->name, sizeof load->name);
    bool good = load->name[0] != '\0';
    good &= get_range(from, load->on_w, MOST_W, false);
    good &= get_range(from, load->off_w, MOST_W, false);
    good &= get_range(from, load->on_s, MOST_S, false);
    good &= get_range(from, load->power_factor, 1, true);
    for (int hour = 0; hour < 24; hour++) count += load->start_hour[hour] = dcl_pack_get_u32(from);
    load->sure = dcl_pack_get_f32(from);
    load->count = (uint32_t)count;
    /* A name goes to terminals and pages: no control codes. */
    for (const char *c = load->name; *c; c++) good &= (unsigned char)*c >= 0x20 && *c != 0x7f;
    return good && count <= UINT32_MAX && load->sure >= 0 && load->sure <= 1;
}

static dcl_status get_all(const dcl_pack *pack, dcl_loads *out, dcl_error *error) {
    dcl_pack_part part;
    dcl_status status = dcl_pack_need(pack, "loads", &part, error);
    if (status) return status;
    dcl_pack_reader from = dcl_pack_begin(&part);
    uint64_t period_us = dcl_pack_get_u64(&from);
    uint32_t apparent = dcl_pack_get_u32(&from), n = dcl_pack_get_u32(&from);
    if (period_us < 1 || period_us > (uint64_t)DCL_DAY_US || apparent > 1 || n < 1 || n > DCL_LOADS_MOST)
        return dcl_fail(error, DCL_E_FORMAT, "a model of %u loads, every %llu us", (unsigned)n,
                        (unsigned long long)period_us);
    *out = (dcl_loads){.period_us = (int64_t)period_us, .apparent = apparent != 0, .n = n};
    for (uint32_t k = 0; k < n; k++)
        if (!get_load(&from, &out->load[k]))
            return dcl_fail(error, DCL_E_FORMAT, "load %u is out of its range", (unsigned)k + 1);
    return dcl_pack_done(&from) ? DCL_OK : dcl_fail(error, DCL_E_FORMAT, "loads that do not fit their part");
}

dcl_status dcl_loads_open(const void *bytes, size_t n, dcl_loads *out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_status status = dcl_pack_open(bytes, n, model_kind, &arena, &pack, error);
    if (!status) status = get_all(&pack, out, error);
    dcl_arena_free(&arena);
    return status;
}

dcl_status dcl_loads_read(const char *path, dcl_loads *out, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_pack pack;
    dcl_error why = {0};
    dcl_status status = dcl_pack_read(path, model_kind, &arena, &pack, error);
    if (!status) {
        status = get_all(&pack, out, &why);
        if (status) status = dcl_fail_file(error, status, path, "%s", why.msg);
    }
    dcl_arena_free(&arena);
    return status;
}
