"""Check digits, UPC-E and in-store templates against the worked examples of the field notes and real products."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.barcodes import (
    InStoreLabel,
    MalformedCode,
    check_digit,
    compile_templates,
    expand_upc_e,
    find_template,
    has_valid_check_digit,
    inner_price_check,
    normalise_gtin,
    with_check_digit,
)
from shared.errors import PermanentError

_DATA = Path(__file__).parents[1] / "data"
_REAL_GTINS = [
    line for line in (_DATA / "gtins-openfoodfacts.txt").read_text().splitlines() if not line.startswith("#")
]
_DIGITS = st.text("0123456789", min_size=1, max_size=40)
_CIS = ("2xIIIIIWWWWWC", "23IIIIIPPPPPC", "24IIIIIQQQQQC", "02IIIIIVPPPPC", "29IIIIVPPPPPC")


@pytest.mark.parametrize(
    ("body", "check"),
    [
        pytest.param("400638133393", 1, id="EAN-13"),
        pytest.param("1234567", 0, id="EAN-8"),
        pytest.param("03600029145", 2, id="UPC-A"),
        pytest.param("0061414112345", 2, id="GTIN-14"),
        pytest.param("00614141123456789", 0, id="SSCC-18"),
        pytest.param("211234501234", 6, id="weight-label"),
    ],
)
def test_check_digit_of_the_notes(body: str, check: int) -> None:
    assert check_digit(body) == check
    assert with_check_digit(body) == f"{body}{check}"
    assert has_valid_check_digit(f"{body}{check}")


@pytest.mark.parametrize("gtin", _REAL_GTINS)
def test_real_products_keep_their_number(gtin: str) -> None:
    assert normalise_gtin(gtin) == gtin.zfill(14)


def test_the_cut_of_real_products_is_whole() -> None:
    assert len(set(_REAL_GTINS)) == 50


@pytest.mark.parametrize("gtin", _REAL_GTINS[::7])
def test_every_single_wrong_digit_of_a_real_gtin_is_caught(gtin: str) -> None:
    wrong = [
        gtin[:place] + digit + gtin[place + 1 :]
        for place in range(len(gtin))
        for digit in "0123456789"
        if digit != gtin[place]
    ]
    assert len(wrong) == 9 * len(gtin)
    assert [code for code in wrong if has_valid_check_digit(code)] == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("4006381333930", "check_digit"),
        ("400638133393", "check_digit"),
        ("40063813339", "length"),
        ("", "digits"),
        ("40063813339З1", "digits"),
        ("٤006381333931", "digits"),
        ("4006381333931 ", "digits"),
    ],
)
def test_a_code_that_is_no_gtin_is_refused(code: str, reason: str) -> None:
    with pytest.raises(MalformedCode) as refusal:
        normalise_gtin(code)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("text", ["", "7", "٤0", "ab", "-1"])
def test_nothing_but_digits_has_a_check_digit(text: str) -> None:
    assert not has_valid_check_digit(text)


@given(_DIGITS)
def test_generated_check_digits_are_valid_and_the_only_ones(body: str) -> None:
    assert [digit for digit in "0123456789" if has_valid_check_digit(body + digit)] == [str(check_digit(body))]


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("425261", "042100005264"),
        ("123453", "012300000451"),
        ("123454", "012340000053"),
        ("123457", "012345000072"),
        ("04252614", "042100005264"),
        ("04963406", "049000006346"),  # this and the next three: ZXing's blackbox photographs
        ("05096893", "050968000093"),
        ("04124498", "041244000098"),
        ("01264904", "012000006494"),
    ],
)
def test_upc_e_expands_to_the_upc_a_it_abbreviates(upc_e: str, upc_a: str) -> None:
    assert expand_upc_e(upc_e) == upc_a
    assert has_valid_check_digit(upc_a)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("04252615", "check_digit"),
        ("24252614", "number_system"),
        ("4252614", "length"),
        ("0425261x", "digits"),
    ],
)
def test_a_damaged_upc_e_is_refused(code: str, reason: str) -> None:
    with pytest.raises(MalformedCode) as refusal:
        expand_upc_e(code)
    assert refusal.value.reason == reason


@given(st.from_regex(r"[01][0-9]{6}", fullmatch=True))
def test_a_upc_e_has_exactly_one_check_digit(seven: str) -> None:
    assert [_expands(seven + digit) for digit in "0123456789"].count(True) == 1


def _expands(code: str) -> bool:
    try:
        expand_upc_e(code)
    except MalformedCode:
        return False
    return True


@pytest.mark.parametrize(("price", "check"), [("2875", 9), ("14685", 6), ("0000", 0), ("00000", 0)])
def test_inner_price_check_of_the_notes(price: str, check: int) -> None:
    assert inner_price_check(price) == check


@pytest.mark.parametrize("price", ["", "123", "123456", "12a4"])
def test_only_prices_of_four_and_five_digits_have_an_inner_check(price: str) -> None:
    with pytest.raises(MalformedCode):
        inner_price_check(price)


@pytest.mark.parametrize(
    ("template", "code", "label"),
    [
        ("2xIIIIIWWWWWC", "2112345012346", {"item_code": "12345", "weight_g": 1234}),
        ("2xIIIIIPPPPPC", "2112345012346", {"item_code": "12345", "price_minor": 1234}),
        ("2xIIIIIQQQQQC", "2112345000121", {"item_code": "12345", "pieces": 12}),
        ("2IIIIIIWWWWWC", "2112345012346", {"item_code": "112345", "weight_g": 1234}),
        ("02IIIIIVPPPPC", with_check_digit("021234592875"), {"item_code": "12345", "price_minor": 2875}),
        ("2xIIIIVPPPPPC", with_check_digit("291234614685"), {"item_code": "1234", "price_minor": 14685}),
    ],
)
def test_a_label_is_read_by_its_template(template: str, code: str, label: dict[str, str | int]) -> None:
    (compiled,) = compile_templates([template])
    assert compiled.matches(code)
    expected = {"weight_g": None, "price_minor": None, "pieces": None, **label}
    assert compiled.read(code) == InStoreLabel(template=template, **expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "code", "reason"),
    [
        ("2xIIIIIWWWWWC", "2112345012345", "check_digit"),
        ("2xIIIIIWWWWWC", "211234501234x", "check_digit"),
        ("2xIIIIIWWWWWC", with_check_digit("211234500000"), "zero"),
        ("2xIIIIIPPPPPC", with_check_digit("211234500000"), "zero"),
        ("02IIIIIVPPPPC", with_check_digit("021234582875"), "inner_check"),
        ("2xIIIIVPPPPPC", with_check_digit("291234714685"), "inner_check"),
    ],
)
def test_a_label_with_a_wrong_check_or_nothing_weighed_is_refused(template: str, code: str, reason: str) -> None:
    (compiled,) = compile_templates([template])
    with pytest.raises(MalformedCode) as refusal:
        compiled.read(code)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("code", "template"),
    [
        ("2112345012346", "2xIIIIIWWWWWC"),
        ("2312345012344", "23IIIIIPPPPPC"),
        ("0212345928752", "02IIIIIVPPPPC"),
        ("2512345012342", "25xIIIIWWWWWC"),
        ("2712345012340", "2xIIIIIWWWWWC"),
    ],
)
def test_the_longest_matching_prefix_wins(code: str, template: str) -> None:
    found = find_template(code, compile_templates(["2IIIIIIWWWWWC", "25xIIIIWWWWWC", *_CIS]))
    assert found is not None
    assert found.notation == template


@pytest.mark.parametrize("code", ["4006381333931", "211234501234", "", "0400638133393", "21123450123466"])
def test_other_codes_match_no_template(code: str) -> None:
    assert find_template(code, compile_templates(_CIS)) is None


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("", "notation"),
        ("2xIIIIIWWWWW", "notation"),
        ("2xIIIIIWWWWWCC", "notation"),
        ("2xWWWWWIIIIIC", "notation"),
        ("2xIIIIIWWPPPC", "notation"),
        ("2xIIIIIVVPPPC", "notation"),
        ("2xIIIIWWWWWC", "length"),
        ("2xIIIIIIWWWWWC", "length"),
        ("40IIIIIWWWWWC", "prefix"),
        ("xxIIIIIWWWWWC", "prefix"),
        ("IIIIIIIWWWWWC", "prefix"),
        ("2xIIIIVWWWWWC", "inner_check"),
        ("2xIIIIIIVPPPC", "inner_check"),
    ],
)
def test_a_template_that_is_none_stops_the_start(template: str, reason: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        compile_templates([template])
    assert refusal.value.code == "SCN-403"
    assert refusal.value.parameters == {"template": template, "reason": reason}


@pytest.mark.parametrize("pair", [("2xIIIIIWWWWWC", "2xIIIIIPPPPPC"), ("2x5IIIIWWWWWC", "21xIIIIPPPPPC")])
def test_two_templates_for_the_same_codes_stop_the_start(pair: tuple[str, str]) -> None:
    with pytest.raises(PermanentError) as refusal:
        compile_templates(pair)
    assert refusal.value.parameters["reason"] == "ambiguous"


@given(st.sampled_from(_CIS), st.data())
def test_a_printed_label_reads_back(notation: str, data: st.DataObject) -> None:
    (template,) = compile_templates([notation])
    item = data.draw(st.text("0123456789", min_size=notation.count("I"), max_size=notation.count("I")))
    value = data.draw(st.integers(1, 10 ** notation.count(template.counts.value) - 1))
    code = template.write(item, value, wildcards="7" * notation.count("x"))
    label = template.read(code)
    assert label.item_code == item
    assert [label.weight_g, label.price_minor, label.pieces].count(None) == 2
    assert value in (label.weight_g, label.price_minor, label.pieces)


@pytest.mark.parametrize(
    ("item", "value", "wildcards"),
    [("1234", 1, "1"), ("123456", 1, "1"), ("12345", 0, "1"), ("12345", 100_000, "1"), ("12345", 1, "")],
)
def test_what_does_not_fit_a_label_is_not_printed(item: str, value: int, wildcards: str) -> None:
    (template,) = compile_templates(["2xIIIIIWWWWWC"])
    with pytest.raises(MalformedCode):
        template.write(item, value, wildcards=wildcards)
