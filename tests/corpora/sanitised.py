"""What must never be left of a letter in its frame: judged by a list of its own, not by the sanitiser's."""

from __future__ import annotations

from typing import Any

ALLOWED_ATTRIBUTES = {
    "abbr", "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "cite", "color", "colspan", "datetime",
    "dir", "face", "headers", "height", "href", "lang", "nowrap", "rel", "reversed", "rowspan", "scope", "size", "span",
    "src", "start", "style", "target", "title", "type", "valign", "value", "width",
}  # fmt: skip
LOADING_TAGS = {
    "script", "style", "link", "meta", "base", "iframe", "object", "embed", "svg", "math", "form", "input", "button",
    "video", "audio", "source", "picture", "template", "dialog", "body", "html", "head", "frameset", "frame",
}  # fmt: skip


def left(frame: dict[str, Any]) -> list[str]:
    """What has no business in it, in words."""
    found = [f"<{tag}>" for tag in frame["tags"] if tag in LOADING_TAGS or "-" in tag or ":" in tag]
    found += [f"the attribute {name}" for name in frame["attributes"] if name not in ALLOWED_ATTRIBUTES]
    found += [f"a source {source}" for source in frame["sources"] if not source.startswith(("data:image/", "blob:"))]
    schemes = [link["protocol"] if isinstance(link, dict) else link for link in frame["links"]]
    found += [f"a link by {scheme}" for scheme in schemes if scheme not in ("http:", "https:", "mailto:")]
    if frame["place"] != "/frame/blocked/":
        found.append(f"led to {frame['place']}")
    return found
