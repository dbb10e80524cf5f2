/* The tables of channels and kinds, from the X-macros of the public header. */
#include <declic/base.h>

#include "base/names.h"

#include <string.h>

DCL_DEFINE_TEXT(dcl_channel_name(dcl_channel id), DCL_CHANNEL_COUNT, DCL_CHANNEL_TABLE, DCL_SECOND_OF_3)
DCL_DEFINE_TEXT(dcl_channel_unit(dcl_channel id), DCL_CHANNEL_COUNT, DCL_CHANNEL_TABLE, DCL_THIRD_OF_3)

dcl_channel dcl_channel_find(const char *name) {
    for (unsigned i = 0; i < DCL_CHANNEL_COUNT; i++)
        if (strcmp(name, dcl_channel_name((dcl_channel)i)) == 0) return (dcl_channel)i;
    return DCL_CHANNEL_COUNT;
}

DCL_DEFINE_TEXT(dcl_appliance_name(dcl_appliance id), DCL_APPLIANCE_COUNT, DCL_APPLIANCE_TABLE,
                DCL_SECOND_OF_2)
DCL_DEFINE_TEXT(dcl_household_name(dcl_household id), DCL_HOUSEHOLD_COUNT, DCL_HOUSEHOLD_TABLE,
                DCL_SECOND_OF_2)

dcl_household dcl_household_find(const char *name) {
    for (unsigned i = 0; i < DCL_HOUSEHOLD_COUNT; i++)
        if (strcmp(name, dcl_household_name((dcl_household)i)) == 0) return (dcl_household)i;
    return DCL_HOUSEHOLD_COUNT;
}
