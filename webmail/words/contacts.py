"""What is said where people are found and kept: suggestions under a recipient's line, and the page of contacts."""

from django.utils.translation import gettext_lazy as _

CONTACTS = {
    # while a recipient is typed
    "ui-suggestions": _("People"),
    "ui-suggestions-count": _("Suggestions: {count}"),
    "ui-suggest-here": _("Of your domain"),
    "ui-suggest-locked": _("Your contacts are sealed with your keys. Unlock your keys to find them here, too."),
    "ui-suggest-unasked": _("People of your domain could not be asked for just now."),
    "ui-group-count": _("{count} people"),
    "ui-chip-keys": _("Enter edits, Delete removes, Alt with an arrow up or down moves to another line."),
}
