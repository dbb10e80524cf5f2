/* Off-peak hours as the bill asks for them. */
#ifndef DCL_TARIFF_HOURS_H
#define DCL_TARIFF_HOURS_H

#include <declic/tariff.h>

enum { DCL_MINUTES_A_DAY = 1440 };

/** The period of a civil day; NULL where the hours are not known yet. */
const dcl_hours_period *dcl_hours_on(const dcl_hours *hours, int64_t day);
/** Whether the civil minute 0 … 1439 is off-peak. */
bool dcl_hours_off_peak(const dcl_hours_period *period, int minute);
/** The next minute above `minute` at which that may change, at most 1440. */
int dcl_hours_next_edge(const dcl_hours_period *period, int minute);

#endif
