"""Births and deaths: which epoch is believed (C7 to C9 as far as no database is needed)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from cloud.ingest.epochs import Epochs, ack_of, born, died, epoch_of, status_after
from shared.delivery import Birth, Death, EpochHeld
from tests.cloud.deliveries import NOON, uid

OLD, NEW = uid("old"), uid("new")


def birth(*epochs: UUID, boot: int = 1, **changes: Any) -> Birth:
    held = tuple(EpochHeld(epoch=epoch, first=1, last=9) for epoch in epochs)
    return Birth(**{"node": "gw", "boot": boot, "epochs": held, "version": "1", "started_at": NOON, **changes})


def death(epoch: UUID, boot: int = 1) -> Death:
    return Death(node="gw", boot=boot, epoch=epoch)


def held(epochs: Epochs) -> set[UUID]:
    return {row.epoch for row in epochs.values() if row.is_held}


def live(epochs: Epochs) -> set[UUID]:
    return {row.epoch for row in epochs.values() if row.is_live}


def test_a_restart_keeps_the_epoch() -> None:
    epochs: Epochs = {}
    assert born(epochs, birth(OLD), NOON) == []
    assert born(epochs, birth(OLD, boot=2), NOON) == []
    assert (live(epochs), held(epochs), epochs[OLD].boot) == ({OLD}, set(), 2)


def test_a_salvaged_journal_takes_the_place_of_the_old_epoch() -> None:
    epochs: Epochs = {}
    born(epochs, birth(OLD), NOON)
    assert born(epochs, birth(OLD, NEW), NOON) == []
    assert (live(epochs), held(epochs)) == ({NEW}, set())


def test_a_new_journal_after_a_death_is_believed() -> None:
    epochs: Epochs = {}
    born(epochs, birth(OLD), NOON)
    died(epochs, death(OLD))
    assert born(epochs, birth(NEW), NOON) == []
    assert (live(epochs), held(epochs)) == ({NEW}, set())


def test_the_newer_of_two_live_epochs_is_held() -> None:
    epochs: Epochs = {}
    born(epochs, birth(OLD), NOON)
    conflict = born(epochs, birth(NEW), NOON + timedelta(minutes=1))
    assert {row.epoch for row in conflict} == {OLD, NEW}
    assert all(row.is_flagged for row in epochs.values())
    assert (live(epochs), held(epochs)) == ({OLD, NEW}, {NEW})


def test_being_born_again_does_not_undo_what_head_office_chose() -> None:
    epochs: Epochs = {}
    born(epochs, birth(OLD), NOON)
    born(epochs, birth(NEW), NOON + timedelta(minutes=1))
    epochs[OLD].is_held, epochs[NEW].is_held = True, False
    born(epochs, birth(OLD), NOON + timedelta(minutes=2))
    assert held(epochs) == {OLD}


def test_an_old_will_says_nothing_about_now() -> None:
    epochs: Epochs = {}
    born(epochs, birth(OLD, boot=3), NOON)
    died(epochs, death(OLD, boot=2))
    assert live(epochs) == {OLD}


def test_a_death_of_an_unknown_epoch_is_nothing() -> None:
    epochs: Epochs = {}
    died(epochs, death(OLD))
    assert epochs == {}


def test_a_birth_raises_what_is_known_to_be_held_and_never_lowers_it() -> None:
    epochs: Epochs = {}
    epoch_of(epochs, "gw", OLD, NOON).held_last = 20
    born(epochs, birth(OLD, NEW), NOON)
    assert (epochs[OLD].held_last, epochs[NEW].held_last) == (20, 9)


def test_a_birth_without_epochs_is_only_a_sign_of_life() -> None:
    epochs: Epochs = {}
    assert born(epochs, birth(), NOON) == []
    assert epochs == {}


def test_since_is_when_it_came_not_when_it_last_spoke() -> None:
    later = NOON + timedelta(hours=1)
    first = status_after(None, birth(OLD), node="gw", is_online=True, now=NOON)
    again = status_after(first, birth(OLD), node="gw", is_online=True, now=later)
    gone = status_after(again, death(OLD), node="gw", is_online=False, now=later)
    assert [row["since"] for row in (first, again, gone)] == [NOON, NOON, later]
    assert (gone["version"], gone["is_online"]) == ("1", False)


def test_strange_words_of_a_birth_fit_their_columns() -> None:
    strange = birth(OLD, version="v\0" * 100, replica=2**70, devices={"d\0": "ok" * 50})
    row = status_after(None, strange, node="gw", is_online=True, now=NOON)
    assert (len(row["version"]), row["replica"]) == (60, 2**63 - 1)
    assert row["devices"] == {"d\N{REPLACEMENT CHARACTER}": "ok" * 10}


def test_an_ack_states_the_row() -> None:
    row = epoch_of({}, "gw", OLD, NOON)
    row.upto, row.is_forked = 7, True
    ack = ack_of(row, [uid(1)], (8, 9))
    assert (ack.upto, ack.fork, ack.quarantined) == (7, True, (uid(1),))
    assert ack.gap is not None
    assert (ack.gap.first, ack.gap.last) == (8, 9)
