"""Addresses as keys compare them: accounts are kept in lower case, so case is folded."""

from __future__ import annotations


def folded(address: str) -> str:
    """The address in lower case. Only ASCII: no other letter may pass for an ASCII one."""
    return "".join(char.lower() if char.isascii() else char for char in address.strip())


def same(one: str, other: str) -> bool:
    """Whether two addr-specs name the same account here."""
    return bool(one.strip()) and folded(one) == folded(other)
