"""The drawer on a printer's kick connector: one pulse, the right pin, and what its switch says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from edge.devices.cash_drawer.escpos import EscPosCashDrawer
from edge.devices.pos_printer.escpos import EscPosPrinter, Timings
from edge.devices.pos_printer.profiles import DrawerConnector, load_profile
from edge.receipts import Cut, Document, Text
from edge.transports.addresses import from_address
from shared.errors import NeedsPerson, OutcomeUnknown, PermanentError, TransientError
from tests.simulators.escpos_process import PrinterProcess, eventually, printers_in

Start = Callable[..., PrinterProcess]
POS80 = load_profile("generic/pos80")
QUICK = Timings(answer_s=0.5, stall_s=1.0, poll_s=0.02, settle_s=0.5, patience_s=15.0, quiet_s=0.02)
BUFFERED = DrawerConnector(in_real_time=False, open_level="high")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with printers_in(tmp_path) as begin:
        yield begin


@pytest.fixture
async def drivers() -> AsyncIterator[Callable[[PrinterProcess], EscPosPrinter]]:
    opened: list[EscPosPrinter] = []

    def to(printer: PrinterProcess) -> EscPosPrinter:
        opened.append(EscPosPrinter(from_address(printer.address), POS80, timings=QUICK))
        return opened[-1]

    yield to
    for driver in opened:
        await driver.disconnect()


Drivers = Callable[[PrinterProcess], EscPosPrinter]


def pulses(printer: PrinterProcess) -> list[tuple[int, int]]:
    return [(event["pin"], event["on_ms"]) for event in printer.events("pulse")]


@pytest.mark.parametrize("in_real_time", [True, False])
async def test_opens_with_one_pulse_and_sees_it(start: Start, drivers: Drivers, in_real_time: bool) -> None:
    printer = start(drawer_pin="5", drawer_open_level="low")
    connector = DrawerConnector(pin=5, on_ms=200, open_level="low", in_real_time=in_real_time)
    drawer = EscPosCashDrawer(drivers(printer), connector)
    assert await drawer.is_open() is False
    await drawer.open()
    assert await drawer.is_open() is True
    assert pulses(printer) == [(5, 200)]
    printer.control(drawer_open=False)
    assert await drawer.is_open() is False


async def test_without_a_switch_nobody_knows(start: Start, drivers: Drivers) -> None:
    printer = start()
    drawer = EscPosCashDrawer(drivers(printer), DrawerConnector())
    await drawer.open()
    assert await drawer.is_open() is None
    assert pulses(printer) == [(2, 100)]


async def test_wrong_pin_is_told_and_not_tried_again(start: Start, drivers: Drivers) -> None:
    printer = start(drawer_pin="5")
    drawer = EscPosCashDrawer(drivers(printer), spring_s=0.1)
    with pytest.raises(NeedsPerson, match="DRW-242"):
        await drawer.open()
    assert pulses(printer) == [(2, 100)]


async def test_opens_out_of_paper_and_while_a_receipt_waits(start: Start, drivers: Drivers) -> None:
    printer = start(roll_dots="60")
    driver = drivers(printer)
    printing = asyncio.create_task(driver.print(Document((*(Text(f"Line {n}") for n in range(9)), Cut()))))
    await asyncio.to_thread(eventually, lambda: printer.events("off-line"))
    await EscPosCashDrawer(driver).open()
    assert pulses(printer) == [(2, 100)]
    printer.control(roll_dots=100_000)
    await printing
    assert (pulses(printer), printer.count()) == ([(2, 100)], 1)


async def test_pulse_in_order_is_not_sent_to_a_printer_that_stands_still(start: Start, drivers: Drivers) -> None:
    printer = start("paper-out")
    drawer = EscPosCashDrawer(drivers(printer), BUFFERED)
    with pytest.raises(NeedsPerson, match="PRN-240"):
        await drawer.open()
    printer.control(faults=[])
    await drawer.open()
    assert pulses(printer) == [(2, 100)]


async def test_silent_printer_is_not_kicked(start: Start, drivers: Drivers) -> None:
    printer = start("silent")
    with pytest.raises(TransientError, match="PRN-301"):
        await EscPosCashDrawer(drivers(printer)).open()
    assert printer.stop() == 0
    assert pulses(printer) == []


async def test_no_word_after_the_pulse_is_an_unknown_outcome(start: Start, drivers: Drivers) -> None:
    printer = start("close-mid-job", fault_after="4105")
    drawer = EscPosCashDrawer(drivers(printer), BUFFERED)
    with pytest.raises(OutcomeUnknown, match="DRW-502"):
        await drawer.open()
    assert pulses(printer) == [(2, 100)]


async def test_printer_without_a_connector(start: Start, drivers: Drivers) -> None:
    bare = POS80.model_copy(update={"drawer": None})
    printer = start()
    drawer = EscPosCashDrawer(EscPosPrinter(from_address(printer.address), bare))
    with pytest.raises(PermanentError, match="DRW-410"):
        await drawer.open()
