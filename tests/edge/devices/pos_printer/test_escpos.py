"""The driver against a printer that is its own process, over TCP and a pseudo-terminal: every fault, and once only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.devices.pos_printer.contract import PrinterCondition, PrinterIdentity
from edge.devices.pos_printer.escpos import EscPosPrinter, Timings
from edge.devices.pos_printer.profiles import POSPrinterProfile, load_profile
from edge.receipts import Cut, Document, Feed, QrCode, Text
from edge.transports.addresses import from_address
from edge.transports.tcp import TcpTransport
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TransientError
from tests.simulators.escpos_process import PrinterProcess, eventually, printers_in

Start = Callable[..., PrinterProcess]
Connect = Callable[..., EscPosPrinter]

POS80 = load_profile("generic/pos80")
POS58 = load_profile("generic/pos58")
QUICK = Timings(answer_s=0.5, stall_s=1.0, poll_s=0.02, settle_s=0.5, patience_s=15.0, quiet_s=0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with printers_in(tmp_path) as begin:
        yield begin


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    opened: list[EscPosPrinter] = []

    def to(printer: PrinterProcess, profile: POSPrinterProfile = POS80, timings: Timings = QUICK) -> EscPosPrinter:
        opened.append(EscPosPrinter(from_address(printer.address), profile, timings=timings))
        return opened[-1]

    yield to
    for driver in opened:
        await driver.disconnect()


def lines(*texts: str) -> Document:
    return Document((*(Text(text) for text in texts), Cut()))


SHORT = lines("Milk 620", "Total 620")


async def soon(look: Callable[[], object]) -> None:
    """Wait for a fact of the other process without holding up the driver."""
    await asyncio.to_thread(eventually, look)


async def test_prints_once_and_says_so(start: Start, connect: Connect) -> None:
    printer = start()
    result = await connect(printer).print(SHORT)
    assert (result.interruptions, result.drawn_lines, result.unknown_letters) == (frozenset(), 0, frozenset())
    assert printer.words() == ["Milk 620", "Total 620"]
    assert (printer.receipt()["cuts"], printer.receipt()["unknown_bytes"]) == ([{"mode": "partial"}], 0)
    assert printer.count() == 1


async def test_prints_over_a_serial_line_on_narrow_paper(start: Start, connect: Connect) -> None:
    printer = start(pty=True, width="384")
    driver = connect(printer, POS58)
    await driver.print(Document((Text("Serial"), QrCode("https://r.example/1"), Cut())))
    await driver.disconnect()
    assert printer.stop() == 0
    record = printer.receipt()
    assert (printer.words(), record["width_dots"]) == (["Serial"], 384)
    assert record["images"] == 2  # the QR code in two strips


async def test_documents_follow_each_other_on_one_connection(start: Start, connect: Connect) -> None:
    printer = start()
    driver = connect(printer)
    await asyncio.gather(*(driver.print(lines(f"Document {number}")) for number in range(5)))
    assert sorted(printer.words(number)[0] for number in range(1, 6)) == [f"Document {n}" for n in range(5)]
    assert printer.count() == 5


async def test_learns_who_answers(start: Start, connect: Connect) -> None:
    printer = start(serial="P-77")
    assert await connect(printer).connect() == PrinterIdentity("GENERIC", "POS-80", "1.00", "P-77")


async def test_numbered_marker_as_barrier(start: Start, connect: Connect) -> None:
    printer = start()
    driver = connect(printer, POS80.model_copy(update={"barrier": "marker"}))
    await driver.print(SHORT)
    await driver.print(SHORT)
    assert printer.count() == 2


@pytest.mark.parametrize(
    ("fault", "refusal", "code", "condition"),
    [
        ("paper-out", NeedsPerson, "PRN-240", PrinterCondition.PAPER_OUT),
        ("cover-open", NeedsPerson, "PRN-241", PrinterCondition.COVER_OPEN),
        ("cutter-jam", NeedsPerson, "PRN-242", PrinterCondition.CUTTER_JAM),
        ("stuck-busy", TransientError, "PRN-302", PrinterCondition.BUSY),
    ],
)
async def test_nothing_is_sent_to_a_printer_that_cannot_print(
    start: Start,
    connect: Connect,
    fault: str,
    refusal: type[Exception],
    code: str,
    condition: PrinterCondition,
) -> None:
    printer = start(fault)
    driver = connect(printer)
    with pytest.raises(refusal, match=code):
        await driver.print(SHORT)
    assert (await driver.state()).conditions == {condition}
    printer.control(faults=[])
    await driver.print(lines("After"))
    assert printer.words() == ["After"]
    assert printer.count() == 1


async def test_near_end_of_paper_is_shown_and_does_not_stop(start: Start, connect: Connect) -> None:
    printer = start("paper-near-end")
    driver = connect(printer)
    assert (await driver.state()).conditions == {PrinterCondition.PAPER_NEAR_END}
    await driver.print(SHORT)
    assert printer.count() == 1


async def test_noise_on_the_line_is_no_obstacle(start: Start, connect: Connect) -> None:
    printer = start("garbage-before-status")
    await connect(printer).print(SHORT)
    assert printer.words() == ["Milk 620", "Total 620"]


async def test_silent_printer_gets_nothing(start: Start, connect: Connect) -> None:
    printer = start("silent")
    with pytest.raises(TransientError, match="PRN-301"):
        await connect(printer).print(SHORT)
    assert printer.stop() == 0
    assert printer.count() == 0


async def test_no_printer_at_the_address() -> None:
    driver = EscPosPrinter(TcpTransport("127.0.0.1", 1), POS80, timings=QUICK)
    with pytest.raises(TransientError, match="DEV-301"):
        await driver.print(SHORT)


async def test_paper_that_ends_in_mid_job_is_waited_for_and_printed_once(start: Start, connect: Connect) -> None:
    printer = start(roll_dots="400")
    heard: list[frozenset[PrinterCondition]] = []
    texts = [f"Line {number}" for number in range(60)]
    printing = asyncio.create_task(connect(printer).print(lines(*texts), on_wait=heard.append))
    await soon(lambda: heard)
    assert heard == [{PrinterCondition.PAPER_OUT}]
    printer.control(roll_dots=100_000)
    result = await printing
    assert result.interruptions == {PrinterCondition.PAPER_OUT}
    assert heard == [{PrinterCondition.PAPER_OUT}, frozenset()]
    assert (printer.words(), printer.count()) == (texts, 1)


async def test_paper_that_ends_in_the_middle_of_pictures_loses_none(start: Start, connect: Connect) -> None:
    printer = start(roll_dots="200", buffer="3000")
    texts = [f"Տող {number}" for number in range(40)]
    printing = asyncio.create_task(connect(printer).print(lines(*texts)))
    await soon(lambda: printer.events("off-line"))
    printer.control(roll_dots=100_000)
    result = await printing
    assert result.drawn_lines == 40
    assert (printer.receipt()["length_dots"], printer.count()) == (40 * 30 + 90, 1)


async def test_state_can_be_asked_while_a_document_waits(start: Start, connect: Connect) -> None:
    printer = start(roll_dots="60")
    driver = connect(printer)
    printing = asyncio.create_task(driver.print(lines("One", "Two", "Three", "Four")))
    await soon(lambda: printer.events("off-line"))
    assert PrinterCondition.PAPER_OUT in (await driver.state()).conditions
    printer.control(roll_dots=100_000)
    await printing
    assert printer.count() == 1


async def test_nobody_brings_paper_the_outcome_is_unknown_and_it_prints_once_later(
    start: Start, connect: Connect
) -> None:
    printer = start(roll_dots="60")
    driver = connect(printer, timings=replace(QUICK, patience_s=0.1))
    with pytest.raises(OutcomeUnknown) as unknown:
        await driver.print(lines("One", "Two", "Three", "Four"))
    assert (unknown.value.code, unknown.value.parameters["reason"]) == ("PRN-502", "paper_out")
    printer.control(roll_dots=100_000)
    assert await asyncio.to_thread(printer.words) == ["One", "Two", "Three", "Four"]
    await driver.print(lines("Next"))
    assert (printer.words(2), printer.count()) == (["Next"], 2)


async def test_broken_link_leaves_the_outcome_unknown_and_is_never_sent_again(start: Start, connect: Connect) -> None:
    printer = start("close-mid-job", fault_after="4130")
    driver = connect(printer)
    with pytest.raises(OutcomeUnknown) as unknown:
        await driver.print(SHORT)
    assert (unknown.value.code, unknown.value.parameters["reason"]) == ("PRN-502", "link_lost")
    assert await asyncio.to_thread(printer.words) == ["Milk 620", "Total 620"]
    await driver.print(lines("Next"))
    assert [printer.words(number) for number in (1, 2)] == [["Milk 620", "Total 620"], ["Next"]]
    assert printer.count() == 2


async def test_power_loss_leaves_the_outcome_unknown_and_the_next_document_is_whole(
    start: Start, connect: Connect
) -> None:
    printer = start("die-mid-job", fault_after="4130")
    driver = connect(printer)
    with pytest.raises(OutcomeUnknown, match="PRN-502"):
        await driver.print(lines(*(f"Line {number}" for number in range(30))))
    assert printer.ended() == 70
    assert printer.receipt()["ended_by"] == "power-loss"
    printer.start("paper-near-end")
    again = connect(printer)
    await again.print(lines("Next"))
    assert printer.words(2) == ["Next"]


async def test_printer_that_falls_silent_in_mid_job(start: Start, connect: Connect) -> None:
    printer = start(roll_dots="60")
    driver = connect(printer)
    printing = asyncio.create_task(driver.print(lines("One", "Two", "Three", "Four")))
    await soon(lambda: printer.events("off-line"))
    printer.control(roll_dots=100_000, faults=["silent"])
    with pytest.raises(OutcomeUnknown, match="PRN-502"):
        await printing
    assert await asyncio.to_thread(printer.words) == ["One", "Two", "Three", "Four"]
    printer.control(faults=[])
    await driver.print(lines("Next"))
    assert printer.count() == 2


async def test_late_word_of_an_old_document_is_not_taken_for_the_next(start: Start, connect: Connect) -> None:
    printer = start(pty=True, roll_dots="60")
    driver = connect(printer, timings=replace(QUICK, patience_s=0.1))
    with pytest.raises(OutcomeUnknown, match="PRN-502"):
        await driver.print(lines("One", "Two", "Three", "Four"))
    with pytest.raises(NeedsPerson, match="PRN-240"):
        await driver.print(lines("Next"))
    printer.control(roll_dots=100_000)
    await asyncio.to_thread(printer.receipt)
    await driver.print(lines("Next"))
    assert [printer.words(number) for number in (1, 2)] == [["One", "Two", "Three", "Four"], ["Next"]]


async def test_cancelled_in_mid_job_the_next_document_starts_clean(start: Start, connect: Connect) -> None:
    printer = start(roll_dots="60")
    driver = connect(printer)
    printing = asyncio.create_task(driver.print(lines("One", "Two", "Three", "Four")))
    await soon(lambda: printer.events("off-line"))
    printing.cancel()
    await asyncio.wait({printing})
    assert printing.cancelled()
    printer.control(roll_dots=100_000)
    await asyncio.to_thread(printer.receipt)
    await driver.print(lines("Next"))
    assert printer.words(2) == ["Next"]


async def test_double_byte_mode_is_ended_before_the_text(start: Start, connect: Connect) -> None:
    printer = start("kanji-at-start")
    await connect(printer).print(lines("Привет"))
    assert printer.words() == ["Привет"]


async def test_cover_opened_in_mid_job_is_told_because_a_line_may_be_missing(start: Start, connect: Connect) -> None:
    printer = start("lost-line", roll_dots="60")
    heard: list[frozenset[PrinterCondition]] = []
    printing = asyncio.create_task(connect(printer).print(lines("One", "Two", "Three", "Four"), on_wait=heard.append))
    await soon(lambda: heard)
    printer.control(faults=["lost-line", "cover-open"], roll_dots=100_000)
    await soon(lambda: heard[1:])
    printer.control(faults=["lost-line"])
    result = await printing
    assert result.interruptions == {PrinterCondition.PAPER_OUT, PrinterCondition.COVER_OPEN}
    assert printer.count() == 1


async def test_code_that_cannot_be_drawn_refuses_the_document_before_anything_is_sent(
    start: Start, connect: Connect
) -> None:
    printer = start()
    driver = connect(printer)
    with pytest.raises(PermanentError, match="PRN-410"):
        await driver.print(Document((Text("Never"), QrCode("x" * 5_000), Cut())))
    assert printer.stop() == 0
    assert printer.count() == 0


async def test_a_name_cannot_smuggle_a_command(start: Start, connect: Connect) -> None:
    printer = start()
    nasty = "Milk\x1bp\x00\x32\x32 \x10\x14\x01\x00\x05 <b>'; DROP TABLE\n\x1dV\x00 end\x7f"
    await connect(printer).print(Document((Text(nasty), Feed(), Cut())))
    assert printer.events("pulse") == []
    assert len(printer.receipt()["cuts"]) == 1
    assert printer.words()[0].startswith("Milk p")
