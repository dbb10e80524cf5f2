"""k-means of daily load shapes, two threads: dcl_kmeans_fit() against scikit-learn's Lloyd, from the same centroids.

200,000 rows of 48 half hours, k = 64, float32: the days of the LCL homes divided by their means, repeated with 5 % of noise
drawn from a seed. Rows 3 and 4 of the plan: an iteration (the difference between runs of 2 and of 12 iterations, so that
what is done once does not count), and the way to convergence. After 10 iterations labels must agree on 99.9 % of the rows; at the
end inertias must agree to 1e-4 (sums in float32 and in integers part ways over hundreds of iterations).
"""
import ctypes
import os
import tarfile
import warnings

import numpy as np

TITLE = "k-means, 200,000 x 48, k = 64"
TARGET = 3.2
ROWS, DIM, K, THREADS = 200_000, 48, 64, 2
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data", "lcl", "lcl.tar.xz")


def day_shapes():
    """Days of all homes, a row each, over their mean; days with gaps or without consumption are left out."""
    import pandas as pd
    days = []
    with tarfile.open(DATA) as archive:
        for member in archive:
            if not member.isfile() or not member.name.endswith(".csv"):
                continue
            frame = pd.read_csv(archive.extractfile(member))
            value = pd.to_numeric(frame.iloc[:, 2], errors="coerce").to_numpy()
            stamp = pd.to_datetime(frame.iloc[:, 1]).to_numpy()
            day = stamp.astype("datetime64[D]")
            for begin in np.flatnonzero(np.r_[True, day[1:] != day[:-1]]):
                curve = value[begin:begin + DIM]
                if len(curve) == DIM and day[begin] == day[begin + DIM - 1] and np.isfinite(curve).all() and curve.mean() > 0.01:
                    days.append(curve / curve.mean())
    return np.array(days, dtype=np.float32)


def measure(tools):
    if not os.path.exists(DATA):
        print("  3 skipped: no ../shared/data")
        return []
    from sklearn.cluster import KMeans
    warnings.filterwarnings("ignore")
    days = day_shapes()
    random = np.random.default_rng(3)
    rows = days[np.arange(ROWS) % len(days)]
    rows = np.ascontiguousarray(rows * random.normal(1, 0.05, rows.shape), dtype=np.float32)
    init = np.ascontiguousarray(rows[random.choice(ROWS, K, replace=False)])
    fit = tools.ours.bench_kmeans
    fit.restype = ctypes.c_uint32
    fit.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32,
                    ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    label = np.zeros(ROWS, np.uint32)
    inertia, weighed = ctypes.c_double(), ctypes.c_uint64()
    found = {}

    def ours(iterations, plain=0):
        found["iterations"] = fit(rows.ctypes.data, ROWS, DIM, K, init.ctypes.data, iterations, THREADS, plain,
                                  ctypes.byref(inertia), label.ctypes.data, ctypes.byref(weighed))

    def peer(iterations):
        found["peer"] = KMeans(K, init=init, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(rows)

    ours(11)  # the labels of the eleventh belong to the centroids of the tenth, as the peer's last pass does
    peer(10)
    agree = float((found["peer"].labels_ == label).mean())
    ours(400)
    peer(400)
    theirs, iterations = found["peer"], found["iterations"]
    if abs(theirs.inertia_ / inertia.value - 1) > 1e-4 or agree < 0.999:
        raise SystemExit(f"row 3: inertia {inertia.value} and {theirs.inertia_}, {100 * agree:.2f} % of the labels agree")
    spared = weighed.value / (ROWS * iterations)
    few = tools.pairs(lambda: ours(2, 1), lambda: peer(2), repeats=5)
    many = tools.pairs(lambda: ours(12, 1), lambda: peer(12), repeats=5)
    one = {"ours": (many["ours_s"] - few["ours_s"]) / 10, "peer": (many["peer_s"] - few["peer_s"]) / 10}
    whole = tools.pairs(lambda: ours(400), lambda: peer(400), repeats=3)
    common = {"unit": "ms", "threads": THREADS, "isa": tools.isa, "labels_agree": agree}
    return [
        {**common, "case": "one iteration", "ratio": one["peer"] / one["ours"], "ours": 1e3 * one["ours"],
         "peer": 1e3 * one["peer"]},
        {**common, "case": f"to convergence ({iterations} and {theirs.n_iter_} iterations)", "target": 8,
         "ratio": whole["ratio"], "ours": 1e3 * whole["ours_s"], "peer": 1e3 * whole["peer_s"], "weighed": spared},
    ]
