#!/bin/sh
# Fetches the browser libraries by package-lock.json and bundles them into static/vendor/.
set -eu
cd "$(dirname "$0")/.."
echo "Fetching and bundling the browser libraries of package-lock.json …"
scripts/node npm ci --silent --no-progress --fetch-retries=2
scripts/node scripts/vendor.mjs
touch static/vendor/.built
