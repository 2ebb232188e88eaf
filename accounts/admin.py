"""What an administrator sees: domains, people, accounts and policies. No mail, no password, no sealed credential."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .models import Account, Domain, Person

_SERVERS: tuple[Any, ...] = (
    (_("Reading mail"), {"fields": ("imap_host", "imap_port", "imap_tls")}),
    (_("Sending mail"), {"fields": ("smtp_host", "smtp_port", "smtp_tls")}),
)


@admin.register(Domain)
class DomainAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "enabled", "imap_host", "smtp_host", "policy")
    list_filter = ("enabled", "policy")
    search_fields = ("name", "imap_host", "smtp_host")
    fieldsets = (
        (None, {"fields": ("name", "enabled", "login_form", "policy", "shows_people", "authserv_id")}),
        *_SERVERS,
    )


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts come about by signing in. Changed servers make people sign in again: their sealed passwords name
    the servers they were given for."""

    list_display = ("address", "enabled", "imap_host", "created")
    list_filter = ("enabled",)
    search_fields = ("address",)
    readonly_fields = ("address", "person", "created")
    fieldsets = ((None, {"fields": ("address", "person", "enabled", "name", "login", "created")}), *_SERVERS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Administrators have a password here; people with mail have none, their mail server judges them."""

    list_display = ("username", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
