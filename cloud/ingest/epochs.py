"""Which epoch of a node is alive, and when two are: births and deaths turned into the state of epochs. Pure.

Rules C7 to C9 of docs/delivery.md live here as far as they are about one node's epochs. Nothing here moves a cursor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cloud.ingest.text import clean
from shared.delivery import Ack, Birth, Death, Read, Span

__all__ = ["Epoch", "ack_of", "born", "died", "epoch_of", "status_after"]


@dataclass
class Epoch:
    """One row of node_epochs while a batch is worked on; the columns are explained there."""

    node: str
    epoch: UUID
    first_seen: datetime
    upto: int = 0
    held_last: int = 0
    last_birth: datetime | None = None
    last_fact: datetime | None = None
    boot: int = 0
    is_live: bool = False
    is_held: bool = False
    is_flagged: bool = False
    is_forked: bool = False


Epochs = dict[UUID, Epoch]
Status = dict[str, Any]
"""A row of node_status."""
DEVICES: Final = 200
"""Devices of one node that a birth may name; a branch has a tenth of it."""


def epoch_of(epochs: Epochs, node: str, epoch: UUID, now: datetime) -> Epoch:
    """The epoch's row, begun at cursor 0 when nobody has heard of it."""
    if epoch not in epochs:
        epochs[epoch] = Epoch(node, epoch, now)
    return epochs[epoch]


def born(epochs: Epochs, birth: Birth, now: datetime) -> list[Epoch]:
    """Note a birth. Answers the epochs in conflict when another one is still alive (C8); all but the oldest are held.

    What head office has decided before stands: an epoch that is held is not believed again by being born.
    """
    named = [epoch_of(epochs, birth.node, held.epoch, now) for held in birth.epochs]
    for row, held in zip(named, birth.epochs, strict=True):
        row.held_last = max(row.held_last, held.last)
    if not named:
        return []
    written = named[-1]
    for row in named[:-1]:
        row.is_live = False  # a journal that still holds an older epoch has taken its place
    written.last_birth, written.boot, written.is_live = now, birth.boot, True
    alive = [row for row in epochs.values() if row.is_live]
    if len(alive) < 2:
        return []
    for row in alive:
        row.is_flagged = True
    believed = sorted((row for row in alive if not row.is_held), key=lambda row: (row.first_seen, row.epoch))
    for newer in believed[1:]:
        newer.is_held = True
    return alive


def died(epochs: Epochs, death: Death) -> None:
    """Note a death. One of an earlier boot is an old will and says nothing about now."""
    row = epochs.get(death.epoch)
    if row is not None and death.boot >= row.boot:
        row.is_live = False


def status_after(known: Status | None, life: Birth | Death, *, node: str, is_online: bool, now: datetime) -> Status:
    """The row of node_status after a birth or death. `since` changes only with being online or not."""
    since = known["since"] if known and known["is_online"] == is_online else now
    if isinstance(life, Death):
        blank: Status = {"node": node, "epoch": None, "boot": 0, "version": "", "replica": 0, "devices": {}}
        return {**(known or blank), "is_online": is_online, "since": since, "heard_at": now}
    devices = {clean(name, 64): clean(health, 20) for name, health in list(life.devices.items())[:DEVICES]}
    return {
        "node": node,
        "is_online": is_online,
        "since": since,
        "epoch": life.epochs[-1].epoch if life.epochs else None,
        "boot": life.boot,
        "version": clean(life.version, 60),
        "replica": max(0, min(life.replica, 2**63 - 1)),
        "devices": devices,
        "heard_at": now,
    }


def ack_of(
    row: Epoch,
    quarantined: Iterable[UUID] = (),
    gap: tuple[int, int] | None = None,
    began: UUID | None = None,
    read: Iterable[Read] = (),
) -> Ack:
    """What head office holds of an epoch."""
    span = None if gap is None else Span(first=gap[0], last=gap[1])
    return Ack(
        epoch=row.epoch,
        upto=row.upto,
        quarantined=tuple(quarantined),
        gap=span,
        fork=row.is_forked,
        began=began,
        read=tuple(read),
    )
