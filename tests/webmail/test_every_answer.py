"""Every address of the site, by everybody: the headers of each answer, and what each method may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import serializers
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import imap
from accounts.login import Login
from accounts.models import Account
from webmail.models import OutboxMessage

from .mailbox_people import browser, message, put
from .posting import Post, letter

pytestmark = pytest.mark.django_db

#: What each address answers to. A new address fails here until somebody says who may do what with it.
METHODS = {
    "webmail:home": "GET HEAD",
    "webmail:mailboxes": "GET",
    "webmail:mailbox": "GET HEAD",
    "webmail:act": "POST",
    "webmail:settings": "GET HEAD POST",
    "webmail:undo_seconds": "POST",
    "webmail:away": "POST",
    "webmail:writing": "GET",
    "webmail:language": "GET HEAD POST PUT PATCH DELETE",  # Django's own: only POST does anything
    "webmail:compose": "GET",
    "webmail:people": "POST",
    "webmail:contacts": "GET",
    "webmail:draft_save": "POST",
    "webmail:draft_discard": "POST",
    "webmail:frame_blocked": "GET",
    "webmail:picture": "POST",
    "webmail:message": "GET",
    "webmail:outline": "GET",
    "webmail:raw": "GET",
    "webmail:source": "GET",
    "webmail:part": "GET",
    "webmail:send": "POST",
    "webmail:send_limit": "POST",
    "webmail:outbox": "GET",
    "webmail:outbox_row": "GET",
    "webmail:outbox_told": "GET",
    "webmail:outbox_copy": "GET",
    "webmail:outbox_undo": "POST",
    "webmail:outbox_move": "POST",
    "webmail:outbox_here": "POST",
    "webmail:outbox_act": "POST",
    "accounts:sign_in": "GET POST",
    "accounts:found": "POST",
    "accounts:sign_out": "POST",
    "keys:own_keys": "GET",
    "keys:set_up": "GET",
    "keys:ring": "GET PUT",
    "keys:state": "GET PUT",
    "keys:stay": "POST",
    "keys:certificates": "PUT",
    "keys:recipients": "POST",
}
PUBLIC = {"accounts:sign_in", "accounts:found", "accounts:sign_out", "webmail:language", "webmail:frame_blocked"}
#: Somebody else's bytes: no browser may make a page of ours of them.
FOREIGN = {"webmail:outline", "webmail:raw", "webmail:source", "webmail:part", "webmail:outbox_copy"}
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MARKER = "the zebrafinch sings"


def patterns(resolver: URLResolver | None = None, before: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    """`namespace:name` and route of every address."""
    for each in (resolver or get_resolver()).url_patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLPattern):
            yield f"{namespace}{each.name}", route
        else:
            yield from patterns(each, route, f"{each.namespace}:" if each.namespace else namespace)


OURS = [name for name, _ in patterns() if not name.startswith("admin:")]
#: Its 404 and its list of one application are no plain routes; "view on site" is for models with an address.
ADMIN = [
    "/" + re.sub("<[^>]+>", "1", route)
    for name, route in patterns()
    if name.startswith("admin:") and "(" not in route and name != "admin:view_on_site"
]


@dataclass
class Cast:
    alice: Client
    account: Account
    bob: Client
    bobs: Account
    row: OutboxMessage
    uidvalidity: int

    def url(self, name: str) -> str:
        """The address with what belongs to Alice in it."""
        route = dict(patterns())[name]
        given: dict[str, dict[str, Any]] = {
            "webmail:mailbox": {"mailbox": "INBOX"},
            "webmail:act": {"mailbox": "INBOX"},
            "webmail:outbox_act": {"row": self.row.pk, "act": "cancel"},
            "keys:state": {"kind": "pins", "name": "pins"},
        }
        if name in {"webmail:message", "webmail:outline", "webmail:raw", "webmail:source", "webmail:part"}:
            given[name] = {"mailbox": "INBOX", "uidvalidity": self.uidvalidity, "uid": 1}
            if name == "webmail:part":
                given[name]["section"] = "1"
        if name in {
            "webmail:outbox_row",
            "webmail:outbox_told",
            "webmail:outbox_copy",
            "webmail:outbox_undo",
            "webmail:outbox_move",
            "webmail:outbox_here",
        }:
            given[name] = {"row": self.row.pk}
        assert name in given or "<" not in route, f"{name} wants arguments"
        return reverse(name, kwargs=given.get(name))


@pytest.fixture
def cast(embedded_mail: Any) -> Iterator[Cast]:
    logins = [_login(embedded_mail, name) for name in ("person280", "person281")]
    (alice, account), (bob, bobs) = (browser(login) for login in logins)
    put(logins[0], message(f"Zebrafinch {MARKER}", text=MARKER))
    with imap.connect(logins[0], fresh=True) as server:
        uidvalidity = server.select("INBOX", readonly=True).uidvalidity
    recipients = ["dana@example.test"]
    key = "<zebrafinch@example.test>"
    post = Post(account.address, recipients, message_id=key)
    post.parts = {"bytes-0": letter(account.address, recipients[0], key, MARKER)}
    yield Cast(alice, account, bob, bobs, post.row(alice), uidvalidity)
    for each in (account, bobs):
        imap.close_account(each.pk)


def _login(server: Any, name: str) -> Login:
    smtp = imap.Endpoint("127.0.0.1", server.ports.smtp, "plain")
    return Login(0, imap.Endpoint("127.0.0.1", server.ports.imap, "plain"), smtp, f"{name}@example.test", f"{name}-pw")


def ask(client: Client, method: str, url: str, **headers: str) -> HttpResponseBase:
    body = {} if method in {"GET", "HEAD"} else {"data": b"{}", "content_type": "application/json"}
    return client.generic(method, url, **body, headers=headers)  # type: ignore[arg-type]


def policy(answer: HttpResponseBase) -> dict[str, list[str]]:
    directives = (each.split() for each in answer["Content-Security-Policy"].split(";") if each.strip())
    return {name: values for name, *values in directives}


def guarded(answer: HttpResponseBase, where: str) -> None:
    """What every answer has, whatever it is."""
    assert answer["X-Content-Type-Options"] == "nosniff", where
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin", where
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert answer["Cross-Origin-Embedder-Policy"] == "require-corp", where
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
    assert "no-store" in answer["Cache-Control"], where
    assert answer["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}, where
    assert "camera=()" in answer["Permissions-Policy"], where
    assert answer["X-DNS-Prefetch-Control"] == "off", where
    said = policy(answer)
    assert said["default-src"] == ["'none'"], where
    assert "'unsafe-eval'" not in answer["Content-Security-Policy"], where
    assert "*" not in {value for values in said.values() for value in values}, where
    assert not any("unsafe-inline" in value for value in said.get("script-src", [])), where


def as_page(answer: HttpResponseBase, where: str) -> None:
    said = policy(answer)
    assert said["require-trusted-types-for"] == ["'script'"], where
    assert set(said["trusted-types"]) == {"worker-url", "pdf-worker-url", "default"}, where
    assert said["base-uri"] == said["frame-ancestors"] == ["'none'"], where
    assert said["form-action"] == said["connect-src"] == said["worker-src"] == said["style-src"] == ["'self'"], where
    assert len(said["script-src"]) == 2 and said["script-src"][0] == "'self'", where
    assert said["script-src"][1].startswith("'sha256-"), where
    assert answer["X-Frame-Options"] == "DENY", where


def fits(name: str, answer: HttpResponseBase, where: str) -> None:
    guarded(answer, where)
    if name == "webmail:frame_blocked" and answer.status_code == 200:
        said = policy(answer)
        assert "script-src" not in said and "connect-src" not in said
        assert said["img-src"] == ["data:", "blob:"] and said["frame-ancestors"] == ["'self'"]
        assert said["sandbox"] == ["allow-same-origin", "allow-popups", "allow-popups-to-escape-sandbox"]
        assert said["form-action"] == said["base-uri"] == ["'none'"]
    elif name in FOREIGN and answer.status_code == 200:
        assert policy(answer)["sandbox"] == [] and "script-src" not in policy(answer), where
        assert answer["Content-Type"].split(";")[0] in {"application/octet-stream", "text/plain"}, where
    else:
        as_page(answer, where)


def test_every_address_is_listed() -> None:
    assert set(METHODS) == set(OURS)


def test_every_answer_is_guarded(cast: Cast) -> None:
    """Alice herself, Bob at Alice's addresses, a stranger without a session: whatever the answer is."""
    found: dict[str, int] = {}
    for name in OURS:
        for who, client in (("anonymous", Client()), ("bob", cast.bob), ("alice", cast.alice)):
            for method in ALL_METHODS:
                if name == "accounts:sign_out" and method == "POST":
                    continue
                answer = ask(client, method, cast.url(name))
                assert answer.status_code < 500, f"{who} {method} {name}: {answer.status_code}"
                fits(name, answer, f"{who} {method} {name}: {answer.status_code}")
                found[f"{who} {method} {name}"] = answer.status_code
    for name in OURS:
        if "GET" in METHODS[name]:
            fine = {200, 302} if name in {"webmail:home", "webmail:language", "accounts:sign_in"} else {200}
            if name in {"keys:ring", "keys:state"}:
                fine = {204}  # Alice has none yet
            if name != "webmail:outbox_copy":
                assert found[f"alice GET {name}"] in fine, (name, found[f"alice GET {name}"])


@pytest.mark.parametrize("path", ["/nothing/", "/mailbox/INBOX/0/0/", "/mailbox/~2/", "/keys/nothing/", "/static/x.js"])
def test_what_is_not_there_is_guarded(cast: Cast, path: str) -> None:
    for client in (Client(), cast.alice):
        answer = client.get(path)
        assert answer.status_code in {302, 404, 409}
        guarded(answer, path)
        as_page(answer, path)


def test_our_own_mistake_is_guarded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: object) -> None:
        raise RuntimeError(MARKER)

    monkeypatch.setattr("accounts.credentials.login_for", broken)
    cast.alice.raise_request_exception = False
    answer = cast.alice.get("/mailbox/INBOX/")
    assert answer.status_code == 500
    guarded(answer, "500")
    as_page(answer, "500")
    assert MARKER.encode() not in answer.content


def test_static_files_are_guarded() -> None:
    for name in ("crypto/worker.js", "elements/page.js", "css/tokens.css", "img/favicon.svg"):
        answer = Client().get(settings.STATIC_URL + name)
        assert answer.status_code == 200
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert policy(answer)["default-src"] == ["'none'"]
        assert "'unsafe-eval'" not in answer["Content-Security-Policy"]


def test_each_address_refuses_other_methods(cast: Cast) -> None:
    for name, allowed in METHODS.items():
        for method in ALL_METHODS:
            if method not in allowed.split():
                answer = ask(cast.alice, method, cast.url(name))
                assert answer.status_code == 405, f"{method} {name}: {answer.status_code}"


def test_looking_changes_nothing(cast: Cast) -> None:
    before = everything()
    for name in OURS:
        for method in ("GET", "HEAD"):
            ask(cast.alice, method, cast.url(name))
    assert everything() == before


def everything() -> dict[str, str]:
    """All rows of all tables, but for the session's own notes of when it was seen."""
    models = [model for model in apps.get_models() if model._meta.label not in {"sessions.Session"}]
    return {model._meta.label: serializers.serialize("json", model._default_manager.order_by("pk")) for model in models}


def test_nothing_is_done_without_the_token(cast: Cast) -> None:
    before = everything()
    for who in (cast.alice, Client()):
        strict = Client(enforce_csrf_checks=True)
        strict.cookies.update(who.cookies)
        for name in OURS:
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                if method not in METHODS[name].split():
                    continue
                answer = ask(strict, method, cast.url(name))
                assert answer.status_code == 403, f"{method} {name}: {answer.status_code}"
                as_page(answer, name)
    assert everything() == before


def test_a_token_from_elsewhere_does_not_help(cast: Cast) -> None:
    """With the right token, but sent by another site's page: the browser says so in Origin."""
    page = cast.alice.get("/settings/")
    token = cast.alice.cookies[settings.CSRF_COOKIE_NAME].value
    assert page.status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(cast.alice.cookies)
    for origin, status in (("https://evil.example", 403), ("null", 403), ("http://testserver", 302)):
        answer = strict.post("/settings/", {"name": "Alice"}, headers={"Origin": origin, "X-CSRFToken": token})
        assert answer.status_code == status, origin


def test_a_stranger_comes_to_the_door(cast: Cast) -> None:
    for name in OURS:
        if name in PUBLIC:
            continue
        for method in METHODS[name].split():
            url = cast.url(name)
            plain = ask(Client(), method, url)
            assert plain.status_code == 302 and plain["Location"].startswith("/sign-in/"), f"{method} {name}"
            script = ask(Client(), method, url, **{"Sec-Fetch-Mode": "cors"})
            assert script.status_code == 401, f"{method} {name}"
            htmx = ask(Client(), method, url, **{"HX-Request": "true"})
            assert htmx.status_code == 401 and htmx["HX-Redirect"].startswith("/sign-in/"), f"{method} {name}"
            for answer in (plain, script, htmx):
                assert MARKER.encode() not in answer.content  # type: ignore[attr-defined]


def test_bob_finds_nothing_of_alices(cast: Cast) -> None:
    for name in OURS:
        for method in METHODS[name].split():
            if name == "accounts:sign_out":
                continue
            answer = ask(cast.bob, method, cast.url(name))
            shown = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
            where = f"{method} {name}: {answer.status_code}"
            assert MARKER.encode() not in shown and cast.account.address.encode() not in shown, where
            if "outbox_" in name:
                assert answer.status_code == 404, where
            if name in {"webmail:message", "webmail:outline", "webmail:raw", "webmail:source", "webmail:part"}:
                assert answer.status_code in {404, 409}, where


@pytest.mark.parametrize("who", ["anonymous", "alice", "administrator"])
def test_the_admin_site_is_guarded_and_closed(cast: Cast, who: str) -> None:
    client = {"anonymous": Client(), "alice": cast.alice}.get(who) or Client()
    if who == "administrator":
        backend = "django.contrib.auth.backends.ModelBackend"
        client.force_login(get_user_model().objects.create_superuser("admin", password="x" * 20), backend=backend)
    assert len(ADMIN) > 50
    for url in [*ADMIN, "/admin/accounts/", "/admin/nothing/"]:
        answer = client.get(url)
        assert answer.status_code < 500, url
        guarded(answer, url)
        said = policy(answer)
        assert said["script-src"] == said["style-src"] == ["'self'"], url
        assert said["frame-ancestors"] == said["base-uri"] == ["'none'"], url
        if who != "administrator":
            assert answer.status_code in {302, 404} or url in {"/admin/login/", "/admin/logout/"}, url
        assert answer.streaming or MARKER.encode() not in answer.content, url
