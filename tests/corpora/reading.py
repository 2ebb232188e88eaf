"""Somebody opens every message of a set in the page, one after the other, and what they see is written down."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error, Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from tests.browser.canary import Canary
from tests.browser.under_attack import Record
from tests.browser.visitor import Visitor
from tests.corpora.seen import SEEN, SETTLED, Seen
from tests.corpora.tree import TREE

#: A message that is not there after this long hangs (ms).
PATIENCE = 30_000
#: Parts of one message that are opened on their own.
MOST_PARTS = 20
#: Says each message as it is read: for looking for what takes long.
VERBOSE = os.environ.get("CORPORA_VERBOSE") == "1"


@dataclass(frozen=True)
class Posted:
    """Where a message of the inbox stands."""

    path: str

    @property
    def key(self) -> str:
        return self.path.removeprefix("/mailbox/").rstrip("/")


def post(visitor: Visitor, messages: Sequence[bytes]) -> list[Posted]:
    """Straight into the mailbox, marked as read: then opening one changes nothing in the list."""
    posted = []
    with visitor.site.mail.connection(visitor.name) as server:
        for message in messages:
            answer, said = server.append("INBOX", "(\\Seen)", "", message)
            found = re.search(rb"APPENDUID (\d+) (\d+)", said[0] or b"")
            assert answer == "OK" and found, said
            posted.append(Posted(f"/mailbox/INBOX/{int(found[1])}/{int(found[2])}/"))
    return posted


class Reading:
    """One person reading. What leaves the browser or runs in it is told with the message that was open then."""

    def __init__(self, visitor: Visitor, canary: Canary) -> None:
        self.visitor, self.canary = visitor, canary
        self.record = Record(visitor.site)
        self.record.watch(visitor.context, visitor.page)

    def read(self, posted: Sequence[Posted]) -> Iterator[tuple[Posted, Seen]]:
        """From the newest on, by the key for the next."""
        left = {one.path: one for one in posted}
        number = 0
        while left:
            number += 1
            rows = self._rows(number)
            assert left.keys() & set(rows), f"{len(left)} messages are not in the list"
            follow = True
            for path in rows:
                if not left:
                    return
                one = left.pop(path, None)
                if one is None:
                    follow = False
                    continue
                seen = self.open(one, by_key=follow)
                follow = not seen.failed
                yield one, seen

    def _rows(self, number: int) -> list[str]:
        """Where the messages of a page of the list stand; a server that is busy is asked again."""
        rows: list[str] = []
        for _ in range(5):
            self._go(f"/mailbox/INBOX/?page={number}")
            rows = self.page.locator(".row-link").evaluate_all("rows => rows.map((row) => row.pathname)")
            if rows:
                break
            self.page.wait_for_timeout(2_000)
        return rows

    @property
    def page(self) -> Page:
        return self.visitor.page

    def _go(self, path: str) -> None:
        self.page.goto(f"{self.visitor.site.url}{path}", wait_until="domcontentloaded")

    def open(self, one: Posted, *, by_key: bool = False) -> Seen:
        self._forget()
        self.record.now = one.path
        began = time.monotonic()
        try:
            if by_key:
                self.page.keyboard.press("n")
            else:
                self._go(one.path)
            seen = self._settled(one)
        except TooSlow:
            seen = Seen(failed=f"not there after {PATIENCE // 1000} s")
            self._again()
        seen.seconds = time.monotonic() - began
        seen.events = self._events()
        if VERBOSE:
            print(
                f"    {seen.seconds:.1f} s {one.path} {seen.enc} {seen.sig} {seen.failed}", file=sys.stderr, flush=True
            )
        return seen

    def _settled(self, one: Posted) -> Seen:
        self.page.wait_for_function(SETTLED, arg=one.key, timeout=PATIENCE)
        return Seen.of(self.page.evaluate(SEEN))

    def _again(self) -> None:
        """A tab that hangs is closed; the person opens another."""
        context = self.visitor.context
        try:
            self.page.goto("about:blank", timeout=5_000)
        except Error:
            old, self.visitor.page = self.page, context.new_page()
            old.close()
            self.record.watch(context, self.visitor.page)

    def open_parts(self, one: Posted) -> Seen:
        """Every part that is closed, opened on its own."""
        seen = self.open(one)
        buttons = self.page.locator("section.part-card > .actions button")
        lines = self.page.locator("section.part-card > protection-line[data-enc]")
        for opened in range(1, MOST_PARTS):
            if not buttons.count():
                break
            buttons.first.click()
            try:
                expect(lines).to_have_count(opened, timeout=10_000)
            except AssertionError:
                break
            # The letter of a part is written after its line.
            self.page.wait_for_timeout(200)
        events = seen.events + self._events()
        seen = Seen.of(self.page.evaluate(SEEN))
        seen.events = events
        return seen

    def answer(self, one: Posted, seen: Seen) -> None:
        """Presses Reply, and notes what an answer would begin with and to whom it would go."""
        self.open(one)
        self.page.locator('.reader-tools [data-answer="reply"]').click()
        withheld = "all" in seen.withheld.split()
        try:
            composer = self.page.locator("message-composer textarea[data-text]")
            expect(composer).to_be_visible(timeout=1_000 if withheld else 15_000)
            self.page.wait_for_timeout(300)
            seen.reply = composer.input_value()
            seen.reply_to = " ".join(self.page.locator("message-composer .chip").all_inner_texts())
        except AssertionError:
            # Nothing that could be answered: what is withheld has no answer.
            seen.reply = ""
        own = f"{self.visitor.site.url}/compose/"
        seen.events += [event for event in self._events() if own not in event]
        if VERBOSE:
            print(f"    answer to {one.path}: {seen.reply_to} {seen.reply!r:.200}", file=sys.stderr, flush=True)
        self._go("/mailbox/INBOX/")

    def tree(self, one: Posted) -> dict[str, Any]:
        """The message's parts, by the reader's module in the page."""
        found: dict[str, Any] = self.page.evaluate(TREE, one.path)
        return found

    def chip(self, address: str) -> str:
        """What the composer says when this address is typed in."""
        self._go("/mailbox/INBOX/")
        self.page.locator('a[data-key="c"]').click()
        self.page.locator("#compose-to").fill(address)
        self.page.keyboard.press("Enter")
        chip = self.page.locator("li.chip").first
        expect(chip).to_have_attribute("data-state", re.compile("^to-(?!looking|still)"), timeout=20_000)
        return f"{chip.get_attribute('data-state')} {chip.get_attribute('data-effect')}"

    def _forget(self) -> None:
        record = self.record
        self._marks = (len(self.canary.hits), len(record.requests))
        for log in (record.console, record.dialogs, record.errors, record.popups, record.navigations):
            log.clear()
        self.visitor.trouble.clear()

    def _events(self) -> list[str]:
        record, (hits, requests) = self.record, self._marks
        asked, record.requests = record.requests, record.requests[requests:]
        unexpected = list(record.unexpected)
        record.requests = asked
        ours = f"{self.visitor.site.url}/"
        return [
            *(f"called: {hit}" for hit in self.canary.hits[hits:]),
            *(f"asked for: {line}" for line in unexpected),
            *(f"dialog: {line}" for line in record.dialogs),
            *(f"opened: {line}" for line in record.popups),
            *(f"went to: {line}" for line in record.navigations if not line.startswith((ours, "about:blank"))),
            *(f"error: {line}" for line in record.errors),
            *(f"trouble: {line}" for line in self.visitor.trouble),
            *(f"refused: {line}" for line in record.console if _refused(line)),
        ]


def _refused(line: str) -> bool:
    """The policy refused something: the sanitiser let it through, unless it was still at its work."""
    # Said while the sanitiser parses, in a document that shows nothing; that none is left is looked at in the frame.
    parsed = "Setting the document's base URI to" in line
    return ("Refused to" in line or "violates the" in line) and not parsed
