"""Writing a delta into replica.db. One transaction, opened and ended by the caller; no reading API here."""

from __future__ import annotations

import json
import sqlite3
from uuid import UUID

from edge.replica.delta import (
    BarcodeRow,
    Changes,
    CustomerRow,
    OperatorRow,
    PriceRow,
    ProductRow,
    TaxRow,
)
from edge.replica.folding import fold
from edge.replica.pins import keyed
from shared.barcodes import MalformedCode, normalise_gtin
from shared.faults import reach

__all__ = ["apply_changes", "digits_of", "match_key"]

Connection = sqlite3.Connection


def match_key(code: str) -> str:
    """What barcodes are compared by: GTIN-8, -12, -13 and -14 of one article are one; anything else is itself."""
    try:
        return normalise_gtin(code)
    except MalformedCode:
        return code


def digits_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isdigit())


def apply_changes(connection: Connection, changes: Changes, secret: str) -> None:
    """Write every row; later rows of one key win."""
    for product in changes.products:
        _put_product(connection, product) if isinstance(product, ProductRow) else _drop_product(connection, product.id)
    for barcode in changes.barcodes:
        connection.execute("DELETE FROM barcodes WHERE barcode = ?", (barcode.barcode,))
        if isinstance(barcode, BarcodeRow):
            connection.execute(
                "INSERT INTO barcodes (barcode, match_key, product_id, quantity_milli) VALUES (?, ?, ?, ?)",
                (barcode.barcode, match_key(barcode.barcode), str(barcode.product_id), barcode.quantity_milli),
            )
    reach("replica.half_applied")
    for price in changes.prices:
        key = (str(price.product_id), price.valid_from.isoformat())
        connection.execute("DELETE FROM prices WHERE product_id = ? AND valid_from = ?", key)
        if isinstance(price, PriceRow):
            connection.execute(
                "INSERT INTO prices (product_id, valid_from, unit_price) VALUES (?, ?, ?)", (*key, price.unit_price)
            )
    for customer in changes.customers:
        _drop_customer(connection, customer.id)
        if isinstance(customer, CustomerRow):
            _put_customer(connection, customer)
    for operator in changes.operators:
        _drop_operator(connection, operator.id)
        if isinstance(operator, OperatorRow):
            _put_operator(connection, operator, secret)
    for tax in changes.taxes:
        _put_tax(connection, tax)
    for name, value in changes.settings.items():
        connection.execute("DELETE FROM settings WHERE name = ?", (name,))
        if value is not None:
            connection.execute("INSERT INTO settings (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def _put_product(connection: Connection, product: ProductRow) -> None:
    folded = fold(product.name)
    [row] = connection.execute(
        "INSERT INTO products (id, code, name, folded, unit, tax_code, minimum_age) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, folded = excluded.folded,"
        " unit = excluded.unit, tax_code = excluded.tax_code, minimum_age = excluded.minimum_age RETURNING number",
        (str(product.id), product.code, product.name, folded, product.unit, product.tax_code, product.minimum_age),
    ).fetchall()
    connection.execute(
        "INSERT OR REPLACE INTO product_words (rowid, words) VALUES (?, ?)",
        (row["number"], f"{folded} {fold(product.code)}"),
    )


def _drop_product(connection: Connection, product_id: UUID) -> None:
    for row in connection.execute("DELETE FROM products WHERE id = ? RETURNING number", (str(product_id),)).fetchall():
        connection.execute("DELETE FROM product_words WHERE rowid = ?", (row["number"],))


def _put_customer(connection: Connection, customer: CustomerRow) -> None:
    [row] = connection.execute(
        "INSERT INTO customers (id, number, name, phone) VALUES (?, ?, ?, ?) RETURNING row",
        (str(customer.id), customer.number, customer.name, customer.phone),
    ).fetchall()
    connection.execute("INSERT INTO customer_words (rowid, words) VALUES (?, ?)", (row["row"], fold(customer.name)))
    if customer.phone:
        connection.execute(
            "INSERT INTO customer_phones (rowid, digits) VALUES (?, ?)", (row["row"], digits_of(customer.phone))
        )
    connection.executemany(
        "INSERT OR REPLACE INTO cards (card, customer_id) VALUES (?, ?)",
        [(card, str(customer.id)) for card in customer.cards],
    )


def _drop_customer(connection: Connection, customer_id: UUID) -> None:
    for row in connection.execute("DELETE FROM customers WHERE id = ? RETURNING row", (str(customer_id),)).fetchall():
        connection.execute("DELETE FROM customer_words WHERE rowid = ?", (row["row"],))
        connection.execute("DELETE FROM customer_phones WHERE rowid = ?", (row["row"],))
    connection.execute("DELETE FROM cards WHERE customer_id = ?", (str(customer_id),))


def _put_operator(connection: Connection, operator: OperatorRow, secret: str) -> None:
    pin = None if operator.pin is None else keyed(secret, bytes.fromhex(operator.pin))
    connection.execute(
        "INSERT INTO operators (id, name, rights, pin) VALUES (?, ?, ?, ?)",
        (str(operator.id), operator.name, json.dumps(sorted(operator.rights)), pin),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO badges (badge, operator_id) VALUES (?, ?)",
        [(keyed(secret, badge.encode()), str(operator.id)) for badge in operator.badges],
    )


def _drop_operator(connection: Connection, operator_id: UUID) -> None:
    connection.execute("DELETE FROM operators WHERE id = ?", (str(operator_id),))
    connection.execute("DELETE FROM badges WHERE operator_id = ?", (str(operator_id),))


def _put_tax(connection: Connection, tax: TaxRow) -> None:
    connection.execute(
        "INSERT INTO taxes (code, valid_from, rate, inclusive) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (code, valid_from) DO UPDATE SET rate = excluded.rate, inclusive = excluded.inclusive",
        (tax.code, tax.valid_from.isoformat(), tax.rate, tax.inclusive),
    )
