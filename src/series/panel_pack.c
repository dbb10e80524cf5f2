/* A panel's values as bytes: chunks, steps of 16 bits, checksums. */
#include "series/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_VALUES = 1 << 18, CHUNK_SLOTS_MAX = 1 << 16 };

dcl_chunks dcl_chunks_of(size_t n_homes, size_t n_slots) {
    dcl_chunks c = {.across = (n_slots + CHUNK_SLOTS_MAX - 1) / CHUNK_SLOTS_MAX};
    c.slots = (n_slots + c.across - 1) / c.across;
    c.across = (n_slots + c.slots - 1) / c.slots;
    c.homes = CHUNK_VALUES / c.slots;
    if (c.homes < 1) c.homes = 1;
    if (c.homes > n_homes) c.homes = n_homes;
    c.down = (n_homes + c.homes - 1) / c.homes;
    return c;
}

const dcl_kernels *dcl_panel_kernels(const dcl_context *context, dcl_kernels *room) {
    if (context->kernels) return context->kernels;
    return dcl_kernels_select("scalar", room, NULL) ? NULL : room; /* there always is one */
}

/*
 * Fletcher's two sums modulo 65,535 over 16-bit big-endian words. Bytes swapped are a word times 256 modulo 65,535, so
 * words are summed as this machine reads them and swapped once at the end. A sum that is not zero is told as 1 … 65,535,
 * never 0.
 */
static uint32_t fold(uint64_t swapped) {
    if (!swapped) return 0;
    uint64_t m = swapped % 65535 * 256 % 65535;
    return m ? (uint32_t)m : 65535;
}

/* Not to 0 from a multiple of 65,535. */
static uint64_t reduce(uint64_t sum) {
    return sum > 65535 ? (sum - 1) % 65535 + 1 : sum;
}

uint32_t dcl_fletcher32(const dcl_kernels *kernels, const void *data, size_t n) {
    enum { PIECE = 1 << 20 };
    const unsigned char *bytes = data;
    uint64_t sum = 0, prefix = 0;
    for (size_t words = n / 2, took; words; words -= took) {
        uint64_t s, t;
        took = words < PIECE ? words : PIECE;
        kernels->sums_u16(bytes, took, &s, &t);
        prefix = reduce(prefix + reduce(took * sum + t));
        sum = reduce(sum + s);
        bytes += 2 * took;
    }
    if (n % 2) { /* the last byte is the upper one of its word: the lower one as read here */
        sum += *bytes;
        prefix += sum;
    }
    return fold(prefix) << 16 | fold(sum);
}

uint64_t dcl_panel_hash(uint64_t before, const void *data, size_t n) {
    static const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    const unsigned char *bytes = data;
    uint64_t lane[4] = {before, before ^ prime, ~before, n * prime};
    while (n) {
        uint64_t word[4] = {0};
        size_t took = n < sizeof word ? n : sizeof word;
        memcpy(word, bytes, took);
        for (size_t j = 0; j < 4; j++) {
            lane[j] = (lane[j] ^ word[j]) * prime;
            lane[j] ^= lane[j] >> 29;
        }
        bytes += took;
        n -= took;
    }
    uint64_t hash = 0;
    for (size_t j = 0; j < 4; j++) {
        hash = (hash ^ lane[j]) * UINT64_C(0xd6e8feb86659fd93);
        hash ^= hash >> 32;
    }
    return hash;
}

void dcl_panel_to_raw(const float *power_w, size_t n, double scale_w, int16_t *raw) {
    for (size_t i = 0; i < n; i++) {
        double steps = (double)power_w[i] / scale_w;
        bool missing = isnan(power_w[i]);
        steps = missing ? 0 : steps + (steps < 0 ? -0.5 : 0.5);
        raw[i] = missing ? (int16_t)DCL_PANEL_MISSING : (int16_t)(int)steps;
    }
}

void dcl_panel_to_power(const int16_t *raw, size_t n, double scale_w, float *power_w) {
    for (size_t i = 0; i < n; i++)
        power_w[i] = raw[i] == DCL_PANEL_MISSING ? NAN : (float)((double)raw[i] * scale_w);
}

char *dcl_panel_beside(const char *path, const char *file) {
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    char *out = malloc(folder + strlen(file) + 1);
    if (!out) return NULL;
    memcpy(out, path, folder);
    strcpy(out + folder, file);
    return out;
}
