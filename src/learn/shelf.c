/* Writing to the shelf: what is new is made aside, synced and renamed; what goes is renamed aside, then removed. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/file.h"
#include "learn/shelf.h"

#define STAGED ".staged" /* one at a time: the lock sees to it */
#define GONE   ".gone"

static dcl_status fail_errno(dcl_error *error, const char *path, const char *what) {
    int reason = errno;
    return dcl_fail_file(error, reason == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path, "cannot %s: %s", what,
                         strerror(reason));
}

dcl_status dcl_shelf_open(const char *path, bool create, dcl_shelf **out, dcl_error *error) {
    struct stat info;
    *out = NULL;
    if (create && mkdir(path, 0777) != 0 && errno != EEXIST) return fail_errno(error, path, "make the shelf");
    if (stat(path, &info) != 0) return fail_errno(error, path, "open the shelf");
    if (!S_ISDIR(info.st_mode))
        return dcl_fail_file(error, DCL_E_IO, path, "a shelf is a folder, this is none");
    dcl_shelf *shelf = malloc(sizeof *shelf);
    if (shelf) shelf->path = strdup(path);
    if (!shelf || !shelf->path) {
        free(shelf);
        return dcl_fail_memory(error, "the shelf");
    }
    *out = shelf;
    return DCL_OK;
}

void dcl_shelf_close(dcl_shelf **shelf) {
    if (!*shelf) return;
    free((*shelf)->path);
    free(*shelf);
    *shelf = NULL;
}

/* ---------------------------------------------------------------- folders */

static dcl_status sync_folder(const char *path, dcl_error *error) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail_errno(error, path, "open");
    /* A file system that cannot sync a folder is not an error of ours. */
    bool failed = fsync(folder) != 0 && errno != EINVAL && errno != ENOTSUP;
    dcl_status status = failed ? fail_errno(error, path, "sync") : DCL_OK;
    close(folder);
    return status;
}

/* Removes a folder of files. What is gone already is well. */
static dcl_status remove_folder(const char *path, dcl_error *error) {
    DIR *folder = opendir(path);
    dcl_status status = DCL_OK;
    if (!folder) return errno == ENOENT ? DCL_OK : fail_errno(error, path, "remove");
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 && errno != ENOENT)
            status = fail_errno(error, path, "empty");
    }
    closedir(folder);
    if (!status && rmdir(path) != 0 && errno != ENOENT) status = fail_errno(error, path, "remove");
    return status;
}

/* What a killed run left: a version half made, one half removed, a `current` half written. */
static dcl_status clean(const dcl_shelf *shelf, const char *name, dcl_error *error) {
    char path[DCL_SHELF_PATH];
    dcl_status status = dcl_shelf_path(shelf, name, STAGED, path, error);
    if (!status) status = remove_folder(path, error);
    if (!status) status = dcl_shelf_path(shelf, name, GONE, path, error);
    if (!status) status = remove_folder(path, error);
    if (!status) status = dcl_shelf_path(shelf, name, NULL, path, error);
    DIR *folder = status ? NULL : opendir(path);
    if (!folder) return status;
    for (struct dirent *entry; (entry = readdir(folder));) {
        size_t n = strlen(entry->d_name);
        if (strncmp(entry->d_name, "current.", 8) == 0 && n > 13 &&
            strcmp(entry->d_name + n - 5, ".part") == 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0); /* what stays is not in the way */
    }
    closedir(folder);
    return DCL_OK;
}

/* Waits for other processes that write, then cleans up after those that were killed. *lock is closed by the caller. */
static dcl_status begin(const dcl_shelf *shelf, const char *name, int *lock, dcl_error *error) {
    char path[DCL_SHELF_PATH];
    *lock = -1;
    int n = snprintf(path, sizeof path, "%s/.lock", shelf->path);
    if (n < 0 || n >= (int)sizeof path) return dcl_fail(error, DCL_E_IO, "the path of the shelf is too long");
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return fail_errno(error, shelf->path, "write to the shelf");
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int got;
    do {
        got = fcntl(file, F_SETLKW, &whole);
    } while (got != 0 && errno == EINTR);
    dcl_status status =
        got != 0 ? fail_errno(error, shelf->path, "lock the shelf") : clean(shelf, name, error);
    if (status)
        close(file);
    else
        *lock = file;
    return status;
}

/* ---------------------------------------------------------------- adding and choosing */

static dcl_status write_current(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_error *error) {
    char path[DCL_SHELF_PATH], text[16];
    dcl_status status = dcl_shelf_path(shelf, name, "current", path, error);
    if (status) return status;
    dcl_shelf_folder(number, text);
    strcat(text, "\n");
    return dcl_file_write(path, text, strlen(text), error);
}

/* The folder of a model; a new one is made and the shelf synced. */
static dcl_status make_model_folder(const dcl_shelf *shelf, const char *name, dcl_error *error) {
    char path[DCL_SHELF_PATH];
    dcl_status status = dcl_shelf_path(shelf, name, NULL, path, error);
    if (status) return status;
    if (mkdir(path, 0777) == 0) return sync_folder(shelf->path, error);
    return errno == EEXIST ? DCL_OK : fail_errno(error, path, "make the folder of the model");
}

static dcl_status check_files(const dcl_card *card, dcl_error *error) {
    if (card->n_files > DCL_CARD_FILES)
        return dcl_fail(error, DCL_E_ARG, "a version has at most %d files beside", DCL_CARD_FILES);
    for (size_t i = 0; i < card->n_files; i++)
        if (!card->file[i].content || !dcl_card_file_valid(card->file[i].name) ||
            card->file[i].bytes > DCL_SHELF_LARGEST)
            return dcl_fail(error, DCL_E_ARG, "'%.40s' is no file to stand beside a model",
                            card->file[i].name);
    return DCL_OK;
}

/* All files into the staged folder; each is synced, and so is the folder. */
static dcl_status stage(const dcl_shelf *shelf, const char *name, const void *bytes, size_t n,
                        const dcl_card *card, const char *folder, dcl_error *error) {
    char path[DCL_SHELF_PATH];
    dcl_text text = {0};
    dcl_status status = mkdir(folder, 0777) == 0 ? DCL_OK : fail_errno(error, folder, "make a folder");
    if (!status) status = dcl_shelf_path(shelf, name, STAGED "/model", path, error);
    if (!status) status = dcl_file_write(path, bytes, n, error);
    dcl_card_write(&text, card, n, dcl_crc32_of(bytes, n));
    if (!status && text.failed) status = dcl_fail_memory(error, "a card");
    if (!status) status = dcl_shelf_path(shelf, name, STAGED "/card.json", path, error);
    if (!status) status = dcl_file_write(path, text.at, text.n, error);
    for (size_t i = 0; !status && i < card->n_files; i++) {
        char part[64];
        snprintf(part, sizeof part, STAGED "/%s", card->file[i].name);
        status = dcl_shelf_path(shelf, name, part, path, error);
        if (!status) status = dcl_file_write(path, card->file[i].content, card->file[i].bytes, error);
    }
    if (!status) status = sync_folder(folder, error);
    dcl_text_free(&text);
    return status;
}

static dcl_status next_number(const dcl_shelf *shelf, const char *name, uint32_t *number, dcl_error *error) {
    dcl_arena arena = {0};
    uint32_t *numbers;
    size_t n;
    dcl_status status = dcl_shelf_numbers(shelf, name, &arena, &numbers, &n, error);
    *number = !status && n ? numbers[n - 1] + 1 : 1;
    dcl_arena_free(&arena);
    if (!status && *number > DCL_SHELF_NUMBERS)
        status = dcl_fail(error, DCL_E_IO, "%s has too many versions", name);
    return status;
}

/* The version in its place, under the lock. */
static dcl_status place(const dcl_shelf *shelf, const char *name, const void *bytes, size_t n,
                        const dcl_card *card, uint32_t *number, dcl_error *error) {
    char staged[DCL_SHELF_PATH], final[DCL_SHELF_PATH], model[DCL_SHELF_PATH], folder[16];
    dcl_status status = next_number(shelf, name, number, error);
    if (!status) status = dcl_shelf_path(shelf, name, STAGED, staged, error);
    if (!status) status = dcl_shelf_path(shelf, name, NULL, model, error);
    dcl_shelf_folder(*number, folder);
    if (!status) status = dcl_shelf_path(shelf, name, folder, final, error);
    if (status) return status;
    status = stage(shelf, name, bytes, n, card, staged, error);
    if (!status && rename(staged, final) != 0) status = fail_errno(error, final, "put the version there");
    if (status) {
        dcl_error ignored;
        (void)!remove_folder(staged, &ignored);
        return status;
    }
    return sync_folder(model, error);
}

/* Reads back what was written, then lets it serve. */
static dcl_status let_serve(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_shelf_version version;
    dcl_status status = dcl_shelf_verify(shelf, name, number, &arena, &version, NULL, error);
    dcl_arena_free(&arena);
    return status ? status : write_current(shelf, name, number, error);
}

static bool same_text(const char *a, const char *b) {
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The newest version, where it is this very model and does not serve: who put it there was killed before it could. 0 = none. */
static uint32_t left_behind(const dcl_shelf *shelf, const char *name, const void *bytes, size_t n,
                            const dcl_card *card) {
    dcl_arena arena = {0};
    dcl_error ignored;
    dcl_shelf_version found;
    uint32_t *numbers, current = 0, left = 0;
    size_t all;
    if (!dcl_shelf_numbers(shelf, name, &arena, &numbers, &all, &ignored) && all &&
        (dcl_shelf_current(shelf, name, &current, &ignored) || current < numbers[all - 1]) &&
        !dcl_shelf_verify(shelf, name, numbers[all - 1], &arena, &found, NULL, &ignored)) {
        const dcl_card *there = &found.card;
        bool same = found.bytes == n && found.crc == dcl_crc32_of(bytes, n) &&
                    there->parent == card->parent && there->from_us == card->from_us &&
                    there->to_us == card->to_us && there->n_files == card->n_files &&
                    same_text(there->kind, card->kind) && same_text(there->why, card->why);
        left = same ? numbers[all - 1] : 0;
    }
    dcl_arena_free(&arena);
    return left;
}

dcl_status dcl_shelf_add(dcl_shelf *shelf, const char *name, const void *bytes, size_t n,
                         const dcl_card *card, bool make_current, uint32_t *number, dcl_error *error) {
    char path[DCL_SHELF_PATH];
    uint32_t made = 0;
    int lock = -1;
    if (n < 1 || n > DCL_SHELF_LARGEST)
        return dcl_fail(error, DCL_E_ARG, "a model has 1 to %zu bytes, not %zu", DCL_SHELF_LARGEST, n);
    dcl_status status = check_files(card, error);
    if (!status) status = dcl_shelf_path(shelf, name, NULL, path, error);
    if (!status) status = begin(shelf, name, &lock, error);
    if (!status) status = make_model_folder(shelf, name, error);
    if (!status && make_current) made = left_behind(shelf, name, bytes, n, card);
    if (!status && !made) status = place(shelf, name, bytes, n, card, &made, error);
    if (number) *number = status ? 0 : made;
    dcl_error why = {0};
    if (!status && make_current && (status = let_serve(shelf, name, made, &why)))
        dcl_fail_file(error, status, path, "version %u is there but does not serve yet: %s", made, why.msg);
    if (lock >= 0) close(lock);
    return status;
}

dcl_status dcl_shelf_choose(dcl_shelf *shelf, const char *name, uint32_t number, dcl_error *error) {
    dcl_arena arena = {0};
    dcl_shelf_model model;
    int lock = -1;
    if (number < 1) return dcl_fail(error, DCL_E_ARG, "versions are counted from 1");
    /* An absent model is said as such before a folder of the shelf is touched. */
    dcl_status status = dcl_shelf_read(shelf, name, number, &arena, &model, error);
    if (!status) status = begin(shelf, name, &lock, error);
    if (!status)
        status = dcl_shelf_read(shelf, name, number, &arena, &model, error); /* not removed while we waited */
    if (!status) status = write_current(shelf, name, number, error);
    if (lock >= 0) close(lock);
    dcl_arena_free(&arena);
    return status;
}

/* ---------------------------------------------------------------- removing */

static dcl_status remove_version(const dcl_shelf *shelf, const char *name, uint32_t number,
                                 dcl_error *error) {
    char from[DCL_SHELF_PATH], gone[DCL_SHELF_PATH], folder[16];
    dcl_shelf_folder(number, folder);
    dcl_status status = dcl_shelf_path(shelf, name, folder, from, error);
    if (!status) status = dcl_shelf_path(shelf, name, GONE, gone, error);
    if (!status && rename(from, gone) != 0) status = fail_errno(error, from, "remove");
    return status ? status : remove_folder(gone, error);
}

dcl_status dcl_shelf_prune(dcl_shelf *shelf, const char *name, uint32_t keep, bool dry_run, dcl_arena *arena,
                           uint32_t **removed, size_t *n, dcl_error *error) {
    uint32_t *numbers, current = 0;
    size_t all = 0;
    int lock = -1;
    dcl_shelf_version version;
    *n = 0;
    dcl_status status = dcl_shelf_numbers(shelf, name, arena, &numbers, &all, error);
    if (!status && !dry_run) status = begin(shelf, name, &lock, error);
    if (!status) status = dcl_shelf_numbers(shelf, name, arena, &numbers, &all, error);
    if (!status) status = dcl_shelf_current(shelf, name, &current, error);
    if (!status && !(*removed = dcl_arena_alloc(arena, all, sizeof **removed)))
        status = dcl_fail_memory(error, "versions");
    /* Where the current one cannot be read its parent is not known either, and all of them may be needed. */
    bool known = !status && current && current <= DCL_SHELF_NUMBERS &&
                 dcl_shelf_verify(shelf, name, current, arena, &version, NULL, &(dcl_error){0}) == DCL_OK;
    for (size_t i = 0; known && !status && i + keep < all; i++) {
        if (numbers[i] == current || numbers[i] == version.card.parent) continue;
        if (!dry_run) status = remove_version(shelf, name, numbers[i], error);
        if (!status) (*removed)[(*n)++] = numbers[i];
    }
    if (lock >= 0) close(lock);
    return status;
}
