"""Messages for the reader's tests, and opening them as the newest of somebody's mailbox."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage

from playwright.sync_api import Page, expect

from .cage import open_one
from .visitor import SLOW, Visitor

File = tuple[str, str, bytes]


def letter(subject: str, *, text: str | None = "Hello", html: str | None = None, files: Iterable[File] = ()) -> bytes:
    """From Bob, with parts as a mail program makes them."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Bob Brandt <bob@example.test>", "alice@example.test", subject
    made["Date"], made["Message-ID"] = "Fri, 20 Nov 2026 09:12:00 +0100", f"<{abs(hash(subject))}@example.test>"
    if text is not None:
        made.set_content(text)
    if html is not None and text is not None:
        made.add_alternative(html, subtype="html")
    elif html is not None:
        made.set_content(html, subtype="html")
    for name, kind, data in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def entity(*headers: str, body: str = "") -> bytes:
    """A message written out by hand, line by line."""
    head = ["From: Bob Brandt <bob@example.test>", "To: alice@example.test", "MIME-Version: 1.0", *headers]
    return ("\n".join(head) + "\n\n" + body).replace("\n", "\r\n").encode()


def read(visitor: Visitor, message: bytes) -> Page:
    """Puts it into the mailbox, opens it, and waits until all of it stands there."""
    page = open_one(visitor, message)
    # What an answer goes to is written last.
    expect(page.locator("[data-slot=answer-words]")).not_to_be_empty(timeout=SLOW)
    return page
