"""`manage.py restored`: say that the database was restored from a backup, so that nothing in it goes out twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from webmail import restored


class Command(BaseCommand):
    help = "Say that the database was restored: what is unfinished is looked for in Sent, then asked about."

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        self.stdout.write(f"{restored.declare()} unfinished messages are held until it is known whether they went out.")
