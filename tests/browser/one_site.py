"""The site in one process, on mail servers that stand elsewhere: `python -m tests.browser.one_site PORT SERVERS`.

SERVERS is JSON: the fields of accounts.models.Domain. What it prints first is its address.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys


def main() -> None:
    port, servers = int(sys.argv[1]), json.loads(sys.argv[2])
    os.environ["DJANGO_SETTINGS_MODULE"] = "webmail.settings"
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from accounts.models import Domain
    from webmail import together

    call_command("migrate", verbosity=0, interactive=False)
    Domain.objects.update_or_create(name=servers.pop("name"), defaults=servers)
    sockets = together.listen(port)
    with together.work():
        print(settings.SITE_URL, flush=True)
        asyncio.run(together.serve(sockets))


if __name__ == "__main__":
    main()
