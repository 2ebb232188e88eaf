"""The mailbox page: what is in a mailbox, page by page, and acts on its messages."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import credentials, imap
from accounts.decorators import signed_in
from accounts.models import Account
from keys import ring

from .. import mailbox as mail
from . import boxes, compose, rows

#: Beyond this no page has rows to tick; more in one request is not ours.
MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class Asked:
    """Which part of the mailbox: the same words in the address, in the forms and in what htmx asks."""

    page: int = 1
    query: str = ""
    oldest: bool = False

    @classmethod
    def of(cls, given: QueryDict) -> Asked:
        number = given.get("page", "1")
        page = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 1
        return cls(max(page, 1), given.get("q", "").strip()[:500], given.get("sort") == "oldest")

    @property
    def suffix(self) -> str:
        said = {
            "q": self.query,
            "sort": "oldest" if self.oldest else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        said = {name: value for name, value in said.items() if value}
        return f"?{urlencode(said)}" if said else ""


@require_safe
@signed_in
def home(request: HttpRequest) -> HttpResponseBase:
    """To the inbox; before that, once in a session, to the keys that are still missing."""
    if "later" in request.GET:
        request.session["keys_later"] = True
    elif not request.session.get("keys_later") and not ring.has_ring(_account(request).person):
        return redirect("keys:set_up")
    return redirect("webmail:mailbox", "INBOX")


@require_safe
@signed_in
def page(request: HttpRequest, mailbox: str) -> HttpResponseBase:
    asked = Asked.of(request.GET)
    with imap.connect(credentials.login_for(request)) as server:
        if _wants_list(request):
            return render(request, "webmail/_list.html", _list(server, mailbox, asked))
        context = _panes(request, server, mailbox, asked)
    return render(request, "webmail/mailbox.html", context)


def with_reader(request: HttpRequest, mailbox: str, template: str, context: dict[str, object]) -> HttpResponse:
    """The same page with a message open in it; `context` is what the reader shows."""
    with imap.connect(credentials.login_for(request)) as server:
        panes = _panes(request, server, mailbox, Asked.of(request.GET))
    return render(request, template, panes | {"reading": True} | context)


@require_GET
@signed_in
def mailboxes(request: HttpRequest) -> HttpResponseBase:
    """The navigation alone, brought up to date."""
    with imap.connect(credentials.login_for(request)) as server:
        context = _navigation(mail.mailboxes(server), request.GET.get("here", ""))
    return render(request, "webmail/_mailboxes.html", context)


class ActForm(forms.Form):
    """What the bar over the list sends. The button for a mailbox is called `move`, all others `action`."""

    ACTIONS = ("archive", "delete", "spam", "notspam", "read", "unread", "star", "unstar")

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS], required=False)
    move = forms.CharField(max_length=1000, required=False, strip=False)
    uidvalidity = forms.IntegerField(min_value=0)
    uid = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        given = data.getlist("uid")[: MOST_AT_ONCE + 1]
        numbers = [text for text in given if text.isascii() and text.isdecimal() and 0 < int(text) < 1 << 32]
        self.fields["uid"].choices = [(text, text) for text in numbers[:MOST_AT_ONCE]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = self.cleaned_data
        if bool(given.get("action")) == bool(given.get("move")):
            raise forms.ValidationError("one act at a time")
        return given


@require_POST
@signed_in
def act(request: HttpRequest, mailbox: str) -> HttpResponseBase:
    form = ActForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    asked = Asked.of(request.POST)
    given = form.cleaned_data
    with imap.connect(credentials.login_for(request)) as server:
        mail.open_at(server, mailbox, given["uidvalidity"])
        moved = _do(server, mailbox, given["action"], given["move"], given["uid"])
        did = _did(server, moved, mailbox, len(given["uid"])) if moved else None
        events: dict[str, object] = {"postern:counts": {}} | ({"postern:did": did} if did else {})
        if _wants_list(request):
            answer = render(request, "webmail/_list.html", _list(server, mailbox, asked))
        elif "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "fetch":
            answer = HttpResponse(status=204)
        else:
            return redirect(reverse("webmail:mailbox", args=[mailbox]) + asked.suffix)
    # ASCII only: a header carries nothing else, and mailbox names do.
    answer.headers["HX-Trigger"] = json.dumps(events)
    return answer


def _do(server: imap.Server, mailbox: str, action: str, target: str, uids: list[int]) -> mail.Moved | None:
    """The act itself; flags move nothing."""
    match action:
        case "archive":
            return mail.archive(server, uids)
        case "delete":
            return mail.delete(server, uids, mailbox)
        case "spam":
            return mail.spam(server, uids)
        case "notspam":
            return mail.not_spam(server, uids)
        case "read" | "unread":
            mail.mark_seen(server, uids, action == "read")
        case "star" | "unstar":
            mail.star(server, uids, action == "star")
        case _:
            return mail.move(server, uids, target)
    return None


def _did(server: imap.Server, moved: mail.Moved, source: str, count: int) -> dict[str, object]:
    """What the toast says, and how to take it back where the server told the messages' new numbers."""
    if not moved.target:
        return {
            "sentence": ngettext("Deleted for good.", "%(count)s messages deleted for good.", count) % {"count": count}
        }
    target = boxes.show(mail.one(server, moved.target))
    words = ngettext("Now in %(mailbox)s.", "%(count)s messages are now in %(mailbox)s.", count)
    did: dict[str, object] = {"sentence": words % {"count": count, "mailbox": target.label}}
    if moved.there:
        fields = {
            "move": source,
            "uidvalidity": str(moved.there.uidvalidity),
            "uid": [str(uid) for uid in moved.there.uids],
        }
        did["undo"] = {"url": target.act_url, "fields": fields}
    return did


def _wants_list(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "list"


def _account(request: HttpRequest) -> Account:
    account: Account = request.account  # type: ignore[attr-defined]
    return account


def _panes(request: HttpRequest, server: imap.Server, name: str, asked: Asked) -> dict[str, object]:
    """Everything on the page but the message."""
    found = mail.mailboxes(server)
    here = next((box for box in found if box.name == name), None) or mail.Mailbox(name, "", "", True)
    return _list(server, name, asked, here) | _navigation(found, name) | {"initials": _initials(_account(request))}


def _navigation(found: list[mail.Mailbox], here: str) -> dict[str, object]:
    shown = boxes.show_all(found)
    box = next((each for each in shown if each.name == here), None)
    return {"boxes": shown, "has_own_boxes": any(not each.role for each in shown)} | ({"box": box} if box else {})


def _list(server: imap.Server, name: str, asked: Asked, here: mail.Mailbox | None = None) -> dict[str, object]:
    """The list with its head and its foot."""
    look = mail.find(server, name, asked.query, asked.page, oldest_first=asked.oldest) if asked.query else None
    found = look or mail.page(server, name, asked.page, oldest_first=asked.oldest)
    asked = replace(asked, page=found.number)
    box = boxes.show(here or mail.one(server, name))
    prefix = f"{box.url}{found.uidvalidity}/"
    writing = compose.draft_url(name, found.uidvalidity) if box.role == "drafts" else ""
    title = f"{box.label} ({box.unread})" if box.role == "inbox" and box.unread else box.label
    return {
        "box": box,
        "title": title,
        "query": asked.query,
        "sort": "oldest" if asked.oldest else "",
        "page_number": found.number,
        "uidvalidity": found.uidvalidity,
        "rows": rows.show(found.rows, box.role, prefix, f"/{asked.suffix}", writing),
        "list_url": box.url + asked.suffix,
        "newest_url": box.url + replace(asked, oldest=False, page=1).suffix,
        "oldest_url": box.url + replace(asked, oldest=True, page=1).suffix,
        "before_url": box.url + replace(asked, page=found.number - 1).suffix if found.number > 1 else "",
        "after_url": box.url + replace(asked, page=found.number + 1).suffix if found.number < found.pages else "",
        "range_note": _("%(first)s–%(last)s of %(total)s")
        % _numbers(first=found.first, last=found.last, total=found.total),
        "head_note": _head_note(found, box.unread, asked),
        "empty": _empty(box, asked) if not found.rows else None,
    }


def _head_note(found: mail.Page, unread: int, asked: Asked) -> str:
    if asked.query:
        return ngettext("%(count)s found", "%(count)s found", found.total) % _numbers(count=found.total)
    return ngettext("%(count)s unread", "%(count)s unread", unread) % _numbers(count=unread) if unread else ""


def _numbers(**values: int) -> dict[str, str]:
    return {name: number_format(value, force_grouping=True) for name, value in values.items()}


def _empty(box: boxes.Box, asked: Asked) -> dict[str, object]:
    """An empty place says what is so and how to begin."""
    if asked.query:
        head = _("Nothing for “%(query)s”") % {"query": asked.query}
        note = _("Searched subjects, senders and recipients here. Try fewer words, or text: to search whole messages.")
        return {"icon": "search", "head": head, "note": note}
    match box.role:
        case "inbox":
            return {
                "icon": "inbox",
                "head": _("Nothing is waiting"),
                "note": _("New mail appears here by itself."),
                "write": True,
            }
        case "drafts":
            return {
                "icon": "drafts",
                "head": _("No drafts"),
                "note": _("What you leave unfinished is kept here."),
                "write": True,
            }
        case "sent":
            return {
                "icon": "send",
                "head": _("Nothing sent yet"),
                "note": _("Copies of what you send are kept here."),
                "write": True,
            }
        case "junk":
            return {
                "icon": "junk",
                "head": _("No junk"),
                "note": _("What you report as spam comes here."),
                "write": False,
            }
        case "trash":
            return {
                "icon": "trash",
                "head": _("The trash is empty"),
                "note": _("What you delete waits here."),
                "write": False,
            }
        case _:
            return {
                "icon": box.icon,
                "head": _("Nothing here yet"),
                "note": _("Move messages here from another mailbox."),
                "write": False,
            }


def _initials(account: Account) -> str:
    words = (account.name or account.address.partition("@")[0]).replace(".", " ").split()
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper()
