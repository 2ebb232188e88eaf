"""Warm connections, lent for one block each.

An account has at most two in a process, opened on demand and closed when idle; each is lent to one thread at a
time, because imapclient is not made for two.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .errors import AccountError, TooManyConnections
from .imap_server import Server
from .login import Login

PER_ACCOUNT = 2
IDLE_SECONDS = 300.0
PROBE_AFTER_SECONDS = 20.0
WAIT_SECONDS = 20.0

_SALT = secrets.token_bytes(32)


def _key(login: Login) -> bytes:
    """Where and who, with the password only as a keyed hash: another password never meets a warm connection."""
    facts = repr((login.imap, login.user, login.password)).encode("utf-8", "surrogatepass")
    return hmac.digest(_SALT, facts, hashlib.sha256)


@dataclass
class _Warm:
    server: Server
    key: bytes
    since: float


@dataclass
class _Shelf:
    """The connections of one account."""

    warm: list[_Warm] = field(default_factory=list)
    open: int = 0
    generation: int = 0


class Pool:
    """The connections of one process."""

    def __init__(self, per_account: int = PER_ACCOUNT, idle_seconds: float = IDLE_SECONDS) -> None:
        self._per_account = per_account
        self._idle_seconds = idle_seconds
        self._shelves: dict[int, _Shelf] = {}
        self._changed = threading.Condition()
        self._sweeper: threading.Thread | None = None

    @contextmanager
    def lend(self, login: Login) -> Iterator[Server]:
        """A connection for one block. What broke is closed, what is well is kept warm."""
        key = _key(login)
        server, generation = self._take(login, key)
        try:
            yield server
        finally:
            self._give_back(login.account_id, server, key, generation)

    def _take(self, login: Login, key: bytes) -> tuple[Server, int]:
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            stale: list[Server] = []
            with self._changed:
                shelf = self._shelves.setdefault(login.account_id, _Shelf())
                generation = shelf.generation
                fit = next((warm for warm in reversed(shelf.warm) if warm.key == key), None)
                if fit is not None:
                    shelf.warm.remove(fit)
                elif shelf.open < self._per_account:
                    shelf.open += 1
                elif shelf.warm:
                    # All are open and one is idle under other credentials: it makes room.
                    stale.append(shelf.warm.pop(0).server)
                else:
                    left = give_up - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        raise TooManyConnections("all connections of this account are busy")
                    continue
            for server in stale:
                server.close()
            if fit is None:
                return self._open(login), generation
            if self._is_alive(fit):
                return fit.server, generation
            fit.server.close()
            with self._changed:
                shelf.open -= 1
                self._changed.notify_all()

    def _open(self, login: Login) -> Server:
        try:
            return Server(login)
        except BaseException:
            with self._changed:
                self._shelves[login.account_id].open -= 1
                self._changed.notify_all()
            raise

    @staticmethod
    def _is_alive(warm: _Warm) -> bool:
        """Servers close idle connections and restart: found out here, not in the middle of the block."""
        if warm.server.closed:
            return False
        if time.monotonic() - warm.since < PROBE_AFTER_SECONDS and not warm.server.has_news():
            return True
        try:
            warm.server.noop()
        except AccountError:
            return False
        return True

    def _give_back(self, account_id: int, server: Server, key: bytes, generation: int) -> None:
        with self._changed:
            shelf = self._shelves[account_id]
            if server.closed or shelf.generation != generation:
                shelf.open -= 1
                discard = True
            else:
                shelf.warm.append(_Warm(server, key, time.monotonic()))
                discard = False
                self._start_sweeper()
            self._changed.notify_all()
        if discard:
            server.close()

    def close_account(self, account_id: int) -> None:
        """Close what is warm, and what is lent as soon as it comes back."""
        with self._changed:
            shelf = self._shelves.get(account_id)
            if shelf is None:
                return
            shelf.generation += 1
            closing = [warm.server for warm in shelf.warm]
            shelf.open -= len(closing)
            shelf.warm.clear()
            self._changed.notify_all()
        for server in closing:
            server.close()

    def close_all(self) -> None:
        """At the end of the process, and between tests."""
        for account_id in list(self._shelves):
            self.close_account(account_id)

    def open_connections(self, account_id: int) -> int:
        """How many connections the account holds, lent or warm."""
        with self._changed:
            shelf = self._shelves.get(account_id)
            return shelf.open if shelf else 0

    def _start_sweeper(self) -> None:
        if self._sweeper is None or not self._sweeper.is_alive():
            self._sweeper = threading.Thread(target=self._sweep, name="imap-pool", daemon=True)
            self._sweeper.start()

    def _sweep(self) -> None:
        while True:
            time.sleep(min(self._idle_seconds / 4, 15.0))
            closing: list[Server] = []
            with self._changed:
                limit = time.monotonic() - self._idle_seconds
                for account_id, shelf in list(self._shelves.items()):
                    for warm in [warm for warm in shelf.warm if warm.since < limit]:
                        shelf.warm.remove(warm)
                        shelf.open -= 1
                        closing.append(warm.server)
                    if not shelf.open and not shelf.warm:
                        # A generation is remembered only while a connection could come back to it.
                        del self._shelves[account_id]
                self._changed.notify_all()
            for server in closing:
                server.close()
