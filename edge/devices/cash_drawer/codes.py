"""Stable codes of cash drawers. A drawer on a printer also raises the printer's (PRN-2xx, PRN-3xx) and DEV-301."""

from __future__ import annotations

from typing import Final

__all__ = ["NO_DRAWER", "OUTCOME_UNKNOWN", "STAYED_CLOSED"]

STAYED_CLOSED: Final = "DRW-242"
"""The pulse went out and the switch says closed: locked, cable, or wrong pin. Parameter: pin."""
NO_DRAWER: Final = "DRW-410"
"""The printer's profile has no drawer connector. Parameter: model."""
OUTCOME_UNKNOWN: Final = "DRW-502"
"""The pulse was sent and no word came back. Never sent again by itself. Parameters: address, reason."""
