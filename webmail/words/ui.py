"""Words of buttons and small notices that elements on the page put there themselves (ids `ui-…`)."""

from django.utils.translation import gettext_lazy as _

UI = {
    # mailbox
    "ui-selected": _("{count} selected"),
    "ui-undo": _("Undo"),
    "ui-close": _("Close"),
    "ui-failed": _("That did not work. Try again."),
    "ui-offline": _("No connection to the server. Try again."),
    "ui-moved-to": _("Now in {mailbox}"),
}
