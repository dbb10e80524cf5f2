/* What indexes and shards have in common, and a shard opened: held against its index, its chunks found. */
#include "series/panel_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "series/filter.h"

/* The struct has no holes, so memory and file have the same form. */
_Static_assert(sizeof(dcl_panel_shard) == 128 + 7 * 8, "a record without holes");

static hid_t shard_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(dcl_panel_shard)), text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, sizeof((dcl_panel_shard *)0)->file);
    H5Tinsert(type, "file", HOFFSET(dcl_panel_shard, file), text);
    H5Tinsert(type, "content", HOFFSET(dcl_panel_shard, content), H5T_STD_I64LE);
    H5Tinsert(type, "first_home", HOFFSET(dcl_panel_shard, first_home), H5T_STD_I64LE);
    H5Tinsert(type, "n_homes", HOFFSET(dcl_panel_shard, n_homes), H5T_STD_I64LE);
    H5Tinsert(type, "start_us", HOFFSET(dcl_panel_shard, start_us), H5T_STD_I64LE);
    H5Tinsert(type, "n_slots", HOFFSET(dcl_panel_shard, n_slots), H5T_STD_I64LE);
    H5Tinsert(type, "scale_w", HOFFSET(dcl_panel_shard, scale_w), H5T_IEEE_F64LE);
    H5Tinsert(type, "present", HOFFSET(dcl_panel_shard, present), H5T_STD_I64LE);
    H5Tclose(text);
    return type;
}

/* ---------------------------------------------------------------- writing */

/* A list in chunks, packed and with checksums, of items of `size` bytes. */
static bool put_list(hid_t group, const char *name, hid_t type, size_t size, const void *items, hsize_t n) {
    hsize_t chunk = n < 1 << 14 ? n : 1 << 14;
    const unsigned blosc[] = {2, 2, (unsigned)size, (unsigned)(chunk * size), 5, 1, 1};
    hid_t space = H5Screate_simple(1, &n, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(list, 0);
    H5Pset_chunk(list, 1, &chunk);
    H5Pset_filter(list, DCL_BLOSC_ID, H5Z_FLAG_OPTIONAL, sizeof blosc / sizeof *blosc, blosc);
    H5Pset_fletcher32(list);
    hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    bool done = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, items) >= 0;
    if (set >= 0 && H5Dclose(set) < 0) done = false;
    H5Pclose(list);
    H5Sclose(space);
    return done;
}

static hid_t id_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 64);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

bool dcl_panel_put_ids(hid_t group, const char (*id)[64], size_t n) {
    /* What stands behind the end of a name must not get into the file. */
    char(*clean)[64] = calloc(n ? n : 1, sizeof *clean);
    if (!clean) return false;
    for (size_t i = 0; i < n; i++) snprintf(clean[i], sizeof *clean, "%s", id[i]);
    hid_t type = id_type();
    bool done = put_list(group, "home", type, 64, clean, n);
    H5Tclose(type);
    free(clean);
    return done;
}

bool dcl_panel_put_kinds(hid_t group, const uint8_t *kind, size_t n) {
    return put_list(group, "kind", H5T_STD_U8LE, 1, kind, n);
}

bool dcl_panel_put_shards(hid_t group, const dcl_panel_shard *shards, size_t n) {
    hid_t memory = shard_type();
    bool done = put_list(group, "shards", memory, sizeof *shards, shards, n);
    H5Tclose(memory);
    return done;
}

bool dcl_panel_put_facts(hid_t set, int64_t start_us, int64_t period_us) {
    return dcl_store_put_integer(set, "missing", DCL_PANEL_MISSING) &&
           dcl_store_put_integer(set, "start_us", start_us) &&
           dcl_store_put_integer(set, "period_us", period_us) && dcl_store_put_text(set, "unit", "W") &&
           dcl_store_put_text(set, "channel", dcl_channel_name(DCL_POWER_W));
}

/* ---------------------------------------------------------------- reading */

hid_t dcl_panel_open_file(const char *path, const char *what, dcl_error *error) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG); /* what a damaged file leaves open goes with it */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    H5Pclose(access);
    if (file >= 0) return file;
    FILE *plain = fopen(path, "rb");
    if (plain) fclose(plain);
    if (!plain)
        dcl_fail_file(error, DCL_E_NOT_FOUND, path, "%s is missing or cannot be opened", what);
    else
        dcl_fail_file(error, DCL_E_FORMAT, path, "%s is damaged or cut: HDF5 cannot open it", what);
    return -1;
}

int dcl_panel_extents(hid_t set, hsize_t dims[2]) {
    hid_t space = set >= 0 ? H5Dget_space(set) : -1;
    int n = space >= 0 ? H5Sget_simple_extent_ndims(space) : 0;
    if (n < 1 || n > 2 || H5Sget_simple_extent_dims(space, dims, NULL) < 0) n = 0;
    if (space >= 0) H5Sclose(space);
    return n;
}

/* A list of n items of a class, read as `type`. */
static bool get_list(hid_t file, const char *name, H5T_class_t class, hid_t type, void *items, size_t n) {
    hsize_t dims[2];
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT), stored = set >= 0 ? H5Dget_type(set) : -1;
    bool done = stored >= 0 && H5Tget_class(stored) == class && dcl_panel_extents(set, dims) == 1 &&
                dims[0] == n && (class != H5T_STRING || H5Tis_variable_str(stored) == 0) &&
                H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, items) >= 0;
    if (stored >= 0) H5Tclose(stored);
    if (set >= 0) H5Dclose(set);
    return done;
}

bool dcl_panel_get_ids(hid_t file, char (*id)[64], size_t n) {
    hid_t type = id_type();
    bool done = get_list(file, "/panel/home", H5T_STRING, type, id, n);
    H5Tclose(type);
    for (size_t i = 0; done && i < n; i++) done = memchr(id[i], '\0', sizeof *id) && dcl_home_is_name(id[i]);
    return done;
}

bool dcl_panel_get_kinds(hid_t file, uint8_t *kind, size_t n) {
    return get_list(file, "/panel/kind", H5T_INTEGER, H5T_NATIVE_UINT8, kind, n);
}

bool dcl_panel_get_shards(hid_t file, dcl_panel_shard *shards, size_t n) {
    hid_t type = shard_type();
    bool done = get_list(file, "/panel/shards", H5T_COMPOUND, type, shards, n);
    H5Tclose(type);
    for (size_t i = 0; done && i < n; i++) shards[i].file[sizeof shards[i].file - 1] = '\0';
    return done;
}

/* ---------------------------------------------------------------- a shard */

/* That the set is cut and packed as ours are: only then are its chunks ours to unpack. */
static bool is_packed_so(hid_t set, const dcl_chunks *chunks) {
    hid_t list = H5Dget_create_plist(set), type = H5Dget_type(set);
    hsize_t chunk[2];
    unsigned flags, config;
    size_t none[2] = {0};
    bool fits =
        list >= 0 && type >= 0 && H5Tequal(type, H5T_STD_I16LE) > 0 && H5Pget_layout(list) == H5D_CHUNKED &&
        H5Pget_chunk(list, 2, chunk) == 2 && chunk[0] == chunks->homes && chunk[1] == chunks->slots &&
        H5Pget_nfilters(list) == 2 &&
        H5Pget_filter2(list, 0, &flags, &none[0], NULL, 0, NULL, &config) == (H5Z_filter_t)DCL_BLOSC_ID &&
        H5Pget_filter2(list, 1, &flags, &none[1], NULL, 0, NULL, &config) == H5Z_FILTER_FLETCHER32;
    if (type >= 0) H5Tclose(type);
    if (list >= 0) H5Pclose(list);
    return fits;
}

static bool find_chunks(hid_t file, hid_t set, dcl_shard_file *out) {
    hsize_t length;
    size_t most = dcl_filter_bound(out->chunks.homes * out->chunks.slots * sizeof(int16_t)) + 4;
    if (H5Fget_filesize(file, &length) < 0) return false;
    for (size_t k = 0; k < out->chunks.down * out->chunks.across; k++) {
        const hsize_t at[] = {k / out->chunks.across * out->chunks.homes,
                              k % out->chunks.across * out->chunks.slots};
        unsigned mask;
        haddr_t address;
        hsize_t size;
        if (H5Dget_chunk_info_by_coord(set, at, &mask, &address, &size) < 0 || mask ||
            address == HADDR_UNDEF || size <= 4 || size > most || address > length || size > length - address)
            return false;
        out->address[k] = address;
        out->length[k] = (uint32_t)size;
    }
    return true;
}

static const char *check_shard(hid_t file, hid_t set, const dcl_panel_shard *want, int64_t period_us) {
    int64_t version, content, start_us, period, missing, present;
    double scale_w;
    hsize_t dims[2];
    if (!dcl_store_get_integer(file, "declic_shard", &version) ||
        !dcl_store_get_integer(file, "content", &content))
        return "it is no shard of a panel";
    if (version != DCL_PANEL_VERSION) return "it is of another version of panels";
    if (content != want->content) return "it is not the shard that the panel means";
    if (set < 0 || !dcl_store_get_integer(set, "start_us", &start_us) ||
        !dcl_store_get_integer(set, "period_us", &period) ||
        !dcl_store_get_integer(set, "missing", &missing) ||
        !dcl_store_get_integer(set, "present", &present) || !dcl_store_get_real(set, "scale_w", &scale_w))
        return "it is damaged";
    if (dcl_panel_extents(set, dims) != 2 || dims[0] != (hsize_t)want->n_homes ||
        dims[1] != (hsize_t)want->n_slots || start_us != want->start_us || period != period_us ||
        missing != DCL_PANEL_MISSING || present != want->present || scale_w < want->scale_w ||
        scale_w > want->scale_w)
        return "it does not say what the panel says of it";
    return NULL;
}

dcl_status dcl_shard_open(const char *path, const dcl_panel_shard *want, int64_t period_us,
                          dcl_shard_file *out, char (*id)[64], uint8_t *kind, bool *has_kind,
                          dcl_error *error) {
    size_t n = (size_t)want->n_homes;
    *out = (dcl_shard_file){.chunks = dcl_chunks_of(n, (size_t)want->n_slots)};
    char *shard = dcl_panel_beside(path, want->file);
    if (!shard) return dcl_fail_memory(error, path);
    hid_t file = dcl_panel_open_file(shard, "a shard of the panel", error);
    dcl_status status = file < 0 ? (error ? error->code : DCL_E_NOT_FOUND) : DCL_OK;
    hid_t set = file >= 0 ? H5Dopen2(file, "/panel/power_w", H5P_DEFAULT) : -1;
    const char *wrong = status ? NULL : check_shard(file, set, want, period_us);
    if (!status && !wrong && !is_packed_so(set, &out->chunks)) wrong = "it is not packed as panels are";
    /* Every chunk takes some bytes of the file: no more of them than bytes. */
    hsize_t length = 0;
    size_t all = out->chunks.down * out->chunks.across;
    if (!status && !wrong && (H5Fget_filesize(file, &length) < 0 || all > length)) wrong = "it is damaged";
    if (!status && !wrong) {
        out->address = malloc(all * sizeof *out->address);
        out->length = malloc(all * sizeof *out->length);
        if (!out->address || !out->length)
            status = dcl_fail_memory(error, shard);
        else if (!find_chunks(file, set, out) || (id && !dcl_panel_get_ids(file, id, n)))
            wrong = "it is damaged";
    }
    if (!status && !wrong && has_kind) *has_kind = H5Lexists(file, "/panel/kind", H5P_DEFAULT) > 0;
    if (!status && !wrong && has_kind && *has_kind && kind && !dcl_panel_get_kinds(file, kind, n))
        wrong = "it is damaged";
    if (wrong) status = dcl_fail_file(error, DCL_E_FORMAT, shard, "a shard of the panel: %s", wrong);
    if (set >= 0) H5Dclose(set);
    if (file >= 0) H5Fclose(file);
    if (status) dcl_shard_close(out);
    free(shard);
    return status;
}

void dcl_shard_close(dcl_shard_file *shard) {
    free(shard->address);
    free(shard->length);
    *shard = (dcl_shard_file){0};
}
