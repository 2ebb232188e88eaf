"""What set-up, unlock and the key ring say."""

from django.utils.translation import gettext_lazy as _

KEYS = {
    "keys-setup": _("Choose a passphrase for your keys."),
    "keys-setup.detail": _(
        "It is not your mail password, and it is not sent to the server. Five random words work well."
    ),
    "keys-same-as-mail": _("Choose something other than your mail password."),
    "keys-same-as-mail.detail": _("The server handles your mail password; it must not open your keys."),
    "keys-weak": _("Somebody with a copy could guess this in about {time}."),
    "keys-making": _("Making your keys in this browser."),
    "recovery-show": _("Print or write down this recovery code."),
    "recovery-show.detail": _("It opens your keys if you forget the passphrase. Nobody else can do that for you."),
    "recovery-check": _("Type the words {a} and {b} of your recovery code."),
    "recovery-wrong": _("That code does not open your keys."),
    "recovery-wrong.detail": _("Check for swapped words. Earlier codes stopped working on {date}."),
    "recovery-none": _("Without a passphrase, passkey or recovery code, these keys stay closed."),
    "recovery-none.detail": _(
        "Neither we nor your administrator can open them. Encrypted mail stays, unread, in case the code "
        "turns up."
    ),
    "unlock-ask": _("Unlock your keys to {action}."),
    "unlock-wrong": _("That passphrase does not open your keys."),
    "unlock-wrong.detail": _("Caps Lock is on."),
    "unlock-working": _("Unlocking takes about a second."),
    "unlock-stay": _("Stay unlocked in this browser until you sign out."),
    "unlock-stay.detail": _("Leave this off on a computer that others use."),
    "lock-done": _("Your keys are locked in every tab."),
    "lock-idle": _("Locked after {minutes} minutes without use."),
    "lock-idle.detail": _("Drafts are saved."),
    "lock-elsewhere": _("You signed out in another tab, so your keys are locked here too."),
    "ring-tampered": _("This copy of your key ring was changed. Postern uses none of it."),
    "ring-rollback": _("Check: the server offers an older copy of your key ring than before."),
    "ring-rollback.detail": _(
        "You had number {a}, the server offers {b}. Newer keys and verifications may be missing."
    ),
    "ring-conflict": _("Two devices changed your key ring; both changes are kept."),
    "key-old": _("Kept for reading older mail."),
    "key-old.detail": _("From {date} to {date}, opens {n} messages."),
    "key-import-refused": _("This key was changed after it was made, so Postern refuses it."),
    "key-import-refused.detail": _("Export it again from the original program."),
}
