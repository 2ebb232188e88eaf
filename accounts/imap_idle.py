"""One connection that waits for news: IDLE (RFC 2177), NOTIFY (RFC 5465) where offered, STATUS where neither is.

imapclient's `idle_check` dies on a line that arrives in two packets (measured). Here the channel gives whole lines
without waiting, and literals among them are put together again.
"""

from __future__ import annotations

import os
import re
import socket

from imapclient.imap_utf7 import decode as decode_name

from . import imap_parser as parser
from .errors import CommandRefused, ProtocolError
from .imap import Server, Status
from .login import Login

INBOX = "INBOX"
_CHANGED = re.compile(rb"\* (?:\d+ (?:EXISTS|EXPUNGE|FETCH)|VANISHED)\b", re.IGNORECASE)
_STATUS = re.compile(rb"\* STATUS ", re.IGNORECASE)
# RFC 5465 section 5: new mail and expunges go together, and flag changes need both.
_NOTIFY = b"(MessageNew MessageExpunge FlagChange)"
_LITERAL_CAP = 64 * 1024


class Answers:
    """Whole answers from lines that come whenever they come: a line, or line, literal, line, …"""

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, lines: list[bytes]) -> list[list[bytes]]:
        """The answers that `lines` (without their ends) complete."""
        answers = []
        for line in lines:
            self._waiting += line + b"\r\n"
            if (chunks := _chunks(self._waiting)) is not None:
                answers.append(chunks)
                self._waiting = b""
        return answers


def _chunks(data: bytes) -> list[bytes] | None:
    """The answer in `data` as chunks, None while a part of it is missing."""
    chunks = []
    while True:
        end = data.find(b"\r\n") + 2
        if end < 2:
            return None
        line, data = data[:end], data[end:]
        chunks.append(line)
        size = parser.literal_size(line)
        if size is None:
            return chunks
        if size > _LITERAL_CAP:
            raise ProtocolError("a literal that no notice needs")
        if len(data) < size:
            return None
        chunks.append(data[:size])
        data = data[size:]


def changed(answer: list[bytes]) -> str | None:
    """The mailbox that an answer says has changed, None where it says nothing of that kind."""
    if _CHANGED.match(answer[0]):
        return INBOX
    if not _STATUS.match(answer[0]):
        return None
    tokens = parser.parse(answer)
    if len(tokens) < 2 or not isinstance(tokens[1], bytes):
        raise ProtocolError("a STATUS answer that cannot be read")
    try:
        name = str(decode_name(tokens[1]))
    except (UnicodeError, ValueError):
        name = tokens[1].decode("latin-1")
    return INBOX if name.upper() == INBOX else name


def _keep_alive(fileno: int) -> None:
    """Have the kernel notice within four minutes when a firewall on the way has forgotten the quiet connection."""
    with socket.socket(fileno=os.dup(fileno)) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 120)
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 30)
        same.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


class Watched:
    """A signed-in connection that tells which mailboxes changed. Opening and renew() wait for the server; news()
    never does."""

    def __init__(self, login: Login) -> None:
        self._server = Server(login)
        try:
            _keep_alive(self._server.fileno())
            self.pushes = "IDLE" in self._server.capabilities
            self._answers = Answers()
            self._last: Status | None = None
            if self.pushes:
                self._server.select(INBOX, readonly=True)
                self._notify()
                self._server.idle_begin()
            else:
                self._last = self._server.status(INBOX)
        except BaseException:
            self._server.close()
            raise

    def _notify(self) -> None:
        """Ask for news of all the person's mailboxes. A server may refuse any part of it: then INBOX alone is told."""
        if "NOTIFY" not in self._server.capabilities:
            return
        try:
            self._server._ask(b"NOTIFY SET (SELECTED " + _NOTIFY + b") (PERSONAL " + _NOTIFY + b")")
        except CommandRefused:
            return

    def fileno(self) -> int:
        return self._server.fileno()

    def news(self) -> set[str]:
        """The mailboxes that changed, of what has arrived until now."""
        answers = self._answers.feed(self._server.idle_lines())
        return {name for answer in answers if (name := changed(answer)) is not None}

    def renew(self) -> set[str]:
        """Before the server's 30 minutes are over (RFC 2177): IDLE anew. Without IDLE: look once."""
        if not self.pushes:
            before, self._last = self._last, self._server.status(INBOX)
            return {INBOX} if self._last != before else set()
        count = self._server.exists
        lines = self._server.idle_end()
        self._server.idle_begin()
        names = {name for answer in self._answers.feed(lines) if (name := changed(answer)) is not None}
        # News that came between the two IDLEs shows in the count alone.
        return names if self._server.exists == count else names | {INBOX}

    def close(self) -> None:
        self._server.close()
