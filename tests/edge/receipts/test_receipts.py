"""Receipts and slips as a customer reads them, column by column, on 80 and 58 mm paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.receipts import (
    BarCode,
    Columns,
    Cut,
    Document,
    Feed,
    Item,
    Items,
    Note,
    Payment,
    Picture,
    QrCode,
    Report,
    ReportKind,
    Row,
    Rule,
    Shop,
    Text,
    as_copy,
    compose,
    lay_out_receipt,
    lay_out_report,
    preview,
)
from edge.receipts.cells import clean, column_width
from edge.receipts.document import Align, Size
from shared.words import catalogue
from tests.edge.receipts.samples import BASKET, LANGUAGES

WIDE = """\
                   Tradepost
              Abovyan 12, Yerevan
                  TIN 01234567

Receipt No. 0412-0088                     Till 2
21.11.2026 14:02                      Shift 0412
Cashier: Anna S.
Customer: Lusine M.
────────────────────────────────────────────────
Milk 3.2 % 1 l                    2 × 620  1,240
Cheese Lori, weighed     0.432 kg × 4,200  1,814
Bread Matnakash                              350
Coffee beans 250 g, single origin Ethiopia
Yirgacheffe                     1 × 3,900  3,900
  Gold 5 % on coffee                        −195
────────────────────────────────────────────────
Subtotal                                   7,304
Total                                  AMD 7,109
Cash rounding                                 +1
------------------------------------------------
Points                                     1,000
Card **41                                  3,000
Cash                                       5,000
Change                                     1,890
------------------------------------------------
of which VAT 20 %                          1,185
------------------------------------------------
              Fiscal receipt 5521
              DT123456 / 00012345

                     [ QR ]

                   Thank you
"""

NARROW = """\
           Tradepost
      Abovyan 12, Yerevan
          TIN 01234567

Receipt No. 0412-0088     Till 2
21.11.2026 14:02      Shift 0412
Cashier: Anna S.
Customer: Lusine M.
────────────────────────────────
Milk 3.2 % 1 l
  2 × 620                  1,240
Cheese Lori, weighed
  0.432 kg × 4,200         1,814
Bread Matnakash              350
Coffee beans 250 g, single
origin Ethiopia Yirgacheffe
  1 × 3,900                3,900
  Gold 5 % on coffee        −195
────────────────────────────────
Subtotal                   7,304
Total                  AMD 7,109
Cash rounding                 +1
--------------------------------
Points                     1,000
Card **41                  3,000
Cash                       5,000
Change                     1,890
--------------------------------
of which VAT 20 %          1,185
--------------------------------
      Fiscal receipt 5521
      DT123456 / 00012345

             [ QR ]

           Thank you
"""


@pytest.mark.parametrize(("columns", "expected"), [(48, WIDE), (32, NARROW)])
def test_sale_receipt_column_by_column(columns: int, expected: str) -> None:
    assert preview(lay_out_receipt(BASKET), columns) == expected


def test_return_names_its_sale_and_gives_money_back() -> None:
    back = replace(
        BASKET,
        number="0412-R4",
        is_return=True,
        original="0412-0088",
        lines=BASKET.lines[2:3],
        subtotal="",
        total="AMD\u00a0350",
        rounding="",
        payments=(Payment("Cash", "350"),),
        change="",
        taxes=(),
        fiscal=None,
        qr="",
        bar_code="04120004",
        customer="",
    )
    assert preview(lay_out_receipt(back), 32) == (
        "           Tradepost\n      Abovyan 12, Yerevan\n          TIN 01234567\n\n"
        "             Return\n"
        "No. 0412-R4               Till 2\n21.11.2026 14:02      Shift 0412\nCashier: Anna S.\n"
        "For sale 0412-0088\n────────────────────────────────\nBread Matnakash              350\n"
        "────────────────────────────────\nRefund                   AMD 350\n"
        "--------------------------------\nCash                         350\n"
        "--------------------------------\n      Not a fiscal receipt\n\n          [ 04120004 ]\n"
    )


def test_part_of_a_sale_says_which() -> None:
    part = lay_out_receipt(replace(BASKET, part=("1", "2")))
    assert "Receipt 1 of 2" in preview(part, 48).splitlines()


def test_copy_carries_its_heading_first() -> None:
    first = compose(as_copy(lay_out_receipt(BASKET)), 48)[0]
    assert first == Row(" Copy ", Align.CENTER, Size.LARGE, bold=True, reverse=True)
    assert preview(as_copy(lay_out_receipt(BASKET), catalogue("ru")), 48).splitlines()[0].strip() == "Копия"


REPORT = Report(
    kind=ReportKind.SHIFT,
    shop=Shop("Tradepost"),
    till="2",
    operator="Anna S.",
    shift="0412",
    opened_at="08:58",
    printed_at="21:04",
    sales_count="128",
    sales="412,900",
    returns_count="2",
    returns="−7,500",
    total="AMD\u00a0405,400",
    by_form=(Payment("Cash", "205,000"), Payment("Card", "200,400")),
    opening_float="20,000",
    expected="130,000",
    counted="129,990",
    difference="−10",
    no_sale_count="1",
)


def test_shift_slip() -> None:
    assert preview(lay_out_report(REPORT), 32) == (
        "           Tradepost\n\n           Shift 0412\n\n"
        "Till 2\nCashier: Anna S.\nOpened                     08:58\nClosed                     21:04\n"
        "────────────────────────────────\nSales  128               412,900\nReturns  2                −7,500\n"
        "Total                AMD 405,400\n"
        "────────────────────────────────\nCash                     205,000\nCard                     200,400\n"
        "────────────────────────────────\nFloat                     20,000\nExpected cash            130,000\n"
        "Counted cash             129,990\nDifference                   −10\nDrawer opened without sale     1\n"
        "\n\n\n────────────────────────────────\n            Anna S.\n"
    )


@pytest.mark.parametrize(("kind", "title"), [(ReportKind.X, "X report"), (ReportKind.Z, "Z report")])
def test_x_and_z_slips_have_their_titles(kind: ReportKind, title: str) -> None:
    shown = preview(lay_out_report(replace(REPORT, kind=kind, number="118")), 48)
    assert [line.strip() for line in shown.splitlines()[2:4]] == [title, "No. 118"]
    assert ("Closed" in shown) is (kind is ReportKind.Z)
    assert ("As of" in shown) is (kind is ReportKind.X)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("columns", [48, 42, 32])
def test_every_language_fits_every_paper(language: str, columns: int) -> None:
    document = lay_out_receipt(LANGUAGES[language].receipt, catalogue(language))
    rows = [row for row in compose(document, columns) if isinstance(row, Row)]
    assert max(row.columns for row in rows) <= columns
    assert LANGUAGES[language].total.replace("\u00a0", " ") in preview(document, columns)


def test_words_missing_in_a_catalogue_are_english() -> None:
    assert "Thank you" in preview(lay_out_receipt(BASKET, {}), 48)


# --- elements ----------------------------------------------------------------------------------------------------


def texts(*elements: Text | Columns | Items, columns: int = 24) -> list[str]:
    return [row.text for row in compose(Document(elements), columns) if isinstance(row, Row)]


def test_value_moves_to_a_line_of_its_own_rather_than_being_cut() -> None:
    assert texts(Columns("Twenty letters exactly", "1,240")) == ["Twenty letters exactly", " " * 19 + "1,240"]
    assert texts(Columns("Short", "x" * 24)) == ["Short", "x" * 24]


def test_value_wider_than_the_paper_keeps_every_digit() -> None:
    assert "".join(texts(Columns("Sum", "9" * 50))) == "Sum" + "9" * 50


@pytest.mark.parametrize(
    ("amount", "size"), [("7,109", Size.LARGE), ("1,007,109", Size.TALL), ("1,000,007,109,000", Size.TALL)]
)
def test_large_letters_shrink_until_the_line_holds(amount: str, size: Size) -> None:
    row = compose(Document((Columns("Total", amount, Size.LARGE),)), 24)[0]
    assert isinstance(row, Row)
    assert (row.size, row.columns) == (size, 24)


def test_long_heading_becomes_smaller() -> None:
    rows = compose(Document((Text("An extraordinarily-long name", Align.CENTER, Size.LARGE),)), 24)
    assert {row.size for row in rows if isinstance(row, Row)} == {Size.TALL}


def test_notes_stand_under_their_item() -> None:
    item = Item("Coffee", "", "3,900", (Note("Gold 5 %", "-195"), Note("Lot A-17")))
    assert texts(Items((item,))) == ["Coffee             3,900", "  Gold 5 %          -195", "  Lot A-17"]


def test_graphics_pass_through_and_the_screen_names_them() -> None:
    graphics = (Rule(), BarCode("A1"), QrCode("x"), Picture(8, 1, b"\xff"), Feed(2), Cut())
    assert compose(Document(graphics), 24) == graphics
    assert preview(Document((*graphics, Text("end"))), 24) == "─" * 24 + "\n         [ A1 ]\n         [ QR ]\n\n\nend\n"


AMOUNTS = st.text("0123456789,. -", min_size=1, max_size=16).filter(lambda text: text.strip() == text)


@given(st.lists(st.tuples(st.text(max_size=60), st.text("0123456789 ×kg", max_size=20), AMOUNTS), max_size=6))
def test_items_never_overflow_nor_lose_an_amount(rows: list[tuple[str, str, str]]) -> None:
    items = Items(tuple(Item(name, detail.strip(), amount) for name, detail, amount in rows))
    for columns in (48, 32):
        lines = texts(items, columns=columns)
        assert all(column_width(line) <= columns for line in lines)
        joined = "".join("".join(lines).split())
        assert all("".join(clean(amount).split()) in joined for _, _, amount in rows)
