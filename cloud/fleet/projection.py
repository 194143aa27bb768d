"""What devices say of themselves -> their newest state; tills become known by their first fact."""

from __future__ import annotations

from typing import Any

from cloud.bulk import insert_new, put
from cloud.fleet.exceptions import Answered
from cloud.fleet.models import devices, tills
from cloud.ingest.effects import Effects
from shared.events import DeviceHealth

__all__ = ["project"]

_NEWS = ("category", "health", "conditions", "model", "serial", "firmware", "last_event_at", "event_id")


async def project(effects: Effects) -> None:
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
    await _tills(effects)


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
