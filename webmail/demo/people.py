"""The people of the demo. Their passwords protect nothing: the demo listens on loopback and says them at its start."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account, Domain, Person

from .server import HOST, Ports

DOMAIN = "demo.test"
ADMIN, ADMIN_PASSWORD = "admin", "admin-of-the-demo"


@dataclass(frozen=True)
class DemoPerson:
    local: str
    name: str

    @property
    def address(self) -> str:
        return f"{self.local}@{DOMAIN}"

    @property
    def password(self) -> str:
        return f"{self.local}-demo"


PEOPLE = (DemoPerson("alice", "Alice Amari"), DemoPerson("bob", "Bob Brandt"), DemoPerson("charlie", "Charlie Chen"))
PASSWORDS = {person.address: person.password for person in PEOPLE}


def list_servers(ports: Ports) -> None:
    """Tell the site where the demo's servers listen this time, as an administrator would list a domain."""
    servers = {
        "imap_host": HOST, "imap_port": ports.imap, "imap_tls": "plain",
        "smtp_host": HOST, "smtp_port": ports.smtp, "smtp_tls": "plain",
    }  # fmt: skip
    Domain.objects.update_or_create(name=DOMAIN, defaults=servers)
    Account.objects.filter(address__endswith=f"@{DOMAIN}").update(**servers)


def make_admin() -> None:
    """The administrator, once; a password that was changed stays changed."""
    if not Person.objects.filter(username=ADMIN).exists():
        Person.objects.create_superuser(ADMIN, password=ADMIN_PASSWORD)
