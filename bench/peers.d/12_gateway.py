"""Fifty trees of depth 4 on the gateway's processor: our blob, walked in place, against generated float if/else code.

Both are built by one compiler with one set of options for RV32IMAC and run under qemu-system-riscv32, where each instruction is
counted (rdinstret). -O2 makes the peer faster and larger than -Os, which is printed beside. A second peer is if/else of the same integers. Sums of all forms are checked equal: leaves are whole
multiples of 2^-6, so that float sums are exact. The trees are XGBoost's, of made-up rows, and full: of pruned ones a blob
takes as much, and branches less.
"""
import binascii
import os
import struct
import subprocess
import tempfile

import numpy as np

TITLE = "gateway, 50 trees of depth 4, RV32IMAC"
TARGET = 5
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TREES, DEPTH, FEATURES, ROWS, SHIFT = 50, 4, 16, 200, 6
CROSS = "riscv64-unknown-elf-"
RV32 = ["-O2", "-march=rv32imac", "-mabi=ilp32", "-std=c99", "-Wall", "-Werror", "--specs=picolibc.specs"]
LINK = ["--oslib=semihost", "--crt0=hosted", "-Wl,--defsym=__flash=0x80000000",
        "-Wl,--defsym=__flash_size=0x200000", "-Wl,--defsym=__ram=0x80200000", "-Wl,--defsym=__ram_size=0x80000",
        "-Wl,--defsym=__stack_size=0x4000"]


# A tree is a nested tuple: (feature, threshold, left, right), or a leaf, a number of 16 bits.

def full_trees():
    """XGBoost's own trees of noise and some steps, none of whose nodes is pruned."""
    import json
    import xgboost
    random = np.random.default_rng(12)
    x = random.integers(-3000, 3000, (20000, FEATURES)).astype(np.float32)
    y = (x[:, 0] / 4 + (x[:, 1] > 300) * 500 + x[:, 2] * x[:, 3] / 20000 + random.normal(0, 300, len(x)) +
         (x[:, 4:] * random.integers(0, 60, FEATURES - 4)).sum(axis=1) / 1000)
    model = xgboost.train({"max_depth": DEPTH, "eta": 0.2, "min_child_weight": 0, "lambda": 0, "tree_method": "hist", "max_bin": 254,
                           "base_score": 0, "nthread": 1}, xgboost.DMatrix(x, y), TREES)
    def nested(node):
        if "leaf" in node:
            return int(round(node["leaf"] * 2 ** SHIFT))
        kids = {kid["nodeid"]: kid for kid in node["children"]}
        return (int(node["split"][1:]), int(np.ceil(node["split_condition"])), nested(kids[node["yes"]]), nested(kids[node["no"]]))
    return [nested(json.loads(tree)) for tree in model.get_dump(dump_format="json")]


def blob_of(trees):
    """The blob, as docs/blob.md says."""
    n, body = 2 ** DEPTH - 1, b""
    for a, b in zip(trees[::2], trees[1::2]):
        rows = [[-32768] * n, [-32768] * n], [[0] * n, [0] * n], [[0] * (n + 1), [0] * (n + 1)]
        def fill(tree, which, level, first):
            if level == DEPTH:
                rows[2][which][first] = tree
                return
            half = 2 ** (DEPTH - level - 1)
            inner = isinstance(tree, tuple)
            if inner:
                rows[0][which][first + half - 1] = tree[1]
                rows[1][which][first + half - 1] = 2 * tree[0]
            fill(tree[2] if inner else tree, which, level + 1, first + half)
            fill(tree[3] if inner else tree, which, level + 1, first)
        fill(a, 0, 0, 0)
        fill(b, 1, 0, 0)
        body += struct.pack(f"<{2 * n}h", *rows[0][0], *rows[0][1]) + bytes(v for pair in zip(*rows[1]) for v in pair)
        body += struct.pack(f"<{2 * n + 2}h", *rows[2][0], *rows[2][1])
    tail = struct.pack("<IIBBHHHiBBH", 1, 1, 1, SHIFT, 1, 0, 0, 0, DEPTH, 0, len(trees) // 2) + body
    head = struct.pack("<IHBBI", 0x424C4344, 1, 0, FEATURES, 16 + len(tail))
    return head + struct.pack("<I", binascii.crc32(tail, binascii.crc32(head))) + tail


def trees_of(blob):
    """The trees of a blob of one depth, and what one leaf unit is worth."""
    assert blob[:4] == b"DCLB" and blob[24] == 1 and struct.unpack_from("<H", blob, 26)[0] == 1
    depth, _, pairs = struct.unpack_from("<BBH", blob, 36)
    n, at, trees = 2 ** depth - 1, 40, []
    for _ in range(pairs):
        for which in (0, 1):
            thresholds = struct.unpack_from(f"<{n}h", blob, at + 2 * n * which)
            features = blob[at + 4 * n + which:at + 6 * n:2]
            leaves = struct.unpack_from(f"<{n + 1}h", blob, at + 6 * n + 2 * (n + 1) * which)
            def build(level, first):
                if level == depth:
                    return leaves[first]
                half = 2 ** (depth - level - 1)
                node = first + half - 1
                left, right = build(level + 1, first + half), build(level + 1, first)
                return right if thresholds[node] == -32768 else (features[node] // 2, thresholds[node], left, right)
            trees.append(build(0, 0))
        at += 10 * 2 ** depth - 6
    return trees


def nodes_of(tree):
    return 1 + nodes_of(tree[2]) + nodes_of(tree[3]) if isinstance(tree, tuple) else 1


def branches(trees, kind, base):
    """If/else code, as generators write it; kind float or int."""
    real = kind == "float"
    def body(tree, depth):
        pad = "    " * (depth + 1)
        if not isinstance(tree, tuple):
            return f"{pad}return {tree / 2 ** SHIFT!r}f;\n" if real else f"{pad}return {tree};\n"
        cut = f"{float(tree[1])!r}f" if real else tree[1]
        return (f"{pad}if (x[{tree[0]}] < {cut}) {{\n{body(tree[2], depth + 1)}{pad}}} else {{\n{body(tree[3], depth + 1)}{pad}}}\n")
    element, result = ("float", "float") if real else ("int16_t", "int32_t")
    start = f"{base / 2 ** SHIFT!r}f" if real else base
    text = "#include <stdint.h>\n"
    for i, tree in enumerate(trees):
        text += f"static inline __attribute__((always_inline)) {result} tree_{i}(const {element} *x) {{\n{body(tree, 0)}}}\n"
    text += f"{result} predict(const {element} *x);\n{result} predict(const {element} *x) {{\n    {result} sum = {start};\n"
    return text + "".join(f"    sum += tree_{i}(x);\n" for i in range(len(trees))) + "    return sum;\n}\n"


def harness(form, features):
    """Rows made alike in all forms; prints instructions a row, and a digest of the sums."""
    element = "float" if form == "float" else "int16_t"
    call = {"float": "(int32_t)(predict(x) * %d)" % 2 ** SHIFT, "int": "predict(x)"}.get(form, "sum")
    prepare = "dcl_mcu_forest_sums(&forest, x, &sum);" if form == "blob" else f"sum = {call};"
    text = "#include <stdint.h>\n#include <stdio.h>\n"
    if form == "blob":
        text += "#include <declic/mcu_trees.h>\n#include \"blob.h\"\n"
    else:
        text += f"{'float' if form == 'float' else 'int32_t'} predict(const {element} *x);\n"
    return text + f"""static inline uint32_t count(void) {{ uint32_t n; __asm__ volatile("rdinstret %0" : "=r"(n)); return n; }}
int main(void) {{
    uint32_t seed = 12, hash = 0, took = 0;
    {'dcl_mcu_forest forest; if (dcl_mcu_forest_open(blob, sizeof blob, DCL_BLOB_ANY, 0, &forest)) return 1;' if form == 'blob' else ''}
    for (int row = 0; row < {ROWS}; row++) {{
        {element} x[{features}];
        int32_t sum;
        for (int f = 0; f < {features}; f++) {{
            seed = seed * 1664525u + 1013904223u;
            x[f] = ({element})((int32_t)(seed >> 16) % 6000 - 3000);
        }}
        uint32_t before = count();
        {prepare}
        took += count() - before;
        hash = hash * 31 + (uint32_t)sum;
    }}
    printf("%lu %lu\\n", (unsigned long)(took / {ROWS}), (unsigned long)hash);
    return 0;
}}
"""


def run(command, folder):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300).stdout.decode()


def size_of(path, folder):
    """Code, constants and initial data of an object."""
    words = run([CROSS + "size", path], folder).split("\n")[1].split()
    return int(words[0]) + int(words[1])


def measure_form(form, trees, blob, features, folder, optimise="-O2"):
    files = []
    if form == "blob":
        with open(os.path.join(folder, "blob.h"), "w", encoding="ascii") as file:
            file.write("static const uint16_t blob[] = {" + ",".join(map(str, struct.unpack(f"<{len(blob) // 2}H", blob))) + "};\n")
        files = [os.path.join(SOURCE, "src", "mcu", name) for name in ("trees.c", "blob.c")]
    else:
        files = [os.path.join(folder, form + ".c")]
        with open(files[0], "w", encoding="ascii") as file:
            file.write(branches(trees, form, struct.unpack_from("<i", blob, 32)[0]))
    main = os.path.join(folder, form + "_main.c")
    with open(main, "w", encoding="ascii") as file:
        file.write(harness(form, features))
    options = [optimise, *RV32[1:]]
    objects, include = [], ["-I" + os.path.join(SOURCE, "include"), "-I" + folder]
    for path in files:
        objects.append(os.path.join(folder, form + "_" + os.path.basename(path) + ".o"))
        run([CROSS + "gcc", *options, "-ffunction-sections", *include, "-c", path, "-o", objects[-1]], folder)
    elf, raw = os.path.join(folder, form + ".elf"), os.path.join(folder, "raw")
    run([CROSS + "gcc", *options, *LINK, *include, main, *objects, "-o", elf], folder)
    run(["qemu-system-riscv32", "-M", "virt", "-cpu", "rv32", "-icount", "shift=0", "-bios", "none", "-nographic", "-monitor", "none",
         "-serial", "none", "-chardev", f"file,id=console,path={raw}", "-semihosting-config", "enable=on,chardev=console", "-kernel",
         elf], folder)
    with open(raw, encoding="ascii") as file:
        instructions, digest = map(int, file.read().split())
    # The walk is code that all models share; it is counted beside the blob, its checks are not.
    code = size_of(objects[0], folder)
    return {"instructions": instructions, "digest": digest, "bytes": len(blob) if form == "blob" else code,
            "code": code if form == "blob" else 0}


def compare(trees, blob, features):
    """The figures of each form."""
    with tempfile.TemporaryDirectory() as folder:
        got = {form: measure_form(form, trees, blob, features, folder) for form in ("blob", "int", "float")}
        got["small"] = measure_form("float", trees, blob, features, folder, "-Os")
    if len({form["digest"] for form in got.values()}) != 1:
        raise SystemExit(f"row 12: sums differ: {got}")
    return got


def measure(_tools):
    trees = full_trees()
    blob = blob_of(trees)
    if trees_of(blob) != trees:
        raise SystemExit("row 12: the blob does not hold the trees")
    cases = [("full trees", trees, blob, FEATURES)]
    out = []
    for name, forest, bytes_, features in cases:
        got = compare(forest, bytes_, features)
        ours, real, whole = got["blob"], got["float"], got["int"]
        nodes = sum(map(nodes_of, forest))
        print(f"    {name}: {len(forest)} trees, {nodes} nodes; instructions and bytes: float if/else {real['instructions']}, "
              f"{real['bytes']}; with -Os {got['small']['instructions']}, {got['small']['bytes']}; int16 if/else {whole['instructions']}, {whole['bytes']}; blob {ours['instructions']}, "
              f"{ours['bytes']} and {ours['code']} of code for all models")
        out.append({"case": name + ", instructions", "ours": ours["instructions"], "peer": real["instructions"], "unit": "",
                    "ratio": real["instructions"] / ours["instructions"], "target": TARGET})
        out.append({"case": name + ", bytes", "ours": ours["bytes"], "peer": real["bytes"], "unit": "B",
                    "ratio": real["bytes"] / ours["bytes"], "target": 9})
    return out
