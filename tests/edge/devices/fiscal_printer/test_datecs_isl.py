"""The driver on a healthy register, every dialect, over a real wire: what it prints is what fiscal memory holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from edge.devices.fiscal_printer.contract import (
    DocumentPosition,
    FiscalPrinter,
    FiscalReceipt,
    OpenDocument,
    OriginalReceipt,
    PaymentForm,
)
from edge.devices.fiscal_printer.datecs_isl import DatecsIsl
from edge.devices.fiscal_printer.profiles import OperatorLogin
from shared.errors import NeedsPerson, PermanentError, TransientError
from tests.edge.devices.fiscal_printer.register_process import (
    CARD,
    CASH,
    RegisterProcess,
    line,
    returned,
    sale,
)

IDENTITIES = {
    "datecs/fp-800": ("FP-800", "263453 08NOV18 1312", "DT000600", "02000600"),
    "datecs/dp-25": ("DP-25", "264205 12FEB19 1100", "DT000600", "02000600"),
    "datecs/fp-700x": ("FP-700X", "1.00BG 30Jan19 1112", "DT000700", "02000700"),
}
CARD_MODES = {"datecs/fp-800": "D", "datecs/dp-25": "C", "datecs/fp-700x": "1"}
CASH_MODES = {"datecs/fp-800": "P", "datecs/dp-25": "P", "datecs/fp-700x": "0"}


def original_of(record: dict[str, object]) -> OriginalReceipt:
    return OriginalReceipt(str(record["document"]), datetime.fromisoformat(str(record["at"])), "02000600")


def test_driver_is_a_fiscal_printer(driver: DatecsIsl) -> None:
    printer: FiscalPrinter = driver
    assert printer.limits.lines_per_receipt == 512


async def test_connect_learns_who_answers(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    identity = await driver.connect()
    found = (identity.model, identity.firmware, identity.serial, identity.fiscal_memory_no)
    assert (identity.maker, found) == ("Datecs", IDENTITIES[shared_register.kind.profile])


async def test_healthy_register_has_no_conditions(driver: DatecsIsl) -> None:
    assert await driver.conditions() == frozenset()


async def test_sale_is_in_fiscal_memory_under_the_number_returned(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    before = await driver.position()
    receipt = sale(
        line("Bread", 120, 2000, discount_minor=24, tax_code="B", unit="pc"),
        line("Cheese", 1299, 345, tax_code="B", unit="kg"),
        comments=("Sale 1-2-3", "part 1 of 1"),
        till_no=7,
    )
    reference = await driver.print_receipt(receipt)
    record = shared_register.memory()[-1]
    assert reference.document_no == record["document"] == before.last_document_no + 1
    assert reference.total_minor == record["total_minor"] == 216 + 448
    assert reference.printed_at == datetime.fromisoformat(record["at"])
    identity = IDENTITIES[shared_register.kind.profile]
    assert (reference.register_serial, reference.fiscal_memory_no) == identity[2:]
    assert (record["kind"], record["till"], record["comments"]) == ("sale", "7", list(receipt.comments))
    assert [list(one.values()) for one in record["lines"]] == [
        ["Bread", 120, 2000, 24, 216, "B", "pc"],
        ["Cheese", 1299, 345, 0, 448, "B", "kg"],
    ]


async def test_mixed_payment_is_registered_cash_last_with_its_change(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    paid = ((CASH, 1000), (CARD, 400), (PaymentForm.VOUCHER, 50))
    await driver.print_receipt(sale(line("Coat", 1200), paid=paid))
    record = shared_register.memory()[-1]
    kind = shared_register.kind.profile
    assert [payment["letter"] for payment in record["payments"]][::2] == [CARD_MODES[kind], CASH_MODES[kind]]
    assert [payment["amount_minor"] for payment in record["payments"]] == [400, 50, 1000]
    assert record["change_minor"] == 250


@pytest.mark.parametrize("form", PaymentForm)
async def test_every_form_of_payment_is_taken(
    driver: DatecsIsl, shared_register: RegisterProcess, form: PaymentForm
) -> None:
    await driver.print_receipt(sale(paid=((form, 100),)))
    assert [payment["amount_minor"] for payment in shared_register.memory()[-1]["payments"]] == [100]


async def test_line_that_the_register_would_count_otherwise_keeps_its_sum(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    wire = replace(line("Wire", unit="m"), unit_price=12_345, quantity_milli=1_500, amount_minor=2)
    steps = replace(line("Steps"), unit_price=1_050_000, quantity_milli=333, amount_minor=95, discount_minor=5)
    await driver.print_receipt(sale(wire, steps))
    first, second = shared_register.memory()[-1]["lines"]
    assert (first["price_minor"], first["quantity_milli"], first["amount_minor"]) == (2, 1000, 2)
    assert first["text"].split() == ["Wire", "1.5", "m", "x", "0.012345"]
    assert (second["price_minor"], second["discount_minor"], second["amount_minor"]) == (100, 5, 95)


async def test_names_of_any_script_are_spelled_and_inject_nothing(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    names = ["Хляб £5", "Շաքարավազ", "ხაჭაპური", "Bəhruz ağ çay", "a\tB9.99\nb\rc\x01\x03d", "", "\x00"]
    await driver.print_receipt(sale(*(line(name) for name in names), comments=("x\ty\n\x05z",)))
    record = shared_register.memory()[-1]
    assert [one["text"] for one in record["lines"]] == [
        "Хляб GBP5", "Shakaravaz", "khachapuri", "Behruz ag cay", "a B9.99 b c d", "-", "-"]  # fmt: skip
    assert (record["total_minor"], record["comments"]) == (700, ["x y z"])


async def test_long_names_are_cut_to_the_models_limit(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await driver.print_receipt(sale(line("N" * 200), comments=("C" * 200,)))
    record = shared_register.memory()[-1]
    limits = driver.limits
    assert (record["lines"][0]["text"], record["comments"]) == ("N" * limits.item_text, ["C" * limits.comment_text])


async def test_free_receipt_is_paid_with_nothing(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    free = line("Gift", 100, discount_minor=100)
    reference = await driver.print_receipt(sale(free, paid=((CASH, 0),)))
    assert (reference.total_minor, shared_register.memory()[-1]["total_minor"]) == (0, 0)


async def test_return_names_its_original(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await driver.print_receipt(sale(line("Coat", 1200)))
    bought = shared_register.memory()[-1]
    reference = await driver.print_receipt(returned(original_of(bought), line("Coat", 1200), paid=((CARD, 1200),)))
    record = shared_register.memory()[-1]
    assert (record["kind"], record["total_minor"], record["document"]) == ("return", 1200, reference.document_no)
    original = record["original"]
    assert (original["document_no"], original["at"]) == (str(bought["document"]), bought["at"])
    assert (original["fiscal_memory_no"], original["reason"]) == ("02000600", "return")
    assert (await driver.position()).last_total_minor == 1200


async def test_reports_tell_the_day_net_of_returns(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    closing = await driver.z_report()
    await driver.print_receipt(sale(line("Book", 300), line("Bread", 240, tax_code="B")))
    await driver.print_receipt(returned(original_of(shared_register.memory()[-1]), line("Bread", 120, tax_code="B")))
    x = await driver.x_report()
    z = await driver.z_report()
    assert (x.turnover_minor, x.turnover_by_tax_minor) == (420, (300, 120, 0, 0, 0, 0, 0, 0))
    assert (z.closure_no, z.turnover_minor) == (closing.closure_no + 1, 420)
    assert z.turnover_by_tax_minor == x.turnover_by_tax_minor
    assert await driver.last_closure_no() == z.closure_no
    assert [record["kind"] for record in shared_register.memory()[-2:]] == ["x", "z"]


async def test_cash_is_moved_and_counted(driver: DatecsIsl) -> None:
    await driver.z_report()
    paid_in = await driver.cash_movement(5000)
    await driver.print_receipt(sale(line("Tea", 100), paid=((CASH, 500),)))
    paid_out = await driver.cash_movement(-2000)
    assert (paid_in.in_drawer_minor, paid_in.paid_in_minor, paid_in.paid_out_minor) == (5000, 5000, 0)
    assert (paid_out.in_drawer_minor, paid_out.paid_in_minor, paid_out.paid_out_minor) == (3100, 5000, 2000)
    with pytest.raises(NeedsPerson) as caught:
        await driver.cash_movement(-3101)
    assert (caught.value.code, caught.value.parameters) == ("FIS-210", {"asked_minor": 3101, "in_drawer_minor": 3100})
    assert await driver.cash_movement(0) == paid_out


async def test_duplicate_is_printed_once(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await driver.print_receipt(sale())
    await driver.print_duplicate()
    with pytest.raises(PermanentError) as caught:
        await driver.print_duplicate()
    assert caught.value.code == "FIS-413"
    assert [record["kind"] for record in shared_register.memory()[-2:]] == ["sale", "duplicate"]


async def test_drawer_opens_and_takes_no_number(driver: DatecsIsl) -> None:
    before = await driver.position()
    await driver.open_drawer()
    assert await driver.position() == before


# ---------------------------------------------------------------------------------------- position and open documents


async def test_position_knows_the_last_receipt_from_other_documents(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    first = await driver.print_receipt(sale(line("Coat", 1234)))
    serial = first.register_serial
    assert await driver.position() == DocumentPosition(serial, first.document_no, 1234, None)
    await driver.x_report()
    assert await driver.position() == DocumentPosition(serial, first.document_no + 1, 0, None)
    await driver.print_receipt(sale(line("Coat", 1234)))
    await shared_register.leave_open(driver)
    await driver.cancel_open()
    assert await driver.position() == DocumentPosition(serial, first.document_no + 3, 0, None)


@pytest.mark.parametrize(("paid", "paid_minor"), [(False, 0), (True, 40)])
async def test_position_tells_the_open_document(
    driver: DatecsIsl, shared_register: RegisterProcess, paid: bool, paid_minor: int
) -> None:
    before = await driver.position()
    await shared_register.leave_open(driver, paid=paid)
    position = await driver.position()
    assert position.open_document == OpenDocument(items=1, amount_minor=100, paid_minor=paid_minor)
    assert (position.last_document_no, position.last_total_minor) == (before.last_document_no, None)


async def test_open_document_is_cancelled(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await shared_register.leave_open(driver)
    await driver.cancel_open()
    assert (await driver.position()).open_document is None
    assert shared_register.memory()[-1]["kind"] == "cancelled"


async def test_cancelling_nothing_does_nothing(driver: DatecsIsl) -> None:
    before = await driver.position()
    await driver.cancel_open()
    assert await driver.position() == before


async def test_paid_document_cannot_be_cancelled(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await shared_register.leave_open(driver, paid=True)
    with pytest.raises(PermanentError) as caught:
        await driver.cancel_open()
    assert (caught.value.code, caught.value.parameters) == ("FIS-412", {"paid_minor": 40})


async def test_open_service_document_is_seen_and_closed(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await shared_register.foreign_host(driver, (0x26, ""))
    opened = (await driver.position()).open_document
    assert opened == OpenDocument(items=-1, amount_minor=0, paid_minor=0, fiscal=False)
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(sale())
    assert caught.value.code == "FIS-411"
    await driver.cancel_open()
    assert (await driver.position()).open_document is None


@pytest.mark.parametrize(
    ("paid", "held"),
    [
        (((CASH, 100),), False),
        (((CASH, 500),), False),
        (((CASH, 60), (CARD, 40)), False),
        (((CASH, 40), (PaymentForm.CASH, 60)), False),
    ],
)
async def test_open_document_without_payments_is_finished(
    driver: DatecsIsl, shared_register: RegisterProcess, paid: tuple[tuple[PaymentForm, int], ...], held: bool
) -> None:
    await shared_register.leave_open(driver, paid=held)
    reference = await driver.finish_open(sale(line("Tea", 100), paid=paid))
    record = shared_register.memory()[-1]
    assert (record["kind"], record["total_minor"], record["document"]) == ("sale", 100, reference.document_no)
    assert record["change_minor"] == sum(amount for _, amount in paid) - 100


async def test_partly_paid_document_is_finished_with_what_is_left(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    kind = shared_register.kind
    card = {"datecs/fp-800": "\tD0.40", "datecs/dp-25": "\tC0.40", "datecs/fp-700x": "1\t0.40\t\t"}[kind.profile]
    await shared_register.foreign_host(driver, (0x30, kind.open_sale), (0x31, kind.one_line), (0x35, card))
    await driver.finish_open(sale(line("Tea", 100), paid=((CASH, 100), (CARD, 40))))
    record = shared_register.memory()[-1]
    assert [payment["amount_minor"] for payment in record["payments"]] == [40, 100]
    assert record["change_minor"] == 40


async def test_fully_paid_document_is_only_closed(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    kind = shared_register.kind
    everything = "\t\t\t" if kind.is_long else "\t"
    await shared_register.foreign_host(driver, (0x30, kind.open_sale), (0x31, kind.one_line), (0x35, everything))
    await driver.finish_open(sale(line("Tea", 100)))
    assert [payment["amount_minor"] for payment in shared_register.memory()[-1]["payments"]] == [100]


@pytest.mark.parametrize(
    "receipt",
    [sale(line("Tea", 101)), sale(line("Tea", 50), line("Tea", 50)), sale(paid=((CARD, 30), (CASH, 70)))],
    ids=["another sum", "another number of lines", "another payment"],
)
async def test_document_that_is_not_this_receipt_is_not_finished(
    driver: DatecsIsl, shared_register: RegisterProcess, receipt: FiscalReceipt
) -> None:
    await shared_register.leave_open(driver, paid=True)
    with pytest.raises(PermanentError) as caught:
        await driver.finish_open(receipt)
    assert caught.value.code == "FIS-410"
    assert (await driver.position()).open_document == OpenDocument(1, 100, 40)


async def test_garbage_is_closed_with_cash_and_numbered(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await shared_register.leave_open(driver, paid=True)
    reference = await driver.void_remainder()
    record = shared_register.memory()[-1]
    assert (record["kind"], record["document"], reference.total_minor) == ("sale", reference.document_no, 100)
    assert [payment["amount_minor"] for payment in record["payments"]] == [40, 60]


async def test_without_an_open_document_there_is_nothing_to_finish(driver: DatecsIsl) -> None:
    for attempt in (driver.finish_open(sale()), driver.void_remainder()):
        with pytest.raises(PermanentError) as caught:
            await attempt
        assert caught.value.code == "FIS-417"


async def test_open_document_stands_in_the_way_of_everything_else(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    await shared_register.leave_open(driver)
    before = shared_register.memory()
    attempts = [
        driver.print_receipt(sale()),
        driver.x_report(),
        driver.z_report(),
        driver.cash_movement(100),
        driver.cash_movement(-1),
        driver.print_duplicate(),
    ]
    for attempt in attempts:
        with pytest.raises(PermanentError) as caught:
            await attempt
        assert caught.value.code == "FIS-411"
    assert shared_register.memory() == before
    await driver.cancel_open()


# --------------------------------------------------------------------------------------------------- what is refused

ORIGINAL = OriginalReceipt("1", datetime(2026, 11, 21, 16, 0, 0), "02000600")  # noqa: DTZ001 - the register's time


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (sale(total_minor=99), "FIS-410"),
        (sale(replace(line(), amount_minor=200)), "FIS-410"),
        (sale(replace(line(), discount_minor=-1)), "FIS-410"),
        (sale(replace(line(), quantity_milli=0, amount_minor=0)), "FIS-410"),
        (sale(paid=((CASH, 99),)), "FIS-414"),
        (sale(paid=((CARD, 101),)), "FIS-414"),
        (sale(paid=((CARD, 100), (CASH, 1))), "FIS-414"),
        (sale(paid=((CASH, -1), (CARD, 101))), "FIS-414"),
        (returned(ORIGINAL, paid=((CASH, 101),)), "FIS-414"),
        (sale(*[line()] * 513), "FIS-415"),
        (sale(line("Gold", 100_000_000)), "FIS-415"),
        (replace(sale(), original=ORIGINAL), "FIS-416"),
        (replace(returned(ORIGINAL), original=None), "FIS-416"),
        (returned(replace(ORIGINAL, document_no="1,2")), "FIS-416"),
        (returned(replace(ORIGINAL, fiscal_memory_no="02\t1")), "FIS-416"),
        (sale(line(tax_code="I")), "FIS-418"),
        (sale(line(tax_code="AB")), "FIS-418"),
    ],
)
async def test_impossible_receipt_is_refused_before_anything_is_sent(
    driver: DatecsIsl, shared_register: RegisterProcess, receipt: FiscalReceipt, code: str
) -> None:
    before = (shared_register.memory(), await driver.position())
    with pytest.raises(PermanentError) as caught:
        await driver.print_receipt(receipt)
    assert caught.value.code == code
    assert (shared_register.memory(), await driver.position()) == before


async def test_receipt_of_512_lines_is_printed_whole(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    await driver.print_receipt(sale(*[line("Tea", 1)] * 512))
    assert len(shared_register.memory()[-1]["lines"]) == 512


async def test_wrong_password_is_a_matter_for_a_person(shared_register: RegisterProcess) -> None:
    wrong = OperatorLogin(number=2, password="9999")
    driver = shared_register.driver(operators={"boris": wrong})
    await driver.connect()
    before = shared_register.memory()
    with pytest.raises(NeedsPerson) as caught:
        await driver.print_receipt(sale(operator="boris"))
    assert (caught.value.code, caught.value.parameters) == ("FIS-208", {"operator": 2})
    assert caught.value.maker_code == "-100114 wrong password"
    assert shared_register.memory() == before
    await driver.print_receipt(sale(operator="anna"))
    await driver.disconnect()


async def test_cashier_logs_in_as_the_configured_operator(shared_register: RegisterProcess) -> None:
    login = OperatorLogin(number=12, password="1" if shared_register.kind.profile == "datecs/dp-25" else "0000")
    driver = shared_register.driver(operators={"boris": login})
    await driver.connect()
    await driver.print_receipt(sale(operator="boris"))
    assert shared_register.memory()[-1]["operator"] == "12"
    await driver.disconnect()


async def test_driver_without_connection_says_so(shared_register: RegisterProcess) -> None:
    with pytest.raises(TransientError) as caught:
        await shared_register.driver().print_receipt(sale())
    assert caught.value.code == "FIS-301"


async def test_everything_printed_in_this_module_is_in_fiscal_memory_once(
    driver: DatecsIsl, shared_register: RegisterProcess
) -> None:
    """The register's own sums agree with its documents, numbers have no gap, and each document adds up."""
    await driver.z_report()
    records = shared_register.memory()
    assert [record["document"] for record in records] == list(range(1, len(records) + 1))
    receipts = [record for record in records if record["kind"] in ("sale", "return")]
    for record in receipts:
        lines = sum(one["amount_minor"] for one in record["lines"])
        paid = sum(payment["amount_minor"] for payment in record["payments"])
        assert record["total_minor"] == lines == paid - record["change_minor"]
    signed = {"sale": 1, "return": -1}
    net = sum(signed[record["kind"]] * record["total_minor"] for record in receipts)
    assert net == records[-1]["grand_total_minor"]
    assert net == sum(record["total_minor"] for record in records if record["kind"] == "z")


async def test_random_baskets_add_up_on_the_register(driver: DatecsIsl, shared_register: RegisterProcess) -> None:
    import random

    chance = random.Random(700)
    before, printed = len(shared_register.memory()), 0
    for _ in range(12):
        lines = []
        for _ in range(chance.randint(1, 5)):
            price, quantity = chance.randint(1, 50_000_000), chance.randint(1, 9_999)
            gross = (2 * price * quantity + 10**7) // (2 * 10**7)
            discount = chance.randint(0, gross)
            lines.append(
                replace(
                    line("Ware", tax_code=chance.choice("ABCDEFGH")),
                    unit_price=price,
                    quantity_milli=quantity,
                    discount_minor=discount,
                    amount_minor=gross - discount,
                )
            )
        reference = await driver.print_receipt(sale(*lines))
        printed += reference.total_minor
    assert sum(record["total_minor"] for record in shared_register.memory()[before:]) == printed


async def test_clock_of_the_reference_is_the_registers(driver: DatecsIsl) -> None:
    reference = await driver.print_receipt(sale())
    assert reference.printed_at is not None
    assert abs(reference.printed_at - datetime.now()) < timedelta(seconds=60)  # noqa: DTZ005 - the register's time
