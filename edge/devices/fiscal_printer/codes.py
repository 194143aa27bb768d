"""Stable codes of everything that can go wrong at a fiscal register, whatever its maker. Texts: message catalogue.

Drivers raise these only. 2xx: a person can make it go on, nothing happened. 3xx: try again later, nothing happened.
4xx: refused for good, nothing happened. 5xx: it may have happened.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AMOUNTS_DIFFER",
    "AMOUNT_OVERFLOW",
    "ANSWER_IS_NOISE",
    "ANSWER_NOT_UNDERSTOOD",
    "CANNOT_CANCEL_PAID",
    "CLOCK_BATTERY",
    "CLOCK_NOT_SET",
    "COVER_OPEN",
    "DOCUMENT_OPEN",
    "DUPLICATE_PRINTED",
    "JOURNAL_FULL",
    "MEMORY_FAILED",
    "MEMORY_FULL",
    "MEMORY_READ_ONLY",
    "NOT_ALLOWED_NOW",
    "NOT_ENOUGH_CASH",
    "NOT_FISCALISED",
    "NO_ANSWER",
    "NO_DOCUMENT_OPEN",
    "OPERATOR_REFUSED",
    "ORIGINAL_INCOMPLETE",
    "OUTCOME_UNKNOWN",
    "OVERHEATED",
    "PAPER_OUT",
    "PAYMENTS_IMPOSSIBLE",
    "PRINT_MECHANISM",
    "RAM_RESET",
    "RECEIPT_TOO_LARGE",
    "REFUSED",
    "TAX_TERMINAL",
    "UNKNOWN_COMMAND",
    "UNKNOWN_TAX",
    "WRONG_DATA",
]

PAPER_OUT: Final = "FIS-201"
"""Out of paper."""
COVER_OPEN: Final = "FIS-202"
"""The cover is open."""
PRINT_MECHANISM: Final = "FIS-203"
"""Print mechanism fault: jam, cutter, head."""
CLOCK_NOT_SET: Final = "FIS-205"
"""The register's clock must be set by a person."""
RAM_RESET: Final = "FIS-206"
"""The register has lost its working memory; a person sets its clock or closes the day, then it goes on."""
JOURNAL_FULL: Final = "FIS-207"
"""The electronic journal is full: close the day or change the memory card."""
OPERATOR_REFUSED: Final = "FIS-208"
"""Wrong operator number or password, or the operator is locked after three wrong ones. Parameter: operator."""
TAX_TERMINAL: Final = "FIS-209"
"""The tax terminal inside the register does not respond."""
NOT_ENOUGH_CASH: Final = "FIS-210"
"""The drawer holds less than is to be taken out. Parameters: asked_minor, in_drawer_minor."""
CLOCK_BATTERY: Final = "FIS-211"
"""The clock's battery is low and the register refuses to work."""

NO_ANSWER: Final = "FIS-301"
"""The register does not answer. Parameter: address."""
ANSWER_IS_NOISE: Final = "FIS-302"
"""Bytes arrive that are no answer: most often a wrong line speed. Parameters: address, noise (hex)."""
OVERHEATED: Final = "FIS-303"
"""The print head must cool down."""

WRONG_DATA: Final = "FIS-401"
"""The register found a mistake in the data of a command: ours. Parameter: command (hex)."""
UNKNOWN_COMMAND: Final = "FIS-402"
"""The register does not know a command: wrong model or profile. Parameter: command (hex)."""
NOT_ALLOWED_NOW: Final = "FIS-403"
"""The register does not allow the command in its present state. Parameter: command (hex)."""
AMOUNT_OVERFLOW: Final = "FIS-404"
"""An amount is too large for the register. Parameter: command (hex)."""
REFUSED: Final = "FIS-405"
"""Refused for a reason that only the maker's own code names. Parameter: command (hex)."""
ANSWER_NOT_UNDERSTOOD: Final = "FIS-406"
"""The register's answer is not what the model's manual says: wrong profile. Parameters: command (hex), answer."""
AMOUNTS_DIFFER: Final = "FIS-410"
"""The receipt's amounts do not agree with themselves or with what the register computes.

Parameters: ours_minor, register_minor.
"""
DOCUMENT_OPEN: Final = "FIS-411"
"""A document stands open in the register."""
CANNOT_CANCEL_PAID: Final = "FIS-412"
"""The open document has a payment and cannot be cancelled any more. Parameter: paid_minor."""
DUPLICATE_PRINTED: Final = "FIS-413"
"""The one permitted copy has been printed, or there is nothing to copy."""
PAYMENTS_IMPOSSIBLE: Final = "FIS-414"
"""Payments the register cannot take: short of the total, change from a card, an unknown form.

Parameters: paid_minor, total_minor; or form.
"""
RECEIPT_TOO_LARGE: Final = "FIS-415"
"""More lines, or a larger sum, than one receipt holds. Parameters: limit and lines, or limit_minor and amount_minor."""
ORIGINAL_INCOMPLETE: Final = "FIS-416"
"""A return without the number, time or register of its original; or one given to a sale."""
NO_DOCUMENT_OPEN: Final = "FIS-417"
"""There is no open document to finish."""
UNKNOWN_TAX: Final = "FIS-418"
"""A tax code that the register has no group for. Parameter: tax_code."""
MEMORY_FULL: Final = "FIS-420"
"""Fiscal memory is full: the register has come to the end of its life."""
MEMORY_FAILED: Final = "FIS-421"
"""Fiscal memory cannot be written, read or found: service."""
MEMORY_READ_ONLY: Final = "FIS-422"
"""Fiscal memory is read-only: the register was taken out of service."""
NOT_FISCALISED: Final = "FIS-424"
"""The register is not fiscalised: its receipts are none."""

OUTCOME_UNKNOWN: Final = "FIS-502"
"""The register may have done it. Ask `position`, never print again first.

Parameter: cause, the code that ended the attempt (FIS-301 when the answer is missing).
"""
