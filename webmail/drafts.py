"""Drafts in the person's Drafts mailbox: each save files a new message first, then takes away the one it replaces.

The mailbox alone knows which versions there are; nothing is kept beside it. Versions of one draft carry its Message-ID
and a stamp with a number that goes up, and each is made from the newest one before it, so that a lower number is always
an older text of the same. Only what carries that Message-ID and that stamp is ever deleted here.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from accounts.criteria import Criterion
from accounts.errors import CommandRefused, MessageGone, NoSuchMailbox, ServerUnavailable
from accounts.imap import Server

from . import finished
from .draft_bytes import STAMP_FIELD, Draft, Stamp
from .place import Place
from .roles import mailbox_for, mailboxes_like

log = logging.getLogger(__name__)

FLAGS = ("\\Draft", "\\Seen")


@dataclass(frozen=True)
class Version:
    """One version of a draft as it lies in a mailbox. `deleted`: marked so, by another program or before a crash."""

    place: Place
    stamp: Stamp
    deleted: bool


class Elsewhere(Exception):
    """The draft went on, or away, without this page: `now` is the newest version there is, or None."""

    def __init__(self, now: Version | None) -> None:
        super().__init__("the draft is another one now")
        self.now = now


def save(server: Server, draft: Draft, replaces: Place | None) -> Place:
    """Where the draft lies now. The same bytes again give the same answer and no second message.

    Raises `Elsewhere` where saving would pass over a text that this page has not seen.
    """
    mailbox = mailbox_for(server, "drafts")
    found = versions(server, mailbox, draft.stamp.id)
    base = _base(server, found, replaces, draft.stamp.id)
    # A reply that got lost: the page asks again, and its message is there already.
    if not _own(found, draft.stamp):
        _check_newest(found, base, replaces, draft.stamp)
        server.append(mailbox, draft.data, FLAGS)
        found = versions(server, mailbox, draft.stamp.id)
    own = _own(found, draft.stamp)
    if not own:
        # The page asks again and finds it then, or files it anew.
        raise ServerUnavailable("the draft was filed, and is not there")
    before = [version for version in _since(found, replaces) if version.place.uid < own[0].place.uid]
    if before:
        # Two saved at one moment, and neither saw the other's. The first stays; this page is told, and has its text.
        _tidy(server, own)
        raise Elsewhere(_newest(before))
    _tidy(server, [*own[1:], *_older(found, replaces, draft.stamp), *([base] if base else [])])
    return own[0].place


def remove(server: Server, place: Place, draft: UUID) -> None:
    """Delete this version of the draft for good, with older ones that a crash left, if that is what lies there.

    What is gone already is no trouble, and a newer version is somebody's work.
    """
    with suppress(NoSuchMailbox):
        found = versions(server, place.mailbox, draft)
        named = next((version for version in found if version.place == place), None)
        if named is not None:
            _take_away(server, [named, *_older(found, place, named.stamp)])


def kept(server: Server, place: Place, draft: UUID) -> Version | None:
    """The draft as it is now, which may have been saved again since; None where it is gone."""
    for mailbox in dict.fromkeys((place.mailbox, *mailboxes_like(server, ("drafts",)))):
        with suppress(NoSuchMailbox):
            if newest := _newest([version for version in versions(server, mailbox, draft) if not version.deleted]):
                return newest
    return None


def versions(server: Server, mailbox: str, draft: UUID) -> list[Version]:
    """All versions of the draft in this mailbox, in the order they came. Leaves the mailbox selected."""
    uidvalidity = server.select(mailbox).uidvalidity
    found: list[Version] = []
    # HEADER finds parts of a value as well (RFC 9051 section 6.4.4), so each hit is looked at.
    uids = server.search([Criterion("HEADER", ("Message-ID", str(draft)))])
    flags = server.flags(uids)
    for uid in uids:
        try:
            header = finished.header(server.fetch_part(uid, "HEADER"))
        except MessageGone:
            continue
        stamp = Stamp.read(str(header.get(STAMP_FIELD, "")))
        if stamp and stamp.id == draft and str(header.get("Message-ID", "")).strip().startswith(f"<{draft}@"):
            deleted = "\\deleted" in {flag.lower() for flag in flags.get(uid, ())}
            found.append(Version(Place(mailbox, uidvalidity, uid), stamp, deleted))
    return found


def _base(server: Server, found: list[Version], replaces: Place | None, draft: UUID) -> Version | None:
    """The version that this save replaces; None for a first one, and where it is gone."""
    if replaces is None:
        return None
    if not found or found[0].place.mailbox != replaces.mailbox:
        # The person moved the draft, or another mailbox is the one for drafts now.
        found = []
        with suppress(NoSuchMailbox):
            found = versions(server, replaces.mailbox, draft)
    return next((version for version in found if version.place == replaces), None)


def _check_newest(found: list[Version], base: Version | None, replaces: Place | None, stamp: Stamp) -> None:
    """Raise `Elsewhere` unless `base` is the newest version, or there is none and none is replaced."""
    if since := _since(found, replaces):
        raise Elsewhere(_newest(since))
    if replaces is None:
        return
    if base is None or base.deleted:
        raise Elsewhere(_newest([version for version in found if not version.deleted]))
    if base.stamp.rev >= stamp.rev:
        raise Elsewhere(base)


def _own(found: list[Version], stamp: Stamp) -> list[Version]:
    """These very bytes, first filed first: several where the page asked again before it was answered."""
    return [version for version in found if version.stamp == stamp and not version.deleted]


def _since(found: list[Version], replaces: Place | None) -> list[Version]:
    """What others filed after the version that is replaced. UIDs go up in the order of filing."""
    return [version for version in found if not version.deleted and not _is_before(version, replaces)]


def _older(found: list[Version], replaces: Place | None, stamp: Stamp) -> list[Version]:
    """What went before the version that is replaced, and which a crash left."""
    return [version for version in found if version.stamp.rev < stamp.rev and _is_before(version, replaces)]


def _is_before(version: Version, place: Place | None) -> bool:
    """Whether it was filed before what lies there, or lies there itself."""
    if place is None or (version.place.mailbox, version.place.uidvalidity) != (place.mailbox, place.uidvalidity):
        return False
    return version.place.uid <= place.uid


def _newest(found: list[Version]) -> Version | None:
    return max(found, key=lambda version: (version.stamp.rev, version.place.uid), default=None)


def _tidy(server: Server, found: list[Version]) -> None:
    """Take away what a save leaves behind. Where the mail server forbids that, the draft is saved all the same."""
    try:
        _take_away(server, found)
    except CommandRefused:
        log.warning("an older version of a draft could not be deleted")


def _take_away(server: Server, found: list[Version]) -> None:
    """Delete these for good. Between looking and deleting nothing else can have come under their numbers, unless the
    mailbox was made anew (RFC 9051 section 2.3.1.1)."""
    for place in dict.fromkeys((each.place.mailbox, each.place.uidvalidity) for each in found):
        mailbox, uidvalidity = place
        if server.select(mailbox).uidvalidity == uidvalidity:
            here = {each.place.uid for each in found if (each.place.mailbox, each.place.uidvalidity) == place}
            server.delete(sorted(here))
