"""A CSV with timestamps to regular series, one thread: dcl_home_read() against pandas' read_csv().

Two channels of a home at 1 s; comma, LF, `2024-01-01T00:00:00Z,1942.8,2039`, in the page cache. Ours checks each row,
puts the readings on a grid and hands out float32 series; pandas makes a frame of a time and two float64 columns. Stamps
without Z are a case of their own: pandas reads them another, faster way. The target without dates is 20.
"""
import ctypes
import os
import tempfile
import time

import numpy as np
import pandas as pd

TITLE = "CSV with timestamps to series"
TARGET = 250
ROWS = 1_550_000
START = np.datetime64("2024-01-01T00:00:00", "s")


class Series(ctypes.Structure):
    """dcl_series."""
    _fields_ = [("channel", ctypes.c_int), ("start_us", ctypes.c_int64), ("period_us", ctypes.c_int64),
                ("reading_us", ctypes.c_int64), ("n", ctypes.c_size_t), ("value", ctypes.POINTER(ctypes.c_float))]


def write(path, behind):
    """The same home in every run: levels held to ±0.3 W; `behind` the clock."""
    random = np.random.default_rng(7)
    new = random.random(ROWS) < 1 / 600
    levels = random.integers(50, 3000, np.count_nonzero(new) + 1)
    power = levels[np.cumsum(new)] + random.integers(-3, 4, ROWS) / 10
    stamps = np.datetime_as_string(START + np.arange(ROWS), unit="s")
    with open(path, "w", encoding="ascii") as file:
        file.write("time_utc,power_w,apparent_va\n")
        file.writelines(f"{t}{behind},{p:.1f},{p * 1.05:.0f}\n" for t, p in zip(stamps, power))


def check(ours, home, frame):
    """Every value and every time, before any time counts."""
    columns = [frame.power_w, frame.apparent_va]
    for i, column in enumerate(columns):
        series = ours.bench_home_series(home, i).contents
        values = np.ctypeslib.as_array(series.value, (series.n,))
        if not np.array_equal(values, column.to_numpy(np.float32)):
            raise SystemExit("row 7: the values differ")
        stamps = series.start_us + series.period_us * np.arange(series.n)
        if not np.array_equal(stamps, frame.time_utc.to_numpy("datetime64[us]").astype(np.int64)):
            raise SystemExit("row 7: the times differ")
    if ours.bench_home_series(home, len(columns)):
        raise SystemExit("row 7: a series too many")


def measure_case(tools, case, path, dates, target):
    """Megabytes a second of both, checked equal first."""
    ours = tools.ours
    ours.bench_home_open.restype = ctypes.c_void_p
    ours.bench_home_close.argtypes = [ctypes.c_void_p]
    ours.bench_home_series.restype = ctypes.POINTER(Series)
    ours.bench_home_series.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    home = ours.bench_home_open(path.encode())
    check(ours, home, pd.read_csv(path, parse_dates=["time_utc"]))
    ours.bench_home_close(home)

    def read_ours():
        ours.bench_home_close(ours.bench_home_open(path.encode()))

    def read_peer():
        pd.read_csv(path, parse_dates=["time_utc"] if dates else False)

    times = tools.pairs(read_ours, read_peer, repeats=5, clock=time.thread_time)
    size = os.path.getsize(path)
    return {
        "case": case,
        "ratio": times["ratio"],
        "ours": size / times["ours_s"] / 1e6,
        "peer": size / times["peer_s"] / 1e6,
        "unit": "MB/s",
        "target": target,
        "bytes": size,
        "rows": ROWS,
        "threads": 1,
        "peer_is": "pandas " + pd.__version__,
    }


def measure(tools):
    with tempfile.TemporaryDirectory() as folder:
        zulu, plain = os.path.join(folder, "zulu.csv"), os.path.join(folder, "plain.csv")
        write(zulu, "Z")
        write(plain, "")
        return [measure_case(tools, "stamps with Z, dates read", zulu, True, TARGET),
                measure_case(tools, "stamps with Z, dates left as text", zulu, False, 20),
                measure_case(tools, "stamps without Z, dates read", plain, True, 0)]
