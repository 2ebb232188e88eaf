"""All benchmarks in one run: `make bench`. Ends with 0 also where a goal is missed; bench/results.json says which.

Each is a program of its own, because what one warmed up must not help the next.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))

import results  # noqa: E402

PARTS = ("mailbox.py", "crypto.py", "bulk.py", "sending.py")


def main() -> int:
    # The mailbox is on a real Dovecot.
    if subprocess.run([str(ROOT / "scripts" / "debian.sh")]).returncode:
        return 1
    results.begin()
    broken = [part for part in PARTS if subprocess.run([sys.executable, str(ROOT / "bench" / part)]).returncode]
    missed = [str(each["name"]) for each in results.kept() if not each["holds"]]
    goals = [each for each in results.kept() if each["goal"] is not None]
    print(f"\n{len(goals) - len(missed)} of {len(goals)} goals hold. All figures: {results.FILE.relative_to(ROOT)}")
    for name in missed:
        print(f"  missed: {name}")
    for part in broken:
        print(f"  broken: bench/{part}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
