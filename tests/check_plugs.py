"""Plugs worn beside a meter, from outside: clocks put right, what is refused and why, and what is said of the gain.

Environment: DECLIC, the program.
"""
import datetime
import json
import os
import tempfile

import h5py

from outside import check, declic, finish


def town(path, seed, days=7):
    """A simulated home at 10 s: its store, its start in s and what each appliance drew."""
    declic("town", "-q", "--days", str(days), "--step", "10s", "--seed", str(seed), "-o", path)
    with h5py.File(path) as file:
        home = next(iter(file["home"].values()))
        start = int(home["power_w"].attrs["start_us"]) // 1000000
        parts = {name: values[:] for name, values in home["truth"].items() if name not in ("kind", "cycles")}
        return start, parts, home["apparent_va"][:]


def worn(path, start, values, behind=0.0, drift_ppm=0.0):
    """The file of a plug whose clock is `behind` the meter's in the middle: CSV, or Tasmota's JSON lines."""
    with open(path, "w") as file:
        file.write("time_utc,power_w\n" if path.endswith(".csv") else "")
        for i, value in enumerate(values):
            at = start + 10 * i - behind - drift_ppm * 1e-6 * 10 * (i - len(values) / 2)
            if path.endswith(".csv"):
                file.write(f"{at:.3f},{value:.1f}\n")
            else:
                moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                file.write(f'{{"Time":"{moment}","ENERGY":{{"Power":{value:.1f}}}}}\n')
    return path


with tempfile.TemporaryDirectory() as folder:
    path = lambda name: os.path.join(folder, name)
    start, parts, apparent = town(path("home.h5"), 4)
    other_start, others, _ = town(path("other.h5"), 2)
    names = ("fridge", "kettle", "washing_machine", "lights")
    model, meter = path("mine.model"), path("home.h5")
    base = ["learn", "appliances", "-o", model, "--rows", "1500", "--copies", "0", "--threads", "1"]
    learn = [*base, meter]
    plug = lambda name, file: ["--plug", f"{name}={file}"]

    # Clocks are put right, whatever the form of the file; a shift of the file is a shift of what is found.
    files = {"fridge": worn(path("fridge.csv"), start, parts["fridge"], behind=37, drift_ppm=20),
             "kettle": worn(path("kettle.json"), start, parts["kettle"], behind=-20),
             "washing_machine": worn(path("wash.csv"), start, parts["washing_machine"], behind=3),
             "late": worn(path("late.csv"), start, parts["kettle"], behind=80)}
    given = sum((plug(*item) for item in files.items()), [])
    said = json.loads(declic(*learn, *given, "--json", "-q")[0])
    got = {one["name"]: one for one in said["plugs"]}
    for name, want in (("fridge", 37), ("kettle", -20), ("washing_machine", 3)):
        check(name + " fits", got[name]["verdict"] == "fits" and got[name]["learned"], got[name])
        check(name + " is put right", abs(got[name]["offset_s"] - want) < 1, got[name])
    for name in ("fridge", "kettle"):
        check(name + " is found", got[name]["found"] > 0.9 * got[name]["steps"] > got[name]["by_chance_most"], got[name])
    check("a shift of the file is one of the offset", abs(got["late"]["offset_s"] - got["kettle"]["offset_s"] - 100) < 1, got)
    check("the drift as well", abs(got["fridge"]["drift_ppm"] - 20) < 3, got["fridge"])

    # The gain: on days held back, beside what is said without plugs and the mean.
    gain = said["gain"]
    check("told", gain["told"] and gain["learned_days"] == 4 and gain["held_days"] == 3, gain)
    fridge, kettle = gain["appliances"][:2]
    check("the fridge gains", fridge["with_plugs"]["f1"] > max(0.95, fridge["without_plugs"]["f1"]) and
          fridge["with_plugs"]["nde_root"] < 0.6 * fridge["without_plugs"]["nde_root"] and
          fridge["mean"]["f1"] < 0.7, fridge)
    # Few days, and a hob, an oven and a coffee machine of like size beside it.
    check("no rule names a kettle", kettle["without_plugs"]["f1"] is None and
          kettle["with_plugs"]["f1"] > max(0.8, kettle["mean"]["f1"]), kettle)
    bytes_before = open(model, "rb").read()
    text, err = declic(*learn, *given)
    for words in ("fridge: 37.", "losing 1.", "kettle: 20.", "ahead of the meter", "steps found (by chance",
                  "On the last 3 days, by a model of the 4 before", "without plugs"):
        check("says", words in text, (words, text))
    check("the same plugs, the same model", open(model, "rb").read() == bytes_before)
    shared = declic("disaggregate", path("other.h5"), "--model", model, "-q")[0].splitlines()[0]
    check("the model serves", shared == "time_utc,mains_w,fridge_w,kettle_w,washing_machine_w,late_w,other_w", shared)

    # A meter of apparent power alone.
    va = path("va.csv")
    with open(va, "w") as file:
        file.write("time_utc,apparent_va\n")
        file.writelines(f"{start + 10 * i},{10 * round(value / 10)}\n" for i, value in enumerate(apparent))
    said = json.loads(declic(*base, va, *plug("fridge", files["fridge"]), "--json", "-q")[0])
    check("VA alone", said["channels"] == ["apparent_va"] and abs(said["plugs"][0]["offset_s"] - 37) < 2, said["plugs"])
    check("declic disaggregate of VA", declic("disaggregate", va, "--model", model, "-q")[0].startswith("time_utc,"))

    # What is refused, with which words, and that nothing is written then.
    os.remove(model)
    hour = worn(path("hour.csv"), start, parts["fridge"], behind=3600)
    ahead = worn(path("ahead.csv"), start, parts["kettle"], behind=-7200)
    foreign = worn(path("foreign.csv"), start, others["fridge"])
    summer = worn(path("summer.csv"), start + 200 * 86400, parts["fridge"])
    one = worn(path("one.csv"), start, parts["fridge"][:1])
    volts = path("volts.csv")
    with open(volts, "w") as file:
        file.write("time_utc,voltage_v\n" + "".join(f"{start + 10 * i},230\n" for i in range(2000)))
    refused = [([*learn, *plug("fridge", hour)], ["fridge", "1 h 00 min behind", "steps found"], 1),
               ([*learn, *plug("kettle", ahead)], ["kettle", "2 h 00 min ahead of"], 1),
               ([*learn, *plug("fridge", foreign)], ["another home", "by chance up to"], 1),
               ([*learn, *given, *plug("f", foreign), *plug("h", hour)], ["f seems to be of another home", "h seems"], 1),
               ([*learn, *plug("fridge", summer)], ["never heard at the same time", "2025-01-"], 1),
               ([*learn, *plug("fridge", one)], ["one"], 1),
               ([*learn, *plug("fridge", volts)], ["no active power"], 1),
               ([*learn, *plug("fridge", path("none.csv"))], ["none.csv"], 1),
               ([*learn, "--plug", "kettle"], ["NAME=FILE"], 2),
               ([*learn, "--plug", "=" + hour], ["a name has"], 2),
               ([*learn, *plug("a,b", hour)], ["a name has"], 2),
               ([*learn, *plug("other", hour)], ["no plug measures"], 2),
               ([*learn, *plug("fridge", hour), *plug("fridge", ahead)], ["two plugs are called fridge"], 2),
               ([*base[:3], hour, *base[4:], meter, *plug("fridge", hour)], ["plug's file as well"], 2),
               ([*learn, "--trust-plugs"], ["no --plug"], 2)]
    for arguments, words, want in refused:
        err = declic(*arguments, want=want)[1]
        for word in words:
            check("says why", word in err, (word, err))
    check("nothing was written", not os.path.exists(model) and open(hour).read().startswith("time_utc"))

    # What cannot be told is left out, or taken where the person says so.
    constant = worn(path("constant.csv"), start, [12.0] * len(parts["fridge"]))
    err = declic(*learn, *plug("router", constant), want=1)[1]
    check("never switches", "never switches" in err and "no plug is left" in err and not os.path.exists(model), err)
    days = worn(path("days.csv"), start, parts["fridge"][:3 * 8640])
    text, err = declic(*learn, *plug("router", constant), *plug("fridge", days))
    check("the others are learned", "router is left out" in err, err)
    check("too few days to judge", "not told: they are known on 3 whole days" in text and "rootNDE" in text, text)
    short = worn(path("short.csv"), start, parts["kettle"][:3000])
    said = json.loads(declic(*learn, *plug("kettle", short), *plug("fridge", days), "--trust-plugs", "--json", "-q")[0])
    check("trusted", said["plugs"][0]["verdict"] == "few_steps" and said["plugs"][0]["learned"] and
          not said["gain"]["told"], said)
    half = path("half.csv")
    with open(half, "w") as file:
        file.write("time_utc,power_w\n" + "".join(f"{start + 1800 * i},{300 + i % 7}\n" for i in range(300)))
    err = declic(*base, half, *plug("fridge", files["fridge"]), want=1)[1]
    check("half hours show no clock", "five minutes or more" in err, err)

finish()
