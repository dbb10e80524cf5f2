#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tic_wire.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const wire_group old_frame[] = {
    {DCL_TIC_MODE_HISTORIQUE, "ADCO", NULL, "000000000000"},
    {DCL_TIC_MODE_HISTORIQUE, "OPTARIF", NULL, "BBR("},
    {DCL_TIC_MODE_HISTORIQUE, "ISOUSC", NULL, "45"},
    {DCL_TIC_MODE_HISTORIQUE, "HCHC", NULL, "012345678"},
    {DCL_TIC_MODE_HISTORIQUE, "PTEC", NULL, "HP.."},
    {DCL_TIC_MODE_HISTORIQUE, "IINST", NULL, "003"},
    {DCL_TIC_MODE_HISTORIQUE, "PAPP", NULL, "00750"},
    {DCL_TIC_MODE_HISTORIQUE, "MOTDETAT", NULL, "000000"},
};

static const wire_group new_frame[] = {
    {DCL_TIC_MODE_STANDARD, "ADSC", NULL, "000000000000"},
    {DCL_TIC_MODE_STANDARD, "DATE", "H240210121355", ""},
    {DCL_TIC_MODE_STANDARD, "LTARF", NULL, "HEURES  CREUSES "},
    {DCL_TIC_MODE_STANDARD, "EAST", NULL, "003519702"},
    {DCL_TIC_MODE_STANDARD, "EASD01", NULL, "000000000"},
    {DCL_TIC_MODE_STANDARD, "SINSTS", NULL, "00263"},
    {DCL_TIC_MODE_STANDARD, "SMAXSN1-1", "e240709211759", "01422"},
    {DCL_TIC_MODE_STANDARD, "DPM1", " 240210060000", "00"},
    {DCL_TIC_MODE_STANDARD, "FPM1", "             ", "00"},
    {DCL_TIC_MODE_STANDARD, "STGE", NULL, "002A0301"},
    {DCL_TIC_MODE_STANDARD, "PJOURF+1", NULL,
     "0000C001 NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE NONUTILE"},
};

static const struct {
    const char *name;
    const wire_group *groups;
    size_t n;
} frames[] = {{"historique", old_frame, COUNT(old_frame)}, {"standard", new_frame, COUNT(new_frame)}};

static void frame_of(wire *w, size_t which) {
    w->n = 0;
    wire_frame(w, frames[which].groups, frames[which].n);
}

static const char *text_of(const wire_group *g) {
    static char text[160];
    snprintf(text, sizeof text, "%s|%s|%s", g->label, g->horodate ? g->horodate : "", g->data);
    return text;
}

/* The groups from out->group[from] on are those of the frame from `skip` on. */
static void assert_groups(const heard *out, size_t from, size_t which, size_t skip) {
    assert_int_equal(out->n - from, frames[which].n - skip);
    for (size_t i = 0; i < frames[which].n - skip; i++)
        assert_string_equal(out->group[from + i], text_of(&frames[which].groups[skip + i]));
}

static uint32_t lcg(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void the_checksum_is_that_of_real_groups(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char want;
    } cases[] = {{"PAPP 00750", '-'},
                 {"PTEC HP..", ' '},
                 {"OPTARIF BASE", '0'},
                 {"URMS1\t242\t", 'B'},
                 {"EASD01\t000000000\t", ' '},
                 {"DATE\tH240210121355\t\t", ';'},
                 {"", ' '}};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dcl_mcu_tic_checksum(cases[i].text, strlen(cases[i].text)), cases[i].want);
}

static void a_frame_of_either_mode_gives_its_groups(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w;
        frame_of(&w, f);
        dcl_mcu_tic tic;
        dcl_mcu_tic_init(&tic);
        static heard out;
        memset(&out, 0, sizeof out);
        listen(&tic, w.byte, w.n, &out);
        assert_groups(&out, 0, f, 0);
        assert_int_equal(out.events[DCL_TIC_EVENT_FRAME_START], 1);
        assert_int_equal(out.events[DCL_TIC_EVENT_FRAME_END], 1);
        assert_int_equal(tic.frames, 1);
        assert_int_equal(tic.groups, frames[f].n);
        assert_int_equal(tic.malformed + tic.bad_checksums + tic.interrupted, 0);
    }
}

static void a_group_has_lengths_mode_and_checksum(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w;
        frame_of(&w, f);
        dcl_mcu_tic tic = {0};
        size_t seen = 0;
        for (size_t i = 0; i < w.n; i++) {
            if (dcl_mcu_tic_push(&tic, w.byte[i]) != DCL_TIC_EVENT_GROUP) continue;
            dcl_mcu_tic copy = tic; /* the state is plain bytes: a copy speaks for itself */
            dcl_mcu_tic_group g = dcl_mcu_tic_last(&copy);
            const wire_group *want = &frames[f].groups[seen++];
            assert_int_equal(g.mode, want->mode);
            assert_int_equal(g.label_length, strlen(want->label));
            assert_int_equal(g.horodate_length, want->horodate ? 13 : 0);
            assert_int_equal(g.data_length, strlen(want->data));
            assert_string_equal(g.data, want->data);
            assert_int_equal(g.checksum, w.byte[i - 1]);
            assert_true(g.data >= copy.text && g.data < copy.text + sizeof copy.text);
        }
        assert_int_equal(seen, frames[f].n);
    }
}

static void the_state_is_a_few_hundred_bytes(void **state) {
    (void)state;
    assert_true(sizeof(dcl_mcu_tic) <= 256);
}

/* Lines that are no group, beside two that are, and what each counts as. */
static void a_line_that_is_no_group_is_counted(void **state) {
    (void)state;
    static const struct {
        const char *line;
        dcl_mcu_tic_event want;
    } cases[] = {
        {"\nPAPP 00750 -\r", DCL_TIC_EVENT_GROUP},
        {"\nPTEC HP..  \r", DCL_TIC_EVENT_GROUP},
        {"\nPAPP 00750 .\r", DCL_TIC_EVENT_BAD_CHECKSUM},
        {"\nPAPP 00760 -\r", DCL_TIC_EVENT_BAD_CHECKSUM},
        {"\nPTEC HP.. \r", DCL_TIC_EVENT_MALFORMED}, /* its checksum, a space, was lost */
        {"\nPAPP 00750-\r", DCL_TIC_EVENT_MALFORMED},
        {"\nPAPP -\r", DCL_TIC_EVENT_MALFORMED},
        {"\n 00750 -\r", DCL_TIC_EVENT_MALFORMED},
        {"\nPapp 00750 -\r", DCL_TIC_EVENT_MALFORMED},
        {"\nABCDEFGHIJKLM 00750 )\r", DCL_TIC_EVENT_MALFORMED},
        {"\nPAPP 007\x01\x35\x30 -\r", DCL_TIC_EVENT_MALFORMED},
        {"\nPAPP 0075\x7f -\r", DCL_TIC_EVENT_MALFORMED},
        {"\nPAPP\t00750 -\r", DCL_TIC_EVENT_MALFORMED},
        {"\nCCASN H240210121355\t00 !\r", DCL_TIC_EVENT_MALFORMED}, /* separators of both modes */
        {"\nDATE\tX240210121355\t\tK\r", DCL_TIC_EVENT_MALFORMED},
        {"\nDATE\tH24021012135\t\tF\r", DCL_TIC_EVENT_MALFORMED},
        {"\nDATE\tH24021012135A\t\tG\r", DCL_TIC_EVENT_MALFORMED},
        {"\nDATE\tH240210121355\t\t\tD\r", DCL_TIC_EVENT_MALFORMED},
        {"\n\t\t2\r", DCL_TIC_EVENT_MALFORMED},
        {"\nx\r", DCL_TIC_EVENT_MALFORMED},
        {"\n\r", DCL_TIC_EVENT_NONE},
        {"\r", DCL_TIC_EVENT_NONE},
        {"PAPP 00750 -\r", DCL_TIC_EVENT_NONE}, /* a line whose start was not seen */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dcl_mcu_tic tic = {0};
        dcl_mcu_tic_event event = DCL_TIC_EVENT_NONE;
        for (const char *c = cases[i].line; *c; c++) event = dcl_mcu_tic_push(&tic, (uint8_t)*c);
        if (event != cases[i].want) fail_msg("case %zu: want %d got %d", i, cases[i].want, event);
        assert_int_equal(tic.groups, event == DCL_TIC_EVENT_GROUP);
        assert_int_equal(tic.bad_checksums, event == DCL_TIC_EVENT_BAD_CHECKSUM);
        assert_int_equal(tic.malformed, event == DCL_TIC_EVENT_MALFORMED);
    }
}

static void a_line_that_fits_is_read_and_a_longer_one_is_skipped(void **state) {
    (void)state;
    for (size_t length = DCL_TIC_GROUP_MAX - 1; length < 3 * DCL_TIC_GROUP_MAX; length++) {
        char data[3 * DCL_TIC_GROUP_MAX] = {0};
        memset(data, 'x', length - 7); /* MSG1 HT data HT sum */
        wire_group lines[] = {{DCL_TIC_MODE_STANDARD, "MSG1", NULL, data},
                              {DCL_TIC_MODE_STANDARD, "EAST", NULL, "000000001"}};
        wire w = {.n = 0};
        wire_frame(&w, lines, 2);
        dcl_mcu_tic tic = {0};
        static heard out;
        memset(&out, 0, sizeof out);
        listen(&tic, w.byte, w.n, &out);
        assert_int_equal(tic.groups, length <= DCL_TIC_GROUP_MAX ? 2 : 1);
        assert_int_equal(tic.malformed, length <= DCL_TIC_GROUP_MAX ? 0 : 1);
        assert_string_equal(out.group[out.n - 1], "EAST||000000001");
    }
}

static void every_usual_way_to_end_a_line_is_read(void **state) {
    (void)state;
    static const char *const ways[][2] = {{"\n", "\r"},   {"\n", "\n"},     {"\r\n", "\r\n"},
                                          {"\n", "\r\n"}, {"\n\n", "\r\r"}, {"\n", ""}};
    for (size_t f = 0; f < COUNT(frames); f++)
        for (size_t way = 0; way < COUNT(ways); way++) {
            wire w = {.n = 0};
            wire_text(&w, "\x02");
            for (size_t i = 0; i < frames[f].n; i++) {
                wire_text(&w, ways[way][0]);
                wire_content(&w, &frames[f].groups[i]);
                wire_text(&w, ways[way][1]);
            }
            wire_text(&w, "\n\x03");
            dcl_mcu_tic tic = {0};
            static heard out;
            memset(&out, 0, sizeof out);
            listen(&tic, w.byte, w.n, &out);
            assert_groups(&out, 0, f, 0);
            assert_int_equal(tic.malformed, 0);
            assert_int_equal(tic.frames, 1);
        }
}

static void a_capture_from_any_byte_on_gives_its_whole_lines(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w;
        frame_of(&w, f);
        for (size_t start = 0; start < w.n; start++) {
            size_t skip = 0;
            for (size_t i = 0; i < start; i++) skip += w.byte[i] == '\n';
            dcl_mcu_tic tic = {0};
            static heard out;
            memset(&out, 0, sizeof out);
            listen(&tic, w.byte + start, w.n - start, &out);
            assert_groups(&out, 0, f, skip);
            assert_int_equal(tic.malformed + tic.bad_checksums, 0);
            /* The end of a frame whose start was not seen is told, where it said something, but is no whole
             * frame. */
            assert_int_equal(out.events[DCL_TIC_EVENT_FRAME_END], start == 0 || out.n > 0);
            assert_int_equal(tic.frames, start == 0);
        }
    }
}

static void a_frame_cut_at_any_byte_leaves_the_next_one_whole(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w, next;
        frame_of(&w, f);
        frame_of(&next, 1 - f);
        for (size_t end = 0; end < w.n; end++) {
            size_t whole = 0;
            for (size_t i = 0; i < end; i++) whole += w.byte[i] == '\r';
            dcl_mcu_tic tic = {0};
            static heard out;
            memset(&out, 0, sizeof out);
            listen(&tic, w.byte, end, &out);
            assert_int_equal(out.n, whole);
            assert_int_equal(out.events[DCL_TIC_EVENT_FRAME_END], 0);
            int cut = end > 0 && (w.byte[end - 1] >= ' ' ||
                                  w.byte[end - 1] == '\t'); /* inside a line, which the next STX then cuts */
            assert_int_equal(tic.malformed, 0);
            listen(&tic, next.byte, next.n, &out);
            assert_groups(&out, whole, 1 - f, 0);
            assert_int_equal(tic.frames, 1);
            assert_int_equal(tic.malformed, cut);
        }
    }
}

static void noise_between_frames_costs_no_group(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 500; seed++) {
        uint32_t random = seed;
        size_t f = seed % 2;
        wire w;
        frame_of(&w, f);
        uint8_t noise[600];
        size_t n = lcg(&random) % sizeof noise;
        for (size_t i = 0; i < n; i++) noise[i] = (uint8_t)lcg(&random);
        dcl_mcu_tic tic = {0};
        static heard out;
        memset(&out, 0, sizeof out);
        listen(&tic, w.byte, w.n, &out);
        listen(&tic, noise, n, &out);
        size_t before = out.n;
        assert_int_equal(before, frames[f].n);
        listen(&tic, w.byte, w.n, &out);
        assert_groups(&out, before, f, 0);
        assert_true(tic.frames >= 2);
    }
}

static int is_true_group(size_t which, const char *text) {
    for (size_t i = 0; i < frames[which].n; i++)
        if (strcmp(text, text_of(&frames[which].groups[i])) == 0) return 1;
    return 0;
}

/* Bit 6 is worth 64, which the checksum does not count: there only the form of a group can tell. */
static int may_hide_a_flip_of_bit_6(const char *text) {
    return strncmp(text, "LTARF|", 6) == 0 || strncmp(text, "OPTARIF|", 8) == 0 ||
           strncmp(text, "PTEC|", 5) == 0;
}

static int is_refused_by_its_reader(const char *text) {
    const char *data = strrchr(text, '|') + 1;
    uint32_t value;
    int hex = strncmp(text, "STGE|", 5) == 0;
    return !(hex ? dcl_mcu_tic_hex : dcl_mcu_tic_number)(data, strlen(data), &value);
}

static void a_flipped_bit_costs_one_group_and_makes_none(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w;
        frame_of(&w, f);
        for (size_t i = 0; i < w.n; i++)
            for (int bit = 0; bit < 7; bit++) {
                dcl_mcu_tic tic = {0};
                static heard out;
                memset(&out, 0, sizeof out);
                w.byte[i] ^= (uint8_t)(1 << bit);
                listen(&tic, w.byte, w.n, &out);
                w.byte[i] ^= (uint8_t)(1 << bit);
                assert_true(out.n + 1 >= frames[f].n && out.n <= frames[f].n);
                for (size_t g = 0; g < out.n; g++) {
                    if (is_true_group(f, out.group[g])) continue;
                    if (bit == 6 &&
                        (may_hide_a_flip_of_bit_6(out.group[g]) || is_refused_by_its_reader(out.group[g])))
                        continue;
                    fail_msg("%s: byte %zu bit %d made %s", frames[f].name, i, bit, out.group[g]);
                }
            }
    }
}

static void a_good_group_always_has_its_checksum(void **state) {
    (void)state;
    /* Random lines of few characters: many collide, and then the reader must agree with the sum. */
    static const char alphabet[] = "AB0 \t  \t\t-H";
    uint32_t random = 7, good = 0;
    dcl_mcu_tic tic = {0};
    for (int line = 0; line < 200000; line++) {
        wire w = {.n = 0};
        wire_text(&w, "\n");
        for (uint32_t n = 3 + lcg(&random) % 8; n > 0; n--)
            wire_put(&w, &alphabet[lcg(&random) % (sizeof alphabet - 1)], 1);
        wire_text(&w, "\r");
        dcl_mcu_tic_event event = DCL_TIC_EVENT_NONE;
        for (size_t i = 0; i < w.n; i++) event = dcl_mcu_tic_push(&tic, w.byte[i]);
        if (event != DCL_TIC_EVENT_GROUP) continue;
        dcl_mcu_tic_group g = dcl_mcu_tic_last(&tic);
        wire_group again = {g.mode, g.label, g.horodate_length ? g.horodate : NULL, g.data};
        wire back = {.n = 0};
        wire_text(&back, "\n");
        wire_content(&back, &again);
        wire_text(&back, "\r");
        assert_int_equal(back.n, w.n);
        assert_memory_equal(back.byte, w.byte, w.n);
        good++;
    }
    assert_true(good > 50);
    assert_int_equal(tic.groups, good);
}

static void a_parity_bit_is_ignored(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++)
        for (int odd = 0; odd < 3; odd++) { /* even, odd, mark */
            wire w;
            frame_of(&w, f);
            for (size_t i = 0; i < w.n; i++) {
                unsigned ones = 0;
                for (int bit = 0; bit < 7; bit++) ones += (unsigned)w.byte[i] >> bit & 1;
                if (odd == 2 || ones % 2 != (unsigned)odd) w.byte[i] |= 0x80;
            }
            dcl_mcu_tic tic = {0};
            static heard out;
            memset(&out, 0, sizeof out);
            listen(&tic, w.byte, w.n, &out);
            assert_groups(&out, 0, f, 0);
            assert_int_equal(tic.frames, 1);
        }
}

static void eot_interrupts_a_frame_at_any_byte(void **state) {
    (void)state;
    for (size_t f = 0; f < COUNT(frames); f++) {
        wire w;
        frame_of(&w, f);
        for (size_t end = 1; end < w.n; end++) {
            dcl_mcu_tic tic = {0};
            static heard out;
            memset(&out, 0, sizeof out);
            listen(&tic, w.byte, end, &out);
            assert_int_equal(dcl_mcu_tic_push(&tic, 0x04), DCL_TIC_EVENT_INTERRUPTED);
            assert_int_equal(dcl_mcu_tic_push(&tic, 0x04), DCL_TIC_EVENT_NONE);
            assert_int_equal(tic.interrupted, 1);
            size_t before = out.n;
            listen(&tic, w.byte, w.n, &out);
            assert_groups(&out, before, f, 0);
            assert_int_equal(tic.frames, 1);
        }
    }
}

static void an_end_without_a_frame_says_nothing(void **state) {
    (void)state;
    dcl_mcu_tic tic = {0};
    assert_int_equal(dcl_mcu_tic_push(&tic, 0x03), DCL_TIC_EVENT_NONE);
    assert_int_equal(dcl_mcu_tic_push(&tic, 0x04), DCL_TIC_EVENT_NONE);
    assert_int_equal(tic.frames + tic.interrupted, 0);
    assert_string_equal(dcl_mcu_tic_last(&tic).label, "");
}

static void real_captures_are_read_whole(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint32_t groups, bad, frames;
        dcl_mcu_tic_mode mode;
    } cases[] = {
        {"hist_base_enedis", 9, 0, 1, DCL_TIC_MODE_HISTORIQUE},
        {"hist_base_partial", 8, 0, 1, DCL_TIC_MODE_HISTORIQUE},
        {"hist_hc", 11, 0, 1, DCL_TIC_MODE_HISTORIQUE},
        {"hist_tempo_10frames", 160, 0, 10, DCL_TIC_MODE_HISTORIQUE},
        {"std_mono_base", 38, 0, 1, DCL_TIC_MODE_STANDARD},
        {"std_mono_enedis", 38, 0, 1, DCL_TIC_MODE_STANDARD},
        {"std_mono_enedis_badsum", 37, 1, 1, DCL_TIC_MODE_STANDARD}, /* PCOUP, planted */
        {"std_mono_prod", 34, 0, 1, DCL_TIC_MODE_STANDARD},
        {"std_partial_2020", 16, 0, 1, DCL_TIC_MODE_STANDARD},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tic/%s.tic", DCL_TEST_DATA, cases[i].name);
        FILE *file = fopen(path, "rb");
        if (!file) {
            print_message("skipped: no ../shared/data\n");
            skip();
        }
        dcl_mcu_tic tic = {0};
        for (int c; (c = getc(file)) != EOF;) {
            if (dcl_mcu_tic_push(&tic, (uint8_t)c) != DCL_TIC_EVENT_GROUP) continue;
            dcl_mcu_tic_group g = dcl_mcu_tic_last(&tic);
            assert_int_equal(g.mode, cases[i].mode);
            dcl_mcu_tic_label label = dcl_mcu_tic_label_find(g.label);
            if (label == DCL_TIC_LABEL_COUNT) fail_msg("%s: %s is not in the table", cases[i].name, g.label);
            const dcl_mcu_tic_label_info *info = dcl_mcu_tic_label_at(label);
            assert_int_equal(g.horodate_length > 0, (info->flags & DCL_TIC_DATED) != 0);
            dcl_mcu_tic_time time;
            if (g.horodate_length) assert_true(dcl_mcu_tic_time_parse(g.horodate, g.horodate_length, &time));
            uint32_t value;
            if (info->unit == DCL_TIC_UNIT_HEX)
                assert_true(dcl_mcu_tic_hex(g.data, g.data_length, &value));
            else if (info->unit == DCL_TIC_UNIT_NONE)
                assert_int_equal(g.data_length, 0);
            else if (info->unit != DCL_TIC_UNIT_TEXT)
                assert_true(dcl_mcu_tic_number(g.data, g.data_length, &value));
        }
        fclose(file);
        assert_int_equal(tic.groups, cases[i].groups);
        assert_int_equal(tic.bad_checksums, cases[i].bad);
        assert_int_equal(tic.frames, cases[i].frames);
        assert_int_equal(tic.malformed + tic.interrupted, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_that_of_real_groups),
        cmocka_unit_test(a_frame_of_either_mode_gives_its_groups),
        cmocka_unit_test(a_group_has_lengths_mode_and_checksum),
        cmocka_unit_test(the_state_is_a_few_hundred_bytes),
        cmocka_unit_test(a_line_that_is_no_group_is_counted),
        cmocka_unit_test(a_line_that_fits_is_read_and_a_longer_one_is_skipped),
        cmocka_unit_test(every_usual_way_to_end_a_line_is_read),
        cmocka_unit_test(a_capture_from_any_byte_on_gives_its_whole_lines),
        cmocka_unit_test(a_frame_cut_at_any_byte_leaves_the_next_one_whole),
        cmocka_unit_test(noise_between_frames_costs_no_group),
        cmocka_unit_test(a_flipped_bit_costs_one_group_and_makes_none),
        cmocka_unit_test(a_good_group_always_has_its_checksum),
        cmocka_unit_test(a_parity_bit_is_ignored),
        cmocka_unit_test(eot_interrupts_a_frame_at_any_byte),
        cmocka_unit_test(an_end_without_a_frame_says_nothing),
        cmocka_unit_test(real_captures_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
