#!/usr/bin/env bash
# The daemon is killed under write load, again and again: what it acknowledged must still be there.
# KILLS=50 for the long form.
. "$(dirname "$0")/common.bash"

kills=${KILLS:-10}
n() { on ada "$@"; }

# load WORKER: write until it fails; note the key and entry of each answer.
load() {
    local i=0 answer
    while answer=$(n table insert load rows "{\"worker\":$1,\"i\":$i}" --json 2>/dev/null); do
        echo "$answer" >>"$work/acknowledged.$1"
        i=$((i + 1))
    done
}

new_node ada
n db create load >/dev/null
for ((kill = 1; kill <= kills; kill++)); do
    daemon_start ada --listen 127.0.0.1:0
    load 1 & one=$!
    load 2 & two=$!
    sleep "0.$((RANDOM % 6 + 3))"
    daemon_kill ada
    # The loads go on over the store for a moment where the socket is dead; their next failure ends them.
    kill "$one" "$two" 2>/dev/null || true
    wait "$one" "$two" 2>/dev/null || true
done

# --- nothing that was acknowledged is gone, and all is well
until_true 5 n db list
n log load --jsonl >"$work/log.jsonl"
n table list load rows --jsonl >"$work/rows.jsonl"
cat "$work"/acknowledged.* >"$work/acknowledged"
python3 - "$work" <<'END' || fail "acknowledged entries are gone"
import json, sys
work = sys.argv[1]
lines = lambda name: [json.loads(line) for line in open(f"{work}/{name}")]
entries = {entry["id"]: entry["verdict"] for entry in lines("log.jsonl")}
rows = {row["key"] for row in lines("rows.jsonl")}
acknowledged = lines("acknowledged")
bad = [a for a in acknowledged if entries.get(a["entry"]) != "Verified" or a["key"] not in rows]
print(f"{len(acknowledged)} acknowledged, {len(entries)} in the log, {len(bad)} missing")
sys.exit(bool(bad) or not acknowledged)
END
same "verify" "$(n db verify load)" "all is well"
echo "kill9: $kills kills, all is well"
