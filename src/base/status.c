#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *dcl_status_text(dcl_status status) {
    static const char *const texts[] = {
#define DCL_X(name, text) text,
        DCL_STATUS_TABLE(DCL_X)
#undef DCL_X
    };
    return (unsigned)status < DCL_STATUS_COUNT ? texts[status] : "unknown status";
}

static void fill(dcl_error *error, dcl_status code, int64_t line, int64_t byte, const char *format,
                 va_list args) {
    if (!error) return;
    error->code = code;
    error->pos = (dcl_pos){line, byte};
    vsnprintf(error->msg, sizeof error->msg, format, args);
}

dcl_status dcl_fail(dcl_error *error, dcl_status code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(error, code, 0, -1, format, args);
    va_end(args);
    return code;
}

dcl_status dcl_fail_at(dcl_error *error, dcl_status code, int64_t line, int64_t byte, const char *format,
                       ...) {
    va_list args;
    va_start(args, format);
    fill(error, code, line, byte, format, args);
    va_end(args);
    return code;
}

dcl_status dcl_fail_file(dcl_error *error, dcl_status code, const char *file, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fill(error, code, 0, -1, format, args);
    va_end(args);
    if (error) snprintf(error->file, sizeof error->file, "%s", file);
    return code;
}

dcl_status dcl_fail_memory(dcl_error *error, const char *what) {
    return dcl_fail(error, DCL_E_MEMORY, "no memory left for %s", what);
}

dcl_status dcl_grow(void *items, size_t *room, size_t need, size_t item_size) {
    if (need <= *room) return DCL_OK;
    size_t want = *room < 16 ? 16 : *room;
    while (want < need) {
        if (want > SIZE_MAX / 2) return DCL_E_MEMORY;
        want *= 2;
    }
    if (want > SIZE_MAX / item_size) return DCL_E_MEMORY;
    void *old;
    memcpy(&old, items, sizeof old);
    void *grown = realloc(old, want * item_size);
    if (!grown) return DCL_E_MEMORY;
    memcpy(items, &grown, sizeof grown);
    *room = want;
    return DCL_OK;
}
