/* Homes and series in memory: names of what readers note, parts, look-ups. */
#include <declic/series.h>

#include "base/names.h"

#include <math.h>
#include <string.h>

DCL_DEFINE_TEXT(dcl_exclusion_name(dcl_exclusion id), DCL_EXCLUSION_COUNT, DCL_EXCLUSION_TABLE,
                DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_exclusion_text(dcl_exclusion id), DCL_EXCLUSION_COUNT, DCL_EXCLUSION_TABLE,
                DCL_THIRD_OF_3)
DCL_DEFINE_TEXT(dcl_note_name(dcl_note id), DCL_NOTE_COUNT, DCL_NOTE_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_note_text(dcl_note id), DCL_NOTE_COUNT, DCL_NOTE_TABLE, DCL_THIRD_OF_3)

dcl_series dcl_series_slice(const dcl_series *series, int64_t from_us, int64_t to_us) {
    dcl_series part = *series;
    int64_t end_us = dcl_series_end_us(series);
    if (from_us < series->start_us) from_us = series->start_us;
    if (to_us > end_us) to_us = end_us;
    part.n = 0;
    if (from_us >= to_us) return part;
    size_t first = (size_t)((from_us - series->start_us + series->period_us - 1) / series->period_us);
    size_t last = (size_t)((to_us - series->start_us) / series->period_us);
    if (last <= first) return part;
    part.start_us += (int64_t)first * series->period_us;
    part.value += first;
    part.n = last - first;
    return part;
}

size_t dcl_series_present(const dcl_series *series) {
    size_t present = 0;
    for (size_t i = 0; i < series->n; i++)
        if (!isnan(series->value[i])) present++;
    return present;
}

const dcl_series *dcl_home_series(const dcl_home *home, dcl_channel channel) {
    for (size_t i = 0; i < home->n_series; i++)
        if (home->series[i].channel == channel) return &home->series[i];
    return NULL;
}

void dcl_home_slice(dcl_home *home, int64_t from_us, int64_t to_us) {
    size_t kept = 0;
    for (size_t i = 0; i < home->n_series; i++) {
        dcl_series part = dcl_series_slice(&home->series[i], from_us, to_us);
        if (part.n) home->series[kept++] = part;
    }
    home->n_series = kept;
    kept = 0;
    for (size_t i = 0; i < home->n_truth; i++) {
        dcl_series part = dcl_series_slice(&home->truth[i], from_us, to_us);
        if (!part.n) continue;
        if (kept != i) memcpy(home->truth_name[kept], home->truth_name[i], sizeof *home->truth_name);
        home->truth[kept++] = part;
    }
    home->n_truth = kept;
    kept = 0;
    for (size_t i = 0; i < home->n_va_maxima; i++)
        if (home->va_maxima[i].time_us >= from_us && home->va_maxima[i].time_us < to_us)
            home->va_maxima[kept++] = home->va_maxima[i];
    home->n_va_maxima = kept;
}
