/* Any bytes are a card or an error; with the checksum that belongs to them behind them, so that what is read next is reached. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "learn/shelf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    dcl_arena arena = {0};
    dcl_error error;
    dcl_card card;
    uint64_t size;
    uint32_t crc;
    char *text = malloc(n + 64);
    if (!text) return 0;
    memcpy(text, bytes, n);
    text[n] = '\0';
    (void)!dcl_card_read(text, n, &arena, &card, &size, &crc, &error);
    int tail = snprintf(text + n, 64, ",\n  \"card_crc32\": \"%08x\"\n}\n", dcl_crc32_of(bytes, n));
    if (dcl_card_read(text, n + (size_t)tail, &arena, &card, &size, &crc, &error) == DCL_OK) {
        dcl_text again = {0};
        dcl_card_write(&again, &card, size, crc);
        dcl_card second;
        if (dcl_card_read(again.at, again.n, &arena, &second, &size, &crc, &error) != DCL_OK) abort();
        dcl_text_free(&again);
    }
    free(text);
    dcl_arena_free(&arena);
    return 0;
}
