"""A letter with a large file in the real composer: it tells how far it is, stops when told to, and arrives whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .visitor import SLOW
from .whole_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Twice in base64, it is a little under what the submission server takes.
SIZE = 15_000_000
#: Notes each step of the bar; presses Cancel at the first one of putting the letter together, where that is asked.
WATCH = """(cancel) => {
  window.steps = [];
  const bar = document.querySelector("[data-slot=progress] progress");
  const look = () => {
    if (bar.closest("[hidden]") || window.steps.at(-1) === bar.value) return;
    window.steps.push(bar.value);
    if (cancel && bar.value > 0 && bar.value < 50) {
      cancel = false;
      document.querySelector("[data-cancel]").click();
    }
  };
  window.watching?.disconnect();
  window.watching = new MutationObserver(look);
  window.watching.observe(bar, { attributes: true });
}"""


def test_a_large_file_tells_how_far_it_is_stops_and_arrives(visit: Visit, dovecot_site: Site, tmp_path: Path) -> None:
    site = dovecot_site
    file = tmp_path / "large.bin"
    file.write_bytes(random.Random(2).randbytes(SIZE))
    alice = visit(site, "person861")
    alice.sign_in()
    alice.make_keys("rotten gravel tinsel uncle sphinx")
    alice.write([alice.address], "The plans", "All of them.", [file])
    page = alice.page
    button = page.locator("send-button button")
    expect(page.locator("send-button")).to_have_attribute("data-state", "send-encrypted", timeout=SLOW)
    page.evaluate(WATCH, True)
    button.click()
    page.wait_for_function("() => window.steps.length > 1", timeout=120_000)
    expect(page.locator("[data-slot=progress]")).to_be_hidden(timeout=SLOW)
    stopped = page.evaluate("window.steps")
    assert max(stopped) < 50, "stopped before it was handed over"
    assert page.locator("textarea[data-text]").input_value().startswith("All of them.")
    assert site.mail.messages("person861", "Sent") == [] and site.mail.messages("person861", "INBOX") == []

    page.evaluate(WATCH, False)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()
    expect(page.locator('[data-outbox="done"]')).to_be_visible(timeout=180_000)
    steps = page.evaluate("window.steps")
    assert steps == sorted(steps) and len([step for step in steps if 0 < step < 50]) > 3, steps
    assert len(site.mail.messages("person861", "Sent")) == 1
    alice.open_mailbox()
    alice.open_message()
    expect(alice.line).to_have_attribute("data-sig", "sig-good-own", timeout=120_000)
    with page.expect_download(timeout=120_000) as saved:
        page.locator("[data-slot=files] a[download], [data-slot=files] button").first.click()
    assert saved.value.path().read_bytes() == file.read_bytes()
    assert alice.trouble == []
