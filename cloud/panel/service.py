"""Putting the panel together: everything once for all branches, then cut down to what a reader may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, true
from sqlalchemy.ext.asyncio import AsyncConnection

from cloud.access.dependencies import Identity
from cloud.access.rights import Right
from cloud.live.events import Event
from cloud.panel import repository
from cloud.panel.schemas import BranchFigures, HourFigures, MoneyFigures, Panel, TotalFigures
from cloud.replication.service import behind, newest_marks
from shared.clock import business_date
from shared.money import CURRENCIES, divide_half_away

__all__ = ["figures", "figures_as_events", "limited", "panel"]


@dataclass(frozen=True)
class _Day:
    """The day that is shown, by branch: today's business date in its own zone unless one was asked for."""

    by_branch: Mapping[str, date]

    @classmethod
    def of(cls, branches: Sequence[RowMapping], now: datetime, asked: date | None) -> _Day:
        return cls({row["id"]: asked or business_date(now, ZoneInfo(row["zone"])) for row in branches})

    @property
    def days(self) -> set[date]:
        return set(self.by_branch.values())

    def has(self, row: RowMapping) -> bool:
        return bool(self.by_branch.get(row["branch"]) == row["businessdate"])


async def panel(tx: AsyncConnection, identity: Identity, now: datetime, asked: date | None = None) -> Panel:
    """The panel as this reader may see it."""
    branches = await repository.active_branches(tx, true())
    day = _Day.of(branches, now, asked)
    cut = [limited(row, identity) for row in await _figures(tx, branches, day)]
    shown = [row for row in cut if row is not None]
    selling = identity.branches_with(Right.SEE_SALES)
    hours = [
        row
        for row in await repository.by_hour(tx, day.days)
        if day.has(row) and (selling is None or row["branch"] in selling)
    ]
    return Panel(
        as_of=now,
        silent=[row.branch for row in shown if row.is_silent],
        branches=shown,
        totals=_totals([money for row in shown for money in row.money or ()], hours),
    )


async def figures(tx: AsyncConnection, now: datetime) -> list[BranchFigures]:
    """Today's figures of every branch, uncut."""
    branches = await repository.active_branches(tx, true())
    return await _figures(tx, branches, _Day.of(branches, now, None))


async def figures_as_events(tx: AsyncConnection, now: datetime) -> dict[str, Event]:
    """What the live stream compares and sends: one event a branch, still to be cut for each reader."""
    return {
        row.branch: Event("panel", row.branch, Right.SEE_SALES, row.model_dump_json().encode(), None)
        for row in await figures(tx, now)
    }


def limited(row: BranchFigures, identity: Identity) -> BranchFigures | None:
    """The row without what the reader has no right to; None when the branch is none of the reader's."""

    def may(right: Right) -> bool:
        branches = identity.branches_with(right)
        return branches is None or row.branch in branches

    sales, devices, exceptions = may(Right.SEE_SALES), may(Right.SEE_DEVICES), may(Right.SEE_EXCEPTIONS)
    if not (sales or devices or exceptions):
        return None
    hidden: dict[str, Any] = {}
    if not sales:
        hidden |= {"money": None, "unsynced": None, "last_fact_at": None}
    if not devices:
        hidden |= {"devices_attention": None, "devices_stopped": None, "replica_behind": None}
    if not exceptions:
        hidden |= {"exceptions": None}
    return row.model_copy(update=hidden)


async def _figures(tx: AsyncConnection, branches: Sequence[RowMapping], day: _Day) -> list[BranchFigures]:
    money: dict[str, list[MoneyFigures]] = defaultdict(list)
    for row in await repository.by_branch(tx, day.days):
        if day.has(row):
            money[row["branch"]].append(_money(row))
    nodes, unsynced = await repository.node_counts(tx), await repository.unsynced(tx)
    last_facts, devices = await repository.last_facts(tx), await repository.device_counts(tx)
    exceptions, marks = await repository.exception_counts(tx), await newest_marks(tx)
    rows = []
    for branch in branches:
        name = branch["id"]
        node = nodes.get(name)
        online = int(node["online"]) if node else 0
        is_silent = node is not None and not online
        rows.append(
            BranchFigures(
                branch=name,
                name=branch["name"],
                businessdate=day.by_branch[name],
                money=money[name] or [_nothing(branch["currency"])],
                nodes=node["nodes"] if node else 0,
                nodes_online=online,
                is_silent=is_silent,
                silent_since=node["offline_since"] if node and is_silent else None,
                unsynced=unsynced.get(name, 0),
                last_fact_at=last_facts.get(name),
                replica_behind=behind(marks[name], node["replica"]) if node else 0,
                devices_attention=devices.get((name, "attention"), 0),
                devices_stopped=devices.get((name, "stopped"), 0),
                exceptions=exceptions.get(name, 0),
            )
        )
    return rows


def _money(row: RowMapping) -> MoneyFigures:
    return MoneyFigures(
        currency=row["currency"],
        net_minor=row["total_minor"] - row["returned_minor"],
        average_minor=_average(row["total_minor"], row["sales"], row["currency"]),
        **{name: row[name] for name in repository.SUMS},
    )


def _nothing(currency: str) -> MoneyFigures:
    return MoneyFigures(currency=currency, net_minor=0, average_minor=None, **dict.fromkeys(repository.SUMS, 0))


def _average(total_minor: int, sales: int, currency: str) -> int | None:
    """Rounded once, half away from zero, to what the currency shows."""
    step = CURRENCIES[currency].line_step
    return divide_half_away(total_minor, sales * step) * step if sales else None


def _totals(money: Sequence[MoneyFigures], hours: Sequence[RowMapping]) -> list[TotalFigures]:
    by_currency: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(repository.SUMS, 0))
    for row in money:
        for name in repository.SUMS:
            by_currency[row.currency][name] += getattr(row, name)
    by_hour: dict[str, dict[int, HourFigures]] = defaultdict(dict)
    for hour in hours:
        of_hour = by_hour[hour["currency"]]
        seen = of_hour.setdefault(
            hour["hour"], HourFigures(hour=hour["hour"], sales=0, total_minor=0, returned_minor=0)
        )
        seen.sales += hour["sales"]
        seen.total_minor += hour["total_minor"]
        seen.returned_minor += hour["returned_minor"]
    return [
        TotalFigures(
            currency=currency,
            net_minor=sums["total_minor"] - sums["returned_minor"],
            average_minor=_average(sums["total_minor"], sums["sales"], currency),
            hours=[by_hour[currency][hour] for hour in sorted(by_hour[currency])],
            **sums,
        )
        for currency, sums in sorted(by_currency.items())
    ]
