"""A shop's logo, from a picture file to the dots of one paper."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from edge.receipts import Picture

__all__ = ["read_logo"]

MOST_DOTS_HIGH: Final = 480
"""6 cm: a photograph of the shop by mistake does not cost a metre of paper for each customer."""


def read_logo(file: Path, most_dots: int) -> Picture:
    """Black where the picture is dark; what can be seen through is white. Shrunk to the paper, never enlarged.

    most_dots: width of the paper. Raises OSError for a file that cannot be read or holds no picture.
    """
    try:
        with Image.open(file) as opened:
            seen = opened.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise OSError("too large") from error
    except (ValueError, SyntaxError) as error:  # so do some of Pillow's formats call what they cannot read
        raise OSError("no picture") from error
    paper = Image.new("L", seen.size, 255)
    paper.paste(seen.convert("L"), mask=seen.getchannel("A"))
    paper.thumbnail((most_dots, MOST_DOTS_HIGH))
    ink = ImageOps.invert(paper).convert("1")
    return Picture(ink.width, ink.height, ink.tobytes())
