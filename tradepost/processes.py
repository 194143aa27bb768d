"""Child processes of the demo and the replay: started, heard, and stopped in reverse order.

A child that serves says so by one JSON line on standard output; everything it says goes to a file of its own as well.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import IO, Any, Final, Self

__all__ = ["Child", "ChildFailed", "Household", "ending_like_ctrl_c"]

_STOP_S: Final = 15.0
"""A gateway writes what it holds within a second; the rest is for a busy machine. After it the child is killed."""


class ChildFailed(Exception):
    """A child ended, or stayed silent, before it had said that it was ready."""


class Child:
    """One process. `ready` is the JSON line it said when it had begun to serve."""

    def __init__(
        self, name: str, arguments: Sequence[str], folder: Path, *, environment: Mapping[str, str], stdin: int
    ) -> None:
        self.name = name
        self._errors = folder / f"{name}.log"
        self._said: SimpleQueue[dict[str, Any]] = SimpleQueue()
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                list(arguments),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        assert self.process.stdout is not None
        threading.Thread(target=self._listen, args=(self.process.stdout, folder / f"{name}.out"), daemon=True).start()
        self.ready: dict[str, Any] = {}

    def wait_until_ready(self, timeout_s: float) -> Self:
        """Raises ChildFailed with the end of what it complained about."""
        try:
            self.ready = self._said.get(timeout=timeout_s)
        except Empty as error:
            raise ChildFailed(f"{self.name} did not get ready: {self.complaint()}") from error
        if "ended" in self.ready:
            raise ChildFailed(f"{self.name} ended: {self.complaint()}")
        return self

    def complaint(self) -> str:
        return self._errors.read_text(errors="replace")[-2_000:]

    def stop(self) -> None:
        """Ask it to end; after the time-out, end it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _listen(self, stream: IO[bytes], copy: Path) -> None:
        with stream, copy.open("ab") as file:
            for line in stream:
                file.write(line)
                file.flush()
                if line.startswith(b"{"):
                    self._said.put(json.loads(line))
        self._said.put({"ended": True})


class Household:
    """All children of one run. On leaving, the youngest is stopped first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._children:
            self._children.pop().stop()

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        ready_s: float | None = 60.0,
    ) -> Child:
        """Start a child; with `ready_s`, return when it has said that it serves."""
        child = Child(name, arguments, self.folder, environment=environment or {}, stdin=stdin)
        self._children.append(child)
        return child.wait_until_ready(ready_s) if ready_s is not None else child

    def tradepost(
        self,
        name: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        ready_s: float | None = 60.0,
    ) -> Child:
        """Start one of our own commands in the interpreter that runs us."""
        command = [sys.executable, "-m", "tradepost", *arguments]
        return self.start(name, command, environment=environment, stdin=stdin, ready_s=ready_s)

    def ended(self) -> list[Child]:
        """Children that have ended by themselves: none, in a good run."""
        return [child for child in self._children if child.process.poll() is not None]


@contextmanager
def ending_like_ctrl_c() -> Iterator[None]:
    """While the block runs, SIGTERM and a terminal that was closed are a Ctrl-C: a Household stops its children.

    What whoever started us has had ignored (nohup) stays ignored. In the main thread only.
    """
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in usual.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
