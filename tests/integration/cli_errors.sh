#!/usr/bin/env bash
# What is said about wrong calls: exit code, words; and help.
. "$(dirname "$0")/common.bash"

n() { on ada "$@"; }

expect 66 'eidetica init' n info
new_node ada
EIDETICA_NEW_PASSWORD=secret n user add bob >/dev/null
export EIDETICA_USER=ada
n db create notes >/dev/null
seq 20 | sed 's/.*/{"n":&}/' >"$work/many.jsonl"
n table import notes many "$work/many.jsonl" >/dev/null

# --- what is wrong must be said: exit code, words, command
expect 2 'a command is missing' "$EIDETICA"
expect 2 'there is no command "frobnicate"' n frobnicate
expect 2 'second word is missing' n db
expect 2 'there is no option --frob' n db list --frob
expect 2 'there is no option -Z' n db list -Z
expect 2 'there is no option --listen here' n db list --listen 127.0.0.1:0
expect 2 'DB is missing' n get
expect 2 'VALUE is missing' n set notes doc path
expect 2 'one word too many' n db list extra
expect 2 'no number from 1' n log notes -n 0
expect 2 'no number from 1' n log notes -n 12x
expect 2 'no number from 1' n log notes -n -1
expect 2 'no number from 1' n table import notes x "$work/many.jsonl" --batch 1e3
expect 2 'no time like' n sync wait -t 5y
expect 2 'needs a value' n log notes -n
expect 2 'takes no value' n db list --json=yes
expect 2 'not one of text\|json' n db list --log-format xml
expect 2 'given twice' n db list --user ada -u ada
expect 2 'SWITCH is on or off' n db strict notes maybe
expect 2 'username' n init
expect 2 'contradict' n init --username x --passwordless --password-file /dev/null
expect 2 'EIDETICA_LOG' env EIDETICA_LOG=loud "$EIDETICA" -d "$work/ada" db list
expect 2 'choose one' n log notes --graph --svg "$work/x.svg"
expect 66 'nobody' n db show nobody
expect 66 'nosuchuser' n db list -u nosuchuser
expect 77 'password' n db list -u bob
expect 77 'password|altered' env EIDETICA_PASSWORD=wrong "$EIDETICA" -d "$work/ada" db list -u bob
EIDETICA_PASSWORD=secret n db list -u bob >/dev/null
expect 65 'JSON' n set notes doc x '{"a":'
expect 65 'JSON' n set notes doc x 'not json'
expect 65 '' n set notes doc x 1.5
expect 66 '.' n get notes many path
expect 66 'No such file' n table import notes x "$work/absent.csv"
printf 'a,b\n1,2,3\n' >"$work/bad.csv"
expect 65 'line 2: more fields' n table import notes x "$work/bad.csv"
printf 'a,b\n"1,2\n' >"$work/bad2.csv"
expect 65 'line 2: a quote' n table import notes x "$work/bad2.csv"
printf '{"a":1}\n{"a":\n' >"$work/bad.jsonl"
expect 65 'line 2' n table import notes x "$work/bad.jsonl"
expect 65 'no such field' n table import notes x "$work/many.jsonl" --key absent
expect 74 'directory|folder' n export notes "$work/no/such/folder/x.car"
expect 78 'not in this version' n daemon --http 127.0.0.1:0
expect 65 'ed25519' n db grant notes nonsense read
expect 2 'read, write:N' n db grant notes '*' wizard
expect 65 '' n ticket show nonsense
expect 66 'no database of yours' n entry show bafyr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4
expect 78 'rocksdb:///' n --url ftp://x db list
expect 2 'path|folder|absolute' n --url rocksdb://x db list
expect 69 'daemon|socket' n --url "unix://$work/none.sock" db list

# --- errors for programs
n db show nobody --json >"$work/error.json" 2>/dev/null && fail "no error"
same "status" "$(field error.status <"$work/error.json")" NOT_FOUND
[ -n "$(field error.remedy <"$work/error.json")" ] || fail "no remedy"
same "version of the form" "$(field v <"$work/error.json")" 1

# --- help
"$EIDETICA" help --man >"$work/eidetica.1"
grep -q '^.TH EIDETICA 1' "$work/eidetica.1" || fail "no manual page"
"$EIDETICA" help --completion bash | bash -n || fail "completion does not parse"
grep -q -- '--batch N' <<<"$("$EIDETICA" table import --help)" || fail "no help"
grep -q '^eidetica [0-9]' <<<"$("$EIDETICA" --version)" || fail "no version"
expect 74 'writing the output' sh -c "'$EIDETICA' help >/dev/full"
echo "cli_errors: all is well"
