"""Which mailbox is Sent, Drafts, Archive…: by special use (RFC 6154), else by the names programs give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.imap import Listed, Server

# RFC 6154 section 2.
ATTRIBUTES: Mapping[str, str] = {
    "archive": "\\archive",
    "drafts": "\\drafts",
    "junk": "\\junk",
    "sent": "\\sent",
    "trash": "\\trash",
    "all": "\\all",
}
# What servers and programs call them where the attribute is missing; the first is the name we create.
NAMES: Mapping[str, tuple[str, ...]] = {
    "archive": ("Archive", "Archives", "Archiv", "归档"),
    "drafts": ("Drafts", "Draft", "Entwürfe", "草稿箱", "草稿"),
    "junk": ("Junk", "Spam", "Junk E-mail", "Junk Email", "Bulk Mail", "垃圾邮件"),
    "sent": ("Sent", "Sent Items", "Sent Messages", "Sent Mail", "Gesendet", "Gesendete Objekte", "已发送"),
    "trash": ("Trash", "Deleted Items", "Deleted Messages", "Bin", "Papierkorb", "已删除"),
    "all": ("All Mail",),
}


def assign(listed: Iterable[Listed]) -> dict[str, str]:
    """`role: mailbox name` for every role that a mailbox in the list can have."""
    usable = [box for box in listed if not {"\\noselect", "\\nonexistent"} & _attributes(box)]
    roles: dict[str, str] = {}
    for role, attribute in ATTRIBUTES.items():
        for box in usable:
            if attribute in _attributes(box):
                roles[role] = box.name
                break
        else:
            if name := _by_name(role, usable):
                roles[role] = name
    return roles


def mailbox_for(server: Server, role: str) -> str:
    """The mailbox of the role, made under its first name where the account has none."""
    found = assign(server.list_mailboxes()).get(role)
    if found is None:
        found = server.personal_prefix() + NAMES[role][0]
        server.create(found)
    return found


def mailboxes_like(server: Server, roles: Iterable[str]) -> list[str]:
    """The mailboxes of these roles that exist."""
    assigned = assign(server.list_mailboxes())
    return [assigned[role] for role in roles if role in assigned]


def _attributes(box: Listed) -> set[str]:
    return {attribute.lower() for attribute in box.attributes}


def _by_name(role: str, boxes: list[Listed]) -> str | None:
    """The last part of the name decides, and the order of the names before the order of the mailboxes."""
    for wanted in NAMES[role]:
        for box in boxes:
            leaf = box.name.rpartition(box.delimiter)[2] if box.delimiter else box.name
            if leaf.casefold() == wanted.casefold():
                return box.name
    return None
