#!/usr/bin/env bash
# Hostile and broken input: a clear error, and the store as it was.
. "$(dirname "$0")/common.bash"

n() { on ada "$@"; }

new_node ada
n db create notes >/dev/null
n set notes doc a 1 >/dev/null
n table set notes rows k '{"x":1}' >/dev/null
n export notes "$work/good.car" >/dev/null

# state: all that the node holds, as bytes.
state() {
    n export notes "$work/state.car" >/dev/null
    n db list --json | cat - "$work/state.car" | sha256sum
}
before=$(state)
unchanged() {
    same "the store after $1" "$(state)" "$before"
    same "verify after $1" "$(n db verify notes)" "all is well"
}

# --- tickets
id=bafyr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4
for ticket in '' x 'eidetica:' 'eidetica:?' 'eidetica:?pr=http:x:1' 'https:?db='$id 'eidetica:?db=zzz' \
    'eidetica:?db='$id'x' "eidetica:?db=$id"$'\x01' "$(head -c 100000 /dev/zero | tr '\0' a)"; do
    expect 65 'ticket|id|ID' n ticket show "$ticket"
    expect 65 'ticket|id|ID' n join "$ticket" --timeout 5s
done
unchanged "bad tickets"

# --- CAR files
size=$(stat -c %s "$work/good.car")
: >"$work/empty.car"
head -c $((size / 2)) "$work/good.car" >"$work/cut.car"
head -c $((size - 1)) "$work/good.car" >"$work/cut1.car"
cp "$work/good.car" "$work/flipped.car"
printf '\x55' | dd of="$work/flipped.car" bs=1 seek=$((size - 40)) conv=notrunc status=none
head -c 5000 /dev/urandom >"$work/random.car"
printf '\xff\xff\xff\xff\xff\xff\xff\xff\x7f' >"$work/huge.car"
for file in empty cut cut1 flipped random huge; do
    new_node "into_$file"
    expect 65 'CAR|block|hash|byte|entry|id' on "into_$file" import "$work/$file.car"
    on "into_$file" db list >/dev/null
    expect 65 '.' n import "$work/$file.car"
done
expect 66 '.' n import "$work/absent.car"
unchanged "bad CAR files"

# --- JSON, CSV, names
deep=$(printf '[%.0s' $(seq 5000))
expect 65 '.' n set notes doc x "$deep"
expect 65 '.' n set notes doc x '{"a":1,}'
expect 65 '.' n set notes doc x $'"\x01"'
expect 65 '.' n set notes doc x '"\ud800"'
expect 65 '.' n set notes doc x 99999999999999999999
expect 65 '.' n table insert notes rows '{'
head -c 100000 /dev/urandom >"$work/random.json"
expect 65 '.' n table import notes rows "$work/random.json" --format json
expect 65 '.' n table import notes rows "$work/random.json" --format csv
expect 65 '.' n table import notes rows "$work/random.json" --format jsonl
printf '\xff\xfe{"a":1}\n' >"$work/utf16.jsonl"
expect 65 '.' n table import notes rows "$work/utf16.jsonl"
for file in random.json utf16.jsonl; do [ -s "$work/$file" ]; done
unchanged "bad JSON and CSV"

# --- a value that is too big for an entry
head -c 3000000 /dev/zero | tr '\0' a | sed 's/.*/{"a":"&"}/' >"$work/big.jsonl"
expect 65 '.' n table import notes rows "$work/big.jsonl"
unchanged "a row that is too big"

# --- a ticket with another node's id: nobody else can answer for it
new_node bob
new_node eve
daemon_start bob --listen 127.0.0.1:0
on bob db create shared >/dev/null
ticket=$(on bob share shared)
daemon_start eve --listen 127.0.0.1:0
on eve db create decoy >/dev/null
eve_ticket=$(on eve share decoy)
# Eve's node id at bob's address.
her_id=$(sed -E 's/.*[&?]pr=quic:([a-z2-7]+)@.*/\1/' <<<"$eve_ticket")
wrong=$(sed -E "s/([&?]pr=quic:)[a-z2-7]+@/\1$her_id@/" <<<"$ticket")
[ "$wrong" != "$ticket" ] || fail "no node id in the ticket: $ticket"
expect 77 'node|key|ticket' n join "$wrong" --timeout 8s
expect 69 '.' n join "$(sed -E 's/(127\.0\.0\.1):[0-9]+/\1:9/g' <<<"$ticket")" --timeout 30s
daemon_stop bob
daemon_stop eve
unchanged "a ticket with a wrong key"

# --- a full disk
mkdir "$work/full"
if mount -t tmpfs -o size=24m tmpfs "$work/full" 2>/dev/null; then
    f() { "$EIDETICA" -d "$work/full/node" "$@"; }
    f init --username ada --passwordless >/dev/null
    f db create notes >/dev/null
    f set notes doc a 1 >/dev/null
    dd if=/dev/zero of="$work/full/ballast" bs=64k 2>/dev/null || true
    seq 20000 | sed 's/.*/{"n":&,"text":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}/' >"$work/fill.jsonl"
    expect 74 'space|disk' f table import notes rows "$work/fill.jsonl"
    expect 74 'space|disk' f export notes "$work/full/notes.car"
    [ ! -e "$work/full/notes.car" ] || fail "half of a file was left"
    rm "$work/full/ballast"
    same "what was there" "$(f get notes doc a)" 1
    same "verify" "$(f db verify notes)" "all is well"
    f set notes doc b 2 >/dev/null
    same "it goes on" "$(f get notes doc b)" 2
    umount "$work/full"
else
    echo "bad_input: no tmpfs can be mounted here; the full disk was not tried"
fi
echo "bad_input: all is well"
