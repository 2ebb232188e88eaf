"""The list: roles, counts, rows, pages and what is done to messages, on Dovecot and on a server with few extensions."""

from datetime import UTC, datetime

import pytest

from accounts import imap
from accounts.imap import Login, Server
from webmail import mailbox, message
from webmail.errors import MailboxChanged


def _fill(server: Server, count: int, name: str = "INBOX") -> None:
    for number in range(1, count + 1):
        letter = (
            f"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: number {number}\r\n"
            f"Date: Sun, 22 Nov 2026 09:{number % 60:02}:00 +0100\r\n\r\ntext {number}\r\n"
        )
        server.append(name, letter.encode(), [])


def test_roles_come_first_and_counts_are_right(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        server.create("Zebra")
        server.create("Sent Items") if "SPECIAL-USE" not in server.capabilities else None
        _fill(server, 2)
        server.append("Zebra", b"Subject: x\r\n\r\n", ["\\Seen"])
        boxes = mailbox.mailboxes(server)
        assert boxes[0].role == "inbox" and (boxes[0].messages, boxes[0].unseen) == (2, 2)
        assert [box.name for box in boxes if box.role == ""][-1] == "Zebra"
        zebra = next(box for box in boxes if box.name == "Zebra")
        assert (zebra.messages, zebra.unseen, zebra.usable) == (1, 0, True)
        assert len([box for box in boxes if box.role == "sent"]) == 1


def test_pages_newest_first_and_oldest_first(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        _fill(server, 23)
        first = mailbox.page(server, "INBOX", 1, size=10)
        assert [row.subject for row in first.rows] == [f"number {number}" for number in range(23, 13, -1)]
        assert (first.number, first.pages, first.total, first.first, first.last) == (1, 3, 23, 1, 10)
        last = mailbox.page(server, "INBOX", 3, size=10)
        assert [row.subject for row in last.rows] == ["number 3", "number 2", "number 1"]
        assert (last.first, last.last) == (21, 23)
        assert mailbox.page(server, "INBOX", 99, size=10) == last
        assert mailbox.page(server, "INBOX", -5, size=10) == first
        oldest = mailbox.page(server, "INBOX", 2, oldest_first=True, size=10)
        assert [row.subject for row in oldest.rows] == [f"number {number}" for number in range(11, 21)]


def test_an_empty_mailbox_has_one_empty_page(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        empty = mailbox.page(server, "INBOX")
        assert (empty.rows, empty.number, empty.pages, empty.total, empty.first, empty.last) == ([], 1, 1, 0, 0, 0)
        assert mailbox.find(server, "INBOX", "anything").rows == []


def test_what_a_row_tells(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        server.append(
            "INBOX",
            b"From: =?utf-8?q?B=C3=B6b?= <bob@example.test>\r\n"
            b"To: Alice <alice@example.test>,\r\n carol@example.test\r\n"
            b"Subject: =?utf-8?b?5L2g5aW9?=\r\n =?utf-8?q?_there?=\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n"
            b"--x\r\nContent-Type: text/plain\r\n"
            b"Content-Disposition: attachment; filename=a.txt\r\n\r\nyy\r\n--x--\r\n",
            ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "\\Draft"],
        )
        (row,) = mailbox.page(server, "INBOX").rows
    assert (row.from_name, row.from_address, row.to) == ("Böb", "bob@example.test", "Alice, carol@example.test")
    assert row.subject == "你好 there"
    assert row.date == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert (row.seen, row.starred, row.answered, row.draft) == (True, True, True, True)
    assert row.forwarded and row.has_attachment and row.mark == "" and row.size > 300


PLAIN = b"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
MARKS = {
    "pgp encrypted": (
        b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\r\n\r\n'
        b"--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        b'--x\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n'
        b"Content-Disposition: attachment; filename=encrypted.asc\r\n\r\nxx\r\n--x--\r\n",
        "encrypted",
        False,
    ),
    "pgp signed": (
        b'multipart/signed; protocol="application/pgp-signature"; boundary=x' + PLAIN + b"--x\r\n"
        b"Content-Type: application/pgp-signature; name=signature.asc\r\n"
        b"Content-Disposition: attachment; filename=signature.asc\r\n\r\nxx\r\n--x--\r\n",
        "signed",
        False,
    ),
    "smime signed with an attachment": (
        b'multipart/signed; protocol="application/pkcs7-signature"; boundary=y\r\n\r\n--y\r\n'
        b"Content-Type: multipart/mixed; boundary=x"
        + PLAIN
        + b"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nxx\r\n--x--\r\n"
        b"--y\r\nContent-Type: application/pkcs7-signature\r\n\r\nxx\r\n--y--\r\n",
        "signed",
        True,
    ),
    "smime enveloped": (
        b"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
        b"Content-Disposition: attachment; filename=smime.p7m\r\n\r\nxx\r\n",
        "encrypted",
        False,
    ),
    "smime without a type": (b"application/x-pkcs7-mime; name=smime.p7m\r\n\r\nxx\r\n", "encrypted", False),
    "smime opaque signed": (b"application/pkcs7-mime; smime-type=signed-data\r\n\r\nxx\r\n", "signed", False),
    "smime certificates": (b"application/pkcs7-mime; smime-type=certs-only\r\n\r\nxx\r\n", "", True),
    "html and text": (b"multipart/alternative; boundary=x" + PLAIN + b"--x--\r\n", "", False),
    "a forwarded message": (
        b"multipart/mixed; boundary=x"
        + PLAIN
        + b"--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: i\r\n\r\nx\r\n--x--\r\n",
        "",
        True,
    ),
    "a picture in the text": (
        b"multipart/related; boundary=x"
        + PLAIN
        + b"--x\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\nContent-ID: <1>\r\n\r\nx\r\n--x--\r\n",
        "",
        False,
    ),
}


@pytest.mark.parametrize("kind", MARKS)
def test_marks_and_attachments_from_structure(anywhere: Login, kind: str) -> None:
    content, mark, attached = MARKS[kind]
    with imap.connect(anywhere) as server:
        server.append("INBOX", b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + content)
        (row,) = mailbox.page(server, "INBOX").rows
    assert (row.mark, row.has_attachment) == (mark, attached)


def test_broken_headers_give_a_row_all_the_same(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        for letter in (
            b"\r\nno header\r\n",
            b"From\r\n\r\nx\r\n",
            b"From: <\r\nDate: yesterday\r\nSubject: =?x?q?\r\n\r\n",
        ):
            server.append("INBOX", letter)
        rows = mailbox.page(server, "INBOX").rows
        assert len(rows) == 3
        assert all(row.date.tzinfo for row in rows)


def test_read_star_archive_delete_spam(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        _fill(server, 5)
        page = mailbox.page(server, "INBOX")
        uids = [row.uid for row in page.rows]
        mailbox.open_at(server, "INBOX", page.uidvalidity)
        mailbox.mark_seen(server, uids[:2])
        mailbox.star(server, uids[1:3])
        rows = mailbox.page(server, "INBOX").rows
        assert [row.seen for row in rows] == [True, True, False, False, False]
        assert [row.starred for row in rows] == [False, True, True, False, False]
        mailbox.mark_seen(server, uids[:1], False)
        mailbox.star(server, uids[1:2], False)
        assert [row.seen for row in mailbox.page(server, "INBOX").rows][:2] == [False, True]

        archive = mailbox.archive(server, uids[:1]).target
        trash = mailbox.delete(server, uids[1:2], "INBOX").target
        junk = mailbox.spam(server, uids[2:3]).target
        assert [row.uid for row in mailbox.page(server, "INBOX").rows] == uids[3:]
        assert {server.status(name).messages for name in (archive, trash, junk)} == {1}

        found = mailbox.page(server, junk)
        mailbox.not_spam(server, [found.rows[0].uid])
        assert mailbox.page(server, "INBOX").total == 3
        found = mailbox.page(server, trash)
        assert mailbox.delete(server, [found.rows[0].uid], trash).target == ""
        assert mailbox.page(server, trash).total == 0


def test_another_uidvalidity_is_refused(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        page = mailbox.page(server, "INBOX")
        mailbox.open_at(server, "INBOX", page.uidvalidity)
        with pytest.raises(MailboxChanged):
            mailbox.open_at(server, "INBOX", page.uidvalidity + 1)


def test_neighbours(anywhere: Login) -> None:
    with imap.connect(anywhere) as server:
        _fill(server, 3)
        newest, middle, oldest = (row.uid for row in mailbox.page(server, "INBOX").rows)
        for uid, newer, older in ((newest, None, middle), (middle, newest, oldest), (oldest, middle, None)):
            seq = server.fetch_structure(uid).seq
            assert message.neighbours(server, seq) == message.Neighbours(newer, older)


def test_the_bytes_come_back_untouched(anywhere: Login) -> None:
    letter = b"Subject: 8 bit \xc3\xbc\r\n\r\n" + bytes(range(32, 127)) * 20_000 + b"\r\n\xff\xfe tail\r\n"
    with imap.connect(anywhere) as server:
        uid = server.append("INBOX", letter)
        assert uid is not None
        server.select("INBOX")
        assert b"".join(server.stream(uid)) == letter
        assert server.size(uid) == len(letter)
