"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "site_host": settings.SITE_HOST,
        "demo": settings.MODE == "demo",
        "account": getattr(request, "account", None),
    }
