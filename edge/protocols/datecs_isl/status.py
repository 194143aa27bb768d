"""ISL status bytes: bits <-> named flags, for every dialect of the family.

Source: protocol note "ISL", section 4. The table of differences is data; a bit that a dialect reserves has no name in
it and is ignored when read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

__all__ = [
    "HEALTHY",
    "Dialect",
    "MalformedStatus",
    "Status",
    "StatusFlag",
    "decode_status",
    "encode_status",
    "flags_of",
]


class Dialect(StrEnum):
    DATECS_P = "P"
    DATECS_C = "C"
    DATECS_X = "X"
    DAISY = "daisy"
    ELTRADE = "eltrade"
    INCOTEX = "incotex"


class StatusFlag(Enum):
    """Everything a status bit can say in some dialect."""

    COVER_OPEN = "cover open"
    GENERAL_ERROR = "general error"
    PRINT_MECHANISM = "print mechanism fault"
    NO_DISPLAY = "no customer display"
    CLOCK_NOT_SET = "clock not set"
    INVALID_COMMAND = "invalid command code"
    SYNTAX_ERROR = "syntax error in data"
    TAX_TERMINAL = "tax terminal not responding"
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a status bit's meaning
    ROTATED_RECEIPT_OPEN = "rotated service receipt open"
    CUTTER_ERROR = "cutter error"
    UNSENT_DOCUMENTS = "unsent documents"
    STORNO_OPEN = "storno receipt open"
    RAM_FAILURE = "RAM failure after power on"
    CLOCK_BATTERY_LOW = "low clock battery"
    RAM_RESET = "RAM was reset"
    NOT_ALLOWED = "command not allowed in current mode"
    AMOUNT_OVERFLOW = "amount overflow"
    JOURNAL_VERY_NEAR_FULL = "journal end very near"
    NON_FISCAL_OPEN = "non-fiscal receipt open"
    JOURNAL_NEAR_FULL = "journal near end"
    FISCAL_OPEN = "fiscal receipt open"
    JOURNAL_FULL = "journal full"
    PAPER_NEAR_END = "paper near end"
    PAPER_OUT = "out of paper"
    OVERHEATED = "head overheated"
    MEMORY_DAMAGED = "fiscal memory missing or damaged"
    MEMORY_ERROR = "fiscal memory error"
    MEMORY_FULL = "fiscal memory full"
    MEMORY_NEAR_FULL = "few Z records left"
    SERIALS_SET = "serial numbers set"
    TAX_NUMBER_SET = "taxpayer number set"
    NO_TAX_OFFICE_TASK = "no task from the tax office"
    MEMORY_WRITE_ERROR = "fiscal memory write error"
    MEMORY_READ_ERROR = "fiscal memory read error"
    VAT_RATES_SET = "VAT rates set"
    FISCALISED = "fiscalised"
    MEMORY_LAST_WRITE_FAILED = "last fiscal memory write failed"
    MEMORY_FORMATTED = "fiscal memory formatted"
    MEMORY_READ_ONLY = "fiscal memory read-only"
    MEMORY_OVERFLOW = "fiscal memory overflow"


_F = StatusFlag
_Bit = tuple[int, int]

_GENERAL_BIT: Final[_Bit] = (0, 5)
_MEMORY_BIT: Final[_Bit] = (4, 5)

# The marks "#" and "*" of the note: any of these fails a command and shows in the summary bits 0.5 and 4.5.
_GENERAL_ERRORS: Final = frozenset(
    {
        _F.PRINT_MECHANISM,
        _F.INVALID_COMMAND,
        _F.SYNTAX_ERROR,
        _F.CLOCK_BATTERY_LOW,
        _F.RAM_RESET,
        _F.NOT_ALLOWED,
        _F.PAPER_OUT,
    }
)
_MEMORY_ERRORS: Final = frozenset(
    {
        _F.MEMORY_FULL,
        _F.MEMORY_WRITE_ERROR,
        _F.MEMORY_LAST_WRITE_FAILED,
        _F.MEMORY_READ_ONLY,
        _F.MEMORY_OVERFLOW,
    }
)

_P: Final[Mapping[_Bit, StatusFlag]] = {
    (0, 6): _F.COVER_OPEN,
    _GENERAL_BIT: _F.GENERAL_ERROR,
    (0, 4): _F.PRINT_MECHANISM,
    (0, 3): _F.NO_DISPLAY,
    (0, 2): _F.CLOCK_NOT_SET,
    (0, 1): _F.INVALID_COMMAND,
    (0, 0): _F.SYNTAX_ERROR,
    (1, 6): _F.TAX_TERMINAL,
    (1, 5): _F.ROTATED_RECEIPT_OPEN,
    (1, 4): _F.STORNO_OPEN,
    (1, 3): _F.CLOCK_BATTERY_LOW,
    (1, 2): _F.RAM_RESET,
    (1, 1): _F.NOT_ALLOWED,
    (1, 0): _F.AMOUNT_OVERFLOW,
    (2, 6): _F.JOURNAL_VERY_NEAR_FULL,
    (2, 5): _F.NON_FISCAL_OPEN,
    (2, 4): _F.JOURNAL_NEAR_FULL,
    (2, 3): _F.FISCAL_OPEN,
    (2, 2): _F.JOURNAL_FULL,
    (2, 1): _F.PAPER_NEAR_END,
    (2, 0): _F.PAPER_OUT,
    (4, 6): _F.OVERHEATED,
    _MEMORY_BIT: _F.MEMORY_ERROR,
    (4, 4): _F.MEMORY_FULL,
    (4, 3): _F.MEMORY_NEAR_FULL,
    (4, 2): _F.SERIALS_SET,
    (4, 1): _F.TAX_NUMBER_SET,
    (4, 0): _F.MEMORY_WRITE_ERROR,
    (5, 5): _F.MEMORY_READ_ERROR,
    (5, 4): _F.VAT_RATES_SET,
    (5, 3): _F.FISCALISED,
    (5, 2): _F.MEMORY_LAST_WRITE_FAILED,
    (5, 1): _F.MEMORY_FORMATTED,
    (5, 0): _F.MEMORY_READ_ONLY,
}

_X_BITS: Final = frozenset(
    {(0, bit) for bit in (0, 1, 2, 4, 5, 6)}
    | {(1, 0), (1, 1)}
    | {(2, bit) for bit in range(6)}
    | {(4, bit) for bit in range(7)}
    | {(5, 1), (5, 3), (5, 4)}
)


def _differing(differences: Mapping[_Bit, StatusFlag | None]) -> Mapping[_Bit, StatusFlag]:
    """The P table with some bits renamed; None reserves a bit."""
    merged = {**_P, **differences}
    return {bit: flag for bit, flag in merged.items() if flag is not None}


_TABLES: Final[Mapping[Dialect, Mapping[_Bit, StatusFlag]]] = MappingProxyType(
    {
        Dialect.DATECS_P: _P,
        Dialect.DATECS_C: _differing({(0, 4): None, (1, 5): _F.UNSENT_DOCUMENTS}),
        Dialect.DATECS_X: {**{bit: _P[bit] for bit in _X_BITS}, (4, 6): _F.MEMORY_DAMAGED},
        Dialect.DAISY: _differing(
            {
                (0, 6): None,
                (1, 6): _F.WRONG_PASSWORD,
                (1, 5): _F.CUTTER_ERROR,
                (4, 1): _F.NO_TAX_OFFICE_TASK,
                (5, 0): _F.MEMORY_OVERFLOW,
            }
        ),
        Dialect.ELTRADE: _differing({(0, 6): None, (1, 5): _F.COVER_OPEN, (1, 4): _F.RAM_FAILURE}),
        Dialect.INCOTEX: _P,
    }
)

_BITS: Final = {dialect: {flag: bit for bit, flag in table.items()} for dialect, table in _TABLES.items()}

HEALTHY: Final = frozenset({_F.SERIALS_SET, _F.TAX_NUMBER_SET, _F.VAT_RATES_SET, _F.FISCALISED, _F.MEMORY_FORMATTED})
"""What a fiscalised idle device reports: 80 80 80 80 86 9A (80 80)."""

_SWITCHES_BYTE = 3


class MalformedStatus(ValueError):
    """Status bytes that no device of the dialect sends: wrong count, or bit 7 clear."""


@dataclass(frozen=True)
class Status:
    """Decoded status. `switches` is byte 3 without bit 7: SW1-SW7, on Daisy the error code."""

    flags: frozenset[StatusFlag]
    switches: int
    raw: bytes

    @property
    def failures(self) -> frozenset[StatusFlag]:
        """Flags that fail a command. Lasting ones (paper, battery, RAM, memory) fail every command while they stand."""
        return self.flags & (_GENERAL_ERRORS | _MEMORY_ERRORS)


def flags_of(dialect: Dialect) -> frozenset[StatusFlag]:
    """The flags that this dialect has a bit for."""
    return frozenset(_BITS[dialect])


def status_size(dialect: Dialect) -> int:
    return 8 if dialect is Dialect.DATECS_X else 6


def decode_status(raw: bytes, dialect: Dialect) -> Status:
    """Raises MalformedStatus; reserved bits are ignored (and kept in `raw`)."""
    if len(raw) != status_size(dialect) or any(byte < 0x80 for byte in raw):
        raise MalformedStatus(raw.hex(" "))
    flags = frozenset(flag for (byte, bit), flag in _TABLES[dialect].items() if raw[byte] >> bit & 1)
    return Status(flags, raw[_SWITCHES_BYTE] & 0x7F, raw)


def encode_status(flags: Iterable[StatusFlag], dialect: Dialect, *, switches: int = 0) -> bytes:
    """Summary bits 0.5 and 4.5 follow by themselves. Raises ValueError for a flag the dialect has no bit for."""
    wanted = set(flags)
    if wanted & _GENERAL_ERRORS:
        wanted.add(_F.GENERAL_ERROR)
    if wanted & _MEMORY_ERRORS:
        wanted.add(_F.MEMORY_ERROR)
    raw = bytearray([0x80] * status_size(dialect))
    raw[_SWITCHES_BYTE] |= switches & 0x7F
    bits = _BITS[dialect]
    for flag in wanted:
        if flag not in bits:
            raise ValueError(f"dialect {dialect} has no bit for '{flag.value}'")
        byte, bit = bits[flag]
        raw[byte] |= 1 << bit
    return bytes(raw)
