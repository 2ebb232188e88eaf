"""Many letters at once, many workers, and a broker that is wiped and then gone: each arrives, and each arrives once."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest
import redis

from .laboratory import Laboratory, until
from .letters import Letter

#: A hundred wait when the broker is wiped (KILL_RUNS), and as many as are felt where the whole suite runs.
LETTERS = 100 if "KILL_RUNS" in os.environ else 30
pytestmark = pytest.mark.timeout(600)


def test_letters_in_a_broker_that_is_wiped_and_gone_for_a_while(lab: Laboratory) -> None:
    lab.site.kill("worker")
    letters = [Letter(lab, lines=20) for _number in range(LETTERS)]
    for letter in letters[:-3]:
        letter.post()
    with redis.Redis(port=lab.site.redis.port) as broker:
        assert broker.llen("celery") >= LETTERS - 3
        broker.flushall()
    # One worker lives through what follows, and finds nothing in the broker any more.
    lab.restart("worker")
    lab.site.redis.stop()
    for letter in letters[-3:]:
        began = time.monotonic()
        letter.post()
        # Nobody who presses Send waits for the broker.
        assert time.monotonic() - began < 15
    time.sleep(5)
    lab.site.redis.start()
    # Four more to fight over the rows, and every row is offered again and again while it is at work.
    lab.site.more["second worker"] = ["--without-mingle", "--without-gossip", "--concurrency", "4"]
    lab.site.start("second worker")
    until(
        lambda: lab.sql("SELECT count(*) FROM webmail_outboxmessage WHERE state <> 'done'") == [(0,)], "all done", 400
    )
    lab.all_delivered()
    ids = {letter.message_id for letter in letters}
    for login, mailbox in ((lab.bob, "INBOX"), (lab.alice, "Sent")):
        assert Counter(lab.message_ids(login, mailbox)) == dict.fromkeys(ids, 1)
    lab.site.kill("second worker")
    lab.empty_mailboxes()
