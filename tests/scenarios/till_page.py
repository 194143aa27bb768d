"""The till's page as a cashier knows it: by the words that stand on it. No classes, stores or sockets."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from playwright.async_api import Locator, Page, expect

__all__ = ["ENTRY", "TillPage"]

ENTRY: Final = "Scan, type a code, or start a name"
_BURST_GAP_S: Final = 0.008
"""How fast a scanner types that is a keyboard."""
_PERSON_GAP_MS: Final = 120
_ENTER_OF_SCANNER_MS: Final = 250
"""An Enter so soon after a burst is taken for the scanner's own (UX §4: 200 ms); people are slower."""
_WAIT_MS: Final = 15_000


class TillPage:
    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(_WAIT_MS)
        expect.set_options(timeout=_WAIT_MS)

    # -- what stands on it --------------------------------------------------------------------------------------------

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        return self.page.get_by_label(name, exact=True)

    def panel(self, title: str) -> Locator:
        return self.page.get_by_role("form", name=title, exact=True)

    def output(self, name: str) -> Locator:
        """A figure by its words: TOTAL, LEFT TO PAY, CHANGE."""
        return self.page.get_by_role("status", name=name, exact=True)

    @property
    def total(self) -> Locator:
        return self.output("TOTAL")

    @property
    def lines(self) -> Locator:
        """Every line of the basket, voided ones too; without the rows of discounts."""
        return self.page.get_by_role("region", name="Basket").locator("tbody tr[data-line]")

    def line(self, name: str) -> Locator:
        return self.lines.filter(has_text=name)

    @property
    def strip(self) -> Locator:
        """The result of the last scan, or of a refused act."""
        return self.page.get_by_role("main").locator("[data-kind]").last

    def banner(self, words: str) -> Locator:
        return self.page.get_by_role("main").locator("[data-state]").filter(has_text=words).first

    @property
    def paid_number(self) -> Locator:
        """The number of the sale that was just taken."""
        return self.panel("Paid").locator("strong").first

    # -- what is done to it -------------------------------------------------------------------------------------------

    async def sign_in(self, pin: str) -> None:
        await self.field("PIN").fill(pin)
        await self.page.keyboard.press("Enter")
        await expect(self.field("PIN")).to_have_count(0)

    async def open_shift(self, float_text: str) -> None:
        await self.field("Float").fill(float_text)
        await self.page.keyboard.press("Enter")
        await expect(self.field(ENTRY)).to_be_enabled()

    async def make_ready(self, float_text: str) -> None:
        """From wherever an earlier test has left the till: a shift is open and the basket is empty."""
        await expect(self.field("Float").or_(self.field(ENTRY))).to_be_visible()
        if await self.field("Float").is_visible():
            await self.open_shift(float_text)
        if await self.button("Declined").is_visible():
            await self.button("Declined").click()
        if await self.panel("PAY").is_visible():
            await self.take()
        if await self.button("Next sale").is_visible():
            await self.button("Next sale").click()
        if await self.lines.count():
            await self.cancel_sale("Other")
        await expect(self.lines).to_have_count(0)

    async def lock(self) -> None:
        await self.page.keyboard.press("Control+l")
        await expect(self.field("PIN")).to_be_visible()

    async def scanned(self, code: str, lines: int) -> None:
        """A scanner that is a keyboard, and wait until the basket has this many lines."""
        await self.burst(code)
        await expect(self.lines).to_have_count(lines)

    async def burst(self, code: str) -> None:
        """A scanner that types, 8 ms a key by the keys' own clock, wherever the focus is."""
        session = await self.page.context.new_cdp_session(self.page)
        begun = time.time()
        keys = [(character, f"Digit{character}", ord(character), character) for character in code]
        keys.append(("Enter", "Enter", 13, "\r"))
        # Handed over at once, so that no round trip widens the gaps; the browser keeps their order.
        await asyncio.gather(
            *(
                session.send(
                    "Input.dispatchKeyEvent",
                    {
                        "type": "keyDown",
                        "key": key,
                        "code": physical,
                        "windowsVirtualKeyCode": number,
                        "text": text,
                        "timestamp": begun + place * _BURST_GAP_S,
                    },
                )
                for place, (key, physical, number, text) in enumerate(keys)
            )
        )
        await session.detach()

    async def type_slowly(self, text: str) -> None:
        """As a person types, wherever the focus is."""
        await self.page.keyboard.type(text, delay=_PERSON_GAP_MS)

    async def open_function(self, name: str) -> None:
        """One of the functions behind F10."""
        await self.page.keyboard.press("F10")
        await self.panel("All functions").get_by_role("button", name=name).click()

    async def cancel_sale(self, reason: str) -> None:
        await self.open_function("Cancel sale")
        panel = self.panel("Cancel sale")
        await panel.get_by_label("Reason").select_option(label=reason)
        await panel.get_by_role("button", name="Cancel sale").click()
        await expect(self.lines).to_have_count(0)

    async def pay(self) -> None:
        await self.button("PAY").click()
        await expect(self.panel("PAY")).to_be_visible()
        await self.page.wait_for_timeout(_ENTER_OF_SCANNER_MS)

    async def take(self) -> str:
        """Complete the sale; its number."""
        await self.button("TAKE").click()
        number: str = await self.paid_number.inner_text()
        return number

    async def sell(self, *codes: str) -> str:
        """These goods, paid in cash to the coin; the sale's number."""
        for place, code in enumerate(codes, start=1):
            await self.scanned(code, place)
        await self.pay()
        return await self.take()

    async def count(self, cash: str, slips: str = "") -> None:
        """The blind count, submitted."""
        await self.open_function("Close shift")
        await self.field("Counted cash").fill(cash)
        await self.field("Card slips").fill(slips)
        await self.button("I HAVE COUNTED").click()
        await expect(self.button("Print Z and close")).to_be_enabled()

    async def close_shift(self) -> None:
        await self.button("Print Z and close").click()
        await expect(self.field("Float")).to_be_visible()
