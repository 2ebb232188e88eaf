"""One letter on its way through a fault: posting it, watching it, answering for the person, and counting it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.webmail.posting import letter

from .laboratory import Laboratory, until

#: Without a renewal for this long nobody holds the row any more: a living worker renews each five seconds. Should one
#: have slept through that, nothing comes of it: there is one worker here, so that nobody takes the row beside it.
SILENT_SECONDS = 7
ASKS = "out-unknown-ask"


@dataclass
class Letter:
    """Written by Alice to Bob, and larger than what a proxy lets pass before its MIDDLE.

    A large one also is more than all sockets on the way hold, so that its sender cannot be past the middle yet.
    """

    lab: Laboratory
    large: bool = False
    lines: int = 2_000
    key: str = field(default_factory=lambda: str(uuid4()))
    message_id: str = field(default_factory=lambda: f"<{uuid4()}@example.test>")
    row: str = ""
    #: What the outbox page said whenever nothing moved, in order.
    seen: list[str] = field(default_factory=list)

    def press(self) -> httpx.Response:
        """Press Send, whatever comes of it; a second time it is the same letter."""
        lab = self.lab
        text = "It must arrive, and it must arrive once.\r\n" * (150_000 if self.large else self.lines)
        data = letter(lab.alice.user, lab.bob.user, self.message_id, text)
        return lab.browser.send(lab.alice.user, lab.bob.user, self.message_id, data, lab.token, self.key)

    def post(self) -> httpx.Response:
        """Press Send, and have it taken."""
        answer = self.press()
        assert answer.status_code in (200, 201), answer.text
        self.row = answer.json()["id"]
        return answer

    def free(self) -> None:
        """Who held the row is dead; its lease runs out now and not in half a minute."""
        self.lab.sql("UPDATE webmail_outboxmessage SET leased_until = now() WHERE leased_until IS NOT NULL")
        self.lab.sweep()

    def rest(self) -> str:
        """Wait until nothing moves: what the person is told then."""
        try:
            until(self._rests, "nothing is due for the row")
        except AssertionError as error:
            ask = "SELECT state, attempts, due, leased_until, answer FROM webmail_outboxmessage WHERE id = %s"
            raise AssertionError(f"{error}: {self.lab.sql(ask, self.row)} {self.lab.site.log()[-3000:]}") from None
        page = self.lab.browser.ask("GET", "/outbox/").text
        found = re.search(rf'id="outbox-{self.row}" data-word="([a-z-]+)"', page)
        assert found, "the outbox page does not show it"
        self.seen.append(found[1])
        return found[1]

    def _rests(self) -> bool:
        self.lab.sql(
            "UPDATE webmail_outboxmessage SET leased_until = now()"
            f" WHERE leased_until < now() + interval '{30 - SILENT_SECONDS} seconds' AND leased_until > now()"
        )
        return bool(
            self.lab.sql(
                "SELECT 1 FROM webmail_outboxmessage WHERE id = %s AND (leased_until IS NULL OR leased_until <= now())"
                " AND (due IS NULL OR due > now())",
                self.row,
            )
        )

    def hasten(self) -> None:
        """What would be done in minutes is due now."""
        self.lab.sql("UPDATE webmail_outboxmessage SET due = now() WHERE id = %s AND due IS NOT NULL", self.row)
        self.lab.sweep()

    def answer(self, act: str) -> None:
        form = {"csrfmiddlewaretoken": self.lab.token}
        assert self.lab.browser.ask("POST", f"/outbox/{self.row}/{act}/", data=form).status_code == 302

    def kept(self) -> bool:
        """Whether the person can still get at the text."""
        answer = self.lab.browser.ask("GET", f"/outbox/{self.row}/copy/")
        return answer.status_code == 200 and b"it must arrive once" in answer.content

    def arrived(self) -> int:
        self.lab.all_delivered()
        return self.lab.count(self.lab.bob, "INBOX", self.message_id)

    def copies(self) -> int:
        return self.lab.count(self.lab.alice, "Sent", self.message_id)
