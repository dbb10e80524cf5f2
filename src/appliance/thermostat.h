/* The room's own: cycles of heaters and coolers that a thermostat switches. */
#ifndef DCL_APPLIANCE_THERMOSTAT_H
#define DCL_APPLIANCE_THERMOSTAT_H

#include <declic/event.h>

/** Slower data shows too few of such pulses. */
enum { DCL_THERMOSTAT_SLOWEST_US = 10 * DCL_SECOND_US };

/**
 * Finds the cycles that come in trains of one power for hours of most days, at many hours of the day: no cook and no machine
 * does that. Cycles with another name are left alone.
 *
 * kind [cycles->n]  DCL_APPLIANCE_SPACE_HEATER, or DCL_APPLIANCE_AIR_CONDITIONER where nearly all of it is in summer; else 0
 *
 * Errors: DCL_E_MEMORY.   Memory: the arena gets 16 bytes a cycle.   Cost: O(n log n).
 */
dcl_status dcl_thermostats_find(const dcl_context *context, const dcl_cycles *cycles, dcl_arena *arena,
                                unsigned char *kind) DCL_MUST_USE;

#endif
