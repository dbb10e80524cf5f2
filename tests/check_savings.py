"""What a home could save: the page says what --json says, and says so when the data cannot carry it.

Homes are half hours and minutes written by rule: a floor that is too high, a water heater at dear hours, an option that costs more
than another. Then what comes in bad shape: a day, a week, a gap of months, exports, an unknown option, dates without prices.

Environment: DECLIC, the program.
"""
import datetime
import html
import json
import os
import re
import tempfile

from outside import check, declic, finish

UTC = datetime.timezone.utc


def write(folder, name, start, days, rule, step_s=1800, hole=(0, 0), extra=None):
    """A file of ours: one row a step, power by the slot of the civil-ish day and its number."""
    path = os.path.join(folder, name)
    at = datetime.datetime(*start, tzinfo=UTC)
    each = 86400 // step_s
    with open(path, "w") as out:
        out.write("time_utc,power_w" + (",export_w" if extra else "") + "\n")
        for i in range(days * each):
            if not hole[0] <= i // each < hole[1]:
                row = f"{(at + datetime.timedelta(seconds=i * step_s)):%Y-%m-%dT%H:%M:%SZ},{rule(i // each, i % each):.0f}"
                out.write(row + (f",{extra(i % each):.0f}" if extra else "") + "\n")
    return path


def report(path, *options):
    """The numbers, and the words of the page in both languages."""
    pages = []
    for lang in ("en", "fr"):
        page = path + "." + lang + ".html"
        said = declic("report", path, *options, "--lang", lang, "-o", page, "--json", "-q")[0]
        text = open(page, encoding="utf-8").read()
        pages.append(text.split('<h2>What you could save</h2>')[-1] if lang == "en"
                     else text.split("<h2>Ce que vous pourriez économiser</h2>")[-1])
        numbers = json.loads(said)
    return numbers, [html.unescape(p.split("</section>")[0]) for p in pages]


def euros(lang, low, high):
    """A range as the page writes it: thousands apart, one sign of the unit in French."""
    if lang == "fr":
        low, high = (f"{v:,}".replace(",", "\u202f") for v in (low, high))
        return f"{high}\u00a0€" if low == high else f"{low} à {high}\u00a0€"
    return f"€{high:,}" if low == high else f"€{low:,} to €{high:,}"


def page_is_json(name, numbers, pages):
    advice = numbers["advice"]
    for lang, page in zip(("en", "fr"), pages):
        said = re.findall(r'<p class="amount"><b>(.*?)</b>', page)
        want = [euros(lang, a["eur_low"], a["eur_high"]) for a in advice]
        check(f"{name} {lang}: amounts", said == want, f"page {said}, json {want}")
        joint = numbers["advice_together"]
        if joint["eur_low"] is not None:
            check(f"{name} {lang}: together", euros(lang, joint["eur_low"], joint["eur_high"]) in page, str(joint))
        reasons = {a["why"] for a in numbers["advice_none"]}
        lines = page.count("<li>") - len(advice)
        check(f"{name} {lang}: reasons", lines in (len(reasons), 0) and (lines or reasons == {"few_days"}),
              f"{lines} lines for {reasons}")
        check(f"{name} {lang}: three first", page.count('class="advice more"') == (len(advice) > 3))


def why(numbers, advice):
    return {a["id"]: a["why"] for a in numbers["advice_none"]}.get(advice, "given")


def evening(slot):
    return 900 if slot in (37, 38, 39) else 0


def wasteful(day, slot):
    return 430 + evening(slot) + (2000 if 18 <= slot < 22 else 0)


def thrifty(day, slot):
    return 90 + evening(slot) + (600 if 46 <= slot or slot < 6 else 0)


def good_data(folder):
    hours = ("--tariff", "hc", "--subscribed", "6", "--hc", "22:00-06:00")
    numbers, pages = report(write(folder, "wasteful.csv", (2025, 1, 1), 365, wasteful), *hours)
    page_is_json("wasteful", numbers, pages)
    ids = [a["id"] for a in numbers["advice"]]
    check("wasteful: always on first", ids[:1] == ["always_on"], ids)
    check("wasteful: its heater", "water_heater_hours" in ids, ids)
    for a in numbers["advice"]:
        check(f"{a['id']}: high at most twice low", a["eur_low"] <= a["eur_high"] <= 2 * a["eur_low"], str(a))
    total = sum(a["eur_high"] for a in numbers["advice"])
    check("together below the sum", numbers["advice_together"]["eur_high"] <= total, str(numbers["advice_together"]))
    numbers, pages = report(write(folder, "thrifty.csv", (2025, 1, 1), 365, thrifty), *hours)
    page_is_json("thrifty", numbers, pages)
    check("half hours and a fridge", why(numbers, "cold_appliance") == "too_coarse", why(numbers, "cold_appliance"))
    check("half hours are said", "cannot show this: fridge and freezer" in pages[0], pages[0][-900:])
    check("no maxima are said", why(numbers, "subscribed_power") == "no_va", why(numbers, "subscribed_power"))


def bad_data(folder):
    cases = [
        # name, file, options, advice and the reason that it must have
        ("a day", write(folder, "day.csv", (2025, 1, 1), 1, wasteful), (), "always_on", "few_days"),
        ("a week", write(folder, "week.csv", (2025, 1, 1), 7, wasteful), (), "always_on", "few_days"),
        ("a gap of months", write(folder, "gap.csv", (2025, 1, 1), 365, wasteful, hole=(60, 200)),
         ("--tariff", "base"), "tariff", "no_year"),
        ("an unknown option", write(folder, "unknown.csv", (2025, 1, 1), 365, wasteful), (), "tariff", "no_tariff"),
        ("unknown hours", os.path.join(folder, "unknown.csv"), ("--tariff", "hc"), "water_heater_hours", "no_hours"),
        ("no colours", write(folder, "later.csv", (2026, 8, 1), 60, wasteful), ("--tariff", "tempo"),
         "water_heater_hours", "no_year"),
        ("before all prices", write(folder, "old.csv", (2007, 1, 1), 365, wasteful), ("--tariff", "tempo"), "tariff",
         "no_prices"),
        ("exports", write(folder, "solar.csv", (2025, 1, 1), 60, lambda d, s: 0 if 18 < s < 30 else 300 + evening(s),
                          extra=lambda s: 1500 if 18 < s < 30 else 0), (), "always_on", "too_wide"),
        ("negative power", write(folder, "negative.csv", (2025, 1, 1), 60,
                                 lambda d, s: -1500 if 20 < s < 26 else 300), (), "tariff", "no_tariff"),
        ("hours", write(folder, "hours.csv", (2025, 1, 1), 40, lambda d, s: 300, 3600), (), "cold_appliance",
         "too_coarse"),
    ]
    for name, path, options, advice, want in cases:
        numbers, pages = report(path, *options)
        page_is_json(name, numbers, pages)
        check(f"{name}: {advice}", why(numbers, advice) == want, f"{why(numbers, advice)}, not {want}")


with tempfile.TemporaryDirectory() as place:
    good_data(place)
    bad_data(place)
finish()
