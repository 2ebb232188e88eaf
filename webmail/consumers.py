"""The websocket of an open page: told of new mail, of the outbox and of the end of its session; it says nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from channels.db import database_sync_to_async
from channels.exceptions import ChannelFull
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from accounts import credentials, handover, sessions
from accounts.errors import SignInNeeded
from accounts.models import Account
from accounts.sealing import NotOpened

from . import live

log = logging.getLogger(__name__)

# How soon an end that nobody announced is seen: the idle limit, an account turned off by an administrator.
CHECK_SECONDS = 20.0
# RFC 6455 section 7.4.2: codes from 4000 are ours. The page does not connect again after this one.
SIGNED_OUT = 4401

Event = dict[str, object]


class MailConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """One page's socket. The origin was checked before it came here (webmail/asgi.py)."""

    account: Account | None = None
    session_key = ""
    watch: str = ""
    checking: asyncio.Task[None] | None = None
    signed_out = False

    async def connect(self) -> None:
        self.session_key, self.account = await database_sync_to_async(self._who)()
        if self.account is None:
            await self.close()
            return
        self.groups_joined = [
            live.account_group(self.account.pk), live.session_group(self.session_key), live.WATCHED
        ]  # fmt: skip
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        self.checking = asyncio.create_task(self._check())
        with contextlib.suppress(ChannelFull):
            # Nobody takes these where no watch runs; pages then learn of new mail when they ask.
            await self.channel_layer.send(live.WATCH, {"type": "ask", "page": self.channel_name})

    async def disconnect(self, code: int) -> None:
        if self.checking is not None:
            self.checking.cancel()
        if self.account is not None:
            for group in self.groups_joined:
                await self.channel_layer.group_discard(group, self.channel_name)
            await self._tell_watch("leave", at_once=self.signed_out)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: object) -> None:
        """The page has nothing to say here."""

    # --- events from the channel layer; the method is the event's type with its dots as underscores ---

    async def page_message(self, event: Event) -> None:
        await self.send_json(event["message"])

    async def outbox(self, event: Event) -> None:
        await self.send_json(event)

    async def session_ended(self, event: Event) -> None:
        self.signed_out = True
        await self.send_json({"type": "signed-out"})
        await self.close(code=SIGNED_OUT)

    async def watch_key(self, event: Event) -> None:
        """A watch announced itself: hand it the login, sealed to its key."""
        announcement = handover.Announcement(str(event["kid"]), bytes(event["key"]), bytes(event["mac"]))  # type: ignore[call-overload]
        try:
            sealed = await database_sync_to_async(self._sealed_for)(announcement)
        except NotOpened:
            log.error("a watch announced a key that this server did not sign")
            return
        except SignInNeeded:
            await self.session_ended({})
            return
        self.watch = str(event["channel"])
        await self._tell_watch("add", sealed=sealed)

    # --- in threads, where the database is ---

    def _who(self) -> tuple[str, Account | None]:
        session = self.scope["session"]
        return session.session_key or "", sessions.account_of(session)

    def _sealed_for(self, announcement: handover.Announcement) -> bytes:
        assert self.account is not None
        login = credentials.login_of_session(
            self.account, self.scope["session"].get("credential"), self.scope["cookies"].get(settings.SHARE_COOKIE_NAME)
        )
        return handover.hand_over(self.account, login, announcement)

    def _still(self) -> bool:
        return sessions.account_of(SessionStore(self.session_key)) is not None

    # --- helpers ---

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if not await database_sync_to_async(self._still)():
                await self.session_ended({})
                return
            await self._tell_watch("stay")

    async def _tell_watch(self, what: str, **more: object) -> None:
        if not self.watch or self.account is None:
            return
        message = {"type": what, "page": self.channel_name, "account": self.account.pk} | more
        with contextlib.suppress(ChannelFull):
            await self.channel_layer.send(self.watch, message)
