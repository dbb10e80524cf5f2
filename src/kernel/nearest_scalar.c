/* The specification of nearest_f32. */
#include "kernel/nearest.h"

void dcl_nearest_f32_scalar(const float *x, size_t n, const dcl_centroids *centroids, dcl_nearest *out) {
    for (size_t row = 0; row < n; row++, x += centroids->dim) {
        dcl_nearest nearest = {0, -INFINITY, -INFINITY};
        for (uint32_t c = 0; c < centroids->room; c++) {
            float score = centroids->half[c];
            for (size_t j = 0; j < centroids->dim; j++)
                score = fmaf(x[j], centroids->at[j * centroids->room + c], score);
            if (score > nearest.score) {
                nearest = (dcl_nearest){c, score, nearest.score};
            } else if (score > nearest.second) {
                nearest.second = score;
            }
        }
        nearest.score += 0.0f; /* -0 as +0: which of two equal scores comes first is not the scores' affair */
        nearest.second += 0.0f;
        out[row] = nearest;
    }
}

void dcl_add_i64_f32_scalar(const float *x, size_t n, float scale, int64_t *sum) {
    dcl_add_rounded(x, n, scale, sum);
}
