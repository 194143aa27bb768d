"""One plain example of every kind of fact, for golden files and round trips. Ids are fixed, not random."""

# ruff: noqa: E501 - a sample reads best as a block

from datetime import UTC, date, datetime
from uuid import UUID

from shared.events import (
    CashMoved,
    CashMovement,
    Condition,
    CustomerEnrolled,
    DeviceHealth,
    DeviceState,
    DiscountTaken,
    DrawerOpened,
    ExternalReference,
    LineVoided,
    Payload,
    Payment,
    PaymentForm,
    PriceChanged,
    PriceSource,
    ReceiptFiscalised,
    ReceiptKind,
    ReceiptOutcomeUnknown,
    ReceiptRefused,
    ReturnedLine,
    SaleCancelled,
    SaleCompleted,
    SaleLine,
    SaleReturned,
    ScanProblem,
    ScanUnresolved,
    ShiftClosed,
    ShiftOpened,
    StrayReceiptClosed,
    TaxAmount,
)
from shared.facts import Stamp


def uid(n: int) -> UUID:
    return UUID(f"0199f0de-0000-7000-8000-{n:012d}")


NOW = datetime(2026, 11, 21, 10, 2, 11, 250_000, tzinfo=UTC)
STAMP = Stamp(
    event_id=uid(1), time=NOW, branch="abovyan-12", node="gw-01", epoch=uid(2), boot=3, sequence=17,
    till="till-2", shift=uid(3), businessdate=date(2026, 11, 21), operator=uid(4),
)  # fmt: skip

SALE = SaleCompleted(
    sale_id=uid(10),
    number="abovyan-12-2-412-88",
    currency="AMD",
    opened_at=NOW,
    lines=(
        SaleLine(
            line_no=1, product_id=uid(20), product_code="10481", name="Milk 3.2 % 1 l", unit="pcs",
            quantity_milli=2_000, unit_price=620_000_000, price_source=PriceSource.LIST, gross_minor=124_000,
            amount_minor=124_000, tax_code="A", tax_rate=2_000, tax_minor=20_667, scan="]E04850001234567",
        ),
        SaleLine(
            line_no=2, product_id=uid(21), product_code="10482", name="Սուրճ 250 գ", unit="pcs",
            quantity_milli=1_000, unit_price=3_900_000_000, price_source=PriceSource.LIST, gross_minor=390_000,
            discounts=(DiscountTaken(reason="Gold 5 %", amount_minor=19_500),), amount_minor=370_500,
            tax_code="A", tax_rate=2_000, tax_minor=61_750,
        ),
    ),
    subtotal_minor=514_000,
    discount_minor=19_500,
    total_minor=494_500,
    rounding_minor=500,
    taxes=(TaxAmount(code="A", rate=2_000, net_minor=412_083, tax_minor=82_417, gross_minor=494_500),),
    payments=(
        Payment(payment_id=uid(30), form=PaymentForm.CARD, amount_minor=300_000, given_minor=300_000, stated_by_person=True),
        Payment(payment_id=uid(31), form=PaymentForm.CASH, amount_minor=195_000, given_minor=200_000, change_minor=5_000),
    ),
    customer_id=uid(40),
    reference=ExternalReference(scheme="online-retail", number="536365", issued_on=date(2010, 12, 1)),
)  # fmt: skip

RETURN = SaleReturned(
    return_id=uid(11),
    number="abovyan-12-2-412-R4",
    original_sale_id=uid(10),
    original_number="abovyan-12-2-412-88",
    currency="AMD",
    lines=(
        ReturnedLine(
            original_line_no=2, product_id=uid(21), product_code="10482", name="Սուրճ 250 գ", unit="pcs",
            quantity_milli=1_000, amount_minor=370_500, tax_code="A", tax_rate=2_000, tax_minor=61_750,
            reason="Damaged", sellable=False,
        ),
    ),
    total_minor=370_500,
    rounding_minor=-500,
    taxes=(TaxAmount(code="A", rate=2_000, net_minor=308_750, tax_minor=61_750, gross_minor=370_500),),
    refunds=(
        Payment(payment_id=uid(32), form=PaymentForm.CARD, amount_minor=300_000, given_minor=300_000, stated_by_person=True),
        Payment(payment_id=uid(33), form=PaymentForm.CASH, amount_minor=70_000, given_minor=70_000),
    ),
)  # fmt: skip

_RECEIPT = {
    "receipt_id": uid(12), "of_id": uid(10), "kind": ReceiptKind.SALE, "part": 1, "parts": 1,
    "currency": "AMD", "total_minor": 494_500, "register_serial": "DT123456",
}  # fmt: skip

SAMPLES: dict[str, tuple[str, Payload]] = {
    "sale.completed": (str(uid(10)), SALE),
    "sale.returned": (str(uid(11)), RETURN),
    "sale.cancelled": (
        str(uid(13)),
        SaleCancelled(sale_id=uid(13), number="abovyan-12-2-412-89", currency="AMD", reason="customer left", line_count=1, total_minor=65_000),
    ),
    "sale.line_voided": (
        str(uid(10)),
        LineVoided(
            sale_id=uid(10), line_no=3, product_id=uid(22), product_code="10483", name="Filters no. 4",
            quantity_milli=1_000, amount_minor=65_000, currency="AMD", after_total=True,
        ),
    ),
    "sale.price_changed": (
        str(uid(10)),
        PriceChanged(
            sale_id=uid(10), line_no=1, product_id=uid(20), product_code="10481", currency="AMD",
            old_unit_price=630_000_000, new_unit_price=620_000_000, quantity_milli=2_000, reason="shelf label",
        ),
    ),
    "receipt.fiscalised": (
        str(uid(12)),
        ReceiptFiscalised(
            **_RECEIPT, document_no=5521, fiscal_memory_no="50123456", register_time="2026-11-21T14:02:12", adopted=False
        ),
    ),
    "receipt.refused": (str(uid(12)), ReceiptRefused(**_RECEIPT, code="FIS-420", maker_code="4.4")),
    "receipt.outcome_unknown": (str(uid(12)), ReceiptOutcomeUnknown(**_RECEIPT, code="FIS-502")),
    "receipt.stray_closed": (
        "DT123456",
        StrayReceiptClosed(
            document_no=5523, register_serial="DT123456", fiscal_memory_no="50123456", total_minor=10_000, currency="AMD"
        ),
    ),
    "shift.opened": (str(uid(3)), ShiftOpened(shift_id=uid(3), number=412, currency="AMD", float_minor=2_000_000)),
    "shift.closed": (
        str(uid(3)),
        ShiftClosed(
            shift_id=uid(3), number=412, currency="AMD", opened_at=NOW, sales=88, returns=4, sold_minor=61_145_000,
            returned_minor=370_500, expected_cash_minor=14_110_000, counted_cash_minor=14_100_000,
            expected_card_minor=8_630_000, counted_card_minor=8_630_000, difference_minor=-10_000, closure_no=412,
            register_serial="DT123456", register_turnover_minor=60_774_500,
        ),
    ),
    "cash.moved": (
        str(uid(50)),
        CashMoved(movement_id=uid(50), direction=CashMovement.OUT, amount_minor=5_000_000, currency="AMD", reason="to the safe"),
    ),
    "customer.enrolled": (
        str(uid(60)),
        CustomerEnrolled(customer_id=uid(60), name="Lusine Mkrtchyan", phone="+374 77 123456", consent=True, language="hy"),
    ),
    "drawer.opened": ("till-2", DrawerOpened(reason="change")),
    "scan.unresolved": (
        "till-2",
        ScanUnresolved(problem=ScanProblem.UNKNOWN, raw="4850009990001", symbology="EAN-13"),
    ),
    "device.state": (
        "register-2",
        DeviceState(
            device_id="register-2", category="FiscalPrinter", health=DeviceHealth.ATTENTION,
            conditions=(Condition(code="FIS-201"),), model="FP-800", serial="DT123456", firmware="1.00BG",
        ),
    ),
}  # fmt: skip
