#include "series/csv_alike.h"

#include <string.h>

/* A number takes at most this many bytes here, its mark and the delimiter behind it included. */
enum { NUMBER_MAX = 18, NUMBER_ROOM = 24 };

/* Eight bytes with the first one lowest, on any machine. */
static inline uint64_t load8(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline unsigned lowest_byte(uint64_t marks) {
    return (unsigned)__builtin_ctzll(marks) >> 3;
}

/* Seconds since midnight of `hh:mm:ss`; -1 where it is no such clock. */
static inline int32_t clock_s(const char *at) {
    uint64_t x = load8(at) ^ UINT64_C(0x30303a30303a3030); /* digits are 0 to 9 now, colons 0 */
    /* A byte above 2, 9, 0, 5, 9, 0, 5, 9 carries into its highest bit. */
    if (((x + UINT64_C(0x767a7f767a7f767d)) | x) & UINT64_C(0x8080808080808080)) return -1;
    uint64_t pairs = x * 10 + (x >> 8);
    int32_t hour = (int32_t)(pairs & 0xff), minute = (int32_t)(pairs >> 24 & 0xff);
    int32_t second = (int32_t)(pairs >> 48 & 0xff);
    return hour < 24 ? hour * 3600 + minute * 60 + second : -1;
}

/* The number of eight bytes 0 to 9, most significant first: pairs, then fours, then all. */
static inline uint64_t number8(uint64_t x) {
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
    return (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
}

static inline bool is_mark(char c, char delimiter) {
    return (c == '.' || c == ',') && c != delimiter;
}

const double dcl_csv_powers[18] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                   1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};

/* The same digits as dcl_field_number() finds, and the same division. */
static inline double with_decimals(uint64_t digits, unsigned decimals) {
    return decimals ? (double)digits / dcl_csv_powers[decimals] : (double)digits;
}

/* A number of more than seven characters. */
static const char *long_number(const char *at, char delimiter, double *out) {
    uint64_t digits = 0;
    unsigned n = 0, decimals = 0, shown = 0;
    bool marked = false;
    for (; n < NUMBER_MAX; n++) {
        unsigned digit = (unsigned char)at[n] - (unsigned)'0';
        if (digit <= 9) {
            digits = digits * 10 + digit;
            decimals += marked;
            shown++;
        } else if (is_mark(at[n], delimiter) && !marked) {
            marked = true;
        } else {
            break;
        }
    }
    if (n == NUMBER_MAX || !shown) return NULL;
    *out = with_decimals(digits, decimals);
    return at + n;
}

/* Reads a number at `at`, of which NUMBER_ROOM bytes can be read; where it ends, NULL where it is not plain. */
static inline const char *plain_number(const char *at, char delimiter, double *out) {
    bool negative = *at == '-';
    at += negative;
    uint64_t x = load8(at) ^ UINT64_C(0x3030303030303030);
    uint64_t marks = (((x & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7676767676767676)) | x) &
                     UINT64_C(0x8080808080808080); /* bytes that are no digit */
    double value;
    const char *end = NULL;
    if (marks) {
        unsigned whole = lowest_byte(marks);
        if (is_mark(at[whole], delimiter)) {
            uint64_t rest = marks & (marks - 1);
            if (rest) { /* the digits behind the mark move over it */
                unsigned n = lowest_byte(rest) - 1;
                uint64_t below = (UINT64_C(1) << 8 * whole) - 1;
                if (!n) return NULL;
                x = (x & below) | (x >> 8 & ~below);
                value = with_decimals(number8(x << 8 * (8 - n)), n - whole);
                end = at + n + 1;
            }
        } else if (whole) {
            value = (double)number8(x << 8 * (8 - whole));
            end = at + whole;
        } else {
            return NULL;
        }
    }
    if (!end) end = long_number(at, delimiter, &value);
    if (end) *out = negative ? -value : value;
    return end;
}

/* Passes a field over; NULL where only the plain path can tell where it ends. */
static const char *pass_field(const char *at, const char *end, char delimiter) {
    while (at < end && *at != delimiter && *at != '\n') {
        if (*at == '\r' && at + 1 < end && at[1] == '\n') return at;
        if (*at == '"' || *at == '\0' || *at == '\r') return NULL;
        at++;
    }
    return at < end ? at : NULL;
}

/* The offset does not change from three hours before that day to three hours after it. */
static bool is_even_day(const dcl_zone *zone, int64_t midnight_us) {
    int32_t offset_s = dcl_zone_offset_s(zone, midnight_us);
    for (int hour = -3; hour <= 27; hour++)
        if (dcl_zone_offset_s(zone, midnight_us + hour * DCL_HOUR_US) != offset_s) return false;
    return true;
}

void dcl_csv_learn(dcl_csv_rows *rows, const char *stamp, size_t n, int64_t time_us, dcl_clock *clock) {
    bool has_z = n == DCL_CSV_STAMP + 1 && stamp[DCL_CSV_STAMP] == 'Z';
    int32_t second = n == DCL_CSV_STAMP || has_z ? clock_s(stamp + DCL_CSV_DATE) : -1;
    if (second < 0) return;
    if (has_z) clock = NULL;
    bool is_new =
        memcmp(rows->date, stamp, DCL_CSV_DATE) != 0 || has_z != rows->has_z || clock != rows->clock;
    if (!is_new) return;
    rows->midnight_us = time_us - second * DCL_SECOND_US;
    rows->known = !clock || is_even_day(clock->zone, rows->midnight_us);
    rows->has_z = has_z;
    rows->clock = clock;
    memcpy(rows->date, stamp, DCL_CSV_DATE);
    rows->alike = false; /* the form has the date */
}

/* Reads a stamp of the date learned; where it ends, or NULL. */
static inline const char *plain_stamp(const dcl_csv_rows *rows, const char *at, int64_t *time_us) {
    enum { LAST = DCL_CSV_DATE - 8 };
    if (load8(at) != load8(rows->date) || load8(at + LAST) != load8(rows->date + LAST)) return NULL;
    int32_t second = clock_s(at + DCL_CSV_DATE);
    if (second < 0 || (rows->has_z && at[DCL_CSV_STAMP] != 'Z')) return NULL;
    *time_us = rows->midnight_us + second * DCL_SECOND_US;
    return at + DCL_CSV_STAMP + rows->has_z;
}

/* Reads a row; the first byte of the next one, or NULL. Nothing is added yet. field [n_columns] where each
 * begins. */
static inline const char *plain_row(const dcl_csv_rows *rows, const char *at, const char *end,
                                    int64_t *time_us, double *number, const char **field) {
    for (size_t c = 0; c < rows->n_columns; c++) {
        if (c) {
            if (*at != rows->delimiter) return NULL;
            at++;
        }
        unsigned role = rows->role[c];
        field[c] = at;
        if (role == DCL_CSV_PASSED) {
            at = pass_field(at, end, rows->delimiter);
            if (!at || (size_t)(end - at) < (rows->n_columns - c) * NUMBER_ROOM) return NULL;
        } else if (role == DCL_CSV_TIME) {
            at = plain_stamp(rows, at, time_us);
        } else {
            at = plain_number(at, rows->delimiter, &number[role - DCL_CSV_VALUE]);
        }
        if (!at) return NULL;
    }
    at += *at == '\r';
    return *at == '\n' ? at + 1 : NULL;
}

/* The readings are such as dcl_collect_add() keeps without a word. */
static inline bool is_plain(const dcl_csv_rows *rows, int64_t time_us, double *number) {
    const dcl_plain *plain = &rows->value[0].plain; /* the times are the same for all */
    if (time_us < plain->first_us || time_us > plain->last_us) return false;
    if (rows->clock && !(rows->clock->direction > 0 && time_us > rows->clock->last_us)) return false;
    for (size_t i = 0; i < rows->n_values; i++) {
        number[i] *= rows->value[i].scale;
        if (!(number[i] >= rows->value[i].plain.least && number[i] <= rows->value[i].plain.most))
            return false;
    }
    return true;
}

static dcl_track *track_of(const dcl_csv_rows *rows, const dcl_collect *collect, size_t i) {
    return &collect->tracks[rows->value[i].track];
}

static dcl_csv_batch batch_begin(const dcl_csv_rows *rows, const dcl_collect *collect) {
    const dcl_track *first = track_of(rows, collect, 0);
    dcl_csv_batch out = {.next_us = first->next_us, .step_us = first->step_us, .room = SIZE_MAX};
    for (size_t i = 0; i < rows->n_values; i++) {
        const dcl_track *track = track_of(rows, collect, i);
        bool same = track->next_us == out.next_us && track->span_ms == rows->span_ms;
        size_t room = same && !track->is_loose && track->step_us ? track->room_values - track->n : 0;
        if (room < out.room) out.room = room;
        out.to[i] = room ? track->value + track->n : NULL;
    }
    const dcl_plain *plain = &rows->value[0].plain;
    bool in_time = out.next_us >= plain->first_us && out.next_us <= plain->last_us;
    if (!in_time) out.room = 0;
    size_t left = out.room ? (size_t)((plain->last_us - out.next_us) / out.step_us) + 1 : 0;
    if (left < out.room) out.room = left;
    return out;
}

/* Tells the tracks what was put into them. */
static void batch_end(const dcl_csv_rows *rows, dcl_collect *collect, const dcl_csv_batch *done) {
    for (size_t i = 0; done->n && i < rows->n_values; i++) {
        dcl_track *track = track_of(rows, collect, i);
        track->n += done->n;
        track->next_us = done->next_us;
    }
}

static inline bool batch_put(dcl_csv_batch *into, size_t n_values, int64_t time_us, const double *number) {
    if (time_us != into->next_us || into->n >= into->room) return false;
    for (size_t i = 0; i < n_values; i++) into->to[i][into->n] = (float)number[i] + 0.0f;
    into->n++;
    into->next_us += into->step_us;
    return true;
}

/* A row that is not the next of the batch, and a new dcl_csv_batch behind it. */
static dcl_status add_row(const dcl_csv_rows *rows, dcl_collect *collect, int64_t time_us,
                          const double *number, dcl_csv_batch *next, dcl_error *error) {
    dcl_status status = DCL_OK;
    batch_end(rows, collect, next);
    for (size_t i = 0; !status && i < rows->n_values; i++)
        status = dcl_track_add(track_of(rows, collect, i),
                               (dcl_reading){time_us, (float)number[i], rows->span_ms}, error);
    *next = batch_begin(rows, collect);
    return status;
}

/* Takes one row; *at moves past it, and stays where it is not a plain one. */
static dcl_status take_row(dcl_csv_rows *rows, dcl_collect *collect, dcl_csv_batch *next, const char **at,
                           const char *end, dcl_error *error) {
    int64_t time_us = 0;
    double number[DCL_CHANNEL_COUNT];
    const char *field[DCL_CSV_COLUMNS_MAX];
    const char *behind = plain_row(rows, *at, end, &time_us, number, field);
    if (!behind || !is_plain(rows, time_us, number)) return DCL_OK;
    dcl_status status = DCL_OK;
    if (!batch_put(next, rows->n_values, time_us, number))
        status = add_row(rows, collect, time_us, number, next, error);
    if (rows->clock) rows->clock->last_us = time_us;
    if (dcl_csv_may_be_alike(rows, next)) dcl_csv_learn_row(rows, *at, field, (size_t)(behind - *at));
    *at = behind;
    return status;
}

/* Tells the tracks how many rows may come, of a file whose size is known: all of them like the last. */
static void expect_rows(dcl_csv_rows *rows, dcl_collect *collect, const dcl_input *input) {
    uint64_t given = (uint64_t)input->next_byte;
    uint64_t left = input->expected > given ? input->expected - given : 0;
    rows->expected = true;
    for (size_t i = 0; i < rows->n_values; i++)
        dcl_track_expect(track_of(rows, collect, i), (size_t)(left / rows->length));
}

dcl_status dcl_csv_take(dcl_csv_rows *rows, dcl_collect *collect, dcl_input *input, dcl_error *error) {
    size_t n, lines = 0, room = DCL_CSV_STAMP + (rows->n_columns + 1) * NUMBER_ROOM;
    const char *start = dcl_input_held(input, &n), *at = start, *end = start + n;
    if (!rows->known || n < room) return DCL_OK;
    dcl_csv_batch next = batch_begin(rows, collect);
    dcl_status status = DCL_OK;
    while (!status && (size_t)(end - at) >= room) {
        if (rows->alike && !rows->expected) {
            batch_end(rows, collect, &next);
            expect_rows(rows, collect, input);
            next = batch_begin(rows, collect);
        }
        size_t taken =
            rows->alike && dcl_csv_may_be_alike(rows, &next) ? dcl_csv_take_alike(rows, &next, at, end) : 0;
        at += taken * rows->form.length;
        lines += taken;
        if (taken) continue;
        const char *row = at;
        status = take_row(rows, collect, &next, &at, end, error);
        if (at == row) break;
        lines++;
    }
    batch_end(rows, collect, &next);
    dcl_input_take(input, (size_t)(at - start), lines);
    return status;
}
