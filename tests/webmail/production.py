"""The processes of docs/operations.md on PostgreSQL and Redis, started as an operator starts them."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.folders import folder
from tests.servers.ports import free_ports, wait_for
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


class Production:
    """The process set. Each process leads a group of its own, so that it can be killed with its children."""

    def __init__(self, logs: Path, postgres: Postgres, redis: Redis, **settings: str) -> None:
        self.postgres, self.redis = postgres, redis
        #: Arguments after the usual ones, by process; what is said later counts.
        self.more: dict[str, list[str]] = {}
        (self.port,) = free_ports(1)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("POSTERN_", "DJANGO_"))}
        self._environment = clean | {
            "POSTERN_SECRET_KEY": "a secret key of fifty characters, for this test only",
            "POSTERN_MASTER_KEYS": "a:" + base64.b64encode(os.urandom(32)).decode(),
            "POSTERN_SITE_URL": "https://localhost",
            "POSTERN_DATABASE_URL": postgres.url,
            "POSTERN_REDIS_URL": redis.url,
            # Its own: the mark of another database would say that this one was set back (webmail/restored.py).
            "POSTERN_DATA": str(logs.parent / "data"),
            "POSTERN_BEHIND_PROXY": "yes",
        } | settings  # fmt: skip

    def manage(self, *arguments: str) -> str:
        """One management command, to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self._environment, cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def start(self, name: str, log_to: Path | None = None) -> None:
        commands: dict[str, list[str | Path]] = {
            "web": [PROGRAMS / "uvicorn", "webmail.asgi:application", "--workers", "2", "--proxy-headers",
                    "--no-access-log", "--port", str(self.port)],
            "worker": [PROGRAMS / "celery", "-A", "webmail", "worker", "--concurrency", "1"],
            "second worker": [PROGRAMS / "celery", "-A", "webmail", "worker", "--hostname", "second@%h"],
            "beat": [PROGRAMS / "celery", "-A", "webmail", "beat"],
            "watch": [sys.executable, "manage.py", "watch"],
        }  # fmt: skip
        with (log_to or self._logs / name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*commands[name], *self.more.get(name, [])],
                env=self._environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def process_id(self, name: str) -> int:
        """Of the one that leads."""
        return self._running[name].pid

    def ready(self) -> None:
        """Return when pages can be asked for."""
        wait_for(self.port, 60)

    def kill(self, name: str) -> None:
        """As the kernel does when memory is short: at once, children included."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> dict[str, int]:
        """End what runs in the way a supervisor does; how each process ended."""
        for process in self._running.values():
            process.terminate()
        return {name: process.wait(30) for name, process in self._running.items()}

    def kill_all(self) -> None:
        for name in list(self._running):
            try:
                self.kill(name)
            except ProcessLookupError:
                continue

    def log(self) -> str:
        """What all processes wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self._logs.iterdir()))


@contextmanager
def production(**settings: str) -> Iterator[Production]:
    """PostgreSQL, Redis and a migrated, empty site that nothing of runs yet."""
    with ExitStack() as stack:
        here = stack.enter_context(folder("production"))
        redis = Redis(here)
        stack.callback(redis.stop)
        postgres = Postgres(here)
        stack.callback(postgres.stop)
        (here / "logs").mkdir()
        site = Production(here / "logs", postgres, redis, **settings)
        stack.callback(site.kill_all)
        site.manage("migrate", "--verbosity", "0")
        yield site
