"""IMAP (RFC 9051) for an account: lends an open, signed-in connection for one block.

    with imap.connect(login) as server:
        server.select("INBOX")

This is the narrow interface over accounts/imap_*.py; nothing else imports those, or imapclient.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .criteria import Criterion
from .imap_answers import Copied, Listed, Selected, Status, Structure
from .imap_parser import RawRow, Token, parse
from .imap_pool import Pool
from .imap_server import Server
from .login import Endpoint, Login

__all__ = [
    "Copied",
    "Criterion",
    "Endpoint",
    "Listed",
    "Login",
    "RawRow",
    "Selected",
    "Server",
    "Status",
    "Structure",
    "Token",
    "close_account",
    "connect",
    "parse",
    "pool",
]

pool = Pool()


@contextmanager
def connect(login: Login, *, fresh: bool = False) -> Iterator[Server]:
    """Lend a connection. `fresh` opens one for this block alone: large parts, checking a password, IDLE."""
    if not fresh:
        with pool.lend(login) as server:
            yield server
        return
    server = Server(login)
    try:
        yield server
    finally:
        server.close()


def close_account(account_id: int) -> None:
    """At sign-out: no connection of the account outlives the session in this process."""
    pool.close_account(account_id)
