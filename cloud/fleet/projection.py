"""What devices say of themselves -> their newest state; tills become known by their first fact.

And what a person should see because facts do not fit together: a return of a sale that nobody here has heard of.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from cloud.bulk import insert_new, one_of, put
from cloud.fleet.exceptions import Answered
from cloud.fleet.models import devices, exceptions, tills
from cloud.ingest.effects import Effects
from cloud.questions import Question
from cloud.sales.models import sales
from shared.events import DeviceHealth

__all__ = ["project"]

_NEWS = ("category", "health", "conditions", "model", "serial", "firmware", "last_event_at", "event_id")

_UNKNOWN_SALE: Final = "EVT-210"
_STRAY_RECEIPT: Final = "SAL-245"


async def project(effects: Effects) -> None:
    await _devices(effects)
    await _tills(effects)
    _stray_receipts(effects)
    await _returns_of_unknown_sales(effects)


async def _devices(effects: Effects) -> None:
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for fact in effects.of("device.state"):
        state, envelope = fact.payload, fact.envelope
        row = {
            "branch": envelope.branch,
            "node": envelope.node,
            "id": state.device_id,
            "category": state.category,
            "health": state.health,
            "conditions": [condition.model_dump(mode="json") for condition in state.conditions],
            "model": state.model,
            "serial": state.serial,
            "firmware": state.firmware,
            "last_event_at": envelope.time,
            "event_id": envelope.id,
        }
        key = envelope.branch, envelope.node, state.device_id
        if key not in newest or newest[key]["event_id"] < envelope.id:
            newest[key] = row
        about = f"device:{envelope.node}:{state.device_id}"
        if state.health is DeviceHealth.STOPPED:
            condition = state.conditions[0] if state.conditions else None
            effects.raise_(
                condition.code if condition else "DEV-240",
                fact,
                about,
                state.device_id,
                again=str(envelope.id),
                category=state.category,
                maker_code=(condition.maker_code if condition else None) or "",
            )
        else:
            effects.answered.append(Answered(about, envelope.time))
    later = "excluded.event_id > devices.event_id"
    await put(effects.tx, devices, list(newest.values()), ["branch", "node", "id"], _NEWS, where=later)


async def _tills(effects: Effects) -> None:
    seen = {
        (fact.envelope.branch, fact.envelope.till): {
            "branch": fact.envelope.branch,
            "id": fact.envelope.till,
            "node": fact.envelope.node,
            "first_seen": effects.received_at,
        }
        for facts in effects.facts.values()
        for fact in facts
        if fact.envelope.till is not None
    }
    await insert_new(effects.tx, tills, list(seen.values()))


def _stray_receipts(effects: Effects) -> None:
    for fact in effects.of("receipt.stray_closed"):
        stray = fact.payload
        about = f"stray:{stray.fiscal_memory_no}:{stray.document_no}"
        effects.raise_(_STRAY_RECEIPT, fact, about, stray.register_serial, document=stray.document_no)


async def _returns_of_unknown_sales(effects: Effects) -> None:
    """Raise EVT-210 for each, and settle it when the sale comes in: another branch's link may be down for a day."""
    tx, dialect = effects.tx, effects.tx.dialect.name
    sold = {fact.payload.sale_id for fact in effects.of("sale.completed")}
    doubtful = [fact for fact in effects.of("sale.returned") if fact.payload.original_sale_id not in sold]
    if doubtful:
        originals = {fact.payload.original_sale_id for fact in doubtful}
        found = await tx.scalars(select(sales.c.id).where(one_of(dialect, sales.c.id, originals)))
        known = {sale_id.int for sale_id in found}
        for fact in doubtful:
            back = fact.payload
            if back.original_sale_id.int not in known:
                about = f"unknown-sale:{back.original_sale_id}"
                facts = {"number": back.number, "original": back.original_number}
                effects.raise_(_UNKNOWN_SALE, fact, about, back.return_id, again=str(back.return_id), **facts)
    if sold:
        abouts = [f"unknown-sale:{sale_id}" for sale_id in sold]
        effects.answered += [Answered(row["about"]) for row in await _WAITING.ask(tx, abouts=abouts)]


_WAITING: Final = Question(
    lambda among: (
        select(exceptions.c.about)
        .where(exceptions.c.settled_at.is_(None), among(exceptions.c.about, "abouts"))
        .distinct()
    )
)
