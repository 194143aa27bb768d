"""What the branch may ask of a POSPrinter (UnifiedPOS category): a receipt printer without fiscal memory.

It prints documents of ours (`edge.receipts`) and keeps no number of them, so a doubt cannot be settled by asking.
The rule that must never break: a document is sent at most once, and a method that may have printed and does not know
raises OutcomeUnknown. Whether to print again, and then as a copy, is a person's decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edge.receipts import Document

__all__ = [
    "OnWait",
    "POSPrinter",
    "PrintResult",
    "PrinterCondition",
    "PrinterIdentity",
    "PrinterLimits",
    "PrinterState",
]


class PrinterCondition(StrEnum):
    """Lasting conditions; several may hold at once. All but PAPER_NEAR_END stop printing."""

    PAPER_OUT = "paper_out"
    PAPER_NEAR_END = "paper_near_end"
    COVER_OPEN = "cover_open"
    CUTTER_JAM = "cutter_jam"
    FAILED = "failed"
    """An error that only switching off and on, or a technician, ends."""
    OVERHEATED = "overheated"
    BUSY = "busy"
    """Off-line and gives no cause."""


@dataclass(frozen=True)
class PrinterIdentity:
    """Who the printer says it is; empty where it does not say. `serial` is its identity, a port is not."""

    maker: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True)
class PrinterLimits:
    width_dots: int
    columns: int
    """Normal letters in a line: what documents are laid out for."""


@dataclass(frozen=True)
class PrinterState:
    conditions: frozenset[PrinterCondition]
    drawer_pin_high: bool
    """Level of the kick connector's sensor pin; the drawer's own driver knows what it means."""


@dataclass(frozen=True)
class PrintResult:
    """The document is on paper."""

    interruptions: frozenset[PrinterCondition]
    """What stopped it on the way. After an opened cover a line may be missing: look at the paper."""
    drawn_lines: int
    """Lines sent as pictures because the printer's code pages lack their letters."""
    unknown_letters: frozenset[str]
    """Letters that no font here has; printed as a box with their number."""


OnWait = Callable[[frozenset[PrinterCondition]], None]
"""Called when printing stops for these conditions, and with an empty set when it goes on."""


class POSPrinter(Protocol):
    """One printer. Calls may come from several tasks: they take turns.

    Every method raises TransientError (DEV-301 port, PRN-301 silent, PRN-302 busy, PRN-303 overheated: nothing
    printed), NeedsPerson (PRN-240 paper, PRN-241 cover, PRN-242 cutter, PRN-243 failed: nothing printed),
    PermanentError (PRN-41x: this document cannot be printed here) or OutcomeUnknown PRN-502.
    """

    @property
    def limits(self) -> PrinterLimits: ...

    async def connect(self) -> PrinterIdentity:
        """Open the port and learn who answers. Every other method connects by itself when needed."""
        ...

    async def disconnect(self) -> None: ...

    async def state(self) -> PrinterState:
        """Ask for the conditions now. Raises nothing for them: only when the printer cannot be asked."""
        ...

    async def print(self, document: Document, *, on_wait: OnWait | None = None) -> PrintResult:
        """Print once and return when the printer has said that all of it was processed.

        Paper that runs out in the middle is waited for, for a time; `on_wait` hears of it. OutcomeUnknown PRN-502
        when the printer fell silent, the link broke, or nobody came: part or all of it may be on paper or still in
        the printer, so it is never sent again by itself.
        """
        ...
