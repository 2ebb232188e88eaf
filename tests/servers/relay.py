"""A small submission server for runs without root: TLS, AUTH, and handing on to Dovecot's LMTP.

It answers as tests/servers/postfix.py does where tests look: refused@ gets 550, later@ gets 450.
"""

import smtplib
import ssl
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .authority import Issued
from .dovecot import DOMAIN, USERS, Dovecot
from .ports import free_ports
from .postfix import MESSAGE_LIMIT


class _Handler:
    def __init__(self, lmtp_port: int) -> None:
        self._lmtp_port = lmtp_port

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == f"refused@{DOMAIN}":
            return "550 no such person"
        if address == f"later@{DOMAIN}":
            return "450 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        with smtplib.LMTP("127.0.0.1", self._lmtp_port, timeout=30) as lmtp:
            lmtp.sendmail(envelope.mail_from or "", envelope.rcpt_tos, envelope.content or b"")
        return "250 OK: taken"


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    passwords = {f"{name}@{DOMAIN}".encode(): f"{name}-pw".encode() for name in USERS}
    known = passwords.get(data.login) == data.password
    # Without `handled` a refused try gets no answer at all.
    return AuthResult(success=known, handled=known)


class _Factory(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


class Relay:
    """Started by the constructor, stopped by stop()."""

    def __init__(self, root: Path, certificate: Issued, dovecot: Dovecot) -> None:
        self.submission_port, self.submissions_port = free_ports(2)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        common: dict[str, Any] = {
            "authenticator": _authenticate,
            "auth_required": True,
            "data_size_limit": MESSAGE_LIMIT,
            "enable_SMTPUTF8": True,
        }
        handler = _Handler(dovecot.lmtp_port)
        self._servers = [
            _Factory(
                handler,
                hostname="127.0.0.1",
                port=self.submission_port,
                tls_context=context,
                require_starttls=True,
                **common,
            ),
            _Factory(
                handler,
                hostname="127.0.0.1",
                port=self.submissions_port,
                ssl_context=context,
                auth_require_tls=False,
                **common,
            ),
        ]
        self.start()

    def start(self) -> None:
        """Start, and return when it listens."""
        for server in self._servers:
            server.start()

    def stop(self) -> None:
        """Stop, and wait for the end."""
        for server in self._servers:
            server.stop()
