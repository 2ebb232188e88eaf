"""The real process set: uvicorn, worker, beat and watch on PostgreSQL and Redis, Dovecot and Postfix over TLS.

One story: Alice signs in and sends, the worker is killed in the middle of it, another one takes its place, and Bob
has the letter once. What was secret stands in no store, no log and nothing that passed the broker.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.sync.client import ClientConnection

from accounts import imap
from accounts.login import Login
from tests.servers.fixtures import MailServers
from tests.servers.gate import Gate
from tests.servers.postgres import programs

from .posting import letter
from .production import Production, production
from .proxied import Browser

pytestmark = [
    pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed: see scripts/debian.sh"),
    pytest.mark.timeout(400),
]


@pytest.fixture
def gate(mail_servers: MailServers) -> Iterator[Gate]:
    gate = Gate(mail_servers.smtp().port)
    yield gate
    gate.close()


@pytest.fixture
def site(mail_servers: MailServers, gate: Gate) -> Iterator[Production]:
    with production(POSTERN_MAIL_CA_FILE=str(mail_servers.authority.file)) as site:
        for name in ("web", "worker", "beat", "watch"):
            site.start(name)
        site.manage(
            "postern_domain",
            "example.test",
            "--imap",
            f"localhost:{mail_servers.imap().port}",
            "--smtp",
            f"localhost:{gate.port}",
        )
        site.ready()
        yield site


def hear(page: ClientConnection, wanted: Callable[[dict[str, Any]], bool], seconds: float = 120) -> dict[str, Any]:
    """The first message of that kind; what comes before it is passed over."""
    until = time.monotonic() + seconds
    while True:
        message = json.loads(page.recv(timeout=max(until - time.monotonic(), 0)))
        if wanted(message):
            return dict(message)


def until(seen: Callable[[], Any], seconds: float = 120) -> Any:
    limit = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < limit
        time.sleep(0.1)
    return found


def uids(login: Login, mailbox: str, message_id: str) -> list[int]:
    with imap.connect(login, fresh=True) as server:
        server.select(mailbox, readonly=True)
        return server.search([imap.Criterion("HEADER", ("Message-ID", message_id))])


def test_a_letter_survives_its_worker(site: Production, gate: Gate, mail_servers: MailServers) -> None:
    alice, bob = mail_servers.somebody_new(), mail_servers.somebody_new()
    sql = site.postgres.sql
    browser = Browser(site)

    # Signing in, and the page's socket: what is told comes from the worker and from the watch, through Redis.
    answer = browser.sign_in(alice)
    assert (answer.status_code, answer.headers["location"]) == (302, "/"), answer.text
    token = browser.token("/settings/")
    page = browser.listen()

    # Beat keeps its schedule in the database. Here the sweep comes every second, so that nobody waits half a minute.
    sweep = until(
        lambda: sql("SELECT name, enabled FROM django_celery_beat_periodictask WHERE task = 'webmail.tasks.sweep'")
    )
    assert [enabled for _, enabled in sweep] == [True]
    every = "SELECT i.every, i.period FROM django_celery_beat_periodictask t JOIN django_celery_beat_intervalschedule i"
    assert sql(f"{every} ON t.interval_id = i.id WHERE t.task = 'webmail.tasks.sweep'") == [(30, "seconds")]
    sql("UPDATE django_celery_beat_intervalschedule SET every = 1 WHERE every = 30")
    sql("INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, now()) ON CONFLICT (ident)"
        " DO UPDATE SET last_update = now()")  # fmt: skip

    # The worker dies inside DATA.
    message_id = f"<{uuid4()}@example.test>"
    data = letter(alice.user, bob.user, message_id, "A canary: wren-4711.\r\n" * (gate.LARGEST_UNREAD // 22))
    gate.shut(100_000)
    answer = browser.send(alice.user, bob.user, message_id, data, token)
    assert answer.status_code == 201, answer.text
    assert gate.held.wait(30)
    site.kill("worker")
    assert sql("SELECT state FROM webmail_outboxmessage") == [("submitting",)]
    assert sql("SELECT phase FROM webmail_delivery") == [("data",)]

    # Its lease runs out (here at once, not after thirty seconds), and the sweep gives the row to the next worker.
    gate.open()
    site.start("worker")
    sql("UPDATE webmail_outboxmessage SET leased_until = now()")
    assert hear(page, lambda message: message.get("state") == "done")["id"] == answer.json()["id"]

    assert len(uids(bob, "INBOX", message_id)) == 1
    assert len(uids(alice, "Sent", message_id)) == 1
    assert sql("SELECT count(*) FROM webmail_outboxbytes WHERE sealed IS NOT NULL") == [(0,)]
    assert sql("SELECT credential FROM webmail_outboxmessage") == [(None,)]

    # Bob answers from elsewhere: the watch hears it.
    with imap.connect(alice, fresh=True) as server:
        server.append("INBOX", letter(bob.user, alice.user, f"<{uuid4()}@example.test>"))
    assert hear(page, lambda message: message.get("mailbox") == "INBOX")["type"] == "mailbox-changed"

    # What somebody looks for stands in the address, and addresses are what servers like to log.
    assert "Nothing for" in browser.ask("GET", "/mailbox/INBOX/?q=heron-0815").text

    # Signing out closes the socket, whichever of the two web processes holds it.
    assert browser.ask("POST", "/sign-out/", data={"csrfmiddlewaretoken": token}).status_code == 302
    assert hear(page, lambda message: message["type"] == "signed-out")
    assert browser.ask("GET", "/").headers["location"].startswith("/sign-in/")

    # Nobody who has the database, the broker's traffic or the logs has a password or a letter.
    stores = {"database": site.postgres.dump(), "broker": site.redis.heard, "logs": site.log().encode()}
    for name, store in stores.items():
        for secret in (alice.password.encode(), base64.b64encode(alice.password.encode()), b"wren-4711", b"heron-0815"):
            assert secret not in store, name
    assert "Traceback" not in site.log(), site.log()
    assert site.stop() == {"web": 0, "beat": 0, "watch": 0, "worker": 0}
