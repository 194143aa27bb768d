"""The front door against the worked examples of the field notes, real symbols' texts, and hostile bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes import compile_templates, with_check_digit
from shared.gs1 import GS, Amount, Element, Marking, Problem, Scanned, ScannedKind, Symbology, human_form, interpret
from shared.gs1.symbologies import split_aim, symbology_of

_TODAY = date(2026, 11, 21)
_TEMPLATES = compile_templates(["2xIIIIIWWWWWC", "23IIIIIPPPPPC", "24IIIIIQQQQQC", "02IIIIIVPPPPC"])
_WORKED = bytes.fromhex(
    "5d 64 32 30 31 30 34 30 30 36 33 38 31 33 33 33 39 33 31 31 37 32 37 31 32 33 31 31 30 41 42 43 31 32 33 1d"
    "32 31 31 32 33 34 35"
)
_ZXING = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parents[2] / "data" / "barcodes-zxing.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def _interpret(text: str | bytes, aim: str | None = None) -> Scanned:
    return interpret(text, aim=aim, templates=_TEMPLATES, today=_TODAY)


def test_the_worked_example_of_the_notes() -> None:
    read = _interpret(_WORKED)
    assert read == Scanned(
        kind=ScannedKind.GS1,
        raw=_WORKED.decode(),
        text=_WORKED.decode()[3:],
        symbology=Symbology.GS1_DATA_MATRIX,
        gtin14="04006381333931",
        candidates=("04006381333931",),
        elements=(
            Element("01", "04006381333931"),
            Element("17", "271231"),
            Element("10", "ABC123"),
            Element("21", "12345"),
        ),
        lot="ABC123",
        serial="12345",
        expiry=date(2027, 12, 31),
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/01/04006381333931/10/ABC123/21/12345?17=271231",
        "http://example.com/shop/gtin/4006381333931/lot/ABC123/ser/12345?exp=271231&utm_source=pack",
        "HTTPS://example.com/some/path/01/4006381333931/10/AB%4312%33/21/12345?17=271231#top",
    ],
)
def test_a_digital_link_says_the_same_as_the_element_string(address: str) -> None:
    read = _interpret(address, "]Q1")
    assert read.kind is ScannedKind.DIGITAL_LINK
    assert (read.gtin14, read.lot, read.serial) == ("04006381333931", "ABC123", "12345")
    assert read.expiry == date(2027, 12, 31)
    assert set(read.elements) == set(_interpret(_WORKED).elements)
    assert read.problem is None


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "http://bbc.co.uk/programmes",
        "https://example.com/01/news",
        "https://example.com/01/04006381333930",
        "https://example.com/01",
        "http://[",
        "https:///01/04006381333931",
        "httpx://example.com/01/04006381333931",
        "https://example.com/99/04006381333931",
    ],
)
def test_any_other_address_is_text(address: str) -> None:
    read = _interpret(address, "]Q1")
    assert (read.kind, read.text, read.problem) == (ScannedKind.TEXT, address, None)


@pytest.mark.parametrize(
    ("address", "reason", "ai"),
    [
        ("https://example.com/01/04006381333931/10/" + "A" * 21, "length", "10"),
        ("https://example.com/01/04006381333931?17=271301", "date", "17"),
        ("https://example.com/01/04006381333931?17=270230", "date", "17"),
        ("https://example.com/01/04006381333931/21/%FF", "characters", "21"),
    ],
)
def test_a_digital_link_with_an_impossible_value_is_a_misread(address: str, reason: str, ai: str) -> None:
    read = _interpret(address)
    assert read.kind is ScannedKind.MISREAD
    assert read.problem is not None
    assert (read.problem.code, read.problem.parameters["reason"]) == ("SCN-301", reason)
    assert read.problem.parameters["ai"] == ai


@pytest.mark.parametrize(
    ("aim", "text", "gtin14"),
    [
        ("]E0", "4006381333931", "04006381333931"),
        ("]E0", "0036000291452", "00036000291452"),
        ("]E0", "036000291452", "00036000291452"),
        ("]E0", "04252614", "00042100005264"),
        ("]E4", "12345670", "00000012345670"),
        ("]I1", "00614141123452", "00614141123452"),
        ("]e0", "0100614141123452", "00614141123452"),
        ("]C1", "0104006381333931", "04006381333931"),
        (None, "4006381333931", "04006381333931"),
        (None, "036000291452", "00036000291452"),
        (None, "12345670", "00000012345670"),
        (None, "04252614", "00042100005264"),
        (None, "00614141123452", "00614141123452"),
        (None, "0104006381333931", "04006381333931"),
        (None, "(01)04006381333931", "04006381333931"),
    ],
)
def test_a_gtin_arrives_as_14_digits_whatever_the_symbol(aim: str | None, text: str, gtin14: str) -> None:
    read = _interpret(text, aim)
    assert (read.gtin14, read.candidates[0], read.problem) == (gtin14, gtin14, None)


def test_the_identifier_may_still_stand_before_the_data() -> None:
    assert _interpret("]E04006381333931") == _interpret("]E04006381333931", "]E0")
    assert _interpret("]E04006381333931").gtin14 == "04006381333931"


def test_eight_digits_that_are_two_codes_at_once_keep_both() -> None:
    read = _interpret("05096893")
    assert read.candidates == ("00000005096893", "00050968000093")
    assert _interpret("05096893", "]E0").candidates == ("00050968000093", "00000005096893")
    assert _interpret("05096893", "]E4").candidates == ("00000005096893",)


@pytest.mark.parametrize(
    ("aim", "text", "reason"),
    [
        ("]E0", "4006381333930", "check_digit"),
        ("]E0", "40063813339", "length"),
        ("]E0", "", "empty"),
        ("]E0", "40063813З3931", "characters"),
        ("]E4", "12345671", "check_digit"),
        ("]I1", "00614141123453", "check_digit"),
        ("]C1", "0104006381333930", "check_digit"),
        ("]C1", "168901", "length"),
        ("]d2", "not elements", "unknown_ai"),
        ("]d2", "0104006381333931" + "17270230", "date"),
        (None, "4006381333930", "check_digit"),
        (None, "12345671", "check_digit"),
        (None, "0104006381333931" + "10A\x02" + GS + "21B", "characters"),
        (None, "", "empty"),
        (None, GS, "empty"),
    ],
)
def test_damage_is_a_misread_and_never_an_article(aim: str | None, text: str, reason: str) -> None:
    read = _interpret(text, aim)
    assert read.is_misread
    assert read.problem is not None
    assert (read.problem.code, read.problem.parameters["reason"]) == ("SCN-301", reason)
    assert (read.gtin14, read.candidates, read.item_code) == (None, (), None)
    assert read.text == text.removeprefix(GS)


def test_a_misread_shows_no_control_characters_and_not_all_of_a_long_text() -> None:
    problem = _interpret("10\x1b[2J" + "A" * 100, "]d2").problem
    assert problem == Problem("SCN-301", {"reason": "length", "scan": "10 [2J" + "A" * 42, "ai": "10"})


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("2112345012346", {"item_code": "12345", "weight_g": 1234, "template": "2xIIIIIWWWWWC"}),
        (with_check_digit("231234501990"), {"item_code": "12345", "price_minor": 1990}),
        (with_check_digit("240012300006"), {"item_code": "00123", "count": 6}),
        (with_check_digit("021234592875"), {"item_code": "12345", "price_minor": 2875}),
        (with_check_digit("021234592875")[1:], {"item_code": "12345", "price_minor": 2875}),
    ],
)
@pytest.mark.parametrize("aim", ["]E0", None])
def test_an_own_label_gives_item_and_quantity(aim: str | None, code: str, facts: dict[str, object]) -> None:
    read = _interpret(code, aim)
    assert (read.kind, read.gtin14) == (ScannedKind.IN_STORE, None)
    assert {name: getattr(read, name) for name in facts} == facts


@pytest.mark.parametrize("code", ["2112345012345", with_check_digit("021234582875")])
def test_an_own_label_with_a_wrong_check_is_scanned_again(code: str) -> None:
    read = _interpret(code)
    assert read.is_misread
    assert read.problem is not None
    assert read.problem.code == "SCN-301"


def test_an_own_label_without_weight_is_refused_for_good() -> None:
    code = with_check_digit("211234500000")
    read = _interpret(code)
    assert read.is_misread
    assert read.problem == Problem("SCN-402", {"scan": code, "template": "2xIIIIIWWWWWC"})


def test_without_a_template_a_code_of_the_in_store_range_is_a_gtin() -> None:
    read = interpret("2112345012346", today=_TODAY)
    assert (read.kind, read.gtin14) == (ScannedKind.GTIN, "02112345012346")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("019001234567890831030017503922795", {"weight_g": 1750, "amount": Amount(795, 2)}),
        ("01900123456789083102001750", {"weight_g": 17500}),
        ("01900123456789083105123450", {"weight_g": 1235}),
        ("01900123456789083105123449", {"weight_g": 1234}),
        ("019001234567890839320511990", {"amount": Amount(1990, 2, "051")}),
        ("01900123456789083012", {"count": 12}),
        ("00006141411234567890", {"sscc": "006141411234567890", "gtin14": None}),
        ("0104006381333931" + "15270200", {"best_before": date(2027, 2, 28), "expiry": None}),
        ("0104006381333931" + "11251101", {"production": date(2025, 11, 1)}),
        ("0104006381333931" + "70032711211830", {"expiry": date(2027, 11, 21)}),
    ],
)
def test_facts_of_an_element_string(text: str, facts: dict[str, object]) -> None:
    read = _interpret(text, "]C1")
    assert read.problem is None
    assert {name: getattr(read, name) for name in facts} == facts


def test_an_identifier_of_tomorrow_does_not_stop_the_sale() -> None:
    read = _interpret("0104006381333931" + "10A" + GS + "88xyz", "]d2")
    assert (read.kind, read.gtin14, read.lot) == (ScannedKind.GS1, "04006381333931", "A")
    assert read.problem == Problem("SCN-102", {"rest": "88xyz"})


def test_goods_marking_keeps_its_separators_for_the_register() -> None:
    text = "0104600439931256" + "215xZ!a?:<_P'0=" + GS + "91EE06" + GS + "92" + "Ab+/" * 11
    read = _interpret(GS + text)
    assert (read.marking, read.gtin14, read.serial) == (Marking.GOODS, "04600439931256", "5xZ!a?:<_P'0=")
    assert read.text == text
    assert not read.gs_missing


def test_goods_marking_typed_by_a_keyboard_scanner_is_flagged() -> None:
    read = _interpret("0104600439931256" + "215xZ!a?:<_P'0=" + "91EE06" + "92" + "Ab+/" * 11)
    assert (read.marking, read.serial, read.gs_missing) == (Marking.GOODS, "5xZ!a?:<_P'0=", True)


@pytest.mark.parametrize("aim", ["]d1", "]d2", None])
def test_a_tobacco_pack_has_no_identifiers(aim: str | None) -> None:
    read = _interpret("04600439931256" + "hk5Xr'0" + "ABhF" + "Zq=w", aim)
    assert (read.marking, read.gtin14, read.serial) == (Marking.TOBACCO, "04600439931256", "hk5Xr'0")


@pytest.mark.parametrize(
    "text",
    [
        "85123A",
        "22423",
        "M",
        "POST",
        " WWW.CITRONSOFT.COM ",
        "t=20261121T1830&s=100.00",
        "]",
        "]C",
        "ՀԱՅ",
        "(5) apples",
    ],
)
def test_everything_else_is_text_as_it_came(text: str) -> None:
    read = _interpret(text)
    assert (read.kind, read.text, read.problem, read.candidates) == (ScannedKind.TEXT, text, None, ())


def test_a_gtin_in_plain_code_128_is_offered_and_not_claimed() -> None:
    read = _interpret("4006381333931", "]C0")
    assert (read.kind, read.gtin14, read.candidates) == (ScannedKind.TEXT, None, ("04006381333931",))


@pytest.mark.parametrize(
    ("text", "gtin14", "add_on"),
    [
        ("977147396801205", "09771473968012", "05"),
        ("977147396801212345", "09771473968012", "12345"),
        ("03600029145205", "00036000291452", "05"),
        ("03600029145212345", "00036000291452", "12345"),
    ],
)
def test_a_magazine_keeps_its_add_on_apart(text: str, gtin14: str, add_on: str) -> None:
    read = _interpret(text, "]E3")
    assert (read.kind, read.gtin14, read.add_on) == (ScannedKind.GTIN, gtin14, add_on)


@pytest.mark.parametrize("text", ["9771473968012", "977147396801305", "97714739680120A", ""])
def test_a_damaged_magazine_is_a_misread(text: str) -> None:
    assert _interpret(text, "]E3").is_misread


@pytest.mark.parametrize("raw", [b"4" * 4097, "4" * 4097, b"\xff" * 10_000, "]d2" + "0104006381333931" * 1000])
def test_more_than_any_symbol_holds_is_refused(raw: str | bytes) -> None:
    read = _interpret(raw)
    assert (read.is_misread, read.text, len(read.raw)) == (True, "", 4096)
    assert read.problem == Problem("SCN-401", {"length": len(raw), "limit": 4096})


def test_the_largest_qr_code_is_not_too_long() -> None:
    assert _interpret(b"x" * 4096, "]Q1").kind is ScannedKind.TEXT


@pytest.mark.parametrize(
    ("aim", "symbology"),
    [
        ("]A0", Symbology.CODE_39),
        ("]A7", Symbology.CODE_39),
        ("]C0", Symbology.CODE_128),
        ("]C1", Symbology.GS1_128),
        ("]C2", Symbology.CODE_128_FNC1_SECOND),
        ("]C4", Symbology.ISBT_128),
        ("]E0", Symbology.EAN_UPC),
        ("]E2", Symbology.ADD_ON),
        ("]E3", Symbology.EAN_UPC_WITH_ADD_ON),
        ("]E4", Symbology.EAN_8),
        ("]I0", Symbology.ITF),
        ("]I1", Symbology.ITF_CHECKED),
        ("]L2", Symbology.PDF417),
        ("]Q1", Symbology.QR),
        ("]Q3", Symbology.GS1_QR),
        ("]d1", Symbology.DATA_MATRIX),
        ("]d2", Symbology.GS1_DATA_MATRIX),
        ("]e0", Symbology.GS1_DATA_BAR),
        ("]z3", Symbology.AZTEC),
        ("]J1", Symbology.GS1_DOT_CODE),
        ("]Z0", Symbology.KEYBOARD),
        ("]b0", None),
        ("E0", None),
        (None, None),
    ],
)
def test_symbologies_by_their_aim_identifier(aim: str | None, symbology: Symbology | None) -> None:
    assert symbology_of(aim) is symbology


def test_an_identifier_is_taken_off_only_when_it_is_one() -> None:
    assert split_aim("]C0]C1") == ("]C0", "]C1")
    assert split_aim("]?0x") == (None, "]?0x")
    assert split_aim("]E") == (None, "]E")


@pytest.mark.parametrize(("aim", "text"), [row for row in _ZXING if row[0] in ("]E0", "]E4", "]I1")])
def test_real_product_symbols_are_gtins(aim: str, text: str) -> None:
    read = _interpret(aim + text)
    assert (read.kind, read.problem) == (ScannedKind.GTIN, None)


@pytest.mark.parametrize(("aim", "text"), [row for row in _ZXING if row[0] == "]e0" and row[1].startswith("(")])
def test_real_databars_are_read_in_the_form_of_camera_readers(aim: str, text: str) -> None:
    read = _interpret(aim + text)
    assert (read.kind, read.problem) == (ScannedKind.GS1, None)
    assert human_form(read.elements) == text


@pytest.mark.parametrize(("aim", "text"), [row for row in _ZXING if row[0] == "]e0" and row[1].isdigit()])
def test_real_databars_are_read_without_their_identifier(aim: str, text: str) -> None:
    read = _interpret(aim + text)
    assert (read.kind, read.gtin14, read.problem) == (ScannedKind.GTIN, text, None)


@pytest.mark.parametrize(("aim", "text"), [row for row in _ZXING if row[0] in ("]A0", "]C0", "]d1", "]Q1")])
def test_real_free_text_stays_text(aim: str, text: str) -> None:
    read = _interpret(aim + text)
    assert (read.kind, read.text, read.problem) == (ScannedKind.TEXT, text, None)


def test_the_cut_of_real_symbols_is_whole() -> None:
    assert len(_ZXING) == 34


_AIMS = st.sampled_from([None, "", "]", "]E0", "]E3", "]E4", "]I1", "]C1", "]C0", "]d2", "]d5", "]e0", "]Q1", "]?9"])


@given(st.binary(max_size=200), _AIMS)
def test_any_bytes_get_an_answer(raw: bytes, aim: str | None) -> None:
    read = _interpret(raw, aim)
    assert read.is_misread == (read.problem is not None and read.problem.code != "SCN-102")


@given(st.text(max_size=200), _AIMS)
def test_any_text_gets_an_answer(raw: str, aim: str | None) -> None:
    read = _interpret(raw, aim)
    assert read.raw == raw
    assert read.gtin14 is None or read.gtin14 in read.candidates


@given(st.text("0123456789AZ()/?=:.h]" + GS, max_size=120).map(lambda tail: "https://a/01/04006381333931/" + tail))
def test_any_address_gets_an_answer(raw: str) -> None:
    assert _interpret(raw).kind in (ScannedKind.DIGITAL_LINK, ScannedKind.MISREAD)


@pytest.mark.parametrize("place", range(len(_WORKED)))
def test_each_damaged_byte_of_the_worked_example_gets_an_answer(place: int) -> None:
    for flip in (0x01, 0x20, 0x80, 0xFF):
        damaged = bytearray(_WORKED)
        damaged[place] ^= flip
        read = _interpret(bytes(damaged))
        # A sound GTIN or none at all: its check digit sees every single damaged digit.
        assert read.gtin14 in ("04006381333931", None)
