#!/usr/bin/env bash
# Two nodes: share, join, live updates both ways, offline work on both, the same bytes at the end.
. "$(dirname "$0")/common.bash"

value_is() { # NODE STORE PATH VALUE
    [ "$(on "$1" get notes "$2" "$3" 2>/dev/null)" = "$4" ]
}

new_node ada
new_node bob
daemon_start ada --listen 127.0.0.1:0
daemon_start bob --listen 127.0.0.1:0
ada_address=$(daemon_address ada) bob_address=$(daemon_address bob)

root=$(on ada db create notes)
on ada set notes doc from.ada 1 >/dev/null
bob_key=$(on bob info --json | field user_key)
on ada db grant notes "$bob_key" write:10 --name bob >/dev/null
ticket=$(on ada share notes)
grep -q "$root" <<<"$(on ada ticket show "$ticket")" || fail "the ticket does not name the database"

# --- join, and live both ways
on bob join "$ticket" --timeout 20s --json >"$work/join.json"
same "joined" "$(field root <"$work/join.json")" "$root"
same "what was there" "$(on bob get notes doc from.ada)" 1
on bob set notes doc from.bob 2 >/dev/null
until_true 10 value_is ada doc from.bob 2
on ada set notes doc from.ada 3 >/dev/null
until_true 10 value_is bob doc from.ada 3
on ada sync wait notes --timeout 10s >/dev/null
on ada sync status --json >/dev/null
on ada peer list --json >/dev/null

# --- watch tells of the peer's changes
on bob watch notes --count 1 --json >"$work/watch.json" &
watcher=$!
sleep 0.5
on ada table insert notes people '{"name":"Ada"}' >/dev/null
wait "$watcher"
same "it is remote" "$(field remote <"$work/watch.json")" true

# --- both offline, both write, also to the same place
daemon_stop ada
daemon_stop bob
for i in 1 2 3 4 5; do
    on ada set notes doc "ada$i" "$i" >/dev/null
    on bob set notes doc "bob$i" "$i" >/dev/null
done
on ada set notes doc both '"ada"' >/dev/null
on bob set notes doc both '"bob"' >/dev/null
on bob table set notes people bob '{"name":"Bob"}' >/dev/null

# --- again on the same ports: they find each other by themselves
daemon_start ada --listen "$ada_address"
daemon_start bob --listen "$bob_address"
same "ada's address" "$(daemon_address ada)" "$ada_address"
until_true 15 value_is ada doc bob5 5
until_true 15 value_is bob doc ada5 5
on ada sync wait notes --timeout 10s >/dev/null
on bob sync wait notes --timeout 10s >/dev/null
same "who won" "$(on ada get notes doc both)" "$(on bob get notes doc both)"
same "tips" "$(on ada db show notes --json | field tips)" "$(on bob db show notes --json | field tips)"

# --- the same bytes, and nothing wrong in them
for node in ada bob; do
    on $node export notes "$work/$node.car" >/dev/null
    on $node table export notes people "$work/$node.jsonl" >/dev/null
    on $node get notes doc >"$work/$node.doc"
    same "verify of $node" "$(on $node db verify notes)" "all is well"
done
same_files "history" "$work/ada.car" "$work/bob.car"
same_files "rows" "$work/ada.jsonl" "$work/bob.jsonl"
same_files "document" "$work/ada.doc" "$work/bob.doc"
daemon_stop ada
daemon_stop bob
echo "two_nodes: all is well"
