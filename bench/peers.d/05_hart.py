"""Steady states and edges by Hart's rule with a running mean, one thread: dcl_hart_i32() against a loop over rows.

The rule as NILMTK gave it: a sample moves where it differs by more than 15 W from the one before; the level is the
running mean since the last sample that moved; a transition is recorded where levels differ by more than 70 W. The peer
is a plain program of that rule as such tools write it, itertuples() over a frame and numpy operations a row. How fast
the leanest loop in Python is stands beside it ("lean"). Power is in 0.1 W on both sides, so that neither rounds a
sample; rows without a value are dropped for the peer. Transitions are checked one by one: same moments, same sizes.

The shipped detector, dcl_edges_find(), reads the same samples as float32 W. Its target is 100 Msample/s, here as a
ratio to the peer's speed in the same run.
"""
import ctypes
import os
import statistics
import tarfile
import time

import numpy as np
import pandas as pd

TITLE = "Hart's rule"
TARGET = 7500
DETECTOR_SAMPLES_S = 100e6
STATE, NOISE = 150, 700
MISSING = -2**31
DAYS = 5
FIVE_DAYS = DAYS * 86400
FAR = 1 << 26
REPEATS = 3
ECO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data", "eco",
                   "house4.tar.xz")


class Step(ctypes.Structure):
    """dcl_hart_step."""
    _fields_ = [("before_sum", ctypes.c_int64), ("after_sum", ctypes.c_int64), ("before_n", ctypes.c_uint32),
                ("after_n", ctypes.c_uint32), ("index", ctypes.c_uint32), ("settled", ctypes.c_uint32)]


def simulated(samples):
    """Levels held to ±0.3 W, a new one every 600 samples or so: the data of row 6."""
    random = np.random.default_rng(5)
    new = random.random(samples, dtype=np.float32) < 1 / 600
    new[0] = True
    levels = random.integers(500, 30500, np.count_nonzero(new), dtype=np.int32)
    x = levels[np.cumsum(new, dtype=np.int32) - 1]
    x += random.integers(-3, 4, samples, dtype=np.int8)
    return np.ascontiguousarray(x, dtype=np.int32)


def real():
    """ECO house 4 without plug 06, 2012-10-01 … 05: the plugs' sum at 1 s, -1 = missing there."""
    path = os.environ.get("DECLIC_DATA") and os.path.join(os.environ["DECLIC_DATA"], "eco", "house4.tar.xz") or ECO
    if not os.path.exists(path):
        print("    skipped: no ../shared/data", flush=True)
        return None
    total = np.zeros(FIVE_DAYS)
    with tarfile.open(path) as archive:
        for member in archive:
            plug, day = (member.name.split("/") + ["", ""])[-2:] if member.isfile() else ("", "")
            if not day.startswith("2012-10-0") or plug == "06" or int(day[9:10]) > DAYS:
                continue
            watts = np.array(archive.extractfile(member).read().split(), dtype=float)
            start = (int(day[9:10]) - 1) * 86400
            total[start:start + 86400] += np.where(watts < 0, np.nan, watts)
    return np.where(np.isnan(total), MISSING, np.rint(10 * total)).astype(np.int32)


def by_rows(frame):
    """The rule over the rows of a frame, as such tools write it."""
    estimate, last, previous = np.array([0.0]), np.array([0.0]), np.array([0.0])
    count, ongoing, began = 0, False, frame.index[0]
    found = []
    for row in frame.itertuples():
        sample = row[1:2]
        change = np.fabs(np.subtract(sample, previous))
        moves = bool(np.sum(change > STATE))
        if moves and not ongoing:
            size = np.subtract(estimate, last)
            if np.sum(np.fabs(size) > NOISE):
                found.append((began, float(size[0])))
            last, began = estimate, row[0]
        if moves:
            count = 0
        estimate = np.divide(np.add(np.multiply(count, estimate), sample), count + 1)
        count += 1
        ongoing, previous = moves, sample
    size = np.subtract(estimate, last)
    if np.sum(np.fabs(size) > NOISE):
        found.append((began, float(size[0])))
    return [transition for transition in found if transition[0] != frame.index[0]]  # that one is from nothing


def lean(values):
    """The same over a list of floats, with as little as Python can do."""
    estimate = last = previous = 0.0
    count, ongoing, began, found = 0, False, 0, []
    for i, sample in enumerate(values):
        change = sample - previous
        if change > STATE or change < -STATE:
            if not ongoing:
                if abs(estimate - last) > NOISE:
                    found.append((began, estimate - last))
                last, began, ongoing = estimate, i, True
            estimate, count = sample, 1
        else:
            estimate = (count * estimate + sample) / (count + 1)
            count += 1
            ongoing = False
        previous = sample
    if abs(estimate - last) > NOISE:
        found.append((began, estimate - last))
    return [transition for transition in found if transition[0] != 0]


def seconds(work):
    """What it gives, and the processor time that this thread took for it: all three are of one thread."""
    start = time.thread_time()
    result = work()
    return result, time.thread_time() - start


class Ours:
    """Our functions on one array."""

    def __init__(self, tools, x):
        self.x, self.n = x, len(x)
        self.steps = (Step * (self.n // 2))()
        self.watts = np.where(x == MISSING, np.nan, x / 10).astype(np.float32)
        self.hart_fn, self.find_fn = tools.ours.bench_hart_i32, tools.ours.bench_edges_find
        for function in (self.hart_fn, self.find_fn):
            function.restype = ctypes.c_size_t
        self.hart_fn.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p]
        self.find_fn.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

    def hart(self):
        return self.hart_fn(self.x.ctypes.data, self.n, STATE, NOISE, self.steps)

    def detector(self):
        found = self.find_fn(self.watts.ctypes.data, self.n)
        if found == ctypes.c_size_t(-1).value:
            raise SystemExit("row 5: the detector failed")
        return found

    def transitions(self, count):
        return [(s.index, s.after_sum / s.after_n - s.before_sum / s.before_n) for s in self.steps[:count]]


def check(ours, peer, what):
    """The same moments; sizes to a millionth of a watt, as the running mean rounds at every sample."""
    if [index for index, _ in ours] != [index for index, _ in peer]:
        raise SystemExit(f"row 5: {what}: the transitions differ")
    if any(abs(a - b) > 1e-5 for (_, a), (_, b) in zip(ours, peer)):
        raise SystemExit(f"row 5: {what}: the sizes differ")


def measure_case(tools, case, x, peer_n):
    """Both in turn; the peer on the first peer_n samples, as it would take a quarter of an hour for 64 Mi."""
    ours = Ours(tools, x)
    present = np.flatnonzero(x[:peer_n] != MISSING)
    frame = pd.DataFrame({"power": x[present].astype(float)}, index=present)
    times = {"hart": [], "detector": [], "peer": []}
    for _ in range(REPEATS + 1):
        count, hart_s = seconds(ours.hart)
        steps, detector_s = seconds(ours.detector)
        peer, peer_s = seconds(lambda: by_rows(frame))
        for name, value in (("hart", hart_s / len(x)), ("detector", detector_s / len(x)), ("peer", peer_s / peer_n)):
            times[name].append(value)
    found = ours.transitions(count)
    # Where the peer sees less, its last stretch ends early: all but its last transition are compared.
    whole = peer_n == len(x)
    check(found if whole else found[:len(peer) - 1], peer if whole else peer[:-1], case)
    values = frame["power"].tolist()
    quick, lean_s = seconds(lambda: lean(values))
    check([(int(present[i]), size) for i, size in quick], peer, case + ", lean")
    common = {"samples": len(x), "peer_samples": peer_n, "isa": tools.isa, "threads": 1, "unit": "Msample/s",
              "lean": 1e-6 * peer_n / lean_s, "peer_is": f"rows of pandas {pd.__version__}, numpy {np.__version__}",
              "peer": 1e-6 / statistics.median(times["peer"][1:])}

    def row(name, key, found_n, **more):
        ratio = statistics.median(b / a for a, b in zip(times[key][1:], times["peer"][1:]))
        ours_s = statistics.median(times[key][1:])
        return dict(common, case=case + name, ratio=ratio, ours=1e-6 / ours_s, found=found_n, **more)

    return [row("", "hart", count),
            row(", our detector", "detector", steps,
                target=round(DETECTOR_SAMPLES_S * statistics.median(times["peer"][1:])))]


def measure(tools):
    far = simulated(FAR)
    cases = [("5 days of seconds", np.ascontiguousarray(far[:FIVE_DAYS]), FIVE_DAYS), ("64 Mi samples", far, 86400)]
    home = real()
    if home is not None:
        cases.insert(1, ("a real home", home, FIVE_DAYS))
    return [row for case, x, peer_n in cases for row in measure_case(tools, case, x, peer_n)]
