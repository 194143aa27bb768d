"""Element strings: structure, separators kept and lost, human form."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes import with_check_digit
from shared.gs1 import (
    GS,
    Element,
    ElementString,
    MalformedElements,
    encode_elements,
    human_form,
    parse_elements,
    parse_human_form,
)
from shared.gs1.dates import resolve_date
from shared.gs1.identifiers import find_identifier

_WORKED = "0104006381333931" + "17271231" + "10ABC123" + GS + "2112345"
_WORKED_ELEMENTS = (
    Element("01", "04006381333931"),
    Element("17", "271231"),
    Element("10", "ABC123"),
    Element("21", "12345"),
)
_SERIAL = "5xZ!a?:<_P'0="
_GOODS = ("0104600439931256", f"21{_SERIAL}", "91EE06", "92" + "Ab+/" * 11)


def _pairs(string: ElementString) -> list[tuple[str, str]]:
    return [(element.ai, element.value) for element in string.elements]


def test_the_worked_example_of_the_notes() -> None:
    assert parse_elements(_WORKED) == ElementString(_WORKED_ELEMENTS)


def test_human_form_goes_both_ways() -> None:
    text = "(01)04006381333931(17)271231(10)ABC123(21)12345"
    assert human_form(_WORKED_ELEMENTS) == text
    assert parse_human_form(text) == ElementString(_WORKED_ELEMENTS)


def test_elements_are_encoded_with_separators_only_where_needed() -> None:
    assert encode_elements(_WORKED_ELEMENTS) == _WORKED


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GS + _WORKED, id="FNC1-in-front"),
        pytest.param(_WORKED + GS, id="separator-at-the-end"),
        pytest.param("0104006381333931" + GS + "17271231" + GS + "10ABC123" + GS + "2112345", id="after-fixed"),
    ],
)
def test_separators_too_many_are_tolerated(text: str) -> None:
    assert parse_elements(text) == ElementString(_WORKED_ELEMENTS)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("00006141411234567890", [("00", "006141411234567890")]),
        ("3103001750" + "3922795", [("3103", "001750"), ("3922", "795")]),
        ("39320401234", [("3932", "0401234")]),
        ("3012" + GS + "37144", [("30", "12"), ("37", "144")]),
        ("7003261231235900"[:14], [("7003", "2612312359")]),
        ("800510025" + "0" + GS + "422051", [("8005", "100250"), ("422", "051")]),
        ("8008261121" + "1830", [("8008", "2611211830")]),
        ("8006" + "04006381333931" + "0102", [("8006", "040063813339310102")]),
        ("414" + with_check_digit("400638133393"), [("414", "4006381333931")]),
        ("419" + with_check_digit("400638133393"), [("419", "4006381333931")]),
        ("3499123456", [("3499", "123456")]),
        ("4300ACME" + GS + "10A", [("4300", "ACME"), ("10", "A")]),
        ("423051643", [("423", "051643")]),
        ("99" + "x" * 90, [("99", "x" * 90)]),
    ],
)
def test_identifiers_of_every_family(text: str, pairs: list[tuple[str, str]]) -> None:
    string = parse_elements(text)
    assert _pairs(string) == pairs
    assert not string.gs_missing


@pytest.mark.parametrize(
    ("text", "reason", "ai"),
    [
        ("", "length", ""),
        (GS, "length", ""),
        ("01", "length", "01"),
        ("010400638133393", "length", "01"),
        ("0104006381333930", "check_digit", "01"),
        ("010400638133393A", "characters", "01"),
        ("0500000000", "unknown_ai", ""),
        ("9", "unknown_ai", ""),
        ("10" + GS + "17271231", "length", "10"),
        ("10A" + GS + GS + "21B", "unknown_ai", ""),
        ("10A#B", "characters", "10"),
        ("10ՀԱՅ", "characters", "10"),
        ("17271331", "date", "17"),
        ("17270032", "date", "17"),
        ("17271232", "date", "17"),
        ("10A" + GS + "10B", "repeated", "10"),
        ("00006141411234567891", "check_digit", "00"),
        ("4144006381333930", "check_digit", "414"),
        ("21" + "A" * 21 + GS + "10B", "length", "21"),
        ("21" + "~" * 30, "length", "21"),
        ("21" + "A" * 4000, "length", "21"),
    ],
)
def test_what_is_no_element_string_is_refused_with_its_place(text: str, reason: str, ai: str) -> None:
    with pytest.raises(MalformedElements) as refusal:
        parse_elements(text)
    assert (refusal.value.reason, refusal.value.ai) == (reason, ai)


def test_the_same_element_twice_is_one_statement() -> None:
    assert _pairs(parse_elements("10A" + GS + "10A")) == [("10", "A"), ("10", "A")]


@pytest.mark.parametrize(
    ("parts", "pairs"),
    [
        pytest.param(
            _GOODS,
            [("01", "04600439931256"), ("21", _SERIAL), ("91", "EE06"), ("92", "Ab+/" * 11)],
            id="goods",
        ),
        pytest.param(
            ("0104600439931256", "215ABCDE93dGVz"),
            [("01", "04600439931256"), ("21", "5ABCDE"), ("93", "dGVz")],
            id="dairy-6",
        ),
        pytest.param(
            ("0104600439931256", "21ABCDEFGHIJKLM93dGVz3103000432"),
            [("01", "04600439931256"), ("21", "ABCDEFGHIJKLM"), ("93", "dGVz"), ("3103", "000432")],
            id="dairy-by-weight",
        ),
    ],
)
def test_goods_marking_is_cut_where_its_separators_were_lost(
    parts: tuple[str, ...], pairs: list[tuple[str, str]]
) -> None:
    string = parse_elements("".join(parts))
    assert _pairs(string) == pairs
    assert string.gs_missing


def test_goods_marking_with_its_separators_is_no_guess() -> None:
    text = _GOODS[0] + GS.join(_GOODS[1:])
    string = parse_elements(text)
    assert _pairs(string) == [("01", "04600439931256"), ("21", _SERIAL), ("91", "EE06"), ("92", "Ab+/" * 11)]
    assert not string.gs_missing
    assert encode_elements(string.elements) == text


def test_a_separator_lost_after_a_fixed_length_is_put_back_and_told() -> None:
    string = parse_elements("8005100250" + "10AB")
    assert _pairs(string) == [("8005", "100250"), ("10", "AB")]
    assert string.gs_missing


def test_a_lost_separator_that_leaves_a_possible_value_cannot_be_seen() -> None:
    assert _pairs(parse_elements("10ABC1232112345")) == [("10", "ABC1232112345")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unknown_ai"),
        ("(01)0400638133393", "length"),
        ("(01)04006381333930", "check_digit"),
        ("(05)1", "unknown_ai"),
        ("(01)04006381333931 (10)A", "length"),
        ("01)04006381333931", "unknown_ai"),
        ("(10)A(10)B", "repeated"),
    ],
)
def test_what_is_no_human_form_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedElements) as refusal:
        parse_human_form(text)
    assert refusal.value.reason == reason


def test_brackets_inside_a_value_are_kept() -> None:
    assert _pairs(parse_human_form("(10)A(B)(05)(21)7")) == [("10", "A(B)(05)"), ("21", "7")]


@pytest.mark.parametrize(
    ("yymmdd", "today", "day"),
    [
        ("271231", date(2026, 11, 21), date(2027, 12, 31)),
        ("270200", date(2026, 11, 21), date(2027, 2, 28)),
        ("280200", date(2026, 11, 21), date(2028, 2, 29)),
        ("261200", date(2026, 11, 21), date(2026, 12, 31)),
        ("760101", date(2026, 11, 21), date(2076, 1, 1)),
        ("770101", date(2026, 11, 21), date(1977, 1, 1)),
        ("991231", date(2026, 11, 21), date(1999, 12, 31)),
        ("000229", date(2026, 11, 21), date(2000, 2, 29)),
        ("100101", date(2060, 1, 1), date(2110, 1, 1)),
        ("110101", date(2060, 1, 1), date(2011, 1, 1)),
        ("490101", date(1999, 1, 1), date(2049, 1, 1)),
    ],
)
def test_the_century_of_a_date_is_the_nearest(yymmdd: str, today: date, day: date) -> None:
    assert resolve_date(yymmdd, today) == day


@pytest.mark.parametrize("yymmdd", ["270230", "261301", "260000", "270229"])
def test_a_day_that_does_not_exist_is_no_date(yymmdd: str) -> None:
    with pytest.raises(ValueError, match=r"month|day"):
        resolve_date(yymmdd, date(2026, 11, 21))


_INVARIANT = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_ELEMENTS = st.lists(
    st.one_of(
        st.builds(Element, st.just("01"), st.from_regex(r"[0-9]{13}", fullmatch=True).map(with_check_digit)),
        st.builds(Element, st.sampled_from(["10", "22"]), st.text(_INVARIANT, min_size=1, max_size=20)),
        st.builds(Element, st.just("21"), st.text(_INVARIANT, min_size=21 - 13, max_size=12)),
        st.builds(Element, st.sampled_from(["3100", "3103", "3305"]), st.from_regex(r"[0-9]{6}", fullmatch=True)),
        st.builds(Element, st.just("30"), st.from_regex(r"[0-9]{1,8}", fullmatch=True)),
        st.builds(Element, st.just("17"), st.sampled_from(["271231", "260200", "991130"])),
        st.builds(Element, st.just("99"), st.text(_INVARIANT, min_size=1, max_size=90)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda element: element.ai,
)


@given(_ELEMENTS)
def test_encoded_elements_read_back(elements: list[Element]) -> None:
    text = encode_elements(elements) + GS  # a separator says that none was lost
    assert parse_elements(text) == ElementString(tuple(elements))


@given(_ELEMENTS)
def test_human_form_reads_back_unless_a_value_holds_brackets(elements: list[Element]) -> None:
    plain = [Element(element.ai, element.value.replace("(", "_")) for element in elements]
    assert parse_human_form(human_form(plain)) == ElementString(tuple(plain))


def _read_back(text: str) -> str | None:
    try:
        string = parse_elements(text)
    except MalformedElements:
        return None
    return "".join(element.ai + element.value for element in string.elements)


@given(st.text(alphabet=_INVARIANT + GS + "é", max_size=300))
def test_any_text_is_read_whole_or_refused(text: str) -> None:
    assert _read_back(text) in (text.replace(GS, ""), None)


@pytest.mark.parametrize("ai", ["", "0", "001", "05", "23", "235", "1", "٠١", "999", "310", "31031", "ab"])
def test_there_is_no_such_identifier(ai: str) -> None:
    assert find_identifier(ai) is None
