"""Threshold edges in int32 samples of 0.1 W, one thread: dcl_kernels.edge_i32 against numpy's diff and compare.

A home's power: levels held to ±0.3 W, a new one every 600 samples or so; steps of 30 W. No sample is missing and no
difference overflows: numpy would need more passes for either, we do not. Both read the same array; ours writes into
an array made once, numpy into arrays of its own, as it does. Times are processor times of the thread.
"""
import ctypes
import statistics
import time

import numpy as np

TITLE = "threshold edges, int32"
TARGET = 20
CASES = (("64 Mi samples, from RAM", 1 << 26), ("a month of seconds", 30 * 86400), ("a day of seconds, in L2", 86400))
TIMED_SAMPLES = 1 << 22  # a time is taken of at least so many: short inputs are gone through again and again
THRESHOLD = 300


def home(samples):
    """The same samples in every run."""
    random = np.random.default_rng(6)
    new = random.random(samples, dtype=np.float32) < 1 / 600
    new[0] = True
    levels = random.integers(500, 30500, np.count_nonzero(new), dtype=np.int32)
    x = levels[np.cumsum(new, dtype=np.int32) - 1]
    x += random.integers(-3, 4, samples, dtype=np.int8)
    return np.ascontiguousarray(x, dtype=np.int32)


def read_seconds(x):
    """One vectorised pass that does next to nothing: the limit of any single-threaded one."""
    times = []
    for _ in range(5):
        start = time.thread_time()
        x.max()
        times.append(time.thread_time() - start)
    return statistics.median(times)


def measure_case(tools, case, samples):
    """Samples a second of both, checked equal first."""
    x = home(samples)
    index = np.zeros(samples, np.uint32)
    at, index_at, calls = x.ctypes.data, index.ctypes.data, max(1, TIMED_SAMPLES // samples)
    found = {}
    edge = tools.ours.bench_edge_i32
    edge.restype = ctypes.c_size_t
    edge.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_void_p]

    def ours():
        for _ in range(calls):
            found["ours"] = edge(at, samples, THRESHOLD, index_at)

    def peer():
        for _ in range(calls):
            found["peer"] = np.flatnonzero(np.abs(np.diff(x)) >= THRESHOLD) + 1

    ours()
    peer()
    if not np.array_equal(index[:found["ours"]], found["peer"]):
        raise SystemExit("row 6: the edges differ")
    times = tools.pairs(ours, peer, repeats=9, clock=time.thread_time)
    return {
        "case": case,
        "ratio": times["ratio"],
        "ours": calls * samples / times["ours_s"] / 1e9,
        "peer": calls * samples / times["peer_s"] / 1e9,
        "unit": "Gsample/s",
        "limit": samples / read_seconds(x) / 1e9,
        "limit_is": "numpy max() of the same samples",
        "edges": int(found["ours"]),
        "samples": samples,
        "isa": tools.isa,
        "threads": 1,
        "peer_is": "numpy " + np.__version__,
    }


def measure(tools):
    return [measure_case(tools, case, samples) for case, samples in CASES]
