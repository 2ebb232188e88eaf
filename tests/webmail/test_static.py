"""Static files: served as written, pinned by hash, each with a policy of its own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from webmail import staticfiles

STATIC = Path(settings.BASE_DIR) / "static"


def served(client: Client, name: str):  # type: ignore[no-untyped-def]
    return client.get(f"{settings.STATIC_URL}{name}")


@pytest.mark.parametrize("name", ["elements/http.js", "crypto/worker.js", "css/tokens.css", "vendor/openpgp.js"])
def test_files_are_served_byte_for_byte_as_written(client: Client, name: str) -> None:
    answer = served(client, name)
    assert answer.status_code == 200
    assert b"".join(answer) == (STATIC / name).read_bytes()
    assert "immutable" in answer["Cache-Control"]


def test_the_worker_may_reach_no_network(client: Client) -> None:
    policy = served(client, "crypto/worker.js")["Content-Security-Policy"]
    assert policy == (
        f"default-src 'none'; script-src {settings.SITE_URL}/static/ 'wasm-unsafe-eval'; connect-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_the_worker_for_pdfs_may_reach_no_network_either(client: Client) -> None:
    policy = served(client, "vendor/pdf-worker.js")["Content-Security-Policy"]
    assert policy == served(client, "crypto/worker.js")["Content-Security-Policy"]


def test_every_script_has_a_policy(client: Client) -> None:
    # A worker started from a file without one could use eval, WebAssembly and the network (measured).
    for path in staticfiles.files(STATIC):
        if path.suffix == ".js":
            answer = served(client, path.relative_to(STATIC).as_posix())
            assert answer["Content-Security-Policy"].startswith("default-src 'none'"), path
            assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_import_map_pins_every_module_and_counts(client: Client, db: None) -> None:
    page = client.get("/sign-in/")
    text = re.search(r'<script type="importmap">(.*?)</script>', page.content.decode(), re.S)
    assert text
    digest = base64.b64encode(hashlib.sha256(text[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page["Content-Security-Policy"]
    pinned = json.loads(text[1])["integrity"]
    for path in staticfiles.files(STATIC):
        if path.suffix == ".js":
            expected = base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
            assert pinned[f"{settings.STATIC_URL}{path.relative_to(STATIC).as_posix()}"] == f"sha384-{expected}"


def test_another_byte_gives_another_build(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    first = staticfiles.build_number(tmp_path)
    (tmp_path / "a.js").write_text("2")
    assert staticfiles.build_number(tmp_path) != first


def test_modules_import_by_literal_only() -> None:
    # An import's address could carry a query out of the worker (measured): so it is never computed.
    for path in [*STATIC.glob("crypto/**/*.js"), *STATIC.glob("elements/**/*.js")]:
        for call in re.findall(r"\bimport\(([^)]*)\)", re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)):
            assert re.fullmatch(r'\s*"\.{1,2}/[\w./-]+\.js"\s*', call), f"{path.name}: import({call})"


def test_crypto_touches_neither_page_nor_network() -> None:
    forbidden = r"\b(document|window|fetch|XMLHttpRequest|WebSocket|localStorage|indexedDB|sendBeacon)\b(?=[.(\[])"
    for path in STATIC.glob("crypto/*.js"):
        if path.name == "client.js":  # the page's side of the worker
            continue
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
        found = re.findall(forbidden, code)
        # stay-1 keeps a non-extractable key in IndexedDB, in the worker only (crypto.md).
        assert [word for word in found if not (path.name.startswith("stay") and word == "indexedDB")] == [], path.name


def test_a_page_asks_at_once_for_every_module_it_needs(client: Client, db: None) -> None:
    page = client.get("/sign-in/").content.decode()
    links = re.findall(r'<link rel="modulepreload" href="([^"]+)" integrity="([^"]+)">', page)
    asked = {href.removeprefix(settings.STATIC_URL) for href, _ in links}
    for href, integrity in links:
        assert integrity == staticfiles.integrity(STATIC / href.removeprefix(settings.STATIC_URL))
    assert "elements/page.js" in asked
    # Nothing that one of them imports is left for later, and nothing is asked for that no module needs.
    imported = {"elements/page.js"}
    for name in asked:
        text = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(), flags=re.S)
        for relative in re.findall(r'(?:from|^import)\s*"(\.[^"]+)"', text, re.M):
            imported.add((STATIC / name).parent.joinpath(relative).resolve().relative_to(STATIC).as_posix())
    assert asked == imported
    # Some browsers drop an import map that comes after the first module is asked for.
    assert page.index('type="importmap"') < page.index("modulepreload")
    # What htmx takes a part from is not weighed down.
    assert "modulepreload" not in client.get("/sign-in/", headers={"HX-Request": "true"}).content.decode()
