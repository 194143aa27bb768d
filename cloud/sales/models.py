"""Tables of what was sold and returned, how it was paid, printed and counted. All of them are born from facts.

Facts may arrive in any order (a receipt before its sale, when a range was lost), so nothing here has a foreign key to
another of these tables. Money is minor units of `currency`, unit prices 1/10,000 minor units, quantities thousandths.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Index, Integer, SmallInteger, String, Table, Text, text
from sqlalchemy import Uuid as Id
from sqlalchemy.schema import SchemaItem

from cloud.database import METADATA, Timestamp

__all__ = [
    "cancelled_sales",
    "cash_movements",
    "drawer_openings",
    "price_changes",
    "receipts",
    "refunds",
    "return_lines",
    "return_taxes",
    "returns",
    "sale_discounts",
    "sale_lines",
    "sale_payments",
    "sale_taxes",
    "sales",
    "shifts",
    "unresolved_scans",
    "voided_lines",
]


def _minor(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _where_it_happened() -> list[SchemaItem]:
    return [
        Column("branch", String(64), nullable=False),
        Column("node", String(64), nullable=False),
        Column("till", String(64)),
        Column("shift", Id),
        Column("operator", Id),
        Column("businessdate", Date, nullable=False),
        Column("at", Timestamp, nullable=False),
    ]


def _set_index(table: str, *columns: str) -> Index:
    # Most rows have no value here; they should not cost an index entry each.
    condition = text(f"{columns[0]} IS NOT NULL")
    return Index(f"ix_{table}_{columns[0]}", *columns, postgresql_where=condition, sqlite_where=condition)


sales = Table(
    "sales",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    *_where_it_happened(),
    Column("opened_at", Timestamp, nullable=False),
    Column("currency", String(3), nullable=False),
    _minor("subtotal_minor"),
    _minor("discount_minor"),
    _minor("total_minor"),
    _minor("tax_minor"),
    _minor("rounding_minor"),
    Column("line_count", Integer, nullable=False),
    Column("receipt_count", Integer, nullable=False),
    Column("customer_id", Id),
    Column("reference_scheme", String(40)),
    Column("reference_number", String(60)),
    Column("reference_date", Date),
    Column("event_id", Id, nullable=False),
    Index("ix_sales_branch_at", "branch", "at", "id"),
    _set_index("sales", "customer_id"),
    _set_index("sales", "reference_number"),
)
"""at: when it was paid. total_minor is before cash rounding; payments add up to total + rounding."""

sale_lines = Table(
    "sale_lines",
    METADATA,
    Column("sale_id", Id, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("product_id", Id, nullable=False),
    Column("product_code", String(60), nullable=False),
    Column("name", String(200), nullable=False),
    Column("unit", String(12), nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("unit_price", BigInteger, nullable=False),
    Column("price_source", String(10), nullable=False),
    _minor("gross_minor"),
    _minor("discount_minor"),
    _minor("amount_minor"),
    Column("tax_code", String(1), nullable=False),
    Column("tax_rate", Integer, nullable=False),
    _minor("tax_minor"),
    Column("lot", String(200)),
    Column("expiry", Date),
    Column("serials", JSON(none_as_null=True)),
    Column("scan", Text),
)

sale_taxes = Table(
    "sale_taxes",
    METADATA,
    Column("sale_id", Id, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("code", String(1), nullable=False),
    Column("rate", Integer, nullable=False),
    _minor("net_minor"),
    _minor("tax_minor"),
    _minor("gross_minor"),
)

sale_payments = Table(
    "sale_payments",
    METADATA,
    Column("sale_id", Id, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("form", String(12), nullable=False),
    _minor("amount_minor"),
    _minor("given_minor"),
    _minor("change_minor"),
    Column("is_stated_by_person", Boolean, nullable=False),
    Column("reference", String(200)),
)

sale_discounts = Table(
    "sale_discounts",
    METADATA,
    Column("sale_id", Id, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("reason", String(200), nullable=False),
    _minor("amount_minor"),
)

returns = Table(
    "returns",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("number", String(60), nullable=False, unique=True),
    Column("sale_id", Id, nullable=False, index=True),
    Column("sale_number", String(200), nullable=False),
    *_where_it_happened(),
    Column("currency", String(3), nullable=False),
    _minor("total_minor"),
    _minor("tax_minor"),
    _minor("rounding_minor"),
    Column("line_count", Integer, nullable=False),
    Column("receipt_count", Integer, nullable=False),
    Column("customer_id", Id),
    Column("is_to_confirm", Boolean, nullable=False),
    Column("reference_scheme", String(40)),
    Column("reference_number", String(60)),
    Column("reference_date", Date),
    Column("event_id", Id, nullable=False),
    Index("ix_returns_branch_at", "branch", "at", "id"),
    _set_index("returns", "customer_id"),
    _set_index("returns", "reference_number"),
)
"""sale_id, sale_number: the original sale, as the gateway knew it. Amounts are positive."""

return_lines = Table(
    "return_lines",
    METADATA,
    Column("return_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sale_id", Id, nullable=False),
    Column("sale_line_no", Integer, nullable=False),
    Column("product_id", Id, nullable=False),
    Column("product_code", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("unit", String(12), nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    _minor("amount_minor"),
    Column("tax_code", String(1), nullable=False),
    Column("tax_rate", Integer, nullable=False),
    _minor("tax_minor"),
    Column("reason", String(200), nullable=False),
    Column("is_sellable", Boolean, nullable=False),
    Column("lot", String(200)),
    Index("ix_return_lines_sale", "sale_id", "sale_line_no"),
)

return_taxes = Table(
    "return_taxes",
    METADATA,
    Column("return_id", Id, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("code", String(1), nullable=False),
    Column("rate", Integer, nullable=False),
    _minor("net_minor"),
    _minor("tax_minor"),
    _minor("gross_minor"),
)

refunds = Table(
    "refunds",
    METADATA,
    Column("return_id", Id, primary_key=True),
    Column("position", SmallInteger, primary_key=True),
    Column("payment_id", Id, nullable=False),
    Column("form", String(12), nullable=False),
    _minor("amount_minor"),
    _minor("given_minor"),
    _minor("change_minor"),
    Column("is_stated_by_person", Boolean, nullable=False),
    Column("reference", String(200)),
)

receipts = Table(
    "receipts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("of_id", Id, nullable=False, index=True),
    Column("kind", String(6), nullable=False),
    Column("part", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("branch", String(64), nullable=False),
    Column("node", String(64), nullable=False),
    Column("till", String(64)),
    Column("at", Timestamp, nullable=False),
    Column("currency", String(3), nullable=False),
    _minor("total_minor"),
    Column("state", String(10), nullable=False),
    Column("register_serial", String(200), nullable=False),
    Column("document_no", BigInteger),
    Column("fiscal_memory_no", String(200)),
    Column("register_time", String(19)),
    Column("is_adopted", Boolean, nullable=False),
    Column("code", String(7)),
    Column("maker_code", String(200)),
    Column("event_id", Id, nullable=False),
    Index("ix_receipts_branch_at", "branch", "at", "id"),
)
"""of_id: the sale or return. state: fiscalised, refused, unknown; fiscalised is final, else the later fact counts.

register_time: the register's own clock, local, without zone.
"""

cancelled_sales = Table(
    "cancelled_sales",
    METADATA,
    Column("event_id", Id, primary_key=True),
    Column("sale_id", Id, nullable=False),
    Column("number", String(60), nullable=False),
    *_where_it_happened(),
    Column("currency", String(3), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("line_count", Integer, nullable=False),
    _minor("total_minor"),
)

voided_lines = Table(
    "voided_lines",
    METADATA,
    Column("event_id", Id, primary_key=True),
    Column("sale_id", Id, nullable=False),
    Column("line_no", Integer, nullable=False),
    *_where_it_happened(),
    Column("product_id", Id, nullable=False),
    Column("product_code", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    _minor("amount_minor"),
    Column("is_after_total", Boolean, nullable=False),
)

price_changes = Table(
    "price_changes",
    METADATA,
    Column("event_id", Id, primary_key=True),
    Column("sale_id", Id, nullable=False),
    Column("line_no", Integer, nullable=False),
    *_where_it_happened(),
    Column("product_id", Id, nullable=False),
    Column("product_code", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("old_unit_price", BigInteger, nullable=False),
    Column("new_unit_price", BigInteger, nullable=False),
    Column("quantity_milli", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False),
)

shifts = Table(
    "shifts",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("branch", String(64), nullable=False),
    Column("node", String(64), nullable=False),
    Column("till", String(64)),
    Column("number", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("businessdate", Date, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("opened_by", Id),
    _minor("float_minor", nullable=True),
    Column("closed_at", Timestamp),
    Column("closed_by", Id),
    Column("sale_count", Integer),
    Column("return_count", Integer),
    _minor("sold_minor", nullable=True),
    _minor("returned_minor", nullable=True),
    _minor("expected_cash_minor", nullable=True),
    _minor("counted_cash_minor", nullable=True),
    _minor("expected_card_minor", nullable=True),
    _minor("counted_card_minor", nullable=True),
    _minor("difference_minor", nullable=True),
    Column("closure_no", BigInteger),
    Column("register_serial", String(200)),
    _minor("register_turnover_minor", nullable=True),
    Index("ix_shifts_branch_opened", "branch", "opened_at", "id"),
)
"""Two halves, from shift.opened and shift.closed; each half is NULL until its fact is here."""

cash_movements = Table(
    "cash_movements",
    METADATA,
    Column("id", Id, primary_key=True),
    *_where_it_happened(),
    Column("direction", String(3), nullable=False),
    _minor("amount_minor"),
    Column("currency", String(3), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("event_id", Id, nullable=False),
)

drawer_openings = Table(
    "drawer_openings",
    METADATA,
    Column("event_id", Id, primary_key=True),
    *_where_it_happened(),
    Column("reason", String(200), nullable=False),
)

unresolved_scans = Table(
    "unresolved_scans",
    METADATA,
    Column("event_id", Id, primary_key=True),
    *_where_it_happened(),
    Column("problem", String(10), nullable=False),
    Column("raw", Text, nullable=False),
    Column("symbology", String(200)),
)
