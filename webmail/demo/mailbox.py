"""A year of mail for the people of the demo. The same choices every time; only the dates follow the calendar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag

from . import bulk, files
from .letters import CAST, LETTERS, NOTES, SENT_ALONE, THREADS, Person
from .protected import OpenPgp, Smime
from .server import MailServer

SEEN, ANSWERED, FLAGGED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Draft"
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Mail:
    """One message, where and when it came, and what was done with it."""

    mailbox: str
    when: datetime
    data: bytes
    flags: frozenset[str] = field(default_factory=frozenset)


def seed(mail: MailServer) -> None:
    """Write everybody's mail into the empty server."""
    now = datetime.now(UTC).replace(microsecond=0)
    for who, threads, papers in (("alice", 99, 99), ("bob", 6, 1), ("charlie", 5, 1)):
        letters = sorted(Year(CAST[who], now).mails(threads, papers), key=lambda each: each.when)
        for name in dict.fromkeys(each.mailbox for each in letters):
            mail.seed(CAST[who].address, name, [_appended(each) for each in letters if each.mailbox == name])


def _appended(mail: Mail) -> AppendMessage:
    return AppendMessage(mail.data, mail.when, frozenset(Flag(flag.encode()) for flag in mail.flags))


class Year:
    """The last year of one person's mail."""

    def __init__(self, owner: Person, now: datetime) -> None:
        self.owner = owner
        self.now = now
        # Chosen alike at every seeding; nothing here is a secret.
        self.chance = random.Random(owner.address)  # noqa: S311
        self.full = owner == CAST["alice"]

    def mails(self, threads: int, papers: int) -> Iterator[Mail]:
        yield from self.threads(threads)
        yield from self.letters()
        yield from self.papers(papers)
        yield from self.notices()
        yield from self.attachments()
        if self.full:
            yield from self.mailing_list()
            yield from self.sent_alone()
            yield from self.protected()
            yield from self.report()
            yield from self.odd_ones()
        yield from self.junk()

    # --- how a message is made ---

    def ago(self, most: float, least: float = 1.0) -> datetime:
        """Some daytime between so many days ago."""
        day = self.now - timedelta(days=self.chance.uniform(least, most))
        day = day.replace(hour=self.chance.choice((7, 8, 9, 9, 10, 11, 13, 14, 15, 16, 18, 20, 21)))
        day = day.replace(minute=self.chance.randrange(60), second=self.chance.randrange(60))
        # Nothing comes from the future, and not all of today's mail at the same minute.
        return day if day < self.now else self.now - timedelta(minutes=self.chance.uniform(4, 300))

    def mark(self) -> str:
        return f"{self.chance.getrandbits(80):020x}"

    def head(self, sender: Person, to: Person, subject: str, when: datetime) -> dict[str, str]:
        return {
            "From": _address(sender), "To": _address(to), "Subject": subject, "Date": format_datetime(when),
            "Message-ID": f"<{self.mark()}@{sender.address.partition('@')[2]}>",
        }  # fmt: skip

    def message(self, head: dict[str, str], text: str, html: str = "") -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        for name, value in head.items():
            message[name] = value
        message.set_content(text + "\n", cte="7bit" if text.isascii() and _short(text) else "quoted-printable")
        if html:
            message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message

    def written(self, message: EmailMessage) -> bytes:
        for part in message.walk():
            if part.is_multipart():
                part.set_boundary(f"part-{self.mark()}")
        return message.as_bytes()

    def received(self, message: EmailMessage, when: datetime, *flags: str, mailbox: str = "INBOX") -> Mail:
        # What is older than two weeks was read; a few things were marked.
        read = (self.now - when).days > 14 or self.chance.random() < 0.55
        chosen = {SEEN} if read else set()
        if self.chance.random() < 0.04:
            chosen.add(FLAGGED)
        return Mail(mailbox, when, self.written(message), frozenset(chosen | set(flags)))

    # --- what came ---

    def threads(self, most: int) -> Iterator[Mail]:
        for number, (subject, turns) in enumerate(THREADS[:most]):
            when = self.ago(330, 12) if number % 3 else self.ago(10, 1)
            yield from self.thread(subject, turns, when)

    def thread(self, subject: str, turns: list[tuple[str, str]], when: datetime) -> Iterator[Mail]:
        people = [CAST[who] for who in dict.fromkeys(who for who, _text in turns)]
        if self.owner not in people:
            people.append(self.owner)
        last: tuple[Person, str, datetime] | None = None
        references: list[str] = []
        for place, (who, text) in enumerate(turns):
            sender = CAST[who]
            others = [person for person in people if person != sender]
            head = self.head(sender, others[0], subject if place == 0 else f"Re: {subject.removeprefix('Re: ')}", when)
            head["To"] = ", ".join(_address(person) for person in others)
            if references:
                head |= {"In-Reply-To": references[-1], "References": " ".join(references)}
            if last is not None:
                text += "\n\n" + _quoted(*last)
            references.append(head["Message-ID"])
            message = self.message(head, text)
            answered = any(CAST[other] == self.owner for other, _text in turns[place + 1 : place + 2])
            if sender == self.owner:
                yield Mail("Sent", when, self.written(message), frozenset({SEEN}))
            else:
                mailbox = "Archive" if (self.now - when).days > 120 else "INBOX"
                yield self.received(message, when, *((SEEN, ANSWERED) if answered else ()), mailbox=mailbox)
            last = (sender, text, when)
            when = min(when + timedelta(hours=self.chance.uniform(0.4, 20)), self.now - timedelta(minutes=5))

    def letters(self) -> Iterator[Mail]:
        chosen = [*LETTERS, *NOTES] if self.full else self.chance.sample([*LETTERS, *NOTES], 10)
        for number, (who, subject, text) in enumerate(chosen):
            if CAST[who] == self.owner:
                continue
            when = self.ago(150) if number % 7 else self.ago(0.9, 0)
            message = self.message(self.head(CAST[who], self.owner, subject, when), text)
            yield self.received(message, when)

    def papers(self, most: int) -> Iterator[Mail]:
        for place, paper in enumerate(bulk.PAPERS[:most]):
            first = self.chance.uniform(0.3, 1) + place * 3
            count = (365 if self.full else 120) // paper.every_days
            for number in range(count):
                when = self.now - timedelta(days=first + number * paper.every_days, hours=self.chance.uniform(0, 2))
                yield self.machine(paper.issue(count - number + 40), when)

    def notices(self) -> Iterator[Mail]:
        for name, address, subject, text in bulk.NOTICES:
            for number in range(1, 10 if self.full else 2):
                issue = bulk.Issue(name, address, subject.format(n=number), text.format(n=number))
                yield self.machine(issue, self.ago(number * 38, number * 38 - 36))

    def machine(self, issue: bulk.Issue, when: datetime) -> Mail:
        head = self.head(Person(issue.name, issue.address), self.owner, issue.subject, when)
        return self.received(self.message({**head, **issue.headers}, issue.text, issue.html), when)

    def mailing_list(self) -> Iterator[Mail]:
        posters = [CAST[who] for who in ("tom", "ruth", "elif", "quentin", "olena", "farid")]
        room = Person(bulk.LIST_NAME, bulk.LIST_ADDRESS)
        for number, (subject, texts) in enumerate(bulk.LIST_THREADS):
            when = self.ago(30 + number * 45, 3 + number * 40)
            references: list[str] = []
            for place, text in enumerate(texts):
                sender = posters[(number + place) % len(posters)]
                title = f"[{bulk.LIST_NAME}] {subject}"
                head = self.head(sender, room, title if place == 0 else f"Re: {title}", when)
                head |= {
                    "List-Id": f"For people who bind books <{bulk.LIST_NAME}.lists.example>",
                    "List-Post": f"<mailto:{bulk.LIST_ADDRESS}>",
                    "List-Unsubscribe": f"<mailto:{bulk.LIST_NAME}-leave@lists.example>",
                    "Precedence": "list",
                }
                if references:
                    head |= {"In-Reply-To": references[-1], "References": " ".join(references)}
                references.append(head["Message-ID"])
                foot = f"\n\n{'_' * 47}\n{bulk.LIST_NAME} mailing list\n{room.address}"
                yield self.received(self.message(head, text + foot), when)
                when += timedelta(hours=self.chance.uniform(1, 30))

    def attachments(self) -> Iterator[Mail]:
        dawn, dusk = files.picture(480, 320, files.DAWN), files.picture(480, 320, files.DUSK, 0.6)
        bill = files.pdf(["Offer 2026-114", "", "Roof, north side: tiles and battens", "Total: 4,180.00"])
        plan = files.pdf(["Hanging plan, room 1", "", "1  The coat", "2  Letters, never sent", "3  The drawer"])
        year = self.now.year - 1
        start = (self.now + timedelta(days=12)).replace(hour=17, minute=0, second=0)
        invitation = files.calendar(
            f"{self.mark()}@atolye.example", "Opening: letters never sent", "Atölye", start, "elif@atolye.example",
            self.owner.address,
        )  # fmt: skip
        table = files.table(year).encode()
        letters = [
            ("ines", "Two pictures from the garden", "The morning and the evening of the same day.", 6,
             [(dawn, "image", "png", "morning.png"), (dusk, "image", "png", "evening.png")]),
            ("ruth", "The first offer for the roof", "Here is the offer. It holds until the end of the month.", 9,
             [(bill, "application", "pdf", "Offer roof.pdf")]),
            ("elif", "Hanging plan", "The plan for room 1, as promised.", 25,
             [(plan, "application", "pdf", "Hängeplan Raum 1 – Entwurf.pdf")]),
            ("noah", "Nebenkosten", "Anbei die Tabelle mit den Nebenkosten des letzten Jahres.", 60,
             [(table, "text", "csv", f"Nebenkosten-{year}.csv")]),
            ("lin", "湖边的照片", "这是湖边那天早上的照片。", 33, [(dawn, "image", "png", "湖边的早晨.png")]),
        ]  # fmt: skip
        for who, subject, text, days, parts in letters if self.full else letters[:2]:
            when = self.ago(days + 2, days)
            message = self.message(self.head(CAST[who], self.owner, subject, when), text)
            for data, major, minor, name in parts:
                message.add_attachment(data, maintype=major, subtype=minor, filename=name)
            yield self.received(message, when)
        if self.full:
            yield self.invitation(invitation)
            yield self.picture_in_page(dusk)

    def invitation(self, calendar: str) -> Mail:
        when = self.ago(5, 3)
        message = self.message(
            self.head(CAST["elif"], self.owner, "Invitation: opening, letters never sent", when),
            "You are invited. Please answer by the calendar, or simply come.",
        )
        message.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"}, cte="base64")
        return self.received(message, when)

    def picture_in_page(self, data: bytes) -> Mail:
        """An HTML letter that shows a picture it carries along (RFC 2392)."""
        when = self.ago(11, 9)
        name = f"{self.mark()}@carvalho.example"
        message = self.message(
            self.head(CAST["ines"], self.owner, "Bom dia from the balcony", when),
            "The same view as every year.\n\nInês",
            "<p>The same view as every year.</p>"
            f'<p><img src="cid:{name}" alt="The harbour at dusk" width="480"></p><p>Inês</p>',
        )
        page = message.get_payload()[1]  # type: ignore[index]
        page.add_related(data, maintype="image", subtype="png", cid=f"<{name}>")  # type: ignore[union-attr]
        return self.received(message, when)

    def protected(self) -> Iterator[Mail]:
        """Mail that is really signed and encrypted."""
        dana, farid, tom = CAST["dana"], CAST["farid"], CAST["tom"]
        pgp, lost = OpenPgp.make(dana), OpenPgp.make(self.owner)
        smime, lost_too = Smime.make(tom), Smime.make(self.owner)

        def put(when: datetime, data: bytes) -> Mail:
            return Mail("INBOX", when, data, frozenset({SEEN} if (self.now - when).days > 3 else ()))

        when = self.ago(2, 1)
        text = "Alice,\n\nthis one is signed. With my certificate you can see that nobody changed it.\n\nDana\n"
        yield put(when, pgp.signed(self.head(dana, self.owner, "Signed, as promised", when), text, self.mark()))
        when = self.ago(4, 3)
        text = "The access code of the new house is in here, so I would rather not write it on a postcard.\n"
        yield put(when, pgp.encrypted(self.head(dana, self.owner, "...", when), text, self.mark(), lost))
        when = self.ago(90, 80)
        text = "For the file: the agreement in the version we both signed.\n"
        yield put(
            when, OpenPgp.make(farid).signed(self.head(farid, self.owner, "The agreement", when), text, self.mark())
        )
        when = self.ago(140, 130)
        text = pgp.in_the_text("My old program signs in the text itself. It still works.")
        yield put(when, self.written(self.message(self.head(dana, self.owner, "From the old computer", when), text)))
        when = self.ago(6, 5)
        text = "The contract for the spring issue is signed, by me and by this certificate.\n\nTom\n"
        yield put(
            when, smime.signed(self.head(tom, self.owner, "Contract for the spring issue", when), text, self.mark())
        )
        when = self.ago(45, 40)
        text = "Everything in one piece this time, the office's program does it so.\n\nTom\n"
        yield put(when, smime.signed_whole(self.head(tom, self.owner, "Order confirmation", when), text))
        when = self.ago(100, 95)
        text = "The account details, for your eyes.\n"
        yield put(when, smime.encrypted(self.head(tom, self.owner, "Account details", when), text, lost_too))

    def report(self) -> Iterator[Mail]:
        """A delivery status notification (RFC 3464) for a mistyped address."""
        when = self.ago(8, 7)
        daemon = Person("Mail Delivery System", "mailer-daemon@demo.test")
        lost = self.message(self.head(self.owner, Person("", "dana@wern.example"), "Umbrella", when), "Thursday, then.")
        mark = self.mark()
        head = self.head(daemon, self.owner, "Undelivered Mail Returned to Sender", when)
        outer = EmailMessage(policy=POLICY)
        for name, value in {**head, "Auto-Submitted": "auto-replied", "MIME-Version": "1.0"}.items():
            outer[name] = value
        parts = (
            "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
            "Your message could not be delivered to one recipient.\r\n\r\n"
            "<dana@wern.example>: there is no such domain\r\n",
            "Content-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; demo.test\r\n\r\n"
            "Final-Recipient: rfc822; dana@wern.example\r\nAction: failed\r\nStatus: 5.1.2\r\n"
            "Diagnostic-Code: smtp; 550 5.1.2 no such domain\r\n",
            "Content-Type: text/rfc822-headers\r\n\r\n" + lost.as_string().partition("\r\n\r\n")[0] + "\r\n",
        )
        body = "".join(f"--{mark}\r\n{part}\r\n" for part in parts) + f"--{mark}--\r\n"
        kind = f'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="{mark}"\r\n\r\n'
        data = outer.as_bytes().removesuffix(b"\r\n") + kind.encode() + body.encode("ascii")
        yield Mail("INBOX", when, data, frozenset({SEEN}))

    def odd_ones(self) -> Iterator[Mail]:
        """Drafts, something thrown away, a forward with the whole message inside."""
        when = self.ago(3, 2)
        draft = self.message(
            self.head(self.owner, CAST["greta"], "Altos in January", when), "Dear Greta,\n\nI have asked"
        )
        yield Mail("Drafts", when, self.written(draft), frozenset({DRAFT, SEEN}))
        when = self.ago(30, 20)
        gone = self.message(self.head(CAST["charlie"], self.owner, "Test", when), "Does this arrive?")
        yield Mail("Trash", when, self.written(gone), frozenset({SEEN}))
        when = self.ago(18, 16)
        inner = self.message(
            self.head(CAST["sofia"], CAST["olena"], "The boat", when - timedelta(days=1)), "It leaves at six."
        )
        outer = self.message(self.head(CAST["olena"], self.owner, "Fwd: The boat", when), "See below, Sofia found out.")
        outer.add_attachment(inner)
        yield self.received(outer, when)
        when = self.ago(14, 12)
        page = (
            "<h1 style='color:#7a2e1d'>Tea at four</h1><p>Only HTML, no text beside it. <b>Bring the blue cups.</b></p>"
        )
        message = EmailMessage(policy=POLICY)
        for name, value in self.head(CAST["ruth"], self.owner, "Tea", when).items():
            message[name] = value
        message.set_content(page, subtype="html", cte="quoted-printable")
        yield self.received(message, when)

    def sent_alone(self) -> Iterator[Mail]:
        for who, subject, text in SENT_ALONE:
            when = self.ago(120)
            message = self.message(self.head(self.owner, CAST[who], subject, when), text)
            yield Mail("Sent", when, self.written(message), frozenset({SEEN}))

    def junk(self) -> Iterator[Mail]:
        for name, address, subject, text in bulk.SPAM if self.full else bulk.SPAM[:2]:
            when = self.ago(25)
            html = f"<p><font color='red' size='5'>{escape(subject)}</font></p><p>{escape(text)}</p>"
            message = self.message(self.head(Person(name, address), self.owner, subject, when), text, html)
            yield Mail("Junk", when, self.written(message))


def _address(person: Person) -> str:
    return str(Address(person.name, addr_spec=person.address))


def _short(text: str) -> bool:
    return all(len(line) < 900 for line in text.split("\n"))


def _quoted(sender: Person, text: str, when: datetime) -> str:
    own = text.split("\n\nOn ")[0]
    lines = "\n".join(f"> {line}".rstrip() for line in own.split("\n"))
    return f"On {when.day} {when:%B %Y}, {sender.name} wrote:\n{lines}"
