"""What is said where people are found and kept: suggestions under a recipient's line, and the page of contacts."""

from django.utils.translation import gettext_lazy as _

CONTACTS = {
    # while a recipient is typed
    "ui-suggestions": _("People"),
    "ui-suggestions-count": _("Suggestions: {count}"),
    "ui-suggest-here": _("Of your domain"),
    "ui-suggest-locked": _("Your contacts are sealed with your keys. Unlock your keys to find them here, too."),
    "ui-suggest-unasked": _("People of your domain could not be asked for just now."),
    "ui-group-count": _("People: {count}"),
    "ui-chip-keys": _("Enter edits, Delete removes, Alt with an arrow up or down moves to another line."),
    # the page of contacts
    "ui-contact-sent": _("Written to: {count}. Last mail: {date}."),
    "ui-contact-got": _("Last mail from them: {date}."),
    "ui-contact-added": _("Added by you."),
    "ui-contact-write": _("Write to {name}"),
    "ui-contact-edit": _("Edit {name}"),
    "ui-contact-delete": _("Delete {name}"),
    "ui-contact-gone": _("{name} is deleted and is not collected again."),
    "ui-group-gone": _("The group {name} is deleted."),
    "ui-contact-saved": _("{name} is saved."),
    "ui-contact-new-head": _("New contact"),
    "ui-contact-edit-head": _("Edit contact"),
    "ui-contact-twice": _("This address is in your contacts already."),
    "ui-group-new-head": _("New group"),
    "ui-group-edit-head": _("Edit group"),
    "ui-group-nameless": _("Give the group a name."),
    "ui-group-invalid": _("{address} is not a complete address."),
    "ui-contacts-unsaved": _("That could not be saved. It stays in this page; try again when the connection is back."),
    "ui-contacts-unread": _("Your contacts could not be read just now. Load the page again; nothing of them is lost."),
    "ui-contacts-full": _("Your contacts are full. Delete some before you add others."),
    "ui-contacts-file": _("contacts"),
    "ui-import-none": _("This file holds no vCards."),
    "ui-import-too-large": _("This file is too large to be a list of contacts."),
    "ui-import-done": _("Added: {added}. Changed: {changed}. There already: {left}."),
    "ui-import-without": _("Entries without a mail address: {count}."),
    "ui-import-what": _("Names, addresses and groups were taken; photos, numbers and other details were not."),
}
