"""The uplink against a real Mosquitto and a head office that misbehaves."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from edge.journal import Journal, Transaction
from edge.uplink import BrokerSettings, NodeNews, PlainLinkRefused, Timings, Uplink
from shared.clock import SystemClock
from shared.delivery import BATCH_FACTS, BATCHES_IN_FLIGHT, Command, Span
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError
from shared.topics import Channel, NodeAddress
from tests.edge.uplink.cloud_end import CloudEnd
from tests.edge.uplink.conftest import QUICK, MakeUplink, append, broker_at, link_becomes, running
from tests.edge.uplink.proxy import SilentWire
from tests.services import MosquittoServer, free_port

Write = Callable[[int], Awaitable[None]]


class StoppedClock(SystemClock):
    """Nobody's patience ever ends by it."""

    def monotonic(self) -> float:
        return 0.0


def stored(journal: Journal) -> dict[UUID, dict[int, str]]:
    return {
        held.epoch: {
            fact.sequence: str(fact.event_id)
            for fact in journal.facts_after(held.epoch, 0, limit=10**6, max_bytes=10**10)
        }
        for held in journal.held()
    }


async def all_settled(uplink: Uplink) -> None:
    await link_becomes(uplink, lambda: uplink.link.to_send == 0)


def is_complete(cloud: CloudEnd, journal: Journal) -> bool:
    """Everything once, in order, byte for byte the same ids."""
    arrived = {epoch: dict(cloud.ledger.facts[epoch]) for epoch in stored(journal)}
    in_order = all(list(facts) == sorted(facts) for facts in cloud.ledger.facts.values())
    return in_order and arrived == stored(journal)


async def test_facts_written_before_and_after_connecting_are_settled_once_in_order(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(120)
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
        await write(30)
        await all_settled(uplink)
    assert is_complete(cloud, journal)
    assert cloud.ledger.arrivals == [(journal.epoch, n) for n in range(1, 151)]
    assert journal.cursor(journal.epoch) == 150


async def test_at_most_four_batches_of_fifty_are_out(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(500)
    cloud.held = []
    async with running(make_uplink(timings=Timings())) as uplink:
        await cloud.until(lambda: cloud.batches == BATCHES_IN_FLIGHT)
        await write(1)
        uplink.announce()  # goes out after whatever else may go out
        await cloud.until(lambda: len(cloud.births) == 2)
        assert cloud.batches == BATCHES_IN_FLIGHT
        assert len(cloud.ledger.arrivals) == BATCHES_IN_FLIGHT * BATCH_FACTS
        cloud.release()
        await all_settled(uplink)
    assert is_complete(cloud, journal)


async def test_the_birth_names_epochs_boot_and_news_and_is_repeated_when_they_change(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(3)
    news = [NodeNews(version="1.2.3", replica=4, devices={"register-1": "ok"})]
    async with running(make_uplink(news=lambda: news[-1])) as uplink:
        await cloud.until(lambda: cloud.births)
        birth = cloud.births[0]
        assert (birth.node, birth.boot, birth.version, birth.replica) == (journal.identity.node, 1, "1.2.3", 4)
        assert birth.devices == {"register-1": "ok"}
        assert [(held.epoch, held.first, held.last) for held in birth.epochs] == [(journal.epoch, 1, 3)]
        news.append(NodeNews(version="1.2.3", replica=5))
        uplink.announce()
        await cloud.until(lambda: len(cloud.births) == 2)
        assert cloud.births[1].replica == 5


async def test_a_clean_stop_says_death_and_status_is_retained(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, shared_mosquitto: MosquittoServer, address: NodeAddress
) -> None:
    async with running(make_uplink()):
        await cloud.until(lambda: cloud.births)
        later = CloudEnd(shared_mosquitto.port, address)
        await cloud.close()
        await later.connect()
        await later.until(lambda: later.births)  # retained
    await later.until(lambda: later.deaths)
    assert [(death.boot, death.epoch) for death in later.deaths] == [(1, journal.epoch)]
    await later.close()
    await cloud.connect()
    await cloud.until(lambda: cloud.deaths)  # retained in the birth's place


async def test_a_lost_batch_is_asked_for_and_published_again(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    cloud.drop_batches = 1
    await write(120)
    async with running(make_uplink(timings=Timings())) as uplink:  # 10 s: only the gap can bring it in time
        await all_settled(uplink)
    assert is_complete(cloud, journal)


async def test_a_lost_ack_is_made_good_after_standing_still(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(20)
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
        cloud.drop_acks = 2
        await write(20)
        await all_settled(uplink)
    assert is_complete(cloud, journal)
    assert len(cloud.ledger.arrivals) > 40


async def test_what_a_worker_took_into_its_grave_is_published_again_as_soon_as_the_next_one_listens(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(200)
    cloud.drop_batches = BATCHES_IN_FLIGHT
    async with running(make_uplink(clock=StoppedClock(), timings=Timings())) as uplink:
        await cloud.until(lambda: cloud.batches == BATCHES_IN_FLIGHT)
        await cloud.close()
        await cloud.connect()
        await all_settled(uplink)
    assert is_complete(cloud, journal)
    assert cloud.ledger.arrivals == [(journal.epoch, n) for n in range(1, 201)]


async def test_an_ack_may_have_fields_that_are_not_known_yet(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(20)
    cloud.held = []
    async with running(make_uplink()) as uplink:
        await cloud.until(lambda: cloud.batches)
        said = {"epoch": str(journal.epoch), "upto": 20, "of_a_later_version": {"any": "thing"}}
        cloud.tell(Channel.ACK, json.dumps(said).encode())
        await all_settled(uplink)


async def test_what_is_gone_is_named_exactly_and_the_rest_flows(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(40)
    await journal.write(lambda tx: tx.connection.execute("DELETE FROM facts WHERE sequence IN (5, 6, 20)") and None)
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
    assert cloud.ledger.gone[journal.epoch] == [Span(first=5, last=6), Span(first=20, last=20)]
    assert is_complete(cloud, journal)


async def test_the_unreadable_end_of_an_old_epoch_is_named_without_being_asked(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(10)
    old = journal.epoch
    await journal.begin_epoch("salvaged")
    await write(5)
    await journal.write(
        lambda tx: tx.connection.execute("DELETE FROM facts WHERE epoch = ? AND sequence > 8", (str(old),)) and None
    )
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
    assert cloud.ledger.gone[old] == [Span(first=9, last=10)]
    assert list(cloud.ledger.facts) == [old, journal.epoch]  # the old one first
    assert is_complete(cloud, journal)


async def test_a_birth_says_how_far_was_written_before_an_unreadable_end_is_named(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd
) -> None:
    """Head office believes no loss beyond that (C7), and it knows only a birth that is older than these facts."""

    def write_and_lose(tx: Transaction) -> None:
        append(tx)
        tx.connection.execute("DELETE FROM facts")

    async with running(make_uplink()) as uplink:
        await cloud.until(lambda: cloud.births)
        await journal.write(write_and_lose)
        await all_settled(uplink)
    assert cloud.ledger.gone[journal.epoch] == [Span(first=1, last=1)]
    assert [birth.epochs[-1].last for birth in cloud.births] == [0, 1]


async def test_a_restored_copy_of_a_journal_shows_itself_and_begins_a_new_epoch(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    """An SD card put back: head office has 8 facts of this epoch, 3 of which this copy numbered anew."""
    await write(8)
    epoch = journal.epoch
    for sequence in range(1, 9):
        cloud.ledger.facts[epoch][sequence] = stored(journal)[epoch][sequence] if sequence < 6 else str(uuid4())
    cloud.ledger.cursors[epoch] = 8
    async with running(make_uplink()) as uplink:
        await cloud.until(lambda: len(cloud.births) == 2)
        await write(2)
        await all_settled(uplink)
    assert cloud.ledger.forked[epoch] == [stored(journal)[epoch][n] for n in (6, 7, 8)]
    assert journal.epoch != epoch
    assert list(cloud.ledger.facts[journal.epoch].values()) == list(stored(journal)[journal.epoch].values())
    quarantined = [row["event_id"] for row in journal.read("SELECT event_id FROM quarantined ORDER BY event_id")]
    assert quarantined == cloud.ledger.forked[epoch]


async def test_a_restored_copy_believes_no_ack_before_head_office_has_read_its_own_facts(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    """What the broker confirmed never came to head office, and the ack of the birth speaks of the former self."""
    await write(8)
    epoch = journal.epoch
    own = stored(journal)[epoch]
    cloud.ledger.facts[epoch] = {n: own[n] if n < 6 else str(uuid4()) for n in range(1, 9)}
    cloud.ledger.cursors[epoch] = 8
    cloud.drop_batches = 1
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
    assert cloud.batches == 2
    assert cloud.ledger.forked[epoch] == [own[n] for n in (6, 7, 8)]


async def test_the_will_names_the_epoch_that_a_fork_has_begun(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, shared_mosquitto: MosquittoServer, write: Write
) -> None:
    wire = SilentWire(shared_mosquitto.port)
    port = await wire.start()
    await write(3)
    old = journal.epoch
    cloud.ledger.facts[old] = {n: str(uuid4()) for n in range(1, 4)}
    cloud.ledger.cursors[old] = 3
    async with running(make_uplink(broker=broker_at(port))) as uplink:
        await all_settled(uplink)
        await cloud.until(lambda: len(cloud.births[-1].epochs) == 2)
        await link_becomes(uplink, lambda: uplink.link.is_online)
        cloud.deaths.clear()
        await wire.stop()
        await cloud.until(lambda: cloud.deaths)
    assert cloud.deaths[0].epoch == journal.epoch
    assert journal.epoch != old


async def test_a_head_office_of_an_older_version_does_not_say_what_it_has_read(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(120)
    cloud.is_older = True
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
    assert is_complete(cloud, journal)


async def test_a_head_office_that_is_upgraded_meanwhile_goes_on_where_the_older_one_was(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, write: Write
) -> None:
    await write(120)
    cloud.is_older = True
    async with running(make_uplink()) as uplink:
        await all_settled(uplink)
        cloud.is_older = False
        await write(30)
        await all_settled(uplink)
    assert is_complete(cloud, journal)


async def test_a_broker_killed_and_wiped_costs_nothing(
    make_uplink: MakeUplink, journal: Journal, own_mosquitto: MosquittoServer, address: NodeAddress, write: Write
) -> None:
    cloud = CloudEnd(own_mosquitto.port, address)
    await cloud.connect()
    await write(100)
    async with running(make_uplink(broker=broker_at(own_mosquitto.port))) as uplink:
        await all_settled(uplink)
        cloud.held = []
        await write(100)
        await cloud.until(lambda: cloud.held)
        own_mosquitto.kill()
        await link_becomes(uplink, lambda: not uplink.link.is_online)
        assert uplink.link.code == "NET-301"
        await write(100)
        assert uplink.link.to_send >= 100
        own_mosquitto.start()
        cloud.held = None
        await cloud.close()
        await cloud.connect()
        await all_settled(uplink)
        assert uplink.link.is_online
    assert is_complete(cloud, journal)
    await cloud.close()


async def test_a_silent_link_is_noticed_and_replaced(
    make_uplink: MakeUplink, journal: Journal, cloud: CloudEnd, shared_mosquitto: MosquittoServer, write: Write
) -> None:
    wire = SilentWire(shared_mosquitto.port)
    port = await wire.start()
    async with running(make_uplink(broker=broker_at(port))) as uplink:
        await write(10)
        await all_settled(uplink)
        wire.silence()
        await write(1000)
        await link_becomes(uplink, lambda: not uplink.link.is_online)
        wire.heal()
        await all_settled(uplink)
    assert is_complete(cloud, journal)
    await wire.stop()


async def test_no_broker_at_all_holds_nobody_up(make_uplink: MakeUplink, journal: Journal, write: Write) -> None:
    async with running(make_uplink(broker=broker_at(free_port()))) as uplink:
        await write(10)
        assert (uplink.link.is_online, uplink.link.to_send, uplink.link.code) == (False, 10, "NET-301")


async def test_a_wrong_secret_is_told_apart_from_a_missing_link(
    make_uplink: MakeUplink, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    configuration = f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {{folder}}/passwords\n"
    server = MosquittoServer(configuration, port, files=[("passwords", "")])
    async with running(make_uplink(broker=broker_at(port))) as uplink:
        await link_becomes(uplink, lambda: uplink.link.code == "NET-402")
    server.stop()
    [told] = [record.getMessage() for record in caplog.records if "NET-402" in record.getMessage()]
    assert told.startswith("no way to head office's broker: NET-402")


async def test_tls_with_a_certificate_that_is_trusted_and_one_that_is_not(
    make_uplink: MakeUplink, tmp_path: Path
) -> None:
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    await asyncio.to_thread(
        subprocess.run,
        [*make, "-keyout", str(key), "-out", str(certificate), *names],
        check=True,
        capture_output=True,
    )
    port = free_port()
    configuration = (
        f"listener {port} 127.0.0.1\nallow_anonymous true\ncertfile {{folder}}/cert.pem\nkeyfile {{folder}}/key.pem\n"
    )
    files = [("cert.pem", certificate.read_text()), ("key.pem", key.read_text())]
    server = MosquittoServer(configuration, port, files=files)
    async with running(make_uplink(broker=broker_at(port, tls=True, ca_file=certificate))) as uplink:
        await link_becomes(uplink, lambda: uplink.link.is_online)
    stranger = make_uplink(broker=broker_at(port, tls=True))
    tries = 0

    def count() -> None:
        nonlocal tries
        tries += 1

    stranger.on_link(count)
    async with running(stranger):
        await link_becomes(stranger, lambda: tries >= 3)
        assert stranger.link.code == "NET-301"
    server.stop()


@pytest.mark.parametrize("host", ["10.0.0.7", "broker.example", "0.0.0.0", "127.0.0.1.example"])
def test_a_plain_link_to_another_machine_is_refused(host: str) -> None:
    with pytest.raises(PlainLinkRefused, match="NET-401"):
        BrokerSettings(host=host, port=1883, username="n", password="s", tls=False)


def test_the_secret_is_in_no_text() -> None:
    assert "s3cret" not in repr(broker_at(1, password="s3cret"))


# -- commands and news ------------------------------------------------------------------------------------------------


def command(name: str, *, expires_in_s: float = 60.0, **arguments: Any) -> Command:
    expires = datetime.now(UTC) + timedelta(seconds=expires_in_s)
    return Command(command_id=uuid4(), name=name, expires_at=expires, arguments=arguments)


async def test_a_command_is_done_once_and_answered_as_often_as_asked(make_uplink: MakeUplink, cloud: CloudEnd) -> None:
    done: list[dict[str, Any]] = []

    async def print_report(arguments: dict[str, Any]) -> dict[str, Any]:
        done.append(arguments)
        return {"pages": 2}

    order = command("print_report", kind="x")
    async with running(make_uplink(commands={"print_report": print_report})):
        await cloud.until(lambda: cloud.births)
        cloud.command(order)
        await cloud.until(lambda: len(cloud.replies) == 1)
        cloud.command(order)
        await cloud.until(lambda: len(cloud.replies) == 2)
    async with running(make_uplink(commands={"print_report": print_report})):
        cloud.command(order)
        await cloud.until(lambda: len(cloud.replies) == 3)
    assert done == [{"kind": "x"}]
    assert [(reply.command_id, reply.outcome, reply.result) for reply in cloud.replies] == [
        (order.command_id, "done", {"pages": 2})
    ] * 3


async def fail_for_good(arguments: dict[str, Any]) -> dict[str, Any]:
    raise PermanentError("DEV-404", device="printer-1")


async def need_paper(arguments: dict[str, Any]) -> dict[str, Any]:
    raise NeedsPerson("PRN-240")


async def not_know(arguments: dict[str, Any]) -> dict[str, Any]:
    raise OutcomeUnknown("FIS-502")


@pytest.mark.parametrize(
    ("name", "expires_in_s", "outcome", "code"),
    [
        ("fail_for_good", 60, "failed", "DEV-404"),
        ("need_paper", 60, "failed", "PRN-240"),
        ("not_know", 60, "unknown", "FIS-502"),
        ("not_known_here", 60, "failed", "SRV-411"),
        ("need_paper", -1, "expired", None),
    ],
)
async def test_a_command_that_cannot_be_done_says_why(
    make_uplink: MakeUplink, cloud: CloudEnd, name: str, expires_in_s: float, outcome: str, code: str | None
) -> None:
    handlers = {"fail_for_good": fail_for_good, "need_paper": need_paper, "not_know": not_know}
    async with running(make_uplink(commands=handlers)):
        await cloud.until(lambda: cloud.births)
        cloud.command(command(name, expires_in_s=expires_in_s))
        await cloud.until(lambda: cloud.replies)
    assert [(reply.outcome, reply.code) for reply in cloud.replies] == [(outcome, code)]


async def test_a_command_cut_short_is_answered_unknown_and_never_begun_again(
    make_uplink: MakeUplink, cloud: CloudEnd
) -> None:
    begun = asyncio.Event()

    async def hang(arguments: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        await asyncio.Event().wait()
        return {}

    order = command("hang")
    async with running(make_uplink(commands={"hang": hang})):
        await cloud.until(lambda: cloud.births)
        cloud.command(order)
        await begun.wait()
        begun.clear()
    async with running(make_uplink(commands={"hang": hang})):
        await cloud.until(lambda: cloud.replies)
        cloud.command(order)
        await cloud.until(lambda: len(cloud.replies) == 2)
    assert [(reply.outcome, reply.code) for reply in cloud.replies] == [("unknown", "SRV-503")] * 2
    assert not begun.is_set()


async def test_a_long_command_does_not_hold_up_facts(
    make_uplink: MakeUplink, cloud: CloudEnd, journal: Journal, write: Write
) -> None:
    go_on = asyncio.Event()

    async def wait(arguments: dict[str, Any]) -> dict[str, Any]:
        await go_on.wait()
        return {}

    async with running(make_uplink(commands={"wait": wait})) as uplink:
        await cloud.until(lambda: cloud.births)
        cloud.command(command("wait"))
        await write(10)
        await all_settled(uplink)
        assert cloud.replies == []
        go_on.set()
        await cloud.until(lambda: cloud.replies)


async def test_a_new_replica_version_is_passed_on_also_to_who_connects_later(
    make_uplink: MakeUplink, cloud: CloudEnd
) -> None:
    cloud.announce(7)
    heard: asyncio.Queue[int] = asyncio.Queue()
    async with running(make_uplink(on_replica_version=heard.put_nowait)):
        assert await asyncio.wait_for(heard.get(), 10) == 7
        cloud.announce(8)
        assert await asyncio.wait_for(heard.get(), 10) == 8


@pytest.mark.parametrize("channel", [Channel.ACK, Channel.COMMANDS, Channel.CONFIG])
async def test_nonsense_from_head_office_changes_nothing(
    make_uplink: MakeUplink, cloud: CloudEnd, journal: Journal, write: Write, channel: Channel
) -> None:
    async with running(make_uplink()) as uplink:
        await cloud.until(lambda: cloud.births)
        for nonsense in (b"", b"\xff\x00", b"[]", b'{"epoch": 7}', json.dumps({"upto": -1}).encode(), b"x" * 100_000):
            cloud.tell(channel, nonsense)
        await write(10)
        await all_settled(uplink)
        assert uplink.refused_messages == 6
    assert is_complete(cloud, journal)


async def test_the_same_uplink_may_be_run_again(make_uplink: MakeUplink, cloud: CloudEnd, write: Write) -> None:
    uplink = make_uplink(timings=QUICK)
    for _ in range(3):
        async with running(uplink):
            await write(5)
            await all_settled(uplink)
    assert len(cloud.ledger.arrivals) == 15
