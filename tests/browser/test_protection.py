"""The protection line in the page: its worked lines letter by letter, what can be done, and what is remembered."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit
from .visitor import SLOW, Visitor
from .whole_site import ROOT, Site, demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

WORDS = ROOT.parent / "shared" / "words.md"
ALICES = "rotten gravel tinsel uncle sphinx"
BOBS = "marble oxygen ticket velvet canoe"
#: What the sentences of the worked lines have in braces.
VALUES = {"address": "bob@example.org", "signer": "eve@example.net", "date": "3 May 2026"}
#: Only these may say who signed (words.md section 2.7, L3): good ones, and the one that says whose it is not.
SIGNED_BY = re.compile(r"sig-good-|sig-from-differs")

SHOW = """async ({ verdicts, values }) => {
  const own = document.querySelector('script[type="module"][src*="/elements/page."]').src;
  const { judge } = await import(new URL("../crypto/verdict.js", own).href);
  const line = document.querySelector("protection-line");
  return verdicts.map((verdict) => {
    const judged = judge(verdict);
    line.show({ judged, values: () => values });
    const { enc, sig, notes, level, withheld } = line.dataset;
    const mark = judged.mark;
    const first = line.querySelector("strong").textContent;
    return { enc, sig: sig ?? "–", notes, level, withheld, mark, first, all: line.innerText };
  });
}"""


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Of its own: other tests give these people other keys."""
    site = demo(tmp_path_factory.mktemp("protection"))
    site.start()
    yield site
    site.stop()


def in_node(code: str) -> Any:
    done = subprocess.run(
        [ROOT / "scripts" / "node", "--input-type=module", "-e", code],
        cwd=ROOT / "tests" / "crypto",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture
def reading(visit: Visit, embedded_site: Site) -> Page:
    """A page with a protection line in it."""
    charlie = visit(embedded_site, "charlie")
    charlie.sign_in()
    charlie.page.goto(f"{embedded_site.url}/?later=keys")
    charlie.open_message("The Slow Press")
    expect(charlie.line).to_have_attribute("data-enc", "enc-none")
    return charlie.page


def test_the_worked_lines_come_out_letter_by_letter(reading: Page) -> None:
    if not WORDS.exists():
        assert not os.environ.get("CI"), f"{WORDS} is missing"
        pytest.skip("words.md is not beside this checkout")
    section = WORDS.read_text("utf-8").split("### 2.8")[1].split("### 2.9")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "| enc-" in line]
    given = in_node(
        'import { WORKED } from "./worked_lines.mjs";'
        "console.log(JSON.stringify(WORKED.map(([, enc, sig, notes]) => ({ enc, sig, notes }))));"
    )
    assert len(rows) == len(given) == 19
    shown = reading.evaluate(SHOW, {"verdicts": given, "values": VALUES})
    for row, line in zip(rows, shown, strict=True):
        name, ids, first, level, mark, withheld = row
        enc, sig, *notes = [part.strip() for part in ids.split(" / ")]
        assert line["first"] == first, name
        assert (line["enc"], line["sig"]) == (enc, sig.split(" ")[0]), name
        assert line["notes"].split() == ", ".join(notes).replace(",", "").split(), name
        assert (line["level"], ", ".join(line["withheld"].split())) == (level, withheld), name
        said = (line["mark"] or "(none)").replace("-", "")
        assert said == mark.lower().replace(", ", "").replace(" ", ""), name


def test_every_line_has_ids_of_the_file_and_nothing_else_says_signed_by(reading: Page) -> None:
    given = in_node('import { EVERY } from "./every_verdict.mjs"; console.log(JSON.stringify(EVERY));')
    known = set(re.findall(r"^\| `([a-z-]+)`", WORDS.read_text("utf-8"), re.MULTILINE)) if WORDS.exists() else None
    full = {name: f"<{name}>" for name in ("known", "addresses", "percent", "done", "total", "time", "source")} | VALUES
    for values in (full, VALUES | {"known": "bob@example.net", "percent": "5 %"}):
        for line in reading.evaluate(SHOW, {"verdicts": given, "values": values}):
            ids = [line["enc"], *([line["sig"]] if line["sig"] != "–" else []), *line["notes"].split()]
            if known is not None:
                assert known.issuperset(ids), ids
            said = re.sub(r"Also signed by", "", line["all"]) if SIGNED_BY.search(line["sig"]) else line["all"]
            assert SIGNED_BY.search(line["sig"]) or not re.search("signed by", said, re.IGNORECASE), line
            assert line["sig"] != "–" or not re.search("signed", line["all"], re.IGNORECASE), line
            assert "{" not in line["all"], line


def test_compared_and_remembered_here_and_on_another_device(own_site: Site, visit: Visit) -> None:
    bob, alice = visit(own_site, "bob"), visit(own_site, "alice")
    for person, passphrase in ((bob, BOBS), (alice, ALICES)):
        person.sign_in()
        person.make_keys(passphrase)
    alice.write([bob.address], "The walnut chest", "It stands in the cellar.")
    alice.send("send-encrypted")
    row = bob.page.locator(".row").first
    expect(row.locator(".row-mark")).to_contain_text("Encrypted, unopened", timeout=SLOW)
    bob.open_message()
    expect(bob.line).to_have_attribute("data-sig", "sig-good-first")
    expect(row).to_contain_text("The walnut chest")
    expect(row).to_have_attribute("data-mark", "mark-encrypted-signed")

    look(bob.page, "details")
    bob.line.get_by_role("button", name=f"Verify with {alice.address}").click()
    panel = bob.line.locator(".compare")
    expect(panel.locator(".compare-print span")).to_have_count(10)
    look(bob.page, "compare")
    panel.get_by_role("button", name="All the same").click()
    expect(bob.line).to_have_attribute("data-sig", "sig-good-verified")
    expect(panel).to_have_count(0)

    # Written a moment later; then the server knows that there is something, and nothing of what.
    expect_saved(bob)
    bob.open_mailbox()
    expect(row).to_contain_text("The walnut chest", timeout=SLOW)
    expect(row).to_have_attribute("data-mark", "mark-encrypted-signed")
    assert b"walnut chest" not in everything(own_site.folder)

    # Nothing stays in the page of somebody who locked their keys.
    bob.lock()
    expect(row).to_have_attribute("data-mark", "mark-encrypted-unopened")
    assert "walnut" not in bob.page.content()

    other = visit(own_site, "bob")
    other.sign_in()
    other.open_mailbox()
    again = other.page.locator(".row").first
    expect(again).to_have_attribute("data-mark", "mark-encrypted-unopened")
    other.page.locator("key-status button").click()
    other.unlock(BOBS)
    expect(again).to_contain_text("The walnut chest", timeout=SLOW)
    look(other.page, "list")

    # A move keeps what is remembered.
    again.locator(".row-tick").check()
    other.page.keyboard.press("e")
    expect(other.page.locator(".row").filter(has_text="The walnut chest")).to_have_count(0)
    other.open_mailbox("Archive")
    expect(other.page.locator(".row").filter(has_text="The walnut chest")).to_have_attribute(
        "data-mark", "mark-encrypted-signed", timeout=SLOW
    )
    assert alice.trouble == bob.trouble == other.trouble == []


def expect_saved(person: Visitor) -> None:
    """The pause after which changes are written has passed, and they were."""
    for _ in range(100):
        if any("/keys/state/seen/" in url for url in person.requests[-30:]) and b"seen" in everything(
            person.site.folder
        ):
            person.page.wait_for_timeout(3000)
            return
        person.page.wait_for_timeout(200)
    raise AssertionError("nothing was written")


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("postern.sqlite3*"))


def look(page: Page, name: str) -> None:
    """Pictures for somebody who wants to look, where POSTERN_PICTURES names a folder."""
    folder = os.environ.get("POSTERN_PICTURES")
    if not folder:
        return
    for details in page.locator("details.protection-facts").all():
        details.evaluate("each => { each.open = true; }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(300)
            page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")
