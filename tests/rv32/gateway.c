/*
 * The gateway on a stream: prints every record, and what the models say of rows of their own. Built for the host and for RV32IMAC by
 * check_gateway.sh, which compares the two texts.
 *
 * stream.bin: lines, each u32 ms, u8 n, n bytes, little-endian; models: model_0.blob … model_2.blob, where they are there;
 * clock.bin: u32 seconds since 2000 UTC at the first line, i32 minutes of the home's clock before UTC, where it is there.
 */
#include <declic/mcu_gateway.h>
#include <stdio.h>
#include <stdlib.h>

static dcl_mcu_gateway gateway;
static uint16_t blob[3][20480];

#ifdef __riscv
/* Instructions since the processor was reset: on the gateway's processor alone. */
static uint64_t instructions(void) {
    uint32_t low, high, again;
    do {
        __asm__ volatile("rdinstreth %0\n rdinstret %1\n rdinstreth %2"
                         : "=&r"(high), "=&r"(low), "=&r"(again));
    } while (high != again);
    return (uint64_t)high << 32 | low;
}
/* The stack below this frame is painted before a call, and looked at after it. */
enum { PAINT = 3072, OWN = 64, PAINTED = 0xA5 };
static volatile unsigned char *below(void) {
    uintptr_t at;
    __asm__ volatile("mv %0, sp" : "=r"(at));
    return (volatile unsigned char *)(at - PAINT - OWN);
}
static void paint(void) {
    volatile unsigned char *at = below();
    for (int i = 0; i < PAINT; i++) at[i] = PAINTED;
}
static int painted(void) {
    volatile unsigned char *at = below();
    int i = 0;
    while (i < PAINT && at[i] == PAINTED) i++;
    return PAINT + OWN - i;
}
#else
static uint64_t instructions(void) {
    return 0;
}
static void paint(void) {}
static int painted(void) {
    return 0;
}
#endif

static uint32_t digest = 2166136261u, records, sent;
static uint32_t of_type[4];

static void print_records(void) {
    uint8_t record[DCL_RECORD_STATE_BYTES];
    size_t n;
    while ((n = dcl_mcu_gateway_take(&gateway, record, sizeof record)) > 0) {
        for (size_t i = 0; i < n; i++) digest = (digest ^ record[i]) * 16777619u;
        records++;
        of_type[record[0] & 3]++;
        sent += (uint32_t)n;
        for (size_t i = 0; i < n; i++) printf("%02x", record[i]);
        printf("\n");
    }
}

static uint64_t spent;
static uint32_t bytes, most;
static int deepest;

static void push(uint8_t byte, uint32_t time_ms) {
    int deep = (byte & 0x7F) == 3; /* a frame ends: all that is done at once is done there */
    if (deep) paint();
    uint64_t before = instructions();
    int waits = dcl_mcu_gateway_push(&gateway, byte, time_ms);
    uint32_t took = (uint32_t)(instructions() - before);
    if (deep && painted() > deepest) deepest = painted();
    spent += took;
    bytes++;
    if (took > most) most = took;
    if (waits) print_records();
}

static void read_models(void) {
    char name[] = "model_0.blob";
    for (int i = 0; i < 3; i++) {
        name[6] = (char)('0' + i);
        FILE *file = fopen(name, "rb");
        if (!file) continue;
        size_t n = fread(blob[i], 1, sizeof blob[i], file);
        fclose(file);
        printf("model %d: fault %d\n", i, (int)dcl_mcu_gateway_model(&gateway, blob[i], n));
    }
}

/* Rows that reach every corner of a model: the same integers on both machines. */
static void try_model(const dcl_mcu_forest *forest) {
    int16_t x[DCL_BLOB_FEATURES];
    int32_t sum[DCL_BLOB_OUTPUTS];
    uint32_t seed = 20261120, hash = 0;
    uint64_t before = 0, took = 0;
    for (int row = 0; row < 500; row++) {
        for (int f = 0; f < forest->features; f++) {
            seed = seed * 1664525u + 1013904223u;
            x[f] = (int16_t)((int32_t)(seed >> 8 & 0x7FFF) >> (seed >> 28) % 12);
        }
        before = instructions();
        dcl_mcu_forest_sums(forest, x, sum);
        uint32_t leaf = forest->kind == DCL_BLOB_STEP ? dcl_mcu_forest_leaf(forest, x) : 0;
        took += instructions() - before;
        hash = hash * 31 + leaf;
        for (int k = 0; k < forest->outputs; k++) hash = hash * 31 + (uint32_t)sum[k];
    }
    printf("kind %d: rows %08lx\n", forest->kind, (unsigned long)hash);
    if (took)
        printf("# kind %d: %lu bytes, %lu instructions an inference\n", forest->kind,
               (unsigned long)forest->bytes, (unsigned long)(took / 500));
}

static uint32_t number(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void set_clock(uint32_t time_ms) {
    uint8_t clock[8];
    FILE *file = fopen("clock.bin", "rb");
    if (file && fread(clock, 1, 8, file) == 8)
        dcl_mcu_gateway_clock(&gateway, time_ms, number(clock), (int32_t)number(clock + 4));
    if (file) fclose(file);
}

static void tell(void) {
    const dcl_mcu_gateway_counts *c = &gateway.counts;
    printf("frames %lu groups %lu bad %lu malformed %lu interrupted %lu\n", (unsigned long)gateway.tic.frames,
           (unsigned long)gateway.tic.groups, (unsigned long)gateway.tic.bad_checksums,
           (unsigned long)gateway.tic.malformed, (unsigned long)gateway.tic.interrupted);
    printf("other %u jumps %u modes %u silences %u lost %u refused %u meters %u\n", c->other_meter,
           c->clock_jumps, c->modes, c->silences, c->lost, c->refused, c->meters);
    printf("records %lu events %lu minutes %lu states %lu bytes %lu digest %08lx\n", (unsigned long)records,
           (unsigned long)of_type[1], (unsigned long)of_type[2], (unsigned long)of_type[3],
           (unsigned long)sent, (unsigned long)digest);
    if (spent)
        printf("# %lu bytes of state, %lu bytes of stack, %lu bytes read, %lu instructions each, %lu a "
               "frame, at most "
               "%lu\n",
               (unsigned long)sizeof gateway, (unsigned long)deepest, (unsigned long)bytes,
               (unsigned long)(spent / bytes),
               (unsigned long)(spent / (gateway.tic.frames ? gateway.tic.frames : 1)), (unsigned long)most);
}

int main(void) {
    uint8_t head[5], line[256];
    FILE *stream = fopen("stream.bin", "rb");
    if (!stream) return 1;
    dcl_mcu_gateway_init(&gateway);
    read_models();
    for (int kind = 0; kind < 3; kind++) {
        const dcl_mcu_forest *forests[] = {&gateway.next, &gateway.today, &gateway.step};
        if (forests[kind]->bytes) try_model(forests[kind]);
    }
    for (int first = 1; fread(head, 1, 5, stream) == 5; first = 0) {
        if (fread(line, 1, head[4], stream) != head[4]) break;
        if (first) set_clock(number(head));
        for (int i = 0; i < head[4]; i++) push(line[i], number(head));
    }
    fclose(stream);
    tell();
    return 0;
}
