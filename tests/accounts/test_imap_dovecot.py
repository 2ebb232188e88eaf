"""The IMAP gateway against a real Dovecot."""

import time
from datetime import UTC, date, datetime

import pytest

from accounts import errors, imap
from accounts.criteria import Criterion
from accounts.imap import Login
from tests.servers.fixtures import MailServers

LETTER = (
    b'From: "Bob, B" <bob@example.test>\r\nTo: alice@example.test\r\nSubject: =?utf-8?q?hall=C3=B6?= zebrafinch\r\n'
    b"Date: Sun, 22 Nov 2026 09:31:28 +0000\r\nMessage-ID: <1@example.test>\r\nX-Mailer: pigeon\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\n\r\nhello\r\n--x\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\nyy\r\n--x--\r\n"
)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_alice_signs_in_over_tls(mail_servers: MailServers, tls: str) -> None:
    with imap.connect(mail_servers.login("alice", tls=tls), fresh=True) as server:
        assert "IMAP4REV1" in server.capabilities
        assert server._channel.encrypted


def test_a_wrong_password_is_refused(mail_servers: MailServers) -> None:
    login = mail_servers.login("alice")
    wrong = Login(login.account_id, login.imap, login.smtp, login.user, "not it")
    with pytest.raises(errors.LoginRefused), imap.connect(wrong, fresh=True):
        pass


def test_the_password_is_in_no_repr(mail_servers: MailServers) -> None:
    assert "alice-pw" not in repr(mail_servers.login("alice"))


def test_mailboxes_with_special_use_and_counts(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        server.append("INBOX", LETTER)
        listed = {box.name: (box, status) for box, status in server.list_with_status()}
        assert listed["Sent"][0].attributes >= {"\\Sent"}
        inbox = listed["INBOX"][1]
        assert inbox is not None and (inbox.messages, inbox.unseen) == (1, 1)
        assert server.status("INBOX") == inbox
        assert server.statuses(["INBOX", "Sent", "Nowhere"]).keys() == {"INBOX", "Sent"}


@pytest.mark.parametrize(
    "name", ["Ordner/Über", "归档", "a&b", 'quo"te', "back\\slash", "INBOX/below", "dots.in.it", "🐦"]
)
def test_odd_mailbox_names_come_back_as_written(somebody: Login, name: str) -> None:
    with imap.connect(somebody) as server:
        server.create(name)
        assert name in [box.name for box in server.list_mailboxes()]
        server.append(name, LETTER)
        assert server.select(name).exists == 1


def test_a_mailbox_that_is_not_there(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        with pytest.raises(errors.NoSuchMailbox):
            server.select("Nowhere")
        with pytest.raises(errors.NoSuchMailbox):
            server.status("Nowhere")
        with pytest.raises(errors.NoSuchMailbox):
            server.append("Nowhere", LETTER)
        assert server.select("INBOX").exists == 0


def test_append_tells_the_uid_and_keeps_flags_and_date(somebody: Login) -> None:
    when = datetime(2020, 2, 29, 12, 0, 5, tzinfo=UTC)
    with imap.connect(somebody) as server:
        uid = server.append("INBOX", LETTER, ["\\Seen", "$Forwarded"], when)
        assert uid is not None
        server.select("INBOX")
        (row,) = server.rows(1, 50)
        assert (row.uid, row.internaldate, row.size) == (uid, when, len(LETTER))
        assert row.flags >= {"\\Seen", "$Forwarded"}
        assert b"zebrafinch" in row.header and b"pigeon" not in row.header
        assert b'"attachment"' in row.structure_hint
        assert server.rows_by_uid([uid, 9999]) == [row]


def test_structure_parts_and_stream(somebody: Login) -> None:
    body = b"".join(b"line %07d of a long part\r\n" % number for number in range(100_000))
    letter = LETTER.replace(b"yy\r\n", body)
    with imap.connect(somebody) as server:
        uid = server.append("INBOX", letter)
        assert uid is not None
        server.select("INBOX")
        found = server.fetch_structure(uid)
        assert found.header.endswith(b"\r\n\r\n") and found.size == len(letter)
        assert isinstance(found.body, tuple) and found.body[2] == b"mixed"
        assert server.fetch_part(uid, "1") == b"hello"
        assert server.fetch_parts(uid, {"1": 3, "2.MIME": 500}) == {
            "1": b"hel",
            "2.MIME": b"Content-Disposition: attachment; filename=x.txt\r\n\r\n",
        }
        pieces = list(server.stream(uid))
        assert b"".join(pieces) == letter and max(map(len, pieces)) == 1 << 20
        with pytest.raises(errors.TooLarge):
            server.fetch_part(uid, "2", cap=1000)


def test_too_large_a_part_closes_nothing_that_is_needed(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        uid = server.append("INBOX", LETTER)
        assert uid is not None
        server.select("INBOX")
        with pytest.raises(errors.TooLarge):
            server.fetch_part(uid, "", cap=10)
        assert server.size(uid) == len(LETTER)


def test_search_takes_text_of_any_kind_as_text(somebody: Login) -> None:
    odd = 'he said "x{3}" \\ (or) * %'
    with imap.connect(somebody) as server:
        first = server.append("INBOX", LETTER)
        second = server.append("INBOX", f"Subject: {odd}\r\n\r\nquokkaword\r\n".encode(), ["\\Flagged"])
        server.select("INBOX")
        assert server.search([Criterion("SUBJECT", odd)]) == [second]
        assert server.search([Criterion("SUBJECT", "hallö")]) == [first]
        assert server.search([Criterion("SUBJECT", "HALLÖ")]) == [first]
        assert server.search([Criterion("TEXT", "quokkaword")]) == [second]
        assert server.search([Criterion("HEADER", ("Message-ID", "<1@example.test>"))]) == [first]
        assert server.search([Criterion("FLAGGED", negated=True)]) == [first]
        assert server.search([Criterion("OR", (Criterion("FLAGGED"), Criterion("FROM", "bob")))]) == [first, second]
        assert server.search([Criterion("SENTSINCE", date(2026, 11, 22)), Criterion("SMALLER", 10_000)]) == [first]
        assert server.search([Criterion("UID", [second])]) == [second]
        assert server.search([]) == [first, second]
        assert server.sort("subject", [], reverse=True) == [second, first]


def test_move_copy_and_delete(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        uids = [server.append("INBOX", LETTER) or 0 for _ in range(4)]
        server.select("INBOX")
        moved = server.move(uids[:1], "Archive")
        copied = server.copy(uids[1:2], "Archive")
        assert moved is not None and copied is not None and len(moved.uids) == 1
        server.add_flags(uids[3:], ["\\Deleted"])
        server.delete(uids[1:2])
        assert server.search([]) == uids[2:], "what another client marked as deleted stays"
        assert server.exists == 2
        assert server.status("Archive").messages == 2


def test_delete_without_uidplus_touches_no_neighbour(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        server.capabilities -= {"UIDPLUS", "MOVE"}
        uids = [server.append("INBOX", LETTER) or 0 for _ in range(3)]
        server.select("INBOX")
        server.add_flags(uids[2:], ["\\Deleted"])
        server.move(uids[:1], "Archive")
        assert server.search([]) == uids[1:]
        assert "\\Deleted" in server.flags(uids)[uids[2]]
        assert server.status("Archive").messages == 1


def test_a_message_that_is_gone(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        uid = server.append("INBOX", LETTER)
        assert uid is not None
        server.select("INBOX")
        with imap.connect(somebody) as other:
            other.select("INBOX")
            other.delete([uid])
        server.noop()
        with pytest.raises(errors.MessageGone):
            server.fetch_structure(uid)
        assert not server.closed


def test_the_count_follows_what_others_do(somebody: Login) -> None:
    with imap.connect(somebody) as server:
        assert server.select("INBOX").exists == 0
        with imap.connect(somebody) as other:
            other.append("INBOX", LETTER)
            other.append("INBOX", LETTER)
        assert server.select("INBOX").exists == 2


def test_idle_tells_of_new_mail(somebody: Login) -> None:
    import time

    with imap.connect(somebody, fresh=True) as watcher, imap.connect(somebody) as server:
        watcher.select("INBOX", readonly=True)
        watcher.idle_begin()
        server.append("INBOX", LETTER)
        lines: list[bytes] = []
        limit = time.monotonic() + 10
        while not any(b"EXISTS" in line for line in lines) and time.monotonic() < limit:
            lines += watcher.idle_lines()
            time.sleep(0.01)
        watcher.idle_end()
        assert any(b"EXISTS" in line for line in lines)
        assert watcher.exists == 1
        assert watcher.search([]) == [1]


def test_names_are_remembered_for_some_seconds(somebody: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    with imap.connect(somebody, fresh=True) as server, imap.connect(somebody, fresh=True) as other:
        before = {box.name for box in server.lately_listed()}
        other.create("Made elsewhere")
        assert {box.name for box in server.lately_listed()} == before
        server.create("Made here")
        assert {box.name for box in server.lately_listed()} == before | {"Made elsewhere", "Made here"}
        other.create("Made later")
        now = time.monotonic()
        monkeypatch.setattr("accounts.imap_server.time.monotonic", lambda: now + 10.1)
        assert "Made later" in {box.name for box in server.lately_listed()}


def test_counts_of_the_selected_mailbox_are_not_from_before(somebody: Login) -> None:
    with imap.connect(somebody) as server, imap.connect(somebody, fresh=True) as other:
        server.select("INBOX")
        known = {box.name: count for box, count in server.list_with_status()}["INBOX"]
        other.append("INBOX", b"Subject: hello\r\n\r\nhello\r\n", [])
        assert known is not None and known.messages == 0
        assert server.status("INBOX").messages == 1
        other.append("INBOX", b"Subject: again\r\n\r\nhello\r\n", [])
        counts = {box.name: count for box, count in server.list_with_status()}["INBOX"]
        assert counts is not None and counts.messages == 2
