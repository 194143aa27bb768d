"""Ids that grow, topics that cannot be forged, dates that a shift counts for."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import business_date
from shared.ids import uuid7
from shared.topics import Channel, NodeAddress, node_filter


def test_ids_grow_within_a_millisecond_and_when_the_clock_jumps_back() -> None:
    ids = [uuid7() for _ in range(10_000)] + [uuid7(1_000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {value.version for value in ids} == {7}


def test_an_address_survives_its_topic() -> None:
    address = NodeAddress(7, "abovyan-12", "gw-01")
    assert address.topic(Channel.EVENTS) == "tradepost/v1/07/abovyan-12/gw-01/events"
    assert NodeAddress.parse(address.topic(Channel.ACK)) == (address, Channel.ACK)


def test_a_worker_subscribes_to_a_whole_partition() -> None:
    assert node_filter(3, Channel.EVENTS) == "tradepost/v1/03/+/+/events"


@pytest.mark.parametrize(
    "topic",
    [
        "tradepost/v1/64/b/n/events",
        "tradepost/v1/7/b/n/events",
        "tradepost/v2/07/b/n/events",
        "tradepost/v1/07/b/n/secrets",
        "tradepost/v1/07/b/n/events/more",
        "tradepost/v1/07/b#/n/events",
        "tradepost/v1/07/B/n/events",
        "tradepost/v1/٠٧/b/n/events",
        "",
    ],
)
def test_a_topic_that_is_not_ours_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        NodeAddress.parse(topic)


@given(st.text())
def test_no_text_at_all_breaks_the_parser(topic: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        NodeAddress.parse(topic)


@pytest.mark.parametrize(
    ("opened", "counts_for"),
    [
        (datetime(2026, 11, 21, 5, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), date(2026, 11, 21)),
    ],
)
def test_a_shift_past_midnight_counts_for_yesterday(opened: datetime, counts_for: date) -> None:
    # Yerevan is UTC+4: 23:30 UTC is 03:30 on the 21st, before the day starts at 04:00.
    assert business_date(opened, ZoneInfo("Asia/Yerevan")) == counts_for
