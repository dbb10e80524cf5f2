/**
 * Appliance names: which appliance a cycle of the mains was, and when nobody can tell.
 *
 * Most loads of a home are of no kind that any model knows. So a name is given where several things agree: the shape of the
 * cycle alone, what like cycles of the home do, what lies around it, and an identifier's opinion. All else stays unknown.
 */
#ifndef DECLIC_APPLIANCE_NAMES_H
#define DECLIC_APPLIANCE_NAMES_H

#include <declic/appliance_power.h>
#include <declic/appliance_types.h>

/* ---------------------------------------------------------------- names by kind */

/**
 * A programme that is a machine's: a washing machine's or a dishwasher's.
 * confidence  0 … 1, as the cycles in it have at most
 */
typedef struct dcl_named_programme {
    dcl_programme programme;
    dcl_appliance appliance;
    double confidence;
} dcl_named_programme;

/** How names are given. Start from dcl_name_defaults(). */
typedef struct dcl_name_options {
    double least; /* names less sure than this are not given, 0 … 1. Default 0.6 */
} dcl_name_options;

dcl_name_options dcl_name_defaults(void);

/**
 * What was named.
 * looked, alone  cycles looked at, and of them those whose power can be seen alone in the mains
 * named          cycles that got a name, those of programmes included
 * programme      [n_programmes] machines' programmes in order of start
 * member         [cycles->n] the programme a cycle went to, from 1; 0 = none
 */
typedef struct dcl_names {
    size_t looked, alone, named;
    const dcl_named_programme *programme;
    size_t n_programmes;
    const uint32_t *member;
} dcl_names;

/**
 * Names cycles, where that is sure. Call it before dcl_uses_find(), which then has narrower ranges; what that names by
 * rhythm (compressors, water heaters, vehicles) is left alone here. A cycle that has a name keeps it.
 *
 * Named are, of a home at 10 s and finer, the kinds whose names were right in homes that chose nothing (bench/names.md):
 * pulses of heaters (and coolers) that a thermostat holds for hours of most days, programmes of washing machines and
 * dishwashers, and kettles that come again (four times and more). Slower
 * data, load curves and apparent power alone get no name here.
 *
 * A cycle stands alone where, from a little before its start to a little after its end, no other load makes a step of 15 % of
 * its power (25 W at least), the level afterwards is that of before to within 15 % (25 W), and nine tenths of its samples
 * are there. Its signature is the mains above the level on both sides; others of its load answer for a cycle that does not stand alone.
 *
 * home        the one the cycles were found in
 * cycles      `appliance` is set and `confidence` becomes that of the name where that is less
 * identifier  of runs, by active power at least; NULL = none: then only programmes are named. Views that need an own plug
 *             are not used. Labels are those of dcl_appliance_name()
 *
 * Errors:  DCL_E_ARG an option out of range; DCL_E_MEMORY.
 * Memory:  the arena gets some 60 bytes a cycle.   Threads: reentrant.   Same input, same bytes.
 */
dcl_status dcl_cycles_name(const dcl_context *context, const dcl_home *home, dcl_cycles *cycles,
                           const dcl_identifier *identifier, const dcl_name_options *options,
                           dcl_arena *arena, dcl_names *out, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- loads that a person named */

/** The most loads of a model. */
enum { DCL_LOADS_MOST = 64 };

/**
 * A load as whoever lives there named it, and what its cycles look like: lowest and highest, both included.
 * name          that of dcl_appliance_name() where it is one, else anybody's own
 * on_w, off_w   sizes of its steps, W (VA for cycles in apparent power); on_s its length, s
 * power_factor  NaN, NaN = not known
 * start_hour    how many of its cycles started in each civil hour; count of them in all
 * sure          of the cycles that look like it where it was learned, those that were it, 0 … 1
 */
typedef struct dcl_known_load {
    char name[DCL_LABEL_ROOM];
    float on_w[2], off_w[2], on_s[2], power_factor[2];
    uint32_t start_hour[24], count;
    float sure;
} dcl_known_load;

/** A model of such loads, for readings that come every period_us. */
typedef struct dcl_loads {
    int64_t period_us;
    bool apparent; /* sizes are VA */
    dcl_known_load load[DCL_LOADS_MOST];
    size_t n;
} dcl_loads;

/**
 * Reads `unknown 3=kettle`: number and name. A name has 1 to 31 bytes, letters (any above ASCII), digits, spaces and
 * `-_.'`, and does not begin with "unknown". A name or word for a kind (dcl_type_label()) becomes the kind's.
 * Errors: DCL_E_ARG with what is wrong.
 */
dcl_status dcl_load_name_parse(const char *text, uint32_t *number, char name[DCL_LABEL_ROOM],
                               dcl_error *error) DCL_MUST_USE;

/**
 * Adds a load: an unknown of a home under a name.
 *
 * Errors: DCL_E_ARG the name is there already, there are too many, or the unknown has no cycle whose end was seen.
 */
dcl_status dcl_loads_learn(const dcl_context *context, const dcl_cycles *cycles, const dcl_unknown *unknown,
                           const char *name, dcl_loads *loads, dcl_error *error) DCL_MUST_USE;

/** Writes a model, whole or not at all; the same bytes for the same loads. Errors: DCL_E_IO, DCL_E_NOT_FOUND, DCL_E_MEMORY. */
dcl_status dcl_loads_write(const char *path, const dcl_loads *loads, dcl_error *error) DCL_MUST_USE;
/** Reads one back; every number of it is checked. Errors: DCL_E_FORMAT damaged or a model of another kind; DCL_E_UNSUPPORTED a
 *  newer one; DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_loads_read(const char *path, dcl_loads *out, dcl_error *error) DCL_MUST_USE;
/** The same of bytes in memory. */
dcl_status dcl_loads_open(const void *bytes, size_t n, dcl_loads *out, dcl_error *error) DCL_MUST_USE;

/**
 * Names the cycles without a name that look like a known load, at a confidence of 0.5 and more. Of several loads the
 * nearest is taken. A cycle that starts at an hour, and next to hours, at which a load of 20 cycles and more never started is half as sure.
 *
 * own [cycles->n]  names that are no kind of appliance; entries are set where one was given, others left alone
 *
 * Errors: DCL_E_ARG readings at another step than the model's, or W for VA.   Memory: none; `own` points into `loads`.
 */
dcl_status dcl_loads_name(const dcl_context *context, const dcl_loads *loads, int64_t period_us,
                          dcl_cycles *cycles, const char **own, dcl_error *error) DCL_MUST_USE;

/**
 * Names the cycles without a name after the appliance that an estimate of power gives most of their energy to: a cycle's own,
 * above what the appliance drew in the minute before. Confidence is that share times the appliance's (0.7 where a model cannot tell);
 * below 0.5 there is no name.
 *
 * own [cycles->n]  as above; points into the estimate
 */
void dcl_power_name(const dcl_power_estimate *estimate, dcl_cycles *cycles, const char **own);

#endif
