"""HTTP of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response, status
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response as AnyResponse

from cloud.access.dependencies import Caller, CurrentClock, CurrentDatabase, Transaction, require
from cloud.audit.listing import answer
from cloud.catalogue import repository, service
from cloud.catalogue.models import products, taxes
from cloud.catalogue.planning import FIELDS
from cloud.catalogue.schemas import (
    BarcodeGiven,
    ImportOutcome,
    PriceDraft,
    PriceListChoice,
    PriceShown,
    ProductDetail,
    ProductDraft,
    ProductImport,
    ProductShown,
    TaxDraft,
    TaxShown,
)
from cloud.editing import ExpectedVersion, show_version
from cloud.errors import NotFound
from cloud.fields import CurrencyCode
from cloud.paging import Listing, Nullable, Page, PageRequest
from shared.envelope import Name

__all__ = ["router"]

router = APIRouter(tags=["catalogue"])

Reader = Annotated[Caller, Depends(require("see_catalogue"))]
Editor = Annotated[Caller, Depends(require("manage_catalogue", everywhere=True))]


@router.get("/products", operation_id="list_products", response_model=Page[ProductShown])
async def list_products(
    caller: Reader,
    query: PageRequest,
    tx: Transaction,
    database: CurrentDatabase,
    clock: CurrentClock,
    branch: Annotated[Name | None, Query(description="Prices of this branch's list and currency.")] = None,
    list: Annotated[Name, Query(description="Price list, when no branch is named.")] = repository.USUAL_LIST,
    currency: Annotated[CurrencyCode, Query(description="Currency, when no branch is named.")] = "AMD",
    on: Annotated[date | None, Query(description="The day whose prices are shown; today when absent.")] = None,
) -> Page[ProductShown] | AnyResponse:
    """Products by any fragment of name, article number or bar code, with the price in force."""
    if branch is not None:
        list, currency = await _selling_by(tx, caller, branch)
    by_price = query.sort == "unit_price"
    statement, price = repository.product_list(list, currency, on or clock.now().date(), by_price=by_price)
    listing = Listing(
        name="products",
        statement=statement,
        key=products.c.id,
        sortable={
            "code": products.c.code,
            "name": products.c.name,
            "unit": products.c.unit,
            "tax_code": products.c.tax_code,
            "minimum_age": Nullable(products.c.minimum_age),
            "changed_at": products.c.changed_at,
            "unit_price": Nullable(price),
        },
        default="name",
        item=ProductShown,
        present=_present,
        search=[products.c.search],
        fragments="products",
    )
    return await answer(tx, database, listing, query, actor=caller, at=clock.now())


@router.post("/products", operation_id="create_product", status_code=status.HTTP_201_CREATED)
async def create_product(
    body: ProductDraft, response: Response, caller: Editor, tx: Transaction, clock: CurrentClock
) -> ProductDetail:
    product_id = await service.create_product(tx, actor=caller, at=clock.now(), draft=body)
    return await _detail(tx, product_id, response)


@router.post("/products/import", operation_id="import_products")
async def import_products(body: ProductImport, caller: Editor, tx: Transaction, clock: CurrentClock) -> ImportOutcome:
    """Create or change up to 5,000 products by article number; all of them or none."""
    return await service.import_products(tx, actor=caller, at=clock.now(), items=body.products)


@router.get("/products/{product_id}", operation_id="get_product")
async def get_product(product_id: UUID, response: Response, _: Reader, tx: Transaction) -> ProductDetail:
    return await _detail(tx, product_id, response)


@router.put("/products/{product_id}", operation_id="change_product")
async def change_product(
    product_id: UUID,
    body: ProductDraft,
    expected: ExpectedVersion,
    response: Response,
    caller: Editor,
    tx: Transaction,
    clock: CurrentClock,
) -> ProductDetail:
    await service.change_product(tx, actor=caller, at=clock.now(), product_id=product_id, expected=expected, draft=body)
    return await _detail(tx, product_id, response)


@router.delete("/products/{product_id}", operation_id="delete_product", status_code=status.HTTP_204_NO_CONTENT)
async def delete_product(
    product_id: UUID, expected: ExpectedVersion, caller: Editor, tx: Transaction, clock: CurrentClock
) -> None:
    """Take a product out of the catalogue; what was sold stays sold."""
    await service.delete_product(tx, actor=caller, at=clock.now(), product_id=product_id, expected=expected)


@router.post("/products/{product_id}/restore", operation_id="restore_product")
async def restore_product(
    product_id: UUID, response: Response, caller: Editor, tx: Transaction, clock: CurrentClock
) -> ProductDetail:
    """Take a deletion back: the product as it was, with its prices, and its bar codes unless another has them now."""
    await service.restore_product(tx, actor=caller, at=clock.now(), product_id=product_id)
    return await _detail(tx, product_id, response)


@router.get("/products/{product_id}/prices", operation_id="list_prices")
async def list_prices(product_id: UUID, _: Reader, tx: Transaction) -> list[PriceShown]:
    """Every dated price of a product, newest first within list and currency."""
    return (await _existing(tx, product_id)).prices


@router.post("/products/{product_id}/prices", operation_id="set_price", status_code=status.HTTP_201_CREATED)
async def set_price(
    product_id: UUID, body: PriceDraft, caller: Editor, tx: Transaction, clock: CurrentClock
) -> list[PriceShown]:
    """Plan or set a price from a day on; what has been in force is never overwritten."""
    await service.set_price(tx, actor=caller, at=clock.now(), product_id=product_id, draft=body)
    return (await _existing(tx, product_id)).prices


@router.delete(
    "/products/{product_id}/prices/{list}/{currency}/{valid_from}",
    operation_id="delete_price",
    status_code=status.HTTP_204_NO_CONTENT,
)
async def delete_price(
    product_id: UUID,
    list: Name,
    currency: CurrencyCode,
    valid_from: date,
    caller: Editor,
    tx: Transaction,
    clock: CurrentClock,
) -> None:
    """Take back a price that is not in force yet."""
    await service.delete_price(
        tx,
        actor=caller,
        at=clock.now(),
        product_id=product_id,
        price_list=list,
        currency=currency,
        valid_from=valid_from,
    )


@router.get("/taxes", operation_id="list_taxes", response_model=Page[TaxShown])
async def list_taxes(
    caller: Reader, query: PageRequest, tx: Transaction, database: CurrentDatabase, clock: CurrentClock
) -> Page[TaxShown] | AnyResponse:
    """The dated tax table of every country."""
    return await answer(tx, database, _TAXES, query, actor=caller, at=clock.now())


@router.post("/taxes", operation_id="set_tax", status_code=status.HTTP_201_CREATED)
async def set_tax(body: TaxDraft, caller: Editor, tx: Transaction, clock: CurrentClock) -> TaxShown:
    """A rate from a day on; what has been in force is never overwritten."""
    await service.set_tax(tx, actor=caller, at=clock.now(), draft=body)
    return TaxShown(**body.model_dump())


@router.get("/branches/{branch}/price-list", operation_id="get_branch_price_list")
async def get_branch_price_list(branch: Name, caller: Reader, tx: Transaction) -> PriceListChoice:
    return PriceListChoice(list=(await _selling_by(tx, caller, branch))[0])


@router.put("/branches/{branch}/price-list", operation_id="choose_branch_price_list")
async def choose_branch_price_list(
    branch: Name, body: PriceListChoice, caller: Editor, tx: Transaction, clock: CurrentClock
) -> PriceListChoice:
    """The list that a branch sells by; its replica begins anew."""
    await _selling_by(tx, caller, branch)
    await service.choose_price_list(tx, actor=caller, at=clock.now(), branch=branch, price_list=body.list)
    return body


async def _selling_by(tx: AsyncConnection, caller: Caller, branch: str) -> tuple[str, str]:
    caller.must_see(branch)
    currency = await repository.currency_of_branch(tx, branch)
    if currency is None:
        raise NotFound("branch", branch)
    return (await repository.list_of_branch(tx, branch))[0], currency


async def _present(tx: AsyncConnection, rows: Sequence[RowMapping]) -> list[ProductShown]:
    codes = await repository.barcodes_of(tx, [row["id"] for row in rows])
    return [ProductShown.model_validate({**row, "barcodes": [*codes[row["id"]]]}) for row in rows]


async def _present_taxes(_: AsyncConnection, rows: Sequence[RowMapping]) -> list[TaxShown]:
    return [TaxShown.model_validate(dict(row)) for row in rows]


async def _existing(tx: AsyncConnection, product_id: UUID) -> ProductDetail:
    row = await repository.find_product(tx, product_id)
    if row is None:
        raise NotFound("product", product_id)
    codes = (await repository.barcodes_of(tx, [product_id]))[product_id]
    dated = (await repository.prices_of(tx, [product_id]))[product_id]
    return ProductDetail(
        **{name: row[name] for name in ("id", *FIELDS, "changed_at", "version")},
        barcodes=[BarcodeGiven(barcode=code, quantity_milli=quantity) for code, quantity in codes.items()],
        prices=[PriceShown.model_validate(dict(price)) for price in dated],
    )


async def _detail(tx: AsyncConnection, product_id: UUID, response: Response) -> ProductDetail:
    detail = await _existing(tx, product_id)
    show_version(response, detail.version)
    return detail


_TAXES = Listing(
    name="taxes",
    statement=repository.tax_list(),
    key=repository.tax_key(),
    sortable={
        "country": taxes.c.country,
        "code": taxes.c.code,
        "rate": taxes.c.rate,
        "valid_from": taxes.c.valid_from,
    },
    default="country",
    item=TaxShown,
    present=_present_taxes,
    search=[taxes.c.country, taxes.c.code],
)
