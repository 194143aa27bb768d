"""Documents as bytes of a model, read back by the simulator's own interpreter: which letters are text, which dots."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge.devices.pos_printer.lettering import Lettering, system_fonts
from edge.devices.pos_printer.profiles import DrawerConnector, POSPrinterProfile, load_profile
from edge.devices.pos_printer.rendering import Job, Renderer
from edge.receipts import (
    BarCode,
    Cut,
    Document,
    Element,
    Feed,
    Picture,
    QrCode,
    Row,
    Rule,
    Text,
    as_copy,
    compose,
    lay_out_receipt,
)
from edge.receipts.document import Align, RuleStyle, Size
from shared.errors import PermanentError
from shared.profiles import ProfileError
from shared.words import catalogue
from simulators._escpos.paper import Paper
from simulators._escpos.tokens import Tokenizer
from tests.edge.receipts.samples import LANGUAGES
from tests.simulators.escpos_bench import printed

POS80 = load_profile("generic/pos80")
POS58 = load_profile("generic/pos58")
CARRIED = tuple(path for path in system_fonts(bold=False) if "barcode" in path.parts)


def paper_of(job: Job, profile: POSPrinterProfile = POS80, **options: str) -> Paper:
    bench = printed(b"".join(job.windows), width=str(profile.width_dots), **options)
    return (*bench.papers, bench.paper)[0]


def render(*elements: Element, profile: POSPrinterProfile = POS80) -> Job:
    return Renderer(profile).render(Document(elements))


def words(paper: Paper) -> list[str]:
    return [line["text"] for line in paper.lines if line["kind"] == "text"]


def ink(image: Image.Image) -> Image.Image:
    return image.point(lambda dot: 0 if dot else 255)


@pytest.mark.parametrize("profile", [POS80, POS58], ids=["80 mm", "58 mm"])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_receipts_in_every_language(language: str, profile: POSPrinterProfile) -> None:
    document = lay_out_receipt(LANGUAGES[language].receipt, catalogue(language))
    job = Renderer(profile).render(document)
    paper = paper_of(job, profile)
    assert (paper.unknown_bytes, job.unknown_letters) == (0, frozenset())
    assert "?" not in "".join(words(paper))
    assert paper.y == job.length_dots
    rows = [row for row in compose(document, profile.columns) if isinstance(row, Row) and row.text.strip()]
    assert len(words(paper)) + job.drawn_lines == len(rows)


@pytest.mark.parametrize(
    ("text", "is_drawn"),
    [
        ("Milk 3.2 % 1 l", False),
        ("Молоко «Лори» №1", False),
        ("Süd çörək", True),
        ("Süt çörek ığş", False),
        ("£5 café 2 × 620 €", False),
        ("Կաթ", True),
        ("რძე", True),
        ("Сүт өлшемді", True),
        ("Ọjà tuntun", True),
        ("7 109 ֏", True),
        ("7 ₼ ₸ ₦ ₽ ₾", True),
        ("牛乳", True),
    ],
)
def test_only_letters_outside_the_code_pages_are_drawn(text: str, is_drawn: bool) -> None:
    job = render(Text(text), Cut())
    assert job.drawn_lines == int(is_drawn)
    assert words(paper_of(job)) == [text][is_drawn:]


def test_typography_gives_way_before_a_line_is_drawn() -> None:
    job = render(Text("Кофе “Лори” – −195 × 2"), Cut())
    assert (words(paper_of(job)), job.drawn_lines) == (['Кофе "Лори" - -195 x 2'], 0)


def test_page_is_changed_only_when_it_must() -> None:
    job = render(Text("Молоко"), Text("100"), Text("Хлеб"), Cut())
    assert len(re.findall(rb"\x1bt", b"".join(job.windows))) == 1


def test_kazakh_page_of_a_printer_that_has_it() -> None:
    profile = POS80.model_copy(update={"code_pages": {0: "CP437", 53: "RK1048"}})
    job = render(Text("Сүт өлшемді, Қазақстан"), Cut(), profile=profile)
    assert (words(paper_of(job)), job.drawn_lines) == (["Сүт өлшемді, Қазақстан"], 0)


def test_private_armenian_page_is_a_setting() -> None:
    profile = POS80.model_copy(update={"armenian_codepage": 48})
    job = render(Text("Հաշիվ 12"), Text("Молоко"), Text("Կաթ"), Text("7 109 ֏"), Cut(), profile=profile)
    paper = paper_of(job, codepage_table="48:armscii-8")
    assert (words(paper), job.drawn_lines) == (["Հաշիվ 12", "Молоко", "Կաթ"], 1)


def test_drawn_line_keeps_the_columns_of_printed_ones() -> None:
    text = "H H" + " " * 20 + "H"
    printed_line = paper_of(render(Text(text), Cut())).picture().crop((0, 0, 576, 24))
    drawn_line = paper_of(render(Text(text + " ֏"), Cut())).picture().crop((0, 0, 24 * 12, 24))
    for column in (0, 2, 23):
        area = (column * 12, 0, column * 12 + 12, 24)
        printed_box, drawn_box = (ink(line.crop(area)).getbbox() for line in (printed_line, drawn_line))
        assert printed_box is not None
        assert drawn_box is not None
        assert max(abs(a - b) for a, b in zip(printed_box, drawn_box, strict=True)) <= 1


@pytest.mark.parametrize(("align", "side"), [(Align.LEFT, "left"), (Align.CENTER, "both"), (Align.RIGHT, "right")])
def test_drawn_line_is_aligned(align: Align, side: str) -> None:
    box = ink(paper_of(render(Text("Կաթ", align), Cut())).picture()).getbbox()
    assert box is not None
    left, right = box[0], 576 - box[2]
    expected = {"left": left < 12, "both": abs(left - right) < 12, "right": right < 12}
    assert expected[side]


def test_tone_marks_are_drawn_above_and_dots_below_their_letter() -> None:
    lettering = Lettering((12, 24), 30)
    plain, marked = (lettering.draw(text, wide=1, tall=1, bold=False, reverse=False) for text in ("o", "ọ\u0301"))
    plain_box, marked_box = plain.getbbox(), marked.getbbox()
    assert plain_box is not None
    assert marked_box is not None
    assert marked_box[1] < plain_box[1]
    assert marked_box[3] > plain_box[3]
    assert marked.width == plain.width


def test_letter_that_no_font_has_is_a_numbered_box_and_reported() -> None:
    job = Renderer(POS80, Lettering((12, 24), 30, regular=CARRIED, bold=CARRIED)).render(
        Document((Text("Milk 牛"), Cut()))
    )
    assert job.unknown_letters == {"牛"}
    assert paper_of(job).images == 1


@pytest.mark.parametrize("sign", ["֏", "₾", "₼", "₸", "₽", "₦"])
def test_currency_signs_need_no_system_font(sign: str) -> None:
    lettering = Lettering((12, 24), 30, regular=CARRIED, bold=CARRIED)
    assert lettering.draw(sign, wide=2, tall=2, bold=True, reverse=False).getbbox() is not None
    assert lettering.unknown == set()


def test_sizes_bold_and_copy_heading_reach_the_paper() -> None:
    document = as_copy(Document((Text("Total", size=Size.LARGE, bold=True), Text("plain"), Cut())))
    lines = [line for line in paper_of(Renderer(POS80).render(document)).lines if line["kind"] == "text"]
    shown = [(line["text"], line["width"], line["height"], line["bold"], line["reverse"]) for line in lines]
    assert shown == [(" Copy ", 2, 2, True, True), ("Total", 2, 2, True, False), ("plain", 1, 1, False, False)]


@pytest.mark.parametrize("style", list(RuleStyle))
def test_rules_cross_the_paper(style: RuleStyle) -> None:
    box = ink(paper_of(render(Rule(style), Cut())).picture()).getbbox()
    assert box is not None
    assert box[0] == 0
    assert box[2] >= 572


@pytest.mark.parametrize("profile", [POS80, POS58], ids=["by the printer", "as a picture"])
def test_qr_code_is_centred_and_the_same_both_ways(profile: POSPrinterProfile) -> None:
    data = "https://r.example/0412-0088?t=7109"
    paper = paper_of(render(QrCode(data), Cut(), profile=profile), profile)
    dots = ink(paper.picture())
    box = dots.getbbox()
    assert box is not None
    assert abs(box[0] - (profile.width_dots - box[2])) <= 8
    native = render(QrCode(data), Cut(), profile=profile.model_copy(update={"draws_qr": True}))
    twin = ink(paper_of(native, profile).picture())
    assert dots.crop(box).tobytes() == twin.crop(twin.getbbox()).tobytes()


@pytest.mark.parametrize(
    ("data", "kept"),
    [("0412-0088", "0412-0088"), ("041200000088", "041200000088"), ("{a}", "{a}"), ("160401", "160401")],
)
def test_bar_code_reads_as_given(data: str, kept: str) -> None:
    paper = paper_of(render(BarCode(data), Cut()))
    assert paper.bar_codes == [{"type": "CODE128", "data": kept, "drawn": True}]


def test_logo_is_printed_dot_for_dot_in_the_middle() -> None:
    paper = paper_of(render(Picture(8, 2, b"\xff\x81"), Cut()))
    assert paper.picture().crop((284, 0, 292, 2)).tobytes() == bytes((0x00, 0x7E))


@pytest.mark.parametrize(
    ("element", "code"),
    [
        (QrCode("x" * 5_000), "PRN-410"),
        (QrCode("line\nbreak"), "PRN-410"),
        (QrCode(""), "PRN-410"),
        (BarCode("x" * 60), "PRN-410"),
        (BarCode("Կաթ"), "PRN-410"),
        (Picture(600, 1, bytes(75)), "PRN-411"),
        (Picture(8, 2, b"\xff"), "PRN-411"),
    ],
)
def test_what_cannot_be_printed_is_refused(element: Element, code: str) -> None:
    with pytest.raises(PermanentError, match=code):
        render(element, Cut())


@pytest.mark.parametrize(("cut", "cuts"), [("full", ["full"]), ("partial", ["partial"]), ("none", [])])
def test_cut_as_the_model_can(cut: str, cuts: list[str]) -> None:
    job = render(Text("end"), Cut(), profile=POS80.model_copy(update={"cut": cut}))
    assert printed(b"".join(job.windows)).cuts == cuts


def boundaries(windows: Iterable[bytes]) -> list[bool]:
    tokenizer = Tokenizer()
    ends = []
    for window in windows:
        at = 0
        while at < len(window):
            _, at = tokenizer.take(window, at)
        ends.append(tokenizer.is_at_boundary)
    return ends


TEXTS = st.text(max_size=60)
ELEMENTS = st.lists(
    st.one_of(
        st.builds(Text, TEXTS, st.sampled_from(Align), st.sampled_from(Size), st.booleans(), st.booleans()),
        st.builds(Picture, st.just(40), st.just(30), st.binary(min_size=150, max_size=150)),
        st.builds(QrCode, st.text("abc/:0", min_size=1, max_size=40)),
        st.builds(BarCode, st.text("0123456789", min_size=1, max_size=12)),
        st.builds(Feed, st.integers(1, 5)),
    ),
    max_size=6,
)
RENDERER = Renderer(POS58)


@settings(max_examples=40, deadline=None)
@given(ELEMENTS)
def test_no_document_smuggles_commands_or_breaks_windows(elements: list[Element]) -> None:
    job = RENDERER.render(Document((*elements, Cut())))
    sent = b"".join(job.windows)
    assert re.search(rb"\x10[\x04\x05\x14]", sent) is None
    assert max(map(len, job.windows)) <= POS58.window_bytes
    assert all(boundaries(job.windows))
    bench = printed(sent, width="384")
    assert (bench.pulses, bench.cuts, bench.paper.unknown_bytes, bench.replies) == ([], [], 0, b"")
    assert bench.paper.y == job.length_dots


def test_profiles_that_come_with_the_program() -> None:
    assert (POS80.width_dots, POS80.columns, POS58.width_dots, POS58.columns) == (576, 48, 384, 32)
    assert POS80.drawer == DrawerConnector(open_level="high")
    with pytest.raises(ProfileError, match="DEV-404"):
        load_profile("generic/none")


@pytest.mark.parametrize("pages", [{"300": "CP437"}, {"0": "CP9999"}, {"1": "utf-16"}])
def test_pages_that_no_printer_has_are_refused(pages: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="code page"):
        POSPrinterProfile.model_validate({**POS80.model_dump(), "code_pages": pages})


def test_a_folder_that_somebody_named_for_python_escpos_stays(tmp_path: Path) -> None:
    (tmp_path / "of somebody").touch()
    named = os.environ | {"ESCPOS_CAPABILITIES_PICKLE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import edge.devices.pos_printer.rendering"], env=named, check=True)
    assert (tmp_path / "of somebody").exists()
