"""Which addresses count as public (T22 of the threat model). Nothing here opens a connection."""

from __future__ import annotations

import pytest

from accounts import addresses

INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2001:10::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "9.9.9.9",
    "2606:4700::1111",
    "2a00:1450:4001::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_not_public(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_public(address: str) -> None:
    assert addresses.is_public(address)


NOT_NAMES = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "[::1]",
    "::1",
    "::ffff:127.0.0.1",
    "http://127.0.0.1/",
    "user@127.0.0.1",
    "127.0.0.1:993",
    "mail.example.org:993",
    "mail.example.org/",
    "mail..example.org",
    ".example.org",
    "-mail.example.org",
    "mail_.example.org",
    "example.org.",
    "１２７.0.0.1",
    "ⓛocalhost.ⓞrg",
    "exa%6dple.org",
    "mail.example.0x7f",
    "mail.example.1",
]


@pytest.mark.parametrize(
    "host", [*NOT_NAMES, "", " ", "mail.example.org\r\nX", "mail.example.org\0", "a" * 64 + ".org"]
)
def test_what_is_not_a_full_host_name_is_refused(host: str) -> None:
    assert not addresses.is_host_name(host)


@pytest.mark.parametrize(
    "host", ["imap.example.org", "example.org", "xn--mnchen-3ya.example", "a-b.c1.org", "1.example.org"]
)
def test_a_full_host_name_is_taken(host: str) -> None:
    assert addresses.is_host_name(host)
