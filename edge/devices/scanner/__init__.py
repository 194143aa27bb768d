"""Bar-code scanners of a branch. `build_scanner` picks the driver that a profile names."""

from edge.devices.scanner.contract import (
    Deliver,
    Scan,
    Scanner,
    ScannerCounters,
    ScannerEvent,
    ScannerState,
    ScanTrouble,
)
from edge.devices.scanner.drivers import build_scanner
from edge.devices.scanner.profile import ScannerProfile, read_profile

__all__ = [
    "Deliver",
    "Scan",
    "ScanTrouble",
    "Scanner",
    "ScannerCounters",
    "ScannerEvent",
    "ScannerProfile",
    "ScannerState",
    "build_scanner",
    "read_profile",
]
