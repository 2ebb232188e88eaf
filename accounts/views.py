"""The door: signing in and out, and which servers an address belongs to."""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from . import discovery, refusals, sessions, throttle
from .errors import AccountError, TooManyTries
from .forms import AddressForm, SignInForm
from .models import Account


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    if request.account is not None and request.method == "GET":  # type: ignore[attr-defined]
        return redirect(_next(request))
    if request.method == "GET":
        return _door(request, SignInForm(), ended=request.GET.get("ended", ""))
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _door(request, form, status=400)
    address, password = form.cleaned_data["address"], form.cleaned_data["password"]
    try:
        throttle.check(request, address)
        if discovery.asks_outside(address):
            throttle.check_lookups(request)
        found = discovery.find(address, form.named)
        if found.to_confirm and form.cleaned_data["confirmed"] != found.imap.host:
            return _door(request, form, found=found)
        with throttle.trying(request, address):
            account = _judge(request, address, password, found)
    except AccountError as error:
        minutes = throttle.minutes_left(request, address) if isinstance(error, TooManyTries) else 0
        refusal = refusals.of(error, minutes)
        return _door(request, form, refusal=refusal, status=refusal.status)
    response = redirect(_next(request))
    sessions.begin(request, response, account, password)
    throttle.forgive(address)
    return response


def _judge(request: HttpRequest, address: str, password: str, found: discovery.Found) -> Account:
    """The account that the mail server lets in. Every refusal is raised as its own error."""
    person = authenticate(request, address=address, password=password, found=found)
    if person is None:
        if getattr(request, "axes_locked_out", False):
            raise TooManyTries
        refusal = getattr(request, "refusal", None)
        # Without a word from the server nobody but the throttle can have said no.
        raise refusal if isinstance(refusal, AccountError) else TooManyTries
    return Account.objects.select_related("person").get(address=address)


@never_cache
@require_POST
def found(request: HttpRequest) -> HttpResponse:
    """Fragment: the servers for the address being typed, asked before any password is sent."""
    form = AddressForm(request.POST)
    context: dict[str, object] = {}
    if form.is_valid():
        context["domain"] = form.cleaned_data["address"].rpartition("@")[2]
        try:
            throttle.check_lookups(request)
            context["found"] = discovery.find(form.cleaned_data["address"])
        except AccountError as error:
            context["refusal"] = refusals.of(error, minutes=1)
    return render(request, "accounts/_found.html", context)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end(request)
    response = redirect("accounts:sign_in")
    sessions.forget_share(response)
    # Not "storage": the browser must go on remembering the highest key ring revision it saw (design D2).
    response["Clear-Site-Data"] = '"cache"'
    return response


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours."""
    where = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(where, {request.get_host()}, require_https=request.is_secure())
    return where if ours else reverse("webmail:home")


def _door(
    request: HttpRequest,
    form: SignInForm,
    *,
    refusal: refusals.Refusal | None = None,
    found: discovery.Found | None = None,
    ended: str = "",
    status: int = 200,
) -> HttpResponse:
    address = form.cleaned_data.get("address", "") if form.is_bound else ""
    keep = refusal is not None and refusal.keep_password
    context = {
        "form": form,
        "refusal": refusal,
        "found": found,
        "ended": ended if ended in (sessions.IDLE, sessions.OVER) else "",
        "domain": address.rpartition("@")[2],
        "password": form.cleaned_data["password"] if keep else "",
        "name_servers": bool(refusal and refusal.name_servers) or bool(form.is_bound and form.data.get("imap_host")),
        "next": request.POST.get("next") or request.GET.get("next") or "",
    }
    return render(request, "accounts/sign_in.html", context, status=status)
