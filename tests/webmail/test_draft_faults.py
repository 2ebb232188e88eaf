"""Saving drafts while things break: killed at each step, the connection cut, the mailbox full. No text is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts import imap
from accounts.login import Endpoint
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.fixtures import MailServers
from tests.servers.folders import folder
from tests.servers.gate import Gate

from .drafting import Writing, contents, put
from .posting import House, demo_server, house, housed, letter

__all__ = ["demo_server", "house"]

POINTS = (
    "before the append",
    "after the append",
    "before the old one is marked",
    "before the old one is expunged",
    "after the old one is expunged",
)


@pytest.fixture
def writing(house: House) -> Writing:
    return Writing(house.browser, house.login)


def kill(writing: Writing, point: str, folder: Path) -> None:
    """Post the version written last to a web process that dies at the point."""
    file = folder / "draft.eml"
    file.write_bytes(writing.bytes)
    cookies = [
        writing.browser.cookies[name].value for name in (settings.SESSION_COOKIE_NAME, settings.SHARE_COOKIE_NAME)
    ]
    arguments = [str(connection.settings_dict["NAME"]), str(settings.MAIL_CA_FILE or ""), *cookies, str(file), point]
    form = {"draft": str(writing.id), "rev": writing.rev, "replaces": json.dumps(writing.place)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.webmail.kill_draft", *arguments],
        env=dict(os.environ), stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _out, trouble = process.communicate(json.dumps(form).encode(), timeout=120)
    assert process.returncode == -signal.SIGKILL, trouble.decode()


@pytest.mark.parametrize("point", POINTS)
def test_kill_9_of_the_site_and_the_page_asks_again(writing: Writing, point: str, tmp_path: Path) -> None:
    other = put(writing.login, letter(writing.login.user, "x@example.test", "<other@x.test>"))
    writing.save("before")
    before = writing.bytes
    writing.write("after")
    kill(writing, point, tmp_path)
    # Whatever happened: at least one of the two texts lies there.
    lying = [data for uid, data in contents(writing.login).items() if uid != other.uid]
    assert lying and set(lying) <= {before, writing.bytes}
    answer = writing.post()
    assert answer.status_code == 201, answer.content
    assert [data for uid, data in contents(writing.login).items() if uid != other.uid] == [writing.bytes]
    assert other.uid in contents(writing.login)


def test_what_a_crash_left_goes_with_the_next_save(writing: Writing, tmp_path: Path) -> None:
    """The page died as well: somebody opens the newer of the two that lie there."""
    writing.save("before")
    writing.write("after")
    kill(writing, "after the append", tmp_path)
    place = writing.place or {}
    writing.place = {**place, "uid": max(contents(writing.login))}
    writing.save("later")
    assert writing.there() == [writing.bytes]


def test_opening_the_older_one_after_a_crash_says_that_there_is_a_newer(writing: Writing, tmp_path: Path) -> None:
    writing.save("before")
    writing.write("after")
    kill(writing, "after the append", tmp_path)
    lying = contents(writing.login)
    writing.rev -= 1
    writing.write("from the older one")
    answer = writing.post()
    assert answer.status_code == 409
    assert answer.json()["now"]["uid"] == max(lying)  # type: ignore[attr-defined]
    assert contents(writing.login) == lying


# ── the way to the server ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def gate(mail_servers: MailServers) -> Iterator[Gate]:
    gate = Gate(mail_servers.dovecot.imaps_port)
    yield gate
    gate.close()


def test_a_connection_cut_in_the_append_leaves_the_old_draft_and_a_retry_saves(
    mail_servers: MailServers, gate: Gate, transactional_db: None
) -> None:
    alice = mail_servers.somebody_new()
    through = imap.Login(
        alice.account_id, Endpoint("localhost", gate.port, "implicit"), alice.smtp, alice.user, alice.password
    )
    house = housed(through, alice)
    writing = Writing(house.browser, alice)
    writing.save("before")
    before = writing.bytes
    writing.write("a long text " * 60_000)
    gate.cut(300_000)
    answer = writing.post()
    assert answer.status_code == 503
    assert "Your mail is safe there." in answer.json()["sentence"]  # type: ignore[attr-defined]
    assert writing.there() == [before]
    gate.open()
    answer = writing.post()
    assert answer.status_code == 201, answer.content
    assert writing.there() == [writing.bytes]
    imap.close_account(house.account.pk)


# ── a full mailbox ────────────────────────────────────────────────────────────────────────────────────────────

QUOTA = """
mail_plugins = $mail_plugins quota
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=60K
}
"""


@pytest.fixture
def small(authority: Authority, mail_servers: MailServers, transactional_db: None) -> Iterator[House]:
    """Alice on a Dovecot that gives everybody 60 KB."""
    with folder("dovecot-small") as here:
        server = Dovecot(here, authority.issue("small", "localhost"), QUOTA)
        login = mail_servers.login("alice")
        small = imap.Login(
            login.account_id,
            Endpoint("localhost", server.imaps_port, "implicit"),
            login.smtp,
            login.user,
            login.password,
        )
        house = housed(small, small)
        yield house
        imap.close_account(house.account.pk)
        server.stop()


def test_over_quota_is_said_and_the_old_draft_stays(small: House) -> None:
    writing = Writing(small.browser, small.login)
    writing.save("before")
    before = writing.bytes
    # Not compressible: what is written is mostly what is counted.
    writing.write(os.urandom(40_000).hex())
    answer = writing.post()
    assert answer.status_code == 507
    said = answer.json()  # type: ignore[attr-defined]
    assert said["error"] == "over-quota"
    assert "is full" in said["sentence"]
    assert writing.there() == [before]
    # Smaller again, or with room made, it is saved over the same one.
    writing.write("short")
    assert writing.post().status_code == 201
    assert writing.there() == [writing.bytes]
