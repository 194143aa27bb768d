"""Bar codes against an independent implementation, and letters against Python's own code pages."""

from __future__ import annotations

from itertools import groupby

import barcode
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators._escpos.barcodes import GS_K_TYPES, encode
from simulators._escpos.codepages import INTERNATIONAL, STANDARD_PAGES, page_table, parse_page_table
from simulators._escpos.letters import LetterDecoder


def reference(kind: str, data: str, **options: bool) -> str:
    return str(barcode.get_barcode_class(kind)(data, **options).build()[0]).replace("G", "1")


def bars(kind: str, data: bytes) -> str:
    symbol = encode(kind, data)
    assert symbol is not None
    return symbol.modules


def widths(modules: str) -> list[bool]:
    """Wide or narrow of each bar and space: ratios differ between makers."""
    runs = [len(list(run)) for _, run in groupby(modules)]
    return [run > min(runs) for run in runs]


@given(st.text("0123456789", min_size=12, max_size=12))
def test_ean_and_upc_like_the_reference(digits: str) -> None:
    assert bars("EAN13", digits.encode()) == reference("ean13", digits)
    assert bars("EAN8", digits[:7].encode()) == reference("ean8", digits[:7])
    assert bars("UPC-A", digits[:11].encode()) == reference("upca", digits[:11])


@given(st.text("0123456789", min_size=2, max_size=20).filter(lambda text: len(text) % 2 == 0))
def test_two_width_codes_like_the_reference(digits: str) -> None:
    assert widths(bars("ITF", digits.encode())) == widths(reference("itf", digits))
    assert widths(bars("CODABAR", f"A{digits}B".encode())) == widths(reference("codabar", f"A{digits}B"))
    assert widths(bars("CODE39", digits.encode())) == widths(reference("code39", digits, add_checksum=False))


@given(st.text("ABCxyz!#$ ", min_size=1, max_size=12))
def test_code_128_set_b_like_the_reference(text: str) -> None:
    assert bars("CODE128", b"{B" + text.encode()) == reference("code128", text)


def test_code_128_set_c_takes_pairs_as_bytes() -> None:
    symbol = encode("CODE128", b"{C" + bytes((12, 34, 56, 78)))
    assert symbol is not None
    assert (symbol.modules, symbol.data) == (reference("code128", "12345678"), "12345678")


@pytest.mark.parametrize(
    ("kind", "given_data", "data"),
    [
        ("EAN13", b"400638133393", "4006381333931"),
        ("EAN13", b"4006381333931", "4006381333931"),
        ("EAN8", b"9638507", "96385074"),
        ("UPC-A", b"01234500006", "012345000065"),
        ("UPC-E", b"012345000065", "01234565"),
        ("UPC-E", b"0123456", "01234565"),
        ("CODE39", b"*AB-1*", "AB-1"),
        ("CODE128", b"{BA{{B{1C", "A{B\x1dC"),
        ("GS1-128", b"{B0104850001234567", "0104850001234567"),
        ("CODE93", b"TEST93", "TEST93"),
    ],
)
def test_what_a_scanner_would_read(kind: str, given_data: bytes, data: str) -> None:
    symbol = encode(kind, given_data)
    assert symbol is not None
    assert symbol.data == data


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("EAN13", b"12345"),
        ("EAN13", b"40063813339A"),
        ("ITF", b"123"),
        ("CODABAR", b"1234"),
        ("CODE128", b"{B\xff"),
        ("CODE128", b"{"),
        ("CODE39", b"a*b"),
        ("EAN8", b""),
    ],
)
def test_data_that_does_not_fit_prints_no_bars(kind: str, data: bytes) -> None:
    assert encode(kind, data) is None


@given(st.sampled_from(sorted(set(GS_K_TYPES.values()))), st.binary(max_size=40))
def test_no_data_breaks_a_symbology(kind: str, data: bytes) -> None:
    symbol = encode(kind, data)
    assert symbol is None or set(symbol.modules) <= {"0", "1"}


@pytest.mark.parametrize("number", sorted(STANDARD_PAGES))
def test_every_page_has_128_places(number: int) -> None:
    assert len(page_table(STANDARD_PAGES[number])) == 128


@pytest.mark.parametrize(
    ("number", "data", "text"),
    [
        (0, "80 9B E1", "Ç¢ß"),
        (1, "8F 90 91 92 93 95 96 98 99 9A 9B B1", "┼┴┬┤├─│┌┐└┘ｱ"),
        (17, "8F E0 A8 A2 A5 E2", "Привет"),
        (34, "DD E1 B7 EB A8 E5", "Привет"),
        (46, "CF F0 E8 E2 E5 F2", "Привет"),
        (53, "A3 AA BE 9D", "ӘҒңқ"),
        (19, "D5", "€"),
    ],
)
def test_code_pages(number: int, data: str, text: str) -> None:
    decoder = LetterDecoder(STANDARD_PAGES)
    decoder.select_page(number)
    assert "".join(letter.character for letter in decoder.decode(bytes.fromhex(data))) == text


def test_private_page_numbers_are_a_setting() -> None:
    decoder = LetterDecoder(parse_page_table("16:cp1253,48:armscii-8"))
    decoder.select_page(48)
    assert "".join(letter.character for letter in decoder.decode(bytes.fromhex("D0 B3 DF C7 ED"))) == "Հաշիվ"
    decoder.select_page(16)
    assert next(decoder.decode(b"\xc1")).character == "Α"
    assert parse_page_table("datecs")[20] == "cp858"


def test_international_sets_replace_twelve_places() -> None:
    assert {len(places) for places in INTERNATIONAL} == {12}
    decoder = LetterDecoder(STANDARD_PAGES)
    decoder.international = 3
    assert "".join(letter.character for letter in decoder.decode(b"#5")) == "£5"


def test_pairs_and_utf8_may_be_cut_anywhere() -> None:
    decoder = LetterDecoder(STANDARD_PAGES)
    decoder.select_pairs(True)
    halves = [*decoder.decode(b"A\xd6"), *decoder.decode(b"\xd0B")]
    assert [(letter.character, letter.is_wide) for letter in halves] == [("A", False), ("中", True), ("B", False)]
    decoder.select_utf8(True)
    assert [letter.character for part in (b"\xd4", b"\xb1!") for letter in decoder.decode(part)] == ["Ա", "!"]
