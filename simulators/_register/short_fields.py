"""The data of short-frame commands as the device reads them: text in, checked values out.

Source: protocol note "ISL", section 5. Anything that does not fit is a LayoutError, which the device answers by 0.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from simulators._register.arithmetic import parse_decimal
from simulators._register.memory import Record

__all__ = [
    "LayoutError",
    "Opening",
    "Payment",
    "Sale",
    "Storno",
    "Subtotal",
    "clock_text",
    "parse_clock",
    "parse_opening",
    "parse_payment",
    "parse_sale",
    "parse_storno",
    "parse_subtotal",
]

_CYRILLIC_GROUPS = {letter: chr(ord("A") + at) for at, letter in enumerate("АБВГДЕЖЗ")}
_DEPARTMENT_GROUP = "B"
"""Tax group of every department: the note does not say how departments are programmed."""
_WHOLE = 1000

_UNP = re.compile(r"[A-Z0-9]{8}-[A-Za-z0-9]{4}-\d{7}")
_NUMBER = r"[+-]?\d{1,10}(?:\.\d{1,3})?"
_CHANGE = rf"(?:,(?P<percent>[+-]?\d{{1,3}}(?:\.\d{{1,2}})?)|;(?P<amount>{_NUMBER}))?"
_SALE = re.compile(
    r"(?P<text>[^\t\n]*(?:\n[^\t\n]*)?)\t"
    r"(?:(?P<department>\d{1,2})\t|(?P<tax>[A-HАБВГДЕЖЗ]))"
    rf"(?P<price>{_NUMBER})(?:\*(?P<quantity>{_NUMBER})(?:\#(?P<unit>[^,;\t]*))?)?{_CHANGE}"
)
_SUBTOTAL = re.compile(rf"(?P<printed>[01])(?P<shown>[01]){_CHANGE}")
_PAYMENT = re.compile(rf"(?P<text>[^\t]*)\t(?P<letter>[A-Za-z])?(?P<amount>{_NUMBER})?")
_CLOCK = re.compile(r"\d\d-\d\d-\d\d \d\d:\d\d(?::\d\d)?")


class LayoutError(ValueError):
    """Data that no command of this kind has."""


@dataclass(frozen=True)
class Opening:
    operator: int
    password: str
    till: str
    invoice: bool
    unp: str | None


@dataclass(frozen=True)
class Storno:
    opening: Opening
    original: Record


@dataclass(frozen=True)
class Sale:
    text: str
    """One or two lines, LF between them."""
    tax: str
    price_minor: int
    quantity_milli: int
    unit: str
    percent_hundredths: int
    surcharge_minor: int


@dataclass(frozen=True)
class Subtotal:
    printed: bool
    percent_hundredths: int
    surcharge_minor: int


@dataclass(frozen=True)
class Payment:
    letter: str
    amount_minor: int | None
    """None: all that is due."""


def parse_opening(data: str) -> Opening:
    """`op,pwd,till[,I][,UNP]` or, as the C family writes it, `op,pwd,UNP,till`; an empty UNP counts as none."""
    operator, password, *rest = [*data.split(","), ""]
    unp = [field for field in rest if _UNP.fullmatch(field)]
    tills = [field for field in rest if field.isdecimal() and len(field) <= 5]
    invoice = rest.count("I")
    known = len(unp) + len(tills) + invoice + rest.count("")
    if not operator.isdecimal() or len(tills) != 1 or len(unp) > 1 or invoice > 1 or known != len(rest):
        raise LayoutError(data)
    return Opening(int(operator), password, tills[0], bool(invoice), unp[0] if unp else None)


def parse_storno(data: str, reasons: Mapping[str, str], dialect: str) -> Storno:
    """P: `op,pwd,till[,InvNum][,UNP],<E|R|T>DocNo[,UNPorig,DDMMYYhhmmss,FM][#text]`; C: all of them, reason apart."""
    head, _, text = data.partition("#")
    fields = head.split(",")
    if dialect == "C":
        if len(fields) != 8:
            raise LayoutError(data)
        opening = parse_opening(",".join(fields[:4]))
        reason, number, at, memory_no = fields[4:]
        unp_original = ""
    else:
        marks = [at for at, field in enumerate(fields) if at > 2 and re.fullmatch(r"[ERT]\d{1,7}", field)]
        if not marks:
            raise LayoutError(data)
        mark = marks[0]
        # An invoice number may stand between till and UNP; it is printed nowhere.
        given = [field for at, field in enumerate(fields[:mark]) if at <= 2 or _UNP.fullmatch(field)]
        if mark - len(given) > 1:
            raise LayoutError(data)
        opening = parse_opening(",".join(given))
        reason, number = fields[mark][0], fields[mark][1:]
        tail = fields[mark + 1 :] or ["", "", ""]
        if len(tail) != 3:
            raise LayoutError(data)
        unp_original, at, memory_no = tail
    if reason not in reasons or not number.isdecimal() or (memory_no and not memory_no.isalnum()):
        raise LayoutError(data)
    original = {
        "document_no": number,
        "at": _original_at(at) if at else None,
        "fiscal_memory_no": memory_no or None,
        "reason": reasons[reason],
        "unp": unp_original or None,
        "text": text or None,
    }
    return Storno(opening, original)


def _original_at(text: str) -> str:
    return _time(text, "%d%m%y%H%M%S").isoformat()


def parse_sale(data: str, decimals: int) -> Sale:
    match = _SALE.fullmatch(data)
    if match is None:
        raise LayoutError(data)
    tax = match["tax"] or _DEPARTMENT_GROUP
    quantity = _decimal(match["quantity"] or "1", 3)
    if quantity <= 0:
        raise LayoutError(data)
    return Sale(
        text=match["text"],
        tax=_CYRILLIC_GROUPS.get(tax, tax),
        price_minor=_decimal(match["price"], decimals),
        quantity_milli=quantity,
        unit=match["unit"] or "",
        percent_hundredths=_decimal(match["percent"] or "0", 2),
        surcharge_minor=_decimal(match["amount"] or "0", decimals),
    )


def parse_subtotal(data: str, decimals: int) -> Subtotal:
    match = _SUBTOTAL.fullmatch(data)
    if match is None:
        raise LayoutError(data)
    return Subtotal(
        printed=match["printed"] == "1",
        percent_hundredths=_decimal(match["percent"] or "0", 2),
        surcharge_minor=_decimal(match["amount"] or "0", decimals),
    )


def parse_payment(data: str, decimals: int) -> Payment:
    match = _PAYMENT.fullmatch(data)
    if match is None:
        raise LayoutError(data)
    amount = match["amount"]
    return Payment(match["letter"] or "P", None if amount is None else _decimal(amount, decimals))


def parse_clock(data: str) -> datetime:
    if not _CLOCK.fullmatch(data):
        raise LayoutError(data)
    return _time(data if data.count(":") == 2 else data + ":00", "%d-%m-%y %H:%M:%S")


def clock_text(at: datetime) -> str:
    return f"{at:%d-%m-%y %H:%M:%S}"


def _time(text: str, layout: str) -> datetime:
    try:
        return datetime.strptime(text, layout)  # noqa: DTZ007 - the register's clock knows no zone
    except ValueError as error:
        raise LayoutError(text) from error


def _decimal(text: str, decimals: int) -> int:
    try:
        return parse_decimal(text, decimals)
    except ValueError as error:
        raise LayoutError(text) from error
