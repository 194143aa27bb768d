"""Driver of protocol `scanner_hid_pos`: a scanner with HID POS reports on /dev/hidraw*. Restarts as a task."""

from __future__ import annotations

from edge.devices.scanner.input_node import InputNode
from edge.devices.scanner.profile import PosProfile
from edge.devices.scanner.stream import StreamScanner
from edge.protocols.scanner import PosDecoder
from shared.clock import Clock

__all__ = ["PosScanner"]


class PosScanner(StreamScanner):
    def __init__(self, device_id: str, path: str, profile: PosProfile, *, clock: Clock) -> None:
        report = profile.report()
        super().__init__(
            device_id,
            InputNode(path),
            lambda: PosDecoder(report),
            clock=clock,
            repeat_window_s=profile.repeat_window_ms / 1000,
            no_read=profile.no_read,
        )
