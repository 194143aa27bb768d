"""A logo's file becomes dots: dark is black, transparent is paper, too wide is shrunk, no picture is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from edge.devices.pos_printer.logos import MOST_DOTS_HIGH, read_logo

BLACK, WHITE, NOTHING = (0, 0, 0, 255), (255, 255, 255, 255), (0, 0, 0, 0)


def test_dark_is_black_and_what_is_transparent_is_paper(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (10, 2), NOTHING)
    picture.putpixel((0, 0), BLACK)
    picture.putpixel((9, 1), BLACK)
    picture.putpixel((1, 1), WHITE)
    picture.save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png", 576)
    assert (logo.width_dots, logo.height_dots, logo.bits) == (10, 2, bytes([0x80, 0x00, 0x00, 0x40]))


@pytest.mark.parametrize(
    ("size", "dots"),
    [
        ((576, 100), (576, 100)),
        ((1152, 100), (576, 50)),
        ((100, 2 * MOST_DOTS_HIGH), (50, MOST_DOTS_HIGH)),
        ((30, 20), (30, 20)),
    ],
)
def test_a_picture_is_shrunk_to_the_paper_and_never_enlarged(
    tmp_path: Path, size: tuple[int, int], dots: tuple[int, int]
) -> None:
    Image.new("L", size).save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png", 576)
    assert (logo.width_dots, logo.height_dots) == dots
    assert len(logo.bits) == -(-dots[0] // 8) * dots[1]


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_an_error_of_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(OSError, match="cannot identify"):
        read_logo(tmp_path / "logo.png", 576)


def test_a_picture_with_a_broken_head_is_an_error_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "logo.ppm").write_bytes(b"P6\n6i 4\n255\n" + bytes(72))
    with pytest.raises(OSError, match="no picture"):
        read_logo(tmp_path / "logo.ppm", 576)


def test_a_picture_that_would_fill_the_memory_is_an_error_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (40, 40)).save(tmp_path / "logo.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(OSError, match="too large"):
        read_logo(tmp_path / "logo.png", 576)
