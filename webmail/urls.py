"""Every address of the site; reads as its table of contents."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from .views import outbox

mail = (
    [
        # each view's module adds its lines here
        path("send/", outbox.send, name="send"),
        path("outbox/", outbox.page, name="outbox"),
        path("outbox/<uuid:row>/", outbox.row, name="outbox_row"),
        path("outbox/<uuid:row>/copy/", outbox.download, name="outbox_copy"),
        path("outbox/<uuid:row>/<slug:act>/", outbox.act, name="outbox_act"),
    ],
    "webmail",
)

urlpatterns = [
    path("", include(mail)),
    path("", include("accounts.urls")),
    path("keys/", include("keys.urls")),
    path("admin/", admin.site.urls),
]
