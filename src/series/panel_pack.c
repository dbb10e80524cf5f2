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

/*
 * Fletcher's two sums modulo 65,535 over 16-bit big-endian words. Bytes swapped are a word times 256 modulo 65,535, so
 * words are summed as this machine reads them and swapped once at the end. Sixteen lanes: lane j holds the words 16 k + j, and
 * the sum of all prefix sums is 16 Σ sums − Σ j × lane. A sum that is not zero is told as 1 … 65,535, never 0.
 */
enum { LANES = 16, ROUNDS = 256 };

/* One block of ROUNDS × LANES words, or fewer rounds: its sum and its sum of prefix sums. */
static void add_words(const unsigned char *bytes, size_t rounds, uint64_t *sum, uint64_t *prefix) {
    uint32_t one[LANES] = {0}, two[LANES] = {0};
    for (size_t k = 0; k < rounds; k++) {
        uint16_t word[LANES];
        memcpy(word, bytes + k * sizeof word, sizeof word);
        for (size_t j = 0; j < LANES; j++) {
            one[j] += word[j];
            two[j] += one[j];
        }
    }
    uint64_t s = 0, t = 0, weighted = 0;
    for (size_t j = 0; j < LANES; j++) {
        s += one[j];
        t += two[j];
        weighted += j * (uint64_t)one[j];
    }
    *sum = s;
    *prefix = LANES * t - weighted;
}

static uint32_t fold(uint64_t swapped) {
    if (!swapped) return 0;
    uint64_t m = swapped % 65535 * 256 % 65535;
    return m ? (uint32_t)m : 65535;
}

uint32_t dcl_fletcher32(const void *data, size_t n) {
    const unsigned char *bytes = data;
    size_t words = n / 2;
    uint64_t sum = 0, prefix = 0; /* not reduced to 0 from a multiple of 65,535 */
    while (words) {
        size_t rounds = words / LANES < ROUNDS ? words / LANES : ROUNDS, took = rounds * LANES;
        uint64_t s = 0, t = 0;
        if (rounds) {
            add_words(bytes, rounds, &s, &t);
        } else {
            uint16_t word;
            memcpy(&word, bytes, sizeof word);
            s = t = word;
            took = 1;
        }
        prefix += took * sum + t;
        sum += s;
        if (sum > 65535) sum = (sum - 1) % 65535 + 1;
        if (prefix > 65535) prefix = (prefix - 1) % 65535 + 1;
        bytes += 2 * took;
        words -= took;
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

/* Blocks stay in the first cache, and their counts in 16 bits; each loop is one that compilers vectorise. */
void dcl_tally_add(dcl_tally *tally, const int16_t *raw, size_t n) {
    enum { BLOCK = 1 << 13 };
    for (size_t from = 0; from < n; from += BLOCK) {
        const int16_t *at = raw + from;
        size_t count = n - from < BLOCK ? n - from : BLOCK;
        int16_t below = INT16_MAX, most = INT16_MIN;
        uint16_t missing = 0;
        for (size_t i = 0; i < count; i++) missing = (uint16_t)(missing + (at[i] == DCL_PANEL_MISSING));
        for (size_t i = 0; i < count; i++) most = at[i] > most ? at[i] : most;
        for (size_t i = 0; i < count; i++) { /* one less: what is missing becomes the largest */
            int16_t less = (int16_t)(uint16_t)((uint16_t)at[i] - 1U);
            below = less < below ? less : below;
        }
        if (missing == count) continue;
        if (below + 1 < tally->least) tally->least = (int16_t)(below + 1);
        if (most > tally->most) tally->most = most;
        tally->present += count - missing;
    }
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
