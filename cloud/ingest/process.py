"""The name by which a process signs what it holds, and whether the process of such a name is still there. Linux.

Only certainty counts: a name of another machine, another container or another form is never called dead.
"""

from __future__ import annotations

import hashlib
import os
import socket
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["is_dead", "name_of_this_process"]

_PROC: Final = Path("/proc")
_STATE: Final = 0
_STARTED: Final = 19
"""Places behind the name in /proc/PID/stat: state, and the start in clock ticks since boot. Source: proc(5)."""
_ENDED: Final = "ZX"
"""A process that has ended and whose parent has not asked for its status yet, or is just being removed."""


def name_of_this_process() -> str:
    """host:world:pid:start, at most 64 characters. No other process, now or later, has the same."""
    pid = os.getpid()
    return f"{socket.gethostname()[:24]}:{_world()}:{pid}:{_life(pid)[1]}"


def is_dead(name: str) -> bool:
    """Whether this is the name of a process in our own world that is no more."""
    _, _, rest = name.partition(":")
    world, _, rest = rest.partition(":")
    pid, _, started = rest.partition(":")
    if world != _world() or not pid.isdecimal():
        return False
    try:
        state, start = _life(int(pid))
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in _ENDED or start != started


@cache
def _world() -> str:
    # Process numbers mean something within one boot of one machine and one namespace (container) only.
    boot = (_PROC / "sys/kernel/random/boot_id").read_text()
    namespace = (_PROC / "self/ns/pid").readlink()
    return hashlib.sha256(f"{boot}{namespace}".encode()).hexdigest()[:12]


def _life(pid: int) -> tuple[str, str]:
    # The program's name stands in brackets and may hold brackets and blanks itself.
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return fields[_STATE], fields[_STARTED]
