"""What sessions leave behind that ended by their limit instead of by signing out."""

from __future__ import annotations

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from . import credentials


@shared_task
def sweep() -> None:
    """Erase sealed passwords and sessions that nobody can use any more; late is harmless, never is not."""
    credentials.drop_old()
    credentials.forget_away()
    SessionStore.clear_expired()
