"""`make run` as a person meets it: it starts, delivers, stops on Ctrl-C, and goes on where it was."""

from __future__ import annotations

import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default as POLICY
from pathlib import Path

import pytest

from accounts import imap
from accounts.errors import LoginRefused
from accounts.login import Login
from tests.servers.ports import free_ports
from webmail.demo import people
from webmail.demo.letters import CAST
from webmail.demo.mailbox import Year
from webmail.demo.server import MailServer

HERE = Path(__file__).resolve().parents[2]
ALICE, BOB, CHARLIE = people.PEOPLE
#: The same for every demo here, as for one that was started twice.
(PORT,) = free_ports(1)


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    said: str
    data: Path

    @property
    def url(self) -> str:
        found = re.search(r"http://localhost:\d+", self.said)
        assert found is not None, self.said
        return found[0]

    @property
    def ports(self) -> dict[str, int]:
        kept: dict[str, int] = json.loads((self.data / "demo" / "ports.json").read_text())
        return kept

    def login(self, person: people.DemoPerson) -> Login:
        imap_at, smtp_at = (imap.Endpoint("127.0.0.1", self.ports[name], "plain") for name in ("imap", "smtp"))
        return Login(abs(hash((self.data, person.local))), imap_at, smtp_at, person.address, person.password)

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, float]:
        """Exit code, what it said after the greeting, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        rest, _none = self.process.communicate(timeout=20)
        return self.process.returncode, rest, time.monotonic() - began


Start = Callable[[Path], Demo]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    running: list[Demo] = []

    def starter(data: Path) -> Demo:
        running.append(_started(data))
        return running[-1]

    yield starter
    for demo in running:
        demo.process.kill()
        demo.process.wait()
    imap.pool.close_all()


@pytest.fixture(scope="module")
def demo(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One that is left running."""
    return start(tmp_path_factory.mktemp("demo"))


def _started(data: Path) -> Demo:
    # As a shell starts it: nothing configured but where the data lies and, to be polite, another port.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("POSTERN", "DJANGO"))}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(PORT)],
        cwd=HERE,
        env=environment | {"POSTERN_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ""
    watchdog = threading.Timer(150, process.kill)
    watchdog.start()
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    watchdog.cancel()
    assert "Ctrl-C" in said, said
    return Demo(process, said, data)


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_it_starts_says_where_it_is_and_stops_cleanly(start: Start, tmp_path: Path) -> None:
    demo = start(tmp_path)
    for person in people.PEOPLE:
        assert person.address in demo.said and person.password in demo.said
    assert people.ADMIN_PASSWORD in demo.said
    assert status(f"{demo.url}/sign-in/") == 200
    assert status(f"{demo.url}/admin/login/") == 200
    code, rest, seconds = demo.stop()
    assert (code, rest.strip()) == (0, "")
    assert seconds < 4


def test_it_stops_on_sigterm_too(start: Start, tmp_path: Path) -> None:
    code, rest, _seconds = start(tmp_path).stop(signal.SIGTERM)
    assert (code, rest.strip()) == (0, "")


def test_mail_goes_from_alice_to_bob_and_is_still_there_next_time(start: Start, tmp_path: Path) -> None:
    demo = start(tmp_path)
    ports = demo.ports
    letter = (
        b"From: alice@demo.test\r\nTo: bob@demo.test\r\nSubject: Hi\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
        b"Message-ID: <demo-1@demo.test>\r\n\r\nFrom the start.\r\n.\r\nA dot.\r\n"
    )
    with imap.connect(demo.login(BOB), fresh=True) as server:
        before = server.status("INBOX").messages
        assert before > 20
    with smtplib.SMTP("127.0.0.1", ports["smtp"], timeout=10) as smtp:
        smtp.login(ALICE.address, ALICE.password)
        smtp.sendmail(ALICE.address, [BOB.address], letter)
    with imap.connect(demo.login(BOB), fresh=True) as server:
        selected = server.select("INBOX")
        assert selected.exists == before + 1
        [uid] = server.search([imap.Criterion("HEADER", ("Message-ID", "<demo-1@demo.test>"))])
        assert b"".join(server.stream(uid)).endswith(letter)
        server.add_flags([uid], ["\\Flagged", "$Forwarded"])
        uidvalidity = selected.uidvalidity
    assert demo.stop()[0] == 0

    again = start(tmp_path)
    assert "Writing the demo" not in again.said
    # The same ports, because sealed passwords name them.
    assert again.ports == ports
    with imap.connect(again.login(BOB), fresh=True) as server:
        selected = server.select("INBOX")
        assert (selected.exists, selected.uidvalidity) == (before + 1, uidvalidity)
        assert {"\\Flagged", "$Forwarded"} <= next(iter(server.rows_by_uid([uid]))).flags
        assert b"".join(server.stream(uid)).endswith(letter)


def test_kill_9_loses_no_mail(start: Start, tmp_path: Path) -> None:
    demo = start(tmp_path)
    with imap.connect(demo.login(CHARLIE), fresh=True) as server:
        uid = server.append("Archive", b"Subject: kept\r\n\r\nHello\r\n")
    demo.process.kill()
    demo.process.wait()
    with imap.connect(start(tmp_path).login(CHARLIE), fresh=True) as server:
        server.select("Archive")
        assert uid in server.search([imap.Criterion("SUBJECT", "kept")])


def test_another_port_where_the_usual_one_is_taken(demo: Demo, start: Start, tmp_path: Path) -> None:
    other = start(tmp_path)
    assert demo.url != other.url
    assert status(f"{other.url}/sign-in/") == 200


def test_new_mail_is_pushed_to_who_idles(demo: Demo) -> None:
    with imap.connect(demo.login(BOB), fresh=True) as server:
        server.select("INBOX")
        server.idle_begin()
        with smtplib.SMTP("127.0.0.1", demo.ports["smtp"], timeout=10) as smtp:
            smtp.login(ALICE.address, ALICE.password)
            smtp.sendmail(ALICE.address, [BOB.address], b"Subject: Now\r\n\r\nNow.\r\n")
        until = time.monotonic() + 5
        lines: list[bytes] = []
        while time.monotonic() < until and not any(line.endswith(b" EXISTS") for line in lines):
            lines += server.idle_lines()
            time.sleep(0.01)
        assert any(line.endswith(b" EXISTS") for line in lines)


@pytest.mark.parametrize(
    ("sender", "recipient", "code"),
    [
        (ALICE.address, "dana@wren.example", 550),
        (ALICE.address, "nobody@demo.test", 550),
        (BOB.address, CHARLIE.address, 553),
    ],
)
def test_nothing_leaves_the_machine_and_nobody_sends_as_another(
    demo: Demo, sender: str, recipient: str, code: int
) -> None:
    with smtplib.SMTP("127.0.0.1", demo.ports["smtp"], timeout=10) as smtp:
        smtp.login(ALICE.address, ALICE.password)
        with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused)) as refused:
            smtp.sendmail(sender, [recipient], b"Subject: x\r\n\r\nx\r\n")
    assert str(code) in str(refused.value)


def test_a_wrong_password_opens_neither_server(demo: Demo) -> None:
    smtp = smtplib.SMTP("127.0.0.1", demo.ports["smtp"], timeout=10)
    with smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login(ALICE.address, BOB.password)
    with pytest.raises(LoginRefused), imap.connect(replace(demo.login(ALICE), password="wrong"), fresh=True):
        pass


# --- the mail that was written for it ---


@pytest.fixture(scope="module")
def year() -> list[bytes]:
    return [mail.data for mail in Year(CAST["alice"], datetime.now(UTC)).mails(99, 99)]


def test_alice_has_a_few_hundred_messages_of_every_kind(year: list[bytes]) -> None:
    assert 250 <= len(year) <= 400
    kinds = {part.get_content_type() for data in year for part in message_from_bytes(data, policy=POLICY).walk()}
    assert kinds >= {
        "text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related", "image/png",
        "application/pdf", "text/calendar", "text/csv", "message/rfc822", "message/delivery-status",
        "application/pgp-encrypted", "application/pgp-signature", "application/pkcs7-signature",
        "application/pkcs7-mime",
    }  # fmt: skip


def test_every_message_is_well_made(year: list[bytes]) -> None:
    for data in year:
        message = message_from_bytes(data, policy=POLICY)
        assert not any(part.defects for part in message.walk()), data[:400]
        assert message["From"] and message["Date"] and message["Message-ID"]
        assert data.isascii()
        assert b"\n" not in data.replace(b"\r\n", b"")
        assert max(map(len, data.split(b"\r\n"))) <= 998


def test_the_signatures_are_real(year: list[bytes], tmp_path: Path) -> None:
    """OpenSSL as the other side; a self-signed certificate is enough to see that the bytes are what was signed."""
    signed = [data for data in year if b'application/pkcs7-signature"' in data or b"smime-type=signed-data" in data]
    assert len(signed) == 2
    for number, data in enumerate(signed):
        file = tmp_path / f"{number}.eml"
        file.write_bytes(data)
        command = ["openssl", "cms", "-verify", "-noverify", "-in", str(file), "-out", os.devnull]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_message_is_itself_where_another_one_was_deleted(embedded_mail: MailServer) -> None:
    """SQLite gives the number of a deleted last row again."""
    smtp = imap.Endpoint("127.0.0.1", embedded_mail.ports.smtp, "plain")
    at = imap.Endpoint("127.0.0.1", embedded_mail.ports.imap, "plain")
    with imap.connect(Login(0, at, smtp, "person299@example.test", "person299-pw"), fresh=True) as server:
        for text in (b"one", b"two"):
            server.append("Drafts", b"Subject: " + text + b"\r\n\r\n" + text + b"\r\n")
            server.select("Drafts")
            (uid,) = server.search([])
            assert server.search([imap.Criterion("SUBJECT", text.decode())]) == [uid]
            assert b"".join(server.stream(uid)).endswith(text + b"\r\n")
            server.delete([uid])
