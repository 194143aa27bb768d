from __future__ import annotations

from dataclasses import replace

import pytest

from edge.checkout.fiscal_settling import (
    Before,
    Verdict,
    settle_cancelled,
    settle_cash,
    settle_closure,
    settle_receipt,
)
from edge.devices.fiscal_printer.contract import (
    CashTotals,
    DocumentKind,
    DocumentPosition,
    FiscalLine,
    FiscalPayment,
    FiscalReceipt,
    OpenDocument,
    PaymentForm,
)

ADOPT, REPEAT, CANCEL, FINISH, ASK = Verdict
LINES = tuple(FiscalLine(f"LINE {n}", 1_000, n * 1_000_000, 0, n * 100, "B") for n in (1, 2, 3))
RECEIPT = FiscalReceipt(DocumentKind.SALE, LINES, (FiscalPayment(PaymentForm.CASH, 600),), 600, "Anna", 1)
BEFORE = Before(100, "DT1")


def at(number: int, total: int | None = None, document: OpenDocument | None = None, serial: str = "DT1") -> object:
    return DocumentPosition(serial, number, total, document)


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (at(100, 0), REPEAT),
        (at(100, 600), REPEAT),
        (at(101, 600), ADOPT),
        (at(101, 0), REPEAT),  # the one document since then is one of ours that was dropped
        (at(101, None), ASK),
        (at(101, 599), ASK),
        (at(102, 600), ASK),
        (at(99, 600), ASK),
        (at(100, 600, serial="DT2"), ASK),
        (at(101, 600, serial="DT2"), ASK),
        # Open, nothing paid: ours as far as it goes.
        (at(100, None, OpenDocument(0, 0, 0)), CANCEL),
        (at(100, None, OpenDocument(1, 100, 0)), CANCEL),
        (at(100, None, OpenDocument(3, 600, 0)), CANCEL),
        (at(100, None, OpenDocument(-1, 300, 0)), CANCEL),
        (at(100, None, OpenDocument(2, 100, 0)), ASK),
        (at(100, None, OpenDocument(4, 600, 0)), ASK),
        (at(100, None, OpenDocument(-1, 250, 0)), ASK),
        (at(101, None, OpenDocument(1, 100, 0)), ASK),
        (at(100, None, OpenDocument(-1, 0, 0, fiscal=False)), ASK),
        # Open and paid: only ours, whole, is completed.
        (at(100, None, OpenDocument(3, 600, 600)), FINISH),
        (at(100, None, OpenDocument(3, 600, 200)), FINISH),
        (at(100, None, OpenDocument(-1, 600, 200)), FINISH),
        (at(100, None, OpenDocument(2, 300, 200)), ASK),
        (at(100, None, OpenDocument(3, 500, 200)), ASK),
    ],
)
def test_what_a_receipt_in_doubt_comes_to(now: DocumentPosition, verdict: Verdict) -> None:
    assert settle_receipt(RECEIPT, BEFORE, now) is verdict


def test_a_receipt_of_nothing_cannot_be_told_from_a_dropped_one() -> None:
    free = replace(RECEIPT, total_minor=0)
    assert settle_receipt(free, BEFORE, at(101, 0)) is ASK  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (at(100, 0), REPEAT),
        (at(101, 0), REPEAT),
        (at(101, 600), REPEAT),
        (at(100, None, OpenDocument(1, 100, 0)), CANCEL),
        (at(100, None, OpenDocument(3, 600, 100)), ASK),
        (at(100, None, OpenDocument(1, 99, 0)), ASK),
        (at(100, 0, serial="DT2"), ASK),
    ],
)
def test_a_document_that_was_being_dropped_and_is_gone_was_dropped(now: DocumentPosition, verdict: Verdict) -> None:
    assert settle_cancelled(RECEIPT, BEFORE, now) is verdict


@pytest.mark.parametrize(("now", "verdict"), [(7, REPEAT), (8, ADOPT), (9, ASK), (6, ASK)])
def test_a_closing_report_counts_itself(now: int, verdict: Verdict) -> None:
    assert settle_closure(7, now) is verdict


@pytest.mark.parametrize(
    ("amount", "now", "verdict"),
    [
        (500, CashTotals(0, 1_000, 50), REPEAT),
        (500, CashTotals(0, 1_500, 50), ADOPT),
        (500, CashTotals(0, 1_600, 50), ASK),
        (-500, CashTotals(0, 1_000, 550), ADOPT),
        (-500, CashTotals(0, 1_500, 50), ASK),
    ],
)
def test_service_cash_shows_in_the_sums_of_the_day(amount: int, now: CashTotals, verdict: Verdict) -> None:
    assert settle_cash(amount, 1_000, 50, now) is verdict
