"""Another day in a browser: pages and workers believe it; nothing of the product is changed or knows."""

from __future__ import annotations

import datetime

from playwright.sync_api import BrowserContext, Route

#: Everything but the time is the real Date; time goes on from the given moment.
SHIFT = """{
  const Real = Date;
  const shift = %d - Real.now();
  globalThis.Date = class Date extends Real {
    constructor(...given) { super(...(given.length > 0 ? given : [Real.now() + shift])); }
    static now() { return Real.now() + shift; }
    static [Symbol.hasInstance](value) { return value instanceof Real; }
  };
}
"""


def set_clock(context: BrowserContext, moment: str) -> None:
    """Before any page is opened. A worker gets it as the first lines of its script, from the network's side."""
    when = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    script = SHIFT % int(when.timestamp() * 1000)

    def worker(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=script + answer.text())

    context.add_init_script(script)
    context.route("**/crypto/worker.js", worker)
