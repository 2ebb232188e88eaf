"""A real PostgreSQL in a folder of its own, as an ordinary user: its programs refuse to run as root."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from .dovecot import ordinary_user
from .ports import free_ports, wait_for

NAME = "postern"


def programs() -> Path | None:
    """Where PostgreSQL's own programs are: Debian keeps them off the path, one folder for each version."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class Postgres:
    """Started by the constructor, stopped by stop(). Nothing in it outlives the test, so nothing waits for the disk."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        self.url = f"postgresql://{NAME}@127.0.0.1:{self.port}/{NAME}"
        _user, _group, uid, gid = ordinary_user()
        #: The user and group that must own what it writes to.
        self.owner = (uid, gid)
        self._demoted: dict[str, Any] = {"user": uid, "group": gid, "extra_groups": []} if os.getuid() == 0 else {}
        bin_ = programs()
        assert bin_ is not None
        data = folder / "data"
        data.mkdir(mode=0o700)
        os.chown(data, uid, gid)
        self._run(
            bin_ / "initdb", "-D", data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"
        )
        self._bin, self._data = bin_, data
        self._start()
        self.sql(f"CREATE DATABASE {NAME}", database="postgres")

    def _start(self) -> None:
        command = [
            self._bin / "postgres", "-D", self._data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "fsync=off",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=self._data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._demoted
        )
        wait_for(self.port)
        # It listens before it answers: after a start it first looks through its log.
        while psycopg.pq.PGconn.ping(f"host=127.0.0.1 port={self.port}".encode()) != psycopg.pq.Ping.OK:
            time.sleep(0.05)

    def restart(self) -> None:
        """As an operator does it: who is in the middle of a transaction loses it, and the connection."""
        self.stop()
        self._start()

    def sql(self, statement: str, *values: object, database: str = NAME) -> list[tuple[Any, ...]]:
        """One statement, committed at once; its rows where it gives any."""
        url = self.url.removesuffix(f"/{NAME}") + f"/{database}"
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def dump(self) -> bytes:
        """Everything in it, as a thief of the backup gets it."""
        return subprocess.run(
            [self._bin / "pg_dump", "--inserts", self.url], check=True, capture_output=True, **self._demoted
        ).stdout

    def backup(self) -> bytes:
        """As docs/operations.md makes one."""
        return subprocess.run(
            [self._bin / "pg_dump", "--format=custom", self.url], check=True, capture_output=True, **self._demoted
        ).stdout

    def restore(self, backup: bytes) -> None:
        """As docs/operations.md says, over what is there."""
        subprocess.run(
            [self._bin / "pg_restore", "--clean", "--if-exists", "--single-transaction", "-d", self.url],
            input=backup, check=True, capture_output=True, **self._demoted,
        )  # fmt: skip

    def _run(self, *command: object) -> None:
        subprocess.run([str(word) for word in command], check=True, capture_output=True, cwd="/", **self._demoted)

    def stop(self) -> None:
        # "Fast shutdown": it ends its clients' sessions and does not wait for them.
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)
