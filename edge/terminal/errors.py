"""An error as it goes to a page: its code, its facts, the maker's own code, and three sentences of the catalogue."""

from __future__ import annotations

from typing import Any

from edge.checkout.texts import Texts
from shared.errors import TradepostError
from shared.words import PARTS

__all__ = ["error_body"]


def error_body(error: TradepostError, texts: Texts) -> dict[str, Any]:
    parameters = texts.shown(error.parameters)
    body: dict[str, Any] = {"code": error.code, "parameters": parameters}
    if error.maker_code is not None:
        body["maker_code"] = error.maker_code
    return body | {part: texts.say(f"{error.code}.{part}", parameters) for part in PARTS}
