"""What lands on paper: words with their styles, and dots where the note puts them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from itertools import pairwise

import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.simulators.escpos_bench import Bench, printed

OPENING = bytes.fromhex("1B40 1D6100 1B4D30 1C284102003000 1B2000 1C530000 1B3318")


def test_opening_of_a_popular_generator_prints_no_garbage() -> None:
    bench = printed(OPENING + b"Hello\n")
    assert bench.words == ["Hello"]
    assert bench.paper.unknown_bytes == 0


def test_rules_are_drawn_on_code_page_1() -> None:
    bench = printed(b"\x1bt\x01\x98\x95\x91\x95\x99\n\x93\x95\x8f\x95\x92\n\x1bt\x00ok\n")
    assert bench.words == ["┌─┬─┐", "├─┼─┤", "ok"]


def test_line_of_text_is_24_dots_high_and_30_apart() -> None:
    bench = printed(b"HHH\nHHH\n")
    assert bench.paper.y == 60
    assert bench.dark_columns(0, 24) == (1, 34)


@pytest.mark.parametrize(
    ("command", "style"),
    [
        (b"\x1b!\x00", {}),
        (b"\x1b!\x01", {"font": "B"}),
        (b"\x1b!\x88", {"bold": True, "underline": 1}),
        (b"\x1b!\x30", {"width": 2, "height": 2}),
        (b"\x1bE\x01", {"bold": True}),
        (b"\x1bG\x01", {"bold": True}),
        (b"\x1b-2", {"underline": 2}),
        (b"\x1bM1", {"font": "B"}),
        (b"\x1bMa", {}),
        (b"\x1d!\x31", {"width": 4, "height": 2}),
        (b"\x1dB\x01", {"reverse": True}),
        (b"\x1b{\x01", {"upside_down": True}),
        (b"\x1ba1", {"align": "center"}),
        (b"\x1ba\x02", {"align": "right"}),
    ],
)
def test_styles(command: bytes, style: dict[str, object]) -> None:
    plain = {
        "font": "A",
        "bold": False,
        "underline": 0,
        "width": 1,
        "height": 1,
        "reverse": False,
        "upside_down": False,
        "align": "left",
    }
    line = printed(command + b"AB\n").line()
    assert {name: line[name] for name in plain} == {**plain, **style}


def test_reset_ends_every_style_but_keeps_what_is_printed() -> None:
    bench = printed(b"\x1d!\x11\x1ba\x01\x1bt\x11A\n\x1b@\x80\n")
    assert bench.words == ["A", "Ç"]
    assert (bench.line(1)["width"], bench.line(1)["align"]) == (1, "left")


@pytest.mark.parametrize(("align", "columns"), [(b"0", (1, 10)), (b"1", (283, 292)), (b"2", (565, 574))])
def test_alignment_in_dots(align: bytes, columns: tuple[int, int]) -> None:
    assert printed(b"\x1ba" + align + b"H\n").dark_columns(0, 24) == columns


def test_alignment_is_fixed_once_a_line_has_begun() -> None:
    assert printed(b"A\x1ba\x01B\n").line()["align"] == "left"


def test_margin_and_area_move_the_text() -> None:
    assert printed(b"\x1dL\x64\x00\x1dW\xc8\x00\x1ba\x02H\n").dark_columns(0, 24) == (289, 298)


def test_positions_and_tabs() -> None:
    assert printed(b"\x1b$\x78\x00H\n").dark_columns(0, 24)[0] == 121
    assert printed(b"A\tB\n").line()["text"] == "A       B"
    assert printed(b"\x1bD\x04\x0c\x00A\tB\tC\n").line()["text"] == "A   B       C"
    assert printed(b"AB\x1b\\\xf4\xffC\n").words == ["ABC"]
    assert printed(b"Total\x1b$\xe0\x01100\n").words == ["Total" + " " * 35 + "100"]


def test_text_wraps_at_the_edge_of_the_paper() -> None:
    bench = printed(b"0123456789" * 5 + b"\n", width="384")
    assert [len(words) for words in bench.words] == [32, 18]


def test_font_b_has_64_columns() -> None:
    assert [len(words) for words in printed(b"\x1bM\x01" + b"x" * 70 + b"\n").words] == [64, 6]


def test_double_size_repeats_dots() -> None:
    small, large = printed(b"H\n"), printed(b"\x1d!\x11H\n")
    first = small.paper.picture().crop((0, 0, 12, 24)).resize((24, 48))
    assert large.paper.picture().crop((0, 0, 24, 48)).tobytes() == first.tobytes()
    assert large.paper.y == 48


def test_reverse_paints_the_whole_cell() -> None:
    picture = printed(b"\x1dB\x01 \n").paper.picture()
    assert picture.crop((0, 0, 12, 24)).getextrema() == (0, 0)


def test_upside_down_line_is_the_line_turned() -> None:
    turned = printed(b"\x1b{\x01F\n").paper.picture().crop((564, 0, 576, 24))
    plain = printed(b"F\n").paper.picture().crop((0, 0, 12, 24))
    assert turned.tobytes() == plain.transpose(Image.Transpose.ROTATE_180).tobytes()


def test_raster_image_lands_dot_for_dot() -> None:
    bench = printed(b"\x1dv0\x00\x02\x00\x03\x00" + bytes.fromhex("8001 0000 FFFF"))
    assert (bench.paper.y, bench.paper.images) == (3, 1)
    assert bench.paper.picture().crop((0, 0, 16, 3)).tobytes() == bytes.fromhex("7FFE FFFF 0000")


@pytest.mark.parametrize(("mode", "size"), [(0, (8, 1)), (1, (16, 1)), (2, (8, 2)), (3, (16, 2))])
def test_raster_image_may_be_doubled(mode: int, size: tuple[int, int]) -> None:
    bench = printed(b"\x1dv0" + bytes((mode,)) + b"\x01\x00\x01\x00\xff")
    assert (bench.dark_columns(0, 2)[1] + 1, bench.paper.y) == size


def test_column_image_top_bit_is_the_top_dot() -> None:
    bench = printed(b"\x1b*\x21\x02\x00" + bytes.fromhex("800000 000001") + b"\x1b3\x18\n")
    picture = bench.paper.picture()
    dark = [(x, y) for y in range(24) for x in range(4) if not picture.getpixel((x, y))]
    assert dark == [(0, 0), (1, 23)]


def test_stripes_of_a_column_image_are_one_image() -> None:
    stripe = b"\x1b*\x21\x08\x00" + b"\xff" * 24 + b"\n"
    bench = printed(b"\x1b3\x10" + stripe * 3)
    assert bench.paper.images == 1
    assert bench.paper.lines[0]["height_dots"] == 72


@pytest.mark.parametrize("command", ["1d 28 4c 0c 00", "1d 38 4c 0c 00 00 00"])
def test_graphics_are_printed_when_asked(command: str) -> None:
    store = bytes.fromhex(command) + bytes.fromhex("30 70 30 01 01 31 0800 0200 FF00")
    bench = printed(store + b"\x1d(L\x02\x0002")
    assert (bench.paper.images, bench.paper.y) == (1, 2)


def test_worked_example_of_the_qr_code() -> None:
    bench = printed(
        bytes.fromhex(
            "1D286B0400 31413200 1D286B0300 314304 1D286B0300 314531"
            "1D286B0B00 315030 48454C4C4F2D5152 1D286B0300 315130"
        )
    )
    assert bench.paper.bar_codes == [{"type": "QR", "data": "HELLO-QR", "drawn": True}]
    assert bench.paper.y == 21 * 4


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (b"\x1dk\x02400638133393\x00", ("EAN13", "4006381333931")),
        (b"\x1dk\x43\x0d4006381333931", ("EAN13", "4006381333931")),
        (b"\x1dk\x04AB-1\x00", ("CODE39", "AB-1")),
        (b"\x1dk\x49\x05{BABC", ("CODE128", "ABC")),
        (b"\x1dk\x46\x041234", ("ITF", "1234")),
        (b"\x1dk\x4b\x0d0401234567890", ("GS1-DATABAR", "0401234567890")),
        (b"\x1d(k\x06\x000P0abc\x1d(k\x03\x000Q0", ("PDF417", "abc")),
    ],
)
def test_bar_codes_keep_type_and_data(command: bytes, code: tuple[str, str]) -> None:
    bench = printed(command)
    assert [(found["type"], found["data"]) for found in bench.paper.bar_codes] == [code]
    assert bench.paper.unknown_bytes == 0


def test_bar_code_height_and_text() -> None:
    assert printed(b"\x1dh\x32\x1dk\x02400638133393\x00").paper.y == 50
    assert printed(b"\x1dh\x32\x1dH\x02\x1dk\x02400638133393\x00").paper.y == 74
    assert printed(b"\x1dh\x32\x1dH\x03\x1df\x01\x1dk\x02400638133393\x00").paper.y == 84


def test_bar_code_wider_than_the_paper_is_not_drawn() -> None:
    bench = printed(b"\x1dw\x06\x1dk\x04" + b"A" * 30 + b"\x00")
    assert bench.paper.bar_codes[0]["drawn"] is False


def test_user_character_replaces_a_letter() -> None:
    bench = printed(b"\x1b&\x03AA\x01\xff\xff\xff\x1b%\x01A\n")
    assert bench.dark_rows() == (0, 23)
    assert bench.dark_columns(0, 24) == (0, 0)


def test_page_mode_places_areas() -> None:
    area = b"\x1bL\x1bW\x64\x00\x32\x00\xc8\x00\x64\x00H\x0c"
    bench = printed(area + b"after\n")
    assert bench.words == ["H", "after"]
    assert bench.dark_columns(0, 68) == (101, 110)
    assert bench.dark_rows()[0] > 50


def test_page_mode_turned_by_90_degrees() -> None:
    bench = printed(b"\x1bL\x1bW\x00\x00\x00\x00\x64\x00\xc8\x00\x1bT\x01HHHH\x0c")
    first, last = bench.dark_columns(0, 200)
    assert last - first < 24
    assert bench.dark_rows()[1] - bench.dark_rows()[0] > 40


def test_deselected_printer_discards_all_but_its_selection() -> None:
    assert printed(b"\x1b=\x02\x1b@lost\n\x1dV\x00\x1b=\x01kept\n").words == ["kept"]


def test_cut_takes_the_paper_and_pulse_names_its_pin() -> None:
    bench = printed(b"A\n\x1bp\x00\x32\xfa\x1dVA\x10B\n\x1bp1\x19\x19\x1bm")
    assert bench.cuts == ["full", "partial"]
    assert bench.pulses == [(2, 100), (5, 50)]
    assert [paper.y for paper in bench.papers] == [46, 30]


def test_answers_that_go_through_the_buffer() -> None:
    assert printed(b"\x1dr\x01").replies == b"\x00"
    assert printed(b"\x1dr2").replies == b"\x01"
    assert printed(b"\x1bu\x00\x1bv").replies == b"\x01\x00"
    assert printed(b"\x1d(H\x06\x0000wxyz").replies == b"\x37\x22wxyz\x00"
    assert printed(b"\x1dIC").replies == b"_C\x00"


def test_macro_repeats_what_it_recorded() -> None:
    assert printed(b"\x1d:A\n\x1d:\x1d^\x02\x00\x00").words == ["A", "A", "A"]


# --- streams of python-escpos ------------------------------------------------------------------------------------


def _logo() -> Image.Image:
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).ellipse((10, 10, 190, 90), fill="black")
    return image


def _styles(printer: Dummy) -> None:
    printer.hw("INIT")
    printer.set(align="center", double_width=True, double_height=True, bold=True)
    printer.textln("SHOP")
    printer.set(normal_textsize=True, underline=2, font="b", invert=True, flip=True, smooth=True, density=3)
    printer.textln("styles")
    printer.set_with_default()
    printer.set(custom_size=True, width=3, height=2)
    printer.textln("big")


def _text(printer: Dummy) -> None:
    printer.textln("Привет, 12.50 € Žluťoučký")
    printer.charcode("CP866")
    printer.textln("Кодовая страница")
    printer.charcode("AUTO")
    printer.block_text("The quick brown fox jumps over the lazy dog and over it again", columns=30)
    printer.ln(2)
    printer.control("HT", count=4, tab_size=10)
    printer.text("a\tb\n")
    printer.control("CR")
    printer.control("VT")


def _codes(printer: Dummy) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        printer.barcode("4006381333931", "EAN13", height=64, width=3, pos="BOTH", font="B")
        printer.barcode("{BABC-123", "CODE128", function_type="B")
        printer.barcode("12345678", "ITF", pos="OFF", align_ct=False)
        printer.barcode("0401234567890", "GS1 DATABAR OMNIDIRECTIONAL", function_type="B")
        printer.barcode("123456789012", "EAN13", force_software="graphics")
        printer.qr("https://example.com/r/1", native=True, size=6, ec=2)
        printer.qr("https://example.com/r/1", size=6)


def _images(printer: Dummy) -> None:
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        printer.image(_logo(), impl=way)
        printer.image(_logo(), impl=way, high_density_vertical=False, high_density_horizontal=False)
    printer.image(_logo(), fragment_height=24)


def _hardware(printer: Dummy) -> None:
    printer.hw("SELECT")
    printer.hw("RESET")
    printer.panel_buttons(False)
    printer.buzzer(1, 1)
    printer.line_spacing(40)
    printer.line_spacing(10, divisor=60)
    printer.line_spacing()
    printer.linedisplay("customer display")
    printer.target("ROLL")
    printer.cashdraw(2)
    printer.cashdraw([27, 112, 1, 25, 250])
    printer.print_and_feed(2)
    printer.cut(mode="PART")
    printer.cut(feed=False)


@pytest.mark.parametrize("scene", [_styles, _text, _codes, _images, _hardware])
def test_streams_of_python_escpos_hold_nothing_unknown(scene: Callable[[Dummy], None]) -> None:
    printer = Dummy()
    scene(printer)
    bench = printed(printer.output)
    assert [paper.unknown for paper in (*bench.papers, bench.paper)] == [[]] * (len(bench.papers) + 1)


def test_words_of_python_escpos_come_back() -> None:
    printer = Dummy()
    _text(printer)
    assert printed(printer.output).words == [
        "Привет, 12.50 € Žluťoučký",
        "Кодовая страница",
        "The quick brown fox jumps over",
        "the lazy dog and over it again",
        "a         b",
    ]


def test_three_ways_of_sending_a_picture_print_the_same_dots() -> None:
    pictures = []
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        printer = Dummy()
        printer.image(_logo(), impl=way)
        pictures.append(printed(printer.output).paper.picture().crop((0, 0, 200, 96)).tobytes())
    assert pictures[0] == pictures[1] == pictures[2]


# --- properties --------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b"Milk 620\n",
        b"\x1ba\x01",
        b"\x1d!\x11",
        b"\x1bt\x11\x8f\xe0\xa8\xa2",
        b"\x1b$\x64\x00",
        b"\x1dv0\x00\x02\x00\x02\x00\x10\x04\x01\xff",
        b"\x1b*\x21\x02\x00abcdef",
        b"\x1dk\x02400638133393\x00",
        b"\x1bd\x02",
        b"\x1dV\x42\x00",
        b"\x1bL\x1bW\x00\x00\x00\x00\xff\x00\xff\x00page\x0c",
        b"\x1b{\x01",
        b"\t",
        b"\x1b\x01",
        b"\xff\x00\x01",
    ]
)


def _everything(bench: Bench) -> list[object]:
    papers = [*bench.papers, bench.paper]
    return [(paper.lines, paper.plain_text(), paper.picture().tobytes(), paper.unknown_bytes) for paper in papers]


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES, max_size=12).map(b"".join), st.lists(st.integers(0, 200), max_size=6))
def test_any_split_of_the_stream_prints_the_same(data: bytes, cuts: list[int]) -> None:
    bench = Bench()
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    for start, end in pairwise(edges):
        bench.feed(data[start:end])
    assert _everything(bench) == _everything(printed(data))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), PIECES), max_size=8).map(b"".join))
def test_noise_never_breaks_the_printer(data: bytes) -> None:
    bench = printed(data)
    assert bench.paper.picture().width == 576
