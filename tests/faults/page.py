"""docs/faults.md, made from all runs in runs.jsonl. What is written by hand in it is page_head.md and page_tests.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from shared.faults import POINTS

__all__ = ["PAGE", "RUNS", "page_of", "read_runs", "write_page"]

ROOT: Final = Path(__file__).parents[2]
RUNS: Final = Path(__file__).with_name("runs.jsonl")
PAGE: Final = ROOT / "docs" / "faults.md"
TROUBLES: Final = ("lost", "doubled", "fiscal_doubled", "money_off", "stock_off", "z_off", "unsynced", "aside")
_BY_HAND: Final = ("page_head.md", "page_tests.md")
_BAR: Final = 40
"""Characters of the longest bar."""

Run = dict[str, Any]


def read_runs(path: Path = RUNS) -> list[Run]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def write_page() -> None:
    PAGE.write_text(page_of(read_runs()), encoding="utf-8")


def page_of(runs: Sequence[Run]) -> str:
    head, tests = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _BY_HAND)
    return "\n".join([head, _totals(runs), _points(runs), *(_run(run) for run in reversed(runs)), tests])


def _totals(runs: Sequence[Run]) -> str:
    played = [scenario for run in runs for scenario in run["scenarios"]]
    rows = []
    for name in dict.fromkeys(scenario["name"] for scenario in played):
        same = [scenario for scenario in played if scenario["name"] == name]
        rows.append(_row(name, same))
    rows.append(_row("**all**", played))
    head = ["scenario", "runs", "sales", "returns", "faults", *TROUBLES, "failed", "minutes"]
    return f"## All runs together\n\n{_table(head, rows)}"


def _row(name: str, scenarios: Sequence[dict[str, Any]]) -> list[str]:
    verdicts = [scenario["verdict"] for scenario in scenarios]
    judged = any(verdicts)

    def total(figure: str) -> str:
        return f"{sum(verdict.get(figure, 0) for verdict in verdicts):,}" if judged else ""

    faults = sum(sum(scenario["faults"].values()) for scenario in scenarios)
    failed = sum(scenario["wrong"] is not None for scenario in scenarios)
    minutes = sum(scenario["seconds"] for scenario in scenarios) / 60
    sums = [total(figure) for figure in ("sales", "returns")]
    return [name, str(len(scenarios)), *sums, f"{faults:,}", *map(total, TROUBLES), str(failed), f"{minutes:.0f}"]


def _points(runs: Sequence[Run]) -> str:
    """How often each named point was hit in a whole shop, with bars."""
    hits: Counter[str] = Counter()
    for scenario in (scenario for run in runs for scenario in run["scenarios"] if scenario["name"] == "named points"):
        hits.update(scenario["faults"])
    most = max(hits.values(), default=1)
    width = max(map(len, POINTS))
    lines = [f"{point:{width}}  {hits[point]:6,}  {'#' * round(_BAR * hits[point] / most)}" for point in sorted(POINTS)]
    return "## Named points, all runs together\n\n```\n" + "\n".join(line.rstrip() for line in lines) + "\n```\n"


def _run(run: Run) -> str:
    rows = [
        [
            scenario["name"],
            f"{scenario['verdict'].get('sales', 0):,}" if scenario["verdict"] else "",
            _dealt(scenario["faults"]),
            "; ".join(f"{name}: {_said(value)}" for name, value in scenario["facts"].items()),
            _came(scenario),
            f"{scenario['seconds']}",
        ]
        for scenario in run["scenarios"]
    ]
    table = _table(["scenario", "sales", "faults", "figures", "trouble", "s"], rows)
    where = f"{run['date']} UTC, {run['machine']}, commit {run['commit']}."
    return f"## Seed {run['seed']}, {run['date']}\n\n{where}\n`python -m tests.faults {run['options']}`\n\n{table}"


def _dealt(faults: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in faults.items())


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return f"{value:,}"


def _came(scenario: dict[str, Any]) -> str:
    return "none" if scenario["wrong"] is None else f"**{scenario['wrong']}**"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"
