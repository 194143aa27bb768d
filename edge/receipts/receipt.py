"""Sale and return receipts: what stands on them, in which order, with which weight.

Money, quantities and times come as strings, formatted for the reader's language by the caller; nothing is added up
or rounded here. The words come from the catalogue of the receipt's language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge.receipts.document import (
    Align,
    BarCode,
    Columns,
    Cut,
    Document,
    Element,
    Feed,
    Item,
    Items,
    Note,
    Picture,
    QrCode,
    Rule,
    RuleStyle,
    Size,
    Text,
)
from edge.receipts.words import ENGLISH, say

__all__ = [
    "Fiscal",
    "Payment",
    "Receipt",
    "ReceiptLine",
    "Reduction",
    "Shop",
    "TaxShare",
    "closing",
    "heading",
    "lay_out_receipt",
]


@dataclass(frozen=True)
class Shop:
    """Who sells. lines: address, telephone, taxpayer number, as the country wants them."""

    name: str
    lines: tuple[str, ...] = ()
    logo: Picture | None = None
    footer: tuple[str, ...] = ()
    """Last words of its receipts; without them a sale ends with thanks."""


@dataclass(frozen=True)
class Reduction:
    """A discount with its reason; amount with its minus sign."""

    reason: str
    amount: str


@dataclass(frozen=True)
class ReceiptLine:
    """quantity with its unit ("0.432 kg"); price per unit. Leave both empty for one piece at the line's amount."""

    name: str
    amount: str
    quantity: str = ""
    price: str = ""
    reductions: tuple[Reduction, ...] = ()
    notes: tuple[str, ...] = ()
    """Lot, expiry, serial numbers."""


@dataclass(frozen=True)
class Payment:
    """A form of payment as the customer knows it ("Card **41") and what was handed over or given back by it."""

    form: str
    amount: str


@dataclass(frozen=True)
class TaxShare:
    rate: str
    """With its sign: "20 %"."""
    amount: str


@dataclass(frozen=True)
class Fiscal:
    """What the register printed for this sale: its number, and facts such as the register's or the tax office's."""

    number: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """One receipt. A return has `original`, its amounts are what is given back."""

    shop: Shop
    number: str
    at: str
    till: str
    operator: str
    lines: tuple[ReceiptLine, ...]
    total: str
    """With its currency."""
    is_return: bool = False
    original: str = ""
    shift: str = ""
    customer: str = ""
    subtotal: str = ""
    """Shown when it differs from the total."""
    reductions: tuple[Reduction, ...] = ()
    """Discounts of the whole receipt."""
    rounding: str = ""
    """Cash rounding with its sign; empty when there is none."""
    payments: tuple[Payment, ...] = ()
    change: str = ""
    taxes: tuple[TaxShare, ...] = ()
    fiscal: Fiscal | None = None
    part: tuple[str, str] | None = None
    """(1, 2) for the first of two receipts of one sale."""
    qr: str = ""
    bar_code: str = ""


def lay_out_receipt(receipt: Receipt, words: Mapping[str, str] = ENGLISH) -> Document:
    """The whole receipt, ready for any paper width."""
    return Document(
        (
            *heading(receipt.shop),
            *_identity(receipt, words),
            Rule(RuleStyle.THIN),
            Items(tuple(_item(line) for line in receipt.lines)),
            Rule(RuleStyle.THIN),
            *_sums(receipt, words),
            *_payments(receipt, words),
            *_taxes(receipt, words),
            *_fiscal(receipt, words),
            *_codes(receipt),
            *closing(receipt.shop.footer or (() if receipt.is_return else (say(words, "receipt.thanks"),))),
        )
    )


def heading(shop: Shop) -> Iterator[Element]:
    """Logo, name and address, centred."""
    if shop.logo is not None:
        yield shop.logo
        yield Feed()
    yield Text(shop.name, Align.CENTER, Size.LARGE, bold=True)
    for line in shop.lines:
        yield Text(line, Align.CENTER)
    yield Feed()


def closing(footer: tuple[str, ...]) -> Iterator[Element]:
    """Last words, and the end of the paper."""
    if footer:
        yield Feed()
    for line in footer:
        yield Text(line, Align.CENTER)
    yield Feed()
    yield Cut()


def _identity(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Element]:
    number = say(words, "receipt.number", number=receipt.number)
    title = f"{say(words, 'receipt.title')} {number}"
    if receipt.is_return:
        yield Text(say(words, "receipt.return"), Align.CENTER, Size.LARGE, bold=True, reverse=True)
        title = number
    yield Columns(title, say(words, "receipt.till", till=receipt.till), bold=True)
    yield Columns(receipt.at, say(words, "receipt.shift", shift=receipt.shift) if receipt.shift else "")
    yield Text(say(words, "receipt.cashier", name=receipt.operator))
    if receipt.customer:
        yield Text(say(words, "receipt.customer", name=receipt.customer))
    if receipt.original:
        yield Text(say(words, "receipt.original", number=receipt.original), bold=True)
    if receipt.part is not None:
        yield Text(say(words, "receipt.part", part=receipt.part[0], parts=receipt.part[1]), bold=True)


def _item(line: ReceiptLine) -> Item:
    detail = f"{line.quantity} × {line.price}" if line.quantity and line.price else line.quantity
    notes = (
        *(Note(reduction.reason, reduction.amount) for reduction in line.reductions),
        *(Note(note) for note in line.notes),
    )
    return Item(line.name, detail, line.amount, notes)


def _sums(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Element]:
    if receipt.subtotal:
        yield Columns(say(words, "receipt.subtotal"), receipt.subtotal)
    for reduction in receipt.reductions:
        yield Columns(reduction.reason or say(words, "receipt.discount"), reduction.amount)
    name = "receipt.refund" if receipt.is_return else "receipt.total"
    yield Columns(say(words, name), receipt.total, Size.LARGE, bold=True)
    if receipt.rounding:
        yield Columns(say(words, "receipt.rounding"), receipt.rounding)


def _payments(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Element]:
    if receipt.payments:
        yield Rule(RuleStyle.DASHED)
    for payment in receipt.payments:
        yield Columns(payment.form, payment.amount)
    if receipt.change:
        yield Columns(say(words, "receipt.change"), receipt.change, bold=True)


def _taxes(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Element]:
    if receipt.taxes:
        yield Rule(RuleStyle.DASHED)
    for tax in receipt.taxes:
        yield Columns(say(words, "receipt.tax", rate=tax.rate), tax.amount)


def _fiscal(receipt: Receipt, words: Mapping[str, str]) -> Iterator[Element]:
    yield Rule(RuleStyle.DASHED)
    if receipt.fiscal is None:
        yield Text(say(words, "receipt.not-fiscal"), Align.CENTER)
        return
    yield Text(say(words, "receipt.fiscal", number=receipt.fiscal.number), Align.CENTER, bold=True)
    for fact in receipt.fiscal.facts:
        yield Text(fact, Align.CENTER)


def _codes(receipt: Receipt) -> Iterator[Element]:
    if receipt.qr:
        yield Feed()
        yield QrCode(receipt.qr)
    if receipt.bar_code:
        yield Feed()
        yield BarCode(receipt.bar_code)
