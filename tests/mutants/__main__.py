"""`python -m tests.mutants` writes docs/mutants.md: the table of the mutants. What it says is run by `make test`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.mutants.mutants import MUTANTS, Mutant

__all__ = ["table"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
_HEAD: Final = """\
# Mutants

Tradepost with one rule broken, and the tests that fail it.
Each is built in a copy of the tree and every test named here must fail there (`pytest tests/mutants`, part of
`make test`); the same tests pass in the tree as it is.
Made by `python -m tests.mutants` from `tests/mutants/mutants.py`, where the broken lines stand.

| mutant | rule it breaks | broken in | tests that fail |
|---|---|---|---|
"""


def table() -> str:
    """The page, as it has to be."""
    return _HEAD + "".join(map(_row, MUTANTS))


def _row(mutant: Mutant) -> str:
    files = dict.fromkeys(edit.file for edit in mutant.edits)
    cells = (f"`{mutant.name}`", mutant.breaks, _listed(files), _listed(mutant.tests))
    return f"| {' | '.join(cells)} |\n"


def _listed(names: dict[str, None] | tuple[str, ...]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(table())
