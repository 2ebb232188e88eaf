"""What the composer says about handing a finished message over."""

from django.utils.translation import gettext_lazy as _

HANDING_OVER = {
    "ui-too-large-here": _("Postern takes {limit}; this message has {size}."),
    "ui-send-unclear": _(
        "The message was handed over, but no answer came. Press Send again: it goes out once, however often you press."
    ),
    "ui-sent-earlier": _("It had been taken at the first try. What you changed after that is not in it."),
}
