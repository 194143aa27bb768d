"""The order in which a cashier scans an invoice; the rest of the shopper runs in every demo and storm."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulators.customers.retail import InvoiceLine
from simulators.customers.shopper import scanning_order

USUAL = 10_000
SCREEN_LINES = 60
"""What edge/checkout/view.py sends of a long basket."""


def _invoice(*rows: tuple[int, int]) -> tuple[InvoiceLine, ...]:
    return tuple(
        InvoiceLine(row, "1", str(code), "", 1000, "", price, "", "") for row, (code, price) in enumerate(rows)
    )


def _lines_hit_on_screen(order: list[list[InvoiceLine]]) -> list[bool]:
    """For each scan whether the line that it makes or raises can be seen once its chunk is scanned."""
    basket: list[tuple[str, bool]] = []
    seen: list[bool] = []
    for chunk in order:
        for line in chunk:
            if (line.code, True) not in basket:
                basket.append((line.code, True))
        for line in chunk:
            at = basket.index((line.code, True))
            seen.append(at >= len(basket) - SCREEN_LINES)
            basket[at] = (line.code, line.unit_price == USUAL)
    return seen


rows = st.tuples(st.integers(1, 150), st.sampled_from([USUAL, USUAL, USUAL + 1, USUAL + 2]))


@given(st.lists(rows, max_size=400))
def test_every_scan_falls_on_a_line_of_its_own_price_that_is_on_the_screen(some: list[tuple[int, int]]) -> None:
    lines = _invoice(*some)
    order = scanning_order(lines, {line.code: USUAL for line in lines})
    assert sorted(line.row for chunk in order for line in chunk) == [line.row for line in lines]
    assert all(len({line.code for line in chunk}) == len(chunk) for chunk in order)
    assert all(_lines_hit_on_screen(order))


def test_a_code_that_comes_again_after_a_screenful_is_scanned_with_its_first() -> None:
    lines = _invoice(*((code, USUAL) for code in (*range(100), 0)))
    order = scanning_order(lines, {line.code: USUAL for line in lines})
    assert [[line.row for line in chunk] for chunk in order] == [
        [*range(40)], [100], [*range(40, 80)], [*range(80, 100)]
    ]  # fmt: skip
