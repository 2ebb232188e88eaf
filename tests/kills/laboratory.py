"""The whole site with real servers around it, and a proxy that breaks on each of its three ways out.

    browser → web, worker, beat → [proxy] → Postfix → Dovecot (LMTP)
                                → [proxy] → Dovecot (IMAP)
                                → [proxy] → PostgreSQL

What arrived is counted at the servers themselves, with doveadm, and not with anything of ours.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import Celery

from accounts.login import Endpoint, Login
from tests.servers.authority import Authority
from tests.servers.cutting import Cutting
from tests.servers.dovecot import Dovecot
from tests.servers.folders import folder
from tests.servers.postfix import Postfix
from tests.servers.postgres import NAME, Postgres
from tests.servers.redis import Redis
from tests.servers.relay import Relay
from tests.servers.talks import Imap, Smtp
from tests.servers.talks import Postgres as PostgresTalk
from tests.webmail.production import Production
from tests.webmail.proxied import Browser

#: A mailbox holds this much, so that it can be filled.
QUOTA_KIB = 16384
_QUOTA = f"""
mail_plugins = $mail_plugins quota
protocol imap {{
  mail_plugins = $mail_plugins quota imap_quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
  quota_rule = *:storage={QUOTA_KIB}K
}}
"""


@dataclass
class Laboratory:
    """One site; `smtp`, `imap` and `database` are the proxies before its servers."""

    site: Production
    dovecot: Dovecot
    submission: Postfix | Relay
    smtp: Cutting
    imap: Cutting
    database: Cutting
    alice: Login
    bob: Login
    browser: Browser
    token: str = ""

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Past the proxy."""
        return self.site.postgres.sql(statement, *values)

    def mend(self) -> None:
        for proxy in (self.smtp, self.imap, self.database):
            proxy.mend()

    def sweep(self) -> None:
        """What the beat asks for each second, without that second."""
        with Celery(broker=self.site.redis.url) as app:
            app.send_task("webmail.tasks.sweep")

    # --- who is killed ---

    def restart(self, name: str) -> None:
        self.site.start(name)
        if name == "web":
            self.site.ready()

    def kill_child(self) -> None:
        """The process that works, not the one that leads it."""
        (child,) = _children(self.site.process_id("worker"))
        os.kill(child, signal.SIGKILL)

    # --- what arrived ---

    def count(self, login: Login, mailbox: str, message_id: str) -> int:
        found = self.dovecot.doveadm("search", "-u", login.user, "mailbox", mailbox, "HEADER", "Message-ID", message_id)
        return len(found.split("\n")) - 1

    def message_ids(self, login: Login, mailbox: str) -> list[str]:
        """Of all there, as often as they are there."""
        found = self.dovecot.doveadm("fetch", "-u", login.user, "hdr.message-id", "mailbox", mailbox, "all")
        return re.findall(r"<[^>]+>", found)

    def all_delivered(self) -> None:
        """Return when the server has nothing left to deliver: what it took is in a mailbox now."""
        if isinstance(self.submission, Postfix):
            until(lambda: not self.submission.queued(), "the queue is empty")

    def fill_mailbox(self) -> None:
        """Alice has room for a few KiB and no more."""
        size = (QUOTA_KIB - 20) << 10
        self.dovecot.doveadm(
            "save", "-u", self.alice.user, "-m", "Archive", said=b"x" * 76 + b"\n" + (b"y" * 76 + b"\n") * (size // 78)
        )

    def make_room(self) -> None:
        self.dovecot.doveadm("expunge", "-u", self.alice.user, "mailbox", "Archive", "all")

    def empty_mailboxes(self) -> None:
        for login in (self.alice, self.bob):
            self.dovecot.doveadm("expunge", "-u", login.user, "mailbox", "*", "all")


def until(seen: Callable[[], object], what: str, seconds: float = 90) -> Any:
    """Wait for something, and say what did not come."""
    limit = time.monotonic() + seconds
    while not (found := seen()):
        assert time.monotonic() < limit, f"waited in vain: {what}"
        time.sleep(0.03)
    return found


def _children(parent: int) -> list[int]:
    """Process ids, from /proc: a name of a process may hold spaces, so what comes after it is read."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@contextmanager
def laboratory() -> Iterator[Laboratory]:
    """Started, with Alice signed in."""
    with ExitStack() as stack:
        here = {name: stack.enter_context(folder(name)) for name in ("authority", "dovecot", "submission", "site")}
        authority = Authority(here["authority"])
        certificate = authority.issue("server", "localhost", "127.0.0.1")
        dovecot = Dovecot(here["dovecot"], certificate, _QUOTA)
        stack.callback(dovecot.stop)
        submission = (Postfix if Postfix.possible() else Relay)(here["submission"], certificate, dovecot)
        stack.callback(submission.stop)
        redis = Redis(here["site"])
        stack.callback(redis.stop)
        postgres = Postgres(here["site"])
        stack.callback(postgres.stop)
        smtp = Cutting(submission.submissions_port, Smtp, authority)
        imap = Cutting(dovecot.imaps_port, Imap, authority)
        database = Cutting(postgres.port, PostgresTalk)
        for proxy in (smtp, imap, database):
            stack.callback(proxy.close)
        (here["site"] / "logs").mkdir()
        site = Production(
            here["site"] / "logs", postgres, redis, POSTERN_MAIL_CA_FILE=str(authority.file),
            POSTERN_DATABASE_URL=f"postgresql://{NAME}@127.0.0.1:{database.port}/{NAME}",
        )  # fmt: skip
        # One process of each, and no waiting for others that are not there: these are started often.
        site.more = {"web": ["--workers", "1"], "worker": ["--without-mingle", "--without-gossip"]}
        stack.callback(site.kill_all)
        site.manage("migrate", "--verbosity", "0")
        for name in ("web", "worker", "beat"):
            site.start(name)
        site.manage(
            "postern_domain", "example.test", "--imap", f"localhost:{imap.port}", "--smtp", f"localhost:{smtp.port}"
        )
        site.ready()
        alice, bob = (
            Login(
                0,
                Endpoint("localhost", imap.port),
                Endpoint("localhost", smtp.port),
                f"{name}@example.test",
                f"{name}-pw",
            )
            for name in ("alice", "bob")
        )
        browser = Browser(site)
        assert browser.sign_in(alice).status_code == 302
        lab = Laboratory(site, dovecot, submission, smtp, imap, database, alice, bob, browser)
        lab.token = browser.token("/settings/")
        _sweep_each_second(lab)
        yield lab
        assert not [error for proxy in (smtp, imap, database) for error in proxy.trouble]


def _sweep_each_second(lab: Laboratory) -> None:
    """Instead of every thirty: what is waited for here is the same."""

    def sweeps() -> bool:
        # Said again and again: a beat that is still starting keeps what it read before.
        lab.sql("UPDATE django_celery_beat_intervalschedule SET every = 1 WHERE every = 30")
        lab.sql(
            "INSERT INTO django_celery_beat_periodictasks (ident, last_update) VALUES (1, now())"
            " ON CONFLICT (ident) DO UPDATE SET last_update = now()"
        )
        time.sleep(0.3)
        return lab.site.redis.heard.count(b"webmail.tasks.sweep") > 1

    until(sweeps, "the beat sweeps")
