"""A body while it arrives: given back as it came, unreadable on the disk, and a full disk is told to who reads."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from webmail.spool import Spool

BODY = b"a letter that goes out in the clear\r\n"


@pytest.mark.parametrize("count", [0, 1, 1000, 200_000])
def test_it_is_given_back_as_it_came(count: int) -> None:
    spool = Spool()
    for _ in range(count // 100):
        spool.take(BODY * 100)
    spool.take(BODY * (count % 100))
    assert spool.begin_reading().read() == BODY * count


def test_nothing_can_be_read_on_the_disk(tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    spool = Spool()
    for _ in range(100):
        spool.take(BODY * 2000)
    assert not list(tmp_path.iterdir()), "it has no name either"
    stored = os.pread(spool._file.fileno(), 100 * 2000 * len(BODY), 0)
    assert len(stored) == 100 * 2000 * len(BODY)
    assert b"letter" not in stored
    spool.close()


def test_half_lines_and_lines_are_read() -> None:
    spool = Spool()
    spool.take(b"one\r\ntwo")
    reading = spool.begin_reading()
    assert reading.readline() == b"one\r\n"
    assert reading.read(2) == b"tw"
    assert reading.read() == b"o"
    reading.close()


@pytest.fixture
def small_disk(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A file system of one megabyte."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], capture_output=True)
    if made.returncode:
        pytest.skip("file systems cannot be mounted here")
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_told_to_who_reads(small_disk: Path) -> None:
    spool = Spool()
    for _ in range(8):
        spool.take(bytes(1 << 20))
    with pytest.raises(OSError) as full:
        spool.begin_reading().read()
    assert full.value.errno == errno.ENOSPC
