"""Facts of the till become documents: every kind, in any order, on both dialects."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from cloud.database import Database
from cloud.fleet.models import exceptions
from cloud.ingest.applier import Applier
from cloud.sales import models as tables
from shared.events import (
    CashMoved,
    CashMovement,
    Payload,
    ReceiptOutcomeUnknown,
    ReceiptRefused,
    ShiftClosed,
    ShiftOpened,
)
from tests.cloud.deliveries import NOON, Gateway, open_branch, open_gateway, printed, returned, sale, uid
from tests.shared.samples import RETURN, SALE, SAMPLES


async def rows_of(database: Database, table: Table) -> list[dict[str, Any]]:
    async with database.transaction() as tx:
        found = await tx.execute(select(table).order_by(*table.primary_key.columns))
        return [{str(name): value for name, value in row.items()} for row in found.mappings()]


async def raised(database: Database) -> list[tuple[str, bool]]:
    """Codes on the exception list, and whether each is settled."""
    async with database.transaction() as tx:
        told = select(exceptions.c.code, exceptions.c.settled_at.is_not(None)).order_by(exceptions.c.code)
        return [(code, bool(settled)) for code, settled in await tx.execute(told)]


async def test_a_sale_is_kept_whole(database: Database, gateway: Gateway, applier: Applier) -> None:
    event_id = gateway.write("sale.completed", SALE)
    await applier.apply([gateway.batch()])
    (row,) = await rows_of(database, tables.sales)
    assert row == {
        "id": SALE.sale_id,
        "number": "abovyan-12-2-412-88",
        "branch": "abovyan",
        "node": gateway.address.node,
        "till": "till-1",
        "shift": uid("shift"),
        "operator": uid("anna"),
        "businessdate": date(2026, 11, 21),
        "at": NOON,
        "opened_at": SALE.opened_at,
        "currency": "AMD",
        "subtotal_minor": 514_000,
        "discount_minor": 19_500,
        "total_minor": 494_500,
        "tax_minor": 82_417,
        "rounding_minor": 500,
        "line_count": 2,
        "receipt_count": 1,
        "customer_id": SALE.customer_id,
        "reference_scheme": "online-retail",
        "reference_number": "536365",
        "reference_date": date(2010, 12, 1),
        "event_id": event_id,
    }
    first, second = await rows_of(database, tables.sale_lines)
    assert (first["name"], first["scan"], first["lot"]) == ("Milk 3.2 % 1 l", "]E04850001234567", None)
    assert (second["name"], second["gross_minor"], second["discount_minor"]) == ("Սուրճ 250 գ", 390_000, 19_500)
    (discount,) = await rows_of(database, tables.sale_discounts)
    assert (discount["line_no"], discount["reason"], discount["amount_minor"]) == (2, "Gold 5 %", 19_500)
    (tax,) = await rows_of(database, tables.sale_taxes)
    assert (tax["code"], tax["rate"], tax["tax_minor"]) == ("A", 2_000, 82_417)
    card, cash = await rows_of(database, tables.sale_payments)
    assert (card["form"], card["is_stated_by_person"]) == ("card", True)
    assert (cash["amount_minor"], cash["given_minor"], cash["change_minor"]) == (195_000, 200_000, 5_000)


async def test_lot_expiry_and_serials_are_kept(database: Database, gateway: Gateway, applier: Applier) -> None:
    plain = sale(1, lines=1)
    line = plain.lines[0].model_copy(
        update={"lot": "L2417", "expiry": date(2026, 11, 28), "serials": ("S1", "S2"), "scan": "]d201..."}
    )
    gateway.write("sale.completed", plain.model_copy(update={"lines": (line,)}))
    await applier.apply([gateway.batch()])
    (row,) = await rows_of(database, tables.sale_lines)
    assert (row["lot"], row["expiry"], row["serials"]) == ("L2417", date(2026, 11, 28), ["S1", "S2"])


async def test_a_return_is_kept_whole(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("sale.completed", SALE)
    gateway.write("sale.returned", RETURN)
    await applier.apply([gateway.batch()])
    (row,) = await rows_of(database, tables.returns)
    assert (row["sale_id"], row["sale_number"]) == (SALE.sale_id, SALE.number)
    assert (row["total_minor"], row["tax_minor"], row["rounding_minor"]) == (370_500, 61_750, -500)
    (line,) = await rows_of(database, tables.return_lines)
    assert (line["sale_line_no"], line["reason"], line["is_sellable"]) == (2, "Damaged", False)
    assert [refund["form"] for refund in await rows_of(database, tables.refunds)] == ["card", "cash"]
    assert len(await rows_of(database, tables.return_taxes)) == 1
    assert await raised(database) == []


KINDS = [
    ("sale.cancelled", tables.cancelled_sales, "reason", "customer left"),
    ("sale.line_voided", tables.voided_lines, "is_after_total", True),
    ("sale.price_changed", tables.price_changes, "new_unit_price", 620_000_000),
    ("cash.moved", tables.cash_movements, "direction", "out"),
    ("drawer.opened", tables.drawer_openings, "reason", "change"),
    ("scan.unresolved", tables.unresolved_scans, "raw", "4850009990001"),
]


@pytest.mark.parametrize(("name", "table", "column", "value"), KINDS, ids=[case[0] for case in KINDS])
async def test_what_else_happens_at_a_till_is_kept(
    database: Database, gateway: Gateway, applier: Applier, name: str, table: Table, column: str, value: Any
) -> None:
    gateway.write(name, SAMPLES[name][1])
    await applier.apply([gateway.batch()])
    (row,) = await rows_of(database, table)
    assert (row[column], row["branch"], row["operator"], row["at"]) == (value, "abovyan", uid("anna"), NOON)


async def test_a_line_voided_after_the_total_is_told(database: Database, gateway: Gateway, applier: Applier) -> None:
    voided = SAMPLES["sale.line_voided"][1]
    gateway.write("sale.line_voided", voided.model_copy(update={"after_total": False}))
    gateway.write("sale.line_voided", voided)
    await applier.apply([gateway.batch()])
    assert await raised(database) == [("SAL-140", False)]


async def test_a_businessdate_nobody_stamped_is_the_shops_own(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    # 00:30 in Yerevan: the shop still sells on the date before.
    gateway.write("sale.completed", sale(1), businessdate=None, time=datetime(2026, 11, 21, 20, 30, tzinfo=NOON.tzinfo))
    await applier.apply([gateway.batch()])
    assert [row["businessdate"] for row in await rows_of(database, tables.sales)] == [date(2026, 11, 21)]


def receipt_facts() -> dict[str, tuple[str, Payload]]:
    done = printed(1, 1)
    common = done.model_dump(include=set(ReceiptRefused.model_fields) - {"code", "maker_code"})
    return {
        "refused": ("receipt.refused", ReceiptRefused(**common, code="FIS-420", maker_code="4.4")),
        "unknown": ("receipt.outcome_unknown", ReceiptOutcomeUnknown(**common, code="FIS-502")),
        "fiscalised": ("receipt.fiscalised", done.model_copy(update={"adopted": True})),
    }


ORDERS = list(itertools.permutations(["refused", "unknown", "fiscalised"]))


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "a batch each"])
@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
async def test_fiscalised_is_the_last_word_on_a_receipt_in_any_order(
    database: Database, gateway: Gateway, applier: Applier, order: tuple[str, ...], together: bool
) -> None:
    for state in order:
        gateway.write(*receipt_facts()[state])
    for message in [gateway.batch()] if together else gateway.batches(1):
        await applier.apply([message])
    (row,) = await rows_of(database, tables.receipts)
    assert (row["state"], row["document_no"], row["is_adopted"], row["code"]) == ("fiscalised", 5521, True, None)
    assert await raised(database) == [("FIS-420", True), ("FIS-502", True)]


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "a batch each"])
@pytest.mark.parametrize(("order", "state", "code"), [("ru", "unknown", "FIS-502"), ("ur", "refused", "FIS-420")])
async def test_between_refused_and_unknown_the_later_counts(
    database: Database, gateway: Gateway, applier: Applier, order: str, state: str, code: str, together: bool
) -> None:
    for letter in order:
        gateway.write(*receipt_facts()[{"r": "refused", "u": "unknown"}[letter]])
    for message in [gateway.batch()] if together else gateway.batches(1):
        await applier.apply([message])
    (row,) = await rows_of(database, tables.receipts)
    assert (row["state"], row["code"]) == (state, code)
    assert await raised(database) == [("FIS-420", False), ("FIS-502", False)]


async def test_a_receipt_may_come_without_its_sale(database: Database, gateway: Gateway, applier: Applier) -> None:
    gateway.write("receipt.fiscalised", printed(1, 1))
    await applier.apply([gateway.batch()])
    (row,) = await rows_of(database, tables.receipts)
    assert (row["of_id"], row["register_time"]) == (uid("sale", 1), "2026-11-21T16:00:00")


OPENED = ShiftOpened(shift_id=uid("shift"), number=412, currency="AMD", float_minor=2_000_000)
CLOSED = SAMPLES["shift.closed"][1].model_copy(update={"shift_id": uid("shift"), "opened_at": NOON})


@pytest.mark.parametrize("order", ["oc", "co"], ids=["opened first", "closed first"])
@pytest.mark.parametrize("together", [True, False], ids=["one batch", "a batch each"])
async def test_both_halves_of_a_shift_end_in_one_row(
    database: Database, gateway: Gateway, applier: Applier, order: str, together: bool
) -> None:
    kinds = {"o": ("shift.opened", OPENED), "c": ("shift.closed", CLOSED)}
    for letter in order:
        gateway.write(*kinds[letter], time={"o": NOON, "c": NOON + timedelta(hours=9)}[letter])
    for message in [gateway.batch()] if together else gateway.batches(1):
        await applier.apply([message])
    (row,) = await rows_of(database, tables.shifts)
    assert (row["opened_at"], row["float_minor"], row["closed_at"]) == (NOON, 2_000_000, NOON + timedelta(hours=9))
    assert (row["sale_count"], row["difference_minor"], row["closure_no"]) == (88, -10_000, 412)
    assert await raised(database) == [("SAL-141", False)]


async def test_a_shift_that_counted_right_is_nothing_to_look_at(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    assert isinstance(CLOSED, ShiftClosed)
    gateway.write("shift.closed", CLOSED.model_copy(update={"counted_cash_minor": 14_110_000, "difference_minor": 0}))
    await applier.apply([gateway.batch()])
    assert await raised(database) == []


async def test_more_back_than_was_sold_is_recorded_and_told(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.completed", sale(1, quantity_milli=2_000))
    gateway.write("sale.returned", returned("a", 1, quantity_milli=1_500))
    await applier.apply([gateway.batch()])
    assert await raised(database) == []
    gateway.write("sale.returned", returned("b", 1, quantity_milli=501))
    await applier.apply([gateway.batch(3)])
    assert len(await rows_of(database, tables.returns)) == 2
    (row,) = await rows_of(database, exceptions)
    assert (row["code"], row["subject"]) == ("SAL-142", str(uid("sale", 1)))
    assert row["parameters"] == {"number": "abovyan-1-1-1", "line": 1, "sold_milli": 2_000}


async def test_a_line_that_was_never_sold_cannot_come_back_unseen(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.completed", sale(1, lines=1))
    gateway.write("sale.returned", returned("a", 1, line=7))
    await applier.apply([gateway.batch()])
    assert await raised(database) == [("SAL-142", False)]


@pytest.mark.parametrize("sale_first", [True, False])
async def test_the_guard_does_not_mind_which_branch_speaks_first(
    database: Database, gateway: Gateway, applier: Applier, sale_first: bool
) -> None:
    await open_branch(database, "komitas")
    other = await open_gateway(database, "komitas")
    gateway.write("sale.completed", sale(1, quantity_milli=1_000))
    other.write("sale.returned", returned("a", 1, quantity_milli=2_000).model_copy(update={"to_confirm": True}))
    messages = [gateway.batch(), other.batch()]
    for message in messages if sale_first else messages[::-1]:
        await applier.apply([message])
    (row,) = [row for row in await rows_of(database, exceptions) if row["settled_at"] is None]
    assert (row["code"], row["branch"], row["node"]) == ("SAL-142", "komitas", other.address.node)


async def test_a_return_of_an_unknown_sale_is_recorded_and_told(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    gateway.write("sale.returned", returned("a", "nobody knows"))
    await applier.apply([gateway.batch()])
    assert len(await rows_of(database, tables.returns)) == 1
    assert await raised(database) == [("EVT-210", False)]


async def test_the_same_movement_under_another_fact_is_put_aside(
    database: Database, gateway: Gateway, applier: Applier
) -> None:
    moved = CashMoved(
        movement_id=uid("cash"), direction=CashMovement.IN, amount_minor=5, currency="AMD", reason="change"
    )
    gateway.write("cash.moved", moved)
    gateway.write("cash.moved", moved)
    await applier.apply([gateway.batch()])
    assert len(await rows_of(database, tables.cash_movements)) == 1
    assert await raised(database) == [("EVT-404", False)]
