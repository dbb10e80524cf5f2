"""Many processes by mpirun: the bytes of one, more processes than work, errors of one for all, and a process that is killed.

Environment: DECLIC, the program.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from outside import DECLIC, check, finish

if not shutil.which("mpirun") or not os.path.exists(os.path.join(os.path.dirname(DECLIC), "declic-ranks.so")):
    print("skipped: no mpirun, or a program built without MPI")
    sys.exit(77)

# A sanitized program sees what Open MPI leaves behind at its end: that is not ours to free.
ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   ASAN_OPTIONS="detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))


def command(ranks, *words):
    launch = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks else []
    return [*launch, DECLIC, *words]


def run(ranks, *words, folder=None):
    """Without a launcher where ranks is 0."""
    return subprocess.run(command(ranks, *words), capture_output=True, text=True, timeout=250, env=ENVIRONMENT, cwd=folder)


def bytes_of(folder):
    return {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}


def same_bytes(name, top, *words, of=(1, 2, 4)):
    """The files that so many processes write, and what they print, are those of a process alone."""
    told = {}
    for ranks in (0, *of):
        folder = os.path.join(top, f"{name}{ranks}")
        os.mkdir(folder)
        done = run(ranks, *words, folder=folder)
        check(f"{name} by {ranks}", done.returncode == 0, done.stderr)
        told[ranks] = (done.stdout, bytes_of(folder))
        check(f"{name} by {ranks}: the bytes of one", told[ranks] == told[0], f"{sorted(told[ranks][1])} {sorted(told[0][1])}")
    return os.path.join(top, f"{name}0"), told[0]


def check_bytes(top):
    # 180 days of minutes of 64 homes are a shard.
    folder, told = same_bytes("town", top, "town", "-q", "-n", "130", "--days", "180", "--period", "1min", "-o", "t.h5", of=(2, 4))
    check("three shards, fewer than processes", len(told[1]) == 4, sorted(told[1]))
    same_bytes("store", top, "town", "-q", "--days", "2", "--period", "30min", "-o", "t.h5", of=(2,))
    panel = os.path.join(top, "homes.h5")
    check("a panel", run(0, "town", "-q", "-n", "70", "--days", "120", "--period", "30min", "-o", panel).returncode == 0)
    words = ("cluster", "-q", panel, "-o", "c.h5", "--report", "c.html", "--csv")
    folder, _ = same_bytes("cluster", top, *words, "-k", "3")
    same_bytes("assign", top, *words, "--assign", os.path.join(folder, "c.h5"), of=(3,))
    same_bytes("shards", top, "cluster", "-q", os.path.join(top, "town0", "t.h5"), "-k", "2", "-o", "c.h5", "--csv", of=(4,))
    two = os.path.join(top, "two.h5")
    run(0, "town", "-q", "-n", "2", "--days", "30", "--period", "30min", "-o", two)
    same_bytes("fewer_homes_than_ranks", top, "cluster", "-q", two, "-k", "1", "-o", "c.h5", "--csv", of=(4,))
    return panel


def check_errors(top, panel):
    for name, code, words, said in (("k above the homes", 2, ("cluster", panel, "-k", "71", "--csv"), "homes can be compared"),
                                    ("no panel", 1, ("cluster", top + "/none.h5", "--csv"), "none.h5"),
                                    ("no output", 2, ("cluster", panel), "needs -o"),
                                    ("no folder", 1, ("town", "-n", "9", "--period", "30min", "-o", top + "/none/t.h5"), "folder")):
        done = run(2, *words)
        check(name, done.returncode == code and done.stderr.count("declic: ") == 1 and said in done.stderr, done.stderr)
    # The last home's shard is that of the last process: its error is told by the first.
    shard = glob.glob(os.path.join(top, "town0", "t.*.shard.h5"))
    whole = {path: open(path, "rb").read() for path in shard}
    for path, content in whole.items():
        middle = len(content) // 2
        open(path, "wb").write(content[:middle] + bytes(b ^ 255 for b in content[middle:middle + 64]) + content[middle + 64:])
    done = run(3, "cluster", "-k", "2", os.path.join(top, "town0", "t.h5"), "--csv")
    check("a damaged shard", done.returncode == 1 and done.stderr.count("declic: ") == 1 and "shard" in done.stderr, done.stderr)
    alone = os.path.join(top, "alone")
    os.mkdir(alone)
    shutil.copy(DECLIC, alone)
    done = subprocess.run([os.path.join(alone, "declic"), "cluster", panel, "--csv"], capture_output=True, text=True, timeout=60,
                          env=dict(ENVIRONMENT, OMPI_COMM_WORLD_SIZE="2"))
    check("without the module", done.returncode == 2 and "without MPI" in done.stderr, done.stderr)


def rank_of(process, rank):
    """The process id of a rank among the children of mpirun; None while it is not there."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = open(path, encoding="utf-8", errors="replace").read().rsplit(")", 1)[1].split()
            there = int(fields[1]) == process and f"OMPI_COMM_WORLD_RANK={rank}\0".encode() in open(path[:-4] + "environ", "rb").read()
        except OSError:
            continue
        if there:
            return int(path.split("/")[2])
    return None


def check_killed(top):
    folder = os.path.join(top, "killed")
    os.mkdir(folder)
    out = os.path.join(folder, "t.h5")
    check("a town", run(0, "town", "-q", "-n", "9", "--days", "3", "--period", "30min", "-o", out).returncode == 0)
    before = bytes_of(folder)
    work = subprocess.Popen(command(2, "town", "-n", "60000", "--year", "2025", "--period", "30min", "-o", out), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    limit = time.time() + 60
    while time.time() < limit and len(glob.glob(os.path.join(folder, "t.*.shard.h5"))) < 2:  # one of the new town is there
        time.sleep(0.05)
    victim = rank_of(work.pid, 1)
    check("a process to kill", victim is not None)
    if victim:
        os.kill(victim, signal.SIGKILL)
    else:
        work.terminate()
    _, said = work.communicate(timeout=60)
    check("killed: says so", work.returncode not in (0, None) and "rank 1" in said and "signal 9" in said, said)
    check("killed: nothing else went wrong", "interrupted; nothing was written" in said or "declic:" not in said, said)
    after = bytes_of(folder)
    check("killed: the old panel is there", all(after.get(name) == content for name, content in before.items()), sorted(after))
    done = run(0, "info", "-q", out)
    check("killed: and whole", done.returncode == 0 and "panel of 9 homes" in done.stdout, done.stdout)


with tempfile.TemporaryDirectory() as directory:
    check_errors(directory, check_bytes(directory))
    check_killed(directory)
finish()
