"""A NILMTK file as pandas opens it: times, values, columns, metadata, appending, and the same bytes twice.

Environment: DECLIC, the program. Packages: python3-pandas, python3-tables, python3-h5py.
"""
import json
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    import pandas
    import tables
except ImportError as missing:
    print("skipped: no", missing.name)
    sys.exit(77)

DECLIC = os.environ["DECLIC"]
# Across the hour that comes twice in Paris, with a row that says nothing, one that says half, and a name to escape.
CSV = """time_utc,power_w,apparent_va,reactive_var,voltage_v,current_a,power_w_l1
2024-10-27T00:00:00Z,100,110,-20,230,0.5,100
2024-10-27T00:30:00Z,,,,,,7
2024-10-27T01:00:00Z,0.1,130,5,,0.6,1
2024-10-27T01:30:00Z,300,,5,231,0.7,1
2024-10-27T02:00:00Z,250,140,5,231,0.7,1
"""
COLUMNS = [("power", "active"), ("power", "apparent"), ("power", "reactive"), ("voltage", ""), ("current", "")]


def declic(*arguments, code=0):
    run = subprocess.run([DECLIC, *arguments], capture_output=True, text=True)
    assert run.returncode == code, (arguments, run.returncode, run.stderr)
    return run


def same_as_store(frame, store, channels):
    """Every row of the store in which something is known, at its moment, to the last bit; no other row."""
    columns = [store[channel][:] for channel in channels]
    known = ~numpy.all([numpy.isnan(column) for column in columns], axis=0)
    first = store[channels[0]].attrs
    moments = (first["start_us"] + numpy.arange(len(known)) * first["period_us"])[known] * 1000
    assert numpy.array_equal(frame.index.tz_convert("UTC").view("int64"), moments)
    for i, column in enumerate(columns):
        numpy.testing.assert_array_equal(frame.iloc[:, i].to_numpy(), column[known], channels[i])
    return int(known.sum())


def small_home_keeps_its_gaps(folder):
    path = f"{folder}/small"
    with open(path + ".csv", "w", encoding="utf-8") as file:
        file.write(CSV)
    declic("import", "-q", path + ".csv", "-o", path + ".h5")
    told = json.loads(declic("export", path + ".h5", "--as", "nilmtk", "--json", "-o", path + ".nilmtk").stdout)
    assert (told["as"], told["meters"], told["rows"]) == ("nilmtk", 1, 4), told
    with pandas.HDFStore(path + ".nilmtk", "r") as store, h5py.File(path + ".h5") as home:
        frame = store["/building1/elec/meter1"]
        assert list(frame.columns) == COLUMNS and frame.columns.names == ["physical_quantity", "type"]
        assert str(frame.index.tz) == "Europe/Paris" and frame.index.name is None
        assert [stamp.strftime("%H:%M %z") for stamp in frame.index] == [
            "02:00 +0200", "02:00 +0100", "02:30 +0100", "03:00 +0100"]
        channels = ["power_w", "apparent_va", "reactive_var", "voltage_v", "current_a"]
        assert same_as_store(frame, home["home/home1"], channels) == 4
        assert numpy.isnan(frame[("voltage", "")].iloc[1]), "what is missing in a row is NaN"


def town_has_meters_and_metadata(folder):
    path = f"{folder}/town"
    declic("town", "--days", "1", "-q", "-o", path + ".h5")
    declic("export", "-q", path + ".h5", "-o", path + "_nilmtk.h5")
    declic("export", "-q", path + ".h5", "-o", path + "_again.h5")
    with open(path + "_nilmtk.h5", "rb") as first, open(path + "_again.h5", "rb") as second:
        assert first.read() == second.read(), "two runs wrote different bytes"
    with pandas.HDFStore(path + "_nilmtk.h5", "r") as store, h5py.File(path + ".h5") as file:
        home = file["home/home1"]
        parts = sorted(set(home["truth"]) - {"kind", "cycles"})
        assert set(store.keys()) == {f"/building1/elec/meter{i + 1}" for i in range(len(parts) + 1)}
        data_set, building = store.root._v_attrs.metadata, store.root.building1._v_attrs.metadata
        assert data_set["timezone"] == "Europe/Paris"
        assert building["elec_meters"][1]["site_meter"] is True
        assert len(building["elec_meters"]) == len(parts) + 1 == len(data_set["meter_devices"])
        rows = same_as_store(store["/building1/elec/meter1"], home, ["power_w", "apparent_va", "reactive_var"])
        assert rows == 86400, rows
        for appliance in building["appliances"]:
            number = appliance["meters"][0]
            meter = building["elec_meters"][number]
            device = data_set["meter_devices"][meter["device_model"]]
            assert meter["submeter_of"] == 1 and device["sample_period"] == 1, (meter, device)
            assert device["measurements"] == [{"physical_quantity": "power", "type": "active"}]
            frame = store[meter["data_location"]]
            assert list(frame.columns) == [("power", "active")]
            same_as_store(frame, home["truth"], [appliance["original_name"]])
        kinds = {appliance["original_name"]: appliance["type"] for appliance in building["appliances"]}
        assert set(kinds) == set(parts) and kinds["washing_machine"] == "washing machine", kinds


def pandas_selects_and_appends(folder):
    path = f"{folder}/town_nilmtk.h5"
    with pandas.HDFStore(path, "a") as store:
        key = "/building1/elec/meter1"
        frame = store.select(key, start=10, stop=20)
        assert len(frame) == 10
        later = store[key].tail(3).copy()
        later.index = later.index + pandas.Timedelta(days=1)
        store.append(key, later)
        assert len(store[key]) == 86403


def zones_are_those_of_pytz(folder):
    path = f"{folder}/small"
    for zone, shown in [("America/New_York", "America/New_York"), ("UTC", "UTC"), ("+01:00", "UTC")]:
        declic("export", "-q", path + ".h5", "--zone", zone, "-o", path + "_zone.h5")
        with pandas.HDFStore(path + "_zone.h5", "r") as store:
            frame = store["/building1/elec/meter1"]
            assert str(frame.index.tz) == shown and str(frame.index[0].tz_convert("UTC"))[:16] == "2024-10-27 00:00"


def names_are_escaped(folder):
    path, name = f"{folder}/small", "l'été \\u0041 😀"
    declic("import", "-q", path + ".csv", "-o", path + "_name.h5")
    with h5py.File(path + "_name.h5", "a") as file:
        file.move("home/home1", "home/" + name)
    declic("export", "-q", path + "_name.h5", "--as", "nilmtk", "-o", path + "_names.h5")
    with pandas.HDFStore(path + "_names.h5", "r") as store:
        assert store.root._v_attrs.metadata["name"] == name


def outputs_are_refused(folder):
    path = f"{folder}/small"
    assert "cannot go to a pipe" in declic("export", path + ".h5", "--as", "nilmtk", code=2).stderr
    assert "expected csv or nilmtk" in declic("export", path + ".h5", "--as", "xml", code=2).stderr
    assert "is the input" in declic("export", path + ".h5", "-o", path + ".h5", code=2).stderr
    with open(path + "_phase.csv", "w", encoding="utf-8") as file:
        file.write("time_utc,power_w_l1\n2024-01-01T00:00:00Z,1\n2024-01-01T00:30:00Z,2\n")
    assert "no channel with a column" in declic("export", path + "_phase.csv", "-o", path + "_phase.h5", code=1).stderr
    assert not os.path.exists(path + "_phase.h5")
    declic("export", "-q", path + ".h5", "--as", "csv", "-o", path + "_text.h5")
    with open(path + "_text.h5", encoding="utf-8") as file:
        assert file.readline().startswith("time_utc,")


with tempfile.TemporaryDirectory() as directory:
    small_home_keeps_its_gaps(directory)
    town_has_meters_and_metadata(directory)
    pandas_selects_and_appends(directory)
    zones_are_those_of_pytz(directory)
    names_are_escaped(directory)
    outputs_are_refused(directory)
print("pandas", pandas.__version__, "and tables", tables.__version__, "open, select and append")
