"""Signing in by the person's own server. Each refusal has its own sentence."""

from __future__ import annotations

import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts.models import Account, Credential, Domain, Person
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.scripted import Scripted

from . import people

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/"


@pytest.fixture(autouse=True)
def _trust(authority: Authority, settings: object) -> Iterator[None]:
    settings.MAIL_CA_FILE = str(authority.file)  # type: ignore[attr-defined]
    settings.ONLY_LISTED_DOMAINS = False  # type: ignore[attr-defined]
    cache.clear()
    yield


@pytest.fixture
def scripted(authority: Authority) -> Iterator[Callable[..., Scripted]]:
    servers: list[Scripted] = []

    def start(says: bytes, **more: object) -> Scripted:
        """A server that answers every try to sign in with `says`."""
        servers.append(Scripted(authority.issue("scripted", "localhost"), verdict=says, **more))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def judge(authority: Authority) -> Iterator[Scripted]:
    """Lets <name>@example.test in with <name>-pw. Dovecot answers later after each failure, which no test waits for."""
    server = Scripted(authority.issue("judge", "localhost"), verdict=None)
    yield server
    server.close()


def listed(port: int, **changes: object) -> Domain:
    """example.test, listed by the administrator with a server on this machine."""
    servers = {"imap_host": "localhost", "imap_port": port, "smtp_host": "localhost", "smtp_port": 465}
    return Domain.objects.create(name="example.test", **(servers | changes))


def knock(client: Client, address: str = "alice@example.test", password: str = "alice-pw", **more: str) -> HttpResponse:
    return client.post(SIGN_IN, {"address": address, "password": password} | more)  # type: ignore[return-value]


def sentence(response: HttpResponse) -> str | None:
    found = re.search(r'role="alert" data-word="([a-z-]+)"', response.content.decode())
    return found[1] if found else None


# --- coming in ---


def test_alice_signs_in_with_her_mail_password(dovecot: Dovecot) -> None:
    listed(dovecot.imaps_port)
    client = Client()
    before = client.get(SIGN_IN)
    assert before.status_code == 200
    client.session.save()
    response = knock(client)
    assert (response.status_code, response["Location"]) == (302, "/")
    account = Account.objects.get(address="alice@example.test")
    assert account.person.username == "alice@example.test"
    assert not account.person.has_usable_password()
    assert (account.imap_host, account.imap_port, account.login) == (
        "localhost",
        dovecot.imaps_port,
        "alice@example.test",
    )


def test_the_address_is_the_same_person_in_any_case(judge: Scripted) -> None:
    listed(judge.port)
    assert knock(Client(), "Alice@Example.TEST").status_code == 302
    assert knock(Client(), "alice@example.test").status_code == 302
    assert Person.objects.count() == Account.objects.count() == 1


def test_the_sign_in_name_may_be_the_local_part(scripted: Callable[..., Scripted]) -> None:
    server = scripted(b"NO no")
    listed(server.port, login_form="local")
    knock(Client())
    at = next(n for n, line in enumerate(server.commands) if b"AUTHENTICATE PLAIN" in line)
    assert base64.b64decode(server.commands[at + 1]) == b"\0alice\0alice-pw"


def test_the_session_gets_a_new_id_and_careful_cookies(judge: Scripted) -> None:
    listed(judge.port)
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.cookies[site.SESSION_COOKIE_NAME] = planted
    response = knock(client)
    assert client.session.session_key != planted
    assert "planted" not in client.session
    for name in (site.SESSION_COOKIE_NAME, site.SHARE_COOKIE_NAME):
        cookie = response.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"
        assert cookie["max-age"] <= 12 * 3600


def test_a_person_goes_where_they_wanted_but_never_elsewhere(judge: Scripted) -> None:
    listed(judge.port)
    assert knock(Client(), next="/keys/")["Location"] == "/keys/"
    for elsewhere in ("https://attacker.example/", "//attacker.example", "javascript:alert(1)", "/\\attacker.example"):
        assert knock(Client(), next=elsewhere)["Location"] == "/"


def test_the_mail_password_is_nowhere_in_the_database(judge: Scripted, tmp_path: Path) -> None:
    listed(judge.port)
    knock(Client(), password="zebrafinch-wrong-pw")
    knock(Client())
    with connection.cursor() as cursor:
        dump = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            dump += [repr(row) for row in cursor.fetchall()]
    everything = "\n".join(dump)
    assert "alice@example.test" in everything
    assert "alice-pw" not in everything
    assert "zebrafinch" not in everything


def test_an_administrators_name_does_not_open_by_mail(judge: Scripted) -> None:
    """A mail server, or whoever runs one, must not be able to hand out administrators' rights."""
    listed(judge.port)
    Person.objects.create_superuser("alice@example.test", password="an administrator's own password")
    client = Client()
    assert sentence(knock(client)) == "signin-disabled"
    assert "_auth_user_id" not in client.session


# --- each refusal its own sentence ---


def test_a_wrong_password_says_so_and_is_not_kept_in_the_field(dovecot: Dovecot) -> None:
    listed(dovecot.imaps_port)
    response = knock(Client(), password="not-it")
    assert (response.status_code, sentence(response)) == (403, "signin-wrong")
    assert "not-it" not in response.content.decode()
    assert 'value="alice@example.test"' in response.content.decode()


REFUSALS = [
    (b"NO [AUTHENTICATIONFAILED] no", "signin-wrong", 403),
    (b"NO [EXPIRED] your password is old", "signin-expired", 403),
    (b"NO [UNAVAILABLE] the directory is down", "signin-unavailable", 503),
    (b"NO [LIMIT] Too many connections for this user", "signin-too-many-there", 503),
    (b"BAD what", "signin-wrong", 403),
]


@pytest.mark.parametrize(("says", "word", "status"), REFUSALS, ids=[word for _, word, _ in REFUSALS])
def test_what_the_server_says_is_said(scripted: Callable[..., Scripted], says: bytes, word: str, status: int) -> None:
    listed(scripted(says).port)
    response = knock(Client())
    assert (sentence(response), response.status_code) == (word, status)
    assert "localhost" in response.content.decode()
    assert 'value="alice-pw"' not in response.content.decode()


def test_a_server_that_speaks_something_else_gets_no_password(scripted: Callable[..., Scripted]) -> None:
    server = scripted(b"OK in", greeting=b"220 mail.example.test ESMTP\r\n")
    listed(server.port)
    response = knock(Client())
    assert (response.status_code >= 500, sentence(response)) == (True, "signin-unavailable")
    assert not any(b"AUTHENTICATE" in line for line in server.commands)


def test_a_server_that_does_not_answer_keeps_the_typed_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    listed(port)
    response = knock(Client())
    assert (response.status_code, sentence(response)) == (504, "signin-unreachable")
    assert str(port) in response.content.decode()
    assert 'value="alice-pw"' in response.content.decode()


def test_a_certificate_for_another_name_gets_no_password(authority: Authority, tmp_path: Path) -> None:
    for certificate in (
        authority.issue("other", "imap.attacker.example"),
        authority.issue("expired", "localhost", days=-2),
        Authority(tmp_path / "strange").issue("strange", "localhost"),
    ):
        server = Scripted(certificate, verdict=b"OK in")
        domain = listed(server.port)
        response = knock(Client())
        assert (response.status_code, sentence(response)) == (502, "signin-tls")
        assert 'data-level="stop"' in response.content.decode()
        assert server.commands == []
        domain.delete()
        server.close()


def test_starttls_that_is_not_offered_gets_no_password(dovecot: Dovecot) -> None:
    """The plain port of a server from which somebody on the way cut STARTTLS out."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def converse() -> None:
            client, _ = listener.accept()
            with client:
                client.sendall(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] here\r\n")
                while data := client.recv(4096):
                    seen.append(data)
                    client.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + data.split(b" ")[0] + b" OK done\r\n")

        threading.Thread(target=converse, daemon=True).start()
        listed(listener.getsockname()[1], imap_tls="starttls")
        assert sentence(knock(Client())) == "signin-tls"
    assert not any(b"AUTHENTICATE" in data or b"LOGIN" in data for data in seen)


def test_a_disabled_account_is_told_only_after_the_right_password(judge: Scripted) -> None:
    listed(judge.port)
    knock(Client())
    Account.objects.update(enabled=False)
    assert sentence(knock(Client(), password="not-it")) == "signin-wrong"
    client = Client()
    response = knock(client)
    assert (response.status_code, sentence(response)) == (403, "signin-disabled")
    assert "account" not in client.session


def test_a_disabled_domain_is_not_connected_to(scripted: Callable[..., Scripted]) -> None:
    server = scripted(b"OK in")
    listed(server.port, enabled=False)
    assert sentence(knock(Client())) == "signin-host"
    assert server.connections == []


def test_known_and_unknown_addresses_get_the_same_answer(judge: Scripted) -> None:
    listed(judge.port)
    assert knock(Client()).status_code == 302
    known = knock(Client(), "alice@example.test", "not-it")
    unknown = knock(Client(), "nobody@example.test", "not-it")

    def shape(response: HttpResponse, address: str) -> str:
        text = response.content.decode().replace(address, "ADDRESS")
        return re.sub(r'(csrf[^>]*(?:value|content)=")[^"]*', r"\1", text)

    assert known.status_code == unknown.status_code == 403
    assert shape(known, "alice@example.test") == shape(unknown, "nobody@example.test")


@pytest.mark.parametrize("password", ["a\r\nX1 DELETE INBOX", "a\nb", "a\0b", ""])
def test_a_password_that_could_end_the_command_never_reaches_the_wire(
    scripted: Callable[..., Scripted], password: str
) -> None:
    server = scripted(b"OK in")
    listed(server.port)
    assert knock(Client(), password=password).status_code == 400
    assert server.connections == []


@pytest.mark.parametrize(
    "address", ["", "alice", "@example.test", "a b@example.test", "alice@[127.0.0.1]", "ålice@a.test"]
)
def test_what_is_not_an_address_asks_nobody(address: str) -> None:
    assert knock(Client(), address).status_code in (400, 403)
    assert Person.objects.count() == 0


# --- the throttle ---


def test_too_many_tries_at_one_address(judge: Scripted) -> None:
    """Also from many places at once, and then the right password waits as well."""
    listed(judge.port)
    for number in range(site.AXES_FAILURE_LIMIT):
        response = Client(REMOTE_ADDR=f"198.51.100.{number}").post(
            SIGN_IN, {"address": "alice@example.test", "password": f"try-{number}"}
        )
    assert (response.status_code, sentence(response)) == (429, "signin-too-many")
    response = knock(Client(REMOTE_ADDR="203.0.113.5"))
    assert (response.status_code, sentence(response)) == (429, "signin-too-many")
    assert "15 minutes" in response.content.decode()
    # Bob is not locked out by what happened to Alice.
    assert knock(Client(REMOTE_ADDR="203.0.113.6"), "bob@example.test", "bob-pw").status_code == 302


def test_too_many_tries_from_one_place(judge: Scripted) -> None:
    listed(judge.port)
    for number in range(site.AXES_FAILURE_LIMIT):
        knock(Client(REMOTE_ADDR="198.51.100.7"), f"person{number}@example.test", "guess")
    assert sentence(knock(Client(REMOTE_ADDR="198.51.100.7"), "bob@example.test", "bob-pw")) == "signin-too-many"
    assert knock(Client(REMOTE_ADDR="198.51.100.8"), "bob@example.test", "bob-pw").status_code == 302


def test_a_customer_with_many_ipv6_addresses_is_one_place(judge: Scripted) -> None:
    listed(judge.port)
    for number in range(site.AXES_FAILURE_LIMIT):
        knock(Client(REMOTE_ADDR=f"2a00:1450:4001:81::{number + 1:x}"), f"person{number}@example.test", "guess")
    assert (
        sentence(knock(Client(REMOTE_ADDR="2a00:1450:4001:81:ffff::9"), "bob@example.test", "x")) == "signin-too-many"
    )


def test_a_place_is_nothing_a_client_can_make_up(judge: Scripted) -> None:
    listed(judge.port)
    for number in range(site.AXES_FAILURE_LIMIT + 1):
        client = Client(REMOTE_ADDR="198.51.100.7", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        response = knock(client, f"person{number}@example.test", "guess")
    assert sentence(response) == "signin-too-many"


def test_behind_a_proxy_the_proxys_own_word_counts(judge: Scripted, settings: object) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # type: ignore[attr-defined]
    listed(judge.port)
    for number in range(site.AXES_FAILURE_LIMIT + 1):
        # The client made up the first entry, the proxy added the last one.
        client = Client(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"})
        response = knock(client, f"person{number}@example.test", "guess")
    assert sentence(response) == "signin-too-many"
    other = Client(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "198.51.100.8"})
    assert knock(other, "bob@example.test", "bob-pw").status_code == 302


def test_ones_own_success_wipes_nothing_counted_at_others(judge: Scripted) -> None:
    """Charlie guesses at Alice's password and signs in to his own account in between."""
    listed(judge.port)
    client = Client(REMOTE_ADDR="198.51.100.9")
    word = None
    for number in range(site.AXES_FAILURE_LIMIT + 1):
        word = sentence(knock(client, "alice@example.test", f"guess-{number}"))
        if word == "signin-too-many":
            break
        assert knock(client, "charlie@example.test", "charlie-pw").status_code == 302
    assert word == "signin-too-many"


def test_a_success_forgives_ones_own_typing_errors(judge: Scripted) -> None:
    listed(judge.port)
    for _ in range(3):
        for _ in range(site.AXES_FAILURE_LIMIT - 2):
            knock(Client(), password="oops")
        assert knock(Client()).status_code == 302
    assert AccessAttempt.objects.filter(username="alice@example.test").count() == 0


def test_trouble_at_the_server_is_no_try(scripted: Callable[..., Scripted]) -> None:
    listed(scripted(b"NO [UNAVAILABLE] down").port)
    for _ in range(site.AXES_FAILURE_LIMIT + 2):
        assert sentence(knock(Client())) == "signin-unavailable"


def test_an_administrator_is_throttled_too() -> None:
    Person.objects.create_superuser("admin", password="an administrator's own password")
    for _ in range(site.AXES_FAILURE_LIMIT):
        response = Client().post("/admin/login/", {"username": "admin", "password": "guess"})
    assert response.status_code == 429
    assert b"Wait 15 minutes" in response.content


# --- the page ---


def test_the_page_says_the_limit_and_has_no_inline_script() -> None:
    page = Client().get(SIGN_IN)
    text = page.content.decode()
    assert 'data-word="limit-signin"' in text
    assert "could change its code" in text
    assert "no-store" in page["Cache-Control"]
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)


def test_a_signed_in_person_is_not_asked_again() -> None:
    assert people.browser(people.account("alice")).get(SIGN_IN)["Location"] == "/"


@pytest.mark.parametrize("reason", ["idle", "over"])
def test_why_a_session_ended_is_said(reason: str) -> None:
    assert 'data-word="signin-ended"' in Client().get(SIGN_IN, {"ended": reason}).content.decode()


def test_a_made_up_reason_is_not_shown() -> None:
    text = Client().get(SIGN_IN, {"ended": "<b>call 555-0100"}).content.decode()
    assert "signin-ended" not in text and "555" not in text


def test_a_post_without_token_is_refused(dovecot: Dovecot) -> None:
    listed(dovecot.imaps_port)
    response = Client(enforce_csrf_checks=True).post(SIGN_IN, {"address": "alice@example.test", "password": "alice-pw"})
    assert response.status_code == 403
    assert Credential.objects.count() == 0
