#!/usr/bin/env bash
# A join is killed half-way; joining again goes on from there.
. "$(dirname "$0")/common.bash"

entries=${ENTRIES:-20000}
new_node ada
new_node bob
on ada db create big >/dev/null
seq "$entries" | sed 's/.*/{"n":&}/' >"$work/rows.jsonl"
on ada table import big rows "$work/rows.jsonl" --key n --batch 1 --async >/dev/null
on ada db grant big "$(on bob info --json | field user_key)" read --name bob >/dev/null
total=$(on ada db show big --json | field entries)
[ "$total" -ge "$entries" ] || fail "only $total entries"
daemon_start ada --listen 127.0.0.1:0
ticket=$(on ada share big)

held() { on bob db list --json 2>/dev/null | field databases.0.entries 2>/dev/null || echo 0; }

# --- kill it when some, but not all, has come
half=0
for pause in 0.6 0.4 0.3 0.2 0.1 0.05; do
    "$EIDETICA" -d "$work/bob" join "$ticket" --timeout 100s >"$work/join.out" 2>"$work/join.log" &
    pid=$!
    daemons+=("$pid")
    sleep "$pause"
    for ((i = 0; i < 100; i++)); do # until something is on the disk
        [ "$(find "$work/bob/store" -type f -size +64k 2>/dev/null | wc -l)" -eq 0 ] || break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    half=$(held)
    [ "$half" -eq 0 ] || break
done
[ "$half" -gt 0 ] || fail "nothing was kept of a join that was killed"
[ "$half" -lt "$total" ] || fail "it was over before it could be killed: $half of $total"

# --- again: only the rest comes over the network
before=$(on ada status --json | field network.bytes_sent)
on bob join "$ticket" --timeout 100s >/dev/null
after=$(on ada status --json | field network.bytes_sent)
same "entries" "$(held)" "$total"
bytes=$(on bob db list --json >/dev/null; on bob db show big --json | field bytes)
rest=$((bytes * (total - half) / total))
echo "resume: $half of $total were kept; the rest has about $rest bytes, $((after - before)) were sent"
[ $((after - before)) -lt $((rest + rest / 2 + 300000)) ] || fail "it did not go on from there"
on bob table export big rows "$work/bob.jsonl" >/dev/null
on ada table export big rows "$work/ada.jsonl" >/dev/null
same_files "rows" "$work/ada.jsonl" "$work/bob.jsonl"
daemon_stop ada
echo "resume: all is well"
