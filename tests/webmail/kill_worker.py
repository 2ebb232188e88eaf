"""A worker process that a test kills: does one row's work in the test's database, and may kill itself at a point.

python -m tests.webmail.kill_worker DATABASE ROW POINT
"""

from __future__ import annotations

import os
import signal
import sys
from uuid import UUID

import django


def die(*_arguments: object, **_more: object) -> None:
    """As `kill -9`: no finally, no exit handler, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    database, row, point = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from webmail import filing, lease, sending

    # Points that lie between two steps of ours, which no server can see.
    if point == "after the lease":
        sending._recover = die
    elif point == "after the reply, before it is written":
        sending._settle_refusals = die
    elif point == "after accepted is written, before the copy":
        filing.copy_to_sent = die
    elif point == "after the copy, before the draft is deleted":
        filing.delete_draft = die
    elif point == "after the copy, before done is written":
        lease.Hold.finish = die
    sending.work(UUID(row))


if __name__ == "__main__":
    main()
