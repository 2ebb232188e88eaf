"""Which network addresses a person may make us connect to: public ones, and nothing that only looks so."""

from __future__ import annotations

import ipaddress
import re

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# The IANA special-purpose registries (RFC 6890 and its updates), written out: `is_global` of Python 3.11
# calls 192.0.0.8, 64:ff9b:1::1, 2002:7f00:1::, 3fff::1, fec0::1 and 224.0.0.1 global (measured).
_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # RFC 791: this network
        "10.0.0.0/8",  # RFC 1918
        "100.64.0.0/10",  # RFC 6598: shared address space
        "127.0.0.0/8",  # RFC 1122: loopback
        "169.254.0.0/16",  # RFC 3927: link local, cloud metadata
        "172.16.0.0/12",  # RFC 1918
        "192.0.0.0/24",  # RFC 6890
        "192.0.2.0/24",  # RFC 5737: documentation
        "192.88.99.0/24",  # RFC 7526: 6to4 relay
        "192.168.0.0/16",  # RFC 1918
        "198.18.0.0/15",  # RFC 2544: benchmarks
        "198.51.100.0/24",  # RFC 5737
        "203.0.113.0/24",  # RFC 5737
        "224.0.0.0/4",  # RFC 5771: multicast
        "240.0.0.0/4",  # RFC 1112: reserved, and the limited broadcast
    )
]
# Only 2000::/3 is given out as global unicast (RFC 4291 section 2.4); these parts of it are not.
_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # RFC 2928: IETF protocol assignments, Teredo (RFC 4380) among them
        "2001:db8::/32",  # RFC 3849: documentation
        "2002::/16",  # RFC 3056: 6to4, carries an IPv4 address
        "3fff::/20",  # RFC 9637: documentation
    )
]

_LABEL = re.compile(r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
# WHATWG URL, "ends in a number": resolvers read 127.1, 0x7f000001 and 017700000001 as IPv4 addresses.
_NUMERIC = re.compile(r"\A([0-9]+|0x[0-9a-f]*)\Z")


def is_public(address: str | IPAddress) -> bool:
    """Whether `address` is a public unicast address; an embedded IPv4 address never makes it one."""
    if isinstance(address, str):
        # A zone index (RFC 4007) means a link-local address.
        if "%" in address:
            return False
        address = ipaddress.ip_address(address)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    # ::ffff:0:0/96 (mapped), 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64), fe80, fc00, ff00 are outside 2000::/3.
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def is_host_name(host: str) -> bool:
    """Whether `host` is a full DNS name in A-label form; addresses in any notation are not names."""
    labels = host.split(".")
    if not len(labels) >= 2 or len(host) > 253 or _NUMERIC.match(labels[-1]):
        return False
    return all(_LABEL.match(label) for label in labels)
