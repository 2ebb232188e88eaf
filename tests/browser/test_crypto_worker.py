"""The real worker in Chromium, under the policies that the site sends: keys made, kept open, locked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

STATIC = Path(__file__).parent.parent.parent / "static"
PASSPHRASE = "unicorn gravel dwindle passport mosaic"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types worker-url; "
    "worker-src 'self'; connect-src 'self'; base-uri 'none'"
)
WORKER_POLICY = (
    "default-src 'none'; script-src {origin}/static/ 'wasm-unsafe-eval'; connect-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE = """<!doctype html><title>Postern</title><meta name="postern-worker" content="/static/crypto/worker.js">
<script type="module" src="/test-page.js"></script>"""
# Functions for the test to call: text goes in as a string here only because Playwright carries no typed arrays.
PAGE_SCRIPT = """
import { crypto } from "/static/crypto/client.js";
const bytes = (text) => new TextEncoder().encode(text);
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const tell = (error) => ({ code: error.code ?? String(error), facts: error.facts ?? null });
const keep = { crypto, locked: [], made: null };
crypto.addEventListener("locked", ({ detail }) => keep.locked.push(detail.reason));
window.postern = {
  state: () => crypto.state,
  locked: () => keep.locked,
  lock: () => crypto.lock(),
  signOut: () => crypto.signOut(),
  ring: () => Array.from(keep.made.ring),
  async create(passphrase) {
    const person = { name: "Alice", address: "alice@example.test" };
    keep.made = await crypto.request("ring.create", { passphrase: bytes(passphrase), person, account: "1" });
    const { code, fingerprint, head, ring } = keep.made;
    return { code, fingerprint, head, size: ring.length };
  },
  async unlock(ring, kind, secret, highest) {
    const args = { ring: new Uint8Array(ring), secret: { kind, value: bytes(secret) }, highest };
    return crypto.request("ring.unlock", args).then(({ head, ways }) => ({ head, ways }), tell);
  },
  facts: () => crypto.request("ring.facts").then((keys) => keys.map(({ fingerprint }) => fingerprint), tell),
  staySeal: (half) => crypto.request("stay.seal", { half: unhex(half), person: "alice" }).then(() => "sealed", tell),
  stayOpen(ring, half) {
    const args = { ring: new Uint8Array(ring), half: unhex(half), person: "alice", highest: null };
    return crypto.request("stay.open", args).then(({ head }) => head, tell);
  },
  stayForget: () => new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase("postern-stay");
    request.onsuccess = () => resolve();
    request.onerror = request.onblocked = () => reject(new Error("the database stays"));
  }),
  strength: (text) => crypto.request("passphrase.strength", { passphrase: bytes(text) }),
  suggest: () => crypto.request("passphrase.suggest"),
};
document.documentElement.dataset.ready = "";
"""
# A worker of the same policy that tries what ours must not be able to do.
PROBE = """
const results = {};
const attempt = async (name, act) => {
  results[name] = await Promise.resolve().then(act).then(() => "done", (error) => error.name);
};
addEventListener("message", async () => {
  await attempt("fetch", () => fetch("/seen/fetch"));
  await attempt("websocket", () => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/seen/socket`);
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error());
  }));
  await attempt("import", () => import("/seen/import.js"));
  await attempt("eval", () => eval("1"));
  await attempt("worker", () => new Worker("/static/crypto/worker.js"));
  await attempt("wasm", () => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));
  postMessage(results);
});
"""
PROBE_SCRIPT = """
window.probe = () => new Promise((resolve) => {
  const policy = trustedTypes.createPolicy("worker-url", { createScriptURL: (url) => url });
  const worker = new Worker(policy.createScriptURL("/static/probe.js"), { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => resolve({ error: event.message });
  worker.postMessage(0);
});
document.documentElement.dataset.ready = "";
"""


class Site(BaseHTTPRequestHandler):
    """Files as written, with the policies of the site."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Site.asked.append(self.path)
        kind, body = self._answer()
        self.send_response(200 if body is not None else 404)
        worker = self.path in ("/static/crypto/worker.js", "/static/probe.js")
        origin = f"http://localhost:{self.server.server_address[1]}"
        self.send_header("Content-Security-Policy", WORKER_POLICY.format(origin=origin) if worker else PAGE_POLICY)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body or b"")

    def _answer(self) -> tuple[str, bytes | None]:
        script = "text/javascript; charset=utf-8"
        if self.path == "/":
            return "text/html; charset=utf-8", PAGE.encode()
        if self.path == "/probe":
            return "text/html; charset=utf-8", b'<!doctype html><script type="module" src="/test-probe.js"></script>'
        made = {"/test-page.js": PAGE_SCRIPT, "/test-probe.js": PROBE_SCRIPT, "/static/probe.js": PROBE}.get(self.path)
        if made is not None:
            return script, made.encode()
        file = (STATIC / self.path.removeprefix("/static/")).resolve()
        if self.path.startswith("/static/") and file.is_relative_to(STATIC) and file.is_file():
            return script, file.read_bytes()
        return "text/plain", None

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("localhost", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    _load(page, site)
    yield page
    context.close()


def _load(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")


def test_keys_are_made_locked_and_opened_again(tab: Page) -> None:
    made = tab.evaluate("postern.create", PASSPHRASE)
    assert made["size"] > 4096
    assert tab.evaluate("postern.state()") == "unlocked"
    assert tab.evaluate("postern.facts()") == [made["fingerprint"]]
    tab.evaluate("postern.lock()")
    assert tab.evaluate("postern.state()") == "locked"
    assert tab.evaluate("postern.facts()")["code"] == "locked"
    for kind, secret in (("passphrase", PASSPHRASE), ("code", made["code"].lower())):
        opened = tab.evaluate("([k, s]) => postern.unlock(postern.ring(), k, s, null)", [kind, secret])
        assert opened["head"] == made["head"]
    refused = tab.evaluate("postern.unlock(postern.ring(), 'passphrase', 'not this one', null)")
    assert refused["code"] == "wrong-secret"


def test_a_reload_opens_with_both_halves_only(tab: Page, site: str) -> None:
    tab.evaluate("postern.create", PASSPHRASE)
    ring, half = tab.evaluate("postern.ring()"), "5a" * 32
    assert tab.evaluate("postern.staySeal", half) == "sealed"
    _load(tab, site)
    assert tab.evaluate("postern.facts()")["code"] == "locked"
    wrong = tab.evaluate("([r, h]) => postern.stayOpen(r, h)", [ring, "a5" * 32])
    assert wrong["code"] == "stay-ended"
    assert tab.evaluate("([r, h]) => postern.stayOpen(r, h)", [ring, half])["rev"] == 1
    assert tab.evaluate("postern.state()") == "unlocked"
    tab.evaluate("postern.stayForget()")
    _load(tab, site)
    assert tab.evaluate("([r, h]) => postern.stayOpen(r, h)", [ring, half])["code"] == "stay-ended"


def test_locking_and_signing_out_reach_the_other_tab(tab: Page, site: str) -> None:
    other = tab.context.new_page()
    _load(other, site)
    for page in (tab, other):
        page.evaluate("postern.create", PASSPHRASE)
    tab.evaluate("postern.lock()")
    other.wait_for_function("postern.state() === 'locked'", timeout=10_000)
    assert other.evaluate("postern.locked()") == ["elsewhere"]
    other.evaluate("postern.create", PASSPHRASE)
    tab.evaluate("postern.signOut()")
    other.wait_for_function("postern.state() === 'locked'", timeout=10_000)
    assert other.evaluate("postern.locked()")[-1] == "signed-out"


def test_the_word_list_and_the_judge_load_only_when_asked(tab: Page, site: str) -> None:
    Site.asked.clear()
    tab.evaluate("postern.create", PASSPHRASE)
    assert not [path for path in Site.asked if "zxcvbn" in path or "word-list" in path]
    assert tab.evaluate("postern.suggest()")["bits"] >= 64
    assert tab.evaluate("postern.strength", PASSPHRASE)["level"] == 4
    assert "/static/vendor/zxcvbn.js" in Site.asked


def test_the_workers_policy_lets_nothing_out(tab: Page, site: str) -> None:
    Site.asked.clear()
    _load(tab, f"{site}/probe")
    results = tab.evaluate("probe()")
    assert results["wasm"] == "done"
    blocked = {name for name, result in results.items() if result != "done"}
    assert blocked == {"fetch", "websocket", "import", "eval", "worker"}
    assert not [path for path in Site.asked if path.startswith("/seen/")]
