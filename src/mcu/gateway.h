/* What the files of the gateway's pipeline share. Freestanding, as all of mcu/. */
#ifndef DCL_MCU_GATEWAY_H
#define DCL_MCU_GATEWAY_H

#include <declic/mcu_gateway.h>

/** The largest power, 0.1 W: 40 kW, as in the fusion. */
enum { DCL_GATEWAY_MOST = 400000 };

/** Forgets the home, but not the models, the counters and the clock. */
void dcl_mcu_gateway_restart(dcl_mcu_gateway *g);
/** Minutes begin anew: the clock is another one. */
void dcl_mcu_gateway_new_minutes(dcl_mcu_gateway *g);
/** dt ms pass at a mean power of 0.1 W, to a frame in `minute`: minutes that ended on the way are told. */
void dcl_mcu_gateway_pass(dcl_mcu_gateway *g, uint32_t dt, int32_t power, uint32_t minute);
/** Names a step and puts it into the queue. */
void dcl_mcu_gateway_event(dcl_mcu_gateway *g, const dcl_mcu_step *step, uint32_t second);

#endif
