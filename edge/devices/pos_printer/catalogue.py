"""The catalogue of printers that python-escpos brings, and that a gateway does without.

It is YAML of 5,000 lines, read for a quarter of a second at each start (a second on a Raspberry Pi). Our own profiles
say what a printer can do (firmware_profiles/).
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["leave_out"]


def leave_out() -> None:
    """For this whole process, when python-escpos has not been imported yet. Only a program's `main` may decide this."""
    os.environ.setdefault("ESCPOS_CAPABILITIES_FILE", str(Path(__file__).with_name("no_printers.json")))
