/* The room's own: naming cycles of the mains. */
#ifndef DCL_APPLIANCE_NAME_H
#define DCL_APPLIANCE_NAME_H

#include <declic/appliance_names.h>

/* A step in the mains, and whose it is: a cycle's number, or SIZE_MAX. */
typedef struct dcl_name_step {
    int64_t time_us;
    float size_w;
    size_t owner;
} dcl_name_step;

/** What signatures are taken from. step [n_steps] in order of time; own [room] is scratch. */
typedef struct dcl_name_view {
    const dcl_series *power, *apparent, *reactive;
    const dcl_cycles *cycles;
    dcl_name_step *step;
    size_t n_steps;
    float *own;
    size_t room;
} dcl_name_view;

/** Collects the steps of cycles and leftovers. Errors: DCL_E_MEMORY. */
dcl_status dcl_name_look(const dcl_home *home, const dcl_cycles *cycles, dcl_arena *arena, dcl_name_view *out,
                         dcl_error *error) DCL_MUST_USE;

/** Whether a cycle stands alone in the mains: see dcl_cycles_name(). */
bool dcl_name_alone(const dcl_name_view *view, size_t i);

/**
 * The signature of a cycle: the mains above the level before it. out [DCL_RUN_COUNT]; the numbers that only an own plug
 * tells are NaN. False where the cycle does not stand alone.
 */
bool dcl_name_signature(const dcl_name_view *view, size_t i, float *out);

/** The machine that a programme is of; DCL_APPLIANCE_UNKNOWN where it could be something else. *sure 0 … 1. */
dcl_appliance dcl_name_of_programme(const dcl_cycles *cycles, const uint32_t *member, uint32_t id,
                                    const dcl_programme *programme, double *sure);

/** Names what comes again as one heating element does: kettles, coffee machines. Errors: DCL_E_MEMORY. */
dcl_status dcl_name_elements(const dcl_context *context, const dcl_name_view *view, dcl_cycles *cycles,
                             const dcl_identifier *identifier, const dcl_name_options *options,
                             const uint32_t *member, dcl_arena *arena, dcl_names *out,
                             dcl_error *error) DCL_MUST_USE;

/** Gives a cycle its name. */
void dcl_name_give(dcl_cycle *cycle, dcl_appliance appliance, double sure, dcl_names *count);

#endif
