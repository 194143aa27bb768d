"""Pictures and symbols as ink: raster and column data, bar codes with their text, QR codes.

Whatever a command claims, no more is decoded than arrived and no picture is wider than `_WIDEST_DOTS`.
"""

from __future__ import annotations

from typing import Final

import qrcode  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont
from qrcode.exceptions import DataOverflowError  # type: ignore[import-untyped]

from simulators._escpos.barcodes import Symbol
from simulators._escpos.glyphs import glyph

__all__ = ["bar_code", "column_image", "labelled_box", "qr_code", "raster_image", "scaled"]

_WIDEST_DOTS: Final = 2_048
_TALLEST_DOTS: Final = 8_192
_QR_LEVELS: Final = {
    0x30: qrcode.ERROR_CORRECT_L,
    0x31: qrcode.ERROR_CORRECT_M,
    0x32: qrcode.ERROR_CORRECT_Q,
    0x33: qrcode.ERROR_CORRECT_H,
}


def raster_image(data: bytes, row_bytes: int, rows: int, width_dots: int | None = None) -> Image.Image | None:
    """Rows from the top, most significant bit left. None when there is nothing to print."""
    kept = min(row_bytes, _WIDEST_DOTS // 8)
    height = min(rows, _TALLEST_DOTS)
    if not kept or not height:
        return None
    arrived = (data[i * row_bytes : i * row_bytes + kept].ljust(kept, b"\0") for i in range(height))
    image = Image.frombytes("1", (kept * 8, height), b"".join(arrived))
    return image.crop((0, 0, min(width_dots, image.width), height)) if width_dots else image


def column_image(data: bytes, column_bytes: int, columns: int) -> Image.Image | None:
    """Columns from the left, each `column_bytes` * 8 dots, most significant bit on top."""
    lying = raster_image(data, column_bytes, min(columns, _WIDEST_DOTS))
    return lying.transpose(Image.Transpose.TRANSPOSE) if lying else None


def scaled(image: Image.Image, across: int, down: int) -> Image.Image:
    if across == down == 1:
        return image
    size = (min(image.width * across, _WIDEST_DOTS * 2), min(image.height * down, _TALLEST_DOTS * 2))
    return image.resize(size, Image.Resampling.NEAREST)


def bar_code(symbol: Symbol, *, height: int, module: int, text_place: int, font: tuple[int, int]) -> Image.Image:
    """text_place: bit 0 above, bit 1 below."""
    bars = Image.new("1", (len(symbol.modules), 1))
    bars.putdata([int(m) for m in symbol.modules])
    bars = bars.resize((bars.width * module, height), Image.Resampling.NEAREST)
    text = _text(symbol.text, font) if text_place & 3 else None
    parts = [
        *([text] if text and text_place & 1 else []),
        bars,
        *([text] if text and text_place & 2 else []),
    ]
    width = max(part.width for part in parts)
    whole = Image.new("1", (width, sum(part.height for part in parts)))
    y = 0
    for part in parts:
        whole.paste(part, ((width - part.width) // 2, y))
        y += part.height
    return whole


def _text(text: str, font: tuple[int, int]) -> Image.Image:
    image = Image.new("1", (font[0] * max(1, len(text)), font[1]))
    for at, letter in enumerate(text):
        image.paste(glyph(letter if letter.isprintable() else " ", font, False), (at * font[0], 0))
    return image


def qr_code(data: bytes, *, level: int, module: int) -> Image.Image | None:
    """None when the data is too long for any version."""
    code = qrcode.QRCode(error_correction=_QR_LEVELS.get(level, qrcode.ERROR_CORRECT_L), border=0)
    code.add_data(data)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        return None
    matrix = code.get_matrix()
    image = Image.new("1", (len(matrix), len(matrix)))
    image.putdata([int(dark) for row in matrix for dark in row])
    return scaled(image, module, module)


def labelled_box(label: str) -> Image.Image:
    """Stands for a symbol that is recorded but not drawn (PDF417, DataBar, Aztec, DataMatrix)."""
    image = Image.new("1", (12 * len(label) + 48, 64))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, image.width - 1, 63), outline=1, width=3)
    draw.text((24, 20), label, fill=1, font=ImageFont.load_default(20))
    return image
