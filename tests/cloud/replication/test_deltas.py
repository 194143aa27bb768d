"""Deltas as a property: however a branch catches up, it ends with what a fresh branch has."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access import service as access
from cloud.access.rights import PRESETS, TILL_RIGHTS, Preset
from cloud.audit.service import COMMAND_LINE
from cloud.catalogue import service as catalogue
from cloud.catalogue.repository import find_product
from cloud.catalogue.repository import product_ids as find_products
from cloud.catalogue.schemas import BarcodeGiven, ImportedProduct, PriceDraft, TaxDraft
from cloud.customers import service as customers
from cloud.customers.schemas import CustomerDraft
from cloud.database import Database
from cloud.replication import service
from cloud.replication.service import GENERATION_STEP, behind
from cloud.replication.versions import set_setting
from tests.cloud.office import START, Office, add_branch

BRANCHES = ("kentron", "london")


class Branch:
    """A replica as the contract says it is kept: rows by key, deleted ones dropped, all anew when told so."""

    KEYS: ClassVar = {
        "products": ("id",),
        "barcodes": ("barcode",),
        "prices": ("product_id", "valid_from"),
        "customers": ("id",),
        "operators": ("id",),
        "taxes": ("code", "valid_from"),
    }

    def __init__(self, name: str) -> None:
        self.name = name
        self.pages = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        self.mark = 0
        self.rows: dict[str, dict[tuple[str, ...], Any]] = {kind: {} for kind in self.KEYS}
        self.settings: dict[str, Any] = {}

    def apply(self, delta: dict[str, Any]) -> None:
        if delta["since"] != self.mark:
            assert delta["since"] == 0
            self.begin_anew()
        for kind, keys in self.KEYS.items():
            for row in delta["changes"][kind]:
                key = tuple(row[name] for name in keys)
                if row.get("deleted"):
                    self.rows[kind].pop(key, None)
                else:
                    self.rows[kind][key] = row
        self.settings |= delta["changes"]["settings"]
        self.mark = delta["version"]
        self.pages += 1

    async def catch_up(self, tx: AsyncConnection, page: int, most: int = 1_000) -> None:
        for _ in range(most):
            delta = await service.delta(tx, self.name, self.mark, page)
            assert sum(len(rows) for rows in delta["changes"].values()) <= page
            self.apply(delta)
            if delta["complete"]:
                return

    @property
    def contents(self) -> Any:
        return self.rows, self.settings


class Company:
    """Head office making up its mind: each step is one of the changes that branches must hear of."""

    def __init__(self, tx: AsyncConnection) -> None:
        self.tx = tx
        self.users: list[UUID] = []
        self.customers: list[UUID] = []
        self.who: dict[str, Any] = {"actor": COMMAND_LINE, "at": START}
        self.steps = (
            self.import_products,
            self.delete_product,
            self.add_user,
            self.shut_out,
            self.add_customer,
            self.erase_customer,
            self.set_tax,
            self.set_setting,
            self.choose_list,
        )

    async def do(self, step: int, value: int) -> None:
        await self.steps[step](value)

    async def import_products(self, value: int) -> None:
        items = [
            ImportedProduct(
                code=f"{(value + offset) % 7}",
                name=f"Name {value}",
                unit="pcs",
                tax_code="A",
                barcodes=[BarcodeGiven(barcode=f"{(value + offset) % 7}-{value % 3}")],
                prices=[
                    PriceDraft(
                        list=("retail", "members")[value % 2],
                        currency=("AMD", "GBP")[offset % 2],
                        unit_price=value,
                        valid_from=date(2026, 12, 1 + offset),
                    )
                ],
            )
            for offset in range(3)
        ]
        await catalogue.import_products(self.tx, **self.who, items=items)

    async def delete_product(self, value: int) -> None:
        for product_id in (await find_products(self.tx, [str(value % 7)])).values():
            row = await find_product(self.tx, product_id)
            for version in [row["version"]] if row else []:
                await catalogue.delete_product(self.tx, **self.who, product_id=product_id, expected=version)

    async def add_user(self, value: int) -> None:
        login = f"user{len(self.users)}"
        roles = [(Preset.CASHIER, BRANCHES[value % 2])]
        user = await access.add_user(self.tx, **self.who, login=login, name=login, roles=roles, badges=[login])
        self.users.append(user)

    async def shut_out(self, value: int) -> None:
        for user_id in self.users[value % 4 :: 4]:
            await access.shut_out(self.tx, **self.who, user_id=user_id)

    async def add_customer(self, value: int) -> None:
        draft = CustomerDraft(name=f"C{value}", cards=[f"{len(self.customers)}"])
        made = await customers.create_customer(self.tx, **self.who, draft=draft, calling_code="374")
        self.customers.append(made)

    async def erase_customer(self, _: int) -> None:
        for customer_id in self.customers[-1:]:
            await customers.erase_customer(self.tx, **self.who, customer_id=customer_id)
            self.customers.pop()

    async def set_tax(self, value: int) -> None:
        draft = TaxDraft(country=("AM", "GB")[value % 2], code="A", rate=value, valid_from=date(2027, 1, 1 + value % 3))
        await catalogue.set_tax(self.tx, **self.who, draft=draft)

    async def set_setting(self, value: int) -> None:
        await set_setting(self.tx, f"setting{value % 2}", value)

    async def choose_list(self, value: int) -> None:
        branch, price_list = BRANCHES[value % 2], ("retail", "members")[value % 3 % 2]
        await catalogue.choose_price_list(self.tx, **self.who, branch=branch, price_list=price_list)


STEPS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 20), st.integers(0, 3)), min_size=1, max_size=14)
"""What head office does, with what, and how many pages the lagging branch manages to fetch afterwards."""


@pytest.fixture
async def company_database(office: Office) -> Database:
    await add_branch(office, "kentron")
    await add_branch(office, "london", currency="GBP", country="GB")
    return office.database


@given(steps=STEPS, page=st.integers(1, 9))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_however_a_branch_catches_up_it_ends_with_what_a_fresh_one_has(
    company_database: Database, steps: list[tuple[int, int, int]], page: int
) -> None:
    async with company_database.engine.connect() as tx:
        company = Company(tx)
        lagging = [Branch(name) for name in BRANCHES]
        for step, value, pages in steps:
            await company.do(step, value)
            for branch in lagging:
                await branch.catch_up(tx, page, most=pages)
        for branch in lagging:
            await branch.catch_up(tx, page)
            fresh = Branch(branch.name)
            await fresh.catch_up(tx, 5_000)
            assert branch.contents == fresh.contents
            assert branch.mark == fresh.mark == await service.newest_mark(tx, branch.name)
            assert (await service.delta(tx, branch.name, branch.mark))["complete"] is True
        await tx.rollback()


async def test_each_branch_gets_its_own_prices_taxes_and_people(company_database: Database) -> None:
    async with company_database.transaction() as tx:
        company = Company(tx)
        await company.import_products(0)
        await company.set_tax(0)
        await company.set_tax(1)
        await company.add_user(0)
        await company.add_user(1)
        kentron, london = (Branch(name) for name in BRANCHES)
        for branch in (kentron, london):
            await branch.catch_up(tx, 3)
    assert len(kentron.rows["products"]) == len(london.rows["products"]) == 3
    assert [len(branch.rows["prices"]) for branch in (kentron, london)] == [2, 1]
    assert [[row["rate"] for row in branch.rows["taxes"].values()] for branch in (kentron, london)] == [[0], [1]]
    people = [[row["name"] for row in branch.rows["operators"].values()] for branch in (kentron, london)]
    assert people == [["user0"], ["user1"]]
    operator = next(iter(kentron.rows["operators"].values()))
    assert operator.keys() == {"id", "name", "pin", "badges", "rights"}
    assert operator["rights"] == sorted(TILL_RIGHTS & PRESETS[Preset.CASHIER])


async def test_another_price_list_begins_anew_and_so_does_a_mark_from_the_future(company_database: Database) -> None:
    async with company_database.transaction() as tx:
        company = Company(tx)
        await company.import_products(0)
        branch = Branch("kentron")
        await branch.catch_up(tx, 5_000)
        assert len(branch.rows["prices"]) == 2
        await catalogue.choose_price_list(tx, **company.who, branch="kentron", price_list="members")
        old_mark = branch.mark
        await branch.catch_up(tx, 2)
        assert branch.mark > GENERATION_STEP > old_mark
        assert len(branch.rows["prices"]) == 0
        assert branch.pages > 2
        assert (await service.delta(tx, "kentron", branch.mark + 1))["since"] == 0


def test_how_far_behind_a_branch_is() -> None:
    assert behind(15, 12) == 3
    assert behind(15, 15) == 0
    assert behind(GENERATION_STEP + 15, 12) == 15
