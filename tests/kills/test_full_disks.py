"""A disk is full, under the database or under the logs: reading goes on, and what is not kept is said."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from .laboratory import Laboratory
from .letters import Letter

pytestmark = pytest.mark.timeout(400)


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """A real file system of its own with no more room than this; only root may have one."""
    with tempfile.TemporaryDirectory(prefix="postern-disk-") as here, ExitStack() as stack:
        Path(here).chmod(0o711)
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=1777", "tmpfs", here],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            pytest.skip("no file system can be made here")
        stack.callback(subprocess.run, ["umount", "--lazy", here], check=True)
        yield Path(here)


def refused(letter: Letter) -> None:
    """Not taken, with a sentence; the composer keeps the text."""
    answer = letter.press()
    assert answer.status_code in (503, 507), answer.text
    assert answer.json()["sentence"]


def reading_works(lab: Laboratory) -> None:
    for page in ("/", "/mailbox/INBOX/", "/outbox/", "/compose/"):
        answer = lab.browser.ask("GET", page)
        assert answer.status_code in (200, 302), (page, answer.text)


def arrives(lab: Laboratory, letter: Letter) -> None:
    letter.post()
    assert letter.rest() == "out-done"
    assert (letter.arrived(), letter.copies()) == (1, 1)


def test_the_databases_disk_is_full(lab: Laboratory) -> None:
    letter = Letter(lab, large=True)
    with small_disk(4) as disk, ExitStack() as stack:
        place = disk / "table"
        place.mkdir()
        os.chown(place, *lab.site.postgres.owner)
        lab.sql(f"CREATE TABLESPACE small LOCATION '{place}'")
        stack.callback(lab.sql, "DROP TABLESPACE small")
        for (table,) in lab.sql("SELECT tablename FROM pg_tables WHERE tablename ~ '^webmail_outbox(?!message$)'"):
            lab.sql(f"ALTER TABLE {table} SET TABLESPACE small")
            stack.callback(lab.sql, f"ALTER TABLE {table} SET TABLESPACE pg_default")
        refused(letter)
        assert lab.sql("SELECT count(*) FROM webmail_outboxmessage WHERE key = %s", letter.key) == [(0,)]
        reading_works(lab)
    # Somebody made room, and the person presses again.
    arrives(lab, letter)
    lab.empty_mailboxes()


def test_the_disk_of_the_logs_is_full(lab: Laboratory) -> None:
    with small_disk(1) as disk, ExitStack() as stack:
        for name in ("web", "worker"):
            lab.site.kill(name)
            lab.site.start(name, log_to=disk / name)
            # Before the disk goes.
            stack.callback(lab.restart, name)
            stack.callback(lab.site.kill, name)
        lab.site.ready()
        arrives(lab, Letter(lab))
        with pytest.raises(OSError, match="No space left"), (disk / "more").open("wb", buffering=0) as more:
            while True:
                more.write(b"x" * 65536)
        reading_works(lab)
        # Something that is worth a line in the log happens on the way.
        lab.browser.ask("GET", "/mailbox/No such mailbox/")
        arrives(lab, Letter(lab))
    lab.empty_mailboxes()
