"""What a user gets for an input: where the bytes may come from, and the words for those that cannot be read.

Environment: DECLIC, the program.
"""
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

DECLIC = os.environ["DECLIC"]
ROWS = [f"2025-01-01T{i // 2:02d}:{i % 2 * 30:02d}:00Z,{100 + i}" for i in range(48)]
DAY = ("time_utc,power_w\n" + "\n".join(ROWS) + "\n").encode()
SECOND = DAY.replace(b"2025-01-01", b"2025-01-02")
LONG = b"time_utc,power_w\n" + b"".join(
    b"2024-%02d-%02dT%02d:%02d:00Z,%d\n" % (1 + i // 40320, 1 + i // 1440 % 28, i // 60 % 24, i % 60, i * 7919 % 3001)
    for i in range(100000))
failures = 0


def declic(*arguments, **more):
    return subprocess.run([DECLIC, *arguments], capture_output=True, timeout=120, **more)


def check(name, holds, said):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED {name}: {said}")


def reads(name, *paths, present=48, start="2025-01-01T00:00:00Z", **more):
    """The input is read and holds so many values from `start` on."""
    arguments = more.pop("arguments", [])
    home = os.path.join(folder, "home.h5")
    run = declic("import", "-q", *paths, *arguments, "-o", home, **more)
    if run.returncode:
        return check(name, False, run.stderr.decode())
    told = json.loads(declic("info", "--json", home).stdout)["channels"][0]
    check(name, (told["present"], told["from"]) == (present, start), told)


def fails(name, words, *paths, arguments=(), code=1, **more):
    """The input is refused in one line that names the file and holds all of `words`, and nothing is written."""
    home = os.path.join(folder, "none.h5")
    run = declic("import", *paths, *arguments, "-o", home, **more)
    said = run.stderr.decode()
    check(name, run.returncode == code, f"exit {run.returncode}: {said}")
    check(name, all(word in said for word in words) and said.count("\n") == 1, said)
    left = [f for f in os.listdir(folder) if f.startswith("none.h5")]
    check(name, not left, f"left behind: {left}")
    for file in left:
        os.remove(os.path.join(folder, file))


def write(name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    return path


def tar_of(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zip_of(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def where_bytes_come_from():
    both = [("b.csv", SECOND), ("a.csv", DAY), ("readme.txt", b"some words\n")]
    plain = write("a.csv", DAY)
    reads("a file", plain)
    reads("gzip of several members", write("members.csv.gz", gzip.compress(DAY[:200]) + gzip.compress(DAY[200:])))
    reads("gzip", write("a.csv.gz", gzip.compress(DAY)))
    reads("xz", write("a.csv.xz", lzma.compress(DAY)))
    reads("a name says nothing, the content does", write("a.dat", gzip.compress(DAY)))
    reads("tar, with a file that is none of ours", write("a.tar", tar_of(both)), present=96)
    reads("tar.xz", write("a.tar.xz", tar_of(both, "w:xz")), present=96)
    reads("zip", write("a.zip", zip_of(both)), present=96)
    write("months/b.csv", SECOND)
    write("months/deep/a.csv.gz", gzip.compress(DAY))
    write("months/.hidden.csv", b"time_utc,power_w\noops\n")
    reads("a folder, its folders, and compressed files in them", os.path.join(folder, "months"), present=96)
    reads("several inputs of one home", write("b.csv", SECOND), plain, present=96)
    reads("standard input", "-", input=DAY)
    reads("standard input, compressed", "-", input=gzip.compress(DAY))
    read, written = os.pipe()
    os.write(written, DAY)
    os.close(written)
    reads("a pipe, all of its bytes", f"/dev/fd/{read}", pass_fds=[read])
    os.close(read)
    reads("a pipe given as a format", "-", input=DAY, arguments=["--format", "csv"])


def files_that_are_cut_or_damaged():
    for kind, packed in (("gz", gzip.compress(LONG)), ("xz", lzma.compress(LONG)), ("tar", tar_of([("a.csv", LONG)]))):
        name = "cut." + kind
        fails(f"a cut {kind}", [name, "byte ", "cannot be read on from here"], write(name, packed[:len(packed) // 2]))
        damaged = bytearray(packed)
        if kind != "tar":
            damaged[len(packed) // 2] ^= 0xff
            fails(f"a damaged {kind}", ["bad." + kind, "byte ", "damaged" if kind == "gz" else "cannot be read on"],
                  write("bad." + kind, damaged))
    path = write("zero.csv", DAY[:200] + b"\0\0" + DAY[200:])
    fails("a zero byte", ["zero.csv", "line 9", "a zero byte in a text file"], path)
    path = write("long.csv", DAY + b"x" * 100000 + b"\n")
    fails("an endless line", ["long.csv", "line 50", "a line longer than 65536 bytes"], path)
    fails("a line that is one byte too long, in a file of one block", ["line 50", "a line longer than"],
          write("long1.csv", DAY + b"x" * 65537 + b"\n"))
    reads("the longest line there may be is a row that cannot be read",
          write("long0.csv", DAY + b"x" * 65536 + b"\n"))


def files_that_are_something_else():
    fails("no file", ["none.csv", "No such file"], os.path.join(folder, "none.csv"))
    fails("an empty file", ["empty.csv", "the file is empty"], write("empty.csv", b""))
    fails("an empty gz", ["empty.gz", "the file is empty"], write("empty.gz", gzip.compress(b"")))
    noise = bytes(i * 7919 % 251 for i in range(1, 5000))
    fails("binary data", ["noise.bin", "byte ", "binary data that is no format we read"], write("noise.bin", noise))
    fails("UTF-16", ["wide.csv", "a UTF-16 text: save it as UTF-8"], write("wide.csv", DAY.decode().encode("utf-16")))
    fails("prose", ["prose.txt", 'no format we read begins with "Dear Sir"', "--format"],
          write("prose.txt", b"Dear Sir\nor Madam\n"))
    fails("a wrong delimiter", ["pipes.csv", "no format we read begins with"],
          write("pipes.csv", DAY.replace(b",", b"|")))
    fails("a folder without data", ["nothing", "none of its files is of a format we read"],
          os.path.dirname(write("nothing/readme.txt", b"some words\n")))
    os.makedirs(os.path.join(folder, "void"))
    fails("an empty folder", ["void", "the folder holds no file"], os.path.join(folder, "void"))
    fails("a spreadsheet", ["sheet.xlsx", "a spreadsheet: save it as CSV"],
          write("sheet.xlsx", zip_of([("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<w/>")])))
    fails("an HDF5 file cut short", ["cut.h5", "damaged or cut"], write("cut.h5", b"\x89HDF\r\n\x1a\n" + bytes(90)))
    fails("a store that is none", ["a.csv", "not a store"], write("a.csv", DAY), arguments=["--format", "store"])


def files_with_bad_rows():
    header = "Identifiant PRM;Date;Horodate;Valeur;Pas\n"
    good = "".join(f"1;x;2023-03-13 {i // 2:02d}:{i % 2 * 30:02d}:00;{i};PT30M\n" for i in range(1, 20))
    path = write("e.csv", (header + good + "1;x;13/03/2023;7;PT30M\n").encode())
    fails("a bad row under --strict", ["e.csv", "line 21", "expected a stamp like"], path, arguments=["--strict"])
    run = declic("import", path, "-o", os.path.join(folder, "e.h5"))
    said = run.stderr.decode()
    check("a bad row is counted with its line", run.returncode == 0 and "line 21" in said and "1 reading" in said, said)
    archive = write("m.zip", zip_of([("ok.csv", DAY), ("sub/bad.csv", SECOND.replace(b",110\n", b",oops\n"))]))
    run = declic("import", archive, "-o", os.path.join(folder, "m.h5"))
    check("a bad row in an archive names its member", b"sub/bad.csv" in run.stderr, run.stderr)
    fails("under --strict the member is named too", ["m.zip", "sub/bad.csv", "line 12"], archive,
          arguments=["--strict"])
    fails("of several inputs the bad one is named", ["wrong.csv", "line 3"], write("right.csv", DAY),
          write("wrong.csv", b"time_utc,power_w\n2025-01-02T00:00Z,1\noops,2\n"), arguments=["--strict"])
    home = os.path.join(folder, "home.h5")
    reads("a store", write("a.csv", DAY))
    fails("a store among other inputs", ["home.h5", "a store cannot be joined"], write("a.csv", DAY), home, code=2)


with tempfile.TemporaryDirectory() as folder:
    for part in (where_bytes_come_from, files_that_are_cut_or_damaged, files_that_are_something_else,
                 files_with_bad_rows):
        part()
sys.exit(failures > 0)
