/* The models that ship inside the library. */
#include <declic/appliance_types.h>

/* models/appliances-types/appliances-types.model, by shipped.S */
extern const unsigned char dcl_shipped_types[], dcl_shipped_types_end[];

dcl_status dcl_identifier_shipped(dcl_arena *arena, dcl_identifier *out, dcl_error *error) {
    size_t n = (size_t)(dcl_shipped_types_end - dcl_shipped_types);
    return dcl_identifier_open(dcl_shipped_types, n, arena, out, error);
}
