#!/usr/bin/env bash
# Does every workload run, and is every row what readers of rows expect? quick.sh BENCH
set -euo pipefail

bench=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$bench" --quick --json --data "$folder/data" >"$folder/rows"

text='"[^"\\]+"'
number='[0-9]+(\.[0-9]+)?(e-?[0-9]+)?'
row="^\{\"v\":1,\"workload\":$text,(\"variant\":$text,)?\"n\":[0-9]+"
row+=",\"value\":$number,\"unit\":$text(,\"p50_ms\":$number,\"p99_ms\":$number)?"
row+=",\"limit\":$number,\"limit_is\":$text,\"ratio\":$number"
row+="(,\"rss_mib\":$number)?(,\"wire_bytes_per_op\":$number)?\}\$"
if grep -vE "$row" "$folder/rows"; then
    echo "quick.sh: this is not what a row looks like" >&2
    exit 1
fi
for workload in append bootstrap live merge open read scale verify; do
    grep -q "\"workload\":\"$workload\"" "$folder/rows" || {
        echo "quick.sh: $workload has no row" >&2
        exit 1
    }
done
[ ! -e "$folder/data" ] || {
    echo "quick.sh: $folder/data was left behind" >&2
    exit 1
}
