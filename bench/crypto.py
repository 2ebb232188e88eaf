"""Opening and building messages in the reader's own code, as a ratio to raw WebCrypto: `python bench/crypto.py`."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench"))

from results import note  # noqa: E402


def main() -> None:
    command = [str(ROOT / "scripts" / "node"), str(ROOT / "bench" / "crypto.mjs")]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    for one in json.loads(finished.stdout):
        note(one["name"], one["value"], one["unit"], one["goal"])


if __name__ == "__main__":
    main()
