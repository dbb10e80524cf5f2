/* Models that name appliances: learning their views, and their file. */
#include "base/status.h"
#include "learn/grove.h"
#include "learn/svm.h"
#include <declic/appliance_types.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char model_kind[] = "appliances";

dcl_identifier_options dcl_identifier_defaults(void) {
    return (dcl_identifier_options){.svm = dcl_svm_defaults(), .least = 0.6, .except = DCL_NEEDS_HOUR};
}

/* ---------------------------------------------------------------- learning */

static dcl_status check_labels(const char *const *label, uint32_t classes, dcl_error *error) {
    for (uint32_t k = 0; k < classes; k++) {
        size_t n = strlen(label[k]);
        if (n < 1 || n >= DCL_LABEL_ROOM)
            return dcl_fail(error, DCL_E_ARG, "a label has 1 to %d bytes: '%.40s'", DCL_LABEL_ROOM - 1,
                            label[k]);
        for (uint32_t j = 0; j < k; j++) {
            if (strcmp(label[j], label[k]) == 0)
                return dcl_fail(error, DCL_E_ARG, "two labels are '%s'", label[k]);
        }
    }
    return DCL_OK;
}

/* Whether half of the examples know a number. */
static bool known(const dcl_examples *examples, size_t number) {
    size_t n = 0, width = dcl_signature_count(examples->kind);
    for (size_t i = 0; i < examples->n; i++) n += isnan(examples->x[i * width + number]) ? 0 : 1;
    return examples->n > 0 && 2 * n >= examples->n;
}

/* The numbers of a view that may use `needs`; how many of them need more than the view without the last need. */
static uint32_t choose_features(const dcl_examples *examples, uint32_t needs, uint32_t more,
                                uint32_t *feature, uint32_t *extra) {
    uint32_t n = 0;
    *extra = 0;
    for (size_t i = 0; i < dcl_signature_count(examples->kind) && n < DCL_SVM_FEATURES; i++) {
        uint32_t need = dcl_signature_needs(examples->kind, i);
        if (need & ~needs || !known(examples, i)) continue;
        feature[n++] = (uint32_t)i;
        *extra += (need & more) != 0;
    }
    return n;
}

static dcl_status learn_grove(const dcl_context *context, const dcl_rows *rows, uint32_t trees,
                              dcl_view *view, dcl_arena *arena, dcl_error *error) {
    dcl_grove_options options = dcl_grove_defaults();
    dcl_grove *grove = dcl_arena_alloc(arena, 1, sizeof *grove);
    if (!grove) return dcl_fail_memory(error, "a view");
    options.trees = trees;
    view->grove = grove;
    return dcl_grove_learn(context, rows, &options, arena, grove, error);
}

static dcl_status learn_view(const dcl_context *context, const dcl_examples *examples, uint32_t classes,
                             const dcl_svm_options *options, bool own, dcl_view *view, dcl_arena *arena,
                             dcl_error *error) {
    size_t width = dcl_signature_count(examples->kind), features = view->svm.features;
    float *x = malloc((examples->n * features + 1) * sizeof *x);
    if (!x) return dcl_fail_memory(error, "the examples of a view");
    for (size_t i = 0; i < examples->n; i++) {
        for (size_t f = 0; f < features; f++) x[i * features + f] = examples->x[i * width + view->feature[f]];
    }
    dcl_rows rows = {x, examples->label, examples->group, examples->n, features, classes};
    dcl_status status = dcl_svm_learn(context, &rows, options, arena, &view->svm, NULL, error);
    if (!status && own && examples->trees)
        status = learn_grove(context, &rows, examples->trees, view, arena, error);
    free(x);
    return status;
}

/* One view: the numbers whose needs are among `needs`, where `more` of these adds one. */
static dcl_status add_view(const dcl_context *context, const dcl_examples *examples, uint32_t needs,
                           uint32_t more, const dcl_identifier_options *options, dcl_arena *arena,
                           dcl_identifier *model, dcl_view *view, dcl_error *error) {
    uint32_t extra, *feature = dcl_arena_alloc(arena, DCL_SVM_FEATURES, sizeof *feature);
    if (!feature) return dcl_fail_memory(error, "a view");
    uint32_t n = choose_features(examples, needs & ~options->except, more, feature, &extra);
    if (!n || (more && !extra)) return DCL_OK;
    if (model->n_views == DCL_IDENTIFIER_VIEWS)
        return dcl_fail(error, DCL_E_ARG, "too many kinds of examples");
    dcl_view *to = &view[model->n_views];
    *to = (dcl_view){.kind = examples->kind, .feature = feature, .svm = {.features = n}};
    for (uint32_t f = 0; f < n; f++) to->needs |= dcl_signature_needs(examples->kind, feature[f]);
    bool own = (needs & DCL_NEEDS_OWN) != 0;
    dcl_status status = learn_view(context, examples, model->classes, &options->svm, own, to, arena, error);
    model->n_views += status == DCL_OK;
    return status;
}

/* Whether examples know, and views may use, a number that needs the load's own meter. */
static bool has_own(const dcl_examples *examples, const dcl_identifier_options *options) {
    for (size_t i = 0; i < dcl_signature_count(examples->kind); i++) {
        uint32_t need = dcl_signature_needs(examples->kind, i);
        if (need & DCL_NEEDS_OWN && !(need & options->except) && known(examples, i)) return true;
    }
    return false;
}

/* Views of one kind: active power, then apparent, then reactive power as well, where that adds a number; first for
 * loads on a meter of their own, then for what was cut out of the mains. */
static dcl_status learn_kind(const dcl_context *context, const dcl_examples *examples,
                             const dcl_identifier_options *options, dcl_arena *arena, dcl_identifier *model,
                             dcl_view *view, dcl_error *error) {
    static const uint32_t steps[] = {0, DCL_NEEDS_VA, DCL_NEEDS_VAR};
    dcl_status status = DCL_OK;
    for (int own = has_own(examples, options); own >= 0 && !status; own--) {
        uint32_t needs = DCL_NEEDS_HOUR | DCL_NEEDS_FAST | (own ? DCL_NEEDS_OWN : 0);
        for (size_t s = 0; s < 3 && !status; s++) {
            needs |= steps[s];
            status = add_view(context, examples, needs, steps[s], options, arena, model, view, error);
        }
    }
    return status;
}

dcl_status dcl_identifier_learn(const dcl_context *context, const char *const *label, uint32_t classes,
                                const dcl_examples *examples, size_t n_examples,
                                const dcl_identifier_options *options, dcl_arena *arena, dcl_identifier *out,
                                dcl_error *error) {
    dcl_status status = check_labels(label, classes, error);
    if (!status && !(options->least >= 0 && options->least <= 1))
        status = dcl_fail(error, DCL_E_ARG, "the least confidence is 0 to 1");
    if (status) return status;
    char(*names)[DCL_LABEL_ROOM] = dcl_arena_alloc(arena, classes, sizeof *names);
    uint32_t *devices = dcl_arena_alloc(arena, classes, sizeof *devices);
    dcl_view *view = dcl_arena_alloc(arena, DCL_IDENTIFIER_VIEWS, sizeof *view);
    if (!names || !devices || !view) return dcl_fail_memory(error, "a model");
    *out = (dcl_identifier){(const char(*)[DCL_LABEL_ROOM])names, devices, classes, options->least, view, 0};
    for (size_t i = 0; i < n_examples && !status; i++)
        status = learn_kind(context, &examples[i], options, arena, out, view, error);
    if (status) return status;
    if (!out->n_views) return dcl_fail(error, DCL_E_NO_DATA, "no examples to learn from");
    for (uint32_t k = 0; k < classes; k++) {
        snprintf(names[k], DCL_LABEL_ROOM, "%s", label[k]);
        for (size_t v = 0; v < out->n_views; v++)
            devices[k] = view[v].svm.seen[k] > devices[k] ? view[v].svm.seen[k] : devices[k];
    }
    return DCL_OK;
}

/* ---------------------------------------------------------------- the file */

/* Numbers of signatures go by their names, so that a later version may insert some. */
static void put_view(const dcl_view *view, dcl_pack_writer *to) {
    char name[32];
    dcl_pack_put_u32(to, (uint32_t)view->kind);
    dcl_pack_put_u32(to, view->svm.features);
    for (uint32_t f = 0; f < view->svm.features; f++) {
        dcl_signature_name(view->kind, view->feature[f], name);
        dcl_pack_put_text(to, name);
    }
    dcl_svm_put(&view->svm, to);
}

static void put_labels(const dcl_identifier *identifier, dcl_pack_writer *to) {
    dcl_pack_put_u32(to, identifier->classes);
    dcl_pack_put_u32(to, (uint32_t)identifier->n_views);
    dcl_pack_put_f64(to, identifier->least);
    for (uint32_t k = 0; k < identifier->classes; k++) {
        dcl_pack_put_text(to, identifier->label[k]);
        dcl_pack_put_u32(to, identifier->devices[k]);
    }
}

/* The parts of a file: labels; each view, and its forest where it has one. */
enum { PARTS = 1 + 2 * DCL_IDENTIFIER_VIEWS };

dcl_status dcl_identifier_write(const char *path, const dcl_identifier *identifier, dcl_error *error) {
    dcl_pack_writer of[PARTS] = {{0}};
    dcl_pack_part part[PARTS];
    char name[PARTS][32] = {"labels"};
    size_t parts = 1;
    bool failed = false;
    put_labels(identifier, &of[0]);
    for (size_t v = 0; v < identifier->n_views; v++) {
        snprintf(name[parts], sizeof *name, "view.%zu", v + 1);
        put_view(&identifier->view[v], &of[parts++]);
        if (!identifier->view[v].grove) continue;
        snprintf(name[parts], sizeof *name, "trees.%zu", v + 1);
        dcl_grove_put(identifier->view[v].grove, &of[parts++]);
    }
    for (size_t p = 0; p < parts; p++) {
        part[p] = (dcl_pack_part){name[p], of[p].bytes, of[p].n};
        failed = failed || of[p].failed;
    }
    dcl_status status = failed ? dcl_fail_memory(error, "a model's bytes")
                               : dcl_pack_write(path, model_kind, part, parts, error);
    for (size_t p = 0; p < parts; p++) free(of[p].bytes);
    return status;
}

static size_t number_of(dcl_signature_kind kind, const char *name) {
    char text[32];
    size_t i = 0, n = dcl_signature_count(kind);
    while (i < n && (!dcl_signature_name(kind, i, text) || strcmp(text, name) != 0)) i++;
    return i;
}

static dcl_status get_view(dcl_pack_reader *from, uint32_t classes, dcl_arena *arena, dcl_view *view,
                           dcl_error *error) {
    char name[32];
    *view = (dcl_view){.kind = (dcl_signature_kind)dcl_pack_get_u32(from)};
    uint32_t n = dcl_pack_get_u32(from);
    if (n < 1 || n > DCL_SVM_FEATURES || !dcl_signature_count(view->kind))
        return dcl_fail(error, DCL_E_FORMAT, "a view of no signature, or of no number");
    uint32_t *feature = dcl_arena_alloc(arena, n, sizeof *feature);
    if (!feature) return dcl_fail_memory(error, "a view");
    view->feature = feature;
    for (uint32_t f = 0; f < n; f++) {
        dcl_pack_get_text(from, name, sizeof name);
        size_t number = number_of(view->kind, name);
        if (number == dcl_signature_count(view->kind))
            return dcl_fail(error, DCL_E_UNSUPPORTED,
                            "the model reads '%s', which this version does not know", name);
        feature[f] = (uint32_t)number;
        view->needs |= dcl_signature_needs(view->kind, number);
    }
    dcl_status status = dcl_svm_get(from, arena, &view->svm, error);
    if (status) return status;
    if (view->svm.features != n || view->svm.classes != classes || !dcl_pack_done(from))
        return dcl_fail(error, DCL_E_FORMAT, "a view and its machine do not fit together");
    return DCL_OK;
}

static dcl_status get_labels(dcl_pack_reader *from, dcl_arena *arena, dcl_identifier *out, dcl_error *error) {
    uint32_t classes = dcl_pack_get_u32(from), views = dcl_pack_get_u32(from);
    double least = dcl_pack_get_f64(from);
    if (classes < 2 || classes > DCL_SVM_CLASSES || views < 1 || views > DCL_IDENTIFIER_VIEWS ||
        !(least >= 0 && least <= 1))
        return dcl_fail(error, DCL_E_FORMAT, "a model of %u labels and %u views", (unsigned)classes,
                        (unsigned)views);
    char(*names)[DCL_LABEL_ROOM] = dcl_arena_alloc(arena, classes, sizeof *names);
    uint32_t *devices = dcl_arena_alloc(arena, classes, sizeof *devices);
    if (!names || !devices) return dcl_fail_memory(error, "a model");
    for (uint32_t k = 0; k < classes; k++) {
        dcl_pack_get_text(from, names[k], DCL_LABEL_ROOM);
        devices[k] = dcl_pack_get_u32(from);
        if (!names[k][0]) return dcl_fail(error, DCL_E_FORMAT, "a label that is none");
    }
    *out = (dcl_identifier){(const char(*)[DCL_LABEL_ROOM])names, devices, classes, least, NULL, views};
    return dcl_pack_done(from) ? DCL_OK : dcl_fail(error, DCL_E_FORMAT, "labels that do not fit their part");
}

static dcl_status get_grove(const dcl_pack_part *part, dcl_arena *arena, dcl_view *view, dcl_error *error) {
    dcl_grove *grove = dcl_arena_alloc(arena, 1, sizeof *grove);
    if (!grove) return dcl_fail_memory(error, "a forest");
    dcl_pack_reader from = dcl_pack_begin(part);
    dcl_status status = dcl_grove_get(&from, arena, grove, error);
    if (status) return status;
    if (grove->features != view->svm.features || grove->classes != view->svm.classes || !dcl_pack_done(&from))
        return dcl_fail(error, DCL_E_FORMAT, "a view and its forest do not fit together");
    view->grove = grove;
    return DCL_OK;
}

static dcl_status get_all(const dcl_pack *pack, dcl_arena *arena, dcl_identifier *out, dcl_error *error) {
    dcl_pack_part part;
    char name[32];
    dcl_status status = dcl_pack_need(pack, "labels", &part, error);
    if (status) return status;
    dcl_pack_reader from = dcl_pack_begin(&part);
    status = get_labels(&from, arena, out, error);
    if (status) return status;
    dcl_view *view = dcl_arena_alloc(arena, out->n_views, sizeof *view);
    if (!view) return dcl_fail_memory(error, "a model's views");
    for (size_t v = 0; v < out->n_views && !status; v++) {
        snprintf(name, sizeof name, "view.%zu", v + 1);
        status = dcl_pack_need(pack, name, &part, error);
        if (status) break;
        from = dcl_pack_begin(&part);
        status = get_view(&from, out->classes, arena, &view[v], error);
        snprintf(name, sizeof name, "trees.%zu", v + 1);
        const dcl_pack_part *trees = dcl_pack_find(pack, name);
        if (!status && trees) status = get_grove(trees, arena, &view[v], error);
    }
    out->view = view;
    return status;
}

dcl_status dcl_identifier_open(const void *bytes, size_t n, dcl_arena *arena, dcl_identifier *out,
                               dcl_error *error) {
    dcl_pack pack;
    dcl_identifier opened;
    dcl_status status = dcl_pack_open(bytes, n, model_kind, arena, &pack, error);
    if (!status) status = get_all(&pack, arena, &opened, error);
    if (!status) *out = opened;
    return status;
}

dcl_status dcl_identifier_read(const char *path, dcl_arena *arena, dcl_identifier *out, dcl_error *error) {
    dcl_pack pack;
    dcl_error why = {0};
    dcl_identifier read;
    dcl_status status = dcl_pack_read(path, model_kind, arena, &pack, error);
    if (status) return status;
    status = get_all(&pack, arena, &read, &why);
    if (status) return dcl_fail_file(error, status, path, "%s", why.msg);
    *out = read;
    return DCL_OK;
}
