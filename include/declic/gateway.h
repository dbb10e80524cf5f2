/**
 * Gateway: models for the meter's microcontroller, as integers that host and gateway walk alike.
 *
 * Homes teach a lesson; the lesson gives a model of up to three purposes (next minute, today, names of steps); the model becomes
 * blobs, C, or a component for a firmware. What the gateway does with them is in declic/mcu_gateway.h.
 */
#ifndef DECLIC_GATEWAY_H
#define DECLIC_GATEWAY_H

#include <declic/learn_shelf.h>
#include <declic/mcu_gateway.h>
#include <declic/series.h>

/* ---------------------------------------------------------------- learning */

/** What homes showed, as rows of the gateway's own features. */
typedef struct dcl_gateway_lesson dcl_gateway_lesson;

/** A lesson of no home. Errors: DCL_E_MEMORY. Release: dcl_gateway_lesson_close(), which nulls. */
dcl_status dcl_gateway_lesson_open(dcl_gateway_lesson **out, dcl_error *error) DCL_MUST_USE;
void dcl_gateway_lesson_close(dcl_gateway_lesson **lesson);

/**
 * Adds a home: a row each minute of which the next is known, a row every ten minutes of days that are known to their end;
 * and, where its power is known every 2 s or faster and it has parts (truth), a row for each step that one of them made.
 *
 * zone  of the home's clock
 * Apparent power is taken as active power where it is not known. Power below 0 (export) counts as 0.
 *
 * Errors:  DCL_E_NO_DATA no active power every minute or faster, or from before 2000; DCL_E_MEMORY.
 * Memory:  40 bytes a minute, and a row a step.
 */
dcl_status dcl_gateway_lesson_add(dcl_gateway_lesson *lesson, const dcl_home *home, const dcl_zone *zone,
                                  dcl_error *error) DCL_MUST_USE;

/**
 * Budgets of the integers, on rows that did not teach: the mean absolute error of a forecast is that of its floats give or take this
 * share; so many of the steps have the name that the support vectors give them.
 */
#define DCL_GATEWAY_BUDGET 0.005
#define DCL_GATEWAY_AGREE  0.995

/** How to learn. Start from dcl_gateway_defaults(). */
typedef struct dcl_gateway_options {
    int trees, depth;     /* of each forecast. Default 50 of depth 4 */
    uint32_t step_rows;   /* of a label that teach the support vectors, at most. Default 300 */
    uint32_t serial;      /* of the blobs. Default 1 */
    uint32_t least_steps; /* labels with fewer steps are left out. Default 20 */
} dcl_gateway_options;
dcl_gateway_options dcl_gateway_defaults(void);

/**
 * How good a forecast is on rows that did not teach it: mean absolute errors, in the unit of the purpose (W, 10 Wh), of the plain
 * rule (as now; as on average of the days before), of the float forest and of its integers. rows 0 = there is no such forest.
 */
typedef struct dcl_gateway_error {
    size_t taught, rows;
    double plain, real, integer;
} dcl_gateway_error;

/**
 * What became of the names of steps: rows that taught the support vectors; of the steps of homes that did not: how many, share
 * that the vectors name right, share to which the tree gives the vectors' own name, share of those of which they are surer than 0.6, and
 * of these the same; vectors; leaves. rows 0 = no tree.
 */
typedef struct dcl_gateway_names {
    size_t taught, rows, vectors, leaves;
    double right, agree, sure, agree_sure;
} dcl_gateway_names;

typedef struct dcl_gateway_model dcl_gateway_model;

/**
 * Learns from a lesson: forecasts from three homes of four (from the first three quarters of each where there are fewer than
 * four), and says how good they are on the rest; then from all. A forecast that does not beat the plain rule by a hundredth, on rows
 * among those that teach, is one leaf of 0: the plain rule. Names of steps only where steps of two labels were seen: support vectors
 * learn them, and a tree learns what these answer in every place of the features that was seen, and beside it.
 *
 * Errors:  DCL_E_NO_DATA no row to learn from or to be judged by; DCL_E_MEMORY; DCL_E_CANCELLED; as dcl_svm_learn().
 */
dcl_status dcl_gateway_learn(const dcl_context *context, const dcl_gateway_lesson *lesson,
                             const dcl_gateway_options *options, dcl_gateway_model **out,
                             dcl_error *error) DCL_MUST_USE;
void dcl_gateway_model_close(dcl_gateway_model **model);

/** Writes a model to a file, reads one back, also of a blob, which is a model of one purpose without floats. Errors: DCL_E_IO,
 *  DCL_E_NOT_FOUND, DCL_E_MEMORY; read: DCL_E_FORMAT, DCL_E_UNSUPPORTED, one whose features are not those of this version. */
dcl_status dcl_gateway_model_write(const dcl_gateway_model *model, const char *path,
                                   dcl_error *error) DCL_MUST_USE;
dcl_status dcl_gateway_model_read(const char *path, dcl_gateway_model **out, dcl_error *error) DCL_MUST_USE;
/** The same from bytes in memory. */
dcl_status dcl_gateway_model_open(const void *bytes, size_t n, dcl_gateway_model **out,
                                  dcl_error *error) DCL_MUST_USE;
/** Whether bytes begin as those of a model for gateways, or of a blob, do. */
bool dcl_gateway_model_is(const void *bytes, size_t n);

/** What a blob of a model is: its bytes, aligned to 2; NULL and 0 where the model has none for the purpose. */
typedef struct dcl_gateway_part {
    const uint16_t *blob;
    size_t bytes;
    uint32_t trees, nodes; /* without what fills trees up */
    dcl_mcu_forest forest;
} dcl_gateway_part;

/** What a model holds. */
typedef struct dcl_gateway_about {
    dcl_gateway_part part[DCL_BLOB_KINDS]; /* by dcl_blob_kind */
    dcl_gateway_error minute, today;
    dcl_gateway_names names;
    uint32_t homes;
} dcl_gateway_about;
dcl_gateway_about dcl_gateway_describe(const dcl_gateway_model *model);

/** Takes the names of steps of another model where it has none: homes without parts teach none. Errors: DCL_E_MEMORY; DCL_E_UNSUPPORTED. */
dcl_status dcl_gateway_keep_names(dcl_gateway_model *model, const dcl_gateway_model *before,
                                  dcl_error *error) DCL_MUST_USE;
/** Its blobs as files to stand beside it on a shelf ("minute.blob" …), which live as long as it: how many. file [DCL_BLOB_KINDS]. */
size_t dcl_gateway_files(const dcl_gateway_model *model, dcl_card_file *file);

/** "minute", "today", "step"; "any" for DCL_BLOB_ANY. And what a fault is called, for messages. */
const char *dcl_blob_kind_name(dcl_blob_kind kind);
const char *dcl_blob_fault_text(dcl_blob_fault fault);

/**
 * Reads a blob from a file. *blob is malloc'd and the caller's.
 * Errors: DCL_E_FORMAT damaged or no blob; DCL_E_UNSUPPORTED of a newer version; DCL_E_NOT_FOUND, DCL_E_IO, DCL_E_MEMORY.
 */
dcl_status dcl_blob_read(const char *path, uint16_t **blob, dcl_mcu_forest *out,
                         dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- on the host */

/** Takes a record of the gateway, n bytes. Not DCL_OK ends it with that. */
typedef dcl_status (*dcl_gateway_record_fn)(void *arg, const uint8_t *record, size_t n, dcl_error *error);

/**
 * Runs the gateway's code with a model's integers on a capture: the records that a gateway at that meter would have sent.
 *
 * bytes [n]  a capture as it came, at 1200 or 9600 baud from start_us on; or lines `TIME GROUP`, each with its arrival
 * start_us   of the first byte where there are no arrivals; INT64_MIN = not known: the gateway has no clock but the meter's
 * zone       of the home's clock where the meter does not tell it
 *
 * Errors:  DCL_E_NO_DATA no group in it; those of `take`; DCL_E_MEMORY.   Memory: the gateway's state.
 */
dcl_status dcl_gateway_serve(const dcl_gateway_model *model, const char *bytes, size_t n, int64_t start_us,
                             const dcl_zone *zone, dcl_gateway_record_fn take, void *arg,
                             dcl_error *error) DCL_MUST_USE;

/**
 * A forecast as a gateway makes it when a minute has ended, and what came true: W over the next minute; of today the energy of the
 * whole civil day, Wh. plain: as now; as on average of the days before. NaN = not known; value never is.
 */
typedef struct dcl_gateway_said {
    int64_t issued_us, start_us, end_us;
    double value, plain, actual;
} dcl_gateway_said;

/** Takes a forecast. Not DCL_OK ends it with that. */
typedef dcl_status (*dcl_gateway_said_fn)(void *arg, const dcl_gateway_said *said, dcl_error *error);

/** How to roll. Start from dcl_gateway_roll_defaults(). */
typedef struct dcl_gateway_roll_options {
    dcl_blob_kind kind; /* DCL_BLOB_MINUTE or DCL_BLOB_TODAY. Default the first */
    bool
        quantised; /* the gateway's integers, the same to the last bit; else the floats they were made of. Default true */
    int64_t from_us, to_us; /* made within [from, to). Default all */
    int64_t every_us; /* how far apart, from civil midnight on; a minute and less: each minute. Default 0 */
} dcl_gateway_roll_options;
dcl_gateway_roll_options dcl_gateway_roll_defaults(void);

/**
 * What a gateway in a home would have forecast, minute by minute, of its active power alone. Minutes that are not known are passed
 * over; nothing at or after the moment of a forecast is looked at.
 *
 * power  every minute or faster, W; below 0 counts as 0
 *
 * Errors:  DCL_E_NO_DATA another step, or from before 2000; DCL_E_ARG no such forecast in the model; DCL_E_UNSUPPORTED floats of a
 *          blob; DCL_E_CANCELLED, DCL_E_MEMORY; those of `take`.   Memory: 8 bytes a minute.
 */
dcl_status dcl_gateway_roll(const dcl_context *context, const dcl_gateway_model *model,
                            const dcl_series *power, const dcl_gateway_roll_options *options,
                            dcl_gateway_said_fn take, void *arg, dcl_error *error) DCL_MUST_USE;

/* ---------------------------------------------------------------- forms */

typedef enum dcl_gateway_form {
    DCL_GATEWAY_BLOBS, /* minute.blob, today.blob, step.blob */
    DCL_GATEWAY_C,     /* declic_model.c, declic_model.h: tables and walks that need nothing else */
    DCL_GATEWAY_ESP_IDF /* a component: the gateway's code, the blobs as C, CMakeLists.txt, idf_component.yml, an example */
} dcl_gateway_form;

/**
 * Writes a model's form into a folder, which is made where it is not there, with card.json beside. Files that are there are
 * replaced; each is whole or not there.
 * Errors: DCL_E_IO, DCL_E_NOT_FOUND, DCL_E_MEMORY.
 */
dcl_status dcl_gateway_export(const dcl_gateway_model *model, const char *folder, dcl_gateway_form form,
                              dcl_error *error) DCL_MUST_USE;

#endif
