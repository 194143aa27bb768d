"""Stopping tasks that run for ever. One rule: whoever has been cancelled ends, though a library forgot to say so."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["stop_if_cancelled", "uninterrupted"]

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Let something short come to its end first: a transaction on SQLite that is cut off keeps the lock for seconds."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def stop_if_cancelled() -> None:
    """Raise CancelledError if somebody has said stop. For each turn of an endless loop.

    A cancellation is lost in `asyncio.wait_for` of Python 3.11 when the wait ends at the same moment (aiomqtt waits
    so), in aiomqtt's own leaving, which may answer it with an MqttError, and in a task group that fails while it is
    being cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
