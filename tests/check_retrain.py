"""The nightly job from outside: first models, nights, a night that is done once, a home that fails beside others, a dry run that
writes nothing, one run at a time, a version that is rolled back, and runs that are killed at any moment. Six moments; 200 with DECLIC_FULL=1.

Environment: DECLIC, the program.
"""
import fcntl
import json
import math
import os
import random
import shutil
import signal
import subprocess
import tempfile
from datetime import datetime, timedelta

from outside import DECLIC, check, declic, finish

FEW = ("--rows", "800", "--rounds", "6", "--threads", "1", "--zone", "UTC", "-q")
FIRST = datetime(2025, 1, 1)
MOMENTS = 200 if os.environ.get("DECLIC_FULL") else 6


def write_home(path, days, seed):
    """Half hours of a home whose evenings are the same up to noise."""
    rng = random.Random(seed)
    with open(path, "w") as file:
        file.write("time_utc,power_w\n")
        for slot in range(days * 48):
            hour = slot % 48 / 2
            power = 150 + 900 * math.exp(-((hour - 19.5) / 2) ** 2) + 300 * math.exp(-((hour - 7.5) / 1.5) ** 2)
            stamp = (FIRST + timedelta(minutes=30 * slot)).strftime("%Y-%m-%dT%H:%M:%SZ")
            file.write(f"{stamp},{power * (0.7 + 0.6 * rng.random()):.1f}\n")


def day(n):
    return (FIRST + timedelta(days=n)).strftime("%Y-%m-%dT00:00:00Z")


def retrain(shelf, data, now, *more, want=0):
    out, said = declic("retrain", "--shelf", shelf, "--data", data, "--now", now, "--json", *FEW, *more, want=want)
    return (json.loads(out)["nights"] if out else []), said


def files_of(folder):
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    return found


def check_nights(work, shelf, data):
    declic("retrain", "--shelf", shelf, want=2)
    declic("retrain", "--shelf", os.path.join(work, "none"), "--data", data, want=1)
    night = retrain(shelf, data, day(80), "--new")[0][0]
    check("a home without a model gets a first one", night["did"] == "first" and night["is"] == 1 and night["was"] is None, night)
    check("a first one is tested on days that it did not learn from", night["challenger"]["n"] == 7 * 48, night)
    card = json.loads(declic("shelf", "show", shelf, "forecast-a", "--json")[0])["models"][0]["versions"][0]
    check("why stands in the card", card["why"] == night["why"] and card["kind"] == "forecast" and card["to"] <= day(73), card)
    again = retrain(shelf, data, day(80), "--new")[0][0]
    check("a night is done once", again["did"] == "already", again)
    before = files_of(shelf)
    dry = retrain(shelf, data, day(81), "--dry-run")[0][0]
    check("a dry run decides", dry["did"] in ("promoted", "refused") and dry["served"] > 0, dry)
    check("a dry run writes nothing", files_of(shelf) == before)
    wet = retrain(shelf, data, day(81))[0][0]
    check("and what it said is done", all(wet[k] == dry[k] for k in ("did", "champion", "challenger", "why")), wet)
    with open(os.path.join(shelf, ".nightly", "forecast-a.served.csv")) as file:
        rows = file.read().splitlines()
    check("what was served stands beside what came true", len(rows) == 1 + wet["served"] and rows[1].count(",") == 9, rows[:2])
    check("the future is not looked at", max(row.split(",")[3] for row in rows[1:]) <= day(81), rows[-1])


def check_failures(shelf, data):
    shutil.copytree(os.path.join(shelf, "forecast-a"), os.path.join(shelf, "forecast-gone"))
    with open(os.path.join(data, "words.txt"), "w") as file:
        file.write("no model\n")
    declic("shelf", "add", shelf, "appliances", os.path.join(data, "words.txt"))
    os.remove(os.path.join(data, "words.txt"))
    nights, said = retrain(shelf, data, day(82), want=3)
    did = {night["model"]: night["did"] for night in nights}
    check("a home that is gone fails, others go on", did["forecast-gone"] == "failed" and did["forecast-a"] in ("promoted", "refused"), did)
    check("what is no forecast is named and left alone", did["appliances"] == "skipped", did)
    check("who failed is named even when told to be quiet", "forecast-gone: failed" in said and "skipped" not in said, said)
    for name in ("forecast-gone", "appliances"):
        shutil.rmtree(os.path.join(shelf, name))


def check_one_at_a_time(shelf, data):
    with open(os.path.join(shelf, ".nightly", ".lock"), "r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        said = retrain(shelf, data, day(83), want=1)[1]
        check("a second run goes away", "another run" in said, said)


def check_rollback(work, data):
    """A version that knows nothing of evenings is put on the shelf by hand: a week later its parent serves again."""
    shelf, odd, model = (os.path.join(work, name) for name in ("back", "odd.csv", "odd.model"))
    retrain(shelf, data, day(80), "--new")
    with open(os.path.join(data, "a.csv")) as good, open(odd, "w") as file:
        for i, line in enumerate(good):
            stamp, value = line.rstrip("\n").split(",")
            file.write(line if not i else f"{stamp},{3000 if i % 7 else 30}\n" if i <= 79 * 48 else "")
    declic("learn", "forecast", odd, "-o", model, "--rounds", "3", "--rows", "500", "--threads", "1", "-q", "--zone", "UTC")
    declic("shelf", "add", shelf, "forecast-a", model, "--now", day(80))
    card = json.loads(declic("shelf", "show", shelf, "forecast-a", "--json")[0])["models"][0]["versions"][0]
    check("its card is filled from the model", card["kind"] == "forecast" and len(card["features"]) > 20 and card["to"], card)
    night = retrain(shelf, data, day(88))[0][0]
    check("a version that does worse gives way to its parent", night["did"] == "rolled_back" and night["is"] == 1, night)
    check("a large miss is kept", night["misses"] > 0, night)


def check_company(work, data):
    """A model of another home goes with each challenger, unless it saw the days of the test."""
    other, model = os.path.join(work, "other.csv"), os.path.join(work, "other.model")
    write_home(other, 90, 9)
    for to, trainings in ((70, 2), (76, 1)):
        shelf = os.path.join(work, f"company{to}")
        declic("learn", "forecast", other, "-o", model, "--to", day(to), *FEW)
        night = retrain(shelf, data, day(80), "--new", "--with", model)[0][0]
        path = os.path.join(shelf, "forecast-a", "000001", "model")
        known = json.loads(declic("info", path, "--json")[0])["model"]["forecast"]["trainings"]
        check(f"a model of many homes that ends on day {to}", night["did"] == "first" and len(known) == trainings, known)
    declic("retrain", "--shelf", shelf, "--data", data, "--with", os.path.join(work, "absent"), want=1)


def check_begun(work, data, want):
    """Where a run was killed before its first version served: with nothing in the model's folder, or with all but the choice."""
    for begun in ("folder", "version"):
        shelf = os.path.join(work, "begun_" + begun)
        shutil.copytree(want, shelf)
        shutil.rmtree(os.path.join(shelf, ".nightly"))
        os.remove(os.path.join(shelf, "forecast-a", "current"))
        if begun == "folder":
            shutil.rmtree(os.path.join(shelf, "forecast-a", "000001"))
        night = retrain(shelf, data, day(80), "--new")[0][0]
        check(f"a first version of which there was the {begun}", (night["did"], night["is"]) == ("first", 1), night)
        got, wanted = files_of(shelf), files_of(want)
        for name in ("forecast-a/current", "forecast-a/000001/model"):
            check(f"{begun}: {name} is what a whole run makes", got.get(name) == wanted.get(name))


def check_kills(work, data):
    want = os.path.join(work, "want")
    retrain(want, data, day(80), "--new")
    check_begun(work, data, want)
    retrain(want, data, day(81))
    rng = random.Random(7)
    for moment in range(MOMENTS):
        shelf = os.path.join(work, f"killed{moment}")
        for night in (80, 81):
            run = subprocess.Popen([DECLIC, "retrain", "--shelf", shelf, "--data", data, "--now", day(night), "--new", *FEW],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                run.wait(rng.uniform(0.02, 1.0))
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
            retrain(shelf, data, day(night), "--new")
        nights = [line.split(",")[:4] for line in open(os.path.join(shelf, ".nightly", "forecast-a.nights.csv"))]
        good = [line.split(",")[:4] for line in open(os.path.join(want, ".nightly", "forecast-a.nights.csv"))]
        check(f"kill {moment}: the next run finishes the nights", nights == good, nights)
        got, wanted = files_of(shelf), files_of(want)
        for name in ("forecast-a/current", "forecast-a/000001/model", ".nightly/forecast-a.served.csv"):
            check(f"kill {moment}: {name} is what a whole run makes", got.get(name) == wanted.get(name))
        declic("shelf", "list", shelf)


def main():
    work = tempfile.mkdtemp(prefix="declic-retrain-")
    try:
        shelf, data = os.path.join(work, "shelf"), os.path.join(work, "homes")
        os.mkdir(data)
        write_home(os.path.join(data, "a.csv"), 90, 1)
        check_nights(work, shelf, data)
        check_failures(shelf, data)
        check_one_at_a_time(shelf, data)
        check_rollback(work, data)
        check_company(work, data)
        check_kills(work, data)
    finally:
        shutil.rmtree(work)
    finish()


main()
