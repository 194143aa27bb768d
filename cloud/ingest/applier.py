"""Messages in, ledgers and cursors changed, acks out: rule C1 of docs/delivery.md. The one place that moves cursors.

One transaction stores the facts, applies every effect and moves the cursors; acks are answered only after its commit.
A fact that the database refuses is found by halving the batch and put aside; it never blocks the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.database import Database
from cloud.fleet.exceptions import Raised, raise_all, settle_answered
from cloud.ingest import metrics, repository
from cloud.ingest.announcements import Announcements, Summary
from cloud.ingest.collecting import collected_afterwards
from cloud.ingest.commands import store_replies
from cloud.ingest.effects import Effects
from cloud.ingest.intake import Incoming, Refused, Told, read_messages
from cloud.ingest.leases import Leases, confirm
from cloud.ingest.ledgers import FactsRefused, apply_facts, apply_what_goes
from cloud.ingest.planning import NodePlan
from cloud.ingest.text import clean
from shared.clock import Clock
from shared.delivery import Ack, RefusedMessage
from shared.faults import reach
from shared.topics import NodeAddress

__all__ = ["Applier", "Outcome"]

log = structlog.get_logger()


@dataclass
class Outcome:
    """What a batch came to. `acks` may be sent: they are true now."""

    acks: list[tuple[NodeAddress, Ack]] = field(default_factory=list)
    summary: Summary = field(default_factory=Summary)
    applied: int = 0
    repeats: int = 0
    quarantined: int = 0
    refused: int = 0
    not_ours: int = 0
    """Messages of partitions that another worker holds by now; they are dropped here and repeated to the other (N6)."""


class Applier:
    """Stateless between batches: everything that must last is in the database."""

    def __init__(self, database: Database, clock: Clock, announcements: Announcements | None = None) -> None:
        self._database = database
        self._clock = clock
        self._announcements = announcements or Announcements(database)

    async def apply(self, messages: Sequence[Incoming], leases: Leases | None = None) -> Outcome:
        """Apply what came in, in the order it came.

        leases: only messages of partitions held under these are looked at; None stands for a process that is alone.
        Raises DBAPIError when the database does not answer: nothing has happened then, and the nodes will repeat.
        """
        started = perf_counter()
        with collected_afterwards():
            outcome = await self._apply(messages, leases)
        reach("ingest.after_commit")
        self._announcements.committed(outcome.summary)
        metrics.count(outcome, perf_counter() - started)
        return outcome

    async def _apply(self, messages: Sequence[Incoming], leases: Leases | None) -> Outcome:
        told, refused = read_messages(messages)
        now = self._clock.now()
        try:
            return await self._transact(told, refused, leases, now, careful=False)
        except FactsRefused:
            log.warning("batch refused by the database, looking for the culprit", messages=len(messages))
            return await self._transact(told, refused, leases, now, careful=True)

    async def _transact(
        self, told: list[Told], refused: list[Refused], leases: Leases | None, now: datetime, *, careful: bool
    ) -> Outcome:
        outcome = Outcome()
        async with self._database.transaction() as tx:
            plans, strangers = await self._plan(tx, told, leases, now, outcome)
            effects = await _apply_effects(tx, plans, now, careful=careful)
            raised = [*effects.raised, *(one for plan in plans for one in plan.exceptions())]
            raised += await _note_refused(tx, [*refused, *strangers], now)
            await _keep(tx, plans, now)
            new_exceptions = await raise_all(tx, raised, now)
            await settle_answered(tx, effects.answered, now)
            outcome.acks = [(plan.address, ack) for plan in plans for ack in plan.acks()]
            outcome.applied = sum(len(facts) for facts in effects.facts.values())
            outcome.repeats = sum(plan.repeats for plan in plans)
            outcome.quarantined = sum(len(plan.aside) for plan in plans)
            outcome.refused = len(refused) + len(strangers)
            outcome.summary = _summary(plans, effects, new_exceptions)
            await self._announcements.announce(tx, outcome.summary)
            reach("ingest.before_commit")
        return outcome

    async def _plan(
        self, tx: AsyncConnection, told: list[Told], leases: Leases | None, now: datetime, outcome: Outcome
    ) -> tuple[list[NodePlan], list[Refused]]:
        if leases is not None:
            held = await confirm(tx, leases, {one.address.partition for one in told})
            outcome.not_ours = sum(len(one.messages) for one in told if one.address.partition not in held)
            told = [one for one in told if one.address.partition in held]
        nodes = await repository.find_nodes(tx, {one.address.node for one in told})
        ours, strangers = [], []
        for one in told:
            node = nodes.get(one.address.node)
            if node and (node.partition, node.place.branch) == (one.address.partition, one.address.branch):
                ours.append(one)
            else:
                error = RefusedMessage("EVT-432", node=one.address.node)
                strangers += [Refused(one.address.node, one.address.branch, said, error) for said in one.messages]
        ids = {one.address.node for one in ours}
        epochs = await repository.lock_epochs(tx, ids)
        status = await repository.find_status(tx, {one.address.node for one in ours if one.lives})
        plans = []
        for one in ours:
            node_id = one.address.node
            plans.append(NodePlan.of(one, nodes[node_id].place, epochs[node_id], status.get(node_id), now))
        await _settle_seen(tx, plans)
        return plans, strangers


async def _settle_seen(tx: AsyncConnection, plans: list[NodePlan]) -> None:
    """Tell repeats from forks: one question for all ids; numbers are looked up only where an id is new."""
    unknown = await repository.unknown_ids(
        tx, {item.event_id for plan in plans for _, seen in plan.seen() for item in seen}
    )
    for plan in plans:
        for epoch, seen in plan.seen():
            doubtful = {item.sequence for item in seen if item.event_id in unknown}
            at_number = await repository.ids_at(tx, plan.address.node, epoch, doubtful) if doubtful else {}
            plan.settle_seen(epoch, at_number, frozenset(item.event_id for item in seen) - unknown)


async def _apply_effects(tx: AsyncConnection, plans: list[NodePlan], now: datetime, *, careful: bool) -> Effects:
    facts = [fact for plan in plans for fact in plan.apply]
    if not careful:
        return await apply_facts(tx, facts, now)
    done, culprits = await apply_what_goes(tx, facts, now)
    for fact, problem in culprits:
        next(plan for plan in plans if fact in plan.apply).refuse(fact, problem)
    return done


async def _keep(tx: AsyncConnection, plans: list[NodePlan], now: datetime) -> None:
    await repository.put_aside(tx, [row for plan in plans for row in plan.quarantine_rows()])
    await repository.record_losses(
        tx,
        [
            {
                "branch": plan.address.branch,
                "node": plan.address.node,
                "epoch": row.epoch,
                "first": first,
                "last": last,
                "told_at": now,
            }
            for plan in plans
            for row, first, last in plan.lost
        ],
    )
    await repository.save_epochs(tx, (row for plan in plans for row in plan.changed_epochs()))
    await repository.save_status(tx, [plan.status for plan in plans if plan.status_changed and plan.status])
    await store_replies(tx, [(plan.address.node, reply) for plan in plans for reply in plan.replies], now)
    await repository.flag_nodes(tx, {plan.address.node for plan in plans if plan.flagged}, now)


async def _note_refused(tx: AsyncConnection, refused: list[Refused], now: datetime) -> list[Raised]:
    rows: list[dict[str, Any]] = []
    raised = []
    for one in refused:
        code = one.error.code
        log.warning("message refused", code=code, topic=one.message.topic, size=len(one.message.payload))
        rows.append(
            {
                "hash": hashlib.sha256(one.message.payload).hexdigest(),
                "node": one.node,
                "size": len(one.message.payload),
                "code": code,
                "topic": clean(one.message.topic, 200),
                "parameters": clean(", ".join(f"{name}: {value}" for name, value in one.error.parameters.items())),
                "first_at": now,
            }
        )
        parameters = {**one.error.parameters, "size": len(one.message.payload)}
        about = f"{one.node}:refused:{now.date()}"  # once a day: a broken sender repeats every ten seconds
        raised.append(Raised(code, about, one.branch, one.node, now, one.node, parameters))
    await repository.note_refused(tx, rows)
    return raised


def _summary(plans: list[NodePlan], effects: Effects, new_exceptions: set[Any]) -> Summary:
    def ids(name: str, attribute: str) -> tuple[str, ...]:
        return tuple(str(getattr(fact.payload, attribute)) for fact in effects.of(name))

    return Summary(
        branches=tuple(sorted({plan.address.branch for plan in plans})),
        sales=ids("sale.completed", "sale_id"),
        returns=ids("sale.returned", "return_id"),
        receipts=(
            *ids("receipt.fiscalised", "receipt_id"),
            *ids("receipt.refused", "receipt_id"),
            *ids("receipt.outcome_unknown", "receipt_id"),
        ),
        exceptions=tuple(sorted(str(one) for one in new_exceptions)),
        devices=tuple(
            f"{fact.envelope.branch}/{fact.envelope.node}/{fact.payload.device_id}"
            for fact in effects.of("device.state")
        ),
        nodes=tuple(plan.address.node for plan in plans if plan.status_changed or plan.flagged),
        facts=sum(len(facts) for facts in effects.facts.values()),
    )
