"""Watching mailboxes of people with open pages, and telling the pages what changed.

One thread holds all waiting connections on a selector. What waits for a server (connecting, signing in, beginning
IDLE anew) is done by a few helpers, so that one slow server holds up nobody else. Orders come over the channel
layer: a page asks, the watch answers with its key, the page's consumer hands the login over sealed to that key.
In `make run` this runs beside the site on the same loop; in production it is `manage.py watch`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from channels.db import database_sync_to_async
from channels.exceptions import ChannelFull

from accounts.errors import AccountError, LoginRefused, SignInNeeded
from accounts.handover import WatchKey
from accounts.imap_idle import INBOX, Watched
from accounts.login import Login
from accounts.models import Account

from . import live

log = logging.getLogger(__name__)

Tell = Callable[[int, str], None]
Open = Callable[[Login], Watched]
Work = Callable[[], tuple[Watched, set[str]]]
_HELPERS = 4


@dataclass(frozen=True)
class Pace:
    """Seconds. RFC 2177: IDLE is begun anew before 29 minutes are over."""

    renew: float = 25 * 60
    poll: float = 60
    retry: float = 5
    retry_most: float = 300
    # A page that is reloaded finds its connection still there; one that vanished without a word is given up.
    linger: float = 30
    silent: float = 180


@dataclass
class _Entry:
    """One account with open pages. `busy` while a helper has the connection."""

    login: Login
    pages: dict[str, float] = field(default_factory=dict)
    watched: Watched | None = None
    due: float = 0.0
    failures: int = 0
    busy: bool = False
    over: float | None = None


class Watcher:
    """The thread. Its methods may be called from anywhere; all state belongs to the thread."""

    def __init__(self, tell: Tell, open_: Open = Watched, pace: Pace | None = None) -> None:
        self._tell = tell
        self._open = open_
        self._pace = pace or Pace()
        self._entries: dict[int, _Entry] = {}
        self._orders: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)
        # Daemon threads, not a pool: a pool's are waited for at exit, and a server may hold one for half a minute.
        self._work: queue.SimpleQueue[tuple[int, _Entry, Login, Work]] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name="watch", daemon=True)]
        self._threads += [threading.Thread(target=self._help, daemon=True) for _ in range(_HELPERS)]
        self._stopping = False

    # --- from other threads ---

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._order(self._stop)
        self._threads[0].join(10)

    def add(self, login: Login, page: str) -> None:
        """A page of this account is open. A newer login takes the place of an older one."""
        self._order(lambda: self._add(login, page))

    def stay(self, account_id: int, page: str) -> None:
        self._order(lambda: self._seen(account_id, page))

    def leave(self, account_id: int, page: str, at_once: bool) -> None:
        """A page was closed; after the last one the connection is, `at_once` when the person signed out."""
        self._order(lambda: self._leave(account_id, page, at_once))

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.put(order)
        # A full pipe wakes the thread all the same; a closed one means that it has ended.
        with contextlib.suppress(OSError):
            self._button.send(b"!")

    # --- in the thread ---

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except Exception:
                # One account's trouble must not end the watch of all others.
                log.exception("the watch stumbled")
        for entry in self._entries.values():
            self._hang_up(entry)
        self._selector.close()
        self._bell.close()
        self._button.close()

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._patience()):
            if key.fileobj is self._bell:
                with contextlib.suppress(BlockingIOError):
                    self._bell.recv(4096)
            else:
                self._read(key.data)
        while True:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                break
            order()
        now = time.monotonic()
        for account_id, entry in list(self._entries.items()):
            self._look_after(account_id, entry, now)

    def _patience(self) -> float:
        now = time.monotonic()
        times = [entry.due for entry in self._entries.values() if not entry.busy]
        times += [entry.over for entry in self._entries.values() if entry.over is not None]
        return max(0.0, min([at - now for at in times] + [30.0]))

    def _look_after(self, account_id: int, entry: _Entry, now: float) -> None:
        entry.pages = {page: seen for page, seen in entry.pages.items() if now - seen < self._pace.silent}
        if entry.pages:
            entry.over = None
        elif entry.over is None:
            entry.over = now + self._pace.linger
        if entry.busy:
            return
        if entry.over is not None and now >= entry.over:
            self._hang_up(entry)
            del self._entries[account_id]
        elif now >= entry.due:
            self._hand_to_helper(account_id, entry)

    def _hand_to_helper(self, account_id: int, entry: _Entry) -> None:
        entry.busy = True
        watched, login = entry.watched, entry.login
        if watched is None:
            self._work.put((account_id, entry, login, lambda: (self._open(login), {INBOX})))
        else:
            self._unregister(watched)
            self._work.put((account_id, entry, login, lambda: (watched, watched.renew())))

    def _help(self) -> None:
        """A helper's life: it may wait for a server, and touches nothing but the connection it was given."""
        while True:
            account_id, entry, login, work = self._work.get()
            try:
                watched, names = work()
            except Exception as error:
                self._order(partial(self._not_helped, account_id, entry, error))
            else:
                self._order(partial(self._helped, account_id, entry, login, watched, names))

    def _not_helped(self, account_id: int, entry: _Entry, error: Exception) -> None:
        entry.busy = False
        self._failed(entry, error)
        if isinstance(error, LoginRefused):
            # The password was changed elsewhere. Trying it again would only lock the account there.
            self._entries.pop(account_id, None)
        if not isinstance(error, AccountError):
            raise error

    def _helped(self, account_id: int, entry: _Entry, login: Login, watched: Watched, names: set[str]) -> None:
        entry.busy = False
        first = entry.watched is None
        if self._entries.get(account_id) is not entry or entry.login != login:
            watched.close()
            entry.watched = None
            entry.due = 0.0
            return
        entry.watched = watched
        # A first connection has missed nothing; one after a failure may have.
        if not first or entry.failures:
            self._tell_all(account_id, names)
        entry.failures = 0
        entry.due = time.monotonic() + (self._pace.renew if watched.pushes else self._pace.poll)
        if watched.pushes:
            self._selector.register(watched, selectors.EVENT_READ, account_id)
            # What came with the last answer is in our buffer: the selector will not speak of it.
            self._read(account_id)

    def _read(self, account_id: int) -> None:
        entry = self._entries.get(account_id)
        if entry is None or entry.watched is None or entry.busy:
            return
        try:
            names = entry.watched.news()
        except AccountError as error:
            self._failed(entry, error)
            return
        self._tell_all(account_id, names)

    def _tell_all(self, account_id: int, names: set[str]) -> None:
        for name in sorted(names):
            self._tell(account_id, name)

    def _failed(self, entry: _Entry, error: Exception) -> None:
        log.info("a watched connection was lost: %s", type(error).__name__)
        self._hang_up(entry)
        wait = min(self._pace.retry * 2**entry.failures, self._pace.retry_most)
        entry.failures += 1
        entry.due = time.monotonic() + wait

    def _hang_up(self, entry: _Entry) -> None:
        if entry.watched is not None:
            if not entry.busy:
                self._unregister(entry.watched)
            entry.watched.close()
            entry.watched = None

    def _unregister(self, watched: Watched) -> None:
        # It is not registered while a helper has it, and never is where the server does not push.
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(watched)

    def _add(self, login: Login, page: str) -> None:
        entry = self._entries.get(login.account_id)
        if entry is None:
            entry = self._entries[login.account_id] = _Entry(login)
        elif entry.login != login:
            entry.login = login
            if not entry.busy:
                self._hang_up(entry)
                entry.due = 0.0
        entry.pages[page] = time.monotonic()

    def _seen(self, account_id: int, page: str) -> None:
        entry = self._entries.get(account_id)
        if entry is not None and page in entry.pages:
            entry.pages[page] = time.monotonic()

    def _leave(self, account_id: int, page: str, at_once: bool) -> None:
        entry = self._entries.get(account_id)
        if entry is None:
            return
        entry.pages.pop(page, None)
        if at_once and not entry.pages:
            entry.over = time.monotonic()

    def _stop(self) -> None:
        self._stopping = True


async def serve(pace: Pace | None = None) -> None:
    """Watch until cancelled. Runs on the loop that the channel layer of this process lives on."""
    live.bind(asyncio.get_running_loop())
    key = WatchKey()
    watcher = Watcher(_tell, pace=pace)
    # With the default prefix, that pages have too: channels-redis reads one queue per process, of one prefix.
    channel = await live.layer().new_channel()
    announcement = key.announce()
    hello: dict[str, object] = {
        "type": "watch.key", "channel": channel, "kid": announcement.kid, "key": announcement.key,
        "mac": announcement.mac,
    }  # fmt: skip
    watcher.start()
    try:
        # Pages that were open before this process started hand their logins over anew.
        await live.layer().group_send(live.WATCHED, hello)
        await asyncio.gather(_answer(hello), _obey(channel, key, watcher))
    finally:
        await asyncio.to_thread(watcher.stop)


async def _answer(hello: dict[str, object]) -> None:
    while True:
        message = await live.layer().receive(live.WATCH)
        with contextlib.suppress(ChannelFull):
            await live.layer().send(str(message["page"]), hello)


async def _obey(channel: str, key: WatchKey, watcher: Watcher) -> None:
    while True:
        message = await live.layer().receive(channel)
        account_id, page = int(message["account"]), str(message["page"])
        match message["type"]:
            case "add":
                try:
                    login = await database_sync_to_async(_login)(key, account_id, bytes(message["sealed"]))
                except SignInNeeded:
                    log.warning("a login that was handed over does not open")
                    continue
                watcher.add(login, page)
            case "stay":
                watcher.stay(account_id, page)
            case "leave":
                watcher.leave(account_id, page, bool(message["at_once"]))


def _login(key: WatchKey, account_id: int, sealed: bytes) -> Login:
    account = Account.objects.filter(pk=account_id, enabled=True).first()
    if account is None:
        raise SignInNeeded("no such account")
    return key.open(account, sealed)


def _tell(account_id: int, mailbox: str) -> None:
    live.tell_account(account_id, {"type": "mailbox-changed", "mailbox": mailbox})
