"""Template tags: addresses of static files, their integrity, and drawings."""

from __future__ import annotations

from functools import cache

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from webmail import staticfiles

register = template.Library()


@register.simple_tag
def asset(name: str) -> str:
    """`/static/<build>/css/postern.css`"""
    return f"{settings.STATIC_URL}{name}"


@register.simple_tag
def import_map() -> SafeString:
    """The import map with every module's integrity; its own hash stands in script-src (settings)."""
    text = staticfiles.import_map(settings.BASE_DIR / "static", settings.STATIC_URL)
    return mark_safe(f'<script type="importmap">{text}</script>')  # noqa: S308  (our own file names and hashes)


@register.simple_tag
def module(name: str) -> SafeString:
    """A module script with its integrity: `{% module "elements/page.js" %}`."""
    return format_html(
        '<script type="module" src="{}" integrity="{}"></script>',
        asset(name),
        staticfiles.integrity(settings.BASE_DIR / "static" / name),
    )


@register.simple_tag(takes_context=True)
def preload(context: Context, name: str) -> SafeString:
    """Links to all that a module needs: found only by reading each file in turn, they cost a round trip per level.

    They stand after the import map, which some browsers drop once modules are on their way. A page that htmx takes a
    part of has its modules already.
    """
    if "HX-Request" in context["request"].headers:
        return SafeString()
    return _preload(name)


@cache
def _preload(name: str) -> SafeString:
    folder = settings.BASE_DIR / "static"
    return format_html_join(
        "",
        '<link rel="modulepreload" href="{}" integrity="{}">',
        ((asset(each), staticfiles.integrity(folder / each)) for each in staticfiles.imports(folder, name)),
    )


@register.simple_tag
@cache
def icon(name: str, extra: str = "") -> SafeString:
    """A drawing from the sprite; words beside it say what it means."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" {extra}" if extra else "",
        asset("img/icons.svg"),
        name,
    )
