"""The site's settings as the tests use them: a data folder of their own, everything else as in production."""

import os
import tempfile

os.environ.setdefault("POSTERN_MODE", "test")
os.environ.setdefault("POSTERN_DATA", tempfile.mkdtemp(prefix="postern-test-"))

from webmail.settings import *  # noqa: F403

# Admin passwords in tests are made by the hundred; nothing here measures their hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
