"""The ingest worker: leases partitions, listens to their nodes, hands batches to the applier, sends acks.

Nothing here decides anything about facts. Whatever goes wrong here (broker gone, database gone, lease lost) loses
nothing: no ack was sent, so the nodes send again (N6).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Coroutine, Iterable
from typing import Any, Final, TypeVar
from uuid import UUID
from zlib import crc32

import aiomqtt
import structlog
from sqlalchemy.exc import SQLAlchemyError

from cloud.database import Database
from cloud.ingest import commands, metrics, repository
from cloud.ingest import leases as leasing
from cloud.ingest.announcements import Announcements
from cloud.ingest.applier import Applier, Outcome
from cloud.ingest.intake import Incoming
from cloud.ingest.leases import LEASE_S, Leases
from cloud.ingest.process import is_dead, name_of_this_process
from cloud.settings import Broker
from cloud.stopping import stop_if_cancelled
from shared.clock import Clock, SystemClock
from shared.delivery import Command
from shared.ids import uuid7
from shared.topics import Channel, NodeAddress, node_filter

__all__ = ["Worker"]

log = structlog.get_logger()

Result = TypeVar("Result")

BATCH_MESSAGES: Final = 20
"""Messages of one transaction: 1,000 facts at most. More make it no cheaper, and their nodes wait longer for acks."""
LANES: Final = 2
"""Transactions under way at a time on PostgreSQL: while it works on one, we read the next. A branch has one lane, so
what its nodes say keeps its order, and neither transaction waits for the other's rows."""
QUEUED_MESSAGES: Final = 1_000
"""Messages waiting in memory, 20 kB each as a rule. Above it they are dropped, and their nodes repeat them (N6)."""
RETRY_S: Final = 1.0
"""Pause after the broker or the database was away."""
ASK_EVERY_S: Final = 1.0
"""How soon a command goes out: a person at head office waits for its outcome."""
TIDY_EVERY_S: Final = 3_600.0
"""What is pruned is counted in days."""
ACKS_IN_FLIGHT: Final = 200
"""Acks sent and not yet confirmed by the broker: one for each node of a large batch."""
_DATABASE_AWAY: Final = (SQLAlchemyError, OSError)
_CHANNELS: Final = (Channel.EVENTS, Channel.REPLIES, Channel.STATUS)
"""The births come last: whoever is told that we listen must find us listening."""


class _Inbox:
    """Messages in the order they came, until they are taken together: what comes during a transaction is the next."""

    def __init__(self) -> None:
        self._waiting: deque[Incoming] = deque()
        self._arrived = asyncio.Event()

    def put(self, message: Incoming) -> None:
        if len(self._waiting) >= QUEUED_MESSAGES:
            metrics.DROPPED.inc()
            return
        self._waiting.append(message)
        self._arrived.set()

    async def take(self) -> list[Incoming]:
        """What has come, BATCH_MESSAGES of it at most; waits for the first."""
        await self._arrived.wait()
        batch = [self._waiting.popleft() for _ in range(min(BATCH_MESSAGES, len(self._waiting)))]
        if not self._waiting:
            self._arrived.clear()
        return batch


class Worker:
    """One per process. `run` ends only by cancellation; any number of workers share the partitions."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        *,
        clock: Clock | None = None,
        announcements: Announcements | None = None,
        name: str | None = None,
        lease_s: float = LEASE_S,
    ) -> None:
        self.name = name or name_of_this_process()
        self.leases = Leases(self.name)
        self.is_ready = False
        """For /readyz: connected to the broker, and holding what it should."""
        self._database = database
        self._broker = broker
        self._clock = clock or SystemClock()
        self._applier = Applier(database, self._clock, announcements)
        self._lease_s = lease_s
        self._began: UUID | None = None
        """Which beginning to listen the retained births that come now belong to (C9b)."""

    async def run(self) -> None:
        """Work until cancelled; then give the partitions back."""
        try:
            while True:
                try:
                    await self._session()
                except* (aiomqtt.MqttError, OSError) as trouble:
                    log.warning("broker is away", worker=self.name, why=str(trouble.exceptions[0]))
                except* Exception as trouble:
                    # The boundary of what we foresaw: count, tell, begin again. No ack was sent for what was under way.
                    metrics.STUMBLED.inc()
                    log.error("ingest stumbled", worker=self.name, exc_info=trouble)
                stop_if_cancelled()
                await asyncio.sleep(RETRY_S)
        finally:
            with contextlib.suppress(*_DATABASE_AWAY):
                await _to_the_end(self._release())

    async def _session(self) -> None:
        # A clean session: what the broker would keep for us, the nodes repeat anyway.
        async with aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=f"ingest-{self.name}",
            clean_session=True,
            tls_context=ssl.create_default_context() if self._broker.tls else None,
            max_inflight_messages=ACKS_IN_FLIGHT,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        ) as client:
            stop_if_cancelled()
            client.pending_calls_threshold = ACKS_IN_FLIGHT
            log.info("ingest connected", worker=self.name)
            inboxes = [_Inbox() for _ in range(LANES if self._database.dialect == "postgresql" else 1)]
            self.leases = Leases(self.name)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._keep_leases(client), name="ingest leases")
                    for inbox in inboxes:
                        tasks.create_task(self._work(client, inbox, tasks), name="ingest works")
                    tasks.create_task(self._ask(client), name="ingest asks")
                    tasks.create_task(self._tidy(), name="ingest tidies")
                    # Not a task: a group that waits at its end keeps the cancellation by which it stops itself.
                    await self._listen(client, inboxes)
            finally:
                self.is_ready = False

    async def _keep_leases(self, client: aiomqtt.Client) -> None:
        while True:
            try:
                held = await _to_the_end(self._renew())
            except _DATABASE_AWAY as error:
                # What we hold stays ours until another worker takes it, and then the fence stops us.
                log.warning("leases not renewed", worker=self.name, why=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            await self._subscribe(client, held)
            stop_if_cancelled()
            self.is_ready = True
            await asyncio.sleep(self._lease_s / 3)

    async def _renew(self) -> Leases:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await commands.expire_commands(tx, now)
            return await leasing.renew(tx, self.name, now, self._lease_s, is_dead=is_dead)

    async def _release(self) -> None:
        async with self._database.transaction() as tx:
            await leasing.release_all(tx, self.name)

    async def _subscribe(self, client: aiomqtt.Client, held: Leases) -> None:
        before, now = set(self.leases.fences), set(held.fences)
        self.leases = held
        metrics.PARTITIONS_HELD.set(len(now))
        lost, won = before - now, now - before
        if lost:
            await client.unsubscribe(_filters(lost))
        if won:
            # Retained births come with the subscription, so every node is acked at once (N7, C9b).
            self._began = uuid7()
            await client.subscribe([(topic, 1) for topic in _filters(won)])
        if lost or won:
            log.info("partitions changed", worker=self.name, held=len(now), won=len(won), lost=len(lost))

    async def _listen(self, client: aiomqtt.Client, inboxes: list[_Inbox]) -> None:
        async for message in client.messages:
            payload, topic = message.payload, message.topic.value
            began = self._began if message.retain else None
            inboxes[_lane_of(topic, len(inboxes))].put(
                Incoming(topic, payload if isinstance(payload, bytes) else b"", began)
            )

    async def _work(self, client: aiomqtt.Client, inbox: _Inbox, tasks: asyncio.TaskGroup) -> None:
        while True:
            batch = await inbox.take()
            for outcome in await self._apply(batch):
                if outcome.acks:
                    # Not waited for: an ack that gets lost is asked for again.
                    tasks.create_task(_send_acks(client, outcome), name="ingest acks")

    async def _ask(self, client: aiomqtt.Client) -> None:
        """Publish the commands that are due to gateways of our partitions."""
        while True:
            with contextlib.suppress(*_DATABASE_AWAY):
                for address, command in await _to_the_end(self._take_due()):
                    await client.publish(address.topic(Channel.COMMANDS), command.model_dump_json(), qos=1)
            stop_if_cancelled()
            await asyncio.sleep(ASK_EVERY_S)

    async def _take_due(self) -> list[tuple[NodeAddress, Command]]:
        now = self._clock.now()
        async with self._database.reading() as tx:
            due = await commands.due_commands(tx, self.leases.fences, now)
        if due:
            async with self._database.transaction() as tx:
                await commands.mark_asked(tx, [command.command_id for _, command in due], now)
        return due

    async def _tidy(self) -> None:
        while True:
            with contextlib.suppress(*_DATABASE_AWAY):
                await _to_the_end(self._forget_what_is_old())
            stop_if_cancelled()
            await asyncio.sleep(TIDY_EVERY_S)

    async def _forget_what_is_old(self) -> None:
        async with self._database.transaction() as tx:
            await repository.prune_refused(tx, self._clock.now())

    async def _apply(self, batch: list[Incoming]) -> list[Outcome]:
        """Apply a batch, however often the database has to be asked; a message that we stumble over is left out."""
        while True:
            try:
                return [await _to_the_end(self._applier.apply(batch, self.leases))]
            except _DATABASE_AWAY as error:
                log.warning("batch waits for the database", worker=self.name, why=type(error).__name__)
                await asyncio.sleep(RETRY_S)
            except Exception:
                # A mistake of ours that one message brings out must not stop the other nodes.
                metrics.STUMBLED.inc()
                if len(batch) == 1:
                    log.exception("message cannot be worked on", topic=batch[0].topic, size=len(batch[0].payload))
                    return []
                return [outcome for message in batch for outcome in await self._apply([message])]


async def _to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Let a transaction end before a cancellation takes effect: one that is cut in two leaves SQLite locked."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _filters(partitions: Iterable[int]) -> list[str]:
    return [node_filter(partition, channel) for partition in sorted(partitions) for channel in _CHANNELS]


def _lane_of(topic: str, lanes: int) -> int:
    """The same for all that a branch says. What is not a topic of ours is refused in any."""
    try:
        return crc32(NodeAddress.parse(topic)[0].branch.encode()) % lanes
    except ValueError:
        return 0


async def _send_acks(client: aiomqtt.Client, outcome: Outcome) -> None:
    acks = [(address.topic(Channel.ACK), ack.model_dump_json(exclude_none=True)) for address, ack in outcome.acks]
    await asyncio.gather(*(client.publish(topic, body, qos=1) for topic, body in acks))
