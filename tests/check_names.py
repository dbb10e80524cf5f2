"""Names of cycles on the command line: what cycles and report show, names that a person gives, and what is refused.

Environment: DECLIC, the program.
"""
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

DECLIC = os.environ["DECLIC"]
failures = 0


def check(good, said):
    global failures
    if not good:
        failures += 1
        print(f"FAILED {said}")


def run(*arguments, code=0, stdin=None):
    done = subprocess.run([DECLIC, *arguments], capture_output=True, timeout=200, input=stdin)
    check(done.returncode == code, f"{' '.join(arguments)}: exit {done.returncode}, not {code}: {done.stderr.decode()}")
    return done.stdout.decode(), done.stderr.decode()


def refused(what, *arguments, code=1, stdin=None):
    _, said = run(*arguments, code=code, stdin=stdin)
    check(what in said, f"{' '.join(arguments)}: '{what}' is not in: {said}")


with tempfile.TemporaryDirectory() as folder:
    home, slow, mine, power = (os.path.join(folder, name) for name in ("home.h5", "slow.h5", "mine.model", "power.model"))
    run("town", "-q", "--days", "7", "--seed", "8", "--share", "family_gas=1", "-o", home)
    run("town", "-q", "--days", "7", "--seed", "8", "--share", "family_gas=1", "--step", "1min", "-o", slow)

    found = json.loads(run("cycles", "-q", home, "--json")[0])
    names = [cycle["appliance"] for cycle in found["cycles"]]
    for name, least in (("kettle", 8), ("washing_machine", 10), ("cold_appliance", 100)):
        check(names.count(name) >= least, f"{names.count(name)} cycles of a simulated home are called {name}")
    for number, programme in enumerate(found["programmes"], 1):
        inside = [cycle for cycle in found["cycles"] if cycle["programme"] == number]
        check(programme["programme"] == number and len(inside) == len(programme["phases"]), f"programme {number}")
        check(all(cycle["appliance"] == programme["appliance"] for cycle in inside), f"names in programme {number}")
    unknowns = found["unknowns"]
    check([u["unknown"] for u in unknowns] == list(range(1, len(unknowns) + 1)), "unknowns are numbered")
    table, _ = run("cycles", "-q", home)
    check("programmes:" in table and unknowns[0]["text"] in table, "the table has programmes and unknowns")
    rows = list(csv.DictReader(io.StringIO(run("cycles", "-q", home, "--csv")[0])))
    check([row["appliance"] for row in rows] == [cycle["appliance"] for cycle in found["cycles"]], "CSV and JSON agree")

    # A person's name goes to that load's cycles, as it is, and the load is no unknown any more.
    run("learn", "-q", "appliances", home, "--name", "unknown 1=Pompe d'été", "-o", mine)
    told = json.loads(run("cycles", "-q", home, "--model", mine, "--json")[0])
    own = [cycle for cycle in told["cycles"] if cycle["appliance"] == "Pompe d'été"]
    check(len(own) >= 6 and {cycle["group"] for cycle in own} >= {unknowns[0]["group"]}, f"{len(own)} cycles of one's own name")
    check(unknowns[0]["group"] not in [u["group"] for u in told["unknowns"]], "a load with a name is an unknown")
    check("Pompe d'été" in run("info", mine)[0], "info of named loads")
    page = os.path.join(folder, "page.html")
    run("report", "-q", home, "--model", mine, "-o", page)

    # A model of power names cycles after what takes most of their energy.
    run("learn", "-q", "appliances", slow, "-o", power, "--rows", "2000", "--copies", "0", "--threads", "1")
    told = json.loads(run("cycles", "-q", slow, "--model", power, "--json")[0])
    check({cycle["appliance"] for cycle in told["cycles"]} - {"unknown", "cold_appliance"}, "names by a model of power")

    n = len(unknowns)
    learn = ("learn", "appliances", home, "-o", os.path.join(folder, "no.model"))
    refused(f"unknown {n + 1} of {n}", *learn, "--name", f"unknown {n + 1}=kettle", code=2)
    refused("two loads are called pump", *learn, "--name", "unknown 1=pump", "--name", "unknown 2=pump", code=2)
    refused("unknown 1 is named twice", *learn, "--name", "unknown 1=a", "--name", "unknown 1=b", code=2)
    for form in ("1=kettle", "unknown 1", "unknown 1=", "unknown 0=x", "unknown 1=a,b", "unknown 1=unknown"):
        refused("--name", *learn, "--name", form, code=2)
    check(not os.path.exists(os.path.join(folder, "no.model")), "a refused name leaves a model behind")
    refused("every 1 s; these come every 60 s", "cycles", slow, "--model", mine, code=2)
    refused("byte 0", "cycles", home, "--model", home)
    refused("mine.model", "disaggregate", home, "--model", mine)
    refused("--model works on a file", "cycles", "-", "--csv", "--model", mine, code=2, stdin=b"")
    damaged = bytearray(open(mine, "rb").read())
    damaged[len(damaged) // 2] ^= 1
    with open(mine, "wb") as file:
        file.write(damaged)
    refused("mine.model", "cycles", home, "--model", mine)
sys.exit(1 if failures else 0)
