"""The register's battery-backed RAM: the open document and the clock, in a file apart from fiscal memory.

It survives the process, as the real one survives a power cut, and may be lost without any document being lost.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["Entry", "Ram"]

Entry = dict[str, Any]
"""One step of the open document: {"do": "line", ...}."""


class Ram:
    """Appended step by step, written afresh when a document ends. Not synced: it outlives kill -9, not a power cut."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.clock_offset_s = 0
        self.entries: list[Entry] = []
        if path is not None and path.exists():
            self._load(path)

    def append(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._path is not None:
            with self._path.open("ab") as file:
                file.write(_line(entry))

    def clear(self) -> None:
        """Forget the open document; the clock runs on."""
        self.entries = []
        self._save()

    def set_clock(self, offset_s: int) -> None:
        self.clock_offset_s = offset_s
        self._save()

    def _load(self, path: Path) -> None:
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # the step that was being written when the process died
            entry = json.loads(line)
            if "clock_offset_s" in entry:
                self.clock_offset_s = entry["clock_offset_s"]
            else:
                self.entries.append(entry)
        self._save()

    def _save(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_bytes(b"".join(map(_line, [{"clock_offset_s": self.clock_offset_s}, *self.entries])))
        fresh.replace(self._path)


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
