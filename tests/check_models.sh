# The models that ship: each card tells the size and the checksum of its file and what it holds, and the program reads it.
# Environment: DECLIC, the program; DECLIC_SOURCE, the repository.
set -u
failures=0
fail() {
    echo "FAILED $*"
    failures=$((failures + 1))
}
for folder in "$DECLIC_SOURCE"/models/*/; do
    name=$(basename "$folder")
    model=$folder$name.model card=${folder}card.md
    [ -f "$model" ] && [ -f "$card" ] || { fail "$name has no model or no card"; continue; }
    size=$(wc -c <"$model")
    [ "$size" -le 2000000 ] || fail "$name: $size bytes"
    grep -q "\`$name.model\`: $size bytes" "$card" || fail "$name: its card tells another size than $size"
    sum=$(sha256sum "$model" | cut -d ' ' -f 1)
    grep -q "SHA-256: $sum" "$card" || fail "$name: its card tells another checksum than $sum"
    "$DECLIC" info "$model" | while read -r line; do
        grep -qF -- "$line" "$card" || echo "$line"
    done | grep . && fail "$name: lines of declic info that its card lacks"
done
[ "$failures" -eq 0 ]
