"""docs/delivery.md as a machine that can be run: one node, a broker that may forget, repeat and reorder, head office.

Pure, and written from the rules, not from the code: a state is a value, a move makes the next one. What is checked of
every state is in `exploring`, what ties it to the code in `replaying`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.model.states import (
    NEVER,
    Ack,
    Batch,
    Birth,
    Budget,
    Cloud,
    Gone,
    Held,
    Lane,
    Message,
    Move,
    Row,
    State,
)

__all__ = ["KINDS", "begin", "heal", "moves", "reconnected", "step"]

BATCHES_IN_FLIGHT: Final = 4


def begin(budget: Budget) -> State:
    return State(budget)


# -- the node ---------------------------------------------------------------------------------------------------------


def _is_held(journal: tuple[Held, ...], index: int) -> bool:
    held = journal[index]
    return index == len(journal) - 1 or any(held.facts) or held.cursor < held.last


def _fresh(journal: tuple[Held, ...]) -> tuple[Lane, ...]:
    return tuple(Lane(held.cursor, held.cursor) for held in journal)


def _rewound(held: Held, lane: Lane) -> Lane:
    position = held.cursor if lane.heard == NEVER else min(held.cursor, lane.heard)
    return lane._replace(flights=(), asked=0, position=position)


def _birth(state: State) -> Birth:
    journal = state.journal
    return Birth(tuple((h.epoch, h.first, h.last) for i, h in enumerate(journal) if _is_held(journal, i)))


def _next(state: State, lanes: list[Lane]) -> int | None:
    """Which epoch may be published from now (N3, N8)."""
    if sum(len(lane.flights) for lane in lanes) >= BATCHES_IN_FLIGHT:
        return None
    for index, held in enumerate(state.journal):
        if _is_held(state.journal, index):
            if lanes[index].position < held.last:
                return index
            if held.cursor < held.last:
                return None
    return None


def _send(state: State) -> State:
    """Whatever may go out goes out at once, while there is a connection."""
    if not state.online:
        return state
    lanes, out = list(state.lanes), list(state.out)
    while (index := _next(state, lanes)) is not None:
        held, lane = state.journal[index], lanes[index]
        facts, last = held.readable(lane.position, held.last), held.last
        if facts:
            last = facts[-1][0]
            out.append((Batch(held.epoch, facts), last))
        else:
            # C7: head office believes no loss beyond what a birth has named.
            out += [(_birth(state), 0), (Gone(held.epoch, lane.position + 1, last), last)]
        lanes[index] = lane._replace(position=last, flights=(*lane.flights, (last, False)))
    return state._replace(lanes=tuple(lanes), out=tuple(out))


def _connect(state: State) -> State:
    lanes = tuple(
        _rewound(held, lane._replace(heard=NEVER, heard_most=NEVER))
        for held, lane in zip(state.journal, state.lanes, strict=True)
    )
    return _send(state._replace(online=True, lanes=lanes, out=((_birth(state), 0),)))


def _disconnect(state: State) -> State:
    return state._replace(online=False, out=())


def _restart(state: State, journal: tuple[Held, ...]) -> State:
    return _disconnect(state)._replace(journal=journal, lanes=_fresh(journal))


def _read(held: Held, read: int, ack: Ack) -> int:
    """N4: how far head office has read facts of this very journal. What is unreadable here waits for nobody."""

    def unread() -> int:
        return next((number for number, _ in held.readable(read, held.last)), held.last + 1)

    for first, last, fact in sorted(ack.read):
        if last <= held.last and held.facts[last - 1] == fact and first <= unread():
            read = max(read, last)
    return unread() - 1


def _with(state: State, index: int, held: Held, lane: Lane) -> State:
    journal = (*state.journal[:index], held, *state.journal[index + 1 :])
    return state._replace(journal=journal, lanes=(*state.lanes[:index], lane, *state.lanes[index + 1 :]))


def _confirmed(state: State, epoch: int, last: int) -> State:
    for index, held in enumerate(state.journal):
        if held.epoch == epoch and _is_held(state.journal, index):
            lane = state.lanes[index]
            flights = tuple((at, taken or at == last) for at, taken in lane.flights)
            return _with(state, index, held, lane._replace(flights=flights))
    return state


def _hear(state: State, ack: Ack) -> State:
    """N4, N5, N6b, N6c."""
    state = state._replace(told_aside=state.told_aside | set(ack.aside))
    known = [i for i, held in enumerate(state.journal) if held.epoch == ack.epoch and _is_held(state.journal, i)]
    if not known:
        return state
    [index] = known
    held, lane = state.journal[index], state.lanes[index]
    if ack.upto > lane.heard_most:
        lane = lane._replace(asked=0, heard_most=ack.upto)
    lane = lane._replace(heard=ack.upto, read=_read(held, lane.read, ack))
    held = held._replace(cursor=max(held.cursor, min(ack.upto, lane.read)))
    flights = tuple(flight for flight in lane.flights if flight[0] > min(ack.upto, held.cursor))
    lane = lane._replace(position=max(lane.position, held.cursor), flights=flights)
    gone: list[Gone] = []
    if ack.gap and ack.gap[0] <= lane.position and ack.gap[0] != lane.asked:
        lane = lane._replace(asked=ack.gap[0], position=ack.gap[0] - 1, flights=())
        gone = _missing(held, *ack.gap)
    else:
        if ack.upto < held.cursor and not lane.flights:
            lane = lane._replace(position=ack.upto)
        if ack.began and ack.began not in lane.begun:
            lane = lane._replace(begun=lane.begun | {ack.began}, asked=0)
            is_named = any(taken and last <= ack.upto for last, taken in lane.flights)
            if lane.flights and (is_named or all(taken for _, taken in lane.flights)):
                lane = _rewound(held, lane)
    state = _with(state, index, held, lane)
    state = state._replace(out=(*state.out, *((message, 0) for message in gone)))
    if index == len(state.journal) - 1 and (ack.fork or ack.upto > held.last):
        return _disconnect(_new_epoch(state))  # for a will that names it
    return state


def _missing(held: Held, first: int, last: int) -> list[Gone]:
    spans: list[Gone] = []
    for number in range(first, min(last, held.last) + 1):
        if held.facts[number - 1] > 0:
            continue
        if spans and spans[-1].last == number - 1:
            spans[-1] = spans[-1]._replace(last=number)
        else:
            spans.append(Gone(held.epoch, number, number))
    return spans


def _new_epoch(state: State) -> State:
    number = state.epochs + 1
    return state._replace(journal=(*state.journal, Held(number)), lanes=(*state.lanes, Lane(0, 0)), epochs=number)


def _tear(state: State, epoch: int, sequence: int) -> State:
    def torn(held: Held) -> Held:
        facts = tuple(-fact if n == sequence else fact for n, fact in enumerate(held.facts, 1))
        return held._replace(facts=facts) if held.epoch == epoch else held

    return state._replace(journal=tuple(map(torn, state.journal)))


def _prune(state: State) -> State:
    def pruned(held: Held) -> Held:
        return held._replace(facts=(0,) * held.cursor + held.facts[held.cursor :])

    forgotten = {abs(fact) for held in state.journal for fact in held.facts[: held.cursor]}
    return state._replace(journal=tuple(map(pruned, state.journal)), told_aside=state.told_aside - forgotten)


# -- head office ------------------------------------------------------------------------------------------------------


def _apply(state: State, count: int) -> tuple[State, tuple[Ack, ...]]:
    """One transaction over the first messages (C1). The acks are not sent yet."""
    messages, rest = state.to_cloud[:count], state.to_cloud[count:]
    rows = {row.epoch: row for row in state.cloud.rows}
    born: dict[int, int] = {}
    for message in messages:
        if isinstance(message, Birth):
            _born(rows, message)
            born |= {epoch: first for epoch, first, _ in message.epochs}
    began = max((message.began for message in messages if isinstance(message, Birth)), default=0)
    spoken = dict.fromkeys(message.epoch for message in messages if not isinstance(message, Birth))
    cloud, acks = state.cloud, {}
    for epoch in spoken:
        facts = [
            each
            for message in messages
            if isinstance(message, Batch)
            if message.epoch == epoch
            for each in message.facts
        ]
        gone = [(m.first, m.last) for m in messages if isinstance(m, Gone) if m.epoch == epoch]
        cloud, rows[epoch], ack = _take(cloud, rows.get(epoch, Row(epoch)), facts, gone)
        batches = [
            [each for each in message.facts if each[0] <= ack.upto]
            for message in messages
            if isinstance(message, Batch) and message.epoch == epoch
        ]
        acks[epoch] = ack._replace(read=tuple((b[0][0], *b[-1]) for b in batches if b))
    answers = []
    for epoch in sorted(acks.keys() | born.keys()):
        row = rows[epoch]
        ack = acks.get(epoch, Ack(epoch, row.upto))
        gap = ack.gap
        if gap is None and row.upto + 1 < born.get(epoch, 0):
            gap = (row.upto + 1, born[epoch] - 1)
        answers.append(ack._replace(gap=gap, fork=row.is_forked, began=began if epoch in born else 0))
    cloud = cloud._replace(rows=tuple(rows[epoch] for epoch in sorted(rows)))
    return state._replace(cloud=cloud, to_cloud=rest), tuple(answers)


def _born(rows: dict[int, Row], birth: Birth) -> None:
    """C8: another live epoch is believed before the newer one."""
    for epoch, _, last in birth.epochs:
        row = rows.get(epoch, Row(epoch))
        rows[epoch] = row._replace(held_last=max(row.held_last, last), is_live=False)
    written = birth.epochs[-1][0]
    rows[written] = rows[written]._replace(is_live=True)
    believed = sorted(row.epoch for row in rows.values() if row.is_live and not row.is_held)
    for epoch in believed[1:]:
        rows[epoch] = rows[epoch]._replace(is_held=True)


def _take(cloud: Cloud, row: Row, facts: list[tuple[int, int]], gone: list[tuple[int, int]]) -> tuple[Cloud, Row, Ack]:
    row = row._replace(held_last=max([row.held_last, *(sequence for sequence, _ in facts)]))
    gone = sorted((first, min(last, row.held_last)) for first, last in gone)
    known = {place[2] for place in cloud.effects} | {place[2] for place in cloud.aside}
    effects, aside, losses = list(cloud.effects), set(cloud.aside), set(cloud.losses)
    told, seen, gap, upto = [], [], None, row.upto

    def write_off(below: int) -> int:
        cursor = upto
        for first, last in gone:
            until = min(last, below - 1)
            if first <= cursor + 1 <= until:
                losses.add((row.epoch, cursor + 1, until))
                cursor = until
        return cursor

    for sequence, fact in sorted(facts, key=lambda each: each[0]):
        if sequence > upto + 1:
            upto = write_off(sequence)
        if sequence > upto + 1:
            gap = (upto + 1, sequence - 1)
            break
        if sequence <= upto:
            seen.append((sequence, fact))
            continue
        upto = sequence
        if row.is_held:
            aside.add((row.epoch, sequence, fact, "EVT-422"))
            told.append(fact)
        elif all(fact != place[2] for place in effects):
            effects.append((row.epoch, sequence, fact))
    if gap is None:
        upto = write_off(row.held_last + 2)
        later = [first for first, _ in gone if first > upto + 1]
        gap = (upto + 1, min(later) - 1) if later else None
    places = {place[:3] for place in aside} | set(effects)
    for sequence, fact in seen:
        here = {place[2] for place in places if place[:2] == (row.epoch, sequence)}
        if fact in here or fact in known:
            continue  # C2
        code = "EVT-420" if here else "EVT-423"  # C3, C7b
        row = row._replace(is_forked=row.is_forked or bool(here))
        aside.add((row.epoch, sequence, fact, code))
        places.add((row.epoch, sequence, fact))
        told.append(fact)
    ack = Ack(row.epoch, upto, tuple(sorted(told)), gap)
    return Cloud(cloud.rows, tuple(effects), frozenset(aside), frozenset(losses)), row._replace(upto=upto), ack


def _worker_begins(state: State) -> State:
    number = state.beginnings + 1
    births = () if state.retained is None else (state.retained._replace(began=number),)
    return state._replace(listening=True, beginnings=number, to_cloud=births)


def _worker_dies(state: State) -> State:
    return state._replace(listening=False, to_cloud=())


# -- what may happen --------------------------------------------------------------------------------------------------


def _broker_takes(state: State) -> tuple[State, Message, int]:
    (message, last), *rest = state.out
    state = state._replace(out=tuple(rest))
    if isinstance(message, Birth):
        state = state._replace(retained=message)
    if state.listening:
        state = state._replace(to_cloud=(*state.to_cloud, message))
    return state, message, last


def moves(state: State) -> Iterator[Move]:
    """Everything that may happen now, within the budget."""
    left = state.left
    if left.facts:
        yield ("write",)
    if not state.online:
        yield ("connect",)
    if not state.listening:
        yield ("begin",)
    if state.out:
        yield ("take",)
    if state.to_cloud:
        yield ("apply", 1)
        if len(state.to_cloud) > 1:
            yield ("apply", len(state.to_cloud))
    if state.online and state.to_node:
        yield ("hear",)
    if state.online and any(lane.flights for lane in state.lanes):
        idle = state.listening and not (state.out or state.to_cloud or state.to_node)
        if idle or left.waits:
            yield ("wait",) if idle else ("wait early",)
    yield from _faults(state)


def _faults(state: State) -> Iterator[Move]:
    left = state.left
    if left.crashes:
        yield ("crash",)
    if left.breaks and state.online:
        yield ("break",)
        if state.out:
            yield ("break unconfirmed",)
    if left.deaths and state.listening:
        yield ("die",)
        if state.to_cloud:
            yield ("die after commit",)
    if left.wipes:
        yield ("wipe",)
    for queue, waiting in (("to_cloud", state.to_cloud), ("to_node", state.to_node)):
        if left.forgets and waiting:
            yield ("forget", queue)
        if left.repeats and waiting:
            yield ("repeat", queue)
        if left.reorders and len(waiting) > 1 and waiting[0] != waiting[1]:
            yield ("reorder", queue)
    if left.tears:
        for held in state.journal:
            for sequence, _ in held.readable(0, held.last):
                yield ("tear", held.epoch, sequence)
    if left.salvages:
        yield ("salvage",)
    is_young = state.backup is not None or state.office_was_restored  # N10: a backup is never 90 days old
    if left.prunes and not is_young and any(any(held.facts[: held.cursor]) for held in state.journal):
        yield ("prune",)
    if left.cards:
        if state.card is None:
            yield ("copy card",)
        elif state.card != state.journal:
            yield ("restore card",)
    if left.backups:
        if state.backup is None:
            yield from () if any(0 in held.facts for held in state.journal) else (("back up",),)
        elif state.backup != state.cloud:
            yield ("restore cloud",)


_COSTS: Final = {
    "write": "facts",
    "crash": "crashes",
    "break": "breaks",
    "break unconfirmed": "breaks",
    "die": "deaths",
    "die after commit": "deaths",
    "wipe": "wipes",
    "forget": "forgets",
    "repeat": "repeats",
    "reorder": "reorders",
    "wait early": "waits",
    "tear": "tears",
    "salvage": "salvages",
    "prune": "prunes",
    "restore card": "cards",
    "restore cloud": "backups",
}


def step(state: State, move: Move) -> State:
    """The state after this move, which `moves` has named."""
    name = str(move[0])
    if name in _COSTS:
        state = state._replace(left=state.left.spend(_COSTS[name]))
    return _DONE[name](state, move[1:])


def _write(state: State, _: Move) -> State:
    *older, held = state.journal
    number = state.written + 1
    journal = (*older, held._replace(facts=(*held.facts, number)))
    return _send(state._replace(journal=journal, written=number))


def _take_move(state: State, _: Move) -> State:
    state, message, last = _broker_takes(state)
    if last and not isinstance(message, Birth):
        state = _confirmed(state, message.epoch, last)
    return _send(state)


def _hear_move(state: State, _: Move) -> State:
    return _send(_hear(state._replace(to_node=state.to_node[1:]), state.to_node[0]))


def _apply_move(state: State, move: Move) -> State:
    state, acks = _apply(state, int(move[0]))
    return state._replace(to_node=state.to_node + acks)


def _wait_move(state: State, _: Move) -> State:
    is_dead = any(not taken for lane in state.lanes for _, taken in lane.flights)
    lanes = tuple(_rewound(held, lane) for held, lane in zip(state.journal, state.lanes, strict=True))
    state = state._replace(lanes=lanes)
    return _disconnect(state) if is_dead else _send(state)


def _requeued(state: State, name: str | int, change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> State:
    if name == "to_cloud":
        return state._replace(to_cloud=change(state.to_cloud))
    return state._replace(to_node=change(state.to_node))


def _wipe_move(state: State, _: Move) -> State:
    return _worker_dies(_disconnect(state))._replace(retained=None, to_node=())


def _restore_card_move(state: State, _: Move) -> State:
    assert state.card is not None
    return _restart(state, state.card)._replace(card=None, card_was_restored=True)


def _restore_cloud_move(state: State, _: Move) -> State:
    assert state.backup is not None
    return _worker_dies(state)._replace(cloud=state.backup, backup=None, office_was_restored=True)


def _salvage_move(state: State, _: Move) -> State:
    state = _new_epoch(state)
    return _restart(state, state.journal)


_DONE: Final[Mapping[str, Callable[[State, Move], State]]] = {
    "write": _write,
    "connect": lambda state, _: _connect(state),
    "begin": lambda state, _: _worker_begins(state),
    "take": _take_move,
    "apply": _apply_move,
    "hear": _hear_move,
    "wait": _wait_move,
    "wait early": _wait_move,
    "crash": lambda state, _: _restart(state, state.journal),
    "break": lambda state, _: _disconnect(state),
    "break unconfirmed": lambda state, _: _disconnect(_broker_takes(state)[0]),
    "die": lambda state, _: _worker_dies(state),
    "die after commit": lambda state, _: _worker_dies(_apply(state, len(state.to_cloud))[0]),
    "wipe": _wipe_move,
    "forget": lambda state, move: _requeued(state, move[0], lambda queue: queue[1:]),
    "repeat": lambda state, move: _requeued(state, move[0], lambda queue: (*queue, queue[0])),
    "reorder": lambda state, move: _requeued(state, move[0], lambda queue: (queue[1], queue[0], *queue[2:])),
    "tear": lambda state, move: _tear(state, int(move[0]), int(move[1])),
    "salvage": _salvage_move,
    "prune": lambda state, _: _prune(state),
    "copy card": lambda state, _: state._replace(card=state.journal),
    "restore card": _restore_card_move,
    "back up": lambda state, _: state._replace(backup=state.cloud),
    "restore cloud": _restore_cloud_move,
}

KINDS: Final = frozenset(_DONE)
"""Names of moves."""


def heal(state: State) -> Move | None:
    """What happens next when nothing goes wrong any more. None: all is quiet.

    After head office was restored this takes one more connection: its word about that may have been the last that the
    broker forgot. See `reconnected`.
    """
    if not state.online:
        return ("connect",)
    if not state.listening:
        return ("begin",)
    if state.out:
        return ("take",)
    if state.to_cloud:
        return ("apply", 1)
    if state.to_node:
        return ("hear",)
    return ("wait",) if any(lane.flights for lane in state.lanes) else None


def reconnected(state: State) -> State:
    """A quiet state, after every connection has ended some day, as all do, and begun again (N7)."""
    return _disconnect(_worker_dies(state))
