"""What ingest counts, for /metrics. Names are part of the product: dashboards rely on them."""

from __future__ import annotations

from typing import Final, Protocol

from prometheus_client import Counter, Gauge, Histogram

__all__ = ["DROPPED", "PARTITIONS_HELD", "STUMBLED", "count"]

_FACTS: Final = Counter("tradepost_ingest_facts", "Facts by what became of them", ["outcome"])
_REFUSED: Final = Counter("tradepost_ingest_refused_messages", "Messages refused whole")
_BATCH: Final = Histogram(
    "tradepost_ingest_batch_seconds",
    "From reading a batch to its commit",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
DROPPED: Final = Counter("tradepost_ingest_dropped_messages", "Messages not taken because too many were waiting")
STUMBLED: Final = Counter("tradepost_ingest_stumbled_batches", "Batches stopped by a mistake of ours")
PARTITIONS_HELD: Final = Gauge("tradepost_ingest_partitions_held", "Partitions this worker reads")


class _Counted(Protocol):
    @property
    def applied(self) -> int: ...
    @property
    def repeats(self) -> int: ...
    @property
    def quarantined(self) -> int: ...
    @property
    def refused(self) -> int: ...


def count(outcome: _Counted, seconds: float) -> None:
    """Add a batch to the figures."""
    _FACTS.labels("applied").inc(outcome.applied)
    _FACTS.labels("repeated").inc(outcome.repeats)
    _FACTS.labels("quarantined").inc(outcome.quarantined)
    _REFUSED.inc(outcome.refused)
    _BATCH.observe(seconds)
