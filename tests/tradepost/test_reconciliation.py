"""The judge is judged: each kind of trouble, planted, is found by the witness that should find it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tradepost.reconciliation import Report, read_log, reconcile


class Office:
    """Head office's answers, as given."""

    def __init__(self, sales: list[Any], returns: list[Any], balances: list[Any], unsynced: int) -> None:
        self._lists = {"/api/v1/sales": sales, "/api/v1/returns": returns, "/api/v1/stock/balances": balances}
        self._unsynced = unsynced

    def every(self, path: str, **_: Any) -> Iterator[dict[str, Any]]:
        yield from self._lists[path]

    def get(self, path: str, **_: Any) -> Any:
        return {"/api/v1/panel": {"branches": [{"unsynced": self._unsynced}]}, "/api/v1/sales/v": VISITORS_LINES}[path]


SALE = {
    "kind": "sale",
    "branch": 0,
    "number": "uk-1-0001-0001",
    "total_minor": 500,
    "parts": 1,
    "lines": [["A", 2_000, 1]],
}
BACK = {"kind": "return", "branch": 0, "number": "uk-1-0001-R0002", "total_minor": 250, "lines": [["A", 1_000, 1]]}
PAPER_SALE = {"document": 1, "kind": "sale", "total_minor": 500, "comments": ["No. uk-1-0001-0001"]}
PAPER_BACK = {"document": 2, "kind": "return", "total_minor": 250, "comments": ["No. uk-1-0001-R0002"]}
IN_CLOUD = {"number": "uk-1-0001-0001", "total_minor": 500, "branch": "uk", "till": "till-2"}
BACK_IN_CLOUD = {"number": "uk-1-0001-R0002", "total_minor": 250, "branch": "uk", "till": "till-2"}
VISITORS = {
    "id": "v",
    "number": "uk-0-0001-0001",
    "total_minor": 9,
    "branch": "uk",
    "till": "till-1",
    "receipt_count": 1,
}
VISITORS_LINES = {"lines": [{"product_code": "A", "quantity_milli": 500}]}
VISITORS_PAPER = {"document": 1, "kind": "sale", "total_minor": 9, "comments": ["No. uk-0-0001-0001"]}
BALANCE = {"branch": "uk", "product_code": "A", "quantity_milli": -1_000}


def judged(
    folder: Path,
    papers: list[Any],
    sales: list[Any],
    returns: list[Any],
    balances: list[Any],
    *,
    unsynced: int = 0,
    torn: str = "",
    visitors: tuple[Any, ...] = (),
) -> Report:
    memory, log, scanner = folder / "memory.jsonl", folder / "customers.jsonl", folder / "scanner.out"
    memory.write_text('{"fiscal_memory": 1}\n' + "".join(json.dumps(paper) + "\n" for paper in papers) + torn)
    theirs = folder / "visitors.jsonl"
    theirs.write_text("".join(json.dumps(paper) + "\n" for paper in visitors))
    log.write_text(json.dumps(SALE) + "\n" + json.dumps(BACK) + "\n")
    scanner.write_text('{"name": "scanner", "listening": "x"}\n{"scanned": "A", "n": 1}\n')
    office: Any = Office(sales, returns, balances, unsynced)
    return reconcile(
        read_log(log),
        office,
        branches={"uk": "till-2"},
        memories=[memory],
        visitors_memories=[theirs],
        scanner_outputs=[scanner],
        wall_s=1.0,
    )


CLEAN: dict[str, Any] = {
    "papers": [PAPER_SALE, PAPER_BACK],
    "sales": [IN_CLOUD],
    "returns": [BACK_IN_CLOUD],
    "balances": [BALANCE],
}


def test_a_clean_run_is_clean(tmp_path: Path) -> None:
    report = judged(tmp_path, **CLEAN)
    assert report.is_clean
    assert (report.fiscal_receipts, report.fiscal_returns, report.scanner_frames) == (1, 1, 1)
    assert (report.money_at_tills_minor, report.money_on_registers_minor, report.money_in_cloud_minor) == (
        250,
        250,
        250,
    )


def test_what_visitors_buy_is_judged_apart(tmp_path: Path) -> None:
    sold = {"sales": [IN_CLOUD, VISITORS], "balances": [{**BALANCE, "quantity_milli": -1_500}]}
    report = judged(tmp_path, **{**CLEAN, **sold}, visitors=(VISITORS_PAPER,))
    assert report.is_clean
    assert (report.sales_by_visitors, report.sales_in_cloud, report.money_in_cloud_minor) == (1, 1, 250)


def test_a_receipt_torn_by_a_power_cut_never_happened(tmp_path: Path) -> None:
    assert judged(tmp_path, **CLEAN, torn=json.dumps(PAPER_SALE)[:40]).is_clean


@pytest.mark.parametrize(
    ("planted", "field", "count"),
    [
        ({"sales": []}, "lost", 1),
        ({"papers": [PAPER_SALE]}, "lost", 1),
        ({"sales": [IN_CLOUD, IN_CLOUD]}, "doubled", 1),
        ({"returns": [BACK_IN_CLOUD, {**BACK_IN_CLOUD, "number": "nobody's"}]}, "doubled", 1),
        ({"papers": [PAPER_SALE, PAPER_SALE, PAPER_BACK]}, "fiscal_doubled", 1),
        ({"papers": [PAPER_SALE, PAPER_BACK, {**PAPER_SALE, "comments": []}]}, "fiscal_doubled", 1),
        ({"balances": []}, "stock_mismatches", 1),
        ({"balances": [BALANCE, {**BALANCE, "product_code": "B"}]}, "stock_mismatches", 1),
        ({"unsynced": 3}, "unsynced", 3),
        ({"visitors": (VISITORS_PAPER,)}, "fiscal_doubled", 1),
        ({"sales": [IN_CLOUD, VISITORS]}, "lost", 1),
        ({"sales": [IN_CLOUD, VISITORS], "visitors": (VISITORS_PAPER, VISITORS_PAPER)}, "fiscal_doubled", 1),
        ({"sales": [IN_CLOUD, VISITORS], "visitors": (VISITORS_PAPER,)}, "stock_mismatches", 1),
    ],
)
def test_planted_trouble_is_found(tmp_path: Path, planted: dict[str, Any], field: str, count: int) -> None:
    report = judged(tmp_path, **{**CLEAN, **planted})
    assert getattr(report, field) == count
    assert not report.is_clean


def test_a_penny_too_much_on_paper_is_not_clean(tmp_path: Path) -> None:
    papers = [{**PAPER_SALE, "total_minor": 501}, PAPER_BACK]
    assert not judged(tmp_path, **{**CLEAN, "papers": papers}).is_clean
