"""The site's settings as the tests use them: a data folder of their own, everything else as in production."""

import os
import tempfile

os.environ.setdefault("POSTERN_MODE", "test")
# pytest starts its workers with the environment that it has itself: each worker makes a folder of its own, and the
# processes that it starts then find that one.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "POSTERN_DATA" not in os.environ or os.environ.get("POSTERN_TESTS_WORKER", "") != _worker:
    os.environ["POSTERN_DATA"] = tempfile.mkdtemp(prefix="postern-test-")
    os.environ["POSTERN_TESTS_WORKER"] = _worker

from webmail.settings import *  # noqa: E402, F403

# Admin passwords in tests are made by the hundred; nothing here measures their hash.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
