"""A gateway that writes facts and delivers them, to be killed on the way. Reports how many are not settled yet."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from edge.journal import Journal, NodeIdentity
from edge.uplink import NodeNews, Uplink
from shared.clock import SystemClock
from shared.topics import NodeAddress
from tests.edge.journal.killing import Report
from tests.edge.uplink.conftest import QUICK, append, broker_at, link_becomes, running


def run(arguments: dict[str, Any], report: Report) -> None:
    asyncio.run(_deliver(arguments, report))


async def _deliver(arguments: dict[str, Any], report: Report) -> None:
    address = NodeAddress(7, "branch-1", arguments["node"])
    identity = NodeIdentity(address.branch, address.node)
    journal = Journal.open(Path(arguments["journal"]), node=identity, clock=SystemClock())
    await journal.write(lambda tx: [append(tx) for _ in range(arguments["facts"])] and None)
    uplink = Uplink(
        journal=journal,
        address=address,
        broker=broker_at(arguments["port"]),
        news=lambda: NodeNews(version="1"),
        clock=SystemClock(),
        timings=QUICK,
    )
    uplink.on_link(lambda: report(str(uplink.link.to_send)))
    async with running(uplink):
        await link_becomes(uplink, lambda: uplink.link.to_send == 0 and "stays" not in arguments)
    journal.close()
