"""Compiles the catalogs: locale/*/LC_MESSAGES/django.po to django.mo, in Python alone.

    python scripts/messages.py           compile what is older than its source
    python scripts/messages.py --check   also tell what is wrong with them: doubled, unknown or broken translations

A catalog holds what has a translation; what is missing is shown in English. `manage.py makemessages` (with GNU gettext)
adds what is new in the code.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
PLACEHOLDER = re.compile(r"\{\w+\}|%\(\w+\)[sd]|%[sd%]")
CONTEXT, PLURAL = "\x04", "\x00"


def read(path: Path) -> dict[str, str]:
    """msgid (with context and plural as in the binary form) → msgstr. Raises ValueError naming line and reason."""
    entries: dict[str, str] = {}
    fields: dict[str, str] = {}
    name = ""
    fuzzy = False

    def close(line: int) -> None:
        nonlocal fuzzy
        if "msgid" in fields:
            key = f"{fields['msgctxt']}{CONTEXT}" if "msgctxt" in fields else ""
            key += fields["msgid"] + (PLURAL + fields["msgid_plural"] if "msgid_plural" in fields else "")
            forms = [fields[form] for form in sorted(fields) if form.startswith("msgstr")]
            if key in entries:
                raise ValueError(f"{path}:{line}: {fields['msgid']!r} stands twice")
            if all(forms) and not (fuzzy and key):
                entries[key] = PLURAL.join(forms)
        fields.clear()
        fuzzy = False

    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        text = line.strip()
        if text.startswith("#"):
            if "msgstr" in " ".join(fields):
                close(number)
            fuzzy = fuzzy or (text.startswith("#,") and "fuzzy" in text)
        elif not text:
            close(number)
        elif text.startswith('"'):
            fields[name] += ast.literal_eval(text)
        else:
            name, _, value = text.partition(" ")
            if name in {"msgid", "msgctxt"} and any(field.startswith("msgstr") for field in fields):
                close(number)
            fields[name] = ast.literal_eval(value.strip())
    return entries


def write(path: Path, entries: dict[str, str]) -> None:
    """The binary form that Python's gettext reads: a header, two sorted tables of lengths and offsets, the strings."""
    ids = sorted(entries, key=lambda key: key.encode())
    keys = [key.encode() for key in ids]
    values = [entries[key].encode() for key in ids]
    start = 28 + 16 * len(ids)
    tables, data = b"", b""
    for group in (keys, values):
        for text in group:
            tables += struct.pack("<II", len(text), start + len(data))
            data += text + b"\0"
    path.write_bytes(struct.pack("<7I", 0x950412DE, 0, len(ids), 28, 28 + 8 * len(ids), 0, start) + tables + data)


def faults(entries: dict[str, str]) -> list[str]:
    """Translations that would lose or invent a placeholder, or that shout."""
    found = []
    for key, text in entries.items():
        source = key.rpartition(CONTEXT)[2].split(PLURAL)
        if not source[0]:
            continue
        wanted = sorted(set(PLACEHOLDER.findall(source[-1])))
        for form in text.split(PLURAL):
            if len(source) == 1 and sorted(set(PLACEHOLDER.findall(form))) != wanted:
                found.append(f"placeholders differ: {source[0]!r}")
            if "!" in form or "！" in form:
                found.append(f"an exclamation mark: {form!r}")
    return found


def main(check: bool) -> int:
    trouble = []
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        entries = read(source)
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            write(target, entries)
        if check:
            trouble += [f"{source.relative_to(LOCALE.parent)}: {fault}" for fault in faults(entries)]
    for line in trouble:
        print(line, file=sys.stderr)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
