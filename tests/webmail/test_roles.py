"""Mailboxes with a role: found where they are, and made where the server keeps the person's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts import imap
from accounts.criteria import Criterion
from accounts.login import Endpoint, Login
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.folders import folder
from tests.servers.scripted import Scripted
from webmail import mailbox, roles

from .mailbox_people import message

# As Courier and Cyrus arrange it, and without an archive.
BELOW_INBOX = """
namespace inbox {
  prefix = INBOX.
  separator = .
  mailbox Archive {
    auto = no
    special_use =
  }
}
"""


@pytest.fixture(scope="module")
def below_inbox(authority: Authority) -> Iterator[Login]:
    """Alice on a server where every mailbox is named INBOX.something."""
    with folder("dovecot") as root:
        server = Dovecot(root, authority.issue("below-inbox", "localhost"), BELOW_INBOX)
        try:
            at = Endpoint("localhost", server.imaps_port)
            yield Login(2_000_000, at, at, "alice@example.test", "alice-pw")
        finally:
            imap.close_account(2_000_000)
            server.stop()


def test_roles_are_found_below_inbox(below_inbox: Login) -> None:
    with imap.connect(below_inbox) as server:
        assert roles.mailbox_for(server, "trash") == "INBOX.Trash"
        assert server.personal_prefix() == "INBOX."


def test_what_is_missing_is_made_where_the_server_keeps_such(below_inbox: Login) -> None:
    with imap.connect(below_inbox) as server:
        uid = server.append("INBOX", message("to the archive"))
        server.select("INBOX")
        found = server.search([Criterion("SUBJECT", "to the archive")])
        assert found == [uid]
        assert mailbox.archive(server, found).target == "INBOX.Archive"
        assert server.status("INBOX.Archive").messages == 1
        shown = {box.role: box for box in mailbox.mailboxes(server)}
    assert (shown["archive"].name, shown["archive"].leaf) == ("INBOX.Archive", "Archive")


def test_without_a_prefix_nothing_is_put_before_the_name(somebody: Login) -> None:
    with imap.connect(somebody, fresh=True) as server:
        assert server.personal_prefix() == ""


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        (["INBOX", "INBOX.Sent", "INBOX.Old.2025"], "INBOX."),
        (["INBOX", "INBOX.Sent", "Archive"], ""),
        (["INBOX"], ""),
    ],
)
def test_a_server_that_does_not_say_is_judged_by_its_names(authority: Authority, names: list[str], prefix: str) -> None:
    def lists(tag: bytes, command: bytes) -> bytes | None:
        if not command.upper().startswith(b"LIST"):
            return None
        return b"".join(b'* LIST () "." "%s"\r\n' % name.encode() for name in names) + tag + b" OK done\r\n"

    at = Endpoint("localhost", Scripted(authority.issue("scripted", "localhost"), lists).port)
    with imap.connect(Login(2_000_001, at, at, "alice@example.test", "alice-pw"), fresh=True) as server:
        assert server.personal_prefix() == prefix
