#!/usr/bin/env bash
# Lost edits: two nodes change the same row offline; both list the same losers, with and without daemon, until
# each prunes its own list.
. "$(dirname "$0")/common.bash"

# listed NODE [OPTION...]: store, path, lost entry and value, present entry and value, without what is local.
listed() {
    local node=$1
    shift
    on "$node" conflicts notes --jsonl "$@" | perl -MJSON::PP -ne '
        my $c = JSON::PP->new->canonical->decode($_);
        print join(" ", $c->{store}, join(".", @{$c->{path}}), $c->{settled} ? "settled" : "open",
            map({ my $s = $_; map({ ref $s->{$_} ? JSON::PP->new->canonical->allow_nonref->encode($s->{$_})
                : $s->{$_} // "-" } qw(entry signer value)) } $c->{lost}, $c->{now})), "\n"'
}

row_is() { # NODE ROW
    [ "$(on "$1" table get notes people k 2>/dev/null)" = "$2" ]
}

# exchange: each gets what the other has, as files.
exchange() {
    on ada export notes "$work/ada.car" >/dev/null
    on bob export notes "$work/bob.car" >/dev/null
    on ada import "$work/bob.car" >/dev/null
    on bob import "$work/ada.car" >/dev/null
}

new_node ada
new_node bob
on ada db create notes >/dev/null
on ada table set notes people k '{"v":0}' >/dev/null
on ada set notes doc title '"first"' >/dev/null
on ada db grant notes "$(on bob info --json | field user_key)" write:10 --name bob >/dev/null
on ada export notes "$work/notes.car" >/dev/null
on bob import "$work/notes.car" >/dev/null
same "no conflicts yet" "$(on ada conflicts notes)" "No edits were lost."

# --- both offline: the same row, twice each, and a document that one deletes and the other edits
for i in 1 2; do
    on ada table set notes people k "{\"v\":\"ada$i\"}" >/dev/null
    on bob table set notes people k "{\"v\":\"bob$i\"}" >/dev/null
done
on ada del notes doc title >/dev/null
on bob set notes doc title '"second"' >/dev/null
on ada set notes doc agreed 1 >/dev/null
on bob set notes doc agreed 1 >/dev/null
same "nothing is lost while they are apart" "$(listed ada)$(listed bob)" ""
exchange
same "the same rows" "$(on ada table get notes people k)" "$(on bob table get notes people k)"
listed ada >"$work/ada.list"
listed bob >"$work/bob.list"
same_files "both list the same" "$work/ada.list" "$work/bob.list"
cat "$work/ada.list"
same "losers" "$(wc -l <"$work/ada.list")" 2
same "of two stores" "$(cut -d' ' -f1-3 "$work/ada.list" | tr '\n' ,)" "doc title open,people k open,"
same "by store" "$(listed ada --store people)" "$(grep ^people "$work/ada.list")"
same "by path" "$(listed ada --path title)" "$(grep ^doc "$work/ada.list")"
same "by entry" "$(listed ada --entry "$(cut -d' ' -f4 <"$work/ada.list" | tail -1)")" "$(tail -1 "$work/ada.list")"
cursor=$(on ada conflicts notes -n 1 --json | field conflicts.0.cursor)
same "behind a cursor" "$(listed ada --after "$cursor")" "$(tail -1 "$work/ada.list")"
on ada conflicts notes >"$work/table.txt"
cat "$work/table.txt"
grep -q 'people' "$work/table.txt" || fail "the table shows no store"
grep -q "$(cut -d' ' -f4 <"$work/ada.list" | tail -1)" "$work/table.txt" || fail "the table shows no entry"
expect 2 'does not go with' on ada conflicts notes --prune all -n 3
expect 2 'not one of' on ada conflicts notes --prune some

# --- a daemon answers the same
daemon_start ada --listen 127.0.0.1:0
listed ada >"$work/served.list"
same_files "a daemon lists the same" "$work/ada.list" "$work/served.list"
same "behind a cursor" "$(listed ada --after "$cursor")" "$(tail -1 "$work/ada.list")"

# --- somebody who has both writes again: settled
on ada table set notes people k '{"v":"both"}' >/dev/null
same "settled" "$(listed ada --store people | cut -d' ' -f3)" settled
same "pruned" "$(on ada conflicts notes --prune settled)" "pruned 1 conflict"
same "what is left" "$(listed ada)" "$(grep ^doc "$work/ada.list")"
same "pruned" "$(on ada conflicts notes --prune all --store doc)" "pruned 1 conflict"
same "nothing is left" "$(on ada conflicts notes)" "No edits were lost."
daemon_stop ada

# --- for good: not by a restart, not by getting the entries again
exchange
same "nothing came back" "$(on ada conflicts notes)" "No edits were lost."
row_is bob '{"v":"both"}' || fail "bob has not got the last row"

# --- the list is each node's own
same "bob's are still there" "$(listed bob | cut -d' ' -f1-3 | tr '\n' ,)" "doc title open,people k settled,"
same "pruned" "$(on bob conflicts notes --prune all --json | field pruned)" 2
same "nothing is left" "$(listed bob)" ""
same "bob's verify" "$(on bob db verify notes)" "all is well"
same "ada's verify" "$(on ada db verify notes)" "all is well"
echo "conflicts: all is well"
