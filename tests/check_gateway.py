"""The gateway's pipeline on the gateway's processor and on the host: every record, label and forecast the same, bit for bit.

Models are learned from simulated homes, given all forms, and run for RV32IMAC under qemu-system-riscv32 and for the host (with the
address and undefined-behaviour sanitizers) on real captures, hours of a simulated home's line, and lines that go wrong. The C
form and the component are built by the plain compiler; what the whole takes of flash, RAM and time is held against its
budget.

Environment: DECLIC, the program; DECLIC_SOURCE, the repository; DECLIC_DATA, real measurements where there are any.
"""
import datetime
import glob
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

DECLIC = os.environ["DECLIC"]
SOURCE = os.environ.get("DECLIC_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
DATA = os.environ.get("DECLIC_DATA", os.path.join(SOURCE, "..", "shared", "data"))
CROSS = "riscv64-unknown-elf-gcc"
RV32 = ["-Os", "-march=rv32imac", "-mabi=ilp32"]
LINK = ["--specs=picolibc.specs", "--oslib=semihost", "--crt0=hosted", "-Wl,--defsym=__flash=0x80000000",
        "-Wl,--defsym=__flash_size=0x200000", "-Wl,--defsym=__ram=0x80200000", "-Wl,--defsym=__ram_size=0x80000",
        "-Wl,--defsym=__stack_size=0x4000"]
STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
MCU = sorted(glob.glob(os.path.join(SOURCE, "src", "mcu", "*.c")))
INCLUDE = ["-I" + os.path.join(SOURCE, "include"), "-I" + os.path.join(SOURCE, "src")]
FLASH, RAM, SHARE = 64 * 1024, 8 * 1024, 0.01
LIMIT_S = 280
failures = 0


def fail(name, said):
    global failures
    failures += 1
    print(f"FAILED {name}: {said}")


def check(name, fine, said=""):
    if not fine:
        fail(name, said)


def run(command, folder=None):
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=LIMIT_S)
    if done.returncode:
        sys.exit(f"check_gateway: {' '.join(command[:6])} …: {done.stderr.decode()[-3000:]}{done.stdout.decode()[-500:]}")
    return done.stdout.decode()


# ---------------------------------------------------------------- lines of a meter

class Line:
    """Bytes of a meter as they come: (ms, bytes)."""

    def __init__(self, start=datetime.datetime(2025, 1, 13, 6)):
        self.parts, self.ms, self.utc, self.wh = [], 1000, start, 12345678.0

    def add(self, data, ms=0):
        for at in range(0, len(data), 200):
            self.parts.append((self.ms & 0xFFFFFFFF, data[at:at + 200]))
        self.ms += ms

    def historique(self, va, address="000000000000"):
        groups = [f"ADCO {address}", f"BASE {int(self.wh):09d}", f"PAPP {va // 10 * 10:05d}"]
        frame = b"".join(b"\n%s %c\r" % (g.encode(), (sum(g.encode()) & 63) + 32) for g in groups)
        self.tick(va, 1400)
        self.add(b"\2" + frame + b"\3", 1400)

    def standard(self, va, address="000000000000", summer=False, shift_s=0, seconds=1):
        local = self.utc + datetime.timedelta(seconds=shift_s, hours=2 if summer else 1)
        stamp = ("E" if summer else "H") + local.strftime("%y%m%d%H%M%S")
        groups = [f"ADSC\t{address}\t", f"DATE\t{stamp}\t\t", f"EAST\t{int(self.wh):09d}\t", f"SINSTS\t{va:05d}\t"]
        frame = b"".join(b"\n%s%c\r" % (g.encode(), (sum(g.encode()) & 63) + 32) for g in groups)
        self.tick(va, 1000 * seconds)
        self.add(b"\2" + frame + b"\3", 1000 * seconds)

    def tick(self, va, ms):
        self.wh += va * 0.9 * ms / 3.6e6
        self.utc += datetime.timedelta(milliseconds=ms)

    def write(self, path):
        with open(path, "wb") as out:
            for ms, data in self.parts:
                out.write(struct.pack("<IB", ms, len(data)) + data)


def level(i):
    """Apparent power of a home of two loads."""
    return 120 + 2000 * (i // 90 % 5 == 1) + 150 * (i // 37 % 3 == 2)


def steady():
    line = Line()
    for i in range(4000):
        line.historique(level(i))
    return line


def clocks():
    line = Line()
    for i in range(1500):
        line.standard(level(i), shift_s=0 if i < 500 else 7200 if i < 1000 else -86400, summer=300 < i < 400)
    return line


def addresses():
    line = Line()
    for i in range(900):
        line.standard(level(i), address="111111111111" if i in (100, 101, 300) or i > 500 else "000000000000")
    return line


def modes():
    line = Line()
    for i in range(600):
        line.historique(level(i)) if i // 200 % 2 == 0 else line.standard(level(i))
    return line


def sleeping():
    line = Line()
    for i in range(500):
        for frame in range(3):
            line.standard(level(3 * i + frame))
        line.tick(level(3 * i), 57000)
        line.ms += 57000
    return line


def noisy(size, seed=1):
    line, draw = Line(), random.Random(seed)
    for i in range(size // 1000):
        line.historique(level(i))
        line.add(draw.randbytes(700), 600)
        cut = Line()
        cut.ms, cut.wh, cut.utc = line.ms, line.wh, line.utc
        cut.historique(level(i))
        data = bytearray(cut.parts[0][1])
        for _ in range(draw.randrange(3)):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        line.add(bytes(data[:draw.randrange(20, len(data))]), 1400)
    return line


def captures():
    line = Line()
    for path in sorted(glob.glob(os.path.join(DATA, "tic", "*.tic"))):
        with open(path, "rb") as file:
            line.add(file.read(), 2000)
    return line


def town(folder, hours):
    """A simulated home as its meter tells it."""
    path = os.path.join(folder, "town.tic")
    run([DECLIC, "town", "-q", "--tic", "--days", "1", "--seed", "5", "-o", path])
    line, first = Line(), None
    with open(path, encoding="ascii") as file, open(os.path.join(folder, "hours.tic"), "w", encoding="ascii") as part_of_it:
        for text in file:
            stamp, group = text.rstrip("\n").split(" ", 1)
            seconds, _, part = stamp.rstrip("Z").partition(".")
            moment = datetime.datetime.fromisoformat(seconds) + datetime.timedelta(microseconds=int(part.ljust(6, "0")))
            first = first or moment
            if moment - first > datetime.timedelta(hours=hours):
                break
            part_of_it.write(text)
            line.ms = 1000 + (moment - first) // datetime.timedelta(milliseconds=1)
            line.add((b"\2" if group.startswith("ADCO") else b"") + b"\n" + group.encode() + b"\r" +
                     (b"\3" if group.startswith("MOTDETAT") else b""))
    line.utc = first
    return line


# ---------------------------------------------------------------- programs

def qemu(elf, folder):
    raw = os.path.join(folder, "gateway.raw")
    run(["timeout", "250", "qemu-system-riscv32", "-M", "virt", "-cpu", "rv32", "-icount", "shift=0", "-bios", "none",
         "-nographic", "-monitor", "none", "-serial", "none", "-chardev", f"file,id=console,path={raw}",
         "-semihosting-config", "enable=on,chardev=console", "-kernel", elf], folder)
    with open(raw, encoding="ascii", errors="replace") as file:
        lines = file.read().replace("\r", "").split("\n")
    return [x for x in lines if not x.startswith("#")], [x for x in lines if x.startswith("#")]


def told(lines):
    """The counters that a run ends with, by name."""
    words = " ".join(lines[-4:]).split()
    return {words[i]: int(words[i + 1]) for i in range(len(words) - 1) if words[i + 1].isdigit()}


def models(folder):
    homes = []
    for seed in range(1, 5):
        homes.append(os.path.join(folder, f"home{seed}.h5"))
        run([DECLIC, "town", "-q", "--days", "3", "--seed", str(seed), "-o", homes[-1]])
    path = os.path.join(folder, "gateway.model")
    learned = json.loads(run([DECLIC, "learn", "forecast", "--gateway", "-q", *homes, "-o", path, "--json"]))["gateway"]
    for form in ("blob", "c", "esp-idf"):
        printed = json.loads(run([DECLIC, "gateway", "-q", path, "-o", os.path.join(folder, form), "--format", form, "--json"]))
        check(form, printed["gateway"] == learned, "learn and gateway print the same model differently")
    for kind in ("minute", "today"):
        change = abs(learned[kind]["mae_integer"] / learned[kind]["mae_float"] - 1)
        check(kind, change < 0.005, f"integers change the error by {100 * change:.3f} %")
    check("step", learned["step"]["agree"] >= 0.97, f"the tree says what the vectors say of {learned['step']['agree']}")
    for i, kind in enumerate(("minute", "today", "step")):
        shutil.copy(os.path.join(folder, "blob", kind + ".blob"), os.path.join(folder, f"model_{i}.blob"))
        blob = json.loads(run([DECLIC, "info", os.path.join(folder, "blob", kind + ".blob"), "--json"]))["blob"]
        check(kind, blob["kind"] == kind and blob["bytes"] == learned[kind]["bytes"], str(blob))
    said = subprocess.run([DECLIC, "gateway", path, "-o", os.path.join(folder, "blob")], capture_output=True, text=True, timeout=60)
    check("a missed budget is said", ("99.5 % is the budget" in said.stderr) == (learned["step"]["agree"] < 0.995), said.stderr)
    short = os.path.join(folder, "short.tic")
    with open(short, "wb") as file:
        file.write(b"\x02\nPAPP 00750 -\r\x03")
    said = subprocess.run([DECLIC, "gateway", path, short], capture_output=True, text=True, timeout=60)
    check("a capture without a minute", said.returncode == 0 and "no whole minute" in said.stderr, said.stderr)
    check("info", json.loads(run([DECLIC, "info", path, "--json"]))["gateway"] == learned, "info says another model")
    return learned


def compare(name, host, elf, folder, line, clock):
    line.write(os.path.join(folder, "stream.bin"))
    path = os.path.join(folder, "clock.bin")
    if os.path.exists(path):
        os.unlink(path)
    if clock:
        with open(path, "wb") as out:
            out.write(struct.pack("<Ii", int((clock - datetime.datetime(2000, 1, 1)).total_seconds()), 60))
    here = run([host], folder).split("\n")
    there, counts = qemu(elf, folder)
    compare.records = [bytes.fromhex(x) for x in there if re.fullmatch("0[123]([0-9a-f]{2})+", x)]
    check(name, here == there, "\n".join(["host and gateway differ:"] + [f"{a} | {b}" for a, b in zip(here, there) if a != b][:5]))
    return told([x for x in here if x]), counts


def served(folder):
    """declic gateway MODEL CAPTURE on the same hours: the events, labels and forecasts of the gateway's processor."""
    rows = run([DECLIC, "gateway", "-q", os.path.join(folder, "gateway.model"), os.path.join(folder, "hours.tic")]).split("\n")[1:-1]
    labels = json.loads(run([DECLIC, "info", os.path.join(folder, "blob", "step.blob"), "--json"]))["blob"]["labels"]
    want = []
    for r in compare.records:
        number = lambda at, form="<H": struct.unpack_from(form, r, at)[0]
        if r[0] == 1:
            want.append(["event", str(number(6, "<h")), str(number(8, "<h")), f"{r[10] / 200:.3f}", "" if r[11] == 255 else labels[r[11]],
                         f"{r[12] / 127:.3f}" if r[11] != 255 else "", "" if number(14) == 65535 else str(4 * number(14))])
        elif r[0] == 2:
            want.append(["minute", str(number(6)), str(number(8)), "" if number(10) == 65535 else str(number(10)),
                         "" if number(12) == 65535 else f"{number(12) / 100:.2f}"])
    got = []
    for row in rows:
        cells = row.split(",")
        got.append(["event", *cells[2:8]] if cells[1] == "event" else ["minute", *cells[8:12]])
    different = [pair for pair in zip(want, got) if pair[0] != pair[1]]
    check("served", not different and 0 <= len(want) - len(got) <= 2 and len(got) > 200,
          f"{len(want)} records of the gateway, {len(got)} of the host; {different[:3]}")
    check("forecasts", sum(1 for row in got if row[0] == "minute" and row[3] and row[4]) > 100, "next minute and today were not told")


def budgets(counts, learned, folder, flash):
    """The numbers of a run on the gateway's processor, held against what it has."""
    numbers = [int(x) for x in re.findall(r"[0-9]+", next(x for x in counts if "bytes of state" in x))]
    state, stack, a_byte, a_frame = numbers[0], numbers[1], numbers[3], numbers[4]
    share = a_byte * 960 * 2 / 160e6
    trees = [int(re.findall(r"[0-9]+", x)[2]) for x in counts if "an inference" in x]
    print(f"check_gateway: flash {flash} bytes with {sum(learned[k]['bytes'] for k in ('minute', 'today', 'step'))} of models, "
          f"RAM {state} + {stack} of stack, {a_byte} instructions a byte, {a_frame} a frame = {100 * share:.2f} % of 160 MHz at 9600 baud, "
          f"inferences {trees}")
    check("flash", flash <= FLASH, f"{flash} bytes")
    check("RAM", state + stack <= RAM, f"{state} + {stack} bytes")
    check("time", share < SHARE, f"{100 * share:.2f} % of the processor")
    check("trees", trees[0] <= 1777, f"{trees[0]} instructions for fifty trees of depth four")


def flash_of(folder):
    """The component's code and models, as a firmware links them: without what nothing calls."""
    main = os.path.join(folder, "firmware.c")
    with open(main, "w", encoding="ascii") as file:
        file.write("""#include "port.h"
void app_main(void);
void port_open(uint32_t baud) { (void)baud; }
int port_read(void) { return *(volatile int *)0x10000000; }
uint32_t port_ms(void) { return *(volatile uint32_t *)0x10000004; }
void port_send(const uint8_t *record, size_t n) { *(volatile uint8_t *)0x10000008 = record[n - 1]; }
int main(void) { app_main(); return 0; }
void _start(void) { main(); }
""")
    component, elf = os.path.join(folder, "esp-idf"), os.path.join(folder, "firmware.elf")
    example = os.path.join(component, "examples", "gateway", "main")
    sources = glob.glob(os.path.join(component, "src", "**", "*.c"), recursive=True)
    run([CROSS, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", *RV32, "-ffunction-sections", "-fdata-sections",
         "-Wl,--gc-sections", "--specs=picolibc.specs", "-nostartfiles", "-I" + os.path.join(component, "include"),
         "-I" + os.path.join(component, "src"), "-I" + example, main, os.path.join(example, "main.c"), *sources, "-o", elf])
    sizes = run(["riscv64-unknown-elf-size", elf]).split("\n")[1].split()
    return int(sizes[0]) + int(sizes[1])


def board(folder):
    """What the example needs of ESP-IDF is not here: its calls are held against headers of our own with their shape."""
    stubs = os.path.join(folder, "stubs", "driver")
    os.makedirs(stubs)
    with open(os.path.join(stubs, "uart.h"), "w", encoding="ascii") as file:
        file.write("""#include <stdint.h>
#include <stdbool.h>
enum { UART_NUM_1, UART_DATA_7_BITS, UART_PARITY_EVEN, UART_STOP_BITS_1, UART_PIN_NO_CHANGE = -1 };
typedef struct { int baud_rate, data_bits, parity, stop_bits; } uart_config_t;
bool uart_is_driver_installed(int);
int uart_driver_install(int, int, int, int, void *, int), uart_param_config(int, const uart_config_t *);
int uart_set_pin(int, int, int, int, int), uart_read_bytes(int, void *, uint32_t, uint32_t);
#define pdMS_TO_TICKS(ms) ((uint32_t)(ms))
""")
    with open(os.path.join(folder, "stubs", "esp_timer.h"), "w", encoding="ascii") as file:
        file.write("#include <stdint.h>\nint64_t esp_timer_get_time(void);\n")
    example = os.path.join(folder, "esp-idf", "examples", "gateway", "main")
    run([CROSS, "-std=c99", "-Wall", "-Wextra", "-Werror", *RV32, "--specs=picolibc.specs", "-c", "-I" + os.path.join(folder, "stubs"),
         os.path.join(example, "port_esp.c"), "-o", os.path.join(folder, "port.o")])


def forms(folder):
    """Generated C says what the blobs say, on both machines."""
    base = [os.path.join(SOURCE, "tests", "rv32", "forms.c"), os.path.join(folder, "c", "declic_model.c"),
            os.path.join(folder, "esp-idf", "src", "declic_models.c"), os.path.join(SOURCE, "src", "mcu", "trees.c"),
            os.path.join(SOURCE, "src", "mcu", "blob.c"), "-I" + os.path.join(folder, "c"),
            "-I" + os.path.join(folder, "esp-idf", "include"), *INCLUDE]
    run([os.environ.get("CC", "cc"), *STRICT, "-O1", "-fsanitize=address,undefined", *base, "-o", os.path.join(folder, "forms")])
    run([CROSS, *STRICT, *RV32, *LINK, *base, "-o", os.path.join(folder, "forms.elf")])
    here = run([os.path.join(folder, "forms")], folder).split("\n")
    there, _ = qemu(os.path.join(folder, "forms.elf"), folder)
    check("forms", here == there and here[0].startswith("differ 0 "), f"{here} {there}")


def main():
    for tool in (CROSS, "qemu-system-riscv32", "timeout"):
        if not shutil.which(tool):
            sys.exit(f"check_gateway: {tool} is missing: scripts/setup installs it")
    folder = tempfile.mkdtemp()
    try:
        learned = models(folder)
        forms(folder)
        board(folder)
        program, host, elf = (os.path.join(SOURCE, "tests", "rv32", "gateway.c"), os.path.join(folder, "host"),
                              os.path.join(folder, "gateway.elf"))
        run([os.environ.get("CC", "cc"), *STRICT, "-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
             *INCLUDE, program, *MCU, "-o", host])
        run([CROSS, *STRICT, *RV32, *LINK, *INCLUDE, program, *MCU, "-o", elf])

        line = town(folder, 4)
        said, counts = compare("a simulated home", host, elf, folder, line, line.utc)
        check("town", said["minutes"] >= 230 and said["events"] >= 10 and said["lost"] == 0, str(said))
        served(folder)
        budgets(counts, learned, folder, flash_of(folder))
        said, _ = compare("two loads", host, elf, folder, steady(), datetime.datetime(2025, 1, 13, 6))
        check("two loads", said["events"] >= 40 and said["jumps"] == 0, str(said))
        said, _ = compare("clocks", host, elf, folder, clocks(), None)
        check("clocks", said["jumps"] == 2, str(said))
        said, _ = compare("addresses", host, elf, folder, addresses(), None)
        check("addresses", said["meters"] == 1 and said["other"] == 8, str(said))
        said, _ = compare("modes", host, elf, folder, modes(), None)
        check("modes", said["modes"] == 2, str(said))
        said, _ = compare("sleep", host, elf, folder, sleeping(), None)
        check("sleep", said["silences"] == 499 and said["minutes"] >= 490, str(said))
        said, _ = compare("noise", host, elf, folder, noisy(200000), None)
        check("noise", said["bad"] + said["malformed"] > 500 and said["minutes"] > 5, str(said))
        captured = captures()
        if captured.parts:
            said, _ = compare("captures", host, elf, folder, captured, None)
            check("captures", said["groups"] >= 300 and said["bad"] >= 1, str(said))
        else:
            print("check_gateway: no real captures: no ../shared/data")
        noisy(10000000, seed=2).write(os.path.join(folder, "stream.bin"))
        said = told([x for x in run([host], folder).split("\n") if x])
        check("ten megabytes of noise", said["bad"] + said["malformed"] > 25000 and said["lost"] == 0, str(said))
    finally:
        shutil.rmtree(folder)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
