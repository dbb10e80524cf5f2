#!/bin/sh
# Models that do not fit, are broken or of something else, and data that teaches too little: what learn, disaggregate, evaluate
# and info say of them, and that nothing is written then.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

# refuses NAME CODE WORDS COMMAND…: it ends with the code and says the words; x.model is not there.
refuses() {
    name=$1 want=$2 words=$3
    shift 3
    "$DECLIC" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$want" ] || { echo "FAILED $name: exit $got, want $want: $*"; sed 's/^/  /' err; failed=1; }
    grep -q -- "$words" err || { echo "FAILED $name: does not say \"$words\":"; sed 's/^/  /' err; failed=1; }
    [ -e x.model ] && { echo "FAILED $name: x.model is there"; rm -f x.model; failed=1; }
}
# notes NAME WORDS COMMAND…: it is done, and says the words besides.
notes() {
    name=$1 words=$2
    shift 2
    "$DECLIC" "$@" >out 2>err </dev/null || { echo "FAILED $name: exit $?: $*"; sed 's/^/  /' err; failed=1; }
    grep -q -- "$words" err || { echo "FAILED $name: does not say \"$words\":"; sed 's/^/  /' err; failed=1; }
    rm -f x.model
}
# rows FILE N HEADER MAINS PARTS: N minutes; MAINS and PARTS are awk expressions of the row's number i.
rows() {
    awk -v n="$2" "BEGIN { print \"time_utc,$3\"
        for (i = 0; i < n; i++) printf \"2025-01-%02dT%02d:%02d:00Z,%s,%s\\n\", 13 + int(i / 1440), int(i / 60) % 24, i % 60, $4, $5 }" \
        >"$1"
}

few="--rows 1000 --copies 0 --threads 1"
"$DECLIC" town -q --days 5 --step 1min -o home.h5
"$DECLIC" town -q --days 1 --step 10s -o fine.h5
"$DECLIC" learn appliances home.h5 -o good.model $few -q || exit 1
rows plain.csv 300 mains_w,export_w 100+i%7 0
cut -d, -f1,2 plain.csv | sed 's/mains_w/power_w/' >power.csv
sed 's/power_w/apparent_va/' power.csv >va.csv
head -c 4000 good.model >cut.model
head -c 12 good.model >head.model
: >empty.model
{ head -c 5000 good.model; printf x; tail -c +5002 good.model; } >flipped.model
head -c 3000 /dev/zero | tr '\0' 'z' >foreign.model

# A model for another period or other channels.
refuses period 2 'every 10 s and the model was learned at 60 s' disaggregate fine.h5 --model good.model
refuses reactive 2 'needs reactive power, which the home lacks' disaggregate power.csv --model good.model
refuses apparent 2 'learned from active power and the home has only apparent' disaggregate va.csv --model good.model

# A broken or foreign model file, for whoever reads it.
for file in cut head flipped empty foreign; do
    case $file in
    cut | head) words='cut: it ends at byte' ;;
    flipped) words='checksum' ;;
    empty) words='the file is empty' ;;
    foreign) words='no model of declic' ;;
    esac
    refuses "model_$file" 1 "$words" disaggregate home.h5 --model $file.model
done
for file in cut head flipped; do refuses "info_$file" 1 'byte' info $file.model; done
refuses info_empty 1 'the file is empty' info empty.model
refuses store_as_model 1 'no model of declic' disaggregate home.h5 --model fine.h5
refuses folder_as_model 1 'directory' disaggregate home.h5 --model .
refuses no_model 1 'none.model' disaggregate home.h5 --model none.model
for command in cycles import learn; do
    case $command in
    cycles) set -- cycles good.model ;;
    import) set -- import good.model -o x.h5 ;;
    learn) set -- learn appliances good.model -o x.model ;;
    esac
    refuses "model_to_$command" 1 'a model of declic, not what a meter measured' "$@"
done

# Labels that are none, or not the same.
rows kettle.csv 3000 mains_w,kettle_w '100 + (i % 60 < 4) * 2000' '(i % 60 < 4) * 2000'
sed 's/kettle_w/oven_w/' kettle.csv >oven.csv
sed 's/kettle_w/kettle/' kettle.csv >label.csv
refuses model_to_evaluate 1 'a model of declic' evaluate kettle.csv good.model
refuses other_label 2 'the first has kettle, the other oven' evaluate kettle.csv oven.csv
refuses no_label 1 'names no appliance' learn appliances label.csv -o x.model
refuses no_truth 1 'holds no appliance' evaluate kettle.csv power.csv
refuses two_periods 2 'home 2 .* every 10 s and the first every 60 s' learn appliances home.h5 fine.h5 -o x.model

# Too little to learn from, or one class alone.
head -11 kettle.csv >ten.csv
head -2 kettle.csv >one.csv
rows never.csv 3000 mains_w,kettle_w 100 0
rows always.csv 3000 mains_w,kettle_w 2100 2000
rows more.csv 3000 mains_w,kettle_w 100 '(i % 60 < 9) * 2000'
refuses ten_rows 1 'known at 10 moments beside the mains: 100 are the least' learn appliances ten.csv -o x.model
refuses one_row 1 'known at 1 moment beside' learn appliances one.csv -o x.model
refuses one_class 1 'never draws more than 15 W' learn appliances never.csv -o x.model
notes always_on 'kettle draws the same at all times' learn appliances always.csv -o x.model $few
notes too_short 'four are the least' learn appliances always.csv -o x.model $few
notes more_than_mains 'draw more than its mains' learn appliances more.csv -o x.model $few

# A day with one sample: one moment is estimated, and one that covers no slot is not.
"$DECLIC" learn appliances kettle.csv -o watts.model $few -q 2>err || { echo "FAILED watts"; failed=1; }
printf 'time_utc,power_w\n2025-01-13T00:00:00Z,100\n' >single.csv
refuses one_sample 1 'every value of the mains is missing' disaggregate single.csv --model watts.model
printf 'time_utc,power_w\n2025-01-13T00:00:00Z,100\n2025-01-13T00:01:00Z,\n' >minute.csv
refuses one_sample_as_meter 1 'no plug is left' learn appliances single.csv --plug kettle=power.csv -o x.model

[ "$failed" -eq 0 ]
