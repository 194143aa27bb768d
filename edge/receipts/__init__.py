"""Layout of our own receipt documents: plain facts in, elements and rows out. Pure: no printer, no clock, no I/O.

`receipt` and `report` say what stands on the paper, `document` names the elements, `compose` lays them into columns.
"""

from edge.receipts.compose import Row, compose, preview
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
    as_copy,
)
from edge.receipts.receipt import (
    Fiscal,
    Payment,
    Receipt,
    ReceiptLine,
    Reduction,
    Shop,
    TaxShare,
    lay_out_receipt,
)
from edge.receipts.report import Report, ReportKind, lay_out_report

__all__ = [
    "Align",
    "BarCode",
    "Columns",
    "Cut",
    "Document",
    "Element",
    "Feed",
    "Fiscal",
    "Item",
    "Items",
    "Note",
    "Payment",
    "Picture",
    "QrCode",
    "Receipt",
    "ReceiptLine",
    "Reduction",
    "Report",
    "ReportKind",
    "Row",
    "Rule",
    "RuleStyle",
    "Shop",
    "Size",
    "TaxShare",
    "Text",
    "as_copy",
    "compose",
    "lay_out_receipt",
    "lay_out_report",
    "preview",
]
