#!/usr/bin/env bash
# One node without a network: what every command does, and what it says about wrong calls.
. "$(dirname "$0")/common.bash"

n() { on ada "$@"; }

# --- init, users
out=$(n init --username ada --passwordless)
grep -q '^Eidetica instance initialised on rocksdb (' <<<"$out" || fail "init says: $out"
grep -q '  Device ID:    ed25519:' <<<"$out" || fail "init says: $out"
expect 73 'holds an instance' n init --username ada --passwordless
same "users" "$(n user list)" ada
EIDETICA_NEW_PASSWORD=secret n user add bob >/dev/null
expect 2 'more than one user' n db list
export EIDETICA_USER=ada
same "users" "$(n user list | tr '\n' ' ')" "ada bob "
same "no databases" "$(n db list)" "No databases found."

# --- databases
root=$(n db create notes)
same "root of json" "$(n db show notes --json | field root)" "$root"
same "by prefix" "$(n db show "${root:0:16}" --json | field name)" notes
grep -q "^ROOT ID" <<<"$(n db list)" || fail "db list: $(n db list)"
same "listed" "$(n db list --json | field databases.0.id)" "$root"
same "info" "$(n info --json | field databases)" 1

# --- documents
entry=$(n set notes doc title '"Hello"')
n set notes doc a.b.c 42 >/dev/null
n set notes doc plain --text 'just text, 5 "quotes"' >/dev/null
same "a text" "$(n get notes doc title)" '"Hello"'
same "a text, bare" "$(n get notes doc title --text)" Hello
same "a number" "$(n get notes doc a.b.c)" 42
same "a branch" "$(n get notes doc a)" '{"b":{"c":42}}'
same "plain" "$(n get notes doc plain --json | field value)" 'just text, 5 "quotes"'
n set notes doc negative -5 >/dev/null
same "a negative number" "$(n get notes doc negative)" -5
n del notes doc title >/dev/null
expect 66 'title' n get notes doc title

# --- tables
key=$(n table insert notes people '{"name":"Ada","born":1815}')
n table set notes people bob '{"name":"Bob"}' >/dev/null
same "a row" "$(n table get notes people "$key")" '{"name":"Ada","born":1815}'
same "rows" "$(n table list notes people --jsonl | wc -l)" 2
n table delete notes people bob >/dev/null
expect 66 'bob' n table get notes people bob

# --- import and export of rows
cat >"$work/rows.csv" <<'CSV'
id,name,"quoted, yes"
1,Eins,"a ""b"" c"
2,Zwei,"two
lines"
3,Drei,
CSV
n table import notes numbers "$work/rows.csv" --key id >/dev/null
same "a row of CSV" "$(n table get notes numbers 1)" '{"id":"1","name":"Eins","quoted, yes":"a \"b\" c"}'
n table export notes numbers "$work/numbers.jsonl" >/dev/null
same "lines" "$(wc -l <"$work/numbers.jsonl")" 3
n table import notes copy "$work/numbers.jsonl" >/dev/null
n table export notes copy "$work/copy.jsonl" >/dev/null
same_files "import of an export" "$work/numbers.jsonl" "$work/copy.jsonl"
printf '[{"k":"x","n":1},\n {"k":"y","n":[1,2,{"z":null}]}]' >"$work/array.json"
n table import notes array "$work/array.json" --key k >/dev/null
same "a row of an array" "$(n table get notes array y)" '{"k":"y","n":[1,2,{"z":null}]}'
printf '{\n  "only": [\n {"k":7},\n {"k":8}\n ]\n}\n' >"$work/wrapped.json"
same "wrapped" "$(n table import notes wrapped "$work/wrapped.json" --key k --json | field rows)" 2
same "wrapped key" "$(n table get notes wrapped 8)" '{"k":8}'
printf '{"k":"p"}\n{"k":"q"}\n\n{"k":"r"}' | n table import notes piped - --key k >/dev/null
same "piped" "$(n table list notes piped --jsonl | wc -l)" 3
seq 1200 | sed 's/.*/{"n":&}/' >"$work/many.jsonl"
same "batches" "$(n table import notes many "$work/many.jsonl" --batch 500 --async --json | field entries)" 3
same "limit" "$(n table list notes many -n 7 --jsonl | wc -l)" 7

# --- history
same "log" "$(n log notes -n 3 --jsonl | wc -l)" 3
n log notes --graph >"$work/graph.txt"
same "graph" "$(grep -c 'h[0-9]' "$work/graph.txt")" "$(n log notes --jsonl | wc -l)"
n log notes --svg "$work/log.svg" >/dev/null
same "cards" "$(grep -c '<title>' "$work/log.svg")" "$(n log notes --jsonl | wc -l)"
same "the drawing's end" "$(tail -1 "$work/log.svg")" '</svg>'
n entry show "$entry" >"$work/entry.json"
grep -q Hello "$work/entry.json" || fail "entry show: $(cat "$work/entry.json")"
grep -qi 'verified' <<<"$(n explain "$entry")" || fail "explain: $(n explain "$entry")"
same "verify" "$(n db verify notes)" "all is well"
cursor=$(n watch notes --since '' --count 1 --json | field cursor)
[ -n "$cursor" ] || fail "watch gives no cursor"

# --- files
n export notes "$work/notes.car" >/dev/null
new_node eve
EIDETICA_USER=eve on eve import "$work/notes.car" --json >"$work/import.json"
same "imported" "$(field failed <"$work/import.json")" 0
same "imported all" "$(field new <"$work/import.json")" "$(n log notes --jsonl | wc -l)"
n db forget notes >/dev/null
same "forgotten" "$(n db list)" "No databases found."
n import "$work/notes.car" >/dev/null
same "back again" "$(n get notes doc a.b.c)" 42

# --- what a peer wrote does not steer the terminal
n set notes doc evil --text $'\033[31mred\u202e' >/dev/null
if n get notes doc evil | grep -q $'[\033\u202e]'; then fail "an escape sequence went through"; fi
if n db create $'evil\033[2J' >/dev/null 2>&1 && n db list | grep -q $'\033'; then fail "a name went through"; fi

echo "cli_basics: all is well"
