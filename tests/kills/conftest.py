"""One laboratory for all kill runs of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.postgres import programs

from .laboratory import Laboratory, laboratory


@pytest.fixture(scope="session")
def lab() -> Iterator[Laboratory]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: see scripts/debian.sh")
    with laboratory() as lab:
        yield lab
