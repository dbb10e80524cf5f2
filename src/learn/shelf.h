/* What the files of the shelf share. */
#ifndef DCL_LEARN_SHELF_H
#define DCL_LEARN_SHELF_H

#include <declic/learn_shelf.h>

#include "base/status.h"
#include "base/text.h"

enum { DCL_SHELF_PATH = 4096 };

struct dcl_shelf {
    char *path;
};

/** A path below the shelf; `more` may be NULL.   Errors: DCL_E_ARG no name for a model; DCL_E_IO too long. */
dcl_status dcl_shelf_path(const dcl_shelf *shelf, const char *name, const char *more,
                          char path[DCL_SHELF_PATH], dcl_error *error) DCL_MUST_USE;
/** The number of a version's folder ("000012"), 0 for any other name. */
uint32_t dcl_shelf_number(const char *folder);
void dcl_shelf_folder(uint32_t number, char folder[16]);
/** Numbers of the versions of a model, oldest first; in the arena. */
dcl_status dcl_shelf_numbers(const dcl_shelf *shelf, const char *name, dcl_arena *arena, uint32_t **out,
                             size_t *n, dcl_error *error) DCL_MUST_USE;
/** The number in `current`: 0 where there is none, DCL_SHELF_NUMBERS + 1 where it is damaged.   Errors: DCL_E_IO. */
dcl_status dcl_shelf_current(const dcl_shelf *shelf, const char *name, uint32_t *number,
                             dcl_error *error) DCL_MUST_USE;
/** Reads one version and verifies all of it. bytes may be NULL. */
dcl_status dcl_shelf_verify(const dcl_shelf *shelf, const char *name, uint32_t number, dcl_arena *arena,
                            dcl_shelf_version *out, const char **bytes, dcl_error *error) DCL_MUST_USE;

/** What a card says of its version as keys of the open object, kind to parent; known  false = there is no card. */
void dcl_card_put(dcl_json_writer *json, const dcl_card *card, bool known);
/** Its lists: features, metrics, made_by, files. */
void dcl_card_put_lists(dcl_json_writer *json, const dcl_card *card);
/** Whether a file beside a model may be called so. */
bool dcl_card_file_valid(const char *name);
/** The text of a card for a model of n bytes. */
void dcl_card_write(dcl_text *text, const dcl_card *card, uint64_t bytes, uint32_t crc);
/** Reads it, after its own checksum; what it points to is in the arena. Errors: DCL_E_FORMAT, DCL_E_UNSUPPORTED, DCL_E_MEMORY. */
dcl_status dcl_card_read(const char *text, size_t n, dcl_arena *arena, dcl_card *out, uint64_t *bytes,
                         uint32_t *crc, dcl_error *error) DCL_MUST_USE;

#endif
