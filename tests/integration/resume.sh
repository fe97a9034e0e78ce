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

# Half of a database has no key of bob's yet, so it can be listed but not opened.
held() {
    local line
    line=$(on bob db list --jsonl | grep '"name":"big"' || true)
    if [ -n "$line" ]; then field entries <<<"$line"; else echo 0; fi
}
sent() { on ada status --json | field network.bytes_sent; }

# --- kill it when some, but not all, has come
half=0
for ((try = 1; try <= 5 && half == 0; try++)); do
    start=$(sent)
    "$EIDETICA" -d "$work/bob" join "$ticket" --timeout 100s >"$work/join.out" 2>"$work/join.log" &
    pid=$!
    daemons+=("$pid")
    while kill -0 "$pid" 2>/dev/null && [ $(($(sent) - start)) -lt $((try * entries * 120)) ]; do :; done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    half=$(held)
done
[ "$half" -gt 0 ] || fail "nothing was kept of a join that was killed"
[ "$half" -lt "$total" ] || fail "it was over before it could be killed: $half of $total"

# --- again: only the rest comes over the network
before=$(sent)
on bob join "$ticket" --timeout 100s >/dev/null
after=$(sent)
same "entries" "$(held)" "$total"
bytes=$(on bob db show big --json | field bytes)
rest=$((bytes * (total - half) / total))
echo "resume: $half of $total were kept; the rest has about $rest bytes, $((after - before)) were sent"
[ $((after - before)) -lt $((rest + rest / 10 + 300000)) ] || fail "it did not go on from there"
on bob table export big rows "$work/bob.jsonl" >/dev/null
on ada table export big rows "$work/ada.jsonl" >/dev/null
same_files "rows" "$work/ada.jsonl" "$work/bob.jsonl"
daemon_stop ada
echo "resume: all is well"
