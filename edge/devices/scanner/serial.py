"""Driver of protocol `scanner_serial`: serial, USB-CDC, Bluetooth SPP, the same over TCP. Restarts as a task."""

from __future__ import annotations

from edge.devices.scanner.profile import SerialProfile
from edge.devices.scanner.stream import StreamScanner
from edge.protocols.scanner import SerialSplitter
from edge.transports.contract import Transport
from shared.clock import Clock

__all__ = ["SerialScanner"]


class SerialScanner(StreamScanner):
    def __init__(self, device_id: str, transport: Transport, profile: SerialProfile, *, clock: Clock) -> None:
        framing = profile.framing()
        super().__init__(
            device_id,
            transport,
            lambda: SerialSplitter(framing),
            clock=clock,
            repeat_window_s=profile.repeat_window_ms / 1000,
            no_read=profile.no_read,
        )
