#!/usr/bin/env bash
# Two nodes on this machine, each with its own data and a real UDP socket on the loopback: import,
# join, write apart, meet again, be killed, go on. It proves what it shows: exit status 0 means that
# both sides have the same bytes and that every hash and signature in them holds.
#
#   EIDETICA    the program                 DEMO_DIR   where all is put (build/demo; wiped first)
#   DEMO_FILE   the rows: a JSON array in an object, as iso-codes has them
#   DEMO_ROWS   take only so many of them
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")/../.." && pwd)
eidetica=${EIDETICA:-$here/build/release/eidetica}
dir=${DEMO_DIR:-$here/build/demo}
file=${DEMO_FILE:-/usr/share/iso-codes/json/iso_639-3.json}
unset EIDETICA_DATA_DIR EIDETICA_URL EIDETICA_USER EIDETICA_PASSWORD EIDETICA_LOG EIDETICA_SOCKET
declare -A pid=() # of the daemons that run: pid[ada], pid[ben]
steps=0

bold="" dim="" green="" red="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

# --- what is shown ---

step() {
    steps=$((steps + 1))
    printf '\n%s%2d  %s%s\n' "$bold" "$steps" "$1" "$plain"
}

line() { printf '    %s\n' "$*"; }

good() { printf '    %sok%s  %s\n' "$green" "$plain" "$*"; }

fail() {
    printf '\n%sFAILED%s in step %d: %s\n' "$red" "$plain" "$steps" "$*" >&2
    if [ -s "$dir/last.err" ]; then sed 's/^/    /' "$dir/last.err" | tail -5 >&2; fi
    echo "    what was run: $dir/commands.log; the nodes: $dir/ada.log, $dir/ben.log" >&2
    exit 1
}

# Thousands apart: 7910 -> 7,910.
big() { printf '%s' "$1" | sed -e :a -e 's/\B[0-9]\{3\}\>/,&/;ta'; }

calc() { awk "BEGIN { printf \"$1\", ($2) }"; }

now() { printf '%s' "$EPOCHREALTIME"; }

since() { calc %.3f "$(now) - $1"; }

# per COUNT SECONDS: how many a second.
per() { calc %.0f "$1 / ($2 > 0.001 ? $2 : 0.001)"; }

# --- nodes ---

# on NODE COMMAND...: run the program there; its output is the output, a failure is the end.
on() {
    local node=$1
    shift
    echo "$node: $*" >>"$dir/commands.log"
    "$eidetica" -d "$dir/$node" "$@" 2>"$dir/last.err" || fail "$node: eidetica $*"
}

quietly() { on "$@" >/dev/null; }

# field NAME: the first member of that name in a line of JSON; a text or a number.
field() { sed -nE "s/\"$1\":\"?/\x01/;T;s/^[^\x01]*\x01([^\",}]*).*/\1/p"; }

# How often a node's daemon has said that it is ready. (To ask it before would open its store.)
readies() { grep -c '^Eidetica daemon listening' "$dir/$1.log" || true; }

# start NODE [OPTION...]: run its daemon, and wait until it answers.
start() {
    local node=$1 begun before
    shift
    echo "$node: daemon $*" | tee -a "$dir/$node.log" >>"$dir/commands.log"
    before=$(readies "$node")
    "$eidetica" -d "$dir/$node" daemon "$@" >>"$dir/$node.log" 2>&1 &
    pid[$node]=$!
    begun=$(now)
    until [ "$(readies "$node")" -gt "$before" ]; do
        kill -0 "${pid[$node]}" 2>/dev/null || fail "the daemon of $node has ended"
        [ "$(calc %d "$(since "$begun") > 30")" = 0 ] || fail "the daemon of $node does not answer"
        sleep 0.05
    done
}

# stop NODE [SIGNAL]: end its daemon; by SIGTERM it must end well.
stop() {
    local node=$1 signal=${2:-TERM} result=0 daemon=${pid[$1]}
    kill -"$signal" "$daemon"
    unset "pid[$node]"
    { wait "$daemon" || result=$?; } 2>/dev/null
    [ "$signal" = KILL ] || [ "$result" = 0 ] || fail "the daemon of $node ended with $result"
}

end() {
    local node
    for node in "${!pid[@]}"; do
        kill -KILL "${pid[$node]}" 2>/dev/null && wait "${pid[$node]}" 2>/dev/null
    done
}
trap 'end || true' EXIT
trap 'exit 130' INT TERM

# --- questions ---

entries() { on "$1" --json db show "$2" | field entries; }

# How many entries of database $2 are held there, whatever may be read of them.
held() {
    "$eidetica" -d "$dir/$1" --jsonl db list 2>/dev/null | grep -F "\"$2\"" | field entries || true
}

# UDP payload that a node has sent and received since its daemon was started.
wire() {
    local status
    status=$(on "$1" --json status)
    echo $(($(field bytes_sent <<<"$status") + $(field bytes_received <<<"$status")))
}

# The most memory that a node's daemon ever had, in MiB.
memory() { awk '/^VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/${pid[$1]}/status"; }

# equal DATABASE WHEN: histories and rows of both sides are the same bytes.
equal() {
    local node
    for node in ada ben; do
        quietly "$node" export "$1" "$dir/$node.car"
        on "$node" table export "$1" rows - >"$dir/$node.rows"
    done
    cmp -s "$dir/ada.car" "$dir/ben.car" || fail "the histories of $1 differ $2: $dir/*.car"
    cmp -s "$dir/ada.rows" "$dir/ben.rows" || fail "the rows of $1 differ $2: $dir/*.rows"
}

# Wait until both nodes have all of a database.
meet() { quietly ben sync wait "$1" --timeout 60s && quietly ada sync wait "$1" --timeout 60s; }

# --- the table at the end ---

# record WHAT ENTRIES SECONDS [BYTES-ON-THE-WIRE MEMORY]
record() {
    local bytes="" rate
    rate=$(per "$2" "$3")
    [ -z "${4:-}" ] || bytes=$(calc %.0f "$4 / $2")
    printf '    %-36s %9s %9.2f %11s %11s %8s\n' "$1" "$(big "$2")" "$3" "$(big "$rate")" \
        "$(big "$bytes")" "${5:-}" >>"$dir/table"
}

# --- the story ---

refuse() {
    echo "demo: $*" >&2
    exit 1
}

# The rows, one a line, and the file that is imported.
prepare() {
    [ -x "$eidetica" ] || refuse "there is no $eidetica; run tools/dev demo"
    [ -r "$file" ] || refuse "there is no $file (Debian: apt-get install iso-codes)"
    rm -rf "$dir"
    mkdir -p "$dir"
    awk '/^    \{/ { row = "{"; next } /^    \}/ { print row "}"; next }
        row != "" { sub(/^ +/, ""); row = row $0 }' "$file" >"$dir/rows.jsonl"
    if [ -n "${DEMO_ROWS:-}" ]; then
        head -n "$DEMO_ROWS" "$dir/rows.jsonl" >"$dir/first.jsonl"
        mv "$dir/first.jsonl" "$dir/rows.jsonl"
        file=$dir/rows.jsonl
    fi
    rows=$(wc -l <"$dir/rows.jsonl")
    mapfile -t keys < <(head -n 6 "$dir/rows.jsonl" | field_of_each alpha_3)
    [ "${#keys[@]}" = 6 ] || refuse "$file has no rows that I understand"
}

field_of_each() { sed -nE "s/.*\"$1\": ?\"([^\"]*)\".*/\1/p"; }

two_nodes() {
    local node status
    step "Two nodes, each with its own data and its own UDP socket"
    for node in ada ben; do
        quietly "$node" init --username "$node" --passwordless
        start "$node" --listen 127.0.0.1:0
        status=$(on "$node" --json status)
        line "$node  $(field listen <<<"${status//[\[\]]/}")  $(field device <<<"$status")"
    done
}

# import DATABASE BATCH TEXT
import() {
    local begun count
    quietly ada db create "$1"
    begun=$(now)
    quietly ada table import "$1" rows "$file" --key alpha_3 --batch "$2" --async
    begun=$(since "$begun")
    count=$(entries ada "$1")
    line "$(big "$rows") rows, $3: $(big "$count") signed entries in $begun s"
    record "import, $3" "$count" "$begun"
}

import_rows() {
    step "Ada imports every language of the world, twice"
    import languages 500 "500 rows an entry"
    import languages-by-row 1 "one row an entry"
}

join_all() {
    local key name begun bytes ticket one count=0
    step "Ada lets Ben write, and gives him tickets; Ben joins"
    key=$(on ben --json info | field user_key)
    for name in languages languages-by-row; do
        quietly ada db grant "$name" "$key" write:10 --name ben
        on ada --json share "$name" | field ticket >"$dir/$name.ticket"
    done
    line "$dim$(cat "$dir/languages-by-row.ticket")$plain"
    bytes=$(wire ben)
    begun=$(now)
    for name in languages languages-by-row; do
        ticket=$(cat "$dir/$name.ticket")
        quietly ben join "$ticket" --timeout 120s
    done
    begun=$(since "$begun")
    bytes=$(($(wire ben) - bytes))
    for name in languages languages-by-row; do
        one=$(entries ben "$name")
        count=$((count + one))
    done
    record "join, both databases" "$count" "$begun" "$bytes" "$(memory ben)"
    line "$(big "$count") entries in $begun s, every hash and signature checked on the way"
    for name in languages languages-by-row; do equal "$name" "after joining"; done
    good "both show the same $(big "$rows") rows, and hold the same bytes"
}

# edit NODE KEY TEXT: replace a row in both databases.
edit() {
    local name
    for name in languages languages-by-row; do
        quietly "$1" table set "$name" rows "$2" "{\"alpha_3\":\"$2\",\"name\":\"$3\"}"
    done
}

write_apart() {
    step "Both nodes stop; each writes alone"
    stop ada
    stop ben
    edit ada "${keys[0]}" "as Ada calls it"
    edit ada "${keys[1]}" "only Ada touched it"
    quietly ada table delete languages rows "${keys[2]}"
    line "ada  changes ${keys[0]} and ${keys[1]}, deletes ${keys[2]}"
    edit ben "${keys[3]}" "only Ben touched it"
    edit ben "${keys[0]}" "as Ben calls it"
    edit ben "${keys[2]}" "Ben wants to keep it"
    line "ben  changes ${keys[0]}, ${keys[2]} and ${keys[3]}"
}

meet_again() {
    local name begun bytes row
    step "Both start again, with nothing but what they had stored"
    begun=$(now)
    start ada
    start ben
    for name in languages languages-by-row; do meet "$name"; done
    begun=$(since "$begun")
    bytes=$(wire ben)
    for name in languages languages-by-row; do equal "$name" "after meeting again"; done
    record "meet again, 11 entries apart" 11 "$begun" "$bytes" "$(memory ben)"
    line "they found each other and agree after $begun s, start of both included"
    row=$(on ben table get languages rows "${keys[0]}")
    line "${keys[0]} is now $row"
    good "both show the same rows, and hold the same bytes"
}

live() {
    local watcher said
    step "Ada writes while Ben watches"
    "$eidetica" -d "$dir/ben" watch languages --count 1 >"$dir/watch.out" 2>"$dir/last.err" &
    watcher=$!
    sleep 0.5 # it has no other way to tell that it listens
    quietly ada table set languages rows "${keys[4]}" \
        "{\"alpha_3\":\"${keys[4]}\",\"name\":\"live\"}"
    for _ in $(seq 100); do
        kill -0 "$watcher" 2>/dev/null || break
        sleep 0.1
    done
    if kill "$watcher" 2>/dev/null; then fail "Ben has not seen it in 10 s"; fi
    wait "$watcher" || fail "ben: eidetica watch"
    said=$(on ben table get languages rows "${keys[4]}")
    case $said in *live*) ;; *) fail "Ben was told of a change, but reads $said" ;; esac
    good "Ben was told, and reads $said"
}

# Ben joins anew, and his node is killed while entries come in. $landed is what he then has on his
# disk; empty if that is nothing or all.
kill_in_the_middle() {
    local all=$1 count joining
    start ben
    "$eidetica" -d "$dir/ben" join "$(cat "$dir/languages-by-row.ticket")" >/dev/null 2>&1 &
    joining=$!
    for _ in $(seq 1000); do
        count=$(held ben "$root")
        [ "${count:-0}" -le 1 ] || break
        kill -0 "$joining" 2>/dev/null || break
    done
    stop ben KILL
    { wait "$joining" || true; } 2>/dev/null
    count=$(held ben "$root")
    landed=""
    if [ "${count:-0}" -gt 0 ] && [ "$count" -lt "$all" ]; then landed=$count; fi
}

killed() {
    local all begun bytes count ticket
    step "Ben forgets a database, joins again, and is killed (SIGKILL) in the middle"
    all=$(entries ada languages-by-row)
    root=$(on ada --json db show languages-by-row | field root)
    stop ben
    for _ in $(seq 10); do
        count=$(held ben "$root")
        [ -z "$count" ] || quietly ben db forget "$root"
        kill_in_the_middle "$all"
        [ -z "$landed" ] || break
    done
    [ -n "$landed" ] || fail "Ben was never in the middle when he was killed"
    line "$(big "$landed") of $(big "$all") entries were on his disk"
    start ben
    begun=$(now)
    ticket=$(cat "$dir/languages-by-row.ticket")
    quietly ben join "$ticket" --timeout 120s
    meet languages-by-row
    begun=$(since "$begun")
    bytes=$(wire ben)
    landed=$((all - landed))
    record "join again after SIGKILL, the rest" "$landed" "$begun" "$bytes" "$(memory ben)"
    equal languages-by-row "after the kill"
    good "the other $(big "$landed") came in $begun s; both hold the same bytes"
}

prove() {
    local node name count
    step "Every hash, signature, tip and value is checked again, on both sides"
    for name in languages languages-by-row; do
        equal "$name" "at the end"
        for node in ada ben; do quietly "$node" db verify "$name"; done
        count=$(entries ben "$name")
        count=$(printf '%-17s %s' "$name" "$(big "$count")")
        good "$count entries, both exports are $(sum_of "$dir/ben.car")"
    done
    quietly ada log languages --svg "$dir/dag.svg"
    [ -s "$dir/dag.svg" ] || fail "there is no picture"
    stop ada
    stop ben
}

sum_of() { sha256sum "$1" | cut -c 1-16; }

prepare
printf '%sTwo nodes, no server%s  %s%s%s\n' "$bold" "$plain" "$dim" "$dir" "$plain"
two_nodes
import_rows
join_all
write_apart
meet_again
live
killed
prove
printf '\n    %-36s %9s %9s %11s %11s %8s\n' "" entries seconds "entries/s" "bytes/entry" "MiB"
cat "$dir/table"
printf "    %sbytes on the wire, both directions; MiB of Ben's node at its most%s\n" "$dim" "$plain"
printf '\n    a picture of the history: %s\n' "$dir/dag.svg"
