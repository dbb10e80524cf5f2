"""The pages as a browser shows them, measured by tests/pages in Debian's Chromium through Playwright.

Every kind of page, of simulated homes (and of a real one where there is data), in French and English, at desktop, tablet and
phone width and on paper, light and dark, with script and without:

- no document is wider than its window, no table needs scrolling, no text leaves its block, no two labels overlap, drawings
  stay inside their picture;
- text stands out from its ground by 4.5 to 1, headings do not skip a level, axe-core finds nothing serious;
- nothing on the console, nothing asked of the network;
- the curves of a home tell time, power, band and period of the tariff under the pointer, a finger and the arrow keys, as --json has
  them; they zoom by dragging, by two fingers, by keys and by buttons, go back, and are whole on paper;
- numbers are those of --json; what is folded opens by the keyboard; tables sort, charts tell what is under the pointer, and
  their data come as CSV.

Pictures of the pages are left in DECLIC_PAGES, or in pages/ beside the build's tests. DECLIC_FULL=1 looks at more homes and
keeps a picture of every view; a word behind the command looks only at pages whose title has it.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DECLIC = os.environ.get("DECLIC", "")
FULL = bool(os.environ.get("DECLIC_FULL"))
HERE = os.path.dirname(os.path.abspath(__file__))
CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
PARIS = ZoneInfo("Europe/Paris")
LINKY = os.path.join(os.environ.get("DECLIC_DATA", ""), "linky/linky_halfhour_W_2024-01-25_2025-04-30.csv")

# name, arguments of `declic town`, arguments of `declic report`
TOWNS = [
    ("week of seconds", ["--days", "7"], []),
    ("ten minutes", ["--days", "1"], ["--from", "2025-01-13T07:00", "--to", "2025-01-13T07:10"]),
    ("year of half hours", ["--days", "400", "--step", "30min"], ["--tariff", "tempo", "--subscribed", "6"]),
    ("year with advice", ["--days", "365", "--step", "10min", "--share", "family_electric=1"],
     ["--tariff", "base", "--subscribed", "9"]),
]
MORE_TOWNS = [
    (f"{kind}, {tariff}, seed {seed}", ["--days", "380", "--step", "10min", "--share", f"{kind}=1", "--seed", str(seed)],
     ["--tariff", tariff, "--subscribed", "9"])
    for seed, kind in enumerate(("retired_gas", "retired_electric", "worker_gas", "night_electric", "second_electric"), 2)
    for tariff in ("hc", "tempo")
]


def run(*arguments):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=240)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
    return done.stdout


def row(what, *values):
    """Numbers that must stand together: plain, or (number, how far off besides what rounding takes)."""
    return {"what": what, "values": [v if isinstance(v, tuple) else (v, 0) for v in values]}


def rows_of_report(told):
    """What the page of a home must show of its --json."""
    rows = []
    from_, to = (datetime.fromisoformat(told["span"][key].replace("Z", "+00:00")) for key in ("from", "to"))
    brief = (to - from_).total_seconds() * told["span"]["coverage"] < 12 * 3600
    if told["energy_kwh"] >= 1:
        rows.append(row("the energy", told["energy_kwh"]))
    if not brief:
        for month in told["months"]:
            rows.append(row(month["month"], *(v for v in (month["energy_kwh"], month["energy_cost_eur"],
                                                          month["standing_cost_eur"]) if v is not None)))
        for tariff in told["tariffs"]:
            if tariff["eur_span"] is not None:
                rows.append(row(tariff["name"], tariff["energy_eur"], tariff["standing_eur"], tariff["eur_span"]))
    if told["always_on_w"]["low"] is not None:
        # Watts from a thousand on are written to ten.
        rows.append(row("what is always on", *((w, 5 if w >= 995 else 0.05) for w in told["always_on_w"].values())))
    return rows


MONTHS = {"fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.", "en": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec"}
DAYS = {"fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"}
CLASSES = {"fr": {"hp": "heures pleines", "hc": "heures creuses", "blue": "jour bleu", "white": "jour blanc", "red": "jour rouge"},
           "en": {"hp": "peak hours", "hc": "off-peak hours", "blue": "blue day", "white": "white day", "red": "red day"}}


def date_as(at, lang):
    day = "1er" if lang == "fr" and at.day == 1 else at.day
    return f"{DAYS[lang].split()[at.weekday()]} {day} {MONTHS[lang].split()[at.month - 1]}"


def clock_as(at, lang, fine):
    if fine:
        return at.strftime("%H:%M:%S")
    return at.strftime("%H:%M") if lang == "en" else f"{at.hour} h {at.minute:02d}" if at.minute else f"{at.hour} h"


def chart(start_utc, step_s, n, lang, series, classes=()):
    """A chart and what it must tell of each moment: the time as the language writes it, numbers, and the period of the tariff."""
    start = datetime.fromisoformat(start_utc.replace("Z", "+00:00"))
    moments = [(start + timedelta(seconds=step_s * i)).astimezone(PARIS).replace(tzinfo=None) for i in range(n)]
    times = []
    for at in moments:
        ends = "" if step_s < 60 else " – " + clock_as(at + timedelta(seconds=step_s), lang, False)
        times.append(f"{date_as(at, lang)}, {clock_as(at, lang, step_s < 60)}{ends}")
    periods = [""] * n
    for of in classes:
        from_ = round((datetime.fromisoformat(of["from_utc"].replace("Z", "+00:00")) - start).total_seconds() / step_s)
        names = [CLASSES[lang][part] for part in (of["class"] or "").split("_") if part in CLASSES[lang]]
        periods[from_:] = [", ".join(names)] * (n - from_)
    return {"start": int((moments[0] - datetime(1970, 1, 1)).total_seconds()), "n": n, "times": times, "series": series,
            "periods": periods}


def charts_of_report(told, lang):
    """What the curves of a page must tell, and some hours of its map."""
    assumed = told["assumptions"]
    periods = assumed["tariff_given"] and "hours_assumed" not in told["limits"] or assumed["cost_tariff"] == "tempo"
    charts, hours = [], []
    for of in ([told["week"]] if told["week"] else []) + told["telling_days"]:
        bands = [of["low_w"], of["high_w"]] if of["step_s"] > told["period_s"] else []
        charts.append(chart(of["start_utc"], of["step_s"], len(of["mean_w"]), lang, [of["mean_w"], *bands],
                            of["price_classes"] if periods else ()))
    points = told["ahead"]["points"]
    if points:
        series = [[p[key] for p in points] for key in ("came_w", "expected_w", "low_w", "high_w")]
        charts.append(chart(points[0]["time_utc"], 1800, len(points), lang, series))
    first = datetime.fromisoformat(told["span"]["from"].replace("Z", "+00:00")).astimezone(PARIS).date()
    for of in told["telling_days"]:
        a_day, per_hour = len(of["mean_w"]) * of["step_s"] == 86400, int(3600 // of["step_s"])
        for hour in (3, 12, 19) if a_day and per_hour and None not in of["mean_w"] and 1 < told["days"]["touched"] <= 730 else ():
            at = datetime.fromisoformat(of["date"]) + timedelta(hours=hour)
            watts = of["mean_w"][hour * per_hour:(hour + 1) * per_hour]
            hours.append({"column": (at.date() - first).days, "columns": told["days"]["touched"], "hour": hour,
                          "watts": sum(watts) / per_hour, "says": f"{date_as(at, lang)} {at.year}, {clock_as(at, lang, False)} – "
                          + clock_as(at + timedelta(hours=1), lang, False)})
    return {"charts": charts, "hours": hours}


def reports(folder):
    """Yields a plan's page of every report in both languages."""
    inputs = []
    for name, town, report in TOWNS + (MORE_TOWNS if FULL else []):
        home = os.path.join(folder, "home%d.h5" % len(inputs))
        run(DECLIC, "town", "-q", "--deflate", *town, "-o", home)
        inputs.append((name, home, report))
    if os.path.exists(LINKY):
        inputs.append(("linky", LINKY, ["--tariff", "tempo", "--subscribed", "6"]))
        if FULL:
            inputs.append(("linky, no tariff", LINKY, []))
    for name, path, arguments in inputs:
        for lang in ("fr", "en"):
            page = os.path.join(folder, "%s_%s.html" % (name.replace(", ", "_").replace(" ", "_"), lang))
            told = json.loads(run(DECLIC, "report", "-q", path, *arguments, "--lang", lang, "-o", page, "--json"))
            yield {"title": f"{name}, {lang}", "file": page, "lang": lang, "rows": rows_of_report(told),
                   **charts_of_report(told, lang)}


def clusters(folder):
    panel = os.path.join(folder, "panel.h5")
    run(DECLIC, "town", "-q", "-n", "120", "--period", "30min", "-o", panel)
    for lang in ("fr", "en"):
        page = os.path.join(folder, f"clusters_{lang}.html")
        told = json.loads(run(DECLIC, "cluster", "-q", panel, "-k", "4", "--lang", lang, "--report", page, "--json"))
        rows = [row(f"cluster {c['cluster']}", c["homes"], (c["mean_w"], 0.5), (100 * c["night_share"], 0.05))
                for c in told["clusters"]]
        yield {"title": f"clusters, {lang}", "file": page, "lang": lang, "rows": rows}


def lists(folder):
    """The list of a panel's homes, its numbers those beside each page."""
    for lang in ("fr", "en"):
        pages = os.path.join(folder, f"pages_{lang}")
        run(DECLIC, "report", "-q", os.path.join(folder, "six.h5"), "--panel", "--json", "--lang", lang, "-o", pages)
        rows = []
        for name in sorted(os.listdir(pages)):
            if name.endswith(".json"):
                with open(os.path.join(pages, name), encoding="utf-8") as file:
                    told = json.load(file)
                rows.append(row(name, told["energy_kwh"], 100 * told["span"]["coverage"], told["days"]["full"]))
        page = os.path.join(folder, f"list_{lang}.html")
        shutil.copy(os.path.join(pages, "index.html"), page)
        yield {"title": f"list, {lang}", "file": page, "lang": lang, "rows": rows}


def backtests(folder):
    homes = os.path.join(folder, "six.h5")
    run(DECLIC, "town", "-q", "-n", "6", "--days", "100", "--period", "30min", "-o", homes)
    for horizon, lang in (("day", "fr"), ("today", "en"), ("day", "en"), ("today", "fr"), ("hour", "fr"), ("hour", "en"))[:6 if FULL else 2]:
        page = os.path.join(folder, f"backtest_{horizon}_{lang}.html")
        told = json.loads(run(DECLIC, "forecast", "-q", homes, "--backtest", "--horizon", horizon, "--rows", "3000",
                              "--rounds", "20", "--lang", lang, "--report", page, "--json"))["backtest"]
        rows = [row(f"forecaster {of['forecaster']}", of["mae"], of["mae_mean"], of["rmse"], of["mase"], of["wql"])
                for of in told["by"]]
        rows += [row(of["home"], of["issues"], of["mae"], 100 * of["coverage"]) for of in told["each"]]
        yield {"title": f"backtest of {horizon}, {lang}", "file": page, "lang": lang, "rows": rows}


def cards(folder):
    """The card of a model that some nights made better."""
    homes, data, shelf = (os.path.join(folder, name) for name in ("six.h5", "nights", "shelf"))
    os.mkdir(data)
    for night, (to, rounds) in enumerate((("2025-03-01", 1), ("2025-03-15", 5), ("2025-03-29", 25), ("2025-04-10", 60))):
        run(DECLIC, "export", "-q", homes, "--home", "home000001", "--to", to, "-o", os.path.join(data, "cabin.csv"))
        run(DECLIC, "retrain", "-q", "--shelf", shelf, "--data", data, *(["--new"] if not night else []), "--rows", "3000",
            "--rounds", str(rounds))
    for lang in ("fr", "en"):
        page = os.path.join(folder, f"card_{lang}.html")
        told = json.loads(run(DECLIC, "shelf", "show", shelf, "forecast-cabin", "--json"))["models"][0]["versions"][0]
        run(DECLIC, "shelf", "show", "-q", shelf, "forecast-cabin", "--lang", lang, "--report", page)
        rows = [row(of["name"], of["value"]) for of in told["metrics"]]
        yield {"title": f"card, {lang}", "file": page, "lang": lang, "rows": rows}


def town(folder):
    """How real the town is, beside measured homes: where these are, and asked for."""
    page = os.path.join(folder, "town.html")
    bench = os.path.join(os.path.dirname(HERE), "bench/town")
    if (FULL or "town" in sys.argv) and os.path.exists(LINKY):
        told = run(bench, "--homes", "300", "--page", page)
        rows = [row("the year", *(float(n) for n in line.split()[2:10])) for line in told.splitlines() if line.startswith("year, kWh")]
        yield {"title": "town", "file": page, "lang": "en", "rows": rows}


def check_script(pages):
    """A page allows the script it has, and no other, by its hash."""
    for page in pages:
        with open(page["file"], encoding="utf-8") as file:
            text = file.read()
        allowed = re.search("script-src 'sha256-([^']*)'", text)
        scripts = re.findall("<script>(.*?)</script>", text, re.S)
        hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
        if hashes != ([allowed[1]] if allowed else []):
            sys.exit(f"{page['title']}: the page allows {allowed and allowed[1]} and has {hashes}")


def main():
    if not CHROMIUM:
        print("skipped: no chromium")
        return 77
    node = shutil.which("node")
    if not node:
        print("skipped: no node")
        return 77
    needs = "await import('playwright-core'); await import('axe-core')"
    if subprocess.run([node, "--input-type=module", "-e", needs], cwd=os.path.join(HERE, "pages"),
                      capture_output=True).returncode:
        print("skipped: tests/pages has no node_modules (scripts/setup installs them)")
        return 77
    pictures = os.environ.get("DECLIC_PAGES") or os.path.abspath("pages")
    os.makedirs(pictures, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pages = [page for page in (*reports(folder), *clusters(folder), *backtests(folder), *lists(folder),
                                  *cards(folder), *town(folder))
                 if all(w in page["title"] for w in sys.argv[1:])]
        check_script(pages)
        plan = {"chromium": CHROMIUM, "whole": FULL, "pictures": pictures, "pages": pages}
        path = os.path.join(folder, "plan.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(plan, file)
        done = subprocess.run([node, os.path.join(HERE, "pages/look.mjs"), path], capture_output=True, text=True,
                              timeout=1700)
        if done.returncode != 0:
            sys.exit(f"the browser did not come through: {done.stdout}{done.stderr}")
        told = json.loads(done.stdout)
    print(", ".join(f"{n} {what}" for what, n in told["seen"].items()) + f"; pictures in {os.path.basename(pictures)}/")
    print(f"{len(told['found'])} findings")
    for finding in told["found"][:80]:
        print("  " + finding)
    missing = [what for what in ("pages", "views", "axe", "numbers", *(("moments", "zooms", "pinches", "hours") if any(p.get("charts") for p in pages) else ()))
               if not told["seen"][what]]
    if missing:
        print("nothing was looked at: " + ", ".join(missing))
    return 1 if told["found"] or missing else 0


if __name__ == "__main__":
    sys.exit(main())
