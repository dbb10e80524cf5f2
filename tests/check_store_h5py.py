"""A store as h5py reads it: values, attributes, missing values, filters, and what stands for times of making.

Environment: DECLIC, the program. Packages: python3-h5py, hdf5-filter-plugin-blosc-serial.
"""
import math
import os
import subprocess
import sys
import tempfile

try:
    import h5py
except ImportError:
    print("skipped: no python3-h5py")
    sys.exit(77)

DECLIC = os.environ["DECLIC"]
CSV = """time_utc,power_w,apparent_va
2025-01-01T00:00:00Z,100,110
2025-01-01T00:30:00Z,,120
2025-01-01T01:00:00Z,0.1,130
2025-01-01T01:30:00Z,300,oops
2025-01-01T02:00:00Z,250,140
2025-01-01T02:30:00Z,251,141
2025-01-01T03:00:00Z,252,142
2025-01-01T03:30:00Z,253,143
"""
UCI = """Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;Sub_metering_1;Sub_metering_2;Sub_metering_3
16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000
"""
ENEDIS = """Identifiant PRM;Grandeur physique;Unite;Horodate;Valeur;Pas
1;PMA;VA;2023-03-13 19:12:00;5210;P1D
1;PMA;VA;2023-03-12 07:03:11;4800;P1D
"""


def store(name, text, *options):
    path = os.path.join(folder, name)
    with open(path + ".csv", "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([DECLIC, "import", "-q", path + ".csv", *options, "-o", path + ".h5"], check=True)
    return path + ".h5"


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def check_curve(path):
    with h5py.File(path) as file:
        assert file.attrs["declic_store"] == 1
        home = file["home/home1"]
        assert text(home.attrs["format"]) == "csv" and home.attrs["readings"] == 14, dict(home.attrs)
        assert home.attrs["reading_us"] == 1800 * 10**6 and home.attrs["excluded_bad_row"] == 1
        power = home["power_w"]
        assert power.dtype == "<f4" and power.shape == (8,)
        assert power.attrs["start_us"] == 1735689600 * 10**6 and power.attrs["period_us"] == 1800 * 10**6
        assert text(power.attrs["unit"]) == "W" and text(home["apparent_va"].attrs["unit"]) == "VA"
        values = power[:]
        assert values[0] == 100 and math.isnan(values[1]) and values[2] == h5py.h5t.IEEE_F32LE.dtype.type(0.1)
        assert power.fletcher32, "no checksum"
        return power.compression


def check_packing(path):
    """Long enough to be worth packing: read by h5py through its own blosc, not ours."""
    with h5py.File(path) as file:
        power = file["home/home1/power_w"]
        assert power.id.get_create_plist().get_filter(0)[0] == 32001
        assert power.id.get_storage_size() < 4 * len(power) / 2, power.id.get_storage_size()
        assert all(power[:] == [i // 10 for i in range(2000)])


with tempfile.TemporaryDirectory() as folder:
    long = "time_utc,power_w\n" + "".join(f"{1735689600 + i * 60},{i // 10}\n" for i in range(2000))
    check_packing(store("long", long))
    packed = store("home", CSV)
    check_curve(packed)
    assert check_curve(store("plain", CSV, "--deflate")) == "gzip"
    with open(packed, "rb") as first, open(store("again", CSV), "rb") as second:
        assert first.read() == second.read(), "two runs wrote different bytes"
    with h5py.File(store("uci", UCI)) as file:
        truth = file["home/home1/truth"]
        assert sorted(truth) == ["heater_and_cooling", "kitchen", "laundry"]
        assert truth["laundry"][0] == 60 and text(truth["laundry"].attrs["channel"]) == "power_w"
        assert "winter_clock" in text(file["home/home1"].attrs["notes"])
    with h5py.File(store("maxima", ENEDIS)) as file:
        maxima = file["home/home1/va_maxima"]
        assert maxima["time_us"][0] == 1678601000 * 10**6 - 9 * 10**6 and list(maxima["apparent_va"]) == [4800, 5210]
print("h5py", h5py.__version__, "reads the store")
