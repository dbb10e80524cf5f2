"""The floors of docs/architecture.md: a room includes itself and lower floors only, a foreign header stands in the file
that the plan names and nowhere else, and the library neither prints nor reads the clock nor ends the program."""
import os
import re
import sys

ROOT = os.environ.get("DECLIC_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
FLOORS = {"base": 0, "mcu": 0, "kernel": 1, "series": 2, "tariff": 3, "event": 3, "learn": 3, "town": 3, "appliance": 4,
          "household": 4, "forecast": 4, "report": 5, "gateway": 5, "live": 5, "publish": 5, "nightly": 6, "cli": 7}
# A header of a library, and the one file (or few) of src/ that may see it.
FOREIGN = {"jansson.h": {"base/json.c"}, "omp.h": {"base/parallel.c"}, "archive.h": {"series/source.c"},
           "archive_entry.h": {"series/source.c"},
           "hdf5.h": {"series/store.h", "series/filter.c", "series/panel.c", "series/nilmtk.c"},
           "libsvm/svm.h": {"learn/svm.c"}, "xgboost/c_api.h": {"learn/booster.c"},
           "cblas.h": {"household/pca.c"}, "lapacke.h": {"household/pca.c"},
           "blosc.h": {"series/filter.c", "series/panel.c"}, "mpi.h": {"cli/ranks.c"}, "sched.h": {"cli/ranks.c"},
           "dlfcn.h": {"cli/ranks_load.c"}, "sodium.h": {"report/alias.c"}, "immintrin.h": re.compile(r"kernel/\w+_avx(2|512)\.c")}
STANDARD = set("""assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h math.h signal.h stdalign.h stdarg.h stdatomic.h
stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h time.h dirent.h fcntl.h sys/stat.h sys/types.h sys/mman.h unistd.h
""".split())
FREESTANDING = {"stdint.h", "stddef.h"}
# What the library must not do; only cli/ speaks to people, ends the program and reads the clock.
FORBIDDEN = re.compile(r"(?<![\w.>])(printf|fprintf|puts|perror|exit|abort|setlocale|time|clock_gettime|gettimeofday|rand|srand)\s*\(")


def sources(*tops):
    for top in tops:
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    yield os.path.relpath(path, os.path.join(ROOT, top)), path


def code_of(text):
    """The text with comments and strings blanked, lines kept."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def may_see(relative, header):
    files = FOREIGN.get(header, set())
    return relative in files if isinstance(files, set) else files.fullmatch(relative)


def room_of(header):
    """appliance.h and appliance_power.h are the public headers of appliance/."""
    return header[:-2].split("_")[0]


def check_include(relative, room, header, wrong):
    if header.startswith("declic/") or "/" in header and header.split("/")[0] in FLOORS:
        other = room_of(header.split("/")[1]) if header.startswith("declic/") else header.split("/")[0]
        if other not in FLOORS:
            wrong.append(f"{relative}: {header} belongs to no room")
        elif other != room and FLOORS[other] >= FLOORS[room] and not (room == "base" and other == "base"):
            wrong.append(f"{relative}: {room} (floor {FLOORS[room]}) includes {header} (floor {FLOORS[other]})")
        elif room == "mcu" and other != "mcu":
            wrong.append(f"{relative}: mcu/ stands alone but includes {header}")
    elif header in STANDARD:
        if room == "mcu" and header not in FREESTANDING:
            wrong.append(f"{relative}: mcu/ is freestanding but includes <{header}>")
    elif header not in ("formats.inc",) and not may_see(relative, header):
        wrong.append(f"{relative}: foreign header <{header}>")


def main():
    wrong, files = [], 0
    for relative, path in sources("src"):
        files += 1
        room = relative.split("/")[0]
        text = open(path, encoding="utf-8").read()
        if room not in FLOORS:
            wrong.append(f"{relative}: no such room")
            continue
        for header in re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', text, re.M):
            check_include(relative, room, header, wrong)
        if room != "cli":
            for number, line in enumerate(code_of(text).split("\n"), 1):
                found = FORBIDDEN.search(line)
                if found:
                    wrong.append(f"{relative}:{number}: a library does not call {found.group(1)}()")
    for relative, path in sources("include/declic"):
        room = room_of(relative)
        for header in re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', open(path, encoding="utf-8").read(), re.M):
            check_include(f"include/declic/{relative}", room, header, wrong)
    print(f"{files} files of src/ looked at, {len(wrong)} out of place")
    for line in wrong:
        print(line)
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
