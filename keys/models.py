"""What the server keeps of people's keys: sealed bytes, and certificates, which are public."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class KeyRing(models.Model):
    """The current sealed key ring of a person (`keyring-1`). We cannot open it.

    Ring, epoch and revision are read from the clear header of the sealed bytes.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="key_ring", verbose_name=_("person")
    )
    ring = models.CharField(max_length=64)
    epoch = models.BigIntegerField(_("epoch"))
    rev = models.BigIntegerField(_("revision"))
    hash = models.CharField(max_length=64)
    sealed = models.BinaryField()
    written = models.DateTimeField(_("written"), auto_now=True)

    class Meta:
        verbose_name = _("key ring")
        verbose_name_plural = _("key rings")

    def __str__(self) -> str:
        return f"key ring of {self.person}, revision {self.rev}"


class OlderKeyRing(models.Model):
    """A replaced revision, kept for a while in case the newer one proves unreadable."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="older_key_rings")
    ring = models.CharField(max_length=64)
    epoch = models.BigIntegerField()
    rev = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    sealed = models.BinaryField()
    replaced = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "older key ring"
        ordering = ("-rev",)
        indexes = (models.Index(fields=("person", "-rev")),)

    def __str__(self) -> str:
        return f"older key ring of {self.person}, revision {self.rev}"


class StateRecord(models.Model):
    """A sealed `state-1` record: pins and what else a person's browser remembers."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="state_records")
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    rev = models.BigIntegerField()
    sealed = models.BinaryField()
    written = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "state record"
        constraints = (models.UniqueConstraint(fields=("person", "kind", "name"), name="one_record_per_name"),)

    def __str__(self) -> str:
        return f"{self.kind} record of {self.person}, revision {self.rev}"


class StayHalf(models.Model):
    """The server's half of `stay-1`: 32 random bytes that die with the session.

    The row hangs on the session's row, so whatever ends the session ends it too.
    """

    session = models.OneToOneField("sessions.Session", on_delete=models.CASCADE, related_name="stay_half")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stay_halves")
    half = models.BinaryField()
    created = models.DateTimeField()
    used = models.DateTimeField()

    class Meta:
        verbose_name = "stay half"
        verbose_name_plural = "stay halves"

    def __str__(self) -> str:
        return f"stay half of {self.person}"


class Certificate(models.Model):
    """A certificate that belongs to an account here, minimised by the judge."""

    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="certificates", verbose_name=_("account")
    )
    address = models.CharField(_("address"), max_length=320, db_index=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    data = models.BinaryField()
    made = models.DateTimeField(_("made"), help_text=_("when its primary key was made"))
    expires = models.DateTimeField(_("expires"), null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    published = models.DateTimeField(_("published"), help_text=_("when its owner last put it in the directory"))
    source = models.CharField(_("source"), max_length=16, default="directory")

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ("-published", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("account", "fingerprint"), name="one_certificate_per_fingerprint"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.fingerprint}"
