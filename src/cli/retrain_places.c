/* The homes under --data, and which of them a model on the shelf is of. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/status.h"
#include "cli/retrain.h"

#include <declic/learn_shelf.h>

/* What may stand before a home's name; the first is that of models that are made here. */
static const char *const prefixes[] = {"forecast-", "gateway-", "appliances-", "names-"};
enum { KEY = DCL_SHELF_NAME - 10 - 7 }; /* room for the first of them before it and a horizon behind */

/* The alias of the address in a name; "" without a key. */
static char *alias_of(session *cli, const char *address, size_t n) {
    char identity[32], alias[DCL_ALIAS_BYTES];
    if (!cli->alias_key) return dcl_arena_strdup(&cli->arena, "");
    (void)snprintf(identity, sizeof identity, "%.*s", (int)n, address);
    dcl_alias_make(&cli->key, identity, alias);
    return dcl_arena_strdup(&cli->arena, alias);
}

/* What a home is called on a shelf: of a file the name without what is behind its first point. Where that has a meter's address in
 * it, the address's alias: the same as of an input that has the address inside. */
static char *key_of(session *cli, const char *name, bool is_file) {
    size_t digits;
    const char *address = dcl_address_in(name, &digits);
    if (address) return alias_of(cli, address, digits);
    size_t n = is_file ? strcspn(name, ".") : strlen(name);
    char key[KEY + 1];
    if (n > KEY) n = KEY;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name[i];
        key[i] = (char)(c < 128 && (isalnum(c) || c == '_' || c == '-' || (c == '.' && i)) ? c : '_');
    }
    key[n] = 0;
    return dcl_arena_strdup(&cli->arena, key);
}

static dcl_status add_place(session *cli, retrain_places *all, char *key, char *path, char *id, bool alias) {
    if (!key || !path || dcl_grow(&all->at, &all->room, all->n + 1, sizeof *all->at))
        return dcl_fail_memory(&cli->error, "the homes");
    if (!*key && all->passed++ == 0)
        say(cli, "declic: names under --data have a meter's address in them: passed over; --alias-key gives "
                 "aliases\n");
    if (*key) all->at[all->n++] = (retrain_place){key, path, id, alias};
    return DCL_OK;
}

/* A file or folder: one home, the homes of a store, or a panel. */
static dcl_status add_entry(session *cli, retrain_places *all, const char *name) {
    struct stat info;
    char **ids, whole[4096];
    size_t n = 0;
    (void)snprintf(whole, sizeof whole, "%s/%s", cli->data, name);
    if (stat(whole, &info) != 0) return DCL_OK; /* gone since it was listed */
    bool is_file = S_ISREG(info.st_mode);
    char *path = dcl_arena_strdup(&cli->arena, whole), *key = key_of(cli, name, is_file);
    if (!is_file || dcl_panel_is(whole) || dcl_store_list(whole, &cli->arena, &ids, &n, NULL) != DCL_OK)
        n = 0;
    dcl_status status = n > 1 ? DCL_OK : add_place(cli, all, key, path, NULL, false);
    for (size_t i = 0; !status && i < n; i++)
        status = add_place(cli, all, key_of(cli, ids[i], false), path, n > 1 ? ids[i] : NULL, n == 1);
    return status;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *end) {
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

dcl_status find_places(session *cli, retrain_places *out) {
    char **name = NULL;
    size_t n = 0, room = 0;
    *out = (retrain_places){0};
    DIR *folder = opendir(cli->data);
    if (!folder)
        return dcl_fail_file(&cli->error, errno == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, cli->data,
                             "cannot be listed: %s", strerror(errno));
    dcl_status status = DCL_OK;
    for (struct dirent *entry; !status && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || ends_in(entry->d_name, RETRAIN_PLUGS) ||
            ends_in(entry->d_name, RETRAIN_NAMES))
            continue;
        if (dcl_grow(&name, &room, n + 1, sizeof *name) ||
            !(name[n] = dcl_arena_strdup(&cli->arena, entry->d_name)))
            status = dcl_fail_memory(&cli->error, "the homes");
        n += !status;
    }
    closedir(folder);
    if (n) qsort(name, n, sizeof *name, by_name);
    for (size_t i = 0; !status && i < n; i++) status = add_entry(cli, out, name[i]);
    free(name);
    return status;
}

static bool is_key(const char *model, const char *key, const char *horizon) {
    size_t n = strlen(key);
    if (strncmp(model, key, n) != 0) return false;
    if (!model[n]) return !horizon || strcmp(horizon, "day") == 0;
    if (model[n] != '-') return false;
    return horizon ? strcmp(model + n + 1, horizon) == 0
                   : dcl_horizon_find(model + n + 1) != DCL_HORIZON_COUNT;
}

bool is_called(const char *model, const char *key, const char *horizon) {
    if (is_key(model, key, horizon)) return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t before = strlen(prefixes[i]);
        if (strncmp(model, prefixes[i], before) != 0) continue;
        return !(i && horizon) && is_key(model + before, key, horizon); /* the others are no forecasts */
    }
    return false;
}

const retrain_place *place_of(const retrain_places *places, const char *model) {
    for (size_t i = 0; i < places->n; i++)
        if (is_called(model, places->at[i].key, NULL)) return &places->at[i];
    return NULL;
}
