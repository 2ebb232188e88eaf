"""What Postern itself found wrong with a connection, in the person's language; a server's own words stay as said."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_NO_TLS = _("It offers no encrypted connection")
_UNKNOWN_AUTHORITY = _("Its certificate comes from an authority that is not known here")
_NO_CONNECTION = _("No connection")
_LOST = _("The connection was lost")
_NO_ANSWER = _("No complete answer in time")

#: The reasons that errors carry (accounts/imap_client.py, smtp.py, wire.py), and OpenSSL's words for a certificate.
_OURS = {
    "no TLS": _NO_TLS,
    "STARTTLS is not offered": _NO_TLS,
    "STARTTLS was refused": _NO_TLS,
    "plain text is for loopback in the demo only": _NO_TLS,
    "PREAUTH refused": _("It answered before the connection was encrypted"),
    "the server spoke before TLS": _("It answered before the connection was encrypted"),
    "self-signed certificate": _("Its certificate is signed by itself alone"),
    "self-signed certificate in certificate chain": _UNKNOWN_AUTHORITY,
    "unable to get local issuer certificate": _UNKNOWN_AUTHORITY,
    "unable to verify the first certificate": _UNKNOWN_AUTHORITY,
    "certificate has expired": _("Its certificate has expired"),
    "certificate is not yet valid": _("Its certificate is not valid yet"),
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "the TLS handshake failed": _("The encrypted connection could not be set up"),
    "no connection": _NO_CONNECTION,
    "no connection in time": _NO_CONNECTION,
    "no TLS handshake in time": _NO_CONNECTION,
    "lost in the TLS handshake": _LOST,
    "the connection is closed": _LOST,
    "the connection was lost": _LOST,
    "no complete answer in time": _NO_ANSWER,
    "the name does not resolve": _("Its name is not known"),
}
#: These go on with the name that was asked for.
_OTHER_NAME = ("Hostname mismatch", "IP address mismatch")


def told(reason: str) -> str:
    """A reason without its full stop, for the middle of a sentence."""
    reason = reason.strip().rstrip(".")
    if reason.startswith(_OTHER_NAME):
        return str(_("Its certificate names another server"))
    return str(_OURS.get(reason, reason))
