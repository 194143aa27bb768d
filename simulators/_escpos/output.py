"""What leaves the simulator: receipts as text, PNG and JSON, the journal of events, and the state that outlives it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulators._escpos.paper import Paper

__all__ = ["Counters", "Output", "load_counters", "save_counters"]


@dataclass
class Counters:
    """What the device counts over its life."""

    receipts: int = 0
    cuts: int = 0
    pulses: int = 0
    printed_dots: int = 0
    roll_dots: int | None = None
    """Paper left on the roll; None for a roll without end."""


def load_counters(path: Path | None) -> Counters:
    """Raises SystemExit when the file is something else."""
    if path is None or not path.exists():
        return Counters()
    try:
        return Counters(**json.loads(path.read_text()))
    except (ValueError, TypeError) as error:
        raise SystemExit(f"{path} is not the state of a receipt printer") from error


def save_counters(path: Path | None, counters: Counters) -> None:
    if path is not None:
        _replace(path, json.dumps(asdict(counters)).encode())


class Output:
    """Writes into `folder`; None writes nothing. Every file appears whole."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def event(self, name: str, **facts: object) -> None:
        if self._folder is None:
            return
        record = {"at": datetime.now(UTC).isoformat(), "event": name, **facts}
        with (self._folder / "events.jsonl").open("a") as journal:
            journal.write(json.dumps(record, ensure_ascii=False) + "\n")

    def receipt(self, number: int, paper: Paper, ended_by: str) -> None:
        """ended_by: cut, hang-up, end, power-loss or full. The JSON appears last, when the rest is there."""
        if self._folder is None:
            return
        picture = self._folder / f"receipt-{number}.png"
        with picture.with_suffix(".part").open("wb") as part:
            paper.picture().save(part, format="PNG")
        picture.with_suffix(".part").replace(picture)
        _replace(self._folder / f"receipt-{number}.txt", paper.plain_text().encode())
        record: dict[str, Any] = {
            "receipt": number,
            "ended_by": ended_by,
            "width_dots": paper.width,
            "length_dots": paper.y,
            "lines": paper.lines,
            "barcodes": paper.bar_codes,
            "images": paper.images,
            "pulses": paper.pulses,
            "cuts": paper.cuts,
            "unknown_bytes": paper.unknown_bytes,
            "unknown": paper.unknown,
        }
        self._write_record(number, record)

    def amend(self, number: int, group: str, fact: dict[str, object]) -> None:
        """Add a pulse or a cut that came after the receipt was already cut off."""
        if self._folder is not None:
            record = json.loads((self._folder / f"receipt-{number}.json").read_text())
            record[group].append(fact)
            self._write_record(number, record)

    def _write_record(self, number: int, record: dict[str, Any]) -> None:
        if self._folder is not None:
            text = json.dumps(record, ensure_ascii=False, indent=1)
            _replace(self._folder / f"receipt-{number}.json", text.encode())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
