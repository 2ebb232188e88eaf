"""The letter itself: entries and reports as cards, limits, paper, print, the size of its text, where its links lead."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from .accessible import clean
from .cage import PASSPHRASE
from .reading import entity, letter, read
from .visitor import SLOW, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CALENDAR = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:19671029T020000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Board meeting\\, <b>spring</b> list
DTSTART;TZID=America/New_York:20261203T093000
DURATION:PT1H
LOCATION:Kirkgata 12\\, second fl
 oor
ORGANIZER;CN="Bob; Brandt":mailto:bob@example.test
ATTENDEE:mailto:alice@example.test
DESCRIPTION:First line\\nSecond <img src=x onerror=ran=1>
BEGIN:VALARM
DESCRIPTION:not the entry's
END:VALARM
END:VEVENT
END:VCALENDAR
"""

FAILED = """--b
Content-Type: text/plain

It did not arrive.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; dana@elsewhere.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <dana@elsewhere.example>:
 User unknown
--b
Content-Type: text/rfc822-headers

Subject: Lunch
--b--
"""

COLOURED = """<table width="100%" bgcolor="#103040"><tr><td style="color:#ffffff"><p>Twelve new titles.</p>
<p style="color:#103040 !important">hidden in the table</p></td></tr></table>
<p>Dear reader, <span style="color:white!important;background-color:#fff">white on white</span>
<font color="#fffefc">on paper</font> <span style="color:rgba(0,0,0,0)">see-through</span>
<span style="color:Canvas">canvas</span></p>"""

#: The least contrast of any text to what is painted behind it, as it is computed now.
CONTRAST = """() => {
  const parse = (value) => (/^rgba?\\((.*)\\)$/.exec(value)?.[1] ?? "0,0,0,0").split(",").map(Number);
  const over = ([r, g, b, a = 1], low) => [r, g, b].map((part, at) => part * a + low[at] * (1 - a));
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => over(parse(getComputedStyle(element).backgroundColor),
    element.parentElement ? ground(element.parentElement) : document.documentElement.dataset.paper === undefined
      ? (matchMedia("(prefers-color-scheme: dark)").matches ? [37, 34, 32] : [255, 254, 252]) : [255, 255, 255]);
  const written = [...document.body.querySelectorAll("*")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...written.map((element) => {
    const behind = ground(element);
    const two = [light(over(parse(getComputedStyle(element).color), behind)), light(behind)].sort((a, b) => b - a);
    return (two[0] + 0.05) / (two[1] + 0.05);
  }));
}"""


def frame_of(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/frame/" in frame.url)


@pytest.fixture(autouse=True)
def as_usual(victim: Visitor) -> None:
    victim.page.set_viewport_size({"width": 1440, "height": 900})
    victim.page.emulate_media(color_scheme="light", media="null")


def test_a_calendar_entry_is_a_card_of_text(victim: Visitor) -> None:
    parts = (
        f"--b\nContent-Type: text/plain\n\nCome.\n--b\nContent-Type: text/calendar; method=REQUEST\n\n{CALENDAR}--b--\n"
    )
    page = read(victim, entity("Subject: Invite", 'Content-Type: multipart/alternative; boundary="b"', body=parts))
    card = page.locator(".calendar")
    expect(card).to_have_attribute("data-calendar", "request", timeout=SLOW)
    expect(card.locator("h3")).to_have_text("Board meeting, <b>spring</b> list")
    for words in (
        "Kirkgata 12, second floor",
        "Bob; Brandt <bob@example.test>",
        "Second <img src=x",
        "America/New York",
    ):
        expect(card).to_contain_text(words)
    expect(card).not_to_contain_text("not the entry's")
    assert card.locator("img, b, a").count() == 0 and page.evaluate("window.ran ?? null") is None
    expect(page.locator(".file-name")).to_have_text("file.ics")
    clean(page, "a calendar entry")
    # What an answer quotes is the letter's words.
    page.locator('[data-answer="reply"]').first.click()
    expect(page.locator("textarea[data-text]")).to_have_value(re.compile(r"> Come\.\s*$"))


def test_a_delivery_report_says_what_happened_first(victim: Visitor) -> None:
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
    page = read(victim, entity("Subject: Undelivered", kind, body=FAILED))
    expect(page.locator("[data-report=ui-report-failed]")).to_have_text("Delivery to dana@elsewhere.example failed.")
    expect(page.locator(".report-said")).to_have_text(
        "The server said: 550 5.1.1 <dana@elsewhere.example>: User unknown"
    )
    raw = page.locator(".report-raw").first
    expect(raw.get_by_text("Reporting-MTA")).to_be_hidden()
    raw.locator("summary").click()
    expect(raw.get_by_text("Reporting-MTA")).to_be_visible()
    clean(page, "a delivery report")


def test_what_is_over_a_limit_says_so_and_is_in_the_original(victim: Visitor) -> None:
    many = "".join(f"--b\nContent-Type: text/plain\n\npart {number}\n" for number in range(520)) + "--b--\n"
    page = read(victim, entity("Subject: Many", 'Content-Type: multipart/mixed; boundary="b"', body=many))
    card = page.locator("[data-part=part-limit]")
    expect(card).to_contain_text("More parts than Postern opens; the rest is in the original.")
    expect(card).to_contain_text("Limit 50 levels, 500 parts.")
    with page.expect_download() as download:
        card.get_by_role("button", name="Download the original").click()
    assert b"part 519" in Path(download.value.path()).read_bytes()


def test_a_letter_too_deep_to_lay_out_says_so_and_is_in_the_original(victim: Visitor) -> None:
    page = read(victim, letter("Deep", text=None, html="<div>" * 2000 + "the bottom" + "</div>" * 2000))
    notice = page.locator("[data-notice=note-text-only]")
    expect(notice).to_contain_text("Shown as text because its layout is too large to show.")
    expect(page.locator("[data-slot=letter]")).to_contain_text("the bottom")
    with page.expect_download() as download:
        notice.get_by_role("button", name="Download the original").click()
    assert b"the bottom" in Path(download.value.path()).read_bytes()


def test_text_is_never_invisible_in_any_scheme(victim: Visitor) -> None:
    page = read(victim, letter("Coloured", html=COLOURED))
    frame = frame_of(page)
    painted = frame.locator("table").evaluate("table => getComputedStyle(table).backgroundColor")
    assert painted == "rgb(16, 48, 64)"
    expect(page.locator(".paper-act")).to_be_hidden()
    said = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert frame.evaluate(CONTRAST) >= 2, scheme
        said[scheme] = frame.locator("body").inner_text()
    assert said["light"] == said["dark"]
    for words in ("hidden in the table", "white on white", "on paper", "see-through", "canvas"):
        assert words in said["light"]
    clean(page, "coloured, dark")
    page.get_by_role("button", name="Show in plain colours").click()
    assert frame.evaluate("document.documentElement.dataset.paper ?? null") is None
    assert frame.evaluate(CONTRAST) >= 4.5
    assert frame.locator("body").inner_text() == said["light"]
    clean(page, "coloured, plain")
    page.get_by_role("button", name="Show as sent").click()
    assert frame.locator("table").evaluate("table => getComputedStyle(table).backgroundColor") == painted


def test_a_letter_is_printed_whole(victim: Visitor, tmp_path: Path) -> None:
    lines = "".join(f"<p>Paragraph {number} of the letter, which goes on for a while.</p>" for number in range(120))
    quoted = "".join(f"> earlier {number}\n" for number in range(8))
    parts = (
        f"--b\nContent-Type: text/html\n\n{lines}<p>The last of the frame.</p>\n"
        f"--b\nContent-Type: text/plain\n\nAfter the frame.\n{quoted}\n"
        "--b\nContent-Type: text/html\n\n<p>A second frame.</p>\n--b--\n"
    )
    page = read(victim, entity("Subject: On paper", 'Content-Type: multipart/mixed; boundary="b"', body=parts))
    folded = page.locator("details.folded")
    expect(folded).not_to_have_attribute("open", "")
    page.emulate_media(color_scheme="dark")
    page.pdf(path=tmp_path / "letter.pdf", format="A4", print_background=True)
    text = subprocess.run(
        ["pdftotext", tmp_path / "letter.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    wanted = [
        "On paper",
        "Not encrypted, not signed.",
        "Bob Brandt",
        "bob@example.test",
        "Paragraph 0",
        "Paragraph 119",
    ]
    for words in [*wanted, "The last of the frame.", "After the frame.", "earlier 7", "A second frame."]:
        assert words in text, words
    assert text.index("The last of the frame.") < text.index("After the frame.") < text.index("A second frame.")
    for chrome in ("Write", "Search", "Forward", "Reply", "Inbox", "Show 8 quoted lines"):
        assert chrome not in text, chrome
    # In ink on white: a page printed from the dark is not black.
    grey = ["pdftoppm", "-r", "20", "-gray", "-f", "1", "-l", "1", tmp_path / "letter.pdf"]
    picture = subprocess.run(grey, check=True, capture_output=True).stdout
    assert sum(picture[20:]) / len(picture[20:]) > 200
    # The page is as it was.
    expect(folded).not_to_have_attribute("open", "")
    assert page.evaluate("document.documentElement.dataset.printing ?? null") is None


def test_the_size_of_the_text_is_kept_and_fits(victim: Visitor) -> None:
    html = "<p style='font-size:16px'>As large as I like.</p>"
    page = read(victim, letter("Size", html=html))
    height = frame_of(page).locator("p").evaluate("p => p.getBoundingClientRect().height")
    page.locator("mail-message details.menu summary").click()
    larger = page.locator("text-size [data-step='1']")
    for _ in range(5):
        larger.click()
    expect(page.locator("text-size [data-now]")).to_have_text("200%")
    expect(larger).to_have_attribute("aria-disabled", "true")
    clean(page, "the menu with the size of the text")
    page.reload()
    expect(page.locator("[data-slot=answer-words]")).not_to_be_empty(timeout=SLOW)
    frame = frame_of(page)
    assert frame.locator("body").evaluate("body => getComputedStyle(body).zoom") == "2"
    tall = page.locator("iframe.letter-frame").evaluate("frame => frame.getBoundingClientRect().height")
    assert tall >= height * 1.8 and tall >= frame.locator("html").evaluate("html => html.scrollHeight") - 2
    page.set_viewport_size({"width": 390, "height": 844})
    # Twice the text on a page that is zoomed to 200 %: nothing runs out of it.
    page.set_viewport_size({"width": 720, "height": 450})
    clean(page, "twice as large")
    page.evaluate("localStorage.removeItem('postern.text-size')")
    page.reload()


def test_where_a_link_leads_stands_outside_the_letter(victim: Visitor) -> None:
    html = '<p><a href="https://evil.example/login?x=1">https://bank.example</a></p>'
    page = read(victim, letter("A link", html=html))
    link = frame_of(page).locator("a")
    expect(link).to_contain_text("(leads to evil.example)")
    line = page.locator("body > .link-target")
    link.focus()
    expect(line).to_have_text("https://evil.example/login?x=1")
    expect(line.locator("strong")).to_have_text("evil.example")
    assert link.evaluate("a => [a.rel, a.referrerPolicy, a.target]") == ["noopener noreferrer nofollow", "", "_blank"]
    page.locator(".title").click()
    expect(line).to_be_hidden()
    link.hover()
    expect(line).to_be_visible()
    page.locator(".title").hover()
    expect(line).to_be_hidden()


ARMOR = "-----BEGIN PGP MESSAGE-----%0A%0AwcBMA0%0A-----END PGP MESSAGE-----"


def test_a_link_to_an_address_opens_our_composer_with_nothing_but_words(victim: Visitor) -> None:
    wish = (
        "mailto:dana@elsewhere.example?subject=Hi%20there%0D%0ABcc:eve@evil.example&amp;cc=eli@elsewhere.example"
        f"&amp;body=One%0D%0A{ARMOR}&amp;attach=/etc/passwd&amp;attachment=x&amp;from=x@evil.example&amp;bcc=eve@evil.example"
    )
    page = read(victim, letter("Write to us", html=f'<p><a href="{wish}">write</a></p>'))
    asked = len(victim.requests)
    frame_of(page).locator("a").click()
    expect(page.locator("textarea[data-text]")).to_have_value(
        "One\n-----BEGIN PGP MESSAGE-----\n\nwcBMA0\n-----END PGP MESSAGE-----", timeout=SLOW
    )
    expect(page.locator("[data-subject]")).to_have_value("Hi there Bcc:eve@evil.example")
    expect(page.locator("[data-field=to] .chip")).to_have_count(1)
    expect(page.locator("[data-field=cc] .chip")).to_have_count(1)
    expect(page.locator("[data-field=bcc] .chip")).to_have_count(0)
    expect(page.locator(".line-fixed")).to_contain_text(victim.address)
    expect(page.locator("[data-slot=files]")).to_be_hidden()
    # Its words stand in no address that was asked for.
    assert [url for url in victim.requests[asked:] if "Hi" in url or "PGP" in url or "passwd" in url] == []
    # The next empty page is empty.
    page.evaluate("document.querySelector('message-composer').remove()")
    page.goto(f"{victim.site.url}/compose/")
    expect(page.locator("#compose-to")).to_be_focused()
    expect(page.locator("textarea[data-text]")).to_have_value("")


def test_many_people_and_files_leave_room_for_the_letter(victim: Visitor) -> None:
    people = ",\n ".join(f"Person {number} <p{number}@example.test>" for number in range(60))
    files = [(f"{number} {'long name ' * 12}.txt", "text/plain", b"x") for number in range(40)]
    made = letter("שלום " + "very long " * 40, files=files)
    made = made.replace(b"To: alice@example.test", f"To: {people},\n alice@example.test".replace("\n", "\r\n").encode())
    made = made.replace(b"Bob Brandt <bob@example.test>", b"Bob <" + b"x" * 60 + b"@" + b"y" * 60 + b".example>")
    page = read(victim, made)
    names = page.locator(".people summary")
    expect(names).to_contain_text("and 56 more")
    names.click()
    expect(page.locator(".people")).to_contain_text("p59@example.test")
    expect(page.locator(".file")).to_have_count(40)
    assert page.locator(".title").evaluate("title => getComputedStyle(title).direction") == "rtl"
    for width, scheme in ((390, "dark"), (1440, "light")):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        clean(page, f"many people, {width}")
        inside = "page => page.scrollWidth <= page.clientWidth"
        assert page.locator(".reader-page").evaluate(inside), width


def test_files_of_a_part_opened_alone_stand_in_its_card(victim: Visitor) -> None:
    """An encrypted part below the root: opened on its own, never quoted, its files its own."""
    page = victim.page
    victim.open_mailbox()
    victim.write([victim.address], "Sealed", "SECRET words", [Path(__file__)])
    victim.send("send-encrypted")
    sealed = victim.site.mail.messages(victim.name, "INBOX")[-1]
    head, _, body = sealed.partition(b"\r\n\r\n")
    kind = re.search(rb"(?im)^content-type:.*?(?=\r\n\S|\Z)", head, re.DOTALL)
    assert kind and b"multipart/encrypted" in kind[0]
    outer = entity("Subject: Around", 'Content-Type: multipart/mixed; boundary="around"')
    parts = b"--around\r\nContent-Type: text/plain\r\n\r\nIn the open\r\n--around\r\n" + kind[0] + b"\r\n\r\n" + body
    read(victim, outer + parts + b"\r\n--around--\r\n")
    card = page.locator("[data-part=part-encrypted]")
    card.get_by_role("button", name="Open").click()
    if page.locator("#unlock-secret").is_visible():
        victim.unlock(PASSPHRASE)
    expect(card).to_contain_text("SECRET words", timeout=SLOW)
    expect(card.locator(".file-name")).to_contain_text("test_reader_letters")
    expect(page.locator("[data-slot=files]")).not_to_contain_text("test_reader_letters")
    page.locator('[data-answer="reply"]').first.click()
    expect(page.locator("textarea[data-text]")).to_have_value(re.compile("> In the open"))
    assert "SECRET" not in page.locator("textarea[data-text]").input_value()
