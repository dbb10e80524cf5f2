/* What else is known of homes, and how it goes with their clusters. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <declic/household_cluster.h>

#include "base/math.h"
#include "base/table.h"

enum { WORDS_MOST = 64 };

/* ---------------------------------------------------------------- reading */

typedef struct place {
    const char *id;
    size_t home;
} place;

static int by_id(const void *a, const void *b) {
    return strcmp(((const place *)a)->id, ((const place *)b)->id);
}

/* The home of each row in the column, SIZE_MAX = none; returns how many rows are of one. */
static size_t match(const dcl_table *table, size_t column, const place *sorted, size_t n, size_t *home) {
    size_t found = 0;
    for (size_t i = 0; i < table->rows; i++) {
        place key = {dcl_table_cell(table, i, column), 0};
        const place *at = bsearch(&key, sorted, n, sizeof *sorted, by_id);
        home[i] = at ? at->home : SIZE_MAX;
        found += at != NULL;
    }
    return found;
}

/* Numbers of the words of a column; false where it has too many, or less than two. */
static bool number_words(const dcl_table *table, size_t column, const size_t *home, size_t n, uint32_t *value,
                         char (*word)[64], uint32_t *words) {
    *words = 0;
    memset(value, 0, n * sizeof *value);
    for (size_t i = 0; i < table->rows; i++) {
        const char *cell = dcl_table_cell(table, i, column);
        uint32_t w = 0;
        if (home[i] == SIZE_MAX || !*cell) continue;
        while (w < *words && strncmp(word[w], cell, sizeof *word - 1) != 0) w++;
        if (w == WORDS_MOST) return false;
        if (w == *words) snprintf(word[(*words)++], sizeof *word, "%s", cell);
        value[home[i]] = w + 1;
    }
    return *words > 1;
}

static dcl_status keep_columns(const dcl_table *table, size_t id, const size_t *home, size_t n,
                               dcl_arena *arena, dcl_attributes *out) {
    out->name = dcl_arena_alloc(arena, table->columns, sizeof *out->name);
    out->words = dcl_arena_alloc(arena, table->columns, sizeof *out->words);
    out->word = dcl_arena_alloc(arena, table->columns, sizeof *out->word);
    out->value = dcl_arena_alloc(arena, table->columns * n, sizeof *out->value);
    if (!out->name || !out->words || !out->word || !out->value) return DCL_E_MEMORY;
    for (size_t column = 0; column < table->columns; column++) {
        size_t at = out->n_columns;
        if (column == id) continue;
        if (!(out->word[at] = dcl_arena_alloc(arena, WORDS_MOST, sizeof **out->word))) return DCL_E_MEMORY;
        if (!number_words(table, column, home, n, out->value + at * n, out->word[at], &out->words[at]))
            continue;
        snprintf(out->name[at], sizeof *out->name, "%s", dcl_table_head(table, column));
        out->n_columns++;
    }
    return DCL_OK;
}

dcl_status dcl_attributes_read(const char *path, const dcl_homes *homes, dcl_arena *arena,
                               dcl_attributes *out, dcl_error *error) {
    dcl_arena own = {0};
    dcl_table table;
    *out = (dcl_attributes){.n = homes->n};
    dcl_status status = dcl_table_read(path, &own, &table, error);
    if (status) return status;
    place *sorted = dcl_arena_alloc(&own, homes->n, sizeof *sorted);
    size_t *home = dcl_arena_alloc(&own, table.rows, sizeof *home), best = 0, most = 0;
    if (!sorted || !home) status = dcl_fail_memory(error, path);
    for (size_t i = 0; !status && i < homes->n; i++) sorted[i] = (place){homes->id[i], i};
    if (!status) qsort(sorted, homes->n, sizeof *sorted, by_id);
    for (size_t column = 0; !status && column < table.columns; column++) {
        size_t found = match(&table, column, sorted, homes->n, home);
        if (found > most) {
            most = found;
            best = column;
        }
    }
    if (!status && !most)
        status = dcl_fail_file(error, DCL_E_NO_DATA, path,
                               "no row is of a home of the panel: one column must hold their ids, such as %s",
                               homes->id[0]);
    if (!status) {
        out->matched = match(&table, best, sorted, homes->n, home);
        if (keep_columns(&table, best, home, homes->n, arena, out)) status = dcl_fail_memory(error, path);
    }
    dcl_arena_free(&own);
    return status;
}

/* ---------------------------------------------------------------- association */

static double entropy_of(const double *count, uint32_t n, double total) {
    double bits = 0;
    for (uint32_t i = 0; i < n; i++)
        if (count[i] > 0) bits -= count[i] / total * dcl_log(count[i] / total) / dcl_log(2);
    return bits;
}

static uint32_t present(const double *count, uint32_t n) {
    uint32_t some = 0;
    for (uint32_t i = 0; i < n; i++) some += count[i] > 0;
    return some;
}

/* Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Stat. Soc. 42, 2013. */
static double corrected_v(double chi_square, double n, uint32_t rows, uint32_t columns) {
    if (rows < 2 || columns < 2 || n < 3) return (double)NAN;
    double r = rows, k = columns, phi = fmax(0, chi_square / n - (r - 1) * (k - 1) / (n - 1));
    r -= (r - 1) * (r - 1) / (n - 1);
    k -= (k - 1) * (k - 1) / (n - 1);
    double least = fmin(r, k) - 1;
    return least > 0 ? fmin(1, sqrt(phi / least)) : (double)NAN;
}

dcl_status dcl_associate(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb, size_t n,
                         dcl_association *out) {
    double *both = calloc((size_t)na * nb + na + nb + 1, sizeof *both), *of_a = both + (size_t)na * nb,
           *of_b = of_a + na, total = 0, chi = 0;
    *out = (dcl_association){0, (double)NAN, (double)NAN, (double)NAN};
    if (!both) return DCL_E_MEMORY;
    for (size_t i = 0; i < n; i++) {
        if (!a[i] || !b[i]) continue;
        both[(size_t)(a[i] - 1) * nb + b[i] - 1]++;
        of_a[a[i] - 1]++;
        of_b[b[i] - 1]++;
        total++;
    }
    out->n = (size_t)total;
    for (uint32_t i = 0; i < na && total > 0; i++)
        for (uint32_t j = 0; j < nb; j++) {
            double expected = of_a[i] * of_b[j] / total, off = both[(size_t)i * nb + j] - expected;
            if (expected > 0) chi += off * off / expected;
        }
    if (total > 0) {
        double h_a = entropy_of(of_a, na, total), h_b = entropy_of(of_b, nb, total),
               h = entropy_of(both, na * nb, total);
        out->cramers_v = corrected_v(chi, total, present(of_a, na), present(of_b, nb));
        out->mutual_bits = fmax(0, h_a + h_b - h);
        out->of_entropy = h_b > 0 ? out->mutual_bits / h_b : (double)NAN;
    }
    free(both);
    return DCL_OK;
}
