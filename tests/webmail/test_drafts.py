"""Drafts on two mail servers, of which one lacks UIDPLUS and special use: one message at the end, nothing else gone."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import errors, imap
from accounts.imap import Server
from webmail.demo.server import MailServer

from . import drafting
from .drafting import Writing, contents, draft, put
from .mailbox_people import browser as signed_in
from .posting import House, demo_server, embedded, house, letter

__all__ = ["demo_server", "house"]


@pytest.fixture
def writing(house: House) -> Writing:
    return Writing(house.browser, house.login)


def test_a_draft_lies_in_drafts_as_it_was_built(writing: Writing) -> None:
    place = writing.save()
    assert place["mailbox"] == "Drafts"
    assert contents(writing.login) == {place["uid"]: writing.bytes}
    assert drafting.flags(writing.login, place) == {"\\draft", "\\seen"}


def test_each_save_takes_the_place_of_the_one_before(writing: Writing) -> None:
    places = [writing.save(f"text {number}") for number in range(4)]
    assert writing.there() == [writing.bytes]
    assert len({place["uid"] for place in places}) == 4


def test_the_same_version_again_is_the_same_message(writing: Writing) -> None:
    first = writing.save()
    writing.place = None
    again = writing.post()
    assert (again.status_code, again.json()) == (201, first)  # type: ignore[attr-defined]
    assert writing.there() == [writing.bytes]


def test_a_lost_reply_and_a_retry_are_one_message(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    writing.save("before")
    writing.write("after")
    append = Server.append

    def cut(server: Server, *arguments: object) -> None:
        append(server, *arguments)  # type: ignore[arg-type]
        raise errors.ServerUnreachable("cut")

    with monkeypatch.context() as patch:
        patch.setattr(Server, "append", cut)
        answer = writing.post()
    assert answer.status_code == 503
    assert len(writing.there()) == 2
    answer = writing.post()
    assert answer.status_code == 201
    assert writing.there() == [writing.bytes]


def test_two_posts_of_one_version_at_one_moment_are_one_message(
    writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing.save("before")
    writing.write("after")
    append, answers = Server.append, []

    def while_it_goes_on(server: Server, *arguments: object) -> int | None:
        if not answers:
            answers.append(None)
            answers[0] = writing.post()  # type: ignore[call-overload]
        return append(server, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "append", while_it_goes_on)
    late = writing.post()
    assert writing.there() == [writing.bytes]
    assert late.json() == answers[0].json()  # type: ignore[attr-defined]
    assert next(iter(contents(writing.login))) == late.json()["uid"]  # type: ignore[attr-defined]


def test_two_tabs_are_noticed_and_the_first_text_stays(writing: Writing) -> None:
    writing.save("both have this")
    other = writing.twin()
    writing.save("the first tab")
    other.write("the second tab")
    answer = other.post()
    assert answer.status_code == 409
    assert answer.json()["now"] == {**(writing.place or {}), "rev": writing.rev}  # type: ignore[attr-defined]
    assert writing.there() == [writing.bytes]
    # "Use this one": over the newest version, knowingly.
    now = answer.json()["now"]  # type: ignore[attr-defined]
    other.rev, other.place = now.pop("rev"), now
    other.save("the second tab")
    assert writing.there() == [other.bytes]


def test_two_tabs_at_one_moment(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    writing.save("both have this")
    other = writing.twin()
    writing.write("the later tab")
    append, first = Server.append, [True]

    def meanwhile(server: Server, *arguments: object) -> int | None:
        if first.pop() if first else False:
            other.rev += 5
            other.save("the earlier tab")
        return append(server, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Server, "append", meanwhile)
    answer = writing.post()
    assert answer.status_code == 409
    assert answer.json()["now"] == {**(other.place or {}), "rev": other.rev}  # type: ignore[attr-defined]
    assert writing.there() == [other.bytes]


def test_a_draft_deleted_elsewhere_is_said_and_then_saved_anew(writing: Writing) -> None:
    writing.save()
    with imap.connect(writing.login, fresh=True) as server:
        server.select("Drafts")
        server.delete(server.search([]))
    writing.write("more")
    answer = writing.post()
    assert answer.status_code == 409
    assert answer.json()["now"] is None  # type: ignore[attr-defined]
    assert writing.there() == []
    writing.place = None
    writing.save("more")
    assert writing.there() == [writing.bytes]


def test_a_draft_that_another_program_marked_deleted_counts_as_gone(writing: Writing) -> None:
    place = writing.save()
    with imap.connect(writing.login, fresh=True) as server:
        server.select("Drafts")
        server.add_flags([place["uid"]], ["\\Deleted"])
    before = writing.there()
    writing.write("more")
    answer = writing.post()
    assert (answer.status_code, answer.json()["now"]) == (409, None)  # type: ignore[attr-defined]
    assert writing.there() == before


def test_a_first_save_does_not_pass_over_one_that_is_there(writing: Writing) -> None:
    writing.save()
    kept = writing.bytes
    other = writing.twin()
    other.place = None
    other.write("another beginning")
    answer = other.post()
    assert answer.status_code == 409
    assert writing.there() == [kept]


def test_an_older_version_does_not_replace_a_newer_one(writing: Writing) -> None:
    writing.save()
    writing.save()
    kept, writing.rev = writing.bytes, 0
    writing.write("from yesterday")
    answer = writing.post()
    assert answer.status_code == 409
    assert answer.json()["now"]["rev"] == 2  # type: ignore[attr-defined]
    assert writing.there() == [kept]


@pytest.mark.parametrize("kind", ["a letter", "another draft", "a stamp of this draft under another Message-ID"])
def test_nothing_foreign_is_replaced(writing: Writing, kind: str) -> None:
    """Under the number that is to be replaced lies something else."""
    address = writing.login.user
    stamped = f"v=1; id={writing.id}; rev=1; mac={drafting.mac(b'')}"
    foreign = {
        "a letter": letter(address, address, "<1@elsewhere.test>"),
        "another draft": draft(address, uuid4(), 1),
        "a stamp of this draft under another Message-ID": letter(
            address, address, f"<{uuid4()}@elsewhere.test>", X_Postern_Draft=stamped, In_Reply_To=f"<{writing.id}@x>"
        ),
    }[kind]
    place = put(writing.login, foreign)
    writing.write()
    writing.place, writing.rev = place.fields, 2
    writing.bytes = draft(address, writing.id, 2)
    answer = writing.post()
    assert (answer.status_code, answer.json()["now"]) == (409, None)  # type: ignore[attr-defined]
    assert writing.there() == [foreign]
    assert writing.discard().status_code == 204
    assert writing.there() == [foreign]


def test_with_another_uidvalidity_nothing_is_replaced(writing: Writing) -> None:
    place = writing.save()
    kept = writing.bytes
    writing.place = {**place, "uidvalidity": place["uidvalidity"] + 1}
    writing.write()
    assert writing.post().status_code == 409
    assert writing.discard().status_code == 204
    assert writing.there() == [kept]


def test_other_drafts_and_what_others_marked_deleted_stay(writing: Writing, house: House) -> None:
    marked = put(writing.login, letter(writing.login.user, "x@example.test", "<9@x.test>"), flags=("\\Deleted",))
    other = Writing(house.browser, house.login)
    other.save()
    writing.save()
    writing.save()
    assert writing.discard().status_code == 204
    assert set(contents(writing.login)) == {marked.uid, (other.place or {})["uid"]}
    assert "\\deleted" in drafting.flags(writing.login, marked.fields)


def test_discarded_it_is_gone_and_twice_is_no_trouble(writing: Writing) -> None:
    writing.save()
    assert writing.discard().status_code == 204
    assert writing.there() == []
    assert writing.discard().status_code == 204
    assert writing.discard(mailbox="Nowhere").status_code == 204


def test_a_draft_that_was_moved_is_gone_on_with_in_drafts(writing: Writing) -> None:
    place = writing.save()
    with imap.connect(writing.login, fresh=True) as server:
        server.select("Drafts")
        server.move([place["uid"]], "Archive")
        uidvalidity = server.select("Archive").uidvalidity
        moved = {"mailbox": "Archive", "uidvalidity": uidvalidity, "uid": server.search([])[0]}
    writing.place = moved
    assert writing.save("more")["mailbox"] == "Drafts"
    assert writing.there() == [writing.bytes]
    assert contents(writing.login, "Archive") == {}


def test_the_mailbox_is_made_where_there_is_none(demo_server: MailServer, transactional_db: None) -> None:
    house = embedded(demo_server)
    with imap.connect(house.login, fresh=True) as server:
        server._client.delete_folder("Drafts")
    writing = Writing(house.browser, house.login)
    assert writing.save()["mailbox"] == "Drafts"
    assert writing.there() == [writing.bytes]
    imap.close_account(house.account.pk)


def test_anybody_elses_draft_is_not_there(writing: Writing, house: House) -> None:
    place = writing.save()
    bob, _account = signed_in(house.neighbour)
    other = Writing(bob, house.neighbour)
    other.id, other.place = writing.id, place
    url = f"/compose/?draft={place['mailbox']}/{place['uidvalidity']}/{place['uid']}"
    assert house.browser.get(url).status_code == 200
    assert bob.get(url).status_code == 404
    assert other.discard().status_code == 204
    other.write()
    assert other.post().status_code == 409
    # Alice's own bytes: they come from her address, not from Bob's.
    other.bytes, other.rev = writing.bytes, writing.rev
    assert other.post().status_code == 400
    assert writing.there() == [writing.bytes]
    assert other.there() == []


def test_the_row_leads_to_the_composer_which_reads_the_bytes(writing: Writing, house: House) -> None:
    place = writing.save()
    inside = f"{place['mailbox']}/{place['uidvalidity']}/{place['uid']}"
    listed = house.browser.get("/mailbox/Drafts/").content.decode()
    assert f'href="/compose/?draft={inside}" data-message="/mailbox/{inside}/"' in listed
    composer = house.browser.get(f"/compose/?draft={inside}", headers={"HX-Request": "true", "HX-Target": "reader"})
    html = composer.content.decode()
    assert "<html" not in html
    for name, value in (("mailbox", "Drafts"), ("uidvalidity", place["uidvalidity"]), ("uid", place["uid"])):
        assert f'data-draft-{name}="{value}"' in html
    assert f'data-draft-raw-url="/mailbox/{inside}/raw/"' in html
    assert house.browser.get(f"/mailbox/{inside}/raw/").content == writing.bytes
    reader = house.browser.get(f"/mailbox/{inside}/").content.decode()
    assert f'href="/compose/?draft={inside}" data-continue' in reader
    put(house.login, letter(house.login.user, house.login.user, "<7@x.test>"), "INBOX", ())
    assert "data-continue" not in house.browser.get(_first(house, "INBOX")).content.decode()
    assert "data-message=" not in house.browser.get("/mailbox/INBOX/").content.decode()


def _first(house: House, mailbox: str) -> str:
    with imap.connect(house.login, fresh=True) as server:
        return f"/mailbox/{mailbox}/{server.select(mailbox).uidvalidity}/{server.search([])[0]}/"


def test_only_a_draft_opens_as_one(writing: Writing, house: House) -> None:
    place = put(house.login, letter(house.login.user, house.login.user, "<8@x.test>"), "INBOX", ())
    at = f"{place.mailbox}/{place.uidvalidity}"
    for query in (f"{at}/{place.uid}", f"{at}/{place.uid + 9}", "Nowhere/1/1", "Drafts/1/1", "Drafts/x/1", "a\n/1/1"):
        assert house.browser.get("/compose/", {"draft": query}).status_code == 404, query
    mine = writing.save()
    both = {"draft": f"Drafts/{mine['uidvalidity']}/{mine['uid']}", "answer": f"{at}/{place.uid}", "how": "reply"}
    assert house.browser.get("/compose/", both).status_code == 404


def test_only_with_the_token_and_signed_in(writing: Writing) -> None:
    writing.save()
    kept = writing.bytes
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(writing.browser.cookies)
    for browser, status in ((strict, 403), (Client(), 302)):
        other = writing.twin()
        other.browser = browser
        other.write()
        assert other.post().status_code == status
        assert other.discard().status_code == status
    assert writing.there() == [kept]


def test_the_token_counts_in_the_header_alone(writing: Writing) -> None:
    """Looking for it in the form would put all of the form on the disk, for somebody who may not post here."""
    writing.browser.get("/settings/")
    token = writing.browser.cookies[site.CSRF_COOKIE_NAME].value
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(writing.browser.cookies)
    other = writing.twin()
    other.browser = strict
    other.write()
    assert other.post(csrfmiddlewaretoken=token).status_code == 403
    assert strict.post("/drafts/discard", {"csrfmiddlewaretoken": token}).status_code == 403
    assert writing.there() == []
    strict.defaults["HTTP_X_CSRFTOKEN"] = token
    assert other.post().status_code == 201
    assert writing.there() == [other.bytes]


def test_a_draft_on_the_disk_has_no_name_and_cannot_be_read(
    writing: Writing, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    append, seen = Server.append, []

    def look(server: Server, *arguments: Any) -> Any:
        assert not list(tmp_path.iterdir())
        for entry in Path("/proc/self/fd").iterdir():
            if entry.is_symlink() and os.readlink(entry).startswith(str(tmp_path)):
                seen.append(entry.read_bytes())
        return append(server, *arguments)

    monkeypatch.setattr(Server, "append", look)
    writing.save("much text " * 100_000)
    assert any(len(kept) == len(writing.bytes) for kept in seen)
    assert not any(b"PGP MESSAGE" in kept for kept in seen)
    assert writing.there() == [writing.bytes]


@pytest.mark.parametrize("house", ["dovecot and postfix"], indirect=True)
def test_a_large_draft_is_nowhere_in_memory(writing: Writing, settings: Any) -> None:
    """As it comes, while it is judged, and while it goes to the mail server."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 16
    writing.save()
    drafting.post_large(writing, 1 << 20)  # What is loaded once is loaded now.
    size = 24 << 20
    tracemalloc.start()
    try:
        answer, digest = drafting.post_large(writing, size)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 201, answer.content
    assert peak < 4 << 20, f"{peak / (1 << 20):.1f} MB"
    [kept] = writing.there()
    assert len(kept) > size and hashlib.sha256(kept).digest() == digest


def test_a_second_file_is_refused(writing: Writing) -> None:
    writing.write()
    two = [SimpleUploadedFile("bytes", writing.bytes), SimpleUploadedFile("more", writing.bytes)]
    for changes in ({"bytes": two}, {"other": two[1]}):
        two[1].seek(0)
        assert writing.post(**changes).status_code == 400
    assert writing.there() == []


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"[" * 100_000,
        b'{"mailbox": "Drafts", "uidvalidity": 1, "uid": Infinity, "draft": "0b8cf6a4-3e0b-4f0c-9a55-1c7a3a3f9d10"}',
        json.dumps({"mailbox": "Drafts", "uidvalidity": 1, "uid": 0, "draft": "x"}).encode(),
    ],
)
def test_half_a_discard_is_refused(writing: Writing, asked: bytes) -> None:
    answer = writing.browser.post("/drafts/discard", asked, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["sentence"]
