#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static dcl_status fail_errno(dcl_error *error, const char *path, const char *what) {
    int reason = errno;
    return dcl_fail_file(error, reason == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path, "cannot %s: %s", what,
                         strerror(reason));
}

static void release(dcl_output *out) {
    free(out->path);
    free(out->temporary);
    *out = (dcl_output){0};
}

/* A name nobody else uses: the process id, and a count for a name left behind by a killed run. */
static int create_beside(dcl_output *out, size_t room) {
    for (int attempt = 0; attempt < 100; attempt++) {
        snprintf(out->temporary, room, "%s.%ld-%d.part", out->path, (long)getpid(), attempt);
        int file = open(out->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

dcl_status dcl_output_begin(dcl_output *out, const char *path, dcl_error *error) {
    *out = (dcl_output){0};
    /* A rename would put a file in the place of a device, a pipe or a link: that is never meant. */
    struct stat info;
    if (lstat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return dcl_fail_file(error, DCL_E_IO, path, "cannot write: it is %s",
                             S_ISDIR(info.st_mode) ? "a folder" : "no regular file");
    size_t room = strlen(path) + 48;
    out->path = malloc(room);
    out->temporary = malloc(room);
    if (!out->path || !out->temporary) {
        release(out);
        return dcl_fail_memory(error, "the name of an output");
    }
    strcpy(out->path, path);
    int file = create_beside(out, room);
    if (file < 0) {
        dcl_status status = fail_errno(error, path, "create a file in its folder");
        release(out);
        return status;
    }
    close(file);
    return DCL_OK;
}

/* Makes the rename itself durable. A file system that cannot sync a folder is not an error of ours. */
static void sync_folder(const char *path) {
    char *folder = strdup(path);
    if (!folder) return;
    char *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder ? 1 : 0] = '\0';
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
    free(folder);
}

dcl_status dcl_output_commit(dcl_output *out, dcl_error *error) {
    dcl_status status = DCL_OK;
    int file = open(out->temporary, O_RDWR | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0) status = fail_errno(error, out->path, "sync");
    if (file >= 0 && close(file) != 0 && !status) status = fail_errno(error, out->path, "close");
    if (!status && rename(out->temporary, out->path) != 0)
        status = fail_errno(error, out->path, "rename to it");
    if (status) {
        dcl_output_abort(out);
        return status;
    }
    sync_folder(out->path);
    release(out);
    return DCL_OK;
}

void dcl_output_abort(dcl_output *out) {
    if (out->temporary) unlink(out->temporary);
    release(out);
}

dcl_status dcl_file_write(const char *path, const char *bytes, size_t n, dcl_error *error) {
    dcl_output out;
    dcl_status status = dcl_output_begin(&out, path, error);
    if (status) return status;
    FILE *file = fopen(out.temporary, "wb");
    bool written = file && fwrite(bytes, 1, n, file) == n;
    if (!written) status = fail_errno(error, path, "write");
    if (file && fclose(file) != 0 && !status) status = fail_errno(error, path, "write");
    if (!status) return dcl_output_commit(&out, error);
    dcl_output_abort(&out);
    return status;
}

dcl_status dcl_file_read(const char *path, size_t limit, char **bytes, size_t *n, dcl_error *error) {
    *bytes = NULL;
    *n = 0;
    FILE *file = fopen(path, "rb");
    if (!file) return fail_errno(error, path, "read");
    size_t room = 0;
    dcl_status status = DCL_OK;
    for (size_t got = 1; got && !status;) {
        status = dcl_grow(bytes, &room, *n + 65536 + 1, 1);
        if (status) break;
        got = fread(*bytes + *n, 1, 65536, file);
        *n += got;
        if (*n > limit) status = dcl_fail_file(error, DCL_E_FORMAT, path, "longer than %zu bytes", limit);
    }
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, path);
    if (!status && ferror(file)) status = fail_errno(error, path, "read");
    fclose(file);
    if (status) {
        free(*bytes);
        *bytes = NULL;
        *n = 0;
    } else {
        (*bytes)[*n] = '\0';
    }
    return status;
}
