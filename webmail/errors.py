"""What goes wrong in the site itself.

WebmailError
├── Unfit            what the browser wants to send may not go out as it is
└── LeaseLost        another worker holds this outbox row now
"""

from __future__ import annotations


class WebmailError(Exception):
    """Base of this package's errors."""


class Unfit(WebmailError):
    """Refused before anything is kept: `code` for the page, `sentence` for the person."""

    def __init__(self, code: str, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.status = status


class LeaseLost(WebmailError):
    """The row went on without us; whoever notices stops where they are and writes nothing more."""


class MailboxChanged(WebmailError):
    """RFC 9051 section 2.3.1.1: UIDVALIDITY is another one, and UIDs from before mean nothing now."""
