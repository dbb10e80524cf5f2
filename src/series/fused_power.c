#include "series/fused_power.h"

#include <math.h>

#define TELL_US DCL_MINUTE_US
#define HOLE_US (130 * DCL_SECOND_US) /* as the fusion's */
/* How far a frame's time may be from the meter's own moment: a stamp in whole seconds, and any other. */
enum { JITTER_WHOLE_MS = 600, JITTER_MS = 100 };

static double hours(int64_t from_us, int64_t until_us) {
    return (double)(until_us - from_us) / (double)DCL_HOUR_US;
}

/* ---------------------------------------------------------------- telling */

static dcl_status add(dcl_collect *collect, dcl_channel channel, const dcl_fused_part *part, double value,
                      dcl_error *error) {
    size_t track;
    dcl_status status = dcl_collect_track(collect, "", channel, &track, error);
    if (status) return status;
    collect->tracks[track].is_estimate = true;
    int64_t span_ms = (part->until_us - part->from_us) / 1000;
    return dcl_collect_add(collect, track, part->from_us, (uint32_t)span_ms, value, error);
}

static dcl_status tell_part(dcl_collect *collect, const dcl_fused_part *part, dcl_error *error) {
    if (part->until_us - part->from_us < 1000) return DCL_OK;
    collect->notes |= 1U << DCL_NOTE_POWER_FROM_INDEX | 1U << DCL_NOTE_POWER_BOUNDED;
    dcl_status status = add(collect, DCL_POWER_W, part, part->w, error);
    if (!status) status = add(collect, DCL_POWER_LOW_W, part, fmin(part->low_w, part->w), error);
    if (!status) status = add(collect, DCL_POWER_HIGH_W, part, fmax(part->high_w, part->w), error);
    if (status || !(part->va > 0)) return status;
    return add(collect, DCL_POWER_FACTOR, part, fmin(part->w / part->va, 1), error);
}

/* Moves the parts by `miss` Wh: each as far as its bounds are open, then in proportion to its power. */
static void spread(dcl_fused_power *fused, double miss) {
    double open = 0, energy = 0;
    for (size_t i = 0; i < fused->n; i++) {
        const dcl_fused_part *part = &fused->part[i];
        double h = hours(part->from_us, part->until_us);
        open += fmax(miss > 0 ? part->high_w - part->w : part->w - part->low_w, 0) * h;
        energy += part->w * h;
    }
    double share = open > 0 ? fmin(fabs(miss) / open, 1) : 0, moved = copysign(share * open, miss);
    double rest = energy + moved > 0 ? (energy + miss) / (energy + moved) : 1;
    for (size_t i = 0; i < fused->n; i++) {
        dcl_fused_part *part = &fused->part[i];
        part->w += share * (miss > 0 ? fmax(part->high_w - part->w, 0) : -fmax(part->w - part->low_w, 0));
        part->w *= fmax(rest, 0);
    }
}

/* Tells what waits, its energy made to lie between two sums since the first tick. */
static dcl_status tell(dcl_fused_power *fused, dcl_collect *collect, double least_wh, double most_wh,
                       dcl_error *error) {
    double energy = fused->told_wh;
    for (size_t i = 0; i < fused->n; i++)
        energy += fused->part[i].w * hours(fused->part[i].from_us, fused->part[i].until_us);
    double want = fmin(fmax(energy, least_wh), most_wh);
    if (want != energy) spread(fused, want - energy);
    dcl_status status = DCL_OK;
    for (size_t i = 0; !status && i < fused->n; i++) status = tell_part(collect, &fused->part[i], error);
    fused->told_wh = want;
    fused->n = 0;
    return status;
}

/* Between ticks the energy is at most the index and the Wh that is being counted. */
static dcl_status tell_untimed(dcl_fused_power *fused, dcl_collect *collect, dcl_error *error) {
    double wh = (double)(fused->last_wh - fused->first_wh);
    return tell(fused, collect, wh - fused->first_open_wh, wh + 1, error);
}

/* ---------------------------------------------------------------- frames */

static void start(dcl_fused_power *fused, const dcl_meter_frame *frame) {
    bool whole_seconds = frame->time_us % DCL_SECOND_US == 0;
    *fused = (dcl_fused_power){.started = true, .last_us = frame->time_us, .last_wh = frame->energy_wh};
    dcl_mcu_fusion_init(&fused->fusion, frame->whole_va ? 10 : 100,
                        whole_seconds ? JITTER_WHOLE_MS : JITTER_MS);
}

/* A tick came in the last `dt_us`: the first of a run starts the count, one after a minute tells. */
static dcl_status take_tick(dcl_fused_power *fused, dcl_collect *collect, const dcl_meter_frame *frame,
                            double open_wh, dcl_error *error) {
    if (!fused->ticked) {
        fused->ticked = true;
        fused->first_wh = frame->energy_wh;
        fused->first_open_wh = open_wh;
        fused->told_wh = 0;
        fused->n = 0;
        return DCL_OK;
    }
    if (!fused->n || frame->time_us - fused->part[0].from_us < TELL_US) return DCL_OK;
    double wh = (double)(frame->energy_wh - fused->first_wh);
    return tell(fused, collect, wh - fused->first_open_wh, wh + open_wh, error);
}

/*
 * A level begins: it may have come at any moment since the frame before. What the index has too much or too little there goes
 * first, for the bounds are as far apart as the levels. No power factor is told of it.
 */
static void open_transition(dcl_fused_power *fused, int64_t time_us, const dcl_mcu_fusion_power *told) {
    dcl_fused_part *last = &fused->part[fused->n - 1], before = *last;
    if (before.from_us < fused->last_us) {
        last->until_us = fused->last_us;
        last = &fused->part[fused->n++];
    }
    *last = (dcl_fused_part){.from_us = before.from_us < fused->last_us ? fused->last_us : before.from_us,
                             .until_us = time_us,
                             .w = before.w,
                             .low_w = fmin(before.low_w, told->low / 10.0),
                             .high_w = fmax(before.high_w, told->high / 10.0)};
}

/* What is told now holds from this frame on; within a level it held before as well. */
static dcl_status take_power(dcl_fused_power *fused, dcl_collect *collect, const dcl_meter_frame *frame,
                             const dcl_mcu_fusion_power *told, dcl_error *error) {
    dcl_status status = DCL_OK;
    if (fused->n + 2 > DCL_FUSED_PARTS) status = tell_untimed(fused, collect, error);
    if (told->begins && fused->n) open_transition(fused, frame->time_us, told);
    if (told->begins || frame->exports || !fused->n)
        fused->part[fused->n++] = (dcl_fused_part){frame->time_us, frame->time_us, 0, 0, 0, 0};
    dcl_fused_part *part = &fused->part[fused->n - 1];
    part->w = told->power / 10.0;
    part->low_w = told->low / 10.0;
    part->high_w = told->high / 10.0;
    part->va = told->factor ? part->w * 1e4 / told->factor : frame->va;
    return status;
}

dcl_status dcl_fused_power_frame(dcl_fused_power *fused, dcl_collect *collect, const dcl_meter_frame *frame,
                                 dcl_error *error) {
    dcl_status status = DCL_OK;
    if (fused->started && frame->time_us == fused->last_us) return DCL_OK;
    if (!fused->started) start(fused, frame);
    int64_t dt_us = frame->time_us - fused->last_us;
    bool follows = dt_us >= 0 && dt_us <= HOLE_US;
    if (follows && fused->n) fused->part[fused->n - 1].until_us = frame->time_us;
    const dcl_mcu_fusion_frame said = {.time_ms = (uint32_t)(uint64_t)(frame->time_us / 1000),
                                       .index_wh = (uint32_t)frame->energy_wh,
                                       .apparent = (int32_t)lround(fmin(fmax(frame->va, 0), 1e6) * 10),
                                       .flags = (frame->has_energy ? 0u : DCL_FUSION_NO_INDEX) |
                                                (frame->exports ? DCL_FUSION_EXPORTS : 0u)};
    dcl_mcu_fusion_power told;
    dcl_mcu_fusion_push(&fused->fusion, &said, &told);
    if (!follows || told.anew) {
        if (fused->ticked) status = tell_untimed(fused, collect, error);
        fused->n = 0;
        fused->ticked = false;
    } else if (frame->has_energy &&
               (frame->energy_wh > fused->last_wh || (frame->exports && !fused->ticked))) {
        double open_wh = told.high / 10.0 * (double)dt_us / (double)DCL_HOUR_US;
        status = take_tick(fused, collect, frame, open_wh, error);
    }
    if (!status && fused->ticked) status = take_power(fused, collect, frame, &told, error);
    fused->last_us = frame->time_us;
    if (frame->has_energy) fused->last_wh = frame->energy_wh;
    return status;
}

dcl_status dcl_fused_power_end(dcl_fused_power *fused, dcl_collect *collect, dcl_error *error) {
    dcl_status status = fused->ticked ? tell_untimed(fused, collect, error) : DCL_OK;
    fused->ticked = false;
    return status;
}
