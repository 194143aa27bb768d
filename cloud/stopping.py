"""Stopping tasks that run for ever. One rule: whoever has been cancelled ends, though a library forgot to say so."""

from __future__ import annotations

import asyncio

__all__ = ["stop_if_cancelled"]


def stop_if_cancelled() -> None:
    """Raise CancelledError if somebody has said stop. For each turn of an endless loop.

    A cancellation is lost in `asyncio.wait_for` of Python 3.11 when the wait ends at the same moment (aiomqtt waits
    so), in aiomqtt's own leaving, which may answer it with an MqttError, and in a task group that fails while it is
    being cancelled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
