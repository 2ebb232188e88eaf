"""The one websocket."""

from __future__ import annotations

from django.urls import path

from .consumers import MailConsumer

websocket_urlpatterns = [path("ws/mail/", MailConsumer.as_asgi())]
