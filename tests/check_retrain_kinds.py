"""The nightly job on models that are no forecasts of a panel: those for gateways, with blobs beside them; appliances' power, with plugs
as new labels; loads that people named. Each is promoted where it is clearly better on days that neither saw, and waits without labels.

Environment: DECLIC, the program.
"""
import json
import os
import random
import shutil
import tempfile
from datetime import datetime, timedelta

from outside import check, declic, finish

FIRST = datetime(2025, 1, 1)
ZONE = ("--zone", "UTC", "--threads", "1", "-q")


def day(n):
    return (FIRST + timedelta(days=n)).strftime("%Y-%m-%dT00:00:00Z")


def stamp(seconds):
    return (FIRST + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def retrain(shelf, data, now, *more, want=0):
    out, said = declic("retrain", "--shelf", shelf, "--data", data, "--now", now, "--json", "--rows", "4000", *ZONE, *more, want=want)
    return {night["model"]: night for night in json.loads(out)["nights"]} if out else {}, said


def versions(shelf, model):
    return json.loads(declic("shelf", "list", shelf, model, "--json", "-q")[0])["models"][0]


# ---------------------------------------------------------------- for gateways

def write_gateway_home(path, days, change):
    """A heater that cycles each 20 minutes; from day `change` on each 12, at another power."""
    rng = random.Random(3)
    with open(path, "w", encoding="ascii") as out:
        out.write("time_utc,power_w\n")
        for i in range(days * 1440):
            at, minute = divmod(i, 1440)
            heats = i % 20 < 7 if at < change else i % 12 < 5
            watts = 120 + (1200 if at < change else 2100) * heats * (360 <= minute < 1320 + rng.randrange(-90, 90)) + rng.randrange(20)
            out.write(f"{stamp(60 * i)},{watts}\n")


def check_gateway(work, data):
    shelf, model = os.path.join(work, "gateways"), os.path.join(work, "gateway.model")
    home = os.path.join(data, "g.csv")
    write_gateway_home(home, 42, 18)
    declic("learn", "forecast", home, "--gateway", "-o", model, "--to", day(16), *ZONE)
    declic("shelf", "add", shelf, "gateway-g", model, "--now", day(16))
    folder = os.path.join(shelf, "gateway-g")
    check("what is added by hand has its blobs beside", {"minute.blob", "today.blob"} <= set(os.listdir(os.path.join(folder, "000001"))))
    waited = retrain(shelf, data, day(20))[0]["gateway-g"]
    check("a night waits until there are days to compare on", waited["did"] == "waited", waited)
    dry = retrain(shelf, data, day(36), "--dry-run")[0]["gateway-g"]
    check("a dry run adds no version", len(versions(shelf, "gateway-g")["versions"]) == 1 and dry["did"] == "promoted", dry)
    night = retrain(shelf, data, day(36))[0]["gateway-g"]
    check("a home that changed gets a new model", night["did"] == "promoted" and night["is"] == 2, night)
    check("by a stated margin", night["challenger"]["loss"] < 0.98 * night["champion"]["loss"], night)
    check("both were measured by the same minutes", night["challenger"]["n"] == night["champion"]["n"] > 7 * 1440, night)
    check("neither saw them", night["test_from"] == day(29), night)
    card = versions(shelf, "gateway-g")["versions"][1]
    check("the card has the model's blobs", [f["name"] for f in card["files"]] == ["minute.blob", "today.blob"], card)
    check("its data end where the test begins", card["to"] == day(29) and card["kind"] == "gateway", card)
    metrics = {m["name"]: m["value"] for m in card["metrics"]}
    change = metrics["held_minute_mae_integer_w"] / metrics["held_minute_mae_float_w"] - 1
    check("the integers are within the budget that the card tells", abs(change) < metrics["integers_budget"] == 0.005, metrics)
    for kind in ("minute", "today"):
        path = os.path.join(folder, "000002", kind + ".blob")
        blob = json.loads(declic("info", path, "--json")[0])["blob"]
        check(f"{kind}.blob is whole, and newer than the one before", blob["kind"] == kind and blob["serial"] == 2, blob)
        said = declic("forecast", home, "--model", path, "--quantised", "--csv", "--from", day(40), *ZONE)[0]
        whole = declic("forecast", home, "--model", os.path.join(folder, "000002", "model"), "--horizon", kind, "--quantised", "--csv",
                       "--from", day(40), *ZONE)[0]
        check(f"{kind}.blob says what the model beside it says", said == whole and said.count("\n") == 2, (said, whole))
    again = retrain(shelf, data, day(36))[0]["gateway-g"]
    check("a night is done once", again["did"] == "already", again)
    damage(folder, shelf)
    declic("learn", "forecast", home, "--gateway", "-o", model, "--to", day(35), *ZONE)
    alone = os.path.join(work, "alone")
    declic("shelf", "add", alone, "gateway-g", model, "--now", day(35))
    same = retrain(alone, data, day(41))[0]["gateway-g"]
    check("what is not better is refused", same["did"] == "refused" and same["is"] == 1 and same["test_from"] == day(35), same)


def damage(folder, shelf):
    """A blob that was changed on the disk: its version serves no more, the one before does."""
    path = os.path.join(folder, "000002", "minute.blob")
    with open(path, "rb") as file:
        whole = file.read()
    for bad in (whole[:-1], whole[:60] + bytes([whole[60] ^ 1]) + whole[61:], None):
        if bad is None:
            os.remove(path)
        else:
            with open(path, "wb") as file:
                file.write(bad)
        said = declic("shelf", "show", shelf, "gateway-g")[1]
        check("a version with a damaged blob does not serve", "version 1 serves" in said, said)
    with open(path, "wb") as file:
        file.write(whole)


# ---------------------------------------------------------------- appliances and plugs

def loads_at(i):
    """Watts of a kettle and a heater at second 10 i: the kettle some times a day, the heater now and then for half an hour."""
    at, slot = divmod(i, 8640)
    kettle = 2000 if any(0 <= slot - 360 * h - 7 * (at * 5 % 11) < 18 for h in (7, 10, 13, 17, 20)) else 0
    heater = 900 if any(0 <= slot - 360 * h - 11 * (at * 3 % 7) < 180 for h in (6, 9, 15, 19, 22)) else 0
    return kettle, heater


def write_plugged_home(data, days):
    rng = random.Random(5)
    os.makedirs(os.path.join(data, "p.plugs"))
    with open(os.path.join(data, "p.csv"), "w", encoding="ascii") as meter, \
         open(os.path.join(data, "p.plugs", "kettle.csv"), "w", encoding="ascii") as kettle, \
         open(os.path.join(data, "p.plugs", "heater.csv"), "w", encoding="ascii") as heater:
        for file in (meter, kettle, heater):
            file.write("time_utc,power_w\n")
        for i in range(days * 8640):
            a, b = loads_at(i)
            meter.write(f"{stamp(10 * i)},{100 + rng.randrange(8) + a + b}\n")
            kettle.write(f"{stamp(10 * i)},{a}\n")
            heater.write(f"{stamp(10 * i)},{b}\n")


def check_plugs(work, data):
    """A model of a kettle alone; later a second plug is worn."""
    shelf, model = os.path.join(work, "plugs"), os.path.join(work, "plugs.model")
    write_plugged_home(data, 22)
    declic("learn", "appliances", os.path.join(data, "p.csv"), "--plug", "kettle=" + os.path.join(data, "p.plugs", "kettle.csv"),
           "--to", day(8), "--rows", "2000", "-o", model, *ZONE)
    declic("shelf", "add", shelf, "appliances-p", model, "--now", day(8))
    night = retrain(shelf, data, day(22))[0]["appliances-p"]
    check("plugs are new labels: a model that knows one more appliance takes over", night["did"] == "promoted" and night["is"] == 2, night)
    check("and is told apart by what it tells wrong", night["challenger"]["loss"] < 0.5 * night["champion"]["loss"], night)
    known = json.loads(declic("info", os.path.join(shelf, "appliances-p", "000002", "model"), "--json")[0])["model"]["appliances"]
    check("it names both", sorted(a["name"] for a in known) == ["heater", "kettle"], known)
    shutil.rmtree(os.path.join(data, "p.plugs"))
    waited, said = retrain(shelf, data, day(21))
    check("without plugs the night waits", waited["appliances-p"]["did"] == "waited", waited)


# ---------------------------------------------------------------- names

def check_names(work, data):
    """Two loads are named by hand; one of them becomes another (a new pump), and people name its cycles."""
    shelf, model, home = os.path.join(work, "names"), os.path.join(work, "names.model"), os.path.join(data, "n.csv")
    with open(home, "w", encoding="ascii") as out:
        out.write("time_utc,power_w\n")
        for i in range(30 * 8640):
            at, slot = divmod(i, 8640)
            pump = (700 if at < 12 else 1500) if any(0 <= slot - 360 * h - 5 * (at % 4) < 60 for h in (3, 11, 19)) else 0
            press = 400 if any(0 <= slot - 360 * h - 9 * (at % 3) < 30 for h in (8, 14, 21)) else 0
            out.write(f"{stamp(10 * i)},{60 + (i * 7919) % 5 + pump + press}\n")
    unknowns = json.loads(declic("cycles", home, "--to", day(10), "--json", *ZONE)[0])["unknowns"]
    words = [("unknown %d=%s" % (u["unknown"], "pool pump" if "0.7" in u["text"] or "700" in u["text"] else "trouser press"))
             for u in unknowns[:2]]
    declic("learn", "appliances", home, "--to", day(10), "--name", words[0], "--name", words[1], "-o", model, *ZONE)
    declic("shelf", "add", shelf, "names-n", model, "--now", day(10))
    night = retrain(shelf, data, day(20))[0]["names-n"]
    check("without names the night waits, and says for what", night["did"] == "waited" and "nobody named" in night["why"], night)
    with open(os.path.join(data, "n.names.csv"), "w", encoding="ascii") as out:
        out.write("start_utc,appliance\n")
        for row in json.loads(declic("cycles", home, "--json", *ZONE)[0])["cycles"]:
            if row["start_utc"] >= day(12) and row["mean_w"] > 1200:
                out.write(f"{row['start_utc']},pool pump\n")
    night = retrain(shelf, data, day(30))[0]["names-n"]
    check("what people say is learned", night["did"] == "promoted" and night["challenger"]["loss"] == 0, night)
    check("and what the version before told wrong is known", night["champion"]["loss"] == 1 and night["champion"]["n"] == 21, night)
    loads = json.loads(declic("info", os.path.join(shelf, "names-n", "000002", "model"), "--json")[0])["model"]["loads"]
    check("the other load keeps its name", sorted(l["name"] for l in loads) == ["pool pump", "trouser press"], loads)
    with open(os.path.join(data, "n.names.csv"), "w", encoding="ascii") as out:
        out.write("start_utc,appliance\nyesterday,kettle\n")
    failed, said = retrain(shelf, data, day(29), want=1)
    check("a name without a moment is said with its line", "line 2" in said and "no moment" in said, said)


def main():
    work = tempfile.mkdtemp(prefix="declic-kinds-")
    try:
        for name, test in (("g", check_gateway), ("p", check_plugs), ("n", check_names)):
            data = os.path.join(work, "homes-" + name)
            os.mkdir(data)
            test(work, data)
    finally:
        shutil.rmtree(work)
    finish()


main()
