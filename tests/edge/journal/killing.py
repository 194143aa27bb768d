"""Processes that get killed, at random or at a named point. Each is forked from a server that has paid for the imports.

In a test: `with ForkServer("tests.edge.journal.killed_writer") as server: child = server.start({...}, point="...")`.
The module named has `run(arguments, report)`; what it reports comes out of `child.reports()`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from shared import faults

ROOT = Path(__file__).parents[3]

Report = Callable[[str], None]


class Child:
    """One forked process. Read its reports to the end before the next is started."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.pid = int(next(lines).removeprefix("PID "))
        self.signal: int | None = None
        """What ended it; 0 when it came to its end. Known when the reports have been read to the end."""

    def reports(self) -> Iterator[str]:
        for line in self._lines:
            if line.startswith("EXIT "):
                status = int(line.removeprefix("EXIT "))
                assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the child failed: see its stderr"
                self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                return
            yield line.removeprefix("SAY ")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class ForkServer:
    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.edge.journal.killing", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, arguments: dict[str, Any], plan: Path | None = None) -> Child:
        """plan: file of a fault plan, as shared.faults reads it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"arguments": arguments, "plan": str(plan) if plan else None}) + "\n")
        self._process.stdin.flush()
        return Child(line.rstrip("\n") for line in self._process.stdout)


def write_plan(folder: Path, point: str, skip: int) -> Path:
    """A plan whose hits are counted in FOLDER/hits."""
    path = folder / "plan.json"
    path.write_text(json.dumps({"point": point, "skip": skip, "hits": str(folder / "hits")}))
    return path


def hits(folder: Path) -> list[str]:
    path = folder / "hits"
    return path.read_text().split() if path.exists() else []


def _serve(module: str) -> None:
    run = importlib.import_module(module).run
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_child(run, order)
        _, status = os.waitpid(pid, 0)
        _say(f"EXIT {status}")


def _be_child(run: Callable[[dict[str, Any], Report], None], order: dict[str, Any]) -> None:
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        _say(f"PID {os.getpid()}")
        if order["plan"]:
            os.environ[faults.PLAN_VARIABLE] = order["plan"]
            importlib.reload(faults)
        run(order["arguments"], lambda text: _say(f"SAY {text}"))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _say(line: str) -> None:
    # One write: a line is whole or absent, also when the next instruction is the last.
    os.write(1, (line + "\n").encode())


if __name__ == "__main__":
    _serve(sys.argv[1])
