"""A document as the bytes of one printer model: text in its code pages, pictures for what they lack.

Uses python-escpos to build commands, on a printer of its own that only collects them; it never encodes text, because
what it cannot encode it prints as a question mark. Rules that never break: no
letter becomes a question mark, and no text or picture can smuggle a command in (texts are cleaned of controls by
`edge.receipts.cells`, pictures pass `without_realtime`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import qrcode  # type: ignore[import-untyped]
from escpos import capabilities
from escpos.capabilities import Profile
from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from PIL import Image
from qrcode.exceptions import DataOverflowError  # type: ignore[import-untyped]

from edge.devices.pos_printer import codes
from edge.devices.pos_printer.lettering import Lettering
from edge.devices.pos_printer.profiles import POSPrinterProfile, python_codec
from edge.protocols import escpos
from edge.receipts import BarCode, Cut, Document, Feed, Picture, QrCode, Row, Rule, compose
from edge.receipts.compose import Graphic
from edge.receipts.document import Align, RuleStyle
from shared.errors import PermanentError

__all__ = ["Job", "Renderer"]

if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:  # that folder would be somebody's own
    # python-escpos leaves a copy of its catalogue in a new temporary folder each time it is imported.
    shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)

_PLAIN: Final = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "x", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}
)
"""Signs of typography with a plain twin that every code page has: taken when the line would else be a picture."""

_RULE_DOTS: Final = 14
_RULE_LINES: Final = {RuleStyle.THIN: 2, RuleStyle.THICK: 4, RuleStyle.DASHED: 2}
_DASH_DOTS: Final = 8
_BAR_CODE_DOTS: Final = 64
_BAR_CODE_MODULE: Final = 2
_QR_SHARE: Final = 0.42
"""Of the paper's width: large enough for a telephone, small enough for the roll."""
_QR_MODULES: Final = (3, 8)
_QR_QUIET_LINES: Final = 1
_ARMENIAN: Final = "ARMSCII-8"


@dataclass(frozen=True)
class Job:
    """windows: bytes in order, each ending between two commands."""

    windows: tuple[bytes, ...]
    length_dots: int
    drawn_lines: int
    unknown_letters: frozenset[str]


class Renderer:
    """Turns documents into jobs for one profile. Keeps drawn letters between jobs."""

    def __init__(self, profile: POSPrinterProfile, lettering: Lettering | None = None) -> None:
        self._profile = profile
        self._lettering = lettering or Lettering(profile.cell, profile.line_dots)
        self._model = _library_profile(profile)
        self._pages = _Pages(profile)

    def render(self, document: Document) -> Job:
        """Raises PermanentError PRN-410, PRN-411 for codes and pictures that cannot be printed."""
        self._lettering.unknown.clear()
        sheet = _Sheet(self._profile, self._model, self._pages, self._lettering)
        sheet.begin()
        for row in compose(document, self._profile.columns):
            sheet.add(row)
        return Job(
            tuple(_windows(sheet.pieces, self._profile.window_bytes)),
            sheet.length_dots,
            sheet.drawn_lines,
            frozenset(self._lettering.unknown),
        )


def _windows(pieces: Iterable[bytes], most: int) -> Iterable[bytes]:
    held = b""
    for piece in pieces:
        if held and len(held) + len(piece) > most:
            yield held
            held = b""
        held += piece
    if held:
        yield held


def _library_profile(profile: POSPrinterProfile) -> Profile:
    """The model in python-escpos' terms."""
    facts: dict[str, Any] = {
        "name": profile.model,
        "vendor": profile.maker,
        "codePages": {},
        "features": {"paperFullCut": True, "paperPartCut": True, "qrCode": True, "bitImageRaster": True},
        "fonts": {"0": {"name": "Font A", "columns": 48}, "1": {"name": "Font B", "columns": 64}},
        "media": {"dpi": 203, "width": {"pixels": profile.width_dots, "mm": profile.width_dots // 8}},
    }
    model = type("_Model", (Profile,), {"profile_data": facts})(features=facts["features"])
    assert isinstance(model, Profile)
    return model


class _Pages:
    """Which of the printer's code pages can print a line."""

    def __init__(self, profile: POSPrinterProfile) -> None:
        self._codecs = {number: python_codec(name) for number, name in profile.code_pages.items()}
        if profile.armenian_codepage != "raster":
            self._codecs[profile.armenian_codepage] = _ARMENIAN

    def choose(self, text: str, current: int | None) -> tuple[int, bytes] | None:
        """Number of the page and the line's bytes in it, `current` first; None when no page has all its letters."""
        numbers = dict.fromkeys((current, *self._codecs) if current is not None else self._codecs)
        for words in (text, text.translate(_PLAIN)):
            for number in numbers:
                coded = _encoded(words, self._codecs[number])
                if coded is not None:
                    return number, coded
        return None


def _encoded(text: str, codec: str) -> bytes | None:
    try:
        return escpos.armscii8_encode(text) if codec == _ARMENIAN else text.encode(codec)
    except UnicodeEncodeError:
        return None


class _Sheet:
    """One document under construction, as pieces that end between two commands."""

    def __init__(self, profile: POSPrinterProfile, model: Profile, pages: _Pages, lettering: Lettering) -> None:
        self._profile = profile
        self._pages = pages
        self._lettering = lettering
        self._printer = Dummy(profile=model)
        self._page: int | None = None
        self._style: tuple[object, ...] = ()
        self._tall = 0
        self.pieces: list[bytes] = []
        self.length_dots = 0
        self.drawn_lines = 0

    def begin(self) -> None:
        self._printer.hw("INIT")
        if self._profile.cancel_kanji:
            self._printer._raw(escpos.CANCEL_KANJI)
        self._printer.set(font=self._profile.font)
        self._space(1)
        self._flush(0)

    def add(self, row: Row | Graphic) -> None:
        match row:
            case Row():
                self._row(row)
            case Rule(style=style):
                self._picture(_rule(style, self._profile.width_dots))
            case Feed(lines=lines):
                self._feed(lines)
            case QrCode(data=data):
                self._qr_code(data)
            case BarCode(data=data):
                self._bar_code(data)
            case Picture():
                self._logo(row)
            case Cut():
                self._cut()

    # --- lines ---------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> None:
        if not row.text.strip() and not row.reverse:
            self._feed(1)
            return
        chosen = self._pages.choose(row.text, self._page)
        if chosen is None:
            self._drawn_row(row)
            return
        page, coded = chosen
        wide, tall = row.size.times
        self._set(row.align, wide, tall, row.bold, row.reverse)
        if page != self._page:
            self._printer._raw(escpos.select_code_page(page))
            self._page = page
        self._printer._raw(coded + b"\n")
        self._flush(self._profile.line_dots * tall)

    def _drawn_row(self, row: Row) -> None:
        wide, tall = row.size.times
        ink = self._lettering.draw(row.text, wide=wide, tall=tall, bold=row.bold, reverse=row.reverse)
        room = max(0, self._profile.width_dots - ink.width)
        left = {Align.LEFT: 0, Align.CENTER: room // 2, Align.RIGHT: room}[row.align]
        line = Image.new("1", (min(left + ink.width, self._profile.width_dots), ink.height))
        line.paste(ink, (left, 0))
        self._picture(line)
        self.drawn_lines += 1

    def _set(self, align: Align, wide: int, tall: int, bold: bool, reverse: bool) -> None:
        style = (align, wide, tall, bold, reverse)
        if style != self._style:
            self._printer.set(align=align.value, custom_size=True, width=wide, height=tall, bold=bold, invert=reverse)
            self._style = style
        self._space(tall)

    def _space(self, tall: int) -> None:
        """Lines follow each other at their letters' height with the same share of leading."""
        if tall != self._tall:
            self._printer.line_spacing(self._profile.line_dots * tall)
            self._tall = tall

    def _feed(self, lines: int) -> None:
        self._space(1)
        self._printer.print_and_feed(lines)
        self._flush(lines * self._profile.line_dots)

    def _cut(self) -> None:
        self._feed(self._profile.feed_lines_before_cut)
        if self._profile.cut != "none":
            self._printer._raw(b"\x1dV\x00" if self._profile.cut == "full" else b"\x1dV\x01")
            self._flush(0)

    def _flush(self, dots: int) -> None:
        if self._printer.output:
            self.pieces.append(self._printer.output)
            self._printer.clear()
        self.length_dots += dots

    # --- pictures and codes --------------------------------------------------------------------------------------

    def _picture(self, ink: Image.Image, align: Align = Align.LEFT) -> None:
        """Send in strips small enough for one window; the printer puts them together without a gap."""
        self._set(align, 1, 1, False, False)
        padded = Image.new("1", (-(-ink.width // 8) * 8, ink.height))
        padded.paste(ink, (0, 0))
        strip = max(1, min(255, self._profile.window_bytes * 3 // 4 // (padded.width // 8)))
        for top in range(0, padded.height, strip):
            part = padded.crop((0, top, padded.width, min(top + strip, padded.height)))
            safe = Image.frombytes("1", part.size, escpos.without_realtime(part.tobytes()))
            self._printer.image(safe.point(lambda dot: 0 if dot else 255), impl="bitImageRaster")
            self._flush(part.height)

    def _logo(self, picture: Picture) -> None:
        row_bytes = -(-picture.width_dots // 8)
        too_wide = picture.width_dots > self._profile.width_dots
        if too_wide or len(picture.bits) != row_bytes * picture.height_dots or not picture.bits:
            raise PermanentError(codes.WRONG_PICTURE, width_dots=picture.width_dots, most_dots=self._profile.width_dots)
        ink = Image.frombytes("1", (row_bytes * 8, picture.height_dots), picture.bits)
        self._picture(ink.crop((0, 0, picture.width_dots, picture.height_dots)), Align.CENTER)

    def _qr_code(self, data: str) -> None:
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
        code.add_data(data.encode())
        try:
            if not data.isprintable() or not data:
                raise ValueError(data)
            code.make(fit=True)
        except (DataOverflowError, ValueError) as error:
            raise PermanentError(codes.UNPRINTABLE_CODE, data=data[:80]) from error
        modules = code.modules_count
        most = self._profile.width_dots // modules
        module = min(max(int(self._profile.width_dots * _QR_SHARE) // modules, _QR_MODULES[0]), _QR_MODULES[1], most)
        if module < 1:
            raise PermanentError(codes.UNPRINTABLE_CODE, data=data[:80])
        if self._profile.draws_qr:
            self._set(Align.CENTER, 1, 1, False, False)
            self._printer.qr(data, native=True, size=module, ec=QR_ECLEVEL_M)
            self._flush(modules * module)
        else:
            dots = Image.new("1", (modules, modules))
            dots.putdata([int(dark) for row in code.get_matrix() for dark in row])
            size = (modules * module, modules * module)
            self._picture(dots.resize(size, Image.Resampling.NEAREST), Align.CENTER)
        self._feed(_QR_QUIET_LINES)

    def _bar_code(self, data: str) -> None:
        if not data or not data.isascii() or not data.isprintable():
            raise PermanentError(codes.UNPRINTABLE_CODE, data=data[:80])
        coded = _code_128(data)
        symbols = len(coded) - 2 - coded.count(b"{{")
        width = (symbols + 3) * 11 + 2
        if width * _BAR_CODE_MODULE > self._profile.width_dots:
            raise PermanentError(codes.UNPRINTABLE_CODE, data=data[:80])
        self._set(Align.CENTER, 1, 1, False, False)
        command = escpos.bar_code(
            "CODE128",
            coded,
            height_dots=_BAR_CODE_DOTS,
            module_dots=_BAR_CODE_MODULE,
            text_below=True,
        )
        self._printer._raw(command)
        self._flush(_BAR_CODE_DOTS + self._profile.cell[1])


def _code_128(data: str) -> bytes:
    """Pairs of digits in set C, half as wide, unless two of them would look like a real-time command; else set B."""
    if data.isdigit() and len(data) % 2 == 0:
        pairs = bytes(int(data[i : i + 2]) for i in range(0, len(data), 2))
        if escpos.without_realtime(pairs) == pairs:
            return b"{C" + pairs
    return b"{B" + data.replace("{", "{{").encode()


def _rule(style: RuleStyle, width: int) -> Image.Image:
    """A line across the paper with room above and below."""
    rule = Image.new("1", (width, _RULE_DOTS))
    thick = _RULE_LINES[style]
    top = (_RULE_DOTS - thick) // 2
    step, dash = (_DASH_DOTS, _DASH_DOTS // 2) if style is RuleStyle.DASHED else (width, width)
    for x in range(0, width, step):
        rule.paste(1, (x, top, min(x + dash, width), top + thick))
    return rule
