"""Paper: what has been printed since the last cut, as dots and as words. No commands, no printer state.

A receipt is bounded: over the greatest length or number of records it counts as torn off and a new one begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from PIL import Image

__all__ = ["Paper", "Record", "Span", "TextLine"]

_CHUNK_DOTS: Final = 512
_LONGEST_DOTS: Final = 24_000
"""Three metres at 203 dpi: longer is a runaway stream, not a receipt."""
_MOST_RECORDS: Final = 4_000

Record = dict[str, Any]
"""One entry of a receipt's `lines` list, ready for JSON."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of one style."""

    text: str
    font: str
    bold: bool
    underline: int
    width: int
    height: int
    reverse: bool
    rotated: bool


@dataclass(frozen=True)
class TextLine:
    text: str
    align: str
    column: int
    """Blank columns left of the text as it lies on the paper, in columns of its own font."""
    upside_down: bool
    spans: tuple[Span, ...]

    def record(self) -> Record:
        spans = [{name: getattr(span, name) for name in Span.__slots__} for span in self.spans]
        inked = [span for span in self.spans if span.text.strip()] or list(self.spans)
        return {
            "kind": "text",
            "text": self.text,
            "align": self.align,
            "font": inked[0].font if inked else "A",
            "bold": any(span.bold for span in inked),
            "underline": max((span.underline for span in inked), default=0),
            "width": max((span.width for span in inked), default=1),
            "height": max((span.height for span in inked), default=1),
            "reverse": any(span.reverse for span in inked),
            "upside_down": self.upside_down,
            "spans": spans,
        }


@dataclass
class Paper:
    """The piece hanging out of the printer. `y` grows downwards from the last cut, in dots."""

    width: int
    y: int = 0
    lines: list[Record] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    """The lines as a person would type them, for receipt-<n>.txt."""
    bar_codes: list[Record] = field(default_factory=list)
    pulses: list[Record] = field(default_factory=list)
    cuts: list[Record] = field(default_factory=list)
    images: int = 0
    unknown_bytes: int = 0
    unknown: list[str] = field(default_factory=list)
    _dots: Image.Image | None = None

    @property
    def is_receipt(self) -> bool:
        """Something is on it, or something was sent that no printer knows; else it is a blank strip."""
        has_words = any(line["kind"] != "feed" for line in self.lines)
        return has_words or self._dots is not None or self.unknown_bytes > 0

    @property
    def is_full(self) -> bool:
        return self.y > _LONGEST_DOTS or len(self.lines) > _MOST_RECORDS

    def put(self, ink: Image.Image, x: int, y: int) -> None:
        """Burn `ink` with its left upper corner at (x, y); what lies outside the paper is lost."""
        bottom = min(y + ink.height, _LONGEST_DOTS + _CHUNK_DOTS)
        if bottom > 0:
            self._reach(bottom).paste(1, (x, y), ink)

    def feed(self, dots: int) -> None:
        """Forwards, or backwards (< 0) but not beyond the last cut."""
        self.y = max(0, self.y + dots)

    def add_text(self, line: TextLine) -> None:
        self.lines.append({"y": self.y, **line.record()})
        self.text.append(" " * line.column + line.text)

    def add_blank(self, dots: int, count: int) -> None:
        """A feed without ink; count: lines it looks like."""
        self.lines.append({"y": self.y, "kind": "feed", "text": "", "dots": dots})
        self.text.extend([""] * min(count, 20))

    def add_image(self, width: int, height: int, kind: str = "image") -> None:
        self.images += 1
        self.lines.append({"y": self.y, "kind": kind, "text": "", "width_dots": width, "height_dots": height})
        self.text.append(f"[{kind} {width}x{height}]")

    def add_stripe(self, width: int, height: int) -> None:
        """A stripe of a column picture; stripes that touch are one picture."""
        last = self.lines[-1] if self.lines else {}
        if last.get("kind") == "stripes" and last["y"] + last["height_dots"] == self.y:
            last["height_dots"] += height
            self.text[-1] = f"[image {last['width_dots']}x{last['height_dots']}]"
            return
        self.add_image(width, height, "stripes")
        self.text[-1] = f"[image {width}x{height}]"

    def add_bar_code(self, kind: str, data: str, **facts: object) -> None:
        code = {"type": kind, "data": data, **facts}
        self.bar_codes.append(code)
        self.lines.append({"y": self.y, "kind": "barcode", "text": "", **code})
        self.text.append(f"[{kind} {data}]")

    def count_unknown(self, raw: bytes, length: int) -> None:
        self.unknown_bytes += length
        if len(self.unknown) < 50:
            self.unknown.append(raw[:16].hex(" "))

    def picture(self) -> Image.Image:
        """Black dots on white, as long as the paper that came out."""
        height = max(1, min(self.y, _LONGEST_DOTS))
        page = Image.new("1", (self.width, height), 1)
        if self._dots is not None:
            page.paste(0, (0, 0), self._dots.crop((0, 0, self.width, height)))
        return page

    def plain_text(self) -> str:
        return "\n".join(line.rstrip() for line in self.text).rstrip("\n") + "\n"

    def _reach(self, bottom: int) -> Image.Image:
        if self._dots is None:
            self._dots = Image.new("1", (self.width, _CHUNK_DOTS))
        if bottom > self._dots.height:
            taller = Image.new("1", (self.width, -(-bottom * 3 // 2 // _CHUNK_DOTS) * _CHUNK_DOTS))
            taller.paste(self._dots, (0, 0))
            self._dots = taller
        return self._dots
