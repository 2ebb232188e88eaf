"""`manage.py postern_domain example.org --imap imap.example.org`: list a mail domain, as in the administration."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Domain, Tls

_PORTS = {"imap": {"implicit": 993, "starttls": 143}, "smtp": {"implicit": 465, "starttls": 587}}


class Command(BaseCommand):
    help = "Lists a mail domain and its servers, or changes what was listed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the part after the @")
        for kind in _PORTS:
            parser.add_argument(f"--{kind}", required=True, metavar="HOST[:PORT]")
            parser.add_argument(f"--{kind}-tls", choices=Tls.values, default=Tls.IMPLICIT.value)
        parser.add_argument("--login", choices=Domain.LoginForm.values, default=Domain.LoginForm.ADDRESS.value)
        parser.add_argument("--policy", choices=Domain.Policy.values, default=Domain.Policy.WARN.value)
        parser.add_argument("--disable", action="store_true", help="people of this domain may not sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].lower()
        domain = Domain.objects.filter(name=name).first() or Domain(name=name)
        for kind, ports in _PORTS.items():
            tls = options[f"{kind}_tls"]
            host, _, port = options[kind].rpartition(":") if ":" in options[kind] else (options[kind], "", "")
            setattr(domain, f"{kind}_host", host.lower())
            setattr(domain, f"{kind}_tls", tls)
            setattr(domain, f"{kind}_port", port or ports.get(tls))
        domain.login_form, domain.policy, domain.enabled = options["login"], options["policy"], not options["disable"]
        try:
            domain.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        domain.save()
        self.stdout.write(f"{name}: {domain.imap_host}:{domain.imap_port}, {domain.smtp_host}:{domain.smtp_port}")
