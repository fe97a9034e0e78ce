# What the scripts share; sourced. Each has a folder of its own, which goes at the end, as do its processes.
# shellcheck shell=bash
set -euo pipefail

[ -x "${EIDETICA:-}" ] || { echo "EIDETICA must name the program" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/eidetica-test.XXXXXX")
daemons=()
unset EIDETICA_DATA_DIR EIDETICA_URL EIDETICA_USER EIDETICA_PASSWORD EIDETICA_SOCKET EIDETICA_LOG
export NO_COLOR=1

finish() {
    local code=$?
    for pid in "${daemons[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [ ! -d "$work/full" ] || ! mountpoint -q "$work/full" || umount "$work/full" || true
    if [ $code -ne 0 ]; then
        for log in "$work"/*.log; do
            [ -s "$log" ] || continue
            echo "--- $(basename "$log")" >&2
            tail -25 "$log" >&2
        done
    fi
    rm -rf "$work"
    exit $code
}
trap finish EXIT
trap 'echo "FAILED: ${BASH_SOURCE[0]##*/} line $LINENO: $BASH_COMMAND" >&2' ERR

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# on NODE ARGUMENT...: the program on the node's folder.
on() {
    local node=$1
    shift
    "$EIDETICA" -d "$work/$node" "$@"
}

# new_node NAME: a node with a user of the same name, without a password.
new_node() {
    on "$1" init --username "$1" --passwordless >/dev/null
}

# daemon_start NODE [OPTION...]: and wait until it says that it is ready.
daemon_start() {
    local node=$1 pid i
    shift
    : >"$work/$node.out"
    "$EIDETICA" -d "$work/$node" daemon "$@" >"$work/$node.out" 2>>"$work/$node.log" &
    pid=$!
    daemons+=("$pid")
    eval "daemon_$node=$pid"
    for ((i = 0; i < 400; i++)); do
        ! grep -q '^Press Ctrl+C' "$work/$node.out" || return 0
        kill -0 "$pid" 2>/dev/null || fail "the daemon of $node ended: $(cat "$work/$node.log")"
        sleep 0.05
    done
    fail "the daemon of $node is not ready: $(cat "$work/$node.out")"
}

# daemon_pid NODE
daemon_pid() {
    local name=daemon_$1
    echo "${!name}"
}

# daemon_stop NODE: as an operator does; it must end well.
daemon_stop() {
    local pid code=0
    pid=$(daemon_pid "$1")
    kill -TERM "$pid"
    wait "$pid" || code=$?
    [ $code -eq 0 ] || fail "the daemon of $1 ended with $code: $(tail -5 "$work/$1.log")"
    grep -q '^Daemon shut down' "$work/$1.out" || fail "the daemon of $1 said no goodbye"
}

# daemon_kill NODE: as the power does.
daemon_kill() {
    local pid
    pid=$(daemon_pid "$1")
    kill -9 "$pid"
    wait "$pid" 2>/dev/null || true
}

# daemon_address NODE: where it meets peers.
daemon_address() {
    sed -n 's/^  Peers: *//p' "$work/$1.out" | head -1
}

# expect CODE PATTERN COMMAND...: it must end with the code, and say what matches on standard error.
expect() {
    local code=$1 pattern=$2 got=0
    shift 2
    "$@" >"$work/expect.out" 2>"$work/expect.err" || got=$?
    [ "$got" -eq "$code" ] ||
        fail "exit code $got instead of $code: $*: $(cat "$work/expect.err")"
    grep -qE -- "$pattern" "$work/expect.err" ||
        fail "no \"$pattern\" in what it says: $*: $(cat "$work/expect.err")"
    if [ "$code" -ne 0 ] && grep -qE 'AddressSanitizer|runtime error|LeakSanitizer' "$work/expect.err"; then
        fail "a sanitizer complains: $*: $(cat "$work/expect.err")"
    fi
}

# same WHAT A B: two texts are equal.
same() {
    [ "$2" = "$3" ] || fail "$1 differs: \"$2\" and \"$3\""
}

# same_files WHAT A B: two files hold the same bytes.
same_files() {
    cmp "$2" "$3" || fail "$1: $2 and $3 differ"
}

# field NAME: the member of the JSON object on standard input, like error.kind or databases.0.id.
field() {
    perl -MJSON::PP -e 'local $/; my $json = JSON::PP->new->canonical->allow_nonref;
        my $value = $json->decode(<STDIN>);
        for (split /\./, $ARGV[0]) {
            $value = ref $value eq "ARRAY" ? $value->[$_] : $value->{$_};
            defined $value or die "there is no $_ of $ARGV[0]\n";
        }
        my $text = ref $value ? $json->encode($value) : $value;
        utf8::encode($text) if utf8::is_utf8($text);
        print "$text\n"' "$1"
}

# until_true SECONDS COMMAND...: repeat until it succeeds.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || fail "still not: $*"
        sleep 0.1
    done
}
