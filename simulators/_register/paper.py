"""What the paper shows of a document, 42 columns: made from its record in fiscal memory alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from simulators._register.arithmetic import decimal_text
from simulators._register.memory import Record

__all__ = ["COLUMNS", "print_document"]

COLUMNS = 42

_TITLES = {
    "sale": "FISCAL RECEIPT",
    "return": "FISCAL RECEIPT / STORNO",
    "cancelled": "CANCELLED",
    "nonfiscal": "NON-FISCAL RECEIPT",
    "cash": "CASH IN / OUT",
    "x": "X REPORT",
    "z": "Z REPORT",
    "duplicate": "DUPLICATE",
}


def print_document(record: Record, header: Record) -> list[str]:
    """Lines of at most COLUMNS characters."""
    decimals = header["currency_decimals"]
    body = {"cash": _cash, "x": _report, "z": _report}.get(record["kind"], _receipt)
    return [
        header["model"].center(COLUMNS).rstrip(),
        _TITLES[record["kind"]].center(COLUMNS).rstrip(),
        "-" * COLUMNS,
        *body(record, decimals),
        "-" * COLUMNS,
        _two(f"No. {record['document']:07d}", record["at"].replace("T", " ")),
        _two(f"SN {header['serial']}", f"FM {header['fiscal_memory_no']}"),
    ]


def _receipt(record: Record, decimals: int) -> Iterator[str]:
    if record["operator"]:
        yield _two(f"OPERATOR {record['operator']}", f"TILL {record['till']}")
    if record["original"]:
        yield from _wrapped("ORIGINAL " + " ".join(str(value) for value in record["original"].values() if value))
    comments = list(zip(record["comment_after"], record["comments"], strict=True))
    for number, line in enumerate(record["lines"]):
        yield from _comments(comments, number)
        yield from _line(line, decimals)
    yield from _comments(comments, len(record["lines"]))
    for adjustment in record["adjustments"]:
        yield _two("SUBTOTAL", decimal_text(adjustment["amount_minor"], decimals))
    if record["power_losses"]:
        yield "*** VOLTAGE DROP ***"
    if record["kind"] in ("sale", "return", "duplicate"):
        yield _two("TOTAL", decimal_text(record["total_minor"], decimals))
        for payment in record["payments"]:
            yield _two(f"PAID {payment['letter']}", decimal_text(payment["amount_minor"], decimals))
        if record["change_minor"]:
            yield _two("CHANGE", decimal_text(record["change_minor"], decimals))
    if record["customer"]:
        yield from _wrapped(record["customer"])


def _line(line: Record, decimals: int) -> Iterator[str]:
    for text in line["text"].split("\n"):
        yield from _wrapped(text)
    quantity = decimal_text(line["quantity_milli"], 3)
    unit = f" {line['unit']}" if line["unit"] else ""
    gross = line["amount_minor"] + line["discount_minor"]
    times = f"  {quantity}{unit} x {decimal_text(line['price_minor'], decimals)}"
    yield _two(times, f"{decimal_text(gross, decimals)} {line['tax']}")
    if line["discount_minor"]:
        title = "  DISCOUNT" if line["discount_minor"] > 0 else "  SURCHARGE"
        yield _two(title, f"{decimal_text(-line['discount_minor'], decimals)} {line['tax']}")


def _comments(comments: list[tuple[int, str]], number: int) -> Iterator[str]:
    for after, text in comments:
        if after == number:
            yield from _wrapped(text)


def _cash(record: Record, decimals: int) -> Iterator[str]:
    yield _two("IN" if record["total_minor"] > 0 else "OUT", decimal_text(record["total_minor"], decimals))
    yield _two("IN DRAWER", decimal_text(record["cash_in_drawer_minor"], decimals))


def _report(record: Record, decimals: int) -> Iterator[str]:
    yield f"CLOSURE {record['closure']:04d}"
    for title, name in (("SALES", "sales"), ("RETURNS", "returns")):
        part = record[name]
        yield _two(f"{title} {part['count']}", decimal_text(part["total_minor"], decimals))
        for tax, amount in part["by_tax"].items():
            if amount:
                yield _two(f"  {tax}", decimal_text(amount, decimals))
    yield _two(f"CANCELLED {record['cancelled_count']}", "")
    for letter, amount in record["payments_by_letter"].items():
        yield _two(f"PAID {letter}", decimal_text(amount, decimals))
    yield _two("CASH IN DRAWER", decimal_text(record["cash_in_drawer_minor"], decimals))
    yield _two("GRAND TOTAL", decimal_text(record["grand_total_minor"], decimals))


def _two(left: str, right: str) -> str:
    return f"{left}{right.rjust(COLUMNS - len(left))}"[:COLUMNS].rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, drop_whitespace=False) or [""]
