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

size_t dcl_filter_bound(size_t n) {
    return n + BLOSC_MAX_OVERHEAD;
}

size_t dcl_filter_pack(const void *bytes, size_t n, size_t size, void *out, size_t room) {
    if (n > chunk_max) return 0;
    int packed = blosc_compress_ctx(3, BLOSC_BITSHUFFLE, size, n, bytes, out, room, BLOSC_LZ4_COMPNAME, 0, 1);
    return packed > 0 ? (size_t)packed : 0;
}

bool dcl_filter_unpack(const void *packed, size_t n_packed, void *out, size_t n) {
    size_t length = 0;
    return blosc_cbuffer_validate(packed, n_packed, &length) == 0 && length == n &&
           blosc_decompress_ctx(packed, out, n, 1) == (int)n;
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
