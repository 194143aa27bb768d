"""Demo and replay as a user runs them: the commands, their reports, their exit codes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulators.customers.retail import COLUMNS

LONGEST_S = 240


def tradepost(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tradepost", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def clean(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("lost", "doubled", "fiscal_doubled", "stock_mismatches", "unsynced")}


NO_TROUBLE = {"lost": 0, "doubled": 0, "fiscal_doubled": 0, "stock_mismatches": 0, "unsynced": 0}


@pytest.mark.parametrize("broker", [(), ("--embedded-broker",)], ids=["mosquitto", "amqtt"])
def test_the_demo_sells_and_every_sale_arrives_once(tmp_path: Path, broker: tuple[str, ...]) -> None:
    report, info = tmp_path / "report.json", tmp_path / "info.json"
    done = tradepost("demo", "--duration", "8", "--report", str(report), "--info", str(info), *broker)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert clean(found) == NO_TROUBLE
    assert found["sales_at_tills"] == found["sales_in_cloud"] > 0
    assert found["money_at_tills_minor"] == found["money_on_registers_minor"] == found["money_in_cloud_minor"]
    assert found["scanner_frames"] >= found["sales_at_tills"]
    assert {"till_urls", "office_url", "api_url", "cashier", "manager", "head_office"} <= set(
        json.loads(info.read_text())
    )


ROWS = [
    # invoice, code, name, quantity, date, price, customer, country
    ("1", "A", "£ & <b>\"'; DROP TABLE sales;--", "2", "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom"),
    ("1", "A", "same again", "3", "2010-12-01 08:26:00", "2.55", "17850", "United Kingdom"),
    ("1", "A", "at another price", "1", "2010-12-01 08:26:00", "2.10", "17850", "United Kingdom"),
    ("1", "B b", "ԱԲԳ Ёлка ə", "1", "2010-12-01 08:26:00", "0.001", "17850", "United Kingdom"),
    ("2", "12345678", "an article that looks like a bar code", "1", "2010-12-01 08:30:00", "7.95", "", "EIRE"),
    ("2", "m", "lower case is another article", "1", "2010-12-01 08:30:00", "1", "", "EIRE"),
    ("2", "M", "Manual", "74215", "2010-12-01 08:30:00", "1.04", "", "EIRE"),
    ("3", "P", "pads", "1", "2010-12-01 08:31:00", "0.001", "", "EIRE"),
    ("C4", "A", "back", "-4", "2010-12-02 08:26:00", "2.55", "17850", "United Kingdom"),
    ("C5", "A", "too many", "-9", "2010-12-02 08:26:00", "2.55", "17850", "United Kingdom"),
    ("A6", "B", "Adjust bad debt", "1", "2010-12-02 08:26:00", "-11062.06", "", "United Kingdom"),
    ("7", "B", "", "-1", "2010-12-02 08:26:00", "0", "", "United Kingdom"),
    ("8", "B", "gift", "1", "2010-12-02 08:26:00", "0", "", "United Kingdom"),
    ("9", "X", "two registers' limits", "2", "2010-12-02 08:27:00", "700000", "17850", "United Kingdom"),
    ("C10", "X", "both receipts back", "-2", "2010-12-02 08:28:00", "700000", "17850", "United Kingdom"),
]


def test_a_replay_gives_every_line_one_fate_and_every_penny_its_place(tmp_path: Path) -> None:
    file, report = tmp_path / "record.csv", tmp_path / "report.json"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *ROWS])
    done = tradepost("replay", str(file), "--report", str(report))
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert clean(found) == NO_TROUBLE
    assert (found["lines"], found["sold"], found["returned"]) == (15, 9, 2)
    assert found["refused"] == {
        "adjustment_invoice": 1,
        "price_not_positive": 1,
        "quantity_not_positive": 1,
        "return_without_original": 1,
    }
    sold = Decimal("2.55") * 5 + Decimal("2.10") + Decimal("7.95") + 1 + Decimal("1.04") * 74215 + 1_400_000
    assert found["money_sold_minor"] == sold * 100
    assert found["money_returned_minor"] == 210 + 3 * 255 + 140_000_000
    assert found["return_price_difference_minor"] == 4 * 255 - (210 + 3 * 255)
    assert found["money_in_cloud_minor"] == found["money_sold_minor"] - found["money_returned_minor"]


def test_a_file_of_another_format_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    done = tradepost("replay", str(file))
    assert done.returncode == 1
    assert "lacks the columns InvoiceNo" in done.stderr


def test_a_simulator_says_where_it_listens_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "tradepost", "simulate", "datecs-isl", "--tcp", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["name"] == "datecs-isl"
        assert said["listening"].startswith("127.0.0.1:")
        process.terminate()
        assert process.wait(LONGEST_S) == 0


def test_a_setting_without_a_value_is_refused() -> None:
    done = tradepost("simulate", "scanner", "--set", "suffix")
    assert done.returncode == 2
    assert "NAME=VALUE" in done.stderr


def test_every_simulator_is_named() -> None:
    listed = {line.split("\t")[0] for line in tradepost("simulate", "--list").stdout.splitlines()}
    assert {"scanner", "scanner-hid", "datecs-isl", "datecs-isl-x", "escpos"} <= listed
