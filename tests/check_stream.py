"""Steps and cycles of standard input as they happen: the same as those of the file, in memory that does not grow, before
the input ends; clocks that jump, streams that stop inside a frame, and formats that cannot be followed.

Environment: DECLIC, the program.
"""
import gzip
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time

DECLIC = os.environ["DECLIC"]
DAY, START = 86400, 1735689600
MONTH_DAYS = 30
RSS_MB = 64  # a month kept whole takes 160


def watts_of_days(days, seed=1):
    """A fridge, a water heater and a kettle over a floor, in W, noise included; a silence in the second hour of each day."""
    draw = random.Random(seed)
    noise = [draw.randint(-3, 3) for _ in range(4096)]
    for day in range(days):
        kettles = sorted(draw.randrange(6 * 3600, 23 * 3600) for _ in range(6))
        shift = draw.randrange(600)
        for second in range(DAY):
            if 3600 <= second < 3600 + 90 * (day % 3):
                yield None
                continue
            watts = 60 + noise[(second * 7 + day) % 4096]
            watts += 110 if (second + shift) % 2400 < 800 else 0
            watts += 2200 if second < 4 * 3600 else 0
            watts += 1900 if any(k <= second < k + 150 for k in kettles) else 0
            yield watts


def csv_rows(days):
    yield "time_utc,power_w\n"
    lines = []
    for second, watts in enumerate(watts_of_days(days)):
        if watts is not None:
            lines.append(f"{START + second},{watts}\n")
        if len(lines) == 8192:
            yield "".join(lines)
            lines = []
    yield "".join(lines)


def run(*arguments, given=None, code=0):
    done = subprocess.run([DECLIC, *arguments], input=given, capture_output=True, timeout=250)
    assert done.returncode == code, (arguments, done.returncode, done.stderr.decode())
    return done.stdout.decode(), done.stderr.decode()


def facts(table):
    """Start, end, energy, power, power factor: what recurs, and the trust that brings, takes weeks to be seen."""
    return {",".join(line.split(",")[:5]) for line in table.splitlines()}


def month_is_that_of_the_file_in_flat_memory(folder):
    path = f"{folder}/month.csv"
    with open(path, "w", encoding="utf-8") as file:
        rows = sum(file.write(part) and part.count("\n") for part in csv_rows(MONTH_DAYS))
    for command in "edges", "cycles":
        began = time.monotonic()
        with open(path, "rb") as file:
            feeder = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        with open(f"{folder}/{command}", "wb") as out:
            follower = subprocess.Popen([DECLIC, command, "-", "--csv", "-q"], stdin=feeder.stdout, stdout=out)
        feeder.stdout.close()
        _, status, usage = os.wait4(follower.pid, 0)
        feeder.wait()
        assert status == 0, (command, status)
        seconds, megabytes = time.monotonic() - began, usage.ru_maxrss / 1024
        with open(f"{folder}/{command}", encoding="utf-8") as file:
            followed = file.read()
        whole, _ = run(command, path, "--csv", "-q")
        if command == "edges":
            assert followed == whole, "steps of the stream differ from those of the file"
        else:
            same, either = facts(followed) & facts(whole), facts(followed) | facts(whole)
            assert len(same) >= 0.99 * len(either), sorted(either - same)[:10]
        print(f"{command}: {rows - 1} samples, {len(followed.splitlines()) - 1} rows, {seconds:.1f} s, {megabytes:.0f} MB")
        if "asan" not in DECLIC:
            assert megabytes < RSS_MB, megabytes


def lines_before_the_end(arguments, parts, wanted, pause=0.0):
    """Feeds parts through a pipe that stays open until so many lines came out; returns these and the rest."""
    process = subprocess.Popen([DECLIC, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, bufsize=0)
    for part in parts:
        process.stdin.write(part)
        time.sleep(pause)
    early = b""
    while early.count(b"\n") < wanted:
        ready, _, _ = select.select([process.stdout], [], [], 60)
        assert ready, f"nothing came out while the input was open: {early}"
        got = os.read(process.stdout.fileno(), 4096)
        assert got, process.stderr.read()
        early += got
    rest, said = process.communicate()
    assert process.returncode == 0, said
    return early.decode().splitlines(), rest.decode().splitlines(), said.decode()


def steps_come_out_before_the_input_ends(_):
    rows = ["time_utc,power_w\n"] + [f"{START + i},{100 if i < 30 else 1100}\n" for i in range(45)]
    early, rest, _ = lines_before_the_end(["edges", "-", "--csv"], ["".join(rows).encode()], 2)
    assert early[1] == "2025-01-01T00:00:30Z,1000.0,,,,0.0" and not rest, (early, rest)
    watts = [1100 if 60 <= i < 660 else 100 for i in range(3600)]
    rows = ["time_utc,power_w\n"] + [f"{START + i},{w}\n" for i, w in enumerate(watts)]
    early, rest, _ = lines_before_the_end(["cycles", "-", "--csv"], ["".join(rows).encode()], 2)
    assert early[1].startswith("2025-01-01T00:01:00Z,2025-01-01T00:11:00Z,166.7,1000.0,") and not rest, (early, rest)


# ---------------------------------------------------------------- télé-information


def group(text, standard):
    total = sum((text + ("\t" if standard else "")).encode())
    return f"\n{text}{chr(9) if standard else ' '}{chr((total & 0x3F) + 0x20)}\r"


def historique(va):
    return ("\x02" + group("ADCO 000000000000", False) + group(f"PAPP {va:05d}", False) + "\x03").encode()


def standard(moment, va):
    stamp = time.strftime("E%y%m%d%H%M%S", time.gmtime(moment + 7200))
    return ("\x02" + group(f"ADSC\t000000000000", True) + group(f"DATE\t{stamp}\t", True) +
            group(f"EAST\t{1000 + moment % 100000:09d}", True) + group(f"SINSTS\t{va:05d}", True) + "\x03").encode()


def va_at(i):
    return 300 if i % 200 < 120 else 2300


def standard_mode_has_the_meters_clock(folder):
    summer = 1717236000
    stream = b"".join(standard(summer + i, va_at(i)) for i in range(1000))
    early, rest, _ = lines_before_the_end(["edges", "-", "--csv"], [stream], 9)
    steps = early[1:] + rest
    assert [line.split(",")[2] for line in steps] == ["2000.0", "-2000.0"] * 4 + ["2000.0"], steps
    assert steps[0].startswith("2024-06-01T10:02:00Z,,"), steps[0]
    cut, _ = run("edges", "-", "--csv", given=stream[:-40])
    assert cut.splitlines()[1:] == steps, "a stream that stops inside a frame keeps what it said before"
    noisy = stream[:5000] + bytes(range(256)) * 4 + stream[5000:]
    heard, said = run("edges", "-", "--csv", given=noisy)
    assert len(heard.splitlines()) == 10 and "left out" in said, said


def historique_counts_from_the_start_given_or_arrives_now(folder):
    stream = b"".join(historique(va_at(i)) for i in range(1000))
    with open(f"{folder}/capture.tic", "wb") as file:
        file.write(stream)
    options = ["--csv", "--start", "2024-06-01T12:00:00Z"]
    followed, _ = run("edges", "-", *options, given=stream)
    assert followed == run("edges", f"{folder}/capture.tic", *options)[0] and len(followed.splitlines()) == 10
    live = [historique(300)] * 50 + [historique(2300)] * 50
    arguments = ["edges", "-", "--csv", "--period", "0.1s", "--now", "2024-06-01T12:00:00Z"]
    early, _, said = lines_before_the_end(arguments, live, 2, pause=0.05)
    assert "times are those at which the frames arrived" in said, said
    assert early[1].startswith("2024-06-01T12:00:0") and abs(float(early[1].split(",")[2]) - 2000) < 20, early


# ---------------------------------------------------------------- clocks


def rows_of(moments):
    """A load of 1 kW for 60 of every 120 readings."""
    return ("time_utc,power_w\n" + "".join(f"{m},{1100 if i % 120 >= 60 else 100}\n" for i, m in enumerate(moments))).encode()


def clocks_jump(_):
    def followed(moments):
        table, said = run("edges", "-", "--csv", given=rows_of(moments))
        return [line.split(",")[0] for line in table.splitlines()[1:]], said

    ten = list(range(START, START + 600))
    steps, said = followed(ten + [m + 200 for m in ten])
    assert "the clock went back from 2025-01-01T00:09:59Z to 2025-01-01T00:03:24Z" in said, said
    assert "4 readings" in said and len(steps) == 18, (steps, said)
    steps, said = followed(ten + [m + 7200 for m in ten])
    assert "nothing was heard from 2025-01-01T00:09:59Z to 2025-01-01T02:00:00Z" in said and len(steps) == 18, (steps, said)
    steps, said = followed(ten + [m + 900 for m in ten])
    assert "nothing was heard" not in said and len(steps) == 18, (steps, said)
    steps, said = followed(ten[:100] + [START + 5000] + ten[101:])
    assert "the clock went back" in said and len(steps) == 9, (steps, said)
    steps, said = followed(ten[:100] + [START + 90] + ten[101:])
    assert "1 reading without a time" in said and len(steps) == 9, (steps, said)
    steps, said = followed(ten[:300] + [START + 300 + 10 * i for i in range(300)])
    assert len(steps) >= 6, (steps, said)


# ---------------------------------------------------------------- other forms


def irregular_rows_hold_as_those_of_a_file(folder):
    draw, moment, rows = random.Random(3), START, ["time_utc,power_w,apparent_va\n"]
    for i in range(3000):
        moment += draw.choice([1, 1, 1, 2, 2, 3, 5, 20, 100])
        watts = 100 + (1500 if i % 40 >= 20 else 0) + draw.randint(-2, 2)
        rows.append(f"{moment},{watts},{watts + 20}\n")
    text = "".join(rows).encode()
    with open(f"{folder}/irregular.csv", "wb") as file:
        file.write(text)
    followed, _ = run("edges", "-", "--csv", given=text)
    assert followed == run("edges", f"{folder}/irregular.csv", "--csv")[0] and len(followed.splitlines()) > 20


def what_is_not_followed_is_read_whole(folder):
    rows = ["Identifiant PRM;Date de début;Date de fin;Grandeur physique;Grandeur métier;Etape métier;Unité\n"
            "0;2024-01-01;2024-01-03;Energie active;Consommation;Comptage Brut;W\nHorodate;Valeur\n"]
    rows += [f"2024-01-{1 + i // 48:02d}T{i // 2 % 24:02d}:{30 * (i % 2):02d}:00+01:00;{2200 if 10 < i % 48 < 16 else 150}\n"
             for i in range(1, 96)]
    text = "".join(rows).encode()
    steady = rows_of(range(START, START + 600))
    for name, given in (("enedis.csv", text), ("rows.csv.gz", gzip.compress(steady, mtime=0))):
        with open(f"{folder}/{name}", "wb") as file:
            file.write(given)
        command = "cycles" if name.startswith("enedis") else "edges"
        whole, _ = run(command, f"{folder}/{name}", "--csv")
        assert len(whole.splitlines()) > 1, whole
        assert run(command, "-", "--csv", given=given)[0] == whole, name
        with open(f"{folder}/{name}", "rb") as file:
            from_file = subprocess.run([DECLIC, command, "-", "--csv", "-q"], stdin=file, capture_output=True, check=True)
        assert from_file.stdout.decode() == whole, name


def half_hours_are_followed(folder):
    rows = ["time_utc,power_w\n"]
    rows += [f"{START + 1800 * i},{2200 if 45 <= i % 48 < 47 else 150 + i % 5}\n" for i in range(48 * 9)]
    with open(f"{folder}/half_hours.csv", "w", encoding="utf-8") as file:
        file.write("".join(rows))
    followed, _ = run("cycles", "-", "--csv", given="".join(rows).encode())
    assert facts(followed) == facts(run("cycles", f"{folder}/half_hours.csv", "--csv")[0]), followed
    assert len(followed.splitlines()) == 10, followed


def an_interrupt_leaves_what_was_printed(_):
    process = subprocess.Popen([DECLIC, "edges", "-", "--csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdin.write(rows_of(range(START, START + 300)))
    process.stdin.flush()
    lines = [process.stdout.readline() for _ in range(3)]
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    said = process.stderr.read().decode()
    assert process.wait(20) == 130 and "interrupted" in said and "nothing was written" not in said, said
    assert all(lines), lines


def interrupted(command, watts):
    process = subprocess.Popen([DECLIC, command, "-", "--csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, bufsize=0)
    process.stdin.write(("time_utc,power_w\n" + "".join(f"{START + i},{w}\n" for i, w in enumerate(watts))).encode())
    process.stdin.flush()
    head = process.stdout.readline().decode()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "interrupted" in said.decode(), (process.returncode, said)
    assert head.startswith(("time_utc", "start_utc")), head
    return rest.decode().splitlines()


def an_interrupt_prints_what_is_certain(_):
    ended = [100] * 60 + [1100] * 300 + [100] * 100
    rows = interrupted("cycles", ended)
    assert len(rows) == 1 and rows[0].startswith("2025-01-01T00:01:00Z,2025-01-01T00:06:00Z,83.3,1000.0,"), rows
    assert interrupted("cycles", ended + [600] * 100) == rows, "what is still on has not ended"
    pulsing = [100] * 60 + [1300, 1300, 100, 100, 100] * 30 + [100] * 60
    rows = interrupted("cycles", pulsing)
    assert len(rows) == 1 and rows[0].startswith("2025-01-01T00:01:00Z,2025-01-01T00:03:27Z,") and "pulsing" in rows[0], rows
    assert interrupted("edges", pulsing) == [], "pulses are no steps"
    assert len(interrupted("edges", [100] * 60 + [1100] * 9)) == 1, "the last step"


def bad_streams_are_said(_):
    assert "empty" in run("edges", "-", "--csv", given=b"", code=1)[1]
    assert "no format" in run("edges", "-", "--csv", given=b"hello\n" * 2000, code=1)[1]
    assert "no usable reading" in run("edges", "-", "--csv", given=b"time_utc,power_w\nx,y\n", code=1)[1]
    energy = ["--time", "t", "--column", "e=power_w:Wh"]
    assert "energies" in run("edges", "-", "--csv", *energy, given=b"t,e\n1735689600,5\n", code=2)[1]
    assert "divide the day" in run("edges", "-", "--csv", "--period", "7s", given=rows_of([START]), code=2)[1]
    bad = rows_of(range(START, START + 300)).replace(b"1735689700,1100", b"1735689700,oops")
    assert "1 reading in rows that cannot be read left out, first in line 102" in run("edges", "-", "--csv", given=bad)[1]
    assert "line 102" in run("edges", "-", "--csv", "--strict", given=bad, code=1)[1]


with tempfile.TemporaryDirectory() as directory:
    for check in (steps_come_out_before_the_input_ends, standard_mode_has_the_meters_clock,
                  historique_counts_from_the_start_given_or_arrives_now, clocks_jump,
                  irregular_rows_hold_as_those_of_a_file, half_hours_are_followed,
                  an_interrupt_leaves_what_was_printed, an_interrupt_prints_what_is_certain, what_is_not_followed_is_read_whole, bad_streams_are_said,
                  month_is_that_of_the_file_in_flat_memory):
        try:
            check(directory)
        except AssertionError as error:
            sys.exit(f"FAILED {check.__name__}: {error}")
print("streams are followed")
