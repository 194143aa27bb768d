"""`run(PLAN)`, a process of its own: people who buy quickly, one stream at each till, and write down what they got.

They press keys instead of scanning, and press all of a sale's at once: a till must take them in order, each once, over
any number of broken links. What they write is the demo's customers' log, so the demo's witnesses judge it.

PLAN is a JSON file: {"log": path, "seed", "tills": [{"branch", "url", "till", "pin"}], "articles": [[code, price]],
"sales": how many each till sells or null, "pause_s", "close": count the drawers and close the shifts instead}. It ends
by itself or on SIGTERM, after the sale under way.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from shared.money import line_amount
from simulators.customers.till_client import Interrupted, OperationRefused, TillClient

__all__ = ["run"]

RETURNS: Final = 20
"""One sale in so many is brought back, in part or whole."""
LINES_MOST: Final = 3
NOBODY_MAY: Final = "USR-250"
"""Without a replica nobody is known who may take goods back."""
SIGN_IN_AGAIN: Final = "USR-401"
"""A session lasts so long by the gateway's clock, which may jump."""
_SIGNED_OUT: Final = 4401
_AGAIN_S: Final = 0.05
_CURABLE: Final = ("DEV-3", "FIS-", "PRN-", "SRV-2", "SRV-3")
"""Refusals after which a cashier looks up, waits, and presses again: the register, a full disk."""


class Till(TillClient):
    """Stays signed in over restarts of the gateway, as a page does: signing in costs it a password's worth of work."""

    _link: ClientConnection

    async def _stay_connected(self) -> None:
        while True:
            try:
                if not self._token:
                    await self._log_in()
                address = self._url.replace("http", "ws", 1) + f"/api/till/ws?till={self._till}&tab={self._tab}"
                headers = {"Authorization": f"Bearer {self._token}"}
                async with connect(address, additional_headers=headers, max_size=2**24, proxy=None) as link:
                    self._link = link
                    with suppress(WebSocketException):
                        await self._talk(link)
                    if link.close_code == _SIGNED_OUT:
                        self._token = ""
            except (InvalidHandshake, HTTPError):
                self._token = ""
            except (OSError, URLError, WebSocketException, TimeoutError):
                pass
            await asyncio.sleep(_AGAIN_S)

    async def insist(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Press until the till does it. Raises OperationRefused for what no waiting cures."""
        while True:
            try:
                return (await self.start(operation, **arguments)).get("result") or {}
            except OperationRefused as refusal:
                if refusal.code == SIGN_IN_AGAIN:
                    self._token = ""
                    await self._link.close()
                elif not refusal.code.startswith(_CURABLE):
                    raise
                await asyncio.sleep(_AGAIN_S)
            except Interrupted:
                await self.take_back()


@dataclass
class Buyer:
    """Whoever stands at one till, one after the other."""

    branch: int
    till: Till
    prices: dict[str, int]
    chance: random.Random
    log: IO[str]

    async def open_shift(self) -> None:
        shift = self.till.state.get("shift")
        if shift is None or shift["state"] != "open":
            await self.till.insist("open_shift", float_minor=0)

    async def buy(self) -> None:
        """A sale of up to three pieces. What the till took is what was bought."""
        codes = self.chance.sample(list(self.prices), self.chance.randint(1, LINES_MOST))
        scans = [self.till.start("scan", raw=code) for code in codes]
        rest = [self.till.start("pay"), self.till.start("tender", form="cash"), self.till.start("take", receipt="none")]
        answers = await asyncio.gather(*scans, *rest, return_exceptions=True)
        bought = [code for code, answer in zip(codes, answers, strict=False) if _is_done(answer)]
        for answer in answers:
            _must_be_curable(answer)
        if not bought:
            return
        done = answers[len(codes) :]
        if not _is_done(done[0]):
            await self.till.insist("pay")
        if not _is_done(done[1]):
            await self.till.insist("tender", form="cash")
        last: Any = done[2]
        result = last["result"] if _is_done(last) else await self.till.insist("take", receipt="none")
        await self.till.until(lambda state: _is_printed(state, result["sale_id"]))
        self._write("sale", result, result["sale_id"], bought)
        if self.chance.randrange(RETURNS) == 0:
            await self._bring_back(result, bought)

    async def _bring_back(self, sale: dict[str, Any], bought: list[str]) -> None:
        first = self.chance.randrange(len(bought)) + 1
        lines = [
            {"line_no": number, "quantity_milli": 1_000, "reason": "does not fit", "sellable": True}
            for number in range(first, len(bought) + 1)
        ]
        try:
            result = await self.till.insist("return_lines", sale_id=sale["sale_id"], lines=lines)
        except OperationRefused as refusal:
            if refusal.code != NOBODY_MAY:
                raise
            return
        await self.till.until(lambda state: _is_printed(state, result["return_id"]))
        self._write("return", result, result["return_id"], bought[first - 1 :])

    def _write(self, kind: str, result: dict[str, Any], id: str, codes: list[str]) -> None:
        costs = sum(line_amount(self.prices[code], 1_000, 1) for code in codes)
        if costs != result["total_minor"]:
            raise AssertionError(f"{kind} {result['number']} of {codes} costs {costs}, not {result['total_minor']}")
        entry = {
            "kind": kind,
            "branch": self.branch,
            f"{kind}_id": id,
            "number": result["number"],
            "total_minor": result["total_minor"],
            "parts": result["receipts"],
            "lines": [[code, 1_000, self.prices[code]] for code in codes],
        }
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()

    async def close(self) -> None:
        """Count the drawer, blind, and have the register close the day."""
        if not _is_closed(self.till.state):
            await self.till.insist("count_shift", counted_minor=0, slips_minor=0)
            await self.till.insist("close_shift")
            await self.till.until(_is_closed)


def _is_done(answer: object) -> bool:
    return isinstance(answer, dict)


def _must_be_curable(answer: object) -> None:
    """A key is refused when the one before it was; anything but the till's own no is a mistake of ours."""
    if isinstance(answer, BaseException) and not isinstance(answer, OperationRefused | Interrupted):
        raise answer


def _is_closed(state: dict[str, Any]) -> bool:
    shift = state.get("shift")
    return shift is None or shift["state"] == "closed"


def _is_printed(state: dict[str, Any], of_id: str) -> bool:
    receipt = state.get("receipt")
    return bool(receipt and receipt["of_id"] == of_id and all(part["state"] == "done" for part in receipt["fiscal"]))


async def _stand_at(place: dict[str, Any], plan: dict[str, Any], log: IO[str], stop: asyncio.Event) -> None:
    chance = random.Random(f"{plan['seed']} {place['url']}")
    till = Till(place["url"], place["till"], place["pin"])
    async with till:
        buyer = Buyer(place["branch"], till, dict(plan["articles"]), chance, log)
        if plan.get("close"):
            await buyer.close()
            return
        await buyer.open_shift()
        left = plan["sales"]
        while not stop.is_set() and left != 0:
            await buyer.buy()
            left = None if left is None else left - 1
            if plan.get("pause_s"):
                await asyncio.sleep(plan["pause_s"])


async def _main(plan: dict[str, Any], log: IO[str]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
    async with asyncio.TaskGroup() as group:
        for place in plan["tills"]:
            group.create_task(_stand_at(place, plan, log, stop))


def run(path: Path) -> None:
    plan = json.loads(path.read_text())
    with Path(plan["log"]).open("a", encoding="utf-8") as log:
        asyncio.run(_main(plan, log))
