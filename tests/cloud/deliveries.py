"""What a gateway would send, for tests of ingest: facts with their stamps, batches, births. Made by the contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from cloud.database import Database
from cloud.fleet.service import add_branch, add_node
from cloud.ingest.intake import Incoming
from shared.delivery import Birth, Death, EpochHeld, Gone, Span, pack_batch
from shared.events import (
    Payload,
    Payment,
    PaymentForm,
    PriceSource,
    ReceiptFiscalised,
    ReceiptKind,
    ReturnedLine,
    SaleCompleted,
    SaleLine,
    SaleReturned,
    TaxAmount,
)
from shared.facts import Stamp, write_fact
from shared.topics import Channel, NodeAddress

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_NAMES = UUID("0199f0de-0000-7000-8000-000000000000")


def uid(*parts: object) -> UUID:
    """The same parts, the same id."""
    return uuid5(_NAMES, "/".join(map(str, parts)))


class FixedClock:
    """Wall time that tests set."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


def sale(key: object = 1, *, lines: int = 2, quantity_milli: int = 2_000, **changes: Any) -> SaleCompleted:
    """A cash sale in AMD of `lines` products at 620 each. quantity_milli: a multiple of 50, for whole drams."""
    sold = tuple(
        SaleLine(
            line_no=number,
            product_id=uid("product", number),
            product_code=f"P{number}",
            name="Milk 3.2 % 1 l",
            unit="pcs",
            quantity_milli=quantity_milli,
            unit_price=620_000_000,
            price_source=PriceSource.LIST,
            gross_minor=62 * quantity_milli,
            amount_minor=62 * quantity_milli,
            tax_code="A",
            tax_rate=2_000,
            tax_minor=10 * quantity_milli,
        )
        for number in range(1, lines + 1)
    )
    total, tax = 62 * quantity_milli * lines, 10 * quantity_milli * lines
    fields = {
        "sale_id": uid("sale", key),
        "number": f"abovyan-1-1-{key}",
        "currency": "AMD",
        "opened_at": NOON,
        "lines": sold,
        "subtotal_minor": total,
        "discount_minor": 0,
        "total_minor": total,
        "taxes": (TaxAmount(code="A", rate=2_000, net_minor=total - tax, tax_minor=tax, gross_minor=total),),
        "payments": (
            Payment(payment_id=uid("payment", key), form=PaymentForm.CASH, amount_minor=total, given_minor=total),
        ),
    }
    return SaleCompleted(**{**fields, **changes})


def returned(
    key: object, of: object, *, quantity_milli: int = 1_000, sellable: bool = True, line: int = 1
) -> SaleReturned:
    """Goods of one line of a sale back."""
    amount, tax = 62 * quantity_milli, 10 * quantity_milli
    return SaleReturned(
        return_id=uid("return", key),
        number=f"abovyan-1-1-R{key}",
        original_sale_id=uid("sale", of),
        original_number=f"abovyan-1-1-{of}",
        currency="AMD",
        lines=(
            ReturnedLine(
                original_line_no=line,
                product_id=uid("product", line),
                product_code=f"P{line}",
                name="Milk 3.2 % 1 l",
                unit="pcs",
                quantity_milli=quantity_milli,
                amount_minor=amount,
                tax_code="A",
                tax_rate=2_000,
                tax_minor=tax,
                reason="sour",
                sellable=sellable,
            ),
        ),
        total_minor=amount,
        taxes=(TaxAmount(code="A", rate=2_000, net_minor=amount - tax, tax_minor=tax, gross_minor=amount),),
        refunds=(
            Payment(payment_id=uid("refund", key), form=PaymentForm.CASH, amount_minor=amount, given_minor=amount),
        ),
    )


def printed(key: object, of: object, *, total_minor: int = 248_000) -> ReceiptFiscalised:
    """The fiscal receipt of a sale."""
    return ReceiptFiscalised(
        receipt_id=uid("receipt", key),
        of_id=uid("sale", of),
        kind=ReceiptKind.SALE,
        part=1,
        parts=1,
        currency="AMD",
        total_minor=total_minor,
        register_serial="DT123456",
        document_no=5521,
        fiscal_memory_no="50123456",
        register_time="2026-11-21T16:00:00",
    )


@dataclass
class Gateway:
    """One node with its journal: writes facts in sequence, and says what a gateway says."""

    address: NodeAddress
    epoch: UUID = field(default_factory=lambda: uid("epoch", 1))
    boot: int = 1
    time: datetime = NOON
    bodies: list[bytes] = field(default_factory=list)

    def write(self, name: str, payload: Payload, **stamp: Any) -> UUID:
        """Append a fact to the journal; answers its id."""
        sequence = len(self.bodies) + 1
        event_id = stamp.pop("event_id", None) or self._event_id(sequence)
        fields = {"till": "till-1", "shift": uid("shift"), "businessdate": date(2026, 11, 21), "operator": uid("anna")}
        made = Stamp(
            event_id=event_id,
            time=stamp.pop("time", self.time),
            branch=self.address.branch,
            node=self.address.node,
            epoch=self.epoch,
            boot=self.boot,
            sequence=sequence,
            **{**fields, **stamp},
        )
        self.bodies.append(write_fact(name, str(sequence), payload, made))
        return event_id

    def _event_id(self, sequence: int) -> UUID:
        # Grows with the sequence, as a UUIDv7 does.
        random = uid(self.address.node, self.epoch, sequence).int & ((1 << 62) - 1)
        return UUID(int=(0x19AA_5F40_000 + sequence) << 80 | 0x7 << 76 | 0b10 << 62 | random)

    def sell(self, key: object | None = None, **changes: Any) -> UUID:
        """A sale and its receipt, as two facts; answers the sale's event id."""
        key = len(self.bodies) + 1 if key is None else key
        event_id = self.write("sale.completed", sale(key, **changes))
        self.write("receipt.fiscalised", printed(key, key))
        return event_id

    def batch(self, first: int = 1, last: int | None = None) -> Incoming:
        """Facts first..last of the journal, as one message."""
        return self.message(Channel.EVENTS, pack_batch(self.bodies[first - 1 : last]))

    def batches(self, size: int) -> list[Incoming]:
        return [self.batch(first, first + size - 1) for first in range(1, len(self.bodies) + 1, size)]

    def damaged(self, values: Sequence[Any]) -> Incoming:
        """Any JSON in place of a batch."""
        return self.message(Channel.EVENTS, json.dumps(list(values)).encode())

    def values(self) -> list[dict[str, Any]]:
        """The journal's facts as JSON, to be damaged."""
        return [json.loads(body) for body in self.bodies]

    def birth(self, *, epochs: Sequence[EpochHeld] | None = None, **changes: Any) -> Incoming:
        held = [EpochHeld(epoch=self.epoch, first=1, last=len(self.bodies))] if epochs is None else epochs
        said = {"node": self.address.node, "boot": self.boot, "version": "0.1.0", "started_at": NOON, "replica": 7}
        return self.message(Channel.STATUS, Birth(epochs=tuple(held), **{**said, **changes}).model_dump_json().encode())

    def death(self) -> Incoming:
        death = Death(node=self.address.node, boot=self.boot, epoch=self.epoch)
        return self.message(Channel.STATUS, death.model_dump_json().encode())

    def gone(self, first: int, last: int) -> Incoming:
        word = Gone(epoch=self.epoch, span=Span(first=first, last=last))
        return self.message(Channel.REPLIES, word.model_dump_json().encode())

    def message(self, channel: Channel, payload: bytes) -> Incoming:
        return Incoming(self.address.topic(channel), payload)


async def open_branch(database: Database, id: str = "abovyan", **changes: Any) -> None:
    fields = {"name": "Abovyan 12", "currency": "AMD", "zone": "Asia/Yerevan", "country": "AM", "language": "hy"}
    async with database.transaction() as tx:
        await add_branch(tx, id=id, now=NOON - timedelta(days=30), **{**fields, **changes})


async def open_gateway(database: Database, branch: str = "abovyan", id: str | None = None) -> Gateway:
    async with database.transaction() as tx:
        made = await add_node(tx, branch, now=NOON - timedelta(days=30), id=id)
    return Gateway(NodeAddress(made.partition, made.branch, made.node))
