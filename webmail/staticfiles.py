"""Static files: the build's number, their headers, and the hashes that pages pin them by."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings

#: Served, and therefore part of the build's number.
SUFFIXES = {".js", ".css", ".svg", ".png", ".webmanifest", ".woff2", ".txt"}


def files(folder: Path) -> list[Path]:
    """Every file that a browser may ask for, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def build_number(folder: Path) -> str:
    """Sixteen hex digits over names and bytes: the same files give the same address, other files another one."""
    total = hashlib.sha256()
    for path in files(folder):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


@cache
def integrity(path: Path) -> str:
    """`sha384-…` of one file, for integrity attributes and the import map."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


@cache
def import_map(folder: Path, static_url: str) -> str:
    """The import map: no names, only the integrity of every module that a page can load."""
    modules = {
        static_url + path.relative_to(folder).as_posix(): integrity(path)
        for path in files(folder)
        if path.suffix == ".js"
    }
    return json.dumps({"integrity": modules}, separators=(",", ":"))


#: `import … from "./x.js"`, `export … from "./x.js"`, `import "./x.js"`; comments name modules as import("./x.js").
_IMPORTED = re.compile(r"""^(?:import|export)\b[^"'();]*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@cache
def imports(folder: Path, name: str) -> tuple[str, ...]:
    """The module itself and all that it imports, also through others, so that a page can ask for them at once."""
    found = [name]
    for module in found:
        path = folder / module
        for relative in _IMPORTED.findall(path.read_text("utf-8")):
            other = (path.parent / relative).resolve().relative_to(folder.resolve()).as_posix()
            if other not in found:
                found.append(other)
    return tuple(found)


def import_map_source(folder: Path, static_url: str) -> str:
    """What must stand in script-src for the map to count: without it browsers drop it silently and check nothing."""
    digest = hashlib.sha256(import_map(folder, static_url).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def add_headers(headers: dict[str, str], path: str, url: str) -> None:
    """WhiteNoise asks here for each file. A worker has the policy of its own response, and without one it has none."""
    from . import csp  # settings import this module, and csp reads settings

    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    headers["X-Content-Type-Options"] = "nosniff"
    workers = {"/crypto/worker.js": csp.worker, "/vendor/pdf-worker.js": csp.pdf_worker}
    policy = next((policy for end, policy in workers.items() if url.endswith(end)), None)
    headers["Content-Security-Policy"] = policy() if policy else csp.FILE


def is_immutable(path: str, url: str) -> bool:
    """The build's number is in the address, so the bytes behind it never change."""
    return url.startswith(settings.STATIC_URL)
