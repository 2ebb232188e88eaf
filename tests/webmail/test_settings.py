"""The site refuses to start in production without what it cannot be safe without."""

from __future__ import annotations

import ast
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
        ("POSTERN_SITE_URL", "https://mail.example.org/mail", "must have no path"),
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


def asked(expression: str, **environment: str) -> str:
    """What `expression` over the settings module `s` gives."""
    code = f"import webmail.settings as s; print({expression})"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("POSTERN_", "DJANGO_"))}
    environment = {**clean, **COMPLETE, **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_the_way_to_the_database_is_as_the_operator_wrote_it() -> None:
    url = "postgresql://us%40er:p%2Fw%40@db.example.org:5433/postern?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    database = "{name: s.DATABASES['default'][name] for name in ('USER', 'PASSWORD', 'PORT', 'OPTIONS')}"
    assert ast.literal_eval(asked(database, POSTERN_DATABASE_URL=url)) == {
        "USER": "us@er", "PASSWORD": "p/w@", "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"},
    }  # fmt: skip


def test_a_slash_at_the_end_of_the_sites_address_does_no_harm() -> None:
    # In the worker's policy it would stand before another one, and no worker would start.
    assert asked("s.SITE_URL", POSTERN_SITE_URL="https://mail.example.org/") == "https://mail.example.org"


def test_django_finds_nothing_unsafe_in_production() -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("POSTERN_", "DJANGO_"))}
    varied = {
        "POSTERN_SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmn",
        "POSTERN_HSTS_PRELOAD": "yes",
    }
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**clean, **COMPLETE, **varied}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
