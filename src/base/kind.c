/* The tables of channels and kinds, from the X-macros of the public header. */
#include <declic/base.h>

#include <string.h>

const char *dcl_channel_name(dcl_channel channel) {
    static const char *const names[] = {
#define DCL_X(id, name, unit) name,
        DCL_CHANNEL_TABLE(DCL_X)
#undef DCL_X
    };
    return (unsigned)channel < DCL_CHANNEL_COUNT ? names[channel] : NULL;
}

const char *dcl_channel_unit(dcl_channel channel) {
    static const char *const units[] = {
#define DCL_X(id, name, unit) unit,
        DCL_CHANNEL_TABLE(DCL_X)
#undef DCL_X
    };
    return (unsigned)channel < DCL_CHANNEL_COUNT ? units[channel] : NULL;
}

dcl_channel dcl_channel_find(const char *name) {
    for (unsigned i = 0; i < DCL_CHANNEL_COUNT; i++)
        if (strcmp(name, dcl_channel_name((dcl_channel)i)) == 0) return (dcl_channel)i;
    return DCL_CHANNEL_COUNT;
}

const char *dcl_appliance_name(dcl_appliance kind) {
    static const char *const names[] = {
#define DCL_X(id, name) name,
        DCL_APPLIANCE_TABLE(DCL_X)
#undef DCL_X
    };
    return (unsigned)kind < DCL_APPLIANCE_COUNT ? names[kind] : NULL;
}
