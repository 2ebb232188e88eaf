"""The catalogs: locale/*/LC_MESSAGES/django.po, collected from the code and compiled to django.mo, in Python alone.

    python scripts/messages.py             compile what is older than its source
    python scripts/messages.py --check     also tell what is wrong with them: missing, fuzzy, unused or broken entries
    python scripts/messages.py --collect   first bring the catalogs up to the code: new texts come in untranslated at
                                           their place in the alphabet, those no longer used go

A catalog compiles to what has a translation; what is missing would be shown in English, so the check refuses it.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
CODE = ("accounts", "keys", "portal", "webmail", "templates")
PLACEHOLDER = re.compile(r"\{\w+\}|%\(\w+\)[sd]|%[sd%]")
CONTEXT, PLURAL = "\x04", "\x00"

#: How gettext is called, under the names that Django gives it, and where its context, text and plural stand.
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("text",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("text", "plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "text")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "text", "plural")),
}
#: What Django makes of a template: its texts as calls, all else blanked out.
IN_TEMPLATE = re.compile(r"(?<![\w.])(?:n?p?gettext|_)\(")


class Entry(NamedTuple):
    """One text and its translations; `context` and `plural` are "" where it has none."""

    context: str
    text: str
    plural: str
    forms: tuple[str, ...]
    fuzzy: bool = False

    @property
    def key(self) -> str:
        return key(self.context, self.text, self.plural)

    @property
    def done(self) -> bool:
        return all(self.forms) and not (self.fuzzy and self.text)


def key(context: str, text: str, plural: str) -> str:
    """A text as the binary form names it, and everything here."""
    return (context + CONTEXT if context else "") + text + (PLURAL + plural if plural else "")


def parts(of: str) -> tuple[str, str, str]:
    """Context, text and plural of a key."""
    context, _mark, rest = of.rpartition(CONTEXT)
    text, _mark, plural = rest.partition(PLURAL)
    return context, text, plural


def by_alphabet(of: str) -> tuple[str, str]:
    return parts(of)[1].casefold(), of


def entries_of(path: Path) -> list[Entry]:
    """What stands in a catalog. Raises ValueError naming line and reason."""
    entries: dict[str, Entry] = {}
    fields: dict[str, str] = {}
    name = ""
    fuzzy = False

    def close(line: int) -> None:
        nonlocal fuzzy
        if "msgid" in fields:
            entry = Entry(
                fields.get("msgctxt", ""),
                fields["msgid"],
                fields.get("msgid_plural", ""),
                tuple(fields[form] for form in sorted(fields) if form.startswith("msgstr")),
                fuzzy,
            )
            if entry.key in entries:
                raise ValueError(f"{path}:{line}: {entry.text!r} stands twice")
            entries[entry.key] = entry
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
    return list(entries.values())


def read(path: Path) -> dict[str, str]:
    """msgid (with context and plural as in the binary form) → msgstr, of what is translated."""
    return {entry.key: PLURAL.join(entry.forms) for entry in entries_of(path) if entry.done}


def write(path: Path, entries: dict[str, str]) -> None:
    """The binary form that Python's gettext reads: a header, two sorted tables of lengths and offsets, the strings."""
    ids = sorted(entries, key=lambda text: text.encode())
    start = 28 + 16 * len(ids)
    tables, data = b"", b""
    for group in ([text.encode() for text in ids], [entries[text].encode() for text in ids]):
        for piece in group:
            tables += struct.pack("<II", len(piece), start + len(data))
            data += piece + b"\0"
    path.write_bytes(struct.pack("<7I", 0x950412DE, 0, len(ids), 28, 28 + 8 * len(ids), 0, start) + tables + data)


def faults(entries: dict[str, str]) -> list[str]:
    """Translations that would lose or invent a placeholder, or that shout."""
    found = []
    for of, text in entries.items():
        _context, one, many = parts(of)
        if not one:
            continue
        wanted = sorted(set(PLACEHOLDER.findall(many or one)))
        forms = text.split(PLURAL)
        for number, form in enumerate(forms, 1):
            has = sorted(set(PLACEHOLDER.findall(form)))
            # "Deleted." is a singular without its number; the form for many, which stands last, says it.
            if has != wanted and not (many and number < len(forms) and set(has) <= set(wanted)):
                found.append(f"placeholders differ: {one!r}")
            if "!" in form or "！" in form:
                found.append(f"an exclamation mark: {form!r}")
    return found


def gaps(entries: list[Entry], wanted: dict[str, str]) -> list[str]:
    """What the code shows and the catalog lacks, and what the catalog holds for nobody."""
    header = next((entry.forms[0] for entry in entries if not entry.text), "")
    plurals = re.search(r"nplurals=(\d+)", header)
    found = [] if plurals else ["no Plural-Forms"]
    known = {entry.key: entry for entry in entries if entry.text}
    for of, place in sorted(wanted.items()):
        entry = known.get(of)
        if entry is None or not all(entry.forms):
            found.append(f"not translated: {parts(of)[1]!r} ({place})")
        elif entry.fuzzy:
            found.append(f"fuzzy: {parts(of)[1]!r} ({place})")
        elif plurals and len(entry.forms) != (int(plurals[1]) if entry.plural else 1):
            found.append(f"number of plural forms: {parts(of)[1]!r} ({place})")
    return found + [f"no longer used: {entry.text!r}" for of, entry in known.items() if of not in wanted]


def used() -> dict[str, str]:
    """Every text the code shows, with the first place that does. Raises ValueError where a text is not a literal."""
    found: dict[str, str] = {}
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"}:
                for of in _texts(path):
                    found.setdefault(of, str(path.relative_to(ROOT)))
    return found


def _texts(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _calls(ast.parse(source, str(path)), path)
        return
    # Only the check needs Django.
    from django.utils.translation.template import templatize

    code = templatize(source)
    for start in IN_TEMPLATE.finditer(code):
        yield from _calls(_first_call(code[start.start() :], path), path)


def _first_call(code: str, path: Path) -> ast.AST:
    """The shortest beginning that is an expression: the call up to its own closing bracket."""
    for end in re.finditer(r"\)", code):
        try:
            return ast.parse(code[: end.end()], str(path), "eval")
        except SyntaxError:
            continue
    raise ValueError(f"{path}: {code[:60]!r} does not end")


def _calls(tree: ast.AST, path: Path) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS or not node.args:
            continue
        texts: dict[str, str] = {}
        for role, argument in zip(CALLS[name], node.args, strict=False):
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                raise ValueError(f"{path}:{node.lineno}: {name} takes a literal, or nobody can translate it")
            texts[role] = argument.value
        yield key(texts.get("context", ""), texts["text"], texts.get("plural", ""))


def collect(path: Path, wanted: dict[str, str]) -> None:
    """Writes the catalog anew: its head, then every text of the code by the alphabet, with the translations it had."""
    entries = entries_of(path)
    known = {entry.key: entry for entry in entries if entry.text}
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    blocks = [head]
    for of in sorted(wanted, key=by_alphabet):
        context, text, plural = parts(of)
        entry = known.get(of) or Entry(context, text, plural, ("",))
        lines = [f"#, {'fuzzy, ' * entry.fuzzy}python-format"] if "%(" in text + plural else ["#, fuzzy"] * entry.fuzzy
        lines += [f"msgctxt {_quoted(context)}"] if context else []
        lines += [f"msgid {_quoted(text)}"]
        lines += [f"msgid_plural {_quoted(plural)}"] if plural else []
        lines += [f"msgstr{f'[{n}]' if plural else ''} {_quoted(form)}" for n, form in enumerate(entry.forms)]
        blocks.append("\n".join(lines))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(check: bool, gather: bool = False) -> int:
    trouble = []
    wanted = used() if check or gather else {}
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        if gather:
            collect(source, wanted)
        target = source.with_suffix(".mo")
        entries = read(source)
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            write(target, entries)
        if check:
            said = faults(entries) + gaps(entries_of(source), wanted)
            trouble += [f"{source.relative_to(ROOT)}: {fault}" for fault in said]
    for line in trouble:
        print(line, file=sys.stderr)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:], "--collect" in sys.argv[1:]))
