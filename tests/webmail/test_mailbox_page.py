"""The mailbox page against a real Dovecot: what a person sees in it, and who does not."""

from __future__ import annotations

import re
from email.message import EmailMessage

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts import imap
from accounts.login import Login
from tests.webmail import mailbox_people as people

pytestmark = pytest.mark.django_db

INBOX = reverse("webmail:mailbox", args=["INBOX"])


def subjects(html: str) -> list[str]:
    return re.findall(r'<span class="row-subject-text">([^<]*)</span>', html)


def get(browser: Client, address: str, **headers: str) -> str:
    answer = browser.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_nobody_signed_in_is_sent_to_sign_in(client: Client) -> None:
    answer = client.get(INBOX)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign_in"))


def test_the_first_visit_leads_to_the_keys_and_later_to_the_inbox(somebody: Login) -> None:
    browser, _account = people.browser(somebody)
    assert browser.get("/")["Location"] == reverse("keys:set_up")
    assert browser.get("/?later=keys")["Location"] == INBOX
    assert browser.get("/")["Location"] == INBOX


def test_newest_first_with_the_words_of_each_row(somebody: Login) -> None:
    encrypted = EmailMessage()
    encrypted["From"], encrypted["Subject"] = "Dana Doe <dana@example.org>", "..."
    encrypted.set_content("-----BEGIN PGP MESSAGE-----")
    encrypted.replace_header("Content-Type", 'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"')
    people.put(somebody, people.message("the first"), flags=("\\Seen", "\\Flagged"))
    people.put(somebody, encrypted.as_bytes().replace(b"\n", b"\r\n"))
    html = get(people.browser(somebody)[0], INBOX)
    assert subjects(html) == ["...", "the first"]
    newest, oldest = re.findall(r'<li class="row.*?</li>', html, re.DOTALL)
    assert 'data-mark="mark-encrypted-unopened"' in newest
    assert "row-new" in newest
    assert "Dana Doe" in newest
    assert 'data-mark="mark-not-encrypted"' in oldest
    assert "data-star" in oldest
    assert "row-new" not in oldest
    assert 'aria-current="page"' in html


def test_an_empty_inbox_says_how_to_begin(somebody: Login) -> None:
    html = get(people.browser(somebody)[0], INBOX)
    assert 'id="empty"' in html
    assert reverse("webmail:compose") in html


def test_pages_of_fifty_to_both_ends(somebody: Login) -> None:
    people.fill(somebody, 120)
    browser, _account = people.browser(somebody)
    first, second, third = (subjects(get(browser, f"{INBOX}?page={number}")) for number in (1, 2, 3))
    assert first == [f"number {number}" for number in range(120, 70, -1)]
    assert second == [f"number {number}" for number in range(70, 20, -1)]
    assert third == [f"number {number}" for number in range(20, 0, -1)]
    assert subjects(get(browser, f"{INBOX}?page=99")) == third
    assert subjects(get(browser, f"{INBOX}?page=three")) == first
    assert subjects(get(browser, f"{INBOX}?sort=oldest"))[0] == "number 1"
    html = get(browser, f"{INBOX}?page=2")
    assert "51–100 of 120" in html
    assert f'href="{INBOX}"' in html
    assert f'href="{INBOX}?page=3"' in html


def test_htmx_gets_the_list_alone(somebody: Login) -> None:
    people.fill(somebody, 1)
    browser, _account = people.browser(somebody)
    html = get(browser, INBOX, HX_Request="true", HX_Target="list")
    assert html.lstrip().startswith('<div class="list-part" id="list"')
    assert subjects(html) == ["number 1"]
    # A step back in the browser's history wants the page.
    assert "<!doctype html>" in get(browser, INBOX, HX_Request="true", HX_History_Restore_Request="true")


def test_a_search_shows_what_it_found_and_where_to_end_it(somebody: Login) -> None:
    people.fill(somebody, 12)
    people.put(somebody, people.message("the zebrafinch", sender="Dana <dana@example.org>"))
    browser, _account = people.browser(somebody)
    assert subjects(get(browser, f"{INBOX}?q=from:dana+zebrafinch")) == ["the zebrafinch"]
    nothing = get(browser, f"{INBOX}?q=%3Cscript%3Equokka")
    assert "Nothing for “&lt;script&gt;quokka”" in nothing
    assert "<script>quokka" not in nothing


def test_what_people_wrote_stays_text(somebody: Login) -> None:
    people.put(
        somebody,
        people.message('<img src=x onerror=alert(1)> %(uid)s %s "quoted"', sender='"<b>Bob</b>" <bob@example.test>'),
    )
    html = get(people.browser(somebody)[0], INBOX)
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; %(uid)s %s &quot;quoted&quot;" in html
    assert "&lt;b&gt;Bob&lt;/b&gt;" in html


def test_no_page_brings_style_or_script_of_its_own(somebody: Login) -> None:
    html = get(people.browser(somebody)[0], INBOX)
    assert not re.search(r"\son\w+=|\sstyle=|hx-on|javascript:", html)
    kinds = set(re.findall(r"<script([^>]*)>", html))
    assert all("src=" in kind or 'type="application/json"' in kind or 'type="importmap"' in kind for kind in kinds)


@pytest.mark.parametrize(
    "name", ["Lists/deep.er", "a%2Fb?#", "Entwürfe & mehr", "收件箱", "tilde~2F", 'with "quotes" \'n more']
)
def test_any_mailbox_name_has_an_address(somebody: Login, name: str) -> None:
    with imap.connect(somebody, fresh=True) as server:
        server.create(name)
        server.append(name, people.message("in there"))
    browser, _account = people.browser(somebody)
    address = reverse("webmail:mailbox", args=[name])
    assert address.count("/") == 3
    assert subjects(get(browser, address)) == ["in there"]
    assert f'href="{escape(address)}"' in get(browser, reverse("webmail:mailboxes"))


def test_counts_stand_in_the_navigation(somebody: Login) -> None:
    people.fill(somebody, 3)
    html = get(people.browser(somebody)[0], reverse("webmail:mailboxes") + "?here=INBOX")
    assert re.search(
        r'<li id="box-inbox"><a class="box" href="[^"]*" aria-current="page">.*?<span class="box-count">3<',
        html,
        re.DOTALL,
    )


def test_a_mailbox_that_is_not_there_is_404(somebody: Login) -> None:
    browser, _account = people.browser(somebody)
    answer = browser.get(reverse("webmail:mailbox", args=["Nowhere"]))
    assert answer.status_code == 404
    assert "To the inbox" in answer.content.decode()


def test_charlie_sees_nothing_of_alices(mail_servers: object, somebody: Login) -> None:
    people.fill(somebody, 1)
    with imap.connect(somebody, fresh=True) as server:
        server.create("Secret plans")
        selected = server.select("INBOX")
        uid = server.search([])[0]
    alice, _account = people.browser(somebody)
    theirs = [
        reverse("webmail:mailbox", args=["Secret plans"]),
        reverse("webmail:message", args=["INBOX", selected.uidvalidity, uid]),
    ]
    charlie, _charlie = people.browser(mail_servers.somebody_new())  # type: ignore[attr-defined]
    for address in theirs:
        assert alice.get(address).status_code == 200
        # Charlie has an INBOX too; with its own UIDVALIDITY the address names nothing in it.
        assert charlie.get(address).status_code in {404, 409}
    assert charlie.get(theirs[0]).status_code == 404
    assert subjects(get(charlie, INBOX)) == []


def test_a_server_that_is_gone_is_said_in_words(somebody: Login) -> None:
    browser, account = people.browser(somebody)
    # A message of Alice's own session cannot be opened over a server that nobody runs.
    account.imap_port = 1
    account.save()
    answer = browser.get(INBOX)
    assert answer.status_code in {302, 503}
    if answer.status_code == 503:
        assert "does not answer" in answer.content.decode()
