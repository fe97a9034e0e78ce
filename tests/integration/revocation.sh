#!/usr/bin/env bash
# A device is revoked while it is offline: what it wrote is void, said so everywhere, and can be let in again.
. "$(dirname "$0")/common.bash"

value_is() { # NODE PATH VALUE
    [ "$(on "$1" get shared doc "$2" 2>/dev/null)" = "$3" ]
}

new_node ada
new_node eve
eve_key=$(on eve info --json | field user_key)
on ada db create shared >/dev/null
on ada set shared doc kept 1 >/dev/null
on ada db grant shared "$eve_key" write:10 --name eve >/dev/null
on ada export shared "$work/begin.car" >/dev/null
on eve import "$work/begin.car" >/dev/null
on eve set shared doc before 2 >/dev/null
on eve export shared "$work/before.car" >/dev/null
on ada import "$work/before.car" >/dev/null
value_is ada before 2 || fail "what eve wrote in time is not there"

# --- revoked while she writes on
on ada db revoke shared "$eve_key" >/dev/null
late=$(on eve set shared doc late 3)
on eve set shared doc kept 4 >/dev/null
on eve export shared "$work/late.car" >/dev/null
same "nothing is void yet" "$(on ada db void shared)" "Nothing is void."
on ada import "$work/late.car" >/dev/null
! value_is ada late 3 || fail "a revoked key's entry counts"
value_is ada kept 1 || fail "a revoked key has overwritten a value"
value_is ada before 2 || fail "what eve wrote in time has gone"
same "void entries" "$(on ada db void shared --jsonl | wc -l)" 2
on ada log shared | grep -q Void || fail "the log does not say Void"
same "explain" "$(on ada explain "$late" --json | field void_rule)" void-revoked
same "ada's verify" "$(on ada db verify shared)" "all is well"

# --- ada works on, and lets her read; eve learns of it, and can write no more
on ada set shared doc after 5 >/dev/null
on ada db grant shared "$eve_key" read --name eve >/dev/null
on ada export shared "$work/all.car" >/dev/null
on eve import "$work/all.car" >/dev/null
! value_is eve late 3 || fail "eve still sees what is void"
value_is eve kept 1 || fail "eve still sees what is void"
value_is eve after 5 || fail "eve does not see what came after"
expect 77 '.' on eve set shared doc more 6
same "eve's verify" "$(on eve db verify shared)" "all is well"

# --- accepted, with a daemon running as without
daemon_start ada --listen 127.0.0.1:0
expect 77 'admin' on eve db accept shared "$late"
on ada db accept shared "$late" >/dev/null
value_is ada late 3 || fail "an accepted entry does not count"
value_is ada kept 1 || fail "another entry than the accepted one counts"
same "void entries" "$(on ada db void shared --jsonl | wc -l)" 1
on ada export shared "$work/accepted.car" >/dev/null
on eve import "$work/accepted.car" >/dev/null
value_is eve late 3 || fail "eve does not see what was accepted"
on ada db accept shared "$late" --undo >/dev/null
! value_is ada late 3 || fail "it still counts"
daemon_stop ada

# --- granted again: from then on she may write
on ada db grant shared "$eve_key" write:10 --name eve >/dev/null
on ada export shared "$work/again.car" >/dev/null
on eve import "$work/again.car" >/dev/null
on eve set shared doc more 7 >/dev/null
on eve export shared "$work/more.car" >/dev/null
on ada import "$work/more.car" >/dev/null
value_is ada more 7 || fail "who was granted again cannot write"
! value_is ada late 3 || fail "a grant brought back what is void"
same "ada's verify" "$(on ada db verify shared)" "all is well"
same "eve's verify" "$(on eve db verify shared)" "all is well"
echo "revocation: all is well"
