"""What signing in says, and the limit that is told there."""

from django.utils.translation import gettext_lazy as _

SIGN_IN = {
    "signin-wrong": _("{host} did not accept this address and mail password."),
    "signin-wrong.detail": _("Some providers want an app password for other programs."),
    "signin-expired": _("{host} says this mail password has expired."),
    "signin-expired.detail": _("Change it at your provider, then sign in here."),
    "signin-unavailable": _("{host} cannot check the mail password right now."),
    "signin-unavailable.detail": _("Nothing is wrong with what you typed. Try again in a few minutes."),
    "signin-unreachable": _("{host} does not answer."),
    "signin-unreachable.detail": _("Tried {port}. Check the address after the @, or try again later."),
    "signin-tls": _("{host} could not prove its identity, so no mail password was sent."),
    "signin-tls.detail": _("{reason}. Tell the administrator of {domain}."),
    "signin-too-many": _("Too many tries. Wait {minutes} minutes."),
    "signin-too-many.detail": _("Others trying your address can cause this."),
    "signin-too-many-there": _("{host} allows no more connections right now."),
    "signin-too-many-there.detail": _("Close other mail programs, or try again in {minutes} minutes."),
    "signin-host": _("Postern on {site} does not connect to {host}."),
    "signin-host.detail": _("Ask your administrator to allow {domain}."),
    "signin-not-found": _("No mail server found for {domain}."),
    "signin-disabled": _("This account is turned off on {site}."),
    "signin-disabled.detail": _("Ask your administrator. Your mail at {host} is untouched."),
    "signin-changed": _("{host} no longer accepts your mail password."),
    "signin-changed.detail": _("You can read what is open."),
    "signin-ended": _("You were signed out."),
    "signin-ended.detail": _("{reason}. Drafts are saved."),
    "limit-signin": _("This page encrypts your mail; whoever runs {host} could change its code."),
    "limit-signin.detail": _(
        "A copy of our database or backups does not reveal your encrypted mail or your keys. The tools of "
        "our staff cannot show them. A changed page would be noticed by anyone who compares it with the "
        "published list. A server that serves you changed code could still read what you open."
    ),
}
