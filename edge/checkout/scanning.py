"""From what a scanner delivered to what it means in this shop, asked of the replica alone.

The order is UX.md's, section 4: staff badge, customer card, receipt, own label, GS1, product codes, article.
Never breaks: a code that may mean two products becomes a question, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from edge.checkout.basket import CustomerSnapshot, ProductSnapshot, TaxSnapshot
from edge.checkout.numbers import looks_like_number
from edge.checkout.scan_results import Choice
from edge.replica import Customer, Found, Operator, Product, Replica
from shared.barcodes import InStoreTemplate, compile_templates
from shared.errors import PermanentError
from shared.events import PriceSource, ScanProblem
from shared.gs1 import Scanned, ScannedKind, interpret
from shared.money import MILLI, PRICE_SCALE, divide_half_away
from shared.pricing import rates_on

__all__ = ["Badge", "Card", "Goods", "Question", "ReceiptNumber", "Resolution", "Resolver", "Unresolved"]

TEMPLATES_SETTING: Final = "in_store_templates"
RETURN_LIMIT_SETTING: Final = "return_limit_minor"
TOO_LONG: Final = "SCN-401"
LONGEST_CODE: Final = 60
"""As much of an article's code as a sale's line carries; the id says which product it is."""
MOST_CHOICES: Final = 9
"""Chosen with the keys 1 to 9."""


@dataclass(frozen=True)
class Goods:
    """A product to be sold, with everything its line will keep."""

    product: ProductSnapshot
    quantity_milli: int
    unit_price: int
    price_source: PriceSource = PriceSource.LIST
    from_label: bool = False
    lot: str | None = None
    expiry: date | None = None
    best_before: date | None = None
    serial: str | None = None
    raw: str | None = None


@dataclass(frozen=True)
class Question:
    """SCN-202: a person chooses."""

    barcode: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Card:
    customer: CustomerSnapshot


@dataclass(frozen=True)
class Badge:
    operator: Operator


@dataclass(frozen=True)
class ReceiptNumber:
    number: str


@dataclass(frozen=True)
class Unresolved:
    """Nothing to sell. problem: what head office hears of it; None when it is nobody's demand."""

    code: str
    parameters: Mapping[str, str | int]
    raw: str
    problem: ScanProblem | None
    symbology: str | None = None


Resolution = Goods | Question | Card | Badge | ReceiptNumber | Unresolved


class Resolver:
    """Every method takes well under a millisecond: safe in the event loop."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._templates_of: object = None
        self._templates: Sequence[InStoreTemplate] = ()

    def scan(self, raw: str, today: date) -> Resolution:
        """What these characters mean on this business date."""
        scanned = interpret(raw, templates=self._own_templates(), today=today)
        person = self._person_or_paper(scanned)
        if person is not None:
            return person
        if scanned.kind is ScannedKind.IN_STORE and scanned.item_code is not None:
            found = self._replica.lookup(scanned.item_code, today)
        else:
            found = self._found(scanned, today)
        if not found:
            return _unresolved(scanned)
        if len(found) > 1:
            choices = tuple(_choice(each.product) for each in found[:MOST_CHOICES])
            return Question(_shown(scanned), choices)
        return self._goods(found[0], scanned, today)

    def badge(self, text: str) -> Operator | None:
        return self._replica.operator_by_badge(text)

    def product(self, product_id: UUID, today: date) -> Goods:
        """A product chosen by hand. Raises PermanentError SAL-419 unknown, SAL-416 no price, SAL-417 no tax."""
        product = self._replica.product(product_id, today)
        if product is None:
            raise PermanentError("SAL-419", product=str(product_id))
        return Goods(self.snapshot(product, today), MILLI, _price(product))

    def price(self, product_id: UUID, today: date) -> int | None:
        product = self._replica.product(product_id, today)
        return None if product is None else product.unit_price

    def customer(self, customer_id: UUID) -> CustomerSnapshot:
        """Raises PermanentError CUS-404."""
        customer = self._replica.customer(customer_id)
        if customer is None:
            raise PermanentError("CUS-404", customer=str(customer_id))
        return _customer(customer)

    def whole_setting(self, name: str, otherwise: int, most: int) -> int:
        """A whole number that head office has set for this branch; what is not one, or out of 0 to most, is ignored."""
        value = self._replica.settings().get(name)
        return value if isinstance(value, int) and 0 <= value <= most else otherwise

    @property
    def return_limit_minor(self) -> int | None:
        """The sum above which a return needs a right of its own, as head office has set it."""
        limit = self._replica.settings().get(RETURN_LIMIT_SETTING)
        return limit if isinstance(limit, int) and limit >= 0 else None

    def customer_by_phone(self, digits: str) -> Customer | None:
        """Whose phone ends in these digits, written with or without the country."""
        for customer in self._replica.find_customers(digits):
            own = "".join(letter for letter in customer.phone or "" if letter.isdigit()).lstrip("0")
            if own and (own.endswith(digits) or digits.endswith(own)):
                return customer
        return None

    def snapshot(self, product: Product, today: date) -> ProductSnapshot:
        rate = rates_on(self._replica.tax_table(), today).get(product.tax_code)
        if rate is None:
            raise PermanentError("SAL-417", item=product.name, tax_code=product.tax_code)
        tax = TaxSnapshot(rate.code, rate.rate, rate.inclusive)
        code = product.code[:LONGEST_CODE]
        return ProductSnapshot(product.id, code, product.name, product.unit, tax, product.minimum_age)

    def _own_templates(self) -> Sequence[InStoreTemplate]:
        notations = self._replica.settings().get(TEMPLATES_SETTING, [])
        if notations != self._templates_of:
            try:
                self._templates = compile_templates(notations)
            except (PermanentError, TypeError):
                # A notation that head office wrote wrongly must not stop every other scan.
                self._templates = ()
            self._templates_of = notations
        return self._templates

    def _person_or_paper(self, scanned: Scanned) -> Resolution | None:
        operator = self._replica.operator_by_badge(scanned.text)
        if operator is not None:
            return Badge(operator)
        customer = self._replica.customer_by_card(scanned.text)
        if customer is not None:
            return Card(_customer(customer))
        return ReceiptNumber(scanned.text) if looks_like_number(scanned.text) else None

    def _found(self, scanned: Scanned, today: date) -> tuple[Found, ...]:
        for gtin in scanned.candidates:
            found = self._replica.by_barcode(gtin, today)
            if found:
                return found
        # A misread without a symbology may still be an article that only looks like a bar code.
        if scanned.text and (not scanned.is_misread or scanned.symbology is None):
            return self._replica.lookup(scanned.text, today)
        return ()

    def _goods(self, found: Found, scanned: Scanned, today: date) -> Goods | Unresolved:
        try:
            snapshot, price = self.snapshot(found.product, today), _price(found.product)
        except PermanentError as error:
            return Unresolved(error.code, error.parameters, scanned.raw, None)
        if scanned.expiry is not None and scanned.expiry < today:
            parameters = {"item": found.product.name, "date": scanned.expiry.isoformat()}
            return Unresolved("STK-420", parameters, scanned.raw, None)
        quantity, price, source = _measure(found, scanned, price)
        return Goods(
            product=snapshot,
            quantity_milli=quantity,
            unit_price=price,
            price_source=source,
            from_label=scanned.kind is ScannedKind.IN_STORE
            or scanned.weight_g is not None
            or scanned.amount is not None,
            lot=scanned.lot,
            expiry=scanned.expiry,
            best_before=scanned.best_before,
            serial=scanned.serial,
            raw=scanned.raw,
        )


def _measure(found: Found, scanned: Scanned, price: int) -> tuple[int, int, PriceSource]:
    """Quantity, unit price and where it is from, as the label or the catalogue says."""
    label_sum = scanned.price_minor
    if label_sum is None and scanned.amount is not None and scanned.amount.decimals <= 2:
        label_sum = scanned.amount.value * int(10 ** (2 - scanned.amount.decimals))
    if scanned.weight_g is not None:
        quantity = scanned.weight_g * MILLI if found.product.unit == "g" else scanned.weight_g
    elif scanned.count is not None:
        quantity = scanned.count * MILLI
    elif label_sum is not None and price:
        quantity = max(1, divide_half_away(label_sum * PRICE_SCALE * MILLI, price))
    else:
        quantity = found.quantity_milli
    if label_sum is None:
        return quantity, price, PriceSource.LIST
    # The price that gives exactly the label's sum for this quantity.
    return quantity, divide_half_away(label_sum * PRICE_SCALE * MILLI, quantity), PriceSource.LABEL


def _price(product: Product) -> int:
    if product.unit_price is None:
        raise PermanentError("SAL-416", item=product.name)
    return product.unit_price


def _customer(customer: Customer) -> CustomerSnapshot:
    return CustomerSnapshot(customer.id, customer.number, customer.name)


def _choice(product: Product) -> Choice:
    return Choice(product.id, product.name, product.code, product.barcodes, product.unit_price)


def _shown(scanned: Scanned) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in scanned.text[:48])


def _unresolved(scanned: Scanned) -> Unresolved:
    symbology = scanned.symbology.value if scanned.symbology else None
    if scanned.is_misread and scanned.problem is not None:
        problem = ScanProblem.TOO_LONG if scanned.problem.code == TOO_LONG else ScanProblem.MISREAD
        return Unresolved(scanned.problem.code, scanned.problem.parameters, scanned.raw, problem, symbology)
    return Unresolved("SCN-201", {"barcode": _shown(scanned)}, scanned.raw, ScanProblem.UNKNOWN, symbology)
