#!/bin/sh
# Writes the locks anew. They name versions and hashes, and no address anything was fetched from.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
for name in run test node; do
    uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
        --python-version 3.11 "requirements/$name.in" -o "requirements/$name.txt"
done
npm install --package-lock-only --silent
node scripts/vendor.mjs --accept
