"""People of one's own domain who have an account here: found by the beginning of a name or an address."""

from __future__ import annotations

from django.db.models import Q

from .models import Account, Domain

#: So few that nobody reads a whole domain off them.
MOST = 6
#: Letters before anybody is named. One Han character says as much as two letters.
LEAST = 3
LONGEST = 100


def beginning(account: Account, prefix: str) -> list[Account]:
    """At most a few people of the account's domain whose name, a word of it, or address begins so.

    Nobody is named where the administrator did not list the domain: people with addresses at one large provider are
    strangers to each other.
    """
    wanted = " ".join(prefix.split())
    if _weight(wanted) < LEAST or len(wanted) > LONGEST:
        return []
    if not Domain.objects.filter(name=account.domain, enabled=True, shows_people=True).exists():
        return []
    # SQLite folds the case of ASCII letters alone; the capital form finds "Özgür" for "özg" there, too.
    matches = Q(address__istartswith=wanted)
    for form in {wanted, wanted.title()}:
        matches |= Q(name__istartswith=form) | Q(name__icontains=f" {form}")
    found = Account.objects.filter(
        matches, address__iendswith=f"@{account.domain}", enabled=True, shown_to_others=True, person__is_active=True
    )
    return list(found.exclude(pk=account.pk).order_by("name", "address")[:MOST])


def _weight(text: str) -> int:
    return sum(2 if char >= "\u2e80" else 1 for char in text if char.isalnum())
