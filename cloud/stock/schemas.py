"""What the stock endpoints answer. Quantities are signed thousandths of the product's unit."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, BaseModel

__all__ = ["BalanceShown", "MoveShown"]


class BalanceShown(BaseModel):
    """May be negative: goods were sold before their delivery was entered."""

    branch: str
    warehouse: str
    warehouse_id: UUID
    product: UUID
    product_code: str
    name: str
    unit: str
    lot: str
    condition: str
    quantity_milli: int


class MoveShown(BaseModel):
    id: UUID
    branch: str
    warehouse: str
    product: UUID
    product_code: str
    lot: str
    condition: str
    quantity_milli: int
    kind: str
    at: AwareDatetime
    of_id: UUID
    line_no: int
