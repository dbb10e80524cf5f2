/* The matching of least total cost, a row at a time along the cheapest path of changes. */
#include <stdbool.h>
#include <string.h>

#include "event/pairing.h"

/* Columns are the real ones, then one a row that stands for "none" at no cost. */
typedef struct matching {
    const int32_t *cost;
    size_t rows, columns, all;
    int64_t *row_price, *column_price; /* potentials */
    int64_t *least;                    /* of each column on this path: cost so far */
    int64_t *row_of, *from; /* of each column: its row, and the column before it on the path; -1 = none */
    int64_t *seen;
} matching;

size_t dcl_assign_scratch(size_t rows, size_t columns) {
    return rows + 5 * (rows + columns);
}

static int64_t cost_of(const matching *m, size_t row, size_t column) {
    if (column >= m->columns) return column - m->columns == row ? 0 : INT64_C(1) << 40;
    int32_t cost = m->cost[row * m->columns + column];
    return cost == DCL_ASSIGN_NEVER ? INT64_C(1) << 40 : cost;
}

/* Looks from `row`, reached through column `via`, at all columns not yet seen. Returns the cheapest, first of equals. */
static size_t look(matching *m, size_t row, int64_t via, int64_t so_far) {
    size_t best = m->all;
    for (size_t c = 0; c < m->all; c++) {
        if (m->seen[c]) continue;
        int64_t cost = so_far + cost_of(m, row, c) - m->row_price[row] - m->column_price[c];
        if (cost < m->least[c]) m->least[c] = cost, m->from[c] = via;
        if (best == m->all || m->least[c] < m->least[best]) best = c;
    }
    return best;
}

static void augment(matching *m, size_t row) {
    for (size_t c = 0; c < m->all; c++) m->least[c] = INT64_MAX, m->seen[c] = 0, m->from[c] = -1;
    size_t at = look(m, row, -1, 0);
    while (m->row_of[at] >= 0) {
        m->seen[at] = 1;
        at = look(m, (size_t)m->row_of[at], (int64_t)at, m->least[at]);
    }
    int64_t end = m->least[at];
    m->row_price[row] += end;
    for (size_t c = 0; c < m->all; c++) {
        if (!m->seen[c]) continue;
        m->column_price[c] -= end - m->least[c];
        m->row_price[m->row_of[c]] += end - m->least[c];
    }
    for (int64_t c = (int64_t)at; c >= 0; c = m->from[c])
        m->row_of[c] = m->from[c] >= 0 ? m->row_of[m->from[c]] : (int64_t)row;
}

void dcl_assign(const int32_t *cost, size_t rows, size_t columns, int32_t *column, int64_t *scratch) {
    matching m = {.cost = cost, .rows = rows, .columns = columns, .all = rows + columns};
    memset(scratch, 0, dcl_assign_scratch(rows, columns) * sizeof *scratch);
    m.row_price = scratch;
    m.column_price = m.row_price + rows;
    m.least = m.column_price + m.all;
    m.row_of = m.least + m.all;
    m.from = m.row_of + m.all;
    m.seen = m.from + m.all;
    for (size_t c = 0; c < m.all; c++) m.row_of[c] = -1;
    for (size_t r = 0; r < rows; r++) augment(&m, r), column[r] = -1;
    for (size_t c = 0; c < columns; c++)
        if (m.row_of[c] >= 0) column[m.row_of[c]] = (int32_t)c;
}
