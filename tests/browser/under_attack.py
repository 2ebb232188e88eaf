"""A person opening one hostile message after the other by key, in a browser that has no way out but the canary."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request, expect

from .canary import Canary
from .visitor import Visitor
from .whole_site import Site

#: What reading a message asks for, and nothing else of ours.
EXPECTED = [
    r"GET /mailbox/INBOX/(\d+/\d+/(outline/|raw/)?)?",
    r"GET /mailbox/INBOX/\d+/\d+/part/[\d.]+/",
    r"GET /mailboxes/",
    r"GET /frame/blocked/",
    r"GET /static/[0-9a-f]{16}/[\w./-]+",
    r"GET /ws/mail/",
    # Of the composer, where a message is answered.
    r"POST /send/limit/",
    r"(GET|POST) /keys/(ring|recipients|stay)/",
    r"(GET|PUT) /keys/state/[\w-]+/[\w-]+/",
]

#: All of the page that a letter has no business in. Digits differ from message to message, everything else must not.
OUTSIDE = """() => {
  const page = document.documentElement.cloneNode(true);
  const slots = ["letter", "notices", "subject", "files"].map((name) => `[data-slot=${name}]`).join();
  const varying = `#list, #mailboxes, .reader-steps, title, #toasts, ${slots}`;
  for (const each of page.querySelectorAll(varying)) each.replaceChildren();
  for (const each of page.querySelectorAll("[name=csrf-token], [name=csrfmiddlewaretoken]")) each.remove();
  for (const each of page.querySelectorAll("#list, [data-slot=files]")) {
    for (const name of each.getAttributeNames()) each.removeAttribute(name);
  }
  for (const line of page.querySelectorAll("protection-line")) {
    const said = line.getAttributeNames().sort().map((name) => [name, line.getAttribute(name)]);
    for (const [name] of said) line.removeAttribute(name);
    for (const [name, value] of said) line.setAttribute(name, value);
  }
  // Made of Message-ID, date and size.
  for (const each of page.querySelectorAll("[data-trace]")) each.setAttribute("data-trace", "");
  return page.outerHTML.replace(/\\d+/g, "#") + Object.keys(window).filter((name) => !/^\\d+$/.test(name)).join();
}"""

#: What one letter became, frame by frame.
INSIDE = """() => [...document.querySelectorAll("mail-message [data-slot=letter] iframe")].map((frame) => {
  const { body, head } = frame.contentDocument;
  const all = [...body.querySelectorAll("*")];
  return {
    html: body.innerHTML,
    head: head.children.length,
    place: frame.contentWindow.location.pathname,
    tags: [...new Set(all.map((each) => each.localName))],
    attributes: [...new Set(all.flatMap((each) => each.getAttributeNames()))],
    links: all.filter((each) => each.localName === "a" && each.hasAttribute("href"))
      .map(({ protocol, rel, target, title, href }) => ({ protocol, rel, target, title, href })),
    sources: all.filter((each) => each.hasAttribute("src")).map((each) => each.getAttribute("src").slice(0, 40)),
  };
})"""

AROUND = """() => ({
  beside: [...document.querySelector("mail-message [data-slot=letter]").children].map((each) => each.localName),
  notices: [...document.querySelectorAll("[data-notice]")].map((each) => each.dataset.notice),
  failed: document.querySelector("[data-slot=notices] [role=alert]")?.textContent ?? null,
  ran: window.ran ?? null,
})"""


@dataclass(frozen=True)
class Shown:
    """One message as the reader showed it."""

    inside: list[dict[str, Any]]
    around: dict[str, Any]
    outside: str


@dataclass
class Record:
    """Everything that happened in one browser, from the time `watch` was called."""

    site: Site
    requests: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    popups: list[str] = field(default_factory=list)
    navigations: list[str] = field(default_factory=list)
    now: str = ""

    def watch(self, context: BrowserContext, page: Page) -> None:
        context.on("request", self._request)
        context.on("response", lambda answer: self.answers.append(answer.url))
        context.on("console", self._console)
        context.on("dialog", self._dialog)
        context.on("weberror", lambda error: self.errors.append(f"{self.now}: {error.error}"))
        context.on("page", lambda popup: self.popups.append(f"{self.now}: {popup.url}"))
        page.on("websocket", lambda socket: self.requests.append(f"GET {socket.url.replace('ws:', 'http:')}"))
        page.on(
            "framenavigated", lambda frame: self.navigations.append(frame.url) if frame == page.main_frame else None
        )

    def _request(self, request: Request) -> None:
        self.requests.append(f"{request.method} {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{self.now}: {message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(f"{self.now}: {dialog.type}: {dialog.message}")
        dialog.dismiss()

    @property
    def unexpected(self) -> Counter[str]:
        """Requests that reading does not ask for."""
        found: Counter[str] = Counter()
        for line in self.requests:
            method, _, url = line.partition(" ")
            if url.startswith(("data:", f"blob:{self.site.url}/")):
                continue
            ours = url.startswith(f"{self.site.url}/")
            path = f"{method} {unquote(urlsplit(url).path)}"
            if not ours or not any(re.fullmatch(pattern, path) for pattern in EXPECTED):
                found[line] += 1
        return found


def read_all(visitor: Visitor, record: Record, names: Sequence[str]) -> Iterator[Shown]:
    """Opens the newest messages of the inbox, one for each of `names`, from the newest on, by the key for the next."""
    page, number = visitor.page, 0
    left = list(names)
    while left:
        number += 1
        page.goto(f"{visitor.site.url}/mailbox/INBOX/?page={number}")
        rows = page.locator(".row-link").evaluate_all("rows => rows.map((row) => row.pathname)")
        for path in rows[: len(left)]:
            record.now = left.pop(0)
            page.keyboard.press("n")
            yield shown(page, path)


def shown(page: Page, path: str) -> Shown:
    """The message at `path`, once it stands there."""
    key = path.removeprefix("/mailbox/").rstrip("/")
    # The line to answer by is written last, after the letter; what cannot be shown says so.
    ended = page.locator(f'mail-message[data-key="{key}"] :is([data-slot=answer], [data-slot=notices] [role=alert])')
    expect(ended.filter(visible=True).first).to_be_visible(timeout=20_000)
    return Shown(page.evaluate(INSIDE), page.evaluate(AROUND), page.evaluate(OUTSIDE))


def quiet(server: Canary, seconds: float = 1) -> list[str]:
    """What the canary heard, after whatever was on its way had time to arrive."""
    time.sleep(seconds)
    return list(server.hits)
