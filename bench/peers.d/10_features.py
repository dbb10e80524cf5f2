"""A pass of features over a town in memory: mean, highest, four quantiles and the mean day of each home, against pandas groupby.

The town is simulated (300 homes, a year of half hours) with a hundredth of the slots made missing: 5.3 M rows. pandas has a frame
of home, half hour and power, float32, homes as sorted categories; ours reads 16-bit values, a step of 1 W. Both make the same numbers: counts,
highest and quantiles (the lower of two values, as pandas' `lower`) are compared exactly, means to a millionth.
"""
import ctypes
import os
import subprocess
import tempfile
import time

import h5py
import numpy as np
import pandas as pd

TITLE = "features of a town"
TARGET = 150
HOMES, SHARES = 300, (0.1, 0.5, 0.9, 0.99)
MISSING = -32768


def town(tools):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "town.h5")
        subprocess.run([tools.program, "town", "-q", "-n", str(HOMES), "--year", "2025", "--period", "30min", "-o", path], check=True)
        with h5py.File(path) as file:
            raw = np.ascontiguousarray(file["panel/power_w"][:])
    raw[np.random.default_rng(1).random(raw.shape) < 0.01] = MISSING
    return raw


def check(frame, ours, width):
    """Everything that ours says, as pandas says it."""
    present, mean, highest, quantile, profile = ours
    by_home = frame.groupby("home", observed=True, sort=False)["power_w"]
    good = (by_home.count().to_numpy() == present).all() and (by_home.max().to_numpy() == highest).all()
    told = by_home.quantile(SHARES, interpolation="lower").to_numpy().reshape(quantile.shape)
    days = frame.groupby(["home", "slot"], observed=True, sort=False)["power_w"].mean().to_numpy().reshape(-1, width)
    exact = frame["power_w"].astype(np.float64).groupby(frame["home"], observed=True).mean().to_numpy()
    if not good or not (told == quantile).all() or not np.allclose(days, profile, 1e-4) or not np.allclose(exact, mean, 1e-6):
        raise SystemExit("row 10: the features differ")


def measure(tools):
    raw = town(tools)
    homes, slots = raw.shape
    values = raw.astype(np.float32)
    values[raw == MISSING] = np.nan
    frame = pd.DataFrame({"home": pd.Categorical(np.repeat(np.arange(homes), slots)),
                          "slot": np.tile(np.arange(slots) % 48, homes).astype(np.int8), "power_w": values.ravel()})
    ours = [np.empty(homes, np.uint64), *(np.empty((homes, n), np.float32) for n in (1, 1, len(SHARES), 48))]
    ours[1], ours[2] = ours[1].ravel(), ours[2].ravel()
    function = tools.ours.bench_summarise
    function.restype = ctypes.c_bool
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, *[ctypes.c_void_p] * 5]

    def features(threads):
        assert function(raw.ctypes.data, homes, slots, threads, *(array.ctypes.data for array in ours))

    def peer_all():
        by_home = frame.groupby("home", observed=True, sort=False)["power_w"]
        by_home.agg(["mean", "max"])
        by_home.quantile(SHARES, interpolation="lower")
        frame.groupby(["home", "slot"], observed=True, sort=False)["power_w"].mean()

    def peer_mean():
        frame.groupby("home", observed=True, sort=False)["power_w"].mean()

    features(2)
    check(frame, ours, 48)
    cases = []
    for case, peer, threads, target in (("mean, highest, quantiles and mean day, 2 threads", peer_all, 2, TARGET),
                                        ("the same, 1 thread by its own clock", peer_all, 1, TARGET),
                                        ("ours the same, the peer's mean alone, 2 threads", peer_mean, 2, 0)):
        clock = time.thread_time if threads == 1 else time.perf_counter
        times = tools.pairs(lambda: features(threads), peer, 3, clock)
        cases.append({"case": case, "ratio": times["ratio"], "ours": raw.size / times["ours_s"] / 1e6,
                      "peer": raw.size / times["peer_s"] / 1e6, "unit": "Mrows/s", "target": target, "rows": raw.size,
                      "homes": homes, "threads": threads, "isa": tools.isa, "peer_is": "pandas " + pd.__version__})
    return cases
