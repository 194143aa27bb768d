"""The tests have teeth: with a rule broken, those whose business it is fail. In a copy of the tree.

Only failed tests count, and all of those that the mutant names: an import that breaks, a hang or an empty collection is
no proof of anything.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mutants.__main__ import table
from tests.mutants.mutants import MUTANTS, Mutant

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("shared", "edge", "cloud", "simulators", "tradepost", "tests", "firmware_profiles", "docs", "pyproject.toml")
LONGEST_S = 400
"""A suite that neither passes nor fails by then hangs, which is a fault of its own."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mutants") / "tree"
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
        else:
            shutil.copy(source, folder / name)
    return folder


def run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(tree), PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )


@contextmanager
def broken(tree: Path, mutant: Mutant) -> Iterator[None]:
    whole = {path: path.read_text() for path in {tree / edit.file for edit in mutant.edits}}
    for edit in mutant.edits:
        text = (tree / edit.file).read_text()
        assert text.count(edit.old) == 1, f"{edit.file}: the mutant has lost its place"
        (tree / edit.file).write_text(text.replace(edit.old, edit.new))
    yield
    for path, text in whole.items():
        path.write_text(text)


def test_the_copy_is_what_runs_and_passes_as_it_is(tree: Path) -> None:
    where = "import shared.money, sys; sys.stdout.write(shared.money.__file__)"
    environment = dict(os.environ, PYTHONPATH=str(tree))
    found = subprocess.run([sys.executable, "-c", where], cwd=tree, env=environment, capture_output=True, check=True)
    assert Path(found.stdout.decode()).is_relative_to(tree)
    assert run(tree, "tests/shared/test_pricing.py", "tests/shared/test_money.py").returncode == 0


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_suite_fails_a_mutant(tree: Path, mutant: Mutant) -> None:
    with broken(tree, mutant):
        done = run(tree, *mutant.tests)
    assert done.returncode == 1, done.stdout[-2000:] + done.stderr[-2000:]
    failed = re.findall(r"^FAILED (tests/\S+)", done.stdout, re.MULTILINE)
    silent = [test for test in mutant.tests if not any(name.startswith(test) for name in failed)]
    assert silent == [], done.stdout[-3000:]


def test_the_table_in_the_docs_is_of_these_mutants() -> None:
    assert (ROOT / "docs" / "mutants.md").read_text() == table()
