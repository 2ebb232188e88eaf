"""The words: as words.md has them, in three languages, and safe inside the page."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.utils.translation import override

from accounts.reasons import told
from webmail import words
from webmail.templatetags.words import words_script

SOURCE = settings.BASE_DIR.parent / "shared" / "words.md"
PLACE = re.compile(r"\{(\w+)\}")
#: Principle 5 of words.md.
NEVER = re.compile(r"\b(secure|safe|trusted|guaranteed|military)\b|100 ?%|!", re.IGNORECASE)


def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", settings.BASE_DIR / "scripts" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogs as they are in the sources now."""
    assert messages().main(check=False) == 0


@pytest.fixture(scope="module")
def tables() -> dict[str, list[list[str]]]:
    """Rows of words.md by id, each as its cells."""
    if not SOURCE.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{SOURCE} is missing")
        pytest.skip(f"{SOURCE} is not here")
    found: dict[str, list[list[str]]] = {}
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if row := re.match(r"\| `([a-z0-9-]+)` \|", line):
            found.setdefault(row[1], []).append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def named(text: str) -> str:
    """`{key ids}` there is `{key_ids}` here: gettext and Python want names."""
    return re.sub(r"\{([^}]*)\}", lambda found: "{" + found[1].replace(" ", "_") + "}", text)


def without_acts(text: str) -> str:
    """Acts stand behind a sentence there, in italics; here they have ids of their own."""
    return re.sub(r"(?: \*[^*]+\*)+\Z", "", text)


def test_first_lines_are_those_of_the_source(tables: dict[str, list[list[str]]]) -> None:
    checked = 0
    for name, text in words.WORDS.items():
        # Rows of three cells are translations; a few sentences stand in the prose between the tables.
        cells = [named(cell) for row in tables.get(name, []) if len(row) > 3 for cell in row]
        if cells:
            assert str(text) in cells + [without_acts(cell) for cell in cells], name
            checked += 1
    assert checked > 150


@pytest.mark.parametrize(("language", "column"), [("zh-hans", 1), ("de", 2)])
def test_translations_of_the_source_are_in_the_catalogs(
    tables: dict[str, list[list[str]]], language: str, column: int
) -> None:
    checked = 0
    for name in words.WORDS:
        rows = [row for row in tables.get(name, []) if len(row) == 3]
        if not rows:
            continue
        with override(language):
            assert words.say(name, **_itself(name)) == named(rows[0][column]), name
        checked += 1
    assert checked > 100


def _itself(name: str) -> dict[str, str]:
    return {place: "{" + place + "}" for place in PLACE.findall(str(words.WORDS[name]))}


def test_no_word_shouts_or_promises() -> None:
    shouting = [name for name, text in words.WORDS.items() if NEVER.search(str(text))]
    assert shouting == []


def test_ids_are_kebab_case_and_details_belong_to_a_line() -> None:
    for name in words.WORDS:
        stem, _, part = name.partition(".")
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stem), name
        assert part in {"", "detail", "mark", "chip"}, name
        assert not part or stem in words.WORDS, name


def test_marks_and_chips_are_short() -> None:
    for name, text in words.WORDS.items():
        if name.endswith((".mark", ".chip")) or name.startswith("mark-"):
            assert len(str(text).split()) <= 3, name


def test_the_page_gets_its_words_as_data() -> None:
    html = words_script()
    found = re.fullmatch(r'<script type="application/json" id="words">(.*)</script>', html, re.DOTALL)
    assert found is not None
    assert "<" not in found[1]
    assert json.loads(found[1])["enc-ok"] == "Encrypted."
    with override("de"):
        assert "Verschlüsselt." in words_script()


def test_an_unknown_word_or_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.say("sig-good-perfect")
    with pytest.raises(KeyError):
        words.say("sig-good-first")


@pytest.mark.parametrize(
    "catalog", sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po")), ids=lambda path: path.parts[-3]
)
def test_catalogs_are_in_order(catalog: Path) -> None:
    tool = messages()
    entries = tool.read(catalog)
    assert len(entries) > 200
    assert tool.faults(entries) == []
    assert tool.gaps(tool.entries_of(catalog), tool.used()) == []


def test_a_translation_that_loses_a_placeholder_is_told() -> None:
    assert messages().faults({"Remove {address}": "Entfernen"})
    assert messages().faults({"%(count)s found": "gefunden"})
    assert messages().faults({"Done": "Fertig!"})
    assert messages().faults({"Remove {address}": "{address} entfernen"}) == []


def test_a_gap_in_a_catalog_is_told(tmp_path: Path) -> None:
    tool = messages()
    catalog = tmp_path / "django.po"
    catalog.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Done"\nmsgstr "Fertig"\n\n#, fuzzy\nmsgid "Keep"\nmsgstr "Behalten"\n\nmsgid "Gone"\nmsgstr "Weg"\n\n'
        'msgid "one"\nmsgid_plural "%(n)s"\nmsgstr[0] "eins"\n\nmsgid "Send"\nmsgstr ""\n',
        encoding="utf-8",
    )
    wanted = dict.fromkeys(("Done", "Keep", "one\x00%(n)s", "Send", "a date\x04From"), "here")
    assert sorted(fault.partition(":")[0] for fault in tool.gaps(tool.entries_of(catalog), wanted)) == [
        "fuzzy",
        "no longer used",
        "not translated",
        "not translated",
        "number of plural forms",
    ]
    tool.collect(catalog, wanted)
    assert [entry.key for entry in tool.entries_of(catalog)] == ["", *sorted(wanted, key=tool.by_alphabet)]
    assert tool.read(catalog)["Done"] == "Fertig"


def test_texts_of_code_and_of_templates_are_found() -> None:
    found = messages().used()
    assert found["Encrypted."] == "webmail/words/reading.py"
    assert "a mailbox\x04Archive" in found
    assert "a date\x04From" in found
    assert "Recovery code for %(address)s" in found
    assert "Deleted for good.\x00%(count)s messages deleted for good." in found


def test_reasons_of_ours_are_said_and_a_servers_own_stay() -> None:
    with override("de"):
        assert told("no TLS") == "Er bietet keine verschlüsselte Verbindung"
        assert told("Hostname mismatch, certificate is not valid for 'a.test'.") == (
            "Sein Zertifikat nennt einen anderen Server"
        )
        assert told("451 4.3.2 Come back later.") == "451 4.3.2 Come back later"


# ── words.md section 12: the file itself ──────────────────────────────────────────────────────────────────────


#: A worked address of 24 characters.
ADDRESS = "bartholomew@example.test"
FILLED = {"address": ADDRESS, "signer": ADDRESS, "known": ADDRESS, "shown": ADDRESS, "outer": ADDRESS}
ROW = re.compile(r"\| `([^`]+)` \|")


@pytest.fixture(scope="module")
def lines(tables: dict[str, list[list[str]]]) -> list[tuple[str, str, list[str]]]:
    """Section, id and cells of every row that names an id."""
    section, found = "", []
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"#{2,3} ([\d.]+)", line):
            section = heading[1].rstrip(".")
        elif row := ROW.match(line):
            found.append((section, row[1], [cell.strip() for cell in line.strip("|").split("|")]))
    assert len(found) > 300
    return found


def filled(text: str) -> str:
    return PLACE.sub(lambda place: FILLED.get(place[1], "3 May 2026"), named(text))


def test_ids_of_the_source_are_kebab_case_and_stand_once(lines: list[tuple[str, str, list[str]]]) -> None:
    # Fields of the verdict and names of what is withheld are no ids; translations repeat theirs.
    ids = [name for section, name, cells in lines if len(cells) > 2 and section not in {"2.1", "2.10", "3.5", "7.3"}]
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []
    doubled = {name for name in ids if ids.count(name) > 1}
    told_in_languages = {name for _, name, cells in lines if len(cells) == 3}
    assert doubled - told_in_languages == set()


def test_first_lines_of_the_source_hold_in_ninety_characters(lines: list[tuple[str, str, list[str]]]) -> None:
    checked = 0
    for section, name, cells in lines:
        if section in {"2.3", "2.4", "2.5"}:
            alone = filled(cells[2])
            whole = [alone, f"Not encrypted. {alone}"] if section == "2.4" and name != "plain" else [alone]
            assert [len(line) for line in whole if len(line) > 90] == [], (name, whole)
            checked += 1
    assert checked > 50


def test_marks_of_the_source_have_three_words(lines: list[tuple[str, str, list[str]]]) -> None:
    marks = {cells[4] for section, _, cells in lines if section in {"2.3", "2.4"} and len(cells) > 5}
    assert "Encrypted, unopened" in marks
    assert [mark for mark in marks if not mark.startswith("(none") and len(mark.split()) > 3] == []


def test_the_source_is_whole_in_three_languages(lines: list[tuple[str, str, list[str]]]) -> None:
    english = {name: cells for section, name, cells in lines if section in {"2.3", "2.4", "2.5", "2.6"}}
    for section, name, cells in lines:
        if section != "2.10" or name not in english:
            continue
        # In 2.6 the line stands in the third cell as elsewhere.
        wanted = sorted(PLACE.findall(named(english[name][2])))
        for language in cells[1:3]:
            assert sorted(PLACE.findall(named(language))) == wanted, name
            assert "!" not in language, name
            assert "\N{FULLWIDTH EXCLAMATION MARK}" not in language, name
    told = {name for section, name, _ in lines if section == "2.10"}
    assert set(english) - told == set()


def test_no_string_of_the_source_shouts_or_promises(lines: list[tuple[str, str, list[str]]]) -> None:
    strings = [
        cell for section, _, cells in lines if section.startswith("2.") and section != "2.1" for cell in cells[2:4]
    ]
    assert [text for text in strings if NEVER.search(text)] == []


# ── and ours beside it ────────────────────────────────────────────────────────────────────────────────────────


def test_detail_lines_are_those_of_the_source(lines: list[tuple[str, str, list[str]]]) -> None:
    checked = 0
    for section, name, cells in lines:
        detail = f"{name}.detail"
        if section not in {"2.3", "2.4", "2.5"} or detail not in words.WORDS:
            continue
        text = named(cells[3]).replace(" One text for every cause.", "")
        # What can be done is a button in the page, unless the sentence needs the words.
        without = re.sub(r" ?\*[^*]+\*", "", text).strip()
        assert str(words.WORDS[detail]) in {without, text.replace("*", "")}, name
        checked += 1
    assert checked > 45


def test_notes_sources_and_marks_are_those_of_the_source(lines: list[tuple[str, str, list[str]]]) -> None:
    for section, name, cells in lines:
        if section == "2.6":
            assert str(words.WORDS[name]) == named(cells[2]), name
        elif section == "2.9":
            assert str(words.WORDS[name]) == named(cells[1]), name
        elif section in {"2.3", "2.4"} and f"{name}.mark" in words.WORDS:
            assert str(words.WORDS[f"{name}.mark"]) == cells[4], name


@pytest.mark.parametrize(("language", "column"), [("zh-hans", 1), ("de", 2)])
def test_marks_are_translated_as_in_the_source(tables: dict[str, list[list[str]]], language: str, column: int) -> None:
    text = SOURCE.read_text(encoding="utf-8").split("| mark | zh-Hans | de |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "---" not in line]
    translated = {row[0]: row[column] for row in rows if len(row) == 3}
    assert len(translated) == 14
    ours = [name for name in words.WORDS if name.startswith("mark-")]
    for name in ours:
        english = str(words.WORDS[name])
        with override(language):
            assert str(words.WORDS[name]) == translated[english], name


def test_only_what_holds_says_signed_by() -> None:
    allowed = re.compile(r"sig-good-|sig-from-differs|part-signed$|note-signers$")
    for name, text in words.WORDS.items():
        if re.search(r"signed by", str(text), re.IGNORECASE) and not allowed.match(name):
            # Of what the person sends themselves.
            assert "signed by you" in str(text) or "signed by them" in str(text), name
