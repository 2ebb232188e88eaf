"""Which servers belong to an address: the administrator's table, then the domain's own word.

Whoever names the server that judges a password also says who somebody is. So a person may name only servers that
carry their domain's own well-known names; everything else must come from the administrator or from the domain
itself (SRV records, configuration file). Otherwise anybody could bring a server that says they are alice@.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.resolver
from django.conf import settings
from dns.rdtypes.IN.SRV import SRV

from . import addresses, autoconfig
from .errors import HostNotAllowed, SettingsNotFound
from .login import Endpoint
from .models import Account, Domain

Source = Literal["admin", "srv", "file", "manual", "kept"]
# The registered ports of RFC 8314 and RFC 6409 alone: a mail client is no port scanner.
IMAP_PORTS = {993: "implicit", 143: "starttls"}
SMTP_PORTS = {465: "implicit", 587: "starttls"}
_OWN_NAMES = ("", "imap.", "mail.", "smtp.", "mx.")
_SECONDS = 4.0


@dataclass(frozen=True)
class Found:
    """The servers of an address, who said so, and the name to sign in with there."""

    imap: Endpoint
    smtp: Endpoint
    login: str
    source: Source
    domain: str

    @property
    def to_confirm(self) -> bool:
        """RFC 6186 section 6: unauthenticated DNS that leads out of the domain needs the person's yes."""
        return self.source == "srv" and not all(
            host == self.domain or host.endswith(f".{self.domain}") for host in (self.imap.host, self.smtp.host)
        )


Answerer = Callable[[str], tuple[Endpoint, Endpoint, str] | None]


def find(address: str, named: tuple[Endpoint, Endpoint] | None = None) -> Found:
    """The servers of `address` (lower case). `named` are servers that the person entered.

    Raises HostNotAllowed where the administrator or the table of public addresses says no, SettingsNotFound where
    nobody knows. Never looks at whether somebody with this address was here before.
    """
    local, _, domain = address.rpartition("@")
    row = Domain.objects.filter(name=domain).first()
    if row is not None:
        if not row.enabled:
            raise HostNotAllowed("the administrator turned this domain off", host=domain)
        return Found(
            Endpoint(row.imap_host, row.imap_port, row.imap_tls),
            Endpoint(row.smtp_host, row.smtp_port, row.smtp_tls),
            local if row.login_form == Domain.LoginForm.LOCAL else address,
            "admin",
            domain,
        )
    if settings.ONLY_LISTED_DOMAINS or not addresses.is_host_name(domain):
        raise HostNotAllowed("only listed domains", host=domain)
    if named is not None:
        for endpoint, ports in zip(named, (IMAP_PORTS, SMTP_PORTS), strict=True):
            if ports.get(endpoint.port) != endpoint.tls or endpoint.host not in {own + domain for own in _OWN_NAMES}:
                raise HostNotAllowed("not one of the domain's own names", host=endpoint.host, port=endpoint.port)
        return Found(_public(named[0]), _public(named[1]), address, "manual", domain)
    if settings.DISCOVERY:
        answerers: list[tuple[Source, Answerer]] = [("srv", srv), ("file", autoconfig.ask)]
        for source, ask in answerers:
            answer = ask(domain)
            if answer is not None and _usable(answer[0], IMAP_PORTS) and _usable(answer[1], SMTP_PORTS):
                login = local if answer[2] == Domain.LoginForm.LOCAL else address
                return Found(answer[0], answer[1], login, source, domain)
    raise SettingsNotFound("neither SRV records nor a configuration file", host=domain)


def asks_outside(address: str) -> bool:
    """Whether `find` would have to ask or try something that somebody elsewhere named."""
    return not Domain.objects.filter(name=address.rpartition("@")[2]).exists()


def kept(found: Found, account: Account) -> Found:
    """For somebody who was here before: what only DNS or they themselves said never moves them to other servers."""
    if found.source == "admin":
        return found
    return Found(account.imap, account.smtp, account.login, "kept", found.domain)


def srv(domain: str) -> tuple[Endpoint, Endpoint, str] | None:
    """RFC 6186 section 3 and RFC 8314 section 5.1: TLS from the start is preferred to STARTTLS."""
    imap = _service("_imaps", domain, "implicit") or _service("_imap", domain, "starttls")
    if imap is None:
        return None
    smtp = _service("_submissions", domain, "implicit") or _service("_submission", domain, "starttls")
    return None if smtp is None else (imap, smtp, "address")


def _service(service: str, domain: str, tls: str) -> Endpoint | None:
    try:
        answer = dns.resolver.resolve(f"{service}._tcp.{domain}", "SRV", lifetime=_SECONDS)
    except dns.exception.DNSException:
        # No such name, no answer, a broken zone: the next answerer is asked.
        return None
    records = sorted((r for r in answer if isinstance(r, SRV)), key=lambda r: (r.priority, -r.weight))
    for record in records:
        host = record.target.to_text(omit_final_dot=True).lower()
        # RFC 2782: the root as target says that the service is decidedly not offered.
        if host in ("", "."):
            return None
        return Endpoint(host, record.port, tls, public_only=True)
    return None


def _usable(endpoint: Endpoint, ports: dict[int, str]) -> bool:
    return addresses.is_host_name(endpoint.host) and ports.get(endpoint.port) == endpoint.tls


def _public(endpoint: Endpoint) -> Endpoint:
    return Endpoint(endpoint.host, endpoint.port, endpoint.tls, public_only=True)
