"""The printer on its wire: status in every condition, faults, what is lost and what is not."""

from __future__ import annotations

import json
import os
import socket
import termios
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from escpos.printer import Network

from simulators.escpos import FAULTS, build
from simulators.serving import Settings
from tests.simulators.escpos_process import PrinterProcess, eventually, printers_in

Start = Callable[..., PrinterProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with printers_in(tmp_path) as begin:
        yield begin


class Wire:
    """The host's end of a TCP connection."""

    def __init__(self, printer: PrinterProcess) -> None:
        self._socket = socket.create_connection(printer.host_and_port, timeout=15)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(self, data: bytes, length: int = 1) -> bytes:
        self.send(data)
        return self.read(length)

    def read(self, length: int) -> bytes:
        got = b""
        while len(got) < length:
            piece = self._socket.recv(length - len(got))
            assert piece, f"the printer hung up after {got!r}"
            got += piece
        return got

    def statuses(self) -> str:
        return self.ask(b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", 4).hex(" ")

    def ends(self) -> bool:
        return self._socket.recv(1) == b""

    def finish_sending(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def wire() -> Iterator[Callable[[PrinterProcess], Wire]]:
    opened: list[Wire] = []

    def connect(printer: PrinterProcess) -> Wire:
        opened.append(Wire(printer))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


Connect = Callable[[PrinterProcess], Wire]


def test_status_in_every_condition_of_the_note(start: Start, wire: Connect) -> None:
    printer = start()
    host = wire(printer)
    table = {
        (): "12 12 12 12",
        ("paper-near-end",): "12 12 12 1e",
        ("paper-out",): "1a 32 12 7e",
        ("cover-open",): "1a 16 12 12",
        ("cutter-jam",): "1a 52 1a 12",
        ("stuck-busy",): "1a 12 12 12",
    }
    for faults, expected in table.items():
        printer.control(faults=faults)
        assert host.statuses() == expected


def test_automatic_status_tells_changes_unasked(start: Start, wire: Connect) -> None:
    printer = start()
    host = wire(printer)
    assert host.ask(b"\x1da\x0f", 4).hex(" ") == "10 00 00 00"
    printer.control(faults=["paper-out"])
    assert host.read(4).hex(" ") == "18 00 0f 00"
    printer.control(faults=["cover-open"])
    assert host.read(4).hex(" ") == "38 00 00 00"
    printer.control(faults=[])
    assert host.read(4).hex(" ") == "10 00 00 00"
    host.send(b"\x1bp\x00\x32\x32")
    assert host.read(4).hex(" ") == "14 00 00 00"


def test_automatic_status_keeps_to_its_mask(start: Start, wire: Connect) -> None:
    printer = start()
    host = wire(printer)
    assert host.ask(b"\x1da\x01", 4).hex(" ") == "10 00 00 00"
    printer.control(faults=["paper-near-end"])
    assert host.ask(b"\x10\x04\x04").hex() == "1e"


def test_answers_through_the_buffer_and_identification(start: Start, wire: Connect) -> None:
    host = wire(start("paper-near-end", serial="A1"))
    assert host.ask(b"\x1dr\x01").hex() == "03"
    assert host.ask(b"\x1dr\x02").hex() == "00"
    assert host.ask(b"\x1d(H\x06\x0000abcd", 7) == b"\x37\x22abcd\x00"
    assert host.ask(b"\x1dIB\x1dIC\x1dID", 21) == b"_GENERIC\x00_POS-80\x00_A1\x00"
    assert host.ask(b"\x1dI\x02") == b"\x02"


def test_out_of_paper_nothing_is_consumed_and_nothing_is_lost(start: Start, wire: Connect) -> None:
    printer = start("paper-out")
    host = wire(printer)
    picture = b"\x1dv0\x00\x02\x00\x04\x00\x10\x04\x01\x10\x04\x02\xff\xff"
    host.send(b"First\n" + picture + b"Second\n")
    assert host.statuses() == "1a 32 12 7e"
    host.send(b"Third\n\x1dV\x00\x1dr\x01")
    assert host.statuses() == "1a 32 12 7e"
    assert printer.count() == 0
    printer.control(faults=[])
    assert host.read(1) == b"\x00"
    assert printer.words() == ["First", "Second", "Third"]
    assert (printer.receipt()["images"], printer.receipt()["unknown_bytes"], printer.count()) == (1, 0, 1)


def test_paper_that_ends_in_mid_job_goes_on_from_the_same_line(start: Start, wire: Connect) -> None:
    printer = start(roll_dots="100")
    host = wire(printer)
    host.send(b"".join(b"Line %d\n" % number for number in range(10)) + b"\x1dV\x00\x1dr\x01")
    eventually(lambda: printer.events("off-line"))
    assert host.ask(b"\x10\x04\x04").hex() == "7e"
    printer.control(roll_dots=100_000)
    assert host.read(1) == b"\x00"
    assert printer.words() == [f"Line {number}" for number in range(10)]
    assert printer.count() == 1


def test_printing_goes_on_when_paper_returns_after_the_host_has_gone(start: Start, wire: Connect) -> None:
    printer = start("paper-out")
    host = wire(printer)
    host.send(b"Late\n\x1dV\x00")
    assert host.statuses() == "1a 32 12 7e"
    host.close()
    printer.control(faults=[])
    assert printer.words() == ["Late"]


def test_back_pressure_when_the_buffer_is_full(start: Start, wire: Connect) -> None:
    printer = start("paper-out", buffer="1024")
    host = wire(printer)
    lines = [f"Line number {number:05d}" for number in range(200)]
    host.send("\n".join(lines).encode() + b"\n\x1dV\x00\x1dr\x01")
    printer.control(faults=[])
    assert host.read(1) == b"\x00"
    assert printer.words() == lines


def test_realtime_commands_in_pictures_are_a_quirk(start: Start, wire: Connect) -> None:
    picture = b"\x1dv0\x00\x01\x00\x03\x00\x10\x04\x01"
    plain = wire(start())
    assert plain.ask(picture + b"\x1dr\x01", 1) == b"\x00"


def test_realtime_commands_in_pictures_are_obeyed_with_the_quirk(start: Start, wire: Connect) -> None:
    quirky = wire(start(realtime_in_data="on"))
    assert quirky.ask(b"\x1dv0\x00\x01\x00\x03\x00\x10", 0) == b""
    assert quirky.ask(b"\x04\x01\x10\x04\x02\x1dr\x01", 3) == b"\x12\x12\x00"


def test_realtime_pulse_is_obeyed_without_paper_and_once(start: Start, wire: Connect) -> None:
    printer = start("paper-out")
    host = wire(printer)
    host.send(b"waiting\n\x10\x14\x01\x00\x02")
    assert host.ask(b"\x10\x04\x01").hex() == "1e"
    printer.control(faults=[])
    assert host.ask(b"\x1dV\x00\x1dr\x01") == b"\x00"
    assert [(event["pin"], event["on_ms"]) for event in printer.events("pulse")] == [(2, 200)]


def test_clearing_the_buffer_in_real_time_drops_what_waits(start: Start, wire: Connect) -> None:
    printer = start("paper-out")
    host = wire(printer)
    host.send(b"dropped\n" + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08" + b"kept\n\x1dV\x00")
    assert host.statuses() == "1a 32 12 7e"
    printer.control(faults=[])
    assert printer.words() == ["kept"]


@pytest.mark.parametrize("pin_setting", ["2", "5"])
def test_only_the_right_pin_opens_the_drawer(start: Start, wire: Connect, pin_setting: str) -> None:
    printer = start(drawer_pin=pin_setting, drawer_open_level="low")
    host = wire(printer)
    levels = [host.ask(b"\x1bp" + pin + b"\x32\x32\x10\x04\x01").hex() for pin in (b"\x00", b"\x01")]
    assert levels == {"2": ["12", "12"], "5": ["16", "12"]}[pin_setting]
    printer.control(drawer_open=False)
    assert host.ask(b"\x10\x04\x01").hex() == "16"


def test_drawer_closes_by_itself_when_set_so(start: Start, wire: Connect) -> None:
    printer = start(drawer="0.05")
    host = wire(printer)
    assert host.ask(b"\x1da\x01", 4).hex(" ") == "10 00 00 00"
    host.send(b"\x1bp\x00\x32\x32")
    assert host.read(8).hex(" ") == "14 00 00 00 10 00 00 00"


def test_silent_printer_prints_and_answers_nothing(start: Start, wire: Connect) -> None:
    printer = start("silent")
    wire(printer).send(b"\x10\x04\x01quiet\n\x1dr\x01\x1dV\x00")
    assert printer.words() == ["quiet"]


def test_noise_comes_before_every_status(start: Start, wire: Connect) -> None:
    assert wire(start("garbage-before-status")).ask(b"\x10\x04\x01\x10\x04\x04", 4) == b"\xff\x12\xff\x12"


def test_closing_in_mid_job_prints_what_had_arrived(start: Start, wire: Connect) -> None:
    printer = start("close-mid-job", fault_after="10")
    host = wire(printer)
    host.send(b"All of this arrived\n\x1dV\x00")
    assert host.ends()
    assert printer.words() == ["All of this arrived"]
    assert wire(printer).statuses() == "12 12 12 12"


def test_power_loss_in_mid_job_leaves_torn_paper_and_counts_on(start: Start, wire: Connect) -> None:
    printer = start("die-mid-job", fault_after="12")
    wire(printer).send(b"One\nTwo\nThree\nFour\n\x1dV\x00")
    assert printer.ended() == 70
    assert printer.words() == ["One", "Two"]
    assert printer.receipt()["ended_by"] == "power-loss"
    printer.start("paper-near-end")
    wire(printer).send(b"Next\n\x1dV\x00")
    assert printer.words(2) == ["Next"]
    assert json.loads(printer.state.read_text())["receipts"] == 2


def test_lost_line(start: Start, wire: Connect) -> None:
    printer = start("lost-line")
    host = wire(printer)
    host.ask(b"begun, ", 0)
    assert host.ask(b"\x1dr\x01") == b"\x00"
    printer.control(faults=["lost-line", "cover-open"])
    assert host.ask(b"\x10\x04\x02").hex() == "16"
    printer.control(faults=["lost-line"])
    assert host.ask(b"ended\n\x1dV\x00\x1dr\x01") == b"\x00"
    assert printer.words() == ["ended"]


def test_wrong_code_page_garbles(start: Start, wire: Connect) -> None:
    printer = start("wrong-codepage")
    wire(printer).send(b"\x1bt\x11\x8f\xe0\n\x1dV\x00")
    assert printer.words() == ["Åα"]


def test_double_byte_mode_at_start_ends_with_its_command(start: Start, wire: Connect) -> None:
    printer = start("kanji-at-start")
    wire(printer).send(b"\x1b@\x1bt\x11\xd6\xd0\n\x1b@\x1c.\x1bt\x11\x8f\xe0\n\x1dV\x00")
    assert printer.words() == ["中", "Пр"]


def test_pulse_and_second_cut_after_the_cut_belong_to_that_receipt(start: Start, wire: Connect) -> None:
    printer = start()
    assert wire(printer).ask(b"A\n\x1dV\x01\x1bp\x00\x32\x32\x1dV\x00\x1dr\x01") == b"\x00"
    record = printer.receipt()
    assert (record["pulses"], record["cuts"]) == ([{"pin": 2, "on_ms": 100}], [{"mode": "partial"}, {"mode": "full"}])
    assert printer.count() == 1


def test_uncut_paper_is_kept_when_the_host_hangs_up_or_the_printer_stops(start: Start, wire: Connect) -> None:
    printer = start()
    host = wire(printer)
    host.send(b"no cut")
    host.close()
    assert printer.receipt()["ended_by"] == "hang-up"
    other = wire(printer)
    assert other.ask(b"never cut\n\x1dr\x01") == b"\x00"
    assert printer.stop() == 0
    assert (printer.receipt(2)["ended_by"], printer.words(2)) == ("end", ["never cut"])


def test_host_that_only_finished_sending_still_gets_its_answers(start: Start, wire: Connect) -> None:
    printer = start()
    host = wire(printer)
    host.send(b"Piped\n\x1dV\x00\x1dr\x01\x1d(H\x06\x0000abcd")
    host.finish_sending()
    assert host.read(8) == b"\x00\x37\x22abcd\x00"
    assert host.ends()
    assert printer.words() == ["Piped"]


def test_on_a_pseudo_terminal(start: Start) -> None:
    printer = start(pty=True, width="384")
    port = os.open(printer.address, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port, termios.TCSANOW)
    os.write(port, b"Serial\n\x1dV\x00\x10\x04\x01")
    assert os.read(port, 1) == b"\x12"
    os.close(port)
    assert (printer.words(), printer.receipt()["width_dots"]) == (["Serial"], 384)
    assert printer.stop() == 0


def test_python_escpos_as_its_own_client(start: Start) -> None:
    printer = start("paper-near-end")
    host, port = printer.host_and_port
    client = Network(host, port, timeout=15)
    client.open()
    assert (client.is_online(), client.paper_status()) == (True, 1)
    printer.control(faults=["paper-out"])
    assert (client.is_online(), client.paper_status()) == (False, 0)
    printer.control(faults=[])
    client.set(align="center", bold=True)
    client.textln("Привет")
    client.qr("https://example.com", native=True)
    client.cashdraw(2)
    client.cut()
    client.close()
    record = printer.receipt()
    assert (printer.words(), record["unknown_bytes"]) == (["Привет"], 0)
    assert record["barcodes"] == [{"type": "QR", "data": "https://example.com", "drawn": True}]
    assert (record["pulses"], record["cuts"]) == ([{"pin": 2, "on_ms": 100}], [{"mode": "full"}])


def test_a_state_file_of_something_else_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"fiscal": true}')
    with pytest.raises(SystemExit, match="not the state"):
        build(Settings(state=state))


def test_settings_that_make_no_sense_are_refused() -> None:
    for options in ({"width": "12"}, {"colour": "red"}, {"cr": "maybe"}, {"codepage_table": "9:nothing"}):
        with pytest.raises(SystemExit):
            build(Settings(options=options))


def test_every_fault_says_what_it_does() -> None:
    assert len(FAULTS) == 12
    assert all(FAULTS.values())
