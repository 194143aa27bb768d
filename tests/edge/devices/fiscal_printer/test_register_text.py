"""Names of every script on a register that knows cp1251 only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.devices.fiscal_printer.register_text import register_text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "WHITE HANGING HEART T-LIGHT HOLDER"),
        ("Хляб пшеничный, 500 г №5 — «Ёлка»", "Хляб пшеничный, 500 г №5 — «Ёлка»"),
        ("Gift £5 €10", "Gift GBP5 €10"),
        ("Շաքարավազ", "Shakaravaz"),
        ("Ուրց և ՈՒՐՑ", "Urts ev URTs"),
        ("ხაჭაპური", "khachapuri"),
        ("Қазы ұлттық, Әже", "Казы улттык, Аже"),
        ("Şəkərbura ığdır ÇÖRƏK", "Sekerbura igdir COREK"),
        ("Ẹ̀fọ́ rírò ẹran", "Efo riro eran"),
        ("Straße Łódź Ærø Đorđe", "Strasse Lodz Aero Dorde"),
        ("100 ₸ 5 ₽ 3 ₼ 2 ₾ 9 ֏ 7 ₦", "100 KZT 5 RUB 3 AZN 2 GEL 9 AMD 7 NGN"),
        ("½ kg − 2×3 ﬁne", "1/2 kg - 2x3 fine"),
        ("日本 😀", "?? ?"),
        ("a\tb\nc\r\nd\x00\x01\x05e", "a b c d e"),
        ("\u202eevil\u200b zero\u00adwidth\ufeff", "evil zerowidth"),
        ("  spaced \u00a0 out  ", "spaced out"),
        ("\x7f\x98", ""),
    ],
)
def test_text_is_spelled_with_what_the_register_has(text: str, printed: str) -> None:
    assert register_text(text, 100, "cp1251") == printed


def test_text_is_cut_to_the_limit_without_a_trailing_space() -> None:
    assert register_text("abc def", 4, "cp1251") == "abc"


@given(st.text(max_size=80), st.integers(1, 40))
def test_whatever_comes_in_fits_the_code_page_and_breaks_no_frame(text: str, limit: int) -> None:
    printed = register_text(text, limit, "cp1251")
    assert len(printed) <= limit
    assert min(printed.encode("cp1251"), default=0x20) >= 0x20
    assert printed == printed.strip()
