"""AIM symbology identifiers (ISO/IEC 15424): `]`, a code letter, a modifier, as scanners send them before the data.

What a symbology promises about its data is decided in `shared.gs1.scanned`; here it is only named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["Symbology", "split_aim", "symbology_of"]


class Symbology(StrEnum):
    CODE_39 = "code39"
    CODE_128 = "code128"
    GS1_128 = "gs1-128"
    CODE_128_FNC1_SECOND = "code128-fnc1-second"
    ISBT_128 = "isbt128"
    EAN_UPC = "ean-upc"
    EAN_8 = "ean-8"
    ADD_ON = "add-on"
    EAN_UPC_WITH_ADD_ON = "ean-upc-add-on"
    CODABAR = "codabar"
    CODE_93 = "code93"
    CODE_11 = "code11"
    ITF = "itf"
    ITF_CHECKED = "itf-checked"
    PDF417 = "pdf417"
    MSI = "msi"
    OCR = "ocr"
    QR = "qr"
    GS1_QR = "gs1-qr"
    GS1_QR_ECI = "gs1-qr-eci"
    DATA_MATRIX = "datamatrix"
    GS1_DATA_MATRIX = "gs1-datamatrix"
    GS1_DATA_MATRIX_ECI = "gs1-datamatrix-eci"
    GS1_DATA_BAR = "gs1-databar"
    GS1_COMPOSITE = "gs1-composite"
    AZTEC = "aztec"
    GS1_AZTEC = "gs1-aztec"
    DOT_CODE = "dotcode"
    GS1_DOT_CODE = "gs1-dotcode"
    OTHER = "other"
    KEYBOARD = "keyboard"


_BY_IDENTIFIER: Final[Mapping[str, Symbology]] = {
    "]C1": Symbology.GS1_128,
    "]C2": Symbology.CODE_128_FNC1_SECOND,
    "]C4": Symbology.ISBT_128,
    "]E1": Symbology.ADD_ON,
    "]E2": Symbology.ADD_ON,
    "]E3": Symbology.EAN_UPC_WITH_ADD_ON,
    "]E4": Symbology.EAN_8,
    "]I1": Symbology.ITF_CHECKED,
    "]Q3": Symbology.GS1_QR,
    "]Q4": Symbology.GS1_QR_ECI,
    "]d2": Symbology.GS1_DATA_MATRIX,
    "]d5": Symbology.GS1_DATA_MATRIX_ECI,
    "]e1": Symbology.GS1_COMPOSITE,
    "]e2": Symbology.GS1_COMPOSITE,
    "]z1": Symbology.GS1_AZTEC,
    "]z2": Symbology.GS1_AZTEC,
    "]J1": Symbology.GS1_DOT_CODE,
}

_BY_LETTER: Final[Mapping[str, Symbology]] = {
    "A": Symbology.CODE_39,
    "C": Symbology.CODE_128,
    "E": Symbology.EAN_UPC,
    "F": Symbology.CODABAR,
    "G": Symbology.CODE_93,
    "H": Symbology.CODE_11,
    "I": Symbology.ITF,
    "J": Symbology.DOT_CODE,
    "L": Symbology.PDF417,
    "M": Symbology.MSI,
    "O": Symbology.OCR,
    "Q": Symbology.QR,
    "X": Symbology.OTHER,
    "Z": Symbology.KEYBOARD,
    "d": Symbology.DATA_MATRIX,
    "e": Symbology.GS1_DATA_BAR,
    "z": Symbology.AZTEC,
}

_AIM = re.compile(rf"\][{''.join(_BY_LETTER)}][0-9A-Za-z]")


def symbology_of(aim: str | None) -> Symbology | None:
    """None when there is no identifier, or none that we know."""
    if aim is None or _AIM.fullmatch(aim) is None:
        return None
    return _BY_IDENTIFIER.get(aim) or _BY_LETTER[aim[1]]


def split_aim(text: str) -> tuple[str | None, str]:
    """The identifier in front of the data, and the data. (None, text) when the text starts with none."""
    found = _AIM.match(text)
    return (found[0], text[found.end() :]) if found else (None, text)
