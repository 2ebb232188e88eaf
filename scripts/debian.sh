#!/bin/sh
# Installs from Debian the real servers and programs that the tests talk to, and says which.
set -eu
needed="chromium dovecot-imapd dovecot-lmtpd dovecot-submissiond postfix redis-server postgresql gnupg sq rnp openssl fonts-noto-cjk poppler-utils"
missing=""
has() {
    case "$1" in
    *) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q "install ok installed" ;;
    esac
}
for package in $needed; do has "$package" || missing="$missing $package"; done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "The tests need these programs, and this is no Debian:$missing" >&2; exit 1; }
if [ "$(id -u)" != 0 ]; then
    echo "The tests need programs from Debian. Run this once, then make test again:" >&2
    echo "  sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing from Debian, for the tests:$missing"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
