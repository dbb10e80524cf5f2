/* Where the homes of a nightly run are. */
#ifndef DCL_CLI_RETRAIN_H
#define DCL_CLI_RETRAIN_H

#include "cli/forecast.h"

/**
 * A home, or a panel of them, in the folder of --data.
 * key    what its model is called, forecast- and the horizon aside; characters that no model's name may hold are _
 * path   file or folder; id  the home in a store of several, else NULL
 * alias  another name of a place that is listed as well
 */
typedef struct retrain_place {
    char *key, *path, *id;
    bool alias;
} retrain_place;

typedef struct retrain_places {
    retrain_place *at;
    size_t n, room;
    size_t passed; /* over: an address in a name, and no key to hide it */
} retrain_places;

/** Lists the homes under --data, in the order of their names; in the session's arena, the list malloc'd. */
dcl_status find_places(session *cli, retrain_places *out);
/** The place of a model; NULL = none. */
const retrain_place *place_of(const retrain_places *places, const char *model);
/** Whether a model's name is that of a place: forecast-KEY-HORIZON, with or without what is beside KEY. */
bool is_called(const char *model, const char *key, const char *horizon);

#endif
