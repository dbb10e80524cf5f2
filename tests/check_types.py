"""learn appliances from devices, from outside: a small data set in tracebase's form, a store of it, parts of homes by --devices,
what is refused, and models that are damaged.

Environment: DECLIC, the program.
"""
import json
import os
import random
import tempfile

from outside import check, declic, finish

# kind: watts, seconds on, seconds from start to start
HABITS = {"Refrigerator": (90, 900, 3000), "WaterKettle": (2000, 150, 14000), "Lamp": (35, 9000, 43000)}


def refused(name, words, *arguments, want=1):
    _, said = declic(*arguments, want=want)
    check(name, all(word in said for word in words), f"said: {said}")


def watts_of_day(kind, device, day):
    """A day at 10 s."""
    own, dice = random.Random(f"{kind}{device}"), random.Random(f"{kind}{device}{day}")
    watts, on_s, every_s = HABITS[kind]
    watts, on_s = watts * own.uniform(0.85, 1.15), on_s * own.uniform(0.8, 1.2)
    value, start = [0.5] * 8640, 0.0
    while start < 86400:
        start += every_s * dice.uniform(0.5, 1)
        for i in range(int(start / 10), min(8640, int((start + on_s) / 10))):
            value[i] = watts * dice.gauss(1, 0.01)
    return value


def write_device(folder, kind, device, days, rows=8640):
    os.makedirs(os.path.join(folder, kind), exist_ok=True)
    for day in range(1, days + 1):
        with open(os.path.join(folder, kind, f"dev_{kind[0]}{device:05d}_2012.01.{day:02d}.csv"), "w") as file:
            for i, watts in enumerate(watts_of_day(kind, device, day)[:rows]):
                clock = f"{i // 360:02d}:{i // 6 % 60:02d}:{i % 6 * 10:02d}"
                file.write(f"{day:02d}/01/2012 {clock};{watts:.2f};{watts:.2f}\n")


def devices_of(model):
    told = json.loads(declic("info", "--json", model)[0])["model"]
    return {one["name"]: one["devices"] for one in told["types"]}


with tempfile.TemporaryDirectory() as folder:
    def at(name):
        return os.path.join(folder, name)

    def text(name, content):
        with open(at(name), "w") as file:
            file.write(content)
        return at(name)

    for kind in HABITS:
        for device in range(1 if kind == "Lamp" else 3):
            write_device(at("all"), kind, device, 3)
    write_device(at("one"), "Refrigerator", 0, 2)
    write_device(at("fridges"), "Refrigerator", 0, 2)
    write_device(at("fridges"), "Refrigerator", 1, 2)
    write_device(at("rows"), "WaterKettle", 0, 1, rows=10)
    write_device(at("rows"), "Refrigerator", 0, 1, rows=10)
    learn = ("learn", "appliances")

    # a model by folders of types, the same for any number of threads, with the single device marked
    out, _ = declic(*learn, at("all"), "-o", at("a.model"), "--threads", "1")
    check("types are told", "kettle" in out and "single one" in out, out)
    check("devices of each type", devices_of(at("a.model")) == {"fridge": 3, "kettle": 3, "lights": 1})
    declic(*learn, "-q", at("all"), "-o", at("b.model"), "--threads", "2")
    with open(at("a.model"), "rb") as a, open(at("b.model"), "rb") as b:
        whole = a.read()
        check("the same bytes", whole == b.read())
    declic("import", "-q", at("all"), "-o", at("store.h5"))
    declic(*learn, "-q", at("store.h5"), "-o", at("c.model"))
    check("a store of devices teaches as they do", devices_of(at("c.model")) == devices_of(at("a.model")))

    # parts of homes
    for seed in ("1", "2"):
        declic("town", "-q", "--days", "4", "--step", "10s", "--seed", seed, "-o", at(f"home{seed}.h5"))
    head, homes = "# plugs\ninput,device,type\n", (at("home1.h5"), at("home2.h5"))
    parts = [f"home{i},{part},{kind}\n" for i in ("1.h5", "2.h5") for part, kind in (("fridge", "Refrigerator"), ("kettle", "Kettle"))]
    declic(*learn, "-q", *homes, "--devices", text("parts.csv", head + "".join(parts)), "-o", at("d.model"))
    check("parts of homes teach", devices_of(at("d.model")) == {"fridge": 2, "kettle": 2})
    printed = json.loads(declic(*learn, "-q", *homes, "--devices", at("parts.csv"), "-o", at("d.model"), "--json")[0])
    check("keys of a model of types", set(printed) == {"model"} and set(printed["model"]) == {"least_confidence", "types", "views"})

    # what is refused
    refused("one device", ["1 device of 1 type"], *learn, at("one"), "-o", at("x.model"))
    refused("one type", ["2 devices of 1 type"], *learn, at("fridges"), "-o", at("x.model"))
    refused("ten rows", ["0 devices"], *learn, at("rows"), "-o", at("x.model"))
    refused("a home among devices", ["--devices"], *learn, at("all"), at("home1.h5"), "-o", at("x.model"), want=2)
    refused("copies of devices", ["--copies"], *learn, at("all"), "--copies", "2", "-o", at("x.model"), want=2)
    cases = {
        "no header": ("home1.h5,fridge,fridge\n", ["line 1", "header"]),
        "no type": (head + "home1.h5,fridge\n", ["line 3", "input,device,type"]),
        "empty type": (head + "home1.h5,fridge,\n", ["line 3"]),
        "type of signs": (head + "home1.h5,fridge,--\n", ["no name of a type"]),
        "an input that is not there": (head + "home9.h5,fridge,fridge\n", ["line 3", "home9.h5 is not among the inputs"]),
        "a device twice": (head + parts[0] + parts[0], ["line 4"]),
        "a part that is not there": (head + "home1.h5,sauna,sauna\n", ["no part called sauna"]),
        "a list of nothing": (head, ["no device"]),
    }
    for name, (content, words) in cases.items():
        refused(name, words, *learn, *homes, "--devices", text("list.csv", content), "-o", at("x.model"))
    refused("no list", ["none.csv"], *learn, *homes, "--devices", at("none.csv"), "-o", at("x.model"))
    check("nothing was written", not os.path.exists(at("x.model")))

    # models that are cut, damaged, of another kind or newer
    newer = bytearray(whole)
    newer[8] = 9
    for name, content in {"cut": whole[: len(whole) // 2], "damaged": whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:],
                          "newer": bytes(newer)}.items():
        with open(at(name + ".model"), "wb") as file:
            file.write(content)
        refused(name, [name + ".model"], "info", at(name + ".model"))

finish()
