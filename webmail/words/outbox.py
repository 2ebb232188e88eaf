"""What the outbox says about a message on its way."""

from django.utils.translation import gettext_lazy as _

OUTBOX = {
    "out-undo": _("Goes out in {seconds} s."),
    "out-queued": _("Waiting for its turn."),
    "out-submitting": _("Handing it to your mail server."),
    "out-retry": _("Your mail server did not take it yet. Next try at {time}."),
    "out-retry.detail": _("Try {n}. It said: {answer}."),
    "out-unknown": _("Your mail server may have taken it; the answer got lost."),
    "out-unknown.detail": _(
        "Postern looks for it in Sent before anything else happens. It will not send twice by itself."
    ),
    "out-unknown-ask": _("It is not clear whether this message went out."),
    "out-unknown-ask.detail": _("Not found in Sent. Ask a recipient, or decide."),
    "out-accepted": _("Sent. Putting the copy into Sent."),
    "out-accepted.detail": _("Accepted {time}."),
    "out-copy-pending": _("Sent, but the copy is not in Sent yet."),
    "out-copy-pending.detail": _("{reason}. Postern keeps it here and tries until {date}."),
    "out-draft-pending": _("Sent. Its draft is still in Drafts."),
    "out-draft-pending.detail": _("{reason}. Postern tries again to delete it."),
    "out-done": _("Sent on {time}."),
    "out-partly-refused": _("Sent to {n}; {address} was refused."),
    "out-partly-refused.detail": _("Your mail server said: {answer}."),
    "out-refused": _("Your mail server refused this message."),
    "out-refused.detail": _("It said: {answer}. Nothing went out."),
    "out-sign-in": _("Your mail server wants you to sign in again."),
    "out-sign-in.detail": _("The message waits."),
    "out-too-large": _("Larger than your mail server takes."),
    "out-too-large.detail": _("{size}, limit {limit}."),
    "out-gave-up": _("Not sent after {days} days."),
    "out-gave-up.detail": _("Last answer: {answer}. Nothing is lost."),
    "out-cancelled": _("Not sent. It is in Drafts."),
    "out-cancelling": _("Stopped. Putting it into Drafts."),
    "out-kept": _("In Drafts. It is not clear whether it went out."),
}
