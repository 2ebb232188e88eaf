"""What the composer and the site say of drafts."""

from django.utils.translation import gettext_lazy as _

DRAFTS = {
    "write-draft-saved": _("Draft saved, encrypted for you."),
    "write-draft-local": _("No connection. The draft is kept encrypted in this browser."),
    "write-draft-elsewhere": _("This draft is open elsewhere too."),
    "write-draft-foreign": _("Another program left this draft. Encrypted blocks in it stay closed."),
    "write-draft-locked": _("Your keys are locked. Unlock them so that the draft can be saved."),
    "ui-draft-not-opened": _("This draft could not be opened. It stays where it is, as it was."),
    "ui-draft-not-kept": _("What you wrote last is not saved. It could not be kept in this browser."),
    "ui-action-draft": _("go on with your draft"),
    "ui-draft-use": _("Use this one"),
    "ui-draft-both": _("Keep both"),
    "ui-draft-browser": _("The draft is kept encrypted in this browser only, until you have keys."),
    "ui-draft-here": _("The draft is kept encrypted in this browser."),
    "ui-draft-in-drafts": _("It is in Drafts."),
    "ui-draft-discard": _("Discard"),
    "ui-draft-discarded": _("Draft discarded."),
    "ui-draft-brought-in": _("A draft that was only in this browser is in Drafts now."),
    "ui-draft-left": _("A draft was not finished. It is kept encrypted in this browser."),
    "ui-draft-go-on": _("Continue writing"),
    "ui-draft-unsaved": _("A draft is not in your mailbox yet."),
    "ui-draft-unsaved-detail": _(
        "It is kept encrypted in this browser, and offered to you here after your next sign-in."
    ),
    "ui-stay": _("Stay"),
    "ui-sign-out-all-the-same": _("Sign out all the same"),
}
