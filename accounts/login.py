"""Where a person's mail servers are, and how they sign in there."""

from dataclasses import dataclass, field
from typing import Literal

Tls = Literal["implicit", "starttls", "plain"]


@dataclass(frozen=True)
class Endpoint:
    """One server. "plain" is for loopback hosts in the demo only (settings.ALLOW_PLAIN_LOOPBACK).

    With `public_only` the name may resolve to public addresses alone; that is for servers a person
    named or discovery found. Servers from the administrator's domain table may stand inside.
    """

    host: str
    port: int
    tls: str = "implicit"
    public_only: bool = False


@dataclass(frozen=True)
class Login:
    """Everything needed to open a connection for one account; lives in memory only."""

    account_id: int
    imap: Endpoint
    smtp: Endpoint
    user: str
    password: str = field(repr=False)
