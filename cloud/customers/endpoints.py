"""HTTP of customers. Opening one customer's card is written down; so is every export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, status
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response as AnyResponse

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, leaves_a_trace, require
from cloud.audit.listing import answer
from cloud.audit.service import Entry, record
from cloud.customers import repository, service
from cloud.customers.models import customers
from cloud.customers.schemas import (
    ConsentDraft,
    ConsentShown,
    CustomerDetail,
    CustomerDraft,
    CustomerImport,
    CustomerShown,
    ImportOutcome,
)
from cloud.editing import ExpectedVersion, show_version
from cloud.errors import NotFound
from cloud.paging import Listing, Page, PageRequest

__all__ = ["router"]

router = APIRouter(tags=["customers"])

Reader = Annotated[Caller, Depends(require("see_customers"))]
Editor = Annotated[Caller, Depends(require("manage_customers"))]
Importer = Annotated[Caller, Depends(require("manage_customers", everywhere=True))]


def _calling_code(request: Request) -> str:
    code: str = request.app.state.settings.calling_code
    return code


CallingCode = Annotated[str, Depends(_calling_code)]


@router.get("/customers", operation_id="list_customers", response_model=Page[CustomerShown])
async def list_customers(
    caller: Reader, query: PageRequest, tx: Transaction, database: CurrentDatabase, clock: CurrentClock
) -> Page[CustomerShown] | AnyResponse:
    """Customers by any fragment of name, number, phone or card."""
    return await answer(tx, database, _CUSTOMERS, query, actor=caller, at=clock.now())


@router.post("/customers", operation_id="create_customer", status_code=status.HTTP_201_CREATED)
async def create_customer(
    body: CustomerDraft,
    response: Response,
    caller: Editor,
    tx: Transaction,
    clock: CurrentClock,
    calling_code: CallingCode,
) -> CustomerDetail:
    customer_id = await service.create_customer(tx, actor=caller, at=clock.now(), draft=body, calling_code=calling_code)
    return await _detail(tx, customer_id, response)


@router.post("/customers/import", operation_id="import_customers")
async def import_customers(
    body: CustomerImport, caller: Importer, tx: Transaction, clock: CurrentClock, calling_code: CallingCode
) -> ImportOutcome:
    """Create or change up to 5,000 customers by number; all of them or none."""
    return await service.import_customers(
        tx, actor=caller, at=clock.now(), items=body.customers, calling_code=calling_code
    )


@router.get("/customers/{customer_id}", operation_id="get_customer")
@leaves_a_trace
async def get_customer(
    customer_id: UUID, response: Response, caller: Reader, tx: Transaction, clock: CurrentClock
) -> CustomerDetail:
    detail = await _detail(tx, customer_id, response)
    await record(tx, caller, clock.now(), [Entry("read", "customer", str(customer_id))])
    return detail


@router.put("/customers/{customer_id}", operation_id="change_customer")
async def change_customer(
    customer_id: UUID,
    body: CustomerDraft,
    expected: ExpectedVersion,
    response: Response,
    caller: Editor,
    tx: Transaction,
    clock: CurrentClock,
    calling_code: CallingCode,
) -> CustomerDetail:
    await service.change_customer(
        tx,
        actor=caller,
        at=clock.now(),
        customer_id=customer_id,
        expected=expected,
        draft=body,
        calling_code=calling_code,
    )
    return await _detail(tx, customer_id, response)


@router.delete("/customers/{customer_id}", operation_id="erase_customer", status_code=status.HTTP_204_NO_CONTENT)
async def erase_customer(customer_id: UUID, caller: Importer, tx: Transaction, clock: CurrentClock) -> None:
    """Erase a person here and in every branch; sales keep their number only."""
    await service.erase_customer(tx, actor=caller, at=clock.now(), customer_id=customer_id)


@router.post("/customers/{customer_id}/consents", operation_id="add_consent", status_code=status.HTTP_201_CREATED)
async def add_consent(
    customer_id: UUID, body: ConsentDraft, caller: Editor, tx: Transaction, clock: CurrentClock
) -> list[ConsentShown]:
    """Write down a consent given or taken back; earlier statements stay."""
    await service.add_consent(tx, actor=caller, at=clock.now(), customer_id=customer_id, draft=body)
    return await _consents(tx, customer_id)


async def _consents(tx: AsyncConnection, customer_id: UUID) -> list[ConsentShown]:
    return [ConsentShown.model_validate(dict(row)) for row in await repository.consents_of(tx, customer_id)]


async def _present(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[CustomerShown]:
    ids = [row["id"] for row in rows]
    phones, cards = await repository.phones_of(tx, ids), await repository.cards_of(tx, ids)
    return [
        CustomerShown.model_validate({**row, "phones": phones[row["id"]], "cards": cards[row["id"]]}) for row in rows
    ]


async def _detail(tx: AsyncConnection, customer_id: UUID, response: Response) -> CustomerDetail:
    row = await repository.find_customer(tx, customer_id)
    if row is None:
        raise NotFound("customer", customer_id)
    show_version(response, row["version"])
    shown = (await _present(tx, [row]))[0]
    return CustomerDetail(**shown.model_dump(), consents=await _consents(tx, customer_id))


_CUSTOMERS = Listing(
    name="customers",
    statement=repository.customer_list(),
    key=customers.c.id,
    sortable={
        "number": customers.c.number,
        "name": customers.c.name,
        "created_at": customers.c.created_at,
        "changed_at": customers.c.changed_at,
    },
    default="name",
    item=CustomerShown,
    present=_present,
    search=[customers.c.search],
    fragments="customers",
)
