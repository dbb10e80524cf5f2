/* Where the homes of a nightly run are. */
#ifndef DCL_CLI_RETRAIN_H
#define DCL_CLI_RETRAIN_H

#include <declic/nightly.h>

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

/** What people say of a home, beside it in --data: KEY.plugs, a folder with a file a plug; KEY.names.csv, cycles and what they were. */
#define RETRAIN_PLUGS ".plugs"
#define RETRAIN_NAMES ".names.csv"

/**
 * Reads a home with its parts, those of its plugs in place of its own where there are any, for readings every period_us (0 = its own),
 * and the names that its cycles were given; in the session's arena. Errors: those of reading.
 */
dcl_status read_house(session *cli, const retrain_place *place, dcl_nightly_kind kind, int64_t period_us,
                      dcl_home *out, dcl_night_label **labels, size_t *n_labels);

/** Lists the homes under --data, in the order of their names; in the session's arena, the list malloc'd. */
dcl_status find_places(session *cli, retrain_places *out);
/** The place of a model; NULL = none. */
const retrain_place *place_of(const retrain_places *places, const char *model);
/** Whether a model's name is that of a place: forecast-KEY-HORIZON, with or without what is beside KEY; gateway-KEY, appliances-KEY, names-KEY. */
bool is_called(const char *model, const char *key, const char *horizon);

#endif
