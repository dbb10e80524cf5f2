/* Plugs beside a meter, in words: what was found of their clocks, why one is refused, and what they bring. */
#ifndef DCL_CLI_PLUG_WORDS_H
#define DCL_CLI_PLUG_WORDS_H

#include <declic/appliance_plugs.h>

#include "base/text.h"

/* A plug as given and as found. */
typedef struct worn {
    char name[DCL_POWER_NAME];
    const char *path;
    dcl_home home;
    dcl_plug_fit fit;
    bool joined;
} worn;

/** A line of a plug that fits: its clock, its steps, and a rival clock where there is one. */
void put_fit(dcl_text *text, const worn *plug);
/** Why the clock of a plug cannot be told; what stays unknown is said, never guessed. */
void put_untold(dcl_text *text, const dcl_plug_fit *fit);
/** Why a plug is refused. */
void put_refusal(dcl_text *text, const dcl_home *meter, const worn *plug);

/** What the plugs bring, as a table or as the value of a key. */
void put_gain(dcl_text *text, const dcl_plug_gains *gains);
void put_gain_json(dcl_json_writer *json, const dcl_plug_gains *gains);
void put_plugs_json(dcl_json_writer *json, const worn *plug, size_t n);

#endif
