/**
 * Learn: the shelf of models. Versions are kept side by side, one of them is current, and nothing on a shelf is ever edited.
 *
 *     SHELF/<model>/000001/model        the bytes of the model
 *                          card.json    what it is (dcl_card), the model's checksum, and a checksum of the card itself
 *                          <file>       forms of the model that others take from here, a gateway's blobs say (dcl_card_file)
 *     SHELF/<model>/current             the number of the version that serves
 *
 * A version is made in a folder of its own under a name that begins with a point, synced, then renamed; `current` changes by
 * one rename; a version that is removed is renamed first. So whenever a run is killed or the disk fills up, each version is
 * there whole or not at all, and the next run that writes removes what is left over. Whoever reads needs no right to write.
 */
#ifndef DECLIC_LEARN_SHELF_H
#define DECLIC_LEARN_SHELF_H

#include <declic/base.h>

/** The largest model, 1 GiB; the longest name of a model (a-z A-Z 0-9 _ . -, beginning with none of the last two). */
#define DCL_SHELF_LARGEST ((size_t)1 << 30)
enum { DCL_SHELF_NAME = 64, DCL_SHELF_NUMBERS = 999999 };

/** A feature in the model's order, with its unit; a figure that the model reached, in the unit its name says. */
typedef struct dcl_card_feature {
    const char *name, *unit;
} dcl_card_feature;
typedef struct dcl_card_metric {
    const char *name;
    double value; /* NaN = not known */
} dcl_card_metric;
/** A program or library that made the model ("declic", "0.1.0"). */
typedef struct dcl_card_version {
    const char *name, *version;
} dcl_card_version;

/**
 * A file beside the model, part of the version: it is whole, or the version is damaged.
 * name     up to 32 of a-z A-Z 0-9 _ . -, the first none of the last two; not model, not card.json
 * content  [bytes] to add; of a version that was read NULL: the file is read where it lies
 * crc      CRC-32; of what is added it is computed
 */
typedef struct dcl_card_file {
    const char *name;
    const void *content;
    uint64_t bytes;
    uint32_t crc;
} dcl_card_file;
enum { DCL_CARD_FILES = 16 };

/**
 * What a version is. Texts are UTF-8; NULL is "".
 * kind             "forecast", "appliances" …
 * why              why it was made, kept or promoted, in words
 * made_us          when
 * from_us, to_us   span of the data that it learned from; equal = not known
 * seed             of its training
 * parent           the version it was to replace; 0 = none
 */
typedef struct dcl_card {
    const char *kind, *why;
    int64_t made_us, from_us, to_us;
    uint64_t seed;
    uint32_t parent;
    const dcl_card_feature *feature;
    const dcl_card_metric *metric;
    const dcl_card_version *version;
    const dcl_card_file *file;
    size_t n_features, n_metrics, n_versions, n_files;
} dcl_card;

/**
 * A version on the shelf.
 * number       from 1
 * status       DCL_OK: whole, all of it verified; else why it is not, and `said` says it. A damaged version has no card
 * bytes, crc   of the model; CRC-32 as in gzip
 */
typedef struct dcl_shelf_version {
    uint32_t number, crc;
    dcl_status status;
    const char *said;
    uint64_t bytes;
    dcl_card card;
} dcl_shelf_version;

/** An open shelf; opaque. */
typedef struct dcl_shelf dcl_shelf;

/**
 * Opens a shelf, a folder.
 * create  make the folder where there is none (not its parents)
 *
 * Errors:  DCL_E_NOT_FOUND no such folder; DCL_E_IO it cannot be made or is no folder; DCL_E_MEMORY.
 * Threads: any number may read; those that write take turns among themselves. Processes wait for each other.
 */
dcl_status dcl_shelf_open(const char *path, bool create, dcl_shelf **out, dcl_error *error) DCL_MUST_USE;
/** Releases and nulls. NULL is fine. */
void dcl_shelf_close(dcl_shelf **shelf);

/** True where a model may be called so. */
bool dcl_shelf_name_valid(const char *name);

/** The models on the shelf, in the order of their names; in the arena.   Errors: DCL_E_IO, DCL_E_MEMORY. */
dcl_status dcl_shelf_names(dcl_shelf *shelf, dcl_arena *arena, char ***names, size_t *n,
                           dcl_error *error) DCL_MUST_USE;

/**
 * All versions of a model, oldest first, each verified; in the arena.
 * current  the number that serves; 0 = none is chosen, or what chooses is damaged
 *
 * Errors:  DCL_E_ARG no name for a model; DCL_E_NOT_FOUND no such model; DCL_E_IO; DCL_E_MEMORY.
 * Cost:    reads every model whole.
 */
dcl_status dcl_shelf_list(dcl_shelf *shelf, const char *name, dcl_arena *arena, dcl_shelf_version **versions,
                          size_t *n, uint32_t *current, dcl_error *error) DCL_MUST_USE;

/**
 * What dcl_shelf_read() found.
 * bytes [n]    of the model, in the arena, a 0 behind them
 * instead_of   0 = it is the version that was asked for; else the current one that is damaged, DCL_SHELF_NUMBERS + 1 where
 *              what chooses it is
 */
typedef struct dcl_shelf_model {
    const char *bytes;
    size_t n;
    uint32_t instead_of;
    dcl_shelf_version version;
} dcl_shelf_model;

/**
 * Reads a version and verifies it.
 * number  0 = the current one. Where that is damaged the newest whole one before it serves, else the oldest behind it
 *
 * Errors:  DCL_E_ARG no name for a model; DCL_E_NOT_FOUND no such model or version, or none is chosen; DCL_E_FORMAT damaged,
 *          and no other is whole; DCL_E_UNSUPPORTED its card is of a newer declic; DCL_E_IO; DCL_E_MEMORY.
 */
dcl_status dcl_shelf_read(dcl_shelf *shelf, const char *name, uint32_t number, dcl_arena *arena,
                          dcl_shelf_model *out, dcl_error *error) DCL_MUST_USE;

/**
 * Adds a version.
 *
 * name          made where it is new
 * bytes [n]     1 … DCL_SHELF_LARGEST of them
 * card          with the files that stand beside, at most DCL_CARD_FILES
 * make_current  let it serve, after reading all of it back. Where the newest version is this model with this card, but for when it was made,
 *               and does not serve, it is that one, and none is added: a run was killed before it could choose it
 * number        the version's, else one more than the highest; may be NULL
 *
 * Errors:  DCL_E_ARG no name for a model or for a file, a size out of its range; DCL_E_FORMAT what was written is not what is read
 *          back: it does not serve; DCL_E_IO what the file system says (nothing is added then,
 *          or added and not current where the message says so); DCL_E_MEMORY.
 */
dcl_status dcl_shelf_add(dcl_shelf *shelf, const char *name, const void *bytes, size_t n,
                         const dcl_card *card, bool make_current, uint32_t *number,
                         dcl_error *error) DCL_MUST_USE;

/** Lets a version serve, after verifying it: promotion and rollback.   Errors: as dcl_shelf_read(), DCL_E_IO. */
dcl_status dcl_shelf_choose(dcl_shelf *shelf, const char *name, uint32_t number,
                            dcl_error *error) DCL_MUST_USE;

/**
 * Removes old versions: all but the `keep` newest ones, the current one and its parent. Where none is current, none is removed.
 *
 * removed  numbers, in the arena, oldest first
 * dry_run  tell, remove nothing
 *
 * Errors:  as dcl_shelf_list(). What was removed until an error is in `removed`.
 */
dcl_status dcl_shelf_prune(dcl_shelf *shelf, const char *name, uint32_t keep, bool dry_run, dcl_arena *arena,
                           uint32_t **removed, size_t *n, dcl_error *error) DCL_MUST_USE;

#endif
