"""One conversation with an IMAP server: a tagged command, its answers, and what they change in what we know.

Every call is one tagged command with a wall-clock deadline and a byte cap. What breaks in the middle closes the
connection, because nobody knows any more which answer belongs to what.
"""

import itertools
import re
from collections.abc import Iterable

from . import errors
from . import imap_parser as parser
from .imap_answers import Selected
from .imap_arguments import Literal, Streamed
from .imap_client import refusal, refuse_farewell, sign_in, translated
from .login import Login
from .wire import ANSWER_CAP, COMMAND_SECONDS

_COUNT = re.compile(rb"\* (\d+) (EXISTS|EXPUNGE)\r?\n\Z", re.IGNORECASE)


class Conversation:
    """An open, signed-in connection. Not for two threads at once."""

    def __init__(self, login: Login) -> None:
        self.account_id = login.account_id
        self._exists = 0
        self._selected: Selected | None = None
        self._writable = False
        self._tags = itertools.count(1)
        self._client = sign_in(login, self._line_seen)
        self._channel = self._client.channel
        self.capabilities: frozenset[str] = frozenset(
            name.decode("latin-1").upper() for name in self._client.capabilities()
        )

    @property
    def closed(self) -> bool:
        """True after a failure that left the conversation at an unknown place, and after close()."""
        return self._channel.closed

    def close(self) -> None:
        """Close without ceremony: RFC 9051 section 3.4 allows it, and LOGOUT would wait for an answer."""
        self._channel.close()

    def fileno(self) -> int:
        """The socket, for a selector (IDLE)."""
        return self._channel.fileno()

    def has_news(self) -> bool:
        """Does something wait to be read between two commands (news, a farewell, or the end of the stream)?"""
        return self._channel.pending()

    def _line_seen(self, line: bytes) -> None:
        """Keep the count of messages right, whoever reads the line (RFC 9051 sections 7.4.1 and 7.5.1)."""
        if line.startswith(b"* ") and (found := _COUNT.match(line)):
            if found[2].upper() == b"EXISTS":
                self._exists = int(found[1])
            else:
                self._exists = max(self._exists - 1, 0)

    def _ask(
        self, *pieces: bytes | Streamed, seconds: float = COMMAND_SECONDS, cap: int = ANSWER_CAP
    ) -> tuple[list[list[bytes]], str]:
        """One command, and its answers: untagged ones as chunks, and the text of the tagged OK."""
        channel = self._channel
        tag = b"P%d" % next(self._tags)
        with translated(channel):
            if channel.closed:
                raise errors.ServerUnreachable("the connection is closed")
            channel.begin(seconds, cap)
            answers: list[list[bytes]] = []
            self._send(tag, pieces, answers)
            while True:
                chunks = self._answer()
                line = chunks[0]
                if line.startswith(b"* "):
                    answers.append(chunks)
                elif line.startswith(tag + b" "):
                    text = line[len(tag) + 1 :].strip().decode("utf-8", "replace")
                    if text[:2].upper() == "OK":
                        return answers, text
                    raise refusal(text, channel.endpoint)
                elif not line.startswith(b"+"):
                    raise errors.ProtocolError("an answer to nothing we asked")

    def _send(self, tag: bytes, pieces: Iterable[bytes | Streamed], answers: list[list[bytes]]) -> None:
        out = bytearray(tag)
        for piece in pieces:
            out += b" "
            if not isinstance(piece, Literal | Streamed):
                out += piece
                continue
            size = piece.size if isinstance(piece, Streamed) else len(piece)
            at_once = "LITERAL+" in self.capabilities or ("LITERAL-" in self.capabilities and size <= 4096)
            out += b"{%d%s}\r\n" % (size, b"+" if at_once else b"")
            if not at_once or isinstance(piece, Streamed):
                self._channel.sendall(bytes(out))
                out.clear()
            if not at_once:
                self._wait_for_go(tag, answers)
            if isinstance(piece, Streamed):
                for part in piece:
                    self._channel.sendall(part)
            else:
                out += piece
        self._channel.sendall(bytes(out + b"\r\n"))

    def _wait_for_go(self, tag: bytes, answers: list[list[bytes]]) -> None:
        while not (chunks := self._answer())[0].startswith(b"+"):
            if not chunks[0].startswith(b"* "):
                text = chunks[0].partition(b" ")[2].strip().decode("utf-8", "replace")
                raise refusal(text, self._channel.endpoint)
            answers.append(chunks)

    def _answer(self) -> list[bytes]:
        """One answer: line, literal, line, …"""
        line = self._channel.readline()
        self._line_seen(line)
        refuse_farewell(line, self._channel.endpoint)
        chunks = [line]
        while (size := parser.literal_size(line)) is not None:
            chunks.append(self._channel.read(size))
            line = self._channel.readline()
            chunks.append(line)
        return chunks

    def _begin(self, seconds: float = COMMAND_SECONDS) -> None:
        """Before a command that imapclient speaks."""
        if self._channel.closed:
            raise errors.ServerUnreachable("the connection is closed")
        self._channel.begin(seconds)

    def noop(self) -> None:
        """Ask for news. After it, `exists` is up to date."""
        self._ask(b"NOOP")

    @property
    def exists(self) -> int:
        """Messages in the selected mailbox, as far as the server has told."""
        return self._exists

    # ── IDLE (RFC 2177), for one watcher that holds many connections on a selector ────────────────────────

    def idle_begin(self) -> None:
        """Start IDLE on the selected mailbox. Until idle_end() only idle_lines() may be called."""
        self._idle_tag = b"P%d" % next(self._tags)
        with translated(self._channel):
            self._begin()
            self._channel.sendall(self._idle_tag + b" IDLE\r\n")
            self._wait_for_go(self._idle_tag, [])

    def idle_lines(self) -> list[bytes]:
        """The complete lines that have come, without waiting, without line ends; possibly none."""
        with translated(self._channel):
            lines = self._channel.ready_lines()
            for line in lines:
                self._line_seen(line + b"\r\n")
                refuse_farewell(line, self._channel.endpoint)
                if line.startswith(self._idle_tag):
                    raise errors.ServerUnavailable(line.decode("utf-8", "replace"))
            return lines

    def idle_end(self) -> list[bytes]:
        """End IDLE; returns what came until the server's OK."""
        lines: list[bytes] = []
        with translated(self._channel):
            self._begin()
            self._channel.sendall(b"DONE\r\n")
            while not (chunks := self._answer())[0].startswith(self._idle_tag + b" "):
                lines.append(chunks[0].rstrip(b"\r\n"))
        return lines
