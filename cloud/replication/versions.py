"""Versions of replicated rows: each changed row gets its own number from one counter, so a delta can stop anywhere.

The counter's lock comes before every other lock of a transaction: call `allocate` first.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.replication.models import company_settings, replica_counter

__all__ = ["allocate", "current_version", "pin_salt", "set_setting"]


async def allocate(tx: AsyncConnection, count: int) -> int:
    """Reserve `count` versions; answers the first. Waits for every other writer of replicated rows."""
    statement = (
        update(replica_counter).values(version=replica_counter.c.version + count).returning(replica_counter.c.version)
    )
    last: int = (await tx.execute(statement)).scalar_one()
    return last - count + 1


async def current_version(tx: AsyncConnection) -> int:
    """Every row of this version or lower is committed and visible."""
    version: int = (await tx.execute(select(replica_counter.c.version))).scalar_one()
    return version


async def set_setting(tx: AsyncConnection, name: str, value: Any) -> None:
    """Store one setting that branches receive under `settings`."""
    version = await allocate(tx, 1)
    known = await tx.execute(
        update(company_settings).where(company_settings.c.name == name).values(value=value, version=version)
    )
    if not known.rowcount:
        await tx.execute(insert(company_settings).values(name=name, value=value, version=version))


async def pin_salt(tx: AsyncConnection) -> bytes:
    """The company's salt for PINs; born on first use. One for all, so that a till tries a PIN with one hash."""
    stored = select(company_settings.c.value).where(company_settings.c.name == "pin_salt")
    value = await tx.scalar(stored)
    if value is None:
        await allocate(tx, 1)  # whoever else is about to create it waits here
        value = await tx.scalar(stored)
    if value is None:
        value = secrets.token_hex(16)
        await set_setting(tx, "pin_salt", value)
    return bytes.fromhex(value)
