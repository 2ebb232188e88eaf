"""A page under axe-core: nothing to find, and never wider than its window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text("utf-8")
WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1440}
#: Of all rules only this one can come out differently in another colour scheme.
COLOURS = ["color-contrast"]
RUN = """async (rules) => {
  // What floats in or fades would be judged half-way; what turns for ever has no end to go to.
  for (const each of document.getAnimations()) {
    if (each.effect.getComputedTiming().endTime === Infinity) each.cancel();
    else each.finish();
  }
  const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
  return (await axe.run(document, { resultTypes: ["violations"], ...only })).violations;
}"""


def clean(page: Page, where: str, rules: list[str] | None = None) -> None:
    """axe-core finds nothing in the page as it stands; with `rules`, nothing against those."""
    if not page.evaluate("'axe' in window"):
        # The policy allows no such script; evaluate() goes past it, as a debugger does.
        page.evaluate(AXE)
    found = page.evaluate(RUN, rules)
    told = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    assert told == [], where
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where


def clean_everywhere(page: Page, where: str, *names: str) -> None:
    """The same at desktop and phone width (or those named), light and dark; the page is as before afterwards."""
    before: Any = page.viewport_size
    for name in names or ("desktop", "phone"):
        page.set_viewport_size({"width": WIDTHS[name], "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            clean(page, f"{where}, {name}, {scheme}", COLOURS if scheme == "dark" else None)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)
