"""One message: its page, its untouched bytes, its parts, its source."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import quote

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import credentials, imap
from accounts.decorators import signed_in
from accounts.errors import CommandRefused, MessageGone, ProtocolError, TooManyConnections
from accounts.models import authserv

from .. import fields, message, outline, structure
from ..errors import MailboxChanged
from ..mailbox import open_at
from ..trace import trace
from . import compose, errors
from . import mailbox as mailbox_view

P = ParamSpec("P")

#: Up to this a body is fetched over the warm connection and sent with the answer; above, it is streamed.
AT_ONCE = 1 << 20
#: Bodies on their way to one person at a time, from one process: each holds a connection for as long as it is read.
MOST_STREAMS = 12
_streams: Counter[int] = Counter()
BYTES = "application/octet-stream"
#: What is sent is somebody else's: no browser may take it for a page of ours, whatever it contains.
INERT = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@contextmanager
def _opened(
    login: imap.Login, mailbox: str, uidvalidity: int, *, fresh: bool = False, readonly: bool = True
) -> Iterator[imap.Server]:
    with imap.connect(login, fresh=fresh) as server:
        open_at(server, mailbox, uidvalidity, readonly=readonly)
        yield server


def _told(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """What can have happened to the message meanwhile, as sentences."""

    @wraps(view)
    def judged(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except MailboxChanged:
            head_line, note = _("The mail server renumbered this mailbox"), _("Open the message again from the list.")
            return _trouble(request, "message-changed", errors.Trouble(409, head_line, note, "envelope"))
        except MessageGone:
            head_line, note = _("This message is no longer here"), _("Another program moved or deleted it.")
            return _trouble(request, "message-gone", errors.Trouble(404, head_line, note, "envelope"))

    return judged


def _trouble(request: HttpRequest, error: str, trouble: errors.Trouble) -> HttpResponse:
    # Fetch metadata tells a script's request from a person opening a page, in every browser we support.
    if "HX-Request" in request.headers or request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return errors.show(request, trouble)
    return JsonResponse({"error": error, "sentence": f"{trouble.head}. {trouble.note}"}, status=trouble.status)


@require_GET
@signed_in
@_told
def page(request: HttpRequest, mailbox: str, uidvalidity: int, uid: int) -> HttpResponseBase:
    """The message beside its list, or alone for the reader pane. Opening marks it as read."""
    with _opened(credentials.login_for(request), mailbox, uidvalidity, readonly=False) as server:
        found = server.fetch_structure(uid)
        beside = message.neighbours(server, found.seq)
        if "\\Seen" not in found.flags:
            # A mailbox that is read-only for this person can be read all the same.
            with suppress(CommandRefused):
                server.add_flags([uid], ["\\Seen"])
    root = _root(found)
    where = {"mailbox": mailbox, "uidvalidity": uidvalidity, "uid": uid}
    outlined = root is not None and outline.fits(root)
    asked = mailbox_view.Asked.of(request.GET)
    context = where | {
        "newer_url": _beside(where, beside.newer, asked.suffix),
        "older_url": _beside(where, beside.older, asked.suffix),
        "oldest_first": asked.oldest,
        "head": _head(found),
        "flags": found.flags,
        "trace": trace(fields.split(found.header).get("message-id", b""), found.internaldate, found.size),
        "arrived": int(found.internaldate.timestamp()),
        "authserv": authserv(request.account),  # type: ignore[attr-defined]
        "size": found.size,
        "protected": root is not None and root.protected,
        "encrypted": root is not None and root.encrypted,
        "bytes_url": reverse("webmail:outline" if outlined else "webmail:raw", kwargs=where),
        "left_out": json.dumps(_left_out(root, where) if outlined and root is not None else []),
        "draft_url": compose.draft_url(mailbox, uidvalidity, uid) if "\\Draft" in found.flags else "",
        "answers": {how: compose.answer_url(mailbox, uidvalidity, uid, how) for how in compose.HOW},
    }
    if request.headers.get("HX-Target") == "reader":
        return render(request, "webmail/_message.html", context)
    return mailbox_view.with_reader(request, mailbox, "webmail/message.html", context)


def _beside(where: dict[str, object], uid: int | None, suffix: str) -> str:
    """The address of a message next to this one, beside the same list; "" at the end of the mailbox."""
    return reverse("webmail:message", kwargs=where | {"uid": uid}) + suffix if uid else ""


def _head(found: imap.Structure) -> dict[str, object]:
    """What the outer header says, for the first moment on the page; the browser reads it again itself."""
    said = fields.split(found.header)
    return {
        "subject": fields.decode(said.get("subject", b"")),
        "senders": fields.addresses(said.get("from", b""))[:20],
        "date": fields.date(said.get("date", b"")) or found.internaldate,
    }


def _root(found: imap.Structure) -> structure.Part | None:
    """None where the server's structure cannot be read: the browser then reads the whole message itself."""
    try:
        return structure.read(found.body)
    except ProtocolError:
        return None


def _left_out(root: structure.Part, where: dict[str, object]) -> list[dict[str, object]]:
    """What the outline leaves out, with the address of each; sizes as they will be once decoded, near enough."""
    return [
        {
            # The browser's reader calls the root "", where FETCH calls a message that is no multipart "1".
            "section": "" if part is root else part.section,
            "type": part.type,
            "size": part.size * 73 // 100 if part.encoding == "base64" else part.size,
            "url": reverse("webmail:part", kwargs=where | {"section": part.section}),
        }
        for part in outline.left_out(root)
    ]


@require_GET
@signed_in
@_told
def outlined(request: HttpRequest, mailbox: str, uidvalidity: int, uid: int) -> HttpResponseBase:
    """An unprotected message without the bodies of its files."""
    with _opened(credentials.login_for(request), mailbox, uidvalidity) as server:
        found = server.fetch_structure(uid)
        root = _root(found)
        if root is None or not outline.fits(root):
            raise Http404
        data = outline.make(server, uid, found.header, root)
    return HttpResponse(data, content_type=BYTES, headers=INERT)


@require_GET
@signed_in
@_told
def raw(request: HttpRequest, mailbox: str, uidvalidity: int, uid: int) -> HttpResponseBase:
    """The message's own bytes, untouched (design D5). With ?download=1 as a file."""
    headers = dict(INERT)
    if request.GET.get("download"):
        headers["Content-Disposition"] = _attachment(f"{mailbox.rpartition('/')[2]}-{uid}.eml")
    return _body(request, mailbox, uidvalidity, uid, "", BYTES, headers)


@require_GET
@signed_in
@_told
def source(request: HttpRequest, mailbox: str, uidvalidity: int, uid: int) -> HttpResponseBase:
    """The same bytes as text to look at."""
    # windows-1252 gives every byte a character, so nothing is lost from view; nosniff keeps it text.
    return _body(request, mailbox, uidvalidity, uid, "", "text/plain; charset=windows-1252", dict(INERT))


@require_GET
@signed_in
@_told
def part(request: HttpRequest, mailbox: str, uidvalidity: int, uid: int, section: str) -> HttpResponseBase:
    """One part as an entity of its own: its MIME header and its body, still encoded."""
    return _body(request, mailbox, uidvalidity, uid, section, BYTES, dict(INERT))


def _body(
    request: HttpRequest, mailbox: str, uidvalidity: int, uid: int, section: str, kind: str, headers: dict[str, str]
) -> HttpResponseBase:
    login = credentials.login_for(request)
    with _opened(login, mailbox, uidvalidity) as server:
        first, size = (b"", server.size(uid)) if not section else _part_head(server, uid, section)
        if size <= AT_ONCE:
            return HttpResponse(first + b"".join(server.stream(uid, section)), content_type=kind, headers=headers)
    if _streams[login.account_id] >= MOST_STREAMS:
        raise TooManyConnections("too many downloads at the same time", host=login.imap.host, port=login.imap.port)
    pieces = _pieces(login, mailbox, uidvalidity, uid, section, first)
    return StreamingHttpResponse(
        pieces, content_type=kind, headers=headers | {"Content-Length": str(len(first) + size)}
    )


def _part_head(server: imap.Server, uid: int, section: str) -> tuple[bytes, int]:
    """The part's MIME header, and how long its body is."""
    found = server.fetch_structure(uid)
    root = _root(found)
    wanted = next((each for each in root.leaves if each.section == section), None) if root else None
    if root is None or wanted is None:
        raise Http404
    # A message that is no multipart has no MIME header of its own but the message's (RFC 9051 section 6.4.5).
    mime = found.header if wanted is root else server.fetch_part(uid, f"{section}.MIME")
    return outline.ended(mime), wanted.size


async def _pieces(
    login: imap.Login, mailbox: str, uidvalidity: int, uid: int, section: str, first: bytes
) -> AsyncIterator[bytes]:
    """1 MiB at a time over a connection of its own, so that the page's own requests do not wait behind it.

    In a thread of its own as well: the loop's shared ones are few, and a handful of slow mail servers would hold up
    everybody else's downloads.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="body")
    run = sync_to_async(lambda step: step(), thread_sensitive=False, executor=thread)
    _streams[login.account_id] += 1
    try:
        lent = _opened(login, mailbox, uidvalidity, fresh=True)
        server = await run(lent.__enter__)
        try:
            if first:
                yield first
            stream = server.stream(uid, section)
            while piece := await run(lambda: next(stream, b"")):
                yield piece
        finally:
            # Also reached when the person goes away in the middle: the connection is closed, nothing more is read.
            await run(lambda: lent.__exit__(None, None, None))
    finally:
        _streams[login.account_id] -= 1
        if not _streams[login.account_id]:
            del _streams[login.account_id]
        thread.shutdown(wait=False)


def _attachment(name: str) -> str:
    plain = "".join(letter if (letter.isascii() and letter.isalnum()) or letter in "-_." else "_" for letter in name)
    # RFC 6266 section 4.3: the plain name for old programs, the real one beside it.
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
