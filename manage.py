#!/usr/bin/env python
"""Postern's command line: Django's commands and our own."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webmail.settings")
    if sys.argv[1:2] in (["demo"], ["integrity"]):
        # `make run` needs nothing configured, and a site is compared from outside by somebody who has none of its
        # secrets; every other command is production's unless told otherwise.
        os.environ.setdefault("POSTERN_MODE", "demo")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
