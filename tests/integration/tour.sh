#!/usr/bin/env bash
# The README's five minutes: every command of its ```console block, as a reader would type it.
. "$(dirname "$0")/common.bash"

readme=$(cd "$(dirname "$0")/../.." && pwd)/README.md
[ -f "$readme" ] || fail "there is no README.md"
mkdir "$work/home" "$work/bin"
ln -s "$EIDETICA" "$work/bin/eidetica"

# The commands of the blocks, one shell for all, so that variables and background jobs live on. A line that ends
# in \ goes on in the next.
awk '/^```console$/ { inside = 1; next }
    /^```/ { inside = 0 }
    !inside { next }
    more || /^\$ / { line = $0; if (!more) sub(/^\$ /, "", line); more = line ~ /\\$/; print line }
' "$readme" >"$work/commands"
count=$(wc -l <"$work/commands")
[ "$count" -gt 0 ] || fail "README.md has no \`\`\`console block with lines that begin with \"\$ \""

cat >"$work/tour" <<'END'
set -eE
trap 'echo "FAILED: $BASH_COMMAND" >&2; kill $(jobs -p) 2>/dev/null' ERR
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
END
while IFS= read -r line; do
    # Shown first, so that a failure is seen in its place.
    [ "${previous_more:-}" = 1 ] || printf 'echo %q\n' "\$ $line" >>"$work/tour"
    printf '%s\n' "$line" >>"$work/tour"
    case $line in *\\) previous_more=1 ;; *) previous_more=0 ;; esac
    # A daemon that was put into the background needs a moment, as a reader does.
    case $line in *'&') echo 'sleep 2' >>"$work/tour" ;; esac
done <"$work/commands"

cd "$work/home"
env -i HOME="$work/home" PATH="$work/bin:$PATH" TERM=dumb LANG="${LANG:-C.UTF-8}" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}" timeout 200 bash "$work/tour" 2>&1 | tee "$work/tour.log"
[ "${PIPESTATUS[0]}" -eq 0 ] || fail "a command of the tour failed"
echo "tour: $count lines, all is well"
