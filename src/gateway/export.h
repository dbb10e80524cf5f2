/* What the forms share: files in a folder, blobs as C. */
#ifndef DCL_GATEWAY_EXPORT_H
#define DCL_GATEWAY_EXPORT_H

#include "base/text.h"
#include "gateway/model.h"

/** Makes a folder where there is none; the one above it must be there. Errors: DCL_E_IO, DCL_E_NOT_FOUND. */
dcl_status dcl_export_folder(const char *path, dcl_error *error) DCL_MUST_USE;
/** Writes folder/name; folders in `name` are made. Releases the text. */
dcl_status dcl_export_text(const char *folder, const char *name, dcl_text *text,
                           dcl_error *error) DCL_MUST_USE;
dcl_status dcl_export_bytes(const char *folder, const char *name, const void *bytes, size_t n,
                            dcl_error *error) DCL_MUST_USE;

/** `const uint16_t NAME[N] = {…};` */
void dcl_export_words(dcl_text *to, const char *qualifiers, const char *name, const dcl_gateway_blob *blob);

/** declic_model.c and declic_model.h. */
dcl_status dcl_export_c(const dcl_gateway_model *model, const char *folder, dcl_error *error) DCL_MUST_USE;
/** The component. */
dcl_status dcl_export_component(const dcl_gateway_model *model, const char *folder,
                                dcl_error *error) DCL_MUST_USE;

/** A file of the gateway's code as it is in this repository: "include/declic/mcu.h", "src/mcu/tic.c". */
typedef struct dcl_component_file {
    const char *name;
    const char *bytes, *end;
} dcl_component_file;
/** All of them; a name of NULL ends the list. */
extern const dcl_component_file dcl_component_files[];

#endif
