#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <declic/appliance_names.h>
#include <declic/kernel.h>

static dcl_context context = {.threads = 1}; /* no zone: hours are those of UTC */

enum { POOL = 30, LAMP = 25, OTHER = 20, ALL = POOL + LAMP + OTHER };

/* A pool pump of 600 W, half an hour at 9 h; a lamp of 60 W, four hours from 19 h; 600 W of two hours that nobody groups. */
static void make_home(dcl_cycle *cycle, dcl_recurrence *of, dcl_cycles *out) {
    size_t n = 0;
    for (int day = 0; day < POOL; day++) {
        static const struct {
            int days, hour, minutes;
            float w;
            uint32_t group;
        } load[] = {{POOL, 9, 30, 600, 1}, {LAMP, 19, 240, 60, 2}, {OTHER, 14, 120, 600, 0}};
        for (size_t k = 0; k < 3; k++) {
            if (day >= load[k].days) continue;
            int64_t start = day * DCL_DAY_US + load[k].hour * DCL_HOUR_US;
            float w = load[k].w + (float)(day % 5);
            cycle[n++] = (dcl_cycle){.start_us = start,
                                     .end_us = start + (load[k].minutes + day % 3) * DCL_MINUTE_US,
                                     .energy_wh = 300,
                                     .mean_w = w,
                                     .on_w = w,
                                     .off_w = w,
                                     .power_factor = NAN,
                                     .confidence = 1,
                                     .group = load[k].group};
        }
    }
    of[0] = (dcl_recurrence){.count = POOL, .mean_w = 602, .on_s = 1800, .period_s = NAN};
    of[1] = (dcl_recurrence){.count = LAMP, .mean_w = 62, .on_s = 14400, .period_s = NAN};
    *out = (dcl_cycles){.cycle = cycle, .n = n, .recurrence = of, .n_recurrence = 2};
}

static void learn(dcl_loads *loads) {
    static dcl_cycle cycle[ALL];
    static dcl_recurrence of[2];
    dcl_cycles cycles;
    make_home(cycle, of, &cycles);
    *loads = (dcl_loads){.period_us = DCL_SECOND_US};
    const dcl_unknown pool = {.number = 1, .recurrence = 0}, lamp = {.number = 2, .recurrence = 1};
    assert_int_equal(dcl_loads_learn(&context, &cycles, &pool, "pool pump", loads, NULL), DCL_OK);
    assert_int_equal(dcl_loads_learn(&context, &cycles, &lamp, "lights", loads, NULL), DCL_OK);
    dcl_error error;
    assert_int_equal(dcl_loads_learn(&context, &cycles, &lamp, "lights", loads, &error), DCL_E_ARG);
    assert_string_equal(error.msg, "two loads are called 'lights'");
    assert_int_equal(loads->n, 2);
}

static void later_cycles_that_look_alike_get_the_name(void **state) {
    (void)state;
    static const struct {
        const char *what;
        float w;
        int minutes, hour;
        uint32_t flags;
        const char *own;
        dcl_appliance kind;
    } cases[] = {
        {"the pump", 601, 31, 9, 0, "pool pump", DCL_APPLIANCE_UNKNOWN},
        {"the pump an hour later", 601, 31, 10, 0, "pool pump", DCL_APPLIANCE_UNKNOWN},
        {"such a load at night, when the pump never ran", 601, 31, 2, 0, NULL, DCL_APPLIANCE_UNKNOWN},
        {"a longer one", 601, 120, 9, 0, NULL, DCL_APPLIANCE_UNKNOWN},
        {"a stronger one", 800, 31, 9, 0, NULL, DCL_APPLIANCE_UNKNOWN},
        {"one whose end was not seen", 601, 31, 9, DCL_CYCLE_CUT, NULL, DCL_APPLIANCE_UNKNOWN},
        {"the lamp: a kind of appliance", 61, 241, 19, 0, NULL, DCL_APPLIANCE_LIGHTS},
    };
    dcl_loads loads;
    learn(&loads);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        dcl_cycle c = {.start_us = 90 * DCL_DAY_US + cases[k].hour * DCL_HOUR_US,
                       .mean_w = cases[k].w,
                       .on_w = cases[k].w,
                       .off_w = cases[k].w,
                       .power_factor = NAN,
                       .confidence = 1,
                       .flags = cases[k].flags};
        c.end_us = c.start_us + cases[k].minutes * DCL_MINUTE_US;
        dcl_cycles cycles = {.cycle = &c, .n = 1};
        const char *own = NULL;
        assert_int_equal(dcl_loads_name(&context, &loads, DCL_SECOND_US, &cycles, &own, NULL), DCL_OK);
        if (c.appliance != cases[k].kind || !own != !cases[k].own) print_message("%s\n", cases[k].what);
        assert_int_equal(c.appliance, cases[k].kind);
        assert_int_equal(own != NULL, cases[k].own != NULL);
        if (own) assert_string_equal(own, cases[k].own);
        if (own || c.appliance) assert_true(c.confidence < 1 && c.confidence > 0.9f);
    }
}

static void a_name_that_is_there_stays(void **state) {
    (void)state;
    dcl_loads loads;
    learn(&loads);
    dcl_cycle c = {.start_us = 9 * DCL_HOUR_US,
                   .end_us = 9 * DCL_HOUR_US + 30 * DCL_MINUTE_US,
                   .on_w = 600,
                   .off_w = 600};
    c.appliance = DCL_APPLIANCE_OVEN;
    dcl_cycles cycles = {.cycle = &c, .n = 1};
    const char *own = NULL;
    assert_int_equal(dcl_loads_name(&context, &loads, DCL_SECOND_US, &cycles, &own, NULL), DCL_OK);
    assert_true(c.appliance == DCL_APPLIANCE_OVEN && !own);
}

static void another_step_or_other_units_are_refused(void **state) {
    (void)state;
    dcl_loads loads;
    dcl_error error;
    learn(&loads);
    dcl_cycle c = {.flags = DCL_CYCLE_APPARENT};
    dcl_cycles cycles = {.cycle = &c, .n = 1};
    const char *own = NULL;
    assert_int_equal(dcl_loads_name(&context, &loads, DCL_MINUTE_US, &cycles, &own, &error), DCL_E_ARG);
    assert_string_equal(error.msg, "the model knows loads by readings every 1 s; these come every 60 s");
    assert_int_equal(dcl_loads_name(&context, &loads, DCL_SECOND_US, &cycles, &own, &error), DCL_E_ARG);
    assert_string_equal(error.msg, "the model knows loads by active power; this home has apparent power");
}

static void names_are_read_and_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t number;
        const char *name; /* NULL = refused */
    } cases[] = {{"unknown 3=kettle", 3, "kettle"},
                 {"unknown 12=Pool pump", 12, "Pool pump"},
                 {"unknown 1=Coffee maker", 1, "coffee_machine"},
                 {"unknown 1=pompe à chaleur d'été", 1, "pompe à chaleur d'été"},
                 {"unknown 0=kettle", 0, NULL},
                 {"unknown -1=kettle", 0, NULL},
                 {"unknown 3 =kettle", 0, NULL},
                 {"unknown 99999=kettle", 0, NULL},
                 {"3=kettle", 0, NULL},
                 {"unknown 3", 0, NULL},
                 {"unknown 3=", 0, NULL},
                 {"unknown 3= kettle", 0, NULL},
                 {"unknown 3=a,b", 0, NULL},
                 {"unknown 3=<b>", 0, NULL},
                 {"unknown 3=a\nb", 0, NULL},
                 {"unknown 3=unknown 4", 0, NULL},
                 {"unknown 3=a name that is longer than all others", 0, NULL},
                 {"", 0, NULL}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        uint32_t number;
        char name[DCL_LABEL_ROOM];
        dcl_error error = {0};
        dcl_status status = dcl_load_name_parse(cases[k].text, &number, name, &error);
        if ((status == DCL_OK) != (cases[k].name != NULL)) print_message("'%s'\n", cases[k].text);
        assert_int_equal(status, cases[k].name ? DCL_OK : DCL_E_ARG);
        if (!cases[k].name) continue;
        assert_int_equal(number, cases[k].number);
        assert_string_equal(name, cases[k].name);
    }
}

static void a_model_is_written_and_read_and_a_damaged_one_refused(void **state) {
    (void)state;
    char path[] = "/tmp/declic-loads-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    static dcl_loads loads, read;
    dcl_error error;
    learn(&loads);
    assert_int_equal(dcl_loads_write(path, &loads, NULL), DCL_OK);
    assert_int_equal(dcl_loads_read(path, &read, &error), DCL_OK);
    assert_int_equal(read.n, 2);
    assert_int_equal(read.period_us, loads.period_us);
    for (size_t k = 0; k < 2; k++)
        assert_memory_equal(&read.load[k].on_w, &loads.load[k].on_w, 6 * sizeof(float));
    assert_string_equal(read.load[0].name, "pool pump");
    assert_int_equal(read.load[0].count, POOL);
    /* Numbers out of their range are refused though the file is whole. */
    loads.load[1].on_w[1] = -5;
    assert_int_equal(dcl_loads_write(path, &loads, NULL), DCL_OK);
    assert_int_equal(dcl_loads_read(path, &read, &error), DCL_E_FORMAT);
    assert_string_equal(error.msg, "load 2 is out of its range");
    unlink(path);
    assert_int_equal(dcl_loads_read(path, &read, &error), DCL_E_NOT_FOUND);
}

static void a_cycle_is_named_after_what_gives_most_of_its_energy(void **state) {
    (void)state;
    enum { N = 60 };
    static int32_t kettle[N], pump[N];
    for (int i = 20; i < 40; i++) kettle[i] = 15000, pump[i] = 3000;
    for (int i = 0; i < N; i++) pump[i] += 1000;
    const dcl_power_channel channel[2] = {{.name = "kettle", .level = kettle, .confidence = 0.8},
                                          {.name = "pond", .level = pump, .confidence = NAN}};
    const dcl_power_estimate estimate = {
        .period_us = DCL_MINUTE_US, .n = N, .n_channels = 2, .channel = channel};
    dcl_cycle c[2] = {
        {.start_us = 20 * DCL_MINUTE_US, .end_us = 40 * DCL_MINUTE_US, .mean_w = 1800, .confidence = 1},
        {.start_us = 20 * DCL_MINUTE_US, .end_us = 40 * DCL_MINUTE_US, .mean_w = 4000, .confidence = 1}};
    dcl_cycles cycles = {.cycle = c, .n = 2};
    const char *own[2] = {NULL, NULL};
    dcl_power_name(&estimate, &cycles, own);
    assert_int_equal(c[0].appliance, DCL_APPLIANCE_KETTLE);
    assert_true(fabsf(c[0].confidence - 0.8f * 1500 / 1800) < 1e-3f);
    assert_true(c[1].appliance == DCL_APPLIANCE_UNKNOWN && !own[1]); /* it explains less than half of it */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_cycles_that_look_alike_get_the_name),
        cmocka_unit_test(a_name_that_is_there_stays),
        cmocka_unit_test(another_step_or_other_units_are_refused),
        cmocka_unit_test(names_are_read_and_refused),
        cmocka_unit_test(a_model_is_written_and_read_and_a_damaged_one_refused),
        cmocka_unit_test(a_cycle_is_named_after_what_gives_most_of_its_energy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
