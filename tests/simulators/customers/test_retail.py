"""The fate of every line of a shop's record."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulators.customers
from simulators.customers.retail import (
    COLUMNS,
    InvoiceLine,
    Refusal,
    ReturnVisit,
    SaleVisit,
    make_plan,
    read_lines,
)

CUT = Path(simulators.customers.__file__).parent / "data" / "online_retail_cut.csv.gz"


def line(
    row: int, invoice: str, code: str, quantity: int, price: int = 255, customer: str = "17850", country: str = "UK"
) -> InvoiceLine:
    return InvoiceLine(
        row, invoice, code, code, quantity * 1_000, "2010-12-01 08:26:00", price * 10_000, customer, country
    )


def test_every_line_of_the_real_cut_has_one_fate() -> None:
    plan = make_plan(read_lines(CUT), 2)
    assert plan.lines == 7_419
    assert plan.sold + plan.returned + sum(plan.refused.values()) == plan.lines


def test_plain_invoice_with_positive_quantity_and_price_is_always_sold() -> None:
    rows = [row for row in read_lines(CUT) if isinstance(row, InvoiceLine)]
    expected = sum(row.invoice.isdigit() and row.quantity_milli > 0 and row.unit_price > 0 for row in rows)
    plan = make_plan(rows, 3)
    in_visits = [
        one
        for branch in plan.branches
        for visit in branch.visits
        if isinstance(visit, SaleVisit)
        for one in visit.lines
    ]
    assert (plan.sold, len(in_visits)) == (expected, expected)


def test_goods_go_back_against_the_newest_original_first_and_over_several() -> None:
    plan = make_plan([line(1, "1", "A", 5), line(2, "2", "A", 3), line(3, "C3", "A", -4)], 1)
    visits = [visit for visit in plan.branches[0].visits if isinstance(visit, ReturnVisit)]
    parts = [(part.invoice, part.quantity_milli) for visit in visits for part in visit.parts]
    assert parts == [("2", 3_000), ("1", 1_000)]
    assert plan.returned == 1


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([line(1, "A1", "B", 1)], Refusal.ADJUSTMENT_INVOICE),
        ([line(1, "1", "B", -1)], Refusal.QUANTITY_NOT_POSITIVE),
        ([line(1, "1", "B", 1, price=0)], Refusal.PRICE_NOT_POSITIVE),
        ([line(1, "C1", "B", 1)], Refusal.RETURN_QUANTITY_NOT_NEGATIVE),
        ([line(1, "C1", "B", -1)], Refusal.RETURN_WITHOUT_ORIGINAL),
        ([line(1, "C1", "B", -1), line(2, "2", "B", 1)], Refusal.RETURN_WITHOUT_ORIGINAL),
        ([line(1, "1", "B", 1), line(2, "C2", "B", -2)], Refusal.RETURN_WITHOUT_ORIGINAL),
        ([line(1, "1", "B", 1), line(2, "C2", "B", -1, customer="other")], Refusal.RETURN_WITHOUT_ORIGINAL),
        ([7], Refusal.UNREADABLE),
    ],
)
def test_each_refusal_has_its_reason(rows: list[InvoiceLine | int], reason: Refusal) -> None:
    assert make_plan(rows, 1).refused == Counter({reason: 1})


def test_the_largest_country_owns_a_branch_and_the_rest_share_the_last() -> None:
    rows: list[InvoiceLine | int] = [line(n, str(n), "A", 1, country="UK") for n in range(3)]
    rows += [line(10, "10", "A", 1, country="Eire"), line(11, "11", "A", 1, country="Spain")]
    plan = make_plan(rows, 2)
    assert [branch.countries for branch in plan.branches] == [{"UK"}, {"Eire", "Spain"}]


def test_the_usual_price_is_the_one_most_lines_have() -> None:
    plan = make_plan([line(1, "1", "A", 1, 100), line(2, "2", "A", 9, 200), line(3, "3", "A", 1, 100)], 1)
    assert plan.articles[0].unit_price == 100 * 10_000


def test_dirt_in_a_file_is_a_row_number_never_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "dirty.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerow(["1", "A", "x", "one", "2010-12-01", "1.00", "", "UK"])
        writer.writerow(["2", "A", "x", "1", "2010-12-01", "NaN", "", "UK"])
        writer.writerow(["3", "A"])
        writer.writerow(["4", "A", "x", "1", "2010-12-01", "0.0000001", "", "UK"])
        writer.writerow(["5", "A", 'quote "in" name', "1.5", "2010-12-01", "1e2", "", "UK"])
    assert [one if isinstance(one, int) else one.invoice for one in read_lines(path)] == [1, 2, 3, 4, "5"]


def test_a_file_of_another_format_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="InvoiceNo"):
        list(read_lines(path))


rows = st.lists(
    st.builds(
        line,
        row=st.integers(1, 10_000),
        invoice=st.sampled_from(["1", "2", "3", "C1", "C2", "A1"]),
        code=st.sampled_from("AB"),
        quantity=st.integers(-5, 5),
        price=st.integers(-1, 3),
        customer=st.sampled_from(["", "17850"]),
        country=st.sampled_from(["UK", "Eire", "Spain"]),
    ),
    max_size=40,
)


@given(rows, st.integers(1, 4))
def test_no_line_is_forgotten_and_nothing_comes_back_twice(some: list[InvoiceLine], branches: int) -> None:
    plan = make_plan(some, branches)
    assert plan.sold + plan.returned + sum(plan.refused.values()) == len(some)
    bought: Counter[str] = Counter()
    brought: Counter[str] = Counter()
    for branch in plan.branches:
        for visit in branch.visits:
            for sold in visit.lines if isinstance(visit, SaleVisit) else ():
                bought[sold.code] += sold.quantity_milli
            for part in visit.parts if isinstance(visit, ReturnVisit) else ():
                brought[part.original.code] += part.quantity_milli
    assert all(brought[code] <= bought[code] for code in brought)
