"""What differs between models of receipt printers, as data."""

from __future__ import annotations

from codecs import lookup
from functools import cache
from typing import Final, Literal

from pydantic import Field, TypeAdapter, field_validator

from shared.profiles import DeviceProfile, Facts, SerialLine, read_profile

__all__ = ["DrawerConnector", "POSPrinterProfile", "load_profile", "python_codec"]


class DrawerConnector(Facts):
    """The drawer's cable decides pin and level, so these are defaults that a branch may change."""

    pin: Literal[2, 5] = 2
    on_ms: int = Field(default=100, ge=20, le=500)
    """Length of the pulse. Below 50 some solenoids do not move; above 200 the coil heats up."""
    off_ms: int = Field(default=200, ge=20, le=510)
    open_level: Literal["high", "low"] | None = None
    """Level of the sensor pin while the drawer is open; None when the drawer has no switch."""
    in_real_time: bool = True
    """The printer obeys a pulse on receipt (`10 14 01`), also out of paper."""


class POSPrinterProfile(DeviceProfile):
    category: Literal["POSPrinter"]
    protocol: Literal["escpos"]
    line: SerialLine = SerialLine(baud=115_200)
    width_dots: int = Field(ge=256, le=832)
    """Dots the head can print, 8 a millimetre."""
    columns: int = Field(ge=24, le=64)
    font: Literal["a", "b"] = "a"
    """The printer's font for normal text: A is 12x24 dots, B 9x17."""
    line_dots: int = Field(default=30, ge=17, le=64)
    """Height of a line of normal text, leading included."""
    code_pages: dict[int, str]
    """Number for ESC t -> page (CP866, ISO8859-15, RK1048 ...). In the order in which they are tried."""
    armenian_codepage: int | Literal["raster"] = "raster"
    """ARMSCII-8 has no standard number; vendors that have it choose a private one."""
    cancel_kanji: bool = True
    """Send FS . after the reset: many low-cost printers start in a double-byte mode."""
    draws_qr: bool = True
    """The printer draws QR codes itself; else they are sent as pictures."""
    cut: Literal["full", "partial", "none"] = "partial"
    feed_lines_before_cut: int = Field(default=3, ge=0, le=12)
    """From the print head to the blade, or to the tear bar."""
    barrier: Literal["paper-status", "marker"] = "paper-status"
    """How the printer says "printed up to here": `1D 72 01`, or the numbered `1D 28 48` of newer models."""
    window_bytes: int = Field(default=4096, ge=2560, le=65_536)
    """Sent before asking how the printer is; at least one line of pictures."""
    speed_dots_s: int = Field(default=480, ge=40, le=4_000)
    """Slowest printing speed, 60 mm/s: how long a document may take before silence means something."""
    drawer: DrawerConnector | None = None

    @field_validator("code_pages")
    @classmethod
    def _known_pages(cls, pages: dict[int, str]) -> dict[int, str]:
        for number, name in pages.items():
            if not 0 <= number <= 255 or len("A".encode(python_codec(name))) != 1:
                raise ValueError(f"{number}: {name} is not a single-byte code page")
        return pages

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a normal letter, in dots."""
        return (12, 24) if self.font == "a" else (9, 17)

    @property
    def baud(self) -> int:
        """Speed of a serial line as delivered."""
        return self.line.baud


def python_codec(page: str) -> str:
    """Python's name of a code page. Raises ValueError for one that it does not have."""
    try:
        return lookup("kz1048" if page == "RK1048" else page).name
    except LookupError as error:
        raise ValueError(f"{page} is no code page") from error


_MODEL: Final = TypeAdapter(POSPrinterProfile)


@cache
def load_profile(name: str) -> POSPrinterProfile:
    """`generic/pos80`. Raises ProfileError DEV-404 for a model without a profile, or one of another category."""
    return read_profile(name, _MODEL)
