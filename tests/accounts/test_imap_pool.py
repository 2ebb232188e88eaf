"""Warm connections: kept, limited, closed when idle, never shared by two or across passwords."""

import threading
import time

import pytest

from accounts import errors, imap_pool
from accounts.imap_pool import Pool
from accounts.login import Login
from tests.servers.fixtures import MailServers
from tests.servers.recording import RecordingImap


def test_the_same_connection_is_lent_again() -> None:
    with RecordingImap() as recorder:
        pool = Pool()
        with pool.lend(recorder.login()) as first:
            pass
        with pool.lend(recorder.login()) as second:
            assert second is first
        assert recorder.connections == 1


def test_no_two_at_once_have_the_same_and_no_third_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_pool, "WAIT_SECONDS", 0.2)
    with RecordingImap() as recorder:
        pool = Pool()
        login = recorder.login()
        with pool.lend(login) as first, pool.lend(login) as second:
            assert first is not second and pool.open_connections(1) == 2
            with pytest.raises(errors.TooManyConnections), pool.lend(login):
                pass
        assert recorder.connections == 2


def test_who_waits_gets_the_one_that_comes_back() -> None:
    with RecordingImap() as recorder:
        pool = Pool(per_account=1)
        login = recorder.login()
        got = threading.Event()

        def wait() -> None:
            with pool.lend(login):
                got.set()

        with pool.lend(login):
            thread = threading.Thread(target=wait)
            thread.start()
            assert not got.wait(0.2)
        assert got.wait(5)
        thread.join()
        assert recorder.connections == 1


def test_another_password_never_meets_a_warm_connection(mail_servers: MailServers) -> None:
    pool = Pool()
    login = mail_servers.login("alice", account_id=77)
    with pool.lend(login):
        pass
    wrong = Login(77, login.imap, login.smtp, login.user, "not it")
    with pytest.raises(errors.LoginRefused), pool.lend(wrong):
        pass
    with pool.lend(login) as server:
        server.noop()
    pool.close_all()


def test_what_broke_is_not_lent_again() -> None:
    with RecordingImap(NOOP=b"=* BYE enough\r\n") as recorder:
        pool = Pool()
        with pytest.raises(errors.ServerUnavailable), pool.lend(recorder.login()) as broken:
            broken.noop()
        assert broken.closed and pool.open_connections(1) == 0
        with pool.lend(recorder.login()) as whole:
            assert whole is not broken


def test_a_refused_sign_in_leaves_no_place_taken() -> None:
    with RecordingImap(AUTHENTICATE=b"=%t NO no\r\n") as recorder:
        pool = Pool()
        for _ in range(5):
            with pytest.raises(errors.LoginRefused), pool.lend(recorder.login()):
                pass
        assert pool.open_connections(1) == 0


def test_a_connection_the_server_ended_is_noticed_before_the_block(mail_servers: MailServers) -> None:
    pool = Pool()
    login = mail_servers.login("charlie", account_id=78)
    with pool.lend(login) as before:
        before.select("INBOX")
    mail_servers.dovecot.doveadm("kick", "charlie@example.test")
    limit = time.monotonic() + 5
    while not before.has_news() and time.monotonic() < limit:
        time.sleep(0.02)
    with pool.lend(login) as after:
        assert after is not before
        after.select("INBOX")
    pool.close_all()


def test_idle_connections_are_closed() -> None:
    with RecordingImap() as recorder:
        pool = Pool(idle_seconds=0.3)
        with pool.lend(recorder.login()) as server:
            pass
        limit = time.monotonic() + 5
        while not server.closed and time.monotonic() < limit:
            time.sleep(0.05)
        assert server.closed and pool.open_connections(1) == 0


def test_signing_out_closes_warm_ones_now_and_lent_ones_on_return() -> None:
    with RecordingImap() as recorder:
        pool = Pool()
        login = recorder.login()
        with pool.lend(login) as lent:
            with pool.lend(login) as warm:
                pass
            pool.close_account(1)
            assert warm.closed and not lent.closed
        assert lent.closed and pool.open_connections(1) == 0
