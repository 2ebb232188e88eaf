"""A database that is full or starting again: a script that posts gets a sentence, and a page is a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.accounts import people

from .posting import Post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full() -> Iterator[None]:
    """SQLite's own word: "database or disk is full"."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 20}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 4294967294")


def test_a_post_of_a_script_gets_a_sentence_and_reading_goes_on(full: None) -> None:
    alice = people.account("alice")
    browser = people.browser(alice)
    post = Post(alice.address, ["bob@example.test"])
    good = b"From: alice@example.test\r\nTo: bob@example.test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
    post.parts = {"bytes-0": good + f"Message-ID: {post.message_id}\r\n\r\n".encode() + b"x" * 70 + b"\r\n" * 200_000}
    browser.defaults["HTTP_X_REQUESTED_WITH"] = "fetch"
    answer = post.to(browser)
    assert answer.status_code in (503, 507)
    assert answer.json()["sentence"]  # type: ignore[attr-defined]
    assert browser.get("/outbox/").status_code == 200
    assert b"bob@example.test" not in browser.get("/outbox/").content
