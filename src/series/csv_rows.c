#include "series/csv_rows.h"

#include <string.h>

/* A number takes at most this many bytes here, its mark and the delimiter behind it included. */
enum { NUMBER_MAX = 18, NUMBER_ROOM = 24, CHUNK = 256 };

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

/* The same digits as dcl_field_number() finds, and the same division. */
static inline double with_decimals(uint64_t digits, unsigned decimals) {
    static const double powers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
    return decimals ? (double)digits / powers[decimals] : (double)digits;
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

/* The digits of a number written as the last one of its column: sign, digits, mark and end at the same places. */
static inline bool same_layout(const dcl_csv_layout *as, const char *at, int32_t *digits) {
    uint64_t word = load8(at + as->sign), x = (word ^ UINT64_C(0x3030303030303030)) & as->digits;
    bool good = !(((x + UINT64_C(0x7676767676767676)) | x) & UINT64_C(0x8080808080808080));
    if (!good || (word & as->fixed_mask) != as->fixed || (as->sign && *at != '-')) return false;
    x = ((x & as->below) | (x >> 8 & ~as->below)) << as->shift;
    *digits = (int32_t)number8(x);
    return true;
}

/* Learns the layout of the number at `at`, which a line's end or a delimiter ends, where no number of that
 * layout could be left out. */
static void learn_layout(dcl_csv_value *value, const char *at, char delimiter) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    dcl_csv_layout found = {.sign = *at == '-', .below = UINT64_MAX};
    size_t n = 0, mark = 8;
    value->layout.length = 0;
    for (at += found.sign; n < 8 && at[n] != delimiter && at[n] != '\r' && at[n] != '\n'; n++) {
        if (at[n] == '.' || at[n] == ',')
            mark = n;
        else
            found.digits |= UINT64_C(0xff) << 8 * n;
    }
    size_t behind = n < 8 && at[n] == '\r' ? 2 : 1, shown = n - (mark < n), decimals = n - 1 - mark;
    if (n + behind > 8) return;
    found.divisor = mark < n ? powers[decimals] : 1;
    double largest = powers[shown] / found.divisor * value->scale;
    if (!(value->scale > 0 && largest <= value->plain.most)) return;
    if (found.sign && !(-largest >= value->plain.least)) return;
    found.fixed_mask = ~found.digits & (UINT64_MAX >> 8 * (8 - n - behind));
    found.fixed = load8(at) & found.fixed_mask;
    if (mark < n) found.below = (UINT64_C(1) << 8 * mark) - 1;
    found.length = (uint8_t)(found.sign + n + behind);
    found.shift = (uint8_t)(8 * (8 - shown));
    if (found.sign) found.divisor = -found.divisor;
    value->layout = found;
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

/* Learns how the fields of a row that was taken are written. A column that is not read has no layout. */
static void learn_row(dcl_csv_rows *rows, const char *const *field) {
    rows->behind = 0;
    for (size_t c = 0; c < rows->n_columns; c++) {
        unsigned role = rows->role[c];
        if (role >= DCL_CSV_VALUE)
            learn_layout(&rows->value[role - DCL_CSV_VALUE], field[c], rows->delimiter);
        if (role != DCL_CSV_TIME) continue;
        char next = field[c][DCL_CSV_STAMP + rows->has_z];
        if (next != '\r') rows->behind = rows->has_z ? 'Z' | (uint64_t)next << 8 : (uint64_t)next;
    }
    if (rows->n_columns != rows->n_values + 1) rows->behind = 0;
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

/* Tracks that all expect their next reading at one moment, and room for so many more. */
typedef struct batch {
    float *to[DCL_CHANNEL_COUNT];
    size_t n, room;
    int64_t next_us, step_us;
} batch;

static dcl_track *track_of(const dcl_csv_rows *rows, const dcl_collect *collect, size_t i) {
    return &collect->tracks[rows->value[i].track];
}

static batch batch_begin(const dcl_csv_rows *rows, const dcl_collect *collect) {
    const dcl_track *first = track_of(rows, collect, 0);
    batch out = {.next_us = first->next_us, .step_us = first->step_us, .room = SIZE_MAX};
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
static void batch_end(const dcl_csv_rows *rows, dcl_collect *collect, const batch *done) {
    for (size_t i = 0; done->n && i < rows->n_values; i++) {
        dcl_track *track = track_of(rows, collect, i);
        track->n += done->n;
        track->next_us = done->next_us;
    }
}

static inline bool batch_put(batch *into, size_t n_values, int64_t time_us, const double *number) {
    if (time_us != into->next_us || into->n >= into->room) return false;
    for (size_t i = 0; i < n_values; i++) into->to[i][into->n] = (float)number[i];
    into->n++;
    into->next_us += into->step_us;
    return true;
}

/* What take_alike() knows of a stamp before it looks. */
typedef struct alike_stamp {
    uint64_t date, date_end, behind, behind_mask;
    uint64_t clock; /* a second after that of the row before, where only its last digit changes */
    size_t length;
} alike_stamp;

static inline bool same_stamp(alike_stamp *as, const char *at, const dcl_csv_rows *rows, int64_t time_us,
                              bool by_second) {
    const uint64_t second = UINT64_C(1) << 56, nine = (uint64_t)'9' << 56;
    uint64_t clock = load8(at + DCL_CSV_DATE);
    if (load8(at) != as->date || load8(at + DCL_CSV_DATE - 8) != as->date_end) return false;
    if ((load8(at + DCL_CSV_STAMP - 6) >> 48 & as->behind_mask) != as->behind) return false;
    if (clock != as->clock) {
        int32_t clock_at = clock_s(at + DCL_CSV_DATE);
        if (clock_at < 0 || rows->midnight_us + clock_at * DCL_SECOND_US != time_us) return false;
    }
    as->clock = by_second && clock < nine ? clock + second : 0;
    return true;
}

/* The numbers of so many digits, as dcl_field_number() makes them and add_row() scales them. */
static void put_numbers(const dcl_csv_value *value, const int32_t *digits, size_t n, float *out) {
    double divisor = value->layout.divisor, scale = value->scale;
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)digits[i] / divisor * scale);
}

/*
 * Takes rows as long as each is the next of the batch and written as the one before, CHUNK at most; where it
 * stopped. What such a row holds is plain by its layout. Digits become numbers all together.
 */
static const char *take_alike(const dcl_csv_rows *rows, batch *into, const char *at, const char *last) {
    int32_t digits[DCL_CHANNEL_COUNT][CHUNK];
    bool has_z = rows->behind >> 8;
    alike_stamp stamp = {load8(rows->date),
                         load8(rows->date + DCL_CSV_DATE - 8),
                         rows->behind,
                         has_z ? 0xffff : 0xff,
                         0,
                         DCL_CSV_STAMP + 1 + (size_t)has_z};
    const int64_t step_us = into->step_us;
    const size_t columns = rows->n_columns,
                 most = into->room - into->n < CHUNK ? into->room - into->n : CHUNK;
    int64_t time_us = into->next_us;
    size_t n = 0;
    for (; n < most && at < last; n++, time_us += step_us) {
        const char *field = at;
        size_t c = 0;
        for (; c < columns; c++) {
            unsigned role = rows->role[c];
            if (role == DCL_CSV_TIME) {
                if (!same_stamp(&stamp, field, rows, time_us, step_us == DCL_SECOND_US)) break;
                field += stamp.length;
            } else {
                const dcl_csv_layout *layout = &rows->value[role - DCL_CSV_VALUE].layout;
                if (!same_layout(layout, field, &digits[role - DCL_CSV_VALUE][n])) break;
                field += layout->length;
            }
        }
        if (c < columns) break;
        at = field;
    }
    for (size_t i = 0; i < rows->n_values; i++)
        put_numbers(&rows->value[i], digits[i], n, into->to[i] + into->n);
    into->n += n;
    into->next_us = time_us;
    return at;
}

/* Whether take_alike() may be tried: all of a row's layout is known, and its clock goes forward. */
static bool is_alike(const dcl_csv_rows *rows, const batch *next) {
    const dcl_clock *clock = rows->clock;
    bool known = next->n < next->room && rows->behind &&
                 (!clock || (clock->direction > 0 && next->next_us > clock->last_us));
    for (size_t i = 0; i < rows->n_values; i++) known = known && rows->value[i].layout.length;
    return known;
}

/* A row that is not the next of the batch, and a new batch behind it. */
static dcl_status add_row(const dcl_csv_rows *rows, dcl_collect *collect, int64_t time_us,
                          const double *number, batch *next, dcl_error *error) {
    dcl_status status = DCL_OK;
    batch_end(rows, collect, next);
    for (size_t i = 0; !status && i < rows->n_values; i++)
        status = dcl_track_add(track_of(rows, collect, i),
                               (dcl_reading){time_us, (float)number[i], rows->span_ms}, error);
    *next = batch_begin(rows, collect);
    return status;
}

/* Takes one row; *at moves past it, and stays where it is not a plain one. */
static dcl_status take_row(dcl_csv_rows *rows, dcl_collect *collect, batch *next, const char **at,
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
    learn_row(rows, field);
    *at = behind;
    return status;
}

dcl_status dcl_csv_take(dcl_csv_rows *rows, dcl_collect *collect, dcl_input *input, dcl_error *error) {
    size_t n, lines = 0, room = DCL_CSV_STAMP + (rows->n_columns + 1) * NUMBER_ROOM;
    const char *start = dcl_input_held(input, &n), *at = start, *end = start + n;
    if (!rows->known || n < room) return DCL_OK;
    batch next = batch_begin(rows, collect);
    dcl_status status = DCL_OK;
    while (!status && (size_t)(end - at) >= room) {
        if (is_alike(rows, &next)) {
            size_t before = next.n;
            at = take_alike(rows, &next, at, end - room + 1);
            lines += next.n - before;
            if (rows->clock && next.n > before) rows->clock->last_us = next.next_us - next.step_us;
            if (next.n > before) continue;
        }
        const char *row = at;
        status = take_row(rows, collect, &next, &at, end, error);
        if (at == row) break;
        lines++;
    }
    batch_end(rows, collect, &next);
    dcl_input_take(input, (size_t)(at - start), lines);
    return status;
}
