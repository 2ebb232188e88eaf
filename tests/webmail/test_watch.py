"""Watching mailboxes: news comes whole however it is cut, and one account's trouble is nobody else's."""

from __future__ import annotations

import queue
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from accounts.errors import ProtocolError
from accounts.imap_idle import Answers, Watched, changed
from accounts.login import Endpoint, Login
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.scripted import Scripted, signs_in
from webmail.watch import Pace, Watcher

QUICK = Pace(renew=60, poll=0.2, retry=0.1, retry_most=0.4, linger=0.3, silent=60)


@pytest.fixture(autouse=True)
def _trust(authority: Authority, settings: object) -> None:
    settings.MAIL_CA_FILE = str(authority.file)  # type: ignore[attr-defined]


@pytest.fixture
def scripted(authority: Authority) -> Iterator[Callable[..., Scripted]]:
    servers: list[Scripted] = []

    def start(*args: object, **more: object) -> Scripted:
        servers.append(Scripted(authority.issue("scripted", "localhost"), *args, **more))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Told:
    """What the watcher told, in order."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[int, str]] = queue.Queue()

    def __call__(self, account_id: int, mailbox: str) -> None:
        self.heard.put((account_id, mailbox))

    def next(self, seconds: float = 10) -> tuple[int, str]:
        return self.heard.get(timeout=seconds)

    def nothing(self, seconds: float = 0.3) -> bool:
        time.sleep(seconds)
        return self.heard.empty()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def watching(told: Told) -> Iterator[Callable[..., Watcher]]:
    running: list[Watcher] = []

    def start(pace: Pace = QUICK) -> Watcher:
        running.append(Watcher(told, pace=pace))
        running[-1].start()
        return running[-1]

    yield start
    for watcher in running:
        watcher.stop()


def login(port: int, account_id: int = 1, password: str = "alice-pw") -> Login:
    imap = Endpoint("localhost", port, "implicit")
    return Login(account_id, imap, imap, "alice@example.test", password)


def ready(server: Scripted, times: int = 1) -> None:
    assert server.waited_for(b" IDLE", times)
    # The continuation must have been read before news is "pushed", or it is no test of IDLE.
    time.sleep(0.1)


# --- what a line says ---


SAYS = [
    (b"* 4 EXISTS", "INBOX"),
    (b"* 2 EXPUNGE", "INBOX"),
    (b"* 3 FETCH (FLAGS (\\Seen))", "INBOX"),
    (b"* VANISHED 41", "INBOX"),
    (b'* STATUS "Archive" (MESSAGES 1)', "Archive"),
    (b"* STATUS Sent (MESSAGES 1)", "Sent"),
    (b"* status inbox (MESSAGES 1)", "INBOX"),
    (b'* STATUS "Entw&APw-rfe" (MESSAGES 1)', "Entwürfe"),
    (b'* STATUS "a \\"quoted\\" name" (MESSAGES 1)', 'a "quoted" name'),
    (b"* OK Still here", None),
    (b"* 0 RECENT", None),
    (b'* LIST () "/" EXISTS', None),
]


@pytest.mark.parametrize(("line", "mailbox"), SAYS)
def test_which_mailbox_an_answer_is_about(line: bytes, mailbox: str | None) -> None:
    assert changed([line + b"\r\n"]) == mailbox


def test_a_name_that_comes_as_a_literal_is_put_together() -> None:
    answers = Answers()
    assert answers.feed([b"* STATUS {9}"]) == []
    (answer,) = answers.feed([b"* 5 EXIST (MESSAGES 1)"])
    # Nine octets of name, whatever they look like: they are no EXISTS.
    assert changed(answer) == "* 5 EXIST"


def test_a_literal_over_several_lines_is_put_together() -> None:
    answers = Answers()
    assert answers.feed([b"* STATUS {8}", b"two"]) == []
    (answer, after) = answers.feed([b"abc (MESSAGES 1)", b"* 4 EXISTS"])
    assert answer[1] == b"two\r\nabc"
    assert changed(after) == "INBOX"


def test_a_literal_that_no_notice_needs_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Answers().feed([b"* STATUS {4000000000}"])


# --- over TLS ---


def test_news_byte_by_byte_is_told_once_and_whole(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    """Each byte in a TLS record and a packet of its own: where imapclient's idle_check dies."""
    server = scripted()
    watching().add(login(server.port), "page")
    ready(server)
    server.dribble(b"* 4 EXISTS", pause=0.01)
    assert told.nothing()
    server.dribble(b"\r")
    assert told.nothing(0.1)
    server.dribble(b"\n")
    assert told.next() == (1, "INBOX")
    assert told.nothing()
    assert len(server.connections) == 1


def test_a_literal_byte_by_byte(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watching().add(login(server.port), "page")
    ready(server)
    server.dribble(b"* STATUS {7}\r\nArc", pause=0.002)
    assert told.nothing()
    server.dribble(b"hive (MESSAGES 9)\r\n", pause=0.002)
    assert told.next() == (1, "Archive")


def test_many_lines_in_one_record_leave_none_behind(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    """More than one read of bytes that TLS has already decrypted: the socket itself is not readable any more."""
    server = scripted()
    watching().add(login(server.port), "page")
    ready(server)
    many = b"".join(b'* STATUS "box%d" (MESSAGES 1)\r\n' % number for number in range(500))
    server.say(many + b"* 4 EXISTS\r\n")
    names = {told.next()[1] for _ in range(501)}
    assert "INBOX" in names and len(names) == 501


def test_news_in_the_same_packet_as_the_continuation(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    """What was read together with "+ idling" must not wait for the next packet."""

    def answer(tag: bytes, command: bytes) -> bytes | None:
        return b"+ idling\r\n* 4 EXISTS\r\n" if command == b"IDLE" else None

    watching().add(login(scripted(answer).port), "page")
    assert told.next() == (1, "INBOX")


def test_idle_is_begun_anew_before_the_server_forgets(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watching(Pace(renew=0.3)).add(login(server.port), "page")
    assert server.waited_for(b" IDLE", times=3)
    assert sum(line == b"DONE" for line in server.commands) >= 2
    assert len(server.connections) == 1
    time.sleep(0.05)
    server.say(b"* 4 EXISTS\r\n")
    assert told.next() == (1, "INBOX")


def test_where_idle_is_missing_the_mailbox_is_looked_at(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    count = 3

    def answer(tag: bytes, command: bytes) -> bytes | None:
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
        if command.startswith(b"STATUS"):
            facts = b"(MESSAGES %d UNSEEN 1 UIDNEXT 9 UIDVALIDITY 1 RECENT 0)" % count
            return b'* STATUS "INBOX" ' + facts + b"\r\n" + tag + b" OK done\r\n"
        return None

    server = scripted(answer)
    watching().add(login(server.port), "page")
    assert server.waited_for(b"STATUS", times=3)
    assert told.nothing(0.1)
    count = 4
    assert told.next() == (1, "INBOX")
    assert told.nothing()
    assert not any(line.endswith(b" IDLE") for line in server.commands)


def test_a_lost_connection_comes_back_and_what_was_missed_is_told(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watching().add(login(server.port), "page")
    ready(server)
    server.connections[-1].shutdown(socket.SHUT_RDWR)
    ready(server, times=2)
    assert told.next() == (1, "INBOX")
    server.say(b"* 5 EXISTS\r\n")
    assert told.next() == (1, "INBOX")


def test_a_password_that_was_changed_elsewhere_is_not_tried_again(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    """Else the watch itself would lock the person's account at their provider."""
    server = scripted(verdict=b"NO [AUTHENTICATIONFAILED] no")
    watching().add(login(server.port), "page")
    assert server.waited_for(b"AUTHENTICATE")
    time.sleep(1)
    assert sum(b"AUTHENTICATE" in line for line in server.commands) == 1


def test_signing_out_hangs_up_at_once(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watcher = watching(Pace(linger=60))
    watcher.add(login(server.port), "page")
    ready(server)
    watcher.leave(1, "page", at_once=True)
    # Which gives it five seconds, and not the minute above.
    assert hung_up(server)


def hung_up(server: Scripted, seconds: float = 5) -> bool:
    """Whether the newest connection was closed from the other side."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            server.say(b"* OK Still here\r\n")
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_a_reload_finds_its_connection_still_there(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watcher = watching(Pace(linger=1))
    watcher.add(login(server.port), "first page")
    ready(server)
    watcher.leave(1, "first page", at_once=False)
    watcher.add(login(server.port), "second page")
    assert not hung_up(server, seconds=1.5)
    assert len(server.connections) == 1
    watcher.leave(1, "second page", at_once=False)
    assert hung_up(server)


def test_a_page_that_vanished_without_a_word_is_given_up(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watcher = watching(Pace(silent=1.5, linger=0.1))
    watcher.add(login(server.port), "page")
    ready(server)
    for _ in range(4):
        time.sleep(0.45)
        watcher.stay(1, "page")
    assert not hung_up(server, seconds=0.2)
    assert hung_up(server)


def test_two_pages_of_one_account_share_a_connection(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watcher = watching()
    for page in ("one", "two", "three"):
        watcher.add(login(server.port), page)
    ready(server)
    watcher.leave(1, "one", at_once=True)
    assert not hung_up(server, seconds=0.5)
    assert len(server.connections) == 1


def test_a_server_that_is_stuck_holds_up_nobody_else(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    stuck = scripted(lambda tag, command: b"")
    server = scripted()
    watcher = watching()
    for number in range(2, 5):
        watcher.add(login(stuck.port, account_id=number), "page")
    assert stuck.waited_for(b"CAPABILITY", times=3)
    watcher.add(login(server.port), "page")
    ready(server)
    server.say(b"* 4 EXISTS\r\n")
    assert told.next(2) == (1, "INBOX")


def test_nonsense_from_one_server_ends_only_its_own_watch(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    odd, server = scripted(), scripted()
    watcher = watching()
    watcher.add(login(odd.port, account_id=2), "page")
    watcher.add(login(server.port), "page")
    ready(odd)
    ready(server)
    odd.say(b"* STATUS (((\r\n* STATUS {9999999999}\r\n\xff\xfe\r\n")
    ready(odd, times=2)
    server.say(b"* 4 EXISTS\r\n")
    heard = {told.next(), told.next()}
    assert heard == {(1, "INBOX"), (2, "INBOX")}


def test_a_new_password_takes_the_place_of_the_old_one(
    scripted: Callable[..., Scripted], watching: Callable[..., Watcher], told: Told
) -> None:
    server = scripted()
    watcher = watching()
    watcher.add(login(server.port), "page")
    ready(server)
    watcher.add(login(server.port, password="changed-pw"), "another page")
    ready(server, times=2)
    assert len(server.connections) == 2


# --- the real thing ---


MAIL = b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: lunch\r\n\r\nat noon\r\n"


def test_dovecot_tells_of_new_mail_in_any_mailbox(
    dovecot: Dovecot, watching: Callable[..., Watcher], told: Told
) -> None:
    from accounts import imap

    alice = login(dovecot.imaps_port)
    watched = Watched(alice)
    assert watched.pushes
    watched.close()
    watching().add(alice, "page")
    time.sleep(1)
    with imap.connect(alice, fresh=True) as server:
        server.append("INBOX", MAIL, [])
        assert told.next() == (1, "INBOX")
        server.append("Archive", MAIL, [])
        names = {told.next()[1]}
        while "Archive" not in names:
            names.add(told.next()[1])


def test_what_signs_in_is_what_the_scripted_server_expects() -> None:
    """The script's own fallback: a test server that says no to everything would make the tests above hollow."""
    assert signs_in(b"A1", b"IDLE") == b"+ idling\r\n"
    assert b"OK" in (signs_in(b"A1", b'EXAMINE "INBOX"') or b"")
