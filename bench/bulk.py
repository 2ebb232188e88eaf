"""Large messages in Chromium, as ratios to raw WebCrypto in one run, with gpg beside them: `python bench/bulk.py`.

The worker has the site's policy. Memory is the peak of the renderer's resident set over an idle page.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from results import note  # noqa: E402

FILES = ("key", "certificate", "payload", "mdc", "gcm", "ocb")
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; base-uri 'none'"
)
PAGE = b'<!doctype html><title>Bench</title><input type="file"><script type="module" src="/page.js"></script>'
SCRIPT = b"""
const worker = new Worker("/worker.js", { type: "module" });
let turn = Promise.resolve();
const act = (act, given = {}, transfer = []) => turn = turn.then(() => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => "error" in data ? reject(new Error(data.error)) : resolve(data.result);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage({ act, given }, transfer);
}));
const get = async (name) => new Uint8Array(await (await fetch(`/made/${name}`)).arrayBuffer());
window.bench = {
  async load(names) {
    for (const name of names) await act("load", { name, bytes: await get(name) });
  },
  ratios: () => act("ratios"),
  async letter(name) {
    const [bytes, key, certificate] = [await get(name), await get("key"), await get("certificate")];
    return act("letter", { bytes, key, certificate }, [bytes.buffer]);
  },
  async write() {
    const [key, certificate] = [await get("key"), await get("certificate")];
    const [file] = document.querySelector("input").files;
    return act("write", { file, key, certificate });
  },
};
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        maker = [str(ROOT / "scripts" / "node"), str(ROOT / "bench" / "bulk-make.mjs"), made]
        subprocess.run(maker, check=True, timeout=600)
        with serving(folder) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(0)
            page.goto(origin)
            page.wait_for_function("window.bench")
            page.evaluate("bench.load", list(FILES))
            ratios(page.evaluate("bench.ratios()"))
            page.close()
            memory(browser.new_page(), origin, "letter", 40_000_000)
            memory(browser.new_page(), origin, "large", 100_000_000)
            for size in (25_000_000, 100_000_000):
                writing(browser.new_page(), origin, folder, size)
            browser.close()
        gnupg(folder)


def ratios(took: dict[str, float]) -> None:
    """Milliseconds by name, all of 25 MB."""
    for name, milliseconds in took.items():
        note(f"browser 25 MB: {name}", milliseconds, "ms")
    note("browser GCM decrypt and verify / raw AES-GCM", took["gcm"] / took["raw"], "x", 2.0)
    note("browser SEIPD 1 decrypt and verify / raw AES-GCM", took["mdc"] / took["raw"], "x", 4.5)
    note("browser OCB decrypt and verify / raw AES-GCM", took["ocb"] / took["raw"], "x", 5)
    note("browser sign and encrypt, GCM / raw AES-GCM", took["writeGcm"] / took["rawEncrypt"], "x", 2.0)
    note("browser sign and encrypt, SEIPD 1 / raw AES-GCM", took["writeMdc"] / took["rawEncrypt"], "x", 4)
    note("browser sign and encrypt, OCB / raw AES-GCM", took["writeOcb"] / took["rawEncrypt"], "x", 5)
    note("browser armor for it, GCM / without", took["armorGcm"] / took["sinkGcm"], "x")
    note("browser armor for it, SEIPD 1 / without", took["armorMdc"] / took["sinkMdc"], "x")
    note("browser split and decode MIME / fromBase64 alone", took["mime"] / took["fromBase64"], "x", 6)
    note("browser 100,000 nested elements", took["bomb"] / 1000, "s", 0.5)


def memory(page: Page, origin: str, name: str, size: int) -> None:
    """Fetch, open and take the file out of a letter, against what was encrypted in it."""
    megabytes = size // 1_000_000
    page.set_default_timeout(0)
    page.goto(origin)
    page.wait_for_function("window.bench")
    # Libraries loaded and warm: a page at rest.
    page.evaluate("bench.load(['key'])")
    time.sleep(1)
    renderer = newest_renderer()
    idle = status(renderer, "VmRSS")
    (renderer / "clear_refs").write_text("5")
    opened = page.evaluate("bench.letter", name)
    peak = status(renderer, "VmHWM")
    assert opened["line"][0] == "enc-ok" and opened["size"] == size, opened
    note(f"browser file of {megabytes} MB: letter opened, file taken out", opened["milliseconds"], "ms")
    peaked = f"browser file of {megabytes} MB: peak memory over idle / what was encrypted"
    note(peaked, (peak - idle) / opened["inner"], "x", 3.5)
    page.close()


def writing(page: Page, origin: str, folder: Path, size: int) -> None:
    """A letter with a file from the disk, signed and encrypted: what the tab needs, and what the whole browser does."""
    megabytes = size // 1_000_000
    file = folder / f"{megabytes}.bin"
    with file.open("wb") as out:
        for _ in range(megabytes):
            out.write(os.urandom(1_000_000))
    page.set_default_timeout(0)
    page.goto(origin)
    page.wait_for_function("window.bench")
    page.evaluate("bench.load(['key'])")
    page.set_input_files("input", file)
    time.sleep(1)
    renderer = newest_renderer()
    others = [process for process in chromium() if process != renderer]
    idle, idle_others = status(renderer, "VmRSS"), sum(status(process, "RssAnon") for process in others)
    (renderer / "clear_refs").write_text("5")
    with watched(others) as peaks:
        written = page.evaluate("bench.write()")
    assert written["size"] > size and written["forward"] and written["steps"] > 5, written
    note(f"browser file of {megabytes} MB: letter signed and encrypted", written["milliseconds"], "ms")
    tab = f"browser file of {megabytes} MB: peak memory of the tab over idle, writing"
    # Not a multiple: it does not grow with the file.
    note(tab, (status(renderer, "VmHWM") - idle) / 1_000_000, "MB", 150)
    rest = f"browser file of {megabytes} MB: the browser's other processes, peak over idle / file"
    note(rest, (max(peaks) - idle_others) / size, "x")
    page.close()
    file.unlink()


@contextmanager
def watched(processes: list[Path]) -> Iterator[list[int]]:
    """Their memory together, again and again."""
    peaks = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            peaks.append(sum(status(process, "RssAnon") for process in processes))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def chromium() -> list[Path]:
    """The browser's processes that this bench started."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if b"chrom" in (process / "cmdline").read_bytes() and own() in ancestors(process):
                found.append(process)
        except (OSError, ValueError):
            continue
    return found


def newest_renderer() -> Path:
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes()
            parents = ancestors(process)
        except (OSError, ValueError):
            continue
        if b"--type=renderer" in command and own() in parents:
            found.append((int((process / "stat").read_text().rpartition(")")[2].split()[19]), process))
    return max(found)[1]


def own() -> int:
    return os.getpid()


def ancestors(process: Path) -> list[int]:
    found = []
    while process.name != "0":
        parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        found.append(parent)
        process = Path("/proc") / str(parent)
    return found


def status(process: Path, field: str) -> int:
    """In bytes."""
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def gnupg(folder: Path) -> None:
    """The same file, the process included. It reads version 1 alone."""
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--yes", "--trust-model", "always"]
    subprocess.run([*gpg, "--import", str(folder / "key")], check=True, capture_output=True, timeout=60)
    times = []
    for _ in range(7):
        started = time.perf_counter()
        command = [*gpg, "--output", str(folder / "out"), "--decrypt", str(folder / "mdc")]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        times.append((time.perf_counter() - started) * 1000)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "gpg-agent"], check=False, timeout=20)
    assert (folder / "out").read_bytes() == (folder / "payload").read_bytes()
    note("gpg 25 MB: SEIPD 1 decrypt and verify", statistics.median(times), "ms")


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Our modules, the bench and what was made for it."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = answer(self.path, folder)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def answer(path: str, folder: Path) -> tuple[str, bytes | None]:
    script = "text/javascript; charset=utf-8"
    if path == "/":
        return "text/html; charset=utf-8", PAGE
    if path == "/page.js":
        return script, SCRIPT
    if path == "/worker.js":
        return script, (ROOT / "bench" / "bulk-worker.js").read_bytes()
    root, name = (folder, path.removeprefix("/made/")) if path.startswith("/made/") else (ROOT, path.lstrip("/"))
    file = (root / name).resolve()
    allowed = file.is_relative_to(folder) or file.is_relative_to(ROOT / "static")
    return script, file.read_bytes() if allowed and file.is_file() else None


if __name__ == "__main__":
    main()
