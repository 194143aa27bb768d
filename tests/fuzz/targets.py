"""The list: every codec and parser that reads what others wrote. test_fuzz.py says which packages must be in it."""

from __future__ import annotations

from typing import Final

from tests.fuzz import contract, gateway, office, wires
from tests.fuzz.target import Target

__all__ = ["TARGETS"]

TARGETS: Final[dict[str, Target]] = {
    target.name: target for target in (*wires.TARGETS, *contract.TARGETS, *gateway.TARGETS, *office.TARGETS)
}
