"""Every sentence Postern says about protection, and the words of its buttons, by id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language

from webmail.words.composing import COMPOSING
from webmail.words.contacts import CONTACTS
from webmail.words.drafts import DRAFTS
from webmail.words.handing_over import HANDING_OVER
from webmail.words.keys import KEYS
from webmail.words.later import LATER
from webmail.words.letters import LETTERS
from webmail.words.outbox import OUTBOX
from webmail.words.protection import PROTECTION
from webmail.words.reading import READING
from webmail.words.sign_in import SIGN_IN
from webmail.words.ui import UI
from webmail.words.viewing import VIEWING
from webmail.words.writing import WRITING

#: What only the server says stays out of the page.
PAGE: Mapping[str, Promise | str] = (
    READING
    | PROTECTION
    | WRITING
    | DRAFTS
    | LETTERS
    | VIEWING
    | OUTBOX
    | HANDING_OVER
    | KEYS
    | CONTACTS
    | COMPOSING
    | LATER
    | UI
)
WORDS: Mapping[str, Promise | str] = {**PAGE, **SIGN_IN}


def say(word: str, **values: object) -> str:
    """The sentence in the person's language, filled in. An unknown id or a missing value is our mistake: KeyError."""
    return str(WORDS[word]).format_map(values)


def page_json() -> str:
    """The words that elements on the page may need, in the person's language, safe inside a script element."""
    return _page_json(get_language() or "en")


@lru_cache(maxsize=16)
def _page_json(language: str) -> str:
    # "<" could end the script element or open a comment in it; as \u003c it is the same to the JSON reader.
    return json.dumps(
        {name: str(text) for name, text in PAGE.items()}, ensure_ascii=False, separators=(",", ":")
    ).replace("<", "\\u003c")
