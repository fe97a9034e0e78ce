#!/usr/bin/env bash
# The daemon is killed under write load, again and again: what it acknowledged must still be there.
# KILLS=50 for the long form.
. "$(dirname "$0")/common.bash"

kills=${KILLS:-10}
n() { on ada "$@"; }

# load WORKER: write over the daemon until that is gone; note the key and entry of each answer.
load() {
    local i=0 answer
    while answer=$(n --url "unix://$work/ada/daemon.sock" table insert load rows \
        "{\"worker\":$1,\"i\":$i}" --json 2>/dev/null); do
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
    wait "$one" "$two"
done

# --- nothing that was acknowledged is gone, and all is well
n log load --jsonl >"$work/log.jsonl"
n table list load rows --jsonl >"$work/rows.jsonl"
cat "$work"/acknowledged.* >"$work/acknowledged"
perl -MJSON::PP - "$work" <<'END' || fail "acknowledged entries are gone"
use strict;
my $work = $ARGV[0];
sub lines {
    open my $in, "<", "$work/$_[0]" or die "$_[0]: $!";
    return map { decode_json($_) } <$in>;
}
my %verdict = map { $_->{id} => $_->{verdict} } lines("log.jsonl");
my %rows = map { $_->{key} => 1 } lines("rows.jsonl");
my @told = lines("acknowledged");
my @gone = grep { ($verdict{$_->{entry}} // "") ne "Verified" || !$rows{$_->{key}} } @told;
printf "%d acknowledged, %d in the log, %d missing\n", scalar @told, scalar keys %verdict, scalar @gone;
exit(@gone || !@told ? 1 : 0);
END
same "verify" "$(n db verify load)" "all is well"
echo "kill9: $kills kills, all is well"
