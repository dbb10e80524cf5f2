#include "series/filter.h"

#include <stdlib.h>

#include <blosc.h>
#include <hdf5.h>

/* Values of the filter as its public form orders them (hdf5-blosc): the first two are versions. */
enum { TYPE_SIZE = 2, LEVEL = 4, SHUFFLE = 5, COMPRESSOR = 6, VALUES = 7 };

/* A chunk says how long it was; more than this is no chunk of ours but a damaged one. */
static const size_t chunk_max = (size_t)1 << 30;

static size_t unpack(size_t n, size_t *room, void **bytes) {
    size_t length = 0;
    if (blosc_cbuffer_validate(*bytes, n, &length) < 0 || !length || length > chunk_max) return 0;
    void *out = malloc(length);
    if (!out) return 0;
    if (blosc_decompress_ctx(*bytes, out, length, 1) != (int)length) {
        free(out);
        return 0;
    }
    free(*bytes);
    *bytes = out;
    *room = length;
    return length;
}

/* 0 where the chunk cannot be made smaller: HDF5 then keeps it as it is, as the filter is optional. */
static size_t pack(const unsigned *values, size_t n, size_t *room, void **bytes) {
    const char *compressor;
    if (!values[TYPE_SIZE] || blosc_compcode_to_compname((int)values[COMPRESSOR], &compressor) < 0) return 0;
    void *out = malloc(n);
    if (!out) return 0;
    int packed = blosc_compress_ctx((int)values[LEVEL], (int)values[SHUFFLE], values[TYPE_SIZE], n, *bytes,
                                    out, n, compressor, 0, 1);
    if (packed <= 0) {
        free(out);
        return 0;
    }
    free(*bytes);
    *bytes = out;
    *room = n;
    return (size_t)packed;
}

static size_t filter(unsigned flags, size_t n_values, const unsigned values[], size_t n, size_t *room,
                     void **bytes) {
    if (flags & H5Z_FLAG_REVERSE) return unpack(n, room, bytes);
    return n_values >= VALUES ? pack(values, n, room, bytes) : 0;
}

bool dcl_filter_register(void) {
    static const H5Z_class2_t blosc = {.version = H5Z_CLASS_T_VERS,
                                       .id = (H5Z_filter_t)DCL_BLOSC_ID,
                                       .encoder_present = 1,
                                       .decoder_present = 1,
                                       .name = "blosc",
                                       .filter = filter};
    return H5Zregister(&blosc) >= 0;
}
