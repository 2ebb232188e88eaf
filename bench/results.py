"""Results of a benchmark run: printed as they come, and kept in bench/results.json."""

import json
from pathlib import Path

FILE = Path(__file__).parent / "results.json"


def begin() -> None:
    """Forget earlier runs: one file is one run."""
    FILE.unlink(missing_ok=True)


def kept() -> list[dict[str, object]]:
    """What is noted so far: name, value, unit, goal, holds."""
    found: list[dict[str, object]] = json.loads(FILE.read_text()) if FILE.exists() else []
    return found


def note(name: str, value: float, unit: str, goal: float | None = None) -> bool:
    """Print and keep one result; a goal is what the value must not be over. Returns whether it holds."""
    holds = goal is None or value <= goal
    said = "" if goal is None else f"   goal ≤ {goal:g}: {'holds' if holds else 'MISSED'}"
    print(f"  {name:<52} {value:9.2f} {unit}{said}", flush=True)
    others = [each for each in kept() if each["name"] != name]
    others.append({"name": name, "value": round(value, 3), "unit": unit, "goal": goal, "holds": holds})
    FILE.write_text(json.dumps(others, indent=1) + "\n")
    return holds
