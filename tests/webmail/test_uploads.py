"""What the composer posts is judged while it comes, and kept as a whole or not at all."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from accounts.models import Account
from webmail import limits
from webmail.asgi import application
from webmail.models import OutboxBytes, OutboxChunk, OutboxMessage
from webmail.store import CHUNK, Kept, Writer

from .posting import House, Post, demo_server, embedded, letter

__all__ = ["demo_server"]


@pytest.fixture
def house(demo_server: Any, transactional_db: None) -> House:
    return embedded(demo_server)


def large(post: Post, size: int) -> Post:
    post.parts = {
        "bytes-0": letter(post.sender, post.recipients[0], post.message_id, "Hello again.\r\n" * (size // 14))
    }
    return post


def nothing_is_kept() -> bool:
    return not any(model.objects.exists() for model in (OutboxMessage, OutboxBytes, OutboxChunk))


def refused(answer: HttpResponse, status: int, code: str) -> str:
    assert answer.status_code == status, answer.content
    said = answer.json()  # type: ignore[attr-defined]
    assert said["error"] == code
    assert nothing_is_kept()
    return str(said["sentence"])


def test_a_large_one_is_kept_byte_for_byte(house: House) -> None:
    post = large(house.post(), 3 * CHUNK)
    row = post.row(house.browser)
    assert row.copy is not None
    assert row.copy.chunks.count() > 3
    assert b"".join(Kept(row.copy)) == post.parts["bytes-0"]
    page = house.browser.get(f"/outbox/{row.pk}/copy/")
    assert page["Content-Length"] == str(row.copy.size)


@pytest.mark.parametrize("bad", ["bare", "header", "8-bit", "open"])
def test_a_fault_at_the_end_of_it_leaves_nothing(house: House, bad: str) -> None:
    post = large(house.post(), 3 * CHUNK)
    data = post.parts["bytes-0"]
    post.parts["bytes-0"] = {
        "bare": data + b"a\r.\r\n",
        "header": data.replace(b"Subject: ", b"Bcc: eve@example.test\r\nSubject: "),
        "8-bit": data + b"\xc3\xa9\r\n",
        "open": data + b"a",
    }[bad]
    codes = {"bare": "bad-lines", "header": "bcc-inside", "8-bit": "not-7-bit", "open": "bad-lines"}
    refused(post.to(house.browser), 400, codes[bad])


def test_a_header_without_end_is_not_held(house: House) -> None:
    post = house.post()
    line = b"X-Filler: " + b"a" * 900 + b"\r\n"
    post.parts = {"bytes-0": line * 2000}
    refused(post.to(house.browser), 400, "bad-header")


def test_what_the_order_says_is_judged_before_the_parts(house: House) -> None:
    """Parts that come first, that nobody spoke of, that come twice, or not at all."""
    post = house.post()
    data = SimpleUploadedFile("bytes-0", letter(post.sender, post.recipients[0], post.message_id))
    key = {"key": post.key, "meta": json.dumps(post.order)}
    for form in (
        {"bytes-0": data, **key},
        {**key, "bytes-0": data, "bytes-1": SimpleUploadedFile("bytes-1", b"more")},
        {**key, "bytes-0": [data, SimpleUploadedFile("again", b"again")]},
        key,
        {**key, "bytes-0": "no file"},
    ):
        data.seek(0)
        refused(house.browser.post("/send/", form), 400, "bad-order")
    refused(house.browser.post("/send/", "{}", content_type="application/json"), 400, "bad-order")
    data.seek(0)
    assert house.browser.post("/send/", {**key, "bytes-0": data}).status_code == 201


def test_what_json_can_hold_and_no_order_does_is_not_understood(house: House) -> None:
    post = house.post()
    place = {"mailbox": "INBOX", "uidvalidity": 1, "uid": float("inf"), "flag": "\\Answered"}
    for meta in (json.dumps(post.order | {"answered": place}), "[" * 100_000):
        data = SimpleUploadedFile("bytes-0", letter(post.sender, post.recipients[0], post.message_id))
        refused(house.browser.post("/send/", {"key": post.key, "meta": meta, "bytes-0": data}), 400, "bad-order")


def test_the_token_counts_in_the_header_alone(house: House) -> None:
    """Looking for it in the form would read all of the form, for somebody who may not post here."""
    house.browser.get("/settings/")
    token = house.browser.cookies[site.CSRF_COOKIE_NAME].value
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(house.browser.cookies)
    post = house.post()
    file = SimpleUploadedFile("bytes-0", letter(post.sender, post.recipients[0], post.message_id))
    form = {"csrfmiddlewaretoken": token, "key": post.key, "meta": json.dumps(post.order), "bytes-0": file}
    assert strict.post("/send/", form).status_code == 403
    for origin in ("https://evil.example", "null"):
        file.seek(0)
        answer = strict.post("/send/", form, headers={"X-CSRFToken": token, "Origin": origin})
        assert answer.status_code == 403
    assert nothing_is_kept()
    file.seek(0)
    assert strict.post("/send/", form, headers={"X-CSRFToken": token}).status_code == 201


# --- how large it may be ---


def known(account: Account, octets: int, ago: timedelta = timedelta(0)) -> None:
    Account.objects.filter(pk=account.pk).update(size_limit=octets, size_asked=timezone.now() - ago)


def test_what_the_mail_server_takes_counts_where_it_is_less(house: House, settings: Any) -> None:
    known(house.account, 300_000)
    sentence = refused(large(house.post(), 400_000).to(house.browser), 413, "too-large")
    assert sentence.startswith("Your mail server takes 293.0"), sentence
    settings.MESSAGE_LIMIT = 200_000
    sentence = refused(large(house.post(), 250_000).to(house.browser), 413, "too-large")
    assert "the most this server takes" in sentence
    assert large(house.post(), 150_000).to(house.browser).status_code == 201


def test_what_was_known_long_ago_refuses_nobody(house: House) -> None:
    known(house.account, 1000, ago=limits.KNOWN_FOR * 2)
    assert large(house.post(), 50_000).to(house.browser).status_code == 201


def test_of_two_pages_one_asks_the_server(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known(house.account, 300_000, ago=limits.KNOWN_FOR * 2)
    first, second = (Account.objects.get(pk=house.account.pk) for _ in range(2))
    asked: list[object] = []

    def meanwhile(endpoint: object) -> int:
        asked.append(endpoint)
        assert limits.ask(second).octets == 300_000, "what was known before stands while it is asked"
        return 400_000

    monkeypatch.setattr(limits, "announced_limit", meanwhile)
    assert limits.ask(first).octets == 400_000
    assert len(asked) == 1
    assert limits.ask(Account.objects.get(pk=first.pk)).octets == 400_000


def test_all_the_parts_together_are_judged_before_they_are_stored(
    house: House, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MESSAGE_LIMIT = 1 << 20
    monkeypatch.setattr("webmail.outbox.MOST_KEPT_SIZE", 2)
    stored: list[int] = []
    write = Writer.write

    def counted(writer: Writer, data: bytes) -> None:
        stored.append(len(data))
        write(writer, data)

    monkeypatch.setattr(Writer, "write", counted)
    post = house.post(*(f"p{number}@example.test" for number in range(5)))
    names = [f"bytes-{number}" for number in range(5)]
    deliveries = [{"recipients": [to], "part": name} for to, name in zip(post.recipients, names, strict=True)]
    post.meta = {"deliveries": deliveries}
    one = letter(post.sender, post.recipients[0], post.message_id, "Hello again.\r\n" * 50_000)
    post.parts = dict.fromkeys(names, one)
    sentence = refused(post.to(house.browser), 507, "outbox-full")
    assert sentence.startswith("Too much is waiting in your outbox.")
    assert 2 * len(one) < sum(stored) <= 2 << 20
    # What waits already counts as well.
    assert large(house.post(), 900_000).to(house.browser).status_code == 201
    stored.clear()
    assert large(house.post(), 900_000).to(house.browser).status_code == 201
    stored.clear()
    assert large(house.post(), 900_000).to(house.browser).status_code == 507
    assert sum(stored) < 900_000


# --- a disk that is full (F6) ---


@pytest.fixture
def full_database(house: House) -> Iterator[None]:
    """SQLite takes no page more than it has and a few."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own way to be full")
    with connection.cursor() as cursor:
        # What others left free in the file would be room, too.
        cursor.execute("VACUUM")
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 100}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 4294967294")


def test_a_database_without_room_is_told_and_nothing_stays(house: House, full_database: None) -> None:
    sentence = refused(large(house.post(), 2_000_000).to(house.browser), 507, "disk-full")
    assert sentence == "The server has no room left for the message. Tell its administrator."
    assert house.browser.get("/outbox/").status_code == 200, "reading goes on"


def over_asgi(house: House, post: Post) -> httpx.Response:
    """Through all of the application, as uvicorn does."""
    house.browser.get("/settings/")
    cookies = {name: morsel.value for name, morsel in house.browser.cookies.items()}
    form = {"key": post.key, "meta": json.dumps(post.order)} | {
        name: SimpleUploadedFile(name, data) for name, data in post.parts.items()
    }
    body = encode_multipart(BOUNDARY, form)
    headers = {"Content-Type": MULTIPART_CONTENT, "X-CSRFToken": cookies[site.CSRF_COOKIE_NAME]}

    async def ask() -> httpx.Response:
        through = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=through, base_url="http://localhost", cookies=cookies) as browser:
            return await browser.post("/send/", content=body, headers=headers)

    return asyncio.run(ask())


def test_it_comes_through_the_whole_application(house: House) -> None:
    post = large(house.post(), 6_000_000)
    assert over_asgi(house, post).status_code == 201
    [part] = OutboxBytes.objects.all()
    assert b"".join(Kept(part)) == post.parts["bytes-0"]


def test_a_disk_without_room_for_the_body_is_told(house: House, tmp_path: Path, settings: Any) -> None:
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True
    ).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        answer = over_asgi(house, large(house.post(), 6_000_000))
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert (answer.status_code, answer.json()["error"]) == (507, "disk-full")
    assert nothing_is_kept()
