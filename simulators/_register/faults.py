"""Which faults are on: named when the simulator starts, changed while it runs, counted when they strike.

A lasting fault holds while it is on. A momentary one strikes at a command; options say where and how often.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["FAULTS", "FaultOptions", "Faults"]

FAULTS: Mapping[str, str] = {
    # lasting
    "paper-out": "no paper: printing commands are refused, nothing changes",
    "paper-out-mid-receipt": "paper ends after a receipt's second line, or when the command of fault_at arrives;"
    " it stays out until this fault is taken away",
    "paper-near-end": "paper sensor warns",
    "cover-open": "cover open: printing commands are refused",
    "print-mechanism": "print mechanism fault: printing commands are refused",
    "overheated": "print head too hot (warning bit)",
    "clock-not-set": "the clock has lost its time: fiscal documents and reports are refused until it is set",
    "clock-battery-low": "low clock battery: fiscal documents are refused (models without the bit go on)",
    "ram-lost": "RAM is lost: the open document is forgotten and the register says so until the clock is set or a Z",
    "tax-terminal": "tax terminal does not respond (warning bit)",
    "fm-full": "fiscal memory full: fiscal documents and Z are refused",
    "fm-near-full": "few Z records left (warning bit)",
    "fm-write-error": "fiscal memory cannot be written: fiscal documents and Z are refused, an open one stays open",
    "fm-read-only": "fiscal memory read-only: fiscal documents and Z are refused",
    "journal-full": "journal full: opening is refused",
    "journal-near-full": "journal nearly full (warning bit)",
    "silent": "hears nothing and answers nothing, as behind a broken cable",
    "wrong-baud": "answers a 00 byte to everything, as at another line speed",
    "slow": "every command takes a while of SYNs (option slow_ms, default 1000)",
    # momentary: every command, or where and as often as option fault_at says
    "drop-reply": "executes, the reply is lost once; the repeat gets through (option drop_reply_every)",
    "lost-answer": "executes, the reply and all its repeats are lost",
    "drop-first-frame": "ignores the first frame after switching on",
    "garble-reply": "one byte of the reply is damaged; the repeat is good",
    "nak-storm": "answers NAK and executes nothing",
    "syn-storm": "executes, sends 250 SYNs, more than a host waits for, and only then the reply",
    "die-before-close": "the process ends when the close arrives, before anything is done",
    "die-after-close": "the process ends after the close is in fiscal memory, before the reply",
    "die-mid-receipt": "the process ends after a receipt's second line, before the reply",
}

_AT: Mapping[str, int] = {"die-before-close": 0x38, "die-after-close": 0x38, "die-mid-receipt": 0x31}
"""Where a momentary fault strikes unless `fault_at` says otherwise; others strike at every command."""


class FaultOptions:
    """`fault_at=38:3,31` strikes at command 38h three times in all and at 31h every time.

    The count is kept beside the state file: a register that dies and is started again does not die for ever.
    """

    def __init__(self, text: str) -> None:
        self._times: dict[int, int | None] = {}
        for item in filter(None, text.split(",")):
            command, _, times = item.partition(":")
            self._times[int(command, 16)] = int(times) if times else None

    @property
    def is_given(self) -> bool:
        return bool(self._times)

    def allowed(self, fault: str, command: int, struck: int) -> bool:
        if self._times:
            if command not in self._times:
                return False
            times = self._times[command]
            return times is None or struck < times
        return _AT.get(fault, command) == command


class Faults:
    """Asked before and after every command.

    `control` is a file {"faults": [...], "fault_at": "38:1"} that rules while it exists; with `fault_at` (optional) the
    blows are counted afresh.
    """

    def __init__(
        self, active: frozenset[str], options: FaultOptions, *, control: Path | None, counts: Path | None
    ) -> None:
        self._at_start = (active, options)
        self._active = active
        self._options = options
        self._control = control
        self._control_seen: tuple[int, int, int] | None = None
        self._counts = counts
        self._struck: dict[str, int] = _counted(counts)

    def refresh(self) -> None:
        """Look whether somebody put paper back in."""
        if self._control is None:
            return
        try:
            found = self._control.stat()
            seen = (found.st_mtime_ns, found.st_size, found.st_ino)
            if seen == self._control_seen:
                return
            asked = json.loads(self._control.read_text())
            options = FaultOptions(asked["fault_at"]) if "fault_at" in asked else None
        except FileNotFoundError:
            self._active, self._options = self._at_start
            self._control_seen = None
            return
        except ValueError:
            return  # being written just now; the next frame looks again
        self._control_seen = seen
        self._active = frozenset(asked.get("faults", ())) & FAULTS.keys()
        if options is not None:
            self._options, self._struck = options, {}

    def on(self, fault: str) -> bool:
        return fault in self._active

    @property
    def are_placed(self) -> bool:
        """Whether an option says at which command momentary faults strike."""
        return self._options.is_given

    def strikes(self, fault: str, command: int) -> bool:
        """Does a momentary fault hit this command now? Counts the blow."""
        if fault not in self._active:
            return False
        key = f"{fault}@{command:02X}"
        struck = self._struck.get(key, 0)
        if not self._options.allowed(fault, command, struck):
            return False
        self._struck[key] = struck + 1
        if self._counts is not None:
            self._counts.write_text(json.dumps(self._struck))
        return True


def _counted(counts: Path | None) -> dict[str, int]:
    if counts is None or not counts.exists():
        return {}
    try:
        struck: dict[str, int] = json.loads(counts.read_text())
    except ValueError:
        return {}
    return struck
