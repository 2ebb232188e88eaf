"""The Celery application. Tasks are `shared_task`s in each package's tasks.py and never import this."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")

app = Celery("postern")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
