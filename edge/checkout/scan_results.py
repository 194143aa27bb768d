"""What a scan came to, as the till shows it: one strip under the input, replaced by the next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

__all__ = ["Choice", "LastScan", "ScanKind"]


class ScanKind(StrEnum):
    """The sound and colour of it (UX.md, section 4)."""

    ACCEPTED = "accepted"
    LOOK = "look"
    REFUSED = "refused"
    ALARM = "alarm"


@dataclass(frozen=True)
class Choice:
    """One of several products that a code may mean."""

    product_id: UUID
    name: str
    code: str
    barcodes: tuple[str, ...]
    unit_price: int | None


@dataclass(frozen=True)
class LastScan:
    """id: of the operation, so that the same code twice is two scans. item: the name that goes before any message."""

    id: UUID
    kind: ScanKind
    item: str = ""
    amount_minor: int | None = None
    code: str | None = None
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    raw: str = ""
    choices: tuple[Choice, ...] = ()
    sale_number: str | None = None
