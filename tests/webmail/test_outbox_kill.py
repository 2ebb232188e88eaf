"""Killing the processes between "send" and "sent": kill -9 at each point, and what the person finds afterwards.

The oracle counts at the submission server, which logs every full DATA: one message taken and everything done, or a
state that the person is shown and asked about. Never nothing, never two.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from webmail import outbox, outbox_words, sending
from webmail.models import OutboxChunk, OutboxMessage, State

from .breaking import Breaking
from .posting import House, breaking, breaking_house, demo_server, letter

__all__ = ["breaking", "breaking_house", "demo_server"]

SEEN_BY_THE_SERVER = ("connect", "ehlo", "auth", "mail", "rcpt", "data", "middle", "dot", "reply", "quit")
BETWEEN_OUR_STEPS = (
    "after the lease",
    "after the reply, before it is written",
    "after accepted is written, before the copy",
    "after the copy, before done is written",
)
# From the end mark to the written acceptance nobody can know, so there the person is asked.
ASKED = ("dot", "reply", "after the reply, before it is written")


def worker(row: OutboxMessage, point: str = "nowhere") -> subprocess.Popen[bytes]:
    """A real worker process on this test's database."""
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.webmail.kill_worker", database, str(row.pk), point]
    return subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> int:
    _out, trouble = process.communicate(timeout=60)
    if process.returncode not in (0, -signal.SIGKILL):
        pytest.fail(trouble.decode())
    return process.returncode


def later(row: OutboxMessage) -> OutboxMessage:
    """Time passes until nothing moves by itself any more; the sweep finds what a dead worker held."""
    for _round in range(12):
        # A lease of a dead worker runs out, and what waits becomes due.
        OutboxMessage.objects.filter(pk=row.pk, leased_until__isnull=False).update(leased_until=timezone.now())
        OutboxMessage.objects.filter(pk=row.pk, due__isnull=False).update(due=timezone.now())
        for waiting in outbox.overdue():
            sending.work(waiting)
    row.refresh_from_db()
    return row


def whole(answer: HttpResponse) -> bytes:
    """The body, which comes in pieces where it is large."""

    async def joined() -> bytes:
        return b"".join([piece async for piece in answer])  # type: ignore[attr-defined]

    return asyncio.run(joined()) if answer.streaming else answer.content


def judge(row: OutboxMessage, house: House, breaking: Breaking, point: str) -> None:
    taken = breaking.taken[row.message_id]
    copies = len(house.messages("Sent", row.message_id))
    assert taken <= 1, "sent twice"
    # At QUIT the worker writes the acceptance at that very moment: the kill may come before it or after.
    if point in ASKED or (point == "quit" and row.state == State.ASKING):
        assert row.state == State.ASKING
        page = house.browser.get("/outbox/").content.decode()
        assert 'data-word="out-unknown-ask"' in page
        # Nothing is lost either way: the bytes are kept until the person decides.
        assert b"A letter" in whole(house.browser.get(f"/outbox/{row.pk}/copy/"))
    else:
        assert (row.state, taken, copies) == (State.DONE, 1, 1)
        assert outbox_words.line(row).word == "out-done"


@pytest.mark.parametrize("point", SEEN_BY_THE_SERVER)
def test_kill_9_of_the_worker_at_each_step_of_submission(house: House, breaking: Breaking, point: str) -> None:
    post = house.post()
    # Large enough to be under way when the kill comes.
    post.parts = {"bytes-0": letter(post.sender, post.recipients[0], post.message_id, "Hello again.\r\n" * 300_000)}
    row = post.row(house.browser)
    process = None
    killed = []

    def kill(stage: str, argument: str) -> str | None:
        if stage == point and not killed:
            assert process is not None
            process.kill()
            process.wait()
            killed.append(stage)
        return None

    breaking.fault = kill
    process = worker(row)
    code = end(process)
    # QUIT is a courtesy that nobody waits for, so there the worker may already be done.
    assert killed == [point] or point == "quit"
    assert code == -signal.SIGKILL or point == "quit"
    judge(later(row), house, breaking, point)


@pytest.mark.parametrize("point", BETWEEN_OUR_STEPS)
def test_kill_9_of_the_worker_between_its_own_steps(house: House, breaking: Breaking, point: str) -> None:
    row = house.post().row(house.browser)
    assert end(worker(row, point)) == -signal.SIGKILL
    judge(later(row), house, breaking, point)


def test_a_task_that_never_came(house: House, breaking: Breaking) -> None:
    """The broker was wiped: the sweep finds the row."""
    row = house.post().row(house.browser)
    judge(later(row), house, breaking, "the broker")


def test_a_worker_that_dies_every_time_does_not_send_twice(house: House, breaking: Breaking) -> None:
    row = house.post().row(house.browser)
    for _try in range(3):
        OutboxMessage.objects.filter(pk=row.pk).update(leased_until=None, due=timezone.now())
        end(worker(row, "after accepted is written, before the copy"))
    judge(later(row), house, breaking, "the same point again")


def test_a_dead_workers_row_is_free_again_within_a_minute() -> None:
    from webmail.lease import LASTS

    assert LASTS.total_seconds() + 30 <= 60


# --- the web process ---

WEB = """
import os, signal, sys
sys.path.insert(0, os.getcwd())
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django; django.setup()
from django.test import Client
from tests.webmail.posting import Post
from webmail import outbox, tasks
from webmail.models import Delivery
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "before the commit":
    # The last write of the transaction.
    real = Delivery.objects.bulk_create
    Delivery.objects.bulk_create = lambda rows: (real(rows), die())
else:
    tasks.enqueue = die
browser = Client(SERVER_NAME="localhost")
browser.cookies[settings.SESSION_COOKIE_NAME], browser.cookies[settings.SHARE_COOKIE_NAME] = sys.argv[3:5]
answer = Post(sys.argv[5], [sys.argv[6]], key=sys.argv[7], message_id=sys.argv[8]).to(browser)
sys.exit(f"still alive after {answer.status_code}")
"""


@pytest.mark.parametrize("point", ["before the commit", "after the commit"])
def test_kill_9_of_the_site_while_it_takes_the_letter(house: House, breaking: Breaking, point: str) -> None:
    post = house.post()
    cookies = [house.browser.cookies[name].value for name in (settings.SESSION_COOKIE_NAME, settings.SHARE_COOKIE_NAME)]
    command = [
        sys.executable, "-c", WEB, str(connection.settings_dict["NAME"]), point, *cookies,
        post.sender, post.recipients[0], post.key, post.message_id,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.PIPE)
    assert end(process) == -signal.SIGKILL
    # Of bytes that were sealed, but not committed with their row, nothing stays.
    assert OutboxChunk.objects.exists() == (point == "after the commit")
    # The composer heard nothing, kept the text, and presses again with the same key.
    answer = post.to(house.browser)
    assert answer.status_code == (201 if point == "before the commit" else 200)
    assert OutboxMessage.objects.count() == 1
    judge(later(OutboxMessage.objects.get()), house, breaking, point)
