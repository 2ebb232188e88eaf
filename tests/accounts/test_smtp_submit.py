"""Submission against a real server: over TLS, as a whole, byte for byte."""

import pytest

from accounts import errors, imap, smtp
from accounts.criteria import Criterion
from accounts.imap import Login
from tests.servers.fixtures import MailServers

LETTER = (
    b"From: alice@example.test\r\nTo: bob@example.test\r\nSubject: dots\r\n"
    b"Date: Sun, 22 Nov 2026 09:31:28 +0000\r\nMessage-ID: <%s@example.test>\r\n\r\n"
    b"one\r\n.\r\n..two\r\n. three\r\n\r\n.\r\n"
)


def _arrived(servers: MailServers, name: str, message_id: bytes) -> bytes:
    import time

    limit = time.monotonic() + 20
    with imap.connect(servers.login(name), fresh=True) as server:
        while time.monotonic() < limit:
            server.select("INBOX")
            uids = server.search([Criterion("HEADER", ("Message-ID", f"<{message_id.decode()}@example.test>"))])
            if uids:
                return b"".join(server.stream(uids[0]))
            time.sleep(0.1)
    raise AssertionError("the message did not arrive")


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_bob_receives_exactly_what_alice_submitted(mail_servers: MailServers, tls: str) -> None:
    phases: list[str] = []
    letter = LETTER % tls.encode()
    done = smtp.submit(
        mail_servers.login("alice", tls=tls), "alice@example.test", ["bob@example.test"], letter, phases.append
    )
    assert done.accepted == ["bob@example.test"] and not done.refused
    assert phases == ["connecting", "data", "sent_end"]
    assert _arrived(mail_servers, "bob", tls.encode()).endswith(letter.partition(b"Message-ID")[2])


def test_one_of_two_recipients_is_refused_and_named(mail_servers: MailServers) -> None:
    done = smtp.submit(
        mail_servers.login("alice"),
        "alice@example.test",
        ["refused@example.test", "charlie@example.test"],
        LETTER % b"partly",
    )
    assert done.accepted == ["charlie@example.test"]
    assert done.refused["refused@example.test"][0] == 550
    assert _arrived(mail_servers, "charlie", b"partly")


@pytest.mark.parametrize(
    ("recipients", "kind"),
    [
        (["refused@example.test"], errors.PermanentRefusal),
        (["later@example.test"], errors.TemporaryRefusal),
        (["refused@example.test", "later@example.test"], errors.TemporaryRefusal),
    ],
)
def test_nobody_is_accepted(
    mail_servers: MailServers, recipients: list[str], kind: type[errors.SubmissionError]
) -> None:
    with pytest.raises(kind) as refused:
        smtp.submit(mail_servers.login("alice"), "alice@example.test", recipients, LETTER % b"none")
    assert set(refused.value.refused) == set(recipients)


def test_a_wrong_password_is_tried_once(mail_servers: MailServers) -> None:
    login = mail_servers.login("alice")
    wrong = Login(1, login.imap, login.smtp, login.user, "not it")
    with pytest.raises(errors.LoginRefused):
        smtp.submit(wrong, "alice@example.test", ["bob@example.test"], LETTER % b"wrong")


def test_over_the_announced_size_nothing_is_sent(mail_servers: MailServers) -> None:
    phases: list[str] = []
    large = LETTER % b"large" + b"x" * 70 + b"\r\n" + (b"y" * 76 + b"\r\n") * 450_000
    with pytest.raises(errors.TooLarge):
        smtp.submit(mail_servers.login("alice"), "alice@example.test", ["bob@example.test"], large, phases.append)
    assert phases == ["connecting"]
