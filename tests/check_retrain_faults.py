"""The nightly job where the world fails: killed at any moment, a full disk, no permission, files cut short. The shelf always serves a
whole, verified model with all that stands beside it, and the next run finishes the work as if nothing had happened. A model of forecasts
and one for gateways, with its blobs, on one shelf. Eight moments; 200 with DECLIC_FULL=1 (scripts/test --full).

Environment: DECLIC, the program.
"""
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import zlib
from datetime import datetime, timedelta

from outside import DECLIC, check, declic, finish

FIRST, DAYS, MINUTES_FROM = datetime(2025, 1, 1), 88, 74
MOMENTS = 200 if os.environ.get("DECLIC_FULL") else 8
FEW = ("--rows", "800", "--rounds", "6", "--threads", "1", "--zone", "UTC", "-q")
MODELS = ("forecast-a", "gateway-b")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")


def stamp(day, seconds=0):
    return (FIRST + timedelta(days=day, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_homes(folder):
    """Half hours of a home for a quarter; minutes of another for two weeks, in the midst of which it changes."""
    rng = random.Random(1)
    with open(os.path.join(folder, "a.csv"), "w", encoding="ascii") as out:
        out.write("time_utc,power_w\n")
        for slot in range(DAYS * 48):
            power = 150 + 900 * math.exp(-((slot % 48 / 2 - 19.5) / 2) ** 2) * (2 if slot > 70 * 48 else 1)
            out.write(f"{stamp(0, 1800 * slot)},{power * (0.7 + 0.6 * rng.random()):.1f}\n")
    with open(os.path.join(folder, "b.csv"), "w", encoding="ascii") as out:
        out.write("time_utc,power_w\n")
        for i in range((DAYS - MINUTES_FROM) * 1440):
            heats = i % 20 < 7 if i < 5 * 1440 else i % 12 < 5
            out.write(f"{stamp(MINUTES_FROM, 60 * i)},{120 + (1200 if i < 5 * 1440 else 2100) * heats + rng.randrange(20)}\n")


def command(shelf, data):
    return ["retrain", "--shelf", shelf, "--data", data, "--now", stamp(DAYS), "--json", *FEW]


def files_of(folder):
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if not name.startswith(".lock"):
                with open(os.path.join(path, name), "rb") as file:
                    found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    return found


def told(files):
    """The same, of nights what was decided: a run that was killed between promoting and saying so is told by the card, which has no
    figures of the version before."""
    return {name: [line.split(b",")[:4] for line in content.splitlines()] if name.endswith(".nights.csv") else content
            for name, content in files.items()}


def serves(where, shelf):
    """Each model is whole, the card's own checksum with it, and so is every file beside it. Returns who serves."""
    current = []
    for model in MODELS:
        out, said = declic("shelf", "show", shelf, model, "--json")
        check(f"{where}: {model} serves undamaged", out and "damaged" not in said, said)
        version = json.loads(out)["models"][0]["versions"][0] if out else None
        if not version:
            continue
        folder = os.path.join(shelf, model, f"{version['version']:06}")
        for name, crc in (("model", version["crc32"]), *((f["name"], f["crc32"]) for f in version["files"])):
            with open(os.path.join(folder, name), "rb") as file:
                check(f"{where}: {model} {name}", zlib.crc32(file.read()) == int(crc, 16), "not the one of its card")
        current.append(version["version"])
    return current


def finishes(where, shelf, data, want):
    """The next run leaves what a run leaves that nothing happened to."""
    declic(*command(shelf, data))
    got, whole = told(files_of(shelf)), told(want)
    check(f"{where}: the next run finishes the work", got == whole, sorted(n for n in set(got) | set(whole) if got.get(n) != whole.get(n)))
    check(f"{where}: who serves", serves(where, shelf) == [2, 2])


def check_kills(work, base, data, want, took):
    rng, killed = random.Random(11), 0
    for moment in range(MOMENTS):
        shelf = os.path.join(work, "killed")
        shutil.copytree(base, shelf)
        run = subprocess.Popen([DECLIC, *command(shelf, data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 1.1 * took))
        run.send_signal(signal.SIGKILL)
        killed += run.wait() < 0
        serves(f"kill {moment}", shelf)
        finishes(f"kill {moment}", shelf, data, want)
        shutil.rmtree(shelf)
    check("a run was killed at some moment", killed > 0)
    return killed


def check_size(work, base, data, want):
    """The short form of a full disk: no file may grow beyond so many bytes, as said by the system or by a signal that ends the run."""
    for limit in (100, 2000, 8000, 40000):
        for ignored in (True, False):
            def bound():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            shelf = os.path.join(work, "bound")
            shutil.copytree(base, shelf)
            run = subprocess.run([DECLIC, *command(shelf, data)], capture_output=True, preexec_fn=bound, restore_signals=False, timeout=100)
            where = f"files of {limit} bytes, {'said' if ignored else 'killed'}"
            check(f"{where}: the run says it failed", run.returncode in ((1, 3) if ignored else (-signal.SIGXFSZ,)) and
                  (not ignored or b"File too large" in run.stderr), f"{run.returncode} {run.stderr}")
            serves(where, shelf)
            finishes(where, shelf, data, want)
            shutil.rmtree(shelf)


def check_full_disk(work, base, data, want):
    place = os.path.join(work, "small")
    os.mkdir(place)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True).returncode:
        print("skipped: a full disk: none can be mounted here; files were bounded instead")
        return
    try:
        for left in (0, 4096, 20000, 60000):
            shelf, rest = os.path.join(place, "shelf"), os.path.join(place, "rest")
            shutil.copytree(base, shelf)
            with open(rest, "wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(4096))
                except OSError:
                    pass
                file.truncate(max(0, os.fstat(file.fileno()).st_size - left))
            run = subprocess.run([DECLIC, *command(shelf, data)], capture_output=True, timeout=100)
            where = f"{left} bytes left"
            check(f"{where}: the run says it failed", run.returncode in (1, 3) and b"No space left" in run.stderr,
                  f"{run.returncode} {run.stderr}")
            serves(where, shelf)
            os.remove(rest)
            finishes(where, shelf, data, want)
            shutil.rmtree(shelf)
    finally:
        subprocess.run(["umount", place], check=True)


def check_permission(work, base, data):
    if os.geteuid() != 0 or subprocess.run([*NOBODY, DECLIC, "--version"], capture_output=True).returncode:
        print("skipped: no permission: no other user to be here")
        return
    for path in (work, data):
        os.chmod(path, 0o755)
    before = files_of(base)
    run = subprocess.run([*NOBODY, DECLIC, *command(base, data)], capture_output=True, text=True, timeout=100)
    check("nobody may not write: it is said", run.returncode == 1 and "Permission denied" in run.stderr, f"{run.returncode} {run.stderr}")
    check("and nothing is written", files_of(base) == before)
    run = subprocess.run([*NOBODY, DECLIC, *command(base, data), "--dry-run"], capture_output=True, text=True, timeout=100)
    check("a dry run needs no right to write", run.returncode == 0 and '"promoted"' in run.stdout, f"{run.returncode} {run.stderr}")
    check("and writes nothing either", files_of(base) == before)
    serves("no permission", base)


def check_cuts(work, base, data, want):
    """Each file of the shelf cut short after a whole night: a whole version serves, and the job goes on."""
    done = os.path.join(work, "done")
    shutil.copytree(base, done)
    declic(*command(done, data))
    for name in sorted(want):
        shelf = os.path.join(work, "cut")
        shutil.copytree(done, shelf)
        with open(os.path.join(shelf, name), "r+b") as file:
            file.truncate(len(want[name]) // 2)
        run = subprocess.run([DECLIC, *command(shelf, data)], capture_output=True, text=True, timeout=100)
        check(f"{name} cut short: the run ends in words", run.returncode in (0, 1, 3), f"{run.returncode} {run.stderr}")
        for model in MODELS:
            out, _ = declic("shelf", "show", shelf, model, "--json")
            version = json.loads(out)["models"][0]["versions"][0]
            check(f"{name} cut short: {model} serves a whole version", version["state"] == "whole", version)
        shutil.rmtree(shelf)


def main():
    work = tempfile.mkdtemp(prefix="declic-faults-")
    try:
        base, data, model = (os.path.join(work, name) for name in ("base", "homes", "b.model"))
        os.mkdir(data)
        write_homes(data)
        declic("learn", "forecast", os.path.join(data, "b.csv"), "--gateway", "-o", model, "--to", stamp(MINUTES_FROM + 5), *FEW[4:])
        declic("learn", "forecast", os.path.join(data, "a.csv"), "-o", model + "a", "--to", stamp(60), *FEW)
        declic("shelf", "add", base, "gateway-b", model, "--now", stamp(MINUTES_FROM + 5))
        declic("shelf", "add", base, "forecast-a", model + "a", "--now", stamp(60))
        whole = os.path.join(work, "whole")
        shutil.copytree(base, whole)
        start = time.monotonic()
        out, _ = declic(*command(whole, data))
        took = time.monotonic() - start
        check("undisturbed, both are promoted", [n["did"] for n in json.loads(out)["nights"]] == ["promoted"] * 2, out)
        want = files_of(whole)
        killed = check_kills(work, base, data, want, took)
        check_size(work, base, data, want)
        check_full_disk(work, base, data, want)
        check_permission(work, base, data)
        check_cuts(work, base, data, want)
        print(f"{MOMENTS} moments of {took:.1f} s, at {killed} of them a run was killed")
    finally:
        shutil.rmtree(work)
    finish()


main()
