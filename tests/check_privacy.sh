#!/bin/sh
# The address of a delivery point or meter identifies a person: it reaches no message, store, export, report or JSON,
# whatever the input is and however it fails.
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
    if grep -rlaE "$prm|$meter|1987654321" "$dir/result" >"$dir/found"; then
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
exit $failed
