"""The person's own settings: name, language, whether colleagues find them, what may go in the clear; and writing."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.decorators import signed_in
from accounts.models import Account

from . import sending


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """The display name goes into From; a line break in it would begin another header field."""

    class Meta:
        model = Account
        fields: ClassVar = ["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if any(not sign.isprintable() for sign in name):
            raise forms.ValidationError(_("A name is one line of text."))
        return name.strip()


#: Each in a form of its own: a tick that another form does not send must not count as taken off.
TICKS = {
    "shown": forms.modelform_factory(Account, fields=["shown_to_others"]),
    "rule": forms.modelform_factory(Account, fields=["only_encrypted"]),
}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def page(request: HttpRequest) -> HttpResponseBase:
    account: Account = request.account  # type: ignore[attr-defined]
    for name, tick in TICKS.items():
        if request.method == "POST" and name in request.POST:
            tick(request.POST, instance=account).save()
            return redirect(f"{request.path}?saved=1")
    form = AccountForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"{request.path}?saved=1")
    context = {"form": form, "saved": "saved" in request.GET, "languages": settings.LANGUAGES}
    context |= sending.choices(account)
    return render(request, "webmail/settings.html", context, status=422 if form.errors else 200)


@require_GET
@signed_in
def writing(request: HttpRequest) -> HttpResponseBase:
    """Signatures, identities and templates are sealed: the page asks for them and opens them, none is here."""
    return render(request, "webmail/settings_writing.html")
