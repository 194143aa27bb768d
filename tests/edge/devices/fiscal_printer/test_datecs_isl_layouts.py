"""What the driver sends, field by field, and what it makes of answers no simulator gives. `|` stands for TAB."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from edge.devices.fiscal_printer.contract import (
    DocumentPosition,
    FiscalReceipt,
    OriginalReceipt,
    PaymentForm,
    RegisterCondition,
)
from edge.devices.fiscal_printer.datecs_isl import DatecsIsl, Timing, datecs_isl
from edge.devices.fiscal_printer.profiles import load_profile
from edge.protocols.datecs_isl import (
    HEALTHY,
    LONG,
    SHORT,
    Connection,
    Dialect,
    Reply,
    Request,
    StatusFlag,
    encode_status,
)
from shared.errors import OutcomeUnknown, PermanentError, TransientError
from tests.edge.devices.fiscal_printer.register_process import CARD, CASH, line, returned, sale

TIMING = Timing(read_timeout_s=0.02, sends=2)
NOT_ALLOWED, FISCAL_OPEN = StatusFlag.NOT_ALLOWED, StatusFlag.FISCAL_OPEN

Answer = str | tuple[str, set[StatusFlag]]

SHORT_ANSWERS: dict[int, Answer] = {
    0x20: "0,0,21-11-26 16:00:00,",
    0x3E: "21-11-26 16:00:00",
    0x4A: "......",
    0x5A: "FP-800,1.00BG 23NOV18 1000,FFFF,00,DT000600,02000600",
    0x30: "0001,0001",
    0x2E: "0001,0001",
    0x4C: "1,0002,+000000456,+000000000",
    0x35: "D0",
    0x38: "0001,0001",
    0x71: "0000012",
    0x74: "02000600*0000012*2026-11-21*16:00:00*4.56",
}
LONG_ANSWERS: dict[int, Answer] = {
    0x4A: "0|........|",
    0x5A: "0|FP-700X|1.00BG|30Jan19|1112|FFFF|0000|DT000700|02000700|",
    0x30: "0|12|",
    0x2B: "0|12|",
    0x31: "0|12|",
    0x36: "0|",
    0x3C: "0|",
    0x4C: "0|1|12|2|4.56|0.00|",
    0x35: "0|D|0.00|",
    0x38: "0|12|",
    0x7B: "0|1|21-11-2026 16:00:00|3|20-11-2026|",
    0x64: "0|-100|some reason|",
}


class TalkingWire:
    """A register that gives the answers it is told to give, whatever it is asked."""

    address = "talking"

    def __init__(self, profile: str, **answers: Answer | list[Answer]) -> None:
        self._dialect = Dialect(load_profile(profile).dialect)
        self._format = LONG if self._dialect is Dialect.DATECS_X else SHORT
        known = LONG_ANSWERS if self._dialect is Dialect.DATECS_X else SHORT_ANSWERS
        self._answers: dict[int, Answer | list[Answer]] = {**known}
        self._answers.update({int(name.removeprefix("x"), 16): answer for name, answer in answers.items()})
        self._pending = b""
        self.standing = HEALTHY
        self.sent: list[str] = []

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def discard_input(self) -> None: ...

    async def read(self, limit: int = 4096) -> bytes:
        data, self._pending = self._pending, b""
        return data

    async def write(self, data: bytes) -> None:
        connection = Connection(self._format)
        connection.feed(data)
        request = connection.next_event()
        assert isinstance(request, Request)
        self.sent.append(f"{request.command:02X} {request.data.decode('cp1251')}".replace("\t", "|").strip())
        answer = self._answers.get(request.command, "")
        if isinstance(answer, list):
            answer = answer.pop(0)
        text, flags = answer if isinstance(answer, tuple) else (answer, set())
        status = encode_status(self.standing | flags, self._dialect)
        reply = Reply(request.seq, request.command, text.replace("|", "\t").encode("cp1251"), status, self._format)
        self._pending += connection.send(reply)


async def connected(profile: str, **answers: Answer | list[Answer]) -> tuple[DatecsIsl, TalkingWire]:
    wire = TalkingWire(profile, **answers)
    driver = datecs_isl(wire, load_profile(profile), timing=TIMING)
    await driver.connect()
    wire.sent.clear()
    return driver, wire


P, C, X = "datecs/fp-800", "datecs/dp-25", "datecs/fp-700x"
SALE = sale(
    line("Хляб", 120, 2000, discount_minor=24, tax_code="B", unit="бр"),
    line("Tea", 240),
    paid=((PaymentForm.VOUCHER, 456),),
    comments=("Sale 1-2-3",),
    till_no=4,
)
RETURN = returned(
    OriginalReceipt("11", datetime(2026, 11, 21, 15, 59, 58), "02000600"),  # noqa: DTZ001 - the register's time
    *SALE.lines,
    paid=((CARD, 456),),
)


@pytest.mark.parametrize(
    ("profile", "receipt", "sent"),
    [
        (P, SALE, ["30 1,0000,4", "36 Sale 1-2-3", "31 Хляб|Б1.20*2.000#бр;-0.24", "31 Tea|А2.40", "4C T",
                   "35 |m4.56"]),
        (P, RETURN, ["2E 1,0000,1,R11,,211126155958,02000600", "31 Хляб|Б1.20*2.000#бр;-0.24", "31 Tea|А2.40", "4C T",
                     "35 |D4.56"]),
        (C, SALE, ["30 1,1,4", "36 Sale 1-2-3", "31 Хляб|Б1.20*2.000#бр;-0.24", "31 Tea|А2.40", "4C T", "35 |I4.56"]),
        (C, RETURN, ["2E 1,1,,1,1,11,211126155958,02000600", "31 Хляб|Б1.20*2.000#бр;-0.24", "31 Tea|А2.40", "4C T",
                     "35 |C4.56"]),
        (X, SALE, ["30 1|0000|4||", "36 Sale 1-2-3||||||", "31 Хляб|2|1.20|2.000|4|0.24|0|бр|",
                   "31 Tea|1|2.40|1.000|0|0.00|0|", "4C", "35 4|4.56||"]),
        (X, RETURN, ["2B 1|0000|1|1|11|21-11-26 15:59:58|02000600|||||", "31 Хляб|2|1.20|2.000|4|0.24|0|бр|",
                     "31 Tea|1|2.40|1.000|0|0.00|0|", "4C", "35 1|4.56||"]),
    ],
)  # fmt: skip
async def test_receipt_is_these_commands(profile: str, receipt: FiscalReceipt, sent: list[str]) -> None:
    driver, wire = await connected(profile)
    reference = await driver.print_receipt(receipt)
    numbers = ["38", "7B 3|"] if profile == X else ["38", "71", "74"]
    assert wire.sent == ["4A", *sent, *numbers]
    assert (reference.document_no, reference.total_minor) == (12, 456)
    assert reference.printed_at == datetime(2026, 11, 21, 16, 0, 0)  # noqa: DTZ001 - the register's time


def _act(name: str, *arguments: object) -> Callable[[DatecsIsl], object]:
    return lambda driver: getattr(driver, name)(*arguments)


@pytest.mark.parametrize(
    ("profile", "act", "answers", "sent"),
    [
        (P, _act("x_report"), {"x45": "0003,100,1,2,3,4,5,6,7,8"}, ["45 2"]),
        (P, _act("z_report"), {"x45": "0003,100,1,2,3,4,5,6,7,8"}, ["45 0"]),
        (P, _act("cash_movement", 500), {"x46": "P,500,500,0"}, ["46 5.00"]),
        (P, _act("cash_movement", -500), {"x46": "P,500,500,0"}, ["46 -5.00"]),
        (P, _act("cash_movement", 0), {"x46": "P,500,500,0"}, ["46 0"]),
        (P, _act("last_closure_no"), {"x40": "P,0003,0,0,0,0,0,0,0,0,211126"}, ["40 0"]),
        (P, _act("print_duplicate"), {}, ["6D 1"]),
        (P, _act("open_drawer"), {}, ["6A"]),
        (X, _act("x_report"), {"x45": "0|3|" + "1.00|" * 16}, ["45 X|"]),
        (X, _act("z_report"), {"x45": "0|3|" + "1.00|" * 16}, ["45 Z|"]),
        (X, _act("cash_movement", 500), {"x46": "0|5.00|5.00|0.00|"}, ["46 0|5.00|"]),
        (X, _act("cash_movement", -500), {"x46": "0|5.00|5.00|0.00|"}, ["46 1|5.00|"]),
        (X, _act("cash_movement", 0), {"x46": "0|5.00|5.00|0.00|"}, ["46 0|0.00|"]),
        (X, _act("last_closure_no"), {}, ["7B 3|"]),
        (X, _act("print_duplicate"), {"x6D": "0|"}, ["6D"]),
        (X, _act("open_drawer"), {"x6A": "0|"}, ["6A 50|"]),
    ],
)
async def test_act_is_one_command(
    profile: str, act: Callable[[DatecsIsl], object], answers: dict[str, Answer], sent: list[str]
) -> None:
    driver, wire = await connected(profile, **answers)
    await act(driver)  # type: ignore[misc]
    assert wire.sent == sent


# ------------------------------------------------------------------------------------------- answers of other models


@pytest.mark.parametrize("amount", ["+000000456", "4.56", "456", "-4.56", "+4.5600"])
async def test_amounts_are_read_with_and_without_a_point(amount: str) -> None:
    driver, _ = await connected(P, x4C=f"0,0002,{amount},{amount}", x74=("", {NOT_ALLOWED}))
    assert await driver.position() == DocumentPosition("DT000600", 12, 456, None)


@pytest.mark.parametrize(
    ("qr", "clock", "printed_at"),
    [
        ("02000600*0000012*21-11-2026*16:00:00*4.56", "?", datetime(2026, 11, 21, 16, 0, 0)),  # noqa: DTZ001
        ("02000600*0000011*2026-11-21*15:00:00*4.56", "21.11.26 16:00:00", datetime(2026, 11, 21, 16, 0, 0)),  # noqa: DTZ001
        ("", "21-11-26 16:00:00 DST", datetime(2026, 11, 21, 16, 0, 0)),  # noqa: DTZ001
        ("02000600*0000012*soon*4.56", "noon", None),
    ],
)
async def test_time_of_printing_is_read_in_any_known_layout(qr: str, clock: str, printed_at: datetime | None) -> None:
    driver, _ = await connected(P, x74=qr, x3E=clock)
    assert (await driver.print_receipt(SALE)).printed_at == printed_at


@pytest.mark.parametrize(
    ("profile", "answers", "ask"),
    [
        (P, {"x71": "twelve"}, _act("position")),
        (P, {"x4C": "1"}, _act("position")),
        (P, {"x4C": "0,1,1x,0"}, _act("position")),
        (P, {"x40": "P"}, _act("last_closure_no")),
        (P, {"x46": "P"}, _act("cash_movement", 0)),
        (X, {"x4C": "0|"}, _act("position")),
        (X, {"x7B": "0|1|never|many|"}, _act("last_closure_no")),
        (X, {"x46": "0|"}, _act("cash_movement", 0)),
    ],
)
async def test_answer_to_a_question_that_is_not_the_manuals_is_refused(
    profile: str, answers: dict[str, Answer], ask: Callable[[DatecsIsl], object]
) -> None:
    driver, _ = await connected(profile, **answers)
    with pytest.raises(PermanentError) as caught:
        await ask(driver)  # type: ignore[misc]
    assert caught.value.code == "FIS-406"


async def test_firmware_that_does_not_tell_what_is_paid_prints_all_the_same() -> None:
    driver, wire = await connected(P, x4C="1,0002,+000000456")
    reference = await driver.print_receipt(SALE)
    assert (reference.document_no, reference.total_minor) == (12, 456)
    assert "38" in wire.sent


@pytest.mark.parametrize(("profile", "identity"), [(P, "FP-800"), (P, ""), (X, "0|FP-700X|1.00BG|")])
async def test_device_that_does_not_say_who_it_is_is_refused(profile: str, identity: str) -> None:
    with pytest.raises(PermanentError) as caught:
        await connected(profile, x5A=identity)
    assert caught.value.code == "FIS-406"


@pytest.mark.parametrize(
    ("profile", "answers", "act"),
    [
        (P, {"x45": "what"}, _act("z_report")),
        (P, {"x46": "P,much"}, _act("cash_movement", 100)),
        (P, {"x35": "?"}, _act("print_receipt", SALE)),
        (P, {"x71": "twelve"}, _act("print_receipt", SALE)),
        (X, {"x45": "0|3|1.00|"}, _act("z_report")),
        (X, {"x46": "0|"}, _act("cash_movement", 100)),
        (X, {"x35": "0|Q|1.00|"}, _act("print_receipt", SALE)),
        (X, {"x38": "0|"}, _act("print_receipt", SALE)),
    ],
)
async def test_answer_to_an_act_that_is_not_the_manuals_is_an_unknown_outcome(
    profile: str, answers: dict[str, Answer], act: Callable[[DatecsIsl], object]
) -> None:
    driver, _ = await connected(profile, **answers)
    with pytest.raises(OutcomeUnknown) as caught:
        await act(driver)  # type: ignore[misc]
    assert caught.value.parameters == {"cause": "FIS-406"}


@pytest.mark.parametrize(
    ("profile", "held"),
    [(P, "1,0002,+000000457,0"), (P, "1,0003,+000000456,0"), (P, "0,0002,+000000456,0"), (X, "0|1|12|2|4.57|0.00|")],
)
async def test_register_that_holds_another_sum_is_told_to_cancel(profile: str, held: str) -> None:
    driver, wire = await connected(profile, x4C=held)
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(SALE)
    assert caught.value.code == "FIS-410"
    assert wire.sent[-1] == "3C"


@pytest.mark.parametrize(("profile", "answer"), [(P, "D1"), (P, "R1"), (X, "0|D|0.01|"), (X, "0|R|0.01|")])
async def test_payment_that_the_register_counts_otherwise_is_an_unknown_outcome(profile: str, answer: str) -> None:
    driver, wire = await connected(profile, x35=answer)
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(SALE)
    assert caught.value.parameters == {"cause": "FIS-410"}
    assert wire.sent[-1].startswith("35")


@pytest.mark.parametrize("answer", ["F", "E0", "I5"])
async def test_first_payment_not_taken_cancels_the_receipt(answer: str) -> None:
    driver, wire = await connected(P, x35=answer)
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(SALE)
    assert (caught.value.code, caught.value.maker_code) == ("FIS-405", answer)
    assert wire.sent[-1] == "3C"


async def test_second_payment_not_taken_cannot_be_undone() -> None:
    driver, wire = await connected(P, x35=["D56", "F"])
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(sale(*SALE.lines, paid=((CARD, 400), (CASH, 56))))
    assert caught.value.parameters == {"cause": "FIS-405"}
    assert wire.sent[-1] == "35 |P0.56"


async def test_register_switched_off_and_on_while_it_opened_is_cleaned_up() -> None:
    """Its opening stood in RAM when our repeat of the command arrived."""
    driver, wire = await connected(P, x30=("", {NOT_ALLOWED, FISCAL_OPEN}))
    with pytest.raises(TransientError) as caught:
        await driver.print_receipt(SALE)
    assert caught.value.code == "FIS-301"
    assert wire.sent[-1] == "3C"


async def test_refusal_that_cannot_be_cancelled_is_an_unknown_outcome() -> None:
    driver, _ = await connected(P, x31=("", {StatusFlag.SYNTAX_ERROR}), x3C=("", {NOT_ALLOWED}))
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(SALE)
    assert caught.value.parameters == {"cause": "FIS-401"}


@pytest.mark.parametrize(
    ("profile", "answers", "code", "words"),
    [
        (P, {"x31": ("", {StatusFlag.SYNTAX_ERROR})}, "FIS-401", "0.0"),
        (P, {"x31": ("", {StatusFlag.INVALID_COMMAND})}, "FIS-402", "0.1"),
        (P, {"x31": ("", {NOT_ALLOWED})}, "FIS-403", "1.1"),
        (P, {"x31": ("", {NOT_ALLOWED, StatusFlag.AMOUNT_OVERFLOW})}, "FIS-404", "1.0"),
        (P, {"x31": ("", {NOT_ALLOWED}), "x20": "49,-7,21-11-26 16:00:00,too late, sorry"}, "FIS-403",
         "-7 too late, sorry"),
        (X, {"x31": "-100|"}, "FIS-405", "-100 some reason"),
        (X, {"x31": ("-100|", {NOT_ALLOWED}), "x64": "-1|"}, "FIS-403", "-100"),
    ],
)  # fmt: skip
async def test_refused_line_cancels_the_receipt_and_keeps_the_makers_words(
    profile: str, answers: dict[str, Answer], code: str, words: str
) -> None:
    driver, wire = await connected(profile, **answers)
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(SALE)
    assert (caught.value.code, caught.value.maker_code, caught.value.parameters) == (code, words, {"command": "31"})
    assert wire.sent[-1] == "3C"


@pytest.mark.parametrize(("flag", "code"), [(StatusFlag.OVERHEATED, "FIS-303"), (StatusFlag.TAX_TERMINAL, "FIS-209")])
async def test_warning_explains_a_refusal(flag: StatusFlag, code: str) -> None:
    driver, _ = await connected(P, x45=("", {NOT_ALLOWED, flag}))
    with pytest.raises(Exception, match=code):
        await driver.z_report()


async def test_register_that_is_not_fiscalised_prints_no_receipt() -> None:
    driver, wire = await connected(P)
    wire.standing = frozenset()
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(SALE)
    assert caught.value.code == "FIS-424"
    assert await driver.conditions() == {RegisterCondition.NOT_FISCALISED}
    assert wire.sent == ["4A", "4A"]


async def test_journal_that_is_not_known_leaves_the_last_amount() -> None:
    driver, _ = await connected(X, x4C="0|0|12|2|4.56|4.56|", x7D=("-1|", {StatusFlag.INVALID_COMMAND}))
    assert await driver.position() == DocumentPosition("DT000700", 12, 456, None)
