"""What a till's page draws, as plain values: one dictionary a language, made from the newest state.

Never breaks: it only shows. No sum is made here, and what the till expects is in it only after the count was stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge.checkout.act import born_on_or_before
from edge.checkout.basket import Basket, Line
from edge.checkout.fiscal_store import Reader, jobs_of
from edge.checkout.papers import Paper, Papers
from edge.checkout.printing import print_of
from edge.checkout.register_status import RegisterState, RegisterStatus
from edge.checkout.scan_results import Choice, LastScan
from edge.checkout.shift_keeping import expected_of
from edge.checkout.shifts import Count, ShiftState, difference
from edge.checkout.splitting import Bill, bill_of
from edge.checkout.state import OpenSale, TillState
from edge.checkout.tendering import settle, suggestions
from edge.checkout.texts import Texts
from edge.checkout.till import Till
from edge.checkout.view_papers import MOST_LINES, paid_shown, receipt_shown, sold_basket, sums_shown
from shared.errors import PermanentError
from shared.events import SaleCompleted
from shared.money import MILLI, line_amount
from shared.pricing import LineResult

IDLE_LOCK_S: Final = 180
"""Without a key, a touch or a scan for so long the page locks itself; 0 is never (UX.md: idle lock 3 min)."""
VOLUME_PERCENT: Final = 70

__all__ = ["DeviceView", "LinkView", "ViewMaker"]


@dataclass(frozen=True)
class LinkView:
    """The way to head office. Work goes on without it."""

    online: bool
    since: datetime | None
    to_send: int


@dataclass(frozen=True)
class DeviceView:
    """A receipt printer: ok, attention or stopped, with the code of what it waits for."""

    state: str
    code: str | None = None


class ViewMaker:
    """One till's view. Costs are remembered as long as the basket is the same object, drawn lines while they are."""

    def __init__(self, till: Till, papers: Papers, read: Reader) -> None:
        self._till = till
        self._papers = papers
        self._read = read
        self._billed: tuple[object, Bill] | None = None
        self._drawn: dict[str, dict[str, tuple[Line, LineResult | None, bool, dict[str, Any]]]] = {}
        """language -> line's id -> what it was drawn from, and how."""

    def make(self, texts: Texts, link: LinkView, printer: DeviceView | None) -> dict[str, Any]:
        till, state = self._till, self._till.state
        paper = self._papers.find(state.last_id) if state.last_id else None
        return {
            "till": {
                "branch": till.desk.shop.name,
                "id": till.desk.till,
                "till": till.desk.till,
                "number": str(till.desk.number),
                "name": texts.say("receipt.till", {"till": till.desk.number}),
                "idle_lock_s": till.resolver.whole_setting("idle_lock_s", IDLE_LOCK_S, most=86_400),
                "volume_percent": till.resolver.whole_setting("sound_volume_percent", VOLUME_PERCENT, most=100),
            },
            "operator": _operator(state),
            "shift": _shift(state),
            "link": {"online": link.online, "since": _iso(link.since), "to_send": link.to_send},
            "printer": None if printer is None else _device(printer.state, printer.code),
            "register": None if till.engine is None else _register(till.engine.status, till.engine.last_document),
            "basket": self._basket(state, texts, paper),
            "payment": self._payment(state, texts, paper),
            "last_scan": _last_scan(till.last_scan, texts),
            "price_check": None
            if till.checked_price is None
            else {"item": choice_shown(till.checked_price.item, texts) if till.checked_price.item else None},
            "parked": [
                {
                    "id": str(parked.sale_id),
                    "name": parked.name,
                    "total_text": texts.money(bill_of(parked.basket.lines, till.desk.currency).total_minor),
                    "lines": len(parked.basket.live_lines),
                }
                for parked in state.parked
            ],
            "receipt": None if paper is None else self._receipt(paper, texts),
            "approval": _approval(till),
            "problems": self._problems(texts, printer),
            "z": self._z(texts),
        }

    def _bill(self, sale: OpenSale) -> Bill:
        if self._billed is None or self._billed[0] is not sale.basket.lines:
            desk = self._till.desk
            self._billed = (sale.basket.lines, bill_of(sale.basket.lines, desk.currency, desk.limits))
        return self._billed[1]

    # -- basket -------------------------------------------------------------------------------------------------------

    def _basket(self, state: TillState, texts: Texts, paper: Paper | None) -> dict[str, Any]:
        if state.sale is None and paper is not None and isinstance(paper.payload, SaleCompleted):
            return sold_basket(paper.payload, paper.jobs, texts)
        basket, sale = state.basket, state.sale
        bill = self._bill_or_none(sale)
        results = {} if bill is None else dict(zip((line.no for line in bill.lines), bill.results, strict=True))
        customer = basket.customer
        return {
            "id": str(sale.sale_id) if sale else "",
            "number": sale.number if sale else None,
            "state": "paying" if basket.paying else "open",
            "lines": self._lines(basket, results, texts),
            "age_question": self._age_question(basket, texts),
            "line_count": len(basket.live_lines),
            "scans": basket.scans,
            "next_quantity_text": _times(basket.next_quantity_milli, texts),
            **sums_shown(
                texts,
                bill.subtotal_minor if bill else 0,
                bill.discount_minor if bill else 0,
                bill.total_minor if bill else 0,
            ),
            "customer": None
            if customer is None
            else {"customer_id": str(customer.customer_id), "number": customer.number, "name": customer.name},
        }

    def _age_question(self, basket: Basket, texts: Texts) -> dict[str, Any] | None:
        age = basket.asked_age
        if age is None:
            return None
        return {
            "items": [line.product.name for line in basket.waiting],
            "age": age,
            "born_by": born_on_or_before(self._till.calendar_day, age).isoformat(),
        }

    def _bill_or_none(self, sale: OpenSale | None) -> Bill | None:
        if sale is None:
            return None
        try:
            return self._bill(sale)
        except PermanentError:
            # SAL-418: a line too dear for any receipt; it is shown, and paying says why it cannot be.
            return bill_of(sale.basket.lines, self._till.desk.currency)

    def _lines(self, basket: Basket, results: Mapping[int, LineResult], texts: Texts) -> list[dict[str, Any]]:
        """Each line is drawn when it changes, not with every scan."""
        before = self._drawn.get(texts.language, {})
        drawn = self._drawn[texts.language] = {}
        for line in basket.lines[-MOST_LINES:]:
            result, newest = results.get(line.no), line.id == basket.newest
            known = before.get(line.id)
            if known is None or known[0] is not line or known[1:3] != (result, newest):
                known = (line, result, newest, self._line(line, result, texts, newest=newest))
            drawn[line.id] = known
        return [known[3] for known in drawn.values()]

    def _line(self, line: Line, result: LineResult | None, texts: Texts, *, newest: bool) -> dict[str, Any]:
        step = self._till.desk.currency.line_step
        gross = result.gross_minor if result else line_amount(line.unit_price, line.quantity_milli, step)
        discounts = []
        if line.discount is not None and result is not None and result.discount_minor:
            discounts = [{"text": texts.reason(line.discount.reason), "sum_text": texts.money(-result.discount_minor)}]
        return {
            "id": line.id,
            "no": line.no,
            "name": line.product.name,
            "code": line.product.code,
            "quantity_milli": line.quantity_milli,
            "quantity_text": texts.quantity(line.quantity_milli, line.product.unit),
            "price_text": texts.price(line.unit_price),
            "sum_text": texts.money(gross),
            "sum_minor": gross,
            "discounts": discounts,
            "voided": line.voided,
            "newest": newest,
        }

    # -- payment ------------------------------------------------------------------------------------------------------

    def _payment(self, state: TillState, texts: Texts, paper: Paper | None) -> dict[str, Any] | None:
        if state.sale is None:
            return paid_shown(paper.payload, texts) if paper and isinstance(paper.payload, SaleCompleted) else None
        if not state.sale.basket.paying:
            return None
        bill = self._bill_or_none(state.sale)
        assert bill is not None
        currency = self._till.desk.currency
        standing = settle(bill.total_minor, state.sale.basket.tenders, currency)
        rounding = standing.rounding_minor
        return {
            "due_minor": bill.total_minor,
            "due_text": texts.money(bill.total_minor),
            "left_minor": standing.left_minor,
            "left_text": texts.money(standing.left_minor),
            "rounding_text": texts.rounding(rounding) if rounding else None,
            "left_in_cash_minor": standing.cash_left_minor,
            "left_in_cash_text": texts.money(standing.cash_left_minor) if rounding else None,
            "tenders": [
                {
                    "id": str(tender.tender_id),
                    "form": tender.form.value,
                    "amount_minor": tender.amount_minor,
                    "amount_text": texts.money(tender.amount_minor),
                    "state": tender.state.value,
                }
                for tender in state.sale.basket.tenders
            ],
            "suggestions": [
                {"minor": minor, "text": texts.money(minor)}
                for minor in suggestions(standing.cash_left_minor, currency)
            ],
            "change_minor": standing.change_minor,
            "change_text": texts.money(standing.change_minor) if standing.paid else None,
        }

    def _receipt(self, paper: Paper, texts: Texts) -> dict[str, Any]:
        engine = self._till.engine
        may_settle = engine.person_may_settle if engine else lambda _: False
        shown = receipt_shown(paper.payload, paper.jobs, texts, may_settle)
        print_job = print_of(self._read, paper.of_id)
        return {
            **shown,
            "paper": print_job.state.value if print_job else None,
            "text": self._papers.text(paper, texts),
        }

    # -- what needs somebody ------------------------------------------------------------------------------------------

    def _problems(self, texts: Texts, printer: DeviceView | None) -> list[dict[str, Any]]:
        till = self._till
        problems: list[dict[str, Any]] = []
        if till.restored_at is not None:
            parameters = {"lines": len(till.state.basket.live_lines), "time": texts.time(till.restored_at)}
            problems.append({"code": "SAL-131", "parameters": parameters, "since": _iso(till.restored_at)})
        for tender in till.state.basket.tenders:
            if tender.state.value == "unknown":
                parameters = {"amount": texts.money(tender.amount_minor), "tender_id": str(tender.tender_id)}
                problems.append({"code": "PAY-501", "parameters": parameters, "since": None})
        if till.engine is not None and till.engine.status.code is not None:
            problems.append(self._register_problem(till.engine.status, texts))
        if printer is not None and printer.code is not None:
            problems.append({"code": printer.code, "parameters": {}, "since": None})
        return problems

    def _register_problem(self, status: RegisterStatus, texts: Texts) -> dict[str, Any]:
        engine = self._till.engine
        assert engine is not None
        job = engine.in_doubt
        parameters = texts.shown(dict(status.parameters))
        since = engine.status_since
        if job is not None:
            stage = "silent" if engine.person_may_settle(job.job_id) else "asking"
            parameters |= {"receipt_id": str(job.job_id), "of_id": str(job.of_id), "stage": stage}
            if job.kind.value == "sale":
                parameters |= {"sale_id": str(job.of_id)}
        problem = {"code": status.code, "parameters": parameters, "since": _iso(since)}
        return problem if status.maker_code is None else {**problem, "maker_code": status.maker_code}

    # -- after the count ----------------------------------------------------------------------------------------------

    def _z(self, texts: Texts) -> dict[str, Any] | None:
        if self._till.shown_shift is None:
            return None
        [row] = self._read("SELECT * FROM shifts WHERE shift_id = ?", (str(self._till.shown_shift),))
        should_be = expected_of(self._read, self._till.shown_shift)
        count = Count(row["counted_minor"], row["slips_minor"])
        over = difference(should_be, count)
        closures = jobs_of(self._read, self._till.shown_shift)
        return {
            "stage": "compare" if self._till.state.shift else "closed",
            "state": row["state"],
            "number": f"{row['number']:04d}",
            "counted_text": texts.money(count.cash_minor),
            "expected_text": texts.money(should_be.cash_minor),
            "slips_text": texts.money(count.slips_minor),
            "slips_expected_text": texts.money(should_be.card_minor),
            "difference_minor": over,
            "difference_text": texts.money(over),
            "sold_text": texts.money(should_be.sold_minor),
            "returned_text": texts.money(should_be.returned_minor),
            "sales": row["sales"],
            "returns": row["returns"],
            "closure_no": closures[-1].result_no if closures else None,
            "text": "" if row["closed_at"] is None else self._papers.closing_text(row, should_be, closures, texts),
        }


def _approval(till: Till) -> dict[str, Any] | None:
    """What waits for a second person, and who has allowed it: a badge may have done so beside the page."""
    asked = till.approvals.newest
    if asked is None:
        return None
    return {"request": str(asked.request_id), "approved_by": asked.approver.name if asked.approver else None}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _times(quantity_milli: int | None, texts: Texts) -> str | None:
    return None if quantity_milli in (None, MILLI) else texts.times(quantity_milli or MILLI)


def _device(state: str, code: str | None) -> dict[str, Any]:
    return {"state": state} if code is None else {"state": state, "code": code}


def _register(status: RegisterStatus, last_document: int | None) -> dict[str, Any]:
    state = "unknown" if status.state is RegisterState.UNKNOWN else status.state.value
    shown = _device(state, status.code)
    return shown if last_document is None else {**shown, "last_document": str(last_document)}


def _operator(state: TillState) -> dict[str, Any] | None:
    operator = state.operator
    if operator is None:
        return None
    return {"id": str(operator.operator_id), "name": operator.name, "rights": sorted(operator.rights)}


def _shift(state: TillState) -> dict[str, Any]:
    shift = state.shift
    if shift is None:
        return {"number": None, "state": ShiftState.CLOSED.value, "operator": None}
    return {"number": f"{shift.number:04d}", "state": shift.state.value, "operator": shift.operator_name}


def _last_scan(scan: LastScan | None, texts: Texts) -> dict[str, Any] | None:
    if scan is None:
        return None
    words = scan.item
    if scan.code is not None:
        words = texts.message(scan.code, dict(scan.parameters))
    elif scan.amount_minor is not None:
        words = f"{scan.item}  {texts.money(scan.amount_minor)}"
    shown: dict[str, Any] = {"id": str(scan.id), "text": words, "kind": scan.kind.value}
    if scan.code is not None:
        shown |= {"code": scan.code, "parameters": texts.shown(dict(scan.parameters)), "raw": scan.raw}
    if scan.choices:
        shown["choices"] = [choice_shown(choice, texts) for choice in scan.choices]
    if scan.sale_number is not None:
        shown["sale_number"] = scan.sale_number
    return shown


def choice_shown(choice: Choice, texts: Texts) -> dict[str, Any]:
    """A product as search and chooser show it. price_minor is rounded for handing back; price_text is exact."""
    price = choice.unit_price
    return {
        "product_id": str(choice.product_id),
        "name": choice.name,
        "code": choice.code,
        "barcodes": list(choice.barcodes),
        "price_minor": None if price is None else line_amount(price, MILLI, 1),
        "price_text": "-" if price is None else texts.price(price),
        "stock_text": "-",
    }
