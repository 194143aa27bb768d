"""What was sold here and what has come back of it, read from the journal's facts and the index beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from uuid import UUID

from edge.checkout.fiscal_store import Job, JobState, Reader, jobs_of
from edge.checkout.returns import PaperLine, Refunded
from shared.envelope import Envelope
from shared.errors import PermanentError
from shared.events import PaymentForm, SaleCompleted, SaleReturned
from shared.facts import read_fact

__all__ = ["PaperFact", "Sold", "find_paper", "find_sale", "sale_ids_of"]


@dataclass(frozen=True)
class Sold:
    """A completed sale with everything a return of it must know."""

    sale: SaleCompleted
    till: str
    sold_at: datetime
    operator: UUID | None
    jobs: tuple[Job, ...]
    """Its receipts, in order. Empty when it was sold without a register."""
    returned_milli: Mapping[int, int]
    refunded: tuple[Refunded, ...]

    @property
    def paper(self) -> tuple[PaperLine, ...]:
        """Where each line stands; a sale without receipts is one paper."""
        if not self.jobs:
            return tuple(PaperLine(1, line.line_no, 0, line.quantity_milli) for line in self.sale.lines)
        return tuple(PaperLine(job.part, *line) for job in self.jobs for line in job.lines)

    @property
    def is_settled(self) -> bool:
        """Whether every receipt has come to an end; before that nothing can be given back against it."""
        return all(job.state in (JobState.DONE, JobState.REFUSED) for job in self.jobs)


def sale_ids_of(read: Reader, *, number: str | None = None, reference: str | None = None) -> list[UUID]:
    """Sales by our number, or by the number another system knows them by, newest first."""
    if number is not None:
        rows = read("SELECT sale_id FROM sales WHERE number = ?", (number,))
    else:
        rows = read(
            "SELECT sale_id FROM sales WHERE reference_number = ? ORDER BY sold_at DESC LIMIT 20", (reference or "",)
        )
    return [UUID(row["sale_id"]) for row in rows]


def find_sale(read: Reader, sale_id: UUID) -> Sold:
    """Raises PermanentError SAL-420 for a sale that this gateway does not know, or no longer."""
    rows = read(
        "SELECT s.till, s.sold_at, f.body FROM sales s JOIN facts f ON f.event_id = s.event_id WHERE s.sale_id = ?",
        (str(sale_id),),
    )
    if not rows:
        raise PermanentError("SAL-420", sale=str(sale_id))
    envelope = Envelope.model_validate_json(rows[0]["body"])
    sale = read_fact(envelope).payload
    assert isinstance(sale, SaleCompleted)
    return Sold(
        sale=sale,
        till=rows[0]["till"],
        sold_at=datetime.fromisoformat(rows[0]["sold_at"]),
        operator=envelope.operator,
        jobs=tuple(jobs_of(read, sale_id)),
        returned_milli=_returned(read, sale_id),
        refunded=_refunded(read, sale_id),
    )


def _returned(read: Reader, sale_id: UUID) -> Mapping[int, int]:
    returned: dict[int, int] = defaultdict(int)
    for row in read("SELECT line_no, quantity_milli FROM returned_lines WHERE sale_id = ?", (str(sale_id),)):
        returned[row["line_no"]] += row["quantity_milli"]
    return returned


def _refunded(read: Reader, sale_id: UUID) -> tuple[Refunded, ...]:
    rows = read("SELECT form, amount_minor, exact_minor FROM refunds WHERE sale_id = ?", (str(sale_id),))
    return tuple(Refunded(PaymentForm(row["form"]), row["amount_minor"], row["exact_minor"]) for row in rows)


@dataclass(frozen=True)
class PaperFact:
    """A sale or return as its fact has it, and who made it when."""

    of_id: UUID
    payload: SaleCompleted | SaleReturned
    at: datetime
    operator: UUID | None
    shift_no: int


def find_paper(read: Reader, of_id: UUID) -> PaperFact | None:
    """The sale or return with this id; None when this gateway does not know it, or no longer."""
    rows: list[Row] = read(
        "SELECT f.body, p.at, s.number FROM (SELECT sale_id AS id, event_id, sold_at AS at, shift_id FROM sales"
        " UNION ALL SELECT return_id, event_id, returned_at, shift_id FROM returns) p"
        " JOIN facts f ON f.event_id = p.event_id JOIN shifts s ON s.shift_id = p.shift_id WHERE p.id = ?",
        (str(of_id),),
    )
    if not rows:
        return None
    envelope = Envelope.model_validate_json(rows[0]["body"])
    payload = read_fact(envelope).payload
    assert isinstance(payload, SaleCompleted | SaleReturned)
    at = datetime.fromisoformat(rows[0]["at"])
    return PaperFact(of_id, payload, at, envelope.operator, rows[0]["number"])
