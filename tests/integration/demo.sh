#!/usr/bin/env bash
# What the demo shows, with a tenth of the rows: two daemons import, join, write apart, meet again,
# are killed and go on; it fails by itself when the two sides differ.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

{
    printf '{\n  "639-3": [\n'
    for i in $(seq 800); do
        [ "$i" = 1 ] || printf ',\n'
        printf '    {\n      "alpha_3": "l%03d",\n      "name": "Språk 言語 %d"\n    }' "$i" "$i"
    done
    printf '\n  ]\n}\n'
} >"$folder/rows.json"
DEMO_FILE="$folder/rows.json" DEMO_DIR="$folder/demo" bash "$here/tools/demo/demo.sh" || {
    tail -n 40 "$folder/demo/"*.log >&2 || true
    exit 1
}
