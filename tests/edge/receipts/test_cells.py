"""Columns: what takes room, where lines break, and that nothing of a text is lost or becomes a command."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.receipts.cells import cells, clean, column_width, wrap


@pytest.mark.parametrize(
    ("text", "columns"),
    [("Milk", 4), ("ẹ̀wà", 3), ("Ọ̀ṣun", 4), ("牛乳", 4), ("Կաթ", 3), ("რძე", 3), ("", 0), ("\u0301", 1)],
)
def test_width_in_columns(text: str, columns: int) -> None:
    assert column_width(text) == columns


def test_marks_stay_with_their_letter() -> None:
    assert [cell for cell, _ in cells(clean("re\u0323\u0300"))] == ["r", "ẹ̀"]


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("Coffee beans, washed", 12, ["Coffee", "beans,", "washed"]),
        ("Coffee beans", 12, ["Coffee beans"]),
        ("1\u00a0240\u202f֏ and more", 10, ["1 240 ֏", "and more"]),
        ("Extraordinarily", 6, ["Extrao", "rdinar", "ily"]),
        ("a Extraordinarily b", 6, ["a", "Extrao", "rdinar", "ily b"]),
        ("牛乳牛乳", 5, ["牛乳", "牛乳"]),
        ("ẹ̀ẹ̀ẹ̀", 2, ["ẹ̀ẹ̀", "ẹ̀"]),
        ("", 10, [""]),
        ("   ", 10, [""]),
    ],
)
def test_wrapping(text: str, columns: int, lines: list[str]) -> None:
    assert wrap(clean(text), columns) == lines


@given(st.text(), st.integers(2, 48))
def test_no_line_is_too_long_and_no_letter_is_lost(text: str, columns: int) -> None:
    lines = wrap(clean(text), columns)
    assert max(column_width(line) for line in lines) <= columns
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


@given(st.text())
def test_cleaned_text_holds_no_control_and_nothing_invisible(text: str) -> None:
    categories = {unicodedata.category(letter) for letter in clean(text)}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


def test_controls_become_spaces_and_direction_marks_vanish() -> None:
    assert clean("a\x1bp\x00b\u202ec\ufeff\u2028d") == "a p bc d"
