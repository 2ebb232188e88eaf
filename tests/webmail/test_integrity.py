"""A site compared from outside with the published list of its code: the same passes, each change is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from webmail import manifest
from webmail.manifest import Answer

pytestmark = pytest.mark.django_db

Change = Callable[[Answer], Answer]


def compared(path: str = "", change: Change = lambda answer: answer) -> list[str]:
    """The differences of our own site where `change` is done to what it answers at `path`."""
    client = Client()

    def fetch(asked: str) -> Answer:
        answer = client.get(asked)
        body = b"".join(answer) if answer.streaming else answer.content
        got = Answer(answer.status_code, {name.lower(): value for name, value in answer.items()}, body)
        return change(got) if asked == path else got

    return manifest.differences(fetch, manifest.made())


def body(old: bytes, new: bytes) -> Change:
    def change(answer: Answer) -> Answer:
        assert old in answer.body
        return replace(answer, body=answer.body.replace(old, new, 1))

    return change


def policy(old: str, new: str) -> Change:
    def change(answer: Answer) -> Answer:
        said = answer.headers["content-security-policy"]
        assert old in said
        return replace(answer, headers={**answer.headers, "content-security-policy": said.replace(old, new, 1)})

    return change


def test_the_committed_list_is_that_of_the_files() -> None:
    assert manifest.FILE.read_text() == manifest.made()


def test_the_site_as_it_is_passes() -> None:
    assert compared() == []


@pytest.mark.parametrize(
    ("path", "change", "named"),
    [
        ("worker", body(b"import", b" import"), "crypto/worker.js has other bytes"),
        ("worker", policy("connect-src 'none'", "connect-src *"), "worker's policy"),
        ("worker", lambda answer: replace(answer, status=404), "answered 404"),
        ("door", body(b"</head>", b"<script>1</script></head>"), "script of its own"),
        ("door", body(b"</head>", b'<script src="https://evil.example/x.js"></script></head>'), "evil.example"),
        ("door", body(b'"integrity":{', b'"integrity":{"x":"y",'), "import map"),
        ("door", body(b'<script type="module" src="', b'<script type="module" src="/'), "not pinned"),
        ("door", policy("script-src 'self'", "script-src 'self' 'unsafe-inline'"), "other scripts"),
    ],
)
def test_each_change_is_named(path: str, change: Change, named: str) -> None:
    where = {"worker": f"{settings.STATIC_URL}crypto/worker.js", "door": "/sign-in/"}[path]
    found = compared(where, change)
    assert any(named in sentence for sentence in found), found
