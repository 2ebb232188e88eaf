"""The site refuses to start in production without what it cannot be safe without."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPLETE = {
    "POSTERN_SECRET_KEY": "x" * 50,
    "POSTERN_MASTER_KEYS": "a:" + base64.b64encode(bytes(32)).decode(),
    "POSTERN_SITE_URL": "https://mail.example.org",
    "POSTERN_DATABASE_URL": "postgresql://postern@db.example.org/postern",
    "POSTERN_REDIS_URL": "redis://redis.example.org/0",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("POSTERN_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", "import webmail.settings as s; print(s.SESSION_COOKIE_NAME, s.DEBUG)"],
        env={**clean, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_complete_production_settings_start() -> None:
    result = start(**COMPLETE)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["__Host-postern_session", "False"]


@pytest.mark.parametrize("missing", sorted(COMPLETE))
def test_it_refuses_to_start_without(missing: str) -> None:
    result = start(**{name: value for name, value in COMPLETE.items() if name != missing})
    assert result.returncode != 0
    assert f"{missing} is not set" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("POSTERN_ALLOWED_HOSTS", "*", "must not be *"),
        ("POSTERN_SITE_URL", "http://mail.example.org", "must begin with https://"),
        ("POSTERN_MASTER_KEYS", "a:" + base64.b64encode(bytes(16)).decode(), "32 random bytes"),
        ("POSTERN_MODE", "development", "must be demo, test or production"),
    ],
)
def test_it_refuses_unsafe_values(name: str, value: str, sentence: str) -> None:
    result = start(**{**COMPLETE, name: value})
    assert result.returncode != 0
    assert sentence in result.stderr


def test_secrets_come_from_files(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("y" * 50 + "\n")
    others = {name: value for name, value in COMPLETE.items() if name != "POSTERN_SECRET_KEY"}
    assert start(**others, POSTERN_SECRET_KEY_FILE=str(path)).returncode == 0
