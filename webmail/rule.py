"""What holds for mail to people without a certificate: the rule of the domain, or the sender's own if stricter."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Account, Domain

from .errors import Unfit
from .outbox import Order
from .words import say


@dataclass(frozen=True)
class Rule:
    """`policy` is one of accounts.models.Domain.Policy; `organisation` is who says so."""

    policy: str
    organisation: str


def of(account: Account) -> Rule:
    """The rule for what this account sends. Domains that nobody listed only warn."""
    policy = Domain.objects.filter(name=account.domain).values_list("policy", flat=True).first() or Domain.Policy.WARN
    if policy == Domain.Policy.WARN and account.only_encrypted:
        return Rule(Domain.Policy.BLOCK, _("Your own rule"))
    return Rule(policy, account.domain)


def check(account: Account, order: Order) -> None:
    """Raise `Unfit` where the rule keeps this order back, whatever the page said before."""
    rule = of(account)
    if rule.policy == Domain.Policy.WARN or order.protection == "encrypted":
        return
    people = ", ".join(recipient for recipients, _part in order.deliveries for recipient in recipients)
    sentence = say("send-blocked.detail", organisation=rule.organisation, address=people)
    raise Unfit("not-encrypted", sentence, 403)
