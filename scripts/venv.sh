#!/bin/sh
# Makes .venv and installs requirements/$1.txt into it, every file checked against its hash.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Postern needs Python 3.11 or later as python3, or PYTHON=/path/to/python make …" >&2
    exit 1
fi
if [ ! -x .venv/bin/pip ]; then
    "$python" -m venv .venv 2>/dev/null || {
        rm -rf .venv
        echo "Python can make no virtual environment here. On Debian: apt-get install python3-venv" >&2
        exit 1
    }
fi
echo "Installing the Python packages of requirements/$1.txt …"
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$1.txt"
touch ".venv/.$1"
