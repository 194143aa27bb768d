"""What may be asked of a till and moves no sale: a sold one, what a return would give back, an X report, a price.

Questions are not stored: asked twice, they are answered twice. Each needs its right, as operations do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.checkout.denominations import denominations, sum_of
from edge.checkout.fiscal_store import Reader
from edge.checkout.numbers import till_no_of
from edge.checkout.operations import Pieces, ReturnLines, parse
from edge.checkout.paper_layout import PaperFacts, XFigures, x_document
from edge.checkout.papers import PREVIEW_COLUMNS
from edge.checkout.returning import plan_of
from edge.checkout.shift_keeping import expected_of
from edge.checkout.sold import Sold, find_sale, sale_ids_of
from edge.checkout.state import OperatorAtTill
from edge.checkout.texts import Texts
from edge.checkout.till import Till
from edge.receipts import preview
from shared.clock import Clock
from shared.errors import NeedsPerson, PermanentError
from shared.events import SaleLine, StrayReceiptClosed

__all__ = ["QUESTIONS", "Questions"]

Short = Annotated[str, Field(max_length=100)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class FindSale(_Asked):
    """By our number, by another system's number, by id, or by what a scanned receipt says."""

    number: Short | None = None
    reference: Short | None = None
    sale_id: UUID | None = None
    barcode: Short | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.number, self.reference, self.sale_id, self.barcode)) != 1:
            raise ValueError("exactly one of number, reference, sale_id and barcode")
        return self


class Nothing(_Asked):
    pass


class CountCash(_Asked):
    pieces: Pieces = ()


class OneRequest(_Asked):
    request: UUID


class PriceCheck(_Asked):
    on: bool


class Questions:
    """The questions of one till."""

    def __init__(
        self,
        till: Till,
        read: Reader,
        *,
        clock: Clock,
        operator_name: Callable[[UUID], str],
    ) -> None:
        self._till = till
        self._read = read
        self._clock = clock
        self._operator_name = operator_name

    async def ask(self, name: str, given: Mapping[str, Any], operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """Raises TradepostError: SAL-401 arguments, USR-403 right, SAL-420 no such sale, and the register's own."""
        model, right, answer = QUESTIONS[name]
        if right is not None and right not in operator.rights:
            raise NeedsPerson("USR-403", right=right)
        return await answer(self, parse(model, given), operator, texts)

    # -- sales --------------------------------------------------------------------------------------------------------

    async def find_sale(self, asked: FindSale, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        sold = find_sale(self._read, self._sale_id(asked))
        return {"sale": self._found(sold, texts)}

    def _sale_id(self, asked: FindSale) -> UUID:
        if asked.sale_id is not None:
            return asked.sale_id
        number = asked.number or asked.barcode
        found = sale_ids_of(self._read, number=number) if number else []
        # What a person types may be the number of the system that the sale came from.
        found = found or sale_ids_of(self._read, reference=asked.reference or number)
        if not found:
            raise PermanentError("SAL-420", sale=number or asked.reference or "-")
        return found[0]

    def _found(self, sold: Sold, texts: Texts) -> dict[str, Any]:
        sale = sold.sale
        return {
            "sale_id": str(sale.sale_id),
            "number": sale.number,
            "date_text": texts.time(sold.sold_at),
            "till_text": texts.say("receipt.till", {"till": till_no_of(sale.number) or sold.till}),
            "operator": self._operator_name(sold.operator) if sold.operator else "",
            "total_text": texts.money(sale.total_minor),
            "total_minor": sale.total_minor,
            "settled": sold.is_settled,
            "reference": sale.reference.model_dump(mode="json", exclude_none=True) if sale.reference else None,
            "lines": [self._line(line, sold, texts) for line in sale.lines],
        }

    def _line(self, line: SaleLine, sold: Sold, texts: Texts) -> dict[str, Any]:
        left = line.quantity_milli - sold.returned_milli.get(line.line_no, 0)
        return {
            "line_no": line.line_no,
            "code": line.product_code,
            "name": line.name,
            "sold_milli": line.quantity_milli,
            "sold_text": texts.quantity(line.quantity_milli, line.unit),
            "left_milli": left,
            "left_text": texts.quantity(left, line.unit),
            "sum_minor": line.amount_minor,
            "sum_text": texts.money(line.amount_minor),
        }

    async def quote_return(self, asked: ReturnLines, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """What would go back, and by which forms; nothing is taken back yet."""
        sold = find_sale(self._read, asked.sale_id)
        plan = plan_of(self._till.desk, sold, asked.requests)
        refund = plan.total_minor + plan.rounding_minor
        return {
            "total_minor": plan.total_minor,
            "refund_minor": refund,
            "forms": [{"form": refund.form.value, "amount_minor": refund.amount_minor} for refund in plan.refunds],
        }

    # -- reports ------------------------------------------------------------------------------------------------------

    async def x_report(self, asked: Nothing, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """The register's interim report, and the till's own beside it. Printed twice it does no harm."""
        shift = self._till.state.shift
        if shift is None:
            raise NeedsPerson("SAL-241")
        report = await self._till.engine.x_report() if self._till.engine else None
        [row] = self._read("SELECT sales, returns FROM shifts WHERE shift_id = ?", (str(shift.shift_id),))
        should_be = expected_of(self._read, shift.shift_id)
        figures = XFigures(
            opened_at=datetime.fromisoformat(shift.opened_at),
            sales=row["sales"],
            returns=row["returns"],
            float_minor=shift.float_minor,
            expected=should_be,
        )
        facts = PaperFacts(
            self._till.desk.shop, str(self._till.desk.number), f"{shift.number:04d}", operator.name, self._clock.now()
        )
        return {
            "text": preview(x_document(figures, facts, texts), PREVIEW_COLUMNS),
            "closure_no": report.closure_no if report else None,
            "register_turnover_minor": report.turnover_minor if report else None,
            "sold_minor": should_be.sold_minor,
            "returned_minor": should_be.returned_minor,
        }

    async def count_cash(self, asked: CountCash, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """What so many notes and coins make, and which there are. Knows nothing of what should be there."""
        pack = self._till.desk.currency
        return {
            "sum_minor": sum_of(asked.pieces, pack),
            "denominations": [{"value_minor": value} for value in denominations(pack)],
        }

    # -- the register -------------------------------------------------------------------------------------------------

    async def close_stray(self, asked: Nothing, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """FIS-411: a person has the strange paid document completed. Asked again there is none any more: FIS-417."""
        till = self._till
        if till.engine is None:
            raise PermanentError("FIS-417")
        closed = await till.engine.close_stray()
        payload = StrayReceiptClosed(
            document_no=closed.document_no,
            register_serial=closed.register_serial,
            fiscal_memory_no=closed.fiscal_memory_no,
            total_minor=closed.total_minor,
            currency=till.desk.currency.code,
        )
        await till.record("receipt.stray_closed", closed.register_serial, payload, operator)
        return {"document_no": closed.document_no, "total_minor": closed.total_minor}

    # -- second persons -----------------------------------------------------------------------------------------------

    async def drop_approval(self, asked: OneRequest, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """Nobody waits for this any more."""
        self._till.approvals.drop(asked.request)
        self._till.changed()
        return {}

    # -- prices -------------------------------------------------------------------------------------------------------

    async def price_check(self, asked: PriceCheck, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        """From now on a scan shows its price and touches no basket; or no longer."""
        self._till.check_prices(on=asked.on)
        return {}

    async def ping(self, asked: Nothing, operator: OperatorAtTill, texts: Texts) -> dict[str, Any]:
        return {}


Answerer = Callable[[Questions, Any, OperatorAtTill, Texts], Awaitable[dict[str, Any]]]

QUESTIONS: Final[Mapping[str, tuple[type[BaseModel], str | None, Answerer]]] = {
    "find_sale": (FindSale, "sell", Questions.find_sale),
    "quote_return": (ReturnLines, "sell", Questions.quote_return),
    "drop_approval": (OneRequest, None, Questions.drop_approval),
    "x_report": (Nothing, "x_report", Questions.x_report),
    "count_cash": (CountCash, "close_shift", Questions.count_cash),
    "close_stray": (Nothing, "close_shift", Questions.close_stray),
    "price_check": (PriceCheck, None, Questions.price_check),
    "ping": (Nothing, None, Questions.ping),
}
