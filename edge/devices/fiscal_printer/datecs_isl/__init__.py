"""Driver of Datecs fiscal registers: short frames (P, C) and long frames (X) behind the category contract."""

from __future__ import annotations

from collections.abc import Mapping

from edge.devices.fiscal_printer.datecs_isl.driver import DatecsIsl
from edge.devices.fiscal_printer.datecs_isl.long_frames import LongFrameRegister
from edge.devices.fiscal_printer.datecs_isl.session import Timing
from edge.devices.fiscal_printer.datecs_isl.short_frames import ShortFrameRegister
from edge.devices.fiscal_printer.profiles import OperatorLogin, RegisterProfile
from edge.transports.contract import Transport

__all__ = ["DatecsIsl", "Timing", "datecs_isl"]


def datecs_isl(
    transport: Transport,
    profile: RegisterProfile,
    *,
    operators: Mapping[str, OperatorLogin] | None = None,
    timing: Timing | None = None,
) -> DatecsIsl:
    """The driver for this model on this wire. Opens nothing.

    operators: how cashiers (`FiscalReceipt.operator`) log in to the register; others use the profile's operator.
    """
    kind = LongFrameRegister if profile.dialect == "X" else ShortFrameRegister
    return kind(transport, profile, operators or {}, timing or Timing())
