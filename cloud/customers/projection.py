"""Cards that tills gave -> customers, under the ids that their sales already name."""

from __future__ import annotations

from sqlalchemy import select

from cloud.customers.phones import CALLING_CODES
from cloud.customers.service import Enrolment, enrol_customers
from cloud.fleet.models import branches
from cloud.ingest.effects import Effects

__all__ = ["project"]


async def project(effects: Effects) -> None:
    """One by one: they are rare, and each takes a number."""
    facts = {fact.payload.customer_id: fact for fact in effects.of("customer.enrolled")}
    if not facts:
        return
    here = {fact.place.branch for fact in facts.values()}
    found = await effects.tx.execute(select(branches.c.id, branches.c.country).where(branches.c.id.in_(sorted(here))))
    country = {row.id: row.country for row in found}
    enrolments = [
        Enrolment(
            customer_id=fact.payload.customer_id,
            name=fact.payload.name,
            phone=fact.payload.phone,
            calling_code=CALLING_CODES.get(country[fact.place.branch], ""),
            is_consenting=fact.payload.consent,
            till=f"{fact.place.branch} {fact.envelope.till or ''}".strip(),
            at=fact.envelope.time,
        )
        for fact in facts.values()
    ]
    for one, code, parameters in await enrol_customers(effects.tx, enrolments):
        effects.raise_(code, facts[one.customer_id], f"customer:{one.customer_id}", one.customer_id, **parameters)
