"""declic report --panel: a page for each home and a list of them, the same bytes for any number of threads.

Environment: DECLIC, the program.
"""
import datetime
import filecmp
import json
import os
import re
import subprocess
import tempfile

DECLIC = os.environ["DECLIC"]
ADDRESS = "19876543210987"


def run(*arguments, code=0):
    done = subprocess.run([DECLIC, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def make_real(folder):
    """Four homes: one whose name is none of a file, one called by a meter's address, which no panel takes."""
    path = os.path.join(folder, "lcl.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("LCLid,tstp,energy(kWh/hh)\n")
        for number, home in enumerate(("MAC000001", "MAC 000:2", "MAC000003", "PRM" + ADDRESS)):
            for i in range(48 * 20):
                at = datetime.datetime(2013, 1, 1) + datetime.timedelta(minutes=30 * i)
                file.write(f"{home},{at:%Y-%m-%d %H:%M:%S}.0000000,{0.1 + 0.01 * number + 0.02 * (i % 48):.3f}\n")
    panel = os.path.join(folder, "lcl.h5")
    run("import", "-q", path, "-o", panel)
    return panel


def check_threads(folder, town):
    for threads in 1, 2, 5:
        run("report", "--panel", town, "--json", "--lang", "en", "--threads", threads, "-q", "-o", os.path.join(folder, str(threads)))
    names = sorted(os.listdir(os.path.join(folder, "1")))
    assert len(names) == 2 * 12 + 1 and "index.html" in names, names
    for other in "2", "5":
        same, differ, missing = filecmp.cmpfiles(os.path.join(folder, "1"), os.path.join(folder, other), names, shallow=False)
        assert not differ and not missing and len(same) == len(names), (differ, missing)


def check_one(folder, town):
    """A page of the batch is the page of the home alone; its numbers are those of the list."""
    run("report", town, "--home", "home000007", "--label", "home000007", "--lang", "en", "-q", "-o",
        os.path.join(folder, "one.html"))
    assert read(folder, "one.html") == read(folder, "1", "home000007.html")
    index = read(folder, "1", "index.html")
    assert index.count("<tr><th scope=\"row\"") == 12 and "simulated" in index.lower()
    for row in re.findall(r'href="(.+?)\.html".+?data-v="([\d.]+)"', index):
        numbers = json.loads(read(folder, "1", row[0] + ".json"))
        assert abs(numbers["energy_kwh"] - float(row[1])) < 0.001, row


def check_failure(folder, town):
    """A home whose page cannot be written is named, the others are there, and the exit status is 3."""
    out = os.path.join(folder, "part")
    os.makedirs(os.path.join(out, "home000003.html"))
    done = run("report", "--panel", town, "--lang", "en", "-o", out, code=3)
    assert "home000003 has no page" in done.stderr and "11 pages" in done.stderr, done.stderr
    index = read(out, "index.html")
    assert "home000003:" in index and "Homes without a page" in index and 'href="home000003' not in index
    assert not [name for name in os.listdir(out) if name.endswith(".part")]


def check_addresses(folder):
    out = os.path.join(folder, "real")
    done = run("report", "--panel", make_real(folder), "--lang", "en", "-o", out + "/")
    assert sorted(os.listdir(out)) == ["MAC000001.html", "MAC000003.html", "index.html", "place-000002.html"], os.listdir(out)
    said = done.stderr + done.stdout + "".join(read(out, name) for name in os.listdir(out))
    assert ADDRESS not in said
    assert "simulated" not in said.lower()


def check_usage(folder, town):
    assert "-o" in run("report", "--panel", town, code=2).stderr
    assert "one panel" in run("report", "--panel", town, town, "-o", folder, code=2).stderr
    run("report", "--panel", os.path.join(folder, "none.h5"), "-o", os.path.join(folder, "x"), code=1)
    run("report", "--panel", town, "-o", os.path.join(folder, "no", "such"), code=1)


with tempfile.TemporaryDirectory() as folder:
    town = os.path.join(folder, "town.h5")
    run("town", "-q", "-n", 12, "--days", 40, "--step", "30min", "-o", town)
    check_threads(folder, town)
    check_one(folder, town)
    check_failure(folder, town)
    check_addresses(folder)
    check_usage(folder, town)
print("12 homes, 12 pages")
