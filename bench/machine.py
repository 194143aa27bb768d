"""The machine that is measured on, and what processes on it have used: CPU time and memory, as Linux accounts them."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

__all__ = ["cpu_s", "family_of", "memory_mb", "name_machine"]

_PROC: Final = Path("/proc")
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14
"""Places behind the name in /proc/PID/stat. Source: proc(5)."""
_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


def name_machine() -> dict[str, Any]:
    """Everything a reader needs to judge the figures by; the load is that of this moment."""
    model = re.search(r"model name\s*:\s*(.+)", (_PROC / "cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", (_PROC / "meminfo").read_text())
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(int(memory[1]) / 1_048_576, 1) if memory else None,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_at_start": [round(load, 2) for load in os.getloadavg()],
    }


def _stat(pid: int) -> list[str] | None:
    # The program's name stands in brackets and may hold brackets and blanks itself.
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def family_of(pid: int) -> set[int]:
    """The process and everything below it."""
    parents = {int(entry.name): _stat(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdecimal()}
    found, waiting = {pid}, [pid]
    while waiting:
        above = waiting.pop()
        below = [child for child, stat in parents.items() if stat and int(stat[_PARENT]) == above]
        waiting += [child for child in below if child not in found]
        found |= set(below)
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, those that live below it, and those below it that have ended."""
    ticks = 0
    for one in family_of(pid):
        stat = _stat(one)
        if stat:
            ticks += sum(int(stat[place]) for place in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM))
    return ticks * _TICK_S


def memory_mb(pids: Iterable[int], kind: str = "Pss") -> float:
    """kind: Pss counts a page that n processes share as 1/n, Rss counts it in each."""
    kilobytes = 0
    for pid in pids:
        found = re.search(rf"^{kind}:\s*(\d+) kB", (_PROC / str(pid) / "smaps_rollup").read_text(), re.MULTILINE)
        kilobytes += int(found[1]) if found else 0
    return kilobytes / 1_024
