"""learn forecast and forecast from outside: models, forecasts, backtests of a home and of many, and what is refused.

Environment: DECLIC, the program.
"""
import csv
import io
import json
import os
import tempfile

from outside import check, declic, finish

START = 1735686000  # 2025-01-01 00:00 in Paris
COLUMNS = ["time_utc", "mean"] + [f"p{q}0" for q in range(1, 10)]


def power(hour, home=1):
    clock, day = hour % 24, hour // 24
    noise = (hour * 7919 + home * 104729) % 101
    return 150 * home + 400 * (18 <= clock < 22) + 150 * (day % 7 in (3, 4) and clock > 8) + noise


def write(path, hours, value=power, header="time_utc,power_w"):
    with open(path, "w", encoding="utf-8") as file:
        file.write(header + "\n")
        file.writelines(f"{START + 3600 * h},{value(h)}\n" for h in range(hours))
    return path


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def in_order(rows):
    return all(float(a) <= float(b) for r in rows for a, b in zip([r[c] for c in COLUMNS[2:]], [r[c] for c in COLUMNS[3:]]))


with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    home = write(path("home.csv"), 24 * 60)
    learn = ["learn", "forecast", home, "--rounds", "12", "--rows", "4000", "--threads", "1", "--to", "2025-02-15"]
    declic(*learn, "-q", "-o", path("a.model"))
    declic(*learn, "-q", "-o", path("b.model"))
    check("the same learning gives the same model", open(path("a.model"), "rb").read() == open(path("b.model"), "rb").read())

    # A forecast: its columns, its order, and nothing of what comes after the moment it is made at.
    ask = ["forecast", home, "--model", path("a.model"), "--from", "2025-02-20", "--csv"]
    text = declic(*ask)[0]
    rows = table(text)
    check("columns", list(rows[0]) == COLUMNS, text[:200])
    check("24 hours from the moment on", len(rows) == 24 and rows[0]["time_utc"] == "2025-02-19T23:00:00Z", text[:200])
    check("quantiles are in order", in_order(rows))
    cut = write(path("cut.csv"), 24 * 50)
    check("what comes later does not matter", declic(*[cut if a == home else a for a in ask])[0] == text)
    evening = [float(r["p50"]) for r in rows]
    check("evenings draw more", min(evening[18:22]) > 1.5 * max(evening[:8]), evening)
    said = json.loads(declic(*ask[:-1], "--json", "--tariff", "base", "--subscribed", "6")[0])
    one = said["forecasts"][0]
    check("a model was served", (said["model"], one["served"], one["why"], said["unit"]) == ("given", "model", "none", "W"), said)
    check("energy of the mean", abs(one["energy_kwh"] - sum(p["mean"] for p in one["points"]) / 1000) < 0.01, one["energy_kwh"])
    check("its cost", 0.1 * one["energy_kwh"] < one["cost_eur"] < 0.4 * one["energy_kwh"], one["cost_eur"])

    # A backtest, and its figures from its own rows.
    test = ["forecast", home, "--model", path("a.model"), "--backtest"]
    rows = table(declic(*test, "--csv")[0])
    check("columns of a backtest", list(rows[0]) == COLUMNS + ["issued_utc", "home", "actual"], rows[0])
    check("issued before", all(r["issued_utc"] <= r["time_utc"] for r in rows))
    known = [r for r in rows if r["actual"]]
    figures = json.loads(declic(*test, "--json")[0])["backtest"]
    own, naive = ({f["forecaster"]: f for f in figures["by"]}[name] for name in ("model", "seasonal_naive"))
    mae = sum(abs(float(r["p50"]) - float(r["actual"])) for r in known) / len(known)
    inside = sum(float(r["p10"]) <= float(r["actual"]) <= float(r["p90"]) for r in known) / len(known)
    check("mae", abs(own["mae"] - mae) < 0.1 and own["n"] == len(known), (own, mae))
    check("coverage", abs(own["coverage"] - inside) < 0.01, (own, inside))
    check("better than the day before", own["mae"] < naive["mae"], figures)
    check("nothing it was learned from is tested", figures["from"] >= "2025-02-14T23:00:00Z", figures["from"])
    check("a test on days that were not learned from has no note of it", "learned from days" not in declic(*test, "--csv")[1])
    said = declic(*test, "--from", "2025-02-01", "--csv")[1]
    check("a test on days that taught the model says so", "learned from days up to 2025-02-14T23:00:00Z" in said, said)
    check("the same with other threads", declic(*test, "--csv", "--threads", "3")[0] == declic(*test, "--csv", "--threads", "1")[0])

    # Many homes: one model, one command.
    many = path("many.csv")
    with open(many, "w", encoding="utf-8") as file:
        file.write("LCLid,tstp,energy(kWh/hh)\n")
        for number in range(1, 4):
            for slot in range(48 * 40):
                file.write(f"MAC{number},2013-{1 + slot // 48 // 31:02d}-{1 + slot // 48 % 31:02d} "
                           f"{slot % 48 // 2:02d}:{slot % 2 * 30:02d}:00,{power(slot // 2, number) / 2000:.3f}\n")
    declic("import", "-q", many, "-o", path("panel.h5"))
    declic("learn", "forecast", path("panel.h5"), "-q", "--rounds", "8", "--rows", "3000", "--to", "2013-01-31", "-o", path("p.model"))
    panel = ["forecast", path("panel.h5"), "--model", path("p.model"), "--backtest", "--from", "2013-01-31"]
    figures = json.loads(declic(*panel, "--json")[0])["backtest"]
    check("every home", figures["homes"] == 3 and [e["home"] for e in figures["each"]] == ["MAC1", "MAC2", "MAC3"], figures)
    check("in half hours", {r["home"] for r in table(declic(*panel, "--csv")[0])} == {"MAC1", "MAC2", "MAC3"})
    ended = path("ended.csv")
    with open(many, encoding="utf-8") as rows, open(ended, "w", encoding="utf-8") as file:
        file.writelines(row for row in rows if not (row.startswith("MAC2") and row[5:] > "2013-01-20"))
    out, said = declic("forecast", ended, "--model", path("p.model"), "--from", "2013-02-05", "--json", want=3)
    check("homes without a forecast are named, the others served",
          [f["home"] for f in json.loads(out)["forecasts"]] == ["MAC1", "MAC3"] and "MAC2: nothing was measured" in said, said)
    check("from the file itself as well", declic(*[many if a == panel[1] else a for a in panel], "--json")[0].count("MAC") == 3)

    # Another horizon; the day's total is in kWh and contains what was measured.
    total = ["--horizon", "today"]
    declic("learn", "forecast", home, *total, "-q", "--rounds", "10", "--rows", "2000", "-o", path("t.model"))
    rows = table(declic("forecast", home, *total, "--model", path("t.model"), "--from", "2025-02-20T22:00", "--csv")[0])
    so_far = sum(power(50 * 24 + h) for h in range(22)) / 1000
    check("one total", len(rows) == 1 and float(rows[0]["p10"]) >= so_far - 0.01, (rows, so_far))
    def price(model, at, *tariff):
        one = json.loads(declic("forecast", home, "--model", path(model), "--from", at, "--json", "--subscribed", "6", *tariff)[0])
        return one["forecasts"][0]["cost_eur"] / one["forecasts"][0]["energy_kwh"]
    flat, now = price("a.model", "2025-02-20", "--tariff", "base"), "2025-02-20T18:00"
    check("a day's total has its cost", abs(price("t.model", now, "--tariff", "base") - flat) < 0.003, flat)
    evening, night = (price("t.model", now, "--tariff", "hc", "--hc", hours) for hours in ("18:00-23:00", "23:00-05:00"))
    check("what is still to come is priced at its hours", evening < night - 0.005, (evening, night))
    said = declic("forecast", home, "--phase", "2", want=1)[1]
    check("a phase that is not there", "no home with power of phase 2" in said, said)
    said = declic("forecast", home, "--model", path("t.model"), "--horizon", "hour", want=2)[1]
    check("horizons must agree", "the model is for the total of the civil day" in said, said)

    # Without a model: learned on the spot; with too little, a baseline that says so.
    said = json.loads(declic("forecast", home, "--rounds", "5", "-q", "--json")[0])
    check("learned on the spot", (said["model"], said["forecasts"][0]["served"]) == ("learned", "model"), said)
    short = write(path("short.csv"), 24 * 9)
    out, said = declic("forecast", short, "--json")
    told = json.loads(out)["forecasts"][0]
    check("a baseline, marked", (told["served"], told["why"]) == ("baseline", "no_model"), told)
    check("what is missing and needed", "9.0 days" in said and "21 days are needed, and 7 more" in said, said)
    said = declic("learn", "forecast", short, "-o", path("x.model"), want=1)[1]
    check("learning says it too", "21 days are needed" in said and not os.path.exists(path("x.model")), said)
    gone = write(path("gone.csv"), 24 * 60, lambda h: "" if h > 24 * 45 else power(h))
    out, said = declic("forecast", gone, "--model", path("a.model"), "--from", "2025-02-16T12:00", "--json")
    told = json.loads(out)["forecasts"][0]
    check("nothing measured lately: a baseline, marked", told["why"] == "no_recent" and "nothing was measured in the day before" in said, said)
    louder = write(path("louder.csv"), 24 * 60, lambda h: power(h) * (3 if h > 24 * 57 else 1))
    out, said = declic("forecast", louder, "--model", path("a.model"), "--json")
    check("another level is told", json.loads(out)["forecasts"][0]["level_changed"] and "another level" in said, said)

    # Temperatures: taken where given, never needed.
    weather = write(path("weather.csv"), 24 * 62, lambda h: 5 + h % 24 / 4, "time_utc,temperature_c")
    with open(path("w.csv"), "w", encoding="utf-8") as file:
        file.write("time_utc,temperature_c\n")
        file.writelines(f"2025-{1 + d // 28:02d}-{1 + d % 28:02d}T{h:02d}:00:00Z,{4 + h / 4}\n" for d in range(56) for h in range(24))
    declic("learn", "forecast", home, "--weather", path("w.csv"), "-q", "--rounds", "5", "--rows", "2000", "-o", path("w.model"))
    said = declic("forecast", home, "--model", path("w.model"), "--csv")[1]
    check("temperatures would help", "--weather" in said, said)

    # Refused.
    declic("forecast", home, "--horizon", "week", want=2)
    declic("forecast", home, "--model", home, want=1)
    said = declic("learn", "forecast", home, "--rows", "10", "-o", path("x.model"), want=2)[1]
    check("too few rows are said", "200 moments at least" in said, said)
    said = declic(*test, "--from", "2025-03-05", want=1)[1]
    check("nothing to test on is said", "readings go from 2024-12-31T23:00:00Z to 2025-03-01T23:00:00Z" in said, said)
    broken = bytearray(open(path("a.model"), "rb").read())
    broken[len(broken) // 2] ^= 1
    open(path("broken.model"), "wb").write(broken)
    declic("forecast", home, "--model", path("broken.model"), want=1)
    declic("info", path("broken.model"), want=1)
    check("info shows a model", "the next 24 hours" in declic("info", path("a.model"))[0])
    coarse = path("coarse.csv")
    with open(coarse, "w", encoding="utf-8") as file:
        file.write("time_utc,power_w\n")
        file.writelines(f"{START + 3600 * h},{power(h)}\n" for h in range(24 * 40))
    said = declic("forecast", coarse, "--horizon", "minute", want=2)[1]
    check("too far apart", "too far apart for the next minute" in said, said)
finish()
