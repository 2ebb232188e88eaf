"""The page of contacts: by hand, in groups, from files, with keys and without; and nothing of it leaves the browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .accessible import clean_everywhere
from .conftest import Visit
from .test_canary import Wires as Wires
from .test_canary import found, wires
from .visitor import Visitor
from .whole_site import Site

__all__ = ["wires"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSPHRASE = "brimzorvax gravel tinsel uncle sphinx"
CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Numbatrix Vcard\r\nEMAIL:numbatrix@elsewhere.example\r\nCATEGORIES:Flimdarxo choir\r\nEND:VCARD\r\n"  # noqa: E501
    "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:J=C3=B6rg=20=\r\nM=C3=BCller\r\nEMAIL;INTERNET:brelquandi@elsewhere.example\r\nCATEGORIES:Flimdarxo choir\r\nEND:VCARD\r\n"  # noqa: E501
)


def open_contacts(person: Visitor) -> Page:
    person.page.locator(".who-summary").click()
    person.page.get_by_role("link", name="Contacts").click()
    expect(person.page.locator("contacts-page")).to_be_attached()
    return person.page


def rows(page: Page, part: str = "people") -> list[str]:
    return page.locator(f'[data-contacts="{part}"] .subhead').all_inner_texts()


def add(page: Page, name: str, address: str) -> None:
    page.get_by_role("button", name="New contact").click()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(address)
    page.keyboard.press("Enter")


def test_contacts_by_hand(visit: Visit, dovecot_site: Site, tmp_path: Path) -> None:
    person = visit(dovecot_site, "person880")
    person.requests.clear()
    person.sign_in()
    person.make_keys(PASSPHRASE)
    page = open_contacts(person)
    expect(page.get_by_text("Nobody here yet")).to_be_visible()
    clean_everywhere(page, "contacts, empty")

    add(page, "Bob Miller", "not an address")
    expect(page.locator("#contact-trouble")).to_have_text("This is not a complete address.")
    clean_everywhere(page, "contacts, form")
    page.locator("#contact-address").fill("bob@elsewhere.example")
    page.keyboard.press("Enter")
    expect(page.locator('[data-contacts="told"]')).to_have_text("Bob Miller is saved.")
    file = tmp_path / "contacts.vcf"
    file.write_bytes(CARDS.encode())
    page.locator('[data-do="import"]').set_input_files(file)
    expect(page.locator('[data-contacts="told"]')).to_contain_text("Added: 2. Changed: 0. There already: 0.")
    assert rows(page) == ["Bob Miller", "Jörg Müller", "Numbatrix Vcard"]
    assert rows(page, "groups") == ["Flimdarxo choir"]

    # A group by keyboard, completed from the contacts.
    page.get_by_role("button", name="New group").click()
    page.keyboard.type("Team")
    page.keyboard.press("Tab")
    page.keyboard.type("mill")
    expect(page.locator(".contacts-members [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type("jorg")
    expect(page.locator(".contacts-members [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    clean_everywhere(page, "contacts, group")
    page.locator('[data-contacts="group"]').get_by_role("button", name="Save").click()
    expect(page.locator('[data-contacts="groups"] .subhead')).to_have_count(2)
    clean_everywhere(page, "contacts")

    page.locator("#contacts-find").fill("mull")
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_text(["Jörg Müller"])
    page.locator("#contacts-find").fill("nobody at all")
    expect(page.get_by_text("Nobody of that name")).to_be_visible()
    page.locator("#contacts-find").fill("")
    page.get_by_role("button", name="Delete Bob Miller").click()
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(2)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(3)
    with page.expect_download() as saved:
        page.locator(".contacts-bar summary").click()
        page.get_by_role("button", name="Export as vCard 4").click()
    text = Path(saved.value.path()).read_text("utf-8")
    assert text.count("VERSION:4.0") == 3
    assert {"EMAIL:bob@elsewhere.example", "FN:Jörg Müller"} <= set(text.splitlines())
    assert re.search(r"CATEGORIES:(?:Flimdarxo choir,Team|Team,Flimdarxo choir)", text)

    # A group becomes its members; nobody stands in an address of the site.
    page.get_by_role("button", name="Write to Team").click()
    expect(page.locator('[data-field="to"] li.chip')).to_have_count(2)
    assert not any("elsewhere.example" in url for url in person.requests)
    page.keyboard.type("flim")
    expect(page.locator('[data-field="to"] [role=option]')).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator('[data-field="to"] li.chip')).to_have_count(3)
    assert person.trouble == []


def test_people_of_mail_sent_and_read(visit: Visit, dovecot_site: Site) -> None:
    """Whom one wrote to and whose mail one read is offered by name; lists, programs and junk are not."""
    person = visit(dovecot_site, "person886")
    mail = dovecot_site.mail
    for mailbox, sender, more in (
        ("INBOX", "Sally Vorpsnidge <sally@elsewhere.example>", ""),
        ("INBOX", "Liszt Vorpsnidge <liszt@elsewhere.example>", "List-Id: <choir.elsewhere.example>\r\n"),
        ("INBOX", "Robot Vorpsnidge <no-reply@elsewhere.example>", ""),
        ("Junk", "Spam Vorpsnidge <spam@elsewhere.example>", ""),
    ):
        head = f"From: {sender}\r\nTo: {person.address}\r\n{more}Subject: From {sender.split()[0]}\r\n"
        mail.append(person.name, mailbox, f"{head}\r\nHello.\r\n".encode())
    person.sign_in()
    person.make_keys(PASSPHRASE)
    page = person.page
    for mailbox, subject in (("INBOX", "Liszt"), ("INBOX", "Robot"), ("Junk", "Spam")):
        person.open_mailbox(mailbox)
        person.open_message(f"From {subject}")
        expect(page.locator("[data-slot=answer]")).to_be_visible()
    with page.expect_response(lambda answer: "/keys/state/contacts/" in answer.url and answer.request.method == "PUT"):
        person.open_mailbox()
        person.open_message("From Sally")
    person.write(["Dana Vorpsnidge <person887@example.test>"], "Hello", "Text")
    with page.expect_response(lambda answer: "/keys/state/contacts/" in answer.url and answer.request.method == "PUT"):
        person.send("send-clear-signed")
    person.open_mailbox()
    open_contacts(person)
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_text(["Dana Vorpsnidge", "Sally Vorpsnidge"])
    person.open_mailbox()
    page.keyboard.press("c")
    expect(page.locator("#compose-to")).to_be_focused()
    page.keyboard.type("vorp")
    # Written to comes before read.
    expect(page.locator('[data-field="to"] .suggest-name')).to_have_text(["Dana Vorpsnidge", "Sally Vorpsnidge"])
    assert person.trouble == []


def test_without_keys_and_with_locked_ones(visit: Visit, dovecot_site: Site) -> None:
    person = visit(dovecot_site, "person885")
    person.sign_in()
    person.page.goto(f"{dovecot_site.url}/contacts/")
    expect(person.page.get_by_text("No contacts of your own yet")).to_be_visible()
    clean_everywhere(person.page, "contacts without keys")
    person.page.goto(f"{dovecot_site.url}/keys/set-up/")
    person.make_keys(PASSPHRASE)
    page = open_contacts(person)
    add(page, "Bob Miller", "bob@elsewhere.example")
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(1)
    person.lock()
    expect(page.get_by_text("Your contacts are sealed", exact=True)).to_be_visible()
    expect(page.locator("contacts-page")).not_to_contain_text("Bob")
    clean_everywhere(page, "contacts, locked")
    person.page.goto(f"{dovecot_site.url}/compose/")
    expect(page.locator("#compose-to")).to_be_focused()
    page.keyboard.type("bob")
    expect(page.get_by_text("Unlock your keys to find them here").first).to_be_attached()
    page.goto(f"{dovecot_site.url}/contacts/")
    page.get_by_role("button", name="Unlock your keys").click()
    person.unlock(PASSPHRASE)
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_text(["Bob Miller"])
    assert person.trouble == []


def test_no_contact_leaves_the_browser(wires: Wires, visit: Visit, tmp_path: Path) -> None:
    """Every wire, the database, Redis and the log: none of them shows a contact, a group, or who is in it."""
    alice = visit(wires.site, "alice")
    wires.listen(alice)
    alice.sign_in()
    alice.make_keys(PASSPHRASE)
    page = open_contacts(alice)
    add(page, "Quokka Contact", "skorvupel@elsewhere.example")
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(1)
    file = tmp_path / "c.vcf"
    file.write_bytes(CARDS.encode())
    page.locator('[data-do="import"]').set_input_files(file)
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(3)
    # Said once it is kept on the server.
    expect(page.locator('[data-contacts="told"]')).to_contain_text("Added: 2.")
    page.reload()
    expect(page.locator('[data-contacts="people"] .subhead')).to_have_count(3)
    # Three letters are asked for; the rest is found here.
    page.goto(f"{wires.site.url}/compose/")
    expect(page.locator("#compose-to")).to_be_focused()
    page.keyboard.type("quo")
    expect(page.locator('[data-field="to"] [role=option]')).to_have_count(1)
    page.wait_for_timeout(1000)
    page.locator("#compose-to").fill("")
    alice.open_mailbox()
    alice.sign_out()
    alice.context.close()
    assert alice.trouble == []
    places = wires.places()
    secrets = ("Quokka", "skorvupel", "Numbatrix", "numbatrix@", "brelquandi", "Flimdarxo")
    assert {secret: where for secret in secrets if (where := found(secret, places))} == {}
    # The recorders see: the letters that were asked for stand there.
    assert "http" in found('{"prefix":"quo"}', places)
