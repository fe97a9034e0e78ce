#!/usr/bin/env bash
# Random edits exchanged with the real Yjs, which is installed from npm into a temporary folder.
#
# YJS_PEER = the program `yjs_peer`; YJS_ROUNDS (200) and YJS_SEED (1) replay a run. Exits with 77
# (skipped) where there is no node or npm.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer=${YJS_PEER:?path of the program yjs_peer}

for tool in node npm; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool is not installed, so there is no Yjs to exchange with" >&2
        exit 77
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/yjs/package.json "$here"/yjs/exchange.mjs "$work"
(cd "$work" && npm install --no-audit --no-fund --loglevel=error)
node "$work/exchange.mjs" "$peer" "${YJS_ROUNDS:-200}" "${YJS_SEED:-1}"
