"""Storing facts and applying their effects, all or nothing; and finding the one that the database will not have.

Used by ingest and by the replay of quarantine: there is no second way into the ledgers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.ingest import repository
from cloud.ingest.effects import Effects, NewFact
from cloud.ingest.intake import Problem
from cloud.ingest.projections import PROJECTIONS
from cloud.ingest.text import clean
from shared.events import SaleCompleted, SaleReturned

__all__ = ["FactsRefused", "apply_facts", "apply_what_goes"]

_NUMBER_ROOM: Final = 53
"""Of the 60 letters of a number, those that are left beside the end of an id."""
_OF_THE_ROW: Final = ("22", "23", "54")
"""SQLSTATE classes (PostgreSQL, appendix A) that are about the row: data exception, integrity, program limit."""
_OF_THE_ROW_SQLITE: Final = ("IntegrityError", "DataError")


class FactsRefused(Exception):
    """Some of the facts will never be taken by the database; which ones is not known yet. Roll back."""


async def apply_facts(tx: AsyncConnection, facts: Sequence[NewFact], now: datetime) -> Effects:
    """Store the facts that are new, and apply them to every ledger. Raises FactsRefused."""
    effects = Effects(tx, now)
    if not facts:
        return effects
    try:
        await _apply(effects, facts)
    except (DBAPIError, TypeError, ValueError) as error:
        if isinstance(error, DBAPIError) and not _is_about_the_row(error):
            raise
        raise FactsRefused(clean(str(error.orig if isinstance(error, DBAPIError) else error))) from error
    return effects


async def _apply(effects: Effects, facts: Sequence[NewFact]) -> None:
    new = await repository.store_facts(effects.tx, facts, effects.received_at)
    if len(new) < len(facts):
        await _must_be_stored(effects.tx, facts)
        facts = [fact for fact in facts if _was_in(new, fact.envelope.id)]
    for fact in facts:
        effects.facts.setdefault(fact.name, []).append(fact)
    if effects.facts:
        for project in PROJECTIONS:
            await project(effects)


def _was_in(new: set[UUID], event_id: UUID) -> bool:
    """Takes the id out: one that came twice together is new once."""
    if event_id not in new:
        return False
    new.discard(event_id)
    return True


async def _must_be_stored(tx: AsyncConnection, facts: Sequence[NewFact]) -> None:
    # Skipping is right for an id that is known, wherever it came from (C2). A new id whose number is taken is not a
    # repeat, and skipping it would lose it.
    known = await repository.known_ids(tx, {fact.envelope.id for fact in facts})
    for fact in facts:
        if fact.envelope.id not in known:
            raise ValueError(f"sequence {fact.sequence} is taken by another fact")


async def apply_what_goes(
    tx: AsyncConnection, facts: Sequence[NewFact], now: datetime
) -> tuple[Effects, list[tuple[NewFact, Problem]]]:
    """Apply what can be applied, halving the batch around what cannot.

    Answers the effects, and each refused fact with the database's reason (EVT-404).
    """
    try:
        async with tx.begin_nested():
            return await apply_facts(tx, facts, now), []
    except FactsRefused as error:
        if len(facts) == 1:
            return await _under_another_number(tx, facts[0], now, error)
    middle = len(facts) // 2
    first, first_culprits = await apply_what_goes(tx, facts[:middle], now)
    second, second_culprits = await apply_what_goes(tx, facts[middle:], now)
    for name, more in second.facts.items():
        first.facts.setdefault(name, []).extend(more)
    first.raised += second.raised
    first.answered += second.answered
    return first, first_culprits + second_culprits


async def _under_another_number(
    tx: AsyncConnection, fact: NewFact, now: datetime, refusal: FactsRefused
) -> tuple[Effects, list[tuple[NewFact, Problem]]]:
    """Book a sale or a return whose paper number another one has: goods and money have changed hands all the same.

    Gateways count by their journal; one whose card was put back from a copy counts the same numbers again. The fact's
    body keeps the number that stands on paper, the ledgers get it with the end of the fact's id, and a person is told.
    """
    payload = fact.payload
    if isinstance(payload, SaleCompleted | SaleReturned):
        # Whatever else may be wrong with it stays wrong under another number.
        booked = f"{payload.number[:_NUMBER_ROOM]}/{fact.envelope.id.hex[-6:]}"
        fact.payload = payload.model_copy(update={"number": booked})
        try:
            async with tx.begin_nested():
                effects = await apply_facts(tx, [fact], now)
        except FactsRefused:
            fact.payload = payload
        else:
            about = f"number:{fact.envelope.id}"
            effects.raise_("SAL-246", fact, about, payload.number, number=payload.number, booked=booked)
            return effects, []
    return Effects(tx, now), [(fact, Problem("EVT-404", str(refusal)))]


def _is_about_the_row(error: DBAPIError) -> bool:
    """Whether the database will say the same whenever it is asked; a lost connection or a deadlock passes."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_OF_THE_ROW)
    # asyncpg refuses a value it cannot encode before the server sees it, with an error that is a ValueError.
    return isinstance(error.orig, ValueError) or type(error.orig).__name__ in _OF_THE_ROW_SQLITE
