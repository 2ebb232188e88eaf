"""What somebody may say at the door."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .discovery import IMAP_PORTS, SMTP_PORTS
from .login import Endpoint


class AddressForm(forms.Form):
    """A mail address, in the form under which everything of it is kept: lower case, the domain as A-labels."""

    address = forms.EmailField(
        max_length=254,
        error_messages={"required": _("Give your mail address."), "invalid": _("This is not a mail address.")},
    )

    def clean_address(self) -> str:
        local, _at, domain = self.cleaned_data["address"].rpartition("@")
        try:
            ascii_domain = domain.encode("idna").decode("ascii")
            local.encode("ascii")
        except UnicodeError:
            raise ValidationError(_("This is not a mail address."), code="invalid") from None
        return f"{local}@{ascii_domain}".lower()


class SignInForm(AddressForm):
    """Address and mail password, and the servers where nobody else could name them."""

    password = forms.CharField(max_length=1024, strip=False, error_messages={"required": _("Give your mail password.")})
    confirmed = forms.CharField(max_length=253, required=False)
    imap_host = forms.CharField(max_length=253, required=False)
    imap_port = forms.TypedChoiceField(
        choices=[(p, p) for p in IMAP_PORTS], coerce=int, required=False, empty_value="993"
    )
    smtp_host = forms.CharField(max_length=253, required=False)
    smtp_port = forms.TypedChoiceField(
        choices=[(p, p) for p in SMTP_PORTS], coerce=int, required=False, empty_value="465"
    )

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        # Such a password cannot exist: IMAP has no way to send it (RFC 9051 section 9, quoted and literal).
        if "\0" in password or "\r" in password or "\n" in password:
            raise ValidationError(_("A mail password has no line break in it."), code="invalid")
        return password

    @property
    def named(self) -> tuple[Endpoint, Endpoint] | None:
        """The servers the person entered, None where they entered none."""
        data = self.cleaned_data
        imap, smtp = str(data["imap_host"]).strip().lower(), str(data["smtp_host"]).strip().lower()
        if not imap:
            return None
        imap_port, smtp_port = int(data["imap_port"]), int(data["smtp_port"])
        return (
            Endpoint(imap, imap_port, IMAP_PORTS[imap_port], public_only=True),
            Endpoint(smtp or imap, smtp_port, SMTP_PORTS[smtp_port], public_only=True),
        )
