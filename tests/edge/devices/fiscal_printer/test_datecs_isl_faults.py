"""Everything that can go wrong between driver and register: what the driver says, and what stands on paper."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from edge.devices.fiscal_printer.contract import OpenDocument, RegisterCondition
from edge.devices.fiscal_printer.datecs_isl import DatecsIsl, Timing
from edge.transports import from_address
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TradepostError, TransientError
from tests.edge.devices.fiscal_printer.conftest import MakeRegister
from tests.edge.devices.fiscal_printer.register_process import CARD, CASH, RegisterProcess, line, sale

pytestmark = pytest.mark.faults

THREE = sale(line("a", 100), line("b", 200), line("c", 300), paid=((CARD, 400), (CASH, 500)))
BRIEF = Timing(read_timeout_s=0.12, sends=3)
"""For registers that never answer."""
DIALECTS = pytest.mark.parametrize("dialect", ["P", "X"])
ALL_DIALECTS = pytest.mark.parametrize("dialect", ["P", "C", "X"])


async def connected(register: RegisterProcess) -> DatecsIsl:
    driver = register.driver()
    await driver.connect()
    return driver


def kinds(register: RegisterProcess) -> list[str]:
    return [record["kind"] for record in register.memory()]


# ------------------------------------------------------------------------------------------------ lasting conditions

C = RegisterCondition
LASTING = [
    ("P", "paper-out", C.PAPER_OUT, NeedsPerson, "FIS-201", "2.0"),
    ("C", "paper-out", C.PAPER_OUT, NeedsPerson, "FIS-201", "2.0"),
    ("X", "paper-out", C.PAPER_OUT, NeedsPerson, "FIS-201", "2.0"),
    ("P", "cover-open", C.COVER_OPEN, NeedsPerson, "FIS-202", "0.6"),
    ("X", "cover-open", C.COVER_OPEN, NeedsPerson, "FIS-202", "0.6"),
    ("P", "print-mechanism", C.PRINT_MECHANISM, NeedsPerson, "FIS-203", "0.4"),
    ("X", "print-mechanism", C.PRINT_MECHANISM, NeedsPerson, "FIS-203", "0.4"),
    ("P", "clock-not-set", C.CLOCK_NOT_SET, NeedsPerson, "FIS-205", "0.2"),
    ("X", "clock-not-set", C.CLOCK_NOT_SET, NeedsPerson, "FIS-205", "0.2"),
    ("P", "ram-lost", C.RAM_RESET, NeedsPerson, "FIS-206", "1.2"),
    ("P", "journal-full", C.JOURNAL_FULL, NeedsPerson, "FIS-207", "2.2"),
    ("X", "journal-full", C.JOURNAL_FULL, NeedsPerson, "FIS-207", "2.2"),
    ("P", "clock-battery-low", C.CLOCK_BATTERY, NeedsPerson, "FIS-211", "1.3"),
    ("P", "fm-full", C.FISCAL_MEMORY_FULL, PermanentError, "FIS-420", "4.4"),
    ("X", "fm-full", C.FISCAL_MEMORY_FULL, PermanentError, "FIS-420", "4.4"),
    ("P", "fm-write-error", C.FISCAL_MEMORY_FAILED, PermanentError, "FIS-421", "4.0"),
    ("P", "fm-read-only", C.FISCAL_MEMORY_FAILED, PermanentError, "FIS-422", "5.0"),
]


@pytest.mark.parametrize(("dialect", "fault", "condition", "error", "code", "bit"), LASTING)
async def test_standing_obstacle_is_named_before_anything_is_printed(
    make_register: MakeRegister,
    dialect: str,
    fault: str,
    condition: RegisterCondition,
    error: type[TradepostError],
    code: str,
    bit: str,
) -> None:
    lasts = fault in ("ram-lost", "clock-not-set")
    register = make_register(dialect, fault, own=lasts)
    driver = await connected(register)
    assert condition in await driver.conditions()
    with pytest.raises(error) as caught:
        await driver.print_receipt(THREE)
    assert (caught.value.code, caught.value.maker_code) == (code, bit)
    assert register.memory() == []
    assert (await driver.position()).open_document is None
    await driver.disconnect()


@pytest.mark.parametrize(
    ("dialect", "fault", "condition"),
    [
        ("P", "paper-near-end", C.PAPER_NEAR_END),
        ("P", "overheated", C.OVERHEATED),
        ("P", "tax-terminal", C.TAX_TERMINAL),
        ("P", "fm-near-full", C.FISCAL_MEMORY_NEAR_FULL),
        ("P", "journal-near-full", C.JOURNAL_NEAR_FULL),
        ("X", "paper-near-end", C.PAPER_NEAR_END),
        ("X", "fm-near-full", C.FISCAL_MEMORY_NEAR_FULL),
    ],
)
async def test_warning_is_told_and_hinders_nothing(
    make_register: MakeRegister, dialect: str, fault: str, condition: RegisterCondition
) -> None:
    register = make_register(dialect, fault)
    driver = await connected(register)
    assert await driver.conditions() == {condition}
    await driver.print_receipt(THREE)
    assert kinds(register) == ["sale"]
    await driver.disconnect()


async def test_lost_ram_is_got_over_by_closing_the_day(make_register: MakeRegister) -> None:
    register = make_register("P", "ram-lost", own=True)
    driver = await connected(register)
    assert (await driver.z_report()).closure_no == 1
    await driver.print_receipt(THREE)
    assert kinds(register) == ["z", "sale"]
    await driver.disconnect()


@DIALECTS
@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda driver: driver.x_report(), "FIS-201"),
        (lambda driver: driver.z_report(), "FIS-201"),
        (lambda driver: driver.cash_movement(100), "FIS-201"),
        (lambda driver: driver.print_duplicate(), "FIS-201"),
    ],
    ids=["x", "z", "cash", "duplicate"],
)
async def test_nothing_is_printed_without_paper(
    make_register: MakeRegister, dialect: str, act: Callable[[DatecsIsl], Awaitable[object]], code: str
) -> None:
    register = make_register(dialect)
    driver = await connected(register)
    await driver.print_receipt(THREE)
    register.control("paper-out")
    with pytest.raises(NeedsPerson) as caught:
        await act(driver)
    assert caught.value.code == code
    assert kinds(register) == ["sale"]
    await driver.disconnect()


# ----------------------------------------------------------------------------------------------- in mid receipt


@ALL_DIALECTS
async def test_paper_that_ends_in_mid_receipt_leaves_it_open_until_there_is_paper(
    make_register: MakeRegister, dialect: str
) -> None:
    register = make_register(dialect, "paper-out-mid-receipt")
    driver = await connected(register)
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(THREE)
    assert (caught.value.code, caught.value.parameters) == ("FIS-502", {"cause": "FIS-201"})
    assert (await driver.position()).open_document == OpenDocument(items=2, amount_minor=300, paid_minor=0)
    with pytest.raises(NeedsPerson) as still_out:
        await driver.cancel_open()
    assert still_out.value.code == "FIS-201"
    register.control()
    await driver.cancel_open()
    await driver.print_receipt(THREE)
    assert kinds(register) == ["cancelled", "sale"]
    await driver.disconnect()


@DIALECTS
async def test_cover_opened_in_mid_receipt_is_told_as_the_cause(make_register: MakeRegister, dialect: str) -> None:
    register = make_register(dialect)
    driver = await connected(register)
    await register.leave_open(driver)
    register.control("cover-open")
    with pytest.raises(NeedsPerson) as caught:
        await driver.finish_open(sale(line("Tea", 100)))
    assert caught.value.code == "FIS-202"
    register.control()
    await driver.finish_open(sale(line("Tea", 100)))
    assert kinds(register) == ["sale"]
    await driver.disconnect()


@DIALECTS
@pytest.mark.parametrize(("at", "paid_minor"), [("35", 0), ("38", 900)])
async def test_paper_that_ends_at_the_payment_or_the_close_is_settled_by_finishing(
    make_register: MakeRegister, dialect: str, at: str, paid_minor: int
) -> None:
    register = make_register(dialect, "paper-out-mid-receipt", fault_at=f"{at}:1")
    driver = await connected(register)
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(THREE)
    assert caught.value.parameters == {"cause": "FIS-201"}
    held = (await driver.position()).open_document
    assert held == OpenDocument(items=3, amount_minor=600, paid_minor=paid_minor)
    register.control()
    await driver.finish_open(THREE)
    assert kinds(register) == ["sale"]
    await driver.disconnect()


@DIALECTS
async def test_register_that_counts_otherwise_is_found_out_before_the_payment(
    make_register: MakeRegister, dialect: str
) -> None:
    """A register configured for another number of decimals takes 1.00 for 100 whole units or refuses it."""
    register = make_register(dialect, currency_decimals="0")
    driver = await connected(register)
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(THREE)
    assert caught.value.code == "FIS-401"
    assert kinds(register) == ["cancelled"]
    await driver.disconnect()


# ------------------------------------------------------------------------------------------------------ the wire

HARMLESS = [
    ("drop-reply", {}),
    ("drop-reply", {"drop_reply_every": "3"}),
    ("garble-reply", {}),
    ("drop-first-frame", {"own": True}),
    ("nak-storm", {"fault_at": "30:2,31:2,35:1,38:2,71:1"}),
    ("syn-storm", {"fault_at": "38:1"}),
    ("slow", {"slow_ms": "40"}),
]


@DIALECTS
@pytest.mark.parametrize(("fault", "options"), HARMLESS, ids=lambda value: str(value))
async def test_trouble_that_repeating_cures_prints_exactly_once(
    make_register: MakeRegister, dialect: str, fault: str, options: dict[str, str]
) -> None:
    register = make_register(dialect, fault, **options)
    driver = register.driver(timing=Timing(read_timeout_s=0.05, sends=30))
    await driver.connect()
    reference = await driver.print_receipt(THREE)
    assert kinds(register) == ["sale"]
    (record,) = register.memory()
    assert (record["document"], record["total_minor"], len(record["lines"])) == (reference.document_no, 600, 3)
    assert [payment["amount_minor"] for payment in record["payments"]] == [400, 500]
    await driver.disconnect()


@pytest.mark.parametrize(
    ("fault", "code"), [("silent", "FIS-301"), ("nak-storm", "FIS-301"), ("wrong-baud", "FIS-302")]
)
@DIALECTS
async def test_register_that_cannot_be_talked_to_is_not_reached(
    make_register: MakeRegister, dialect: str, fault: str, code: str
) -> None:
    register = make_register(dialect, fault)
    driver = register.driver(timing=BRIEF)
    with pytest.raises(TransientError) as caught:
        await driver.connect()
    assert (caught.value.code, caught.value.parameters["address"]) == (code, register.address)
    await driver.disconnect()


@DIALECTS
async def test_register_that_falls_silent_before_the_receipt_has_printed_nothing(
    make_register: MakeRegister, dialect: str
) -> None:
    register = make_register(dialect)
    driver = register.driver(timing=BRIEF)
    await driver.connect()
    register.control("silent")
    with pytest.raises(TransientError) as caught:
        await driver.print_receipt(THREE)
    assert caught.value.code == "FIS-301"
    register.control()
    await driver.print_receipt(THREE)
    assert kinds(register) == ["sale"]
    await driver.disconnect()


LOST = [
    *(("P", command) for command in ["30", "36", "31", "4C", "35", "38", "71", "74"]),
    *(("X", command) for command in ["30", "36", "31", "4C", "35", "38", "7B"]),
]


@pytest.mark.parametrize(("dialect", "command"), LOST)
async def test_answer_lost_for_good_is_an_unknown_outcome_that_position_settles(
    make_register: MakeRegister, dialect: str, command: str
) -> None:
    register = make_register(dialect)
    driver = register.driver(timing=BRIEF)
    await driver.connect()
    receipt = sale(line("a", 100), line("b", 200), comments=("Sale 1",))
    before = await driver.position()
    register.control("lost-answer", fault_at=f"{command}:1")
    try:
        await driver.print_receipt(receipt)
    except OutcomeUnknown as error:
        outcome = (error.code, error.parameters)
    except TransientError as error:
        outcome = (error.code, {})
    expected = ("FIS-301", {}) if command == "4C" else ("FIS-502", {"cause": "FIS-301"})
    assert outcome == expected
    await driver.connect()
    await settle(driver, before.last_document_no, receipt)
    assert [kind for kind in kinds(register) if kind == "sale"] == ["sale"]
    await driver.disconnect()


@pytest.mark.parametrize("dialect", ["P", "X"])
@pytest.mark.parametrize(
    ("act", "command"),
    [
        (lambda driver: driver.z_report(), "45"),
        (lambda driver: driver.x_report(), "45"),
        (lambda driver: driver.cash_movement(100), "46"),
        (lambda driver: driver.print_duplicate(), "6D"),
        (lambda driver: driver.open_drawer(), "6A"),
    ],
    ids=["z", "x", "cash", "duplicate", "drawer"],
)
async def test_lost_answer_to_whatever_prints_or_moves_money_is_an_unknown_outcome(
    make_register: MakeRegister, dialect: str, act: Callable[[DatecsIsl], Awaitable[object]], command: str
) -> None:
    register = make_register(dialect, "lost-answer", fault_at=f"{command}:1")
    driver = register.driver(timing=BRIEF)
    await driver.connect()
    await driver.print_receipt(sale())
    with pytest.raises(OutcomeUnknown) as caught:
        await act(driver)
    assert (caught.value.code, caught.value.parameters) == ("FIS-502", {"cause": "FIS-301"})
    await driver.disconnect()


@DIALECTS
async def test_command_refused_by_nak_alone_has_not_happened(make_register: MakeRegister, dialect: str) -> None:
    register = make_register(dialect, "nak-storm", fault_at="46")
    driver = await connected(register)
    with pytest.raises(TransientError) as caught:
        await driver.cash_movement(100)
    assert caught.value.code == "FIS-301"
    assert register.memory() == []
    await driver.disconnect()


@DIALECTS
async def test_lost_answer_to_a_z_report_is_settled_by_the_closure_number(
    make_register: MakeRegister, dialect: str
) -> None:
    register = make_register(dialect, "lost-answer", fault_at="45:1")
    driver = register.driver(timing=BRIEF)
    await driver.connect()
    before = await driver.last_closure_no()
    with pytest.raises(OutcomeUnknown):
        await driver.z_report()
    assert await driver.last_closure_no() == before + 1
    await driver.disconnect()


async def test_older_firmware_without_the_qr_command_still_tells_number_and_total(
    make_register: MakeRegister,
) -> None:
    register = make_register("P", qr="off")
    driver = await connected(register)
    reference = await driver.print_receipt(THREE)
    position = await driver.position()
    assert (position.last_document_no, position.last_total_minor) == (reference.document_no, 600)
    assert reference.printed_at is not None
    await driver.disconnect()


# --------------------------------------------------------------------------------- power cuts, and what settles them


async def settle(driver: DatecsIsl, last_no: int, receipt: object) -> int:
    """What the fiscal engine does after a doubt (protocol note, section 8): finish, cancel, adopt or print again."""
    position = await driver.position()
    held = position.open_document
    if held is not None and held.paid_minor:
        return (await driver.finish_open(receipt)).document_no
    if held is not None:
        await driver.cancel_open()
    elif position.last_document_no > last_no and position.last_total_minor == receipt.total_minor:
        return position.last_document_no
    return (await driver.print_receipt(receipt)).document_no


@ALL_DIALECTS
@pytest.mark.parametrize(
    ("fault", "open_after"),
    [("die-mid-receipt", True), ("die-before-close", True), ("die-after-close", False)],
)
async def test_register_that_loses_power_leaves_what_position_can_settle(
    make_register: MakeRegister, dialect: str, fault: str, open_after: bool
) -> None:
    fault_at = {"die-mid-receipt": "31:1"}.get(fault, "38:1")
    register = make_register(dialect, fault, own=True, fault_at=fault_at)
    driver = await connected(register)
    before = (await driver.position()).last_document_no
    with pytest.raises(OutcomeUnknown) as caught:
        await driver.print_receipt(THREE)
    assert caught.value.parameters == {"cause": "FIS-301"}
    await driver.disconnect()
    register.wait()
    driver = await connected(register.start())
    assert ((await driver.position()).open_document is not None) == open_after
    number = await settle(driver, before, THREE)
    sales = [record for record in register.memory() if record["kind"] == "sale"]
    assert [(record["document"], record["total_minor"]) for record in sales] == [(number, 600)]
    await driver.disconnect()


class CutWire:
    """The real transport, with a power cut at the register just before or after one of the writes."""

    def __init__(self, register: RegisterProcess, *, after: bool) -> None:
        self._transport = from_address(register.address)
        self._register = register
        self._after = after
        self.writes_left = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)

    async def write(self, data: bytes) -> None:
        self.writes_left -= 1
        if self.writes_left == 0 and not self._after:
            self._register.kill()
        await self._transport.write(data)
        if self.writes_left == 0 and self._after:
            await self._transport.read(1)  # the register has executed and begins to answer
            self._register.kill()


@pytest.mark.parametrize("dialect", ["P", "X"])
@pytest.mark.parametrize("after", [False, True], ids=["before each command", "after each command"])
async def test_power_cut_at_any_command_prints_each_receipt_exactly_once(
    make_register: MakeRegister, dialect: str, after: bool
) -> None:
    """A receipt is 9 to 11 commands; the last round of 12 is not cut."""
    register = make_register(dialect, own=True)
    printed: list[int] = []
    wire = CutWire(register, after=after)
    for cut_at in range(1, 13):
        receipt = sale(line("a", 100 + cut_at), line("b", 200), comments=("Sale",), paid=((CARD, 50), (CASH, 900)))
        wire = CutWire(register, after=after)
        driver = register.driver(transport=wire)
        await driver.connect()
        before = (await driver.position()).last_document_no
        wire.writes_left = cut_at
        try:
            printed.append((await driver.print_receipt(receipt)).document_no)
        except (OutcomeUnknown, TransientError):
            await driver.disconnect()
            driver = await connected(register.start())
            printed.append(await settle(driver, before, receipt))
        await driver.disconnect()
    assert wire.writes_left > 0
    sales = [record for record in register.memory() if record["kind"] == "sale"]
    assert [record["document"] for record in sales] == printed
    assert [record["lines"][0]["price_minor"] for record in sales] == [100 + cut_at for cut_at in range(1, 13)]
