"""What the branch may ask of a CashDrawer (UnifiedPOS category). Opening is at most once: never repeated by itself."""

from __future__ import annotations

from typing import Protocol

__all__ = ["CashDrawer"]


class CashDrawer(Protocol):
    """One drawer. Raises TransientError (not reached: nothing happened), NeedsPerson (the printer it hangs on cannot
    open it now, or DRW-242: it stayed closed), PermanentError DRW-410 (there is no drawer) or OutcomeUnknown DRW-502.
    """

    async def open(self) -> None:
        """Open it once. Where the drawer has a switch, returns when the switch says that it is open."""
        ...

    async def is_open(self) -> bool | None:
        """None when the drawer has no switch."""
        ...
