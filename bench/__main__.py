"""Runs the measurements three times, interleaved, and prints medians as JSON; a figure never decides a test."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from statistics import median
from typing import Any, Final

ALL: Final = ("journal_commit", "ingest")
ROUNDS: Final = 3


def _machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


def main(names: list[str]) -> None:
    chosen = names or list(ALL)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in chosen}
    for number in range(ROUNDS):
        for name in chosen:
            print(f"round {number + 1} of {ROUNDS}: {name}", file=sys.stderr, flush=True)
            rounds[name].append(importlib.import_module(f"bench.{name}").measure())
    figures = {
        name: {key: round(median(one[key] for one in found), 4) for key in found[0]} for name, found in rounds.items()
    }
    json.dump({"machine": _machine(), "rounds": ROUNDS, "figures": figures}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
