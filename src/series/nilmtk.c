/*
 * A home as NILMTK keeps it: an HDF5 file of tables in the layout that pandas (through PyTables) reads and appends to.
 *
 *   /                           metadata: the data set, with its zone and kinds of meters
 *   /building1                  metadata: which meter is what, and the appliances behind them
 *   /building1/elec/meter1      the mains: a frame of all channels with a column there
 *   /building1/elec/meter2 …    one a part of the home (plug, sub-meter, simulated appliance)
 *
 * A row is {int64 UTC nanoseconds; float32 a column}. Rows in which nothing is known are left out, as NILMTK's own
 * converters do; what is missing in other rows is NaN. Python objects stand in attributes as pickles of protocol 0,
 * which is text.   Source: attributes of files written by pandas 1.5.3 and PyTables 3.7.0; NILM Metadata 0.2.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "series/filter.h"
#include "series/nilmtk.h"
#include "series/store.h"

enum { CHUNK_ROWS = 1 << 13, BLOCK_ROWS = 1 << 15 };

const dcl_nilmtk_column dcl_nilmtk_columns[DCL_NILMTK_COLUMNS] = {{DCL_POWER_W, "power", "active"},
                                                                  {DCL_APPARENT_VA, "power", "apparent"},
                                                                  {DCL_REACTIVE_VAR, "power", "reactive"},
                                                                  {DCL_VOLTAGE_V, "voltage", ""},
                                                                  {DCL_CURRENT_A, "current", ""}};

/* ---------------------------------------------------------------- meters */

bool dcl_nilmtk_takes(dcl_channel channel) {
    for (size_t c = 0; c < DCL_NILMTK_COLUMNS; c++)
        if (dcl_nilmtk_columns[c].channel == channel) return true;
    return false;
}

static void add_column(dcl_nilmtk_meter *m, const dcl_series *series) {
    for (size_t c = 0; c < DCL_NILMTK_COLUMNS && series->n; c++) {
        if (dcl_nilmtk_columns[c].channel != series->channel || m->n_columns == DCL_NILMTK_COLUMNS) continue;
        m->which[m->n_columns] = c;
        m->column[m->n_columns++] = *series;
    }
}

static float value_at(const dcl_series *series, int64_t time_us) {
    if (time_us < series->start_us || time_us >= dcl_series_end_us(series)) return NAN;
    return series->value[(time_us - series->start_us) / series->period_us];
}

/* Row i of the grid; false where nothing is known. */
static bool row_at(const dcl_nilmtk_meter *m, size_t i, float out[DCL_NILMTK_COLUMNS]) {
    bool known = false;
    for (size_t c = 0; c < m->n_columns; c++) {
        out[c] = value_at(&m->column[c], m->start_us + (int64_t)i * m->period_us);
        known = known || !isnan(out[c]);
    }
    return known;
}

/* The finest grid of the columns over all of their spans; a coarser channel repeats its mean. */
static void settle_grid(dcl_nilmtk_meter *m) {
    float values[DCL_NILMTK_COLUMNS];
    int64_t end_us = INT64_MIN;
    m->start_us = m->period_us = INT64_MAX;
    for (size_t c = 0; c < m->n_columns; c++) {
        const dcl_series *series = &m->column[c];
        if (series->period_us < m->period_us) m->period_us = series->period_us;
        if (series->start_us < m->start_us) m->start_us = series->start_us;
        if (dcl_series_end_us(series) > end_us) end_us = dcl_series_end_us(series);
    }
    if (m->n_columns) m->n = (size_t)((end_us - m->start_us + m->period_us - 1) / m->period_us);
    for (size_t i = 0; i < m->n; i++) m->rows += row_at(m, i, values);
}

static dcl_status find_meters(dcl_nilmtk_export *out, dcl_error *error) {
    const int64_t latest_us = INT64_MAX / 1000; /* beyond it nanoseconds leave 64 bits: the year 2262 */
    const dcl_home *home = out->home;
    out->meters = calloc(home->n_truth + 1, sizeof *out->meters);
    if (!out->meters) return dcl_fail_memory(error, "the meters");
    dcl_nilmtk_meter *mains = &out->meters[out->n];
    for (size_t i = 0; i < home->n_series; i++) add_column(mains, &home->series[i]);
    out->n += mains->n_columns > 0;
    for (size_t i = 0; i < home->n_truth; i++) {
        dcl_nilmtk_meter *part = &out->meters[out->n];
        add_column(part, &home->truth[i]);
        part->name = home->truth_name[i];
        out->n += part->n_columns > 0;
    }
    for (size_t i = 0; i < out->n; i++) {
        dcl_nilmtk_meter *m = &out->meters[i];
        settle_grid(m);
        if (m->start_us < -latest_us || m->start_us + (int64_t)m->n * m->period_us > latest_us)
            return dcl_fail(error, DCL_E_ARG,
                            "moments beyond the years 1678 to 2262 do not fit a NILMTK file");
    }
    if (out->n) return DCL_OK;
    return dcl_fail(
        error, DCL_E_NO_DATA,
        "the home has no channel with a column in NILMTK: power_w, apparent_va, reactive_var, voltage_v "
        "or current_a");
}

/* ---------------------------------------------------------------- attributes */

/* A scalar string of fixed length; an empty one is a string of one byte without a place. */
static bool set_string(hid_t object, const char *name, const char *value, H5T_cset_t set) {
    size_t n = strlen(value);
    hid_t space = H5Screate(n ? H5S_SCALAR : H5S_NULL), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, n ? n : 1);
    H5Tset_cset(type, set);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool done = attribute >= 0 && (!n || H5Awrite(attribute, type, value) >= 0);
    if (attribute >= 0) H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
    return done;
}

static bool set_text(hid_t object, const char *name, const char *value) {
    return set_string(object, name, value, H5T_CSET_UTF8);
}

/* A Python object; releases the text. */
static bool set_object(hid_t object, const char *name, dcl_text *pickle) {
    bool done = !pickle->failed && pickle->at && set_string(object, name, pickle->at, H5T_CSET_ASCII);
    dcl_text_free(pickle);
    return done;
}

static bool set_pickle(hid_t object, const char *name, const char *pickle) {
    return set_string(object, name, pickle, H5T_CSET_ASCII);
}

static bool mark_group(hid_t group) {
    return set_text(group, "CLASS", "GROUP") && set_text(group, "TITLE", "") &&
           set_text(group, "VERSION", "1.0");
}

static hid_t make_group(hid_t parent, const char *name) {
    hid_t group = dcl_store_make_group(parent, name);
    if (group >= 0 && mark_group(group)) return group;
    if (group >= 0) H5Gclose(group);
    return -1;
}

static bool mark_frame(hid_t group, const dcl_nilmtk_export *of, const dcl_nilmtk_meter *m) {
    dcl_text info = {0}, axes = {0};
    dcl_nilmtk_put_index(&info, of->zone);
    dcl_text_put(&axes, "(l(I1\n");
    dcl_nilmtk_put_columns(&axes, m);
    dcl_text_put(&axes, "ta.");
    bool done = set_object(group, "info", &info);
    done = set_object(group, "non_index_axes", &axes) && done;
    return done && set_text(group, "pandas_type", "frame_table") &&
           set_text(group, "pandas_version", "0.15.2") && set_text(group, "table_type", "appendable_frame") &&
           set_text(group, "encoding", "UTF-8") && set_text(group, "errors", "strict") &&
           set_text(group, "nan_rep", "nan") && dcl_store_put_integer(group, "levels", 1) &&
           set_pickle(group, "index_cols", "(l(I0\nVindex\nta.") &&
           set_pickle(group, "values_cols", "(lVvalues_block_0\na.") &&
           set_pickle(group, "data_columns", "(l.");
}

static bool mark_table(hid_t table, const dcl_nilmtk_meter *m) {
    dcl_text kind = {0};
    dcl_nilmtk_put_columns(&kind, m);
    dcl_text_put(&kind, ".");
    return set_object(table, "values_block_0_kind", &kind) && set_text(table, "CLASS", "TABLE") &&
           set_text(table, "VERSION", "2.7") && set_text(table, "TITLE", "") &&
           set_text(table, "FIELD_0_NAME", "index") && set_text(table, "FIELD_1_NAME", "values_block_0") &&
           dcl_store_put_integer(table, "NROWS", (int64_t)m->rows) &&
           set_text(table, "index_kind", "datetime64") &&
           set_text(table, "values_block_0_dtype", "float32") &&
           set_pickle(table, "values_block_0_meta", "N.");
}

/* ---------------------------------------------------------------- tables */

static size_t row_size(const dcl_nilmtk_meter *m) {
    return sizeof(int64_t) + m->n_columns * sizeof(float);
}

/* The row as it lies in the file, which is as it lies in memory on a machine that is little-endian. */
static hid_t row_type(const dcl_nilmtk_meter *m, bool in_file) {
    hsize_t n = m->n_columns;
    hid_t type = H5Tcreate(H5T_COMPOUND, row_size(m));
    hid_t values = H5Tarray_create2(in_file ? H5T_IEEE_F32LE : H5T_NATIVE_FLOAT, 1, &n);
    H5Tinsert(type, "index", 0, in_file ? H5T_STD_I64LE : H5T_NATIVE_INT64);
    H5Tinsert(type, "values_block_0", sizeof(int64_t), values);
    H5Tclose(values);
    return type;
}

static hid_t make_table(hid_t group, const dcl_nilmtk_meter *m) {
    hsize_t n = m->rows, most = H5S_UNLIMITED, chunk = CHUNK_ROWS;
    size_t size = row_size(m);
    const unsigned blosc[] = {2, 2, (unsigned)size, (unsigned)(chunk * size), 5,
                              1, 1}; /* lz4, bytes shuffled */
    hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &n, &most),
          type = row_type(m, true);
    H5Pset_obj_track_times(list, 0);
    H5Pset_chunk(list, 1, &chunk);
    if (H5Zfilter_avail(DCL_BLOSC_ID) > 0) {
        H5Pset_filter(list, DCL_BLOSC_ID, H5Z_FLAG_OPTIONAL, sizeof blosc / sizeof *blosc, blosc);
    } else {
        H5Pset_shuffle(list);
        H5Pset_deflate(list, 4);
    }
    H5Pset_fletcher32(list);
    hid_t table = H5Dcreate2(group, "table", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Tclose(type);
    H5Sclose(space);
    H5Pclose(list);
    return table;
}

static bool write_block(hid_t table, hid_t type, hsize_t from, hsize_t n, const char *rows) {
    hid_t memory = H5Screate_simple(1, &n, NULL), file = H5Dget_space(table);
    bool done = H5Sselect_hyperslab(file, H5S_SELECT_SET, &from, NULL, &n, NULL) >= 0 &&
                H5Dwrite(table, type, memory, file, H5P_DEFAULT, rows) >= 0;
    H5Sclose(memory);
    H5Sclose(file);
    return done;
}

static bool write_rows(hid_t table, const dcl_nilmtk_meter *m) {
    size_t size = row_size(m), held = 0;
    hsize_t from = 0;
    char *rows = malloc(BLOCK_ROWS * size);
    hid_t type = row_type(m, false);
    bool done = rows != NULL;
    for (size_t i = 0; done && i < m->n; i++) {
        float values[DCL_NILMTK_COLUMNS];
        if (!row_at(m, i, values)) continue;
        int64_t time_ns = (m->start_us + (int64_t)i * m->period_us) * 1000;
        memcpy(rows + held * size, &time_ns, sizeof time_ns);
        memcpy(rows + held * size + sizeof time_ns, values, m->n_columns * sizeof *values);
        if (++held < BLOCK_ROWS) continue;
        done = write_block(table, type, from, held, rows);
        from += held;
        held = 0;
    }
    if (done && held) done = write_block(table, type, from, held, rows);
    H5Tclose(type);
    free(rows);
    return done;
}

static bool write_meter(hid_t elec, const dcl_nilmtk_export *of, size_t i) {
    dcl_text name = {0};
    const dcl_nilmtk_meter *m = &of->meters[i];
    dcl_text_format(&name, "meter%zu", i + 1);
    hid_t group = name.failed ? -1 : make_group(elec, name.at);
    dcl_text_free(&name);
    hid_t table = group >= 0 ? make_table(group, m) : -1;
    bool done = table >= 0 && mark_frame(group, of, m) && mark_table(table, m) && write_rows(table, m);
    if (table >= 0 && H5Dclose(table) < 0) done = false; /* chunks are compressed only now */
    if (group >= 0) H5Gclose(group);
    return done;
}

/* ---------------------------------------------------------------- the file */

static bool write_file(hid_t file, const dcl_context *context, const dcl_nilmtk_export *of) {
    dcl_text data_set = {0}, building = {0};
    hid_t root = H5Gopen2(file, "/", H5P_DEFAULT), house = make_group(root, "building1");
    hid_t elec = house >= 0 ? make_group(house, "elec") : -1;
    dcl_nilmtk_put_data_set(&data_set, of);
    dcl_nilmtk_put_building(&building, of);
    bool done = set_object(root, "metadata", &data_set);
    done = (house >= 0 && set_object(house, "metadata", &building)) && done;
    dcl_text_free(&building);
    done = done && elec >= 0 && mark_group(root) && set_text(root, "PYTABLES_FORMAT_VERSION", "2.1");
    for (size_t i = 0; done && i < of->n && !dcl_cancelled(context); i++) done = write_meter(elec, of, i);
    if (elec >= 0) H5Gclose(elec);
    if (house >= 0) H5Gclose(house);
    H5Gclose(root);
    return done;
}

/* The whole file as bytes, malloc'd; NULL when something failed. */
static char *make_image(const dcl_context *context, const dcl_nilmtk_export *of, size_t *n) {
    dcl_store_image out = {0};
    hid_t file = dcl_store_create(&out);
    bool done = file >= 0 && write_file(file, context, of);
    if (file >= 0 && H5Fclose(file) < 0) done = false;
    *n = done ? dcl_store_length(&out) : 0;
    if (*n) return (char *)out.bytes;
    free(out.bytes);
    return NULL;
}

/* pytz knows names of the zone database; of a fixed offset it knows none. */
static const char *zone_of(const dcl_context *context) {
    const char *name = context->zone ? dcl_zone_name(context->zone) : "UTC";
    return strchr(name, ':') || strspn(name, "+-0123456789") > 0 ? "UTC" : name;
}

dcl_status dcl_nilmtk_write(const dcl_context *context, const char *path, const dcl_home *home,
                            dcl_nilmtk_written *written, dcl_error *error) {
    dcl_nilmtk_export out = {.home = home, .zone = zone_of(context)};
    char *bytes = NULL;
    size_t n = 0;
    dcl_status status = find_meters(&out, error);
    if (status) goto done;
    dcl_silence old = dcl_silence_begin();
    bytes = make_image(context, &out, &n);
    dcl_silence_end(old);
    if (dcl_cancelled(context))
        status = dcl_fail(error, DCL_E_CANCELLED, "interrupted");
    else if (!bytes)
        status = dcl_fail_file(error, DCL_E_MEMORY, path, "the file could not be built in memory");
    else
        status = dcl_file_write(path, bytes, n, error);
    if (!status && written) {
        const dcl_nilmtk_meter *first = &out.meters[0];
        *written =
            (dcl_nilmtk_written){out.n, first->rows, first->start_us,
                                 first->start_us + (int64_t)first->n * first->period_us, first->period_us};
    }
done:
    free(bytes);
    free(out.meters);
    return status;
}
