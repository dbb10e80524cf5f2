"""A panel of half-hour curves as 16-bit values, two threads: shards against h5py with deflate-1 and shuffle.

The curves are those of Low Carbon London (125 homes, 2013; steps of 1 W; missing half hours as they are), repeated to 3,000
homes: 105 MB. Files lie in memory (/dev/shm where it is there), so that no disk is waited for; ours syncs there too. Ours writes
a shard and its index and reads them back into an array, checksums and all; h5py cuts its chunks as it does unasked. A file
packed worse than 0.98 times the peer's counts as a miss, whatever its speed. Besides, one thread of each by its own clock, which
other work on the machine spoils less.
"""
import ctypes
import os
import shutil
import subprocess
import tempfile
import time

import h5py
import numpy as np

TITLE = "panel of half hours"
TARGET = 25
TILES, RATIO = 24, 0.98
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data", "lcl", "lcl.tar.xz")


def curves(tools, folder):
    path = os.path.join(folder, "lcl.h5")
    subprocess.run([tools.program, "import", "-q", DATA, "-o", path], check=True)
    with h5py.File(path) as file:
        return np.ascontiguousarray(np.tile(file["panel/power_w"][:], (TILES, 1)))


def packed_bytes(path):
    """Bytes of the values alone, without names and tables."""
    with h5py.File(path) as file:
        return file["panel/power_w"].id.get_storage_size()


def measure_in(tools, folder):
    values = curves(tools, folder)
    size = values.nbytes
    ours_path, peer_path = os.path.join(folder, "ours.h5"), os.path.join(folder, "peer.h5")
    for name in ("bench_panel_write", "bench_panel_read"):
        function = getattr(tools.ours, name)
        function.restype = ctypes.c_bool
        function.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int]
    back = np.empty_like(values)
    threads = 2

    def write_ours():
        assert tools.ours.bench_panel_write(ours_path.encode(), values.ctypes.data, *values.shape, threads)

    def write_peer():
        with h5py.File(peer_path, "w") as file:
            file.create_dataset("panel/power_w", data=values, compression="gzip", compression_opts=1, shuffle=True)

    def read_ours():
        assert tools.ours.bench_panel_read(ours_path.encode(), back.ctypes.data, *values.shape, threads)

    peer_back = np.empty_like(values)

    def read_peer():
        with h5py.File(peer_path) as file:
            file["panel/power_w"].read_direct(peer_back)

    write_ours()
    write_peer()
    read_ours()
    read_peer()
    with h5py.File(ours_path) as file:  # what others read of ours, besides what we read
        equal = np.array_equal(file["panel/power_w"][:], values)
    if not equal or not np.array_equal(back, values) or not np.array_equal(peer_back, values):
        raise SystemExit("row 8: the values differ")
    shard = next(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("ours.") and "shard" in name)
    ratio, peer_ratio = size / packed_bytes(shard), size / packed_bytes(peer_path)
    cases = []
    work = (("write", write_ours, write_peer, TARGET), ("read", read_ours, read_peer, 12))
    for (case, ours, peer, target), threads in ((one, n) for n in (2, 1) for one in work):
        clock = time.perf_counter if threads == 2 else time.thread_time
        times = tools.pairs(ours, peer, 5, clock)
        fits = ratio >= RATIO * peer_ratio
        cases.append({
            "case": f"{case}, {threads} thread{'s'[:threads - 1]}, packed {ratio:.2f} (peer {peer_ratio:.2f})",
            "ratio": times["ratio"],
            "ours": size / times["ours_s"] / 1e6,
            "peer": size / times["peer_s"] / 1e6,
            "unit": "MB/s",
            "target": 0 if threads == 1 else target if fits else float("inf"),
            "bytes": size,
            "homes": values.shape[0],
            "threads": threads,
            "packed_ratio": ratio,
            "peer_packed_ratio": peer_ratio,
            "peer_is": "h5py " + h5py.__version__,
        })
    return cases


def measure(tools):
    if not os.path.exists(DATA):
        raise SystemExit("row 8: skipped: no ../shared/data")
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    try:
        return measure_in(tools, folder)
    finally:
        shutil.rmtree(folder)
