"""What goes out next and what an ack means, without any wire."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.uplink.window import Window
from shared.delivery import BATCHES_IN_FLIGHT, Ack, EpochHeld, Gone, Span
from shared.ids import uuid7
from tests.edge.uplink.ledger import Ledger

EPOCH = UUID("01936b2e-0000-7000-8000-000000000001")
OLDER = UUID("01936b2d-0000-7000-8000-000000000001")


def window_of(last: int, cursor: int = 0) -> Window:
    window = Window()
    window.refresh([EpochHeld(epoch=EPOCH, first=1, last=last)], [cursor])
    window.connected(0.0)
    return window


def fly(window: Window, *lasts: int, now: float = 0.0) -> None:
    for last in lasts:
        window.published(EPOCH, last, now)
        window.taken(EPOCH, last)


def ack(upto: int, **more: Any) -> Ack:
    return Ack(epoch=EPOCH, upto=upto, **more)


def test_publishing_begins_above_the_stored_cursor() -> None:
    assert window_of(100, cursor=40).next() == (EPOCH, 40, 100)


def test_four_batches_fly_and_no_more_until_one_is_settled() -> None:
    window = window_of(100)
    fly(window, 10, 20, 30, 40)
    assert window.next() is None
    assert window.acked(ack(10), 1.0).cursor == 10
    assert window.next() == (EPOCH, 40, 100)


def test_an_ack_never_moves_the_cursor_back() -> None:
    window = window_of(100)
    fly(window, 10, 20, 30)
    assert window.acked(ack(20), 1.0).cursor == 20
    assert window.acked(ack(10), 1.0).cursor is None
    assert window.acked(ack(30), 1.0).cursor == 30


def test_an_ack_of_an_unknown_epoch_does_nothing() -> None:
    window = window_of(100)
    answer = window.acked(Ack(epoch=OLDER, upto=5, fork=True, gap=Span(first=1, last=2)), 1.0)
    assert (answer.cursor, answer.look_for_gone, answer.begin_epoch) == (None, None, False)


def test_the_cursor_waits_for_the_brokers_confirmation() -> None:
    window = window_of(100)
    window.published(EPOCH, 10, 0.0)
    assert window.acked(ack(10), 1.0).cursor is None
    assert window.taken(EPOCH, 10).cursor == 10


def test_a_restored_journal_sends_its_own_facts_before_it_believes_an_ack() -> None:
    """Its file is a copy from when 40 facts were written; head office holds 90 of its former self."""
    window = window_of(60, cursor=40)
    assert window.acked(ack(90), 0.0).cursor is None
    assert window.next() == (EPOCH, 40, 60)
    window.published(EPOCH, 60, 1.0)
    assert window.taken(EPOCH, 60).cursor == 60


def test_the_cursor_waits_until_head_office_has_read_what_it_names() -> None:
    window = window_of(60, cursor=40)
    fly(window, 60)
    assert window.acked(ack(50), 1.0, read=40).cursor is None
    assert window.acked(ack(90), 2.0, read=55).cursor == 55
    assert window.acked(ack(90), 3.0, read=40).cursor is None  # what was read stays read
    assert window.acked(ack(90), 4.0, read=60).cursor == 60


def test_what_was_named_and_not_read_is_published_again_when_its_time_is_over() -> None:
    window = window_of(60, cursor=40)
    fly(window, 60)
    window.acked(ack(60), 1.0, read=40)
    assert window.next() is None
    assert window.overdue_at() == 11.0
    assert window.overdue(11.0) is False
    assert window.next() == (EPOCH, 40, 60)


def test_an_ack_that_died_with_its_worker_costs_no_time() -> None:
    window = window_of(100)
    fly(window, 50)
    window.published(EPOCH, 100, 0.0)
    window.acked(ack(50, began=uuid7()), 1.0, read=0)  # the broker has not confirmed the second yet
    assert window.next() == (EPOCH, 0, 100)


def test_numbers_that_were_never_written_here_ask_for_a_new_epoch() -> None:
    window = window_of(60, cursor=40)
    assert window.acked(ack(60), 0.0).begin_epoch is False
    assert window.acked(ack(61), 0.0).begin_epoch is True


def test_a_fork_asks_for_a_new_epoch_once_the_current_one_is_meant() -> None:
    window = Window()
    held = [EpochHeld(epoch=OLDER, first=1, last=5), EpochHeld(epoch=EPOCH, first=1, last=5)]
    window.refresh(held, [0, 0])
    window.connected(0.0)
    assert window.acked(Ack(epoch=OLDER, upto=5, fork=True), 0.0).begin_epoch is False
    assert window.acked(ack(0, fork=True), 0.0).begin_epoch is True


def test_a_gap_is_published_again_from_its_beginning_and_its_echoes_are_not() -> None:
    window = window_of(100)
    fly(window, 10, 20, 30, 40)
    gap = Span(first=11, last=20)
    assert window.acked(ack(10, gap=gap), 1.0).look_for_gone == gap
    assert window.next() == (EPOCH, 10, 100)
    fly(window, 20)
    assert window.acked(ack(10, gap=Span(first=11, last=30)), 1.1).look_for_gone is None
    assert window.next() == (EPOCH, 20, 100)
    # The repeat was lost too: asked again after progress stood still.
    window.overdue(20.0)
    assert window.acked(ack(10, gap=gap), 20.1).look_for_gone is None  # nothing is out beyond the gap now
    fly(window, 20, 30)
    assert window.acked(ack(10, gap=gap), 20.2).look_for_gone == gap


def test_a_head_office_that_contradicts_itself_is_answered_once_until_time_has_passed() -> None:
    window = window_of(400)
    fly(window, 200)
    assert window.acked(ack(200), 0.0).cursor == 200
    rewinds = 0
    for _ in range(10):
        fly(window, 400)
        rewinds += window.acked(ack(0, gap=Span(first=1, last=200)), 0.1).look_for_gone is not None
        fly(window, 200)
        window.acked(ack(200), 0.2)
    assert rewinds == 1


def test_a_head_office_restored_from_an_older_copy_gets_everything_again() -> None:
    window = window_of(100, cursor=100)
    assert window.next() is None
    assert window.acked(ack(30), 0.0).cursor is None
    assert window.next() == (EPOCH, 30, 100)


def test_what_an_older_head_office_has_settled_counts_as_read_by_its_successor() -> None:
    window = window_of(100)
    fly(window, 50)
    assert window.acked(ack(50), 1.0).cursor == 50
    assert window.read_upto(EPOCH) == 50


def test_an_older_epoch_is_settled_before_the_next_is_begun() -> None:
    window = Window()
    held = [EpochHeld(epoch=OLDER, first=1, last=5), EpochHeld(epoch=EPOCH, first=1, last=5)]
    window.refresh(held, [0, 0])
    window.connected(0.0)
    assert window.next() == (OLDER, 0, 5)
    window.published(OLDER, 5, 0.0)
    assert window.next() is None
    window.taken(OLDER, 5)
    window.acked(Ack(epoch=OLDER, upto=5), 0.0)
    assert window.next() == (EPOCH, 0, 5)


def test_without_progress_for_ten_seconds_everything_unsettled_is_published_again() -> None:
    window = window_of(100)
    assert window.overdue_at() is None
    fly(window, 10, 20, now=5.0)
    assert window.overdue_at() == 15.0
    window.acked(ack(10), 8.0)
    assert window.overdue_at() == 18.0
    assert window.overdue(18.0) is False
    assert window.next() == (EPOCH, 10, 100)


def test_patience_doubles_while_nothing_is_heard_and_returns_with_progress() -> None:
    window = window_of(100)
    waits = []
    now = 0.0
    for _ in range(7):
        fly(window, 10, now=now)
        due = window.overdue_at()
        assert due is not None
        waits.append(due - now)
        now = due
        window.overdue(now)
    assert waits == [10.0, 20.0, 40.0, 80.0, 160.0, 160.0, 160.0]
    fly(window, 10, 20, now=now)
    window.acked(ack(10), now)
    assert window.overdue_at() == now + 10.0


def test_any_ack_brings_the_wait_back_to_ten_seconds() -> None:
    window = window_of(100)
    fly(window, 10)
    window.overdue(10.0)
    fly(window, 10, now=10.0)
    assert window.overdue_at() == 30.0
    window.acked(ack(0), 12.0)  # nothing new, but a sign of life: ten seconds from the last time
    assert window.overdue_at() == 22.0


def test_a_worker_that_has_just_begun_gets_again_what_nobody_heard() -> None:
    window = window_of(300)
    fly(window, 50, 100, 150, 200)
    assert window.next() is None
    assert window.acked(ack(50, began=uuid7()), 1.0).cursor == 50
    assert window.next() == (EPOCH, 50, 300)
    fly(window, 100, now=1.0)
    assert window.overdue_at() == 11.0


def test_what_the_broker_has_not_confirmed_yet_will_be_heard_and_is_not_repeated() -> None:
    window = window_of(300)
    fly(window, 50)
    window.published(EPOCH, 100, 0.0)
    window.acked(ack(0, began=uuid7()), 1.0)
    assert window.next() == (EPOCH, 100, 300)
    assert window.acked(ack(0, gap=Span(first=1, last=50)), 1.1).look_for_gone == Span(first=1, last=50)
    assert window.next() == (EPOCH, 0, 300)


def test_a_new_worker_may_ask_for_the_gap_that_the_dead_one_asked_for() -> None:
    window = window_of(300)
    gap = Span(first=1, last=50)
    fly(window, 50, 100)
    assert window.acked(ack(0, gap=gap), 1.0).look_for_gone == gap
    window.published(EPOCH, 50, 1.0)
    window.acked(ack(0, began=uuid7()), 2.0)
    assert window.acked(ack(0, gap=gap), 2.1).look_for_gone == gap


def test_an_ack_of_a_worker_that_was_listening_already_repeats_nothing() -> None:
    window = window_of(300)
    fly(window, 50, 100)
    window.acked(ack(50), 1.0)
    assert window.next() == (EPOCH, 100, 300)


def test_with_nothing_in_flight_a_new_worker_changes_nothing() -> None:
    window = window_of(100)
    fly(window, 100)
    window.acked(ack(100), 1.0)
    assert window.acked(ack(100, began=uuid7()), 2.0).cursor is None
    assert window.next() is None


def test_each_beginning_is_answered_once_however_often_it_is_told() -> None:
    window = window_of(400)
    one, two = uuid7(), uuid7()
    rewinds = 0
    for _ in range(10):
        for began in (one, two):
            fly(window, 200)
            window.acked(ack(0, began=began), 0.1)
            rewinds += window.next() == (EPOCH, 0, 400)
    assert rewinds == 2


def test_what_not_even_the_broker_confirmed_means_a_dead_link() -> None:
    window = window_of(100)
    window.published(EPOCH, 10, 0.0)
    assert window.overdue(10.0) is True


# -- any order of troubles --------------------------------------------------------------------------------------------


@dataclass
class Road:
    """A journal, a broker and a head office; each method is one thing that can happen."""

    window: Window = field(default_factory=Window)
    office_is_older: bool = False
    """It does not say what it has read."""
    ledger: Ledger = field(default_factory=Ledger)
    written: dict[UUID, list[str]] = field(default_factory=lambda: {EPOCH: []})
    torn: set[tuple[UUID, int]] = field(default_factory=set)
    stored: dict[UUID, int] = field(default_factory=lambda: {EPOCH: 0})
    to_broker: deque[tuple[Any, UUID, int]] = field(default_factory=deque)
    to_cloud: deque[Any] = field(default_factory=deque)
    to_node: deque[Ack] = field(default_factory=deque)
    old_acks: list[Ack] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self._refresh()
        self.window.connected(0.0)

    @property
    def epoch(self) -> UUID:
        return list(self.written)[-1]

    def _refresh(self) -> None:
        held = [EpochHeld(epoch=epoch, first=1, last=len(ids)) for epoch, ids in self.written.items()]
        self.window.refresh(held, [self.stored[epoch] for epoch in self.written])

    def _store(self, epoch: UUID, cursor: int | None) -> None:
        if cursor is not None:
            assert cursor > self.stored[epoch]
            self.stored[epoch] = cursor

    def write(self) -> None:
        self.written[self.epoch] += [str(uuid7()) for _ in range(3)]

    def tear(self) -> None:
        """A fact that nobody has settled becomes unreadable."""
        unsettled = range(self.stored[self.epoch] + 1, len(self.written[self.epoch]) + 1)
        self.torn |= {(self.epoch, sequence) for sequence in list(unsettled)[1:2]}

    def salvage(self) -> None:
        epoch = uuid7()
        self.written[epoch], self.stored[epoch] = [], 0
        self._refresh()

    def send(self) -> None:
        self._refresh()
        while following := self.window.next():
            epoch, after, last = following
            readable = [n for n in range(after + 1, last + 1) if (epoch, n) not in self.torn][:2]
            message: Any = [
                {"epoch": str(epoch), "sequence": n, "id": self.written[epoch][n - 1]} for n in readable
            ] or Gone(epoch=epoch, span=Span(first=after + 1, last=last))
            last = readable[-1] if readable else last
            self.to_broker.append((message, epoch, last))
            self.window.published(epoch, last, self.now)
            assert len(self.to_broker) <= 3 * BATCHES_IN_FLIGHT

    def broker_takes(self) -> None:
        if self.to_broker:
            message, epoch, last = self.to_broker.popleft()
            self.to_cloud.append(message)
            self._store(epoch, self.window.taken(epoch, last).cursor)

    def cloud_reads(self) -> None:
        if self.to_cloud:
            message = self.to_cloud.popleft()
            self._reply(self.ledger.missing(message) if isinstance(message, Gone) else self.ledger.batch(message))

    def worker_dies(self) -> None:
        """Before its commit: what the broker had for it is gone. The next one is given the retained birth."""
        self.to_cloud.clear()
        began = uuid7()
        for epoch in self.written:
            self._reply(Ack(epoch=epoch, upto=self.ledger.cursors[epoch], began=began))

    def worker_dies_after_its_commit(self) -> None:
        if self.to_cloud:
            self.cloud_reads()
            self.to_node.pop()
        self.worker_dies()

    def cloud_misses_a_message(self) -> None:
        if self.to_cloud:
            self.to_cloud.popleft()

    def ack_arrives(self) -> None:
        if self.to_node:
            self._take(self.to_node.popleft())

    def ack_is_lost(self) -> None:
        if self.to_node:
            self.to_node.popleft()

    def old_ack_arrives_again(self) -> None:
        if self.old_acks:
            self._take(self.old_acks[len(self.old_acks) // 2])

    def link_breaks(self) -> None:
        self.to_broker.clear()
        self._refresh()
        self.window.connected(self.now)
        for epoch in self.written:
            self._reply(Ack(epoch=epoch, upto=self.ledger.cursors[epoch]))

    def program_restarts(self) -> None:
        self.window = Window()
        self.link_breaks()

    def head_office_is_restored(self) -> None:
        self.to_cloud.clear()
        self.ledger.restore(self.epoch, self.ledger.cursors[self.epoch] // 2)

    def time_passes(self) -> None:
        self.now += 200.0
        overdue_at = self.window.overdue_at()
        if overdue_at is not None and self.now >= overdue_at and self.window.overdue(self.now):
            self.link_breaks()

    def _reply(self, ack: Ack) -> None:
        self.to_node.append(ack)
        self.old_acks.append(ack)

    def _take(self, ack: Ack) -> None:
        self._refresh()
        answer = self.window.acked(ack, self.now, None if self.office_is_older else self._read(ack))
        self._store(ack.epoch, answer.cursor)
        assert answer.begin_epoch is False
        if answer.look_for_gone:
            span = answer.look_for_gone
            for n in range(span.first, span.last + 1):
                if (ack.epoch, n) in self.torn:
                    self.to_cloud.append(Gone(epoch=ack.epoch, span=Span(first=n, last=n)))

    def _read(self, ack: Ack) -> int:
        ids, upto = self.written[ack.epoch], self.window.read_upto(ack.epoch)
        for batch in ack.read or ():
            if all((ack.epoch, n) in self.torn for n in range(upto + 1, batch.first)):
                upto = max(upto, batch.last)
                assert ids[batch.last - 1] == str(batch.last_id)
        while upto < len(ids) and (ack.epoch, upto + 1) in self.torn:
            upto += 1
        return upto

    def heal(self) -> None:
        """No more trouble: let it run until nothing moves."""
        for _ in range(60):
            self.link_breaks()
            for _ in range(400):
                self.send()
                self.broker_takes()
                self.cloud_reads()
                self.ack_arrives()
            self.time_passes()
            if self._is_quiet():
                return
        raise AssertionError("it never came to rest")

    def _is_quiet(self) -> bool:
        everything = all(self.stored[epoch] == len(ids) for epoch, ids in self.written.items())
        cloud = all(self.ledger.cursors[epoch] == len(ids) for epoch, ids in self.written.items())
        return everything and cloud and not (self.to_broker or self.to_cloud or self.to_node)


TROUBLES = [
    Road.write,
    Road.tear,
    Road.salvage,
    Road.send,
    Road.broker_takes,
    Road.cloud_reads,
    Road.cloud_misses_a_message,
    Road.ack_arrives,
    Road.ack_is_lost,
    Road.old_ack_arrives_again,
    Road.link_breaks,
    Road.program_restarts,
    Road.head_office_is_restored,
    Road.worker_dies,
    Road.worker_dies_after_its_commit,
    Road.time_passes,
]
USUAL = [Road.write, Road.send, Road.broker_takes, Road.cloud_reads, Road.ack_arrives]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TROUBLES + 2 * USUAL), max_size=60), st.booleans())
def test_after_any_troubles_everything_arrives_once_in_order_or_is_named_as_gone(
    troubles: list[Any], office_is_older: bool
) -> None:
    road = Road(office_is_older=office_is_older)
    for happen in troubles:
        happen(road)
    road.heal()
    for epoch, ids in road.written.items():
        lost = {n for span in road.ledger.gone[epoch] for n in range(span.first, span.last + 1)}
        applied = road.ledger.facts[epoch]
        assert list(applied) == sorted(applied)
        assert set(applied) | lost == set(range(1, len(ids) + 1))
        assert all(applied[n] == ids[n - 1] for n in applied)
        assert {n for n in lost if n not in applied} <= {n for at, n in road.torn if at == epoch}


DEATHS = [Road.worker_dies, Road.worker_dies_after_its_commit]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(USUAL + DEATHS), max_size=80), st.booleans())
def test_deaths_of_workers_cost_no_time_at_all(happenings: list[Any], office_is_older: bool) -> None:
    road = Road(office_is_older=office_is_older)
    road.write()
    for happen in happenings:
        happen(road)
    road.worker_dies()
    for _ in range(400):
        road.send()
        road.broker_takes()
        road.cloud_reads()
        road.ack_arrives()
    assert road.now == 0.0
    assert list(road.ledger.facts[EPOCH].values()) == road.written[EPOCH]
    assert road.stored[EPOCH] == len(road.written[EPOCH])
