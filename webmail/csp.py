"""Content security policies: of the pages, of the worker and of every other script file."""

from __future__ import annotations

from django.conf import settings

SELF = "'self'"
NONE = "'none'"

#: Every page. The import map's hash is added to script-src where one is written (templatetags/postern.py).
PAGE: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "require-trusted-types-for": ["'script'"],
    # All are taken as soon as the page's modules run. Mail is sanitised in its frame, which needs no name here.
    "trusted-types": ["worker-url", "pdf-worker-url", "default"],
    "worker-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "blob:", "data:"],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "manifest-src": [SELF],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}

#: Django's admin site brings scripts and styles of its own that know nothing of Trusted Types.
ADMIN: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}


def worker() -> str:
    """The crypto worker's own policy: it reaches no network and no page, and runs only what we serve (design D4)."""
    return (
        f"default-src 'none'; script-src {settings.SITE_URL}/static/ 'wasm-unsafe-eval'; connect-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def pdf_worker() -> str:
    """The worker that parses PDFs: it has no keys, and it too reaches no network and runs only the bundled library."""
    return (
        f"default-src 'none'; script-src {settings.SITE_URL}/static/ 'wasm-unsafe-eval'; connect-src 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


#: A script file opened as a document, or a worker started from a file that is none, may do nothing.
FILE = "default-src 'none'; frame-ancestors 'none'; sandbox"
