"""BODYSTRUCTURE (RFC 9051 section 7.5.2) as parts with their section numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from accounts.errors import ProtocolError
from accounts.imap import Token

#: Deeper or more than this is no letter; the message is then read whole, in the browser, under the same limits.
DEEPEST = 50
MOST = 500

#: What the browser must have untouched and whole: an envelope of a protocol, wherever in the message it stands.
PROTECTED = frozenset(
    {
        "multipart/encrypted",
        "multipart/signed",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/pgp-encrypted",
    }
)


@dataclass(frozen=True)
class Part:
    """One part. `section` is what FETCH BODY[…] takes for its body; "" for a multipart that is the whole message."""

    section: str
    type: str
    size: int = 0
    encoding: str = ""
    boundary: str = ""
    disposition: str = ""
    cid: str = ""
    parts: tuple[Part, ...] = ()
    message: Part | None = None
    """What an attached message consists of. Its parts are none of this message's."""
    params: Mapping[str, str] = field(default_factory=dict)

    def walk(self) -> Iterator[Part]:
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def leaves(self) -> list[Part]:
        return [part for part in self.walk() if not part.type.startswith("multipart/")]

    @property
    def protected(self) -> bool:
        return any(
            part.type in PROTECTED or (part.message is not None and part.message.protected) for part in self.walk()
        )

    @property
    def encrypted(self) -> bool:
        """Whether the outermost layer is an encrypted one; a signed S/MIME message says so in smime-type."""
        if self.type in {"multipart/encrypted", "application/pgp-encrypted"}:
            return True
        # RFC 8551 section 3.2.2.
        return self.type.endswith("pkcs7-mime") and self.params.get("smime-type", "").lower() not in {
            "signed-data",
            "certs-only",
        }


def read(body: Token) -> Part:
    """The tree of parts. Raises ProtocolError where the server sent something else."""
    count = [0]
    root = _part(body, "", 0, count)
    # RFC 9051 section 6.4.5: a message that is no multipart has one part, number 1.
    return root if root.type.startswith("multipart/") else replace(root, section="1")


def _part(body: Token, section: str, depth: int, count: list[int]) -> Part:
    count[0] += 1
    if not isinstance(body, tuple) or not body or depth > DEEPEST or count[0] > MOST:
        raise ProtocolError("a body structure that cannot be read")
    if isinstance(body[0], tuple):
        return _multipart(body, section, depth, count)
    if len(body) < 7:
        raise ProtocolError("a body structure that cannot be read")
    kind = f"{_text(body[0])}/{_text(body[1])}".lower()
    size = _text(body[6])
    # What follows the size depends on the type: lines for text, envelope, structure and lines for message/rfc822.
    attached = kind in {"message/rfc822", "message/global"}
    extension = 8 if kind.startswith("text/") else 10 if attached else 7
    disposition = body[extension + 1] if len(body) > extension + 1 else None
    return Part(
        section=section,
        type=kind,
        size=int(size) if size.isdigit() else 0,
        encoding=_text(body[5]).lower(),
        disposition=_text(disposition[0]).lower() if isinstance(disposition, tuple) and disposition else "",
        cid=_text(body[3]).strip().strip("<>"),
        message=_part(body[8], section, depth + 1, count) if attached and len(body) > 8 else None,
        params=_params(body[2]),
    )


def _multipart(body: tuple[Token, ...], section: str, depth: int, count: list[int]) -> Part:
    kinds = [index for index, child in enumerate(body) if not isinstance(child, tuple)]
    if not kinds:
        raise ProtocolError("a multipart without a subtype")
    children = [child for child in body[: kinds[0]] if isinstance(child, tuple)]
    prefix = f"{section}." if section else ""
    params = _params(body[kinds[0] + 1]) if len(body) > kinds[0] + 1 else {}
    return Part(
        section=section,
        type=f"multipart/{_text(body[kinds[0]])}".lower(),
        boundary=params.get("boundary", ""),
        parts=tuple(_part(child, f"{prefix}{number}", depth + 1, count) for number, child in enumerate(children, 1)),
        params=params,
    )


def _params(pairs: Token) -> dict[str, str]:
    if not isinstance(pairs, tuple):
        return {}
    names = [_text(name).lower() for name in pairs[::2]]
    return dict(zip(names, (_text(value) for value in pairs[1::2]), strict=False))


def _text(token: Token) -> str:
    return token.decode("utf-8", "replace") if isinstance(token, bytes) else ""
