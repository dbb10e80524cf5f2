/* Reading the shelf: every byte is verified before it is believed, and nothing is written. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crc.h"
#include "base/file.h"
#include "base/text.h"
#include "learn/shelf.h"

enum { CARD_BYTES = 16 << 20, CURRENT_BYTES = 64, DAMAGED = DCL_SHELF_NUMBERS + 1 };

bool dcl_shelf_name_valid(const char *name) {
    size_t n = strlen(name), digits;
    return !dcl_address_in(name, &digits) && n >= 1 && n <= DCL_SHELF_NAME && name[0] != '.' && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == n;
}

dcl_status dcl_shelf_path(const dcl_shelf *shelf, const char *name, const char *more,
                          char path[DCL_SHELF_PATH], dcl_error *error) {
    if (!dcl_shelf_name_valid(name))
        return dcl_fail(error, DCL_E_ARG,
                        "'%.80s' is no name of a model: up to %d letters, digits, _ . and -, the first a "
                        "letter, a digit or _, and no meter's address",
                        name, DCL_SHELF_NAME);
    int n = snprintf(path, DCL_SHELF_PATH, "%s/%s%s%s", shelf->path, name, more ? "/" : "", more ? more : "");
    if (n < 0 || n >= DCL_SHELF_PATH) return dcl_fail(error, DCL_E_IO, "the path of the shelf is too long");
    return DCL_OK;
}

uint32_t dcl_shelf_number(const char *folder) {
    if (strlen(folder) != 6 || strspn(folder, "0123456789") != 6) return 0;
    return (uint32_t)strtoul(folder, NULL, 10);
}

void dcl_shelf_folder(uint32_t number, char folder[16]) {
    snprintf(folder, 16, "%06u", number);
}

/* ---------------------------------------------------------------- folders */

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What a folder holds under names that do not begin with a point, in order; in the arena. */
static dcl_status list_folder(const char *path, dcl_arena *arena, char ***out, size_t *n, dcl_error *error) {
    DIR *folder = opendir(path);
    char **list = NULL;
    size_t room = 0;
    dcl_status status = DCL_OK;
    *n = 0;
    if (!folder)
        return dcl_fail_file(error, errno == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path, "cannot be read: %s",
                             strerror(errno));
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        if (dcl_grow(&list, &room, *n + 1, sizeof *list) ||
            !(list[*n] = dcl_arena_strdup(arena, entry->d_name)))
            status = dcl_fail_memory(error, "what is on the shelf");
        else
            (*n)++;
    }
    closedir(folder);
    *out = dcl_arena_alloc(arena, *n, sizeof **out);
    if (!status && !*out) status = dcl_fail_memory(error, "what is on the shelf");
    if (!status && *n) {
        memcpy(*out, list, *n * sizeof *list);
        qsort(*out, *n, sizeof **out, by_text);
    }
    free(list);
    return status;
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

dcl_status dcl_shelf_names(dcl_shelf *shelf, dcl_arena *arena, char ***names, size_t *n, dcl_error *error) {
    size_t all;
    char path[DCL_SHELF_PATH];
    dcl_status status = list_folder(shelf->path, arena, names, &all, error);
    *n = 0;
    for (size_t i = 0; !status && i < all; i++)
        if (dcl_shelf_name_valid((*names)[i]) && !dcl_shelf_path(shelf, (*names)[i], NULL, path, NULL) &&
            is_folder(path))
            (*names)[(*n)++] = (*names)[i];
    return status;
}

dcl_status dcl_shelf_numbers(const dcl_shelf *shelf, const char *name, dcl_arena *arena, uint32_t **out,
                             size_t *n, dcl_error *error) {
    char path[DCL_SHELF_PATH], **list;
    size_t all = 0;
    *n = 0;
    dcl_status status = dcl_shelf_path(shelf, name, NULL, path, error);
    if (!status) status = list_folder(path, arena, &list, &all, error);
    if (status == DCL_E_NOT_FOUND)
        return dcl_fail_file(error, status, shelf->path, "no model %s is on it", name);
    if (status) return status;
    *out = dcl_arena_alloc(arena, all, sizeof **out);
    if (!*out) return dcl_fail_memory(error, "what is on the shelf");
    for (size_t i = 0; i < all; i++)
        if (dcl_shelf_number(list[i])) (*out)[(*n)++] = dcl_shelf_number(list[i]);
    return DCL_OK;
}

/* ---------------------------------------------------------------- one version */

dcl_status dcl_shelf_current(const dcl_shelf *shelf, const char *name, uint32_t *number, dcl_error *error) {
    char path[DCL_SHELF_PATH], *text;
    size_t n;
    *number = 0;
    dcl_status status = dcl_shelf_path(shelf, name, "current", path, error);
    if (status) return status;
    dcl_error reading = {0};
    status = dcl_file_read(path, CURRENT_BYTES, &text, &n, &reading);
    if (status == DCL_E_NOT_FOUND) return DCL_OK;
    *number = DAMAGED;
    if (status == DCL_E_FORMAT) return DCL_OK; /* longer than a number is */
    if (status) return dcl_fail_file(error, status, path, "%s", reading.msg);
    if (n == 7 && text[6] == '\n') {
        text[6] = '\0';
        if (dcl_shelf_number(text)) *number = dcl_shelf_number(text);
    }
    free(text);
    return DCL_OK;
}

static bool is_there(const dcl_shelf *shelf, const char *name, uint32_t number) {
    char path[DCL_SHELF_PATH], folder[16];
    dcl_shelf_folder(number, folder);
    return dcl_shelf_path(shelf, name, folder, path, NULL) == DCL_OK && is_folder(path);
}

/* A file of a version; malloc'd. */
static dcl_status read_part(const dcl_shelf *shelf, const char *name, uint32_t number, const char *part,
                            size_t limit, char **bytes, size_t *n, dcl_error *error) {
    char path[DCL_SHELF_PATH], more[64], folder[16];
    dcl_shelf_folder(number, folder);
    snprintf(more, sizeof more, "%s/%s", folder, part);
    dcl_status status = dcl_shelf_path(shelf, name, more, path, error);
    if (status) return status;
    status = dcl_file_read(path, limit, bytes, n, error);
    /* A version that lacks a file is damaged, not absent. */
    if (status == DCL_E_NOT_FOUND && is_there(shelf, name, number))
        return dcl_fail(error, DCL_E_FORMAT, "its file %s is not there", part);
    return status;
}

/* Which version an error is of. */
static void name_version(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_error *error) {
    char path[DCL_SHELF_PATH], folder[16];
    dcl_shelf_folder(number, folder);
    if (error && !dcl_shelf_path(shelf, name, folder, path, NULL))
        snprintf(error->file, sizeof error->file, "%.255s", path);
}

/* The files beside the model, each as its card has it. */
static dcl_status verify_files(const dcl_shelf *shelf, const char *name, uint32_t number,
                               const dcl_card *card, dcl_error *error) {
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < card->n_files; i++) {
        const dcl_card_file *file = &card->file[i];
        char *bytes = NULL;
        size_t n = 0;
        status = read_part(shelf, name, number, file->name, DCL_SHELF_LARGEST, &bytes, &n, error);
        if (!status && (n != file->bytes || dcl_crc32_of(bytes, n) != file->crc))
            status = dcl_fail(error, DCL_E_FORMAT,
                              "its file %s is not the one of its card: %zu of %llu bytes, or changed",
                              file->name, n, (unsigned long long)file->bytes);
        free(bytes);
    }
    return status;
}

dcl_status dcl_shelf_verify(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_arena *arena,
                            dcl_shelf_version *out, const char **bytes, dcl_error *error) {
    char *card = NULL, *model = NULL;
    size_t n, n_model = 0;
    uint64_t want = 0;
    *out = (dcl_shelf_version){.number = number, .said = ""};
    dcl_status status = read_part(shelf, name, number, "card.json", CARD_BYTES, &card, &n, error);
    if (!status) status = dcl_card_read(card, n, arena, &out->card, &want, &out->crc, error);
    free(card);
    if (!status) status = read_part(shelf, name, number, "model", DCL_SHELF_LARGEST, &model, &n_model, error);
    if (!status && (n_model != want || dcl_crc32_of(model, n_model) != out->crc))
        status = dcl_fail(error, DCL_E_FORMAT,
                          "the model is not the one of its card: %zu of %llu bytes, or changed", n_model,
                          (unsigned long long)want);
    if (!status) status = verify_files(shelf, name, number, &out->card, error);
    if (!status && bytes) {
        *bytes = model;
        if (dcl_arena_adopt(arena, model, n_model + 1))
            model = NULL;
        else
            status = dcl_fail_memory(error, "a model");
    }
    free(model);
    if (status) {
        out->card = (dcl_card){0};
        name_version(shelf, name, number, error);
    }
    out->status = status;
    out->bytes = n_model;
    return status;
}

/* Whether a failure is of one version, so that others may serve; the others are of the machine. */
static bool is_damage(dcl_status status) {
    return status == DCL_E_FORMAT || status == DCL_E_UNSUPPORTED || status == DCL_E_IO ||
           status == DCL_E_NOT_FOUND;
}

dcl_status dcl_shelf_list(dcl_shelf *shelf, const char *name, dcl_arena *arena, dcl_shelf_version **versions,
                          size_t *n, uint32_t *current, dcl_error *error) {
    uint32_t *numbers;
    size_t all;
    *n = 0;
    dcl_status status = dcl_shelf_numbers(shelf, name, arena, &numbers, &all, error);
    if (!status) status = dcl_shelf_current(shelf, name, current, error);
    if (status) return status;
    if (*current > DCL_SHELF_NUMBERS) *current = 0;
    *versions = dcl_arena_alloc(arena, all, sizeof **versions);
    if (!*versions) return dcl_fail_memory(error, "what is on the shelf");
    for (size_t i = 0; i < all; i++) {
        dcl_error why = {0};
        dcl_shelf_version *version = &(*versions)[*n];
        status = dcl_shelf_verify(shelf, name, numbers[i], arena, version, NULL, &why);
        if (status == DCL_E_NOT_FOUND) continue; /* removed meanwhile */
        version->said = status ? dcl_arena_strdup(arena, why.msg) : "";
        if (!version->said || (status && !is_damage(status)))
            return dcl_fail_memory(error, "what is on the shelf");
        (*n)++;
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- what serves */

static dcl_status take(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_arena *arena,
                       dcl_shelf_model *out, dcl_error *error) {
    dcl_status status = dcl_shelf_verify(shelf, name, number, arena, &out->version, &out->bytes, error);
    out->n = (size_t)out->version.bytes;
    return status;
}

/* Before the damaged one from the newest on, then behind it from the oldest on: what was never chosen comes last. */
static dcl_status take_another(const dcl_shelf *shelf, const char *name, uint32_t damaged, dcl_arena *arena,
                               dcl_shelf_model *out, dcl_error *error) {
    uint32_t *numbers;
    size_t n;
    dcl_error why;
    dcl_status status = dcl_shelf_numbers(shelf, name, arena, &numbers, &n, error);
    if (status) return status;
    for (size_t i = n; i-- > 0;)
        if (numbers[i] < damaged && !take(shelf, name, numbers[i], arena, out, &why)) return DCL_OK;
    for (size_t i = 0; i < n; i++)
        if (numbers[i] > damaged && !take(shelf, name, numbers[i], arena, out, &why)) return DCL_OK;
    return DCL_E_FORMAT; /* as `error` says of the one that was wanted */
}

dcl_status dcl_shelf_read(dcl_shelf *shelf, const char *name, uint32_t number, dcl_arena *arena,
                          dcl_shelf_model *out, dcl_error *error) {
    uint32_t current = number;
    *out = (dcl_shelf_model){0};
    dcl_status status = number ? DCL_OK : dcl_shelf_current(shelf, name, &current, error);
    if (status) return status;
    if (number > DCL_SHELF_NUMBERS || (number && !is_there(shelf, name, number)))
        return dcl_fail_file(error, DCL_E_NOT_FOUND, shelf->path, "%s has no version %u", name, number);
    if (!current) {
        dcl_arena none = {0};
        uint32_t *numbers;
        size_t n;
        status = dcl_shelf_numbers(shelf, name, &none, &numbers, &n, error);
        dcl_arena_free(&none);
        if (status) return status;
        return dcl_fail_file(error, DCL_E_NOT_FOUND, shelf->path, "no version of %s is chosen to serve",
                             name);
    }
    if (current <= DCL_SHELF_NUMBERS)
        status = take(shelf, name, current, arena, out, error);
    else
        status = dcl_fail(error, DCL_E_FORMAT, "what tells the current version of %s is damaged", name);
    if (!status || number || !is_damage(status)) return status;
    out->instead_of = current;
    return take_another(shelf, name, current, arena, out, error);
}
