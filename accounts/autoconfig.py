"""A domain's own configuration file (config-v1.1.xml, as Thunderbird introduced it), fetched over TLS only."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from . import wire
from .errors import AccountError
from .login import Endpoint

_SECONDS = 6.0
_CAP = 64 * 1024
_TLS = {"SSL": "implicit", "STARTTLS": "starttls"}


def fetch(host: str, path: str) -> bytes | None:
    """The file at https://host/path, None where there is none. Redirects are not followed: they are no own word."""
    channel = wire.dial(Endpoint(host, 443, "implicit", public_only=True))
    try:
        channel.begin(_SECONDS, _CAP)
        # HTTP/1.0 (RFC 1945): no chunks, and the end of the connection is the end of the body.
        channel.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/xml\r\n\r\n".encode("ascii"))
        status = channel.readline().split(b" ")
        if len(status) < 2 or status[1] != b"200":
            return None
        length = -1
        while (line := channel.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length" and value.strip().isdigit():
                length = int(value)
        if not 0 <= length <= _CAP:
            return None
        return channel.read(length)
    finally:
        channel.close()


def servers(document: bytes) -> tuple[Endpoint, Endpoint, str] | None:
    """(IMAP, submission, login form) of the best pair with TLS and a plain password, None where there is none."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    incoming = _best(root.iterfind("./emailProvider/incomingServer[@type='imap']"))
    outgoing = _best(root.iterfind("./emailProvider/outgoingServer[@type='smtp']"))
    if incoming is None or outgoing is None:
        return None
    form = {"%EMAILADDRESS%": "address", "%EMAILLOCALPART%": "local"}.get(_text(incoming, "username"))
    if form is None or _text(outgoing, "username") != _text(incoming, "username"):
        return None
    return _endpoint(incoming), _endpoint(outgoing), form


def ask(domain: str) -> tuple[Endpoint, Endpoint, str] | None:
    """What the domain's own file says. Only the domain is told to it, not who asks."""
    for host, path in (
        (f"autoconfig.{domain}", "/mail/config-v1.1.xml"),
        (domain, "/.well-known/autoconfig/mail/config-v1.1.xml"),
    ):
        try:
            document = fetch(host, path)
        except AccountError:
            # No such name, an inside address, no TLS, no answer: for finding settings all of them mean "not here".
            continue
        if document is not None and (found := servers(document)) is not None:
            return found
    return None


def _best(candidates: object) -> Element | None:
    usable = [
        server
        for server in candidates  # type: ignore[attr-defined]
        if _text(server, "socketType") in _TLS
        and _text(server, "port").isascii()
        and _text(server, "port").isdigit()
        and "password-cleartext" in {(way.text or "").strip() for way in server.iterfind("authentication")}
    ]
    return min(usable, key=lambda server: _text(server, "socketType") != "SSL", default=None)


def _endpoint(server: Element) -> Endpoint:
    host, tls = _text(server, "hostname").lower(), _TLS[_text(server, "socketType")]
    return Endpoint(host, int(_text(server, "port")), tls, public_only=True)


def _text(server: Element, name: str) -> str:
    return (server.findtext(name) or "").strip()
