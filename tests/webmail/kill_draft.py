"""A web process that a test kills while it saves a draft: takes one post, and kills itself at a point.

python -m tests.webmail.kill_draft DATABASE CA_FILE SESSION SHARE FILE POINT < form as JSON
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

from .kill_worker import die


def main() -> None:
    database, ca_file, session, share, file, point = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.MAIL_CA_FILE = ca_file
    django.setup()
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client

    from accounts.imap import Server

    ask = Server._ask

    def watched(server: Server, *pieces: bytes, **more: float) -> tuple[list[list[bytes]], str]:
        if point == "before the append" and pieces[0] == b"APPEND":
            die()
        if point == "before the old one is marked" and pieces[0] == b"UID STORE":
            die()
        if point == "before the old one is expunged" and pieces[0].endswith(b"EXPUNGE"):
            die()
        answer = ask(server, *pieces, **more)  # type: ignore[arg-type]
        if point == "after the append" and pieces[0] == b"APPEND":
            die()
        if point == "after the old one is expunged" and pieces[0].endswith(b"EXPUNGE"):
            die()
        return answer

    Server._ask = watched  # type: ignore[assignment, method-assign]
    browser = Client(SERVER_NAME="localhost")
    browser.cookies[settings.SESSION_COOKIE_NAME], browser.cookies[settings.SHARE_COOKIE_NAME] = session, share
    upload = SimpleUploadedFile("bytes", Path(file).read_bytes(), "message/rfc822")
    answer = browser.post("/drafts/", {**json.loads(sys.stdin.read()), "bytes": upload})
    sys.exit(f"still alive after {answer.status_code}")


if __name__ == "__main__":
    main()
