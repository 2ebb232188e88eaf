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


def test_first_lines_are_those_of_the_source(tables: dict[str, list[list[str]]]) -> None:
    checked = 0
    for name, text in words.WORDS.items():
        # Rows of three cells are translations; a few sentences stand in the prose between the tables.
        cells = [named(cell) for row in tables.get(name, []) if len(row) > 3 for cell in row]
        if cells:
            assert str(text) in cells, name
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
