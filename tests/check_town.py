#!/usr/bin/python3
"""Simulated towns as other programs see them: truth in a store, kinds in a panel, bytes, bad input, frames."""
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
except ImportError:
    print("skipped: no h5py")
    sys.exit(77)

DECLIC = os.environ["DECLIC"]


def declic(*words, want=0):
    done = subprocess.run([DECLIC, *words], capture_output=True, check=False)
    assert done.returncode == want, (words, done.returncode, done.stderr)
    return done


def bytes_of(folder, name):
    """The panel's files by name, each whole."""
    found = {}
    for entry in sorted(os.listdir(folder)):
        if entry.startswith(name + "."):
            with open(os.path.join(folder, entry), "rb") as file:
                found[entry] = file.read()
    return found


def a_store_has_kind_and_cycles(folder):
    path = f"{folder}/home.h5"
    declic("town", "-q", "--days", "2", "--step", "1min", "--deflate", "--share", "family_gas=1", "-o", path)
    with h5py.File(path) as file:
        truth = file["home/home1/truth"]
        assert truth["kind"][()] == 3 and truth["kind"].attrs["name"] == b"family_gas"
        cycles = truth["cycles"][:]
        assert list(cycles.dtype.names) == ["start_us", "end_us", "energy_wh", "appliance"]
        assert (cycles["end_us"] > cycles["start_us"]).all() and len(cycles) > 50
        kettle = cycles[cycles["appliance"] == b"kettle"]["energy_wh"].sum() if "kettle" in truth else 0
        drawn = truth["kettle"][:].sum() / 60 if "kettle" in truth else 0
        assert abs(kettle - drawn) < 1e-3 * max(drawn, 1), (kettle, drawn)
        parts = sum(truth[name][:].astype(float) for name in truth if name not in ("kind", "cycles"))
        whole = file["home/home1/power_w"][:].astype(float)
        if "export_w" in file["home/home1"]:
            whole -= file["home/home1/export_w"][:]
        assert numpy.abs(parts - whole).max() < 0.01


def a_panel_has_the_same_bytes_for_any_threads_and_set(folder):
    seen = []
    for name, words in (("a", ("--threads", "1", "--isa", "scalar")), ("b", ("--threads", "2"))):
        os.mkdir(f"{folder}/{name}")
        declic("town", "-q", "-n", "40", "--days", "20", "--period", "30min", "--seed", "7", *words, "-o", f"{folder}/{name}/town.h5")
        seen.append(bytes_of(f"{folder}/{name}", "town"))
    assert seen[0] == seen[1] and len(seen[0]) == 2, [sorted(one) for one in seen]
    with h5py.File(f"{folder}/a/town.h5") as file:
        power, kind = file["panel/power_w"], file["panel/kind"][:]
        assert power.shape == (40, 20 * 48) and kind.shape == (40,)
        assert (kind >= 1).all() and (kind <= 10).all() and len(set(kind)) > 3
        assert power[:].min() >= 0


def bad_input_is_told(folder):
    for name, text in (("mix.csv", "castle,1\n"), ("weather.csv", "2025-01-13T00:00:00Z,cold\n")):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    out = f"{folder}/none.h5"
    cases = ((1, "mix.csv", ("--mix", f"{folder}/mix.csv")), (1, "weather.csv", ("--weather", f"{folder}/weather.csv")),
             (2, "kind of household", ("--share", "familly_gas=1")), (2, "share", ("--share", "family_gas")),
             (2, "one of the two", ("--mix", "x", "--share", "family_gas=1")), (2, "--year", ("--year", "2024", "--days", "3")),
             (2, "one home", ("--tic", "-n", "2")))
    for status, word, words in cases:
        said = declic("town", *words, "-o", out, want=status).stderr.decode()
        assert word in said, (words, said)
        assert not os.path.exists(out)


def frames_are_read_back(folder):
    path = f"{folder}/home.tic"
    declic("town", "-q", "--tic", "-o", path)
    declic("town", "-q", "--days", "1", "-o", f"{folder}/home1.h5")
    declic("import", "-q", "--period", "1min", path, "-o", f"{folder}/tic.h5", "--deflate")
    declic("export", "-q", f"{folder}/home1.h5", "-o", f"{folder}/home1.csv")
    with h5py.File(f"{folder}/tic.h5") as file, h5py.File(f"{folder}/home1.h5") as other:
        told = numpy.nanmean(file["home/home1/power_w"][:])
        true = other["home/home1/power_w"][:].mean()
        assert abs(told - true) < 0.03 * true, (told, true)
    replay = subprocess.run(["timeout", "3", DECLIC, "town", "--replay", "20"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=False).stdout
    frames = replay.count(b"ADCO")
    assert 15 <= frames <= 70, frames


with tempfile.TemporaryDirectory() as directory:
    a_store_has_kind_and_cycles(directory)
    a_panel_has_the_same_bytes_for_any_threads_and_set(directory)
    bad_input_is_told(directory)
    frames_are_read_back(directory)
