"""Settings from the environment, and secrets from files."""

from __future__ import annotations

import os
from pathlib import Path


class SettingMissing(RuntimeError):
    """A setting that the site cannot run safely without; the message says which and how to give it."""


def text(name: str, default: str = "") -> str:
    """`NAME`, or the content of the file that `NAME_FILE` names (as systemd credentials and container secrets come)."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    return default if not value else value in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    return int(text(name) or default)


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def loopback_hosts(name: str) -> dict[str, tuple[str, int]]:
    """`host=port` pairs with commas: names that stand for a port of this machine, for the demo and the tests."""
    pairs = (pair.partition("=") for pair in words(name))
    return {host: ("127.0.0.1", int(port)) for host, _, port in pairs}


def secret(name: str, made_up: str | None) -> str:
    """A secret; `made_up` stands in where the site is a demo, and nothing does in production."""
    value = text(name)
    if value:
        return value
    if made_up is None:
        raise SettingMissing(
            f"{name} is not set. Put it into the environment, or its file's path into {name}_FILE; "
            "docs/operations.md says how to make one."
        )
    return made_up
