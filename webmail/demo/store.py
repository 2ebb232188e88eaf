"""The demo's mailboxes: pymap's in-memory mailbox, with every change and every byte kept in one SQLite file.

pymap also has a maildir backend. It writes messages anew through Python's email package, and a signature over
the exact bytes does not survive that; it also finds new mail by looking once a second. Here the bytes go in and
come out as they are, and IDLE is told at once.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pymap.backend.dict.mailbox import LoadedMessage, MailboxData, MailboxSet, Message
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.mailbox import MailboxSnapshot
from pymap.mime import MessageContent
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import FetchRequirement, ObjectId
from pymap.parsing.specials.flag import Flag, Recent, get_system_flags

STANDARD = ("Drafts", "Sent", "Archive", "Junk", "Trash")
KEYWORDS = frozenset(Flag(name) for name in (b"$Forwarded", b"$MDNSent", b"$Junk", b"$NotJunk"))
PARSED_BYTES = 48 * 1024 * 1024

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mailbox (
    id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL,
    object_id BLOB NOT NULL, uid_validity INTEGER NOT NULL, max_uid INTEGER NOT NULL,
    subscribed INTEGER NOT NULL DEFAULT 1, UNIQUE (owner, name));
CREATE TABLE IF NOT EXISTS content (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS message (
    mailbox INTEGER NOT NULL REFERENCES mailbox ON DELETE CASCADE, uid INTEGER NOT NULL,
    received REAL NOT NULL, flags TEXT NOT NULL, email_id BLOB NOT NULL, thread_id BLOB NOT NULL,
    content INTEGER NOT NULL REFERENCES content, PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS message_content ON message (content);
CREATE TRIGGER IF NOT EXISTS unused_content AFTER DELETE ON message
    WHEN NOT EXISTS (SELECT 1 FROM message WHERE content = OLD.content)
    BEGIN DELETE FROM content WHERE id = OLD.content; END;
"""


class Store:
    """The file, and the parsed messages that were asked for last. Used by one event loop alone."""

    def __init__(self, path: Path) -> None:
        self.sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.sql.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;" + _SCHEMA)
        self._parsed: OrderedDict[int, tuple[int, MessageContent]] = OrderedDict()
        self._size = 0

    def close(self) -> None:
        self.sql.close()

    def insert(self, query: str, *values: object) -> int:
        row = self.sql.execute(query, values).lastrowid
        assert row is not None
        return row

    def add(self, data: bytes) -> int:
        row = self.insert("INSERT INTO content (data) VALUES (?)", data)
        # SQLite gives the number of a deleted last row again: what was parsed under it was another message.
        if gone := self._parsed.pop(row, None):
            self._size -= gone[0]
        return row

    def parsed(self, content: int) -> MessageContent | None:
        """The message of this content row; None when its last copy was expunged meanwhile."""
        if found := self._parsed.get(content):
            self._parsed.move_to_end(content)
            return found[1]
        row = self.sql.execute("SELECT data FROM content WHERE id = ?", (content,)).fetchone()
        if row is None:
            return None
        message = MessageContent.parse(row[0])
        self._parsed[content] = (len(row[0]), message)
        self._size += len(row[0])
        while self._size > PARSED_BYTES and len(self._parsed) > 1:
            self._size -= self._parsed.popitem(last=False)[1][0]
        return message


class StoredMessage(Message):
    """A message whose content is read from the file when it is wanted."""

    __slots__ = ["_store", "row"]

    def __init__(
        self, uid: int, received: datetime, flags: Iterable[Flag], *, store: Store, row: int,
        email_id: ObjectId | None, thread_id: ObjectId | None, recent: bool = False, expunged: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(uid, received, flags, expunged=expunged, email_id=email_id, thread_id=thread_id, recent=recent)
        self._store = store
        self.row = row

    def again(self, uid: int, *, recent: bool = False, expunged: bool = False) -> StoredMessage:
        return StoredMessage(
            uid, self.internal_date, self.permanent_flags, store=self._store, row=self.row,
            email_id=self.email_id, thread_id=self.thread_id, recent=recent, expunged=expunged,
        )  # fmt: skip

    async def load_content(self, requirement: FetchRequirement) -> LoadedMessage:
        wanted = not requirement.has_none(FetchRequirement.CONTENT)
        return LoadedMessage(self, requirement, self._store.parsed(self.row) if wanted else None)


class StoredMailbox(MailboxData):
    """One mailbox. Each change is in the file before the client hears of it."""

    def __init__(self, store: Store, row: tuple[int, bytes, int, int], kept: MailboxSet) -> None:
        super().__init__(kept._content_cache, kept._thread_cache)
        self._store = store
        self._row, object_id, self._uid_validity, self._max_uid = row
        self._mailbox_id = ObjectId(object_id)
        query = "SELECT uid, received, flags, email_id, thread_id, content FROM message WHERE mailbox = ? ORDER BY uid"
        for uid, received, flags, email_id, thread_id, content in store.sql.execute(query, (self._row,)):
            self._messages[uid] = StoredMessage(
                uid, datetime.fromtimestamp(received, UTC), [Flag(flag.encode()) for flag in flags.split()],
                store=store, row=content, email_id=ObjectId(email_id), thread_id=ObjectId(thread_id),
            )  # fmt: skip

    @property
    def permanent_flags(self) -> frozenset[Flag]:
        return (get_system_flags() - {Recent}) | KEYWORDS

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        when = append_msg.when or datetime.now(UTC)
        return self._put(
            StoredMessage(
                0,
                when,
                append_msg.flag_set - {Recent},
                store=self._store,
                row=self._store.add(append_msg.literal),
                email_id=ObjectId.random_email_id(),
                thread_id=ObjectId.random_thread_id(),
                recent=recent,
            )
        )

    def _put(self, message: StoredMessage) -> StoredMessage:
        """Give it the next UID here. No await in between, so the loop sees either nothing or all of it."""
        uid = self._max_uid + 1
        new = message.again(uid, recent=message.recent)
        self._store.sql.execute("BEGIN IMMEDIATE")
        self._store.sql.execute("UPDATE mailbox SET max_uid = ? WHERE id = ?", (uid, self._row))
        self._store.sql.execute(
            "INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._row,
                uid,
                new.internal_date.timestamp(),
                _flags(new),
                new.email_id.value,
                new.thread_id.value,
                new.row,
            ),
        )
        self._store.sql.execute("COMMIT")
        self._max_uid = uid
        self._messages[uid] = new
        self._changed([uid])
        return new

    def _changed(self, uids: Iterable[int]) -> None:
        self._mod_sequences.update(uids)
        self._updated.set()

    async def copy(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        message = self._messages.get(uid)
        if not isinstance(message, StoredMessage) or not isinstance(destination, StoredMailbox):
            return None
        return destination._put(message.again(0, recent=recent)).uid

    async def move(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        # The copy first: a crash in between leaves one too many, never one too few.
        new = await self.copy(uid, destination, recent=recent)
        if new is not None:
            await self.delete([uid])
        return new

    async def get(self, uid: int, cached_msg: CachedMessage) -> Message:
        message = self._messages.get(uid)
        if message is None:
            assert isinstance(cached_msg, StoredMessage)
            return cached_msg.again(uid, expunged=True)
        return message

    async def update(self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp) -> Message:
        message = await super().update(uid, cached_msg, flag_set - {Recent}, mode)
        self._store.sql.execute(
            "UPDATE message SET flags = ? WHERE mailbox = ? AND uid = ?", (_flags(message), self._row, uid)
        )
        return message

    async def delete(self, uids: Iterable[int]) -> None:
        uids = list(uids)
        self._store.sql.executemany(
            "DELETE FROM message WHERE mailbox = ? AND uid = ?", [(self._row, uid) for uid in uids]
        )
        await super().delete(uids)


def _flags(message: Message) -> str:
    return " ".join(sorted(str(flag) for flag in message.permanent_flags))


class StoredMailboxes(MailboxSet):
    """All mailboxes of one person; the standard ones are made at the first visit."""

    def __init__(self, store: Store, owner: str) -> None:
        super().__init__()
        self._store = store
        self._owner = owner
        query = "SELECT name, id, object_id, uid_validity, max_uid, subscribed FROM mailbox WHERE owner = ? ORDER BY id"
        for name, *row, subscribed in store.sql.execute(query, (owner,)).fetchall():
            self._keep(name, StoredMailbox(store, tuple(row), self))
            self._subscribed[name] = bool(subscribed)
        for name in ("INBOX", *STANDARD):
            if (name != "INBOX" and name not in self._set) or (
                name == "INBOX" and not isinstance(self._inbox, StoredMailbox)
            ):
                self._make(name)

    def _keep(self, name: str, mailbox: StoredMailbox) -> None:
        if name == "INBOX":
            self._inbox = mailbox
        else:
            self._set[name] = mailbox

    def _make(self, name: str) -> StoredMailbox:
        object_id = ObjectId.random_mailbox_id().value
        validity = MailboxSnapshot.new_uid_validity()
        row = self._store.insert(
            "INSERT INTO mailbox (owner, name, object_id, uid_validity, max_uid) VALUES (?, ?, ?, ?, 0)",
            self._owner, name, object_id, validity,
        )  # fmt: skip
        mailbox = StoredMailbox(self._store, (row, object_id, validity, 0), self)
        self._keep(name, mailbox)
        self._subscribed[name] = True
        return mailbox

    async def set_subscribed(self, name: str, subscribed: bool) -> None:
        await super().set_subscribed(name, subscribed)
        self._store.sql.execute(
            "UPDATE mailbox SET subscribed = ? WHERE owner = ? AND name = ?", (subscribed, self._owner, name)
        )

    async def add_mailbox(self, name: str) -> ObjectId:
        if name in self._set:
            raise ValueError(name)
        return self._make(name).mailbox_id

    async def delete_mailbox(self, name: str) -> None:
        await super().delete_mailbox(name)
        self._store.sql.execute("DELETE FROM mailbox WHERE owner = ? AND name = ?", (self._owner, name))

    async def rename_mailbox(self, before: str, after: str) -> None:
        if before.upper() == "INBOX":
            # RFC 9051 section 6.3.6 lets it mean moving all mail; the demo does without.
            raise KeyError(before)
        await super().rename_mailbox(before, after)
        for name, mailbox in self._set.items():
            assert isinstance(mailbox, StoredMailbox)
            self._store.sql.execute("UPDATE mailbox SET name = ? WHERE id = ?", (name, mailbox._row))
