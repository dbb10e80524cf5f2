/* The list of --devices: CSV of three columns, read with its lines for messages. */
#include "cli/device_list.h"

#include <errno.h>
#include <string.h>

#include "base/status.h"

static const char header[] = "input,device,type";

bool is_listed_input(const listed_device *device, const char *path) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    size_t start = n;
    while (start && path[start - 1] != '/') start--;
    return strlen(device->input) == n - start && memcmp(path + start, device->input, n - start) == 0;
}

/* The next field, without blanks around it. False where it is empty or too long. */
static bool take_field(const char **at, char *out, size_t room) {
    const char *from = *at + strspn(*at, " \t");
    size_t n = strcspn(from, ",");
    *at = from + n + (from[n] == ',');
    while (n && (from[n - 1] == ' ' || from[n - 1] == '\t')) n--;
    if (n < 1 || n >= room) return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

static dcl_status bad_line(session *cli, const device_list *list, int64_t line, const char *what) {
    dcl_fail_at(&cli->error, DCL_E_FORMAT, line, -1, "%s", what);
    snprintf(cli->error.file, sizeof cli->error.file, "%s", list->path);
    return DCL_E_FORMAT;
}

static dcl_status take_line(session *cli, device_list *list, size_t *room, int64_t line, const char *text) {
    listed_device found = {.line = line};
    const char *at = text;
    bool whole = take_field(&at, found.input, sizeof found.input) &&
                 take_field(&at, found.part, sizeof found.part) &&
                 take_field(&at, found.type, sizeof found.type) && !*at;
    if (!whole) return bad_line(cli, list, line, "expected input,device,type, as house1.tar.xz,01,fridge");
    for (size_t i = 0; i < list->n; i++) {
        const listed_device *other = &list->device[i];
        if (strcmp(other->input, found.input) == 0 && strcmp(other->part, found.part) == 0)
            return bad_line(cli, list, line, "a device that an earlier line has named");
    }
    if (list->n == *room) {
        listed_device *more = dcl_arena_alloc(&cli->arena, 2 * *room + 16, sizeof *more);
        if (!more) return dcl_fail_memory(&cli->error, "a list of devices");
        if (list->n) memcpy(more, list->device, list->n * sizeof *more);
        list->device = more;
        *room = 2 * *room + 16;
    }
    list->device[list->n++] = found;
    return DCL_OK;
}

dcl_status read_device_list(session *cli, const char *path, device_list *out) {
    char text[512];
    size_t room = 0;
    int64_t line = 0;
    bool headed = false;
    dcl_status status = DCL_OK;
    *out = (device_list){.path = path};
    FILE *file = fopen(path, "r");
    if (!file) return dcl_fail_file(&cli->error, DCL_E_NOT_FOUND, path, "%s", strerror(errno));
    while (!status && fgets(text, sizeof text, file)) {
        size_t n = strcspn(text, "\r\n");
        line++;
        if (text[n] == '\0' && n + 1 == sizeof text) {
            status = bad_line(cli, out, line, "a line of more than 500 bytes");
            continue;
        }
        text[n] = '\0';
        if (!text[strspn(text, " \t")] || text[0] == '#') continue;
        if (headed)
            status = take_line(cli, out, &room, line, text);
        else if (strcmp(text, header) != 0)
            status = bad_line(cli, out, line, "expected the header input,device,type");
        headed = true;
    }
    if (!status && ferror(file)) status = dcl_fail_file(&cli->error, DCL_E_IO, path, "cannot be read");
    fclose(file);
    if (!status && !out->n) status = dcl_fail_file(&cli->error, DCL_E_NO_DATA, path, "it lists no device");
    return status;
}
