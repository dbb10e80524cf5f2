"""What real homes are said to use, and what they must not be said to: uses of measurements whose truth is known in part.

Environment: DECLIC, the program; DECLIC_DATA, the measurements (skipped where they are not there).
"""
import json
import os
import subprocess
import sys

DECLIC, DATA = os.environ["DECLIC"], os.environ.get("DECLIC_DATA", "")
LINKY = os.path.join(DATA, "linky/linky_halfhour_W_2024-01-25_2025-04-30.csv")
UCI = os.path.join(DATA, "uci/household_power_consumption_minutes.txt")
# Name, arguments, uses that must be there, uses that must not (with any reason), and ranges of kWh that the truth is in.
CASES = [
    # Flat nights in all months: no heater of water or rooms, and no vehicle.
    ("linky", [LINKY], {"always_on", "cold", "cooking"}, {"water_heater", "heating", "cooling", "vehicle"}, {}),
    ("linky, a week", [LINKY, "--from", "2025-01-10", "--to", "2025-01-17"], {"always_on", "cold"},
     {"water_heater", "heating", "vehicle"}, {}),
    # Sub-meter 3, hot water and air conditioning, took 261 kWh; no vehicle in 2006.
    ("UCI", [UCI], {"always_on", "water_or_space_heating"}, {"vehicle"}, {"water_or_space_heating": 261}),
    ("UCI, half hours", [UCI, "--period", "30min"], {"always_on", "water_or_space_heating"}, {"vehicle"},
     {"water_or_space_heating": 261}),
]
failures = 0


def fail(name, said):
    global failures
    failures += 1
    print(f"FAILED {name}: {said}")


def check(name, arguments, wanted, absent, truths):
    run = subprocess.run([DECLIC, "report", "-q", "--json", *arguments], capture_output=True, text=True, timeout=240)
    if run.returncode:
        return fail(name, run.stderr)
    report = json.loads(run.stdout)
    uses = {use["name"]: use for use in report["uses"]}
    total = report["energy_kwh"]
    if abs(sum(use["kwh"] for use in uses.values()) - total) > 0.001 * total:
        fail(name, f"uses do not sum to {total}")
    for use in uses.values():
        if not 0 <= use["kwh_low"] <= use["kwh"] <= use["kwh_high"] <= total * 1.0001:
            fail(name, f"a range that does not hold its guess: {use}")
    if wanted - set(uses) or absent & set(uses):
        fail(name, f"shown are {sorted(uses)}; wanted {sorted(wanted)} and not {sorted(absent)}")
    for use, kwh in truths.items():
        if use in uses and not uses[use]["kwh_low"] <= kwh <= uses[use]["kwh_high"]:
            fail(name, f"{use} took {kwh} kWh, shown is {uses[use]}")


if not os.path.exists(LINKY) or not os.path.exists(UCI):
    print("skipped: no ../shared/data")
    sys.exit(77)
for case in CASES:
    check(*case)
sys.exit(1 if failures else 0)
