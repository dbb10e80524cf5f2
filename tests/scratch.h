/* A folder for a test's files, removed with all that the test put there. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_PATHS = 64 };

typedef struct scratch {
    char folder[64];
    char made[SCRATCH_PATHS][256]; /* files and folders in order of making */
    size_t n;
} scratch;

static inline void scratch_begin(scratch *s) {
    *s = (scratch){.folder = "/tmp/declic-test-XXXXXX"};
    if (!mkdtemp(s->folder)) abort();
}

/* The path of a name in the folder, to be removed at the end whether or not it comes to be. */
static inline const char *scratch_path(scratch *s, const char *name) {
    if (s->n == SCRATCH_PATHS || strlen(s->folder) + strlen(name) + 2 > sizeof *s->made) abort();
    char *path = s->made[s->n++];
    strcpy(path, s->folder);
    strcat(path, "/");
    return strcat(path, name);
}

static inline const char *scratch_folder(scratch *s, const char *name) {
    const char *path = scratch_path(s, name);
    if (mkdir(path, 0755)) abort();
    return path;
}

static inline const char *scratch_file(scratch *s, const char *name, const void *bytes, size_t n) {
    const char *path = scratch_path(s, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, n, file) != n || fclose(file)) abort();
    return path;
}

static inline void scratch_end(scratch *s) {
    while (s->n-- > 0) remove(s->made[s->n]);
    if (rmdir(s->folder)) fprintf(stderr, "scratch: something is left in %s\n", s->folder);
}

#endif
