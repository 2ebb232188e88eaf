"""People, their mail accounts, the domains an administrator listed, and sealed credentials."""

from __future__ import annotations

import time
import uuid

from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .login import Endpoint

_host_name = RegexValidator(
    r"\A(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\Z|\A[0-9a-f:]+\Z",
    _("Give a host name in lower case, without scheme, port or path."),
)
_port = [MinValueValidator(1), MaxValueValidator(65535)]


class Tls(models.TextChoices):
    """How a connection is protected. Plain is refused anywhere but on loopback in the demo."""

    IMPLICIT = "implicit", _("TLS from the start")
    STARTTLS = "starttls", _("STARTTLS, required")
    PLAIN = "plain", _("None (demo on this machine only)")


class Person(AbstractUser):
    """Somebody who signs in: by their mail server, or (administrators only) by a password kept here.

    The username of a person with mail is their address in lower case; their password here is unusable.
    """

    username = models.CharField(_("address or name"), max_length=254, unique=True)
    email = models.EmailField(_("email address"), max_length=254, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")


class Servers(models.Model):
    """The two servers of a mail account."""

    imap_host = models.CharField(_("IMAP host"), max_length=253, validators=[_host_name])
    imap_port = models.PositiveIntegerField(_("IMAP port"), default=993, validators=_port)
    imap_tls = models.CharField(_("IMAP protection"), max_length=8, choices=Tls.choices, default=Tls.IMPLICIT)
    smtp_host = models.CharField(_("submission host"), max_length=253, validators=[_host_name])
    smtp_port = models.PositiveIntegerField(_("submission port"), default=465, validators=_port)
    smtp_tls = models.CharField(_("submission protection"), max_length=8, choices=Tls.choices, default=Tls.IMPLICIT)

    class Meta:
        abstract = True


class Domain(Servers):
    """A mail domain the administrator listed: its servers may also stand inside, on any port."""

    class LoginForm(models.TextChoices):
        ADDRESS = "address", _("the whole address")
        LOCAL = "local", _("the part before the @")

    class Policy(models.TextChoices):
        WARN = "warn", _("Warn, then let the person decide")
        BLOCK = "block", _("Do not send")
        PORTAL = "portal", _("Send a read-link")

    name = models.CharField(_("domain"), max_length=253, unique=True, validators=[_host_name])
    login_form = models.CharField(_("sign-in name"), max_length=7, choices=LoginForm.choices, default=LoginForm.ADDRESS)
    enabled = models.BooleanField(_("people of this domain may sign in"), default=True)
    policy = models.CharField(
        _("when somebody has no certificate"), max_length=6, choices=Policy.choices, default=Policy.WARN
    )

    shows_people = models.BooleanField(
        _("people of this domain find each other while writing"),
        default=True,
        help_text=_("Whoever types the first three letters of a recipient is shown a few names of this domain."),
    )

    authserv_id = models.CharField(
        _("mail server's name in Authentication-Results"),
        max_length=253,
        blank=True,
        validators=[_host_name],
        help_text=_(
            "What it writes there is shown to the reader as its claim. Only where the server removes such fields of "
            "its own name from mail that arrives (RFC 8601 section 5). Empty: nothing is shown."
        ),
    )

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.name = self.name.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Account(Servers):
    """Where a person's mail is, and the name they sign in with there."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="accounts", verbose_name=_("person"))
    address = models.CharField(_("address"), max_length=254, unique=True)
    name = models.CharField(_("display name"), max_length=200, blank=True)
    login = models.CharField(_("sign-in name"), max_length=254)
    enabled = models.BooleanField(_("enabled"), default=True)
    shown_to_others = models.BooleanField(_("found by others of the domain while they write"), default=True)
    only_encrypted = models.BooleanField(_("sends nothing without encryption"), default=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    # What the submission server said it takes, 0 where it states no limit, and when it was asked.
    size_limit = models.PositiveBigIntegerField(null=True, editable=False)
    size_asked = models.DateTimeField(null=True, editable=False)
    # How long a pressed Send can be undone; none where the person left it as the site has it.
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds to undo"), null=True, blank=True, validators=[MaxValueValidator(30)]
    )
    # Whether the person was asked once if they want to allow work while they are away.
    asked_away = models.BooleanField(_("asked about work while away"), default=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("address",)

    def __str__(self) -> str:
        return self.address

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def imap(self) -> Endpoint:
        return self._endpoint(self.imap_host, self.imap_port, self.imap_tls)

    @property
    def smtp(self) -> Endpoint:
        return self._endpoint(self.smtp_host, self.smtp_port, self.smtp_tls)

    def _endpoint(self, host: str, port: int, tls: str) -> Endpoint:
        return Endpoint(host, port, tls, public_only=not listed(host, port))


# Asked twice in every request. Other processes learn of a change when the seconds are over.
_LISTED_SECONDS = 5.0
_listed: dict[tuple[str, int], tuple[bool, float]] = {}


def listed(host: str, port: int) -> bool:
    """Whether the administrator listed this server, so that it may stand at an inside address."""
    known, until = _listed.get((host, port), (False, 0.0))
    if time.monotonic() < until:
        return known
    known = Domain.objects.filter(
        models.Q(imap_host=host, imap_port=port) | models.Q(smtp_host=host, smtp_port=port), enabled=True
    ).exists()
    if len(_listed) > 1000:
        _listed.clear()
    _listed[host, port] = known, time.monotonic() + _LISTED_SECONDS
    return known


def authserv(account: Account) -> str:
    """By which name the account's mail server signs what it found out about senders; "" where nobody listed one."""
    domain = Domain.objects.filter(name=account.domain, enabled=True, imap_host=account.imap_host).first()
    return domain.authserv_id if domain else ""


@receiver([models.signals.post_save, models.signals.post_delete], sender=Domain)
def forget_listed(**_: object) -> None:
    """A domain was changed in this process: that counts from the next request on."""
    _listed.clear()


class Credential(models.Model):
    """A mail password sealed by credential-1; nothing in this row opens it (see accounts/credentials.py).

    A send lease is the third kind. It is kept in the outbox row it was made for, and erased with it.
    """

    class Kind(models.TextChoices):
        SESSION = "session"
        GRANT = "grant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    sealed = models.BinaryField()
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} credential of account {self.account_id}"


class AwayEvent(models.Model):
    """What happened to the password that a person left here for work while they are away. Rows are only ever added."""

    class Act(models.TextChoices):
        GIVEN = "given", _("Allowed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        USED = "used", _("Used")
        REFUSED = "refused", _("Refused by the mail server, and deleted")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="away_events")
    act = models.CharField(max_length=9, choices=Act.choices)
    at = models.DateTimeField(default=timezone.now)
    # What it was used for, such as "outbox <id>". Never a name, a subject or an address.
    about = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=["account", "-at"], name="away_of_account"),)

    def __str__(self) -> str:
        return f"{self.act} for account {self.account_id}"
