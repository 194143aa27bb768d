"""The branch's catalogue, customers, operators, tax and settings: quick look-ups by day, and one way to change them.

Reads use a read-only connection and take well under a millisecond: safe in the event loop.
The rule that must never break: a delta is in whole or not at all, and `version` says which one was the last.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import UUID

from edge.replica.applying import apply_changes, digits_of, match_key
from edge.replica.delta import Delta
from edge.replica.file import connect, open_or_rebuild, remove
from edge.replica.folding import fold, words
from edge.replica.pins import hash_pin, is_pin, keyed
from edge.replica.records import Customer, Found, Operator, Product
from shared.errors import PermanentError, TradepostError, TransientError
from shared.pricing import TaxRate

__all__ = ["RIGHTS_HOLD", "SELLING_ONLY", "Replica", "ReplicaNotWritable", "ReplicaUnreadable", "StaleDelta"]

T = TypeVar("T")

RIGHTS_HOLD: Final = timedelta(days=7)
"""How long rights hold without word from head office (DESIGN, Decided: till login offline)."""
SELLING_ONLY: Final = frozenset({"sell"})
SEARCH_MOST: Final = 100
PHONE_DIGITS: Final = 3
"""Fewest digits that are looked for inside phone numbers: what the index is cut into."""

_PRODUCT: Final = (
    "SELECT p.id, p.code, p.name, p.unit, p.tax_code, p.minimum_age,"
    " (SELECT unit_price FROM prices WHERE product_id = p.id AND valid_from <= :day"
    "  ORDER BY valid_from DESC LIMIT 1) AS unit_price,"
    " (SELECT json_group_array(barcode) FROM barcodes WHERE product_id = p.id) AS barcodes"
)
_CUSTOMER: Final = (
    "SELECT c.id, c.number, c.name, c.phone,"
    " (SELECT json_group_array(card) FROM cards WHERE customer_id = c.id) AS cards FROM customers c"
)


class ReplicaUnreadable(TransientError):
    """SRV-310: replica.db was found damaged; it is being filled again from head office."""


class ReplicaNotWritable(TransientError):
    """SRV-311 what: no room or no right to write; the branch goes on with what it has."""


class StaleDelta(PermanentError):
    """SRV-410 have, since: the delta does not begin where this replica ends; ask again from `version`."""


class Replica:
    """Open with `Replica.open`, close with `close`. Every read may be called from the event loop."""

    def __init__(self, path: Path, *, secret: str, currency: str) -> None:
        self._path = path
        self._secret = secret
        self._currency = currency
        self._reading = threading.Lock()
        self._writing = threading.Lock()
        self.damaged = False
        """A read or a delta found the file broken; `start_over` is due."""
        self.on_damage: Callable[[], None] = lambda: None
        """Called when that is found, in whichever thread finds it."""
        self._open_file()

    @classmethod
    def open(cls, path: Path, *, secret: str, currency: str) -> Replica:
        """secret: the node's, keys PINs and badges. currency: the branch's, all prices are in it.

        A file that is damaged, of another schema or of another node is deleted; `version` is 0 then.
        """
        return cls(path, secret=secret, currency=currency)

    def _open_file(self) -> None:
        self._writer = open_or_rebuild(self._path, self._secret)
        self._reader = connect(self._path, read_only=True)
        self._load_state()

    def _load_state(self) -> None:
        row = self._writer.execute("SELECT version, synced_at FROM state").fetchone()
        self.version: int = row["version"]
        """Head office's change log up to here is in this replica."""
        self.synced_at: datetime | None = datetime.fromisoformat(row["synced_at"]) if row["synced_at"] else None
        """When head office last said that this is its newest."""

    def close(self) -> None:
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()

    # -- changing -----------------------------------------------------------------------------------------------------

    def apply(self, delta: Delta) -> None:
        """Write one delta in one transaction. Takes as long as it is large: not for the event loop.

        Raises StaleDelta SRV-410, ReplicaUnreadable SRV-310, ReplicaNotWritable SRV-311; nothing has changed then.
        """
        with self._writing:
            if delta.since != self.version:
                raise StaleDelta("SRV-410", have=self.version, since=delta.since)
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                apply_changes(self._writer, delta.changes, self._secret)
                self._writer.execute("UPDATE state SET version = ?", (delta.version,))
                self._writer.execute("COMMIT")
            except BaseException as error:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.DatabaseError):
                    raise self._in_our_words(error) from error
                raise
            self._load_state()

    def confirm(self, now: datetime) -> None:
        """Head office has just said that this version is its newest: rights hold from now."""
        with self._writing:
            self._writer.execute("UPDATE state SET synced_at = ?", (now.astimezone(UTC).isoformat(),))
            self._load_state()

    def start_over(self) -> None:
        """Throw the contents away; version 0."""
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()
            remove(self._path)
            self._open_file()
            self.damaged = False

    def successor(self) -> Replica:
        """An empty replica beside this one, to be filled while this one goes on answering, then given to `succeed`."""
        path = self._path.with_name(self._path.name + ".next")
        remove(path)
        return Replica(path, secret=self._secret, currency=self._currency)

    def succeed(self, filled: Replica) -> None:
        """Go on with the contents of a successor. A crash in between leaves this one or that one, whole."""
        filled.close()
        with self._reading, self._writing:
            self._reader.close()
            self._writer.close()
            # The old WAL first: beside the new file it would be taken for its own.
            for suffix in ("-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            filled._path.replace(self._path)
            self._open_file()
            self.damaged = False

    # -- products -----------------------------------------------------------------------------------------------------

    def lookup(self, code: str, on: date) -> tuple[Found, ...]:
        """What this bar code or article code names: nothing, one, or several for a person to choose from."""
        by_barcode = self.by_barcode(code, on)
        if by_barcode:
            return by_barcode
        return tuple(Found(product, 1_000, None) for product in self.by_article(code, on))

    def by_barcode(self, code: str, on: date) -> tuple[Found, ...]:
        """Products of a bar code's text, whichever of its GTIN lengths the scanner delivered. Also takes a GTIN-14."""
        rows = self._rows(
            f"{_PRODUCT}, b.barcode, b.quantity_milli FROM barcodes b JOIN products p ON p.id = b.product_id"
            " WHERE b.match_key = :key ORDER BY b.barcode",
            {"key": match_key(code), "day": on.isoformat()},
        )
        return tuple(Found(self._product(row), row["quantity_milli"], row["barcode"]) for row in rows)

    def by_article(self, code: str, on: date) -> tuple[Product, ...]:
        """Products whose own code this is, exactly."""
        rows = self._rows(
            f"{_PRODUCT} FROM products p WHERE p.code = :code ORDER BY p.id", {"code": code, "day": on.isoformat()}
        )
        return tuple(self._product(row) for row in rows)

    def product(self, product_id: UUID, on: date) -> Product | None:
        rows = self._rows(
            f"{_PRODUCT} FROM products p WHERE p.id = :id", {"id": str(product_id), "day": on.isoformat()}
        )
        return self._product(rows[0]) if rows else None

    def search(self, text: str, on: date, limit: int = 20) -> tuple[Product, ...]:
        """Products by the first letters of any words of name or code, in any order; names that begin so come first."""
        limit = min(limit, SEARCH_MOST)
        beginning = fold(text)
        if not beginning:
            return ()
        day = on.isoformat()
        first = self._rows(
            f"{_PRODUCT} FROM products p WHERE p.folded >= :low AND p.folded < :high ORDER BY p.folded LIMIT :limit",
            {"low": beginning, "high": beginning + "\U0010ffff", "day": day, "limit": limit},
        )
        # The first `limit` by name may all be among these, so ask for as many again.
        others = self._rows(
            f"{_PRODUCT} FROM product_words w JOIN products p ON p.number = w.rowid"
            " WHERE product_words MATCH :match LIMIT :limit",
            {"match": _prefixes(text), "day": day, "limit": limit + len(first)},
        )
        found = {row["id"]: self._product(row) for row in (*first, *others)}
        return tuple(found.values())[:limit]

    def _product(self, row: sqlite3.Row) -> Product:
        return Product(
            id=UUID(row["id"]),
            code=row["code"],
            name=row["name"],
            unit=row["unit"],
            tax_code=row["tax_code"],
            unit_price=row["unit_price"],
            currency=self._currency,
            barcodes=tuple(json.loads(row["barcodes"])),
            minimum_age=row["minimum_age"],
        )

    # -- customers ----------------------------------------------------------------------------------------------------

    def customer(self, customer_id: UUID) -> Customer | None:
        return _one(self._customers(f"{_CUSTOMER} WHERE c.id = ?", (str(customer_id),)))

    def customer_by_card(self, card: str) -> Customer | None:
        return _one(self._customers(f"{_CUSTOMER} JOIN cards k ON k.customer_id = c.id WHERE k.card = ?", (card,)))

    def find_customers(self, text: str, limit: int = 20) -> tuple[Customer, ...]:
        """Customers by card or number whole, by a part of the phone (three digits or more), by beginnings of names."""
        limit = min(limit, SEARCH_MOST)
        by_card = self.customer_by_card(text.strip())
        exact = self._customers(f"{_CUSTOMER} WHERE c.number = ? LIMIT ?", (text.strip(), limit))
        found = {customer.id: customer for customer in (*((by_card,) if by_card else ()), *exact)}
        digits = digits_of(text).lstrip("0")  # the trunk 0 of 077 123456 is not in +374 77 123456
        if len(digits) >= PHONE_DIGITS and not any(letter.isalpha() for letter in text):
            query = f"{_CUSTOMER} JOIN customer_phones i ON i.rowid = c.row WHERE customer_phones MATCH ? LIMIT ?"
            found |= {customer.id: customer for customer in self._customers(query, (f'"{digits}"', limit))}
        elif words(text):
            query = f"{_CUSTOMER} JOIN customer_words i ON i.rowid = c.row WHERE customer_words MATCH ? LIMIT ?"
            found |= {customer.id: customer for customer in self._customers(query, (_prefixes(text), limit))}
        return tuple(found.values())[:limit]

    def _customers(self, sql: str, parameters: tuple[Any, ...] | dict[str, Any]) -> tuple[Customer, ...]:
        return tuple(
            Customer(UUID(row["id"]), row["number"], row["name"], row["phone"], tuple(json.loads(row["cards"])))
            for row in self._rows(sql, parameters)
        )

    # -- operators ----------------------------------------------------------------------------------------------------

    def operators(self) -> tuple[Operator, ...]:
        return self._operators("SELECT id, name, rights FROM operators ORDER BY name, id", ())

    def operator(self, operator_id: UUID) -> Operator | None:
        return _one(self._operators("SELECT id, name, rights FROM operators WHERE id = ?", (str(operator_id),)))

    def operator_by_badge(self, badge: str) -> Operator | None:
        return _one(
            self._operators(
                "SELECT id, name, rights FROM operators JOIN badges ON operator_id = id WHERE badge = ?",
                (keyed(self._secret, badge.encode()),),
            )
        )

    def operator_by_pin(self, pin: str) -> Operator | None:
        """Whose PIN this is; nobody when it is two people's. Takes one argon2id, tens of milliseconds: use a thread."""
        salt = self.settings().get("pin_salt")
        if not is_pin(pin) or not isinstance(salt, str):
            return None
        digest = keyed(self._secret, hash_pin(pin, bytes.fromhex(salt)))
        return _one(self._operators("SELECT id, name, rights FROM operators WHERE pin = ?", (digest,)))

    def rights_of(self, operator: Operator, now: datetime) -> frozenset[str]:
        """The rights that hold now: all of them within 7 days of head office's last word, then selling only."""
        if self.synced_at is not None and now - self.synced_at <= RIGHTS_HOLD:
            return operator.rights
        return operator.rights & SELLING_ONLY

    def _operators(self, sql: str, parameters: tuple[Any, ...]) -> tuple[Operator, ...]:
        return tuple(
            Operator(UUID(row["id"]), row["name"], frozenset(json.loads(row["rights"])))
            for row in self._rows(sql, parameters)
        )

    # -- tax and settings ---------------------------------------------------------------------------------------------

    def tax_table(self) -> tuple[TaxRate, ...]:
        """Every dated row; `shared.pricing.rates_on` picks those in force."""
        return tuple(
            TaxRate(row["code"], row["rate"], date.fromisoformat(row["valid_from"]), bool(row["inclusive"]))
            for row in self._rows("SELECT code, rate, valid_from, inclusive FROM taxes ORDER BY code, valid_from", ())
        )

    def settings(self) -> Mapping[str, Any]:
        return {row["name"]: json.loads(row["value"]) for row in self._rows("SELECT name, value FROM settings", ())}

    # -----------------------------------------------------------------------------------------------------------------

    def _rows(self, sql: str, parameters: tuple[Any, ...] | dict[str, Any]) -> list[sqlite3.Row]:
        try:
            with self._reading:
                return self._reader.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._in_our_words(error) from error

    def _in_our_words(self, error: sqlite3.DatabaseError) -> TradepostError | sqlite3.DatabaseError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            self.damaged = True
            self.on_damage()
            return ReplicaUnreadable("SRV-310")
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
            return ReplicaNotWritable("SRV-311", what=str(error))
        return error


def _prefixes(text: str) -> str:
    """An FTS5 question: every typed word is the beginning of some word. Folded words hold no quote."""
    return " ".join(f'"{word}"*' for word in words(text))


def _one(found: tuple[T, ...]) -> T | None:
    return found[0] if len(found) == 1 else None
