"""Telling branches that there is something newer: the retained `config` message of each node.

Only the difference is published, so a run that finds nothing new sends nothing.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.replication import repository, service
from shared.delivery import ReplicaVersion
from shared.topics import Channel, NodeAddress

__all__ = ["Announcer", "Publisher"]


class Publisher(Protocol):
    """The part of aiomqtt.Client that is used."""

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None: ...


class Announcer:
    """Remembers what it has told each node over this connection; make a new one after a reconnect."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._told: dict[str, int] = {}

    async def look(self, tx: AsyncConnection) -> dict[str, int]:
        """Topic -> newest mark, of nodes that have not been told it. Published later, outside the transaction."""
        marks = await service.newest_marks(tx)
        news = {}
        for node in await repository.live_nodes(tx):
            topic = NodeAddress(node["partition"], node["branch"], node["id"]).topic(Channel.CONFIG)
            if self._told.get(topic) != marks[node["branch"]]:
                news[topic] = marks[node["branch"]]
        return news

    async def tell(self, news: dict[str, int]) -> None:
        """Publish, retained, so that a node that is away hears it when it comes back."""
        for topic, mark in news.items():
            payload = ReplicaVersion(version=mark).model_dump_json().encode()
            await self._publisher.publish(topic, payload, qos=1, retain=True)
            self._told[topic] = mark
