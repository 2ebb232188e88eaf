"""Every address of the site; reads as its table of contents."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

mail = (
    [
        # each view's module adds its lines here
    ],
    "webmail",
)

urlpatterns = [
    path("", include(mail)),
    path("", include("accounts.urls")),
    path("keys/", include("keys.urls")),
    path("admin/", admin.site.urls),
]
