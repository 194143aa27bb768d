"""A receipt printer simulator as its own process, for tests on this side of a real wire."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["PrinterProcess", "eventually", "printers_in"]

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 15.0
"""For a loaded machine; every wait ends as soon as what it waits for is there."""
_PROGRAM = """
import sys, json
from pathlib import Path
from simulators.serving import Settings, run
given = json.loads(sys.argv[1])
settings = Settings(
    state=Path(given["state"]), out=Path(given["out"]), faults=frozenset(given["faults"]), options=given["options"]
)
run("escpos", settings, tcp_port=given["port"])
"""


def eventually(look: Callable[[], Any]) -> Any:
    """The first value that is true."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@contextmanager
def printers_in(folder: Path) -> Iterator[Callable[..., PrinterProcess]]:
    """Starts printers (faults, pty=, options); those still running are stopped at the end."""
    started: list[PrinterProcess] = []

    def begin(*faults: str, pty: bool = False, **options: str) -> PrinterProcess:
        started.append(PrinterProcess(folder, *faults, pty=pty, **options))
        return started[-1]

    yield begin
    for printer in started:
        if printer.process.poll() is None:
            printer.stop()


class PrinterProcess:
    """Start with faults and options by name; `address` is a path or host:port."""

    def __init__(self, folder: Path, *faults: str, pty: bool = False, **options: str) -> None:
        self.out = folder / "paper"
        self.state = folder / "printer.json"
        self._control = folder / "control.json"
        self._settings = {
            "out": str(self.out),
            "state": str(self.state),
            "faults": faults,
            "options": {"control": str(self._control), **options},
            "port": None if pty else 0,
        }
        self.start()

    def start(self, *faults: str) -> None:
        arguments = [
            sys.executable,
            "-c",
            _PROGRAM,
            json.dumps({**self._settings, "faults": faults or self._settings["faults"]}),
        ]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=_ROOT)
        assert self.process.stdout is not None
        self.address: str = json.loads(self.process.stdout.readline())["listening"]

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, port = self.address.rsplit(":", 1)
        return host, int(port)

    def control(self, **content: object) -> None:
        part = self._control.with_suffix(".part")
        part.write_text(json.dumps(content))
        part.replace(self._control)

    def receipt(self, number: int = 1) -> dict[str, Any]:
        """The JSON of a finished receipt, as soon as it is there."""
        path = self.out / f"receipt-{number}.json"
        eventually(path.exists)
        record: dict[str, Any] = json.loads(path.read_text())
        return record

    def words(self, number: int = 1) -> list[str]:
        return [line["text"] for line in self.receipt(number)["lines"] if line["kind"] == "text"]

    def count(self) -> int:
        """Receipts that came out so far."""
        return len(list(self.out.glob("receipt-*.json")))

    def events(self, name: str) -> list[dict[str, Any]]:
        journal = self.out / "events.jsonl"
        lines = journal.read_text().splitlines() if journal.exists() else []
        return [event for event in map(json.loads, lines) if event["event"] == name]

    def stop(self) -> int:
        self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        status = self.process.wait(_PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status
