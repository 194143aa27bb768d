"""A cash drawer on the kick connector of an ESC/POS printer. Pin, pulse and switch level come from the profile.

Two devices in one box: this one borrows the printer's line and never opens a port of its own.
"""

from __future__ import annotations

import asyncio
from typing import Final

from edge.devices.cash_drawer import codes
from edge.devices.pos_printer.escpos import EscPosPrinter
from edge.devices.pos_printer.profiles import DrawerConnector
from shared.errors import NeedsPerson, PermanentError

__all__ = ["EscPosCashDrawer"]

_SPRING_S: Final = 1.0
"""From the pulse until the switch of a healthy drawer has moved, with room."""
_LOOK_EVERY_S: Final = 0.05


class EscPosCashDrawer:
    """connector: the printer profile's, or the branch's own where the drawer's cable differs."""

    def __init__(
        self, printer: EscPosPrinter, connector: DrawerConnector | None = None, *, spring_s: float = _SPRING_S
    ) -> None:
        self._printer = printer
        self._connector = connector or printer.profile.drawer
        self._spring_s = spring_s

    async def open(self) -> None:
        connector = self._wired()
        await self._printer.kick(connector, codes.OUTCOME_UNKNOWN)
        if connector.open_level is None:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._spring_s
        while not await self.is_open():
            if loop.time() >= deadline:
                raise NeedsPerson(codes.STAYED_CLOSED, pin=connector.pin)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def is_open(self) -> bool | None:
        level = self._wired().open_level
        if level is None:
            return None
        return (await self._printer.state()).drawer_pin_high == (level == "high")

    def _wired(self) -> DrawerConnector:
        if self._connector is None:
            raise PermanentError(codes.NO_DRAWER, model=self._printer.profile.model)
        return self._connector
