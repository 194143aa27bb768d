"""Driver of protocol `scanner_hid_keyboard`: a scanner that types, read as Linux input records. Restarts as a task."""

from __future__ import annotations

import struct
from typing import Final, Literal

from edge.devices.scanner.input_node import InputNode
from edge.devices.scanner.profile import KeyboardProfile
from edge.devices.scanner.stream import StreamScanner
from edge.protocols.scanner import KeyboardDecoder
from shared.clock import Clock

__all__ = ["KeyboardScanner"]

_NATIVE_RECORD: Final[Literal[16, 24]] = 24 if struct.calcsize("@ll") == 16 else 16
"""The kernel writes its own word size: 24 bytes on 64-bit systems, 16 on 32-bit ones."""


class KeyboardScanner(StreamScanner):
    def __init__(
        self,
        device_id: str,
        path: str,
        profile: KeyboardProfile,
        *,
        clock: Clock,
        record_size: Literal[16, 24] = _NATIVE_RECORD,
    ) -> None:
        framing = profile.framing()
        super().__init__(
            device_id,
            InputNode(path),
            lambda: KeyboardDecoder(framing, record_size),
            clock=clock,
            repeat_window_s=profile.repeat_window_ms / 1000,
            no_read=profile.no_read,
        )
