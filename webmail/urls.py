"""Every address of the site; reads as its table of contents."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, register_converter
from django.views.i18n import set_language

from .converters import MailboxConverter
from .views import (
    compose,
    contacts,
    drafts,
    frame,
    limits,
    mailbox,
    message,
    outbox,
    pictures,
    sending,
    settings,
)  # fmt: skip

register_converter(MailboxConverter, "mailbox")

#: A message is its UID within a mailbox that still has the UIDVALIDITY it was told with.
MESSAGE = "mailbox/<mailbox:mailbox>/<int:uidvalidity>/<int:uid>/"

mail = (
    [
        path("", mailbox.home, name="home"),
        path("mailboxes/", mailbox.mailboxes, name="mailboxes"),
        path("mailbox/<mailbox:mailbox>/", mailbox.page, name="mailbox"),
        path("mailbox/<mailbox:mailbox>/do/", mailbox.act, name="act"),
        path("settings/", settings.page, name="settings"),
        path("settings/undo/", sending.undo, name="undo_seconds"),
        path("settings/away/", sending.away, name="away"),
        path("settings/writing/", settings.writing, name="writing"),
        path("language/", set_language, name="language"),
        path("compose/", compose.page, name="compose"),
        path("compose/people/", contacts.people, name="people"),
        path("contacts/", contacts.page, name="contacts"),
        path("drafts/", drafts.save, name="draft_save"),
        path("drafts/discard", drafts.discard, name="draft_discard"),
        path("frame/blocked/", frame.blocked, name="frame_blocked"),
        path("picture/", pictures.picture, name="picture"),
        path(MESSAGE, message.page, name="message"),
        path(MESSAGE + "outline/", message.outlined, name="outline"),
        path(MESSAGE + "raw/", message.raw, name="raw"),
        path(MESSAGE + "source/", message.source, name="source"),
        path(MESSAGE + "part/<str:section>/", message.part, name="part"),
        path("send/", outbox.send, name="send"),
        path("send/limit/", limits.limit, name="send_limit"),
        path("outbox/", outbox.page, name="outbox"),
        path("outbox/<uuid:row>/", outbox.row, name="outbox_row"),
        path("outbox/<uuid:row>/told/", outbox.told, name="outbox_told"),
        path("outbox/<uuid:row>/copy/", outbox.download, name="outbox_copy"),
        path("outbox/<uuid:row>/undo/", outbox.undo, name="outbox_undo"),
        path("outbox/<uuid:row>/here/", outbox.here, name="outbox_here"),
        path("outbox/<uuid:row>/move/", outbox.move, name="outbox_move"),
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

handler400 = "webmail.views.errors.bad_request"
handler403 = "webmail.views.errors.forbidden"
handler404 = "webmail.views.errors.not_found"
handler500 = "webmail.views.errors.failed"
