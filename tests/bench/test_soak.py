"""What a soak's figures say: its trend is the line through them, and flat is not what grows."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.plot import Series, draw
from bench.soak import BRANCHES, Sample, judged, plotted, repeated, trend
from simulators.customers.retail import make_plan, read_lines
from tradepost.performances import CUT

HOURS = [number / 100 for number in range(100)]


def sample(hours: float, **changes: float) -> Sample:
    steady = {
        "hours": hours,
        "sales": 1_000 * hours,
        "facts to send": 0.0,
        "price check, p50 (ms)": 2.0,
        "price check, p95 (ms)": 9.0,
        "gateways, memory (MB)": 200.0,
        "gateways, open files": 84.0,
        "gateways, WAL (MB)": 8.0,
        "gateways, journal (MB)": 40 * hours,
        "database, tables (MB)": 35 + 30 * hours,
        "database, memory (MB)": 90.0,
        "head office, memory (MB)": 120.0,
        "head office, open files": 17.0,
        "logs (MB)": 0.01,
    }
    return steady | changes


def flat(samples: list[Sample]) -> dict[str, bool]:
    return {name: bool(verdict["flat"]) for name, verdict in judged(samples).items()}


def test_a_trend_is_the_change_of_an_hour() -> None:
    found = trend(HOURS, [100 + 30 * hour for hour in HOURS])
    assert found.median == pytest.approx(114.85)
    assert found.per_hour == pytest.approx(30)
    assert not found.is_flat
    assert trend(HOURS, [100 + (number % 2) for number in range(100)]).is_flat


def test_a_steady_run_is_flat_in_everything() -> None:
    assert set(flat([sample(hour) for hour in HOURS]).values()) == {True}


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("gateways, memory (MB)", lambda hour: 200 + 40 * hour),
        ("gateways, open files", lambda hour: 84 + 60 * hour),
        ("logs (MB)", lambda hour: 3 * hour),
        ("price check, p50 (ms)", lambda hour: 2 + 90 * hour**2),
        ("facts to send", lambda hour: 500 * hour),
        ("gateways, journal (MB)", lambda hour: 100 * hour**3),
    ],
)
def test_what_grows_is_not_flat(name: str, after: object) -> None:
    assert callable(after)
    found = flat([sample(hour, **{name: after(hour)}) for hour in HOURS])
    assert [other for other, is_flat in found.items() if not is_flat] == [name]


def test_the_beginning_does_not_count() -> None:
    warming = [sample(hour, **{"gateways, memory (MB)": min(200.0, 100 + 600 * hour)}) for hour in HOURS]
    assert flat(warming)["gateways, memory (MB)"]


def test_a_moment_is_not_judged() -> None:
    with pytest.raises(ValueError, match="too short"):
        judged([sample(hour) for hour in HOURS[:7]])


def test_the_record_again_is_other_invoices_with_the_same_goods(tmp_path: Path) -> None:
    once, thrice = make_plan(read_lines(CUT), BRANCHES), make_plan(read_lines(repeated(CUT, 3, tmp_path)), BRANCHES)
    assert thrice.sold == 3 * once.sold
    assert thrice.returned >= 3 * once.returned  # some find what they bring back in the round before
    assert {article.code for article in thrice.articles} == {article.code for article in once.articles}


def test_the_picture_is_svg_with_every_line() -> None:
    root = ElementTree.fromstring(plotted([sample(hour) for hour in HOURS], "an hour <of it>"))
    names = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "an hour <of it>" in names
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 12
    assert "gateways, memory (MB): 200" in names


def test_a_line_of_zeros_can_be_drawn() -> None:
    ElementTree.fromstring(draw("none", "minutes", {"nothing": [Series("none", [0.0], [0.0])]}))
