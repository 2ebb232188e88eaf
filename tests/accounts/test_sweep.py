"""What is left of sessions that nobody signed out of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Credential
from accounts.tasks import sweep

from . import people

pytestmark = pytest.mark.django_db


def test_a_password_does_not_outlive_the_session_it_was_sealed_for() -> None:
    for name in ("alice", "bob"):
        people.browser(people.account(name))
    long_ago = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE + 1)
    Credential.objects.filter(account__address="alice@example.test").update(created=long_ago)
    Session.objects.filter(pk=Session.objects.order_by("expire_date")[0].pk).update(expire_date=long_ago)
    sweep()
    # Alice never came back; what was Bob's is untouched.
    assert [each.account.address for each in Credential.objects.all()] == ["bob@example.test"]
    assert Session.objects.count() == 1


def test_beat_knows_every_sweep() -> None:
    from webmail.celery import app

    app.loader.import_default_modules()
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert planned == {name for name in app.tasks if name.endswith(".tasks.sweep")}
