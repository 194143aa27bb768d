"""Papers of a till found again: the sale or return behind an id, its receipts, its layout for screen and printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from uuid import UUID

from edge.checkout.act import Desk
from edge.checkout.fiscal_store import Job, JobState, Reader, jobs_of
from edge.checkout.paper_layout import ClosingFigures, PaperFacts, closing_document, receipt_document
from edge.checkout.shifts import Count, Expected
from edge.checkout.sold import PaperFact, find_paper
from edge.checkout.texts import Texts
from edge.receipts import Document, as_copy, preview
from shared.events import SaleCompleted, SaleReturned
from shared.words import catalogue

__all__ = ["Paper", "Papers"]

PREVIEW_COLUMNS = 42
"""Letters in a line of the preview: what an 80 mm printer with the smaller font prints."""


@dataclass(frozen=True)
class Paper:
    of_id: UUID
    payload: SaleCompleted | SaleReturned
    jobs: tuple[Job, ...]
    fact: PaperFact

    @property
    def is_settled(self) -> bool:
        """Whether every fiscal receipt has come to its end."""
        return all(job.state in (JobState.DONE, JobState.REFUSED) for job in self.jobs)


class Papers:
    """operator_name: of an operator's id; empty when nobody knows it any more."""

    def __init__(self, desk: Desk, read: Reader, operator_name: Callable[[UUID], str]) -> None:
        self._desk = desk
        self._read = read
        self._operator_name = operator_name
        self._found: PaperFact | None = None
        self._shown: tuple[object, str] | None = None

    def find(self, of_id: UUID) -> Paper | None:
        """None when the journal no longer holds it."""
        if self._found is None or self._found.of_id != of_id:
            self._found = find_paper(self._read, of_id)
        if self._found is None:
            return None
        return Paper(of_id, self._found.payload, tuple(jobs_of(self._read, of_id)), self._found)

    def document(self, paper: Paper, texts: Texts, *, is_copy: bool = False) -> Document:
        facts = PaperFacts(
            shop=self._desk.shop,
            till=str(self._desk.number),
            shift=f"{paper.fact.shift_no:04d}",
            operator=self._operator_name(paper.fact.operator) if paper.fact.operator else "",
            at=paper.fact.at,
        )
        document = receipt_document(paper.payload, paper.jobs, facts, texts)
        return as_copy(document, catalogue(texts.language)) if is_copy else document

    def closing_text(self, shift: Row, should_be: Expected, closures: Sequence[Job], texts: Texts) -> str:
        """The slip of a closed shift: what was sold, what should be there, what was counted."""
        facts = PaperFacts(
            shop=self._desk.shop,
            till=str(self._desk.number),
            shift=f"{shift['number']:04d}",
            operator=shift["operator_name"],
            at=datetime.fromisoformat(shift["closed_at"]),
        )
        figures = ClosingFigures(
            opened_at=datetime.fromisoformat(shift["opened_at"]),
            sales=shift["sales"],
            returns=shift["returns"],
            float_minor=shift["float_minor"],
            expected=should_be,
            count=Count(shift["counted_minor"], shift["slips_minor"]),
            closure_no=closures[-1].result_no if closures else None,
        )
        return preview(closing_document(figures, facts, texts), PREVIEW_COLUMNS)

    def text(self, paper: Paper, texts: Texts) -> str:
        """The receipt as it would be printed, in columns; empty until its fiscal numbers are known.

        Laid out once: 300 lines take a tenth of a second, in which no scan is answered.
        """
        if not paper.is_settled:
            return ""
        key = (paper.of_id, tuple(job.result_no for job in paper.jobs), texts.language)
        if self._shown is None or self._shown[0] != key:
            self._shown = (key, preview(self.document(paper, texts), PREVIEW_COLUMNS))
        return self._shown[1]
