"""Behind the protection line: names of facts, reasons, and the question whether a certificate is somebody's."""

from django.utils.translation import gettext_lazy as _

PROTECTION = {
    # what stands under Details
    "ui-fact-signer": _("Signer"),
    "ui-fact-names": _("Says of itself"),
    "ui-fact-certificate": _("Certificate"),
    "ui-fact-before": _("Until now"),
    "ui-fact-source": _("Where from"),
    "ui-fact-valid": _("Valid"),
    "ui-fact-dated": _("Signature dated"),
    "ui-fact-opened": _("Opened with"),
    "ui-fact-readers": _("Made for keys"),
    "ui-fact-inside": _("Readable only inside"),
    "ui-fact-claimed": _("Claimed by {server}"),
    "ui-fact-method": _("Method"),
    "ui-valid-until": _("{from} to {until}"),
    "ui-valid-open": _("since {from}, without an end"),
    "ui-print-since": _("{fingerprint}, since {date}"),
    # reasons and values inside sentences
    "ui-reason-superseded": _("replaced by another"),
    "ui-reason-retired": _("no longer in use"),
    "ui-reason-user-id": _("the address is no longer theirs"),
    "ui-reason-parts": _("The signed text and its signature are not exactly two parts"),
    "ui-reason-kind": _("The signature is of another kind than it says"),
    "ui-reason-cut": _("The end of it is missing"),
    "ui-reason-packet": _("What should be a signature is none"),
    "ui-use-certify": _("vouching for others"),
    "ui-use-encrypt": _("encrypting"),
    "ui-use-authenticate": _("signing in"),
    "ui-limit-parts": _("{parts} parts, {depth} levels"),
    # what can be done
    "ui-look-again": _("Look again"),
    "ui-verify-with": _("Verify with {address}"),
    "ui-compare": _("Compare"),
    "ui-keep-old": _("Keep the old"),
    # the comparison
    "ui-compare-ask": _("Is this the certificate of {address}?"),
    "ui-compare-how": _(
        "Call {address} on a number you already had, or meet, and read the groups to each other. All of them count."
    ),
    "ui-compare-before": _("Before, since {date}"),
    "ui-compare-now": _("In this message"),
    "ui-compare-same": _("All the same"),
    "ui-compare-differs": _("Not the same"),
    "ui-compare-later": _("Not now"),
}
