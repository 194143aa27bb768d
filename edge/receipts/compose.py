"""Elements laid into the columns of a given paper: one row of letters after another, or the text of the screen.

Amounts are never cut or wrapped apart from their words' last line; long names wrap; letters shrink before they wrap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edge.receipts.cells import clean, column_width, fit_left, wrap
from edge.receipts.document import (
    Align,
    BarCode,
    Columns,
    Cut,
    Document,
    Element,
    Feed,
    Item,
    Items,
    Picture,
    QrCode,
    Rule,
    RuleStyle,
    Size,
    Text,
)

__all__ = ["Graphic", "Row", "compose", "preview"]

_GAP: Final = 2
"""Columns between the parts of a table row."""
_INDENT: Final = 2
_NARROWEST_NAME: Final = 18
"""A table needs at least this for names; with less, details go to a line of their own."""
_HEADING_LINES: Final = 2
"""Large words may take this many lines before they become smaller."""

_SMALLER: Final = {Size.LARGE: Size.TALL, Size.TALL: Size.NORMAL}

Graphic = Rule | BarCode | QrCode | Picture | Feed | Cut


@dataclass(frozen=True)
class Row:
    """One printed line: `text` in letters of `size`, at most the paper's columns wide."""

    text: str
    align: Align = Align.LEFT
    size: Size = Size.NORMAL
    bold: bool = False
    reverse: bool = False

    @property
    def columns(self) -> int:
        """Columns of normal letters that it takes."""
        return column_width(self.text) * self.size.times[0]


def compose(document: Document, columns: int) -> tuple[Row | Graphic, ...]:
    """Rows and graphics in order. columns: normal letters in a line of this paper, 24 or more."""
    laid: list[Row | Graphic] = []
    for element in document.elements:
        match element:
            case Text():
                laid += _text(element, columns)
            case Columns():
                laid += _columns(element, columns)
            case Items():
                laid += _items(element, columns)
            case _:
                laid.append(element)
    return tuple(laid)


def preview(document: Document, columns: int) -> str:
    """The document as plain text of exactly `columns`, for the screen. Large letters are shown as normal ones."""
    lines: list[str] = []
    for row in compose(Document(tuple(_in_normal_size(e) for e in document.elements)), columns):
        match row:
            case Row():
                lines.append(_padded(row, columns))
            case Rule(style=style):
                lines.append({RuleStyle.THIN: "─", RuleStyle.THICK: "═", RuleStyle.DASHED: "-"}[style] * columns)
            case Feed(lines=count):
                lines += [""] * count
            case QrCode():
                lines.append(_padded(Row("[ QR ]", Align.CENTER), columns))
            case BarCode(data=data):
                lines += [_padded(Row(line, Align.CENTER), columns) for line in wrap(f"[ {data} ]", columns)]
            case Picture() | Cut():
                pass
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def _in_normal_size(element: Element) -> Element:
    return replace(element, size=Size.NORMAL) if isinstance(element, Text | Columns) else element


def _padded(row: Row, columns: int) -> str:
    room = columns - row.columns
    before = {Align.LEFT: 0, Align.CENTER: room // 2, Align.RIGHT: room}[row.align]
    return " " * before + row.text


def _text(element: Text, columns: int) -> list[Row]:
    text = clean(element.text)
    size = _largest(element.size, lambda wide: _reads_well(text, columns // wide))
    lines = wrap(text, columns // size.times[0])
    if element.reverse:
        lines = [f" {line.strip()} " if column_width(line) < columns // size.times[0] - 1 else line for line in lines]
    return [Row(line, element.align, size, element.bold, element.reverse) for line in lines]


def _reads_well(text: str, columns: int) -> bool:
    longest = max((column_width(word) for word in text.split(" ")), default=0)
    return longest <= columns and len(wrap(text, columns)) <= _HEADING_LINES


def _largest(size: Size, fits: Callable[[int], bool]) -> Size:
    """The greatest size not above `size` whose letter width `fits`."""
    while size is not Size.NORMAL and not fits(size.times[0]):
        size = _SMALLER[size]
    return size


def _columns(element: Columns, columns: int) -> list[Row]:
    left, right = clean(element.left), _held_together(element.right)
    size = _largest(element.size, lambda wide: _one_line(left, right) <= columns // wide)
    lines = _left_and_right(left, right, columns // size.times[0])
    return [Row(line, Align.LEFT, size, element.bold) for line in lines]


def _one_line(left: str, right: str) -> int:
    return column_width(left) + (1 if left and right else 0) + column_width(right)


def _left_and_right(left: str, right: str, columns: int, indent: int = 0) -> list[str]:
    """The value stands at the right edge of the last line, or on a line of its own when that is full."""
    if column_width(right) > columns - indent:
        return [*_indented(wrap(left, columns - indent), indent), *wrap(right, columns)]
    lines = _indented(wrap(left, columns - indent), indent)
    if not right:
        return lines
    if _one_line(lines[-1], right) > columns:
        lines.append("")
    lines[-1] = fit_left(lines[-1], columns - column_width(right)) + right
    return lines


def _indented(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line for line in lines]


def _held_together(value: str) -> str:
    """A value in one piece, its no-break spaces as the spaces that a printer has."""
    return "".join(" " if letter.isspace() else letter for letter in clean(value))


def _items(element: Items, columns: int) -> list[Row]:
    rows = [
        replace(item, detail=_held_together(item.detail), amount=_held_together(item.amount)) for item in element.rows
    ]
    detail = max((column_width(item.detail) for item in rows), default=0)
    amount = max((column_width(item.amount) for item in rows), default=0)
    name = columns - amount - _GAP - (detail + _GAP if detail else 0)
    lay = _table_row if name >= _NARROWEST_NAME else _stacked_row
    lines: list[str] = []
    for item in rows:
        lines += lay(item, columns, name, detail, amount)
        for note in item.notes:
            lines += _left_and_right(clean(note.text), _held_together(note.amount), columns, _INDENT)
    return [Row(line) for line in lines]


def _table_row(item: Item, columns: int, name: int, detail: int, amount: int) -> list[str]:
    """Name, detail and amount side by side; a long name takes whole lines, its last one shared when it is short."""
    values = " " * _GAP + " " * (amount - column_width(item.amount)) + item.amount
    if detail:
        values = " " * (_GAP + detail - column_width(item.detail)) + item.detail + values
    text = clean(item.name)
    lines = [*wrap(text, name)]
    if len(lines) > 1:
        lines = wrap(text, columns)
    if column_width(lines[-1]) > name:
        lines.append("")
    lines[-1] = fit_left(lines[-1], columns - column_width(values)) + values
    return lines


def _stacked_row(item: Item, columns: int, name: int, detail: int, amount: int) -> list[str]:
    """On narrow paper: the name, and under it what it cost."""
    if not item.detail:
        return _left_and_right(clean(item.name), item.amount, columns)
    below = _left_and_right(item.detail, item.amount, columns, _INDENT)
    return [*wrap(clean(item.name), columns), *below]
