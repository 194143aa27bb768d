"""What a printer keeps between commands: graphics waiting to be printed, logos, data of two-dimensional codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

from simulators._escpos.graphics import column_image, labelled_box, qr_code, raster_image, scaled

__all__ = ["GraphicsStore", "Symbol2D", "SymbolStore"]

_MOST_LOGOS: Final = 32
_LONGEST_SYMBOL: Final = 7_092
"""Bytes a QR code of the largest version takes; longer data is not stored."""

_KINDS: Final = {0x30: "PDF417", 0x31: "QR", 0x32: "MAXICODE", 0x33: "GS1-DATABAR", 0x35: "AZTEC", 0x36: "DATAMATRIX"}


class GraphicsStore:
    """GS ( L, GS *, FS q: at most `_MOST_LOGOS` pictures of each kind."""

    def __init__(self) -> None:
        self.downloaded: Image.Image | None = None
        self.nv: dict[int, Image.Image] = {}
        self._waiting: Image.Image | None = None
        self._logos: dict[bytes, Image.Image] = {}

    def carry_out(self, payload: bytes) -> Image.Image | None:
        """Payload `30 fn ...`; gives what is to be printed now."""
        if len(payload) < 2:
            return None
        function, rest = payload[1], payload[2:]
        if function in (2, 50):
            waiting, self._waiting = self._waiting, None
            return waiting
        if function == 112:
            self._waiting = _graphic(rest, is_column=False)
        elif function == 113:
            self._waiting = _graphic(rest, is_column=True)
        elif function in (67, 83) and len(rest) > 9:
            self._define_logo(rest)
        elif function in (69, 85) and len(rest) >= 2:
            logo = self._logos.get(rest[:2])
            sizes = rest[2:4] if len(rest) >= 4 else b"\x01\x01"
            return scaled(logo, min(max(sizes[0], 1), 2), min(max(sizes[1], 1), 2)) if logo else labelled_box("LOGO")
        return None

    def _define_logo(self, rest: bytes) -> None:
        """`a kc1 kc2 b xL xH yL yH c data`; only the first colour is kept."""
        width, rows = _le16(rest, 4), _le16(rest, 6)
        image = raster_image(rest[9:], -(-width // 8), rows, width)
        if image is not None and (len(self._logos) < _MOST_LOGOS or rest[1:3] in self._logos):
            self._logos[rest[1:3]] = image

    def define_nv(self, args: bytes) -> None:
        """FS q n, then each picture: xL xH yL yH (bytes across, bytes down) and its columns."""
        at = 1
        self.nv.clear()
        for number in range(1, args[0] + 1):
            if len(args) < at + 4 or number > _MOST_LOGOS:
                return
            across, down = _le16(args, at), _le16(args, at + 2)
            size = across * down * 8
            image = column_image(args[at + 4 : at + 4 + size], down, across * 8)
            if image is not None:
                self.nv[number] = image
            at += 4 + size


def _graphic(rest: bytes, *, is_column: bool) -> Image.Image | None:
    """`a bx by c xL xH yL yH data`: x and y in dots."""
    if len(rest) < 8:
        return None
    width, height = _le16(rest, 4), _le16(rest, 6)
    data = rest[8:]
    if is_column:
        image = column_image(data, -(-height // 8), width)
    else:
        image = raster_image(data, -(-width // 8), height, width)
    return scaled(image, min(max(rest[1], 1), 2), min(max(rest[2], 1), 2)) if image else None


@dataclass(frozen=True)
class Symbol2D:
    kind: str
    data: str
    ink: Image.Image
    is_drawn: bool
    """False when only a labelled box stands for it."""


class SymbolStore:
    """GS ( k: settings and data of each kind of two-dimensional code."""

    def __init__(self) -> None:
        self._data: dict[int, bytes] = {}
        self._module = 3
        self._level = 0x30

    def carry_out(self, payload: bytes) -> Symbol2D | None:
        """Payload `cn fn ...`; gives the symbol that is to be printed now."""
        if len(payload) < 3 or payload[0] not in _KINDS:
            return None
        code, function, first = payload[0], payload[1], payload[2]
        if function == 80:
            self._data[code] = payload[3 : 3 + _LONGEST_SYMBOL]
        elif function == 81:
            return self._symbol(code)
        elif code == 0x31 and function == 67:
            self._module = min(max(first, 1), 16)
        elif code == 0x31 and function == 69:
            self._level = first
        return None

    def _symbol(self, code: int) -> Symbol2D | None:
        data = self._data.get(code)
        if not data:
            return None
        kind = _KINDS[code]
        ink = qr_code(data, level=self._level, module=self._module) if code == 0x31 else None
        return Symbol2D(kind, _readable(data), ink or labelled_box(kind), ink is not None)


def _readable(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _le16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
