"""What only a real PostgreSQL shows: who gets a row when many reach for it at once, and what a restored dump sends."""

from __future__ import annotations

from collections import Counter

import pytest
from celery import Celery

from .laboratory import Laboratory, until
from .letters import Letter

pytestmark = pytest.mark.timeout(180)


def test_five_workers_reach_for_each_row_and_one_has_it(lab: Laboratory) -> None:
    lab.site.kill("worker")
    letters = [Letter(lab, lines=20) for _number in range(3)]
    for letter in letters:
        letter.post()
    with Celery(broker=lab.site.redis.url) as app:
        # Side by side, so that each row is in five hands at a time.
        for letter in letters:
            for _time in range(15):
                app.send_task("webmail.tasks.work", [letter.row])
    lab.site.more["second worker"] = ["--without-mingle", "--without-gossip", "--concurrency", "4"]
    for name in ("worker", "second worker"):
        lab.site.start(name)
    try:
        for letter in letters:
            assert letter.rest() == "out-done"
        lab.all_delivered()
        ids = {letter.message_id for letter in letters}
        for login, mailbox in ((lab.bob, "INBOX"), (lab.alice, "Sent")):
            assert Counter(lab.message_ids(login, mailbox)) == dict.fromkeys(ids, 1)
    finally:
        lab.site.kill("second worker")
        lab.empty_mailboxes()


def test_a_restored_dump_sends_nothing_for_the_second_time(lab: Laboratory) -> None:
    lab.site.kill("worker")
    letter = Letter(lab, lines=20)
    letter.post()
    backup = lab.site.postgres.backup()
    lab.restart("worker")
    assert letter.rest() == "out-done"
    lab.all_delivered()
    # As an operator does it: nothing of the site runs meanwhile.
    names = ("web", "worker", "beat")
    for name in names:
        lab.site.kill(name)
    lab.site.postgres.restore(backup)
    assert lab.sql("SELECT state FROM webmail_outboxmessage WHERE id = %s", letter.row) == [("waiting",)]
    for name in names:
        lab.restart(name)
    until(
        lambda: lab.sql("SELECT 1 FROM webmail_outboxmessage WHERE id = %s AND restored", letter.row), "it is noticed"
    )
    letter.hasten()
    assert letter.rest() == "out-done"
    assert (letter.arrived(), letter.copies()) == (1, 1)
    lab.empty_mailboxes()
