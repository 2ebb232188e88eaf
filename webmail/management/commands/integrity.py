"""`manage.py integrity write | check | verify URL`: the published list of the browser's code."""

from __future__ import annotations

from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webmail import manifest


class Command(BaseCommand):
    help = "Writes the list of the browser's code, checks it, or compares a running site with it from outside."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["write", "check", "verify"])
        parser.add_argument("url", nargs="?", help="with verify: the site, such as https://mail.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "write":
            manifest.FILE.write_text(manifest.made(), encoding="utf-8")
            return
        listed = manifest.FILE.read_text(encoding="utf-8")
        if listed != manifest.made():
            raise CommandError("static.sha256 is not the list of these files. Write it: manage.py integrity write")
        if options["what"] == "verify":
            self._verify(options["url"], listed)

    def _verify(self, url: str | None, listed: str) -> None:
        if not url:
            raise CommandError("Which site? manage.py integrity verify https://mail.example.org")

        def fetch(path: str) -> manifest.Answer:
            answer = client.get(path)
            return manifest.Answer(answer.status_code, answer.headers, answer.content)

        with httpx.Client(base_url=url, timeout=30) as client:
            try:
                wrong = manifest.differences(fetch, listed)
            except httpx.HTTPError as error:
                raise CommandError(f"{url} did not answer: {error}") from None
        if wrong:
            raise CommandError("This site runs code that is not in the published list:\n  " + "\n  ".join(wrong))
        self.stdout.write(f"{url} serves the {len(listed.splitlines())} listed files, byte for byte.")
