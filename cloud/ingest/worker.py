"""The ingest worker: leases partitions, listens to their nodes, hands batches to the applier, sends acks.

Nothing here decides anything about facts. Whatever goes wrong here (broker gone, database gone, lease lost) loses
nothing: no ack was sent, so the nodes send again (N6).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import aiomqtt
import structlog
from sqlalchemy.exc import SQLAlchemyError

from cloud.database import Database
from cloud.ingest import leases as leasing
from cloud.ingest import metrics
from cloud.ingest.announcements import Announcements
from cloud.ingest.applier import Applier, Outcome
from cloud.ingest.intake import Incoming
from cloud.ingest.leases import LEASE_S, Leases
from shared.clock import Clock, SystemClock
from shared.topics import Channel, node_filter

__all__ = ["BrokerAddress", "Worker"]

log = structlog.get_logger()

COLLECT_S: Final = 0.02
"""How long a batch waits for company. A sale is on head office's screen that much later; ten nodes share a commit."""
COLLECT_MESSAGES: Final = 40
"""Messages of one transaction: 2,000 facts at most, below a second even on a slow database."""
QUEUED_MESSAGES: Final = 2_000
"""Messages waiting in memory, 20 kB each as a rule. Above it they are dropped, and their nodes repeat them (N6)."""
RETRY_S: Final = 1.0
"""Pause after the broker or the database was away."""
ACKS_IN_FLIGHT: Final = 200
"""Acks sent and not yet confirmed by the broker: one for each node of a large batch."""
_DATABASE_AWAY: Final = (SQLAlchemyError, OSError)
_CHANNELS: Final = (Channel.STATUS, Channel.EVENTS, Channel.REPLIES)


@dataclass(frozen=True)
class BrokerAddress:
    """Where the broker is, and as whom head office connects. ca_file checks its certificate; without it, no TLS."""

    host: str
    port: int
    user: str
    secret: str
    ca_file: str | None = None


class _Inbox:
    """Messages in the order they came, until they are taken together."""

    def __init__(self) -> None:
        self._waiting: deque[Incoming] = deque()
        self._since = 0.0
        self._arrived = asyncio.Event()
        self._full_batch = asyncio.Event()

    def put(self, message: Incoming) -> None:
        if len(self._waiting) >= QUEUED_MESSAGES:
            metrics.DROPPED.inc()
            return
        if not self._waiting:
            self._since = asyncio.get_running_loop().time()
        self._waiting.append(message)
        self._arrived.set()
        if len(self._waiting) >= COLLECT_MESSAGES:
            self._full_batch.set()

    async def take(self) -> list[Incoming]:
        """What came within COLLECT_S of the first, or COLLECT_MESSAGES of it, whichever is sooner."""
        await self._arrived.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._since + COLLECT_S):
                await self._full_batch.wait()
        batch = [self._waiting.popleft() for _ in range(min(COLLECT_MESSAGES, len(self._waiting)))]
        if not self._waiting:
            self._arrived.clear()
        if len(self._waiting) < COLLECT_MESSAGES:
            self._full_batch.clear()
        return batch


class Worker:
    """One per process. `run` ends only by cancellation; any number of workers share the partitions."""

    def __init__(
        self,
        database: Database,
        broker: BrokerAddress,
        *,
        clock: Clock | None = None,
        announcements: Announcements | None = None,
        name: str | None = None,
        lease_s: float = LEASE_S,
    ) -> None:
        self.name = name or f"{socket.gethostname()[:40]}-{secrets.token_hex(4)}"
        self.leases = Leases(self.name)
        self.is_ready = False
        """For /readyz: connected to the broker, and holding what it should."""
        self._database = database
        self._broker = broker
        self._clock = clock or SystemClock()
        self._applier = Applier(database, self._clock, announcements)
        self._lease_s = lease_s

    async def run(self) -> None:
        """Work until cancelled; then give the partitions back."""
        try:
            while True:
                try:
                    await self._session()
                except* (aiomqtt.MqttError, OSError) as trouble:
                    log.warning("broker is away", worker=self.name, why=str(trouble.exceptions[0]))
                await asyncio.sleep(RETRY_S)
        finally:
            with contextlib.suppress(*_DATABASE_AWAY):
                async with self._database.transaction() as tx:
                    await leasing.release_all(tx, self.name)

    async def _session(self) -> None:
        # A clean session: what the broker would keep for us, the nodes repeat anyway.
        tls = aiomqtt.TLSParameters(ca_certs=self._broker.ca_file) if self._broker.ca_file else None
        async with aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user,
            password=self._broker.secret,
            identifier=f"ingest-{self.name}",
            clean_session=True,
            tls_params=tls,
            max_inflight_messages=ACKS_IN_FLIGHT,
        ) as client:
            client.pending_calls_threshold = ACKS_IN_FLIGHT
            log.info("ingest connected", worker=self.name)
            inbox = _Inbox()
            self.leases = Leases(self.name)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._keep_leases(client), name="ingest leases")
                    tasks.create_task(_listen(client, inbox), name="ingest listens")
                    tasks.create_task(self._work(client, inbox, tasks), name="ingest works")
            finally:
                self.is_ready = False

    async def _keep_leases(self, client: aiomqtt.Client) -> None:
        while True:
            try:
                async with self._database.transaction() as tx:
                    held = await leasing.renew(tx, self.name, self._clock.now(), self._lease_s)
            except _DATABASE_AWAY as error:
                # What we hold stays ours until another worker takes it, and then the fence stops us.
                log.warning("leases not renewed", worker=self.name, why=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            await self._subscribe(client, held)
            self.is_ready = True
            await asyncio.sleep(self._lease_s / 3)

    async def _subscribe(self, client: aiomqtt.Client, held: Leases) -> None:
        before, now = set(self.leases.fences), set(held.fences)
        self.leases = held
        metrics.PARTITIONS_HELD.set(len(now))
        lost, won = before - now, now - before
        if lost:
            await client.unsubscribe(_filters(lost))
        if won:
            # Retained births come with the subscription, so every node is acked at once (N7).
            await client.subscribe([(topic, 1) for topic in _filters(won)])
        if lost or won:
            log.info("partitions changed", worker=self.name, held=len(now), won=len(won), lost=len(lost))

    async def _work(self, client: aiomqtt.Client, inbox: _Inbox, tasks: asyncio.TaskGroup) -> None:
        while True:
            batch = await inbox.take()
            for outcome in await self._apply(batch):
                if outcome.acks:
                    # Not waited for: an ack that gets lost is asked for again.
                    tasks.create_task(_send_acks(client, outcome), name="ingest acks")

    async def _apply(self, batch: list[Incoming]) -> list[Outcome]:
        """Apply a batch, however often the database has to be asked; a message that we stumble over is left out."""
        while True:
            try:
                return [await self._applier.apply(batch, self.leases)]
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


async def _listen(client: aiomqtt.Client, inbox: _Inbox) -> None:
    async for message in client.messages:
        payload = message.payload
        inbox.put(Incoming(message.topic.value, payload if isinstance(payload, bytes) else b""))


def _filters(partitions: Iterable[int]) -> list[str]:
    return [node_filter(partition, channel) for partition in sorted(partitions) for channel in _CHANNELS]


async def _send_acks(client: aiomqtt.Client, outcome: Outcome) -> None:
    acks = [(address.topic(Channel.ACK), ack.model_dump_json(exclude_none=True)) for address, ack in outcome.acks]
    await asyncio.gather(*(client.publish(topic, body, qos=1) for topic, body in acks))
