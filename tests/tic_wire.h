/* Télé-information as a meter writes it, for tests: groups, frames, and what a reader made of them. */
#ifndef TIC_WIRE_H
#define TIC_WIRE_H

#include <declic/mcu.h>
#include <stdio.h>
#include <string.h>

typedef struct wire {
    uint8_t byte[8192];
    size_t n;
} wire;

typedef struct wire_group {
    dcl_mcu_tic_mode mode;
    const char *label, *horodate, *data; /* horodate NULL = none */
} wire_group;

static inline void wire_put(wire *w, const char *text, size_t n) {
    memcpy(w->byte + w->n, text, n);
    w->n += n;
}

static inline void wire_text(wire *w, const char *text) {
    wire_put(w, text, strlen(text));
}

/* The content of a group from label to checksum. The sum is taken here, not by the code under test. */
static inline void wire_content(wire *w, const wire_group *g) {
    char body[512];
    const char *mark = g->mode == DCL_TIC_MODE_STANDARD ? "\t" : " ";
    int n = g->horodate ? snprintf(body, sizeof body, "%s%s%s%s%s%s", g->label, mark, g->horodate, mark,
                                   g->data, mark)
                        : snprintf(body, sizeof body, "%s%s%s%s", g->label, mark, g->data, mark);
    unsigned sum = 0;
    for (int i = 0; i < n - (g->mode == DCL_TIC_MODE_HISTORIQUE); i++) sum += (unsigned char)body[i];
    body[n] = (char)(sum % 64 + 32);
    wire_put(w, body, (size_t)n + 1);
}

static inline void wire_frame(wire *w, const wire_group *groups, size_t n) {
    wire_text(w, "\x02");
    for (size_t i = 0; i < n; i++) {
        wire_text(w, "\n");
        wire_content(w, &groups[i]);
        wire_text(w, "\r");
    }
    wire_text(w, "\x03");
}

/* What came out: each good group as label|horodate|data, and the events counted. */
typedef struct heard {
    char group[256][160];
    size_t byte[256]; /* after which byte */
    size_t n;
    unsigned events[DCL_TIC_EVENT_INTERRUPTED + 1];
} heard;

static inline void listen(dcl_mcu_tic *tic, const uint8_t *bytes, size_t n, heard *out) {
    for (size_t i = 0; i < n; i++) {
        dcl_mcu_tic_event event = dcl_mcu_tic_push(tic, bytes[i]);
        out->events[event]++;
        if (event != DCL_TIC_EVENT_GROUP || out->n == 256) continue;
        dcl_mcu_tic_group g = dcl_mcu_tic_last(tic);
        snprintf(out->group[out->n], sizeof out->group[0], "%s|%s|%s", g.label, g.horodate, g.data);
        out->byte[out->n++] = i;
    }
}

#endif
