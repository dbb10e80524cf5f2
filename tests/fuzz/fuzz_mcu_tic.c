/* The TIC reader on any bytes: every event keeps its promises, and a good group is one byte for byte. */
#include <declic/mcu.h>
#include <stdlib.h>
#include <string.h>

/* abort(), not assert(): a release build must find the same faults. */
static void must(int holds) {
    if (!holds) abort();
}

/* Puts the group together again from its parts and asks for the same checksum. */
static void check_group(const dcl_mcu_tic *tic) {
    dcl_mcu_tic_group g = dcl_mcu_tic_last(tic);
    must(strlen(g.label) == g.label_length && g.label_length > 0 && g.label_length <= DCL_TIC_LABEL_MAX);
    must(strlen(g.horodate) == g.horodate_length);
    must(g.horodate_length == 0 || g.horodate_length == DCL_TIC_HORODATE_LENGTH);
    must(strlen(g.data) == g.data_length && g.data + g.data_length < tic->text + sizeof tic->text);

    int standard = g.mode == DCL_TIC_MODE_STANDARD;
    char text[DCL_TIC_GROUP_MAX + 1], mark = standard ? '\t' : ' ';
    size_t n = g.label_length;
    memcpy(text, g.label, n);
    text[n++] = mark;
    must(standard || g.horodate_length == 0);
    memcpy(text + n, g.horodate, g.horodate_length);
    n += g.horodate_length;
    if (g.horodate_length) text[n++] = mark;
    memcpy(text + n, g.data, g.data_length);
    n += g.data_length;
    if (standard) text[n++] = mark;
    must(n < sizeof text && dcl_mcu_tic_checksum(text, n) == g.checksum);
    for (size_t i = 0; i < g.data_length; i++) must(g.data[i] >= ' ' && g.data[i] < 0x7F);

    uint32_t value;
    dcl_mcu_tic_time time;
    if (dcl_mcu_tic_number(g.data, g.data_length, &value)) must(g.data_length > 0);
    if (dcl_mcu_tic_hex(g.data, g.data_length, &value)) must(g.data_length > 0);
    if (dcl_mcu_tic_time_parse(g.horodate, g.horodate_length, &time))
        must(time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31 && time.hour < 24);
    dcl_mcu_tic_label label = dcl_mcu_tic_label_find(g.label);
    must(label == DCL_TIC_LABEL_COUNT || strcmp(dcl_mcu_tic_label_at(label)->label, g.label) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    /* Its own block, so that a byte beyond the state is seen. */
    dcl_mcu_tic *tic = malloc(sizeof *tic);
    if (!tic) return 0;
    dcl_mcu_tic_init(tic);
    uint32_t seen[DCL_TIC_EVENT_INTERRUPTED + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        dcl_mcu_tic_event event = dcl_mcu_tic_push(tic, bytes[i]);
        must(event <= DCL_TIC_EVENT_INTERRUPTED);
        seen[event]++;
        if (event == DCL_TIC_EVENT_GROUP) check_group(tic);
    }
    must(tic->groups == seen[DCL_TIC_EVENT_GROUP]);
    must(tic->bad_checksums == seen[DCL_TIC_EVENT_BAD_CHECKSUM]);
    must(tic->malformed >= seen[DCL_TIC_EVENT_MALFORMED]);
    must(tic->frames <= seen[DCL_TIC_EVENT_FRAME_END] && tic->frames <= seen[DCL_TIC_EVENT_FRAME_START]);
    must(tic->interrupted == seen[DCL_TIC_EVENT_INTERRUPTED]);
    free(tic);
    return 0;
}
