"""The shelf from outside: killed at any moment, cut files, a full disk, no permission. It always serves a whole, verified model,
and the next run cleans up. Twelve moments; 200 with DECLIC_FULL=1 (scripts/test --full).

Environment: DECLIC, the program.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zlib

DECLIC = os.environ["DECLIC"]
MOMENTS = 200 if os.environ.get("DECLIC_FULL") else 12
KEEP = 3
failures = 0


def check(name, good, said=""):
    global failures
    if not good:
        failures += 1
        print(f"FAILED {name}: {said}")


def shelf(*arguments, want=0, before=()):
    """Runs declic shelf; its output and what it said on stderr."""
    run = subprocess.run([*before, DECLIC, "shelf", *arguments], capture_output=True, text=True, timeout=120)
    check(" ".join(arguments), run.returncode == want, f"exit {run.returncode}, not {want}: {run.stderr}")
    return run.stdout, run.stderr


def listed(folder, name):
    return json.loads(shelf("list", folder, name, "--json", "-q")[0])["models"][0]


def random_bytes(seed, n):
    return random.Random(seed).randbytes(n)


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def left_over(folder, name):
    """What stands on the shelf that is no version and not what chooses one."""
    known = lambda entry: entry == "current" or entry.isdigit()
    return [entry for entry in os.listdir(os.path.join(folder, name)) if not known(entry)]


def serves_one_of(where, folder, name, known):
    """The model that serves is whole, and one that was put there."""
    out, said = shelf("show", folder, name, "--json")
    if not out:
        return None
    version = json.loads(out)["models"][0]["versions"][0]
    path = os.path.join(folder, name, f"{version['version']:06}", "model")
    with open(path, "rb") as file:
        check(where, zlib.crc32(file.read()) == int(version["crc32"], 16), "the model is not the one of its card")
    check(where, int(version["crc32"], 16) in known, "nobody put this model there")
    check(where, "damaged" not in said, said)
    return version["version"]


def is_killed(arguments, after_s):
    """Starts declic shelf and kills it some time later; whether it was still running."""
    run = subprocess.Popen([DECLIC, "shelf", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after_s)
    run.kill()
    return run.wait() != 0


def check_kills(scratch):
    """Adding, choosing and pruning, each killed at a moment drawn over the time that it takes."""
    folder, name = os.path.join(scratch, "killed"), "forecast-home1"
    draw, known, killed = random.Random(1), set(), 0
    sizes = (1000, 300_000, 3_000_000)
    files = []
    for i, size in enumerate(sizes):
        files.append(os.path.join(scratch, f"model{i}"))
        write(files[-1], random_bytes(i, size))
        known.add(zlib.crc32(random_bytes(i, size)))
    took = {}
    for i, file in enumerate(files):
        start = time.monotonic()
        shelf("add", folder, name, file)
        took[file] = time.monotonic() - start
    for moment in range(MOMENTS):
        file = draw.choice(files)
        verb = draw.choice(("add", "add", "add", "rollback", "prune"))
        versions = [v["version"] for v in listed(folder, name)["versions"]]
        arguments = {"add": (name, file), "rollback": (name, str(draw.choice(versions))),
                     "prune": (name, "--keep", str(KEEP))}[verb]
        killed += is_killed([verb, folder, *arguments], draw.uniform(0, 1.2 * took[file]))
        serves_one_of(f"moment {moment} of {verb}", folder, name, known)
        after = listed(folder, name)
        check(f"moment {moment} of {verb}", all(v["state"] == "whole" for v in after["versions"]), after)
        if moment % 4 == 3:
            shelf("add", folder, name, file)
            check(f"moment {moment}", not left_over(folder, name), f"the next run left {left_over(folder, name)}")
    shelf("prune", folder, name, "--keep", "1")
    check("after all moments", len(listed(folder, name)["versions"]) <= 3, listed(folder, name))
    check("after all moments", killed > 0, "nothing was ever killed")
    return killed


def check_cuts(scratch):
    """Each file of the current version cut at some lengths, and gone: the one before it serves, and says so."""
    folder, name = os.path.join(scratch, "cut"), "m"
    for i in range(2):
        write(os.path.join(scratch, "model"), random_bytes(i, 5000))
        shelf("add", folder, name, os.path.join(scratch, "model"))
    for part in ("model", "card.json"):
        path = os.path.join(folder, name, "000002", part)
        with open(path, "rb") as file:
            whole = file.read()
        for length in (0, 1, len(whole) // 2, len(whole) - 1, None):
            os.remove(path) if length is None else write(path, whole[:length])
            out, said = shelf("show", folder, name, "--json")
            check(f"{part} cut to {length}", json.loads(out)["models"][0]["versions"][0]["version"] == 1, out)
            check(f"{part} cut to {length}", "version 1 serves" in said, said)
            shelf("list", folder, want=3)
            shelf("show", folder, name, "2", want=1)
            shelf("rollback", folder, name, "2", want=1)
            write(path, whole)
        serves_one_of(f"{part} put back", folder, name, {zlib.crc32(random_bytes(1, 5000))})


def check_full_disk(scratch):
    """A disk that is full: nothing is added, the old version serves, nothing stays behind."""
    place = os.path.join(scratch, "small")
    os.mkdir(place)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True).returncode:
        print("skipped: no small disk can be mounted here")
        return
    try:
        folder, model = os.path.join(place, "shelf"), os.path.join(scratch, "model")
        write(model, random_bytes(1, 100_000))
        known = {zlib.crc32(random_bytes(1, 100_000))}
        shelf("add", folder, "m", model)
        write(os.path.join(scratch, "large"), random_bytes(2, 2_000_000))
        _, said = shelf("add", folder, "m", os.path.join(scratch, "large"), want=1)
        check("full disk", "No space left" in said, said)
        check("full disk", serves_one_of("full disk", folder, "m", known) == 1 and not left_over(folder, "m"),
              left_over(folder, "m"))
        with open(os.path.join(place, "rest"), "wb", buffering=0) as rest:  # not a page is left, for `current` either
            try:
                while True:
                    rest.write(bytes(4096))
            except OSError:
                pass
        shelf("add", folder, "m", model, want=1)
        shelf("rollback", folder, "m", "1", want=1)
        check("not a page left", serves_one_of("not a page left", folder, "m", known) == 1, "")
        os.remove(os.path.join(place, "rest"))
        shelf("add", folder, "m", model)
        check("room again", serves_one_of("room again", folder, "m", known) == 2 and not left_over(folder, "m"), "")
    finally:
        subprocess.run(["umount", place], check=True)


def check_permission(scratch):
    """Somebody who may read alone: the model serves, nothing is written, and the reason is said."""
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
    if os.geteuid() != 0 or subprocess.run([*nobody, DECLIC, "--version"], capture_output=True).returncode:
        print("skipped: no other user to be here")
        return
    folder, model = os.path.join(scratch, "reading"), os.path.join(scratch, "model")
    write(model, random_bytes(1, 1000))
    os.chmod(scratch, 0o755)
    for _ in range(2):
        shelf("add", folder, "m", model)
    shelf("show", folder, "m", before=nobody)
    shelf("list", folder, before=nobody)
    for arguments in (("add", folder, "m", model), ("rollback", folder, "m"), ("add", folder, "new", model)):
        _, said = shelf(*arguments, want=1, before=nobody)
        check("no permission", "Permission denied" in said, said)
    for path, mode in ((os.path.join(folder, "m", "000002", "model"), 0o600), (os.path.join(folder, "m", "current"), 0o600)):
        os.chmod(path, mode)
        shelf("show", folder, "m", want=0 if "model" in path else 1, before=nobody)
        os.chmod(path, 0o644)
    check("no permission", serves_one_of("no permission", folder, "m", {zlib.crc32(random_bytes(1, 1000))}) == 2, "")


def check_usage(scratch):
    """What a person types wrong is said in words, with exit status 2."""
    folder, model = os.path.join(scratch, "usage"), os.path.join(scratch, "model")
    write(model, b"x")
    shelf("add", folder, "m", model)
    for arguments, words in (((), "needs an input"), (("lsit", folder), "did you mean list"), ((folder,), "shelf list"),
                             (("list",), "shelf list SHELF"), (("show", folder), "shelf show SHELF MODEL"),
                             (("show", folder, "m", "x"), "the number of a version"), (("show", folder, "../m"), "no name of a model"),
                             (("rollback", folder, "m"), "which version"), (("diff", folder, "m"), "which two"),
                             (("diff", folder, "m", "1", "9"), "no version 9"), (("list", folder, "--keep", "2"), "shelf prune"),
                             (("add", folder, "m"), "shelf add SHELF MODEL FILE")):
        _, said = shelf(*arguments, want=2)
        check(f"usage {arguments}", words in said, said)
    damaged = os.path.join(scratch, "damaged.model")
    write(damaged, b"DCLMODEL" + random_bytes(5, 500))
    _, said = shelf("add", folder, "damaged", damaged, want=1)
    check("a damaged model is not added", "damaged.model" in said and not os.path.exists(os.path.join(folder, "damaged")), said)
    _, said = shelf("add", folder, "m", model)
    check("what is no model is said", "no model that declic learn made" in said, said)
    for arguments in (("list", os.path.join(scratch, "absent")), ("show", folder, "absent"), ("show", folder, "m", "7"),
                      ("add", folder, "m", os.path.join(scratch, "absent")), ("add", folder, "m", os.devnull), ("list", model)):
        _, said = shelf(*arguments, want=1)
        check(f"failure {arguments}", said.startswith("declic: "), said)


def main():
    scratch = tempfile.mkdtemp(prefix="declic-shelf-")
    try:
        killed = check_kills(scratch)
        for test in (check_cuts, check_full_disk, check_permission, check_usage):
            test(scratch)
    finally:
        shutil.rmtree(scratch)
    print(f"{MOMENTS} moments, at {killed} of them a run was killed; {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
