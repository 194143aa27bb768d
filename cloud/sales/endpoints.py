"""HTTP of sales, returns, receipts, shifts and cancelled sales. Reading only: they are born from facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from cloud.access.dependencies import Caller, Transaction, require
from cloud.access.rights import Right
from cloud.audit.listing import ListRequest, plainly
from cloud.errors import NotFound
from cloud.paging import Listing, Page
from cloud.sales import repository
from cloud.sales.models import cancelled_sales, receipts, returns, sales, shifts
from cloud.sales.repository import DocumentFilter
from cloud.sales.schemas import (
    CancelledShown,
    ReceiptShown,
    ReturnDetail,
    ReturnShown,
    SaleDetail,
    SaleShown,
    ShiftShown,
)
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["sales"])

Reader = Annotated[Caller, Depends(require("see_sales"))]
Document = TypeVar("Document", SaleShown, ReturnShown)

_DOCUMENT_SORTS = ("number", "branch", "till", "businessdate", "at", "total_minor", "line_count", "reference_number")


def _filter(
    branch: Name | None = None,
    till: Name | None = None,
    since: Annotated[date | None, Query(alias="from", description="First business date.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Last business date.")] = None,
    number: Annotated[str | None, Query(max_length=60)] = None,
    reference: Annotated[str | None, Query(max_length=60, description="Another system's number.")] = None,
    customer_id: UUID | None = None,
    has: Literal["return", "discount", "unknown", "refused"] | None = None,
) -> DocumentFilter:
    return DocumentFilter(branch, till, since, until, number, reference, customer_id, has)


Wanted = Annotated[DocumentFilter, Depends(_filter)]


@router.get("/sales", operation_id="list_sales", response_model=Page[SaleShown])
async def list_sales(caller: Reader, asked: ListRequest, wanted: Wanted) -> Page[SaleShown] | Response:
    """Sales of the caller's branches, the newest first."""
    listing = Listing(
        name="sales",
        statement=repository.list_of(sales, caller.within(sales.c.branch), wanted),
        key=sales.c.id,
        sortable={name: sales.c[name] for name in (*_DOCUMENT_SORTS, "discount_minor")},
        default="-at",
        item=SaleShown,
        present=_present_sales,
        search=[sales.c.number, sales.c.reference_number],
    )
    return await asked.answer(listing, caller)


@router.get("/sales/{sale_id}", operation_id="get_sale")
async def get_sale(sale_id: UUID, caller: Reader, tx: Transaction) -> SaleDetail:
    row = await repository.find(tx, sales, sale_id)
    if row is None or not caller.sees(row["branch"]):
        raise NotFound("sale", sale_id)
    [shown] = await _present_sales(tx, [row])
    returned = await _present_returns(tx, await repository.hanging_on(tx, "returns", sale_id))
    return SaleDetail.model_validate(
        {
            **shown.model_dump(),
            "lines": await repository.hanging_on(tx, "sale_lines", sale_id),
            "taxes": await repository.hanging_on(tx, "sale_taxes", sale_id),
            "payments": await repository.hanging_on(tx, "sale_payments", sale_id),
            "receipts": await repository.hanging_on(tx, "receipts", sale_id),
            "returns": [each.model_dump() for each in returned],
        }
    )


@router.get("/returns", operation_id="list_returns", response_model=Page[ReturnShown])
async def list_returns(caller: Reader, asked: ListRequest, wanted: Wanted) -> Page[ReturnShown] | Response:
    """Returns taken in the caller's branches, the newest first."""
    listing = Listing(
        name="returns",
        statement=repository.list_of(returns, caller.within(returns.c.branch), wanted),
        key=returns.c.id,
        sortable={name: returns.c[name] for name in (*_DOCUMENT_SORTS, "sale_number")},
        default="-at",
        item=ReturnShown,
        present=_present_returns,
        search=[returns.c.number, returns.c.sale_number, returns.c.reference_number],
    )
    return await asked.answer(listing, caller)


@router.get("/returns/{return_id}", operation_id="get_return")
async def get_return(return_id: UUID, caller: Reader, tx: Transaction) -> ReturnDetail:
    row = await repository.find(tx, returns, return_id)
    if row is None or not caller.sees(row["branch"]):
        raise NotFound("return", return_id)
    [shown] = await _present_returns(tx, [row])
    return ReturnDetail.model_validate(
        {
            **shown.model_dump(),
            "lines": await repository.hanging_on(tx, "return_lines", return_id),
            "taxes": await repository.hanging_on(tx, "return_taxes", return_id),
            "payments": await repository.hanging_on(tx, "refunds", return_id),
            "receipts": await repository.hanging_on(tx, "receipts", return_id),
        }
    )


@router.get("/receipts", operation_id="list_receipts", response_model=Page[ReceiptShown])
async def list_receipts(
    caller: Reader,
    asked: ListRequest,
    branch: Name | None = None,
    state: Literal["fiscalised", "refused", "unknown"] | None = None,
    of: Annotated[UUID | None, Query(description="The sale or return.")] = None,
) -> Page[ReceiptShown] | Response:
    """Fiscal receipts as their registers told of them, the newest first."""
    statement = select(receipts).where(caller.within(receipts.c.branch))
    for column, value in ((receipts.c.branch, branch), (receipts.c.state, state), (receipts.c.of_id, of)):
        if value is not None:
            statement = statement.where(column == value)
    names = ("at", "branch", "state", "kind", "total_minor", "document_no", "register_serial")
    listing = Listing(
        name="receipts",
        statement=statement,
        key=receipts.c.id,
        sortable={name: receipts.c[name] for name in names},
        default="-at",
        item=ReceiptShown,
        present=plainly(ReceiptShown),
    )
    return await asked.answer(listing, caller)


@router.get("/shifts", operation_id="list_shifts", response_model=Page[ShiftShown])
async def list_shifts(
    caller: Reader,
    asked: ListRequest,
    branch: Name | None = None,
    open: Annotated[bool | None, Query(description="Only shifts that are open, or only closed ones.")] = None,
) -> Page[ShiftShown] | Response:
    """Shifts of the caller's branches, the newest first. What the till expected needs see_expected_cash there."""
    statement = select(shifts).where(caller.within(shifts.c.branch))
    if branch is not None:
        statement = statement.where(shifts.c.branch == branch)
    if open is not None:
        statement = statement.where(shifts.c.closed_at.is_(None) if open else shifts.c.closed_at.is_not(None))
    names = ["number", "branch", "till", "opened_at", "closed_at", "sale_count", "sold_minor", "returned_minor"]
    if caller.identity.branches_with(Right.SEE_EXPECTED_CASH) is None:
        names.append("difference_minor")  # an order tells the values too
    listing = Listing(
        name="shifts",
        statement=statement,
        key=shifts.c.id,
        sortable={name: shifts.c[name] for name in names},
        default="-opened_at",
        item=ShiftShown,
        present=_blindly(caller),
    )
    return await asked.answer(listing, caller)


@router.get("/cancelled-sales", operation_id="list_cancelled_sales", response_model=Page[CancelledShown])
async def list_cancelled_sales(
    caller: Reader,
    asked: ListRequest,
    branch: Name | None = None,
) -> Page[CancelledShown] | Response:
    """Baskets dropped before payment, with their reasons, the newest first."""
    statement = select(cancelled_sales).where(caller.within(cancelled_sales.c.branch))
    if branch is not None:
        statement = statement.where(cancelled_sales.c.branch == branch)
    listing = Listing(
        name="cancelled-sales",
        statement=statement,
        key=cancelled_sales.c.event_id,
        sortable={
            name: cancelled_sales.c[name] for name in ("at", "number", "branch", "till", "total_minor", "reason")
        },
        default="-at",
        item=CancelledShown,
        present=plainly(CancelledShown),
        search=[cancelled_sales.c.number, cancelled_sales.c.reason],
    )
    return await asked.answer(listing, caller)


async def _present_sales(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[SaleShown]:
    return await _documents(tx, rows, SaleShown)


async def _present_returns(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[ReturnShown]:
    return await _documents(tx, rows, ReturnShown)


async def _documents(tx: AsyncConnection, rows: Sequence[RowMapping], model: type[Document]) -> list[Document]:
    states = await repository.receipt_states(tx, [row["id"] for row in rows])
    names = await repository.operator_names(tx, list({row["operator"] for row in rows if row["operator"]}))
    return [
        model.model_validate(
            {**row, "receipt_state": states.get(row["id"]), "operator_name": names.get(row["operator"])}
        )
        for row in rows
    ]


_EXPECTED = ("expected_cash_minor", "expected_card_minor", "difference_minor", "register_turnover_minor")
"""The count is blind: who may count must not learn here what was expected, nor work it out."""


def _blindly(caller: Caller) -> Any:
    knowing = caller.identity.branches_with(Right.SEE_EXPECTED_CASH)

    async def present(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[ShiftShown]:
        hidden = dict.fromkeys(_EXPECTED)
        return [
            ShiftShown.model_validate({**row} if knowing is None or row["branch"] in knowing else {**row, **hidden})
            for row in rows
        ]

    return present
