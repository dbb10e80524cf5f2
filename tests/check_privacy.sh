#!/bin/sh
# The address of a delivery point or meter identifies a person: it reaches no message, store, export, report, page, JSON, log or
# name of a file, whatever the input is and however it fails.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
prm=19876543210987   # 14 digits, as on a bill
meter=041987654321   # 12 digits, as on the meter's face

# run COMMAND…: whatever it returns, neither its streams nor the files it wrote hold an address.
run() {
    "$DECLIC" "$@" >"$dir/result/out" 2>"$dir/result/err" </dev/null
    code=$?
    { grep -rlaE "$prm|$meter|1987654321" "$dir/result"
        find "$dir/result" -name "*1987654321*"; } >"$dir/found"
    if [ -s "$dir/found" ]; then
        echo "FAILED exit $code: $*"
        sed 's/^/  the address is in /' "$dir/found"
        failed=1
    fi
}
# every INPUT OPTION…: all that can be made of an input.
every() {
    rm -rf "$dir/result"
    mkdir "$dir/result"
    run info "$@"
    run info --json "$@"
    run info --strict "$@"
    run import "$@" --deflate -o "$dir/result/home.h5"
    run import "$@" --json -o "$dir/result/blosc.h5"
    run export "$@" -o "$dir/result/home.csv"
    run edges "$@" --json
    run cycles "$@" --json
    run report "$@" --json -o "$dir/result/page.html"
    run report "$@" --lang en -o "$dir/result/page_en.html"
    run info --format tic "$@"
    run info --format csv "$@"
}
# made NAME: something was read of it, else the test would pass for nothing.
made() {
    [ -s "$dir/result/home.h5" ] && return
    echo "FAILED $1: nothing was read"
    sed 's/^/  /' "$dir/result/err"
    failed=1
}

# The utility's CSV, the second address in a bad row, in a file named as the utility names it.
named="$dir/Enedis_Conso_Heure_20250101-20250102_$prm.csv"
{
    printf 'Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;Pas en minutes\n'
    printf '%s;Courbe de charge;01/01/2025;02/01/2025;Energie active;Consommation;Comptage Brut;W;\n' "$prm"
    printf 'Horodate;Valeur\n'
    for hour in 01 02 03 04 05 06 07 08; do printf '2025-01-01T%s:00:00+01:00;%s00\n' "$hour" "${hour#0}"; done
    printf '%s;oops\n2025-01-01T09:00:00+01:00;%s\n%s\n' "$prm" "$prm" "$meter"
} >"$named"
every "$named"
made utility
mkdir "$dir/$prm" && cp "$named" "$dir/$prm/"
every "$dir/$prm"
made folder
gzip -c "$named" >"$named.gz"
every "$named.gz"
made gzip

# Without its header, so that an address is the first thing in it: no format takes it.
tail -n +2 "$named" >"$dir/headless.csv"
every "$dir/headless.csv"
printf '%s\n' "$meter" >"$dir/alone.txt"
every "$dir/alone.txt"
run report "$dir/$prm.csv" -o "$dir/result/page.html"
run "$prm"
run info "--$prm" x

# A generic CSV with a column of addresses, one as a column's name.
{
    printf 'time_utc,power_w,%s\n' "$prm"
    for hour in 01 02 03 04; do printf '2025-01-01T%s:00:00Z,100,%s\n' "$hour" "$meter"; done
    printf '%s,%s,\n' "$meter" "$prm"
} >"$dir/log.csv"
every "$dir/log.csv"
made csv
every "$dir/log.csv" --time "$prm" --column power_w=power_w:W
every "$dir/log.csv" --time time_utc --column "$meter=power_w:W"

# Data Connect, and the same cut in the middle.
cat >"$dir/connect.json" <<JSON
{"meter_reading":{"usage_point_id":"$prm","start":"2025-01-01","end":"2025-01-02","quality":"BRUT","reading_type":{"measurement_kind":"power","unit":"W","aggregate":"average"},"interval_reading":[{"value":"540","date":"2025-01-01 03:00:00","interval_length":"PT30M","measure_type":"B"},{"value":"$prm","date":"2025-01-01 03:30:00","interval_length":"PT30M","measure_type":"B"}]}}
JSON
every "$dir/connect.json"
made connect
head -c 60 "$dir/connect.json" >"$dir/cut.json"
every "$dir/cut.json"

# Captures of both modes; a wrong checksum behind the address as well.
/usr/bin/python3 - "$dir" "$prm" "$meter" <<'PYTHON'
import sys
folder, prm, meter = sys.argv[1:]


def group(mark, *fields, wrong=0):
    text = mark.join(fields)
    summed = text + (mark if mark == "\t" else "")
    check = chr((sum(summed.encode()) & 0x3F) + 0x20 + wrong)
    return "\n" + text + mark + check + "\r"


old = [("ADCO", meter), ("OPTARIF", "BASE"), ("ISOUSC", "30"), ("BASE", "012345678"), ("PTEC", "TH.."), ("IINST", "004"),
       ("PAPP", "00890")]
new = [("ADSC", meter), ("DATE", "H250101120000", ""), ("NGTF", "BASE"), ("EAST", "012345678"), ("IRMS1", "004"),
       ("SINSTS", "00890"), ("PREF", "06"), ("PRM", prm)]
for name, mark, groups in (("old.tic", " ", old), ("new.tic", "\t", new)):
    frames = ""
    for second in range(3):
        wrong = second == 1
        dated = [(g[0], g[1][:-1] + str(second), *g[2:]) if g[0] == "DATE" else g for g in groups]
        frames += "\x02" + "".join(group(mark, *g, wrong=wrong and g[0] in ("ADCO", "ADSC", "PRM")) for g in dated) + "\x03"
    with open(f"{folder}/{name}", "w", newline="") as file:
        file.write(frames)
PYTHON
every "$dir/old.tic"
every "$dir/old.tic" --start 2025-01-01T12:00
made old_capture
every "$dir/new.tic"
made new_capture

# ---- names: an alias of the address by the operator's key, or the user's own label

key="$dir/alias.key"
(umask 077 && head -c 32 /dev/urandom >"$key")
# told WHAT PATTERN FILE: the file says so.
told() {
    grep -qE "$2" "$3" && return
    echo "FAILED $1: no $2"
    head -c 600 "$3"
    failed=1
}
# refused WHAT COMMAND…: exit 1 or 2, and nothing written.
refused() {
    what=$1
    shift
    rm -rf "$dir/result" && mkdir "$dir/result"
    run "$@"
    [ "$code" -eq 1 ] || [ "$code" -eq 2 ] || { echo "FAILED $what: exit $code"; failed=1; }
    [ -z "$(find "$dir/result" -type f ! -name out ! -name err)" ] || { echo "FAILED $what: something was written"; failed=1; }
}
alias='home-[bcdfghjkmnpqrstv]{16}'
for input in "$named" "$dir/connect.json" "$dir/old.tic --start 2025-01-01T12:00" "$dir/new.tic"; do
    # shellcheck disable=SC2086
    every $input --alias-key "$key"
    made "an input under a key"
    "$DECLIC" info -q "$dir/result/home.h5" >"$dir/said"
    told "$input" "$alias" "$dir/said"
done
every "$named" --alias-key "$key"
told "a page under a key" "<b>$alias</b>" "$dir/result/page.html"
run report "$named" --label 'The cabin & co' -o "$dir/result/page.html"
told "a page with a label" '<b>The cabin &amp; co</b>' "$dir/result/page.html"
run import "$named" --label cabin -o "$dir/result/cabin.h5"
"$DECLIC" info -q "$dir/result/cabin.h5" >"$dir/said"
told "a store with a label" cabin "$dir/said"
mv "$dir/result/cabin.h5" "$dir/cabin.h5"
for name in --label --id; do
    refused "an address as a name" import "$named" "$name" "$prm" -o "$dir/result/home.h5"
done
refused "an address as a label" report "$named" --label "home $meter" -o "$dir/result/page.html"
chmod 644 "$key"
refused "a key that others may read" report "$named" --alias-key "$key" -o "$dir/result/page.html"
chmod 600 "$key"
head -c 31 "$key" >"$dir/short.key" && chmod 600 "$dir/short.key"
refused "a short key" report "$named" --alias-key "$dir/short.key" -o "$dir/result/page.html"
refused "no key" report "$named" --alias-key "$dir/none.key" -o "$dir/result/page.html"

# ---- many homes by their addresses, and what is made of them: panels, clusters, forecasts, the nightly job's shelf and logs

mkdir "$dir/homes"
yearly="$dir/homes/Enedis_Conso_Heure_$prm.csv"
/usr/bin/python3 - "$dir" "$yearly" "$prm" "$meter" <<'PYTHON'
import math
import sys
from datetime import datetime, timedelta
folder, yearly, prm, meter = sys.argv[1:]
start = datetime(2024, 1, 1)


def watts(home, i):
    hour = i % 48 / 2
    return int(150 + 40 * home + 400 * math.exp(-(hour - 19 - home) ** 2 / 4) + 90 * ((i * 7919 + home * 31) % 97) / 97)


with open(yearly, "w") as file:
    file.write("Identifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;Etape metier;Unite;"
               "Pas en minutes\n")
    file.write(f"{prm};Courbe de charge;01/01/2024;11/03/2024;Energie active;Consommation;Comptage Brut;W;\nHorodate;Valeur\n")
    for i in range(70 * 48):
        file.write(f"{(start + timedelta(minutes=30 * (i + 1))).isoformat()}+01:00;{watts(0, i)}\n")
with open(f"{folder}/lcl.csv", "w") as file:
    file.write("LCLid,tstp,energy(kWh/hh)\n")
    for home, name in enumerate((prm, meter, *(f"{int(prm) + k}" for k in range(1, 7)))):
        for i in range(366 * 48):
            file.write(f"{name},{(start + timedelta(minutes=30 * i)).isoformat(' ')}.0000000,{watts(home, i) / 2000:.3f}\n")
PYTHON
rm -rf "$dir/result" && mkdir "$dir/result"
refused "a panel of addresses" import "$dir/lcl.csv" -o "$dir/result/panel.h5"
run import "$dir/lcl.csv" --json -o "$dir/result/panel.h5"
run import "$dir/lcl.csv" --alias-key "$key" --json -o "$dir/result/panel.h5"
[ "$code" -eq 0 ] || { echo "FAILED: no panel: $code"; cat "$dir/result/err"; failed=1; }
run info "$dir/result/panel.h5"
told "a panel under a key" "$alias" "$dir/result/out"
run info "$dir/result/panel.h5" --json
run cluster "$dir/result/panel.h5" -k 2 --csv -o "$dir/result/clusters.h5" --report "$dir/result/clusters.html"
told "clusters" "^$alias,[012]" "$dir/result/out"
run cluster "$dir/result/panel.h5" -k 2 --json
run forecast "$dir/result/panel.h5" --backtest --csv --rows 2000 --rounds 5 --report "$dir/result/backtest.html"
told "a backtest" "$alias" "$dir/result/out"
run forecast "$dir/result/panel.h5" --backtest --json --rows 2000 --rounds 5
for how in "" "--csv" "--json"; do
    # shellcheck disable=SC2086
    run forecast "$yearly" $how --rows 2000 --rounds 5
    # shellcheck disable=SC2086
    run forecast "$yearly" $how --rows 2000 --rounds 5 --alias-key "$key"
done
told "a forecast under a key" "$alias" "$dir/result/out"
run forecast "$yearly" --rows 2000 --rounds 5 --label cabin
told "a forecast with a label" cabin "$dir/result/out"
run learn forecast "$yearly" --rows 2000 --rounds 5 -o "$dir/result/day.model"
run info "$dir/result/day.model"
run shelf add "$dir/result/shelf" "forecast-$prm" "$dir/result/day.model"
[ "$code" -eq 2 ] || { echo "FAILED: a model called by an address: $code"; failed=1; }

# The nightly job: without a key the home is passed over; with one its model is called by the alias that the input itself has.
run retrain --shelf "$dir/result/shelf" --data "$dir/homes" --new --rows 2000 --rounds 5
[ "$code" -eq 1 ] || { echo "FAILED: a night of an address: $code"; failed=1; }
run retrain --shelf "$dir/result/shelf" --data "$dir/homes" --new --rows 2000 --rounds 5 --alias-key "$key"
[ "$code" -eq 0 ] || { echo "FAILED: a first night: $code"; cat "$dir/result/err"; failed=1; }
told "a night under a key" "^forecast-$alias" "$dir/result/out"
grep -oE "$alias" "$dir/result/out" >"$dir/name" || echo none >"$dir/name"
"$DECLIC" import -q "$yearly" --alias-key "$key" -o "$dir/again.h5" && "$DECLIC" info -q "$dir/again.h5" >"$dir/said"
told "one alias everywhere" "$(cat "$dir/name")" "$dir/said"
run retrain --shelf "$dir/result/shelf" --data "$dir/homes" --alias-key "$key" --json --rows 2000 --rounds 5
run shelf list "$dir/result/shelf"
run shelf show "$dir/result/shelf" "forecast-$(cat "$dir/name")" --report "$dir/result/card.html"
told "a card" "$(cat "$dir/name")" "$dir/result/card.html"
run shelf list "$dir/result/shelf" --json

# A store that another program named by addresses is refused by everything that would show its homes.
/usr/bin/python3 - "$dir/cabin.h5" "$dir/named.h5" "$prm" <<'PYTHON'
import sys
import h5py
source, target, prm = sys.argv[1:]
with h5py.File(source) as old, h5py.File(target, "w") as new:
    for name, value in old.attrs.items():
        new.attrs[name] = value
    new.create_group("home")
    old.copy("home/cabin", new["home"], name=prm)
PYTHON
[ -s "$dir/named.h5" ] || { echo "FAILED: no store of addresses"; failed=1; }
every "$dir/named.h5"
run cluster "$dir/named.h5" --json
run forecast "$dir/named.h5" --json
exit $failed
