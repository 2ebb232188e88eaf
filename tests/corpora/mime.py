"""Expected structures beside the messages, compared with what is shown: text, and the files that are listed."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from tests.corpora import Case
from tests.corpora.findings import Finding, unless
from tests.corpora.seen import Seen, bare
from tests.corpora.tree import differences


def structure(case: Case, seen: Seen) -> list[Finding]:
    beside = {path.name.removeprefix(case.path.stem): path for path in case.beside}
    if ".json" in beside:
        return stalwart(json.loads(beside[".json"].read_text()), seen)
    if "_decoded.xml" in beside:
        return [Finding("structure", words) for words in differences(beside["_decoded.xml"], seen.tree)][:1]
    return []


def stalwart(expected: dict[str, Any], seen: Seen) -> list[Finding]:
    """mail-parser's answer: which parts are the text. Of alternatives one is shown, as text or as HTML."""
    shown = bare(seen.everything)
    texts = _bodies(expected, "text_body", "Text")
    missing = [text for text in texts if not re.search(_pattern(text), shown)]
    pages = [_words(page) for page in _bodies(expected, "html_body", "Html")]
    if _has_alternatives(seen.tree) and (len(missing) < len(texts) or any(page in shown for page in pages)):
        return []
    return unless(not missing, seen, f"shows {missing[0].strip()[:80]!r}" if missing else "")


def _bodies(expected: dict[str, Any], which: str, kind: str) -> list[str]:
    bodies = [expected["parts"][at]["body"] for at in expected[which]]
    return [body[kind] for body in bodies if isinstance(body, dict) and bare(body.get(kind, ""))]


def _pattern(text: str) -> str:
    """Where mail-parser knows no charset, any letters may stand for each of its marks."""
    return "".join("." if letter == "\ufffd" else re.escape(letter) for letter in bare(text))


def _words(page: str) -> str:
    body = re.sub(r"(?is)<(head|style|title|script)\b.*?</\1>|<!--.*?-->|<[^>]*>", "", page)
    return bare(unescape(body))


def _has_alternatives(tree: dict[str, Any]) -> bool:
    return tree.get("type") == "multipart/alternative" or any(map(_has_alternatives, tree.get("parts", [])))
