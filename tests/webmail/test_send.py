"""Sending, from the composer's post to the copy in Sent, on Dovecot with Postfix and on the embedded server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.utils import timezone

from accounts import imap
from accounts.models import Account, Domain
from tests.accounts import people
from webmail import outbox_words
from webmail.models import NEEDS_PERSON, OutboxBytes, OutboxMessage, Phase, State

from .posting import House, Post, demo_server, house, letter, settle

__all__ = ["demo_server", "house"]


def test_a_letter_arrives_and_is_filed(house: House) -> None:
    post = house.post()
    row = settle(post.row(house.browser))
    assert row.state == State.DONE
    [uid] = house.messages("Sent", post.message_id)
    sent = house.source("Sent", uid)
    assert sent == letter(post.sender, post.recipients[0], post.message_id)
    assert "\\Seen" in house.flags("Sent", uid)
    [arrived] = house.messages("INBOX", post.message_id, house.neighbour)
    # The neighbour's server adds its trace in front; what was written stays byte for byte.
    assert house.source("INBOX", arrived, house.neighbour).endswith(sent)


def test_what_is_done_is_erased(house: House) -> None:
    post = house.post()
    row = post.row(house.browser)
    kept = OutboxBytes.objects.get(message=row)
    [chunk] = kept.chunks.all()
    assert b"A letter" not in bytes(chunk.sealed)
    assert row.credential is not None and b"-pw" not in bytes(row.credential)
    row = settle(row)
    kept.refresh_from_db()
    assert kept.head is None and not kept.chunks.exists()
    assert row.credential is None


def test_the_same_key_is_one_letter(house: House) -> None:
    post = house.post()
    first = post.to(house.browser)
    second = post.to(house.browser)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]  # type: ignore[attr-defined]
    settle(OutboxMessage.objects.get())
    # Pressed again when everything is over: still the first row.
    assert post.to(house.browser).status_code == 200
    settle(OutboxMessage.objects.get())
    assert len(house.messages("INBOX", post.message_id, house.neighbour)) == 1


def test_five_tabs_at_once_are_one_letter(house: House) -> None:
    post = house.post()

    def press(_tab: int) -> int:
        from django.db import connection

        browser = Client()
        browser.cookies = house.browser.cookies
        try:
            return post.to(browser).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as tabs:
        codes = sorted(tabs.map(press, range(5)))
    assert codes == [200, 200, 200, 200, 201]
    assert OutboxMessage.objects.count() == 1


def test_two_workers_send_it_once(house: House) -> None:
    row = house.post().row(house.browser)

    def work(_worker: int) -> None:
        from django.db import connection

        from webmail import sending

        try:
            sending.work(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    row.refresh_from_db()
    assert row.state == State.DONE
    assert len(house.messages("INBOX", row.message_id, house.neighbour)) == 1
    assert len(house.messages("Sent", row.message_id)) == 1


def test_each_group_gets_its_own_bytes(house: House) -> None:
    post = house.post()
    parts = {}
    for number in range(2):
        head = {"Content_Type": f'multipart/mixed; boundary="b{number}"'}
        body = f"--b{number}\r\n\r\nFor group {number}\r\n--b{number}--"
        parts[f"bytes-{number}"] = letter(post.sender, house.neighbour.user, post.message_id, body, **head)
    post.parts = parts
    post.meta = {
        "deliveries": [
            {"recipients": [house.neighbour.user], "part": "bytes-0"},
            {"recipients": [house.account.address], "part": "bytes-1"},
        ],
        "copy": "bytes-1",
    }
    row = settle(post.row(house.browser))
    assert row.state == State.DONE
    [theirs] = house.messages("INBOX", post.message_id, house.neighbour)
    [mine] = house.messages("INBOX", post.message_id)
    [sent] = house.messages("Sent", post.message_id)
    assert b"For group 0" in house.source("INBOX", theirs, house.neighbour)
    assert b"For group 1" in house.source("INBOX", mine)
    assert b"For group 1" in house.source("Sent", sent)


def test_the_own_copy_alone_names_who_was_in_bcc(house: House) -> None:
    post = house.post()
    named = {"Bcc": "charlie@example.test"}
    given = letter(post.sender, house.neighbour.user, post.message_id)
    post.parts = {"bytes-0": given, "bytes-own": letter(post.sender, house.neighbour.user, post.message_id, **named)}
    post.meta = {"copy": "bytes-own"}
    settle(post.row(house.browser))
    [theirs] = house.messages("INBOX", post.message_id, house.neighbour)
    [sent] = house.messages("Sent", post.message_id)
    assert b"charlie" not in house.source("INBOX", theirs, house.neighbour)
    assert b"Bcc: charlie@example.test\r\n" in house.source("Sent", sent)


def test_the_answered_message_is_flagged(house: House) -> None:
    with imap.connect(house.login, fresh=True) as server:
        uid = server.append("INBOX", letter("bob@x.test", "alice@x.test", "<first@x.test>"))
        validity = server.select("INBOX").uidvalidity
    assert uid is not None
    answered = {"mailbox": "INBOX", "uidvalidity": validity, "uid": uid, "flag": "\\Answered"}
    settle(house.post(meta={"answered": answered}).row(house.browser))
    assert "\\Answered" in house.flags("INBOX", uid)
    gone = answered | {"uidvalidity": validity + 1, "flag": "$Forwarded"}
    row = settle(house.post(meta={"answered": gone}).row(house.browser))
    assert row.state == State.DONE
    assert "$Forwarded" not in house.flags("INBOX", uid)


def test_a_server_that_filed_the_copy_itself_gets_no_second_one(house: House) -> None:
    post = house.post()
    with imap.connect(house.login, fresh=True) as server:
        server.append("Sent", letter(post.sender, post.recipients[0], post.message_id))
    row = settle(post.row(house.browser))
    assert row.state == State.DONE
    assert len(house.messages("Sent", post.message_id)) == 1


def test_one_refused_of_two_is_named(house: House) -> None:
    nobody = "refused@example.test"
    row = settle(house.post(house.neighbour.user, nobody).row(house.browser))
    assert row.state == State.DONE
    assert list(row.refused()) == [nobody]
    assert row.refused()[nobody].startswith("550")
    page = house.browser.get("/outbox/").content.decode()
    assert 'data-word="out-partly-refused"' in page
    assert nobody in page


def test_all_refused_sends_nothing_and_says_so(house: House) -> None:
    row = settle(house.post("refused@example.test").row(house.browser))
    assert row.state == State.REFUSED
    assert row.credential is None
    assert not house.messages("Sent", row.message_id)
    page = house.browser.get("/outbox/").content.decode()
    assert 'data-word="out-refused"' in page and "550" in page


def test_what_is_cancelled_goes_into_drafts(house: House) -> None:
    row = house.post().row(house.browser)
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    row.refresh_from_db()
    assert row.state == State.CANCELLING
    row = settle(row)
    assert row.state == State.CANCELLED
    [uid] = house.messages("Drafts", row.message_id)
    assert "\\Draft" in house.flags("Drafts", uid)
    assert not house.messages("INBOX", row.message_id, house.neighbour)


def test_what_went_out_cannot_be_cancelled(house: House) -> None:
    row = settle(house.post().row(house.browser))
    house.browser.post(f"/outbox/{row.pk}/cancel/")
    row.refresh_from_db()
    assert row.state == State.DONE


def test_a_wrong_password_waits_for_the_person(house: House) -> None:
    wrong = people.browser(house.account, "not the password")
    row = settle(house.post().row(wrong))
    assert row.state == State.SIGN_IN
    assert row.credential is None
    assert row.deliveries.get().phase == Phase.WAITING
    assert 'data-word="out-sign-in"' in house.browser.get("/outbox/").content.decode()
    house.browser.post(f"/outbox/{row.pk}/retry/")
    row.refresh_from_db()
    assert settle(row).state == State.DONE


# --- what is refused before anything is kept ---

BAD = {
    "somebody else's address": ({"From": "dana@example.test"}, "not-your-address"),
    "two senders": ({"From": "{me}, dana@example.test"}, "not-your-address"),
    "another sender line": ({"Sender": "dana@example.test"}, "not-your-address"),
    "blind copies named": ({"Bcc": "charlie@example.test"}, "bcc-inside"),
    "another message id": ({"Message_ID": "<other@example.test>"}, "bad-header"),
}


@pytest.fixture
def alice(db: None) -> Account:
    return people.account("alice")


@pytest.mark.parametrize("case", BAD)
def test_odd_headers_are_refused(alice: Account, case: str) -> None:
    head, error = BAD[case]
    post = Post(alice.address, ["bob@example.test"])
    more = {name: value.format(me=alice.address) for name, value in head.items()}
    post.parts = {"bytes-0": letter(post.sender, "bob@example.test", post.message_id, **more)}
    answer = post.to(people.browser(alice))
    assert (answer.status_code, answer.json()["error"]) == (400, error)  # type: ignore[attr-defined]
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b"Hello.", b"hi\r.\r\n", "bad-lines"),
        (b"Hello.", b"hi\n.\n", "bad-lines"),
        (b"Hello.", b"x" * 999, "bad-lines"),
        (b"Hello.", "Grüße".encode(), "not-7-bit"),
        (b"Hello.", b"a\0b", "not-7-bit"),
        (b"Subject: A letter\r\n", b"Subject: A\r\nSubject: B\r\n", "bad-header"),
        (b"From: alice", b"From: bob@example.test\r\nFrom: alice", "bad-header"),
        (b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n", b"", "bad-header"),
    ],
)
def test_odd_bytes_are_refused(alice: Account, old: bytes, new: bytes, error: str) -> None:
    post = Post(alice.address, ["bob@example.test"])
    good = letter(post.sender, "bob@example.test", post.message_id)
    assert old in good
    post.parts = {"bytes-0": good.replace(old, new)}
    answer = post.to(people.browser(alice))
    assert (answer.status_code, answer.json()["error"]) == (400, error)  # type: ignore[attr-defined]
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "a@b>\r\nRCPT TO:<c@d",
        "bob",
        "bob@",
        "@b",
        "a b@c",
        "<bob@example.test>",
        "bob@example.test, c@d",
        "ö@b.test",
        "",
    ],
)
def test_odd_recipients_are_refused(alice: Account, address: str) -> None:
    post = Post(alice.address, [address])
    post.parts = {"bytes-0": letter(post.sender, "bob@example.test", post.message_id)}
    answer = post.to(people.browser(alice))
    assert (answer.status_code, answer.json()["error"]) == (400, "bad-recipient")  # type: ignore[attr-defined]


def test_the_same_recipient_twice_is_refused(alice: Account) -> None:
    answer = Post(alice.address, ["bob@example.test", "Bob@example.test"]).to(people.browser(alice))
    assert answer.json()["error"] == "twice"  # type: ignore[attr-defined]


def test_what_is_called_encrypted_is(alice: Account) -> None:
    post = Post(alice.address, ["bob@example.test"], meta={"protection": "encrypted"})
    post.parts = {"bytes-0": letter(post.sender, "bob@example.test", post.message_id)}
    assert post.to(people.browser(alice)).json()["error"] == "bad-order"  # type: ignore[attr-defined]
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("whose", ["the domain's", "the person's"])
def test_a_rule_holds_whatever_the_page_does(alice: Account, whose: str) -> None:
    if whose == "the domain's":
        Domain.objects.update_or_create(name="example.test", defaults={"policy": "block"})
    else:
        Account.objects.filter(pk=alice.pk).update(only_encrypted=True)
    browser = people.browser(alice)
    for protection in ("clear", "signed"):
        answer = Post(alice.address, ["bob@example.test"], meta={"protection": protection}).to(browser)
        assert (answer.status_code, answer.json()["error"]) == (403, "not-encrypted")  # type: ignore[attr-defined]
        assert "bob@example.test" in answer.json()["sentence"]  # type: ignore[attr-defined]
    assert not OutboxMessage.objects.exists()
    assert Post(alice.address, ["bob@example.test"], meta={"protection": "encrypted"}).to(browser).status_code == 201


def test_a_missing_part_is_refused(alice: Account) -> None:
    post = Post(alice.address, ["bob@example.test"], meta={"copy": "bytes-7"})
    assert post.to(people.browser(alice)).json()["error"] == "bad-order"  # type: ignore[attr-defined]
    assert not OutboxMessage.objects.exists()


def test_a_large_message_is_refused_in_words(alice: Account, settings: object) -> None:
    settings.MESSAGE_LIMIT = 2000  # type: ignore[attr-defined]
    post = Post(alice.address, ["bob@example.test"])
    post.parts = {"bytes-0": letter(post.sender, "bob@example.test", post.message_id, "Hello.\r\n" * 300)}
    answer = post.to(people.browser(alice))
    assert (answer.status_code, answer.json()["error"]) == (413, "too-large")  # type: ignore[attr-defined]


def test_nobody_sends_without_signing_in(alice: Account) -> None:
    answer = Post(alice.address, ["bob@example.test"]).to(Client())
    assert answer.status_code in (302, 401)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("state", State)
def test_the_composers_place_tells_every_state(alice: Account, state: State) -> None:
    browser = people.browser(alice)
    answer = Post(alice.address, ["bob@example.test"]).to(browser)
    row = OutboxMessage.objects.get()
    OutboxMessage.objects.filter(pk=row.pk).update(
        state=state, attempts=2, answer="450 later", accepted_at=timezone.now()
    )
    row.refresh_from_db()
    line = outbox_words.line(row)
    page = browser.get(answer.json()["url"]).content.decode()  # type: ignore[attr-defined]
    assert f'data-outbox="{state}" data-word="{line.word}" data-level="{line.level}"' in page
    assert line.sentence in page
    # Where there is something to decide, or to look into, the way there is offered.
    assert ('href="/outbox/"' in page) == (line.level != "calm")
    assert state not in NEEDS_PERSON or line.level == "warning"


def test_charlie_cannot_see_or_touch_alices_outbox(alice: Account) -> None:
    row = Post(alice.address, ["bob@example.test"]).row(people.browser(alice))
    charlie = people.browser(people.account("charlie"))
    assert str(row.pk) not in charlie.get("/outbox/").content.decode()
    for path in ("", "told/", "copy/"):
        assert charlie.get(f"/outbox/{row.pk}/{path}").status_code == 404
    for act in ("cancel", "retry", "arrived", "again"):
        assert charlie.post(f"/outbox/{row.pk}/{act}/").status_code == 404
    row.refresh_from_db()
    assert row.state == State.WAITING
