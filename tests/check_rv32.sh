#!/bin/sh
# The gateway's code on the gateway's processor: builds src/mcu for RV32IMAC, runs it under qemu-system-riscv32 and
# compares what it prints with the same program built for the host. Also: what the objects ask from a C library, and
# their size.
# usage: check_rv32.sh     DECLIC_SOURCE = the repository, DECLIC_DATA = real measurements where there are any
set -eu

source=${DECLIC_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
data=${DECLIC_DATA:-$source/../shared/data}
cross=riscv64-unknown-elf
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "check_rv32: $*" >&2
    exit 1
}

for tool in $cross-gcc $cross-nm $cross-size qemu-system-riscv32 "${CC:-cc}" timeout; do
    command -v "$tool" >/dev/null || fail "$tool is missing: scripts/setup installs it"
done

# Frames of both modes, noise, a bad checksum, an interrupted frame, a capture's beginning. Our own, all addresses zero.
synthetic() {
    printf '50 -\r\nPAPP 00750 -\r\003'
    printf '\002\nADCO 000000000000 W\r\nPTEC HP..  \r\nIINST 003 Z\r\nPAPP 00750 -\r\nPAPP 00760 -\r\003'
    printf '\377\000noise\n\033[0m\r\n'
    printf '\002\nDATE\tH240210121355\t\t;\r\nEASD01\t000000000\t \r\nURMS1\t242\tB\r\nSINSTS\t00263\tQ\r'
    printf '\nSMAXSN\tH240210110331\t00986\t6\r\nSTGE\t002A0301\t<\r\003'
    printf '\002\nURMS1\t242\tB\r\nSINS\004\002\nPAPP 00750 -\r\003'
    printf '\n%0200d\r\nPAPP 00750 -\n' 0
}

synthetic >"$work/input"
captures=0
for capture in "$data"/tic/*.tic; do
    [ -f "$capture" ] || continue
    cat "$capture" >>"$work/input"
    captures=$((captures + 1))
done
[ "$captures" -gt 0 ] || echo "check_rv32: synthetic frames only: no ../shared/data"
{
    echo "static const unsigned char input_bytes[] = {"
    od -An -v -tu1 "$work/input" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    echo "};"
    echo "static const unsigned long input_length = sizeof input_bytes;"
} >"$work/input.h"

strict='-std=c99 -pedantic -Wall -Wextra -Wshadow -Wconversion -Werror'
rv32='-Os -march=rv32imac -mabi=ilp32'
for file in "$source"/src/mcu/*.c; do
    # shellcheck disable=SC2086  # the options are meant to split
    $cross-gcc $strict $rv32 -ffreestanding -ffunction-sections -I"$source/include" -I"$source/src" \
        -c "$file" -o "$work/$(basename "$file" .c).o"
done

# A compiler may call memcpy and memset for plain C; all else would be float, 64-bit division, heap or I/O.
foreign=$($cross-nm -u -A "$work"/*.o | awk '$NF !~ /^(memcpy|memset|dcl_mcu_.*)$/ { print $NF " in " $1 }')
[ -z "$foreign" ] || fail "src/mcu needs what the gateway has not: $foreign"

(cd "$work" && $cross-size -t ./*.o)

# shellcheck disable=SC2086
$cross-gcc $strict $rv32 --specs=picolibc.specs --oslib=semihost --crt0=hosted \
    -Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=0x200000 \
    -Wl,--defsym=__ram=0x80200000,--defsym=__ram_size=0x80000,--defsym=__stack_size=0x2000 \
    -I"$source/include" -I"$work" "$source/tests/rv32/main.c" "$work"/*.o -o "$work/gateway.elf"
# shellcheck disable=SC2086
"${CC:-cc}" $strict -O2 -I"$source/include" -I"$source/src" -I"$work" \
    "$source/tests/rv32/main.c" "$source"/src/mcu/*.c -o "$work/host"

"$work/host" >"$work/host.txt"
# What a semihosted program prints goes to the character device named here, and to stderr where there is none.
# An instruction is a step of its clock, so that counts of them (lines with a #) repeat.
timeout 60 qemu-system-riscv32 -M virt -cpu rv32 -icount shift=0 -bios none -nographic -monitor none -serial none \
    -chardev "file,id=console,path=$work/gateway.raw" -semihosting-config enable=on,chardev=console \
    -kernel "$work/gateway.elf" </dev/null || fail "qemu-system-riscv32 ended with $?"
tr -d '\r' <"$work/gateway.raw" | grep -v '^#' >"$work/gateway.txt"
tr -d '\r' <"$work/gateway.raw" | grep '^#'

diff "$work/host.txt" "$work/gateway.txt" >"$work/diff" || {
    head -n 20 "$work/diff" >&2
    fail "the gateway and the host do not say the same"
}
# Two empty texts are equal too: what must be there, whatever the captures.
for fact in '0 PAPP \[00750\].* = 750' '1 SMAXSN \[00986\].* at 2024-2-10 11:3:31 +60 0' '1 STGE .* = 0x2a0301' \
    'groups [1-9]' 'threshold 300 rises [1-9]' 'fusion 3999: [1-9]' '^digest '; do
    grep -q "$fact" "$work/host.txt" || fail "the output lacks: $fact"
done
echo "check_rv32: $(wc -l <"$work/host.txt") lines equal on RV32IMAC and the host, $captures captures," \
    "$(grep '^groups' "$work/host.txt"), $(tail -n 1 "$work/host.txt")"
