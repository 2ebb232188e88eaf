"""What is said about undoing, sending later, and sending while the person is away (ids `send-…` and `ui-…`)."""

from django.utils.translation import gettext_lazy as _

LATER = {
    "send-undo": _("Sending in {seconds} s"),
    # The button of the composer with the time that was chosen.
    "send-later": _("{button} at {time}"),
    "ui-later": _("Send later"),
    "ui-later-afternoon": _("This afternoon"),
    "ui-later-tomorrow": _("Tomorrow morning"),
    "ui-later-monday": _("Monday morning"),
    "ui-later-own": _("Date and time"),
    "ui-later-choose": _("Choose"),
    "ui-later-none": _("Send at once instead"),
    "ui-later-passed": _("That time has passed. Choose another."),
    "ui-later-too-far": _("Choose a time within a year from now."),
    "ui-away-title": _("Allow sending while you are away"),
    "ui-away-question": _("Allow sending while you are away?"),
    "ui-away-meaning": _(
        "Postern then keeps your mail password, sealed under this server’s key, until you withdraw this. "
        "Whoever runs the server could use it."
    ),
    "ui-away-yes": _("Allow"),
    "ui-away-not": _("Send when I sign in next"),
    "ui-away-on": _("Allowed. Scheduled messages go at their time, also when you are signed out."),
    "ui-away-off": _("Not allowed. Scheduled messages go when you sign in next."),
    "ui-away-off-waiting": _("Not allowed. What waits in the outbox goes when you sign in next."),
}
