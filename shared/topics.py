"""MQTT topics, built and parsed in one place. The table is in docs/delivery.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

__all__ = ["PARTITIONS", "Channel", "NodeAddress", "node_filter"]

PARTITIONS: Final = 64
"""Fixed for ever: a node keeps the partition it was created with."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Branch and node ids: no slash, no wildcard, no dollar."""
_ROOT: Final = "tradepost/v1"


class Channel(StrEnum):
    EVENTS = "events"
    STATUS = "status"
    ACK = "ack"
    COMMANDS = "commands"
    REPLIES = "replies"
    CONFIG = "config"


@dataclass(frozen=True)
class NodeAddress:
    """Where a node lives on the broker. Raises ValueError when a part could not be a topic level."""

    partition: int
    branch: str
    node: str

    def __post_init__(self) -> None:
        if not 0 <= self.partition < PARTITIONS:
            raise ValueError(f"partition {self.partition} is not 0..{PARTITIONS - 1}")
        if not _NAME.fullmatch(self.branch) or not _NAME.fullmatch(self.node):
            raise ValueError(f"branch {self.branch!r} or node {self.node!r} is not a topic level")

    @property
    def prefix(self) -> str:
        return f"{_ROOT}/{self.partition:02d}/{self.branch}/{self.node}"

    def topic(self, channel: Channel) -> str:
        return f"{self.prefix}/{channel}"

    @classmethod
    def parse(cls, topic: str) -> tuple[Self, Channel]:
        """The address and channel of a topic. Raises ValueError for any topic that is not ours."""
        levels = topic.split("/")
        if len(levels) != 6 or "/".join(levels[:2]) != _ROOT or not re.fullmatch(r"\d\d", levels[2], re.ASCII):
            raise ValueError(f"not a topic of ours: {topic!r}")
        return cls(int(levels[2]), levels[3], levels[4]), Channel(levels[5])


def node_filter(partition: int | None, channel: Channel) -> str:
    """Subscription of an ingest worker: this channel of every node of one partition; None for every partition."""
    level = "+" if partition is None else f"{partition:02d}"
    return f"{_ROOT}/{level}/+/+/{channel}"
