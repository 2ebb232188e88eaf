"""Judging OpenPGP certificates. Sequoia is the only judge; no other module imports it.

Sequoia says which user IDs and subkeys hold (RFC 9580 section 10.1: by verified
signatures of the primary key). What it does not say is decided here: `encrypt` takes
revoked and expired certificates, `bytes(cert)` keeps what did not verify, and a secret
key parses as a certificate. Hence `judge` builds a minimal certificate of what was
verified and hands out only that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar

import pysequoia
from django.utils import timezone
from pysequoia.packet import Packet, PacketPile, SignatureType, Tag

from . import address as address_rules
from . import packets as frame
from .errors import CertificateRefused, Reason

log = logging.getLogger(__name__)

LARGEST = 128 * 1024
# A certificate is at most a few hundred packets; beyond that it was flooded.
MOST_PACKETS = 4000
SIGNATURES_KEPT = 8

_T = TypeVar("_T")

# Markers, trust packets and padding mean nothing here and are left out (RFC 9580 sections 5.8, 5.10, 5.14).
_PUBLIC = (Tag.PublicKey, Tag.PublicSubkey, Tag.UserID, Tag.UserAttribute, Tag.Signature)
_ON_KEY = (SignatureType.DirectKey, SignatureType.KeyRevocation)
_ON_USER_ID = (
    SignatureType.GenericCertification,
    SignatureType.PersonaCertification,
    SignatureType.CasualCertification,
    SignatureType.PositiveCertification,
    SignatureType.CertificationRevocation,
)
_BINDING = SignatureType.SubkeyBinding
_ON_SUBKEY = (_BINDING, SignatureType.SubkeyRevocation)
_REVOCATIONS = (
    SignatureType.KeyRevocation,
    SignatureType.SubkeyRevocation,
    SignatureType.CertificationRevocation,
)


@dataclass(frozen=True)
class Judged:
    """A certificate that holds for one address, reduced to what was verified."""

    fingerprint: str
    address: str
    data: bytes
    user_ids: tuple[str, ...]
    made: datetime
    expires: datetime | None


@dataclass(frozen=True)
class _Component:
    head: Packet
    signatures: tuple[Packet, ...]

    def packets(self) -> list[Packet]:
        return [self.head, *self.signatures]


def judge(data: bytes, address: str) -> Judged:
    """The certificate in `data`, if it may stand for `address` today.

    Raises CertificateRefused with the reason. Whatever else the engine throws,
    its text (which holds backtraces) goes to the log and to nobody else.
    """
    if len(data) > LARGEST:
        raise CertificateRefused(Reason.TOO_LARGE)
    packets = _read(data)
    primary, user_ids, subkeys = _components(packets)

    held = [
        each
        for each in user_ids
        if address_rules.same(each.head.user_id_email or "", address) and _binds(primary, each)
    ]
    if not held:
        raise CertificateRefused(_why_no_user_id(primary, user_ids, address))

    base = primary.packets() + [packet for each in held for packet in each.packets()]
    cert = _ask(lambda: pysequoia.Cert.from_packets(base), Reason.NOT_A_CERTIFICATE)
    if _ask(lambda: cert.is_revoked, Reason.NOT_A_CERTIFICATE):
        raise CertificateRefused(Reason.REVOKED)
    expires = _ask(lambda: cert.expiration, Reason.WEAK)
    if expires is not None and expires <= timezone.now():
        raise CertificateRefused(Reason.EXPIRED)

    kept = [each for each in subkeys if _signs_only(each) or _encrypts(base, each)]
    whole = base + [packet for each in kept for packet in each.packets()]
    minimal = _ask(lambda: pysequoia.Cert.from_packets(whole), Reason.NOT_A_CERTIFICATE)
    _ask(lambda: pysequoia.encrypt(b"", [minimal]), Reason.CANNOT_ENCRYPT)
    made = primary.head.key_created
    if made is None:
        raise CertificateRefused(Reason.NOT_A_CERTIFICATE)
    return Judged(
        fingerprint=minimal.fingerprint.lower(),
        address=address,
        data=bytes(minimal),
        user_ids=tuple(str(each) for each in minimal.user_ids),
        made=made,
        expires=expires,
    )


def _read(data: bytes) -> list[Packet]:
    """The packets of one certificate. The frame is checked first, so that nothing else is parsed."""
    try:
        tags = frame.tags(data)
    except frame.BadFrame:
        raise CertificateRefused(Reason.NOT_A_CERTIFICATE) from None
    if len(tags) > MOST_PACKETS:
        raise CertificateRefused(Reason.TOO_LARGE)
    if frame.WITH_SECRETS.intersection(tags):
        raise CertificateRefused(Reason.HOLDS_SECRET)
    if (
        tags[:1] != [frame.PUBLIC_KEY]
        or tags.count(frame.PUBLIC_KEY) != 1
        or not frame.IN_A_CERTIFICATE.issuperset(tags)
    ):
        raise CertificateRefused(Reason.NOT_A_CERTIFICATE)
    pile = _ask(lambda: list(PacketPile.from_bytes(data)), Reason.NOT_A_CERTIFICATE)
    packets = [packet for packet in pile if packet.tag in _PUBLIC]
    if not packets or packets[0].tag != Tag.PublicKey:
        raise CertificateRefused(Reason.NOT_A_CERTIFICATE)
    return packets


def _components(
    packets: list[Packet],
) -> tuple[_Component, list[_Component], list[_Component]]:
    """The primary key, user IDs and subkeys, each with the signatures of the primary key.

    Signatures of others, user attributes (pictures) and what hangs on them fall away.
    """
    fingerprint, key_id = packets[0].fingerprint, packets[0].key_id
    groups: list[tuple[Packet, list[Packet]]] = []
    for packet in packets:
        if packet.tag != Tag.Signature:
            groups.append((packet, []))
        elif packet.issuer_fingerprint == fingerprint or (
            packet.issuer_fingerprint is None and packet.issuer_key_id == key_id
        ):
            groups[-1][1].append(packet)
    primary = _component(groups[0], _ON_KEY)
    user_ids = [_component(each, _ON_USER_ID) for each in groups if each[0].tag == Tag.UserID]
    subkeys = [_component(each, _ON_SUBKEY) for each in groups if each[0].tag == Tag.PublicSubkey]
    return primary, user_ids, subkeys


def _component(group: tuple[Packet, list[Packet]], types: tuple[SignatureType, ...]) -> _Component:
    head, signatures = group
    ours = (each for each in signatures if each.signature_type in types)
    # The newest count (RFC 9580 section 5.2.3.10); a flood of old ones is not kept.
    newest = sorted(ours, key=_signed_at, reverse=True)
    # A revocation counts whatever its age, so it is never what falls off the end.
    newest.sort(key=lambda each: each.signature_type not in _REVOCATIONS)
    return _Component(head, tuple(islice(newest, SIGNATURES_KEPT)))


def _signed_at(signature: Packet) -> float:
    created = signature.signature_created
    return created.timestamp() if created else 0.0


def _binds(primary: _Component, user_id: _Component) -> bool:
    """Whether the primary key's own signature holds this user ID."""
    if not user_id.signatures:
        return False
    packets = primary.packets() + user_id.packets()
    return _try(lambda: bool(pysequoia.Cert.from_packets(packets).user_ids), False)


def _why_no_user_id(primary: _Component, user_ids: Iterable[_Component], address: str) -> Reason:
    """Tell a weak signature over the right address from a wrong address."""
    for each in user_ids:
        if not each.signatures or not address_rules.same(each.head.user_id_email or "", address):
            continue
        packets = primary.packets() + each.packets()
        try:
            _ask(lambda: pysequoia.Cert.from_packets(packets).user_ids, Reason.WEAK)  # noqa: B023
        except CertificateRefused as refused:
            return refused.reason
    return Reason.OTHER_ADDRESS


def _signs_only(subkey: _Component) -> bool:
    """Whether every signature on this subkey gives it a purpose, and none to encrypt."""
    flags = [each.key_flags for each in subkey.signatures if each.signature_type == _BINDING]
    return bool(flags) and not any(
        each is None or each.transport_encryption or each.storage_encryption for each in flags
    )


def _encrypts(base: list[Packet], subkey: _Component) -> bool:
    """Whether the engine finds this subkey bound and encrypts to it, and not to another."""
    if not subkey.signatures:
        return False
    packets = base + subkey.packets()

    def trial() -> bool:
        cert = pysequoia.Cert.from_packets(packets)
        message = PacketPile.from_bytes(pysequoia.encrypt(b"", [cert], armor=False))
        # Session key packets name whom they are for near the start of their body: by
        # key ID (version 3) or by fingerprint, which in version 6 begins with the ID.
        named = bytes.fromhex(subkey.head.key_id or "")
        return any(each.tag == Tag.PKESK and named in each.body[:40] for each in message)

    return _try(trial, False)


def _ask(question: Callable[[], _T], reason: Reason) -> _T:
    """The engine's answer, or CertificateRefused with our own word for the trouble."""
    try:
        return question()
    except Exception as error:
        log.info("certificate refused as %s: %s", reason.value, _first_line(error))
    except BaseException as panic:
        # A Rust panic arrives as a BaseException of its own and must not end the request.
        if type(panic).__name__ != "PanicException":
            raise
        log.warning("the OpenPGP engine panicked on a certificate: %s", _first_line(panic))
    raise CertificateRefused(reason)


def _try(question: Callable[[], _T], otherwise: _T) -> _T:
    try:
        return _ask(question, Reason.NOT_A_CERTIFICATE)
    except CertificateRefused:
        return otherwise


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")[:200]
