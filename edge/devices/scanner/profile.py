"""What differs between scanner models, as data. Units are in the names."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Final, Literal, Self

from pydantic import Field, TypeAdapter, model_validator

from edge.protocols.scanner import AimMode, Content, KeyboardFraming, PosReport, SerialFraming
from shared import profiles
from shared.profiles import DeviceProfile, SerialLine

__all__ = ["KeyboardProfile", "PosProfile", "ScannerProfile", "SerialProfile", "read_profile"]


class _Profile(DeviceProfile):
    category: Literal["Scanner"]
    encoding: Literal["utf-8", "iso-8859-1", "cp1251"] = "utf-8"
    aim: AimMode = AimMode.AUTO
    gs_substitute: Annotated[str, Field(max_length=4)] = ""
    no_read: Annotated[str, Field(min_length=1, max_length=16)] | None = None
    """What the scanner sends when it saw no code."""
    repeat_window_ms: Annotated[int, Field(ge=0, le=2000)] = 0
    """The same code again within this time is one read. 0: every read counts; cashiers do scan equal items."""

    def content(self) -> Content:
        return Content(self.encoding, self.aim, self.gs_substitute)


class SerialProfile(_Profile):
    """Serial, USB-CDC, Bluetooth SPP, or the same stream over TCP."""

    protocol: Literal["scanner_serial"]
    line: SerialLine = SerialLine()
    prefix: Annotated[str, Field(max_length=8, pattern=r"^[\x00-\xff]*$")] = ""
    """One character a byte, here and in the suffix."""
    suffix: Annotated[str, Field(max_length=4, pattern=r"^[\x00-\xff]*$")] = "\r"
    """Empty: the scanner sends none, and silence ends a scan."""
    silence_ms: Annotated[int, Field(ge=30, le=400)] = 50

    def framing(self) -> SerialFraming:
        prefix, suffix = self.prefix.encode("iso-8859-1"), self.suffix.encode("iso-8859-1")
        return SerialFraming(prefix, suffix, self.silence_ms / 1000, self.content())


class KeyboardProfile(_Profile):
    """A scanner that types."""

    protocol: Literal["scanner_hid_keyboard"]
    line: None = None
    burst_gap_ms: Annotated[int, Field(ge=20, le=120)] = 50
    silence_ms: Annotated[int, Field(ge=60, le=400)] | None = 80
    """None: the scanner is set to end each scan with Enter or Tab."""

    def framing(self) -> KeyboardFraming:
        silence_s = None if self.silence_ms is None else self.silence_ms / 1000
        return KeyboardFraming(self.burst_gap_ms / 1000, silence_s, self.content())


class PosProfile(_Profile):
    """A scanner with HID POS reports; offsets in bytes."""

    protocol: Literal["scanner_hid_pos"]
    line: None = None
    report_size: Annotated[int, Field(ge=8, le=1024)] = 64
    report_id: Annotated[int, Field(ge=0, le=255)] = 2
    count_at: Annotated[int, Field(ge=0)] = 1
    aim_at: Annotated[int, Field(ge=0)] = 2
    data_at: Annotated[int, Field(ge=0)] = 5
    data_size: Annotated[int, Field(ge=1)] = 56
    more_at: Annotated[int, Field(ge=0)] = 63

    @model_validator(mode="after")
    def _lies_within_the_report(self) -> Self:
        last = max(self.count_at, self.more_at, self.aim_at + 2, self.data_at + self.data_size - 1)
        if last >= self.report_size:
            raise ValueError(f"byte {last} lies outside a report of {self.report_size}")
        return self

    def report(self) -> PosReport:
        return PosReport(
            self.report_size,
            self.report_id,
            self.count_at,
            self.aim_at,
            self.data_at,
            self.data_size,
            self.more_at,
            self.content(),
        )


ScannerProfile = Annotated[SerialProfile | KeyboardProfile | PosProfile, Field(discriminator="protocol")]

_MODEL: Final[TypeAdapter[ScannerProfile]] = TypeAdapter(ScannerProfile)


@cache
def read_profile(profile_id: str) -> ScannerProfile:
    """`generic/scanner-serial-cr`. Raises ProfileError DEV-404 for a model without one, or one of another category."""
    return profiles.read_profile(profile_id, _MODEL)
