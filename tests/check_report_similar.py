"""declic report --similar: a home beside the real homes of its cluster, eleven at least, never simulated ones.

Environment: DECLIC, the program.
"""
import datetime
import json
import os
import random
import subprocess
import tempfile

import h5py

DECLIC = os.environ["DECLIC"]


def run(*arguments, code=0):
    done = subprocess.run([DECLIC, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    return done


def make_street(folder, homes, days=60):
    """Homes alike but for their level: home i draws about 100 + 10 i W by night and three times that in the evening."""
    path = os.path.join(folder, f"street{homes}.csv")
    draw = random.Random(homes)
    with open(path, "w", encoding="ascii") as file:
        file.write("LCLid,tstp,energy(kWh/hh)\n")
        for home in range(homes):
            for i in range(48 * days):
                at = datetime.datetime(2013, 1, 7) + datetime.timedelta(minutes=30 * i)
                watt = (100 + 10 * home) * (3 if 36 <= i % 48 < 44 else 1) * draw.uniform(0.8, 1.2)
                file.write(f"MAC{home + 1:06d},{at:%Y-%m-%d %H:%M:%S}.0000000,{watt / 2000:.4f}\n")
    panel, clusters = path[:-4] + ".h5", path[:-4] + "_clusters.h5"
    run("import", "-q", path, "-o", panel)
    run("cluster", "-q", panel, "-k", 1, "-o", clusters)
    return path, clusters


def report(folder, source, clusters, *more):
    page = os.path.join(folder, "page.html")
    told = run("report", source, "--similar", clusters, "--lang", "en", "-q", "--json", "-o", page, *more)
    with open(page, encoding="utf-8") as file:
        return json.loads(told.stdout)["similar"], file.read()


with tempfile.TemporaryDirectory() as folder:
    street, clusters = make_street(folder, 15)
    similar, page = report(folder, street, clusters, "--home", "MAC000001")
    assert similar["why"] == "none" and similar["homes"] >= 11 and similar["cluster"] == 1, similar
    traits = {trait["name"]: trait for trait in similar["traits"]}
    mean = traits["mean_w"]
    # Homes draw 1.33 times 100 ... 240 W on average; the first one is the least of them.
    assert mean["home"] < mean["low"] < mean["median"] < mean["high"], mean
    assert abs(mean["median"] / (4 / 3 * 170) - 1) < 0.05 and abs(mean["home"] / (4 / 3 * 100) - 1) < 0.05, mean
    assert "Beside similar homes" in page and "MAC0" not in page
    assert report(folder, street, clusters, "--home", "MAC000001", "--to", "2013-01-20")[0]["why"] == "not_comparable"

    few, small = make_street(folder, 10)
    similar, page = report(folder, few, small, "--home", "MAC000003")
    assert similar["why"] in ("too_few", "unlike") and not similar["traits"] and "Beside similar" not in page, similar

    town, made = os.path.join(folder, "town.h5"), os.path.join(folder, "made.h5")
    run("town", "-q", "-n", 20, "--days", 60, "--step", "30min", "-o", town)
    run("cluster", "-q", town, "-k", 1, "-o", made)
    assert "simulated" in run("report", street, "--home", "MAC000001", "--similar", made, "-o", "-", code=2).stderr
    run("report", street, "--home", "MAC000001", "--similar", street, "-o", "-", code=1)
    with h5py.File(clusters, "r+") as file:
        del file.attrs["simulated"]
    assert "do not say" in run("report", street, "--home", "MAC000001", "--similar", clusters, "-o", "-", code=1).stderr
print("15 homes shown, 10 not, simulated ones refused")
