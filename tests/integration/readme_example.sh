#!/usr/bin/env bash
# The program that the README shows is the one that the test `example` compiles and runs.
set -eu
cd "$(dirname "$0")/../.."

if ! diff -u tests/node/example.c <(awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md); then
    echo "README.md: copy tests/node/example.c into its C block" >&2
    exit 1
fi
echo "README.md shows tests/node/example.c"
