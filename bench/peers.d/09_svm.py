"""Labels by support vectors with a radial kernel, one thread: ours against libsvm 3.24's svm_predict_values().

Both machines are trained by libsvm on the same rows, so they hold the same support vectors; the vectors to be named are
mapped before, for both. Labels are checked equal. A unit of work is one support vector of 8 features.
"""
import ctypes
import time

import numpy as np

TITLE = "support vectors, radial kernel, 8 features"
TARGET = 15
FEATURES = 8
# The target speaks of one decision a vector; 14 classes make 91 of them.
CASES = (("2 classes", 2, 4000, 4000, TARGET), ("14 classes", 14, 5600, 2000, 0))


def rows(classes, n):
    """Overlapping clouds, classes in order and of one size: the order in which libsvm numbers them."""
    random = np.random.default_rng(9)
    label = np.repeat(np.arange(classes, dtype=np.uint32), n // classes)
    middle = random.normal(0, 1.0, (classes, FEATURES))
    x = middle[label] + random.normal(0, 1.2, (len(label), FEATURES))
    return np.ascontiguousarray(x, np.float32), label


def prepare(ours):
    pointer = ctypes.c_void_p
    for name, result, arguments in (
            ("bench_svm_open", pointer, [pointer, pointer, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32,
                                         ctypes.c_double, ctypes.c_double]),
            ("bench_svm_close", None, [pointer]),
            ("bench_svm_vectors", ctypes.c_size_t, [pointer, ctypes.POINTER(ctypes.c_size_t)]),
            ("bench_svm_ours", None, [pointer, pointer, ctypes.c_size_t, pointer]),
            ("bench_svm_peer", None, [pointer, pointer, ctypes.c_size_t, pointer]),
            ("bench_svm_nodes", pointer, [pointer, ctypes.c_size_t, ctypes.c_size_t])):
        function = getattr(ours, name)
        function.restype, function.argtypes = result, arguments


def measure_case(tools, case, classes, n, queries, target):
    prepare(tools.ours)
    x, label = rows(classes, n)
    svm = tools.ours.bench_svm_open(x.ctypes.data, label.ctypes.data, len(label), FEATURES, classes, 1.0, 1.0)
    if not svm:
        raise SystemExit("row 9: no machine was trained")
    peer_vectors = ctypes.c_size_t()
    vectors = tools.ours.bench_svm_vectors(svm, ctypes.byref(peer_vectors))
    if vectors != peer_vectors.value:
        raise SystemExit(f"row 9: {vectors} support vectors against {peer_vectors.value}")
    # Mapped features are about normal deviates, at most 2.7.
    mapped = np.clip(np.random.default_rng(10).normal(0, 1, (queries, FEATURES)), -2.7, 2.7).astype(np.float32)
    nodes = tools.ours.bench_svm_nodes(mapped.ctypes.data, queries, FEATURES)
    got, want = np.zeros(queries, np.uint32), np.zeros(queries, np.uint32)

    def ours():
        tools.ours.bench_svm_ours(svm, mapped.ctypes.data, queries, got.ctypes.data)

    def peer():
        tools.ours.bench_svm_peer(svm, nodes, queries, want.ctypes.data)

    ours()
    peer()
    if not np.array_equal(got, want):
        raise SystemExit(f"row 9: {np.count_nonzero(got != want)} of {queries} labels differ")
    times = tools.pairs(ours, peer, repeats=5, clock=time.thread_time)
    work = queries * vectors / 1e9
    ctypes.CDLL(None).free(ctypes.c_void_p(nodes))
    tools.ours.bench_svm_close(svm)
    return {
        "case": f"{case}, {vectors} support vectors, {queries} vectors to name",
        "ratio": times["ratio"],
        "ours": work / times["ours_s"],
        "peer": work / times["peer_s"],
        "unit": "Gvector/s",
        "target": target,
        "ours_ns": times["ours_s"] / work,
        "peer_ns": times["peer_s"] / work,
        "isa": tools.isa,
        "threads": 1,
        "peer_is": "libsvm 3.24",
    }


def measure(tools):
    return [measure_case(tools, *case) for case in CASES]
