"""A submission server that talks without end, or hardly at all: a named error in time, and no blame on the message."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest

from accounts import errors, smtp, smtp_greeting
from tests.servers.recording import RecordingSmtp

LETTER = b"From: alice@example.test\r\nSubject: x\r\n\r\nhello\r\n"
BEFORE_THE_END = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA")
CODES = {"CONNECT": b"220", "AUTH": b"235", "DATA": b"354"}


def _submit(recorder: RecordingSmtp) -> smtp.Submission:
    return smtp.submit(recorder.login(), "alice@example.test", ["bob@example.test"], LETTER)


class _Endless(RecordingSmtp):
    """Answers one verb with `piece` again and again, as fast as the other side takes it, or once in `pause` seconds."""

    def __init__(self, stage: str, piece: bytes, pause: float = 0.0) -> None:
        self.stage, self.piece, self.pause = stage, piece, pause
        #: The reply is found by this mark, and takes the place of it.
        super().__init__(replies={stage: b"ENDLESS"})

    def talk(self, sock: socket.socket) -> None:
        server = self

        class Talking:
            def sendall(self, data: bytes) -> None:
                if data != b"ENDLESS":
                    return sock.sendall(data)
                piece = server.piece if server.pause else server.piece * (1 + 65536 // len(server.piece))
                while True:
                    sock.sendall(piece)
                    time.sleep(server.pause)

            def recv(self, size: int) -> bytes:
                return sock.recv(size)

        with suppress(OSError):
            super().talk(Talking())  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", BEFORE_THE_END)
@pytest.mark.parametrize("piece", [b"%s-and\r\n", b"x" * 1000], ids=["lines", "one line"])
def test_talk_without_end_before_the_end_mark_is_the_servers_fault(stage: str, piece: bytes) -> None:
    said = piece % CODES.get(stage, b"250") if b"%s" in piece else piece
    with _Endless(stage, said) as server:
        with pytest.raises(errors.AccountError) as trouble:
            _submit(server)
        # Tried again later, and never "larger than your server takes".
        assert isinstance(trouble.value, errors.ServerTrouble | errors.LostBeforeEnd)
        assert not isinstance(trouble.value, errors.TooLarge)
        assert server.messages == []


@pytest.mark.parametrize("piece", [b"250-and\r\n", b"x" * 1000], ids=["lines", "one line"])
def test_talk_without_end_after_the_end_mark_leaves_it_unknown(piece: bytes) -> None:
    with _Endless("DOT", piece) as server, pytest.raises(errors.LostAfterEnd):
        _submit(server)


@pytest.mark.parametrize("stage", BEFORE_THE_END)
def test_a_server_that_drips_ends_with_the_deadline(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each octet comes in time for a socket; only the clock ends it."""
    for name in ("CONNECT_SECONDS", "COMMAND_SECONDS", "BODY_SECONDS"):
        for module in (smtp, smtp_greeting):
            monkeypatch.setattr(module, name, 1.0, raising=False)
    with _Endless(stage, b"2", pause=0.1) as server:
        began = time.monotonic()
        with pytest.raises(errors.LostBeforeEnd):
            _submit(server)
        assert 0.5 < time.monotonic() - began < 30
        assert server.messages == []


def test_the_deadlines_of_submission_are_those_of_the_design() -> None:
    assert (smtp_greeting.CONNECT_SECONDS, smtp.COMMAND_SECONDS, smtp.END_MARK_SECONDS) == (10, 30, 600)
    assert smtp_greeting.REPLY_CAP == 256 << 10
