"""A home's year in minutes, one thread: dcl_town_power() against a minute loop of the kind that CREST's model is.

The reference is ours, after Richardson, Thomson, Infield and Clifford, "Domestic electricity use: a high-resolution energy demand
model", Energy and Buildings 42 (2010): people who are active at home by a chain of ten-minute steps, appliances that start by a
chance a minute, run their cycle and rest, bulbs that follow the light outdoors; the loop goes over minutes and devices, as theirs
does. It runs 20 days, and a year is taken as 365 / 20 of them. Two models have no equal outputs: both must make a home's year of 800 to
15,000 kWh in 525,600 values.
"""
import ctypes
import math
import random
import time

import numpy as np

TITLE = "a home's year in minutes"
TARGET = 2000
DAYS = 20

# Watts on, watts waiting, minutes a cycle, minutes of rest, starts a year, whether somebody must be up.
DEVICES = [
    (190, 0, 18, 36, 6116, False), (155, 0, 20, 40, 4380, False), (1, 1, 1440, 0, 365, False), (3, 3, 1440, 0, 365, False),
    (15, 9, 60, 0, 1000, True), (290, 4, 300, 20, 180, True), (75, 10, 300, 0, 230, True), (2000, 1, 3, 0, 1520, True),
    (2125, 3, 27, 0, 220, True), (2400, 1, 16, 0, 420, True), (1250, 2, 30, 0, 100, True), (2000, 1, 60, 0, 100, True),
    (1000, 0, 20, 0, 110, True), (100, 5, 60, 0, 400, True), (124, 3, 73, 0, 1600, True), (124, 2, 73, 0, 900, True),
    (27, 2, 73, 0, 1500, True), (30, 10, 73, 0, 1500, True), (1131, 1, 60, 0, 274, True), (406, 1, 138, 0, 190, True),
    (2500, 1, 60, 0, 60, True), (792, 1, 88, 0, 70, True), (9000, 0, 5, 0, 250, True), (150, 1, 30, 0, 300, True),
]
BULBS = 24


def occupancy(rng, people, minute, active):
    """The next ten minutes: each of the people gets up, goes or comes by the hour."""
    hour = minute // 60
    wanted = 0.05 if hour < 6 else 0.55 if hour < 9 else 0.35 if hour < 17 else 0.75 if hour < 22 else 0.35
    out = 0
    for person in range(people):
        here = person < active
        chance = 0.9 + 0.1 * wanted if here else 0.12 * wanted
        out += rng.random() < chance
    return out


def reference(days, seed):
    rng = random.Random(seed)
    left = [0] * len(DEVICES)
    rest = [0] * len(DEVICES)
    chance = [starts / (525600 * (0.35 if must else 1)) for _, _, _, _, starts, must in DEVICES]
    # What the active people may be doing, by ten minutes and number of them: a profile a device, as the model's tables have it.
    profile = [[[min(1.0, a * (0.4 + 0.6 * rng.random())) for a in range(6)] for _ in range(144)] for _ in DEVICES]
    bulb_w = [rng.choice((9, 11, 20, 40)) for _ in range(BULBS)]
    bulb_left = [0] * BULBS
    bulb_use = [-math.log(rng.random() + 1e-9) * 0.01 for _ in range(BULBS)]
    active, power = 1, np.empty(days * 1440)
    for t in range(days * 1440):
        minute = t % 1440
        if minute % 10 == 0:
            active = occupancy(rng, 3, minute, active)
        light = max(0.0, math.sin(math.pi * (minute - 400) / 700)) if 400 < minute < 1100 else 0.0
        total = 0.0
        for k, (on_w, wait_w, cycle, pause, _, must) in enumerate(DEVICES):
            if left[k]:
                left[k] -= 1
                total += on_w
                if not left[k]:
                    rest[k] = pause
                continue
            total += wait_w
            if rest[k]:
                rest[k] -= 1
            elif (active or not must) and rng.random() < chance[k] * (profile[k][minute // 10][active] if must else 1):
                left[k] = cycle
        for b in range(BULBS):
            if bulb_left[b]:
                bulb_left[b] = bulb_left[b] - 1 if active else 0
                total += bulb_w[b]
            elif active and light < 0.15 and rng.random() < bulb_use[b]:
                bulb_left[b] = int(2 + 60 * rng.random() ** 3)
        power[t] = total
    return power


def measure(tools):
    ours = tools.ours.bench_town_year
    ours.restype = ctypes.c_size_t
    ours.argtypes = [ctypes.c_uint32, ctypes.c_uint32, ctypes.c_int64, ctypes.c_void_p]
    homes, slots = 24, 525600
    power = np.zeros(slots, np.float32)

    def years(period_s=60):
        if ours(1, homes, period_s, power.ctypes.data) != slots * 60 // period_s:
            raise SystemExit("row 11: the year of a home has another number of slots")

    years()
    kwh = {"ours": float(power.astype(float).sum()) / 60000, "peer": float(reference(DAYS, 1).mean()) * 8.76}
    for name, value in kwh.items():
        if not 800 < value < 15000:
            raise SystemExit(f"row 11: {name} makes a year of {value:.0f} kWh")
    found = tools.pairs(years, lambda: reference(DAYS, 1), repeats=5, clock=time.thread_time)
    scale = 365 / DAYS * homes
    half = tools.pairs(lambda: years(1800), years, repeats=5, clock=time.thread_time)
    return [
        {"case": f"mean of {homes} homes, 1 thread", "unit": "ms", "threads": 1, "ratio": found["ratio"] * scale,
         "ours": 1e3 * found["ours_s"] / homes, "peer": 1e3 * found["peer_s"] * 365 / DAYS, "kwh": kwh},
        {"case": "half hours, ours against its own minutes", "unit": "ms", "threads": 1, "target": None, "ratio": half["ratio"],
         "ours": 1e3 * half["ours_s"] / homes, "peer": 1e3 * half["peer_s"] / homes},
    ]
