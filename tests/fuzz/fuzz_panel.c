/*
 * A panel of which one file is damaged: an error with words, or values that can all be touched. The first byte says which file
 * (1: the shard) and how (2: the other bytes are the file; else they are triples, an offset of 16 bits and a byte to be
 * changed by), so that what HDF5's checksums let through is reached as well.
 */
#include <declic/series.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void must(int holds) {
    if (!holds) abort();
}

/* HDF5 1.10 itself loses memory on damaged files. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

enum { HOMES = 5, SLOTS = 96, FILE_MAX = 1 << 16 };
static const dcl_context context = {.threads = 1};
static char index_path[64], shard_path[256];
static unsigned char whole[2][FILE_MAX];
static size_t length[2];

static size_t load(const char *path, unsigned char *bytes) {
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(bytes, 1, FILE_MAX, file) : 0;
    must(file && n && n < FILE_MAX);
    fclose(file);
    return n;
}

static void store(const char *path, const unsigned char *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    must(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

static void tidy(void) {
    remove(index_path);
    remove(shard_path);
}

static void make_panel(void) {
    char id[HOMES][64] = {"a", "b", "c", "d", "e"};
    float power_w[HOMES * SLOTS];
    uint8_t kind[HOMES] = {0, 1, 2, 3, 4};
    for (int i = 0; i < HOMES * SLOTS; i++) power_w[i] = i % 9 ? (float)(i * 7 % 3000) : NAN;
    const dcl_panel_rows rows = {HOMES,   SLOTS, 0, 1800 * DCL_SECOND_US, (const char(*)[64])id, kind,
                                 power_w, NULL,  0};
    dcl_panel_shard shard;
    snprintf(index_path, sizeof index_path, "/tmp/declic-fuzz-panel-%ld.h5", (long)getpid());
    must(!dcl_panel_shard_write(&context, index_path, &rows, &shard, NULL));
    must(!dcl_panel_index_write(&context, index_path, rows.period_us, &shard, 1, NULL));
    snprintf(shard_path, sizeof shard_path, "/tmp/%s", shard.file);
    length[0] = load(index_path, whole[0]);
    length[1] = load(shard_path, whole[1]);
    must(!atexit(tidy));
}

static void damage(const uint8_t *bytes, size_t n) {
    static unsigned char now[FILE_MAX];
    int which = n && bytes[0] & 1;
    const char *path = which ? shard_path : index_path;
    if (n && bytes[0] & 2) {
        store(path, bytes + 1, n - 1);
        return;
    }
    memcpy(now, whole[which], length[which]);
    for (size_t i = 1; i + 2 < n; i += 3)
        now[(size_t)(bytes[i] | bytes[i + 1] << 8) % length[which]] ^= bytes[i + 2];
    store(path, now, length[which]);
}

static dcl_status touch(void *arg, size_t first, size_t n, const float *power_w, dcl_error *error) {
    const dcl_panel_about *about = arg;
    (void)error;
    double sum = 0;
    must(first + n <= about->n_homes);
    for (size_t i = 0; i < n * about->n_slots; i++) sum += (double)power_w[i];
    must(isnan(sum) || sum <= INFINITY);
    return DCL_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    if (!index_path[0]) make_panel();
    damage(bytes, n);
    dcl_panel *panel;
    dcl_error error = {.pos = {0, -1}};
    (void)dcl_panel_is(index_path);
    dcl_status status = dcl_panel_open(index_path, &panel, &error);
    if (!status) {
        dcl_panel_about about = *dcl_panel_tell(panel);
        status = dcl_panel_each(&context, panel, 1 << 16, touch, &about, &error);
    }
    must(status == DCL_OK || (error.code == status && error.msg[0] && error.file[0]));
    dcl_panel_close(&panel);
    store(index_path, whole[0], length[0]);
    store(shard_path, whole[1], length[1]);
    return 0;
}
