"""A large encrypted message in the real reader: it says how far it is, stops when it is told to, and opens."""

from __future__ import annotations

import base64
import random

import pytest
from playwright.sync_api import expect

from . import attacks
from .cage import open_one
from .test_hostile_html import sealer
from .visitor import SLOW, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SIZE = 30_000_000
#: Every state of the line and every step of its bar, as somebody who looks would see them.
WATCH = """() => {
  window.seen = [];
  const look = () => {
    const line = document.querySelector("mail-message protection-line");
    const bar = line?.querySelector("progress");
    const now = [line?.dataset.enc ?? "", bar ? bar.value / bar.max : null, bar?.max ?? null];
    if (JSON.stringify(window.seen.at(-1)) !== JSON.stringify(now)) window.seen.push(now);
  };
  const options = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(look).observe(document.body, options);
}"""


def test_a_large_message_tells_how_far_it_is_and_stops(victim: Visitor) -> None:
    content = random.Random(1).randbytes(SIZE)
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n")
    entity = (
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nA large file.\r\n"
        b"--x\r\nContent-Type: application/octet-stream; name=large.bin\r\nContent-Disposition: attachment\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + lines + b"\r\n--x--\r\n"
    )
    message = attacks.encrypted(victim.address, sealer(victim)(entity))
    assert len(message) > 1.8 * SIZE
    victim.open_mailbox()
    victim.page.evaluate(WATCH)
    page = open_one(victim, message)
    line = page.locator("mail-message > protection-line, mail-message protection-line").first
    expect(line).to_have_attribute("data-enc", "enc-working", timeout=SLOW)
    line.get_by_role("button").first.click()
    expect(line).to_have_attribute("data-enc", "enc-cancelled")
    expect(page.locator("[data-slot=letter]")).not_to_contain_text("A large file.")
    page.evaluate(WATCH)
    line.get_by_role("button").first.click()
    expect(page.locator("[data-slot=letter]")).to_contain_text("A large file.", timeout=120_000)
    expect(line).to_have_attribute("data-enc", "enc-ok")
    seen = page.evaluate("window.seen")
    steps = [(done, total) for enc, done, total in seen if enc == "enc-working" and done is not None]
    totals = {total for _, total in steps}
    assert len(totals) == 2, "of what is fetched, then of what is decrypted"
    for each in totals:
        of_one = [done for done, total in steps if total == each]
        assert of_one == sorted(of_one) and len(of_one) > 3 and of_one[-1] > 0.5
    with page.expect_download(timeout=120_000) as saved:
        page.locator(".file .file-name").first.click()
    assert saved.value.path().read_bytes() == content
