"""Each refusal at the door by the id of its sentence, with what the sentence names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import errors
from .reasons import told

Level = Literal["calm", "note", "warning", "stop"]


@dataclass(frozen=True)
class Refusal:
    """One sentence: its id, its level, the answer's status, and the values for its places."""

    word: str
    level: Level
    status: int
    host: str = ""
    port: int = 0
    reason: str = ""
    minutes: int = 0
    keep_password: bool = False
    name_servers: bool = False
    detail: bool = True


# The first class that fits; a subclass stands before its base.
_WORDS: list[tuple[type[errors.AccountError], str, Level, int]] = [
    (errors.PasswordExpired, "signin-expired", "note", 403),
    (errors.LoginRefused, "signin-wrong", "note", 403),
    (errors.BadArgument, "signin-wrong", "note", 403),
    (errors.TooManyTries, "signin-too-many", "note", 429),
    (errors.TooManyConnections, "signin-too-many-there", "note", 503),
    (errors.ServerUnavailable, "signin-unavailable", "note", 503),
    (errors.TlsNotTrusted, "signin-tls", "stop", 502),
    (errors.HostNotAllowed, "signin-host", "note", 403),
    (errors.SettingsNotFound, "signin-not-found", "note", 404),
    (errors.AccountDisabled, "signin-disabled", "note", 403),
    (errors.ServerUnreachable, "signin-unreachable", "note", 504),
    # A server that does not speak IMAP is, for the person, one that cannot check the password.
    (errors.ProtocolError, "signin-unavailable", "note", 502),
]
# Postern's own wait where the server names none (RFC 5530 LIMIT gives no time).
_THERE_MINUTES = 5


def of(error: errors.AccountError, minutes: int = 0) -> Refusal:
    """The refusal for what went wrong; an error that cannot happen at the door is raised again."""
    for kind, word, level, status in _WORDS:
        if isinstance(error, kind):
            there = isinstance(error, errors.TooManyConnections)
            return Refusal(
                word,
                level,
                status,
                host=error.host,
                port=error.port,
                reason=told(error.reason),
                minutes=_THERE_MINUTES if there else minutes,
                # The password was not judged, so typing it again would be for nothing.
                keep_password=isinstance(error, errors.ServerUnreachable),
                name_servers=isinstance(error, errors.SettingsNotFound),
                detail=not isinstance(error, errors.SettingsNotFound),
            )
    raise error
