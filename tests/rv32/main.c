/*
 * The gateway's code on fixed inputs: prints what it makes of them. Built for the host and for RV32IMAC by
 * check_rv32.sh, which compares the two texts. Integers alone, so that the two cannot differ for printf's
 * sake.
 */
#include <declic/mcu.h>
#include <stdio.h>

/* input_bytes, input_length: the télé-information to read, written by check_rv32.sh. */
#include "input.h"

/* FNV-1a: a digest of everything, events that are not printed included. */
static uint32_t digest = 2166136261u;

static void digest_number(uint32_t value) {
    for (int i = 0; i < 4; i++) digest = (digest ^ (value >> 8 * i & 0xFF)) * 16777619u;
}

static void print_group(const dcl_mcu_tic *tic) {
    dcl_mcu_tic_group g = dcl_mcu_tic_last(tic);
    dcl_mcu_tic_label label = dcl_mcu_tic_label_find(g.label);
    const dcl_mcu_tic_label_info *info = dcl_mcu_tic_label_at(label);
    if (info && info->flags & DCL_TIC_PERSONAL) return;
    printf("%d %s [%s]", (int)g.mode, g.label, g.data);
    uint32_t value;
    dcl_mcu_tic_time time;
    if (info) printf(" label %d unit %d", (int)label, (int)info->unit);
    if (dcl_mcu_tic_number(g.data, g.data_length, &value)) printf(" = %lu", (unsigned long)value);
    if (dcl_mcu_tic_hex(g.data, g.data_length, &value)) printf(" = 0x%lx", (unsigned long)value);
    if (dcl_mcu_tic_time_parse(g.horodate, g.horodate_length, &time))
        printf(" at %d-%d-%d %d:%d:%d +%d %d", time.year, time.month, time.day, time.hour, time.minute,
               time.second, time.offset_minutes, time.degraded);
    printf("\n");
}

static void read_frames(void) {
    dcl_mcu_tic tic;
    dcl_mcu_tic_init(&tic);
    for (uint32_t i = 0; i < input_length; i++) {
        dcl_mcu_tic_event event = dcl_mcu_tic_push(&tic, input_bytes[i]);
        digest_number((uint32_t)event);
        if (event == DCL_TIC_EVENT_GROUP) print_group(&tic);
    }
    printf("groups %lu bad %lu malformed %lu frames %lu interrupted %lu\n", (unsigned long)tic.groups,
           (unsigned long)tic.bad_checksums, (unsigned long)tic.malformed, (unsigned long)tic.frames,
           (unsigned long)tic.interrupted);
}

/* A walk in 0.1 VA with steps, gaps and, now and then, any 32 bits at all. */
static int32_t sample_at(uint32_t *seed, int32_t before) {
    *seed = *seed * 1664525u + 1013904223u;
    uint32_t draw = *seed >> 8;
    if (draw % 53 == 0) return DCL_MISSING_I32;
    if (draw % 997 == 1) return (int32_t)((*seed ^ draw) & 0x7FFFFFFF) - (int32_t)(draw & 1) * INT32_MAX;
    if (draw % 11 == 0) return (int32_t)(draw % 60000);
    int32_t base = before > 60000 || before < -60000 ? 0 : before;
    return base + (int32_t)(draw % 41) - 20;
}

static void detect_steps(uint32_t threshold) {
    dcl_mcu_edge edge;
    dcl_mcu_edge_init(&edge, threshold);
    uint32_t seed = 20261120, rises = 0, falls = 0;
    int32_t sample = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t size;
        sample = sample_at(&seed, sample);
        int sign = dcl_mcu_edge_push(&edge, sample, &size);
        digest_number((uint32_t)sign);
        digest_number(size);
        rises += sign > 0;
        falls += sign < 0;
        if (sign && rises + falls <= 20)
            printf("edge %lu %s%lu\n", (unsigned long)i, sign > 0 ? "+" : "-", (unsigned long)size);
    }
    printf("threshold %lu rises %lu falls %lu\n", (unsigned long)threshold, (unsigned long)rises,
           (unsigned long)falls);
}

/* Instructions so far: on the gateway's processor alone. */
static uint32_t instructions(void) {
#ifdef __riscv
    uint32_t count;
    __asm__ volatile("rdinstret %0" : "=r"(count));
    return count;
#else
    return 0;
#endif
}

/* A home of a base, a heater, a motor and electronics, a frame every 1.6 s or so: 0.1 W and var as they switch. */
static void fuse_power(int32_t va_step) {
    static const int32_t load[][2] = {{20000, 300}, {1500, 1100}, {900, -700}};
    int32_t w = 1200, va[8] = {0}; /* of each set of loads that are on */
    dcl_mcu_fusion fusion;
    dcl_mcu_fusion_power power = {0};
    uint32_t seed = 42, ms = 4294000000u, on = 0, wh = 123456, part = 0, most = 0, first = 0, sum = 0;
    for (uint32_t set = 0; set < 8; set++) {
        int32_t p = 1200, q = -500;
        for (uint32_t k = 0; k < 3; k++)
            if (set >> k & 1) p += load[k][0], q += load[k][1];
        while ((int64_t)va[set] * va[set] < (int64_t)p * p + (int64_t)q * q) va[set]++;
    }
    dcl_mcu_fusion_init(&fusion, va_step, 50);
    for (uint32_t i = 0; i < 4000; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t dt = 1400 + (seed >> 22);
        ms += dt;
        part += (uint32_t)w * (dt / 10); /* 0.1 W × 10 ms: 3,600,000 are a Wh */
        wh += part / 3600000;
        part %= 3600000;
        if (seed >> 8 & 1 && i % 64 == 0) on ^= 1u << (seed >> 9) % 3;
        w = 1200;
        for (uint32_t k = 0; k < 3; k++)
            if (on >> k & 1) w += load[k][0];
        dcl_mcu_fusion_frame frame = {ms, wh, (va[on] + va_step / 2) / va_step * va_step, i % 97 == 0};
        uint32_t before = instructions();
        dcl_mcu_fusion_push(&fusion, &frame, &power);
        uint32_t took = instructions() - before;
        if (took > most) most = took, first = i;
        sum += took;
        digest_number((uint32_t)power.power);
        digest_number((uint32_t)power.low);
        digest_number((uint32_t)power.high);
        digest_number((uint32_t)power.reactive);
        dcl_mcu_fusion_step step;
        if (dcl_mcu_fusion_last_step(&fusion, &step)) digest_number(step.factor);
        if (i % 500 == 499)
            printf("fusion %lu: %ld of %ld in %ld ... %ld, factor %u, step %ld %u\n", (unsigned long)i,
                   (long)power.power, (long)w, (long)power.low, (long)power.high, (unsigned)power.factor,
                   (long)step.delta_w, (unsigned)step.factor);
    }
    if (most)
        printf("# fusion: %lu bytes of state, %lu instructions a frame, at most %lu (frame %lu)\n",
               (unsigned long)sizeof fusion, (unsigned long)(sum / 4000), (unsigned long)most,
               (unsigned long)first);
}

int main(void) {
    read_frames();
    detect_steps(300);
    detect_steps(0);
    detect_steps(2000000000);
    fuse_power(100);
    fuse_power(10);
    printf("digest %08lx\n", (unsigned long)digest);
    return 0;
}
