"""The gateway with a resolver that remembers: the ceiling of `lookup`. All else is the program that branches run.

A code is resolved by the real one when it first comes, and from memory ever after: same answers, no I/O.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

from edge.agent import run
from edge.checkout.scanning import Resolution, Resolver

__all__ = ["remember"]


def remember() -> None:
    """Have every resolver of this process answer from memory."""
    resolve, known = Resolver.scan, dict[tuple[str, date], Resolution]()

    def scan(self: Resolver, raw: str, today: date) -> Resolution:
        if (raw, today) not in known:
            known[raw, today] = resolve(self, raw, today)
        return known[raw, today]

    Resolver.scan = scan  # type: ignore[method-assign]


if __name__ == "__main__":
    remember()
    asyncio.run(run(Path(sys.argv[sys.argv.index("--home") + 1])))
