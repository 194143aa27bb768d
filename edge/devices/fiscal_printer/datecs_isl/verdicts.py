"""From status bits to our conditions and errors. Source: protocol note "ISL", sections 4 and 7."""

from __future__ import annotations

from typing import Final

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import RegisterCondition
from edge.protocols.datecs_isl import Status, StatusFlag
from shared.errors import NeedsPerson, PermanentError, TradepostError, TransientError

__all__ = ["conditions_of", "explained_by", "standing_obstacle"]

_F = StatusFlag
_C = RegisterCondition

_CONDITIONS: Final = {
    _F.PAPER_OUT: _C.PAPER_OUT,
    _F.PAPER_NEAR_END: _C.PAPER_NEAR_END,
    _F.COVER_OPEN: _C.COVER_OPEN,
    _F.PRINT_MECHANISM: _C.PRINT_MECHANISM,
    _F.CUTTER_ERROR: _C.PRINT_MECHANISM,
    _F.OVERHEATED: _C.OVERHEATED,
    _F.CLOCK_NOT_SET: _C.CLOCK_NOT_SET,
    _F.CLOCK_BATTERY_LOW: _C.CLOCK_BATTERY,
    _F.RAM_RESET: _C.RAM_RESET,
    _F.RAM_FAILURE: _C.RAM_RESET,
    _F.MEMORY_FULL: _C.FISCAL_MEMORY_FULL,
    _F.MEMORY_OVERFLOW: _C.FISCAL_MEMORY_FULL,
    _F.MEMORY_NEAR_FULL: _C.FISCAL_MEMORY_NEAR_FULL,
    _F.MEMORY_DAMAGED: _C.FISCAL_MEMORY_FAILED,
    _F.MEMORY_READ_ERROR: _C.FISCAL_MEMORY_FAILED,
    _F.MEMORY_WRITE_ERROR: _C.FISCAL_MEMORY_FAILED,
    _F.MEMORY_LAST_WRITE_FAILED: _C.FISCAL_MEMORY_FAILED,
    _F.MEMORY_READ_ONLY: _C.FISCAL_MEMORY_FAILED,
    _F.JOURNAL_FULL: _C.JOURNAL_FULL,
    _F.JOURNAL_NEAR_FULL: _C.JOURNAL_NEAR_FULL,
    _F.JOURNAL_VERY_NEAR_FULL: _C.JOURNAL_NEAR_FULL,
    _F.TAX_TERMINAL: _C.TAX_TERMINAL,
}

_OBSTACLES: Final[dict[StatusFlag, tuple[type[TradepostError], str, str]]] = {
    # flag: class, our code, the maker's name for it: its bit in the status (note, section 4)
    _F.PAPER_OUT: (NeedsPerson, codes.PAPER_OUT, "2.0"),
    _F.COVER_OPEN: (NeedsPerson, codes.COVER_OPEN, "0.6"),
    _F.PRINT_MECHANISM: (NeedsPerson, codes.PRINT_MECHANISM, "0.4"),
    _F.MEMORY_FULL: (PermanentError, codes.MEMORY_FULL, "4.4"),
    _F.MEMORY_WRITE_ERROR: (PermanentError, codes.MEMORY_FAILED, "4.0"),
    _F.MEMORY_LAST_WRITE_FAILED: (PermanentError, codes.MEMORY_FAILED, "5.2"),
    _F.MEMORY_DAMAGED: (PermanentError, codes.MEMORY_FAILED, "4.6"),
    _F.MEMORY_READ_ERROR: (PermanentError, codes.MEMORY_FAILED, "5.5"),
    _F.MEMORY_READ_ONLY: (PermanentError, codes.MEMORY_READ_ONLY, "5.0"),
    _F.RAM_RESET: (NeedsPerson, codes.RAM_RESET, "1.2"),
    _F.CLOCK_NOT_SET: (NeedsPerson, codes.CLOCK_NOT_SET, "0.2"),
    _F.CLOCK_BATTERY_LOW: (NeedsPerson, codes.CLOCK_BATTERY, "1.3"),
    _F.JOURNAL_FULL: (NeedsPerson, codes.JOURNAL_FULL, "2.2"),
}
"""What stands in the way of a fiscal document, the one a person should hear of first on top."""

_WARNINGS_THAT_EXPLAIN: Final[dict[StatusFlag, tuple[type[TradepostError], str, str]]] = {
    _F.OVERHEATED: (TransientError, codes.OVERHEATED, "4.6"),
    _F.TAX_TERMINAL: (NeedsPerson, codes.TAX_TERMINAL, "1.6"),
}
"""Alone they refuse nothing; with a refusal they are its likely reason."""

_OF_THE_COMMAND: Final[dict[StatusFlag, tuple[str, str]]] = {
    _F.SYNTAX_ERROR: (codes.WRONG_DATA, "0.0"),
    _F.INVALID_COMMAND: (codes.UNKNOWN_COMMAND, "0.1"),
    _F.AMOUNT_OVERFLOW: (codes.AMOUNT_OVERFLOW, "1.0"),
    _F.NOT_ALLOWED: (codes.NOT_ALLOWED_NOW, "1.1"),
}


def conditions_of(status: Status) -> frozenset[RegisterCondition]:
    found = {condition for flag, condition in _CONDITIONS.items() if flag in status.flags}
    if StatusFlag.FISCALISED not in status.flags:
        found.add(RegisterCondition.NOT_FISCALISED)
    return frozenset(found)


def standing_obstacle(status: Status) -> TradepostError | None:
    """Why a fiscal document cannot even be begun now, or None."""
    for flag, (kind, code, bit) in _OBSTACLES.items():
        if flag in status.flags:
            return kind(code, maker_code=bit)
    if StatusFlag.FISCALISED not in status.flags:
        return PermanentError(codes.NOT_FISCALISED, maker_code="5.3")
    return None


def explained_by(status: Status, command: int, words: str | None) -> TradepostError:
    """The error of a refused command: a standing obstacle if there is one, else what the command itself did wrong.

    words: the maker's own code or text, where the register was asked for it.
    """
    for flag, (kind, code, bit) in {**_OBSTACLES, **_WARNINGS_THAT_EXPLAIN}.items():
        if flag in status.flags:
            return kind(code, maker_code=words or bit)
    for flag, (code, bit) in _OF_THE_COMMAND.items():
        if flag in status.flags:
            return PermanentError(code, maker_code=words or bit, command=f"{command:02X}")
    return PermanentError(codes.REFUSED, maker_code=words, command=f"{command:02X}")
