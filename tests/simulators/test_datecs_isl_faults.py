"""The short-frame register switched off and on, with every fault, and on paper."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from edge.protocols.datecs_isl import StatusFlag
from simulators.datecs_isl import FAULTS, build
from simulators.serving import Settings
from tests.simulators.register_desk import NOT_ALLOWED, Desk

STATUS = "01 24 20 4A 05 30 30 39 33 03"
OPEN = "01 2C 22 30 31 2C 30 30 30 30 2C 31 05 30 31 3F 3D 03"
CLOSE = "01 24 25 38 05 30 30 38 36 03"

# ------------------------------------------------------------------------------------- switched off, switched on


def test_restart_resumes_numbers_totals_and_clock(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.do(0x3D, "22-11-26 09:30")
    desk.sale("Bread\tB1.20")
    desk.do(0x45)
    desk.sale("Tea\tA2.00")
    desk.do(0x6D, "1")
    desk.switch_off()
    again = Desk(state=tmp_path / "fm")
    assert [again.do(code)[0] for code in (0x71, 0x3E, 0x6E)] == [
        "0000004", "22-11-26 09:30:00", "200,0,0,0,0,0,0,0,0001,0001"]  # fmt: skip
    assert again.do(0x6D, "1") == ("", NOT_ALLOWED)
    assert again.do(0x45)[0] == "0002,320,200,0,0,0,0,0,0,0"


def test_open_receipt_survives_a_power_cut_with_its_mark(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm", out=tmp_path)
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    desk.do(0x35, "\tP1.00")
    desk.switch_off()
    again = Desk(state=tmp_path / "fm", out=tmp_path)
    assert again.do(0x4C, "T") == ("1,0001,+000000120,+000000100", {StatusFlag.FISCAL_OPEN})
    again.do(0x35, "\tP0.20")
    again.do(0x38)
    assert "*** VOLTAGE DROP ***" in (tmp_path / "receipt-1.txt").read_text().splitlines()


def test_document_written_in_the_last_moment_is_not_open_again(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    desk.do(0x35, "\t")
    ram = (tmp_path / "fm.ram").read_bytes()
    desk.do(0x38)
    desk.switch_off()
    (tmp_path / "fm.ram").write_bytes(ram)  # the power went between fiscal memory and RAM
    again = Desk(state=tmp_path / "fm")
    assert again.do(0x4A)[1] == set()
    assert [again.do(0x71)[0], again.do(0x4C)[0]] == ["0000001", "0,0001,+000000120"]


@pytest.mark.parametrize("kept", [1, 20, -1])
def test_torn_last_document_never_happened(tmp_path: Path, kept: int) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.sale("Bread\tB1.20")
    whole = (tmp_path / "fm").read_bytes()
    desk.sale("Tea\tA2.00")
    last = (tmp_path / "fm").read_bytes()[len(whole) :]
    desk.switch_off()
    (tmp_path / "fm").write_bytes(whole + last[:kept])
    again = Desk(state=tmp_path / "fm")
    assert again.do(0x71)[0] == "0000001"
    assert (tmp_path / "fm").read_bytes() == whole


def test_memory_damaged_in_the_middle_is_refused(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.sale("Bread\tB1.20")
    desk.sale("Tea\tA2.00")
    desk.switch_off()
    header, _, last = (tmp_path / "fm").read_bytes().splitlines(keepends=True)
    (tmp_path / "fm").write_bytes(header + b"{broken\n" + last)
    with pytest.raises(SystemExit, match="damaged at byte"):
        Desk(state=tmp_path / "fm")


def test_one_memory_serves_one_register(tmp_path: Path) -> None:
    first = Desk(state=tmp_path / "fm")
    with pytest.raises(SystemExit, match="running"):
        Desk(state=tmp_path / "fm")
    assert first.do(0x71)[0] == "0000000"


def test_memory_of_another_dialect_is_refused(tmp_path: Path) -> None:
    Desk(state=tmp_path / "fm").switch_off()
    with pytest.raises(SystemExit, match="dialect P, not C"):
        Desk(state=tmp_path / "fm", dialect="C")


def test_dialect_and_decimals_stay_with_the_memory(tmp_path: Path) -> None:
    Desk(state=tmp_path / "fm", dialect="C", currency_decimals="0").switch_off()
    again = Desk(state=tmp_path / "fm")
    assert again.do(0x5A, "1")[0].startswith("DP-25,")
    assert again.do(0x30, "1,1,1") == ("0001,0001", {StatusFlag.FISCAL_OPEN})
    again.do(0x31, "Bread\tB120")
    assert again.do(0x35, "\tP200")[0] == "R80"


def test_identity_stays_with_the_memory(tmp_path: Path) -> None:
    Desk(state=tmp_path / "fm", serial="DT000123", fm="02000123").switch_off()
    assert Desk(state=tmp_path / "fm").do(0x5A, "1")[0].endswith("DT000123,02000123")


# ---------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize("fault", ["paper-out", "cover-open", "print-mechanism"])
def test_printing_commands_are_refused_without_paper_and_change_nothing(tmp_path: Path, fault: str) -> None:
    control = tmp_path / "control"
    desk = Desk(state=tmp_path / "fm", control=str(control))
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    before = (tmp_path / "fm.ram").read_bytes()
    control.write_text(json.dumps({"faults": [fault]}))
    desk.device.faults.refresh()
    for command, data in [(0x31, "a\tA1.00"), (0x36, "text"), (0x35, "\t"), (0x3C, ""), (0x2C, "1"), (0x39, "x")]:
        reply, flags = desk.do(command, data)
        assert (reply, StatusFlag.GENERAL_ERROR in flags) == ("", True)
    assert (tmp_path / "fm.ram").read_bytes() == before
    control.write_text('{"faults": []}')
    desk.device.faults.refresh()
    assert desk.do(0x35, "\t") == ("D0", {StatusFlag.FISCAL_OPEN})


def test_paper_ends_after_the_second_line_until_somebody_puts_it_back(tmp_path: Path) -> None:
    control = tmp_path / "control"
    desk = Desk("paper-out-mid-receipt", control=str(control))
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "a\tA1.00")
    assert StatusFlag.PAPER_OUT in desk.do(0x31, "b\tA1.00")[1]
    assert desk.do(0x4C)[0] == "1,0002,+000000200"
    assert StatusFlag.PAPER_OUT in desk.do(0x31, "c\tA1.00")[1]
    assert desk.do(0x4C)[0] == "1,0002,+000000200"
    control.write_text('{"faults": []}')
    desk.device.faults.refresh()
    assert desk.do(0x31, "c\tA1.00") == ("", {StatusFlag.FISCAL_OPEN})


@pytest.mark.parametrize(
    ("fault", "flag", "refuses"),
    [
        ("paper-near-end", StatusFlag.PAPER_NEAR_END, False),
        ("overheated", StatusFlag.OVERHEATED, False),
        ("clock-not-set", StatusFlag.CLOCK_NOT_SET, True),
        ("clock-battery-low", StatusFlag.CLOCK_BATTERY_LOW, True),
        ("ram-lost", StatusFlag.RAM_RESET, True),
        ("tax-terminal", StatusFlag.TAX_TERMINAL, False),
        ("fm-full", StatusFlag.MEMORY_FULL, True),
        ("fm-near-full", StatusFlag.MEMORY_NEAR_FULL, False),
        ("fm-read-only", StatusFlag.MEMORY_READ_ONLY, True),
        ("fm-write-error", StatusFlag.MEMORY_WRITE_ERROR, True),
        ("journal-full", StatusFlag.JOURNAL_FULL, True),
        ("journal-near-full", StatusFlag.JOURNAL_NEAR_FULL, False),
    ],
)
def test_lasting_condition_shows_its_bit(fault: str, flag: StatusFlag, refuses: bool) -> None:
    desk = Desk(fault)
    assert flag in desk.do(0x4A)[1]
    assert (desk.do(0x30, "1,0000,1")[0] == "") == refuses


def test_lost_ram_forgets_the_open_receipt_until_the_clock_is_set(tmp_path: Path) -> None:
    desk = Desk(state=tmp_path / "fm")
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    desk.switch_off()
    again = Desk("ram-lost", state=tmp_path / "fm")
    flags = {StatusFlag.RAM_RESET, StatusFlag.GENERAL_ERROR}
    assert again.do(0x4A)[1] == flags
    assert again.do(0x4C)[0] == "0,0000,+000000000"
    assert again.do(0x30, "1,0000,1") == ("", flags)
    again.do(0x3D, "21-11-26 16:00")
    assert again.do(0x30, "1,0000,1") == ("0001,0001", {StatusFlag.FISCAL_OPEN})


def test_document_stays_open_when_fiscal_memory_cannot_be_written(tmp_path: Path) -> None:
    control = tmp_path / "control"
    broken = Desk(control=str(control))
    broken.do(0x30, "1,0000,1")
    broken.do(0x35, "\t")
    control.write_text('{"faults": ["fm-write-error"]}')
    broken.device.faults.refresh()
    reply, flags = broken.do(0x38)
    assert (reply, flags) == (
        "", {StatusFlag.MEMORY_WRITE_ERROR, StatusFlag.MEMORY_ERROR, StatusFlag.FISCAL_OPEN})  # fmt: skip
    assert broken.do(0x45)[0] == ""


@pytest.mark.parametrize("fault", ["clock-battery-low", "fm-full", "fm-write-error", "fm-read-only"])
@pytest.mark.parametrize("command", [(0x31, "Tea\tA1.00"), (0x33, "10;-0.10"), (0x36, "x"), (0x35, "\t"), (0x3C, "")])
def test_reply_with_a_failure_bit_and_no_data_has_changed_nothing(
    tmp_path: Path, fault: str, command: tuple[int, str]
) -> None:
    control = tmp_path / "control"
    desk = Desk(control=str(control))
    desk.do(0x30, "1,0000,1")
    desk.do(0x31, "Bread\tB1.20")
    control.write_text(json.dumps({"faults": [fault]}))
    desk.device.faults.refresh()
    assert desk.do(*command)[0] == ""
    control.write_text('{"faults": []}')
    desk.device.faults.refresh()
    assert desk.do(0x4C, "T")[0] == "1,0001,+000000120,+000000000"


def frames(*faults: str, **options: str) -> Callable[..., Awaitable[str]]:
    return Desk(*faults, **options).play


async def test_lost_reply_comes_with_the_repeat() -> None:
    play = frames("drop-reply")
    assert await play(STATUS) == ""
    assert (await play(STATUS))[:11] == "01 31 20 4A"


async def test_every_third_reply_is_lost() -> None:
    play = frames("drop-reply", drop_reply_every="3")
    answers = [await play(f"01 24 {seq:02X} 4A 05 30 30 39 {0x33 + seq - 0x20:02X} 03") for seq in range(0x20, 0x26)]
    assert [bool(answer) for answer in answers] == [True, True, False, True, True, False]


async def test_lost_answer_stays_lost_however_often_it_is_asked_for() -> None:
    play = frames("lost-answer", fault_at="38")
    await play(OPEN)
    assert await play(CLOSE, CLOSE, CLOSE) == ""
    assert (await play(STATUS))[:11] == "01 31 20 4A"


async def test_first_frame_after_switching_on_is_ignored() -> None:
    play = frames("drop-first-frame")
    assert await play(STATUS) == ""
    assert (await play(STATUS))[:11] == "01 31 20 4A"


async def test_garbled_reply_is_good_the_second_time() -> None:
    play = frames("garble-reply")
    garbled, good = await play(STATUS), await play(STATUS)
    differing = [at for at, pair in enumerate(zip(garbled.split(), good.split(), strict=True)) if pair[0] != pair[1]]
    assert len(differing) == 1


async def test_fault_strikes_where_and_as_often_as_told(tmp_path: Path) -> None:
    play = frames("nak-storm", fault_at="4A:2", state=tmp_path / "fm")
    assert [await play(STATUS), await play(STATUS), (await play(STATUS))[:11]] == ["15", "15", "01 31 20 4A"]


async def test_blows_are_counted_over_restarts(tmp_path: Path) -> None:
    answers = []
    for _ in range(3):
        desk = Desk("nak-storm", fault_at="4A:2", state=tmp_path / "fm")
        answers.append(await desk.play(STATUS))
        desk.switch_off()
    assert [answer[:11] for answer in answers] == ["15", "15", "01 31 20 4A"]


async def test_syn_storm_outlasts_a_host() -> None:
    answer = await frames("syn-storm")(STATUS)
    assert answer.startswith("16 " * 250 + "01 31")


@pytest.mark.parametrize(("fault", "answer"), [("silent", ""), ("wrong-baud", "00")])
async def test_wire_without_a_register_behind_it(fault: str, answer: str) -> None:
    assert await frames(fault)(STATUS) == answer
    assert await frames(fault)(STATUS.replace("39 33", "39 34")) == answer


async def test_control_file_rules_while_it_exists(tmp_path: Path) -> None:
    control = tmp_path / "control"
    play = frames("silent", control=str(control))
    assert await play(STATUS) == ""
    control.write_text('{"faults": ["wrong-baud"]}')
    assert await play(STATUS) == "00"
    for torn in ('{"faul', '{"faults": [], "fault_at": "3'):
        control.write_text(torn)
        assert await play(STATUS) == "00"
    control.unlink()
    assert await play(STATUS) == ""


async def test_control_file_says_where_a_fault_strikes_and_counts_afresh(tmp_path: Path) -> None:
    control = tmp_path / "control"
    play = frames(control=str(control), state=tmp_path / "fm")
    answers = []
    for number in (1, 2):
        control.write_text(json.dumps({"faults": ["nak-storm"], "fault_at": "4A:1", "number": number}))
        answers += [await play(STATUS), (await play(STATUS))[:11]]
        await play(OPEN)
    assert answers == ["15", "01 31 20 4A"] * 2


def test_every_fault_is_explained() -> None:
    assert [name for name, text in FAULTS.items() if not text] == []


@pytest.mark.parametrize(
    "options",
    [
        {"speed": "warp"},
        {"colour": "red"},
        {"currency_decimals": "3"},
        {"drop_reply_every": "0"},
        {"tax_rates": "x"},
        {"fault_at": "close:1"},
    ],
)
def test_unknown_option_is_named(options: dict[str, str]) -> None:
    with pytest.raises(SystemExit, match=next(iter(options))):
        build(Settings(options=options))


# ----------------------------------------------------------------------------------------------------------- paper


def test_paper_shows_the_receipt(tmp_path: Path) -> None:
    desk = Desk(out=tmp_path)
    desk.do(0x30, "1,0000,1")
    desk.do(0x36, "Sale 1-2-3")
    desk.do(0x31, "Хляб\tB1.20*2#бр;-0.20")
    desk.do(0x31, "Tea\tA0.50")
    desk.do(0x33, "10;-0.70")
    desk.do(0x35, "\tP5.00")
    desk.do(0x38)
    assert (
        (tmp_path / "receipt-1.txt").read_text()
        == """\
                  FP-800
              FISCAL RECEIPT
------------------------------------------
OPERATOR 1                          TILL 1
Sale 1-2-3
Хляб
  2.000 бр x 1.20                   2.40 B
  DISCOUNT                         -0.20 B
Tea
  1.000 x 0.50                      0.50 A
SUBTOTAL                             -0.70
TOTAL                                 2.00
PAID P                                5.00
CHANGE                                3.00
------------------------------------------
No. 0000001            2026-11-21 16:00:00
SN DT000600                    FM 02000600
"""
    )


def test_duplicate_shows_what_the_receipt_shows(tmp_path: Path) -> None:
    desk = Desk(out=tmp_path)
    desk.sale("Tea\tA0.50;0.10", pay="\tP5.00")
    desk.do(0x6D, "1")
    printed = [(tmp_path / f"receipt-{number}.txt").read_text().splitlines()[4:-2] for number in (1, 2)]
    assert printed == [
        [*before, "Tea", "  1.000 x 0.50                      0.50 A", "  SURCHARGE                         0.10 A",
         "TOTAL                                 0.60", "PAID P                                5.00",
         "CHANGE                                4.40", "-" * 42]
        for before in ([], ["ORIGINAL 1"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("commands", "title"),
    [
        ([(0x46, "5.00")], "CASH IN / OUT"),
        ([(0x45, "2")], "X REPORT"),
        ([(0x45, "")], "Z REPORT"),
        ([(0x30, "1,0000,1"), (0x3C, "")], "CANCELLED"),
        ([(0x26, ""), (0x2A, "hello"), (0x27, "")], "NON-FISCAL RECEIPT"),
    ],
)
def test_every_document_is_on_paper(tmp_path: Path, commands: list[tuple[int, str]], title: str) -> None:
    desk = Desk(out=tmp_path)
    for command, data in commands:
        desk.do(command, data)
    assert (tmp_path / "receipt-1.txt").read_text().splitlines()[1].strip() == title


def test_opened_drawer_leaves_a_line_beside_the_paper(tmp_path: Path) -> None:
    desk = Desk(out=tmp_path)
    desk.do(0x6A)
    desk.do(0x6A, "50")
    assert (tmp_path / "drawer.txt").read_text() == "2026-11-21T16:00:00\n" * 2
