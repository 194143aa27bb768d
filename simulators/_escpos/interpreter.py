"""What each command does: the printer's modes, its line under construction, and what it answers.

No wire, no faults and no files: those belong to `simulators.escpos`. Every handler accepts any argument bytes.
Source: notes 05, sections 2 to 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from PIL import Image

from simulators._escpos.barcodes import GS_K_TYPES, encode
from simulators._escpos.glyphs import FONT_A, FONT_B
from simulators._escpos.graphics import (
    bar_code,
    column_image,
    labelled_box,
    raster_image,
    scaled,
)
from simulators._escpos.letters import LetterDecoder
from simulators._escpos.line import LineBuffer, Style
from simulators._escpos.page import Page
from simulators._escpos.paper import Paper
from simulators._escpos.stores import GraphicsStore, SymbolStore
from simulators._escpos.tokens import Kind, Token

__all__ = ["Host", "Interpreter"]

_TAB_EVERY: Final = 8
_DOT_ROW_SCALE: Final = 3
"""8-dot columns are printed at a third of the vertical density of 24-dot ones."""
_MOST_MACRO_TOKENS: Final = 500
_MOST_USER_CHARACTERS: Final = 256


class Host(Protocol):
    """The rest of the device, as a command sees it."""

    def reply(self, data: bytes) -> None: ...

    def paper_status(self) -> bytes:
        """One byte: bits 0-1 near end, bits 2-3 end."""
        ...

    def drawer_status(self) -> bytes: ...

    def identity(self, n: int) -> bytes: ...

    def set_auto_status(self, mask: int) -> None: ...

    def pulse(self, pin: int, on_ms: int) -> None: ...

    def cut(self, mode: str) -> None:
        """Take the paper away: the interpreter's `paper` is new afterwards."""
        ...

    def fed(self, dots: int) -> None:
        """Paper has moved."""
        ...


class Interpreter:
    def __init__(self, host: Host, width: int, letters: LetterDecoder, *, line_spacing: int, cr_feeds: bool) -> None:
        self._host = host
        self._width = width
        self.letters = letters
        self._default_spacing = line_spacing
        self._cr_feeds = cr_feeds
        self.paper = Paper(width)
        self._graphics = GraphicsStore()
        self._symbols = SymbolStore()
        self._macro: list[Token] = []
        self._defines_macro = False
        self._runs_macro = False
        self.reset()

    def reset(self) -> None:
        """ESC @: every mode as after power-on. What is on paper or waiting in the receive buffer stays."""
        self.letters.reset()
        self._line = LineBuffer()
        self._style = Style()
        self._double_strike = False
        self._align = 0
        self._upside_down = False
        self._spacing = self._default_spacing
        self._margin = 0
        self._area = self._width
        self._tabs: list[int] = []
        self._page: Page | None = None
        self._is_selected = True
        self._user_characters: dict[int, Image.Image] = {}
        self._uses_user_characters = False
        self._code_height, self._code_module, self._code_text, self._code_font = 162, 3, 0, FONT_A

    # --- running -------------------------------------------------------------------------------------------------

    def run(self, token: Token) -> None:
        """Carry out one token. Real-time tokens are the device's business, not ours."""
        if token.kind is Kind.COMMAND and token.name == b"\x1b=":
            self._is_selected = bool(token.args[0] & 1)
        elif not self._is_selected:
            return
        elif token.kind is Kind.UNKNOWN:
            self.paper.count_unknown(token.name + token.args, token.length)
        elif token.kind is not Kind.IGNORED:
            if self._defines_macro and len(self._macro) < _MOST_MACRO_TOKENS:
                self._macro.append(token)
            self._carry_out(token)

    def _carry_out(self, token: Token) -> None:
        if token.kind is Kind.TEXT:
            self._print_text(token.args)
            return
        handler = _HANDLERS.get(token.name)
        if handler is not None:
            handler(self, token.args)

    def finish(self) -> None:
        """Put a line that was begun on paper: the job is over."""
        self._flush()

    def drop_line(self) -> None:
        """The line under construction is lost."""
        self._line.clear()

    # --- surfaces ------------------------------------------------------------------------------------------------

    @property
    def _surface(self) -> Paper | Page:
        return self._page or self.paper

    @property
    def _room(self) -> int:
        """Width of the printing area in dots."""
        return self._page.width if self._page else max(FONT_A[0], min(self._area, self._width - self._margin))

    def _advance(self, dots: int) -> None:
        self._surface.feed(dots)
        if self._page is None:
            self._host.fed(dots)

    def _left(self, width: int) -> int:
        indent = max(0, self._room - width) * self._align // 2
        return indent + (0 if self._page else self._margin)

    def _flush(self) -> None:
        if not self._line.is_empty:
            self._feed_line(self._spacing)

    def _feed_line(self, dots: int) -> None:
        """Print the line and feed at least `dots`; an empty line only feeds."""
        if self._line.is_empty:
            self._line.clear()
            self.paper.add_blank(dots, 1 if dots else 0)
            self._advance(dots)
            return
        ink = self._line.picture(self._room)
        left = self._left(self._line.width)
        if self._upside_down and self._page is None:
            ink = ink.transpose(Image.Transpose.ROTATE_180)
            left = self._margin * 2 + self._room - left - ink.width
        self._surface.put(ink, left, self._surface.y)
        words = self._line.words(align=self._align, left=left, upside_down=self._upside_down)
        for width, height in self._line.pictures:
            self.paper.add_stripe(width, height)
        if words is not None:
            self.paper.add_text(words)
        self._line.clear()
        self._advance(max(dots, ink.height))

    def _print_picture(self, ink: Image.Image | None, rows: int) -> None:
        """A picture of its own: no line feed of its own, the paper moves by its height."""
        self._flush()
        if ink is not None:
            shown = ink.crop((0, 0, min(ink.width, self._room), ink.height))
            self._surface.put(shown, self._left(shown.width), self._surface.y)
        self._advance(rows)

    # --- text ----------------------------------------------------------------------------------------------------

    def _print_text(self, data: bytes) -> None:
        style = replace(self._style, bold=True) if self._double_strike else self._style
        for letter in self.letters.decode(data):
            drawn = self._user_characters.get(letter.code) if self._uses_user_characters else None
            width = style.column * (2 if letter.is_wide else 1)
            if self._line.cursor + width > self._room and not self._line.is_empty:
                self._feed_line(self._spacing)
            self._line.add_letter(letter.character, style, is_wide=letter.is_wide, drawn=drawn)

    def _tab(self, _: bytes) -> None:
        stops = self._tabs or range(_TAB_EVERY * FONT_A[0], self._room, _TAB_EVERY * FONT_A[0])
        following = next((stop for stop in stops if stop > self._line.cursor), None)
        if following is not None and following < self._room:
            self._line.cursor = following

    def _carriage_return(self, _: bytes) -> None:
        if self._cr_feeds:
            self._feed_line(self._spacing)

    def _form_feed(self, _: bytes) -> None:
        if self._page is not None:
            self._print_page()
            self._page = None

    def _print_page(self) -> None:
        page = self._page
        if page is None:
            return
        self._flush()
        ink = page.picture()
        if ink is not None:
            self.paper.put(ink, 0, self.paper.y)
            self.paper.feed(ink.height)
            self._host.fed(ink.height)

    def _cancel_page(self, _: bytes) -> None:
        if self._page is not None:
            self._line.clear()
            self._page.erase()

    def _select_print_mode(self, args: bytes) -> None:
        n = args[0]
        self._style = replace(
            self._style,
            font="B" if n & 1 else "A",
            bold=bool(n & 8),
            height=2 if n & 0x10 else 1,
            width=2 if n & 0x20 else 1,
            underline=1 if n & 0x80 else 0,
        )

    def _set_style(self, **changes: object) -> None:
        self._style = replace(self._style, **changes)  # type: ignore[arg-type]

    def _absolute_position(self, args: bytes) -> None:
        position = _le16(args)
        if position <= self._room:
            self._line.cursor = position

    def _relative_position(self, args: bytes) -> None:
        move = int.from_bytes(args, "little", signed=True)
        if 0 <= self._line.cursor + move <= self._room:
            self._line.cursor += move

    def _set_tabs(self, args: bytes) -> None:
        columns = [column for column in args if column]
        self._tabs = sorted({column * self._style.column for column in columns})

    def _define_characters(self, args: bytes) -> None:
        rows, code, last = args[0], args[1], args[2]
        at = 3
        while code <= last and at < len(args) and len(self._user_characters) < _MOST_USER_CHARACTERS:
            columns = args[at]
            drawn = column_image(args[at + 1 : at + 1 + rows * columns], rows, columns)
            if drawn is not None:
                self._user_characters[code] = drawn
            at += 1 + rows * columns
            code += 1

    # --- pictures and codes --------------------------------------------------------------------------------------

    def _column_image(self, args: bytes) -> None:
        mode, columns = args[0], _le16(args[1:])
        is_tall = bool(mode & 0x20)
        image = column_image(args[3:], 3 if is_tall else 1, columns)
        if image is None:
            return
        ink = scaled(image, 1 if mode & 1 else 2, 1 if is_tall else _DOT_ROW_SCALE)
        room = self._room - self._line.cursor
        if room > 0:
            self._line.add_picture(ink.crop((0, 0, min(room, ink.width), ink.height)))

    def _raster_image(self, args: bytes) -> None:
        row_bytes, rows = _le16(args[2:]), _le16(args[4:])
        image = raster_image(args[6:], row_bytes, rows)
        across, down = (2 if args[1] & 1 else 1), (2 if args[1] & 2 else 1)
        ink = scaled(image, across, down) if image else None
        height = ink.height if ink else 0
        self._flush()
        self.paper.add_image(row_bytes * 8 * across, rows * down)
        self._print_picture(ink, height)

    def _show(self, ink: Image.Image, kind: str = "image") -> None:
        self._flush()
        self.paper.add_image(ink.width, ink.height, kind)
        self._print_picture(ink, ink.height)

    def _graphics_command(self, args: bytes) -> None:
        """Payload of GS ( L and GS 8 L."""
        ink = self._graphics.carry_out(args)
        if ink is not None:
            self._show(ink)

    def _define_download(self, args: bytes) -> None:
        self._graphics.downloaded = column_image(args[2:], args[1], args[0] * 8)

    def _print_download(self, args: bytes) -> None:
        if self._graphics.downloaded is not None:
            mode = args[0]
            self._show(scaled(self._graphics.downloaded, 2 if mode & 1 else 1, 2 if mode & 2 else 1))

    def _define_nv(self, args: bytes) -> None:
        self._graphics.define_nv(args)

    def _print_nv(self, args: bytes) -> None:
        number, mode = args
        logo = self._graphics.nv.get(number)
        ink = scaled(logo, 2 if mode & 1 else 1, 2 if mode & 2 else 1) if logo else labelled_box(f"LOGO {number}")
        self._show(ink, "logo")

    def _bar_code(self, args: bytes) -> None:
        kind = GS_K_TYPES[args[0]]
        data = args[2:] if args[0] >= 65 else args[1:].rstrip(b"\0")
        raw = data.decode("latin-1")
        symbol = encode(kind, data)
        self._flush()
        if symbol is not None:
            ink = bar_code(
                symbol,
                height=self._code_height,
                module=self._code_module,
                text_place=self._code_text,
                font=self._code_font,
            )
            fits = ink.width <= self._room
            self.paper.add_bar_code(kind, symbol.data, drawn=fits)
        elif kind.startswith("GS1-DATABAR"):
            ink, fits = labelled_box(kind), True
            self.paper.add_bar_code(kind, raw, drawn=False)
        else:
            self.paper.add_bar_code(kind, raw, drawn=False)
            return
        self._print_picture(ink if fits else None, ink.height)

    def _symbol_command(self, payload: bytes) -> None:
        """GS ( k."""
        symbol = self._symbols.carry_out(payload)
        if symbol is not None:
            self._flush()
            fits = symbol.ink.width <= self._room
            self.paper.add_bar_code(symbol.kind, symbol.data, drawn=fits and symbol.is_drawn)
            self._print_picture(symbol.ink if fits else None, symbol.ink.height)

    # --- extended commands, cuts, answers ------------------------------------------------------------------------

    def _extended_gs(self, args: bytes) -> None:
        letter, payload = args[:1], args[3:]
        if letter == b"L":
            self._graphics_command(payload)
        elif letter == b"k":
            self._symbol_command(payload)
        elif letter == b"H" and payload[:2] == b"00" and len(payload) == 6:
            self._host.reply(b"\x37\x22" + payload[2:] + b"\x00")
        elif letter == b"V" and len(payload) >= 2:
            self._cut(payload[1:2])

    def _extended_fs(self, args: bytes) -> None:
        letter, payload = args[:1], args[3:]
        if letter == b"C" and payload[:1] == b"\x30" and len(payload) >= 2:
            self.letters.select_utf8(payload[1] & 0x0F == 2)

    def _large_graphics(self, args: bytes) -> None:
        if args[:1] == b"L":
            self._graphics_command(args[5:])

    def _cut(self, args: bytes) -> None:
        mode = args[0]
        self._flush()
        if mode in (65, 66, 97, 98, 103, 104) and len(args) > 1:
            self._advance(args[1])
        is_full = mode in (0, 48, 65, 97, 103)
        self._host.cut("full" if is_full else "partial")

    def _pulse(self, args: bytes) -> None:
        self._host.pulse(5 if args[0] & 1 else 2, args[1] * 2)

    def _buffered_status(self, args: bytes) -> None:
        n = args[0] & 0x0F
        answers = {1: self._host.paper_status, 2: self._host.drawer_status}
        if n in answers:
            self._host.reply(answers[n]())
        elif n == 4:
            self._host.reply(b"\x00")

    def _run_macro(self, args: bytes) -> None:
        if self._runs_macro or self._defines_macro:
            return
        self._runs_macro = True
        for _ in range(min(args[0], 4)):
            for token in self._macro:
                self._carry_out(token)
        self._runs_macro = False

    def _toggle_macro(self, _: bytes) -> None:
        self._defines_macro = not self._defines_macro
        if self._defines_macro:
            self._macro = []
        elif self._macro:
            self._macro.pop()  # the GS : that ends it

    def _at_line_start(self, name: str, value: int) -> None:
        if self._line.is_empty:
            setattr(self, name, value)

    def _enter_page(self, _: bytes) -> None:
        if self._page is None:
            self._flush()
            self._page = Page(self._width)

    def _leave_page(self, _: bytes) -> None:
        self._line.clear()
        self._page = None

    def _page_area(self, args: bytes) -> None:
        if self._page is not None:
            self._flush()
            self._page.set_area(*(_le16(args[i:]) for i in (0, 2, 4, 6)))

    def _page_direction(self, args: bytes) -> None:
        if self._page is not None:
            self._flush()
            self._page.set_direction(args[0])

    def _page_row(self, args: bytes) -> None:
        if self._page is not None:
            self._flush()
            self._page.feed(_le16(args) - self._page.y)

    def _page_row_relative(self, args: bytes) -> None:
        if self._page is not None:
            self._flush()
            self._page.feed(int.from_bytes(args, "little", signed=True))

    def _feed_lines(self, args: bytes) -> None:
        self._feed_line(self._spacing) if args[0] else self._flush()
        rest = max(0, args[0] - 1)
        if rest:
            self.paper.add_blank(rest * self._spacing, rest)
            self._advance(rest * self._spacing)

    def _feed_back(self, dots: int) -> None:
        self._flush()
        self._advance(-dots)

    def _forget_character(self, code: int) -> None:
        self._user_characters.pop(code, None)

    def _set_size(self, args: bytes) -> None:
        self._set_style(width=(args[0] >> 4 & 7) + 1, height=(args[0] & 7) + 1)

    def _set_spacing(self, dots: int) -> None:
        self._spacing = dots

    def _set_code(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self, f"_code_{name}", value)


def _le16(data: bytes) -> int:
    return int.from_bytes(data[:2], "little")


def _choice(args: bytes) -> int:
    """0 to 2 or their digits."""
    return args[0] & 0x0F if 0x30 <= args[0] <= 0x39 else args[0]


_Handler = Callable[[Interpreter, bytes], None]


def _font(args: bytes) -> str:
    """0 is A, 1 and further are B; `a` and `b` are the special fonts of some models."""
    return "A" if args[0] in (0, 0x30, 0x61) else "B"


_HANDLERS: Final[Mapping[bytes, _Handler]] = {
    b"\x09": Interpreter._tab,
    b"\x0a": lambda p, _: p._feed_line(p._spacing),
    b"\x0c": Interpreter._form_feed,
    b"\x0d": Interpreter._carriage_return,
    b"\x18": Interpreter._cancel_page,
    b"\x1b\x0c": lambda p, _: p._print_page(),
    b"\x1b ": lambda p, a: p._set_style(spacing=a[0]),
    b"\x1b!": Interpreter._select_print_mode,
    b"\x1b$": Interpreter._absolute_position,
    b"\x1b%": lambda p, a: setattr(p, "_uses_user_characters", bool(a[0] & 1)),
    b"\x1b&": Interpreter._define_characters,
    b"\x1b*": Interpreter._column_image,
    b"\x1b-": lambda p, a: p._set_style(underline=min(_choice(a), 2)),
    b"\x1b2": lambda p, _: p._set_spacing(p._default_spacing),
    b"\x1b3": lambda p, a: p._set_spacing(a[0]),
    b"\x1b?": lambda p, a: p._forget_character(a[0]),
    b"\x1b@": lambda p, _: p.reset(),
    b"\x1bA": lambda p, a: p._set_spacing(a[0] * 203 // 60),
    b"\x1b+": lambda p, a: p._set_spacing(a[0] * 203 // 360),
    b"\x1bD": Interpreter._set_tabs,
    b"\x1bE": lambda p, a: p._set_style(bold=bool(a[0] & 1)),
    b"\x1bG": lambda p, a: setattr(p, "_double_strike", bool(a[0] & 1)),
    b"\x1bJ": lambda p, a: p._feed_line(a[0]),
    b"\x1bK": lambda p, a: p._feed_back(a[0]),
    b"\x1bL": Interpreter._enter_page,
    b"\x1bM": lambda p, a: p._set_style(font=_font(a)),
    b"\x1bR": lambda p, a: setattr(p.letters, "international", a[0]),
    b"\x1bS": Interpreter._leave_page,
    b"\x1bT": Interpreter._page_direction,
    b"\x1bV": lambda p, a: p._set_style(rotated=_choice(a) in (1, 2)),
    b"\x1bW": Interpreter._page_area,
    b"\x1b\\": Interpreter._relative_position,
    b"\x1ba": lambda p, a: p._at_line_start("_align", min(_choice(a), 2)),
    b"\x1bd": Interpreter._feed_lines,
    b"\x1be": lambda p, a: p._feed_back(a[0] * p._spacing),
    b"\x1bi": lambda p, _: p._cut(b"\x00"),
    b"\x1bm": lambda p, _: p._cut(b"\x01"),
    b"\x1bp": Interpreter._pulse,
    b"\x1bt": lambda p, a: p.letters.select_page(a[0]),
    b"\x1bu": lambda p, _: p._host.reply(p._host.drawer_status()),
    b"\x1bv": lambda p, _: p._host.reply(p._host.paper_status()),
    b"\x1b{": lambda p, a: p._at_line_start("_upside_down", a[0] & 1),
    b"\x1c&": lambda p, _: p.letters.select_pairs(True),
    b"\x1c.": lambda p, _: p.letters.select_pairs(False),
    b"\x1cC": lambda p, a: p.letters.select_pair_codec(a[0]),
    b"\x1cp": Interpreter._print_nv,
    b"\x1cq": Interpreter._define_nv,
    b"\x1c(": Interpreter._extended_fs,
    b"\x1d!": Interpreter._set_size,
    b"\x1d$": Interpreter._page_row,
    b"\x1d\\": Interpreter._page_row_relative,
    b"\x1d(": Interpreter._extended_gs,
    b"\x1d8": Interpreter._large_graphics,
    b"\x1d*": Interpreter._define_download,
    b"\x1d/": Interpreter._print_download,
    b"\x1d:": Interpreter._toggle_macro,
    b"\x1d^": Interpreter._run_macro,
    b"\x1dB": lambda p, a: p._set_style(reverse=bool(a[0] & 1)),
    b"\x1dH": lambda p, a: p._set_code(text=_choice(a) & 3),
    b"\x1df": lambda p, a: p._set_code(font=FONT_A if _font(a) == "A" else FONT_B),
    b"\x1dh": lambda p, a: p._set_code(height=max(1, a[0])),
    b"\x1dw": lambda p, a: p._set_code(module=min(max(a[0], 1), 6)),
    b"\x1dI": lambda p, a: p._host.reply(p._host.identity(a[0])),
    b"\x1dL": lambda p, a: p._at_line_start("_margin", min(_le16(a), p._width - FONT_A[0])),
    b"\x1dW": lambda p, a: p._at_line_start("_area", _le16(a) or p._width),
    b"\x1dV": Interpreter._cut,
    b"\x1da": lambda p, a: p._host.set_auto_status(a[0]),
    b"\x1dg": lambda p, a: p._host.reply(b"_0\x00") if a[0] == 0x32 else None,
    b"\x1dk": Interpreter._bar_code,
    b"\x1dr": Interpreter._buffered_status,
    b"\x1dv": Interpreter._raster_image,
}
