"""Gateways, head offices and registers that are forked from a process which has paid for the imports once.

Starting Python and importing the program costs seconds of processor time, hundreds of times in a storm. A forked
process is the program from its `main` on: its own session, its own files, killed by SIGKILL from within like any other.
Told so by its environment, a gateway gets a clock whose hand somebody else turns (`CLOCK_VARIABLE`).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Final

from shared import faults
from shared.clock import SystemClock
from tradepost.processes import Child, Household

__all__ = ["CLOCK_VARIABLE", "ForkingHousehold"]

CLOCK_VARIABLE: Final = "FAULTS_CLOCK_FILE"
"""Names a file with the seconds by which the gateway's wall clock is off, read whenever it looks at the clock."""

_FORKED: Final = ("buyers", "cloud", "edge", "simulate")
_IMPORTED: Final = (
    "tradepost.cli",
    "tradepost.office_process",
    "cloud.serving",
    "edge.agent",
    "edge.terminal.app",
    "edge.devices.pos_printer.escpos",
    "simulators.datecs_isl",
    "simulators.datecs_isl_x",
    "tests.faults.buyers",
)
_LOOK_S: Final = 0.01


class _Process:
    """A process that is somebody else's child, with as much of Popen's face as is used."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        """0 once it has ended, however: its parent does not tell."""

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            self.returncode = 0
        return self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        deadline = time.monotonic() + (timeout or 60.0)
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 60.0)
            time.sleep(_LOOK_S)
        return 0


class _Forked(Child):
    def __init__(self, name: str, folder: Path, nursery: Child, order: dict[str, Any], lock: threading.Lock) -> None:
        self.name = name
        self._errors = folder / f"{name}.log"
        self._said = SimpleQueue()
        self.ready = {}
        with lock:
            fifo = folder / f"{name}.fifo"
            fifo.unlink(missing_ok=True)
            os.mkfifo(fifo)
            stdin = nursery.process.stdin
            assert stdin is not None
            stdin.write(json.dumps({**order, "out": str(fifo), "err": str(self._errors)}).encode() + b"\n")
            stdin.flush()
            stream = fifo.open("rb")  # until the child has opened its end
            self.process = _Process(nursery._said.get(timeout=60)["pid"])  # type: ignore[assignment]
        threading.Thread(target=self._listen, args=(stream, folder / f"{name}.out"), daemon=True).start()


class ForkingHousehold(Household):
    def __enter__(self) -> ForkingHousehold:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self._nursery = self.start("nursery", command, stdin=subprocess.PIPE)
        self._one_at_a_time = threading.Lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        assert self._nursery.process.stdin is not None
        self._nursery.process.stdin.close()

    def tradepost(
        self,
        name: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        ready_s: float | None = 60.0,
    ) -> Child:
        if arguments[0] not in _FORKED or stdin != subprocess.DEVNULL:
            return super().tradepost(name, *arguments, environment=environment, stdin=stdin, ready_s=ready_s)
        order = {"arguments": arguments, "environment": dict(environment or {})}
        child = _Forked(name, self.folder, self._nursery, order, self._one_at_a_time)
        self._children.append(child)
        return child.wait_until_ready(ready_s) if ready_s is not None else child


def _serve() -> None:
    for module in _IMPORTED:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead, so none may linger
    _say({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_child(order)
        _say({"pid": pid})


def _be_child(order: dict[str, Any]) -> None:
    from tradepost.cli import main

    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(order["out"], os.O_WRONLY), 1)
        os.dup2(os.open(order["err"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
        os.environ.update(order["environment"])
        importlib.reload(faults)
        if CLOCK_VARIABLE in os.environ:
            _turn_the_clock(Path(os.environ[CLOCK_VARIABLE]))
        if order["arguments"][0] == "buyers":
            from tests.faults import buyers

            buyers.run(Path(order["arguments"][1]))
        else:
            main(order["arguments"])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _turn_the_clock(off: Path) -> None:
    """The agent's clock is handed in; here it is handed another one."""
    from edge import agent

    class TurnedClock(SystemClock):
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=float(off.read_text() or 0))

    agent.SystemClock = TurnedClock  # type: ignore[attr-defined]


def _say(message: dict[str, Any]) -> None:
    os.write(1, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    _serve()
