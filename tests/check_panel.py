"""A panel from the outside: what h5py reads of it, what import counts, appending, and a kill at any moment of that.

Environment: DECLIC, the program; DECLIC_DATA, real measurements. Packages: python3-h5py, hdf5-filter-plugin-blosc-serial.
"""
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import numpy as np
except ImportError:
    print("skipped: no python3-h5py")
    sys.exit(77)

DECLIC = os.environ["DECLIC"]
HEAD = "LCLid,tstp,energy(kWh/hh)\n"
FIRST = np.datetime64("2013-01-01T00:00:00")
MISSING = -32768


def run(*arguments, code=0):
    done = subprocess.run([DECLIC, *arguments], capture_output=True, text=True)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done


def energy(home, slot):
    """Wh of a half hour; some are missing."""
    return None if (home + slot) % 11 == 5 else (home * 37 + slot * 3) % 900


def rows(home, first, last, step=30):
    lines = []
    for slot in range(first, last):
        stamp = str(FIRST + np.timedelta64(slot * step, "m")).replace("T", " ")
        value = energy(home, slot)
        lines.append(f"MAC{home:06d},{stamp},{'Null' if value is None else value / 1000}\n")
    return "".join(lines)


def wanted(homes, first, last):
    """What int16 steps of 1 W the rows make."""
    cells = [[energy(home, slot) for slot in range(first, last)] for home in homes]
    return np.array([[MISSING if cell is None else 2 * cell for cell in row] for row in cells], np.int16)


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def read(path):
    with h5py.File(path) as file:
        panel = file["panel"]
        return [name.decode() for name in panel["home"][:]], panel["power_w"][:], dict(panel["power_w"].attrs)


def shards(path):
    return sorted(glob.glob(path[:-3] + ".*.shard.h5"))


def check_h5py():
    """Index and shard, read from another folder by a program that knows nothing of ours."""
    path = os.path.join(folder, "city.h5")
    text = write("block.csv", HEAD + "".join(rows(home, 0, 480) for home in (3, 1, 2)))
    run("import", "-q", text, "-o", path)
    names, values, facts = read(path)
    assert names == ["MAC000003", "MAC000001", "MAC000002"], names
    assert values.dtype == np.int16 and np.array_equal(values, wanted((3, 1, 2), 0, 480))
    assert facts["start_us"] == 1356998400 * 10**6 and facts["period_us"] == 1800 * 10**6
    assert facts["scale_w"] == 1 and facts["missing"] == MISSING and facts["unit"] == b"W", facts
    with h5py.File(shards(path)[0]) as shard:
        power = shard["panel/power_w"]
        assert power.fletcher32 and power.id.get_create_plist().get_filter(0)[0] == 32001
        assert np.array_equal(power[:], values) and power.attrs["range_high_w"] == values.max()
        assert power.attrs["present"] == np.count_nonzero(values != MISSING)
    again = os.path.join(folder, "again", "city.h5")
    os.mkdir(os.path.dirname(again))
    run("import", "-q", "--threads", "1", text, "-o", again)
    for one, other in ((path, again), (shards(path)[0], shards(again)[0])):
        assert open(one, "rb").read() == open(other, "rb").read(), "two runs wrote different bytes"
    return path


def check_one_home(path):
    """A panel is an input like a store is, once a home is chosen."""
    text = os.path.join(folder, "home.csv")
    run("export", "-q", path, "--home", "MAC000001", "-o", text)
    lines = open(text, encoding="ascii").read().split("\n")
    assert lines[1] == "2013-01-01T00:00:00Z,74" and lines[5] == "2013-01-01T02:00:00Z,", lines[:8]
    assert "choose one with --home" in run("edges", path, code=2).stderr
    assert 'no home "MAC9"' in run("info", path, "--home", "MAC9", code=1).stderr
    one = os.path.join(folder, "one.h5")
    run("import", "-q", os.path.join(folder, "block.csv"), "--home", "MAC000002", "-o", one)
    with h5py.File(one) as store:
        assert store["home/home1/power_w"][1] == 2 * energy(2, 1)
    assert run("info", "-q", path).stdout.startswith("panel of 3 homes: MAC000003 … MAC000002\n")


def check_exclusions():
    """Homes that have no place in the panel, and rows that are there twice, are counted by reason."""
    text = HEAD + rows(1, 0, 48) + rows(2, 0, 48, step=60).replace("MAC000002", "MAC000009")
    text += "MAC000004,2013-01-01 00:00:00,Null\n" + rows(2, 0, 48) + rows(1, 40, 60)
    other = write("other.csv", HEAD + rows(1, 58, 96) + "MAC000002,2013-01-01 00:00:00,9\n")
    path = os.path.join(folder, "counted.h5")
    told = json.loads(run("import", "--json", write("some.csv", text), other, "-o", path).stdout)["imported"]
    left = {one["reason"]: (one["homes"], one["first"]) for one in told["left_out"]}
    assert left == {"empty": (1, "MAC000004")} or left == {
        "other_period": (1, "MAC000009"), "empty": (1, "MAC000004")}, told
    names, values, _ = read(path)
    assert names[0] == "MAC000001" and told["homes"] == len(names) == told["new_homes"]
    assert np.array_equal(values[0, :96], wanted((1,), 0, 96)[0])
    two = names.index("MAC000002")
    assert values[two, 0] == MISSING and told["excluded"]["contradiction"] == 1, told
    both = [slot for first, last in ((40, 48), (58, 60)) for slot in range(first, last)]
    assert told["excluded"]["duplicate"] == sum(energy(1, slot) is not None for slot in both), told


def check_append(path):
    """Days behind the end and homes that are new; what the panel has already is not taken twice."""
    days = write("days.csv", HEAD + "".join(rows(home, 400, 600) for home in (1, 3)) + rows(7, 0, 100))
    told = json.loads(run("import", "--json", days, "-o", path, "--append").stdout)["imported"]
    assert told["homes"] == 3 and told["new_homes"] == 1, told
    names, values, _ = read(path)
    assert names == ["MAC000003", "MAC000001", "MAC000002", "MAC000007"] and values.shape == (4, 600)
    assert np.array_equal(values[:2], wanted((3, 1), 0, 600))
    assert np.array_equal(values[2, :480], wanted((2,), 0, 480)[0]) and np.all(values[2, 480:] == MISSING)
    assert np.array_equal(values[3, :100], wanted((7,), 0, 100)[0]) and np.all(values[3, 100:] == MISSING)
    before = open(path, "rb").read()
    assert "has up to its end already" in run("import", days, "-o", path, "--append", code=1).stderr
    assert open(path, "rb").read() == before and len(shards(path)) == 3
    run("import", "-q", days, "-o", os.path.join(folder, "nothing.h5"), "--append", code=1)
    assert not os.path.exists(os.path.join(folder, "nothing.h5"))
    csv = write("single.csv", "time_utc,power_w\n2013-02-01T00:00:00Z,5\n2013-02-01T00:30:00Z,6\n")
    run("import", "-q", csv, "-o", path, "--append", "--id", "added")
    assert read(path)[0][-1] == "added" and run("export", "-q", path, "--home", "added").stdout.count("\n") == 3


def check_damage(path):
    """Errors name the shard, whether it is gone, cut or of a newer program."""
    shard = shards(path)[0]
    os.rename(shard, shard + ".away")
    assert os.path.basename(shard) in run("info", path, code=1).stderr
    with open(shard + ".away", "rb") as whole, open(shard, "wb") as part:
        part.write(whole.read()[:-100])
    assert os.path.basename(shard) in run("info", path, code=1).stderr
    os.replace(shard + ".away", shard)
    run("info", "-q", path)
    with h5py.File(path, "r+") as file:
        file.attrs["declic_panel"] = 2
    assert "version 2, of a newer program" in run("info", path, code=1).stderr


def check_kill():
    """kill -9 at any moment of an append leaves the panel of before or the panel of after."""
    base = os.path.join(folder, "kill")
    os.mkdir(base)
    many = range(60)
    first = write("first.csv", HEAD + "".join(rows(home, 0, 96) for home in many))
    second = write("second.csv", HEAD + "".join(rows(home, 96, 480) for home in many))
    path = os.path.join(base, "panel.h5")
    run("import", "-q", first, "-o", path)
    old = shutil.copytree(base, base + ".old")
    start = time.monotonic()
    run("import", "-q", second, "-o", path, "--append")
    whole = time.monotonic() - start
    after = read(path)[1]
    assert np.array_equal(after, wanted(many, 0, 480))
    chance, ends = random.Random(5), {"old": 0, "new": 0}
    for turn in range(24):
        shutil.rmtree(base)
        shutil.copytree(old, base)
        going = subprocess.Popen([DECLIC, "import", "-q", second, "-o", path, "--append"])
        time.sleep(whole * chance.uniform(0, 1.1) if turn else 0)
        going.send_signal(signal.SIGKILL)
        going.wait()
        values = read(path)[1]
        ends["new" if values.shape[1] == 480 else "old"] += 1
        assert np.array_equal(values, after if values.shape[1] == 480 else after[:, :96]), "neither old nor new"
        run("info", "-q", path)
    run("import", "-q", first, second, "-o", path)  # goes on after whatever a kill left
    assert np.array_equal(read(path)[1], after)
    print("24 kills:", ends)


def check_devices():
    """Devices are no homes: each becomes one of its own in a store, also where its days do not stand together."""
    base = os.path.join(folder, "devices")
    for name, text in (("complete/Kettle/dev_A1_2011.12.05.csv", "05/12/2011 10:00:00;2000;2\n05/12/2011 10:00:01;2001;2\n"),
                       ("complete/Lamp/dev_B2_2011.12.05.csv", "05/12/2011 10:00:00;40;4\n05/12/2011 10:00:01;41;4\n"),
                       ("incomplete/Kettle/dev_A1_2011.12.05.csv", "05/12/2011 10:00:05;7;7\n05/12/2011 10:00:06;8;8\n")):
        path = os.path.join(base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    path = os.path.join(folder, "devices.h5")
    done = run("import", base, "-o", path)
    assert "2 of no format" not in done.stderr and done.stdout.count("read as tracebase") == 2, done
    with h5py.File(path) as store:
        assert sorted(store["home"]) == ["Kettle_A1", "Lamp_B2"]
        kettle = store["home/Kettle_A1/power_w"]
        assert list(kettle[:2]) == [2000, 2001] and list(kettle[5:7]) == [7, 8] and len(kettle) >= 7, kettle[:]
        assert store["home/Kettle_A1"].attrs["readings"] == 4
    assert "devices" in run("import", base, "-o", path, "--append", code=2).stderr
    run("import", "-q", base, "--home", "Lamp_B2", "-o", os.path.join(folder, "lamp.h5"))
    assert 'no home "X"' in run("info", base, "--home", "X", code=1).stderr


def check_real():
    data = os.path.join(os.environ.get("DECLIC_DATA", ""), "lcl", "lcl.tar.xz")
    if not os.path.exists(data):
        print("skipped: no ../shared/data")
        return
    path = os.path.join(folder, "lcl.h5")
    told = json.loads(run("import", "--json", data, "-o", path).stdout)
    assert told["panel"]["homes"] == 125 and told["panel"]["slots"] == 17520 and not told["imported"]["left_out"], told
    names, values, _ = read(path)
    for home in (0, 77):
        one = os.path.join(folder, "real.h5")
        run("import", "-q", data, "--home", names[home], "-o", one)
        with h5py.File(one) as store:
            power = store["home/home1/power_w"]
            at = (power.attrs["start_us"] - 1356998400 * 10**6) // (1800 * 10**6)
            alone = np.where(np.isnan(power[:]), MISSING, np.round(power[:])).astype(np.int16)
            assert np.array_equal(values[home, at:at + len(alone)], alone), names[home]


with tempfile.TemporaryDirectory() as folder:
    panel = check_h5py()
    check_one_home(panel)
    check_exclusions()
    check_append(panel)
    check_damage(panel)
    check_kill()
    check_devices()
    check_real()
print("h5py", h5py.__version__, "reads panels")
