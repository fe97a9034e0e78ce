#!/usr/bin/env bash
# Every command that reads gives the same bytes over the store and over a daemon; every one that writes works
# over both.
. "$(dirname "$0")/common.bash"

n() { on ada "$@"; }

new_node ada
n db create notes >/dev/null
n db create empty >/dev/null
seq 30 | sed 's/.*/{"n":&}/' >"$work/rows.jsonl"

export EIDETICA_STORE_PASSWORD="horse"
n store encrypt notes secret doc >/dev/null
n store encrypt notes sealed table >/dev/null

# write STEP: the same kinds of changes, each time with other values.
write() {
    n set notes doc "title$1" '"Hello"' >/dev/null
    n set notes doc "deep.$1.x" --text 'text "quoted"' >/dev/null
    n set notes doc "gone$1" true >/dev/null
    n del notes doc "gone$1" >/dev/null
    n table set notes people "row$1" '{"name":"Ada","list":[1,2,null]}' >/dev/null
    n table set notes people "gone$1" '{}' >/dev/null
    n table delete notes people "gone$1" >/dev/null
    n table insert notes people '{"random":true}' >/dev/null
    n table import notes numbers "$work/rows.jsonl" --key n --batch 7 >/dev/null
    n table update notes people "row$1" '{"name":"Grace"}' >/dev/null
    n set notes secret "deep.k$1" "\"plain text\"" >/dev/null
    n table insert notes sealed '{"name":"Ada"}' >/dev/null
    n text insert notes page body 0 "words $1 " >/dev/null
    n text delete notes page body 0 1 >/dev/null
    n table index notes people name >/dev/null
    n db grant notes '*' read >/dev/null
    n db strict empty on >/dev/null
}

# read_all FOLDER: what every reading command prints, with its exit code.
read_all() {
    local out=$work/$1 i=0 line words code
    mkdir "$out"
    while read -r line; do
        read -ra words <<<"$line"
        i=$((i + 1)) code=0
        n "${words[@]}" >"$out/$(printf %02d $i)" 2>"$out/$(printf %02d $i).err" || code=$?
        echo "$line: $code" >>"$out/codes"
    done <<END
info
info --json
user list
user list --json
db list
db list --json
db list --jsonl
db show notes
db show notes --json
db show empty --json
db verify notes
get notes doc
get notes doc --json
get notes doc title1
get notes doc deep.1.x --text
get notes doc absent
get notes doc absent --json
get notes nostore
get absent doc
table get notes people row1
table get notes people row1 --json
table get notes people absent
table list notes people
table list notes people --json
table list notes people --jsonl
table list notes people --after row1 -n 1
table list notes doc
table search notes people name "Grace"
table search notes people name Grace --text --json
table search notes people name Ada --text
table search notes numbers n 7
table search notes people name [1]
table index notes people
table index notes people --json
get notes secret
get notes secret deep --json
get notes secret absent
table list notes sealed
table search notes sealed name Ada --text --jsonl
store list notes
store list notes --json
store show notes secret
store show notes page --json
store show notes absent
text get notes page body
text get notes page body --json
text get notes page body --as map
text get notes doc body
table export notes numbers -
conflicts notes
conflicts notes --json
table export notes numbers $work/numbers.jsonl
export notes $work/notes.car
log notes
log notes --json
log notes --jsonl -n 5
log notes --store doc
log notes --graph
log notes --svg -
entry show $entry
explain $entry
explain $entry --json
db delegations notes
entry show $absent
watch notes --since=$cursor --count 1 --json
set notes doc x {bad
set notes doc x 1.5
set notes people x 1
del notes doc absent
table delete notes people absent
table insert notes people {bad
db show nobody
db list -u nobody
db grant notes nonsense read
db grant notes * wizard
ticket show nonsense
import $work/rows.jsonl
END
    cp "$work/notes.car" "$out/car"
    cp "$work/numbers.jsonl" "$out/jsonl"
}

write 1
entry=$(n log notes --jsonl -n 1 | field id)
absent=bafyr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4
cursor=$(n watch notes --since '' --count 1 --json | field cursor)
n set notes doc after.cursor 1 >/dev/null
read_all store1
daemon_start ada --listen 127.0.0.1:0
read_all daemon1
diff -r "$work/store1" "$work/daemon1" || fail "store and daemon answer differently"

# --- written over the daemon, read over both
write 2
read_all daemon2
daemon_stop ada
read_all store2
diff -r "$work/store2" "$work/daemon2" || fail "daemon and store answer differently"
! diff -rq "$work/store1" "$work/store2" >/dev/null || fail "nothing was written over the daemon"

# --- the store belongs to the daemon while it runs
daemon_start ada --listen 127.0.0.1:0
expect 75 'another process|in use|held|daemon' n --url "rocksdb://$work/ada/store" db list
expect 75 'another process|in use|held|daemon|socket' n daemon --listen 127.0.0.1:0
daemon_stop ada
echo "daemon_same: all is well"
