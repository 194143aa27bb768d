"""What the catalogue says and hears over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cloud.fields import Code, CountryCode, CurrencyCode, UnitPrice, Words, plain
from shared.envelope import Name

__all__ = [
    "LARGEST_IMPORT",
    "BarcodeGiven",
    "ImportOutcome",
    "ImportedProduct",
    "PriceDraft",
    "PriceListChoice",
    "PriceShown",
    "ProductDetail",
    "ProductDraft",
    "ProductImport",
    "ProductShown",
    "TaxDraft",
    "TaxShown",
]

LARGEST_IMPORT = 5_000
"""Products in one import request: about 1.5 MB of JSON and two seconds on SQLite; send a larger file in parts."""

TaxLetter = Annotated[str, Field(pattern=r"^[A-Z]$")]
Unit = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12), AfterValidator(plain)]
QuantityMilli = Annotated[int, Field(strict=True, gt=0, le=10**12)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BarcodeGiven(_Request):
    barcode: Code
    quantity_milli: QuantityMilli = Field(default=1_000, description="What one scan sells, in thousandths.")


class PriceDraft(_Request):
    list: Name = "retail"
    currency: CurrencyCode
    unit_price: UnitPrice = Field(description="In 1/10,000 minor units: 3,900.00 AMD is 3900000000.")
    valid_from: date


class _ProductFields(_Request):
    code: Code
    name: Words
    unit: Unit
    tax_code: TaxLetter
    minimum_age: Annotated[int, Field(strict=True, ge=1, le=99)] | None = Field(
        default=None, description="Years: tills ask before they sell it to anybody younger."
    )


class ProductDraft(_ProductFields):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "10482",
                "name": "Coffee beans 250 g",
                "unit": "pcs",
                "tax_code": "A",
                "barcodes": [{"barcode": "4850001234567", "quantity_milli": 1000}],
            }
        }
    )

    barcodes: list[BarcodeGiven] = Field(default=[], max_length=200)


class ProductShown(BaseModel):
    """A row of the list. unit_price is the one in force for the asked list, currency and day."""

    id: UUID
    code: str
    name: str
    unit: str
    tax_code: str
    minimum_age: int | None
    barcodes: list[str]
    unit_price: int | None
    changed_at: AwareDatetime
    version: int


class PriceShown(BaseModel):
    product_id: UUID
    list: str
    currency: str
    valid_from: date
    unit_price: int
    version: int


class ProductDetail(BaseModel):
    id: UUID
    code: str
    name: str
    unit: str
    tax_code: str
    minimum_age: int | None
    barcodes: list[BarcodeGiven]
    prices: list[PriceShown]
    changed_at: AwareDatetime
    version: int


class ImportedProduct(_ProductFields):
    barcodes: list[BarcodeGiven] | None = Field(
        default=None, max_length=200, description="null leaves the product's bar codes as they are."
    )
    prices: list[PriceDraft] = Field(default=[], max_length=200, description="Added; none is taken away.")


class ProductImport(_Request):
    products: list[ImportedProduct] = Field(min_length=1, max_length=LARGEST_IMPORT)


class ImportOutcome(BaseModel):
    """Records, not rows: a product whose only news is a price is changed."""

    created: int
    changed: int
    unchanged: int


class TaxDraft(_Request):
    country: CountryCode
    code: TaxLetter
    rate: Annotated[int, Field(strict=True, ge=0, le=10_000)] = Field(description="In 1/10,000: 20 % is 2000.")
    valid_from: date
    inclusive: bool = True


class TaxShown(BaseModel):
    country: str
    code: str
    rate: int
    valid_from: date
    inclusive: bool


class PriceListChoice(_Request):
    list: Name
