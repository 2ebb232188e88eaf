"""`manage.py watch`: the process that waits for new mail (production; `make run` has it built in)."""

from __future__ import annotations

import asyncio
import signal

from django.core.management.base import BaseCommand

from webmail import watch


class Command(BaseCommand):
    help = "Waits for new mail of people with open pages and tells the pages. Run one."

    def handle(self, *args: object, **options: object) -> None:
        asyncio.run(_until_stopped())


async def _until_stopped() -> None:
    task = asyncio.create_task(watch.serve())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return
