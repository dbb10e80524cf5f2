"""learn, disaggregate and evaluate from outside: a simulated home, its CSV forms, what adds up and what is refused.

Environment: DECLIC, the program.
"""
import csv
import json
import os
import tempfile

from outside import check, declic, finish


def write(path, header, rows):
    with open(path, "w") as file:
        file.write(header + "\n" + "".join(",".join(str(v) for v in row) + "\n" for row in rows))
    return path


def stamp(minute):
    return f"2024-01-{1 + minute // 1440:02d}T{minute // 60 % 24:02d}:{minute % 60:02d}:00Z"


def labelled(days, seed=1):
    """A fridge, a kettle and something unknown at one minute."""
    rows, state = [], seed
    for minute in range(days * 1440):
        state = (state * 1103515245 + 12345) % 2**31
        fridge = 80.0 if minute % 60 < 20 else 0.0
        kettle = 2000.0 if minute % 1440 in (430 + seed, 431 + seed, 1020, 1021, 1022) else 0.0
        other = 100 + state % 7 + (300 if 1100 < minute % 1440 < 1200 + seed * 9 else 0)
        rows.append((stamp(minute), fridge + kettle + other, fridge, kettle))
    return rows


def tenths(text):
    return round(float(text) * 10)


with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    header = "time_utc,mains_w,fridge_w,kettle_w"
    rows = labelled(6)
    home = write(path("home.csv"), header, rows)
    later = write(path("later.csv"), header, labelled(2, seed=3))
    learn = ["learn", "appliances", home, "-o", path("a.model"), "--rows", "6000", "--copies", "1", "--threads", "1"]
    said = json.loads(declic(*learn, "--json")[0])
    check("names", [a["name"] for a in said["appliances"]] == ["fridge", "kettle"], said)
    check("period", said["period_s"] == 60)
    first = open(path("a.model"), "rb").read()
    declic(*learn, "-q")
    check("the same training gives the same model", first == open(path("a.model"), "rb").read())

    # What comes out adds up, is never negative, and does not depend on threads or instruction set.
    estimate = ["disaggregate", later, "--model", path("a.model")]
    told = json.loads(declic(*estimate, "-o", path("out.csv"), "--json", "--threads", "1")[0])
    text = open(path("out.csv")).read()
    for option in (["--threads", "4"], ["--isa", "scalar"]):
        check("same bytes with " + " ".join(option), declic(*estimate, *option, "-q")[0] == text)
    lines = list(csv.DictReader(text.splitlines()))
    check("a row a minute", len(lines) == 2 * 1440, len(lines))
    check("columns", list(lines[0]) == ["time_utc", "mains_w", "fridge_w", "kettle_w", "other_w"], list(lines[0]))
    for line in lines:
        parts = [tenths(line[c]) for c in ("fridge_w", "kettle_w", "other_w")]
        if min(parts) < 0 or sum(parts) != tenths(line["mains_w"]):
            check("rows add up", False, line)
            break
    scores = json.loads(declic("evaluate", later, path("out.csv"), "--json")[0])
    for one in scores["appliances"]:
        check(one["name"] + " is found", one["f1"] > 0.9 and one["nde_root"] < 0.3, one)
    check("energy said", abs(told["appliances"][0]["kwh"] * 1000 -
                             scores["appliances"][0]["energy_estimate_wh"]) < 1, told)

    # A store: the same estimates, marked, and nothing to learn from.
    declic(*estimate, "-o", path("out.h5"), "-q")
    same = json.loads(declic("evaluate", path("out.h5"), path("out.csv"), "--json", "-q")[0])
    check("the store holds the same", all(a["mae_w"] < 0.06 for a in same["appliances"]), same)
    check("marked as estimates", "estimated" in declic("info", path("out.h5"), "--json")[0])
    check("estimates are not learned from",
          "estimates" in declic("learn", "appliances", path("out.h5"), "-o", path("b.model"), want=1)[1])

    # A store is estimated on its own grid; a home of one moment as well.
    declic("import", later, "-o", path("later.h5"), "-q")
    check("a store gives what its file gives", declic("disaggregate", path("later.h5"), "--model", path("a.model"))[0] == text)
    one = write(path("one.csv"), "time_utc,mains_w", [(stamp(m), 250) for m in range(2)])
    check("two moments", len(declic("disaggregate", one, "--model", path("a.model"))[0].splitlines()) == 3)
    told = json.loads(declic("disaggregate", one, "--model", path("a.model"), "-o", path("out.csv"), "--json")[0])
    check("minutes have no confidence of days", [a["confidence"] for a in told["appliances"]] == [None, None], told)

    # A panel is on its own grid as well: nobody asked for a period.
    crowd = path("crowd.h5")
    declic("town", "-q", "-n", "3", "--period", "30min", "--days", "2", "-o", crowd)
    for extra, words in ([], "choose one with --home"), (["--home", "home000002"], "learn one at 1800 s"):
        for command in ["disaggregate"], ["cycles"]:
            said = declic(*command, crowd, "--model", path("a.model"), *extra, want=2)[1]
            check("a home of a panel", words in said and "--period" not in said, said)

    # Export: below 0 nothing is seen.
    fed = write(path("fed.csv"), "time_utc,mains_w", [(stamp(m), -500 if 60 <= m < 120 else 181.5) for m in range(300)])
    out, _ = declic("disaggregate", fed, "--model", path("a.model"))
    lines = list(csv.DictReader(out.splitlines()))
    check("export is kept", lines[60]["mains_w"] == "-500.0" and lines[60]["other_w"] == "-500.0" and
          lines[60]["fridge_w"] == "0.0", lines[60])
    check("and the rest as well", lines[0]["mains_w"] == "181.5", lines[0])

    # What is refused, and with which words.
    gap = write(path("gap.csv"), "time_utc,mains_w", [(stamp(m), 100) for m in range(0, 3000, 30)])
    sparse = write(path("sparse.csv"), header, rows[::30])
    damaged = bytearray(first)
    damaged[len(damaged) // 2] ^= 4
    open(path("damaged.model"), "wb").write(damaged)
    open(path("cut.model"), "wb").write(first[:-70])
    ten = write(path("ten.csv"), header, rows[:10])
    seldom = write(path("seldom.csv"), header, [(*row[:3], 0) for row in rows])
    said = declic("learn", "appliances", seldom, "-o", path("seldom.model"), "--rows", "1000", "--copies", "0")[1]
    check("an appliance that never ran is left out and told", "kettle is left out" in said, said)
    never = write(path("never.csv"), header, [(*row[:2], 0, 0) for row in rows])
    plain = write(path("plain.csv"), "time_utc,mains_w", [row[:2] for row in rows])
    refused = [(["disaggregate", gap, "--model", path("a.model"), "--period", "30min"], "learn one at 1800 s", 2),
               (["disaggregate", gap, "--model", path("a.model")], "readings come every 1800 s", 2),
               (["learn", "appliances", sparse, "--period", "1min", "-o", path("b.model")], "readings come every 1800 s", 2),
               (["disaggregate", later, "--model", path("damaged.model")], "", 1),
               (["disaggregate", later, "--model", path("cut.model")], "", 1),
               (["disaggregate", later, "--model", home], "", 1),
               (["disaggregate", later, "--model", path("none.model")], "", 1),
               (["disaggregate", later], "--model", 2),
               (["learn", "appliances", ten, "-o", path("b.model")], "least", 1),
               (["learn", "appliances", never, "-o", path("b.model")], "kettle never draws", 1),
               (["learn", "appliances", plain, "-o", path("b.model")], "names no appliance", 1),
               (["learn", "nothing", home, "-o", path("b.model")], "learn appliances", 2),
               (["evaluate", home, plain], "holds no appliance", 1)]
    for arguments, words, want in refused:
        check("says why: " + " ".join(arguments[:2]), words in declic(*arguments, want=want)[1], words)
    check("nothing was written", not os.path.exists(path("b.model")))

    # Files that do not meet.
    far = write(path("far.csv"), header, [(row[0].replace("2024", "2025"), *row[1:]) for row in rows[:100]])
    check("no common moment", "no moment in common" in declic("evaluate", home, far, want=2)[1])
    names = write(path("names.csv"), "time_utc,mains_w,oven_w", [row[:3] for row in rows[:100]])
    check("no common name", "same name" in declic("evaluate", home, names, want=2)[1])

finish()
