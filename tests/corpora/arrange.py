"""What the site keeps of people, put there before they come: `python -m tests.corpora.arrange`, one JSON a line.

{"person": address, "ring": base64 or null, "certificates": [{"address", "fingerprint", "data"}]}: the person's sealed
key ring, and the certificates that this server's directory has for those addresses from now on. They are not judged
on the way in: a directory that hands out whatever it likes is what the page has to be ready for.
"""

from __future__ import annotations

import base64
import json
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import Account, Person
    from keys import ring
    from keys.models import Certificate

    for line in sys.stdin:
        asked = json.loads(line)
        if asked["ring"]:
            ring.create(Account.objects.get(address=asked["person"]).person, base64.b64decode(asked["ring"]))
        Certificate.objects.filter(address__in={one["address"] for one in asked["certificates"]}).delete()
        for one in asked["certificates"]:
            person, _ = Person.objects.get_or_create(username=f"corpus {one['address']}")
            servers = {"imap_host": "localhost", "smtp_host": "localhost", "login": one["address"]}
            account, _ = Account.objects.get_or_create(address=one["address"], defaults={"person": person, **servers})
            Certificate.objects.update_or_create(
                account=account,
                fingerprint=one["fingerprint"],
                defaults={
                    "address": one["address"],
                    "data": base64.b64decode(one["data"]),
                    "made": timezone.now(),
                    "published": timezone.now(),
                },
            )
        print("done", flush=True)


if __name__ == "__main__":
    main()
