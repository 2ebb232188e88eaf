"""Template tags: a sentence by its id, and the words of the page as one data block."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from webmail import words

register = template.Library()


@register.simple_tag
def word(name: str, **values: object) -> str:
    """`{% word "sig-good-first" address=message.sender %}`"""
    return words.say(name, **values)


@register.simple_tag
def words_script() -> SafeString:
    """The words for static/elements/words.js. Type application/json makes it data: it never runs."""
    return mark_safe(f'<script type="application/json" id="words">{words.page_json()}</script>')  # noqa: S308  ("<" is escaped in it)


@register.simple_tag
def still(name: str) -> SafeString:
    """`{% still "webmail/_shortcuts.html" %}`: a template that needs no context, rendered once for each language.

    The list of keys and the help for searches are a third of the page's words; nobody waits for them each time.
    """
    return _still(name, get_language() or "en")


@lru_cache(maxsize=64)
def _still(name: str, language: str) -> SafeString:
    return mark_safe(render_to_string(name))  # noqa: S308  (a template's output; no value of anybody's is in it)
