/* The TIC reader: lines out of a stream of bytes, groups out of lines. */
#include <declic/mcu.h>

enum { STX = 0x02, ETX = 0x03, EOT = 0x04, HT = 0x09, LF = 0x0A, CR = 0x0D, SP = 0x20, DEL = 0x7F };

/* Where the next byte falls. OUTSIDE, everything but the start of a line or frame is noise. */
enum { OUTSIDE, IN_LINE, IN_SPOILT_LINE };

/* What is known of the frame: its STX was seen; it gave a group. */
enum { FRAME_OPENED = 1, FRAME_SPOKE = 2 };

char dcl_mcu_tic_checksum(const char *text, size_t n) {
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += (uint8_t)text[i];
    return (char)((sum & 0x3F) + 0x20);
}

void dcl_mcu_tic_init(dcl_mcu_tic *state) {
    *state = (dcl_mcu_tic){0};
}

static int is_label(const char *text, size_t n) {
    if (n == 0 || n > DCL_TIC_LABEL_MAX) return 0;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-')) return 0;
    }
    return 1;
}

/* A season and twelve digits. Spaces may stand for digits: a peak that is not announced has no date. */
static int is_horodate(const char *text, size_t n) {
    if (n != DCL_TIC_HORODATE_LENGTH) return 0;
    char s = text[0];
    if (s != 'H' && s != 'E' && s != 'h' && s != 'e' && s != ' ') return 0;
    for (size_t i = 1; i < n; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && text[i] != ' ') return 0;
    return 1;
}

/* The first `wanted` in text[from, to), else `to`. */
static size_t find(const char *text, size_t from, size_t to, char wanted) {
    while (from < to && text[from] != wanted) from++;
    return from;
}

/*
 * Notes the lengths of the parts of a line: label, separator, [horodate, separator,] data, separator,
 * checksum. Returns 0 for a line that is no group. The checksum may be a space like the separator before it,
 * so the end is taken by place and never by looking for a separator.
 */
static int split(dcl_mcu_tic *state) {
    const char *text = state->text;
    if (state->length < 4) return 0;
    size_t last = state->length - 2u;
    char separator = text[last];
    if (separator != HT && separator != SP) return 0;
    size_t label = find(text, 0, last, separator);
    if (label == last || !is_label(text, label)) return 0;
    size_t data = label + 1;
    size_t tab = find(text, data, last, HT);
    int dated = tab < last;
    if (dated) {
        if (separator != HT || !is_horodate(text + data, tab - data)) return 0;
        data = tab + 1;
        if (find(text, data, last, HT) < last) return 0;
    }
    state->mode = separator == HT ? DCL_TIC_MODE_STANDARD : DCL_TIC_MODE_HISTORIQUE;
    state->label_length = (uint8_t)label;
    state->horodate_length = dated ? DCL_TIC_HORODATE_LENGTH : 0;
    state->data_length = (uint8_t)(last - data);
    return 1;
}

/* Whether a line that was split has the right checksum: standard counts the last separator, historique does
 * not. */
static int checksum_holds(const dcl_mcu_tic *state) {
    size_t n = state->mode == DCL_TIC_MODE_STANDARD ? state->length - 1u : state->length - 2u;
    return dcl_mcu_tic_checksum(state->text, n) == state->text[state->length - 1];
}

/* Ends the line being read, if there is one. An empty one is no fault: some meters send CR LF between groups.
 */
static dcl_mcu_tic_event end_line(dcl_mcu_tic *state) {
    uint8_t place = state->place;
    state->place = OUTSIDE;
    if (place == OUTSIDE || (place == IN_LINE && state->length == 0)) return DCL_TIC_EVENT_NONE;
    if (place == IN_SPOILT_LINE || !split(state)) {
        state->malformed++;
        return DCL_TIC_EVENT_MALFORMED;
    }
    if (!checksum_holds(state)) {
        state->bad_checksums++;
        return DCL_TIC_EVENT_BAD_CHECKSUM;
    }
    state->checksum = (uint8_t)state->text[state->length - 1];
    state->text[state->label_length] = 0;
    if (state->horodate_length) state->text[state->label_length + 1 + DCL_TIC_HORODATE_LENGTH] = 0;
    state->text[state->length - 2] = 0;
    state->groups++;
    state->frame |= FRAME_SPOKE;
    return DCL_TIC_EVENT_GROUP;
}

/* Drops the line being read: its end was lost. Returns 1 where there was one. */
static int cut_line(dcl_mcu_tic *state) {
    int cut = state->place == IN_SPOILT_LINE || (state->place == IN_LINE && state->length > 0);
    state->place = OUTSIDE;
    if (cut) state->malformed++;
    return cut;
}

static void start_line(dcl_mcu_tic *state) {
    state->place = IN_LINE;
    state->length = 0;
}

static dcl_mcu_tic_event start_frame(dcl_mcu_tic *state) {
    cut_line(state);
    state->frame = FRAME_OPENED;
    return DCL_TIC_EVENT_FRAME_START;
}

static dcl_mcu_tic_event end_frame(dcl_mcu_tic *state) {
    cut_line(state);
    uint8_t frame = state->frame;
    state->frame = 0;
    if (frame & FRAME_OPENED) state->frames++;
    return frame ? DCL_TIC_EVENT_FRAME_END : DCL_TIC_EVENT_NONE;
}

static dcl_mcu_tic_event interrupt_frame(dcl_mcu_tic *state) {
    int inside = cut_line(state) || state->frame;
    state->frame = 0;
    if (!inside) return DCL_TIC_EVENT_NONE;
    state->interrupted++;
    return DCL_TIC_EVENT_INTERRUPTED;
}

/* A byte of a line. What cannot stand in a group, and more than fits, spoils the line up to its end. */
static void take(dcl_mcu_tic *state, uint8_t byte) {
    if (state->place != IN_LINE) return;
    int foreign = (byte < SP && byte != HT) || byte == DEL;
    if (foreign || state->length == DCL_TIC_GROUP_MAX)
        state->place = IN_SPOILT_LINE;
    else
        state->text[state->length++] = (char)byte;
}

dcl_mcu_tic_event dcl_mcu_tic_push(dcl_mcu_tic *state, uint8_t byte) {
    dcl_mcu_tic_event event = DCL_TIC_EVENT_NONE;
    byte &= 0x7F;
    switch (byte) {
    case STX: return start_frame(state);
    case ETX: return end_frame(state);
    case EOT: return interrupt_frame(state);
    case CR: return end_line(state);
    case LF:
        event = end_line(state);
        start_line(state);
        return event;
    default: take(state, byte); return event;
    }
}

dcl_mcu_tic_group dcl_mcu_tic_last(const dcl_mcu_tic *state) {
    size_t horodate = state->label_length + 1u;
    size_t data = state->horodate_length ? horodate + state->horodate_length + 1 : horodate;
    dcl_mcu_tic_group group = {.label = state->text,
                               .horodate =
                                   state->text + (state->horodate_length ? horodate : state->label_length),
                               .data = state->text + data,
                               .label_length = state->label_length,
                               .horodate_length = state->horodate_length,
                               .data_length = state->data_length,
                               .mode = (dcl_mcu_tic_mode)state->mode,
                               .checksum = (char)state->checksum};
    return group;
}
