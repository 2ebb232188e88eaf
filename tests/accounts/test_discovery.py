"""Whose word says which servers an address has, and which words are not taken."""

from __future__ import annotations

import socket
from collections.abc import Callable

import dns.resolver
import pytest
from django.core.cache import cache
from django.test import Client
from dns.rdatatype import SRV as SRV_TYPE

from accounts import autoconfig, discovery, wire
from accounts.errors import HostNotAllowed, SettingsNotFound
from accounts.login import Endpoint
from accounts.models import Domain
from tests.servers.authority import Authority

from . import people
from .test_addresses import INSIDE

pytestmark = pytest.mark.django_db

ALICE = "alice@example.org"


@pytest.fixture(autouse=True)
def _open_site(settings: object) -> None:
    settings.ONLY_LISTED_DOMAINS = False  # type: ignore[attr-defined]
    settings.DISCOVERY = True  # type: ignore[attr-defined]
    cache.clear()


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A DNS of our own: SRV records by name, as text. Returns the names that were asked."""

    def serve(**records: list[str]) -> list[str]:
        asked: list[str] = []

        def resolve(name: str, kind: str, lifetime: float) -> list[object]:
            asked.append(name)
            texts = records.get(name.split(".")[0])
            if texts is None:
                raise dns.resolver.NXDOMAIN
            return [dns.rdata.from_text("IN", SRV_TYPE, text) for text in texts]

        monkeypatch.setattr(dns.resolver, "resolve", resolve)
        return asked

    return serve


@pytest.fixture
def no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autoconfig, "fetch", lambda host, path: None)


# --- the administrator ---


def test_the_administrators_table_comes_first(zone: Callable[..., list[str]]) -> None:
    asked = zone(_imaps=["0 0 993 imap.elsewhere.example."])
    Domain.objects.create(name="example.org", imap_host="10.0.0.5", smtp_host="mail.inside", login_form="local")
    found = discovery.find(ALICE)
    assert (found.source, found.imap.host, found.login) == ("admin", "10.0.0.5", "alice")
    assert not found.imap.public_only
    assert asked == []


def test_a_site_for_listed_domains_alone_asks_nobody_else(settings: object, zone: Callable[..., list[str]]) -> None:
    settings.ONLY_LISTED_DOMAINS = True  # type: ignore[attr-defined]
    asked = zone(_imaps=["0 0 993 imap.example.org."], _submissions=["0 0 465 smtp.example.org."])
    with pytest.raises(HostNotAllowed):
        discovery.find(ALICE)
    assert asked == []


# --- SRV ---


def test_srv_records_with_tls_from_the_start_are_preferred(zone: Callable[..., list[str]]) -> None:
    zone(
        _imaps=["10 1 993 second.example.org.", "0 1 993 light.example.org.", "0 9 993 heavy.example.org."],
        _imap=["0 0 143 old.example.org."],
        _submission=["0 0 587 smtp.example.org."],
    )
    found = discovery.find(ALICE)
    assert found.imap == Endpoint("heavy.example.org", 993, "implicit", public_only=True)
    assert found.smtp == Endpoint("smtp.example.org", 587, "starttls", public_only=True)
    assert (found.source, found.to_confirm, found.login) == ("srv", False, ALICE)


@pytest.mark.parametrize(
    ("imap", "confirm"),
    [("imap.example.org", False), ("example.org", False), ("imap.provider.example", True), ("badexample.org", True)],
)
def test_a_record_that_leads_out_of_the_domain_is_to_be_confirmed(
    zone: Callable[..., list[str]], imap: str, confirm: bool
) -> None:
    zone(_imaps=[f"0 0 993 {imap}."], _submissions=["0 0 465 smtp.example.org."])
    assert discovery.find(ALICE).to_confirm is confirm


@pytest.mark.usefixtures("no_file")
@pytest.mark.parametrize(
    "record", ["0 0 22 imap.example.org.", "0 0 993 .", "0 0 993 127.0.0.1.", "0 0 993 localhost.", "0 0 6379 redis."]
)
def test_a_record_for_anything_but_a_mail_server_is_not_taken(zone: Callable[..., list[str]], record: str) -> None:
    zone(_imaps=[record], _submissions=["0 0 465 smtp.example.org."])
    with pytest.raises(SettingsNotFound):
        discovery.find(ALICE)


# --- the domain's file ---

FILE = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="example.org"><domain>example.org</domain>
<incomingServer type="pop3"><hostname>pop.example.org</hostname><port>995</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
<incomingServer type="imap"><hostname>plain.example.org</hostname><port>143</port><socketType>plain</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
<incomingServer type="imap"><hostname>start.example.org</hostname><port>143</port><socketType>STARTTLS</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></incomingServer>
<incomingServer type="imap"><hostname>IMAP.example.org</hostname><port>993</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>OAuth2</authentication>
<authentication>password-cleartext</authentication></incomingServer>
<outgoingServer type="smtp"><hostname>smtp.example.org</hostname><port>465</port><socketType>SSL</socketType>
<username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>
</emailProvider></clientConfig>"""


def test_the_file_is_asked_where_dns_says_nothing(
    zone: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone()
    places: list[tuple[str, str]] = []

    def fetch(host: str, path: str) -> bytes | None:
        places.append((host, path))
        return FILE if host == "example.org" else None

    monkeypatch.setattr(autoconfig, "fetch", fetch)
    found = discovery.find(ALICE)
    assert (found.source, found.imap.host, found.imap.port, found.smtp.host) == (
        "file", "imap.example.org", 993, "smtp.example.org",
    )  # fmt: skip
    # The domain learns that somebody asks, not who.
    assert places == [
        ("autoconfig.example.org", "/mail/config-v1.1.xml"),
        ("example.org", "/.well-known/autoconfig/mail/config-v1.1.xml"),
    ]


def test_the_local_part_as_sign_in_name() -> None:
    answer = autoconfig.servers(FILE.replace(b"%EMAILADDRESS%", b"%EMAILLOCALPART%"))
    assert answer is not None and answer[2] == "local"


BAD_FILES = {
    "no xml": b"<html><body>not found",
    "a bomb": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "boom">]><clientConfig>&b;</clientConfig>',
    "an outside entity": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><clientConfig>&b;</clientConfig>',
    "plain text only": FILE.replace(b"<socketType>SSL", b"<socketType>plain").replace(b"STARTTLS", b"plain"),
    "a fixed name": FILE.replace(b"%EMAILADDRESS%", b"root"),
    "no sending": FILE.replace(b"outgoingServer", b"otherServer"),
    "no port": FILE.replace(b"<port>993", b"<port>x").replace(b"<port>143", b"<port>-1"),
    "a password in clear never": FILE.replace(b"password-cleartext", b"OAuth2"),
    "empty": b"",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_names_no_usable_servers_is_none(name: str) -> None:
    assert autoconfig.servers(BAD_FILES[name]) is None


def test_a_file_that_names_an_inside_port_is_not_taken(
    zone: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone()
    monkeypatch.setattr(autoconfig, "fetch", lambda host, path: FILE.replace(b"<port>993", b"<port>6379"))
    with pytest.raises(SettingsNotFound):
        discovery.find(ALICE)


# --- servers that the person names ---


def named(imap: str, smtp: str = "", port: int = 993) -> tuple[Endpoint, Endpoint]:
    return Endpoint(imap, port, discovery.IMAP_PORTS.get(port, "implicit")), Endpoint(smtp or imap, 465, "implicit")


@pytest.mark.parametrize("host", ["imap.example.org", "mail.example.org", "example.org"])
def test_a_person_may_name_their_domains_own_servers(host: str) -> None:
    found = discovery.find(ALICE, named(host))
    assert (found.source, found.imap.host, found.imap.public_only) == ("manual", host, True)


ELSEWHERE = [
    "imap.attacker.example", "student7.example.org", "imap.example.org.attacker.example", "badexample.org", "localhost",
    "127.0.0.1", "10.0.0.5", "[::1]", "169.254.169.254", "imap.example.org:6379", "http://imap.example.org/", "",
]  # fmt: skip


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_server_elsewhere_must_not_say_who_somebody_is(host: str) -> None:
    """Else whoever runs a server could sign in as anybody, and publish certificates for their address."""
    with pytest.raises(HostNotAllowed):
        discovery.find(ALICE, named(host))
    with pytest.raises(HostNotAllowed):
        discovery.find(ALICE, named("imap.example.org", smtp=host or "x"))


@pytest.mark.parametrize("port", [22, 25, 80, 6379])
def test_a_person_may_name_mail_ports_alone(port: int) -> None:
    with pytest.raises(HostNotAllowed):
        discovery.find(ALICE, named("imap.example.org", port=port))


def test_who_was_here_before_is_not_moved_by_dns(zone: Callable[..., list[str]]) -> None:
    alice = people.account("alice", imap_host="imap.first.example")
    zone(_imaps=["0 0 993 imap.example.test."], _submissions=["0 0 465 smtp.example.test."])
    found = discovery.find(alice.address)
    assert discovery.kept(found, alice).imap.host == "imap.first.example"
    Domain.objects.create(name="example.test", imap_host="imap.listed.example", smtp_host="imap.listed.example")
    assert discovery.kept(discovery.find(alice.address), alice).imap.host == "imap.listed.example"


# --- no way inside (T22): nothing is dialled ---


@pytest.fixture
def no_dialling(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    dialled: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: dialled.append(where))
    return dialled


def answers(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> None:
    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        return [
            (socket.AF_INET6 if ":" in n else socket.AF_INET, socket.SOCK_STREAM, 6, "", (n, port)) for n in numbers
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("number", INSIDE)
def test_a_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, no_dialling: list[object], number: str
) -> None:
    answers(monkeypatch, number)
    with pytest.raises(HostNotAllowed):
        wire.dial(Endpoint("imap.example.org", 993, "implicit", public_only=True))
    assert no_dialling == []


def test_one_inside_answer_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch, no_dialling: list[object]
) -> None:
    """Rebinding DNS answers so, hoping that the check looks at the first and the connection takes the last."""
    answers(monkeypatch, "8.8.8.8", "127.0.0.1")
    with pytest.raises(HostNotAllowed):
        wire.dial(Endpoint("imap.example.org", 993, "implicit", public_only=True))
    assert no_dialling == []


def test_the_name_is_resolved_once_and_the_judged_number_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []
    dialled: list[object] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[object]:
        rounds.append(host)
        number = "8.8.8.8" if len(rounds) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    def connect(self: socket.socket, where: object) -> None:
        dialled.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Exception, match="no connection"):
        wire.dial(Endpoint("imap.example.org", 993, "implicit", public_only=True))
    assert rounds == ["imap.example.org"]
    assert dialled == [("8.8.8.8", 993)]


ODD_HOSTS = ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "017700000001", "127.1", "[::1]", "0", "8.8.8.8"]


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_an_address_in_any_notation_is_no_server_name(no_dialling: list[object], host: str) -> None:
    with pytest.raises(HostNotAllowed):
        wire.dial(Endpoint(host, 993, "implicit", public_only=True))
    assert no_dialling == []


def test_an_unknown_name_and_an_inside_one_get_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int, **_: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    pages = []
    for prepare in (
        lambda: monkeypatch.setattr(socket, "getaddrinfo", unknown),
        lambda: answers(monkeypatch, "10.0.0.5"),
    ):
        prepare()
        page = Client().post(
            "/sign-in/", {"address": ALICE, "password": "alice-pw", "imap_host": "imap.example.org", "imap_port": "993"}
        )
        assert page.status_code == 403
        assert b'data-word="signin-host"' in page.content
        pages.append(page.content.split(b'role="alert"')[1].split(b"</div>")[0])
    assert pages[0] == pages[1]


# --- over a real TLS connection ---


def test_the_file_is_read_over_tls_from_a_real_server(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    import http.server
    import ssl
    import threading

    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.end_headers()
                return
            body = FILE if self.path == "/file" else b"x" * (autoconfig._CAP + 1)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    settings.MAIL_CA_FILE = str(authority.file)  # type: ignore[attr-defined]
    issued = authority.issue("files", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    real, port = wire.dial, server.server_address[1]
    monkeypatch.setattr(wire, "dial", lambda endpoint: real(Endpoint(endpoint.host, port, endpoint.tls)))
    try:
        assert autoconfig.fetch("localhost", "/file") == FILE
        assert autoconfig.fetch("localhost", "/moved") is None
        assert autoconfig.fetch("localhost", "/huge") is None
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


# --- the page ---


def test_the_found_server_is_shown_before_the_password_is_sent(zone: Callable[..., list[str]]) -> None:
    zone(_imaps=["0 0 993 imap.provider.example."], _submissions=["0 0 465 smtp.provider.example."])
    fragment = Client().post("/sign-in/found/", {"address": ALICE}).content.decode()
    assert "Found imap.provider.example" in fragment
    assert 'name="confirmed" value="imap.provider.example"' in fragment
    assert "is not a part of example.org" in fragment


def test_a_server_out_of_the_domain_gets_no_password_without_a_yes(
    zone: Callable[..., list[str]], no_dialling: list[object]
) -> None:
    zone(_imaps=["0 0 993 imap.provider.example."], _submissions=["0 0 465 smtp.provider.example."])
    page = Client().post("/sign-in/", {"address": ALICE, "password": "alice-pw"})
    assert page.status_code == 200
    assert b"Found imap.provider.example" in page.content
    assert b"alice-pw" not in page.content
    assert no_dialling == []


@pytest.mark.usefixtures("no_file")
def test_where_nothing_is_found_the_person_may_name_servers(zone: Callable[..., list[str]]) -> None:
    zone()
    page = Client().post("/sign-in/", {"address": ALICE, "password": "alice-pw"})
    assert page.status_code == 404
    assert b'data-word="signin-not-found"' in page.content
    assert b'name="imap_host"' in page.content


def test_asking_for_servers_has_a_limit(zone: Callable[..., list[str]]) -> None:
    asked = zone(_imaps=["0 0 993 imap.example.org."], _submissions=["0 0 465 smtp.example.org."])
    client = Client()
    pages = [client.post("/sign-in/found/", {"address": ALICE}).content for _ in range(70)]
    assert b"signin-too-many" in pages[-1]
    assert len(asked) <= 2 * 60
