#!/bin/sh
# The program from outside: exit codes, what goes to which stream, and outputs that are whole or not there.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# expect CODE NAME COMMAND…: runs it, keeps its streams in $dir/out and $dir/err.
expect() {
    want=$1 name=$2
    shift 2
    "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    [ "$got" -eq "$want" ] && return
    echo "FAILED $name: exit $got, want $want: $*"
    sed 's/^/  /' "$dir/err"
    failed=1
}
says() { # says NAME STREAM PATTERN
    grep -q -- "$3" "$dir/$2" && return
    echo "FAILED $1: $2 does not say \"$3\":"
    head -5 "$dir/$2" | sed 's/^/  /'
    failed=1
}
absent() { # absent NAME GLOB…: no such file
    name=$1
    shift
    for file in "$@"; do
        [ -e "$file" ] && echo "FAILED $name: $file is there" && failed=1
    done
}

cat >"$dir/home.csv" <<'CSV'
time_utc,power_w
2025-01-01T00:00:00Z,100
2025-01-01T00:30:00Z,200
2025-01-01T01:00:00Z,oops
2025-01-01T01:30:00Z,78928
2025-01-01T02:00:00Z,-5
2025-01-01T02:30:00Z,300
2025-01-01T03:00:00Z,
2025-01-01T03:30:00Z,100
2025-01-01T03:30:00Z,900
CSV

expect 2 no_command "$DECLIC"
expect 2 unknown_command "$DECLIC" reprot
says unknown_command err 'did you mean report'
expect 2 unknown_option "$DECLIC" info --jsn "$dir/home.csv"
says unknown_option err 'did you mean --json'
expect 2 no_input "$DECLIC" info
expect 2 no_output "$DECLIC" import "$dir/home.csv"
expect 2 bad_isa "$DECLIC" info --isa mmx "$dir/home.csv"
expect 2 bad_time "$DECLIC" info --from yesterday "$dir/home.csv"
expect 2 bad_zone "$DECLIC" info --zone Europe/Nowhere "$dir/home.csv"
expect 1 no_file "$DECLIC" info "$dir/none.csv"
says no_file err 'none.csv'
commands=$("$DECLIC" --completion | sed -n "s/.* commands='\([^']*\)'.*/\1/p")
[ -n "$commands" ] || { echo "FAILED completion: it names no command" && failed=1; }
for command in $commands; do
    expect 0 "help_$command" "$DECLIC" "$command" -h
    says "help_$command" out 'usage: declic'
    expect 0 "man_$command" "$DECLIC" --man "$command"
    grep -q "foreach(command.* $command[ )]" "$DECLIC_SOURCE/docs/CMakeLists.txt" ||
        { echo "FAILED man_$command: docs/CMakeLists.txt makes no page of it" && failed=1; }
done

expect 0 bad_rows_are_counted "$DECLIC" import "$dir/home.csv" -o "$dir/home.h5"
says bad_rows_are_counted err '1 reading in rows that cannot be read left out, first in line 4'
says bad_rows_are_counted err '1 reading with a negative power left out, first in line 6'
says bad_rows_are_counted err '1 reading beyond what a home can draw left out, first in line 5'
says bad_rows_are_counted err '2 readings at moments for which the file says two things'
expect 1 strict_refuses "$DECLIC" import --strict "$dir/home.csv" -o "$dir/strict.h5"
says strict_refuses err 'home.csv: line 4: expected a number'
absent strict_refuses "$dir"/strict.h5*

expect 0 export_reads_back "$DECLIC" export -q "$dir/home.h5" -o "$dir/back.csv"
expect 0 export_again "$DECLIC" import -q "$dir/back.csv" -o "$dir/back.h5"
expect 0 export_twice "$DECLIC" export -q "$dir/back.h5" -o "$dir/twice.csv"
cmp "$dir/back.csv" "$dir/twice.csv" || failed=1

expect 0 json_alone_on_stdout "$DECLIC" info --json "$dir/home.h5"
/usr/bin/python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); assert d["channels"][0]["present"] == 3, d' "$dir/out" || failed=1
expect 0 info_from_stdin sh -c '"$0" info - <"$1"' "$DECLIC" "$dir/home.csv"
expect 0 gzip sh -c 'gzip -c "$1" >"$1.gz" && "$0" info "$1.gz"' "$DECLIC" "$dir/home.csv"

# The same bytes for any number of threads, any instruction set and any time of day.
expect 0 town "$DECLIC" town --days 1 --step 1min -o "$dir/a.h5"
expect 0 town_again "$DECLIC" town --days 1 --step 1min --threads 1 --isa scalar --now 2030-01-01 -o "$dir/b.h5"
cmp "$dir/a.h5" "$dir/b.h5" || failed=1
expect 0 edges "$DECLIC" edges --csv -q "$dir/a.h5" -o "$dir/a.edges"
expect 0 edges_scalar "$DECLIC" edges --csv -q --isa scalar --threads 1 "$dir/a.h5" -o "$dir/b.edges"
cmp "$dir/a.edges" "$dir/b.edges" || failed=1

# Mistakes that people make are named before any work, with the way out.
expect 0 version "$DECLIC" version
expect 2 help_of_no_command "$DECLIC" help nothing
expect 2 man_of_no_command "$DECLIC" --man nothing
expect 2 option_before_command "$DECLIC" -q info "$dir/home.csv"
says option_before_command err 'the command comes first'
expect 2 file_as_command "$DECLIC" "$dir/home.csv"
says file_as_command err 'declic report'
expect 2 one_dash "$DECLIC" report "$dir/home.csv" -out "$dir/page.html"
says one_dash err 'did you mean --output'
expect 2 begun_option "$DECLIC" report "$dir/home.csv" --out "$dir/page.html"
says begun_option err 'did you mean --output'
expect 2 option_of_others "$DECLIC" report "$dir/home.csv" --csv
says option_of_others err 'it belongs to: edges, cycles'
expect 2 forgotten_output "$DECLIC" report "$dir/home.csv"
says forgotten_output err 'needs -o report.html'
expect 2 two_forms "$DECLIC" edges --json --csv "$dir/home.csv"
expect 2 page_as_json "$DECLIC" report "$dir/home.csv" -o "$dir/page.json"
expect 2 two_outputs_in_one "$DECLIC" report "$dir/home.csv" --json -o -
expect 2 no_days "$DECLIC" town --days 0 -o "$dir/none.h5"
expect 2 store_to_stdout "$DECLIC" import "$dir/home.csv" -o -
expect 2 bad_id "$DECLIC" import "$dir/home.csv" --id .. -o "$dir/none.h5"
expect 2 from_after_to "$DECLIC" info "$dir/home.csv" --from 2025-01-02 --to 2025-01-01
expect 2 power_not_sold "$DECLIC" report "$dir/home.csv" --subscribed 7 -o "$dir/page.html"
says power_not_sold err '3, 6, 9'
absent mistakes_write_nothing "$dir"/page.* "$dir"/none.*
# accepted OPTION VALUE: as bills and meters print it
accepted() { expect 0 "$1 $2" "$DECLIC" report -q "$dir/home.csv" "$1" "$2" --json; }
for name in base HPHC hp/hc Tempo; do accepted --tariff "$name"; done
for power in 9 9kVA '9 kva'; do accepted --subscribed "$power"; done
for hours in 22h-6h 22-6 '22H30 - 6H30' 'HC (1H30-7H30;12H30-14H30)' '2025-11-15=23:00-07:00'; do
    "$DECLIC" report -q "$dir/home.csv" --hc "$hours" --json >"$dir/out" 2>"$dir/err" || says hours err "$hours is read"
done
expect 0 hours_words "$DECLIC" report -q "$dir/home.csv" --hc 'HC (1H30-7H30;12H30-14H30)' --json
says hours_words out '"off_peak_hours": "01:30-07:30,12:30-14:30"'
for hours in 22h60-6h 25h-6h 6h x 22h-22h; do
    expect 2 "hours $hours" "$DECLIC" report "$dir/home.csv" --hc "$hours" --json
done

# A store of several homes is never taken for one of them, and what it cannot do is not passed over.
expect 0 town_of_two "$DECLIC" town -q -n 2 --days 1 --step 1min -o "$dir/two.h5"
expect 2 which_home "$DECLIC" edges "$dir/two.h5"
says which_home err 'choose one with --home (home0001, home0002)'
expect 0 this_home "$DECLIC" info -q --home home0002 "$dir/two.h5"
says this_home out '^home0002'
expect 2 step_of_a_store "$DECLIC" info --period 10min "$dir/home.h5"
says step_of_a_store err 'import the file again'

# An output never replaces an input, a device, or a link.
expect 2 output_is_input "$DECLIC" report "$dir/home.csv" -o "$dir/./home.csv"
ln -s home.csv "$dir/link.csv"
expect 2 output_links_to_input "$DECLIC" export "$dir/home.csv" -o "$dir/link.csv"
grep -q oops "$dir/home.csv" || { echo "FAILED output_is_input: the input was overwritten" && failed=1; }
echo old >"$dir/target.csv"
ln -s target.csv "$dir/alias.csv"
expect 0 output_through_a_link "$DECLIC" export -q "$dir/home.h5" -o "$dir/alias.csv"
[ -L "$dir/alias.csv" ] || { echo "FAILED output_through_a_link: the link was replaced" && failed=1; }
cmp "$dir/target.csv" "$dir/back.csv" || failed=1
mkfifo "$dir/pipe"
cat "$dir/pipe" >"$dir/piped.csv" &
expect 0 output_to_a_pipe "$DECLIC" export -q "$dir/home.h5" -o "$dir/pipe"
wait $!
[ -p "$dir/pipe" ] || { echo "FAILED output_to_a_pipe: the pipe was replaced" && failed=1; }
cmp "$dir/piped.csv" "$dir/back.csv" || failed=1
expect 1 store_to_a_pipe "$DECLIC" import -q "$dir/home.csv" -o "$dir/pipe"

# What standard output does not take is an error, in part where the file is written.
if [ -c /dev/full ]; then
    expect 1 help_to_a_full_disk sh -c '"$0" help >/dev/full' "$DECLIC"
    expect 1 csv_to_a_full_disk sh -c '"$0" export -q "$1" >/dev/full' "$DECLIC" "$dir/home.h5"
    expect 3 numbers_to_a_full_disk sh -c '"$0" report -q "$1" --json -o "$2" >/dev/full' "$DECLIC" "$dir/home.csv" "$dir/part.html"
    [ -s "$dir/part.html" ] || { echo "FAILED numbers_to_a_full_disk: no page" && failed=1; }
    expect 3 summary_to_a_full_disk sh -c '"$0" import "$1" -o "$2" >/dev/full' "$DECLIC" "$dir/home.csv" "$dir/part.h5"
fi
expect 1 closed_output sh -c '"$0" formats >&-' "$DECLIC"

# The language is that of the messages; a terminal's control codes and colours stay where they belong.
page_lang() { # page_lang WANT VARIABLE=VALUE…
    want=$1
    shift
    env -u LC_ALL -u LC_MESSAGES -u LANG "$@" "$DECLIC" report -q "$dir/home.csv" -o "$dir/lang.html" || failed=1
    grep -q "<html lang=\"$want\"" "$dir/lang.html" || { echo "FAILED page_lang $want: $*" && failed=1; }
}
page_lang fr LANG=C
page_lang fr LANG=fr_FR.UTF-8
page_lang en LANG=en_US.UTF-8
page_lang en LANG=C LC_ALL=en_GB.UTF-8
expect 1 control_codes "$DECLIC" info "$dir/$(printf 'a\033[31mb')"
says control_codes err 'a?\[31mb'
if command -v script >/dev/null; then
    colours() { TERM=xterm script -qec "'$DECLIC' info '$dir/none.csv'" /dev/null </dev/null | grep -c "$(printf '\033')"; }
    [ "$(colours)" -eq 1 ] || { echo "FAILED colours on a terminal" && failed=1; }
    [ "$(NO_COLOR=1 colours)" -eq 0 ] || { echo "FAILED NO_COLOR" && failed=1; }
fi

# Steps and cycles as a table, as CSV and as JSON, with the same number of rows.
for command in edges cycles; do
    expect 0 "${command}_csv" "$DECLIC" "$command" --csv -q "$dir/a.h5"
    rows=$(($(wc -l <"$dir/out") - 1))
    [ "$rows" -gt 0 ] || { echo "FAILED ${command}_csv: no rows"; failed=1; }
    expect 0 "${command}_json" "$DECLIC" "$command" --json -q "$dir/a.h5"
    /usr/bin/python3 -c 'import json,sys; n = len(json.load(open(sys.argv[1]))[sys.argv[2]]); assert n == int(sys.argv[3]), n' \
        "$dir/out" "$command" "$rows" || failed=1
    expect 0 "${command}_table" "$DECLIC" "$command" -q "$dir/a.h5"
    says "${command}_table" out "^$rows "
done

# Outputs that cannot be written leave nothing behind.
expect 1 output_is_a_folder "$DECLIC" export -q "$dir/home.h5" -o "$dir"
expect 1 output_in_no_folder "$DECLIC" export -q "$dir/home.h5" -o "$dir/none/out.csv"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    mkdir "$dir/closed"
    chmod 755 "$dir" "$dir/closed"
    expect 1 output_as_nobody setpriv --reuid nobody --regid nogroup --clear-groups "$DECLIC" export -q "$dir/home.h5" -o "$dir/closed/out.csv"
    says output_as_nobody err 'closed/out.csv'
    absent output_as_nobody "$dir"/closed/*
else
    echo "skipped: unwritable folders need root and setpriv"
fi
# Interrupted while it waits for input: nothing under the output's name, 130.
mkfifo "$dir/slow"
(printf 'time_utc,power_w\n'; exec sleep 20) >"$dir/slow" &
writer=$!
"$DECLIC" import -q - -o "$dir/slow.h5" <"$dir/slow" 2>"$dir/err" &
reader=$!
sleep 1
kill -INT "$reader"
wait "$reader"
[ $? -eq 130 ] || { echo "FAILED interrupted: no exit 130" && failed=1; }
kill "$writer" 2>/dev/null || { echo "FAILED interrupted: only after its input ended" && failed=1; }
absent interrupted "$dir"/slow.h5*
mkdir "$dir/small"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k tmpfs "$dir/small" 2>/dev/null; then
    expect 1 full_disk "$DECLIC" export -q "$dir/a.h5" -o "$dir/small/out.csv"
    says full_disk err 'No space left'
    absent full_disk "$dir"/small/*
    expect 0 large "$DECLIC" town --days 2 -o "$dir/large.h5"
    expect 1 full_disk_store "$DECLIC" import -q "$dir/large.h5" -o "$dir/small/out.h5"
    says full_disk_store err 'No space left'
    absent full_disk_store "$dir"/small/*
    umount "$dir/small"
else
    echo "skipped: a small tmpfs cannot be mounted here"
fi
exit $failed
