/* The one file that sees libarchive: streams of plain, compressed and archived files. */
#include "series/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "series/gzip_check.h"

enum { BLOCK_BYTES = 1 << 18, DEPTH_MAX = 16 };

struct dcl_source {
    char *path;
    bool is_folder;
    char **files; /* the files of a folder in order, or the one path */
    size_t n_files, room_files, next_file;
    struct archive *archive; /* over the current file; NULL between files */
    char name[512];
    int64_t byte; /* uncompressed bytes given of the current member */
    uint64_t done, total;
    bool is_gzip; /* a single compressed file whose checksum is ours to compare */
    dcl_gzip_check check;
};

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static dcl_status fail_path(dcl_error *error, const char *path) {
    int reason = errno;
    return dcl_fail_file(error, reason == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path, "cannot read: %s",
                         strerror(reason));
}

static dcl_status add_file(dcl_source *source, const char *path, off_t size) {
    dcl_status status =
        dcl_grow(&source->files, &source->room_files, source->n_files + 1, sizeof *source->files);
    char *copy = status ? NULL : strdup(path);
    if (!copy) return DCL_E_MEMORY;
    source->files[source->n_files++] = copy;
    source->total += size > 0 ? (uint64_t)size : 0;
    return DCL_OK;
}

/* Regular files below a folder; names that begin with a dot are left alone, links to folders are not
 * followed. */
static dcl_status add_folder(dcl_source *source, const char *path, int depth, dcl_error *error) {
    DIR *folder = depth < DEPTH_MAX ? opendir(path) : NULL;
    if (!folder) return depth < DEPTH_MAX ? fail_path(error, path) : DCL_OK;
    dcl_status status = DCL_OK;
    for (struct dirent *entry; !status && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        size_t n = strlen(path) + strlen(entry->d_name) + 2;
        char *child = malloc(n);
        if (!child) {
            status = DCL_E_MEMORY;
            break;
        }
        snprintf(child, n, "%s/%s", path, entry->d_name);
        struct stat info;
        if (lstat(child, &info) == 0) {
            if (S_ISDIR(info.st_mode)) status = add_folder(source, child, depth + 1, error);
            if (S_ISLNK(info.st_mode) && stat(child, &info) != 0) info.st_mode = 0;
            if (S_ISREG(info.st_mode)) status = add_file(source, child, info.st_size);
        }
        free(child);
    }
    closedir(folder);
    return status;
}

dcl_status dcl_source_open(const char *path, dcl_source **out, dcl_error *error) {
    *out = NULL;
    struct stat info = {0};
    bool is_input = strcmp(path, "-") == 0;
    if (!is_input && stat(path, &info) != 0) return fail_path(error, path);
    dcl_source *source = calloc(1, sizeof *source);
    if (!source || !(source->path = strdup(path))) {
        free(source);
        return dcl_fail_memory(error, path);
    }
    dcl_status status;
    source->is_folder = !is_input && S_ISDIR(info.st_mode);
    if (source->is_folder) {
        status = add_folder(source, path, 0, error);
        if (!status && source->n_files) qsort(source->files, source->n_files, sizeof *source->files, by_name);
        if (!status && !source->n_files)
            status = dcl_fail_file(error, DCL_E_NO_DATA, path, "the folder holds no file");
    } else {
        status = add_file(source, path, is_input || !S_ISREG(info.st_mode) ? 0 : info.st_size);
    }
    if (status == DCL_E_MEMORY) dcl_fail_memory(error, "the list of files");
    if (status) {
        dcl_source_close(&source);
        return status;
    }
    *out = source;
    return DCL_OK;
}

static void close_archive(dcl_source *source) {
    if (!source->archive) return;
    int64_t read = archive_filter_bytes(source->archive, -1);
    if (read > 0) source->done += (uint64_t)read;
    archive_read_free(source->archive);
    source->archive = NULL;
}

void dcl_source_close(dcl_source **source) {
    if (!*source) return;
    close_archive(*source);
    for (size_t i = 0; i < (*source)->n_files; i++) free((*source)->files[i]);
    free((*source)->files);
    free((*source)->path);
    free(*source);
    *source = NULL;
}

static dcl_status fail_archive(dcl_source *source, dcl_error *error) {
    const char *why = archive_error_string(source->archive);
    int reason = archive_errno(source->archive);
    if (why && strstr(why, "No progress is possible")) why = "it is cut short"; /* what liblzma calls it */
    bool is_system = reason == ENOENT || reason == EACCES || reason == EISDIR || reason == EIO;
    return dcl_fail_at(error, is_system ? DCL_E_IO : DCL_E_FORMAT, 0, source->byte,
                       "the file cannot be read on from here: %s", why ? why : "damaged or cut");
}

/* Formats and filters by name, not "all": some of libarchive's (mtree, uuencode) take plain text for theirs.
 */
static dcl_status open_archive(dcl_source *source, dcl_error *error) {
    const char *path = source->files[source->next_file];
    struct archive *archive = source->archive = archive_read_new();
    if (!archive) return dcl_fail_memory(error, path);
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_raw(archive);
    archive_read_support_format_empty(archive);
    int opened = strcmp(path, "-") == 0 ? archive_read_open_fd(archive, STDIN_FILENO, BLOCK_BYTES)
                                        : archive_read_open_filename(archive, path, BLOCK_BYTES);
    source->byte = 0;
    return opened == ARCHIVE_OK ? DCL_OK : fail_archive(source, error);
}

/* The name shown for a member: the file's own for raw bytes, the path inside an archive or folder else. */
static void name_member(dcl_source *source, const char *path, const char *inside) {
    if (source->is_folder) {
        path += strlen(source->path);
        while (*path == '/') path++;
    } else if (strrchr(path, '/')) {
        path = strrchr(path, '/') + 1;
    }
    bool is_raw = archive_format(source->archive) == ARCHIVE_FORMAT_RAW || !inside;
    snprintf(source->name, sizeof source->name, "%s", is_raw ? path : inside);
}

/* A gzip file on disk with one file inside; a tar in it would be read in parts, a pipe has no end to look at.
 */
static bool is_plain_gzip(const dcl_source *source) {
    struct stat info;
    return archive_filter_count(source->archive) == 2 &&
           archive_filter_code(source->archive, 0) == ARCHIVE_FILTER_GZIP &&
           archive_format(source->archive) == ARCHIVE_FORMAT_RAW &&
           stat(source->files[source->next_file], &info) == 0 && S_ISREG(info.st_mode);
}

dcl_status dcl_source_next(dcl_source *source, const char **name, dcl_error *error) {
    *name = NULL;
    for (;;) {
        if (!source->archive) {
            if (source->next_file == source->n_files) return DCL_OK;
            snprintf(source->name, sizeof source->name, "%s", source->files[source->next_file]);
            dcl_status status = open_archive(source, error);
            if (status) return status;
        }
        struct archive_entry *entry;
        int got = archive_read_next_header(source->archive, &entry);
        if (got == ARCHIVE_EOF) {
            close_archive(source);
            source->next_file++;
            continue;
        }
        if (got < ARCHIVE_WARN) return fail_archive(source, error);
        if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != 0) continue;
        name_member(source, source->files[source->next_file], archive_entry_pathname(entry));
        source->byte = 0;
        source->is_gzip = is_plain_gzip(source);
        if (source->is_gzip) dcl_gzip_check_begin(&source->check);
        *name = source->name;
        return DCL_OK;
    }
}

dcl_status dcl_source_more(void *arg, const char **block, size_t *n, dcl_error *error) {
    dcl_source *source = arg;
    const void *bytes = NULL;
    la_int64_t offset = 0;
    *block = NULL;
    *n = 0;
    for (;;) {
        int got = archive_read_data_block(source->archive, &bytes, n, &offset);
        if (got == ARCHIVE_EOF) {
            *n = 0;
            return source->is_gzip
                       ? dcl_gzip_check_end(&source->check, source->files[source->next_file], error)
                       : DCL_OK;
        }
        if (got < ARCHIVE_WARN) return fail_archive(source, error);
        if (*n) break;
    }
    *block = bytes;
    source->byte += (int64_t)*n;
    if (source->is_gzip) dcl_gzip_check_add(&source->check, bytes, *n);
    return DCL_OK;
}

bool dcl_source_is_many(const dcl_source *source) {
    return source->is_folder || (source->archive && archive_format(source->archive) != ARCHIVE_FORMAT_RAW &&
                                 archive_format(source->archive) != ARCHIVE_FORMAT_EMPTY);
}

void dcl_source_progress(const dcl_source *source, uint64_t *done, uint64_t *total) {
    int64_t now = source->archive ? archive_filter_bytes(source->archive, -1) : 0;
    *done = source->done + (now > 0 ? (uint64_t)now : 0);
    *total = source->total;
}

bool dcl_is_hdf5(const char *path) {
    static const char magic[8] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
    char bytes[8];
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return false; /* a pipe's bytes come once */
    FILE *file = fopen(path, "rb");
    bool is = file && fread(bytes, 1, 8, file) == 8 && memcmp(bytes, magic, 8) == 0;
    if (file) fclose(file);
    return is;
}
