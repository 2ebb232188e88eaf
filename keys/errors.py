"""What can go wrong with keys and certificates.

KeysError
├── RingError
│   ├── RingRefused        not a sealed ring, too large, or not a successor of the kept one
│   └── RingConflict       somebody else wrote first; carries the hash that is kept now
├── StateError
│   ├── StateRefused       not a sealed record, too large, or an unknown kind
│   └── StateConflict      somebody else wrote first; carries the revision that is kept now
├── OutboundError          something was not fetched from outside
│   ├── AddressRefused     not an address that we go to: inside, odd, or in the clear where TLS is asked
│   ├── NoAnswer           no such name, no connection, no TLS, broken HTTP, or not in time
│   ├── TooMuch            the answer is over the cap
│   └── Declined           the server answered, but not with what was asked for; carries its status
└── CertificateRefused     the judge says no; carries a reason from `Reason`
"""

from __future__ import annotations

from enum import StrEnum


class KeysError(Exception):
    """Anything this package refuses."""


class RingError(KeysError):
    """A key ring was not stored."""


class RingRefused(RingError):
    """These bytes cannot be the next revision of this person's ring."""


class RingConflict(RingError):
    """The kept ring is not the one the writer had in hand; nothing was written."""

    def __init__(self, kept: str | None) -> None:
        super().__init__("another revision of the key ring is kept")
        self.kept = kept


class StateError(KeysError):
    """A state record was not stored."""


class StateRefused(StateError):
    """These bytes are not a sealed record of a kind we keep."""


class StateConflict(StateError):
    """The kept record is not the one the writer had in hand; nothing was written."""

    def __init__(self, kept: int | None) -> None:
        super().__init__("another revision of the record is kept")
        self.kept = kept


class OutboundError(KeysError):
    """Something was not fetched from outside. Its text is for the log of a test; it names no address."""


class AddressRefused(OutboundError):
    """We do not go there: the address is inside, not a public name, or odd."""


class NoAnswer(OutboundError):
    """Nobody answered: no such name, no connection, no TLS, broken HTTP, or the time was over."""


class TooMuch(OutboundError):
    """The answer is larger than what was asked for may be."""


class Declined(OutboundError):
    """The server answered with another status than 200, or led on too often."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered with status {status}")
        self.status = status


class Reason(StrEnum):
    """Why a certificate is refused. The page turns each into a sentence."""

    TOO_LARGE = "too-large"
    NOT_A_CERTIFICATE = "not-a-certificate"
    HOLDS_SECRET = "secret-key"  # noqa: S105  (a reason, not a secret)
    OTHER_ADDRESS = "other-address"
    WEAK = "weak-self-signature"
    REVOKED = "revoked"
    EXPIRED = "expired"
    CANNOT_ENCRYPT = "cannot-encrypt"


class CertificateRefused(KeysError):
    """The judge refuses this certificate."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
