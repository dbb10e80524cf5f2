/* What the integers of a forest say of the next minute and of today: the one place where sums become powers. */
#include <declic/mcu_gateway.h>

enum { NONE = DCL_GATEWAY_NONE, HOUR = 60, MOST_TIMES = 10 /* the plain guess of what is to come */ };

static uint32_t between(int32_t value, int32_t most) {
    return (uint32_t)(value < 0 ? 0 : value > most ? most : value);
}

uint32_t dcl_mcu_forecast_next(const dcl_mcu_forest *forest, const dcl_mcu_running *running, int32_t now_w) {
    int16_t x[DCL_MINUTE_COUNT];
    int32_t sum;
    if (!forest->bytes || !running->n) return NONE;
    dcl_mcu_running_next(running, now_w, x);
    dcl_mcu_forest_sums(forest, x, &sum);
    return between(now_w + dcl_mcu_forest_value(forest, sum), NONE - 1);
}

uint32_t dcl_mcu_forecast_today(const dcl_mcu_forest *forest, const dcl_mcu_running *running) {
    int16_t x[DCL_TODAY_COUNT];
    int32_t sum;
    if (!forest->bytes || !dcl_mcu_running_knows_today(running)) return NONE;
    dcl_mcu_today today = dcl_mcu_running_today(running, x);
    dcl_mcu_forest_sums(forest, x, &sum);
    int32_t thousandths = (int32_t)between(1000 + dcl_mcu_forest_value(forest, sum), 1000 * MOST_TIMES);
    return between(today.so_far + (today.plain * thousandths + 500) / 1000, NONE - 1);
}

int dcl_mcu_running_knows_today(const dcl_mcu_running *running) {
    return running->known || running->n >= HOUR;
}
