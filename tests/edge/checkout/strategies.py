"""Hypothesis strategies of baskets and sales, shared by the tests of the pure rules."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import strategies as st

from edge.checkout.basket import Line, LineDiscount, ProductSnapshot, TaxSnapshot
from edge.checkout.splitting import Limits

TAXES = (TaxSnapshot("A", 0), TaxSnapshot("B", 2_000), TaxSnapshot("C", 1_667))
ADDED_TAX = (TaxSnapshot("D", 750, inclusive=False), TaxSnapshot("E", 0, inclusive=False))


def product(n: int, tax: TaxSnapshot = TAXES[1]) -> ProductSnapshot:
    return ProductSnapshot(UUID(int=n), f"{85000 + n}", f"PRODUCT {n}", "pcs", tax)


def line(no: int, *, quantity_milli: int = 1_000, unit_price: int = 2_550_000, tax: TaxSnapshot = TAXES[1]) -> Line:
    return Line(f"line-{no}", no, product(no, tax), quantity_milli, unit_price)


def _discounts() -> st.SearchStrategy[LineDiscount | None]:
    return st.one_of(
        st.none(),
        st.builds(LineDiscount, reason=st.just("damaged box"), rate=st.integers(0, 10_000)),
        st.builds(LineDiscount, reason=st.just("promised"), amount_minor=st.integers(0, 5_000)),
    )


@st.composite
def baskets(draw: st.DrawFn, *, taxes: tuple[TaxSnapshot, ...] = TAXES, whole_prices: bool = True) -> tuple[Line, ...]:
    """Lines of an ordinary shop: pieces and weights, dear and cheap, some voided."""
    prices = st.integers(1, 60_000).map(lambda minor: minor * 10_000)
    quantities = st.one_of(st.integers(1, 300).map(lambda pieces: pieces * 1_000), st.integers(1, 20_000))
    count = draw(st.integers(1, 12))
    return tuple(
        replace(
            line(no, tax=draw(st.sampled_from(taxes))),
            quantity_milli=draw(quantities),
            unit_price=draw(prices if whole_prices else st.integers(0, 10**9)),
            discount=draw(_discounts()),
            voided=draw(st.booleans()) and no > 1,
        )
        for no in range(1, count + 1)
    )


def limits() -> st.SearchStrategy[Limits]:
    """Small enough that sales are really cut; large enough that one piece always fits."""
    return st.builds(Limits, lines=st.integers(1, 6), total_minor=st.integers(100_000, 10_000_000))
