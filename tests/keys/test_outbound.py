"""The one way out: which addresses it goes to, and what a server can do to it. Everything is on this machine."""

from __future__ import annotations

import http.server
import socketserver
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from django.test import override_settings

from keys import outbound
from keys.errors import AddressRefused, Declined, NoAnswer, TooMuch
from tests.servers.authority import Authority

PICTURE = outbound.Wanted(accept="image/*", cap=1000, seconds=3, redirects=2, plain=True)

#: Forms under which the inside, or another door, was reached through other webmails (facts on SSRF).
REFUSED = [
    "http://localhost/",
    "http://localhost.localdomain:8080/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.0.0.1.:443/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://8.8.8.8/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://[2002:7f00:1::]/",
    "https://picture.example:8443/",
    "http://picture.example:443/",
    "https://user@picture.example/",
    "https://user:word@picture.example/",
    "https://picture.example\\@evil.example/",
    "https://picture.example/\r\nX-Injected: 1",
    "https://picture.example/ with a space",
    "https://picture.example./",
    "https://b\u00fccher.example/",
    "https://picture_with_underscore.example/",
    "https://intranet/",
    "//picture.example/",
    "ftp://picture.example/",
    "file:///etc/passwd",
    "gopher://picture.example/",
    "data:image/png;base64,AA",
    "javascript:alert(1)",
    "https://",
    "https://picture.example:port/",
    "https://picture.example/" + "a" * 5000,
]
TAKEN = [
    "https://picture.example/",
    "https://picture.example:443/a.png",
    "http://picture.example/a?b=c&d=%20e",
    "http://picture.example:80/~a/(b)/c;d,e'f",
    "https://xn--bcher-kva.example/%E2%82%AC.png",
    "https://a.b.c.picture.example?only=a-query",
]


@pytest.mark.parametrize("url", REFUSED)
def test_no_door_but_a_public_web_address(url: str) -> None:
    with pytest.raises(AddressRefused):
        outbound.checked(url, plain=True)


@pytest.mark.parametrize("url", TAKEN)
def test_what_browsers_write_is_taken(url: str) -> None:
    outbound.checked(url, plain=True)


def test_plain_http_only_where_the_errand_takes_it() -> None:
    with pytest.raises(AddressRefused):
        outbound.checked("http://picture.example/", plain=False)


# --- names: a DNS server of our own, and a record of every connection that is tried ---


@dataclass
class Names:
    """Answers by name; what is asked for again gets the next answer, as a rebinding attacker's server gives it."""

    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, wire: bytes) -> bytes:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True)
        self.asked.append(name)
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        turns = self.answers.get(name, [])
        kind = "AAAA" if question.rdtype == dns.rdatatype.AAAA else "A"
        now = turns[0] if len(turns) == 1 or kind == "AAAA" else turns.pop(0) if turns else []
        found = [each for each in now if (":" in each) == (kind == "AAAA")]
        if found:
            reply.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, *found))
        return reply.to_wire()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    known = Names()

    class Question(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            sock.sendto(known.answer(data), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Question) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = int(server.server_address[1])
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        with override_settings(OUTBOUND=True, OUTBOUND_HOSTS={}):
            yield known
        server.shutdown()


class _Watch:
    """Python tells every connect before it is made; while somebody listens none is: nothing here leaves the machine."""

    def __init__(self) -> None:
        self.log: list[str] | None = None
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect" or self.log is None or not isinstance(arguments[1], tuple):
            return
        if arguments[0].type.name == "SOCK_STREAM":
            self.log.append(f"{arguments[1][0]}:{arguments[1][1]}")
            raise ConnectionRefusedError("not in this test")


_watch = _Watch()


@contextmanager
def connects() -> Iterator[list[str]]:
    log: list[str] = []
    _watch.log = log
    try:
        yield log
    finally:
        _watch.log = None


INSIDE = [
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["100.64.0.1"],
    ["192.168.0.1"],
    ["0.0.0.0"],
    ["::1"],
    ["fd00::1"],
    ["fe80::1"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["2002:7f00:1::"],
    ["93.184.216.34", "127.0.0.1"],
    ["93.184.216.34", "::1"],
]


@pytest.mark.parametrize("inside", INSIDE, ids=" and ".join)
def test_a_name_that_leads_inside_is_not_followed(names: Names, inside: list[str]) -> None:
    names.answers["picture.example"] = [inside]
    with connects() as log, pytest.raises(AddressRefused):
        outbound.fetch("http://picture.example/", PICTURE)
    assert log == []


def test_the_judged_address_is_the_one_connected_to(names: Names) -> None:
    """A second answer that leads inside (rebinding) is never asked for."""
    names.answers["picture.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    with connects() as log, pytest.raises(NoAnswer):
        outbound.fetch("http://picture.example/", PICTURE)
    assert log == ["93.184.216.34:80"]
    assert names.asked.count("picture.example") <= 2, "A and AAAA, once"


def test_a_name_that_nobody_knows(names: Names) -> None:
    with connects() as log, pytest.raises(NoAnswer):
        outbound.fetch("https://nobody.example/", PICTURE)
    assert log == []


def test_where_nothing_goes_out_nobody_is_even_asked(names: Names) -> None:
    names.answers["picture.example"] = [["93.184.216.34"]]
    with override_settings(OUTBOUND=False), connects() as log, pytest.raises(AddressRefused):
        outbound.fetch("https://picture.example/", PICTURE)
    assert log == [] and names.asked == []


# --- servers: real ones, under names that stand for this machine ---

Behave = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class Server:
    behave: Behave
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(lambda request: _say(request, 200, b"hello"))

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.heard.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            made.behave(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        where = ("127.0.0.1", int(listening.server_address[1]))
        with override_settings(OUTBOUND=False, OUTBOUND_HOSTS={"picture.example": where, "other.example": where}):
            yield made
        listening.shutdown()


def _say(request: http.server.BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def test_what_is_told_is_the_same_for_everybody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    assert outbound.fetch("http://picture.example/a.png?b=c", PICTURE) == b"hello"
    ((path, headers),) = server.heard
    assert path == "/a.png?b=c"
    assert headers == {
        "host": "picture.example",
        "user-agent": "Postern",
        "accept": "image/*",
        "accept-encoding": "identity",
    }


def test_a_cookie_is_not_brought_back(server: Server) -> None:
    server.behave = lambda request: _say(request, 302, b"", Set_Cookie="seen=1", Location="/again")
    with pytest.raises(Declined):
        outbound.fetch("http://picture.example/", PICTURE)
    assert len(server.heard) == 3, "the first and two redirects"
    assert not any("cookie" in headers or "referer" in headers for _, headers in server.heard)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/", "http://localhost/", "https://[::1]/", "file:///etc/passwd", "http://picture.example:22/"],
)
def test_redirects_are_judged_like_addresses(server: Server, target: str) -> None:
    server.behave = lambda request: _say(request, 301, b"", Location=target)
    with pytest.raises(AddressRefused):
        outbound.fetch("http://picture.example/", PICTURE)
    assert len(server.heard) == 1


def test_a_redirect_to_another_public_name_is_followed(server: Server) -> None:
    def once(request: http.server.BaseHTTPRequestHandler) -> None:
        if len(server.heard) == 1:
            _say(request, 302, b"", Location="http://other.example/b")
        else:
            _say(request, 200, b"there")

    server.behave = once
    assert outbound.fetch("http://picture.example/a", PICTURE) == b"there"
    assert server.heard[1][1]["host"] == "other.example"


@pytest.mark.parametrize("status", [204, 206, 304, 403, 404, 500])
def test_only_200_is_an_answer(server: Server, status: int) -> None:
    server.behave = lambda request: _say(request, status, b"" if status in (204, 304) else b"no")
    with pytest.raises(Declined) as declined:
        outbound.fetch("http://picture.example/", PICTURE)
    assert declined.value.status == status


def test_more_than_the_cap_is_not_read(server: Server) -> None:
    sent = [0]

    def flood(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(1 << 40))
        request.end_headers()
        try:
            while sent[0] < 1 << 26:
                request.wfile.write(b"x" * 65536)
                sent[0] += 65536
        except OSError:
            request.close_connection = True

    server.behave = flood
    with pytest.raises(TooMuch):
        outbound.fetch("http://picture.example/", PICTURE)
    assert sent[0] < 1 << 25, "the rest was never taken"


def test_a_compressed_answer_is_not_unpacked(server: Server) -> None:
    server.behave = lambda request: _say(request, 200, b"\x1f\x8b", Content_Encoding="gzip")
    with pytest.raises(NoAnswer):
        outbound.fetch("http://picture.example/", PICTURE)


def test_a_server_that_drips_ends_with_the_errand(server: Server) -> None:
    def drip(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        for _ in range(100):
            try:
                request.wfile.write(b"x")
            except OSError:
                return
            time.sleep(0.1)

    server.behave = drip
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        outbound.fetch("http://picture.example/", outbound.Wanted(accept="*/*", cap=5000, seconds=1, plain=True))
    assert time.monotonic() - began < 5


def test_tls_is_asked_for_by_name_and_not_done_without(server: Server) -> None:
    """The server speaks no TLS: nothing is sent to it in the clear."""
    with pytest.raises(NoAnswer):
        outbound.fetch("https://picture.example/", PICTURE)
    assert server.heard == []


@pytest.mark.parametrize(("certified", "answers"), [("picture.example", True), ("other.example", False)])
def test_the_certificate_must_name_the_host(tmp_path: Path, certified: str, answers: bool) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("server", certified)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(issued.certificate, issued.key)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _say(self, 200, b"sealed")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that turns away is what this is about."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        where = ("127.0.0.1", int(listening.server_address[1]))
        with override_settings(OUTBOUND_HOSTS={"picture.example": where}, MAIL_CA_FILE=str(authority.file)):
            if answers:
                assert outbound.fetch("https://picture.example/", PICTURE) == b"sealed"
            else:
                with pytest.raises(NoAnswer):
                    outbound.fetch("https://picture.example/", PICTURE)
        listening.shutdown()
