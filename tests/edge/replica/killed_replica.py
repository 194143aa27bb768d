"""A gateway that applies deltas one after another; every row of version n says n."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.replica import Delta, Replica
from tests.edge.journal.killing import Report
from tests.edge.replica.conftest import COFFEE, MILK, SECRET, barcode, delta, price, product


def delta_to(version: int) -> Delta:
    return delta(
        version - 1,
        version,
        products=[product(MILK, f"{version}", f"Milk {version}"), product(COFFEE, f"{version}", f"Coffee {version}")],
        barcodes=[barcode("4850001234562", MILK, version * 1_000)],
        prices=[price(MILK, version, "2026-01-01"), price(COFFEE, version, "2026-01-01")],
        settings={"version": version},
    )


def run(arguments: dict[str, Any], report: Report) -> None:
    replica = Replica.open(Path(arguments["replica"]), secret=SECRET, currency="AMD")
    while True:
        replica.apply(delta_to(replica.version + 1))
        report(str(replica.version))
