"""The webmail application."""

from __future__ import annotations

from django.apps import AppConfig


class WebmailConfig(AppConfig):
    name = "webmail"

    def ready(self) -> None:
        from accounts.signals import signed_in, signed_out

        from .live import close_sockets
        from .tasks import go_on

        signed_out.connect(close_sockets, dispatch_uid="webmail.live.close_sockets")
        signed_in.connect(go_on, dispatch_uid="webmail.tasks.go_on")
