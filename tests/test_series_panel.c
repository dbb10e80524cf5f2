/* Panels: shards and index written, read, appended to, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>

#include "base/rng.h"
#include "scratch.h"
#include "series/panel.h"

#define START_US (INT64_C(1356998400) * DCL_SECOND_US)
#define STEP_US  (30 * DCL_MINUTE_US)

/* HDF5 1.10 itself loses memory on damaged files. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static dcl_context context = {.threads = 2};
static dcl_error error;
static scratch files;
static char path[256];

/* A fresh folder for a panel, and its shards with it when the test is over. */
static int begin(void **state) {
    (void)state;
    scratch_begin(&files);
    snprintf(path, sizeof path, "%s", scratch_path(&files, "city.h5"));
    return 0;
}

static int end(void **state) {
    (void)state;
    DIR *folder = opendir(files.folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (strstr(entry->d_name, ".shard.h5")) scratch_path(&files, entry->d_name);
    if (folder) closedir(folder);
    scratch_end(&files);
    return 0;
}

/* Values that a home's could be, by home and slot; every seventh is missing. */
static float value_at(size_t home, size_t slot) {
    return (home + slot) % 7 == 3 ? NAN : (float)((home * 131 + slot * 17) % 5000);
}

typedef struct town {
    size_t n_homes, n_slots;
    char (*id)[64];
    float *power_w;
    dcl_panel_rows rows;
} town;

static town make_town(size_t first, size_t n_homes, size_t from, size_t n_slots) {
    town t = {
        n_homes, n_slots, calloc(n_homes, sizeof *t.id), malloc(n_homes * n_slots * sizeof(float)), {0}};
    for (size_t i = 0; i < n_homes; i++) {
        snprintf(t.id[i], sizeof *t.id, "home%zu", first + i);
        for (size_t s = 0; s < n_slots; s++) t.power_w[i * n_slots + s] = value_at(first + i, from + s);
    }
    t.rows = (dcl_panel_rows){.n_homes = n_homes,
                              .n_slots = n_slots,
                              .start_us = START_US + (int64_t)from * STEP_US,
                              .period_us = STEP_US,
                              .id = (const char(*)[64])t.id,
                              .power_w = t.power_w};
    return t;
}

static void free_town(town *t) {
    free(t->id);
    free(t->power_w);
}

static dcl_panel_shard write_shard(size_t first, size_t n_homes, size_t from, size_t n_slots) {
    town t = make_town(first, n_homes, from, n_slots);
    dcl_panel_shard shard;
    assert_int_equal(dcl_panel_shard_write(&context, path, &t.rows, &shard, &error), DCL_OK);
    shard.first_home = (int64_t)first;
    free_town(&t);
    return shard;
}

static void write_index(const dcl_panel_shard *shards, size_t n) {
    assert_int_equal(dcl_panel_index_write(&context, path, STEP_US, shards, n, &error), DCL_OK);
}

/* Holds a block against value_at(); `covered` says which places a shard has. */
static void check_block(const dcl_panel *panel, size_t first, size_t n, size_t from, size_t to,
                        bool (*covered)(size_t home, size_t slot)) {
    size_t slots = to - from;
    float *got = malloc((n * slots + 1) * sizeof *got);
    assert_int_equal(dcl_panel_read(&context, panel, first, n, from, to, got, &error), DCL_OK);
    for (size_t i = 0; i < n * slots; i++) {
        size_t home = first + i / slots, slot = from + i % slots;
        float want = !covered || covered(home, slot) ? value_at(home, slot) : NAN;
        if (isnan(want) ? !isnan(got[i]) : !(got[i] >= want && got[i] <= want))
            fail_msg("home %zu slot %zu: want %g got %g", home, slot, (double)want, (double)got[i]);
    }
    free(got);
}

static dcl_panel *open_panel(void) {
    dcl_panel *panel = NULL;
    if (dcl_panel_open(path, &panel, &error)) fail_msg("%s: %s", error.file, error.msg);
    return panel;
}

/* ---------------------------------------------------------------- values */

static void a_panel_gives_back_what_was_written(void **state) {
    (void)state;
    static const struct {
        size_t homes, slots;
    } sizes[] = {{1, 1}, {3, 48}, {40, 17520}, {2, 70000}, {9000, 48}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        dcl_panel_shard shard = write_shard(0, sizes[i].homes, 0, sizes[i].slots);
        write_index(&shard, 1);
        dcl_panel *panel = open_panel();
        size_t homes = sizes[i].homes, slots = sizes[i].slots;
        assert_int_equal(dcl_panel_tell(panel)->n_homes, homes);
        assert_int_equal(dcl_panel_tell(panel)->n_slots, slots);
        check_block(panel, 0, homes, 0, slots, NULL);
        check_block(panel, homes / 2, homes - homes / 2, slots / 3, slots, NULL);
        check_block(panel, homes - 1, 1, slots - 1, slots, NULL);
        check_block(panel, 0, 0, 0, 0, NULL);
        dcl_panel_close(&panel);
    }
}

static void raw_values_are_kept_as_they_are(void **state) {
    (void)state;
    enum { HOMES = 30, SLOTS = 20000 };
    int16_t *raw = malloc(HOMES * SLOTS * sizeof *raw), *got = malloc(HOMES * SLOTS * sizeof *got);
    town t = make_town(0, HOMES, 0, SLOTS);
    for (size_t i = 0; i < HOMES * SLOTS; i++) raw[i] = (int16_t)(i * 40503U >> 3);
    t.rows.raw = raw;
    t.rows.power_w = NULL;
    t.rows.scale_w = 0.5;
    dcl_panel_shard shard;
    assert_int_equal(dcl_panel_shard_write(&context, path, &t.rows, &shard, &error), DCL_OK);
    write_index(&shard, 1);
    dcl_panel *panel = open_panel();
    assert_int_equal(dcl_panel_read_raw(&context, panel, 0, HOMES, 0, SLOTS, got, &error), DCL_OK);
    assert_memory_equal(got, raw, HOMES * SLOTS * sizeof *raw);
    size_t present = 0;
    for (size_t i = 0; i < HOMES * SLOTS; i++) present += raw[i] != DCL_PANEL_MISSING;
    assert_int_equal(dcl_panel_tell(panel)->present, present);
    dcl_panel_close(&panel);
    free(raw);
    free(got);
    free_town(&t);
}

static void the_scale_is_the_first_that_holds_the_largest_power(void **state) {
    (void)state;
    static const struct {
        double most_w, scale_w;
    } cases[] = {{0, 1},     {32767, 1},   {32768, 2},   {60000, 2},
                 {65535, 5}, {163840, 10}, {327000, 10}, {400000, 20}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        town t = make_town(0, 2, 0, 48);
        t.power_w[60] = (float)cases[i].most_w;
        dcl_panel_shard shard;
        assert_int_equal(dcl_panel_shard_write(&context, path, &t.rows, &shard, &error), DCL_OK);
        if (shard.scale_w < cases[i].scale_w || shard.scale_w > cases[i].scale_w)
            fail_msg("%g W: want steps of %g W, got %g", cases[i].most_w, cases[i].scale_w, shard.scale_w);
        free_town(&t);
    }
}

static void the_same_rows_make_the_same_bytes_on_any_threads(void **state) {
    (void)state;
    char file[128] = "";
    static char bytes[2][1 << 22];
    size_t n[2] = {0};
    for (int threads = 1; threads < 6; threads += 2) {
        context.threads = threads;
        dcl_panel_shard shard = write_shard(0, 90, 0, 17520);
        context.threads = 2;
        if (*file) assert_string_equal(shard.file, file);
        strcpy(file, shard.file);
        char whole[512];
        snprintf(whole, sizeof whole, "%s/%s", files.folder, file);
        FILE *from = fopen(whole, "rb");
        size_t at = threads == 1 ? 0 : 1;
        n[at] = fread(bytes[at], 1, sizeof *bytes, from);
        fclose(from);
        if (at) assert_true(n[0] == n[1] && n[0] < sizeof *bytes && memcmp(bytes[0], bytes[1], n[0]) == 0);
    }
}

static uint32_t plain_fletcher(const unsigned char *bytes, size_t n) {
    uint64_t one = 0, two = 0;
    for (size_t i = 0; i < n; i += 2) {
        one += (uint64_t)bytes[i] << 8 | (i + 1 < n ? bytes[i + 1] : 0);
        if (one > 65535) one -= 65535;
        two += one;
        if (two > 65535) two -= 65535;
    }
    return (uint32_t)(two << 16 | one);
}

static void checksums_are_those_of_the_plain_rule(void **state) {
    (void)state;
    static unsigned char bytes[(2 << 20) + 77]; /* more words than are summed at once */
    dcl_kernels kernels;
    assert_int_equal(dcl_kernels_select(NULL, &kernels, NULL), DCL_OK);
    static const struct {
        const char *fill;
        unsigned multiplier, shift, constant;
    } fills[] = {{"noise", 2654435761U, 13, 0}, {"zeros", 0, 0, 0}, {"ones", 0, 0, 255}, {"small", 1, 9, 0}};
    static const size_t lengths[] = {0,    1,    2,    3,    31,    32,    33,    64,
                                     8190, 8191, 8192, 8193, 16421, 69999, 70000, sizeof bytes};
    for (size_t f = 0; f < sizeof fills / sizeof *fills; f++) {
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)((i * fills[f].multiplier >> fills[f].shift) + fills[f].constant);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
            if (dcl_fletcher32(&kernels, bytes, lengths[i]) != plain_fletcher(bytes, lengths[i]))
                fail_msg("%s n=%zu: want %08x got %08x", fills[f].fill, lengths[i],
                         plain_fletcher(bytes, lengths[i]), dcl_fletcher32(&kernels, bytes, lengths[i]));
    }
}

/* ---------------------------------------------------------------- growth */

/* 4 homes × 48 slots, then 2 days more of them, then 3 homes that have the second day alone. */
static bool is_covered(size_t home, size_t slot) {
    return home < 4 ? slot < 144 : slot >= 48 && slot < 96;
}

static void days_and_homes_are_appended_and_the_rest_is_missing(void **state) {
    (void)state;
    const dcl_panel_shard shards[] = {write_shard(0, 4, 0, 48), write_shard(0, 4, 48, 96),
                                      write_shard(4, 3, 48, 48)};
    for (size_t n = 1; n <= 3; n++) write_index(shards, n);
    dcl_panel *panel = open_panel();
    size_t home;
    assert_int_equal(dcl_panel_tell(panel)->n_homes, 7);
    assert_int_equal(dcl_panel_tell(panel)->n_slots, 144);
    assert_true(dcl_panel_find(panel, "home5", &home) && home == 5);
    assert_false(dcl_panel_find(panel, "home7", &home));
    check_block(panel, 0, 7, 0, 144, is_covered);
    check_block(panel, 2, 4, 40, 100, is_covered);
    dcl_panel_close(&panel);
}

typedef struct pass {
    const dcl_panel *panel;
    size_t next, most;
} pass;

static dcl_status take_block(void *arg, size_t first, size_t n, const float *power_w, dcl_error *e) {
    (void)e;
    pass *p = arg;
    assert_int_equal(first, p->next);
    for (size_t i = 0; i < n * 48; i++) {
        float want = value_at(first + i / 48, i % 48);
        assert_true(isnan(want) ? isnan(power_w[i]) : power_w[i] >= want && power_w[i] <= want);
    }
    p->next += n;
    if (n > p->most) p->most = n;
    return DCL_OK;
}

static void a_pass_goes_over_all_homes_within_its_memory(void **state) {
    (void)state;
    dcl_panel_shard shard = write_shard(0, 100, 0, 48);
    write_index(&shard, 1);
    pass p = {.panel = open_panel()};
    assert_int_equal(dcl_panel_each(&context, p.panel, 7 * 48 * sizeof(float) + 3, take_block, &p, &error),
                     DCL_OK);
    assert_int_equal(p.next, 100);
    assert_int_equal(p.most, 7);
    dcl_panel *panel = (dcl_panel *)p.panel;
    dcl_panel_close(&panel);
}

/* ---------------------------------------------------------------- refusals */

static void rows_that_make_no_panel_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *what, *says;
    } cases[] = {{"infinite", "a power that does not fit"},
                 {"twice", "two homes have the id \"home0\""},
                 {"slash", "a name without /"},
                 {"empty", "needs homes and slots"},
                 {"scale", "a power that does not fit"},
                 {"start", "multiples of its step"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        town t = make_town(0, 3, 0, 48);
        const char *what = cases[i].what;
        if (strcmp(what, "infinite") == 0) t.power_w[50] = INFINITY;
        if (strcmp(what, "twice") == 0) strcpy(t.id[2], "home0");
        if (strcmp(what, "slash") == 0) strcpy(t.id[2], "a/b");
        if (strcmp(what, "empty") == 0) t.rows.n_slots = 0;
        if (strcmp(what, "scale") == 0) t.rows.scale_w = 0.01;
        if (strcmp(what, "start") == 0) t.rows.start_us++;
        dcl_panel_shard shard;
        assert_int_equal(dcl_panel_shard_write(&context, path, &t.rows, &shard, &error), DCL_E_ARG);
        if (!strstr(error.msg, cases[i].says)) fail_msg("%s: %s", what, error.msg);
        free_town(&t);
    }
}

static void shards_that_make_no_panel_are_refused(void **state) {
    (void)state;
    const dcl_panel_shard days = write_shard(0, 4, 0, 48), more = write_shard(4, 3, 0, 48);
    dcl_panel_shard overlap = more, gap = more, again = write_shard(0, 4, 48, 48), gone = more;
    overlap.first_home = 3;
    gap.first_home = 5;
    again.first_home = 4;
    strcpy(gone.file, "city.0123456789abcdef.shard.h5");
    const struct {
        dcl_panel_shard second;
        dcl_status status;
        const char *says;
    } cases[] = {{overlap, DCL_E_ARG, "two of its shards overlap"},
                 {gap, DCL_E_ARG, "home 4 of the panel is in no shard"},
                 {again, DCL_E_ARG, "two homes have the id"},
                 {gone, DCL_E_NOT_FOUND, "a shard of the panel is missing"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const dcl_panel_shard both[] = {days, cases[i].second};
        assert_int_equal(dcl_panel_index_write(&context, path, STEP_US, both, 2, &error), cases[i].status);
        if (!strstr(error.msg, cases[i].says)) fail_msg("%s", error.msg);
    }
}

/* ---------------------------------------------------------------- damage */

typedef struct image {
    char path[512];
    unsigned char *bytes;
    size_t n;
} image;

static image load(const char *name) {
    image of = {.bytes = malloc(1 << 22)};
    snprintf(of.path, sizeof of.path, "%s/%s", files.folder, name);
    FILE *file = fopen(of.path, "rb");
    of.n = fread(of.bytes, 1, 1 << 22, file);
    fclose(file);
    assert_true(of.n < 1 << 22);
    return of;
}

static void store_bytes(const image *of, size_t n) {
    FILE *file = fopen(of->path, "wb");
    assert_true(file && fwrite(of->bytes, 1, n, file) == n && fclose(file) == 0);
}

/* Opens and reads all: an error that names the file, or exactly the values that were written. */
static bool is_noticed(const char *name) {
    dcl_panel *panel;
    float got[4 * 48];
    dcl_status status = dcl_panel_open(path, &panel, &error);
    if (!status) status = dcl_panel_read(&context, panel, 0, 4, 0, 48, got, &error);
    for (size_t i = 0; !status && i < 4 * 48; i++) {
        float want = value_at(i / 48, i % 48);
        if (isnan(want) ? !isnan(got[i]) : !(got[i] >= want && got[i] <= want))
            fail_msg("another value without an error");
    }
    if (!status) {
        assert_int_equal(dcl_panel_tell(panel)->start_us, START_US);
        assert_int_equal(dcl_panel_tell(panel)->period_us, STEP_US);
        assert_string_equal(dcl_panel_tell(panel)->id[3], "home3");
    } else if (!strstr(error.file, name)) {
        fail_msg("the error names %s instead of %s", error.file, name);
    }
    dcl_panel_close(&panel);
    return status != DCL_OK;
}

/* Bits that nothing depends on are few: spare room, and checksums of what is not read. */
static void flip_bits(const char *name, size_t step) {
    image of = load(name);
    size_t noticed = 0, flips = 0;
    for (size_t i = 0; i < of.n; i += step, flips++) {
        of.bytes[i] ^= (unsigned char)(1U << (i % 8));
        store_bytes(&of, of.n);
        noticed += is_noticed(name);
        of.bytes[i] ^= (unsigned char)(1U << (i % 8));
    }
    store_bytes(&of, of.n);
    print_message("%s: %zu of %zu flipped bits noticed, no other value read\n", name, noticed, flips);
    assert_true(noticed > flips / 8 && !is_noticed(name));
    free(of.bytes);
}

static void a_flipped_bit_is_an_error_or_nothing(void **state) {
    (void)state;
    dcl_panel_shard shard = write_shard(0, 4, 0, 48);
    write_index(&shard, 1);
    flip_bits(shard.file, 29);
    flip_bits("city.h5", 61);
}

static void flipped_bits_of_the_values_are_noticed(void **state) {
    (void)state;
    dcl_panel_shard shard = write_shard(0, 4, 0, 48);
    write_index(&shard, 1);
    dcl_shard_file chunks;
    assert_int_equal(dcl_shard_open(path, &shard, STEP_US, &chunks, NULL, NULL, NULL, &error), DCL_OK);
    image of = load(shard.file);
    for (size_t i = 0; i < 8 * chunks.length[0]; i += 13) {
        of.bytes[chunks.address[0] + i / 8] ^= (unsigned char)(1U << (i % 8));
        store_bytes(&of, of.n);
        if (!is_noticed(shard.file)) fail_msg("bit %zu of the chunk", i);
        assert_int_equal(error.pos.byte, chunks.address[0]);
        of.bytes[chunks.address[0] + i / 8] ^= (unsigned char)(1U << (i % 8));
    }
    dcl_shard_close(&chunks);
    free(of.bytes);
}

static void a_shard_that_is_cut_missing_or_another_is_an_error(void **state) {
    (void)state;
    dcl_panel_shard shard = write_shard(0, 4, 0, 48), other = write_shard(4, 4, 0, 48);
    write_index(&shard, 1);
    image of = load(shard.file), foreign = load(other.file);
    for (size_t n = 0; n < of.n; n += 397) {
        store_bytes(&of, n);
        assert_true(is_noticed(shard.file));
    }
    strcpy(foreign.path, of.path);
    store_bytes(&foreign, foreign.n);
    assert_true(is_noticed(shard.file));
    assert_non_null(strstr(error.msg, "not the shard that the panel means"));
    remove(of.path);
    assert_true(is_noticed(shard.file));
    assert_int_equal(error.code, DCL_E_NOT_FOUND);
    free(of.bytes);
    free(foreign.bytes);
}

static void what_is_no_panel_is_refused_in_words(void **state) {
    (void)state;
    dcl_panel *panel;
    assert_int_equal(dcl_panel_open("/nowhere/city.h5", &panel, &error), DCL_E_NOT_FOUND);
    const char *text = scratch_file(&files, "text.h5", "time_utc,power_w\n", 17);
    assert_int_equal(dcl_panel_open(text, &panel, &error), DCL_E_FORMAT);
    assert_false(dcl_panel_is(text));
    dcl_panel_shard shard = write_shard(0, 4, 0, 48);
    image of = load(shard.file);
    assert_int_equal(dcl_panel_open(of.path, &panel, &error), DCL_E_FORMAT);
    assert_non_null(strstr(error.msg, "no panel of homes"));
    assert_false(dcl_panel_is(of.path));
    free(of.bytes);
}

/* ---------------------------------------------------------------- summaries */

static int by_raw(const void *a, const void *b) {
    return *(const int16_t *)a - *(const int16_t *)b;
}

/* Homes that know nothing, one value, few levels, the ends of the range, noise, and one level; a cut last day. */
static void fill_summary(int16_t *raw, size_t home, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = dcl_random_bits(9, home, i);
        int16_t noise = (int16_t)((int)(bits % 65535) - 32767);
        int16_t kinds[] = {DCL_PANEL_MISSING,
                           i == n / 2 ? 7 : DCL_PANEL_MISSING,
                           (int16_t)(bits % 3),
                           bits % 2 ? INT16_MAX : -INT16_MAX,
                           noise,
                           12};
        raw[i] = bits >> 60 == 0 && home > 1 ? DCL_PANEL_MISSING : kinds[home % 6];
    }
}

enum { SUMMED = 37, SUM_SLOTS = 48 * 9 + 5, WIDTH = 48 };
static float mean_w[2][SUMMED], max_w[2][SUMMED], quantile_w[2][SUMMED * DCL_SUMMARY_QUANTILES],
    profile_w[2][SUMMED * WIDTH];
static uint64_t present[2][SUMMED];

static void check_summary(const int16_t *row, size_t h) {
    static int16_t sorted[SUM_SLOTS];
    size_t n = 0, of_noon = 0;
    double sum = 0, noon = 0;
    for (size_t i = 0; i < SUM_SLOTS; i++) {
        if (row[i] == DCL_PANEL_MISSING) continue;
        sorted[n++] = row[i];
        sum += row[i];
        noon += i % WIDTH == 24 ? row[i] : 0;
        of_noon += i % WIDTH == 24;
    }
    assert_int_equal(present[0][h], n);
    assert_int_equal(!!isnan(mean_w[0][h]), n == 0);
    if (!n) return;
    qsort(sorted, n, sizeof *sorted, by_raw);
    assert_true(mean_w[0][h] == (float)(2 * sum / (double)n));
    assert_true(max_w[0][h] == 2.0f * (float)sorted[n - 1]);
    if (of_noon) assert_true(profile_w[0][h * WIDTH + 24] == (float)(2 * noon / (double)of_noon));
    for (size_t q = 0; q < DCL_SUMMARY_QUANTILES; q++) {
        size_t place = (size_t)(dcl_summary_share[q] * (double)(n - 1));
        assert_true(quantile_w[0][h * DCL_SUMMARY_QUANTILES + q] == 2.0f * (float)sorted[place]);
    }
}

static void a_summary_is_what_the_values_in_order_say(void **state) {
    (void)state;
    static int16_t raw[SUMMED * SUM_SLOTS];
    for (size_t h = 0; h < SUMMED; h++) fill_summary(raw + h * SUM_SLOTS, h, SUM_SLOTS);
    for (int form = 0; form < 2; form++) {
        dcl_kernels kernels;
        assert_int_equal(dcl_kernels_select(form ? "auto" : "scalar", &kernels, NULL), DCL_OK);
        const dcl_context own = {.kernels = &kernels, .threads = 1 + form};
        const dcl_panel_summary out = {present[form], mean_w[form], max_w[form], quantile_w[form],
                                       profile_w[form]};
        assert_int_equal(dcl_panel_summarise(&own, raw, SUMMED, SUM_SLOTS, WIDTH, 2, &out, NULL), DCL_OK);
        assert_int_equal(dcl_panel_summarise(&own, raw, SUMMED, SUM_SLOTS, 0, 2, &out, NULL), DCL_E_ARG);
    }
    assert_memory_equal(quantile_w[0], quantile_w[1], sizeof quantile_w[0]);
    assert_memory_equal(profile_w[0], profile_w[1], sizeof profile_w[0]);
    assert_memory_equal(mean_w[0], mean_w[1], sizeof mean_w[0]);
    for (size_t h = 0; h < SUMMED; h++) check_summary(raw + h * SUM_SLOTS, h);
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        FACT(a_summary_is_what_the_values_in_order_say),
        FACT(a_panel_gives_back_what_was_written),
        FACT(raw_values_are_kept_as_they_are),
        FACT(the_scale_is_the_first_that_holds_the_largest_power),
        FACT(the_same_rows_make_the_same_bytes_on_any_threads),
        FACT(checksums_are_those_of_the_plain_rule),
        FACT(days_and_homes_are_appended_and_the_rest_is_missing),
        FACT(a_pass_goes_over_all_homes_within_its_memory),
        FACT(rows_that_make_no_panel_are_refused),
        FACT(shards_that_make_no_panel_are_refused),
        FACT(a_flipped_bit_is_an_error_or_nothing),
        FACT(flipped_bits_of_the_values_are_noticed),
        FACT(a_shard_that_is_cut_missing_or_another_is_an_error),
        FACT(what_is_no_panel_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
