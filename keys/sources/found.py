"""What a source gives: certificates with evidence of where they are from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """One certificate as a source has it; judged by the source or for it."""

    fingerprint: str
    data: bytes


@dataclass(frozen=True)
class Found:
    """All certificates a source has for an address: the current one first.

    Earlier ones follow, since mail signed with them is still to be checked.
    `source` is an id of words.md section 2.9.
    """

    source: str
    certificates: tuple[Held, ...]
