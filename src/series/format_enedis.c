/*
 * The utility's CSV. Two forms, both with `;` and stamps at the END of the interval:
 *   new  one header; a row has address, quantity, direction, unit, stamp, value and step (PT30M)
 *   old  a header and a row that describe the curve, then `Horodate;Valeur` and rows of two fields with UTC
 * offsets Steps change inside a file, rows can be unsorted, consumption and production can be mixed, blocks
 * can follow each other.
 */
#include <string.h>

#include "series/format.h"

enum { COLUMNS_MAX = 32 };

enum column { STAMP, VALUE, STEP, UNIT, QUANTITY, DIRECTION, ADDRESS, STEP_MINUTES, COLUMN_COUNT };

/* What a curve's rows are; the old form says it once, the new form in every row. */
typedef struct curve {
    bool is_energy, is_maximum, is_read, other_home;
    double scale;
    dcl_channel channel;
    uint32_t span_ms;
} curve;

typedef struct reader {
    dcl_collect *collect;
    dcl_clock
        clock[3]; /* of power drawn, power fed in, maxima: in rows that take turns each has its own order */
    int column[COLUMN_COUNT]; /* where each stands in the row; -1 = nowhere */
    curve described;          /* by the old form's second line */
    bool in_rows, in_description;
} reader;

static int detect(const char *name, const char *head, size_t n) {
    (void)name;
    (void)n;
    if (strncmp(head, "Identifiant PRM;", 16) == 0) return 100;
    return strncmp(head, "Horodate;Valeur", 15) == 0 ? 95 : 0;
}

static void find_columns(reader *r, const dcl_field *fields, size_t n) {
    static const char *const words[COLUMN_COUNT] = {[STAMP] = "Horodate",
                                                    [VALUE] = "Valeur",
                                                    [STEP] = "Pas",
                                                    [UNIT] = "Unit",
                                                    [QUANTITY] = "Grandeur physique",
                                                    [DIRECTION] = "Grandeur m",
                                                    [ADDRESS] = "Identifiant PRM",
                                                    [STEP_MINUTES] = "Pas en minutes"};
    for (int c = 0; c < COLUMN_COUNT; c++) {
        r->column[c] = -1;
        for (size_t i = 0; i < n; i++)
            if (dcl_field_is(fields[i], words[c]) && (c != STEP || fields[i].n == 3)) r->column[c] = (int)i;
    }
    r->in_rows = r->column[STAMP] >= 0 && r->column[VALUE] >= 0;
    r->in_description = !r->in_rows;
}

/* `PT30M`, `PT1H`, `P1D`, or minutes; 0 when it says nothing. */
static uint32_t step_ms(dcl_field field) {
    const char *c = field.at;
    if (dcl_field_is(field, "PT"))
        c += 2;
    else if (dcl_field_is(field, "P"))
        c += 1;
    int count = dcl_digits(&c, 5);
    if (count <= 0 || (*c && c[1])) return 0;
    switch (*c) {
    case 'S': return (uint32_t)count * 1000;
    case '\0':
    case 'M': return (uint32_t)count * 60000;
    case 'H': return count <= 24 ? (uint32_t)count * 3600000 : 0;
    case 'D': return count == 1 ? 86400000 : 0;
    default: return 0;
    }
}

static dcl_field field_of(const reader *r, enum column c, const dcl_field *fields, size_t n) {
    static char none[1];
    int at = r->column[c];
    return at >= 0 && (size_t)at < n ? fields[at] : (dcl_field){none, 0};
}

/* The curve that a row (or the description) speaks of; fields it does not have keep what `base` says. */
static curve describe(const reader *r, const dcl_field *fields, size_t n, curve base) {
    curve out = base;
    dcl_field quantity = field_of(r, QUANTITY, fields, n), unit = field_of(r, UNIT, fields, n);
    dcl_field direction = field_of(r, DIRECTION, fields, n), step = field_of(r, STEP, fields, n);
    if (quantity.n) {
        bool active = dcl_field_is(quantity, "PA") || dcl_field_is(quantity, "EA") ||
                      dcl_contains(quantity.at, "active");
        bool reactive = dcl_contains(quantity.at, "ractive") || dcl_contains(quantity.at, "reactive");
        out.is_maximum = dcl_field_is(quantity, "PMA") || dcl_contains(quantity.at, "maxim");
        out.is_read = (active && !reactive) || out.is_maximum;
    }
    if (unit.n) {
        out.is_energy = strcmp(unit.at, "Wh") == 0 || strcmp(unit.at, "kWh") == 0;
        out.scale = unit.at[0] == 'k' ? 1000 : 1;
        if (!out.is_maximum && !out.is_energy && strcmp(unit.at, "W") != 0 && strcmp(unit.at, "kW") != 0)
            out.is_read = false;
    }
    if (direction.n) out.channel = dcl_field_is(direction, "PROD") ? DCL_EXPORT_W : DCL_POWER_W;
    if (!step.n) step = field_of(r, STEP_MINUTES, fields, n);
    if (step.n && step_ms(step)) out.span_ms = step_ms(step);
    return out;
}

static dcl_status add_row(reader *r, const dcl_field *fields, size_t n, dcl_error *error) {
    dcl_collect *collect = r->collect;
    dcl_field stamp = field_of(r, STAMP, fields, n), value = field_of(r, VALUE, fields, n);
    dcl_field address = field_of(r, ADDRESS, fields, n);
    if (!stamp.n && !value.n)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a stamp and a value", error);
    curve row = describe(r, fields, n, r->described);
    if (row.other_home || (address.n && !dcl_collect_same_home(collect, address.at)))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_OTHER_HOME, "", error);
    int64_t end_us;
    double number;
    dcl_clock *clock = &r->clock[row.is_maximum ? 2 : row.channel == DCL_EXPORT_W];
    dcl_status read = dcl_clock_stamp(clock, collect, stamp.at, stamp.n, &end_us);
    if (read == DCL_E_NOT_FOUND) return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_TIME, "", error);
    if (read)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a stamp like 2024-01-31 12:30:00",
                                   error);
    if (!value.n) return dcl_collect_exclude(collect, DCL_EXCLUDED_MISSING, "", error);
    if (!dcl_field_number(value, &number))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a number as value", error);
    number *= row.scale;
    if (!row.is_read) return dcl_collect_exclude(collect, DCL_EXCLUDED_NOT_READ, "", error);
    if (row.is_maximum) return dcl_collect_maximum(collect, end_us, number, error);
    size_t track;
    dcl_status status = dcl_collect_track(collect, "", row.channel, &track, error);
    if (status) return status;
    collect->notes |= 1U << DCL_NOTE_STAMPS_ARE_ENDS;
    uint32_t span = row.span_ms ? row.span_ms : DCL_SPAN_ENDS;
    int64_t time_us = end_us - (int64_t)row.span_ms * 1000;
    return row.is_energy ? dcl_collect_add_energy(collect, track, time_us, span, number, error)
                         : dcl_collect_add(collect, track, time_us, span, number, error);
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    const curve plain = {.is_read = true, .scale = 1, .channel = DCL_POWER_W};
    const dcl_clock clock = {.zone = collect->zone};
    reader r = {.collect = collect, .clock = {clock, clock, clock}, .described = plain};
    for (int c = 0; c < COLUMN_COUNT; c++) r.column[c] = -1;
    dcl_status status = DCL_OK;
    char *line;
    while (dcl_input_row(input, &line, &status, error)) {
        dcl_field fields[COLUMNS_MAX];
        size_t n = dcl_fields(line, ';', fields, COLUMNS_MAX);
        if (n > COLUMNS_MAX) n = COLUMNS_MAX;
        if (n < 2) {
            status =
                dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected fields separated by ;", error);
        } else if (dcl_field_is(fields[0], "Identifiant PRM") || dcl_field_is(fields[0], "Horodate")) {
            if (dcl_field_is(fields[0], "Identifiant PRM")) r.described = plain;
            find_columns(&r, fields, n);
        } else if (r.in_description) {
            r.described = describe(&r, fields, n, plain);
            dcl_field address = field_of(&r, ADDRESS, fields, n);
            if (address.n && !dcl_collect_same_home(collect, address.at)) r.described.other_home = true;
            r.in_description = false;
        } else if (r.in_rows) {
            status = add_row(&r, fields, n, error);
        } else {
            status = dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW,
                                         "expected the header Horodate;Valeur first", error);
        }
    }
    return status;
}

const dcl_format dcl_format_enedis = {"enedis", "CSV of the utility (Enedis), both forms", detect, read_file};
