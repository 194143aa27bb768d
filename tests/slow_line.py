"""A page on a slow line, 256 kbit/s and 300 ms there and back, and how many bytes came over it. Not a test."""

from __future__ import annotations

from typing import Any, Final

from playwright.async_api import Page

__all__ = ["SlowLine"]

BYTES_PER_S: Final = 256_000 // 8
ROUND_TRIP_MS: Final = 300


class SlowLine:
    """bytes: of all answers that have ended, as they travelled, with their headers. failed: why others broke."""

    def __init__(self) -> None:
        self.bytes = 0
        self.failed: list[str] = []

    @classmethod
    async def under(cls, page: Page) -> SlowLine:
        line, session = cls(), await page.context.new_cdp_session(page)
        session.on("Network.loadingFinished", line._ended)
        session.on("Network.loadingFailed", line._broke)
        await session.send("Network.enable")
        speed = {"downloadThroughput": BYTES_PER_S, "uploadThroughput": BYTES_PER_S, "latency": ROUND_TRIP_MS}
        await session.send("Network.emulateNetworkConditions", {"offline": False, **speed})
        return line

    def _ended(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def _broke(self, event: dict[str, Any]) -> None:
        if not event.get("canceled"):
            self.failed.append(event["errorText"])
