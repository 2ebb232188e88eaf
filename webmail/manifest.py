"""The published list of the browser's code, and comparing a site with it from outside (design section 1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from . import csp, staticfiles

#: `sha256  name` for every served file below static/, one a line, in the repository beside the code it lists.
FILE: Path = settings.BASE_DIR / "static.sha256"
ROOT: Path = settings.BASE_DIR / "static"


@dataclass(frozen=True)
class Answer:
    """What a site answered to one GET."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Fetch = Callable[[str], Answer]


def made() -> str:
    """The list of this checkout."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(ROOT).as_posix()}"
        for path in staticfiles.files(ROOT)
    ]
    return "\n".join(lines) + "\n"


def differences(fetch: Fetch, listed: str) -> list[str]:
    """Sentences for each way in which a site's code is not the listed one; none when it is.

    A page is judged by its door, which is the same for everybody. A site may serve one person another page than it
    serves us: so this detects, and does not prove (docs/threat-model.md).
    """
    door = fetch("/sign-in/")
    if door.status != 200:
        return [f"/sign-in/ answered {door.status}."]
    text = door.body.decode("utf-8", "replace")
    found = [_script(tag) for tag in re.findall(r"<script\b[^>]*>", text)]
    wrong = [sentence for sentence in found if sentence]
    expected_map = staticfiles.import_map(ROOT, settings.STATIC_URL)
    if re.findall(r'<script type="importmap">(.*?)</script>', text, re.DOTALL) != [expected_map]:
        wrong.append("The page's import map is not the listed one, or belongs to another build.")
    if _sources(door) != {"'self'", staticfiles.import_map_source(ROOT, settings.STATIC_URL)}:
        wrong.append("The page's policy lets other scripts run than the listed ones.")
    for line in listed.splitlines():
        digest, _, name = line.partition("  ")
        answer = fetch(settings.STATIC_URL + name)
        if answer.status != 200:
            wrong.append(f"{name} answered {answer.status}.")
        elif hashlib.sha256(answer.body).hexdigest() != digest:
            wrong.append(f"{name} has other bytes than the listed ones.")
        elif name == "crypto/worker.js" and _directives(answer) != _split(csp.worker()):
            wrong.append("The worker's policy is not the expected one.")
        elif name == "vendor/pdf-worker.js" and _directives(answer) != _split(csp.pdf_worker()):
            wrong.append("The policy of the worker for PDFs is not the expected one.")
    return wrong


def _script(tag: str) -> str | None:
    """Why this script of the page should not be there. Blocks of data run nothing."""
    source = re.search(r'\bsrc="([^"]*)"', tag)
    if source is None:
        return (
            None
            if re.search(r'type="(importmap|application/json)"', tag)
            else f"The page has a script of its own: {tag}"
        )
    name = source[1].removeprefix(settings.STATIC_URL)
    path = ROOT / name
    if name == source[1] or not path.is_file() or f'integrity="{staticfiles.integrity(path)}"' not in tag:
        return f"The page loads {source[1]}, which is not listed or not pinned."
    return None


def _directives(answer: Answer) -> dict[str, list[str]]:
    return _split(answer.headers.get("content-security-policy", ""))


def _split(policy: str) -> dict[str, list[str]]:
    """A policy by directive; the worker's names the site's own origin, which is not ours, so that is left out."""
    policy = re.sub(r"https?://[^\s/]+/static/", "/static/", policy)
    return {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}


def _sources(answer: Answer) -> set[str]:
    return set(_directives(answer).get("script-src", []))
