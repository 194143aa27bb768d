"""Fiscal memory files as a stranger reads them, without the register (docs/fiscal-memory.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["RegisterTotals", "read_documents", "totals_of"]


@dataclass(frozen=True)
class RegisterTotals:
    """What all registers together have printed. receipts_of: sale or return number -> receipts that name it."""

    sales: int
    returns: int
    net_minor: int
    receipts_of: dict[str, int]


def read_documents(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of one memory, in order. A torn last line is a document that never happened."""
    with path.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                return
            entry = json.loads(line)
            if "document" in entry:
                yield entry


def totals_of(paths: Iterable[Path], numbers: frozenset[str]) -> RegisterTotals:
    """Add up these memories. `numbers` are the sale and return numbers to look for in the receipts' comments."""
    counts = {"sale": 0, "return": 0}
    money = {"sale": 0, "return": 0}
    receipts_of: dict[str, int] = {}
    for path in paths:
        for document in read_documents(path):
            if document["kind"] not in counts:
                continue
            counts[document["kind"]] += 1
            money[document["kind"]] += document["total_minor"]
            for word in {word for comment in document["comments"] for word in comment.split()}:
                if word in numbers:
                    receipts_of[word] = receipts_of.get(word, 0) + 1
    return RegisterTotals(counts["sale"], counts["return"], money["sale"] - money["return"], receipts_of)
