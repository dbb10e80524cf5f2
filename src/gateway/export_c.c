/* A model as one C file and its header, which need nothing else: the blobs as tables, read as docs/blob.md says. */
#include <ctype.h>
#include <stdio.h>

#include "gateway/export.h"

/* Walks written anew from the specification: slower than mcu/'s, for all depths alike. */
static const char walks[] =
    "/* Layout: a header of 16 halves, a base of two for each output, groups of two, then trees. */\n"
    "static int32_t sum_of(const uint16_t *blob, const int16_t *x) {\n"
    "    const unsigned outputs = blob[12] & 0xFF, groups = blob[13], shift = blob[12] >> 8;\n"
    "    const uint16_t *group = blob + 16 + 2 * outputs, *tree = group + 2 * groups;\n"
    "    int32_t sum = (int32_t)(blob[16] | (uint32_t)blob[17] << 16);\n"
    "    unsigned g, pair, which, level;\n"
    "    for (g = 0; g < groups; g++) {\n"
    "        const unsigned depth = group[2 * g] & 0xFF, nodes = (1u << depth) - 1;\n"
    "        for (pair = 0; pair < group[2 * g + 1]; pair++) {\n"
    "            const unsigned char *feature = (const unsigned char *)(tree + 2 * nodes);\n"
    "            for (which = 0; which < 2; which++) {\n"
    "                unsigned at = 0;\n"
    "                for (level = depth; level; level--) {\n"
    "                    const unsigned node = at + (1u << (level - 1)) - 1;\n"
    "                    if (x[feature[2 * node + which] / 2] < (int16_t)tree[which * nodes + node]) at += "
    "1u << (level - 1);\n"
    "                }\n"
    "                sum += (int16_t)tree[3 * nodes + which * (nodes + 1) + at];\n"
    "            }\n"
    "            tree += 5 * nodes + 2;\n"
    "        }\n"
    "    }\n"
    "    return shift ? (sum + ((int32_t)1 << (shift - 1))) >> shift : sum;\n"
    "}\n\n";

static const char leaf[] =
    "static uint32_t leaf_of(const uint16_t *blob, const int16_t *x) {\n"
    "    const uint16_t *node = blob + 16 + 2 * (blob[12] & 0xFF) + 2 * blob[13];\n"
    "    while (!(*node & 0x8000)) node += x[node[0]] < (int16_t)node[1] ? 3 : 3 + node[2];\n"
    "    return *node & 0x7FFF;\n"
    "}\n\n";

static void put_upper(dcl_text *to, const char *name) {
    for (; *name; name++) dcl_text_format(to, "%c", toupper((unsigned char)*name));
}

static void put_features(dcl_text *to, dcl_blob_kind kind) {
    uint32_t n;
    const dcl_mcu_feature *feature = dcl_mcu_features(kind, &n);
    dcl_text_format(
        to, "\n/* Features of declic_%s(): round(value x scale), kept within -32767 and 32766. */\nenum {\n",
        dcl_blob_kind_name(kind));
    for (uint32_t f = 0; f < n; f++) {
        dcl_text_put(to, "    DECLIC_");
        put_upper(to, dcl_blob_kind_name(kind));
        dcl_text_put(to, "_");
        put_upper(to, feature[f].name);
        dcl_text_format(to, ", /* %s, scale %u/%u */\n", feature[f].unit, (unsigned)feature[f].num,
                        (unsigned)feature[f].den);
    }
    dcl_text_put(to, "    DECLIC_");
    put_upper(to, dcl_blob_kind_name(kind));
    dcl_text_put(to, "_FEATURES\n};\n");
}

static const char *const says[] = {
    "", "/* Mean power of the next minute, less the power at its start, W. */\nint32_t",
    "/* The energy that is still to come today by the plain guess of it, less 1, thousandths. */\nint32_t",
    "/* The appliance of a step: a label, plus 256 times how sure that is, 1/127. */\nuint32_t"};

static dcl_status write_header(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    dcl_text text = {0};
    dcl_text_put(&text, "/* Made by declic gateway: forecasts and names of steps, in integers. */\n"
                        "#ifndef DECLIC_MODEL_H\n#define DECLIC_MODEL_H\n\n#include <stdint.h>\n");
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++) {
        if (!m->blob[kind].word) continue;
        put_features(&text, (dcl_blob_kind)kind);
        dcl_text_format(&text, "%s declic_%s(const int16_t *x);\n", says[kind],
                        dcl_blob_kind_name((dcl_blob_kind)kind));
        if (kind == DCL_BLOB_STEP)
            dcl_text_format(&text, "extern const char *const declic_label[%u];\n", (unsigned)m->namer.labels);
    }
    dcl_text_put(&text, "\n#endif\n");
    return dcl_export_text(folder, "declic_model.h", &text, error);
}

dcl_status dcl_export_c(const dcl_gateway_model *m, const char *folder, dcl_error *error) {
    dcl_text text = {0};
    dcl_text_put(&text,
                 "/* Made by declic gateway. Little-endian processors. */\n#include \"declic_model.h\"\n\n");
    if (m->blob[DCL_BLOB_MINUTE].word || m->blob[DCL_BLOB_TODAY].word) dcl_text_put(&text, walks);
    if (m->blob[DCL_BLOB_STEP].word) dcl_text_put(&text, leaf);
    for (int kind = 1; kind < DCL_BLOB_KINDS; kind++) {
        const char *name = dcl_blob_kind_name((dcl_blob_kind)kind);
        bool names = kind == DCL_BLOB_STEP;
        char table[32];
        if (!m->blob[kind].word) continue;
        snprintf(table, sizeof table, "%s_blob", name);
        dcl_export_words(&text, "static ", table, &m->blob[kind]);
        dcl_text_format(&text, "\n%s declic_%s(const int16_t *x) {\n    return %s(%s, x);\n}\n\n",
                        names ? "uint32_t" : "int32_t", name, names ? "leaf_of" : "sum_of", table);
        if (!names) continue;
        dcl_text_format(&text, "const char *const declic_label[%u] = {", (unsigned)m->namer.labels);
        for (uint32_t k = 0; k < m->namer.labels; k++)
            dcl_text_format(&text, "%s\"%s\"", k ? ", " : "", m->namer.label[k]);
        dcl_text_put(&text, "};\n");
    }
    dcl_status status = dcl_export_text(folder, "declic_model.c", &text, error);
    return status ? status : write_header(m, folder, error);
}
