"""Folders for servers that run as somebody else.

Not below pytest's own: each run of pytest takes the rights of others on its base folder away again, also from
servers of a run that is still going on.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A folder that everybody may pass through, removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix=f"postern-{name}-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
