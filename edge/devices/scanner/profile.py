"""What differs between scanner models, as data: one JSON file each in firmware_profiles/. Units are in the names."""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from edge.protocols.scanner import AimMode, Content, KeyboardFraming, PosReport, SerialFraming
from shared.errors import PermanentError

__all__ = ["KeyboardProfile", "PosProfile", "ScannerProfile", "SerialProfile", "load_profile", "read_profile"]

_FOLDER = "firmware_profiles"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Data):
    """One rule of the grade, and why it is not done."""

    status: Literal["done", "todo", "exempt"]
    reason: str = ""


class Line(_Data):
    baud: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    data_bits: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1


class _Profile(_Data):
    maker: Annotated[str, Field(min_length=1, max_length=40)]
    model: Annotated[str, Field(min_length=1, max_length=80)]
    category: Literal["scanner"]
    grade: Literal["bronze", "silver", "gold"]
    rules: dict[str, Rule]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    """Where these facts come from."""
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
    line: Line = Line()
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
    burst_gap_ms: Annotated[int, Field(ge=20, le=120)] = 50
    silence_ms: Annotated[int, Field(ge=60, le=400)] | None = 80
    """None: the scanner is set to end each scan with Enter or Tab."""

    def framing(self) -> KeyboardFraming:
        silence_s = None if self.silence_ms is None else self.silence_ms / 1000
        return KeyboardFraming(self.burst_gap_ms / 1000, silence_s, self.content())


class PosProfile(_Profile):
    """A scanner with HID POS reports; offsets in bytes."""

    protocol: Literal["scanner_hid_pos"]
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


ScannerProfile = SerialProfile | KeyboardProfile | PosProfile

_adapter: TypeAdapter[ScannerProfile] = TypeAdapter(Annotated[ScannerProfile, Field(discriminator="protocol")])


def read_profile(profile_id: str) -> ScannerProfile:
    """The profile that we ship under this id, such as `generic/scanner-serial-cr`.

    Raises PermanentError SCN-404 (profile, reason) when there is none.
    """
    vendor, _, model = profile_id.partition("/")
    shipped = {
        f"{folder.name}/{file.name.removesuffix('.json')}": file
        for folder in resources.files(_FOLDER).iterdir()
        if folder.is_dir() and folder.name == vendor
        for file in folder.iterdir()
        if file.name == f"{model}.json"
    }
    if profile_id not in shipped:
        raise PermanentError("SCN-404", profile=profile_id, reason="unknown")
    return load_profile(shipped[profile_id].read_bytes(), profile_id)


def load_profile(text: bytes | str, profile_id: str) -> ScannerProfile:
    """A profile from its JSON. Raises PermanentError SCN-404 naming the field that cannot be."""
    try:
        return _adapter.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise PermanentError("SCN-404", profile=profile_id, reason=reason) from error
