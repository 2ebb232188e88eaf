"""Template tags: a sentence by its id, and the words of the page as one data block."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

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
