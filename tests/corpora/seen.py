"""What a person sees of an open message: the page's words and marks, and the letter as it stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

#: Whether everything is there: the line to answer by is written last; what is withheld or went wrong says so.
SETTLED = """(key) => {
  const message = document.querySelector(`mail-message[data-key="${CSS.escape(key)}"]`);
  const line = message?.querySelector(".letter-head protection-line");
  if (!message || message.querySelector('[data-slot="notices"] [role="alert"]')) return Boolean(message);
  if (!line?.dataset.enc || line.dataset.enc === "enc-working") return false;
  return line.dataset.withheld.split(" ").includes("all") || line.dataset.enc === "enc-locked"
    || message.querySelector('[data-slot="answer-words"]').textContent !== "";
}"""

SEEN = """() => {
  const message = document.querySelector("mail-message");
  const slot = (name) => message.querySelector(`[data-slot="${name}"]`);
  const outside = (place) => [...place.children].filter((each) => !each.matches("section.part-card"));
  const words = (place) => outside(place).map(written).join("\\n");
  const written = (each) => each.matches("mail-frame") ? framed(each)
    : each.querySelector("mail-frame, section.part-card") ? words(each) : each.textContent;
  const framed = (each) => each.querySelector("iframe")?.contentDocument.body.textContent ?? "";
  const said = (line) => ({
    enc: line.dataset.enc ?? "", sig: line.dataset.sig ?? "", line: line.querySelector("strong")?.textContent ?? "",
    details: line.textContent,
  });
  const line = message.querySelector(".letter-head protection-line");
  return {
    ...said(line),
    notes: (line.dataset.notes ?? "").split(" ").filter(Boolean),
    level: line.dataset.level ?? "",
    withheld: line.dataset.withheld ?? "",
    subject: slot("subject").textContent,
    sender: slot("from").textContent,
    to: slot("to").textContent,
    text: words(slot("letter")),
    cards: [...slot("letter").querySelectorAll("section.part-card")].map((card) => ({
      id: card.dataset.part, sig: card.dataset.sig ?? "", line: card.querySelector("p.note").textContent,
      text: words(card),
      closed: card.querySelector(".actions button") !== null,
      alone: [...card.querySelectorAll(":scope > protection-line")].map(said),
    })),
    files: [...slot("files").querySelectorAll("li.file .file-name")].map((each) => each.textContent),
    notices: [...slot("notices").querySelectorAll("[data-notice]")].map((each) => each.dataset.notice),
    failed: slot("notices").querySelector("[role=alert]")?.textContent ?? "",
    ran: window.ran ?? null,
    frames: [...slot("letter").querySelectorAll("iframe")].map((frame) => {
      const all = [...frame.contentDocument.body.querySelectorAll("*")];
      return {
        place: frame.contentWindow.location.pathname,
        tags: [...new Set(all.map((each) => each.localName))],
        attributes: [...new Set(all.flatMap((each) => each.getAttributeNames()))],
        sources: all.filter((each) => each.hasAttribute("src")).map((each) => each.getAttribute("src").slice(0, 40)),
        links: all.filter((each) => each.matches("a[href]")).map(({ protocol }) => protocol),
      };
    }),
  };
}"""


@dataclass(frozen=True)
class Card:
    """A part with protection of its own, and what was said when it was opened on its own."""

    id: str
    sig: str
    line: str
    text: str
    closed: bool
    alone: tuple[dict[str, str], ...]


@dataclass
class Seen:
    """One message on the screen. `events` are what the request log and the browser's own log had meanwhile."""

    enc: str = ""
    sig: str = ""
    line: str = ""
    notes: list[str] = field(default_factory=list)
    level: str = ""
    withheld: str = ""
    details: str = ""
    subject: str = ""
    sender: str = ""
    to: str = ""
    text: str = ""
    cards: list[Card] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    failed: str = ""
    ran: object = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    seconds: float = 0
    chip: str = ""
    """What the composer says of a certificate's owner as a recipient."""
    reply: str | None = None
    """What an answer begins with."""
    reply_to: str = ""
    tree: dict[str, Any] = field(default_factory=dict)
    """Parts as the reader has them."""

    @classmethod
    def of(cls, found: dict[str, Any]) -> Seen:
        cards = [Card(**{**card, "alone": tuple(card["alone"])}) for card in found.pop("cards")]
        return cls(**found, cards=cards)

    @property
    def good(self) -> bool:
        """The line says who signed."""
        return self.sig.startswith("sig-good-")

    @property
    def signed_part(self) -> bool:
        """A frame says who signed what is in it."""
        return any(card.id == "part-signed" for card in self.cards)

    @property
    def opened(self) -> bool:
        """Decrypted, as a whole or a part of it when opened on its own."""
        return self.enc == "enc-ok" or any(one["enc"] == "enc-ok" for card in self.cards for one in card.alone)

    @property
    def smime(self) -> bool:
        """The page names S/MIME as what it cannot do."""
        alone = [one for card in self.cards for one in card.alone]
        says = [(self.enc, self.sig, self.details), *((one["enc"], one["sig"], one["details"]) for one in alone)]
        named = any("unsupported" in enc + sig and "S/MIME" in words for enc, sig, words in says)
        return named or any(card.sig == "sig-unsupported" for card in self.cards)

    @property
    def everything(self) -> str:
        """All text of the letter, cards included."""
        return "\n".join([self.text, *(card.text for card in self.cards)])


def bare(text: str) -> str:
    """For comparing what is read: without blanks, and without the marks of quotations, which are shown by a rule."""
    return re.sub(r"[\s>\u00a0\u200b\ufeff]+", "", text)
