#include "report/words.h"

/* Both languages side by side: a sentence cannot be added in one alone. */
static const char *const words[WORD_COUNT][2] = {
#define X(id, en, fr) [W_##id] = {[DCL_LANG_FR] = fr, [DCL_LANG_EN] = en},
#include "report/words.inc"
#undef X
};

const char *dcl_word_text(dcl_lang lang, dcl_word word) {
    return words[word][lang == DCL_LANG_EN ? DCL_LANG_EN : DCL_LANG_FR];
}
