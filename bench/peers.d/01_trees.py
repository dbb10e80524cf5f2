"""Margins of boosted trees, many rows at a time, one thread: ours against XGBoost's prediction in place.

500 trees of depth 6 over 32 features, trained by XGBoost; the rows, float32, are as they come: turning them into codes counts.
Every margin is checked equal, bit for bit, first; a case has missing and infinite values and values on the cuts themselves.
"""
import ctypes
import time

import numpy as np

TITLE = "boosted trees, 500 of depth 6, 32 features"
TARGET = 12
FEATURES, TREES, DEPTH = 32, 500, 6


def rows(n, seed, holes):
    """Normal deviates, some features with few values; with holes, a tenth missing and some beyond every cut."""
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (n, FEATURES)).astype(np.float32)
    x[:, ::8] = np.round(x[:, ::8] * 4)
    if holes:
        x[random.random(x.shape) < 0.1] = np.nan
        x[random.random(x.shape) < 0.001] = np.inf
        x[random.random(x.shape) < 0.001] = -np.inf
    return np.ascontiguousarray(x)


def target(x):
    random = np.random.default_rng(3)
    x = np.nan_to_num(x, posinf=4, neginf=-4)
    y = x @ random.normal(0, 1, FEATURES) + np.sin(3 * x[:, 1]) * x[:, 2] + x[:, 3] * x[:, 5]
    return (y + random.normal(0, 1, len(y))).astype(np.float32)


def prepare(ours):
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    for name, result, arguments in (
            ("bench_forest_open", pointer, [pointer, pointer, size, size, ctypes.c_int, ctypes.c_int]),
            ("bench_forest_close", None, [pointer]),
            ("bench_forest_size", size, [pointer, ctypes.POINTER(size)]),
            ("bench_forest_ours", None, [pointer, pointer, size, size, pointer]),
            ("bench_forest_peer", ctypes.c_bool, [pointer, pointer, size, size, pointer])):
        function = getattr(ours, name)
        function.restype, function.argtypes = result, arguments


def trained(tools, trees, depth):
    """A forest whose data has holes, so that missing values go both ways."""
    prepare(tools.ours)
    x = rows(20000, 1, True)
    x[np.isinf(x)] = 4
    y = target(x)
    forest = tools.ours.bench_forest_open(x.ctypes.data, y.ctypes.data, len(x), FEATURES, trees, depth)
    if not forest:
        raise SystemExit("no forest was trained")
    return forest


def measure_case(tools, forest, case, x, at_once, wanted, repeats=7):
    n = len(x)
    got, want = np.zeros(n, np.float32), np.ones(n, np.float32)

    def ours():
        tools.ours.bench_forest_ours(forest, x.ctypes.data, n, at_once, got.ctypes.data)

    def peer():
        if not tools.ours.bench_forest_peer(forest, x.ctypes.data, n, at_once, want.ctypes.data):
            raise SystemExit("XGBoost failed")

    ours()
    peer()
    if got.tobytes() != want.tobytes():
        raise SystemExit(f"{np.count_nonzero(got.view(np.uint32) != want.view(np.uint32))} of {n} margins differ")
    times = tools.pairs(ours, peer, repeats=repeats, clock=time.thread_time)
    nodes = ctypes.c_size_t()
    trees = tools.ours.bench_forest_size(forest, ctypes.byref(nodes))
    return {
        "case": case,
        "ratio": times["ratio"],
        "ours": times["ours_s"] / n * 1e6,
        "peer": times["peer_s"] / n * 1e6,
        "unit": "us/row",
        "target": wanted,
        "rows": n,
        "trees": trees,
        "nodes": nodes.value,
        "isa": tools.isa,
        "threads": 1,
        "peer_is": "XGBoost 1.7.4, XGBoosterPredictFromDense()",
    }


def measure(tools):
    forest = trained(tools, TREES, DEPTH)
    cases = [measure_case(tools, forest, "16,384 rows", rows(16384, 2, False), 16384, TARGET),
             measure_case(tools, forest, "the same with holes", rows(16384, 2, True), 16384, TARGET),
             measure_case(tools, forest, "48 rows a call", rows(48 * 64, 2, False), 48, 0)]
    tools.ours.bench_forest_close(forest)
    return cases
