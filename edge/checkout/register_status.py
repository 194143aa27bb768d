"""What a till may know of its register: one state, one code, and whether money may be taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edge.devices.fiscal_printer import codes
from edge.devices.fiscal_printer.contract import RegisterCondition
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from shared.events import Condition, DeviceHealth

__all__ = ["RegisterState", "RegisterStatus", "blocking_code", "device_conditions", "status_of_error", "warning_code"]


class RegisterState(StrEnum):
    OK = "ok"
    ATTENTION = "attention"
    """Works, or waits for a person to put in paper and the like; `blocks` tells them apart."""
    STOPPED = "stopped"
    """Does not answer, or will not work any more."""
    UNKNOWN = "unknown"
    """A receipt may have been printed; the register is being asked."""


@dataclass(frozen=True)
class RegisterStatus:
    state: RegisterState
    code: str | None = None
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    maker_code: str | None = None
    blocks: type[TradepostError] | None = None
    """The kind of error with which taking money is refused meanwhile; scanning never waits."""

    @property
    def obstacle(self) -> TradepostError | None:
        """Why money may not be taken now."""
        if self.blocks is None or self.code is None:
            return None
        return self.blocks(self.code, maker_code=self.maker_code, **self.parameters)

    @property
    def health(self) -> DeviceHealth:
        match self.state:
            case RegisterState.OK:
                return DeviceHealth.OK
            case RegisterState.STOPPED:
                return DeviceHealth.STOPPED
            case _:
                return DeviceHealth.ATTENTION


def status_of_error(error: TradepostError) -> RegisterStatus:
    """The status that an error of the driver leaves behind."""
    state = RegisterState.STOPPED
    if isinstance(error, OutcomeUnknown):
        state = RegisterState.UNKNOWN
    elif isinstance(error, NeedsPerson):
        state = RegisterState.ATTENTION
    kind = next(kind for kind in _KINDS if isinstance(error, kind))
    return RegisterStatus(state, error.code, error.parameters, error.maker_code, kind)


_KINDS: Final = (OutcomeUnknown, NeedsPerson, TransientError, PermanentError, TradepostError)

_BLOCKING: Final[Mapping[RegisterCondition, tuple[type[TradepostError], str]]] = {
    # In the order in which a person should hear of them.
    RegisterCondition.PAPER_OUT: (NeedsPerson, codes.PAPER_OUT),
    RegisterCondition.COVER_OPEN: (NeedsPerson, codes.COVER_OPEN),
    RegisterCondition.PRINT_MECHANISM: (NeedsPerson, codes.PRINT_MECHANISM),
    RegisterCondition.FISCAL_MEMORY_FULL: (PermanentError, codes.MEMORY_FULL),
    RegisterCondition.FISCAL_MEMORY_FAILED: (PermanentError, codes.MEMORY_FAILED),
    RegisterCondition.RAM_RESET: (NeedsPerson, codes.RAM_RESET),
    RegisterCondition.CLOCK_NOT_SET: (NeedsPerson, codes.CLOCK_NOT_SET),
    RegisterCondition.JOURNAL_FULL: (NeedsPerson, codes.JOURNAL_FULL),
    RegisterCondition.NOT_FISCALISED: (PermanentError, codes.NOT_FISCALISED),
    RegisterCondition.OVERHEATED: (TransientError, codes.OVERHEATED),
}

_WARNINGS: Final[Mapping[RegisterCondition, str]] = {
    RegisterCondition.PAPER_NEAR_END: "FIS-101",
    RegisterCondition.JOURNAL_NEAR_FULL: "FIS-102",
    RegisterCondition.FISCAL_MEMORY_NEAR_FULL: "FIS-103",
    RegisterCondition.CLOCK_BATTERY: "FIS-104",
    RegisterCondition.TAX_TERMINAL: "FIS-105",
}


def blocking_code(conditions: frozenset[RegisterCondition]) -> TradepostError | None:
    """The condition that stands in the way of printing, as an error; None when nothing does."""
    for condition, (kind, code) in _BLOCKING.items():
        if condition in conditions:
            return kind(code)
    return None


def warning_code(conditions: frozenset[RegisterCondition]) -> str | None:
    for condition, code in _WARNINGS.items():
        if condition in conditions:
            return code
    return None


def device_conditions(status: RegisterStatus) -> tuple[Condition, ...]:
    if status.code is None:
        return ()
    return (Condition(code=status.code, maker_code=status.maker_code),)
