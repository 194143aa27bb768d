"""How one invoice is played at a till: scan, correct quantity and price, pay, take the receipt; and how goods go back.

Waits for the till itself at every step, as a cashier looks at the screen, and never for seconds.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.money import line_amount
from simulators.customers.retail import Article, InvoiceLine, ReturnVisit, SaleVisit
from simulators.customers.till_client import Interrupted, OperationRefused, TillClient

__all__ = ["PATIENCE_S", "CannotBeScanned", "DoneReturn", "DoneSale", "ScannerHand", "Shopper", "scanning_order"]

_CHUNK: Final = 40
"""Codes scanned in one go. The view shows the last 60 lines, so each line that a scan makes or raises is seen."""
_ATTEMPTS: Final = 100
"""How often a basket is scanned again before the shop itself must be broken. A gateway killed all day needs a dozen."""
PATIENCE_S: Final = 3.0
"""A cashier who sees nothing happen for this long looks up from the scanner."""
CARD_PREFIX: Final = "CARD-"
"""In front of a customer's number on the printed card, so that it can be no article's code."""


class CannotBeScanned(Exception):
    """The till never showed what was scanned."""


class ScannerHand:
    """Puts codes in front of the scanner: a pipe into the scanner's standard input."""

    def __init__(self, fifo: Path) -> None:
        # Opened for both directions so that it neither waits for the scanner nor dies with it.
        self._descriptor = os.open(fifo, os.O_RDWR)

    def scan(self, code: str) -> None:
        os.write(self._descriptor, (code + "\n").encode())


@dataclass(frozen=True)
class DoneSale:
    """What a customer walked out with. lines: place on the receipt -> rows of the file it stands for."""

    invoice: str
    sale_id: str
    number: str
    total_minor: int
    parts: int
    line_of_row: dict[int, int]


@dataclass(frozen=True)
class DoneReturn:
    """What a customer got money back for. parts: one fiscal receipt for each of the sale's that it touches."""

    invoice: str
    original_invoice: str
    return_id: str
    number: str
    total_minor: int
    parts: int


class Shopper:
    """Plays visits at one till, one after the other."""

    def __init__(
        self, till: TillClient, hand: ScannerHand, articles: dict[str, Article], patience_s: float = PATIENCE_S
    ) -> None:
        self._patience_s = patience_s
        self._till = till
        self._hand = hand
        self._usual = {code: article.unit_price for code, article in articles.items()}
        self._sales: dict[str, DoneSale] = {}

    async def open_shift(self) -> None:
        shift = self._till.state.get("shift")
        if shift is None or shift["state"] != "open":
            await self._till.do("open_shift", float_minor=0)

    async def buy(self, visit: SaleVisit) -> DoneSale:
        """The whole invoice through scanner and till, paid in cash.

        Whatever disturbs the scanning (a gateway that died, a code that got lost) is answered as a cashier would: look
        at the total, and when it is not right cancel the sale and scan again. Paying is never begun on a wrong total.
        """
        line_of_row = await self._scan_all(visit)
        await self._insist("pay")
        if due := self._costs(visit):
            await self._insist("tender", form="cash", amount_minor=_handed_over(due))
        result = await self._insist("take")
        await self._till.until(lambda state: _is_printed(state, result["sale_id"]))
        done = DoneSale(
            visit.invoice, result["sale_id"], result["number"], result["total_minor"], result["receipts"], line_of_row
        )
        self._sales[visit.invoice] = done
        return done

    async def _scan_all(self, visit: SaleVisit) -> dict[int, int]:
        """The basket as on the invoice. Raises CannotBeScanned when no attempt brings it about."""
        for _ in range(_ATTEMPTS):
            try:
                line_of_row = await self._fill_basket(visit)
                await self._till.moving_until(lambda state: _total(state) == self._costs(visit), self._patience_s)
                return line_of_row
            except Interrupted as interruption:
                last = interruption
                await self._till.take_back()
                await self._start_over()
        raise CannotBeScanned(f"invoice {visit.invoice}: {last}") from last

    async def _insist(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Do it, and where the register is not ready to take money, wait until it is and ask again."""
        while True:
            try:
                return await self._till.do(operation, **arguments)
            except OperationRefused as refusal:
                if not refusal.code.startswith("FIS-"):
                    raise
                await self._till.until(lambda state: state["register"]["state"] == "ok")
            except Interrupted:
                await self._till.take_back()

    async def _fill_basket(self, visit: SaleVisit) -> dict[int, int]:
        """Which line of the basket each row of the file became."""
        await self._till.do("reference", scheme="online-retail", number=visit.invoice, date=visit.date[:10])
        if visit.customer:
            self._hand.scan(CARD_PREFIX + visit.customer)
            await self._till.moving_until(_customer_is_known, self._patience_s)
        line_of_row: dict[int, int] = {}
        for chunk in scanning_order(visit.lines, self._usual):
            await self._scan_chunk(chunk, line_of_row)
        return line_of_row

    async def _start_over(self) -> None:
        """Wait until whatever is still on its way has arrived, then drop the basket."""
        with contextlib.suppress(Interrupted):
            await self._till.moving_until(lambda _: False, self._patience_s)
        if _total(self._till.state) or _has_lines(self._till.state):
            await self._till.do("cancel_sale", reason="scanned again")

    def _costs(self, visit: SaleVisit) -> int:
        """What the file says it costs. Lines of one code at the usual price become one line of the basket."""
        merged: Counter[tuple[str, int]] = Counter()
        single = 0
        for line in visit.lines:
            if line.unit_price == self._usual[line.code]:
                merged[line.code, line.unit_price] += line.quantity_milli
            else:
                single += line_amount(line.unit_price, line.quantity_milli, 1)
        return single + sum(line_amount(price, quantity, 1) for (_, price), quantity in merged.items())

    async def bring_back(self, visit: ReturnVisit) -> DoneReturn:
        sale = self._sales[visit.original_invoice]
        lines: Counter[int] = Counter()
        for part in visit.parts:
            lines[sale.line_of_row[part.original.row]] += part.quantity_milli
        result = await self._insist(
            "return_lines",
            sale_id=sale.sale_id,
            lines=[
                {"line_no": line_no, "quantity_milli": quantity, "reason": "cancelled invoice", "sellable": True}
                for line_no, quantity in sorted(lines.items())
            ],
            reference={"scheme": "online-retail", "number": visit.invoice, "date": visit.date[:10]},
        )
        await self._till.until(lambda state: _is_printed(state, result["return_id"]))
        return DoneReturn(
            visit.invoice,
            visit.original_invoice,
            result["return_id"],
            result["number"],
            result["total_minor"],
            result["receipts"],
        )

    async def _scan_chunk(self, chunk: list[InvoiceLine], line_of_row: dict[int, int]) -> None:
        """Lines of distinct codes: each scan makes, or raises by one, exactly one line."""
        before = {line["id"]: line for line in _open_lines(self._till.state)}
        wanted = _scans(self._till.state) + len(chunk)
        for line in chunk:
            self._hand.scan(line.code)
        state = await self._till.moving_until(lambda state: _scans(state) >= wanted, self._patience_s)
        newest = {line["code"]: line for line in _open_lines(state)}
        answers = []
        for line in chunk:
            if line.code not in newest:
                raise Interrupted(f"{line.code} made no line")
            shown = newest[line.code]
            line_of_row[line.row] = shown["no"]
            quantity = (before[shown["id"]]["quantity_milli"] if shown["id"] in before else 0) + line.quantity_milli
            if quantity != shown["quantity_milli"]:
                answers.append(self._till.start("quantity", line_id=shown["id"], quantity_milli=quantity))
            if line.unit_price != self._usual[line.code]:
                answers.append(
                    self._till.start(
                        "price", line_id=shown["id"], unit_price=line.unit_price, reason="price on invoice"
                    )
                )
        for answer in answers:
            await self._till.shown(answer)


def _open_basket(state: dict[str, Any]) -> dict[str, Any]:
    """The basket that is being filled; the last sale's is shown until the next begins."""
    basket: dict[str, Any] | None = state.get("basket")
    return basket if basket and basket["state"] in ("open", "paying") else {}


def _open_lines(state: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for line in _open_basket(state).get("lines", ()) if not line["voided"]]


def _has_lines(state: dict[str, Any]) -> bool:
    return bool(_open_lines(state))


def _scans(state: dict[str, Any]) -> int:
    return int(_open_basket(state).get("scans", 0))


def _total(state: dict[str, Any]) -> int:
    return int(_open_basket(state).get("total_minor", 0))


def _customer_is_known(state: dict[str, Any]) -> bool:
    return bool(_open_basket(state).get("customer"))


def _is_printed(state: dict[str, Any], of_id: str) -> bool:
    receipt = state.get("receipt")
    return bool(receipt and receipt["of_id"] == of_id and all(part["state"] == "done" for part in receipt["fiscal"]))


def scanning_order(lines: tuple[InvoiceLine, ...], usual: dict[str, int]) -> list[list[InvoiceLine]]:
    """Lines in an order in which no scan can fall on the wrong line, or on one that the screen no longer shows.

    A scan falls on a line of the same code at the usual price. So the codes come in groups that fit the screen. In each
    group the lines at other prices come first, each code once a chunk, and only then those at the usual price, which
    the till rightly merges.
    """
    places = {code: place for place, code in enumerate(dict.fromkeys(line.code for line in lines))}
    groups: dict[tuple[int, bool], list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault((places[line.code] // _CHUNK, line.unit_price == usual[line.code]), []).append(line)
    return [chunk for key in sorted(groups) for chunk in _rounds(groups[key])]


def _rounds(lines: list[InvoiceLine]) -> list[list[InvoiceLine]]:
    """The first line of each code, then the second of each code, and so on."""
    rounds: list[list[InvoiceLine]] = []
    seen: Counter[str] = Counter()
    for line in lines:
        if seen[line.code] == len(rounds):
            rounds.append([])
        rounds[seen[line.code]].append(line)
        seen[line.code] += 1
    return rounds


def _handed_over(due_minor: int) -> int:
    """Cash as people hand it over: the next whole five pounds, so that most sales give change."""
    note = 5 * 100
    return -(-due_minor // note) * note
