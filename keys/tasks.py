"""What is swept away in time: stay halves that ended, ring revisions kept long enough."""

from celery import shared_task

from . import ring, stay


@shared_task
def sweep() -> None:
    """Runs every few minutes; deleting late is harmless, since `stay.fetch` sweeps too."""
    stay.sweep()
    ring.sweep()
