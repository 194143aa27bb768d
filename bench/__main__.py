"""`python -m bench [--quick] [NAME …]`: runs the measurements in interleaved rounds and prints JSON.

A slow figure never fails the run; a lost scan or a lost sale does, since that is no figure.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast

from bench.figures import Measurement, Round, combine
from bench.machine import name_machine

ALL: Final = (
    "journal_commit",
    "lookup",
    "scan_to_line",
    "gateway",
    "till_page",
    "ingest",
    "ingest_broker",
    "live",
)
ROUNDS: Final = 3
QUICK_ROUNDS: Final = 1


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}; all when none is given")
    parser.add_argument("--quick", action="store_true", help="one round of reduced sizes: a look, not a figure")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(ALL):
        parser.error(f"no measurement is named {', '.join(sorted(unknown))}")
    chosen = given.names or list(ALL)
    rounds_wanted, size = (QUICK_ROUNDS, "quick") if given.quick else (ROUNDS, "full")
    machine, begun = name_machine(), datetime.now(UTC)
    rounds: dict[str, list[Round]] = {name: [] for name in chosen}
    for number in range(1, rounds_wanted + 1):
        for name in chosen:
            print(f"round {number} of {rounds_wanted}: {name}", file=sys.stderr, flush=True)
            measurement = _named(name)
            rounds[name].append(measurement.measure(measurement.SIZES[size]))
    report = {
        "machine": machine,
        "began_at": begun.isoformat(timespec="seconds"),
        "took_s": round((datetime.now(UTC) - begun).total_seconds()),
        "size": size,
        "rounds": rounds_wanted,
        "figures": {name: combine(_named(name).PLAN, found) for name, found in rounds.items()},
    }
    json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
    print()


def _named(name: str) -> Measurement:
    return cast(Measurement, importlib.import_module(f"bench.{name}"))


if __name__ == "__main__":
    main(sys.argv[1:])
