"""What a client says to a server, cut into the pieces at which a test may break the connection.

Each talk is given the octets of one connection as they come and gives them back whole and in order, in pieces, each
with the name of the point that is reached with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

Pieces = Iterator[tuple[str, bytes]]

#: "MIDDLE" is reached when so many octets of a message have passed.
MIDDLE = 50_000


class Talk(Protocol):
    """The client's side of one connection."""

    def pieces(self, data: bytes) -> Pieces: ...


class Smtp:
    """EHLO, AUTH, MAIL, RCPT, DATA, then BODY, MIDDLE and DOT (the end mark by itself), and QUIT."""

    def __init__(self) -> None:
        self._waiting = b""
        self._in_body = False
        self.passed = 0

    def pieces(self, data: bytes) -> Pieces:
        self._waiting += data
        while self._waiting:
            if self._in_body:
                body, mark, rest = self._waiting.partition(b"\r\n.\r\n")
                if not mark:
                    # The end mark may be under way.
                    ready, self._waiting = self._waiting[:-4], self._waiting[-4:]
                    yield from _halved(ready, self)
                    return
                self._waiting, self._in_body = rest, False
                yield from _halved(body + b"\r\n", self)
                yield "DOT", b".\r\n"
            else:
                line, mark, rest = self._waiting.partition(b"\r\n")
                if not mark:
                    return
                self._waiting = rest
                verb = line.split(b" ")[0].upper().decode("latin-1")
                if verb == "DATA":
                    self._in_body, self.passed = True, 0
                yield verb, line + mark


class Imap:
    """The name of each command, LITERAL and MIDDLE for what comes in a literal, and "<command> ENDED" for its end."""

    _LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n\Z")

    def __init__(self) -> None:
        self._waiting = b""
        self._left = 0
        self._goes_on = False
        self._command = ""
        self.passed = 0

    def pieces(self, data: bytes) -> Pieces:
        self._waiting += data
        while self._waiting:
            if self._left:
                piece, self._waiting = self._waiting[: self._left], self._waiting[self._left :]
                self._left -= len(piece)
                yield from _halved(piece, self, "LITERAL")
                continue
            line, mark, rest = self._waiting.partition(b"\r\n")
            if not mark:
                return
            self._waiting = rest
            if not self._goes_on:
                self._command = b" ".join(line.split(b" ")[1:2]).upper().decode("latin-1")
            name = f"{self._command} ENDED" if self._goes_on else self._command
            found = self._LITERAL.search(line + mark)
            self._goes_on = found is not None
            if found is not None:
                self._left, self.passed = int(found[1]), 0
            yield name, line + mark


class Postgres:
    """Each SQL text by itself; the COMMIT of a transaction is named by all that was said in it."""

    def __init__(self) -> None:
        self._waiting = b""
        self._begun = False
        self._said: list[str] = []

    def pieces(self, data: bytes) -> Pieces:
        self._waiting += data
        while len(self._waiting) >= (5 if self._begun else 8):
            # Before the startup message is over, messages have a length but no type.
            at = 1 if self._begun else 0
            end = at + int.from_bytes(self._waiting[at : at + 4], "big")
            if len(self._waiting) < end:
                return
            message, self._waiting = self._waiting[:end], self._waiting[end:]
            point = self._point(message) if self._begun else ""
            # 3.0 is the startup message itself; else somebody asked for encryption first.
            self._begun = self._begun or message[4:8] == b"\0\3\0\0"
            yield point, message

    def _point(self, message: bytes) -> str:
        if message[:1] not in (b"Q", b"P"):
            return ""
        text = message[5:3000].strip(b"\0").partition(b"\0")[0].decode("utf-8", "replace")
        if text.startswith("BEGIN"):
            self._said = []
        elif text == "COMMIT":
            return "\n".join(("COMMIT", *self._said))
        self._said.append(text)
        return text


def _halved(piece: bytes, talk: Smtp | Imap, name: str = "BODY") -> Pieces:
    early, before = name, talk.passed
    talk.passed = before + len(piece)
    if before <= MIDDLE < talk.passed:
        first, piece, name = piece[: MIDDLE - before], piece[MIDDLE - before :], "MIDDLE"
        if first:
            yield early, first
    if piece:
        yield name, piece
