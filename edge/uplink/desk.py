"""What head office asks of the branch: each command is carried out at most once, and answered as often as it is asked.

The rule that must never break: that a command was taken is durable before it is begun. One found begun at a start was
cut short; its outcome is unknown and it is not begun again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from edge.journal import Journal, Transaction
from shared.clock import Clock
from shared.delivery import Command, Reply
from shared.errors import OutcomeUnknown, TradepostError

__all__ = ["CommandHandler", "Desk"]

CommandHandler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Arguments to result, both JSON. Raises TradepostError for a failure, OutcomeUnknown when it may have happened."""

UNKNOWN_COMMAND = "SRV-411"
CUT_SHORT = "SRV-503"


class Desk:
    def __init__(self, journal: Journal, handlers: Mapping[str, CommandHandler], clock: Clock) -> None:
        self._journal = journal
        self._handlers = handlers
        self._clock = clock
        self._under_way: set[UUID] = set()

    async def settle_cut_short(self) -> list[Reply]:
        """Answer what an earlier run of the program began and did not finish."""
        rows = self._journal.read("SELECT command_id FROM commands WHERE outcome IS NULL")
        cut_short = [UUID(row["command_id"]) for row in rows if UUID(row["command_id"]) not in self._under_way]
        return [await self._store(Reply(command_id=each, outcome="unknown", code=CUT_SHORT)) for each in cut_short]

    async def take(self, command: Command) -> tuple[Reply | None, bool]:
        """(the reply, when there is one already; whether `carry_out` is now to be called).

        Neither: it is being carried out. Raises JournalNotWritable SRV-201: then nothing was taken.
        """
        if command.command_id in self._under_way:
            return None, False
        stored = await self._journal.write(lambda tx: _take(tx, command))
        if stored is not None:
            return stored, False
        if command.expires_at <= self._clock.now():
            return await self._store(Reply(command_id=command.command_id, outcome="expired")), False
        if command.name not in self._handlers:
            reply = Reply(command_id=command.command_id, outcome="failed", code=UNKNOWN_COMMAND)
            return await self._store(reply), False
        self._under_way.add(command.command_id)
        return None, True

    async def carry_out(self, command: Command) -> Reply:
        """Do it, store the outcome, answer it."""
        try:
            return await self._store(await self._outcome(command))
        finally:
            self._under_way.discard(command.command_id)

    async def _outcome(self, command: Command) -> Reply:
        command_id = command.command_id
        try:
            result = await self._handlers[command.name](command.arguments)
        except OutcomeUnknown as error:
            return Reply(command_id=command_id, outcome="unknown", code=error.code, result=dict(error.parameters))
        except TradepostError as error:
            return Reply(command_id=command_id, outcome="failed", code=error.code, result=dict(error.parameters))
        return Reply(command_id=command_id, outcome="done", result=result)

    async def _store(self, reply: Reply) -> Reply:
        await self._journal.write(
            lambda tx: (
                tx.connection.execute(
                    "UPDATE commands SET outcome = ?, code = ?, result = ?, answered_at = ? WHERE command_id = ?",
                    (reply.outcome, reply.code, json.dumps(reply.result), tx.now.isoformat(), str(reply.command_id)),
                )
                and None
            )
        )
        return reply


def _take(tx: Transaction, command: Command) -> Reply | None:
    rows = tx.connection.execute("SELECT * FROM commands WHERE command_id = ?", (str(command.command_id),)).fetchall()
    if not rows:
        tx.connection.execute(
            "INSERT INTO commands (command_id, name, received_at) VALUES (?, ?, ?)",
            (str(command.command_id), command.name, tx.now.isoformat()),
        )
        return None
    return _reply(rows[0])


def _reply(row: sqlite3.Row) -> Reply:
    if row["outcome"] is None:
        return Reply(command_id=UUID(row["command_id"]), outcome="unknown", code=CUT_SHORT)
    result = json.loads(row["result"])
    return Reply(command_id=UUID(row["command_id"]), outcome=row["outcome"], code=row["code"], result=result)
