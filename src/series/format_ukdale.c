/*
 * UK-DALE (Kelly and Knottenbelt) and REDD (Kolter and Johnson): a folder a home, `channel_N.dat` with
 * `unix_time watts` a line, and `labels.dat` with `N label` a line. The labels are known when their file comes,
 * which in a folder is after the channels and in an archive anywhere. So a channel's device ends in its number,
 * `channel_12`, and the label only changes what stands before it, `fridge_12`: whichever comes first makes
 * the track, the other finds it by the number. Channels labelled `aggregate` or `mains` (REDD has two, one a
 * leg of the supply) are the meter and add up; without labels that is channel 1.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "series/format.h"

static const char *file_of(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* "house_1/channel_12.dat" → 12; -1 for any other name. */
static int channel_of(const char *name) {
    const char *at = file_of(name);
    if (strncmp(at, "channel_", 8) != 0) return -1;
    at += 8;
    int number = dcl_digits(&at, 4);
    return strncmp(at, ".dat", 4) == 0 ? number : -1;
}

static bool is_labels(const char *name) {
    return strncmp(file_of(name), "labels.dat", 10) == 0;
}

/* `number blank number` (a channel) or `number blank word` (a label) begins the file. */
static int detect(const char *name, const char *head, size_t n) {
    (void)n;
    bool labels = is_labels(name);
    if (!labels && channel_of(name) < 0) return 0;
    size_t first = strspn(head, "0123456789."), blank = strspn(head + first, " \t");
    return first && blank && strcspn(head + first + blank, " \t\r\n") ? 92 : 0;
}

/* The track of a channel, whatever stands before its number; labelled `label` when that is given. */
static dcl_status find_track(dcl_collect *collect, int number, const char *label, size_t *track,
                             dcl_error *error) {
    char ending[8], device[32];
    snprintf(ending, sizeof ending, "_%d", number);
    size_t at = 0, n = strlen(ending);
    for (; at < collect->n_tracks; at++) {
        size_t length = strlen(collect->tracks[at].device);
        if (length > n && strcmp(collect->tracks[at].device + length - n, ending) == 0) break;
    }
    snprintf(device, sizeof device, "%.20s%s", label ? label : "channel", ending);
    *track = at;
    if (at == collect->n_tracks) {
        dcl_status status = dcl_collect_track(collect, device, DCL_POWER_W, track, error);
        if (status) return status;
        collect->tracks[*track].is_mains = number == 1;
    }
    dcl_track *found = &collect->tracks[*track];
    if (label) {
        memcpy(found->device, device, sizeof found->device);
        found->is_mains = strcmp(label, "aggregate") == 0 || strcmp(label, "mains") == 0;
    }
    return DCL_OK;
}

static dcl_status read_label(dcl_collect *collect, char *line, dcl_error *error) {
    const char *at = line;
    int number = dcl_digits(&at, 4);
    at += strspn(at, " \t");
    char *label = line + (at - line), *end = label + strcspn(label, " \t");
    size_t track;
    if (number < 0 || at == line || !*label)
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected a number and a label", error);
    *end = '\0';
    for (char *c = label; *c; c++)
        if (*c == '/') *c = '_'; /* a store names a group by it */
    return find_track(collect, number, label, &track, error);
}

static dcl_status read_sample(dcl_collect *collect, size_t track, char *line, dcl_error *error) {
    char *end = line + strcspn(line, " \t"), *value = end + strspn(end, " \t");
    double seconds, watts = NAN;
    dcl_field time = {line, (size_t)(end - line)}, power = {value, strcspn(value, " \t")};
    if (power.n && !value[power.n]) *end = '\0';
    bool read = !*end && power.n && dcl_field_number(time, &seconds) && fabs(seconds) < 1e11;
    if (!read || (!dcl_field_is(power, "nan") && !dcl_field_number(power, &watts)))
        return dcl_collect_exclude(collect, DCL_EXCLUDED_BAD_ROW, "expected Unix seconds and watts", error);
    return dcl_collect_add(collect, track, (int64_t)llround(seconds * 1e6), DCL_SPAN_SAMPLE, watts, error);
}

/* The folder that a file lies in is the home; two of them are two homes. */
static dcl_status check_home(dcl_collect *collect, const char *name, dcl_error *error) {
    const char *end = file_of(name);
    if (end > name) end--;
    const char *start = end;
    while (start > name && start[-1] != '/') start--;
    char folder[sizeof collect->delivery_point];
    snprintf(folder, sizeof folder, "%.*s", (int)(end - start), start);
    if (!*folder || dcl_collect_same_home(collect, folder)) return DCL_OK;
    return dcl_fail(error, DCL_E_ARG, "a second home (%s beside %s): one folder at a time is read", folder,
                    collect->delivery_point);
}

/* --only and --without name channels (channel_12): labels may not be known yet. */
static bool is_wanted(const dcl_collect *collect, int number) {
    char name[16];
    snprintf(name, sizeof name, "channel_%d", number);
    return dcl_collect_wants(collect, name);
}

static dcl_status read_file(dcl_collect *collect, dcl_input *input, dcl_error *error) {
    int number = channel_of(input->name);
    bool labels = is_labels(input->name);
    size_t track = 0;
    if (number < 0 && !labels)
        return dcl_fail(error, DCL_E_FORMAT, "expected a file named channel_N.dat or labels.dat");
    dcl_status status = check_home(collect, input->name, error);
    if (!status && !labels) {
        if (!is_wanted(collect, number)) return DCL_OK;
        status = find_track(collect, number, NULL, &track, error);
    }
    char *line;
    while (dcl_input_row(input, &line, &status, error)) {
        status = labels ? read_label(collect, line, error) : read_sample(collect, track, line, error);
    }
    return status;
}

const dcl_format dcl_format_ukdale = {"ukdale", "UK-DALE and REDD: channel_N.dat and labels.dat of a home",
                                      detect, read_file};
