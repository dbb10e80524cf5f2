/* Putting a forecast right by the ones before it. */
#include "forecast/correct.h"

#include <string.h>

#include "base/math.h"
#include "base/order.h"

enum { MEDIAN = DCL_FORECAST_QUANTILES / 2 };

dcl_status dcl_fc_memory_make(size_t records, size_t targets, size_t members, dcl_arena *arena,
                              dcl_fc_memory *out, dcl_error *error) {
    *out = (dcl_fc_memory){.room = records, .members = members, .targets = targets};
    if (!records) return DCL_OK;
    out->record = dcl_arena_alloc(arena, records, sizeof *out->record);
    float(*answer)[DCL_FC_ANSWERS] = dcl_arena_alloc(arena, records * targets * members, sizeof *answer);
    float *actual = dcl_arena_alloc(arena, records * targets, sizeof *actual);
    out->off = dcl_arena_alloc(arena, DCL_FC_ANSWERS * DCL_FC_LOOK_BACK, sizeof *out->off);
    out->weight = dcl_arena_alloc(arena, DCL_FC_LOOK_BACK, sizeof *out->weight);
    out->order = dcl_arena_alloc(arena, DCL_FC_LOOK_BACK, sizeof *out->order);
    if (!out->record || !answer || !actual || !out->off || !out->weight || !out->order)
        return dcl_fail_memory(error, "a home's record");
    for (size_t i = 0; i < records; i++) {
        out->record[i].answer = answer + i * targets * members;
        out->record[i].actual = actual + i * targets;
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- blends */

/* The b-th way to share among members: whole parts of a grid. Returns false past the last. */
static bool blend_of(size_t members, size_t b, float share[DCL_FORECAST_MEMBERS]) {
    static const int parts[DCL_FORECAST_MEMBERS + 1] = {1, 1, 10, 4, 3};
    int whole = parts[members];
    size_t seen = 0;
    for (int code = 0; members > 0; code++) {
        int left = whole, rest = code, part[DCL_FORECAST_MEMBERS] = {0};
        for (size_t m = 0; m + 1 < members; m++) {
            part[m] = rest % (whole + 1);
            rest /= whole + 1;
            left -= part[m];
        }
        if (rest) return false;
        if (left < 0 || seen++ != b) continue;
        part[members - 1] = left;
        for (size_t m = 0; m < members; m++) share[m] = (float)part[m] / (float)whole;
        return true;
    }
    return false;
}

static void blend(const float (*answer)[DCL_FC_ANSWERS], size_t n, size_t i, size_t members,
                  const float *share, float out[DCL_FC_ANSWERS]) {
    for (size_t a = 0; a < DCL_FC_ANSWERS; a++) {
        out[a] = 0;
        for (size_t m = 0; m < members; m++) out[a] += share[m] * answer[m * n + i][a];
    }
}

static float pinball(const float *answer, float truth) {
    float sum = 0;
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++) {
        float d = truth - answer[q], level = (float)dcl_fc_level_of(q);
        sum += d < 0 ? (level - 1) * d : level * d;
    }
    return sum / DCL_FORECAST_QUANTILES;
}

/* What each blend would have lost on a record, once its truth is known. */
static void judge(const dcl_fc_memory *memory, dcl_fc_record *record) {
    const float(*answer)[DCL_FC_ANSWERS] = (const float(*)[DCL_FC_ANSWERS])record->answer;
    float share[DCL_FORECAST_MEMBERS];
    record->judged = true;
    record->n_known = 0;
    memset(record->loss, 0, sizeof record->loss);
    for (size_t i = 0; i < record->n; i++) record->n_known += isnan(record->actual[i]) ? 0 : 1;
    if (memory->members < 2) return;
    for (size_t b = 0; b < DCL_FC_BLENDS && blend_of(memory->members, b, share); b++)
        for (size_t i = 0; i < record->n; i++) {
            float mixed[DCL_FC_ANSWERS];
            if (isnan(record->actual[i])) continue;
            blend(answer, record->n, i, memory->members, share, mixed);
            record->loss[b] += pinball(mixed, record->actual[i]) / record->level;
        }
}

/*
 * The share of each member: the mean of the blends, each weighed by exp(-2 x its loss in mean losses of a record). Few records, or
 * members that are alike, leave all of them a part. What leads changes less than what was off: records fade four times as slowly.
 */
static void choose_lead(const dcl_fc_memory *memory, const dcl_fc_record *const *known, size_t n,
                        float *lead) {
    double loss[DCL_FC_BLENDS] = {0}, least = INFINITY, mean = 0, records = 0, all = 0;
    float share[DCL_FORECAST_MEMBERS], sum[DCL_FORECAST_MEMBERS] = {0};
    size_t blends = 0;
    while (blends < DCL_FC_BLENDS && blend_of(memory->members, blends, share)) blends++;
    for (size_t r = 0; r < n; r++) {
        float weight = sqrtf(sqrtf(known[r]->weight));
        records += (double)weight;
        for (size_t b = 0; b < blends; b++) loss[b] += (double)(weight * known[r]->loss[b]);
    }
    for (size_t b = 0; b < blends; b++) {
        mean += loss[b];
        least = fmin(least, loss[b]);
    }
    mean /= (double)blends * records;
    if (!(mean > 0)) return; /* nothing known, or nothing lost */
    for (size_t b = 0; b < blends && blend_of(memory->members, b, share); b++) {
        double weight = dcl_exp(-2 * (loss[b] - least) / mean);
        for (size_t m = 0; m < memory->members; m++) sum[m] += (float)weight * share[m];
        all += weight;
    }
    for (size_t m = 0; m < memory->members; m++) lead[m] = sum[m] / (float)all;
}

/* ---------------------------------------------------------------- shifts */

/*
 * How far the truths lay from each answer of the blend, in widths, latest first: off [answers][room]. Of more targets than there
 * is room for, evenly chosen ones. Returns how many.
 */
static size_t look_back(dcl_fc_memory *memory, const dcl_fc_record *const *known, size_t n,
                        const float *lead) {
    size_t count = 0, all = 0, seen = 0;
    for (size_t r = 0; r < n; r++) all += known[r]->n_known;
    size_t step = (all + DCL_FC_LOOK_BACK - 1) / DCL_FC_LOOK_BACK;
    for (size_t r = n; r-- > 0;)
        for (size_t i = 0; i < known[r]->n; i++) {
            if (isnan(known[r]->actual[i]) || seen++ % step) continue;
            float mixed[DCL_FC_ANSWERS];
            blend((const float(*)[DCL_FC_ANSWERS])known[r]->answer, known[r]->n, i, memory->members, lead,
                  mixed);
            float width = dcl_fc_width(mixed, known[r]->level);
            for (size_t a = 0; a < DCL_FC_ANSWERS; a++)
                memory->off[a * DCL_FC_LOOK_BACK + count] = (known[r]->actual[i] - mixed[a]) / width;
            memory->weight[count++] = known[r]->weight;
        }
    return count;
}

/* Indices of values in rising order: a key holds the bits of the value, so that they sort as it does, then the index. */
static void order_of(const float *value, size_t n, int64_t *order) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &value[i], sizeof bits);
        bits = bits >> 31 ? ~bits : bits | UINT32_C(0x80000000);
        order[i] = (int64_t)((uint64_t)bits << 31 | i);
    }
    dcl_sort_i64(order, n);
    for (size_t i = 0; i < n; i++) order[i] &= INT64_C(0x7fffffff);
}

/* The quantile of weighted values: each stands at the middle of its share of the weight, between them it is straight. */
static double weighted_quantile(const dcl_fc_memory *memory, const float *off, size_t n, double all,
                                double q) {
    double at = 0, before = 0, value = 0;
    for (size_t i = 0; i < n; i++) {
        double last = value, weight = (double)memory->weight[memory->order[i]];
        double middle = (at + weight / 2) / all;
        value = (double)off[memory->order[i]];
        if (middle >= q) return i ? last + (value - last) * (q - before) / (middle - before) : value;
        before = middle;
        at += weight;
    }
    return value;
}

/* What is added to an answer: the quantile of its level of what it was off by, of the mean the mean. */
static double shift_of(dcl_fc_memory *memory, size_t n, size_t a) {
    const float *off = memory->off + a * DCL_FC_LOOK_BACK;
    double sum = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        all += (double)memory->weight[i];
        sum += (double)memory->weight[i] * (double)off[i];
    }
    if (a == DCL_FC_MEAN) return sum / all;
    order_of(off, n, memory->order);
    return weighted_quantile(memory, off, n, all, dcl_fc_level_of(a));
}

/* ---------------------------------------------------------------- the last value */

/* Whether the last value was nearer to the truths than the medians put right. */
static bool plain_leads(const dcl_fc_memory *memory, const dcl_fc_record *const *known, size_t n,
                        const float *lead, float shift) {
    double off = 0, plain_off = 0;
    for (size_t r = 0; r < n; r++) {
        const dcl_fc_record *record = known[r];
        float mixed[DCL_FC_ANSWERS];
        if (isnan(record->plain)) continue;
        blend((const float(*)[DCL_FC_ANSWERS])record->answer, record->n, 0, memory->members, lead, mixed);
        float median = mixed[MEDIAN] + shift * dcl_fc_width(mixed, record->level);
        off += (double)(record->weight * fabsf(record->actual[0] - median));
        plain_off += (double)(record->weight * fabsf(record->actual[0] - record->plain));
    }
    return plain_off < off;
}

/* Quantiles that would cross the median are moved up to it. */
static void serve_plain(float answer[DCL_FC_ANSWERS], float plain) {
    for (size_t q = 0; q < DCL_FORECAST_QUANTILES; q++)
        if (q < MEDIAN ? answer[q] > plain : q == MEDIAN || answer[q] < plain) answer[q] = plain;
}

/* ---------------------------------------------------------------- both */

/* The records that are known at a slot, oldest first, weighed by their age; their weights' sum. */
static size_t known_records(dcl_fc_memory *memory, size_t slot, int64_t since_us,
                            const dcl_fc_record *known[DCL_FC_RECORDS], double *sum) {
    dcl_fc_record *found[DCL_FC_RECORDS];
    size_t n = 0;
    *sum = 0;
    for (size_t r = 0; r < memory->n; r++) {
        dcl_fc_record *record = &memory->record[(memory->first + r) % memory->room];
        if (record->known_at > slot || record->issued_us < since_us || n == DCL_FC_RECORDS) continue;
        if (!record->judged) judge(memory, record);
        if (record->n_known) found[n++] = record;
    }
    for (size_t r = 0; r < n; r++) {
        double age = (double)(found[n - 1]->issued_us - found[r]->issued_us) / (double)DCL_DAY_US;
        found[r]->weight = (float)dcl_exp(-0.6931471805599453 * age / DCL_FC_FADING_DAYS);
        *sum += (double)found[r]->weight;
        known[r] = found[r];
    }
    return n;
}

void dcl_fc_correct(dcl_fc_memory *memory, size_t slot, int64_t since_us, double enough,
                    const float (*answer)[DCL_FC_ANSWERS], size_t n, float level, float plain, float *lead,
                    float out[][DCL_FC_ANSWERS]) {
    const dcl_fc_record *known[DCL_FC_RECORDS];
    double sum;
    size_t n_known = known_records(memory, slot, since_us, known, &sum);
    float trust = (float)(sum / (sum + enough)), shift[DCL_FC_ANSWERS] = {0};
    if (memory->members > 1) choose_lead(memory, known, n_known, lead);
    size_t looked = look_back(memory, known, n_known, lead);
    for (size_t a = 0; looked && a < DCL_FC_ANSWERS; a++)
        shift[a] = trust * (float)shift_of(memory, looked, a);
    for (size_t i = 0; i < n; i++) {
        blend(answer, n, i, memory->members, lead, out[i]);
        float width = dcl_fc_width(out[i], level);
        for (size_t a = 0; a < DCL_FC_ANSWERS; a++) out[i][a] += shift[a] * width;
        dcl_fc_arrange(out[i]);
    }
    if (!isnan(plain) && plain_leads(memory, known, n_known, lead, shift[MEDIAN])) serve_plain(out[0], plain);
}

void dcl_fc_remember(dcl_fc_memory *memory, const dcl_fc_grid *grid, const dcl_fc_target *target, size_t n,
                     float level, float plain, const float (*answer)[DCL_FC_ANSWERS]) {
    if (!memory->room) return;
    if (memory->n == memory->room) {
        memory->first = (memory->first + 1) % memory->room;
        memory->n--;
    }
    dcl_fc_record *record = &memory->record[(memory->first + memory->n++) % memory->room];
    record->known_at = target[n - 1].to;
    record->issued_us = dcl_fc_slot_us(grid, target[0].issue);
    record->n = n;
    record->level = level;
    record->plain = plain;
    record->judged = false;
    memcpy(record->answer, answer, memory->members * n * sizeof *answer);
    for (size_t i = 0; i < n; i++) record->actual[i] = dcl_fc_actual(grid, &target[i]);
}
