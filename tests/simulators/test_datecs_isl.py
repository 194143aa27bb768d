"""The short-frame register as any ISL host meets it: bytes of the protocol note, layouts, states, sums, numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.protocols.datecs_isl import StatusFlag
from tests.simulators.register_desk import NOT_ALLOWED, SYNTAX, Desk


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


# ------------------------------------------------------------------------------------- the note's bytes, both sides

STATUS = "01 24 20 4A 05 30 30 39 33 03"
OPEN = "01 2C 22 30 31 2C 30 30 30 30 2C 31 05 30 31 3F 3D 03"
SELL = "01 37 23 31 D5 EB FF E1 09 C1 31 2E 32 30 2A 32 2C 2D 31 30 2E 30 30 05 30 37 35 3F 03"
PAY = "01 2A 24 35 09 50 32 2E 31 36 05 30 31 3A 38 03"
CLOSE = "01 24 25 38 05 30 30 38 36 03"
PAID = "01 2D 24 35 44 30 04 80 80 88 80 86 9A 05 30 34 32 3B 03"


async def test_clock_answers_with_the_notes_bytes(desk: Desk) -> None:
    assert await desk.play("01 24 21 3E 05 30 30 38 38 03") == (
        "01 3C 21 3E 32 31 2D 31 31 2D 32 36 20 31 36 3A 30 30 3A 30 30 04 80 80 80 80 86 9A 05 30 37 30 36 03"
    )


async def test_opening_answers_with_the_notes_bytes(desk: Desk) -> None:
    for _ in range(6):
        desk.sale("Tea\tB1.00")
    for _ in range(5):
        desk.do(0x26)
        desk.do(0x27)
    assert await desk.play(OPEN) == ("01 34 22 30 30 30 31 32 2C 30 30 30 37 04 80 80 88 80 86 9A 05 30 35 36 3D 03")


async def test_the_notes_sale_is_paid_to_the_cent_and_remembered(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    await desk.play(OPEN, SELL)
    assert await desk.play(PAY) == PAID
    await desk.play(CLOSE)
    header, sale = records(tmp_path / "fm")
    assert header == {
        "fiscal_memory": 1,
        "serial": "DT000600",
        "fiscal_memory_no": "02000600",
        "model": "FP-800",
        "dialect": "P",
        "currency_decimals": 2,
        "created_at": "2026-11-21T16:00:00",
    }
    assert sale == {
        "document": 1,
        "kind": "sale",
        "at": "2026-11-21T16:00:00",
        "closure": 1,
        "total_minor": 216,
        "total_by_tax": {"B": 216},
        "lines": [
            {
                "text": "Хляб",
                "price_minor": 120,
                "quantity_milli": 2000,
                "discount_minor": 24,
                "amount_minor": 216,
                "tax": "B",
                "unit": "",
            }
        ],
        "adjustments": [],
        "payments": [{"letter": "P", "amount_minor": 216}],
        "change_minor": 0,
        "comments": [],
        "comment_after": [],
        "original": None,
        "operator": "1",
        "till": "1",
        "unp": None,
        "invoice": False,
        "customer": None,
        "power_losses": 0,
    }


# ------------------------------------------------------------------------------------------------------- the wire


async def test_same_seq_repeats_the_reply_and_executes_nothing(desk: Desk) -> None:
    await desk.play(OPEN, SELL)
    once = await desk.play(PAY)
    assert await desk.play(PAY, PAY) == f"{once} {once}"
    assert desk.do(0x4C, "T")[0] == "1,0001,+000000216,+000000216"


async def test_same_seq_repeats_even_for_another_command(desk: Desk) -> None:
    first = await desk.play("01 24 20 4A 05 30 30 39 33 03")
    assert await desk.play("01 24 20 71 05 30 30 3B 3A 03") == first


async def test_bad_checksum_is_answered_by_nak_and_executes_nothing(desk: Desk) -> None:
    assert await desk.play(OPEN.replace("3F 3D 03", "3F 3E 03")) == "15"
    assert desk.do(0x4A)[1] == set()


async def test_frame_cut_short_by_its_repeat_gets_one_answer(desk: Desk) -> None:
    whole = "01 24 20 4A 05 30 30 39 33 03"
    assert (await desk.play("01 24 20 4A", whole)).startswith("01 31 20 4A")
    assert (await desk.play("01 01", "01 24 21 71 05 30 30 3B 3B 03")).startswith("01 32 21 71")


async def test_seq_is_forgotten_when_switched_off(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    await desk.play(OPEN)
    desk.switch_off()
    assert "82" in await Desk(state=tmp_path / "fm").play(OPEN)  # 1.1: a receipt is open, the command was executed


async def test_slow_command_sends_syn_until_its_reply() -> None:
    assert (await Desk(speed="real").play(OPEN)).startswith("16 16 01 34 22 30")


# ---------------------------------------------------------------------------------------------------- layouts: sale


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ("Bread\tB1.20", 120),
        ("Bread\tБ1.20", 120),
        ("Bread\nsliced\tB1.20*2", 240),
        ("Cheese\tB12.99*0.345#kg", 448),
        ("Bread\tB1.20*2,-10.00", 216),
        ("Bread\tB1.20*2,10", 264),
        ("Bread\tB1.20*2;-0.05", 235),
        ("Bread\tB1.20*2;+0.05", 245),
        ("Half\tB0.01*0.5", 1),
        ("Bread\t3\t1.20*3", 360),
        ("Free\tA0.00", 0),
    ],
)
def test_line_is_counted(desk: Desk, line: str, amount: int) -> None:
    desk.do(0x30, "1,0000,1")
    assert desk.do(0x31, line) == ("", {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x4C)[0] == f"1,0001,{amount:+010d}"


@pytest.mark.parametrize(
    "line",
    ["", "Bread", "Bread\t", "Bread\tB", "Bread\tX1.20", "Bread\tB1.205", "Bread\tB1.20*0",
     "Bread\tB1.20*-1", "a\tb\tc", "Bread\tB1.20*2;-0.05,-1", "Bread\tB1.2.0"],
)  # fmt: skip
def test_line_with_a_wrong_layout_is_a_syntax_error_and_changes_nothing(desk: Desk, line: str) -> None:
    desk.do(0x30, "1,0000,1")
    assert desk.do(0x31, line) == ("", SYNTAX | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x4C)[0] == "1,0000,+000000000"


def test_negative_price_voids_an_earlier_line(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20*3")
    desk.do(0x31, "Bread\tB-1.20*2")
    assert desk.do(0x4C)[0] == "1,0002,+000000120"


@pytest.mark.parametrize("line", ["Bread\tB-1.20*4", "Bread\tA-1.20", "Bread\tB1.00;-1.01"])
def test_sums_never_become_negative(desk: Desk, line: str) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20*3")
    assert desk.do(0x31, line) == ("", NOT_ALLOWED | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x4C)[0] == "1,0001,+000000360"


def test_amount_overflow_comes_with_not_allowed(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    refused = desk.do(0x31, "Gold\tB9999999.99*999")
    assert refused == ("", NOT_ALLOWED | {StatusFlag.AMOUNT_OVERFLOW, StatusFlag.FISCAL_OPEN})


def test_the_513th_line_is_refused(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    for _ in range(512):
        assert desk.do(0x31, "Tea\tB0.01") == ("", {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x31, "Tea\tB0.01") == ("", NOT_ALLOWED | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x35, "\t") == ("D0", {StatusFlag.FISCAL_OPEN})


def test_texts_are_cut_to_the_models_limit(tmp_path: Path) -> None:
    desk = Desk(dialect="C", state=tmp_path / "fm")
    desk.do(0x30, "1,1,1")
    desk.do(0x31, "A" * 23 + "\n" + "B" * 23 + "\tB1.00")
    desk.do(0x35, "\t")
    desk.do(0x38)
    assert records(tmp_path / "fm")[1]["lines"][0]["text"] == "A" * 22 + "\n" + "B" * 22


def test_register_without_decimals_takes_whole_units() -> None:
    desk = Desk(currency_decimals="0")
    desk.do(0x30, "1,0000,1")
    assert desk.do(0x31, "Bread\tB450*1.5") == ("", {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x31, "Bread\tB450.50") == ("", SYNTAX | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x35, "\tP1000")[0] == "R325"


# ------------------------------------------------------------------------------------------------ opening, operators


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        ("P", "1,0000,1"),
        ("P", "1,0000,12,I"),
        ("P", "1,0000,1,DT000600-OP01-0001000"),
        ("P", "1,0000,1,I,DT000600-OP01-0001000"),
        ("C", "1,1,DT000600-OP01-0001000,1"),
        ("C", "1,1,,1"),
        ("C", "1,1,1"),
    ],
)
def test_receipt_opens(dialect: str, data: str) -> None:
    assert Desk(dialect=dialect).do(0x30, data) == ("0001,0001", {StatusFlag.FISCAL_OPEN})


@pytest.mark.parametrize("data", ["", "1", "1,0000", "x,0000,1", "1,0000,till", "1,0000,1,2", "1,0000,1,DT-1"])
def test_opening_with_a_wrong_layout_is_a_syntax_error(desk: Desk, data: str) -> None:
    assert desk.do(0x30, data) == ("", SYNTAX)


def test_three_wrong_passwords_lock_until_switched_off(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    for _ in range(3):
        assert desk.do(0x30, "1,1234,1") == ("", NOT_ALLOWED)
    assert desk.do(0x20)[0] == "48,-100114,21-11-26 16:00:00,wrong password"
    assert desk.do(0x30, "1,0000,1") == ("", NOT_ALLOWED)
    assert desk.do(0x20)[0].endswith("operator locked, switch off and on")
    desk.switch_off()
    assert Desk(state=tmp_path / "fm").do(0x30, "1,0000,1") == ("0001,0001", {StatusFlag.FISCAL_OPEN})


def test_right_password_resets_the_count(desk: Desk) -> None:
    for data in ("1,1,1", "1,1,1", "1,0000,1"):
        desk.do(0x30, data)
    desk.do(0x3C)
    desk.do(0x30, "1,1,1")
    assert desk.do(0x30, "1,0000,1")[1] == {StatusFlag.FISCAL_OPEN}


@pytest.mark.parametrize("operator", ["0", "31"])
def test_unknown_operator_is_refused(desk: Desk, operator: str) -> None:
    assert desk.do(0x30, f"{operator},0000,1") == ("", NOT_ALLOWED)


# ------------------------------------------------------------------------------------------- subtotals and payments


def test_subtotal_tells_the_sums_by_tax_group(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Book\tA3.00")
    desk.do(0x31, "Bread\tB1.20*2")
    assert desk.do(0x33, "00")[0] == "540,300,240,0,0,0,0,0,0"


def test_subtotal_discount_is_spread_over_the_groups_to_the_cent(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    for line in ("a\tA1.00", "b\tB1.00", "c\tC1.00"):
        desk.do(0x31, line)
    assert desk.do(0x33, "10;-1.00")[0] == "200,66,67,67,0,0,0,0,0"


def test_subtotal_takes_percent(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "a\tA9.99")
    assert desk.do(0x33, "10,-10.00")[0] == "899,899,0,0,0,0,0,0,0"


@pytest.mark.parametrize("data", ["", "1", "10;", "10;-5.001", "20"])
def test_subtotal_with_a_wrong_layout_is_a_syntax_error(desk: Desk, data: str) -> None:
    desk.sale("a\tA9.99")
    desk.do(0x30, "1,0000,1")
    assert desk.do(0x33, data) == ("", SYNTAX | {StatusFlag.FISCAL_OPEN})


def test_mixed_payment_ends_with_the_change(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB10.00")
    assert desk.do(0x35, "\tD4.00")[0] == "D600"
    assert desk.do(0x35, "cash\tP5.00")[0] == "D100"
    assert desk.do(0x35, "\tP2.00")[0] == "R100"
    assert desk.do(0x38) == ("0001,0001", set())
    assert desk.do(0x6E)[0] == "600,0,400,0,0,0,0,0,0000,0001"


def test_letter_alone_pays_the_rest(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB10.00")
    assert desk.do(0x35, "\tD")[0] == "D0"
    assert desk.do(0x6E)[0].startswith("0,0,0,0")
    desk.do(0x38)
    assert desk.do(0x6E)[0].startswith("0,0,1000,0")


@pytest.mark.parametrize("data", ["\tP-1.00", "\tP0.00"])
def test_negative_or_empty_payment_is_answered_e_and_changes_nothing(desk: Desk, data: str) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB10.00")
    assert desk.do(0x35, data)[0] == "E0"
    assert desk.do(0x3C)[1] == set()


@pytest.mark.parametrize(("dialect", "password", "letter"), [("P", "0000", "Z"), ("C", "1", "m")])
def test_unknown_payment_letter_is_a_syntax_error(dialect: str, password: str, letter: str) -> None:
    desk = Desk(dialect=dialect)
    desk.do(0x30, f"1,{password},1")
    desk.do(0x31, "Bread\tB10.00")
    assert desk.do(0x35, f"\t{letter}1.00") == ("", SYNTAX | {StatusFlag.FISCAL_OPEN})


@pytest.mark.parametrize(
    ("command", "data"),
    [(0x31, "Bread\tB1.00"), (0x34, "Bread\tB1.00"), (0x33, "00"), (0x3C, ""), (0x38, ""), (0x30, "1,0000,1")],
)
def test_after_the_first_payment_only_payments_go_on(desk: Desk, command: int, data: str) -> None:
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB10.00")
    desk.do(0x35, "\tP1.00")
    assert desk.do(command, data) == ("", NOT_ALLOWED | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x35, "\tP9.00")[0] == "D0"
    assert desk.do(0x35, "\tP1.00") == ("", NOT_ALLOWED | {StatusFlag.FISCAL_OPEN})
    assert desk.do(0x38)[1] == set()


@pytest.mark.parametrize(
    "command", [0x27, 0x2A, 0x31, 0x33, 0x34, 0x35, 0x36, 0x38, 0x39, 0x3C, 0x6D], ids=lambda code: f"{code:02X}h"
)
def test_command_that_needs_an_open_receipt_is_refused_without(desk: Desk, command: int) -> None:
    valid = {0x31: "a\tA1.00", 0x34: "a\tA1.00", 0x33: "00", 0x35: "\t"}
    assert desk.do(command, valid.get(command, "")) == ("", NOT_ALLOWED)


@pytest.mark.parametrize(
    ("command", "data"),
    [(0x26, ""), (0x2E, "1,0000,1,R1"), (0x30, "1,0000,1"), (0x3D, "21-11-26 16:00"), (0x45, ""), (0x45, "2"),
     (0x46, "5.00"), (0x6D, "1"), (0x2A, "text"), (0x27, "")],
)  # fmt: skip
def test_command_that_needs_an_idle_register_is_refused_in_a_receipt(desk: Desk, command: int, data: str) -> None:
    desk.sale("a\tA1.00")
    desk.do(0x30, "1,0000,1")
    assert desk.do(command, data) == ("", NOT_ALLOWED | {StatusFlag.FISCAL_OPEN})


# --------------------------------------------------------------------------------------------- storno and cancelling


@pytest.mark.parametrize(
    ("dialect", "data", "reason", "at"),
    [
        ("P", "1,0000,1,R1", "return", None),
        ("P", "1,0000,1,E1", "error", None),
        ("P", "1,0000,1,T1,,211126155900,02000600", "tax", "2026-11-21T15:59:00"),
        ("P", "1,0000,1,DT000600-OP01-0000002,R1,DT000600-OP01-0000001,211126155900,02000600#broken", "return",
         "2026-11-21T15:59:00"),
        ("P", "1,0000,1,77,R1", "return", None),
        ("C", "1,1,,1,1,1,211126155900,02000600", "return", "2026-11-21T15:59:00"),
        ("C", "1,1,DT000600-OP01-0000002,1,0,1,211126155900,02000600", "error", "2026-11-21T15:59:00"),
    ],
)  # fmt: skip
def test_storno_names_its_original(tmp_path: Path, dialect: str, data: str, reason: str, at: str | None) -> None:
    desk = Desk(dialect=dialect, state=tmp_path / "fm")
    opened = desk.do(0x2E, data)
    assert opened == ("0001,0001", {StatusFlag.FISCAL_OPEN, StatusFlag.STORNO_OPEN})
    desk.do(0x31, "Bread\tB1.20")
    assert desk.do(0x35, "\t")[0] == "D0"
    desk.do(0x38)
    record = records(tmp_path / "fm")[1]
    assert (record["kind"], record["total_minor"]) == ("return", 120)
    assert (record["original"]["document_no"], record["original"]["reason"]) == ("1", reason)
    assert record["original"]["at"] == at


@pytest.mark.parametrize(
    ("dialect", "data"),
    [("P", "1,0000,1"), ("P", "1,0000,1,Q1"), ("P", "1,0000,1,R1,,991399000000,02000600"), ("P", "1,0000,1,R1,x"),
     ("C", "1,1,,1,3,1,211126155900,02000600"), ("C", "1,1,1,R1")],
)  # fmt: skip
def test_storno_with_a_wrong_layout_is_a_syntax_error(dialect: str, data: str) -> None:
    assert Desk(dialect=dialect).do(0x2E, data) == ("", SYNTAX)


def test_cancelled_document_takes_a_number_and_no_turnover(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.sale("Tea\tB1.00")
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    assert desk.do(0x3C) == ("", set())
    assert [desk.do(0x71)[0], desk.do(0x4C, "T")[0]] == ["0000002", "0,0000,+000000000,+000000000"]
    assert desk.do(0x74)[0] == "02000600*0000001*2026-11-21*16:00:00*1.00"
    cancelled = records(tmp_path / "fm")[2]
    assert (cancelled["kind"], cancelled["total_minor"], len(cancelled["lines"])) == ("cancelled", 120, 1)
    assert desk.do(0x45)[0] == "0001,100,0,100,0,0,0,0,0,0"


def test_cancelled_document_can_be_told_to_leave_no_trace(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm", cancelled_numbers="off")
    desk.do(0x30, "1,0000,1")
    desk.do(0x3C)
    assert desk.do(0x71)[0] == "0000000"
    assert len(records(tmp_path / "fm")) == 1


# -------------------------------------------------------------------------------------------------- reports and cash


def test_z_report_closes_the_day_net_of_returns(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.sale("Book\tA3.00", "Bread\tB1.20*2", pay="\tP10.00")
    desk.do(0x2E, "1,0000,1,R1")
    desk.do(0x31, "Bread\tB1.20")
    desk.do(0x35, "\t")
    desk.do(0x38)
    assert desk.do(0x45, "2")[0] == "0001,420,300,120,0,0,0,0,0,0"
    assert desk.do(0x45)[0] == "0001,420,300,120,0,0,0,0,0,0"
    assert desk.do(0x45, "0N")[0] == "0002,420,0,0,0,0,0,0,0,0"
    z = records(tmp_path / "fm")[4]
    assert (z["kind"], z["document"], z["closure"], z["total_minor"]) == ("z", 4, 1, 420)
    nothing = dict.fromkeys("CDEFGH", 0)
    assert z["sales"] == {"count": 1, "total_minor": 540, "by_tax": {"A": 300, "B": 240, **nothing}}
    assert z["returns"] == {"count": 1, "total_minor": 120, "by_tax": {"A": 0, "B": 120, **nothing}}
    assert (z["payments_by_letter"], z["cash_in_drawer_minor"]) == ({"P": 420}, 420)
    assert desk.do(0x40)[0] == "P,0002,0,0,0,0,0,0,0,0,211126"
    assert desk.do(0x44)[0] == "1823,1825"


def test_last_memory_record_tells_turnover_or_the_tax_in_it(desk: Desk) -> None:
    assert desk.do(0x40)[0] == "F"
    desk.sale("Book\tA3.00", "Bread\tB1.20*2", "Water\tD1.09")
    desk.do(0x45)
    assert desk.do(0x40, "*0")[0] == "P,0001,300,240,0,109,0,0,0,0,211126"
    assert desk.do(0x40, "1")[0] == "P,0001,0,40,0,9,0,0,0,0,211126"


def test_cash_goes_in_and_out_and_never_below_zero(desk: Desk) -> None:
    assert desk.do(0x46, "50.00")[0] == "P,5000,5000,0"
    assert desk.do(0x46, "-20.00")[0] == "P,3000,5000,2000"
    assert desk.do(0x46, "-30.01")[0] == "F,3000,5000,2000"
    desk.sale("Bread\tB1.20", pay="\tP2.00")
    assert [desk.do(0x46)[0], desk.do(0x46, "0")[0]] == ["P,3120,5000,2000"] * 2
    assert desk.do(0x71)[0] == "0000003"


def test_cash_goes_into_a_drawer_that_owes(desk: Desk) -> None:
    desk.do(0x2E, "1,0000,1,R1")
    desk.do(0x31, "Bread\tB5.00")
    desk.do(0x35, "\t")
    desk.do(0x38)
    assert desk.do(0x46, "2.00")[0] == "P,-300,200,0"
    assert desk.do(0x46, "-0.01")[0] == "F,-300,200,0"


def test_duplicate_is_printed_once_per_receipt(desk: Desk) -> None:
    desk.sale("Bread\tB1.20")
    assert desk.do(0x6D, "1") == ("", set())
    assert desk.do(0x6D, "1") == ("", NOT_ALLOWED)
    desk.sale("Bread\tB1.20")
    assert desk.do(0x6D, "1") == ("", set())
    assert desk.do(0x71)[0] == "0000004"


def test_nonfiscal_receipt_has_its_own_bit_and_no_turnover(desk: Desk) -> None:
    assert desk.do(0x26) == ("0001", {StatusFlag.NON_FISCAL_OPEN})
    assert desk.do(0x2A, "hello") == ("", {StatusFlag.NON_FISCAL_OPEN})
    assert desk.do(0x31, "a\tA1.00") == ("", NOT_ALLOWED | {StatusFlag.NON_FISCAL_OPEN})
    assert desk.do(0x27) == ("0001", set())


# ----------------------------------------------------------------------------------------------------- questions


def test_questions_are_answered(desk: Desk) -> None:
    desk.sale("Bread\tB1.20")
    assert {command: desk.do(command, data)[0] for command, data in [
        (0x5A, "1"), (0x63, ""), (0x67, ""), (0x71, ""), (0x74, ""), (0x6A, "50"), (0x2C, "3"), (0x2D, ""),
        (0x4C, "T"), (0x20, ""),
    ]} == {
        0x5A: "FP-800,263453 08NOV18 1312,B9C2,00,DT000600,02000600",
        0x63: "000000000,TAX NO.",
        0x67: "0,0,0,0,0,0,0,0,0,0,0",
        0x71: "0000001",
        0x74: "02000600*0000001*2026-11-21*16:00:00*1.20",
        0x6A: "",
        0x2C: "",
        0x2D: "",
        0x4C: "0,0001,+000000120,+000000120",
        0x20: "0,0,21-11-26 16:00:00,",
    }  # fmt: skip
    assert desk.device.execute(0x4A, b"X").data == bytes.fromhex("80 80 80 80 86 9A")


def test_open_receipt_is_told_by_67h(desk: Desk) -> None:
    desk.do(0x30, "1,0000,1,I")
    desk.do(0x31, "Bread\tB1.20")
    assert desk.do(0x67)[0] == "1,0,120,0,0,0,0,0,0,1,0"


def test_journal_is_read_line_by_line(desk: Desk) -> None:
    desk.sale("Bread\tB1.20")
    desk.do(0x46, "1.00")
    lines = [desk.do(0x77, "R,#F,1")[0]]
    while lines[-1] != "F":
        lines.append(desk.do(0x77, "N")[0])
    assert lines[3:6] == [f"P,OPERATOR 1{'TILL 1':>32}", "P,Bread", f"P,  1.000 x 1.20{'1.20 B':>28}"]
    assert [desk.do(0x77, "R,#F,2")[0], desk.do(0x77, "R,2")[0][:2], desk.do(0x77, "R,3")[0]] == ["F", "P,", "F"]


def test_unknown_command_is_invalid_and_empty(desk: Desk) -> None:
    assert desk.do(0x82) == ("", {StatusFlag.INVALID_COMMAND, StatusFlag.GENERAL_ERROR})


def test_older_firmware_does_not_know_the_qr_command() -> None:
    assert StatusFlag.INVALID_COMMAND in Desk(qr="off").do(0x74)[1]


def test_clock_is_set_but_never_before_the_last_document(desk: Desk) -> None:
    assert desk.do(0x3D, "22-11-26 09:30") == ("", set())
    assert desk.do(0x3E)[0] == "22-11-26 09:30:00"
    desk.sale("Bread\tB1.20")
    assert desk.do(0x3D, "22-11-26 09:29:59") == ("", NOT_ALLOWED)
    assert desk.do(0x3D, "22/11/26") == ("", SYNTAX)
    assert desk.do(0x3E)[0] == "22-11-26 09:30:00"
