"""Message catalogues that both sides show: error codes in three parts and the words of receipts and reports.

Reads `<language>/codes.po` with its own reader, because a gateway carries no Babel; the screens read the same files.
What never breaks: a message that cannot be found or filled is still shown, in English or by its id, and never raises.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from shared.words._po import read_po

__all__ = ["LANGUAGES", "PARTS", "catalogue", "placeholders", "text"]

LANGUAGES: Final = ("en", "hy", "az", "kk", "ru", "ka", "yo")
"""English first: it is what the others fall back to."""

PARTS: Final = ("what", "kept", "do")
"""What happened, what was kept, what to do now. An error code AREA-nnn is the ids `AREA-nnn.what` and so on."""

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of one language by id. Raises FileNotFoundError for a language that is not in LANGUAGES."""
    path = files(__name__) / language / "codes.po"
    return read_po(path.read_text(encoding="utf-8"))


def text(language: str, message_id: str, /, **parameters: str | int) -> str:
    """The message in this language, else in English, else its id. A place without a value stays as it is written.

    Numbers and money are given ready for the reader: this only puts them in their place.
    """
    own = catalogue(language) if language in LANGUAGES else {}
    message = own.get(message_id) or catalogue("en").get(message_id) or message_id
    return _PLACE.sub(lambda place: str(parameters.get(place[1], place[0])), message)


def placeholders(message: str) -> frozenset[str]:
    """Names of the places in a message."""
    return frozenset(_PLACE.findall(message))
