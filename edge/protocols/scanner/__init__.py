"""Bar-code scanners: bytes to scans, for the three ways in which scanners speak. Sans I/O."""

from edge.protocols.scanner.events import AimMode, Content, Dropped, DropReason, Event, Frame, TypedKeys
from edge.protocols.scanner.hid_pos import PosDecoder, PosReport
from edge.protocols.scanner.keyboard import KeyboardDecoder, KeyboardFraming
from edge.protocols.scanner.repeats import RepeatFilter
from edge.protocols.scanner.serial import SerialFraming, SerialSplitter

__all__ = [
    "AimMode",
    "Content",
    "DropReason",
    "Dropped",
    "Event",
    "Frame",
    "KeyboardDecoder",
    "KeyboardFraming",
    "PosDecoder",
    "PosReport",
    "RepeatFilter",
    "SerialFraming",
    "SerialSplitter",
    "TypedKeys",
]
