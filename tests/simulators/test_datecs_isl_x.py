"""The long-frame register as any X host meets it: bytes of the protocol note, layouts, states, sums, numbers.

`|` stands for TAB. Faults and memory are shared with the short-frame register and tested there.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from edge.protocols.datecs_isl import StatusFlag
from simulators._register.refusals import Refusal
from tests.simulators.register_desk import NOT_ALLOWED, SYNTAX, Desk

OPEN = {StatusFlag.FISCAL_OPEN}
MEMORY_FULL = {StatusFlag.MEMORY_FULL, StatusFlag.MEMORY_NEAR_FULL, StatusFlag.MEMORY_ERROR}
SELL = "Bread|2|1.20|2.000|2|10.00|0|"


class LongDesk(Desk):
    """A register of the X family; fields are written and read with `|` for TAB."""

    def __init__(self, *faults: str, **options: Any) -> None:
        super().__init__(*faults, dialect="X", **options)

    def do(self, command: int, data: str = "") -> tuple[str, set[StatusFlag]]:
        reply, flags = super().do(command, data.replace("|", "\t"))
        return reply.replace("\t", "|"), flags

    def refusal(self, command: int, data: str = "") -> Refusal:
        """Why a command was refused; it must be an error code and nothing else."""
        reply, flags = self.do(command, data)
        assert StatusFlag.GENERAL_ERROR in flags
        return next(refusal for refusal in Refusal if reply == f"{refusal.code}|")

    def sale(self, *lines: str, pay: str = "|||") -> None:
        self.do(0x30, "1|0000|1||")
        for line in lines:
            assert self.do(0x31, line)[1] == OPEN
        self.do(0x35, pay)
        self.do(0x38)


@pytest.fixture
def desk() -> LongDesk:
    return LongDesk()


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()[1:]]


async def test_clock_answers_with_the_notes_bytes(desk: LongDesk) -> None:
    assert await desk.play("01 30 30 32 3A 20 30 30 33 3E 05 30 31 3C 32 03") == (
        "01 30 30 34 37 20 30 30 33 3E 30 09 32 31 2D 31 31 2D 32 36 20 31 36 3A 30 30 3A 30 30 09 04"
        " 80 80 80 80 86 9A 80 80 05 30 39 36 39 03"
    )


async def test_the_notes_sale_is_counted(desk: LongDesk) -> None:
    desk.do(0x30, "1|0000|1||")
    await desk.play(
        "01 30 30 34 37 21 30 30 33 31 42 72 65 61 64 09 32 09 31 2E 32 30 09 32 2E 30 30 30 09 32 09"
        " 31 30 2E 30 30 09 30 09 05 30 37 30 36 03"
    )
    assert desk.do(0x4C)[0] == "0|1|1|1|2.16|0.00|"


async def test_seq_runs_to_ff(desk: LongDesk) -> None:
    reply = await desk.play("01 30 30 32 3A FF 30 30 33 3E 05 30 32 3A 31 03")
    assert reply.startswith("01 30 30 34 37 FF 30 30 33 3E 30 09")


# ---------------------------------------------------------------------------------------------------------- receipts


@pytest.mark.parametrize("data", ["1|0000|1||", "1|0000|1|I|", "1|0000|DT000700-OP01-0000001|1||", "1|0000|1"])
def test_receipt_opens_with_its_slip_number(desk: LongDesk, data: str) -> None:
    assert desk.do(0x30, data) == ("0|1|", OPEN)


@pytest.mark.parametrize("data", ["", "1|0000||", "x|0000|1||", "1|0000|UNP|1||", "1|0000|1|||||"])
def test_opening_with_a_wrong_layout_is_a_syntax_error(desk: LongDesk, data: str) -> None:
    assert desk.do(0x30, data) == ("-100101|", SYNTAX)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        (SELL, "2.16"),
        ("Bread|2|1.20||||0|", "1.20"),
        ("Bread|2|1.20|2|1|10|0|", "2.64"),
        ("Bread|2|1.20|2|3|0.05|0|", "2.45"),
        ("Bread|2|1.20|2|4|0.05|0|", "2.35"),
        ("Cheese|2|12.99|0.345|0||0|kg|", "4.48"),
        ("Free|1|0.00|1.000|0|0.00|0|", "0.00"),
    ],
)
def test_line_is_counted(desk: LongDesk, line: str, amount: str) -> None:
    desk.do(0x30, "1|0000|1||")
    assert desk.do(0x31, line) == ("0|1|", OPEN)
    assert desk.do(0x4C)[0] == f"0|1|1|1|{amount}|0.00|"


@pytest.mark.parametrize(
    "line",
    ["", "Bread|", "Bread|9|1.20|", "Bread|2|1.205|", "Bread|2|1,20|", "Bread|2|1.20|0|", "Bread|2|1.20|-1|",
     "Bread|2|1.20|1|5|1|0|", "Bread|2|1.20|1|2||0|", "a|2|1.20|1|0||0|u|x|"],
)  # fmt: skip
def test_line_with_a_wrong_layout_is_a_syntax_error_and_changes_nothing(desk: LongDesk, line: str) -> None:
    desk.do(0x30, "1|0000|1||")
    assert desk.do(0x31, line) == ("-100101|", SYNTAX | OPEN)
    assert desk.do(0x4C)[0] == "0|1|1|0|0.00|0.00|"


def test_negative_price_voids_an_earlier_line(desk: LongDesk) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, "Bread|2|1.20|3|0||0|")
    desk.do(0x31, "Bread|2|-1.20|2|0||0|")
    assert desk.do(0x4C)[0] == "0|1|1|2|1.20|0.00|"
    assert desk.refusal(0x31, "Bread|2|-1.20|2|0||0|") is Refusal.NEGATIVE_SUM


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("0|0|0||", "0|1|5.40|3.00|2.40|0.00|0.00|0.00|0.00|0.00|0.00|"),
        ("1|0|4|1.00|", "0|1|4.40|2.44|1.96|0.00|0.00|0.00|0.00|0.00|0.00|"),
        ("1|0|2|10|", "0|1|4.86|2.70|2.16|0.00|0.00|0.00|0.00|0.00|0.00|"),
    ],
)
def test_subtotal_tells_the_sums_after_its_discount(desk: LongDesk, data: str, answer: str) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, "Book|1|3.00|1|0||0|")
    desk.do(0x31, "Bread|2|1.20|2|0||0|")
    assert desk.do(0x33, data) == (answer, OPEN)


def test_mixed_payment_ends_with_the_change(desk: LongDesk) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, "Coat|1|10.00|1|0||0|")
    assert desk.do(0x35, "1|4.00||")[0] == "0|D|6.00|"
    assert desk.refusal(0x31, SELL) is Refusal.PAYMENT_BEGUN
    assert desk.refusal(0x3C) is Refusal.PAYMENT_BEGUN
    assert desk.refusal(0x38) is Refusal.NOT_PAID
    assert desk.do(0x35, "0|7.50||")[0] == "0|R|1.50|"
    assert desk.do(0x38) == ("0|1|", set())


@pytest.mark.parametrize("data", ["|||", "0|||", "", "3|||"])
def test_payment_without_amount_pays_all(desk: LongDesk, data: str) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, "Coat|1|10.00|1|0||0|")
    assert desk.do(0x35, data)[0] == "0|D|0.00|"


@pytest.mark.parametrize("data", ["9|1.00||", "x|1.00||", "0|one||", "6|1.00||"])
def test_payment_with_a_wrong_layout_is_a_syntax_error(desk: LongDesk, data: str) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, "Coat|1|10.00|1|0||0|")
    assert desk.refusal(0x35, data) is Refusal.SYNTAX


@pytest.mark.parametrize(("storno", "reason", "is_open"), [("0", "error", 2), ("1", "return", 3), ("2", "tax", 4)])
def test_storno_names_its_original_and_reason(tmp_path: Path, storno: str, reason: str, is_open: int) -> None:
    desk = LongDesk(state=tmp_path / "fm")
    data = f"1|0000|1|{storno}|7|21-11-26 15:59:00 DST|02000700|0||broken||"
    assert desk.do(0x2B, data) == ("0|1|", OPEN)
    assert desk.do(0x4C)[0] == f"0|{is_open}|1|0|0.00|0.00|"
    assert desk.do(0x67)[0] == "0|0.00|0.00|0.00|0.00|0.00|0.00|0.00|0.00|0|0|1|"
    desk.do(0x31, SELL)
    desk.do(0x35, "|||")
    desk.do(0x38)
    (record,) = records(tmp_path / "fm")
    assert (record["kind"], record["original"]) == (
        "return",
        {
            "document_no": "7",
            "at": "2026-11-21T15:59:00",
            "fiscal_memory_no": "02000700",
            "reason": reason,
            "unp": None,
            "text": "broken",
        },
    )


@pytest.mark.parametrize(
    "data", ["1|0000|1|3|7||", "1|0000|1|1|x||", "1|0000|1|1|7|yesterday|", "1|0000|1|1|7|||||||UNP|"]
)
def test_storno_with_a_wrong_layout_is_a_syntax_error(desk: LongDesk, data: str) -> None:
    assert desk.refusal(0x2B, data) is Refusal.SYNTAX


def test_nonfiscal_receipt(desk: LongDesk) -> None:
    assert desk.do(0x26) == ("0|1|", {StatusFlag.NON_FISCAL_OPEN})
    assert desk.do(0x2A, "hello|0|0|0|0|0|")[0] == "0|"
    assert desk.refusal(0x30, "1|0000|1||") is Refusal.DOCUMENT_OPEN
    assert desk.do(0x27) == ("0|1|", set())
    assert desk.refusal(0x2A, "hello|") is Refusal.NO_DOCUMENT


@pytest.mark.parametrize(
    ("command", "data"),
    [(0x27, ""), (0x31, SELL), (0x33, "0|0|0||"), (0x35, "|||"), (0x36, "x|"), (0x38, ""), (0x3C, "")],
)
def test_command_that_needs_an_open_receipt_is_refused_without(desk: LongDesk, command: int, data: str) -> None:
    assert desk.do(command, data) == ("-100117|", NOT_ALLOWED)


@pytest.mark.parametrize("password", ["0000", "1"])
def test_either_published_password_opens(desk: LongDesk, password: str) -> None:
    assert desk.do(0x30, f"1|{password}|1||") == ("0|1|", OPEN)


def test_password_of_an_option_is_the_only_one() -> None:
    desk = LongDesk(password="4711")
    assert desk.refusal(0x30, "1|0000|1||") is Refusal.WRONG_PASSWORD
    assert desk.do(0x30, "1|4711|1||") == ("0|1|", OPEN)


def test_wrong_password_three_times_locks(desk: LongDesk) -> None:
    refusals = [desk.refusal(0x30, "1|2|1||") for _ in range(4)]
    assert refusals == [Refusal.WRONG_PASSWORD] * 3 + [Refusal.OPERATOR_LOCKED]
    assert desk.do(0x64, "-100114|")[0] == "0|-100114|wrong password|"


def test_cancelled_document_takes_a_number(desk: LongDesk) -> None:
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, SELL)
    assert desk.do(0x3C) == ("0|", set())
    assert desk.do(0x4C)[0] == "0|0|1|0|0.00|0.00|"
    assert desk.do(0x7D, "0|1|8|")[0] == "0|1|21-11-26 16:00:00|8|1|"


# -------------------------------------------------------------------------------------------------- reports and cash


def test_reports_tell_sales_and_returns_apart(desk: LongDesk) -> None:
    desk.sale("Book|1|3.00|1|0||0|", "Bread|2|1.20|2|0||0|")
    desk.do(0x2B, "1|0000|1|1|1||||||")
    desk.do(0x31, "Bread|2|1.20|1|0||0|")
    desk.do(0x35, "|||")
    desk.do(0x38)
    none = "0.00|"
    sums = f"3.00|2.40|{none * 6}0.00|1.20|{none * 6}"
    assert desk.do(0x45, "X|")[0] == f"0|1|{sums}"
    assert desk.do(0x45, "Z|")[0] == f"0|1|{sums}"
    assert desk.do(0x45, "Z|")[0] == f"0|2|{none * 16}"
    assert desk.refusal(0x45, "Q|") is Refusal.SYNTAX
    assert desk.do(0x7B, "3|")[0] == "0|0|21-11-2026 16:00:00|2|21-11-2026|"


def test_cash_goes_in_and_out_and_never_below_zero(desk: LongDesk) -> None:
    assert desk.do(0x46, "0|50.00|")[0] == "0|50.00|50.00|0.00|"
    assert desk.do(0x46, "1|20.00|")[0] == "0|30.00|50.00|20.00|"
    assert desk.refusal(0x46, "1|30.01|") is Refusal.NO_CASH
    assert desk.refusal(0x46, "1|-1.00|") is Refusal.SYNTAX
    assert desk.do(0x46, "0|0|")[0] == "0|30.00|50.00|20.00|"


def test_duplicate_is_printed_once(desk: LongDesk) -> None:
    desk.sale(SELL)
    assert desk.do(0x6D) == ("0|", set())
    assert desk.refusal(0x6D) is Refusal.NO_DUPLICATE


# --------------------------------------------------------------------------------------------------------- questions


def test_questions_are_answered(desk: LongDesk) -> None:
    desk.sale(SELL)
    asked = {0x5A: "1|", 0x63: "", 0x6A: "50|", 0x2C: "3|", 0x2E: "", 0x4C: "", 0x3E: ""}
    assert {command: desk.do(command, data)[0] for command, data in asked.items()} == {
        0x5A: "0|FP-700X|1.00BG|30Jan19|1112|B9C2|00000000|DT000700|02000700|",
        0x63: "0|000000000|",
        0x6A: "0|",
        0x2C: "0|",
        0x2E: "0|",
        0x4C: "0|0|1|1|2.16|2.16|",
        0x3E: "0|21-11-26 16:00:00|",
    }
    assert [desk.do(0x7B, f"{kind}|")[0] for kind in (1, 2, 3)] == [
        "0|DT000700|02000700|",
        "0|7.40|mains|",
        "0|1|21-11-2026 16:00:00|0||",
    ]
    assert desk.device.execute(0x4A, b"").data == b"0\t" + bytes.fromhex("80 80 80 80 86 9A 80 80") + b"\t"


def test_clock_is_set(desk: LongDesk) -> None:
    assert desk.do(0x3D, "22-11-26 09:30:00 DST|") == ("0|", set())
    assert desk.do(0x3E)[0] == "0|22-11-26 09:30:00|"
    assert desk.refusal(0x3D, "tomorrow|") is Refusal.SYNTAX


def test_documents_are_found_by_type_and_time(desk: LongDesk) -> None:
    desk.do(0x46, "0|5.00|")
    desk.sale(SELL)
    desk.sale(SELL)
    desk.do(0x45, "X|")
    day = "21-11-26 00:00:00|21-11-26 23:59:59"
    found = {kind: desk.do(0x7C, f"{day}|{kind}|")[0] for kind in (0, 1, 5, 9, 10)}
    assert found == {
        kind: f"0|{day}|{first}|{last}|"
        for kind, first, last in [(0, 1, 4), (1, 2, 3), (5, 1, 1), (9, 4, 4), (10, 2, 3)]
    }
    assert desk.refusal(0x7C, f"{day}|2|") is Refusal.NO_SUCH_DOCUMENT


def test_journal_is_read_as_text_base64_and_csv(desk: LongDesk) -> None:
    desk.sale("Хляб|2|1.20|2|0||0|")
    assert desk.do(0x7D, "0|1|1|")[0] == "0|1|21-11-26 16:00:00|1|1|"
    first, second = desk.do(0x7D, "1|")[0], desk.do(0x7D, "2|")[0]
    assert first == f"0|{'FP-700X'.center(42).rstrip()}|"
    assert base64.b64decode(second.split("|")[1]).decode("cp1251").strip() == "FISCAL RECEIPT"
    assert desk.do(0x7D, "9|1|9|")[0] == "0|"
    assert desk.do(0x7D, "8|")[0] == "0|DT000700;1;1;;Хляб;1.20;2.000;2.40;2.40|"
    assert desk.refusal(0x7D, "8|") is Refusal.NO_SUCH_DOCUMENT
    assert desk.do(0x7D, "3|")[0] == "0|"
    assert [desk.refusal(0x7D, f"0|1|{kind}|") for kind in (2, 6, 8)] == [Refusal.NO_SUCH_DOCUMENT] * 3


def test_unknown_command_and_unknown_error_code_are_refused(desk: LongDesk) -> None:
    assert desk.do(0x37, "13|1|") == ("-100102|", {StatusFlag.INVALID_COMMAND, StatusFlag.GENERAL_ERROR})
    assert desk.refusal(0x64, "-1|") is Refusal.SYNTAX


@pytest.mark.parametrize(
    ("code", "text"),
    [("-100114", "wrong password"), ("-111509", "pinpad timeout"), ("-111546", "pinpad communication error")],
)
def test_error_code_has_its_text(desk: LongDesk, code: str, text: str) -> None:
    assert desk.do(0x64, f"{code}|") == (f"0|{code}|{text}|", set())


@pytest.mark.parametrize(
    ("fault", "refusal", "flags"),
    [
        ("paper-out", Refusal.PAPER_OUT, {StatusFlag.PAPER_OUT, StatusFlag.GENERAL_ERROR}),
        ("cover-open", Refusal.COVER_OPEN, {StatusFlag.COVER_OPEN} | NOT_ALLOWED),
        ("fm-full", Refusal.MEMORY_FULL, MEMORY_FULL),
        ("clock-not-set", Refusal.CLOCK_NOT_SET, {StatusFlag.CLOCK_NOT_SET} | NOT_ALLOWED),
    ],
)  # fmt: skip
def test_obstacle_refuses_with_code_and_bit(fault: str, refusal: Refusal, flags: set[StatusFlag]) -> None:
    assert LongDesk(fault).do(0x30, "1|0000|1||") == (f"{refusal.code}|", flags)


def test_family_without_the_bit_goes_on_with_a_low_battery() -> None:
    assert LongDesk("clock-battery-low").do(0x30, "1|0000|1||") == ("0|1|", OPEN)


def test_family_without_the_bit_goes_on_after_its_ram_was_lost(tmp_path: Path) -> None:
    desk = LongDesk(state=tmp_path / "fm")
    desk.do(0x30, "1|0000|1||")
    desk.switch_off()
    assert LongDesk("ram-lost", state=tmp_path / "fm").do(0x30, "1|0000|1||") == ("0|1|", OPEN)


def test_restart_resumes_the_open_receipt(tmp_path: Path) -> None:
    desk = LongDesk(state=tmp_path / "fm")
    desk.sale(SELL)
    desk.do(0x30, "1|0000|1||")
    desk.do(0x31, SELL)
    desk.do(0x35, "1|1.00||")
    desk.switch_off()
    assert LongDesk(state=tmp_path / "fm").do(0x4C) == ("0|1|2|1|2.16|1.00|", OPEN)
