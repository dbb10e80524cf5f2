/* A run on a shelf: its options, its folder and its lock. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightly/nightly.h"

static const struct {
    const char *name, *text;
} dids[] = {
#define DCL_X(id, name, text) {name, text},
    DCL_NIGHT_TABLE(DCL_X)
#undef DCL_X
};

const char *dcl_night_did_name(dcl_night_did did) {
    return (unsigned)did < DCL_NIGHT_COUNT ? dids[did].name : "unknown";
}
const char *dcl_night_did_text(dcl_night_did did) {
    return (unsigned)did < DCL_NIGHT_COUNT ? dids[did].text : "unknown";
}

dcl_nightly_options dcl_nightly_defaults(void) {
    dcl_nightly_options options = {.test_days = 7,
                                   .least_days = 5,
                                   .margin = 0.02,
                                   .calibration = 0.12,
                                   .large_miss = 4,
                                   .miss_weight = 2,
                                   .drift_half_life = 21,
                                   .learn = dcl_forecast_learn_defaults()};
    options.learn.rows = 60000;
    return options;
}

/* The lock of the process on a file of its own: it goes with the process, however that ends. */
static dcl_status take_lock(dcl_nightly *run, dcl_error *error) {
    char path[NIGHTLY_PATH + 8];
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (mkdir(run->folder, 0777) != 0 && errno != EEXIST)
        return dcl_fail_file(error, DCL_E_IO, run->folder, "cannot make the folder: %s", strerror(errno));
    (void)snprintf(path, sizeof path, "%s/.lock", run->folder);
    run->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (run->lock < 0) return dcl_fail_file(error, DCL_E_IO, path, "cannot be opened: %s", strerror(errno));
    if (fcntl(run->lock, F_SETLK, &whole) == 0) return DCL_OK;
    if (errno == EACCES || errno == EAGAIN)
        return dcl_fail_file(error, DCL_E_IO, run->folder, "another run works on this shelf");
    return dcl_fail_file(error, DCL_E_IO, path, "cannot be locked: %s", strerror(errno));
}

/* What killed runs left half written: nobody else writes here under the lock. What stays is not in the way. */
static void clean(const dcl_nightly *run) {
    DIR *folder = opendir(run->folder);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end && (strcmp(end + 1, "part") == 0 || strcmp(end + 1, NIGHTLY_CHALLENGER) == 0))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    closedir(folder);
}

dcl_status dcl_nightly_open(dcl_shelf *shelf, const char *path, const dcl_nightly_options *options,
                            dcl_nightly **out, dcl_error *error) {
    *out = NULL;
    if (options->test_days < 1 || options->least_days < 1 || options->least_days > options->test_days ||
        !(options->margin >= 0 && options->margin < 1) || !(options->large_miss > 0))
        return dcl_fail(error, DCL_E_ARG, "an option of the nightly run is out of its range");
    dcl_nightly *run = malloc(sizeof *run);
    if (!run) return dcl_fail_memory(error, "a nightly run");
    *run = (dcl_nightly){.shelf = shelf, .options = *options, .lock = -1};
    int n = snprintf(run->folder, sizeof run->folder, "%s/" NIGHTLY_FOLDER, path);
    dcl_status status = DCL_OK;
    if (n < 0 || n > NIGHTLY_PATH - DCL_SHELF_NAME - 32)
        status = dcl_fail_file(error, DCL_E_ARG, path, "the path is too long");
    if (!status && !options->dry_run) status = take_lock(run, error);
    if (!status && !options->dry_run) clean(run);
    if (status)
        dcl_nightly_close(&run);
    else
        *out = run;
    return status;
}

void dcl_nightly_close(dcl_nightly **run) {
    if (!*run) return;
    if ((*run)->lock >= 0) close((*run)->lock);
    free(*run);
    *run = NULL;
}
