#!/usr/bin/env bash
# A private database: to a stranger it looks like one that does not exist; a grant opens it, a revoke closes it.
. "$(dirname "$0")/common.bash"

value_is() { # NODE PATH VALUE
    [ "$(on "$1" get secrets doc "$2" 2>/dev/null)" = "$3" ]
}

new_node ada
new_node eve
daemon_start ada --listen 127.0.0.1:0
daemon_start eve --listen 127.0.0.1:0
on ada db create secrets >/dev/null
on ada set secrets doc a 1 >/dev/null
ticket=$(on ada share secrets)
# A ticket for a database that nobody has, at the same node.
unknown=$(sed -E 's/db=[^&]*/db=bafyr4iaaaebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4/' <<<"$ticket")
[ "$unknown" != "$ticket" ] || fail "the ticket has no database: $ticket"

# --- denied, in the same words
expect 77 '.' on eve join "$ticket" --timeout 10s
sed -E 's/bafyr4i[a-z2-7]+/ID/g' "$work/expect.err" >"$work/private.err"
expect 77 '.' on eve join "$unknown" --timeout 10s
sed -E 's/bafyr4i[a-z2-7]+/ID/g' "$work/expect.err" >"$work/unknown.err"
same_files "what a stranger is told" "$work/private.err" "$work/unknown.err"
same "nothing came over" "$(on eve db list)" "No databases found."

# --- a grant opens it
eve_key=$(on eve info --json | field user_key)
on ada db grant secrets "$eve_key" write:10 --name eve >/dev/null
on eve join "$ticket" --timeout 15s >/dev/null
until_true 10 value_is eve a 1
on eve set secrets doc b 2 >/dev/null
until_true 10 value_is ada b 2

# --- a revoke closes it: what comes later is neither given nor taken
on ada db revoke secrets "$eve_key" >/dev/null
on ada set secrets doc a 3 >/dev/null
on ada set secrets doc c 4 >/dev/null
on eve set secrets doc late 5 >/dev/null 2>&1 || true
sleep 2
! value_is eve c 4 || fail "a revoked key still gets what is new"
! value_is ada late 5 || fail "a revoked key's entry became visible"
same "ada's verify" "$(on ada db verify secrets)" "all is well"
daemon_stop ada
daemon_stop eve
echo "private: all is well"
