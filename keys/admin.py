"""What the admin sees of keys: that they are there, never a byte of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from .models import Certificate, KeyRing

if TYPE_CHECKING:
    from django.http import HttpRequest


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only their owner's browser may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(KeyRing)
class KeyRingAdmin(LookOnly):
    list_display = ("person", "epoch", "rev", "written")
    fields = ("person", "epoch", "rev", "written")
    search_fields = ("person__username",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        # Deleting it would close a person's encrypted mail for good.
        return False


@admin.register(Certificate)
class CertificateAdmin(LookOnly):
    list_display = ("address", "fingerprint", "made", "expires", "published")
    fields = ("account", "address", "fingerprint", "made", "expires", "published", "source")
    search_fields = ("address", "fingerprint")
