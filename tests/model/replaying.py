"""A trace of the model made again with the real journal, uplink and applier; only the broker is the trace's own.

After every move `seen` is what can be observed, in the model's words, to be compared with the model's state.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from cloud.database import Database
from cloud.fleet.models import loss_cases, node_epochs
from cloud.ingest.applier import Applier
from cloud.ingest.intake import Incoming
from cloud.ingest.models import facts, quarantine
from cloud.sales.models import sales
from edge.journal import AppendedFact, Journal, NodeIdentity, Transaction
from edge.uplink import BrokerSettings, NodeNews, Timings, Uplink
from edge.uplink.mqtt import Received, Taken
from shared import delivery as said
from shared.ids import uuid7
from shared.topics import Channel, NodeAddress
from tests.cloud.deliveries import FixedClock, sale, uid
from tests.model.states import Ack, Batch, Birth, Cloud, Gone, Held, Message, Move, Row, State
from tests.model.wires import Road

__all__ = ["Real", "observable"]

AT_ONCE = Timings(reconnect_first_s=0.0, reconnect_most_s=0.0)
LONGER_THAN_ANY_PATIENCE_S = 1_000.0
Seen = dict[str, Any]


class StandingClock(FixedClock):
    """Time passes only when the trace says so; then nobody's patience is left."""

    passed_s = 0.0

    def monotonic(self) -> float:
        return self.passed_s


class Names:
    """Numbers of the model for ids of the real thing, in the order of their births."""

    def __init__(self) -> None:
        self._numbers: dict[UUID, int] = {}

    def of(self, id: UUID) -> int:
        return self._numbers.setdefault(UUID(int=id.int), len(self._numbers) + 1)


def observable(state: State) -> Seen:
    """What of a state of the model can be seen from outside."""
    return {
        "journal": state.journal,
        "quarantined": state.told_aside,
        "online": state.online,
        "out": [message for message, _ in state.out],
        "to_cloud": list(state.to_cloud),
        "to_node": list(state.to_node),
        "retained": state.retained,
        "cloud": state.cloud._replace(effects=tuple(sorted(state.cloud.effects))),
        "sold": len(state.cloud.effects),
    }


@dataclass
class Real:
    folder: Path
    template: Path
    """A migrated cloud database with the branch and the node in it."""
    address: NodeAddress
    road: Road
    clock: StandingClock = field(default_factory=StandingClock)
    facts: Names = field(default_factory=Names)
    epochs: Names = field(default_factory=Names)
    beginnings: Names = field(default_factory=Names)
    retained: bytes | None = None
    to_cloud: list[Incoming] = field(default_factory=list)
    to_node: list[bytes] = field(default_factory=list)
    listening: bool = False
    keys: int = 0

    async def start(self) -> None:
        shutil.copy(self.template, self._database_file)
        self._open_database()
        self._open_journal()
        await self._start_node()

    async def stop(self) -> None:
        await self._kill_node()
        await self._database.close()

    async def make(self, move: Move) -> None:
        """Let this move happen."""
        name, *rest = move
        await getattr(self, f"_{str(name).replace(' ', '_')}")(*rest)

    # -- the node -----------------------------------------------------------------------------------------------------

    @property
    def _journal_file(self) -> Path:
        return self.folder / "journal.db"

    @property
    def _database_file(self) -> Path:
        return self.folder / "cloud.db"

    def _open_database(self) -> None:
        self._database = Database.open(f"sqlite+aiosqlite:///{self._database_file}")
        self._applier = Applier(self._database, self.clock)

    def _open_journal(self) -> None:
        identity = NodeIdentity(self.address.branch, self.address.node)
        self._journal = Journal.open(self._journal_file, node=identity, clock=self.clock)
        self.epochs.of(self._journal.epoch)

    async def _start_node(self) -> None:
        uplink = Uplink(
            journal=self._journal,
            address=self.address,
            broker=BrokerSettings("127.0.0.1", 1, username="", password="", tls=False),
            news=lambda: NodeNews(version="1"),
            clock=self.clock,
            timings=AT_ONCE,
        )
        self.road.idle.clear()
        self._program = asyncio.create_task(uplink.run())
        await self.road.rest()

    async def _kill_node(self) -> None:
        self._program.cancel()
        with suppress(asyncio.CancelledError):
            await self._program
        self._journal.close()

    async def _write(self) -> None:
        self.keys += 1
        common: dict[str, Any] = {"till": "till-1", "shift": uid("shift"), "businessdate": date(2026, 11, 21)}

        def sell(tx: Transaction) -> AppendedFact:
            return tx.append("sale.completed", str(self.keys), sale(self.keys), operator=uid("anna"), **common)

        self.road.idle.clear()
        self.facts.of((await self._journal.write(sell)).event_id)
        if self.road.wire is not None:
            await self.road.rest()

    async def _connect(self) -> None:
        await self.road.connect()

    async def _crash(self) -> None:
        await self._kill_node()
        self._open_journal()
        await self._start_node()

    async def _salvage(self) -> None:
        await self._kill_node()
        self._open_journal()
        self.epochs.of(await self._journal.begin_epoch("salvaged"))
        await self._start_node()

    async def _tear(self, epoch: int, sequence: int) -> None:
        torn = "UPDATE facts SET body = substr(body, 2) WHERE epoch = ? AND sequence = ?"
        [held] = [each.epoch for each in self._journal.held() if self.epochs.of(each.epoch) == epoch]
        await self._journal.write(lambda tx: tx.connection.execute(torn, (str(held), sequence)) and None)

    async def _prune(self) -> None:
        await self._journal.prune(timedelta(), self.clock.now() + timedelta(days=1))

    async def _copy_card(self) -> None:
        _copy(self._journal_file, self.folder / "card.db")

    async def _restore_card(self) -> None:
        await self._kill_node()
        _put_back(self.folder / "card.db", self._journal_file)
        self._open_journal()
        await self._start_node()

    async def _wait(self) -> None:
        self.clock.passed_s += LONGER_THAN_ANY_PATIENCE_S
        await self.road.stir()

    _wait_early = _wait

    # -- the broker ---------------------------------------------------------------------------------------------------

    def _broker_takes(self) -> int:
        assert self.road.wire is not None
        packet, topic, payload = self.road.wire.out.pop(0)
        if NodeAddress.parse(topic)[1] is Channel.STATUS:
            self.retained = payload
        if self.listening:
            self.to_cloud.append(Incoming(topic, payload))
        return packet

    async def _take(self) -> None:
        packet = self._broker_takes()
        assert self.road.wire is not None
        await self.road.wire.happens(Taken(packet))

    async def _hear(self) -> None:
        assert self.road.wire is not None
        await self.road.wire.happens(Received(self.address.topic(Channel.ACK), self.to_node.pop(0), 0))
        self.epochs.of(self._journal.epoch)  # a fork may have begun one

    async def _break(self) -> None:
        assert self.road.wire is not None
        await self.road.wire.lose()

    async def _break_unconfirmed(self) -> None:
        self._broker_takes()
        await self._break()

    async def _wipe(self) -> None:
        if self.road.wire is not None:
            await self._break()
        await self._die()
        self.retained = None
        self.to_node.clear()

    def _queue(self, name: str) -> list[Any]:
        queue: list[Any] = getattr(self, name)
        return queue

    async def _forget(self, name: str) -> None:
        self._queue(name).pop(0)

    async def _repeat(self, name: str) -> None:
        self._queue(name).append(self._queue(name)[0])

    async def _reorder(self, name: str) -> None:
        queue = self._queue(name)
        queue[0], queue[1] = queue[1], queue[0]

    # -- head office --------------------------------------------------------------------------------------------------

    async def _begin(self) -> None:
        self.listening = True
        began = uuid7()
        self.beginnings.of(began)
        if self.retained is not None:
            self.to_cloud.append(Incoming(self.address.topic(Channel.STATUS), self.retained, began))

    async def _apply(self, count: int) -> None:
        messages, self.to_cloud[:count] = self.to_cloud[:count], []
        outcome = await self._applier.apply(messages)
        self.to_node += [ack.model_dump_json(exclude_none=True).encode() for _, ack in outcome.acks]

    async def _die(self) -> None:
        self.listening = False
        self.to_cloud.clear()

    async def _die_after_commit(self) -> None:
        await self._applier.apply(self.to_cloud)
        await self._die()

    async def _back_up(self) -> None:
        _copy(self._database_file, self.folder / "backup.db")

    async def _restore_cloud(self) -> None:
        await self._die()
        await self._database.close()
        _put_back(self.folder / "backup.db", self._database_file)
        self._open_database()

    # -- what can be seen ---------------------------------------------------------------------------------------------

    async def seen(self) -> Seen:
        cloud, sold = await self._cloud()
        wire = self.road.wire
        return {
            "journal": tuple(self._held()),
            "quarantined": frozenset(
                self.facts.of(UUID(row["event_id"])) for row in self._journal.read("SELECT event_id FROM quarantined")
            ),
            "online": wire is not None,
            "out": [self._message(Incoming(topic, body)) for _, topic, body in wire.out] if wire else [],
            "to_cloud": list(map(self._message, self.to_cloud)),
            "to_node": list(map(self._ack, self.to_node)),
            "retained": self.retained and self._message(Incoming(self.address.topic(Channel.STATUS), self.retained)),
            "cloud": cloud,
            "sold": sold,
        }

    def _held(self) -> Iterable[Held]:
        for row in self._journal.read(
            "SELECT epoch, next_sequence - 1 AS last, acked_upto FROM epochs ORDER BY number"
        ):
            places = [0] * int(row["last"])
            for fact in self._journal.read(
                "SELECT sequence, event_id, length(body) AS size, body FROM facts WHERE epoch = ?", (row["epoch"],)
            ):
                is_whole = bytes(fact["body"]).startswith(b"{")
                places[fact["sequence"] - 1] = self.facts.of(UUID(fact["event_id"])) * (1 if is_whole else -1)
            yield Held(self.epochs.of(UUID(row["epoch"])), tuple(places), int(row["acked_upto"]))

    def _message(self, message: Incoming) -> Message:
        channel = NodeAddress.parse(message.topic)[1]
        if channel is Channel.EVENTS:
            values = said.unpack_batch(message.payload)
            held = tuple((value["sequence"], self.facts.of(UUID(value["id"]))) for value in values)
            return Batch(self.epochs.of(UUID(values[0]["epoch"])), held)
        if channel is Channel.STATUS:
            birth = said.parse_message(said.Birth, message.payload)
            epochs = tuple((self.epochs.of(each.epoch), each.first, each.last) for each in birth.epochs)
            return Birth(epochs, self.beginnings.of(message.began) if message.began else 0)
        gone = said.parse_message(said.Gone, message.payload)
        return Gone(self.epochs.of(gone.epoch), gone.span.first, gone.span.last)

    def _ack(self, payload: bytes) -> Ack:
        ack = said.parse_message(said.Ack, payload)
        return Ack(
            self.epochs.of(ack.epoch),
            ack.upto,
            tuple(sorted(map(self.facts.of, ack.quarantined))),
            (ack.gap.first, ack.gap.last) if ack.gap else None,
            ack.fork,
            self.beginnings.of(ack.began) if ack.began else 0,
            tuple((read.first, read.last, self.facts.of(read.last_id)) for read in ack.read or ()),
        )

    async def _cloud(self) -> tuple[Cloud, int]:
        async with self._database.reading() as tx:
            rows = (await tx.execute(select(node_epochs))).all()
            stored = (await tx.execute(select(facts.c.epoch, facts.c.sequence, facts.c.event_id))).all()
            put_aside = (await tx.execute(select(quarantine))).all()
            lost = (await tx.execute(select(loss_cases))).all()
            sold: int = (await tx.execute(select(func.count()).select_from(sales))).scalar_one()
        place = self._place
        return Cloud(
            tuple(
                sorted(
                    Row(self.epochs.of(row.epoch), row.upto, row.held_last, row.is_forked, row.is_live, row.is_held)
                    for row in rows
                )
            ),
            tuple(sorted(place(row.epoch, row.sequence, row.event_id) for row in stored)),
            frozenset((*place(row.epoch, row.sequence, row.event_id), row.code) for row in put_aside),
            frozenset((self.epochs.of(row.epoch), row.first, row.last) for row in lost),
        ), sold

    def _place(self, epoch: UUID, sequence: int, event_id: UUID) -> tuple[int, int, int]:
        return self.epochs.of(epoch), sequence, self.facts.of(event_id)


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as whole, closing(sqlite3.connect(target)) as copy:
        whole.backup(copy)


def _put_back(copy: Path, target: Path) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, target)
