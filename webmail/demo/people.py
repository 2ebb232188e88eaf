"""The people of the demo. Their passwords protect nothing: the demo listens on loopback and says them at its start."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account, Domain, Person

from .server import Ports

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
    """Tell the site where the demo's servers listen this time, and what its people are called."""
    # By the name that people know: it stands in sentences such as "localhost does not answer."
    servers = {
        "imap_host": "localhost", "imap_port": ports.imap, "imap_tls": "plain",
        "smtp_host": "localhost", "smtp_port": ports.smtp, "smtp_tls": "plain",
    }  # fmt: skip
    Domain.objects.update_or_create(name=DOMAIN, defaults=servers)
    for each in PEOPLE:
        person, new = Person.objects.get_or_create(username=each.address, defaults={"email": each.address})
        if new:
            person.set_unusable_password()
            person.save(update_fields=["password"])
        first = servers | {"person": person, "name": each.name, "login": each.address}
        Account.objects.update_or_create(address=each.address, defaults=servers, create_defaults=first)


def make_admin() -> None:
    """The administrator, once; a password that was changed stays changed."""
    if not Person.objects.filter(username=ADMIN).exists():
        Person.objects.create_superuser(ADMIN, password=ADMIN_PASSWORD)
