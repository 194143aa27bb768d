"""Every screen of the till by axe, at the desk in light, in the hand in dark; and whether it fits where it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import ViewportSize, expect

from tests.scenarios.shop import BREAD, CHEESE, COFFEE, MILK, label
from tests.scenarios.till_page import TillPage

pytestmark = pytest.mark.browser

AXE: Final = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
_RUN: Final = """() => axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  rules: {"target-size": {enabled: true}},
}).then(({violations}) => violations.map(({id, nodes}) => [id, nodes.map((node) => node.html)]))"""
PANELS: Final = ("F2", "F3", "F4", "F7", "F8", "F9", "F10", "F1", "*")


class Screens:
    """What axe has against each screen that was walked over."""

    def __init__(self, till: TillPage) -> None:
        self._till = till
        self.found: dict[str, Any] = {}

    async def look(self, name: str) -> None:
        violations = await self._till.page.evaluate(_RUN)
        if violations:
            self.found[name] = violations


async def width(till: TillPage) -> Any:
    return await till.page.evaluate("document.documentElement.scrollWidth")


async def fill(till: TillPage) -> None:
    for place, code in enumerate((MILK, label(CHEESE, 432), BREAD, COFFEE), start=1):
        await till.scanned(code, place)


@pytest.mark.parametrize(
    ("size", "scheme"),
    [({"width": 1280, "height": 800}, "light"), ({"width": 390, "height": 844}, "dark")],
    ids=["desk", "hand"],
)
async def test_no_screen_breaks_the_rules_of_accessibility(
    till: TillPage, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    await till.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await till.page.set_viewport_size(size)
    await till.page.evaluate(AXE.read_text())
    screens = Screens(till)
    await screens.look("empty")
    await fill(till)
    await screens.look("sell")
    for key in PANELS:
        await till.page.keyboard.press(key)
        await screens.look(key)
        await till.page.keyboard.press("Escape")
    await till.page.keyboard.press("+")
    await expect(till.panel("PAY")).to_be_visible()
    await screens.look("pay")
    number = await till.take()
    await expect(till.page.get_by_role("region", name="Receipt")).to_be_visible()
    await screens.look("paid")
    await till.page.keyboard.press("Enter")
    await till.page.keyboard.press("F8")
    await till.field("Sale number").fill(number)
    await till.page.keyboard.press("Enter")
    await till.page.get_by_role("checkbox").first.check()
    await expect(till.page.get_by_text("Goes back to the customer")).to_be_visible()
    await screens.look("return")
    await till.page.keyboard.press("Escape")
    await till.page.keyboard.press("Escape")
    await till.count("20000")
    await screens.look("compare")
    await till.close_shift()
    await screens.look("open shift")
    await till.lock()
    await screens.look("sign in")
    assert screens.found == {}


@pytest.mark.parametrize("wide", [320, 390])
async def test_in_hand_nothing_is_wider_than_the_screen_and_pay_is_in_sight(till: TillPage, wide: int) -> None:
    await till.page.set_viewport_size({"width": wide, "height": 700})
    await fill(till)
    await expect(till.button("PAY")).to_be_in_viewport(ratio=1)
    await expect(till.total).to_be_in_viewport(ratio=1)
    widths = [await width(till)]
    for key in PANELS:
        await till.page.keyboard.press(key)
        widths.append(await width(till))
        await till.page.keyboard.press("Escape")
    await till.pay()
    await expect(till.button("TAKE")).to_be_in_viewport(ratio=1)
    widths.append(await width(till))
    await till.take()
    await expect(till.page.get_by_role("region", name="Receipt")).to_be_visible()
    widths.append(await width(till))
    assert widths == [wide] * len(widths)


async def test_the_keys_of_money_are_big_enough_for_a_thumb(till: TillPage) -> None:
    await fill(till)
    boxes = {"PAY": await till.button("PAY").bounding_box()}
    await till.pay()
    for name in ("TAKE", "7", "0", "00"):
        boxes[name] = await till.button(name).bounding_box()
    await till.take()
    assert {name: box["height"] >= 64 for name, box in boxes.items() if box} == dict.fromkeys(boxes, True)
