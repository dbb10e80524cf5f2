"""The whole way on real homes, through the program alone: what the report says of them is compared with what a few lines of
Python say of the same files."""
import csv
import json
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile

DECLIC = os.environ["DECLIC"]
DATA = os.environ.get("DECLIC_DATA", "")
ECO = os.path.join(DATA, "eco", "house4.tar.xz")
failed = []


def declic(*words):
    done = subprocess.run([DECLIC, *words], capture_output=True, text=True, timeout=280)
    if done.returncode != 0:
        failed.append(f"{' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return {}
    return json.loads(done.stdout)


def check(fact, true, saw=""):
    if not true:
        failed.append(f"{fact}: {saw}")


def near(a, b, within):
    return a is not None and abs(a - b) <= within


def linky():
    """Four bills of a home on Tempo; the energy is that of the rows, whose lengths are 30 and 60 minutes."""
    path = os.path.join(DATA, "linky", "linky_halfhour_W_2024-01-25_2025-04-30.csv")
    report = declic("report", path, "--tariff", "tempo", "--subscribed", "6", "--json", "-q")
    months = {m["month"]: m for m in report.get("months", [])}
    with open(os.path.join(DATA, "linky", "monthly_energy_cost_eur.csv")) as bills:
        for bill in csv.DictReader(bills):
            saw = months.get(bill["month"], {}).get("energy_cost_eur")
            check(f"bill of {bill['month']}", near(saw, float(bill["energy_cost"]), 0.01), saw)
    with open(path) as rows:
        values = [float(row["value"]) for row in csv.DictReader(rows)]
    # 131 rows of an hour lead; one of them, after a hole, and the row after the hole of October are as long as their neighbours.
    energy = (sum(values[:132]) + sum(values[132:]) / 2) / 1000
    check("energy of the linky home", near(report.get("energy_kwh"), energy, 0.1), (report.get("energy_kwh"), energy))
    check("no peaks from half-hour means", (report.get("peaks") or {}).get("top", []) == [], report.get("peaks"))
    check("a year is covered", all(t["eur_per_year"] for t in report.get("tariffs", [{"eur_per_year": 0}])))


def uci():
    path = os.path.join(DATA, "uci", "household_power_consumption_minutes.txt")
    report = declic("report", path, "--json", "-q")
    with open(path) as rows:
        kilowatts = [row.split(";")[2] for row in rows][1:]
    energy = sum(float(kw) for kw in kilowatts if kw != "?") / 60
    check("energy of the Sceaux home", near(report.get("energy_kwh"), energy, 0.01 * energy), (report.get("energy_kwh"), energy))
    check("27 days are no year", all(t["eur_per_year"] is None for t in report.get("tariffs", [])))
    check("no peaks from minutes", (report.get("peaks") or {}).get("top", []) == [], report.get("peaks"))


def plug(days, name="01"):
    """The seconds of a plug of ECO house 4, in order of day."""
    wanted = {f"04_plugs_csv/04/{name}/{day}.csv" for day in days}
    found = {}
    with lzma.open(ECO) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.name in wanted:
                found[member.name] = [float(v) for v in archive.extractfile(member).read().split()]
                if len(found) == len(wanted):
                    break
    return [watts for name in sorted(found) for watts in found[name]]


def eco():
    days = ["2012-10-01", "2012-10-02"]
    span = ("--from", "2012-10-01", "--to", "2012-10-03", "-q")
    watts = plug(days)
    # The compressor as a threshold sees it: above 30 W for a minute or longer.
    runs, run = 0, 0
    for value in watts + [0.0]:
        if value > 30:
            run += 1
        elif value >= 0:
            runs += run >= 60
            run = 0
    cycles = declic("cycles", ECO, "--only", "01", *span, "--json").get("cycles", [])
    check("cycles of the fridge", runs and abs(len(cycles) - runs) <= 1, (len(cycles), runs))
    energy = sum(v for v in watts if v > 30) / 3600
    listed = sum(c["energy_wh"] for c in cycles)
    check("energy of the fridge's cycles", near(listed, energy, 0.05 * energy), (listed, energy))
    report = declic("report", ECO, "--without", "06", "--from", "2012-10-01", "--to", "2012-10-08", "--json", "-q")
    check("a week of plugs", report.get("span", {}).get("coverage", 0) > 0.99, report.get("span"))
    check("plugs are no meter", "sum_of_plugs" in report.get("notes", []), report.get("notes"))


def same_from_a_store():
    """A home reads the same from its file and from the store made of it."""
    path = os.path.join(DATA, "linky", "linky_halfhour_W_2024-01-25_2025-04-30.csv")
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "home.h5")
        declic("import", path, "-o", store, "-q", "--json")
        a, b = (declic("report", p, "--tariff", "tempo", "--subscribed", "6", "--json", "-q") for p in (path, store))
        check("file and store tell the same", a == b and a, [k for k in a if a.get(k) != b.get(k)])


def forecasts():
    """A model is learned and serves: half hours of a home, hourly sums of another, a panel of many."""
    hourly = ("--time", "datetime", "--column", "Global_active_power=power_w:kWmin")
    homes = (("linky", os.path.join(DATA, "linky", "linky_halfhour_W_2024-01-25_2025-04-30.csv"), "day", (), 48),
             ("uci", os.path.join(DATA, "uci", "household_power_consumption_hourly_first85pct.csv"), "hour", hourly, 1),
             ("lcl", os.path.join(DATA, "lcl", "lcl.tar.xz"), "day", ("--to", "2013-10-01"), 48))
    with tempfile.TemporaryDirectory() as folder:
        for name, path, horizon, words, points in homes:
            model = os.path.join(folder, name + ".model")
            declic("learn", "forecast", path, *words, "--horizon", horizon, "--rows", "3000", "--rounds", "8", "-q",
                   "--json", "-o", model)
            served = ("--from", "2013-11-01", "--home", "MAC000010") if name == "lcl" else words
            told = declic("forecast", path, *served, "--model", model, "-q", "--json").get("forecasts") or [{}]
            point = told[0].get("points", [])
            check(f"forecast of {name}", told[0].get("served") == "model" and len(point) == points, told[0])
            check(f"quantiles of {name}", all(0 <= p["p10"] <= p["p50"] <= p["p90"] for p in point) and point, point)


def main():
    if not os.path.exists(ECO):
        print("skipped: no ../shared/data")
        return 77
    for part in (linky, uci, eco, same_from_a_store, forecasts):
        part()
        print(part.__name__, "done")
    for line in failed:
        print("FAILED", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
