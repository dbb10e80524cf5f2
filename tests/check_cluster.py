"""declic cluster from outside: what it writes, what it refuses, and real homes against the target where they are there.

Environment: DECLIC, the program; DECLIC_DATA, real measurements where there are any.
"""
import csv
import glob
import io
import json
import os
import re
import subprocess
import sys
import tempfile

import h5py
import numpy

DECLIC, DATA = os.environ["DECLIC"], os.environ.get("DECLIC_DATA", "")
failures = 0


def check(name, fine, said=""):
    global failures
    if not fine:
        failures += 1
        print(f"FAILED {name}: {said}")


def declic(*arguments):
    run = subprocess.run([DECLIC, *arguments], capture_output=True, text=True, timeout=280)
    return run.returncode, run.stdout, run.stderr


def refused(name, code, words, *arguments):
    got, _, said = declic(*arguments)
    check(name, got == code and words in said, f"exit {got}: {said}")


def write_homes(path, homes, days):
    """Homes of three shapes and of levels that have nothing to do with them."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("LCLid,tstp,energy(kWh/hh)\n")
        for home in range(homes):
            for slot in range(days * 48):
                value = (0.1 + 0.01 * (home % 7)) * (1 + 3 * ((slot // 2 - 8 * (home % 3)) % 24 < 3) + 0.1 * (slot * (home + 3) % 11))
                file.write(f"H{home:02d},2013-01-{1 + slot // 48:02d} {slot % 48 // 2:02d}:{slot % 2 * 30:02d}:00,{value:.3f}\n")


def check_files(folder):
    text, panel, out = (os.path.join(folder, name) for name in ("homes.csv", "homes.h5", "clusters.h5"))
    write_homes(text, 18, 21)
    declic("import", "-q", text, "-o", panel)
    code, printed, said = declic("cluster", "-q", panel, "-k", "3", "--zone", "UTC", "-o", out, "--csv")
    rows = list(csv.DictReader(io.StringIO(printed)))
    check("csv", code == 0 and [row["home"] for row in rows] == [f"H{i:02d}" for i in range(18)], said)
    groups = [{row["nearest"] for i, row in enumerate(rows) if i % 3 == shape} for shape in range(3)]
    check("homes of one shape are one cluster", all(len(group) == 1 for group in groups) and len(set.union(*groups)) == 3, groups)
    with h5py.File(out, "r") as file:
        check("h5", file.attrs["declic_clusters"] == 2 and file["homes/id"][3] == b"H03", list(file.attrs))
        check("h5 has the clusters of the csv", [str(c) for c in file["homes/cluster"][:]] == [row["cluster"] for row in rows])
        check("h5 profiles are level-free", abs(numpy.nanmean(file["clusters/profile"][:]) - 1) < 0.05)
    again = os.path.join(folder, "again.h5")
    declic("cluster", "-q", panel, "-k", "3", "--zone", "UTC", "-o", again, "--threads", "1", "--isa", "scalar")
    check("same bytes for other threads", open(out, "rb").read() == open(again, "rb").read())
    code, put, said = declic("cluster", "-q", panel, "--zone", "UTC", "--assign", out, "--csv")
    check("homes go where they were", put == printed, said)
    start = os.path.join(folder, "start.csv")
    open(start, "w", encoding="utf-8").write(printed)
    for init in (start, out):
        code, told, said = declic("cluster", "-q", panel, "--zone", "UTC", "--init", init, "--json")
        check("init", code == 0 and json.loads(told)["k"] == 3 and json.loads(told)["iterations"] <= 2, said or told)
    return panel, out, text


def check_page(folder, panel):
    for lang in ("fr", "en"):
        page = os.path.join(folder, f"{lang}.html")
        code, _, said = declic("cluster", "-q", panel, "--lang", lang, "--report", page)
        text = open(page, encoding="utf-8").read() if code == 0 else ""
        check("page", text.startswith("<!DOCTYPE html>") and f'lang="{lang}"' in text and "http" not in text.replace("http-equiv", ""), said)


def check_apart(folder, panel):
    """Homes of three shapes: each cluster's words say when its own peak is, and when the others' are."""
    page = os.path.join(folder, "apart.html")
    code, _, said = declic("cluster", "-q", panel, "-k", "3", "--zone", "UTC", "--lang", "en", "--report", page)
    words = re.findall("What sets it apart: ([^<]*)", open(page, encoding="utf-8").read()) if code == 0 else []
    hours = sorted(int(hour) for text in words for hour in re.findall("more than elsewhere around ([0-9]+)", text))
    near = len(hours) == 3 and all(peak <= hour <= peak + 2 for hour, peak in zip(hours, (0, 8, 16)))
    check("words tell clusters apart", len(set(words)) == 3 and near, (words, said))


def check_profiles(folder):
    """Whatever homes are compared by, each cluster's page has its days in four seasons."""
    town, page = os.path.join(folder, "town.h5"), os.path.join(folder, "town.html")
    declic("town", "-q", "-n", "60", "--period", "30min", "-o", town)
    for by in ("shapes", "habits"):
        code, _, said = declic("cluster", "-q", town, "-k", "2", "--by", by, "--report", page)
        found = open(page, encoding="utf-8").read().count("<figure><figcaption>") if code == 0 else 0
        check("profiles by " + by, found == 2 * 4, (found, said))


def check_bad(folder, panel, out, text):
    refused("k above the homes", 2, "homes can be compared", "cluster", panel, "-k", "19", "--csv")
    refused("k that is none", 2, "expected auto", "cluster", panel, "-k", "many", "--csv")
    refused("no output", 2, "needs -o", "cluster", panel)
    refused("no panel", 1, "no panel of homes", "cluster", text, "--csv")
    index = os.path.join(folder, "index.h5")
    open(index, "wb").write(open(panel, "rb").read()[:3000])
    refused("cut index", 1, "damaged or cut", "cluster", index, "--csv")
    refused("missing", 1, "missing", "cluster", os.path.join(folder, "none.h5"), "--csv")
    refused("assign and k", 2, "--assign", "cluster", panel, "--assign", out, "-k", "3", "--csv")
    refused("assign no clusters", 1, "declic_clusters", "cluster", panel, "--assign", panel, "--csv")
    cut = os.path.join(folder, "cut.h5")
    open(cut, "wb").write(open(out, "rb").read()[:3000])
    refused("cut clusters", 1, "cut.h5", "cluster", panel, "--assign", cut, "--csv")
    refused("attributes of other homes", 1, "no row is of a home", "cluster", panel, "--attributes", write(folder, "id,x\nq,1\n"), "--csv")
    refused("weather without numbers", 1, "line 2", "cluster", panel, "--weather", write(folder, "time_utc,temperature_c\n2013-01-01,mild\n"), "--csv")
    shard = glob.glob(os.path.join(folder, "homes.*.shard.h5"))[0]
    whole = open(shard, "rb").read()
    open(shard, "wb").write(whole[: len(whole) // 2])
    refused("cut shard", 1, "shard", "cluster", panel, "--csv")
    os.remove(shard)
    refused("missing shard", 1, "shard", "cluster", panel, "--csv")
    short, one = os.path.join(folder, "short.h5"), os.path.join(folder, "one.h5")
    write_homes(text, 3, 5)
    declic("import", "-q", text, "-o", short)
    refused("five days", 1, "14 at least", "cluster", short, "--csv")
    write_homes(text, 1, 21)
    declic("import", "-q", text, "-o", one)
    refused("one home", 1, "no panel of homes", "cluster", one, "--csv")


def write(folder, text):
    path = os.path.join(folder, "table.csv")
    open(path, "w", encoding="utf-8").write(text)
    return path


def check_lcl(folder):
    archive = os.path.join(DATA, "lcl", "lcl.tar.xz")
    if not os.path.exists(archive):
        print("skipped: no ../shared/data")
        return
    panel = os.path.join(folder, "lcl.h5")
    declic("import", "-q", archive, "-o", panel)
    code, printed, said = declic("cluster", "-q", panel, "--zone", "Europe/London", "--json")
    told = json.loads(printed) if code == 0 else {}
    check("Low Carbon London", code == 0 and told["k"] >= 4 and told["stability_ari"] >= 0.6 and told["smallest_share"] >= 0.05
          and told["shape_variance"] >= 0.95 * told["shape_variance_best"], said or {key: told[key] for key in list(told)[:12]})


with tempfile.TemporaryDirectory() as folder:
    panel, out, text = check_files(folder)
    check_page(folder, panel)
    check_apart(folder, panel)
    check_profiles(folder)
    check_bad(folder, panel, out, text)
    check_lcl(folder)
sys.exit(1 if failures else 0)
