"""Opening a message: what the server hands over, to whom, and how untouched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.test import Client

from accounts import imap
from accounts.login import Login
from accounts.models import Account, Domain, authserv
from tests.accounts import people
from tests.servers.fixtures import MailServers

pytestmark = pytest.mark.django_db

PLAIN = (
    b"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nHello Alice\r\n"
)
MIXED = (
    b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: With a file\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b 1"\r\n\r\npreamble\r\n--b 1\r\n'
    b'Content-Type: multipart/alternative; boundary="b2"\r\n\r\n--b2\r\n\r\nThe text\r\n--b2\r\n'
    b"Content-Type: text/html\r\n\r\n<p>The text</p>\r\n--b2--\r\n--b 1\r\n"
    b'Content-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
    b"Content-Disposition: attachment; filename=plan.pdf\r\n\r\n"
    + b"QUJD" * 18
    + b"\r\n"
    + b"REVG" * 18
    + b"\r\n--b 1--\r\n"
)
ENCRYPTED = (
    b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: ...\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n--e\r\n'
    b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n"
    b"Content-Type: application/octet-stream\r\n\r\n"
    b"-----BEGIN PGP MESSAGE-----\r\n\r\nnot really\r\n-----END PGP MESSAGE-----\r\n--e--\r\n"
)


def _account(servers: MailServers, name: str) -> Account:
    at, out = servers.imap(), servers.smtp()
    where = {"imap_host": at.host, "imap_port": at.port, "smtp_host": out.host, "smtp_port": out.port}
    # Only servers that an administrator listed may be on this machine.
    Domain.objects.get_or_create(name="example.test", defaults=where)
    return people.account(name, **where)


@pytest.fixture
def alice(mail_servers: MailServers) -> Iterator[Client]:
    mail_servers.clear("alice")
    account = _account(mail_servers, "alice")
    yield people.browser(account, "alice-pw")
    imap.close_account(account.pk)


@pytest.fixture
def charlie(mail_servers: MailServers) -> Iterator[Client]:
    account = _account(mail_servers, "charlie")
    yield people.browser(account, "charlie-pw")
    imap.close_account(account.pk)


@pytest.fixture
def login(mail_servers: MailServers) -> Login:
    return mail_servers.login("alice")


def _put(login: Login, message: bytes) -> str:
    """File a message in alice's inbox; its address on the site."""
    with imap.connect(login, fresh=True) as server:
        uid = server.append("INBOX", message)
        uidvalidity = server.select("INBOX").uidvalidity
    return f"/mailbox/INBOX/{uidvalidity}/{uid}/"


def _flags(login: Login, url: str) -> frozenset[str]:
    uid = int(url.rstrip("/").rpartition("/")[2])
    with imap.connect(login, fresh=True) as server:
        server.select("INBOX", readonly=True)
        return server.flags([uid])[uid]


def _reader(client: Client, url: str) -> str:
    response = client.get(url, headers={"HX-Request": "true", "HX-Target": "reader"})
    assert response.status_code == 200
    return response.content.decode()


def _left_out(html: str) -> list[dict[str, object]]:
    found = re.search(r'data-left-out="([^"]*)"', html)
    assert found is not None
    parts: list[dict[str, object]] = json.loads(unescape(found[1]))
    return parts


def _whole(response: object) -> bytes:
    return b"".join(response) if getattr(response, "streaming", False) else response.content  # type: ignore[arg-type, attr-defined, no-any-return]


def test_the_reader_gets_the_outer_header_and_nothing_of_the_text(alice: Client, login: Login) -> None:
    html = _reader(alice, _put(login, PLAIN))
    assert "Café" in html
    assert "bob@example.test" in html
    assert "Hello Alice" not in html
    assert 'data-protected="no"' in html


def test_the_full_page_shows_the_list_beside_the_message(alice: Client, login: Login) -> None:
    response = alice.get(_put(login, PLAIN))
    html = response.content.decode()
    assert response.status_code == 200
    assert "<mail-list>" in html
    assert "<mail-message" in html
    assert "showing-message" in html


def test_opening_marks_it_as_read_and_fetching_its_bytes_does_not(alice: Client, login: Login) -> None:
    url = _put(login, PLAIN)
    alice.get(f"{url}raw/")
    assert "\\Seen" not in _flags(login, url)
    _reader(alice, url)
    assert "\\Seen" in _flags(login, url)


def test_a_protected_message_is_handed_over_whole_and_untouched(alice: Client, login: Login) -> None:
    url = _put(login, ENCRYPTED)
    html = _reader(alice, url)
    assert 'data-protected="yes"' in html
    assert 'data-encrypted="yes"' in html
    assert f'data-bytes="{url}raw/"' in html
    response = alice.get(f"{url}raw/")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Length"] == str(len(ENCRYPTED))
    assert _whole(response) == ENCRYPTED
    assert alice.get(f"{url}outline/").status_code == 404


def test_a_message_with_a_protected_one_attached_is_handed_over_whole(alice: Client, login: Login) -> None:
    outside = b"From: bob@example.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n"
    attached = b"--out\r\nContent-Type: message/rfc822\r\n\r\n" + ENCRYPTED + b"\r\n--out--\r\n"
    url = _put(login, outside + b"--out\r\n\r\nLook at this.\r\n" + attached)
    html = _reader(alice, url)
    assert 'data-protected="yes"' in html
    assert 'data-encrypted="no"' in html
    assert f'data-bytes="{url}raw/"' in html


def test_an_unprotected_message_comes_without_its_files(alice: Client, login: Login) -> None:
    url = _put(login, MIXED)
    html = _reader(alice, url)
    assert f'data-bytes="{url}outline/"' in html
    outline = alice.get(f"{url}outline/").content
    assert b"The text" in outline
    assert b"<p>The text</p>" in outline
    assert b"filename=plan.pdf" in outline
    assert b"QUJD" not in outline
    assert outline.count(b"--b2") == 3
    (left_out,) = _left_out(html)
    assert left_out["section"] == "2"
    part = alice.get(str(left_out["url"]))
    header, _blank, body = _whole(part).partition(b"\r\n\r\n")
    assert b"application/pdf" in header
    assert body == b"QUJD" * 18 + b"\r\n" + b"REVG" * 18


def test_a_delivery_report_comes_whole_because_it_is_read(alice: Client, login: Login) -> None:
    head = b"From: mailer@example.test\r\nMIME-Version: 1.0\r\n"
    head += b"Content-Type: multipart/report; report-type=delivery-status; boundary=b1\r\n\r\n"
    parts = (b"text/plain\r\n\r\nNot delivered.", b"message/delivery-status\r\n\r\nReporting-MTA: dns; example.test")
    parts += (b"text/rfc822-headers\r\n\r\nSubject: What came back",)
    url = _put(login, head + b"".join(b"--b1\r\nContent-Type: " + part + b"\r\n" for part in parts) + b"--b1--\r\n")
    outline = alice.get(f"{url}outline/").content
    for text in (b"Not delivered.", b"Reporting-MTA: dns; example.test", b"Subject: What came back"):
        assert text in outline
    assert _left_out(_reader(alice, url)) == []


def test_a_message_that_is_one_file_is_left_out_and_fetched_apart(alice: Client, login: Login) -> None:
    head = b"From: bob@example.test\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    url = _put(login, head + b"QUJD\r\n")
    assert alice.get(f"{url}outline/").content == head
    (left_out,) = _left_out(_reader(alice, url))
    assert left_out["section"] == ""
    assert _whole(alice.get(str(left_out["url"]))) == head + b"QUJD\r\n"


def test_large_messages_are_streamed_and_arrive_whole(alice: Client, login: Login) -> None:
    lines = b"".join(b"%072d\r\n" % number for number in range(50_000))
    message = ENCRYPTED.replace(b"not really\r\n", lines)
    url = _put(login, message)
    response = alice.get(f"{url}raw/")
    assert response.streaming
    assert response["Content-Length"] == str(len(message))
    with pytest.warns(Warning, match="asynchronous"):
        assert _whole(response) == message


def test_a_large_part_is_streamed_with_its_header(alice: Client, login: Login) -> None:
    body = b"\r\n".join([b"QUJD" * 18] * 40_000)
    url = _put(login, MIXED.replace(b"QUJD" * 18 + b"\r\n" + b"REVG" * 18, body))
    response = alice.get(f"{url}part/2/")
    assert response.streaming
    with pytest.warns(Warning, match="asynchronous"):
        whole = _whole(response)
    assert response["Content-Length"] == str(len(whole))
    assert whole.endswith(body)


def test_the_original_is_a_download_and_the_source_is_text(alice: Client, login: Login) -> None:
    url = _put(login, MIXED)
    original = alice.get(f"{url}raw/?download=1")
    assert original["Content-Disposition"].startswith("attachment; ")
    assert original["Content-Disposition"].endswith(".eml")
    source = alice.get(f"{url}source/")
    assert source["Content-Type"].startswith("text/plain")
    assert _whole(source) == MIXED
    for response in (original, source, alice.get(f"{url}outline/"), alice.get(f"{url}part/2/")):
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_another_uidvalidity_shows_no_message(alice: Client, login: Login) -> None:
    url = _put(login, PLAIN)
    parts = url.split("/")
    parts[3] = str(int(parts[3]) + 1)
    other = "/".join(parts)
    for address in (other, f"{other}raw/", f"{other}outline/", f"{other}source/"):
        response = alice.get(address)
        assert response.status_code == 409, address
        assert b"Hello Alice" not in response.content
    told = alice.get(f"{other}raw/", headers={"Sec-Fetch-Mode": "cors"})
    assert told.status_code == 409
    assert told.json()["error"] == "message-changed"
    assert told.json()["sentence"]
    assert "\\Seen" not in _flags(login, url)


def test_a_message_that_is_gone_is_said_to_be_gone(alice: Client, login: Login) -> None:
    url = _put(login, PLAIN)
    with imap.connect(login, fresh=True) as server:
        server.select("INBOX")
        server.delete([int(url.rstrip("/").rpartition("/")[2])])
    response = alice.get(url, headers={"HX-Request": "true", "HX-Target": "reader"})
    assert response.status_code == 404
    assert b"no longer here" in response.content
    assert b"<html" not in response.content
    assert alice.get(f"{url}raw/").status_code == 404


def test_odd_sections_are_404(alice: Client, login: Login) -> None:
    url = _put(login, MIXED)
    for section in ("3", "0", "1.9", "HEADER", "1%0d%0aX", "2.MIME", "9" * 40):
        assert alice.get(f"{url}part/{section}/").status_code == 404, section


def test_charlie_cannot_read_alices_mail(alice: Client, charlie: Client, login: Login) -> None:
    url = _put(login, PLAIN)
    assert alice.get(f"{url}raw/").status_code == 200
    for address in (url, f"{url}raw/", f"{url}outline/", f"{url}source/", f"{url}part/1/"):
        response = charlie.get(address)
        # The same address in charlie's own account: another mailbox, so another UIDVALIDITY or no such message.
        assert response.status_code in {404, 409}, address
        assert b"Hello Alice" not in response.content


def test_nobody_reads_signed_out(alice: Client, login: Login) -> None:
    url = _put(login, PLAIN)
    for address in (url, f"{url}raw/", f"{url}outline/", f"{url}source/", f"{url}part/1/"):
        assert Client().get(address).status_code == 302
        assert Client().get(address, headers={"Sec-Fetch-Mode": "cors"}).status_code == 401


def test_the_frame_loads_nothing_and_runs_nothing() -> None:
    response = Client().get("/frame/blocked/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "img-src data: blob:;" in policy
    assert "frame-ancestors 'self'" in policy
    sandbox = next(part for part in policy.split(";") if "sandbox" in part)
    assert "allow-scripts" not in sandbox
    assert "allow-forms" not in sandbox
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert 'data-frame="blocked"' in response.content.decode()


def _beside(page: str) -> dict[str, str]:
    """Where the links to the messages beside this one lead, by their words."""
    steps = page.partition('<span class="reader-steps">')[2].partition("</span>")[0]
    return {words: unescape(url) for url, words in re.findall(r'href="([^"]+)"[^>]* aria-label="([^"]+)"', steps)}


def test_from_one_message_to_the_next(alice: Client, login: Login) -> None:
    oldest, middle, newest = _put(login, PLAIN), _put(login, MIXED), _put(login, PLAIN)
    assert _beside(_reader(alice, middle)) == {"Newer": newest, "Older": oldest}
    assert _beside(_reader(alice, newest)) == {"Older": middle}
    assert _beside(_reader(alice, oldest)) == {"Newer": middle}


def test_the_next_message_stands_beside_the_same_list(alice: Client, login: Login) -> None:
    oldest, newest = _put(login, PLAIN), _put(login, MIXED)
    # Found by a search that does not find the other one.
    page = alice.get(f"{newest}?q=subject%3Afile").content.decode()
    assert _beside(page) == {"Older": f"{oldest}?q=subject%3Afile"}


def test_the_key_for_the_next_follows_the_order_of_the_list(alice: Client, login: Login) -> None:
    _put(login, PLAIN), _put(login, MIXED)
    newest = _put(login, PLAIN)
    assert re.search(r'rel="next"[^>]* aria-label="Older"', _reader(alice, newest))
    assert re.search(r'rel="prev"[^>]* aria-label="Older"', _reader(alice, f"{newest}?sort=oldest"))


def test_the_page_learns_by_what_the_message_is_known_again(alice: Client, login: Login) -> None:
    where = _put(login, b"Message-ID: <trace@example.test>\r\n" + PLAIN)
    page = alice.get(where).content.decode()
    trace = re.search(r'<mail-message[^>]* data-trace="(\d{4}-\d\d/[0-9a-f]{32})" data-arrived="\d{10}"', page)
    assert trace
    assert f'data-trace="{trace[1]}"' in alice.get("/mailbox/INBOX/").content.decode()


def test_claims_count_only_of_a_server_that_the_administrator_named(alice: Client, login: Login) -> None:
    where = _put(login, PLAIN)
    assert 'data-authserv=""' in alice.get(where).content.decode()
    domains = Domain.objects.filter(name="example.test")
    domains.update(authserv_id="mx.example.test")
    assert 'data-authserv="mx.example.test"' in alice.get(where).content.decode()
    # Who came by discovery, to another server, is told of no claims.
    domains.update(imap_port=1, imap_host="elsewhere.example.test")
    assert authserv(Account.objects.get(address="alice@example.test")) == ""
    domains.update(imap_host="localhost", enabled=False)
    assert authserv(Account.objects.get(address="alice@example.test")) == ""
