/* The list of --devices: which part of which input is a device of which type. */
#ifndef DCL_CLI_DEVICE_LIST_H
#define DCL_CLI_DEVICE_LIST_H

#include "cli/cli.h"

/** input: the file's name; part: a plug or a name under truth/; type: as a person calls it. */
typedef struct listed_device {
    char input[256], part[64], type[64];
    int64_t line;
} listed_device;

typedef struct device_list {
    const char *path;
    listed_device *device; /* [n], in the session's arena */
    size_t n;
} device_list;

/** Reads the list, `input,device,type` with such a header. False after saying what is wrong, with the line. */
dcl_status read_device_list(session *cli, const char *path, device_list *out);
/** Whether a path is the input that a line names. */
bool is_listed_input(const listed_device *device, const char *path);

#endif
