"""`make test`: pytest in several processes, and beside it the checks and the tests of the browser's code.

Those others mostly keep one processor busy, pytest mostly waits for servers and browsers. What each prints comes in
one piece, pytest's last, so that its summary is the last line. All run to their end, whatever one of them finds.
POSTERN_TEST_PROCESSES says how many processes pytest has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Files are handed out whole (they share servers) and in their order: the browser's come last in each process.
PYTEST = [sys.executable, "-m", "pytest", "-n", os.environ.get("POSTERN_TEST_PROCESSES", "3"),
          "--dist", "loadfile", "--no-loadscope-reorder"]  # fmt: skip
NODE = ["scripts/node", "--test", "--test-concurrency=2", "--test-reporter=spec"]


def main() -> int:
    browser_code = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/*.test.mjs"))
    others = {"make check": ["make", "--no-print-directory", "check"], "node --test": [*NODE, *browser_code]}
    with tempfile.TemporaryFile() as said:
        pytest = subprocess.Popen(PYTEST, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
        try:
            failed = [
                name for name, command in others.items() if subprocess.run(command, cwd=ROOT, check=False).returncode
            ]
            if pytest.wait():
                failed.append("pytest")
        except KeyboardInterrupt:
            # The terminal told pytest as well; it stops the servers that it started.
            pytest.wait()
            failed = ["interrupted"]
        said.seek(0)
        sys.stdout.flush()
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
    if failed:
        print(f"Failed, see above: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
