"""Fifteen secrets go through a whole session; none of them is anywhere but in the two people's browsers.

Looked through: every byte between browser and site, websocket frames, the database, Redis (broker, channel layer and
cache, by MONITOR), everything logged at the loudest level, every byte to and from the IMAP and submission servers,
and what the browser keeps after signing out. A message sent in the clear is the control: it must be found.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import WebSocket, expect

from tests.servers.recorder import Recorder
from tests.servers.redis import Redis

from .conftest import QUIET, behind
from .visitor import Visitor
from .whole_site import Site, one_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TEXT, SUBJECT, FILE_NAME, FILE_TEXT = "quaggatext", "okapisubject", "tapirfile", "dugongbytes"
ANSWER, FORWARD, HIDDEN = "narwhalanswer", "caracalforward", "fossabcc"
DRAFT, DRAFT_SUBJECT, DRAFT_FILE = "axolotldraft", "kinkajousubject", "bilbyfile"
# The first words are in no dictionary: word lists are served to every page.
ALICES, BOBS = "brimzorvax gravel tinsel uncle sphinx", "klunquell oxygen ticket velvet canoe"
WRONG = "vorpsnidge wrong guess of hers"
CONTROL = "zebrafinchcontrol"

STORAGE = """async () => {
  const done = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
  const plain = (_, value) => value instanceof ArrayBuffer ? [...new Uint8Array(value)]
    : ArrayBuffer.isView(value) ? String.fromCharCode(...value) : value;
  const kept = [document.cookie, JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) kept.push(request.url);
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames)
      kept.push(`${name}/${store}` + JSON.stringify(await done(db.transaction(store).objectStore(store).getAll()), plain));
    db.close();
  }
  return kept.join("\\n");
}"""  # noqa: E501


@dataclass
class Wires:
    """The site with a recorder on each of its wires."""

    site: Site
    redis: Redis
    http: Recorder
    imap: Recorder
    smtp: Recorder
    frames: list[bytes] = field(default_factory=list)

    def listen(self, visitor: Visitor) -> None:
        def note(payload: str | bytes) -> None:
            self.frames.append(payload.encode() if isinstance(payload, str) else payload)

        def opened(socket: WebSocket) -> None:
            socket.on("framesent", note)
            socket.on("framereceived", note)

        visitor.page.on("websocket", opened)

    def places(self) -> dict[str, bytes]:
        files = {path.name: path.read_bytes() for path in self.site.folder.rglob("*") if path.is_file()}
        return {
            "http": self.http.bytes,
            "imap": self.imap.bytes,
            "smtp": self.smtp.bytes,
            "redis": self.redis.heard,
            "websocket": b"\n".join(self.frames),
            **files,
        }


@pytest.fixture
def wires(mail_servers: Any, tmp_path: Path) -> Iterator[Wires]:
    mail, servers = behind(mail_servers)
    trust = ssl.create_default_context(cafile=mail.ca)
    # The site speaks plain text to the recorders on this machine, and they TLS to the servers: so the bytes are seen.
    imap = Recorder(("localhost", int(str(servers["imap_port"]))), trust)
    smtp = Recorder(("localhost", int(str(servers["smtp_port"]))), trust)
    servers |= {"imap_port": imap.port, "imap_tls": "plain", "smtp_port": smtp.port, "smtp_tls": "plain"}
    folder = tmp_path / "site"
    folder.mkdir()
    redis = Redis(tmp_path)
    site = one_site(folder, mail, servers, POSTERN_REDIS_URL=redis.url, POSTERN_LOG_LEVEL="DEBUG")
    http = Recorder(("127.0.0.1", site.port))
    site.url = site._environment["POSTERN_SITE_URL"] = f"http://localhost:{http.port}"
    site.start()
    yield Wires(site, redis, http, imap, smtp)
    site.stop()
    redis.stop()
    for recorder in (http, imap, smtp):
        recorder.close()


def forms(secret: str) -> set[bytes]:
    """The ways a word may stand in bytes: as it is, in UTF-16, hexadecimal, percent signs, and base64 at any offset."""
    plain = secret.encode()
    found = {plain, plain.lower(), plain.hex().encode(), secret.encode("utf-16-le"), quote(secret).encode()}
    for offset in range(3):
        core = base64.b64encode(b"\0" * offset + plain)[(offset * 8 + 5) // 6 :].rstrip(b"=")
        found.add(core[:-1])  # the last character also depends on what follows
    return found


def found(secret: str, places: dict[str, bytes]) -> list[str]:
    wanted = forms(secret)
    return [name for name, content in places.items() if any(form in content for form in wanted)]


def draft(alice: Visitor, folder: Path) -> bytes:
    """A draft is saved, changed, locked with, opened again and left; gives what her browser kept meanwhile."""
    page = alice.page
    file = folder / "draft.txt"
    file.write_text(f"It says {DRAFT_FILE}.\n" * 400)
    alice.open_mailbox()
    alice.write([], DRAFT_SUBJECT, f"Not yet: {DRAFT}.", [file])
    expect(page.locator("[data-slot=draft]")).to_have_attribute("data-draft", "write-draft-saved")
    page.locator("textarea[data-text]").press_sequentially(" And more.")
    page.wait_for_timeout(2_000)
    kept = page.evaluate(STORAGE).encode()
    assert b"postern-drafts/drafts" in kept
    page.locator("[data-leave]").click()
    expect(page.locator(".toast")).to_contain_text("It is in Drafts.")
    # Beside the list, where the button of the keys is.
    alice.open_mailbox("Drafts")
    page.locator(".row-link").first.click()
    expect(page.locator("#compose-subject")).to_have_value(DRAFT_SUBJECT)
    page.locator("textarea[data-text]").press_sequentially("And again. ")
    alice.lock()
    expect(page.locator("textarea[data-text]")).to_have_value("")
    page.locator('[data-notice="write-draft-locked"]').get_by_role("button").click()
    alice.unlock(ALICES)
    expect(page.locator("textarea[data-text]")).to_have_value(re.compile(DRAFT))
    return bytes(kept)


def test_no_secret_leaves_the_browser(wires: Wires, playwright: Any, tmp_path: Path) -> None:
    site = wires.site
    people = {}
    for name in ("alice", "bob"):
        context = playwright.chromium.launch_persistent_context(
            tmp_path / f"profile-{name}", executable_path="/usr/bin/chromium", args=QUIET
        )
        people[name] = Visitor(context, site, name)
        wires.listen(people[name])
    alice, bob = people["alice"], people["bob"]
    site.mail.append("alice", "INBOX", f"From: {bob.address}\r\nSubject: {CONTROL}\r\n\r\n{CONTROL}\r\n".encode())

    bob.sign_in()
    bobs_code = bob.make_keys(BOBS)
    alice.sign_in()
    alices_code = alice.make_keys(ALICES)
    file = tmp_path / f"{FILE_NAME}.txt"
    file.write_text(f"It says {FILE_TEXT}.\n" * 400)
    alice.write([bob.address], SUBJECT, f"About the {TEXT}.", [file])
    alice.send("send-encrypted")
    alice.open_mailbox()
    alice.write([alice.address], "Hidden copy", f"Only Bob also sees {HIDDEN}.", bcc=[bob.address])
    alice.send("send-encrypted")

    drafted = draft(alice, tmp_path)

    expect(bob.page.locator(".row-mark").nth(1)).to_contain_text("Encrypted", timeout=15_000)
    bob.open_mailbox()
    bob.page.locator(".row").nth(1).locator(".row-link").click()
    expect(bob.page.locator("[data-slot=letter]")).to_contain_text(TEXT)
    expect(bob.page.locator("[data-slot=subject]")).to_have_text(SUBJECT)
    bob.page.locator('[data-answer="reply"]').first.click()
    expect(bob.page.locator("textarea[data-text]")).not_to_be_empty()
    bob.fill(f"My {ANSWER}. " + bob.page.locator("textarea[data-text]").input_value())
    bob.send("send-encrypted")
    bob.open_mailbox()
    bob.page.locator(".row").nth(1).locator(".row-link").click()
    bob.page.locator('[data-answer="forward"]').first.click()
    expect(bob.page.locator("textarea[data-text]")).not_to_be_empty()
    bob.page.locator("#compose-to").fill(alice.address)
    bob.page.keyboard.press("Enter")
    bob.fill(f"A {FORWARD}. " + bob.page.locator("textarea[data-text]").input_value())
    bob.send("send-encrypted")

    # Alice locks, types a wrong passphrase, opens again, reads, and both leave.
    alice.open_mailbox()
    alice.lock()
    alice.page.locator(".row").first.locator(".row-link").click()
    expect(alice.line).to_have_attribute("data-enc", "enc-locked")
    alice.line.get_by_text("Unlock", exact=True).first.click()
    alice.page.locator("#unlock-secret").fill(WRONG)
    alice.page.locator("[data-unlock=open]").click()
    expect(alice.page.locator("[data-unlock=trouble]")).to_be_visible()
    alice.unlock(ALICES)
    expect(alice.page.locator("[data-slot=letter]")).to_contain_text(FORWARD)
    for person in (alice, bob):
        person.sign_out()
    storage = {person.name: person.page.evaluate(STORAGE).encode() for person in (alice, bob)} | {
        "while drafting": drafted
    }
    for person in (alice, bob):
        person.context.close()
        assert person.trouble == []

    secrets = {
        "text": TEXT, "subject": SUBJECT, "file name": FILE_NAME, "file": FILE_TEXT, "answer": ANSWER,
        "forward": FORWARD, "hidden copy": HIDDEN, "draft": DRAFT,
        "draft's subject": DRAFT_SUBJECT, "draft's file": DRAFT_FILE, "alice's passphrase": ALICES.split()[0],
        "bob's passphrase": BOBS.split()[0], "wrong passphrase": WRONG.split()[0],
        "alice's recovery code": alices_code.split()[3], "bob's recovery code": bobs_code.split()[5],
    }  # fmt: skip
    assert len(set(secrets.values())) == 15
    places = wires.places()
    profiles = {
        str(path.relative_to(tmp_path)): path.read_bytes()
        for name in people
        for path in (tmp_path / f"profile-{name}").rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    hits = {name: found(secret, places | storage | profiles) for name, secret in secrets.items()}
    # A code's group of four letters may stand in ciphertext by chance; the whole code never does.
    for name, code in (("alice's recovery code", alices_code), ("bob's recovery code", bobs_code)):
        if hits[name]:
            hits[name] = [place for spelled in (code, code.replace(" ", ""), code.replace(" ", "-"))
                          for place in found(spelled, places | storage | profiles)]  # fmt: skip
    assert {name: where for name, where in hits.items() if where} == {}

    # The control went in the clear, so each wire that carries mail must show it: the recorders do see.
    assert {"http", "imap"} <= set(found(CONTROL, places))
    assert b"SADD" in places["redis"] or b"PUBLISH" in places["redis"] or b"ZADD" in places["redis"]
    assert len(wires.frames) > 0
    assert b"MAIL FROM" in places["smtp"].upper()
    # Mail passwords pass through for a connection; nothing keeps one.
    kept = {name: content for name, content in places.items() if name not in {"http", "imap", "smtp"}}
    assert found("alice-pw", kept | storage | profiles) == []
    # What stays in the browser is which revision of which ring it saw last.
    assert "postern-keys" in json.dumps([text.decode(errors="replace") for text in storage.values()])
