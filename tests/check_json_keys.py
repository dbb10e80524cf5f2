"""The keys of --json: what the man page of each command lists is what the command prints, both ways.

The tables come from `declic --man COMMAND` (scdoc). A key is followed by a form and words: {a, b} is an object, [{a, b}] a
list of objects, and a key inside may have a form of its own behind it.

Environment: DECLIC, the program.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import zlib

import h5py

DECLIC = os.environ["DECLIC"]
failures = 0


def fail(name, said):
    global failures
    failures += 1
    print(f"FAILED {name}: {said}")


def declic(*arguments):
    run = subprocess.run([DECLIC, *arguments], capture_output=True, timeout=300)
    if run.returncode:
        fail(" ".join(arguments), run.stderr.decode())
    return run.stdout.decode()


def parse_form(text, at):
    """The form at text[at]: (kind, {key: form}) and the place behind it; (None, {}) where there is none."""
    is_list = text.startswith("[{", at)
    if not is_list and not text.startswith("{", at):
        return (None, {}), at
    at += 2 if is_list else 1
    keys = {}
    while text[at] != "}":
        name = re.compile(r"[, ]*([a-z0-9_]+) *").match(text, at)
        form, at = parse_form(text, name.end())
        keys[name.group(1)] = form
    return ("list" if is_list else "object", keys), at + (2 if is_list else 1)


def documented(command):
    page = declic("--man", command)
    table = page.split("\n# JSON\n")[1].split("\n# ")[0] if "\n# JSON\n" in page else ""
    pairs = re.findall(r"^\*(.+)\*\n\t(.+)$", table, re.M)
    plain = [(key.replace("\\", ""), text.replace("\\", "")) for key, text in pairs]
    return {key: parse_form(text, 0)[0] for key, text in plain}


def compare(where, keys, value):
    if set(keys) != set(value):
        fail(where, f"only in the man page: {sorted(set(keys) - set(value))}; only printed: {sorted(set(value) - set(keys))}")
    for key in set(keys) & set(value):
        compare_form(f"{where}.{key}", keys[key], value[key])


def compare_form(where, form, value):
    kind, keys = form
    if kind == "object" and value is not None:
        compare(where, keys, value) if isinstance(value, dict) else fail(where, "not an object")
    elif kind == "list":
        seen.update({where} if value else set())
        for item in value if isinstance(value, list) else [fail(where, "not a list")]:
            if item is not None:
                compare(where, keys, item)
    elif kind is None and isinstance(value, list) and any(isinstance(item, dict) for item in value):
        fail(where, "a list of objects without their keys in the man page")
    elif kind is None and isinstance(value, dict) and not where.endswith((".excluded", ".homes")):
        fail(where, "an object without its keys in the man page")


def write_plug(store, path):
    """The fridge of a store, as the file of its plug."""
    with h5py.File(store) as file, open(path, "w", encoding="utf-8") as to:
        fridge = next(iter(file["home"].values()))["truth/fridge"]
        start = fridge.attrs["start_us"] // 1000000
        to.write("time_utc,power_w\n")
        to.writelines(f"{start + 60 * i},{value}\n" for i, value in enumerate(fridge))


def fill_card(path):
    """Gives a card a feature and a figure, which what is added by hand has not; its last 31 bytes are its checksum."""
    with open(path, encoding="utf-8") as file:
        text = file.read()[:-31]
    text = text.replace('"features": []', '"features": [{"name": "lag_1", "unit": "W"}]')
    text = text.replace('"metrics": []', '"metrics": [{"name": "mae_w", "value": 138.25}]')
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'{text},\n  "card_crc32": "{zlib.crc32(text.encode()):08x}"\n}}\n')


# Keys that stand alone where an input holds many homes.
OF_MANY = ("homes", "panel", "imported", "model", "loads", "town", "gateway", "blob")
WITH_PLUGS = ("plugs", "gain", "forecast")
LCL = "LCLid,tstp,energy(kWh/hh)\nMAC1,2013-01-01 00:00:00,1\nMAC2,2013-01-01 00:00:00,2\nMAC3,2013-01-01 00:00:00,Null\n"
seen = set()  # lists of which an item was compared
with tempfile.TemporaryDirectory() as folder:
    home, two, second = (os.path.join(folder, name) for name in ("home.h5", "two.h5", "second.h5"))
    csv, page = os.path.join(folder, "home.csv"), os.path.join(folder, "page.html")
    pulses, fine = os.path.join(folder, "pulses.csv"), os.path.join(folder, "fine.h5")
    with open(pulses, "w", encoding="utf-8") as file:
        file.write("time_utc,power_w\n")
        file.writelines(f"{1735689600 + i},{1200 if 100 < i < 200 and i % 4 < 2 else 100}\n" for i in range(300))
    model, parts, small = (os.path.join(folder, name) for name in ("home.model", "parts.csv", "small.h5"))
    seconds = os.path.join(folder, "seconds.h5")
    worn, plug = os.path.join(folder, "worn.model"), os.path.join(folder, "plug.csv")
    runs = [
        ("town", "-q", "--days", "20", "--step", "10s", "-o", home),
        ("import", "-q", home, "-o", second),
        ("export", "-q", home, "-o", csv, "--to", "2025-01-14"),
        ("edges", "-q", home),
        ("edges", "-q", pulses),
        ("cycles", "-q", home),
        ("town", "-q", "--days", "5", "-o", seconds),
        ("cycles", "-q", seconds),
        ("town", "-q", "--days", "6", "--seed", "3", "-o", fine),
        ("cycles", "-q", fine),
        ("info", "-q", home),
        ("report", "-q", home, "--tariff", "hc", "--subscribed", "6"),
        ("report", "-q", home, "-o", page),
        ("town", "-q", "--days", "3", "--seed", "2", "--step", "1min", "-o", small),
        ("learn", "-q", "appliances", small, "-o", model, "--rows", "1000", "--copies", "0", "--threads", "1"),
        ("learn", "-q", "appliances", small, "-o", worn, "--plug", "fridge=" + plug, "--rows", "1000", "--copies", "0"),
        ("disaggregate", "-q", small, "--model", model, "-o", parts),
        ("evaluate", "-q", small, parts),
    ]
    for run in runs:
        if "--plug" in run:
            write_plug(small, plug)
        printed = json.loads(declic(*run, "--json"))
        keys = documented(run[0])
        for key in OF_MANY + (("forecast",) if "--plug" in run else WITH_PLUGS):
            keys.pop(key, None)
        if not isinstance(printed, dict):
            fail(run[0], "not one object")
        compare(run[0], keys, printed)
    told = json.loads(declic("info", model, "--json"))
    if list(told) != ["model"]:
        fail("info", f"a model as {list(told)}")
    of_power = {key: form for key, form in documented("learn").items() if key not in WITH_PLUGS + ("model", "loads", "gateway")}
    compare("learn", of_power, told["model"])
    of_loads = {key: form for key, form in documented("learn").items() if key in ("loads", "period_s")}
    compare("learn", of_loads, json.loads(declic("learn", "-q", "appliances", home, "--name", "unknown 1=pool pump",
                                                 "-o", os.path.join(folder, "mine.model"), "--json")))
    meters, blobs = os.path.join(folder, "gateway.model"), os.path.join(folder, "blobs")
    for run in (("learn", "-q", "forecast", "--gateway", seconds, fine, "--rows", "50", "-o", meters), ("gateway", "-q", meters, "-o", blobs), ("info", meters)):
        compare(run[0], {"gateway": documented(run[0])["gateway"]}, json.loads(declic(*run, "--json")))
    compare("info", {"blob": documented("info")["blob"]}, json.loads(declic("info", os.path.join(blobs, "step.blob"), "--json")))
    devices = os.path.join(folder, "devices.csv")
    with open(devices, "w", encoding="utf-8") as file:
        file.write("input,device,type\n")
        file.writelines(f"{store},{part},{part}\n" for store in ("home.h5", "small.h5") for part in ("fridge", "kettle"))
    printed = json.loads(declic("learn", "-q", "appliances", home, small, "--devices", devices, "-o", model, "--json"))
    compare("learn", {"model": documented("learn")["model"]}, printed)
    compare("info", {"model": documented("learn")["model"]}, json.loads(declic("info", model, "--json")))
    for run in (("town", "-q", "-n", "2", "--days", "1", "--step", "1min", "-o", two), ("info", "-q", two)):
        printed = json.loads(declic(*run, "--json"))
        keys = documented(run[0])
        for key in OF_MANY:
            keys.pop(key, None)
        if list(printed) != ["homes"] or len(printed["homes"]) != 2:
            fail(run[0], f"two homes as {list(printed)}")
        for one in printed.get("homes", []):
            compare(f"{run[0]}.homes", keys, one)
    panel, many = os.path.join(folder, "panel.h5"), os.path.join(folder, "many.csv")
    with open(many, "w", encoding="utf-8") as file:
        file.write(LCL)
    town = os.path.join(folder, "town.h5")
    for run in (("import", "-q", many, "-o", panel), ("info", "-q", panel),
                ("town", "-q", "-n", "3", "--days", "2", "--period", "30min", "-o", town)):
        printed = json.loads(declic(*run, "--json"))
        compare(run[0], {key: form for key, form in documented(run[0]).items() if key in ("panel", "imported", "town")}, printed)

    homes, known, clusters = (os.path.join(folder, name) for name in ("homes.csv", "known.csv", "homes.h5"))
    with open(homes, "w", encoding="utf-8") as file, open(known, "w", encoding="utf-8") as table:
        file.write("LCLid,tstp,energy(kWh/hh)\n")
        table.write("id,tenure\n")
        for home in range(13):
            table.write(f"MAC{home},{'own' if home % 2 else 'rent'}\n")
            for slot in range(28 * 48 if home else 48):
                value = 0.1 + 0.02 * home + 0.3 * ((slot // 2 - 8 * (home % 3)) % 24 < 3) + 0.01 * (slot * 7 % 11)
                file.write(f"MAC{home},2013-01-{1 + slot // 48:02d} {slot % 48 // 2:02d}:{slot % 2 * 30:02d}:00,{value:.3f}\n")
    declic("import", "-q", homes, "-o", clusters)
    compare("cluster", documented("cluster"), json.loads(declic("cluster", "-q", clusters, "--attributes", known, "--json")))

    shelf = os.path.join(folder, "shelf")
    for number in (1, 2):
        declic("shelf", "add", shelf, "forecast-home1", clusters)
    fill_card(os.path.join(shelf, "forecast-home1", "000002", "card.json"))
    for words in (("list", shelf), ("show", shelf, "forecast-home1"), ("diff", shelf, "forecast-home1"),
                  ("rollback", shelf, "forecast-home1"), ("prune", shelf, "forecast-home1", "--dry-run")):
        compare("shelf", documented("shelf"), json.loads(declic("shelf", *words, "--json")))
    hourly = os.path.join(folder, "hourly.csv")
    with open(hourly, "w", encoding="utf-8") as file:
        file.write("time_utc,power_w\n")
        file.writelines(f"{1735689600 + 3600 * i},{200 + 300 * (i % 24 > 17) + i * 7 % 31}\n" for i in range(24 * 40))
    learned = json.loads(declic("learn", "-q", "forecast", hourly, "-o", model, "--rounds", "5", "--threads", "1", "--json"))
    compare("learn", {"forecast": documented("learn")["forecast"]}, learned)
    compare("learn", {"forecast": documented("learn")["forecast"]}, json.loads(declic("info", model, "--json"))["model"])
    for run in ((), ("--backtest", "--from", "2025-01-20")):
        compare("forecast", documented("forecast"), json.loads(declic("forecast", "-q", hourly, "--model", model, *run, "--json")))
    nights = [os.path.join(folder, name) for name in ("nights", "homes")]
    os.mkdir(nights[1])
    os.replace(hourly, os.path.join(nights[1], "hourly.csv"))
    for day in ("2025-02-08", "2025-02-09"): # a first version, then a challenger
        compare("retrain", documented("retrain"), json.loads(declic(
            "retrain", "-q", "--shelf", nights[0], "--data", nights[1], "--now", day, "--new", "--rounds", "3", "--threads", "1", "--json")))

# A list that was never filled would let its keys drift: advice is still empty, and changes need weeks.
wanted = {"report.months", "report.tariffs", "report.uses", "report.uses_unknown", "report.telling_days",
          "report.telling_days.cycles", "report.peaks.top", "edges.edges", "edges.pulsing", "cycles.cycles",
          "cycles.leftovers", "cycles.programmes", "cycles.programmes.phases", "cycles.unknowns", "report.unknowns",
          "info.channels", "info.truth", "info.panel.shards", "import.imported.left_out", "town.town.kinds",
          "learn.appliances", "learn.plugs", "learn.gain.appliances", "learn.loads", "learn.model.types",
          "disaggregate.appliances", "evaluate.appliances",
          "learn.forecast.trainings", "forecast.forecasts", "forecast.forecasts.points", "forecast.backtest.by", "forecast.backtest.each",
          "cluster.tried", "cluster.clusters", "cluster.set_apart", "cluster.associations",
          "shelf.models", "shelf.models.versions", "shelf.models.versions.features", "shelf.models.versions.metrics",
          "shelf.models.versions.made_by", "shelf.changes", "retrain.nights"}
if wanted - seen:
    fail("the homes of this test", f"never filled: {sorted(wanted - seen)}")
sys.exit(1 if failures else 0)
