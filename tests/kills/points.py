"""The points at which something is killed or cut, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx
import redis

from tests.servers.cutting import Cut, Cutting

from .laboratory import Laboratory, until
from .letters import Letter

Break = Callable[[Laboratory, Letter], None]
When = Literal["before", "after"]


@dataclass(frozen=True)
class Point:
    """`breaks` posts the letter and breaks the point; `mends` is done once the person has seen what came of it."""

    name: str
    words: str
    breaks: Break
    #: What the outbox may say while it waits, and in the end.
    waits: tuple[str, ...] = ()
    #: … and what it may say besides, where that hangs on who notices first.
    may_wait: tuple[str, ...] = ()
    #: Whether the person must be asked: never else.
    asks: bool = False
    large: bool = False
    mends: Callable[[Laboratory], None] = lambda lab: None


def at(*names: str) -> Callable[[str], bool]:
    return lambda point: point in names


def commit_of(*written: str) -> Callable[[str], bool]:
    """The COMMIT of a transaction in which all of this was said."""
    return lambda point: point.startswith("COMMIT") and all(text in point for text in written)


# --- the web process ---


def _web_killed(when: When) -> Break:
    def breaks(lab: Laboratory, letter: Letter) -> None:
        where = commit_of('INSERT INTO "webmail_delivery"')
        cut = lab.database.break_at(Cut(where, when, lambda: lab.site.kill("web")))
        try:
            letter.post()
        except httpx.TransportError:
            pass
        else:
            raise AssertionError("a dead site answered")
        assert cut.made.wait(30)
        lab.restart("web")
        # The composer heard nothing, kept the text, and presses again with the key it has.
        assert letter.post().status_code == (201 if when == "before" else 200)

    return breaks


def _database_restarted_under_web(when: When) -> Break:
    def breaks(lab: Laboratory, letter: Letter) -> None:
        where = commit_of('INSERT INTO "webmail_delivery"')
        cut = lab.database.break_at(Cut(where, when, lab.site.postgres.restart))
        answer = letter.press()
        assert cut.made.wait(30)
        # Whatever the database did with it, the composer hears that it was not kept, and keeps its text.
        assert answer.status_code in (503, 507) and answer.json()["sentence"]
        assert letter.post().status_code == (201 if when == "before" else 200)

    return breaks


# --- the worker ---


def _worker_killed(proxy: str, where: Callable[[str], bool], when: When, child: bool = False) -> Break:
    def breaks(lab: Laboratory, letter: Letter) -> None:
        kill = lab.kill_child if child else lambda: lab.site.kill("worker")
        cut = _proxy(lab, proxy).break_at(Cut(where, when, kill))
        letter.post()
        assert cut.made.wait(60), "the point was not reached"
        if not child:
            lab.restart("worker")
        letter.free()

    return breaks


def _proxy(lab: Laboratory, name: str) -> Cutting:
    return {"smtp": lab.smtp, "imap": lab.imap, "database": lab.database}[name]


# --- the connections ---


def _cut(proxy: str, where: Callable[[str], bool], when: When = "before") -> Break:
    def breaks(lab: Laboratory, letter: Letter) -> None:
        cut = _proxy(lab, proxy).break_at(Cut(where, when))
        letter.post()
        assert cut.made.wait(60), "the point was not reached"

    return breaks


# --- what is around it ---


def _over_quota(lab: Laboratory, letter: Letter) -> None:
    lab.fill_mailbox()
    letter.post()


def _redis_wiped(lab: Laboratory, letter: Letter) -> None:
    lab.site.kill("worker")
    letter.post()
    with redis.Redis(port=lab.site.redis.port) as broker:
        until(lambda: broker.llen("celery"), "the task is in the broker")
        broker.flushall()
    lab.restart("worker")


def _database_restarted(where: Callable[[str], bool], when: When) -> Break:
    def breaks(lab: Laboratory, letter: Letter) -> None:
        cut = lab.smtp.break_at(Cut(where, when, lab.site.postgres.restart, goes_on=True))
        letter.post()
        assert cut.made.wait(60), "the point was not reached"

    return breaks


_CONNECTING = commit_of('UPDATE "webmail_delivery"', "'connecting'")
_TAKEN = commit_of('UPDATE "webmail_delivery"', "'accepted'")
_RETRY, _COPY = ("out-retry",), ("out-copy-pending",)

POINTS = (
    Point("web-before-commit", "the web process is killed before the row is committed", _web_killed("before")),
    Point("web-after-commit", "the web process is killed after that, before it answers", _web_killed("after")),
    Point(
        "worker-before-connect", "the worker is killed before it connects",
        _worker_killed("database", _CONNECTING, "after"),
    ),
    Point(
        "worker-in-data", "the worker is killed in the middle of DATA",
        _worker_killed("smtp", at("MIDDLE"), "before"), large=True,
    ),
    Point(
        "child-in-data", "only its working child is killed there",
        _worker_killed("smtp", at("MIDDLE"), "before", child=True), large=True,
    ),
    Point(
        "worker-after-reply", "the worker is killed after the server's 250, before that is written down",
        _worker_killed("database", _TAKEN, "before"), asks=True,
    ),
    Point(
        "worker-in-append", "the worker is killed in the middle of filing the copy",
        _worker_killed("imap", at("MIDDLE"), "before"),
    ),
    Point("cut-at-connect", "the connection is cut at connect", _cut("smtp", at("CONNECT")), _RETRY),
    Point("cut-at-ehlo", "… at EHLO", _cut("smtp", at("EHLO")), _RETRY),
    Point("cut-at-auth", "… at AUTH", _cut("smtp", at("AUTH")), _RETRY),
    Point("cut-at-mail", "… at MAIL", _cut("smtp", at("MAIL")), _RETRY),
    Point("cut-at-rcpt", "… at RCPT", _cut("smtp", at("RCPT")), _RETRY),
    Point("cut-in-data", "… in the middle of DATA", _cut("smtp", at("MIDDLE")), _RETRY, large=True),
    Point("cut-at-end-mark", "… with the end mark, which the server never gets", _cut("smtp", at("DOT")), asks=True),
    Point(
        "cut-after-end-mark", "… after the end mark: the server took it, its 250 is lost",
        _cut("smtp", at("DOT"), "after"), asks=True,
    ),
    Point("cut-at-quit", "… at QUIT", _cut("smtp", at("QUIT"))),
    Point("append-cut", "the connection is cut in the middle of APPEND", _cut("imap", at("MIDDLE")), _COPY),
    Point(
        "append-reply-lost", "… after it: the copy is in Sent, the answer is lost",
        _cut("imap", at("APPEND ENDED"), "after"), _COPY,
    ),
    Point(
        "over-quota", "the mailbox is full when the copy is filed, and has room again later",
        _over_quota, _COPY, mends=Laboratory.make_room,
    ),
    Point("redis-wiped", "Redis is wiped while the letter waits in it", _redis_wiped),
    Point(
        "database-before-commit", "PostgreSQL restarts while the web process commits the row: not committed",
        _database_restarted_under_web("before"),
    ),
    Point("database-after-commit", "… committed, and the answer is lost", _database_restarted_under_web("after")),
    Point(
        "database-in-data", "PostgreSQL restarts in the middle of DATA",
        _database_restarted(at("MIDDLE"), "before"), may_wait=_RETRY, large=True,
    ),
    Point(
        "database-before-reply", "PostgreSQL restarts between the end mark and the server's 250",
        _database_restarted(at("DOT"), "after"),
    ),
)  # fmt: skip
