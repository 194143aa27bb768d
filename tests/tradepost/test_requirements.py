"""What a branch and head office install is enough: nothing that only the developers have is asked for.

A package that is not in the requirements file of a part is hidden; then the part is loaded in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOAD = """
import importlib, re, sys
from importlib.metadata import packages_distributions

def named(text):
    return re.sub(r"[-_.]+", "-", text).lower()

lines = open(sys.argv[1]).read().splitlines()
installed = {named(line.partition("==")[0].partition("[")[0]) for line in lines if "==" in line} | {"tradepost"}
modules = packages_distributions()

class Hidden:
    def find_spec(self, name, path=None, target=None):
        owners = modules.get(name.partition(".")[0], ())
        if owners and not installed & {named(owner) for owner in owners}:
            raise ModuleNotFoundError(f"{name} is not in {sys.argv[1]}", name=name)

sys.meta_path.insert(0, Hidden())
for module in sys.argv[2:]:
    importlib.import_module(module)
"""


@pytest.mark.parametrize(
    ("file", "modules"),
    [
        ("edge.txt", ("tradepost.cli", "edge.agent", "edge.devices.pos_printer.escpos", "edge.devices.profiles")),
        ("cloud.txt", ("tradepost.cli", "tradepost.office_process", "cloud.app", "cloud.serving")),
        ("sim.txt", ("tradepost.cli", "simulators.serving", "simulators.datecs_isl", "simulators.escpos")),
    ],
)
def test_each_part_loads_with_its_own_requirements_alone(file: str, modules: tuple[str, ...]) -> None:
    arguments = [sys.executable, "-c", LOAD, f"requirements/{file}", *modules]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
