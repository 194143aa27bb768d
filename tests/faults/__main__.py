"""`python -m tests.faults`: the campaign. Runs the scenarios one after the other, judges each, says what came of it.

`--write` adds the result to tests/faults/runs.jsonl and makes docs/faults.md from all runs there. It ends cleanly after
`--minutes`: what is under way is brought to an end and judged.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.faults.campaign import Outcome, Scenario, Terms, say
from tests.faults.links import bad_weather, cut_with_a_queue
from tests.faults.machines import clock_jumps, disk_full, restored_card
from tests.faults.page import RUNS, write_page
from tests.faults.pages import damaged_pages
from tests.faults.registers import cut_after_every_byte, moods
from tests.faults.storms import at_any_moment, at_named_points

SCENARIOS: Final = (
    Scenario("pages", "one page of a journal with unsent facts is damaged", damaged_pages, share=2),
    Scenario("bytes", "the register's wire is cut after every byte of a receipt, either way", cut_after_every_byte, 3),
    Scenario("card", "a gateway's files are put back to an older copy", restored_card, share=1),
    Scenario("queue", "5,000 sales wait for the link; the broker dies and is wiped meanwhile", cut_with_a_queue, 3),
    Scenario("weather", "the link is late, narrow, silent, cut or torn", bad_weather, share=2),
    Scenario("moods", "registers lose answers, run out of paper, fall silent, die", moods, share=2),
    Scenario("disk", "a gateway's disk is full", disk_full, share=1),
    Scenario("clock", "gateways' clocks jump up to 400 days either way", clock_jumps, share=1),
    Scenario("any moment", "SIGKILL to anything at any moment", at_any_moment, share=4),
    Scenario("named points", "SIGKILL at every named point while the shop sells", at_named_points, share=16),
)
HITS: Final = {"pages": 200, "any moment": 20, "weather": 60, "moods": 10, "disk": 40, "clock": 60}
"""How often a fault strikes where --hits means the named points."""
_WORDS: Final = 300
"""Characters of what was wrong that fit a table: the end of it says most."""
_LEAST_S: Final = 30.0
"""A scenario's part of the time is at least this: a shop takes some seconds to open and to close."""


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hits", type=int, default=20, help="how often each named point is hit")
    parser.add_argument("--sales", type=int, default=5_000, help="sales wanted under fault, at named points")
    parser.add_argument("--minutes", type=float, default=30.0, help="for everything, in parts; judged all the same")
    parser.add_argument("--only", nargs="+", choices=[scenario.name for scenario in SCENARIOS], metavar="NAME")
    parser.add_argument("--write", action="store_true", help="add to tests/faults/runs.jsonl and make docs/faults.md")
    return parser.parse_args(given)


def _run(scenario: Scenario, asked: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """One scenario in a folder of its own, which is kept when something was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    hits = HITS.get(scenario.name, asked.hits)
    terms = Terms(asked.seed, folder, hits, asked.sales, time.monotonic() + seconds)
    say(f"{scenario.name}: {scenario.what} (seed {asked.seed}, at most {seconds:.0f} s)")
    begun = time.monotonic()
    wrong: str | None = None
    outcome: Outcome | None = None
    try:
        outcome = scenario.play(terms)
        if outcome.verdict is not None and not outcome.verdict.is_clean:
            wrong = ", ".join(f"{name} {count}" for name, count in outcome.verdict.troubles.items() if count)
    except AssertionError as error:
        wrong = " ".join(str(error).replace("|", " ").split())[-_WORDS:]
    took = time.monotonic() - begun
    if wrong is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"  WRONG: {wrong}\n  what it left behind is in {folder}")
    result = _result(scenario, outcome, wrong, took)
    say("  " + json.dumps({name: value for name, value in result.items() if name not in ("name", "what")}))
    return result


def _result(scenario: Scenario, outcome: Outcome | None, wrong: str | None, took_s: float) -> dict[str, Any]:
    verdict = outcome.verdict.as_dict() if outcome and outcome.verdict else {}
    return {
        "name": scenario.name,
        "what": scenario.what,
        "seconds": round(took_s),
        "faults": dict(sorted(outcome.faults.items())) if outcome else {},
        "verdict": verdict,
        "facts": outcome.facts if outcome else {},
        "wrong": wrong,
    }


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{platform.machine()}, {os.cpu_count()} cores, {memory} GB, Linux {platform.release().split('-')[0]}"


def _commit() -> str:
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


def main(given: Sequence[str]) -> int:
    asked = _arguments(given)
    chosen = [scenario for scenario in SCENARIOS if not asked.only or scenario.name in asked.only]
    ends_at = time.monotonic() + 60 * asked.minutes
    results = []
    for number, scenario in enumerate(chosen):
        left = max(ends_at - time.monotonic(), 0.0)
        share = scenario.share / sum(each.share for each in chosen[number:])
        results.append(_run(scenario, asked, max(left * share, _LEAST_S)))
    wrong = [result["name"] for result in results if result["wrong"] is not None]
    if asked.write:
        options = f"--seed {asked.seed} --hits {asked.hits} --sales {asked.sales} --minutes {asked.minutes:g}"
        run = {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
            "machine": _machine(),
            "commit": _commit(),
            "options": options + (" --only " + " ".join(f"'{name}'" for name in asked.only) if asked.only else ""),
            "seed": asked.seed,
            "scenarios": results,
        }
        with RUNS.open("a", encoding="utf-8") as runs:
            runs.write(json.dumps(run, ensure_ascii=False) + "\n")
        write_page()
    say("everything as promised" if not wrong else f"WRONG: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
