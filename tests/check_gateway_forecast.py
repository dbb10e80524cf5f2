"""A forecast learned for gateways says the same numbers here and on the gateway's processor: declic learn forecast --gateway, declic
gateway --format blob, the gateway's code for RV32IMAC under qemu-system-riscv32, and declic forecast --quantised. Its integers stay
within their budget of the floats they were made of, on a simulated home and on a real one.

Environment: DECLIC, the program; DECLIC_SOURCE, the repository; DECLIC_DATA, real measurements where there are any.
"""
import csv
import datetime
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import check_gateway as gateway
from check_gateway import DATA, DECLIC, SOURCE, check, run

EPOCH = datetime.datetime(2000, 1, 1)
BUDGET = 0.005


def refused(*command):
    done = subprocess.run([DECLIC, *command], capture_output=True, text=True, timeout=100)
    return done.returncode, done.stderr


def seconds(stamp):
    return int((datetime.datetime.fromisoformat(stamp.rstrip("Z")) - EPOCH).total_seconds())


def forecasts(home, model, horizon, *more):
    """{second since 2000 of the issue: (p50 as told, what came true)}"""
    text = run([DECLIC, "forecast", home, "--model", model, "--horizon", horizon, "--backtest", "--every", "1min", "--csv", "-q",
                "--zone", "Europe/Paris", *more])
    rows = list(csv.DictReader(io.StringIO(text)))
    check(horizon, all(not row["mean"] and not row["p10"] and row["p50"] for row in rows), "more than p50 is told")
    return {seconds(row["issued_utc"]): (row["p50"], row["actual"]) for row in rows}


def write_minutes(home, path):
    """The home as the program for the gateway takes it: whole watts a minute, the clock of Paris in winter."""
    with open(home, encoding="ascii") as file, open(path, "wb") as out:
        by_minute = {}
        for row in csv.DictReader(file):
            by_minute.setdefault(seconds(row["time_utc"]) // 60, []).append(row["power_w"])
        for minute, texts in by_minute.items():
            known = [int(text) for text in texts if text]
            if 2 * len(known) >= len(texts):
                out.write(struct.pack("<IiiI", minute, 60, int(sum(known) / len(known) + 0.5), known[-1]))


def same(name, home, model, folder):
    """Every forecast of the host, told by the gateway's processor as well."""
    run([DECLIC, "gateway", model, "-o", folder, "--format", "blob", "-q"])
    write_minutes(home, os.path.join(folder, "minutes.bin"))
    elf = os.path.join(folder, "forecast.elf")
    run([gateway.CROSS, *gateway.STRICT, *gateway.RV32, *gateway.LINK, *gateway.INCLUDE,
         os.path.join(SOURCE, "tests", "rv32", "forecast.c"), *gateway.MCU, "-o", elf])
    told, _ = gateway.qemu(elf, folder)
    check(name, told[0] == "faults 0 0", told[0])
    there = {60 * (int(words[0]) + 1): words[1:] for words in map(str.split, told[1:]) if len(words) == 3}
    next_w, today = forecasts(home, model, "minute", "--quantised"), forecasts(home, model, "today", "--quantised")
    want_next = {at: words[0] + ".0" for at, words in there.items() if words[0] != "65535"}
    want_today = {at: f"{int(words[1]) / 100:.3f}" for at, words in there.items() if words[1] != "65535"}
    for what, want, got in (("next minute", want_next, next_w), ("today", want_today, today)):
        different = [(at, want.get(at), got.get(at)) for at in sorted(set(want) | set(got)) if want.get(at) != got.get(at, (None,))[0]]
        check(f"{name}: {what}", not different and len(want) > 1000, f"{len(different)} of {len(want)} differ: {different[:3]}")
    for kind, horizon, whole in (("minute", "minute", next_w), ("today", "today", today)):
        blob = forecasts(home, os.path.join(folder, kind + ".blob"), horizon, "--quantised")
        check(f"{name}: {kind}.blob", blob == whole, "the blob says something else than the model it was made of")
    return len(want_next)


def mae(home, model, horizon, *more):
    printed = json.loads(run([DECLIC, "forecast", home, "--model", model, "--horizon", horizon, "--backtest", "--json", "-q", *more]))
    by = {row["forecaster"]: row["mae"] for row in printed["backtest"]["by"] if row["n"]}
    return by["model"], by["persistence" if horizon == "minute" else "mean_7_days"]


def budget(name, home, model, *more):
    """The error of the integers beside that of the floats, on days that follow those that taught."""
    for horizon, every in (("minute", "1min"), ("today", "10min")):
        floats, plain = mae(home, model, horizon, "--every", every, *more)
        integers, _ = mae(home, model, horizon, "--every", every, "--quantised", *more)
        change = integers / floats - 1
        print(f"check_gateway_forecast: {name}, {horizon}: plain {plain:.3f}, floats {floats:.3f}, integers {integers:.3f}, "
              f"{100 * change:+.3f} %")
        check(f"{name}: {horizon}", abs(change) < BUDGET, f"integers change the error by {100 * change:.3f} %")


def write_home(path):
    """Ten days of a home every 20 s, with a hole: an oven at noon, a kettle, a heater that cycles, a dishwasher some evenings."""
    first = datetime.datetime(2025, 1, 12, 23)
    with open(path, "w", encoding="ascii") as out:
        out.write("time_utc,power_w\n")
        for i in range(10 * 4320):
            day, minute = divmod(i // 3, 1440)
            watts = 110 + i * 7919 % 23 + 900 * ((i // 3 + 17 * day) % 20 < 7) * (minute > 360)
            watts += 2100 * (720 <= minute < 750 + 9 * (day % 3) and i % 9 < 6) + 1800 * (minute % 333 in (30, 31))
            watts += 1500 * (day % 3 == 1 and 1260 <= minute < 1300)
            stamp = (first + datetime.timedelta(seconds=20 * i)).strftime("%Y-%m-%dT%H:%M:%SZ")
            out.write(f"{stamp},{'' if 30000 < i < 30400 else watts}\n")


def check_words(folder, home, model):
    """What cannot be is said in words."""
    plain = os.path.join(folder, "plain.model")
    run([DECLIC, "learn", "forecast", home, "--horizon", "minute", "--rows", "500", "--rounds", "2", "-o", plain, "-q"])
    for words, want, said in ((("gateway", plain, "-o", folder), 1, "learn forecast --gateway"),
                              (("forecast", home, "--model", plain, "--quantised"), 2, "learn forecast --gateway"),
                              (("forecast", home, "--quantised"), 2, "--quantised needs --model"),
                              (("forecast", home, "--model", model, "--horizon", "day"), 2, "the next minute and today"),
                              (("forecast", home, "--model", os.path.join(folder, "minute.blob")), 1, "integers alone"),
                              (("info", os.path.join(folder, "minute.blob"), os.path.join(folder, "today.blob")), 2, "at a time"),
                              (("info", home, model), 2, "one model or blob at a time"),
                              (("learn", "gateway", home, "-o", plain), 2, "learn forecast --gateway"),
                              (("learn", "appliances", home, "--gateway", "-o", plain), 2, "--gateway is of learn forecast"),
                              (("learn", "forecast", home, "--gateway", "--horizon", "day", "-o", plain), 2, "no --horizon")):
        code, text = refused(*words)
        check(" ".join(words), code == want and said in text, f"exit {code}: {text}")
    one = json.loads(run([DECLIC, "forecast", home, "--model", model, "--quantised", "--json", "-q"]))
    point = one["forecasts"][0]["points"][0]
    check("one forecast", one["quantised"] and point["p50"] is not None and point["mean"] is None and point["p90"] is None, str(one))


def main():
    for tool in (gateway.CROSS, "qemu-system-riscv32", "timeout"):
        if not shutil.which(tool):
            sys.exit(f"check_gateway_forecast: {tool} is missing: scripts/setup installs it")
    folder = tempfile.mkdtemp()
    try:
        home, model = os.path.join(folder, "home.csv"), os.path.join(folder, "home.model")
        write_home(home)
        run([DECLIC, "learn", "forecast", home, "--gateway", "-o", model, "-q", "--to", "2025-01-20"])
        print(f"check_gateway_forecast: {same('a home', home, model, folder)} minutes, each forecast the same on RV32IMAC")
        budget("a home", home, model, "--from", "2025-01-20")
        check_words(folder, home, model)
        real = os.path.join(DATA, "uci", "household_power_consumption_minutes.txt")
        if os.path.exists(real):
            model = os.path.join(folder, "real.model")
            run([DECLIC, "learn", "forecast", real, "--gateway", "-o", model, "-q", "--to", "2007-01-04"])
            budget("a real home", real, model, "--from", "2007-01-04")
        else:
            print("check_gateway_forecast: no real home: no ../shared/data")
    finally:
        shutil.rmtree(folder)
    return 1 if gateway.failures else 0


if __name__ == "__main__":
    sys.exit(main())
