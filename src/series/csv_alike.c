/* How rows that are written alike are learned from one of them, and what is made of those that a kernel takes. */
#include "series/csv_alike.h"

#include <string.h>

/* Rows that a form must take to be worth its making, and the longest wait for the next one. */
enum { ROWS_USEFUL = 32, PATIENCE_MOST = 63 };

/* Rows at a time; digits of a whole number that float32 holds exactly. */
enum { CHUNK = 256, FLOAT_DIGITS = 7 };

/* The clock of the stamp at `at` of a row: field 0, the seconds of the day. */
static void learn_clock(dcl_row_form *form, size_t at) {
    static const uint8_t behind[] = {0, 1, 3, 4, 6, 7}, most[] = {2, 9, 5, 9, 5, 9};
    enum { DIGITS = sizeof behind };
    form->place[0][0] = form->place[0][1] = DCL_ROW_NO_PLACE;
    for (size_t i = 0; i < DIGITS; i++) {
        size_t place = at + DCL_CSV_DATE + behind[i];
        form->place[0][DCL_ROW_DIGITS - DIGITS + i] = (uint8_t)place;
        form->text[place] = '0';
        form->most[place] = most[i];
    }
    memcpy(form->pair[0], (int16_t[]){0, 1, 60, 1}, sizeof form->pair[0]);
    memcpy(form->four[0], (int16_t[]){3600, 1}, sizeof form->four[0]);
}

/* The number at `at` of a row, which `end` ends: false where another of its digits could be left out. */
static bool learn_number(dcl_row_form *form, dcl_csv_value *value, size_t field, size_t at, size_t end) {
    uint8_t place[DCL_ROW_DIGITS];
    bool sign = form->text[at] == '-';
    size_t shown = 0, mark = end - 1;
    for (at += sign; at < end; at++) {
        if (form->text[at] == '.' || form->text[at] == ',') {
            mark = at;
            continue;
        }
        if (shown == DCL_ROW_DIGITS) return false;
        place[shown++] = (uint8_t)at;
        form->text[at] = '0';
        form->most[at] = 9;
    }
    double divisor = dcl_csv_powers[end - 1 - mark], largest = dcl_csv_powers[shown] / divisor * value->scale;
    if (!(value->scale > 0 && largest <= value->plain.most)) return false;
    if (sign && !(-largest >= value->plain.least)) return false;
    value->divisor = sign ? -divisor : divisor;
    value->is_short = shown <= FLOAT_DIGITS && value->scale == 1.0;
    memset(form->place[field], DCL_ROW_NO_PLACE, sizeof form->place[field]);
    memcpy(form->place[field] + DCL_ROW_DIGITS - shown, place, shown);
    memcpy(form->pair[field], (int16_t[]){100, 1, 100, 1}, sizeof form->pair[field]);
    memcpy(form->four[field], (int16_t[]){10000, 1}, sizeof form->four[field]);
    return true;
}

/* The form of a row that was taken, its fields where rows->field_at says. */
static bool learn_form(dcl_csv_rows *rows, const char *row) {
    dcl_row_form *form = &rows->form;
    size_t length = rows->length, end = length - 1 - (row[length - 2] == '\r');
    form->length = length;
    form->n_fields = rows->n_columns;
    memcpy(form->text, row, length);
    memset(form->text + length, 0, sizeof form->text - length);
    memset(form->most, 0, length);
    memset(form->most + length, 0xff, sizeof form->most - length);
    for (size_t c = 0; c < rows->n_columns; c++) {
        size_t at = rows->field_at[c], behind = c + 1 < rows->n_columns ? rows->field_at[c + 1] - 1U : end;
        unsigned role = rows->role[c];
        if (role == DCL_CSV_TIME) {
            learn_clock(form, at);
        } else {
            size_t value = role - DCL_CSV_VALUE;
            if (!learn_number(form, &rows->value[value], 1 + value, at, behind)) return false;
        }
    }
    return true;
}

bool dcl_csv_may_be_alike(const dcl_csv_rows *rows, const dcl_csv_batch *next) {
    const dcl_clock *clock = rows->clock;
    return rows->kernels && next->n < next->room && rows->n_columns == rows->n_values + 1 &&
           next->step_us % DCL_SECOND_US == 0 &&
           (!clock || (clock->direction > 0 && next->next_us > clock->last_us));
}

static void form_failed(dcl_csv_rows *rows) {
    bool was_useful = rows->form_rows >= ROWS_USEFUL;
    rows->patience = was_useful ? 0 : rows->patience < PATIENCE_MOST ? 2 * rows->patience + 1 : PATIENCE_MOST;
    rows->same = 0;
    rows->alike = false;
}

void dcl_csv_learn_row(dcl_csv_rows *rows, const char *row, const char *const *field, size_t length) {
    bool same = rows->length == length && length < DCL_ROW_BYTES;
    rows->length = length;
    for (size_t c = 0; length < DCL_ROW_BYTES && c < rows->n_columns; c++) {
        uint8_t at = (uint8_t)(field[c] - row);
        same = same && rows->field_at[c] == at;
        rows->field_at[c] = at;
    }
    rows->same = same ? rows->same + 1 : 0;
    if (rows->alike || rows->same <= rows->patience) return;
    rows->form_rows = 0;
    rows->alike = learn_form(rows, row);
    if (!rows->alike) form_failed(rows);
}

/*
 * The numbers of so many digits, as dcl_field_number() makes them and is_plain() scales them; -0 as +0. Of two float32 the
 * quotient in float64, rounded to float32, is the quotient in float32: 53 bits are more than twice 24 and one. Source:
 * Figueroa, "When is double rounding innocuous?", SIGNUM Newsletter 30(3), 1995.
 */
static void put_numbers(const dcl_csv_value *value, const int32_t *digits, size_t n, float *out) {
    double divisor = value->divisor, scale = value->scale;
    float short_divisor = (float)divisor;
    if (value->is_short)
        for (size_t i = 0; i < n; i++) out[i] = (float)digits[i] / short_divisor + 0.0f;
    else
        for (size_t i = 0; i < n; i++) out[i] = (float)((double)digits[i] / divisor * scale) + 0.0f;
}

/* How many of the clocks are the ones that follow from the first one expected. */
static size_t count_steps(const int32_t *clock_s, size_t n, int32_t first_s, int32_t step_s) {
    int32_t differ = 0, expected_s = first_s;
    for (size_t i = 0; i < n; i++, expected_s += step_s) differ |= clock_s[i] ^ expected_s;
    if (!differ) return n;
    size_t same = 0;
    while (clock_s[same] == first_s + (int32_t)same * step_s) same++;
    return same;
}

size_t dcl_csv_take_alike(dcl_csv_rows *rows, dcl_csv_batch *into, const char *at, const char *end) {
    int32_t column[(DCL_CHANNEL_COUNT + 1) * CHUNK]; /* the clock's seconds, then each value's digits */
    int64_t first_us = into->next_us - rows->midnight_us;
    size_t n = into->room - into->n < CHUNK ? into->room - into->n : CHUNK, length = rows->form.length;
    size_t held = (size_t)(end - at) < DCL_ROW_BEHIND ? 0 : ((size_t)(end - at) - DCL_ROW_BEHIND) / length;
    if (first_us < 0 || first_us >= DCL_DAY_US || first_us % DCL_SECOND_US) return 0;
    size_t left = (size_t)((DCL_DAY_US - first_us + into->step_us - 1) / into->step_us);
    if (n > held) n = held;
    if (n > left) n = left;
    size_t taken = rows->kernels->rows_i32(&rows->form, at, n, CHUNK, column);
    taken = count_steps(column, taken, (int32_t)(first_us / DCL_SECOND_US),
                        (int32_t)(into->step_us / DCL_SECOND_US));
    for (size_t i = 0; i < rows->n_values; i++)
        put_numbers(&rows->value[i], column + (1 + i) * CHUNK, taken, into->to[i] + into->n);
    into->n += taken;
    into->next_us += (int64_t)taken * into->step_us;
    if (rows->clock && taken) rows->clock->last_us = into->next_us - into->step_us;
    rows->form_rows += taken;
    if (taken < n) form_failed(rows);
    return taken;
}
